//! The merchant's contracts: `[accounts.NAME]`.

use super::address;
use super::alipay;
use super::callback::{self, Callback, Claimed};
use super::check::{self, Check};
use super::codepay;
use super::dinpay;
use super::direct;
use super::hosts;
use super::proof;
use super::section::{Reader, Section, name_is_good};
use super::sources;
use crate::setup::AccountSetup;
use quittance_core::facts::Proof;
use quittance_core::gateway::Account;
use quittance_core::settings::{Policy, RequireAbove};
use quittance_core::statement::StatementPolicy;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// No name of a payee is longer: it stands on a small page.
const PAYEE_NAME_CHARS_MAX: usize = 64;

/// Reads all accounts. `public_url` is absent where it is wrong itself.
pub(super) fn read(
    accounts: Section,
    public_url: Option<&Url>,
    reader: &mut Reader<'_>,
) -> BTreeMap<String, Arc<AccountSetup>> {
    let mut claimed = Claimed::new();
    let mut read = BTreeMap::new();
    for (name, path, value) in accounts.named() {
        if !name_is_good(&name, &path, reader) {
            continue;
        }
        let Some(section) = reader.section(path, value) else {
            continue;
        };
        if let Some(account) = account(&name, section, public_url, &mut claimed, reader) {
            read.insert(name, Arc::new(account));
        }
    }
    read
}

/// What a gateway's own words say about an account.
pub(super) struct Contract {
    /// The account; absent where something is wrong with it, which was noted.
    pub account: Option<Account>,
    /// Whether real money moves.
    pub live: bool,
    /// When its statements are read, where they are.
    pub statement: Option<StatementPolicy>,
}

/// What to do about a gateway that is none.
const GATEWAY_FIX: (&str, &str) = (
    "write gateway = \"alipay\", \"dinpay\" or \"codepay\"",
    "请写 gateway = \"alipay\"、\"dinpay\" 或 \"codepay\"",
);

/// Reads one account. What is in a gateway's own words is read by the file of that gateway.
fn account(
    name: &str,
    mut section: Section,
    public_url: Option<&Url>,
    claimed: &mut Claimed,
    reader: &mut Reader<'_>,
) -> Option<AccountSetup> {
    let gateway = section.required("gateway", GATEWAY_FIX, reader)?;
    let read = match gateway.as_str() {
        "alipay" => alipay::read,
        "dinpay" => dinpay::read,
        "codepay" => codepay::read,
        _ => {
            let cause = ("no such gateway is known", "没有这个网关");
            reader.wrong(section.path("gateway"), cause, GATEWAY_FIX);
            return None; // The rest of the section is in another gateway's words.
        }
    };
    let before = reader.problems.len();
    let show_url = address::page("show_url", &mut section, reader);
    let contract = read(&mut section, show_url.clone(), reader);
    let built = contract.account;
    let notify_url = callback::read(
        Callback::Notify,
        name,
        public_url,
        &mut section,
        claimed,
        reader,
    );
    let return_url = callback::read(
        Callback::Return,
        name,
        public_url,
        &mut section,
        claimed,
        reader,
    );
    let lists = built
        .as_ref()
        .map(|account| account.gateway().notify_sources());
    let notify_sources = sources::read(lists, &mut section, reader);
    let orders_url = address::page("orders_url", &mut section, reader);
    let return_hosts = hosts::read(&mut section, reader);
    let payee_name = payee_name(&mut section, reader);
    let traits = built.as_ref().map(|account| account.gateway().traits());
    let direct_pay = direct::read(traits, &mut section, reader);
    let require = proof::require(traits, &mut section, reader);
    let require_above = proof::require_above(require, traits, &mut section, reader);
    let check = check::read(traits, &mut section, reader);
    let path = section.here().to_owned();
    section.finish(reader);
    let built = built?;
    if reader.problems.len() > before {
        return None;
    }
    let wait = check.wait;
    let account = AccountSetup {
        name: name.to_owned(),
        policy: policy(&built, require?, require_above, check, contract.statement),
        account: built,
        notify_url,
        notify_sources,
        return_url,
        // Where there is no page of orders, the one that shows what is bought is the shop's nearest.
        orders_url: orders_url.or(show_url),
        return_hosts,
        direct_pay,
        payee_name,
        wait,
        live: contract.live,
    };
    warn_of_unreachable_notify(&account, path, public_url, reader);
    Some(account)
}

fn policy(
    account: &Account,
    require: Proof,
    require_above: Option<RequireAbove>,
    check: Check,
    statement: Option<StatementPolicy>,
) -> Policy {
    let gateway = account.gateway();
    let traits = gateway.traits();
    Policy {
        gateway: traits.name.to_owned(),
        payee: gateway.payee().to_owned(),
        key_ids: gateway.key_ids(),
        wire: Some(gateway.wire()),
        require,
        require_above,
        gaps_secs: check.gaps_secs,
        scan_secs: check.scan_secs,
        cancel_unknown_secs: check.cancel_unknown_secs,
        late_secs: check.late_secs,
        close: traits.close,
        query_window_secs: traits.query_window.map(|window| window.as_secs()),
        statement,
    }
}

fn payee_name(section: &mut Section, reader: &mut Reader<'_>) -> Option<String> {
    let name = section.text("payee_name", reader)?;
    let chars = name.chars().count();
    if !(1..=PAYEE_NAME_CHARS_MAX).contains(&chars)
        || name.trim() != name
        || name.chars().any(char::is_control)
    {
        reader.wrong(
            section.path("payee_name"),
            (
                "the name is not 1 to 64 characters on one line without blanks around them",
                "名称不是 1 到 64 个字符的单行文本，或前后有空白",
            ),
            (
                "write the name that buyers know the shop by",
                "请填写买家所知的商家名称",
            ),
        );
        return None;
    }
    Some(name)
}

/// A live gateway calls from outside, where a local address means another machine or none.
fn warn_of_unreachable_notify(
    account: &AccountSetup,
    path: String,
    public_url: Option<&Url>,
    reader: &mut Reader<'_>,
) {
    let Some(public_url) = public_url.filter(|_| account.live) else {
        return;
    };
    let notify = account.notify_address(public_url.as_str().trim_end_matches('/'));
    if address::is_local(&notify) {
        let setting = match &account.notify_url {
            Some(_) => format!("{path}.notify_url"),
            None => "public_url".to_owned(),
        };
        reader.warn(
            setting,
            (
                "the gateway is live and is told to call a local address, which it cannot reach; \
                 payments are then only learnt by asking",
                "网关是正式环境，而通知地址在本机或内网，网关无法访问；付款只能靠主动查询得知",
            ),
            (
                "set an address that the internet reaches",
                "请填写互联网可以访问的地址",
            ),
        );
    }
}

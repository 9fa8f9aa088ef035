//! What is CodePay's own in `[accounts.NAME]`: ids, terminal, keys, address, further parameters.

use super::account::Contract;
use super::address;
use super::options;
use super::problem::Text;
use super::section::{Reader, Section};
use super::signing::{self, Scheme};
use quittance_core::Currency;
use quittance_core::gateway::Account;
use quittance_core::gateway::codepay::{self, Extras, GATEWAY_URL};
use quittance_core::sign::Kind;

/// How its contracts sign.
const SCHEME: Scheme = Scheme {
    pair: ("RSA2", Kind::Rsa2),
    key_fix: None,
    public_key_fix: (
        "set the gateway's public key: gateway_public_key = { file = \"secrets/codepay_public.pem\" }",
        "请设置网关公钥：gateway_public_key = { file = \"secrets/codepay_public.pem\" }",
    ),
    until_fix: (
        "write the end of the key as \"2026-01-01T00:00:00Z\": 12 hours after the change cover every resend",
        "请写旧密钥的截止时间，例如 \"2026-01-01T00:00:00Z\"：更换后 12 小时足以覆盖所有重发",
    ),
};

/// An id that nobody has, and a number.
const NOBODY: (&str, &str) = ("nobody", "0");

/// The contract. The gateway's own folder has the last word on its settings.
pub(super) fn read(
    section: &mut Section,
    show_url: Option<String>,
    reader: &mut Reader<'_>,
) -> Contract {
    refuse_others(section, show_url.is_some(), reader);
    let gateway_url = address::gateway("gateway_url", GATEWAY_URL, section, reader);
    let live = gateway_url.as_ref().is_some_and(address::is_live);
    let fix = (
        "copy it from the gateway's dashboard, in double quotes",
        "请从网关后台复制，写在双引号中",
    );
    let app_id = section.required("app_id", fix, reader);
    let merchant_no = section.required("merchant_no", fix, reader);
    let store_no = section.text("store_no", reader);
    let terminal = section.text("terminal", reader);
    let currency = currency(section, reader);
    let keys = signing::read(&SCHEME, section, reader);
    let complete = app_id.is_some() && merchant_no.is_some() && keys.is_some();
    // An address without a path ends with a slash once it is read.
    let url = gateway_url.map(String::from);
    let url = url.map(|url| url.trim_end_matches('/').to_owned());
    let settings = codepay::Settings {
        // Where one of the three is wrong, the account is only built to find what else is.
        app_id: app_id.unwrap_or_else(|| NOBODY.0.to_owned()),
        merchant_no: merchant_no.unwrap_or_else(|| NOBODY.1.to_owned()),
        store_no,
        terminal,
        currency,
        keys: keys.unwrap_or_else(signing::of_nobody),
        gateway_url: url.unwrap_or_else(|| GATEWAY_URL.to_owned()),
    };
    let account = match codepay::Account::new(settings) {
        Ok(account) => complete.then_some(account),
        Err(problems) => {
            section.refuse(problems, in_both_languages, reader);
            None
        }
    };
    Contract {
        account: with_extras(account, section, reader),
        live,
        statement: None,
    }
}

/// The only currency, where the account has but one. The direct-pay page needs it.
fn currency(section: &mut Section, reader: &mut Reader<'_>) -> Option<Currency> {
    let code = section.text("currency", reader)?;
    let currency = Currency::parse(&code).ok();
    if currency.is_none() {
        reader.wrong(
            section.path("currency"),
            (
                "this is no currency that is known here",
                "不是已知的货币代码",
            ),
            (
                "write its three letters, such as \"USD\"",
                "请写三位字母代码，例如 \"USD\"",
            ),
        );
    }
    currency
}

/// Settings of other gateways' accounts.
fn refuse_others(section: &mut Section, show_url: bool, reader: &mut Reader<'_>) {
    let remove = ("remove it", "请删除此项");
    for (names, cause) in [
        (
            &["refunds"][..],
            (
                "this gateway pays back by a call, and every contract may ask for it",
                "该网关通过接口退款，所有签约均可使用",
            ),
        ),
        (
            &["statement", "statement_at"],
            (
                "this gateway gives out no statements here",
                "该网关没有对账单接口",
            ),
        ),
        (
            &["anti_phishing"],
            (
                "this gateway has no such protection",
                "该网关没有防钓鱼时间戳",
            ),
        ),
        (
            &["charset"],
            (
                "every message of this gateway is UTF-8",
                "该网关的所有报文都是 UTF-8",
            ),
        ),
        (
            &["partner", "seller_id", "seller_email", "merchant_code"],
            (
                "at this gateway the contract is app_id and merchant_no",
                "该网关的签约信息是 app_id 和 merchant_no",
            ),
        ),
    ] {
        section.lacks(names, cause, remove, reader);
    }
    if show_url {
        let cause = (
            "this gateway shows no page of the goods",
            "该网关不展示商品页面",
        );
        reader.wrong(section.path("show_url"), cause, remove);
    }
}

/// The gateway's folder speaks English, but of key material; these are the words that reach a merchant.
fn in_both_languages(problem: codepay::Problem) -> (Text, Text) {
    if let Some(fault) = problem.key {
        return (fault.cause(), fault.fix());
    }
    let (cause, fix) = match problem.field {
        "app_id" if problem.cause.contains("same") => (
            "app_id 与 merchant_no 相同",
            "请从网关后台分别复制：app_id 以 wz 开头，商户号是 12 位数字",
        ),
        "terminal" => (
            "终端序列号不是 1 到 32 位字母数字",
            "请复制终端背面或后台中的序列号",
        ),
        "gateway_url" => (
            "接口路径 /api/entry 会自动加在地址之后",
            "请只写主机地址，不带路径，末尾不带斜杠",
        ),
        _ if problem.cause.contains("blank") => ("含有空白；程序不会自动去除", "请删除空白"),
        _ => ("此项不符合网关的要求", "请对照示例设置文件改正"),
    };
    ((problem.cause, cause).into(), (problem.fix, fix).into())
}

/// The account, with what its requests carry besides.
fn with_extras(
    account: Option<codepay::Account>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Account> {
    let options = options::read(section, options::texts, reader);
    match account?.with_extras(Extras { options }) {
        Ok(account) => Some(Account::CodePay(account)),
        Err(faults) => {
            options::refuse(faults, "docs/gateways/codepay.md", section, reader);
            None
        }
    }
}

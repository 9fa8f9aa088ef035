//! The settings as findings: what keeps the server from starting, what it only warns of, and what is as it must be.

use super::Case;
use super::check::Check;
use super::report::{Finding, Verdict};
use crate::config::{ConfigError, Problem};

/// Everything that is wrong with settings that cannot be used. Nothing else can be looked at before.
#[must_use]
pub fn refused(error: &ConfigError) -> Vec<Finding> {
    error
        .problems
        .iter()
        .map(|problem| finding(problem, Verdict::Fail))
        .collect()
}

/// What there is to know about settings that are good enough, and for each account that its parts were read.
pub(super) fn read(case: &Case<'_>) -> Vec<Finding> {
    let setup = case.setup;
    let concerns = |found: &Finding| found.account.as_deref().is_none_or(|name| case.wants(name));
    let mut found: Vec<Finding> = case
        .warnings
        .iter()
        .map(|warning| finding(warning, Verdict::Warn))
        // Where the gateway cannot reach us is a failure here, and told by its own check.
        .filter(|found| found.check != Check::Addresses && concerns(found))
        .collect();
    // That less proof is required than the guide asks for is told by the check of every account, below.
    found.retain(|found| (found.check, found.code.as_str()) != (Check::Proof, "require"));
    let silent = |check: Check, found: &[Finding]| !found.iter().any(|one| one.check == check);
    if silent(Check::Settings, &found) {
        let (accounts, endpoints) = (setup.accounts.len(), setup.webhooks.len());
        found.push(Finding::pass(
            Check::Settings,
            (
                format!(
                    "{accounts} accounts, {endpoints} endpoints; nothing is misspelt or missing"
                ),
                format!("{accounts} 个账户，{endpoints} 个接收地址；没有写错或缺少的项"),
            ),
        ));
    }
    if silent(Check::SecretFiles, &found) {
        found.push(Finding::pass(
            Check::SecretFiles,
            (
                "no secret can be read by others than the server's user",
                "只有服务用户可以读取密钥",
            ),
        ));
    }
    for account in case.accounts() {
        let name = &account.name;
        let gateway = account.account.gateway();
        let (traits, wire, keys) = (gateway.traits(), gateway.wire(), gateway.key_ids().len());
        found.push(
            Finding::pass(
                Check::IdsAndKeys,
                (
                    format!(
                        "{}, payee {}; {}, {keys} keys in force; none with a blank, none exchanged",
                        traits.name,
                        gateway.payee(),
                        wire.sign_type
                    ),
                    format!(
                        "{}，收款方 {}；{}，有效密钥 {keys} 个；没有空格，没有填反",
                        traits.name,
                        gateway.payee(),
                        wire.sign_type
                    ),
                ),
            )
            .of(name),
        );
        found.push(proof(name, account));
    }
    found
}

fn proof(name: &str, account: &crate::setup::AccountSetup) -> Finding {
    let guide = account.account.gateway().traits().guide;
    let require = account.policy.require;
    if require >= guide {
        return Finding::pass(
            Check::Proof,
            (
                "a payment counts from the proof on that the gateway's guide asks for",
                "付款达到网关文档要求的证明后才计入",
            ),
        )
        .of(name);
    }
    Finding::warn(
        Check::Proof,
        "below_guide",
        (
            "payments count with less proof than the gateway's guide asks for",
            "付款计入所需的证明低于网关文档的要求",
        ),
        (
            "leave `require` out of the account's settings",
            "请删除账户设置中的 require",
        ),
    )
    .of(name)
}

fn finding(problem: &Problem, verdict: Verdict) -> Finding {
    let check = check_of(problem);
    let made = match verdict {
        Verdict::Fail => Finding::fail,
        _ => Finding::warn,
    };
    let place = |cause: &str, colon: &str| format!("{}{colon}{cause}", problem.setting);
    let cause = (
        place(&problem.cause.en, ": "),
        place(&problem.cause.zh, "："),
    );
    let found = made(
        check,
        setting_word(&problem.setting),
        cause,
        problem.fix.clone(),
    );
    match account_of(&problem.setting) {
        Some(account) => found.of(account),
        None => found,
    }
}

/// The account in `accounts.NAME.setting`.
fn account_of(setting: &str) -> Option<&str> {
    let rest = setting.strip_prefix("accounts.")?;
    Some(rest.split('.').next().unwrap_or(rest))
}

/// The name of the setting itself: of `accounts.main.previous_keys[0].until` it is `previous_keys`.
fn setting_word(setting: &str) -> &str {
    let last = match account_of(setting) {
        Some(account) => setting
            .strip_prefix("accounts.")
            .and_then(|rest| rest.strip_prefix(account))
            .map_or("", |rest| rest.trim_start_matches('.')),
        None => setting,
    };
    let end = last.find(['.', '[']).unwrap_or(last.len());
    match &last[..end] {
        "" => "account",
        word => word,
    }
}

/// Which check a problem belongs to.
fn check_of(problem: &Problem) -> Check {
    if problem.exposes_secret() {
        return Check::SecretFiles;
    }
    match setting_word(&problem.setting) {
        "partner" | "key" | "previous_keys" | "private_key" | "gateway_public_key"
        | "sign_type" | "merchant_code" | "app_id" | "merchant_no" | "store_no" | "seller_id"
        | "seller_email" => Check::IdsAndKeys,
        "public_url"
        | "notify_url"
        | "return_url"
        | "show_url"
        | "orders_url"
        | "gateway_url"
        | "query_url"
        | "QUITTANCE_PUBLIC_URL" => Check::Addresses,
        "charset" => Check::Charset,
        "require" | "require_above" => Check::Proof,
        _ => Check::Settings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_belongs_to_its_check() {
        for (setting, account, word, check) in [
            ("accounts.main.key", Some("main"), "key", Check::IdsAndKeys),
            (
                "accounts.main.previous_keys[0].until",
                Some("main"),
                "previous_keys",
                Check::IdsAndKeys,
            ),
            (
                "accounts.main.notify_url",
                Some("main"),
                "notify_url",
                Check::Addresses,
            ),
            ("public_url", None, "public_url", Check::Addresses),
            ("accounts.main", Some("main"), "account", Check::Settings),
            (
                "accounts.main.check.gaps",
                Some("main"),
                "check",
                Check::Settings,
            ),
            (
                "line 3, column 1",
                None,
                "line 3, column 1",
                Check::Settings,
            ),
        ] {
            assert_eq!(account_of(setting), account, "{setting}");
            assert_eq!(setting_word(setting), word, "{setting}");
            let problem = Problem::new(setting, ("", ""), ("", ""));
            assert_eq!(check_of(&problem), check, "{setting}");
        }
    }
}

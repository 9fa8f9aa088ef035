//! What an account's requests carry besides, and by which service its statements are read: `anti_phishing`,
//! `statement`, `[accounts.NAME.gateway_options]`.

use super::section::{Reader, Section};
use quittance_core::gateway::Account;
use quittance_core::gateway::alipay::{self, Extras, StatementService};
use quittance_core::order::GatewayOptions;
use toml::Value;

/// Where the parameters with their rules stand.
const FIX: (&str, &str) = (
    "correct it or remove it; docs/gateways/alipay.md lists the parameters",
    "请改正或删除此项；参数见 docs/gateways/alipay.md",
);

/// By which service an account's statements are read. A contract need not have either.
const STATEMENTS: [(&str, Option<StatementService>); 3] = [
    ("off", None),
    ("report", Some(StatementService::Report)),
    ("pages", Some(StatementService::Pages)),
];

/// The account, with what its requests carry besides. The gateway's own folder has the last word.
pub(super) fn read(
    account: Option<alipay::Account>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Account> {
    let anti_phishing = section.flag("anti_phishing", reader).unwrap_or(false);
    let statement = section
        .choice("statement", &STATEMENTS, &[], reader)
        .flatten();
    let path = section.path("gateway_options");
    let given = section.section("gateway_options", reader);
    let mut options = GatewayOptions::new();
    for (name, path, value) in given.into_iter().flat_map(Section::named) {
        let text = match value {
            Value::Array(shares) if name == "royalty_parameters" => {
                royalties(&path, shares, reader)
            }
            value => reader.text(path, value),
        };
        options.extend(text.map(|text| (name, text)));
    }
    let extras = Extras {
        options,
        anti_phishing,
        statement,
    };
    match account?.with_extras(extras) {
        Ok(account) => Some(Account::Alipay(account)),
        Err(faults) => {
            let names = Section::new(path, toml::Table::new());
            for fault in faults {
                reader.wrong(names.path(&fault.name), (fault.en, fault.zh), FIX);
            }
            None
        }
    }
}

/// A list of shares, each `{ payee, amount, memo, payer }`, as the text that goes on the wire.
fn royalties(path: &str, shares: Vec<Value>, reader: &mut Reader<'_>) -> Option<String> {
    let numbered = shares.into_iter().enumerate();
    let shares: Vec<Option<String>> = numbered
        .map(|(number, value)| share(reader.section(format!("{path}[{number}]"), value)?, reader))
        .collect(); // All of them are read, so that all problems are told.
    Some(shares.into_iter().collect::<Option<Vec<_>>>()?.join("|"))
}

fn share(mut section: Section, reader: &mut Reader<'_>) -> Option<String> {
    let payer = section.text("payer", reader);
    let payee = section.required(
        "payee",
        ("name the account that receives it", "请填写收款账号"),
        reader,
    );
    let amount = section.required(
        "amount",
        (
            "write an amount such as \"0.10\"",
            "请填写金额，例如 \"0.10\"",
        ),
        reader,
    );
    let memo = section.text("memo", reader).unwrap_or_default();
    section.finish(reader);
    let payer = payer.map(|payer| format!("{payer}^")).unwrap_or_default();
    Some(format!("{payer}{}^{}^{memo}", payee?, amount?))
}

//! What may leave the house: a value stays where its name is on a list, and is told by its length everywhere else. So what
//! nobody thought of does not leave.

use quittance_server::store::PostgresUrl;
use serde_json::{Map, Value, json};
use url::Url;

/// Names whose values say nothing about anybody: words of ours, numbers of entries, times, hashes.
const JOURNAL: [&str; 59] = [
    "about",
    "accepted",
    "account",
    "amount",
    "answer",
    "answered",
    "asked",
    "attempt",
    "chain",
    "check",
    "claim",
    "clock",
    "close",
    "code",
    "complete",
    "currency",
    "data",
    "day",
    "decision",
    "digest",
    "direction",
    "discrepancy",
    "endpoint",
    "epoch",
    "event",
    "event_type",
    "gateway",
    "gateway_status",
    "hash",
    "key_ids",
    "kind",
    "lapsed",
    "opinion",
    "order_no",
    "outcome",
    "paid_at",
    "part",
    "payee",
    "prev",
    "product",
    "proof",
    "reason",
    "received",
    "refund_no",
    "require",
    "response",
    "seq",
    "service",
    "sign_type",
    "status",
    "step",
    "terminal_status",
    "time",
    "trade_no",
    "verdict",
    "version",
    "via",
    "wire_no",
    "witness",
];

/// Settings that are words of the manual, times, sizes or names that the merchant chose for us.
const SETTINGS: [&str; 32] = [
    "accounts",
    "amount",
    "anti_phishing",
    "cancel_unknown_after",
    "charset",
    "checks",
    "cross_border",
    "currency",
    "direct_pay",
    "env",
    "every",
    "format",
    "gaps",
    "gateway",
    "late",
    "level",
    "listen",
    "max",
    "min",
    "name",
    "notify_sources",
    "product",
    "proof",
    "refunds",
    "require",
    "sign_type",
    "statement",
    "statement_at",
    "strategy",
    "total",
    "until",
    "window",
];

/// Settings that are numbers of a contract: their last four characters tell them apart.
const IDS: [&str; 6] = [
    "app_id",
    "merchant_code",
    "merchant_no",
    "partner",
    "seller_id",
    "store_no",
];

/// Entries of the journal.
pub fn journal(value: &Value) -> Value {
    scrubbed(value, "", &|name, text| {
        JOURNAL.contains(&name).then(|| without_addresses(text))
    })
}

/// The settings file.
pub fn settings(table: &toml::Table) -> Value {
    let value = serde_json::to_value(table).unwrap_or_default();
    scrubbed(&value, "", &|name, text| {
        let variable =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        match name {
            // A secret that was pasted in the place of its variable's name is none the less secret.
            "env" if !text.bytes().all(variable) => None,
            name if IDS.contains(&name) => Some(last(text)),
            "database" => database(text),
            name if name.ends_with("url") => Some(place(text)),
            name => SETTINGS.contains(&name).then(|| text.to_owned()),
        }
    })
}

/// What a check found: what others wrote stands between quotation marks in it.
pub fn told(text: &str) -> String {
    let mut parts = text.split('"');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for (number, part) in parts.enumerate() {
        match number % 2 {
            0 => plain.push_str(&length(part)),
            _ => plain.push_str(part),
        }
    }
    without_addresses(&plain)
}

/// A text by its length.
fn length(text: &str) -> String {
    format!("<{} characters>", text.chars().count())
}

fn last(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    match letters.len() > 8 {
        true => format!(
            "…{}",
            letters[letters.len() - 4..].iter().collect::<String>()
        ),
        false => length(text),
    }
}

/// An address without what may be personal in it.
fn place(text: &str) -> String {
    match Url::parse(text) {
        Ok(url) => format!("{}{}", url.origin().ascii_serialization(), url.path()),
        Err(_) => length(text),
    }
}

/// A folder, or a database without its password.
fn database(text: &str) -> Option<String> {
    match PostgresUrl::parse(text) {
        Ok(url) => Some(url.to_string()),
        Err(_) => text.starts_with("sqlite:").then(|| text.to_owned()),
    }
}

/// A text without e-mail addresses.
fn without_addresses(text: &str) -> String {
    let word = |word: &str| match word.contains('@') {
        true => length(word),
        false => word.to_owned(),
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// The value, with the texts that `keep` gives for a name and the length of all others.
fn scrubbed(value: &Value, name: &str, keep: &dyn Fn(&str, &str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => json!(keep(name, text).unwrap_or_else(|| length(text))),
        Value::Array(items) => items
            .iter()
            .map(|item| scrubbed(item, name, keep))
            .collect(),
        Value::Object(fields) => {
            let field =
                |(name, value): (&String, &Value)| (name.clone(), scrubbed(value, name, keep));
            Value::Object(fields.iter().map(field).collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_on_the_list_is_told_by_its_length() {
        let table: toml::Table = r#"
            public_url = "https://user:CANARY@pay.example.com/shop?CANARY=1"
            surprise = "CANARY"
            [api_keys]
            shop = "CANARY-0123456789"
            [accounts.main]
            gateway = "alipay"
            partner = "2088000000000001"
            key = { env = "CANARY of a key" }
            private_key = { file = "CANARY.pem" }
            seller_email = "CANARY@example.com"
            royalty_parameters = [{ payee = "CANARY", amount = "0.10" }]
        "#
        .parse()
        .unwrap();
        let told = settings(&table).to_string();
        assert!(!told.contains("CANARY"), "{told}");
        for kept in ["alipay", "…0001", "https://pay.example.com/shop", "0.10"] {
            assert!(told.contains(kept), "{kept}: {told}");
        }
        let entry = json!({"seq": 7, "kind": "order", "order_no": "A-1", "reason": "told by CANARY@example.com",
            "data": {"subject": "CANARY", "amount": {"minor": 1}, "extra": "CANARY", "gateway_options": {"extend_param": "CANARY"}},
            "claims": [{"payer": "CANARY", "trade_no": "2026"}], "note": "CANARY"});
        let kept = journal(&entry).to_string();
        assert!(!kept.contains("CANARY"), "{kept}");
        assert!(kept.contains("A-1") && kept.contains("2026"), "{kept}");
        assert_eq!(
            super::told("read \"CANARY\" by mail@example.com, meant: \"CAN\""),
            "read <6 characters> by <17 characters> meant: <3 characters>"
        );
    }
}

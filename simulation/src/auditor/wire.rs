//! What a callback's body says, read as an outsider reads a form: names, values, percent signs; or a JSON object. Charset
//! does not matter, since all that is looked at is ASCII.

use serde_json::Value;
use std::collections::BTreeMap;

/// The few fields that tell which money a callback speaks of.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Form {
        if let Ok(Value::Object(message)) = serde_json::from_slice(body) {
            let text = |value: Value| match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            let fields = message.into_iter();
            return Form(fields.map(|(name, value)| (name, text(value))).collect());
        }
        let pairs = url::form_urlencoded::parse(body);
        Form(
            pairs
                .map(|(name, value)| (name.into_owned(), value.into_owned()))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The order's number, by whichever name the gateway has for it.
    pub(super) fn order_no(&self) -> Option<&str> {
        let names = ["out_trade_no", "order_no", "merchant_order_no"];
        names.iter().find_map(|name| self.get(name))
    }

    /// The trade that the body says was paid.
    pub(super) fn paid_trade(&self) -> Option<&str> {
        let paid = matches!(
            self.get("trade_status"),
            Some("TRADE_SUCCESS" | "TRADE_FINISHED" | "SUCCESS")
        );
        // Of a sale, and not of a refund.
        let sold = self.get("trans_type") == Some("1")
            && matches!(self.get("trans_status"), Some("2" | "3"));
        let told = self.get("trade_no").filter(|_| paid);
        told.or_else(|| self.get("trans_no").filter(|_| sold))
    }

    /// Whether a payee is named.
    pub(super) fn names_payee(&self) -> bool {
        ["seller_id", "seller_email", "merchant_code", "merchant_no"]
            .iter()
            .any(|name| self.get(name).is_some())
    }

    /// Whether it tells that something of its trade was paid back, without how much.
    pub(super) fn tells_refund(&self) -> bool {
        let word = self.get("refund_status");
        word == Some("REFUND_SUCCESS") || (word.is_none() && self.get("gmt_refund").is_some())
    }
}

//! What the gateway tells unasked: the notify to the merchant's server, the return through the buyer's browser.

use super::super::words;
use super::{Fields, Merchant, Trade};
use crate::gateway::beijing;
use crate::params::Params;

/// The body of a notify (`application/x-www-form-urlencoded`), signed. Fields and their order as in vectors V3 and V8.
#[must_use]
pub fn notify_body(trade: &Trade, merchant: &Merchant, notify_id: &str) -> Vec<u8> {
    told(trade, merchant, notify_id, words::OFFLINE_NOTIFY)
        .params
        .to_wire()
        .into_bytes()
}

/// The fields of a return, signed: the gateway's page has the browser post them in this order, as text (note 2.1,
/// vector V4).
#[must_use]
pub fn return_fields(trade: &Trade, merchant: &Merchant, notify_id: &str) -> Vec<(String, String)> {
    let fields = told(trade, merchant, notify_id, words::PAGE_NOTIFY);
    let text = |(name, value): (&str, &[u8])| (name.to_owned(), fields.charset.display(value));
    Params::iter(&fields.params).map(text).collect()
}

/// Both callbacks differ in one word. Values that are not there are sent empty, and not signed.
fn told(trade: &Trade, merchant: &Merchant, notify_id: &str, notify_type: &str) -> Fields {
    let request = &trade.request;
    let mut fields = Fields::new(merchant.habits.charset);
    fields
        .put("merchant_code", &merchant.merchant_code)
        .put("notify_type", notify_type)
        .put("notify_id", notify_id)
        .put("interface_version", words::VERSION)
        .put("order_no", &request.order_no)
        .put("order_time", &request.order_time)
        .put("order_amount", &trade.amount(merchant.habits))
        .put(
            "extra_return_param",
            request.extra_return_param.as_deref().unwrap_or_default(),
        )
        .put("trade_no", &trade.trade_no)
        .put("trade_time", &beijing::write(trade.trade_time))
        .put("trade_status", trade.status.word())
        .put(
            "bank_seq_no",
            trade.bank_seq_no.as_deref().unwrap_or_default(),
        )
        .put_some("bank_code", trade.bank_code.as_deref());
    let signature = fields.signature(merchant);
    fields
        .put("sign_type", merchant.key.kind().word())
        .put("sign", &signature);
    fields
}

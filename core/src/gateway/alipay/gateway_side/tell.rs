//! What the gateway tells unasked: the notify to the merchant's server, the return through the buyer's browser.

use super::super::{beijing, words};
use super::{Fields, Merchant, Trade};
use jiff::Timestamp;

/// The body of a notify (`application/x-www-form-urlencoded`, in the charset of the request), signed. Fields and
/// their order as in vectors M6..M9.
#[must_use]
pub fn notify_body(trade: &Trade, merchant: &Merchant, notify_id: &str, at: Timestamp) -> Vec<u8> {
    let fee = trade.request.total_fee.decimal();
    let (payment_type, price, quantity) = trade.request.told();
    let refunded = trade.refunded.minor > 0;
    let time = |at: Option<Timestamp>| at.map(beijing::write);
    let mut fields = Fields::new(trade.request.charset);
    fields
        .put("discount", "0.00")
        .put("payment_type", payment_type)
        .put("subject", &trade.request.subject)
        .put("trade_no", &trade.trade_no)
        .put("buyer_email", &trade.buyer_email)
        .put("gmt_create", &beijing::write(trade.gmt_create))
        .put("notify_type", words::TRADE_SYNC)
        .put("quantity", quantity)
        .put("out_trade_no", &trade.request.out_trade_no)
        .put("seller_id", &merchant.partner)
        .put("notify_time", &beijing::write(at))
        .put_some("body", trade.request.body.as_deref())
        .put("trade_status", trade.status.word())
        .put("is_total_fee_adjust", "N")
        .put("total_fee", &fee)
        .put_some("gmt_payment", time(trade.gmt_payment).as_deref())
        .put("seller_email", &merchant.email)
        .put("price", &price)
        .put("buyer_id", &trade.buyer_id)
        .put("notify_id", notify_id)
        .put("use_coupon", "N")
        .put_some(
            "extra_common_param",
            trade.request.extra_common_param.as_deref(),
        )
        .put_some("refund_status", refunded.then_some(words::REFUND_SUCCESS))
        .put_some("gmt_refund", time(trade.gmt_refund).as_deref());
    // The basic product sends an empty closing time (vector M8): a field that is there and not signed.
    let closed = time(trade.gmt_close).or_else(|| (!merchant.advanced).then(String::new));
    fields.put_some("gmt_close", closed.as_deref());
    fields.signed_wire(merchant).into_bytes()
}

/// The query string of a return (no leading `?`), signed. Fields and their order as in vector M5.
#[must_use]
pub fn return_query(trade: &Trade, merchant: &Merchant, notify_id: &str, at: Timestamp) -> String {
    let mut fields = Fields::new(trade.request.charset);
    fields
        .put("is_success", "T")
        .put_some("body", trade.request.body.as_deref())
        .put("buyer_email", &trade.buyer_email)
        .put("buyer_id", &trade.buyer_id)
        .put("exterface", words::DIRECT_PAY)
        .put_some(
            "extra_common_param",
            trade.request.extra_common_param.as_deref(),
        )
        .put("notify_id", notify_id)
        .put("notify_time", &beijing::write(at))
        .put("notify_type", words::TRADE_SYNC)
        .put("out_trade_no", &trade.request.out_trade_no)
        .put("payment_type", trade.request.told().0)
        .put("seller_email", &merchant.email)
        .put("seller_id", &merchant.partner)
        .put("subject", &trade.request.subject)
        .put("total_fee", &trade.request.total_fee.decimal())
        .put("trade_no", &trade.trade_no)
        .put("trade_status", trade.status.word());
    fields.signed_wire(merchant)
}

//! What the gateway answers to a server's call: XML envelopes (note 5.0), and the bare word of `notify_verify`.

use super::super::{beijing, words};
use super::{Code, Fields, Merchant, Trade, TradeStatus};
use crate::charset::Charset;
use crate::http::Reply;
use crate::money::Money;
use jiff::Timestamp;
use quick_xml::escape::escape;

/// The answer of `single_trade_query`, signed over the children of `trade`. Fields as in vector M13, in byte order.
#[must_use]
pub fn query_reply(trade: &Trade, merchant: &Merchant, at: Timestamp) -> Reply {
    let charset = trade.request.charset;
    let fields = trade_fields(trade, merchant, at);
    let told = format!("<trade>{}</trade>", children(&fields));
    let asked = [
        ("_input_charset", charset.label()),
        ("out_trade_no", &trade.request.out_trade_no),
    ];
    signed("single_trade_query", &asked, &told, &fields, merchant)
}

/// The answer of `query_timestamp`, signed over the children of `timestamp`: the key alone, as in vector M15, since
/// the demos put all children together.
#[must_use]
pub fn timestamp_reply(encrypt_key: &str, merchant: &Merchant, charset: Charset) -> Reply {
    let mut fields = Fields::new(charset);
    fields.put("encrypt_key", encrypt_key);
    let told = format!("<timestamp>{}</timestamp>", children(&fields));
    signed("query_timestamp", &[], &told, &fields, merchant)
}

/// The success answer of `close_trade`: an envelope without content or signature (note 5.2).
#[must_use]
pub fn close_reply() -> Reply {
    bare("<is_success>T</is_success>")
}

/// The failure envelope of the services that are called by servers.
#[must_use]
pub fn error_reply(code: Code) -> Reply {
    bare(&format!("<is_success>F</is_success><error>{code}</error>"))
}

/// The answer of `notify_verify`: exactly `true`, `false` or `invalid`, with nothing behind it.
#[must_use]
pub fn verify_reply(word: &'static str) -> Reply {
    typed(Reply::new(200, word), "text/plain;charset=utf-8")
}

fn trade_fields(trade: &Trade, merchant: &Merchant, at: Timestamp) -> Fields {
    let fee = trade.request.total_fee;
    let (payment_type, price, quantity) = trade.request.told();
    let refunded = trade.refunded.minor > 0;
    let time = |at: Option<Timestamp>| at.map(beijing::write);
    let times = [trade.gmt_payment, trade.gmt_close, trade.gmt_refund];
    let modified = times
        .into_iter()
        .flatten()
        .fold(trade.gmt_create, Ord::max)
        .min(at);
    let paid = trade.gmt_payment.is_some() && trade.status != TradeStatus::WaitBuyerPay;
    let to_seller = if paid {
        fee
    } else {
        Money::new(0, fee.currency)
    };
    let mut fields = Fields::new(trade.request.charset);
    fields
        .put_some("body", trade.request.body.as_deref())
        .put("buyer_email", &trade.buyer_email)
        .put("buyer_id", &trade.buyer_id)
        .put("discount", "0.00")
        .put("flag_trade_locked", "0")
        .put_some("gmt_close", time(trade.gmt_close).as_deref())
        .put("gmt_create", &beijing::write(trade.gmt_create))
        .put("gmt_last_modified_time", &beijing::write(modified))
        .put_some("gmt_payment", time(trade.gmt_payment).as_deref())
        .put_some("gmt_refund", time(trade.gmt_refund).as_deref())
        .put("is_total_fee_adjust", "F")
        .put("operator_role", "B")
        .put("out_trade_no", &trade.request.out_trade_no)
        .put("payment_type", payment_type)
        .put("price", &price)
        .put("quantity", quantity)
        .put_some("refund_status", refunded.then_some(words::REFUND_SUCCESS))
        .put("seller_email", &merchant.email)
        .put("seller_id", &merchant.partner)
        .put("subject", &trade.request.subject)
        .put("to_buyer_fee", &trade.refunded.decimal())
        .put("to_seller_fee", &to_seller.decimal())
        .put("total_fee", &fee.decimal())
        .put("trade_no", &trade.trade_no)
        .put("trade_status", trade.status.word())
        .put("use_coupon", "F");
    fields
}

/// The envelope of a success: `told` below `response`, signed over `fields`.
pub(super) fn signed(
    service: &str,
    asked: &[(&str, &str)],
    told: &str,
    fields: &Fields,
    merchant: &Merchant,
) -> Reply {
    let asked: String = asked
        .iter()
        .map(|(name, value)| format!("<param name=\"{name}\">{}</param>", escape(*value)))
        .collect();
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"{label}\"?>\n<alipay><is_success>T</is_success><request>\
         <param name=\"service\">{service}</param>\
         <param name=\"partner\">{partner}</param>{asked}</request>\
         <response>{told}</response>\
         <sign>{signature}</sign><sign_type>{kind}</sign_type></alipay>",
        label = fields.charset.label(),
        partner = merchant.partner,
        signature = fields.signature(merchant),
        kind = merchant.key.kind().word(),
    );
    xml(fields.charset, &text)
}

/// Fields as elements, in their order.
pub(super) fn children(fields: &Fields) -> String {
    let mut xml = String::new();
    for (name, value) in fields.params.iter() {
        element(&mut xml, name, &fields.charset.display(value));
    }
    xml
}

fn element(xml: &mut String, name: &str, text: &str) {
    xml.push_str(&format!("<{name}>{}</{name}>", escape(text)));
}

/// An envelope of ASCII only, so that it is the same in every charset and needs to declare none.
fn bare(content: &str) -> Reply {
    xml(
        Charset::Utf8,
        &format!("<?xml version=\"1.0\"?>\n<alipay>{content}</alipay>"),
    )
}

/// Every text in an envelope was decoded from this charset, so it can be written in it.
fn xml(charset: Charset, text: &str) -> Reply {
    let bytes = charset.encode(text).unwrap_or_default().into_owned();
    typed(
        Reply::new(200, bytes),
        &format!("text/xml;charset={}", charset.label()),
    )
}

fn typed(mut reply: Reply, content_type: &str) -> Reply {
    reply
        .headers
        .push(("content-type".into(), content_type.into()));
    reply
}

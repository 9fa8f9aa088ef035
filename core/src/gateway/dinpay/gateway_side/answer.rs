//! What the gateway answers to a query: XML envelopes in UTF-8 (note 3.2).

use super::{Code, Fields, Merchant, Trade};
use crate::charset::Charset;
use crate::gateway::beijing;
use crate::http::Reply;
use quick_xml::escape::escape;

/// The answer of `single_trade_query`, signed over the children of `trade`, as in vector V10.
#[must_use]
pub fn query_reply(trade: &Trade, merchant: &Merchant) -> Reply {
    let mut fields = Fields::new(Charset::Utf8);
    fields
        .put("merchant_code", &merchant.merchant_code)
        .put("order_no", &trade.request.order_no)
        .put("order_time", &trade.request.order_time)
        .put("order_amount", &trade.amount(merchant.habits))
        .put("trade_no", &trade.trade_no)
        .put("trade_time", &beijing::write(trade.trade_time))
        .put("trade_status", trade.status.word())
        .put_some("bank_code", trade.bank_code.as_deref())
        .put_some("bank_seq_no", trade.bank_seq_no.as_deref());
    let mut told = String::new();
    for (name, value) in fields.params.iter() {
        let text = String::from_utf8_lossy(value);
        told.push_str(&format!("<{name}>{}</{name}>", escape(text.as_ref())));
    }
    enveloped(&format!(
        "<is_success>T</is_success><sign_type>{}</sign_type><sign>{}</sign><trade>{told}</trade>",
        merchant.key.kind().word(),
        fields.signature(merchant),
    ))
}

/// The failure answer, which nobody signs.
#[must_use]
pub fn error_reply(code: Code) -> Reply {
    enveloped(&format!(
        "<is_success>F</is_success><error_code>{code}</error_code>"
    ))
}

fn enveloped(content: &str) -> Reply {
    let text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><dinpay><response>{content}</response></dinpay>"
    );
    let mut reply = Reply::new(200, text);
    reply
        .headers
        .push(("content-type".into(), "text/xml;charset=UTF-8".into()));
    reply
}

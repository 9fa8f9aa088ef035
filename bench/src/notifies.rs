//! Notifies, signed ahead of time by the gateway's side of the protocol.

use crate::place::{ACCOUNT, KEY, PARTNER};
use crate::{Failed, load, orders};
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    DirectPay, Merchant, Trade, TradeStatus, notify_body,
};
use quittance_core::{Order, Timestamp};
use quittance_server::clock::Clock;
use quittance_server::setup::Setup;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::sync::Arc;

/// The merchant as the gateway knows it.
pub fn merchant() -> Merchant {
    Merchant {
        partner: PARTNER.to_owned(),
        key: SecretString::from(KEY).into(),
        email: "seller@example.com".to_owned(),
        advanced: true,
    }
}

/// The requests that pay these orders.
///
/// # Errors
/// An order that the gateway does not take.
pub fn requests(
    setup: &Setup,
    clock: &Arc<dyn Clock>,
    to: SocketAddr,
    numbers: &[usize],
) -> Result<Arc<[Vec<u8>]>, Failed> {
    let path = format!("/notify/{ACCOUNT}");
    let requests = numbers.iter().map(|number| {
        let order = orders::order(*number, setup, String::new())?;
        let form = payment(&order, *number, clock.wall());
        Ok(load::request(&path, to, &form))
    });
    requests.collect::<Result<Vec<_>, Failed>>().map(Arc::from)
}

/// The notify of an order's payment: a form of about 600 bytes.
fn payment(order: &Order, number: usize, at: Timestamp) -> Vec<u8> {
    let request = DirectPay {
        partner: PARTNER.to_owned(),
        charset: Charset::Utf8,
        out_trade_no: order.key.order_no.clone(),
        subject: order.subject.clone(),
        total_fee: order.amount,
        body: None,
        extra_common_param: None,
        show_url: None,
        paymethod: None,
        defaultbank: None,
        anti_phishing_key: None,
        exter_invoke_ip: None,
        it_b_pay: None,
        notify_url: None,
        return_url: None,
        options: Default::default(),
    };
    let trade = Trade {
        request,
        trade_no: format!("20240101{number:020}"),
        buyer_id: "2088000000000101".to_owned(),
        buyer_email: "buyer@example.com".to_owned(),
        status: TradeStatus::Success,
        gmt_create: at,
        gmt_payment: Some(at),
        gmt_close: None,
        refunded: quittance_core::Money::new(0, order.amount.currency),
        gmt_refund: None,
    };
    notify_body(&trade, &merchant(), &format!("{number:034x}"), at)
}

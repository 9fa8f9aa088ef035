//! Both sides talk: what one makes, the other understands and believes.

use crate::*;
use proptest::prelude::*;
use quittance_core::Claim;
use quittance_core::gateway::codepay::gateway_side::{
    self as gateway, Call, Named, Place, Sale, Status, Trade, TransType, read_call,
};
use quittance_core::gateway::{
    Answer, Checkout, CheckoutStart, CloseCall, Gateway, Refund, RefundAnswer, RefundCall, Verdict,
};

fn understood(request: &quittance_core::http::Request) -> Call {
    let known = |app_id: &str| (app_id == APP).then(app);
    read_call(&request.body, now(), &known).unwrap()
}

/// What the gateway made of this call, as it stands.
fn record(sale: &Sale, status: Status) -> Trade {
    let terminal = match &sale.place {
        Place::Terminal(push) => Some(push.terminal_sn.clone()),
        Place::Page { .. } => None,
    };
    Trade {
        terminal_sn: terminal,
        status,
        attach: sale.attach.clone(),
        ..crate::sale(&sale.order_no, sale.total())
    }
}

fn any_order() -> impl Strategy<Value = Order> {
    let currency = prop_oneof![Just("USD"), Just("CNY"), Just("JPY")];
    (
        "[A-Za-z0-9_-]{1,32}",
        1..100_000_000_000_i64,
        currency,
        "[a-zA-Z0-9 茶=?é\"\\\\]{1,60}",
        proptest::option::of("[a-z=;茶]{1,20}"),
        proptest::option::of(Just(TERMINAL.to_owned())),
        proptest::option::of(300..100_000_i64),
    )
        .prop_map(
            |(number, minor, currency, subject, extra, terminal, expires_in_secs)| Order {
                key: OrderKey::new("main", &number),
                amount: Money::new(minor, Currency::parse(currency).unwrap()),
                subject,
                extra,
                terminal,
                expires_in_secs,
                ..order()
            },
        )
}

proptest! {
    #[test]
    fn every_order_that_is_admitted_is_understood_paid_and_believed(order in any_order()) {
        let account = account();
        if account.admit(&order).is_err() {
            return Ok(());
        }
        let app = app();
        let CheckoutStart::Call { request, to_terminal } = account.checkout(&order, &call()).unwrap() else {
            panic!("no call")
        };
        let Call::Sale(asked) = understood(&request) else {
            panic!("no sale")
        };
        let waits = record(&asked, Status::Created);
        let reply = match &asked.place {
            Place::Terminal(_) => gateway::pushed_reply(&app, "1", "1", &waits, true),
            Place::Page { .. } => gateway::checkout_reply(&app, "1", "https://codepay.test/1"),
        };
        prop_assert_eq!(waits.terminal_sn.is_some(), to_terminal);
        prop_assert_eq!((&asked.order_no, asked.total()), (&order.key.order_no, order.amount));
        prop_assert_eq!(asked.description.as_deref(), Some(order.subject.as_str()));
        prop_assert_eq!(&asked.attach, &order.extra);
        let placed = account.read_checkout(&order, &reply);
        prop_assert_eq!(placed.accepted, Some(true));
        prop_assert_eq!(matches!(placed.checkout, Some(Checkout::Terminal { .. })), to_terminal);

        let paid = record(&asked, Status::Succeeded);
        let payment = Claim::Payment {
            trade_no: TRADE_NO.into(),
            amount: order.amount,
            payee: MERCHANT.into(),
        };
        let notify = gateway::notify_body(&app, &paid, "1", now());
        let reading = account.read_notify(&notify, now());
        prop_assert_eq!(reading.verdict, Verdict::Genuine, "{:?}", reading.reason);
        prop_assert_eq!(&reading.evidence[0].claim, &payment);
        let reply = gateway::query_reply(&app, "1", &paid);
        let answered = account.read_query(&order.key.order_no, &reply);
        prop_assert_eq!(answered.answer, Answer::Paid, "{:?}", answered.reason);
        prop_assert_eq!(&answered.evidence[0].claim, &payment);
    }
}

/// Every question and every command is understood, and every answer to it is read.
#[test]
fn every_call_is_understood_and_answered() {
    let (account, app) = (account(), app());
    let Call::Query { named, .. } = understood(&account.query(ORDER_NO, now()).unwrap()) else {
        panic!("no query")
    };
    assert_eq!(named, Named::OrderNo(ORDER_NO.into()));
    let close = |order: &Order, gently| {
        let call = CloseCall {
            order,
            gently,
            now: now(),
        };
        understood(&account.close(&call).unwrap().request)
    };
    let Call::Close {
        order_no,
        terminal_sn,
        ..
    } = close(&at_terminal(), true)
    else {
        panic!("no close")
    };
    assert_eq!((&*order_no, &*terminal_sn), (ORDER_NO, TERMINAL));
    let Call::Revoke { order_no, .. } = close(&order(), true) else {
        panic!("no Cancel")
    };
    assert_eq!(order_no, ORDER_NO);
    for done in [
        gateway::close_reply(&app, "1", "1", TRADE_NO),
        gateway::revoke_reply(&app, "1"),
    ] {
        assert_eq!(account.read_close(ORDER_NO, &done).accepted, Some(true));
    }

    let refund = [Refund {
        trade_no: TRADE_NO.into(),
        amount: usd(1000),
        received: Some(usd(3450)),
        reason: None,
    }];
    let wire_no = account.refund_wire_no(b"seed", now());
    let call = RefundCall {
        wire_no: &wire_no,
        refunds: &refund,
        notify_url: "https://shop.example/n",
        now: now(),
    };
    let Call::PayBack(asked) = understood(&account.refund(&call).unwrap()) else {
        panic!("no refund")
    };
    let original = Named::TransNo(TRADE_NO.into());
    assert_eq!((asked.original, asked.amount), (original, Some(usd(1000))));
    assert_eq!(asked.order_no, wire_no);
    let back = Trade {
        terminal_sn: None,
        trans_no: "52".into(),
        orig_trans_no: Some(TRADE_NO.into()),
        trans_type: TransType::Refund,
        status: Status::Succeeded,
        trans_amount: usd(1000),
        ..sale(&wire_no, usd(3450))
    };
    let taken = gateway::refund_reply(&app, "1", &back);
    assert_eq!(account.read_refund(&taken).accepted, Some(true));
    let asked = account.refund_query(&wire_no, TRADE_NO, now()).unwrap();
    let Call::RefundQuery { named, .. } = understood(&asked) else {
        panic!("no query of a refund")
    };
    assert_eq!(named, Named::OrderNo(wire_no.clone()));
    let reply = gateway::query_reply(&app, "1", &back);
    let answered = account.read_refund_query(&wire_no, TRADE_NO, &reply);
    assert_eq!(
        answered.answer,
        RefundAnswer::Succeeded,
        "{:?}",
        answered.reason
    );
    let undone = Trade {
        status: Status::Undone,
        ..sale(ORDER_NO, usd(3450))
    };
    let reply = gateway::query_reply(&app, "1", &undone);
    assert_eq!(account.read_query(ORDER_NO, &reply).evidence.len(), 2);
}

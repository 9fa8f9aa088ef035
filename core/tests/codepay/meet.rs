//! Both sides talk: what one makes, the other understands and believes.

use crate::*;
use proptest::prelude::*;
use quittance_core::Claim;
use quittance_core::gateway::codepay::gateway_side::{
    self as gateway, Call, Number, Status, Transaction, read_call,
};
use quittance_core::gateway::{
    Answer, Checkout, CheckoutStart, CloseCall, Gateway, Refund, RefundAnswer, RefundCall, Verdict,
};

fn understood(request: &quittance_core::http::Request) -> Call {
    let merchant = merchant();
    let known = |app_id: &str| (app_id == APP).then_some(&merchant);
    read_call(&request.body, now(), &known).unwrap().call
}

fn told(order: &Order, status: Status) -> Transaction {
    Transaction {
        trade_no: TRADE_NO.into(),
        order_no: order.key.order_no.clone(),
        of: None,
        status,
        amount: order.amount,
        store_no: None,
        terminal: order.terminal.clone(),
        attach: order.extra.clone(),
        ended_at: None,
        card: None,
        error: None,
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
        proptest::option::of("[A-Z0-9]{1,16}"),
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
        let merchant = merchant();
        let CheckoutStart::Call { request, to_terminal } = account.checkout(&order, &call()).unwrap() else {
            panic!("no call")
        };
        let (shared, reply) = match understood(&request) {
            Call::Push(push) => {
                prop_assert!(to_terminal);
                let numbers = ("1", TRADE_NO);
                (push.shared, gateway::pushed_reply(&merchant, "1", numbers, true, order.amount))
            }
            Call::Page(page) => {
                prop_assert!(!to_terminal);
                (page.shared, gateway::page_reply(&merchant, "1", TRADE_NO, "https://codepay.test/1"))
            }
            other => panic!("{other:?}"),
        };
        prop_assert_eq!((&shared.order_no, shared.amount), (&order.key.order_no, order.amount));
        prop_assert_eq!(shared.description.as_deref(), Some(order.subject.as_str()));
        prop_assert_eq!(&shared.attach, &order.extra);
        let placed = account.read_checkout(&order, &reply);
        prop_assert_eq!(placed.accepted, Some(true));
        prop_assert_eq!(matches!(placed.checkout, Some(Checkout::Terminal { .. })), to_terminal);

        let paid = told(&order, Status::Succeeded);
        let payment = Claim::Payment {
            trade_no: TRADE_NO.into(),
            amount: order.amount,
            payee: MERCHANT.into(),
        };
        let notify = gateway::notify(&merchant, &paid, now(), "1");
        let reading = account.read_notify(&notify, now());
        prop_assert_eq!(reading.verdict, Verdict::Genuine, "{:?}", reading.reason);
        prop_assert_eq!(&reading.evidence[0].claim, &payment);
        let reply = gateway::transaction_reply(&merchant, "1", &paid);
        let answered = account.read_query(&order.key.order_no, &reply);
        prop_assert_eq!(answered.answer, Answer::Paid, "{:?}", answered.reason);
        prop_assert_eq!(&answered.evidence[0].claim, &payment);
    }
}

/// Every question and every command is understood, and every answer to it is read.
#[test]
fn every_call_is_understood_and_answered() {
    let (account, merchant) = (account(), merchant());
    let query = understood(&account.query(ORDER_NO, now()).unwrap());
    assert_eq!(query, Call::Query(Number::Order(ORDER_NO.into())));
    let close = |terminal, gently| {
        let call = CloseCall {
            order_no: ORDER_NO,
            terminal,
            gently,
            now: now(),
        };
        understood(&account.close(&call).unwrap())
    };
    let order_no = ORDER_NO.to_owned();
    assert_eq!(
        close(Some(TERMINAL), true),
        Call::Close {
            order_no: order_no.clone()
        }
    );
    assert_eq!(close(None, true), Call::Revoke { order_no });
    let done = gateway::done_reply(&merchant, "1");
    assert_eq!(account.read_close(ORDER_NO, &done).accepted, Some(true));

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
    let Call::Refund(asked) = understood(&account.refund(&call).unwrap()) else {
        panic!("no refund")
    };
    assert_eq!(
        (asked.of, asked.amount),
        (Number::Trade(TRADE_NO.into()), usd(1000))
    );
    let taken = gateway::refund_reply(&merchant, "1", "52", usd(1000));
    assert_eq!(account.read_refund(&taken).accepted, Some(true));
    let asked = understood(&account.refund_query(&wire_no, TRADE_NO, now()).unwrap());
    assert_eq!(asked, Call::RefundQuery(Number::Order(wire_no.clone())));
    let back = Transaction {
        trade_no: "52".into(),
        order_no: wire_no.clone(),
        of: Some(TRADE_NO.into()),
        amount: usd(1000),
        ..told(&order(), Status::Succeeded)
    };
    let reply = gateway::transaction_reply(&merchant, "1", &back);
    let answered = account.read_refund_query(&wire_no, TRADE_NO, &reply);
    assert_eq!(
        answered.answer,
        RefundAnswer::Succeeded,
        "{:?}",
        answered.reason
    );
    let undone = told(&order(), Status::Undone);
    let reply = gateway::transaction_reply(&merchant, "1", &undone);
    assert_eq!(account.read_query(ORDER_NO, &reply).evidence.len(), 2);
}

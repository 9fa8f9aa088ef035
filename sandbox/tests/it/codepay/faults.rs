//! What goes wrong on purpose with CodePay's orders.

use super::counter::{Counter, MERCHANT, Said, TERMINAL, genuine, sale};
use crate::desk::text;
use quittance_core::{Currency, Money};
use quittance_sandbox::{Ack, Fault, Faults, Kind, QueryKind, ReplyKind, Then, VerifyKind};
use serde_json::{Value, json};
use std::time::Duration;

fn cents(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// A counter with these faults.
fn with(change: impl FnOnce(&mut Faults)) -> Counter {
    let mut counter = Counter::new();
    let mut faults = Faults::default();
    change(&mut faults);
    counter.desk.sandbox.set_faults(faults);
    counter
}

fn notify(counter: &mut Counter) -> Value {
    counter.paid("A");
    serde_json::from_slice(&counter.desk.answer(200, "success").request.body).unwrap()
}

/// Lost, late, in copies.
#[test]
fn a_notify_is_lost_late_or_doubled() {
    let mut counter = with(|faults| faults.notify.lose = true);
    counter.paid("A");
    assert!(counter.desk.due().is_empty());
    let lost = counter.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
    assert_eq!(
        (lost.ack, lost.faults.as_slice()),
        (Some(Ack::Lost), &[Fault::Lost][..])
    );
    let next = counter.desk.trade("A").next_resend.unwrap();
    assert_eq!(next.duration_since(counter.desk.now).as_secs(), 5);

    let mut counter = with(|faults| faults.notify.delay_secs = 7);
    counter.paid("A");
    assert!(counter.desk.due().is_empty());
    counter.desk.wait(7_000);
    assert_eq!(counter.desk.due().len(), 1);

    let mut counter = with(|faults| faults.notify.copies = 3);
    counter.paid("A");
    let copies = counter.desk.due();
    assert_eq!(copies.len(), 3);
    assert!(
        copies
            .iter()
            .all(|copy| copy.request.body == copies[0].request.body)
    );
}

/// A lie is signed; what is changed after signing, and a forged signature, are not.
#[test]
fn a_notify_lies_or_is_corrupted() {
    let told = notify(&mut with(|faults| faults.notify.amount = Some(cents(2))));
    assert_eq!(
        (&told["order_amount"], genuine(&told)),
        (&json!("0.02"), true)
    );
    assert_eq!(told["price_currency"], "USD");
    let told = notify(&mut with(|faults| faults.notify.tamper = true));
    assert_eq!(
        (&told["order_amount"], genuine(&told)),
        (&json!("34.51"), false)
    );
    let told = notify(&mut with(|faults| {
        faults.notify.tamper = true;
        faults.notify.amount = Some(cents(100));
    }));
    assert_eq!(
        (&told["order_amount"], genuine(&told)),
        (&json!("1.00"), false)
    );
    let told = notify(&mut with(|faults| faults.notify.forge = true));
    assert_eq!(
        (&told["order_amount"], genuine(&told)),
        (&json!("34.5"), false)
    );
    assert_eq!(told["sign"].as_str().unwrap().len(), 344);
}

/// The create call times out, and the customer pays all the same: a query finds it.
#[test]
fn it_is_paid_while_the_call_times_out() {
    let mut counter = with(|faults| {
        faults.checkout.lose = true;
        faults.checkout.then = Then::Approve;
    });
    let answer = counter.call_raw("wisehub.cloud.pay.order", sale("A"));
    assert_eq!(
        (answer.reply.status, answer.reply.body.as_slice()),
        (504, &b""[..])
    );
    let kept = counter.desk.sandbox.exchanges(MERCHANT, "A").remove(0);
    assert_eq!(kept.faults, [Fault::CallTimedOut]);
    counter.desk.sandbox.set_faults(Faults::default());
    assert_eq!(counter.status("A"), 2);
    assert_eq!(counter.told().len(), 1);
    let page = text(&counter.desk.get("/", ""));
    assert!(page.contains("/trades/"));
}

/// What the customer does at once, at the terminal and on the page.
#[test]
fn the_buyer_acts_at_once() {
    for (then, status, code) in [
        (Then::Waits, 9, None),
        (Then::Approve, 2, None),
        (Then::Decline, 1, Some("TS-D2012")),
        (Then::Cancel, 1, Some("110")),
        (Then::TimeOut, 1, Some("112")),
    ] {
        let mut counter = with(|faults| faults.checkout.then = then);
        counter.push("A");
        let asked = counter.query("A");
        assert_eq!(asked["trans_status"], status, "{then:?}");
        let told = asked.get("trans_error_code").and_then(Value::as_str);
        assert_eq!(told, code, "{then:?}");
        assert_eq!(counter.told().len(), usize::from(then != Then::Waits));
    }
    let mut counter = with(|faults| faults.checkout.then = Then::Decline);
    counter.open("A");
    assert_eq!(counter.status("A"), 1);
    let mut counter = with(|faults| faults.checkout.then = Then::Cancel);
    counter.open("A");
    assert_eq!(counter.status("A"), 9, "a page has no such button");
    let mut counter = with(|faults| faults.checkout.then = Then::Approve);
    counter.press("offline");
    counter.push("A");
    assert_eq!(counter.status("A"), 9, "nobody can press anything there");
}

/// Answers: late, unsigned, forged, none at all. What was asked for is done.
#[test]
fn answers_go_wrong() {
    for (kind, status, signed) in [
        (ReplyKind::Slow, 200, Some(true)),
        (ReplyKind::Unsigned, 200, Some(false)),
        (ReplyKind::Forged, 200, Some(false)),
        (ReplyKind::Down, 500, None),
        (ReplyKind::Garbage, 200, None),
    ] {
        let mut counter = with(|faults| {
            faults.reply.kind = kind;
            faults.reply.secs = 9;
        });
        for (method, fields) in [
            ("wisehub.cloud.pay.order", sale("A")),
            ("order.query", json!({ "merchant_order_no": "A" })),
            ("order.revoker", json!({ "merchant_order_no": "A" })),
        ] {
            let answer = counter.call_raw(method, fields);
            let slow = if kind == ReplyKind::Slow { 9 } else { 0 };
            assert_eq!(answer.hold, Duration::from_secs(slow), "{method} {kind:?}");
            assert_eq!(answer.reply.status, status, "{method} {kind:?}");
            if let Some(signed) = signed {
                let said = Said::of(&answer.reply);
                assert_eq!(
                    (said.code(), genuine(&said.envelope)),
                    ("0", signed),
                    "{method} {kind:?}"
                );
                let has = said.envelope.get("sign").is_some();
                assert_eq!(has, kind != ReplyKind::Unsigned);
            }
        }
        counter.desk.sandbox.set_faults(Faults::default());
        assert_eq!(counter.status("A"), 1, "{kind:?}: the revoke was done");
    }
}

/// Queries: down, garbage, of another time, of another amount.
#[test]
fn a_query_fails_lies_or_is_old() {
    let ask = |counter: &mut Counter| {
        counter
            .call_raw("order.query", json!({ "merchant_order_no": "A" }))
            .reply
    };
    for (kind, status) in [(QueryKind::Down, 500), (QueryKind::Garbage, 200)] {
        let mut counter = with(|faults| faults.query.kind = kind);
        counter.paid("A");
        let reply = ask(&mut counter);
        assert_eq!(
            (reply.status, reply.body.starts_with(b"{")),
            (status, false),
            "{kind:?}"
        );
    }
    let mut counter = with(|faults| faults.query.kind = QueryKind::Stale);
    counter.push("A");
    counter.press("start");
    counter.press("approve");
    assert_eq!(counter.status("A"), 0, "as it stood before the payment");
    let mut counter = with(|faults| faults.query.amount = Some(cents(9)));
    counter.paid("A");
    assert_eq!(
        counter.query("A")["order_amount"].to_string(),
        "0.09",
        "signed"
    );
    let kept = counter.desk.sandbox.exchanges(MERCHANT, "A");
    let query = kept.iter().find(|known| known.kind == Kind::Query).unwrap();
    assert_eq!(query.faults.len(), 1);
}

/// A fault of one order's own that CodePay has not is left out, and the form does not offer it.
#[test]
fn what_codepay_has_not_cannot_go_wrong() {
    let mut counter = Counter::new();
    counter.push("A");
    let mut faults = Faults::default();
    faults.verify.kind = VerifyKind::Down;
    faults.way_back.forge = true;
    faults.way_back.tamper = true;
    faults.way_back.amount = Some(cents(1));
    faults.notify.lose = true;
    let sandbox = &mut counter.desk.sandbox;
    sandbox.set_own_faults(MERCHANT, "A", faults).unwrap();
    let own = sandbox.own_faults(MERCHANT, "A").unwrap();
    assert_eq!(*own, Faults::lost_notify());
    let terminal = text(&counter.desk.get(&format!("/terminal/{TERMINAL}"), ""));
    let page = terminal
        .split("href=\"")
        .find(|part| part.starts_with("/trades/"))
        .unwrap();
    let page = page.split_once('"').unwrap().0.to_owned();
    let html = text(&counter.desk.get(&page, ""));
    for (name, offered) in [
        ("checkout_lose", true),
        ("checkout_then", true),
        ("reply_kind", true),
        ("reply_secs", true),
        ("query_kind", true),
        ("notify_forge", true),
        ("return_lose", true),
        ("return_forge", false),
        ("return_amount", false),
        ("verify_kind", false),
        ("statement_kind", false),
    ] {
        assert_eq!(
            html.contains(&format!("name=\"{name}\"")),
            offered,
            "{name}"
        );
    }
    let form =
        "do=set&checkout_lose=1&checkout_then=timeout&reply_kind=slow&reply_secs=3&query_kind=ok";
    let set = counter.desk.post(&format!("{page}/faults"), "", form);
    assert_eq!(set.status, 303, "{}", text(&set));
    let own = counter.desk.sandbox.own_faults(MERCHANT, "A").unwrap();
    assert!(own.checkout.lose && own.checkout.then == Then::TimeOut);
    assert_eq!((own.reply.kind, own.reply.secs), (ReplyKind::Slow, 3));
    for wrong in [
        "checkout_then=x",
        "reply_kind=x",
        "reply_secs=x",
        "reply_secs=601",
    ] {
        let form = format!("do=set&query_kind=ok&{wrong}");
        assert_eq!(
            counter
                .desk
                .post(&format!("{page}/faults"), "", &form)
                .status,
            409,
            "{wrong}"
        );
    }
}

/// The orders of other gateways have none of this.
#[test]
fn other_gateways_have_no_calls_that_go_wrong() {
    let mut counter = with(|faults| {
        faults.checkout.then = Then::Decline;
        faults.reply.kind = ReplyKind::Down;
    });
    let success = counter.desk.paid("ALI");
    assert!(success.contains("trade_status=TRADE_SUCCESS"));
    let mut faults = Faults::default();
    faults.reply.kind = ReplyKind::Down;
    faults.checkout.lose = true;
    let sandbox = &mut counter.desk.sandbox;
    sandbox
        .set_own_faults(crate::desk::PARTNER, "ALI", faults)
        .unwrap();
    assert!(
        sandbox
            .own_faults(crate::desk::PARTNER, "ALI")
            .unwrap()
            .is_none()
    );
}

/// The buyer pays in the moment before a revoke: at the terminal and on the page it finds a paid order, and pays it back.
/// What is over already cannot be paid any more.
#[test]
fn a_buyer_pays_just_before_a_revoke() {
    let revoke = |counter: &mut Counter, number: &str| {
        let said = counter.call("order.revoker", json!({ "merchant_order_no": number }));
        assert_eq!(said.code(), "0");
        let told = counter.told();
        let statuses = told.iter().map(|told| told["trans_status"].as_i64());
        (
            counter.status(number),
            statuses.flatten().collect::<Vec<_>>(),
        )
    };
    let mut counter = with(|faults| faults.revoke.paid_first = true);
    counter.push("A");
    assert_eq!(revoke(&mut counter, "A"), (3, vec![2, 3]));
    let exchanges = counter.desk.sandbox.exchanges(MERCHANT, "A");
    let faults = exchanges.iter().flat_map(|exchange| &exchange.faults);
    assert_eq!(faults.collect::<Vec<_>>(), [&Fault::PaidFirst]);
    counter.open("WEB");
    assert_eq!(revoke(&mut counter, "WEB"), (3, vec![2, 3]));
    counter.push("B");
    counter.press("decline");
    counter.told();
    assert_eq!(revoke(&mut counter, "B"), (1, vec![]));
}

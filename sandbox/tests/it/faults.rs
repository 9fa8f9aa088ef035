//! Everything that a sandbox does wrong on purpose, and that it does nothing else wrong.

use crate::desk::{Desk, PARTNER, RETURN_URL, field, genuine, settings, text};
use quittance_core::http::Reply;
use quittance_core::money::Currency;
use quittance_core::{Lang, Money};
use quittance_sandbox::{
    Ack, Exchange, Fault, Faults, Kind, OWN_FAULTS_MAX, QueryKind, SandboxSettings, VerifyKind,
};
use std::time::Duration;

fn with(change: impl FnOnce(&mut Faults)) -> Faults {
    let mut faults = Faults::default();
    change(&mut faults);
    faults
}

/// A sandbox where this goes wrong with every order.
fn wrong(change: impl FnOnce(&mut Faults)) -> Desk {
    let mut desk = Desk::new();
    desk.sandbox.set_faults(with(change));
    desk
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn of_kind(desk: &Desk, kind: Kind) -> Vec<Exchange> {
    let mut all = desk.sandbox.exchanges(PARTNER, "A");
    all.retain(|exchange| exchange.kind == kind);
    all
}

/// The bytes of an order without faults are the same as ever: a fault that is off does nothing.
#[test]
fn no_fault_is_the_default() {
    let story = |faults: Faults| {
        let mut desk = Desk::new();
        desk.sandbox.set_faults(faults);
        let back = desk.paid("A");
        let notify = desk.answer(200, "success").request.body;
        (back, notify, desk.query("A"))
    };
    let idle = with(|faults| {
        faults.verify.secs = 9;
        faults.query.secs = 9;
    });
    assert_eq!(story(Faults::default()), story(idle));
    assert!(Faults::default().is_none() && !Faults::lost_notify().is_none());
}

/// An order's own faults stand instead of those of all, may come before the order, and are bounded in number.
#[test]
fn an_orders_own_faults_win() {
    let mut desk = wrong(|faults| faults.notify.lose = true);
    desk.sandbox
        .set_own_faults(PARTNER, "A", Faults::default())
        .unwrap();
    desk.paid("A");
    desk.paid("B");
    let due = desk.due();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].order, "A");
    desk.sandbox.clear_own_faults(PARTNER, "A");
    assert_eq!(desk.sandbox.own_faults(PARTNER, "A"), None);
    for n in 0..OWN_FAULTS_MAX {
        let taken = desk
            .sandbox
            .set_own_faults(PARTNER, &n.to_string(), Faults::query_down());
        assert!(taken.is_ok(), "{n}");
    }
    assert!(
        desk.sandbox
            .set_own_faults(PARTNER, "one more", Faults::default())
            .is_err()
    );
    let again = desk.sandbox.set_own_faults(PARTNER, "0", Faults::default());
    assert!(again.is_ok(), "one that has a place keeps it");
}

/// A delay moves each attempt, not only the first.
#[test]
fn notifies_can_be_late() {
    let mut desk = wrong(|faults| faults.notify.delay_secs = 30);
    desk.paid("A");
    desk.wait(29_999);
    assert!(desk.due().is_empty());
    desk.wait(1);
    assert_eq!(desk.sandbox.next_due(), Some(desk.now));
    desk.answer(500, "");
    assert_eq!(of_kind(&desk, Kind::Notify)[0].faults, [Fault::Delayed(30)]);
    desk.wait(149_999);
    assert!(desk.due().is_empty(), "2 minutes and 30 seconds");
    desk.wait(1);
    assert_eq!(desk.answer(200, "success").attempt, 2);
}

/// Copies carry one id, are settled one by one, and one acknowledgement is enough.
#[test]
fn notifies_can_come_in_copies() {
    let mut desk = wrong(|faults| faults.notify.copies = 3);
    desk.paid("A");
    let copies = desk.due();
    assert_eq!(copies.len(), 3);
    assert!(copies.iter().all(|copy| copy.request == copies[0].request));
    let answer = |desk: &mut Desk, n: usize, word: &str| {
        let reply = Ok(Reply::new(200, word));
        desk.sandbox.settle(desk.now, copies[n].id, reply);
    };
    answer(&mut desk, 1, "fail");
    assert_eq!(desk.trade("A").next_resend, None, "two are on their way");
    answer(&mut desk, 2, "success");
    answer(&mut desk, 0, "fail");
    assert_eq!(desk.sandbox.next_due(), None);
    let told = of_kind(&desk, Kind::Notify);
    let acks: Vec<_> = told.iter().map(|told| told.ack.unwrap()).collect();
    assert_eq!(acks, [Ack::Refused, Ack::Refused, Ack::Acked]);
    assert!(told.iter().all(|told| told.attempt == 1));
    assert_eq!(desk.trade("A").attempts, 1);
}

/// A program that sets no copy at all gets one: a debt is never stuck.
#[test]
fn no_copy_counts_as_one() {
    let mut desk = wrong(|faults| faults.notify.copies = 0);
    desk.paid("A");
    desk.answer(200, "success");
    assert_eq!(desk.sandbox.next_due(), None);
}

/// Where none of the copies is acknowledged, one re-send is due and not three.
#[test]
fn refused_copies_are_one_attempt() {
    let mut desk = wrong(|faults| faults.notify.copies = 2);
    desk.paid("A");
    for copy in desk.due() {
        desk.sandbox
            .settle(desk.now, copy.id, Ok(Reply::new(500, "")));
    }
    desk.wait(120_000);
    let again = desk.due();
    assert_eq!(again.len(), 2);
    assert!(again.iter().all(|copy| copy.attempt == 2));
}

/// Of two notifies that are owed, the one about the refund goes in the payment's turn, and that one in its.
#[test]
fn the_newer_notify_can_go_first() {
    for (reorder, expected) in [
        (false, ["TRADE_SUCCESS", "TRADE_CLOSED"]),
        (true, ["TRADE_CLOSED", "TRADE_SUCCESS"]),
    ] {
        let mut desk = wrong(|faults| {
            faults.notify.delay_secs = 10;
            faults.notify.reorder = reorder;
        });
        desk.paid("A");
        desk.wait(5_000);
        desk.sandbox.refund(desk.now, PARTNER, "A", cny(1)).unwrap();
        desk.wait(5_000);
        let first = desk.answer(200, "success").request.body;
        desk.wait(5_000);
        let second = desk.answer(200, "success").request.body;
        let order = [&first, &second].map(|body| field(body, "trade_status"));
        assert_eq!(order, expected);
        let overtook = of_kind(&desk, Kind::Notify)[0]
            .faults
            .contains(&Fault::Overtook);
        assert_eq!(overtook, reorder);
        assert_eq!(desk.sandbox.next_due(), None);
    }
}

/// A newer one that nobody acknowledges delays the older one, and does not keep it away: they take turns.
#[test]
fn the_older_notify_is_late_and_not_forgotten() {
    let mut desk = wrong(|faults| {
        faults.notify.delay_secs = 10;
        faults.notify.reorder = true;
    });
    desk.paid("A");
    desk.wait(5_000);
    desk.sandbox.refund(desk.now, PARTNER, "A", cny(1)).unwrap();
    let mut told = Vec::new();
    while told.len() < 4 {
        desk.now = desk.sandbox.next_due().unwrap();
        for outgoing in desk.due() {
            told.push(field(&outgoing.request.body, "trade_status"));
            desk.sandbox
                .settle(desk.now, outgoing.id, Ok(Reply::new(500, "")));
        }
    }
    let expected = ["TRADE_CLOSED", "TRADE_SUCCESS"].repeat(2);
    assert_eq!(told, expected);
}

/// The amount of a callback: signed over another, changed after signing, and the signature itself.
#[test]
fn callbacks_can_be_altered() {
    for (amount, tamper, forge, told, right) in [
        (Some(cny(2)), false, false, "0.02", true),
        (None, true, false, "0.02", false),
        (Some(cny(990)), true, false, "9.90", false),
        (None, false, true, "0.01", false),
        (None, false, false, "0.01", true),
    ] {
        let mut desk = wrong(|faults| {
            let (notify, way_back) = (&mut faults.notify, &mut faults.way_back);
            (notify.amount, notify.tamper, notify.forge) = (amount, tamper, forge);
            (way_back.amount, way_back.tamper, way_back.forge) = (amount, tamper, forge);
        });
        let back = desk.paid("A");
        let query = back.strip_prefix(&format!("{RETURN_URL}?")).unwrap();
        let notify = desk.answer(200, "success").request.body;
        for wire in [query.as_bytes(), &notify] {
            assert_eq!(field(wire, "total_fee"), told);
            assert_eq!(genuine(wire), right, "{told} {tamper} {forge}");
            assert_eq!(field(wire, "sign").len(), 32);
        }
        assert_eq!(desk.trade("A").amount, cny(1), "the trade is as it is");
        let marked = amount.is_some() || tamper || forge;
        for kind in [Kind::Notify, Kind::Return] {
            assert_eq!(of_kind(&desk, kind)[0].faults.is_empty(), !marked);
        }
    }
}

/// A lost return: no link, no redirect, one note of it; switched off, the buyer can go back after all.
#[test]
fn returns_can_be_lost() {
    let mut desk = wrong(|faults| faults.way_back.lose = true);
    desk.cashier("A");
    assert_eq!(desk.sandbox.buyer_pays(desk.now, PARTNER, "A"), None);
    let success = desk.trade("A").cashier.replace("/cashier/", "/paid/");
    for _ in 0..2 {
        let html = text(&desk.get(&success, ""));
        assert!(
            !html.contains("refresh") && !html.contains(RETURN_URL),
            "{html}"
        );
    }
    let lost = of_kind(&desk, Kind::Return);
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].ack, Some(Ack::Lost));
    desk.sandbox.set_faults(Faults::default());
    assert!(text(&desk.get(&success, "")).contains("http-equiv=\"refresh\""));
}

/// The return waits for the notify: until it was acknowledged or refused, whichever.
#[test]
fn returns_can_wait_for_the_notify() {
    for word in ["success", "fail"] {
        let mut desk = wrong(|faults| faults.way_back.after_notify = true);
        desk.cashier("A");
        assert_eq!(desk.sandbox.buyer_pays(desk.now, PARTNER, "A"), None);
        let success = desk.trade("A").cashier.replace("/cashier/", "/paid/");
        assert!(!text(&desk.get(&success, "")).contains(RETURN_URL));
        assert!(of_kind(&desk, Kind::Return).is_empty());
        desk.answer(200, word);
        assert!(text(&desk.get(&success, "")).contains(RETURN_URL));
        assert_eq!(of_kind(&desk, Kind::Return)[0].faults, [Fault::Held]);
    }
    let mut desk = wrong(|faults| faults.way_back.after_notify = true);
    desk.checkout("A", &[("notify_url", "")]);
    let back = desk.sandbox.buyer_pays(desk.now, PARTNER, "A");
    assert!(back.is_some(), "what never comes is not waited for");
}

/// The second opinion, in each of its moods.
#[test]
fn verify_can_be_wrong() {
    for (kind, secs, status, word, hold) in [
        (VerifyKind::Ok, 7, 200, "true", 0),
        (VerifyKind::Slow, 7, 200, "true", 7),
        (VerifyKind::False, 7, 200, "false", 0),
        (VerifyKind::Garbage, 0, 200, "<html>", 0),
        (VerifyKind::Down, 0, 500, "", 0),
    ] {
        let mut desk = wrong(|faults| {
            (faults.verify.kind, faults.verify.secs) = (kind, secs);
        });
        desk.paid("A");
        let id = field(&desk.due().remove(0).request.body, "notify_id");
        let query = format!("service=notify_verify&partner={PARTNER}&notify_id={id}");
        let answer = desk.ask("/gateway.do", &query);
        assert_eq!(answer.reply.status, status);
        assert_eq!(answer.hold, Duration::from_secs(hold), "{kind:?}");
        let said = text(&answer.reply);
        assert!(said.starts_with(word) && said.is_empty() == word.is_empty());
        let asked = of_kind(&desk, Kind::NotifyVerify);
        assert_eq!(asked[0].reply, answer.reply.body);
        assert_eq!(asked[0].faults.is_empty(), kind == VerifyKind::Ok);
        if !matches!(kind, VerifyKind::Ok | VerifyKind::Slow) {
            desk.sandbox.set_faults(Faults::default());
            assert_eq!(desk.verify(PARTNER, &id), "true", "no shot was used up");
        }
    }
}

/// Old news: from before the payment, or of so many seconds ago.
#[test]
fn queries_can_tell_old_news() {
    let stale =
        |secs| with(|faults| (faults.query.kind, faults.query.secs) = (QueryKind::Stale, secs));
    let mut desk = Desk::new();
    desk.checkout("A", &[("total_fee", "1.00")]);
    desk.wait(10_000);
    desk.sandbox.buyer_opens(desk.now, PARTNER, "A").unwrap();
    desk.wait(10_000);
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A").unwrap();
    desk.wait(10_000);
    desk.sandbox
        .refund(desk.now, PARTNER, "A", cny(40))
        .unwrap();
    desk.wait(10_000);
    for (secs, expected) in [
        (0, "WAIT_BUYER_PAY"),
        (5, "<to_buyer_fee>0.40<"),
        (10, "<to_buyer_fee>0.40<"),
        (11, "<to_buyer_fee>0.00<"),
        (20, "TRADE_SUCCESS"),
        (21, "WAIT_BUYER_PAY"),
        (30, "WAIT_BUYER_PAY"),
        (31, "TRADE_NOT_EXIST"),
        (2_678_400, "TRADE_NOT_EXIST"),
    ] {
        desk.sandbox.set_faults(stale(secs));
        let said = desk.query("A");
        assert!(said.contains(expected), "{secs}: {said}");
        let asked = of_kind(&desk, Kind::Query).pop().unwrap();
        assert_eq!(asked.faults, [Fault::Stale(secs)]);
    }
    desk.sandbox.set_faults(stale(0));
    desk.checkout("B", &[]);
    desk.sandbox.buyer_opens(desk.now, PARTNER, "B").unwrap();
    assert!(desk.query("B").contains("WAIT_BUYER_PAY"));
}

/// However many refunds came since, before the payment nothing was paid.
#[test]
fn fifty_refunds_later_old_news_is_still_true() {
    let mut desk = Desk::new();
    desk.checkout("A", &[("total_fee", "1.00")]);
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A").unwrap();
    for _ in 0..60 {
        desk.wait(1_000);
        desk.sandbox.refund(desk.now, PARTNER, "A", cny(1)).unwrap();
    }
    desk.sandbox
        .set_faults(with(|faults| faults.query.kind = QueryKind::Stale));
    let said = desk.query("A");
    assert!(said.contains("WAIT_BUYER_PAY") && said.contains("<to_buyer_fee>0.00<"));
    assert!(!said.contains("gmt_payment"), "{said}");
}

/// Another amount in the answer, signed; a page; nothing.
#[test]
fn queries_can_be_altered_garbage_or_down() {
    let mut desk = wrong(|faults| faults.query.amount = Some(cny(2)));
    desk.paid("A");
    assert!(desk.query("A").contains("<total_fee>0.02</total_fee>"));
    let last = of_kind(&desk, Kind::Query).pop().unwrap();
    assert_eq!(last.faults, [Fault::Amount(cny(2))]);
    desk.sandbox
        .set_faults(with(|faults| faults.query.kind = QueryKind::Garbage));
    assert!(desk.query("A").starts_with("<html>"));
    desk.sandbox.set_faults(Faults::query_down());
    assert_eq!(desk.query("A"), "");
    let last = of_kind(&desk, Kind::Query).pop().unwrap();
    assert_eq!((last.status, last.faults), (Some(500), vec![Fault::Down]));
}

/// Money after the closing: the trade is paid, the notify says so, and a query too.
#[test]
fn money_can_come_after_the_closing() {
    let mut desk = Desk::new();
    let late = |desk: &mut Desk| desk.sandbox.buyer_pays_late(desk.now, PARTNER, "A");
    assert_eq!(late(&mut desk).unwrap_err().0, "TRADE_NOT_EXIST");
    desk.cashier("A");
    desk.sandbox.buyer_opens(desk.now, PARTNER, "A").unwrap();
    assert_eq!(late(&mut desk).unwrap_err().0, "TRADE_STATUS_ERROR");
    assert!(
        desk.call("close_trade", &[("out_order_no", "A")])
            .contains("<is_success>T<")
    );
    desk.wait(1_000);
    late(&mut desk).unwrap();
    assert_eq!(desk.trade("A").status, Some("TRADE_SUCCESS"));
    let notify = desk.answer(200, "success").request.body;
    assert_eq!(field(&notify, "trade_status"), "TRADE_SUCCESS");
    assert!(genuine(&notify));
    assert!(desk.query("A").contains("TRADE_SUCCESS"));
    assert_eq!(late(&mut desk).unwrap_err().0, "TRADE_STATUS_ERROR");
    desk.sandbox.refund(desk.now, PARTNER, "A", cny(1)).unwrap();
    assert_eq!(
        late(&mut desk).unwrap_err().0,
        "TRADE_STATUS_ERROR",
        "closed by a refund is not closed unpaid"
    );
}

/// Whatever goes wrong, the queue empties: no attempt is due forever at the same moment.
#[test]
fn all_at_once_still_ends() {
    let mut desk = Desk::with(SandboxSettings {
        speed: u32::MAX,
        ..settings()
    });
    desk.sandbox.set_faults(with(|faults| {
        let notify = &mut faults.notify;
        (notify.lose, notify.reorder, notify.copies) = (true, true, 20);
        (notify.tamper, notify.forge) = (true, true);
    }));
    desk.paid("A");
    desk.sandbox.refund(desk.now, PARTNER, "A", cny(1)).unwrap();
    let mut looks = 0;
    while let Some(next) = desk.sandbox.next_due() {
        assert!(looks < 100, "it never ends");
        looks += 1;
        desk.now = desk.now.max(next);
        assert!(desk.due().is_empty());
    }
    assert_eq!(desk.trade("A").attempts, 16);
}

/// Bodies are kept up to a megabyte an order, the newest always.
#[test]
fn kept_bytes_are_bounded() {
    let mut desk = Desk::new();
    desk.paid("A");
    desk.answer(500, "");
    for _ in 0..40 {
        assert!(desk.sandbox.resend(desk.now, PARTNER, "A"));
        desk.answer(500, &"x".repeat(60_000));
    }
    desk.query("A");
    let kept = desk.sandbox.exchanges(PARTNER, "A");
    let bytes: usize = kept.iter().map(|exchange| exchange.reply.len()).sum();
    assert!((900_000..=1024 * 1024).contains(&bytes), "{bytes}");
    assert_eq!(kept.last().unwrap().kind, Kind::Query);
}

/// The JSON is pinned: absent is the default, unknown is refused, amounts are text.
#[test]
fn faults_are_read_from_json() {
    let pinned = r#"{"notify":{"lose":false,"delay_secs":0,"copies":1,"reorder":false,"amount":null,"tamper":false,"forge":false},"return":{"lose":false,"after_notify":false,"amount":null,"tamper":false,"forge":false},"verify":{"kind":"ok","secs":0},"query":{"kind":"ok","secs":0,"amount":null},"statement":{"kind":"ok"},"checkout":{"lose":false,"then":"waits"},"revoke":{"paid_first":false},"reply":{"kind":"ok","secs":0}}"#;
    assert_eq!(serde_json::to_string(&Faults::default()).unwrap(), pinned);
    let read = |text: &str| serde_json::from_str::<Faults>(text);
    assert_eq!(read("{}").unwrap(), Faults::default());
    let some = read(r#"{"notify":{"amount":"0.02"},"verify":{"kind":"slow","secs":3}}"#).unwrap();
    assert_eq!(some.notify.amount, Some(cny(2)));
    assert_eq!((some.verify.kind, some.verify.secs), (VerifyKind::Slow, 3));
    for bad in [
        "7",
        r#"{"notify":{"looses":true}}"#,
        r#"{"refund":{}}"#,
        r#"{"notify":{"amount":0.02}}"#,
        r#"{"notify":{"amount":"0"}}"#,
        r#"{"notify":{"amount":"0.001"}}"#,
        r#"{"notify":{"amount":"100000000.01"}}"#,
        r#"{"notify":{"copies":-1}}"#,
        r#"{"verify":{"kind":"OK"}}"#,
        r#"{"statement":{"kind":"slow"}}"#,
        r#"{"statement":{"secs":1}}"#,
    ] {
        assert!(read(bad).is_err(), "{bad}");
    }
    for (bad, field) in [
        (r#"{"notify":{"copies":0}}"#, "notify.copies"),
        (r#"{"notify":{"copies":21}}"#, "notify.copies"),
        (r#"{"notify":{"delay_secs":86401}}"#, "notify.delay_secs"),
        (r#"{"verify":{"secs":601}}"#, "verify.secs"),
        (r#"{"query":{"secs":2678401}}"#, "query.secs"),
    ] {
        assert_eq!(read(bad).unwrap().check().unwrap_err().field, field);
    }
}

/// Every remark can be read in both languages.
#[test]
fn remarks_are_said_in_both_languages() {
    let mut desk = wrong(|faults| faults.notify.copies = 2);
    desk.paid("A");
    desk.due();
    let fault = of_kind(&desk, Kind::Notify)[0].faults[0];
    assert_eq!(fault.say(Lang::En), "sent 2 times at once");
    assert_eq!(fault.say(Lang::Zh), "同时发出 2 份");
}

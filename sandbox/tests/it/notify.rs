//! Delivery of notifies: when, how often, until which answer.

use crate::desk::{Desk, NOTIFY_URL, PARTNER, field, genuine, settings, text};
use quittance_core::http::{Method, Reply};
use quittance_sandbox::{Ack, Faults, GAPS_SECS, Kind};

/// Seed 003 (2) and (6): at once, by POST, signed.
#[test]
fn a_payment_is_told_at_once() {
    let mut desk = Desk::new();
    desk.cashier("A");
    desk.sandbox.buyer_opens(desk.now, PARTNER, "A").unwrap();
    assert!(
        desk.due().is_empty(),
        "seed 003 (4): waiting for the buyer is told to nobody"
    );
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A").unwrap();
    assert_eq!(desk.sandbox.next_due(), Some(desk.now));
    let outgoing = desk.due().remove(0);
    assert_eq!((outgoing.order.as_str(), outgoing.attempt), ("A", 1));
    assert_eq!(
        (outgoing.request.method, outgoing.request.url.as_str()),
        (Method::Post, NOTIFY_URL)
    );
    assert!(genuine(&outgoing.request.body));
    assert_eq!(
        field(&outgoing.request.body, "trade_status"),
        "TRADE_SUCCESS"
    );
    assert!(desk.due().is_empty(), "in flight until it is settled");
    assert_eq!(
        desk.sandbox.exchanges(PARTNER, "A").last().unwrap().ack,
        Some(Ack::Pending)
    );
    desk.sandbox
        .settle(desk.now, outgoing.id, Ok(Reply::new(200, "success")));
    desk.sandbox
        .settle(desk.now, outgoing.id, Ok(Reply::new(500, "")));
    desk.sandbox.settle(desk.now, 999, Err("nobody".into()));
    assert_eq!(desk.trade("A").next_resend, None);
    desk.wait(100 * 3_600_000);
    assert!(desk.due().is_empty());
}

/// Seed 003 (7): 2m, 10m, 10m, 1h, 2h, 6h, 15h after the attempt before; eight in all, the last after 24 h 22 min.
#[test]
fn an_unanswered_notify_comes_eight_times() {
    let mut desk = Desk::new();
    desk.paid("A");
    let start = desk.now;
    let mut ids = vec![field(&desk.answer(200, "fail").request.body, "notify_id")];
    for (attempt, secs) in (2..).zip(GAPS_SECS) {
        desk.wait(secs * 1_000 - 1);
        assert!(desk.due().is_empty(), "{attempt}");
        desk.wait(1);
        assert_eq!(desk.sandbox.next_due(), Some(desk.now));
        let outgoing = desk.answer(500, "");
        assert_eq!(outgoing.attempt, attempt);
        ids.push(field(&outgoing.request.body, "notify_id"));
    }
    assert_eq!(
        desk.now.duration_since(start).as_secs(),
        24 * 3_600 + 22 * 60
    );
    assert_eq!(desk.trade("A").attempts, 8);
    assert_eq!(desk.sandbox.next_due(), None);
    ids.dedup();
    assert_eq!(ids.len(), 1, "one change, one id");
}

/// A slow answer makes the next attempt due at once, never twice at a time.
#[test]
fn a_gap_counts_from_the_attempt_and_not_from_its_answer() {
    let mut desk = Desk::new();
    desk.paid("A");
    let first = desk.due().remove(0);
    desk.wait(10_000);
    desk.sandbox
        .settle(desk.now, first.id, Err("time-out".into()));
    assert_eq!(
        desk.trade("A")
            .next_resend
            .unwrap()
            .duration_since(desk.now)
            .as_secs(),
        110
    );
    // A second word about the same attempt comes too late.
    desk.sandbox
        .settle(desk.now, first.id, Ok(Reply::new(200, "success")));
    assert!(desk.trade("A").next_resend.is_some());
    desk.wait(110_000);
    let second = desk.due().remove(0);
    desk.wait(3_600_000);
    assert!(desk.due().is_empty());
    desk.sandbox
        .settle(desk.now, second.id, Err("time-out".into()));
    assert_eq!(desk.sandbox.next_due(), Some(desk.now));
}

/// The speed divides the gaps.
#[test]
fn speed_divides_the_gaps() {
    let mut fast = settings();
    fast.speed = 600;
    let mut desk = Desk::with(fast);
    desk.paid("A");
    desk.answer(500, "");
    assert_eq!(
        desk.sandbox
            .next_due()
            .unwrap()
            .duration_since(desk.now)
            .as_millis(),
        200
    );
}

/// Seed 001 5.2 F and G, seed 003 (7) and (8): only `success` alone ends the deliveries; a redirect does not.
#[test]
fn only_the_exact_word_acknowledges() {
    for (status, body, strict, acked, warned) in [
        (200, "success", false, true, false),
        (200, "success\r\n", false, true, true),
        (200, "success\n", true, false, true),
        (200, "<html>success</html>", false, false, true),
        (200, "success ", false, false, true),
        (200, "SUCCESS", false, false, true),
        (200, "", false, false, true),
        (302, "success", false, false, true),
        (404, "success", false, false, true),
    ] {
        let mut desk = Desk::with(quittance_sandbox::SandboxSettings {
            strict_ack: strict,
            ..settings()
        });
        desk.paid("A");
        desk.answer(status, body);
        let last = desk.sandbox.exchanges(PARTNER, "A").pop().unwrap();
        let expected = if acked { Ack::Acked } else { Ack::Refused };
        assert_eq!(last.ack, Some(expected), "{status} {body:?}");
        assert_eq!(last.warning.is_some(), warned, "{status} {body:?}");
        assert_eq!(last.next.is_none(), acked, "{status} {body:?}");
        assert_eq!(
            (last.status, last.reply.as_slice()),
            (Some(status), body.as_bytes())
        );
        assert_eq!(desk.trade("A").next_resend.is_none(), acked);
        assert_eq!(desk.trade("A").warnings.len(), usize::from(warned));
    }
}

/// Seed 003 (12) with protocol note 3.1: each attempt opens the minute of its id again, for one shot.
#[test]
fn each_attempt_opens_the_minute_again() {
    let mut desk = Desk::new();
    desk.paid("A");
    let id = field(&desk.answer(500, "").request.body, "notify_id");
    assert_eq!(desk.verify(PARTNER, &id), "true");
    assert_eq!(desk.verify(PARTNER, &id), "false");
    desk.wait(120_000);
    assert_eq!(desk.verify(PARTNER, &id), "false", "due but not sent");
    desk.answer(500, "");
    desk.wait(60_000);
    assert_eq!(desk.verify(PARTNER, &id), "true");
    desk.wait(540_000);
    desk.answer(500, "");
    desk.wait(60_001);
    assert_eq!(desk.verify(PARTNER, &id), "false", "expired");
}

/// A late attempt tells the change that it was made for.
#[test]
fn a_late_attempt_tells_old_news() {
    let mut desk = Desk::new();
    desk.paid("A");
    desk.answer(500, "");
    let amount = desk.trade("A").amount;
    desk.sandbox.refund(desk.now, PARTNER, "A", amount).unwrap();
    assert_eq!(
        field(&desk.answer(200, "success").request.body, "trade_status"),
        "TRADE_CLOSED"
    );
    desk.wait(120_000);
    assert_eq!(
        field(&desk.answer(200, "success").request.body, "trade_status"),
        "TRADE_SUCCESS"
    );
}

/// A lost notify counts as an attempt, and the schedule goes on.
#[test]
fn notifies_can_be_lost() {
    let mut desk = Desk::new();
    desk.sandbox
        .set_own_faults(PARTNER, "A", Faults::lost_notify())
        .unwrap();
    desk.paid("A");
    assert!(desk.due().is_empty());
    assert_eq!(
        desk.sandbox.exchanges(PARTNER, "A").pop().unwrap().ack,
        Some(Ack::Lost)
    );
    desk.sandbox.clear_own_faults(PARTNER, "A");
    desk.wait(120_000);
    assert_eq!(desk.answer(200, "success").attempt, 2);
}

/// Somebody does not want to wait for the schedule, or wants to see what a shop does with a notify that it knows.
#[test]
fn a_notify_can_be_sent_again_at_once() {
    let mut desk = Desk::new();
    let again = |desk: &mut Desk| desk.sandbox.resend(desk.now, PARTNER, "A");
    assert!(!again(&mut desk), "no such order");
    desk.paid("A");
    let first = desk.due().remove(0);
    assert!(!again(&mut desk), "it is on its way");
    desk.sandbox
        .settle(desk.now, first.id, Ok(Reply::new(500, "")));
    assert!(again(&mut desk));
    let second = desk.answer(200, "success");
    assert_eq!(second.attempt, 2);
    assert_eq!(desk.sandbox.next_due(), None);
    assert!(again(&mut desk), "acknowledged or not");
    let third = desk.answer(500, "");
    assert_eq!(
        field(&third.request.body, "notify_id"),
        field(&first.request.body, "notify_id")
    );
    assert_eq!(
        desk.trade("A")
            .next_resend
            .unwrap()
            .duration_since(desk.now)
            .as_secs(),
        600,
        "the schedule goes on after the third attempt"
    );
}

/// A genuine notify for tests: signed, confirmable, no attempt.
#[test]
fn a_genuine_notify_can_be_had_at_any_time() {
    let mut desk = Desk::new();
    desk.cashier("A");
    assert_eq!(desk.sandbox.genuine_notify(desk.now, PARTNER, "A"), None);
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A").unwrap();
    let body = desk.sandbox.genuine_notify(desk.now, PARTNER, "A").unwrap();
    assert!(genuine(&body));
    assert_eq!(desk.verify(PARTNER, &field(&body, "notify_id")), "true");
    assert_eq!(desk.trade("A").attempts, 0);
}

/// Every exchange is kept, in order, with its bytes; the list shows what a developer needs.
#[test]
fn exchanges_and_the_list_tell_the_story() {
    let mut desk = Desk::new();
    desk.paid("A");
    let id = field(&desk.answer(200, "success\n").request.body, "notify_id");
    desk.verify(PARTNER, &id);
    desk.query("A");
    desk.paid("B");
    desk.answer(500, "");
    let kinds: Vec<Kind> = desk
        .sandbox
        .exchanges(PARTNER, "A")
        .iter()
        .map(|exchange| exchange.kind)
        .collect();
    assert_eq!(
        kinds,
        [
            Kind::Checkout,
            Kind::Return,
            Kind::Notify,
            Kind::NotifyVerify,
            Kind::Query
        ]
    );
    assert_eq!(desk.sandbox.exchanges(PARTNER, "A")[3].reply, b"true");
    assert!(desk.sandbox.exchanges(PARTNER, "nowhere").is_empty());
    let html = text(&desk.get("/", ""));
    for part in [
        "TRADE_SUCCESS",
        "a line end stands behind success",
        "status 500",
        "in 2 min",
        "¥0.01 CNY",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
}

/// The same seed and the same calls give the same bytes.
#[test]
fn the_same_seed_gives_the_same_bytes() {
    let story = |seed| {
        let mut desk = Desk::with(quittance_sandbox::SandboxSettings { seed, ..settings() });
        let back = desk.paid("A");
        (back, desk.due().remove(0).request.body)
    };
    assert_eq!(story(1), story(1));
    assert_ne!(story(1), story(2));
}

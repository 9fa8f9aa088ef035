//! What goes wrong on purpose with Dinpay's orders.

use super::till::{MERCHANT, Till, money};
use crate::desk::{field, text};
use quittance_core::gateway::Answer;
use quittance_core::{Currency, Money};
use quittance_sandbox::{Ack, Fault, Faults, Kind, QueryKind, VerifyKind};

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

/// A till with these faults, and the order A paid.
fn paid(change: impl FnOnce(&mut Faults)) -> Till {
    let mut till = Till::new();
    let mut faults = Faults::default();
    change(&mut faults);
    till.desk.sandbox.set_faults(faults);
    till.paid("A");
    till
}

/// Lost, late, twice: as with Alipay, on Dinpay's schedule.
#[test]
fn a_notify_is_lost_late_or_doubled() {
    let mut till = paid(|faults| faults.notify.lose = true);
    assert!(till.desk.due().is_empty());
    let lost = till.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
    assert_eq!(
        (lost.ack, lost.faults.as_slice()),
        (Some(Ack::Lost), &[Fault::Lost][..])
    );
    let next = till.desk.trade("A").next_resend.unwrap();
    assert_eq!(next.duration_since(till.desk.now).as_secs(), 300);

    let mut till = paid(|faults| faults.notify.delay_secs = 7);
    assert!(till.desk.due().is_empty());
    till.desk.wait(7_000);
    assert_eq!(till.desk.due().len(), 1);

    let mut till = paid(|faults| faults.notify.copies = 2);
    let copies = till.desk.due();
    assert_eq!(copies.len(), 2);
    assert_eq!(copies[0].request.body, copies[1].request.body);
}

/// Another amount that is signed is believed to be what the gateway says; one that is changed after signing and a forged
/// signature are evidence of nothing.
#[test]
fn a_notify_lies_or_is_corrupted() {
    let mut till = paid(|faults| faults.notify.amount = Some(yuan(2)));
    let notify = till.answer(200, "SUCCESS").request;
    assert_eq!(money(&till.read_notify(&notify)), [yuan(2)]);

    let mut till = paid(|faults| faults.notify.tamper = true);
    let notify = till.answer(200, "SUCCESS").request;
    assert_eq!(field(&notify.body, "order_amount"), "0.02");
    assert!(till.read_notify(&notify).evidence.is_empty());

    let mut till = paid(|faults| faults.notify.forge = true);
    let notify = till.answer(200, "SUCCESS").request;
    assert_eq!(field(&notify.body, "order_amount"), "0.01");
    assert!(till.read_notify(&notify).evidence.is_empty());
}

/// The return: lost, after the notify only, with another amount, corrupted.
#[test]
fn a_return_is_lost_held_or_corrupted() {
    let mut till = paid(|faults| faults.way_back.lose = true);
    let success = till.desk.trade("A").cashier.replace("/cashier/", "/paid/");
    let html = text(&till.desk.get(&success, ""));
    assert!(!html.contains("/back/"), "{html}");
    let lost = till.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
    assert_eq!((lost.kind, lost.ack), (Kind::Return, Some(Ack::Lost)));
    assert_eq!(
        till.desk
            .get(&success.replace("/paid/", "/back/"), "")
            .status,
        303
    );

    let mut till = paid(|faults| faults.way_back.after_notify = true);
    let now = till.desk.now;
    let success = till.desk.trade("A").cashier.replace("/cashier/", "/paid/");
    assert!(text(&till.desk.get(&success, "")).contains("content=\"2\""));
    assert_eq!(till.desk.sandbox.buyer_returns(now, MERCHANT, "A"), None);
    till.answer(200, "SUCCESS");
    assert!(text(&till.desk.get(&success, "")).contains("content=\"3;url=/back/"));
    assert!(
        till.desk
            .sandbox
            .buyer_returns(now, MERCHANT, "A")
            .is_some()
    );

    for (tamper, forge, amount, expected) in [
        (false, false, Some(yuan(3)), vec![yuan(3)]),
        (true, false, Some(yuan(3)), vec![]),
        (false, true, None, vec![]),
    ] {
        let mut till = paid(|faults| {
            faults.way_back.tamper = tamper;
            faults.way_back.forge = forge;
            faults.way_back.amount = amount;
        });
        let back = till
            .desk
            .sandbox
            .buyer_returns(till.desk.now, MERCHANT, "A")
            .unwrap();
        assert_eq!(
            money(&till.read_return(&back)),
            expected,
            "{tamper} {forge}"
        );
    }
}

/// The query: down, garbage, stale, another amount.
#[test]
fn a_query_fails_lies_or_is_old() {
    for (kind, answer) in [
        (QueryKind::Ok, Answer::Paid),
        (QueryKind::Down, Answer::Unknown),
        (QueryKind::Garbage, Answer::Unknown),
        (QueryKind::Stale, Answer::Unpaid),
    ] {
        let mut till = paid(|faults| faults.query.kind = kind);
        assert_eq!(till.asked("A").answer, answer, "{kind:?}");
    }
    let mut till = paid(|faults| {
        faults.query.kind = QueryKind::Stale;
        faults.query.secs = 60;
    });
    assert_eq!(till.asked("A").answer, Answer::NotFound);
    till.desk.wait(61_000);
    assert_eq!(till.asked("A").answer, Answer::Paid);
    let mut till = paid(|faults| faults.query.amount = Some(yuan(9)));
    assert!(text(&till.ask("A")).contains("<order_amount>0.09</order_amount>"));
    assert_eq!(
        till.asked("A").answer,
        Answer::Paid,
        "signed: the gateway says so"
    );
}

/// A fault of one order's own that Dinpay has not is left out, and the form does not offer it.
#[test]
fn what_dinpay_has_not_cannot_go_wrong() {
    let mut till = Till::new();
    let cashier = till.cashier("A");
    let mut faults = Faults::default();
    faults.verify.kind = VerifyKind::Down;
    faults.notify.reorder = true;
    faults.notify.lose = true;
    till.desk
        .sandbox
        .set_own_faults(MERCHANT, "A", faults)
        .unwrap();
    let own = till.desk.sandbox.own_faults(MERCHANT, "A").unwrap();
    assert_eq!(*own, Faults::lost_notify());
    let page = cashier.replace("/cashier/", "/trades/");
    let html = text(&till.desk.get(&page, ""));
    assert!(html.contains("name=\"notify_lose\"") && html.contains("name=\"query_kind\""));
    for name in [
        "verify_kind",
        "verify_secs",
        "notify_reorder",
        "statement_kind",
    ] {
        assert!(!html.contains(&format!("name=\"{name}\"")), "{name}");
    }
    let set = till.desk.post(
        &format!("{page}/faults"),
        "",
        "do=set&query_kind=down&notify_copies=2",
    );
    assert_eq!(set.status, 303, "{}", text(&set));
    let own = till.desk.sandbox.own_faults(MERCHANT, "A").unwrap();
    assert_eq!((own.notify.copies, own.query.kind), (2, QueryKind::Down));
}

//! Any bookings, and any bytes: both sides understand each other, and nothing else is believed.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9,\"'\r\n\t;&<>测试()\\]\\[€é😀-]{0,20}",
        "\\PC{0,20}",
        "(<!\\[CDATA\\[|\\]\\]>|</account_log_list>|&amp;|\"\"|,,|,\n){0,4}",
    ]
}

fn any_booking() -> impl Strategy<Value = Booking> {
    let number = || prop_oneof![3 => "[A-Za-z0-9_-]{1,64}", 1 => any_text()];
    let texts = (number(), number(), any_text(), any_text(), any_text());
    let sums = (1..10_000_000_000_i64, 0..i64::MAX);
    (texts, sums, 0..86_400_i64, any::<bool>()).prop_map(|(texts, (minor, balance), secs, came)| {
        let (out_trade_no, trade_no, goods, remark, buyer_email) = texts;
        let row = match came {
            true => paid(1, minor, secs),
            false => refunded(1, minor, secs),
        };
        Booking {
            out_trade_no,
            trade_no,
            goods,
            remark,
            buyer_email,
            balance: cny(balance),
            ..row
        }
    })
}

/// What these bookings tell together, each telling once.
fn expected(bookings: &[Booking], meant: impl Fn(&Booking) -> Option<Evidence>) -> Vec<Evidence> {
    let mut seen = BTreeSet::new();
    let told = bookings.iter().filter_map(meant);
    told.filter(|told| seen.insert(format!("{told:?}")))
        .collect()
}

fn payment_in(booking: &Booking) -> Option<Evidence> {
    let plain = |text: &str, also: &str| {
        let good = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
        (1..=64).contains(&text.len()) && text.chars().all(good)
    };
    let numbers = plain(&booking.out_trade_no, "_-") && plain(&booking.trade_no, "");
    (numbers && booking.income.minor > 0).then(|| payment_of(booking, Proof::Queried))
}

fn refund_in(booking: &Booking) -> Option<Evidence> {
    let good = |c: char| c.is_ascii_alphanumeric();
    let number = &booking.trade_no;
    let plain = (1..=64).contains(&number.len()) && number.chars().all(good);
    (plain && booking.outgoing.minor > 0).then(|| refund_of(booking, Proof::Queried))
}

proptest! {
    /// Whatever stands in a booking, it is read back as exactly the payment or the refund that it is.
    #[test]
    fn what_was_booked_is_read(
        bookings in prop::collection::vec(any_booking(), 0..6),
        charset in prop::sample::select(vec![Charset::Utf8, Charset::Gbk, Charset::Gb2312]),
    ) {
        let count = |came: bool| bookings.iter().filter(|row| (row.income.minor > 0) == came).count() as u32;
        let report = reading(account(charset), StatementService::Report);
        let payments = meet(&report, 1, &bookings, &merchant());
        prop_assert_eq!(payments, stated(count(true), true, expected(&bookings, payment_in)));
        let refunds = meet(&report, 2, &bookings, &merchant());
        prop_assert_eq!(refunds, stated(count(false), false, expected(&bookings, refund_in)));
        let pages = reading(account(charset), StatementService::Pages);
        let either = |row: &Booking| payment_in(row).or_else(|| refund_in(row));
        let page = meet(&pages, 1, &bookings, &merchant());
        prop_assert_eq!(page, stated(bookings.len() as u32, false, expected(&bookings, either)));
    }

    /// No bytes make the readers panic, and none that nobody signed are proof.
    #[test]
    fn random_answers_prove_nothing(body in prop::collection::vec(any::<u8>(), 0..300), part in 0..4_u32) {
        for service in SERVICES {
            let account = reading(account(Charset::Gbk), service);
            let stated = account.read_statement(&call(part), &Reply::new(200, body.clone()));
            prop_assert_eq!((stated.rows, stated.evidence), (None, Vec::new()));
        }
    }
}

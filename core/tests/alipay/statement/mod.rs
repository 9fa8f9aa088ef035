//! Statements (note 5.4, 5.5): what is asked, what is believed of the answer, and that both sides meet.

mod any;
mod asked;
mod pages;
mod report;

use crate::pairs::{rsa_account, rsa_merchant};
use crate::{PARTNER, account, cny, key, merchant, time};
use quittance_core::Claim;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    Booking, BookingKind, Call, Code, Merchant, StatementAsked, error_reply, read_call,
    statement_reply,
};
use quittance_core::gateway::alipay::{Account, Extras, StatementService};
use quittance_core::gateway::{Address, Evidence, Gateway, Stated, StatementCall};
use quittance_core::http::{Reply, Request};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_core::{Proof, Timestamp, Witness};

/// The first day of 2024 in Beijing.
const DAY: [&str; 2] = ["2023-12-31T16:00:00Z", "2024-01-01T16:00:00Z"];
const SERVICES: [StatementService; 2] = [StatementService::Report, StatementService::Pages];

fn reading(account: Account, service: StatementService) -> Account {
    let extras = Extras {
        statement: Some(service),
        ..Extras::default()
    };
    account.with_extras(extras).unwrap()
}

fn call(part: u32) -> StatementCall {
    let [from, to] = DAY.map(time);
    StatementCall { from, to, part }
}

/// So many seconds into the day.
fn at(secs: i64) -> Timestamp {
    time(DAY[0]) + jiff::SignedDuration::from_secs(secs)
}

fn booking(kind: BookingKind, number: u32, minor: i64, secs: i64) -> Booking {
    let (income, outgoing) = match kind {
        BookingKind::OnlinePayment => (cny(minor), cny(0)),
        BookingKind::Transfer => (cny(0), cny(minor)),
    };
    Booking {
        flow_no: format!("9679888965{number:04}"),
        at: at(secs),
        kind,
        out_trade_no: format!("20240101-{number:04}"),
        trade_no: format!("202401010000100001{number:010}"),
        buyer_id: "2088000000000101".into(),
        buyer_email: "buyer@example.com".into(),
        income,
        outgoing,
        balance: cny(4_888_577),
        goods: "测试商品".into(),
        remark: String::new(),
    }
}

fn paid(number: u32, minor: i64, secs: i64) -> Booking {
    booking(BookingKind::OnlinePayment, number, minor, secs)
}

fn refunded(number: u32, minor: i64, secs: i64) -> Booking {
    booking(BookingKind::Transfer, number, minor, secs)
}

fn told(about: Address, claim: Claim, proof: Proof, paid_at: Timestamp) -> Evidence {
    Evidence {
        about,
        witness: Witness::Statement,
        proof,
        claim,
        detail: quittance_core::facts::Detail {
            paid_at: Some(paid_at),
            ..Default::default()
        },
    }
}

/// What a booking of a payment tells.
fn payment_of(booking: &Booking, proof: Proof) -> Evidence {
    let claim = Claim::Payment {
        trade_no: booking.trade_no.clone(),
        amount: booking.income,
        payee: PARTNER.into(),
    };
    let about = Address::OrderNo(booking.out_trade_no.clone());
    told(about, claim, proof, booking.at)
}

/// What a booking of a refund tells.
fn refund_of(booking: &Booking, proof: Proof) -> Evidence {
    let trade_no = booking.trade_no.clone();
    let claim = Claim::RefundMarked {
        trade_no: trade_no.clone(),
    };
    told(Address::TradeNo(trade_no), claim, proof, booking.at)
}

/// What the gateway's side reads of our question.
fn asked(request: &Request, merchant: &Merchant) -> Result<StatementAsked, Code> {
    let query = request.url.split_once('?').unwrap().1;
    match read_call(query.as_bytes(), &[], &|_| Some(merchant.clone()))? {
        Call::Statement(asked) => Ok(*asked),
        other => panic!("{other:?}"),
    }
}

/// A part, from the question to what is read of the answer.
fn meet(account: &Account, part: u32, bookings: &[Booking], merchant: &Merchant) -> Stated {
    let request = account.statement(&call(part)).unwrap();
    let asked = asked(&request, merchant).unwrap();
    let reply = statement_reply(&asked, bookings, merchant);
    account.read_statement(&call(part), &reply)
}

fn stated(rows: u32, more: bool, evidence: Vec<Evidence>) -> Stated {
    Stated {
        rows: Some(rows),
        reason: None,
        more,
        evidence,
    }
}

/// An answer that says nothing, with this in its reason.
fn assert_refused(stated: &Stated, says: &str) {
    let reason = stated.reason.as_deref().unwrap_or_default();
    assert!(reason.contains(says), "{reason:?} does not say {says:?}");
    assert_eq!(stated, &Stated::unknown(reason));
}

/// An envelope of a result with a signature over these parameters, made by hand.
fn envelope(result: &str, signed: &[(&str, &str)]) -> String {
    let mut params = Params::holding(usize::MAX);
    for (name, value) in signed {
        params.push(name, value.as_bytes()).unwrap();
    }
    let sign = md5_sign(&presign(&params), &key());
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<alipay><is_success>T</is_success><request>\
         <param name=\"partner\">{PARTNER}</param></request><response>{result}</response>\
         <sign>{sign}</sign><sign_type>MD5</sign_type></alipay>"
    )
}

/// The answer without its signature.
fn unsigned(text: &str) -> String {
    let (head, tail) = text.split_once("<sign>").unwrap();
    format!("{head}{}", tail.split_once("</sign_type>").unwrap().1)
}

/// Both sides meet in every charset and with both kinds of signature: payments in full, refunds by their trade and
/// time, nothing of rows without numbers.
#[test]
fn both_sides_meet() {
    let bookings = [
        paid(1, 1, 0),
        refunded(1, 1, 60),
        refunded(1, 1, 61),
        paid(2, 500, 86_399),
        Booking {
            out_trade_no: String::new(),
            ..paid(3, 2, 5)
        },
        Booking {
            trade_no: String::new(),
            ..refunded(4, 2, 5)
        },
        paid(5, 3, -1),
    ];
    let payments = [&bookings[0], &bookings[3]].map(|row| payment_of(row, Proof::Queried));
    let refunds = [&bookings[1], &bookings[2]].map(|row| refund_of(row, Proof::Queried));
    for charset in [Charset::Utf8, Charset::Gbk, Charset::Gb2312] {
        for (account, merchant) in [
            (account(charset), merchant()),
            (rsa_account(charset), rsa_merchant(1024)),
        ] {
            let report = reading(account.clone(), StatementService::Report);
            let first = meet(&report, 1, &bookings, &merchant);
            assert_eq!(first, stated(3, true, payments.to_vec()));
            let second = meet(&report, 2, &bookings, &merchant);
            assert_eq!(second, stated(3, false, refunds.to_vec()));
            let pages = reading(account, StatementService::Pages);
            let [one, two] = payments.clone();
            let [three, four] = refunds.clone();
            let page = meet(&pages, 1, &bookings, &merchant);
            assert_eq!(page, stated(6, false, vec![one, three, four, two]));
        }
    }
}

/// A day begins with its first second and ends before the next one's. Whether the report has that second too is not
/// documented: a row that comes in both days is the same telling.
#[test]
fn no_second_is_left_out() {
    let [first, last, next] = [0, 86_399, 86_400].map(|secs| paid(1, 1, secs));
    let rows = |service, booking: &Booking| {
        let account = reading(account(Charset::Utf8), service);
        meet(&account, 1, std::slice::from_ref(booking), &merchant()).rows
    };
    for service in SERVICES {
        assert_eq!(rows(service, &first), Some(1));
        assert_eq!(rows(service, &last), Some(1));
    }
    assert_eq!(rows(StatementService::Report, &next), Some(1));
    assert_eq!(rows(StatementService::Pages, &next), Some(0));
}

/// Days are Beijing's; an account that reads no statements has no clock, asks nothing and reads nothing.
#[test]
fn an_account_reads_statements_or_not() {
    let without = account(Charset::Utf8);
    let flow = |refused: quittance_core::gateway::NotSupported| refused.flow;
    assert_eq!(without.statement_clock().map_err(flow), Err("statement"));
    let refused = without.statement(&call(1)).map_err(flow);
    assert_eq!(refused.err(), Some("statement"));
    for service in SERVICES {
        let account = reading(account(Charset::Utf8), service);
        assert_eq!(account.statement_clock(), Ok(8 * 3_600));
        let asked = asked(&account.statement(&call(1)).unwrap(), &merchant()).unwrap();
        let reply = statement_reply(&asked, &[paid(1, 1, 0)], &merchant());
        assert_refused(&without.read_statement(&call(1), &reply), "no statements");
    }
}

/// Note 5.5: a refusal comes through by its code, whichever service was asked.
#[test]
fn a_refusal_comes_through_by_its_code() {
    for service in SERVICES {
        let account = reading(account(Charset::Utf8), service);
        for code in [
            "ILLEGAL_SIGN",
            "ILLEGAL_PARTNER_EXTERFACE",
            "START_DATE_AFTER_NOW",
            "TOO_MANY_QUERY",
            "SYSTEM_BUSY",
            "SOMETHING_NEW",
        ] {
            let stated = account.read_statement(&call(1), &error_reply(Code(code)));
            assert_eq!(stated, Stated::unknown(code));
        }
    }
}

/// What is not as the gateway sends it is refused whole: other envelopes, other charsets, document types, too much.
#[test]
fn garbage_says_nothing() {
    let bookings = [paid(1, 1, 0), refunded(2, 1, 0)];
    for service in SERVICES {
        let account = reading(account(Charset::Utf8), service);
        let request = account.statement(&call(1)).unwrap();
        let asked = asked(&request, &merchant()).unwrap();
        let reply = statement_reply(&asked, &bookings, &merchant());
        let good = String::from_utf8(reply.body).unwrap();
        let read = |text: &str| account.read_statement(&call(1), &Reply::new(200, text));
        assert!(!read(&good).evidence.is_empty());
        let swap = |from: &str, to: &str| {
            let changed = good.replacen(from, to, 1);
            assert_ne!(changed, good, "{from} is not there");
            changed
        };
        let long = " ".repeat(request.reply_bytes_max + 1 - good.len());
        for (text, says) in [
            (String::new(), "too early"),
            ("<html>".into(), "no envelope"),
            (good[..good.len() - 9].into(), "the answer"),
            (swap("<sign>", "<sign>0"), "signature is wrong"),
            (
                unsigned(&good).replace("</alipay>", "<sign/><sign_type>MD5</sign_type></alipay>"),
                "signature is wrong",
            ),
            (swap("<sign_type>MD5", "<sign_type>RSA"), "sign_type"),
            (swap("<sign_type>MD5</sign_type>", ""), "sign_type"),
            (swap("测试商品", "别的商品"), "signature is wrong"),
            (swap("20240101-0001", "20240101-0002"), "signature is wrong"),
            (
                swap("encoding=\"utf-8\"", "encoding=\"GBK\""),
                "another charset",
            ),
            (
                swap(
                    "?>\n",
                    "?>\n<!DOCTYPE alipay [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n",
                ),
                "document type",
            ),
            (swap("测试商品", "&x;"), "entity"),
            (swap("测试商品", "<!-- -->"), "not as the gateway sends it"),
            (
                swap("<response>", "<response><x></x>"),
                "more than one result",
            ),
            (
                swap("<alipay>", "<alipay><is_success>T</is_success>"),
                "twice",
            ),
            (swap("<is_success>T", "<is_success>F"), "neither"),
            (format!("{good}{long}"), "too long"),
            (
                "<alipay><is_success>T</is_success></alipay>".into(),
                "no statement",
            ),
        ] {
            assert_refused(&read(&text), says);
        }
        assert_eq!(read(&format!("{good}{}", &long[1..])), read(&good));
        let elsewhere = account.read_statement(&call(1), &Reply::new(502, good.as_str()));
        assert_refused(&elsewhere, "not 200");
        let gbk = StatementAsked {
            charset: Charset::Gbk,
            ..asked
        };
        let reply = statement_reply(&gbk, &bookings, &merchant());
        assert_refused(&account.read_statement(&call(1), &reply), "charset");
    }
}

/// The answer of one service says nothing to an account that asks the other.
#[test]
fn a_service_reads_its_own_answers() {
    for (mine, other) in [(0, 1), (1, 0)] {
        let theirs = reading(account(Charset::Utf8), SERVICES[other]);
        let asked = asked(&theirs.statement(&call(1)).unwrap(), &merchant()).unwrap();
        let reply = statement_reply(&asked, &[paid(1, 1, 0)], &merchant());
        let account = reading(account(Charset::Utf8), SERVICES[mine]);
        let stated = account.read_statement(&call(1), &reply);
        assert_eq!((stated.rows, stated.evidence), (None, Vec::new()));
    }
}

/// A row without any signature is a hint: it makes us ask and proves nothing.
#[test]
fn unsigned_rows_are_hints() {
    let bookings = [paid(1, 1, 0), refunded(2, 1, 0)];
    let [payment, refund] = [
        payment_of(&bookings[0], Proof::Hint),
        refund_of(&bookings[1], Proof::Hint),
    ];
    for (service, part, rows, more, expected) in [
        (StatementService::Report, 1, 1, true, vec![payment.clone()]),
        (StatementService::Report, 2, 1, false, vec![refund.clone()]),
        (StatementService::Pages, 1, 2, false, vec![payment, refund]),
    ] {
        let account = reading(account(Charset::Utf8), service);
        let asked = asked(&account.statement(&call(part)).unwrap(), &merchant()).unwrap();
        let reply = statement_reply(&asked, &bookings, &merchant());
        let text = unsigned(&String::from_utf8(reply.body).unwrap());
        let read = account.read_statement(&call(part), &Reply::new(200, text));
        assert_eq!(read, stated(rows, more, expected));
    }
}

//! The gateway's side of the questions: what it reads, and the codes that it refuses with (note 5.4, 5.5).

use super::*;
use crate::{fields, sealed, with, without};
use quittance_core::gateway::alipay::gateway_side::{Contract, read_call_under};
use std::collections::BTreeSet;

fn question(service: StatementService) -> Vec<(String, String)> {
    let account = reading(account(Charset::Utf8), service);
    let request = account.statement(&call(1)).unwrap();
    fields(request.url.split_once('?').unwrap().1.as_bytes())
}

fn read(fields: &[(String, String)]) -> Result<StatementAsked, Code> {
    let known = |partner: &str| (partner == PARTNER).then(merchant);
    match read_call(&[], &sealed(fields), &known)? {
        Call::Statement(asked) => Ok(*asked),
        other => panic!("{other:?}"),
    }
}

/// Our own questions are read as they are meant; what may be left out has its usual value.
#[test]
fn our_questions_are_read() {
    let [from, to] = DAY.map(time);
    let asked = StatementAsked {
        partner: PARTNER.into(),
        charset: Charset::Utf8,
        service: StatementService::Report,
        from,
        to,
        page_no: 1,
        page_size: 5_000,
        kinds: BTreeSet::from([BookingKind::OnlinePayment]),
    };
    let report = question(StatementService::Report);
    assert_eq!(read(&report), Ok(asked.clone()));
    let every = StatementAsked {
        kinds: BTreeSet::new(),
        ..asked.clone()
    };
    assert_eq!(read(&without(&report, "trans_code")), Ok(every.clone()));
    assert_eq!(read(&with(&report, "user_id", PARTNER)), Ok(asked.clone()));
    let pages = question(StatementService::Pages);
    let page = StatementAsked {
        service: StatementService::Pages,
        kinds: BTreeSet::from([BookingKind::Transfer, BookingKind::OnlinePayment]),
        ..asked
    };
    assert_eq!(read(&pages), Ok(page.clone()));
    assert_eq!(read(&without(&pages, "page_size")), Ok(page.clone()));
    let third = StatementAsked {
        page_no: 3,
        page_size: 7,
        ..page
    };
    let fields = with(&with(&pages, "page_no", "3"), "page_size", "7");
    assert_eq!(read(&fields), Ok(third));
}

/// What is wrong is told by the code of the note, for either service.
#[test]
fn a_question_is_refused_with_the_code_of_the_note() {
    let names = |service| match service {
        StatementService::Report => ("gmt_create_start", "gmt_create_end"),
        StatementService::Pages => ("gmt_start_time", "gmt_end_time"),
    };
    for service in SERVICES {
        let good = question(service);
        let (start, end) = names(service);
        for (name, value, code) in [
            ("service", "export_trade_report", "ILLEGAL_SERVICE"),
            ("partner", "2088000000000002", "ILLEGAL_PARTNER"),
            ("_input_charset", "latin1", "ILLEGAL_CHARSET"),
            (start, "", "REQUIRED_DATE"),
            (end, "", "REQUIRED_DATE"),
            (start, "2024-01-01", "ILLEGAL_DATE_FORMAT"),
            (end, "20240102000000", "ILLEGAL_DATE_FORMAT"),
            (end, "2024年01月02日 00:00:00", "REQUIRED_DATE"),
            (end, "2024-01-02 00:00:01", "ILLEGAL_DATE_TOO_LONG"),
            (start, "2024-01-02 00:00:01", "START_DATE_AFTER_END_DATE"),
            ("trans_code", "9999", "ILLEGAL_ARGUMENT"),
        ] {
            let refused = read(&with(&good, name, value)).err();
            assert_eq!(refused, Some(Code(code)), "{name}={value}");
        }
        assert_eq!(
            read(&without(&good, end)).err(),
            Some(Code("REQUIRED_DATE"))
        );
    }
    let pages = question(StatementService::Pages);
    for (name, value, code) in [
        ("page_no", "", "ILLEGAL_PAGE_NO"),
        ("page_no", "0", "ILLEGAL_PAGE_NO"),
        ("page_no", "-1", "ILLEGAL_PAGE_NO"),
        ("page_no", "one", "ILLEGAL_PAGE_NO"),
        ("page_no", "4294967296", "ILLEGAL_PAGE_NO"),
        ("page_size", "0", "ILLEGAL_PAGE_SIZE"),
        ("page_size", "5001", "ILLEGAL_PAGE_SIZE"),
        ("page_size", "all", "ILLEGAL_PAGE_SIZE"),
    ] {
        let refused = read(&with(&pages, name, value)).err();
        assert_eq!(refused, Some(Code(code)), "{name}={value}");
    }
    let other = with(
        &question(StatementService::Report),
        "user_id",
        "2088000000000009",
    );
    assert_eq!(read(&other).err(), Some(Code("ACCESS_ACCOUNT_DENIED")));
}

/// A question under a wrong signature is refused before anything else of it is looked at.
#[test]
fn a_question_must_be_signed() {
    for service in SERVICES {
        let wire = String::from_utf8(sealed(&question(service))).unwrap();
        let changed = wire.replace("2024-01-02", "2024-01-03");
        assert_ne!(changed, wire);
        let refused = read_call(changed.as_bytes(), &[], &|_| Some(merchant()));
        assert_eq!(refused, Err(Code("ILLEGAL_SIGN")));
    }
}

/// A contract without the service is told so, whichever it lacks.
#[test]
fn a_contract_may_lack_a_service() {
    for (lacks, name) in [
        (0, "export_trade_account_report"),
        (1, "account.page.query"),
    ] {
        let contract = Contract {
            without: BTreeSet::from([name.to_owned()]),
            ..Contract::default()
        };
        for (service, fields) in SERVICES.map(question).iter().enumerate() {
            let read = read_call_under(&[], &sealed(fields), &|_| Some(merchant()), &|_| {
                contract.clone()
            });
            let expected = (service == lacks).then_some(Code("ILLEGAL_PARTNER_EXTERFACE"));
            assert_eq!(read.err(), expected, "{name}");
        }
    }
}

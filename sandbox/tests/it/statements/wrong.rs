//! What goes wrong with statements: on purpose, and by the question.

use super::{PAGES, REPORT, TODAY, ask, element, is_signed, rows_of, sell};
use crate::desk::{Desk, PARTNER, settings, text};
use quittance_sandbox::{Contract, Faults, StatementKind};

fn set(desk: &mut Desk, kind: StatementKind) {
    let mut faults = Faults::default();
    faults.statement.kind = kind;
    desk.sandbox.set_faults(faults);
}

/// Each fault is that one and nothing else, for both services; the trade's own calls go on as ever.
#[test]
fn every_fault_of_statements() {
    let mut desk = Desk::new();
    sell(&mut desk, "A", "1.00");
    for service in [REPORT, PAGES] {
        set(&mut desk, StatementKind::Ok);
        let right = text(&ask(&mut desk, PARTNER, service, TODAY, &[]));
        assert!(right.contains(">A<") || right.contains("\nA,"), "{right}");
        assert!(is_signed(&right, service), "{right}");
        assert_eq!(right.matches("<sign").count(), 2);

        set(&mut desk, StatementKind::Unsigned);
        let unsigned = text(&ask(&mut desk, PARTNER, service, TODAY, &[]));
        let (content, _) = right.split_once("<sign>").unwrap();
        assert_eq!(unsigned, format!("{content}</alipay>"));

        set(&mut desk, StatementKind::Empty);
        let empty = text(&ask(&mut desk, PARTNER, service, TODAY, &[]));
        assert!(is_signed(&empty, service), "{empty}");
        match service {
            REPORT => assert_eq!(rows_of(&empty), []),
            _ => assert!(
                empty.contains("<account_log_list></account_log_list>"),
                "{empty}"
            ),
        }

        set(&mut desk, StatementKind::Down);
        let down = ask(&mut desk, PARTNER, service, TODAY, &[]);
        assert_eq!((down.status, text(&down)), (500, String::new()));

        set(&mut desk, StatementKind::Garbage);
        let garbage = ask(&mut desk, PARTNER, service, TODAY, &[]);
        assert_eq!(garbage.status, 200);
        assert!(text(&garbage).starts_with("<html>"));
        assert!(desk.query("A").contains(">TRADE_SUCCESS<"));
    }
}

/// Note 5.5: each code by its cause, in the envelope of a server's call.
#[test]
fn every_refusal_of_statements() {
    let mut desk = Desk::new();
    desk.wait(500);
    let now = ("2024-01-01 12:00:00", "2024-01-02 12:00:00");
    for service in [REPORT, PAGES] {
        let mut code = |period, beside: &[(&str, &str)]| {
            let reply = ask(&mut desk, PARTNER, service, period, beside);
            assert_eq!(reply.status, 200);
            let xml = text(&reply);
            let refused = xml.contains("<is_success>F</is_success>");
            assert_eq!(refused, xml.contains("<error>"), "{xml}");
            element(&xml, "error")
        };
        let (from, to) = now;
        for (period, expected) in [
            (now, ""),
            (("2024-01-01 12:00:01", to), "START_DATE_AFTER_NOW"),
            (("", to), "REQUIRED_DATE"),
            ((from, ""), "REQUIRED_DATE"),
            (("2024-01-01", to), "ILLEGAL_DATE_FORMAT"),
            ((to, from), "START_DATE_AFTER_END_DATE"),
            ((from, "2024-01-02 12:00:01"), "ILLEGAL_DATE_TOO_LONG"),
        ] {
            assert_eq!(code(period, &[]), expected, "{service} {period:?}");
        }
        assert_eq!(code(now, &[("trans_code", "4003")]), "ILLEGAL_ARGUMENT");
        let stranger = [("partner", "2088000000000009")];
        assert_eq!(code(now, &stranger), "ILLEGAL_PARTNER");
    }
    for (name, value, expected) in [
        ("page_no", "", "ILLEGAL_PAGE_NO"),
        ("page_no", "0", "ILLEGAL_PAGE_NO"),
        ("page_size", "5001", "ILLEGAL_PAGE_SIZE"),
    ] {
        let xml = text(&ask(&mut desk, PARTNER, PAGES, now, &[(name, value)]));
        assert_eq!(element(&xml, "error"), expected);
    }
    let list = text(&desk.get("/", ""));
    assert!(list.contains("START_DATE_AFTER_NOW"), "{list}");

    let mut settings = settings();
    let lacks = Contract {
        without: [REPORT, PAGES].map(str::to_owned).into(),
        ..Contract::default()
    };
    settings.contracts = [(PARTNER.to_owned(), lacks)].into();
    let mut desk = Desk::with(settings);
    for service in [REPORT, PAGES] {
        let xml = text(&ask(&mut desk, PARTNER, service, TODAY, &[]));
        let refused = "<is_success>F</is_success><error>ILLEGAL_PARTNER_EXTERFACE</error>";
        assert!(xml.contains(refused), "{xml}");
    }
}

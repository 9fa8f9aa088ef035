//! Where the sandbox shows that statements were asked for, and how their faults are set.

use super::{PAGES, REPORT, TODAY, ask, refund, sell};
use crate::desk::{Desk, PARTNER, text};
use quittance_core::Lang;
use quittance_core::http::Method;
use quittance_sandbox::{Exchange, Fault, Faults, Inbound, Kind, StatementKind};

fn told(desk: &Desk, order: &str) -> Vec<Exchange> {
    let mut all = desk.sandbox.exchanges(PARTNER, order);
    all.retain(|exchange| exchange.kind == Kind::Statement);
    all
}

fn page(desk: &mut Desk, path: &str, lang: Lang) -> String {
    let request = Inbound {
        method: Method::Get,
        path: path.into(),
        query: Vec::new(),
        body: Vec::new(),
        lang,
    };
    text(&desk.sandbox.handle(desk.now, &request).reply)
}

fn page_of(desk: &Desk, order: &str) -> String {
    desk.trade(order).cashier.replace("/cashier/", "/trades/")
}

/// The addresses of the questions on the list, newest first.
fn questions(desk: &mut Desk) -> Vec<String> {
    let html = page(desk, "/", Lang::En);
    let links = html.split("href=\"/statements/").skip(1);
    links
        .map(|link| format!("/statements/{}", link.split('"').next().unwrap()))
        .collect()
}

/// A question stands with every order that its answer told of, once, whatever it told of it; the list has it too.
#[test]
fn a_question_stands_with_the_orders_that_it_told_of() {
    let mut desk = Desk::new();
    for order in ["A", "B"] {
        sell(&mut desk, order, "1.00");
        desk.answer(200, "fail");
    }
    desk.checkout("U", &[]);
    refund(&mut desk, "A", 40);
    desk.wait(1_000);
    let reply = ask(&mut desk, PARTNER, REPORT, TODAY, &[]);
    for order in ["A", "B"] {
        let told = told(&desk, order);
        assert_eq!(told.len(), 1, "{order}");
        assert_eq!(told[0].reply, reply.body);
        assert!(
            told[0]
                .target
                .contains("service=export_trade_account_report")
        );
        assert!(told[0].faults.is_empty());
    }
    assert_eq!(told(&desk, "U"), []);
    for (lang, line, sentence) in [
        (
            Lang::En,
            "hop mg ok\"><b>statement</b><i></i><span>✓ booked<",
            "a statement told the shop 12:00:01",
        ),
        (
            Lang::Zh,
            "hop mg ok\"><b>账单</b><i></i><span>✓ 已入账<",
            "商家于 12:00:01 通过账单得知",
        ),
    ] {
        let path = page_of(&desk, "B");
        let html = page(&mut desk, &path, lang);
        for part in [line, sentence] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }
    let listed = questions(&mut desk);
    assert_eq!(
        listed,
        [format!("/statements/{}", told(&desk, "B")[0].number)]
    );
    for (lang, period, answer) in [
        (
            Lang::En,
            "2024-01-01 00:00:00 – 2024-01-01 23:59:59",
            "✓ 3 booked",
        ),
        (
            Lang::Zh,
            "2024-01-01 00:00:00 – 2024-01-01 23:59:59",
            "✓ 3 笔",
        ),
    ] {
        for path in ["/", &listed[0]] {
            let html = page(&mut desk, path, lang);
            for part in [period, answer, REPORT] {
                assert!(html.contains(part), "{path} {part}: {html}");
            }
            assert!(!html.contains("<script"));
        }
    }
    let html = page(&mut desk, &listed[0], Lang::En);
    assert!(
        html.contains("GET /gateway.do?service=export_trade_account_report"),
        "{html}"
    );
    assert!(
        html.contains("&#60;csv_data&#62;") && !html.contains("the first"),
        "{html}"
    );
    assert_eq!(desk.get("/statements/99999", "").status, 404);
    assert_eq!(desk.get("/statements/x", "").status, 404);
}

/// Nobody has to believe a statement without a signature, and one that told nothing told nobody.
#[test]
fn a_faulty_statement_told_nobody() {
    let mut desk = Desk::new();
    sell(&mut desk, "A", "1.00");
    for (kind, fault, words) in [
        (StatementKind::Empty, Fault::Empty, "✓ 0 booked"),
        (StatementKind::Down, Fault::Down, "✕ 500"),
        (StatementKind::Garbage, Fault::Garbage, "✕ HTML"),
        (StatementKind::Unsigned, Fault::Unsigned, "✓ 1 booked"),
    ] {
        let mut faults = Faults::default();
        faults.statement.kind = kind;
        desk.sandbox.set_faults(faults);
        ask(&mut desk, PARTNER, PAGES, TODAY, &[("page_size", "1")]);
        let newest = questions(&mut desk).remove(0);
        for path in ["/", &newest] {
            let html = page(&mut desk, path, Lang::En);
            let flag = format!("⚑ {}", fault.say(Lang::En));
            for part in [words, &flag, "23:59:59, page 1"] {
                assert!(html.contains(part), "{path} {part}: {html}");
            }
        }
        let told = told(&desk, "A");
        match kind {
            StatementKind::Unsigned => assert_eq!(told[0].faults, [fault]),
            _ => assert_eq!(told, []),
        }
    }
    let path = page_of(&desk, "A");
    let html = page(&mut desk, &path, Lang::En);
    assert!(!html.contains("a statement told the shop"), "{html}");
}

/// What is kept is bounded: the newest questions, the beginning of a long answer, and nothing with the orders where
/// those are many.
#[test]
fn what_is_kept_of_statements_is_bounded() {
    let mut desk = Desk::new();
    for order in 0..50 {
        sell(&mut desk, &format!("A-{order}"), "1.00");
    }
    ask(&mut desk, PARTNER, REPORT, TODAY, &[]);
    assert_eq!(told(&desk, "A-0").len(), 1);
    assert_eq!(told(&desk, "A-49").len(), 1);
    sell(&mut desk, "A-50", "1.00");
    ask(&mut desk, PARTNER, REPORT, TODAY, &[]);
    assert_eq!(told(&desk, "A-0").len(), 1);
    assert_eq!(told(&desk, "A-50"), []);

    sell(&mut desk, "long", "9.00");
    for _ in 0..400 {
        refund(&mut desk, "long", 1);
    }
    let transfers = [("trans_code", "3011")];
    let reply = ask(&mut desk, PARTNER, PAGES, TODAY, &transfers);
    assert!(reply.body.len() > 64 * 1024);
    assert_eq!(told(&desk, "long"), []);
    let newest = questions(&mut desk).remove(0);
    let html = page(&mut desk, &newest, Lang::En);
    let whole = format!("The answer had {} bytes;", reply.body.len());
    assert!(
        html.contains(&whole)
            && html.contains("iw_account_log_id")
            && html.contains("✓ 400 booked"),
        "{html}"
    );
    assert!(html.len() < 200_000, "{}", html.len());

    for _ in 0..60 {
        ask(&mut desk, PARTNER, PAGES, TODAY, &[("page_size", "1")]);
    }
    assert_eq!(questions(&mut desk).len(), 20);
    assert_eq!(desk.get(&newest, "").status, 404);
    assert_eq!(told(&desk, "A-0").len(), 61);
}

/// The faults of statements are set for all orders, by the form of all; the form of one order neither offers nor takes
/// them.
#[test]
fn the_form_of_all_orders_sets_them() {
    let mut desk = Desk::new();
    sell(&mut desk, "A", "1.00");
    for (word, kind, en, zh) in [
        ("empty", StatementKind::Empty, "nothing yet", "尚未记账"),
        ("unsigned", StatementKind::Unsigned, "unsigned", "没有签名"),
        ("down", StatementKind::Down, "status 500", "状态码 500"),
        (
            "garbage",
            StatementKind::Garbage,
            "an HTML page",
            "HTML 页面",
        ),
    ] {
        let form = format!("do=set&verify_kind=ok&query_kind=ok&statement_kind={word}");
        assert_eq!(desk.post("/faults", "", &form).status, 303);
        assert_eq!(desk.sandbox.faults().statement.kind, kind);
        for (lang, said) in [
            (Lang::En, format!("statements: {en}")),
            (Lang::Zh, format!("账单: {zh}")),
        ] {
            let html = page(&mut desk, "/", lang);
            assert!(html.contains(&said), "{said}: {html}");
            let option = format!("<option value=\"{word}\" selected>");
            let (_, form) = html.split_once("name=\"statement_kind\"").unwrap();
            assert!(form.contains(&option), "{html}");
        }
        let own = page_of(&desk, "A");
        assert!(!page(&mut desk, &own, Lang::En).contains("statement_kind"));
        assert_eq!(desk.post(&format!("{own}/faults"), "", &form).status, 303);
        assert_eq!(
            desk.sandbox.own_faults(PARTNER, "A"),
            Some(&Faults::default())
        );
        assert_eq!(desk.sandbox.faults().statement.kind, kind);
    }
    let bad = "do=set&verify_kind=ok&query_kind=ok&statement_kind=slow";
    let refused = desk.post("/faults", "", bad);
    assert_eq!(refused.status, 409);
    assert!(text(&refused).contains("The setting statement.kind"));
    assert_eq!(desk.sandbox.faults().statement.kind, StatementKind::Garbage);
    assert_eq!(desk.post("/faults", "", "do=clear").status, 303);
    assert!(desk.sandbox.faults().is_none());
}

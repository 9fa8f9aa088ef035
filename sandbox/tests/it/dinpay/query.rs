//! `single_trade_query`: how a trade stands, within twelve hours.

use super::till::{MERCHANT, Till, merchant, settings, signed};
use crate::desk::text;
use quittance_core::charset::Charset;
use quittance_core::gateway::Answer;
use quittance_sandbox::Kind;

fn question<'a>(number: &'a str, beside: &[(&'a str, &'a str)]) -> String {
    let mut fields = vec![
        ("service_type", "single_trade_query"),
        ("merchant_code", MERCHANT),
        ("interface_version", "V3.0"),
        ("order_no", number),
    ];
    fields.extend_from_slice(beside);
    signed(&fields)
}

/// A request that was let in is a trade that can be asked for, paid or not; a number that never came is none.
#[test]
fn it_tells_how_the_trade_stands() {
    let mut till = Till::new();
    assert_eq!(till.asked("A").answer, Answer::NotFound);
    till.cashier("A");
    assert_eq!(till.asked("A").answer, Answer::Unpaid);
    till.desk
        .sandbox
        .payment_fails(till.desk.now, MERCHANT, "A")
        .unwrap();
    assert!(text(&till.ask("A")).contains("<trade_status>FAILED</trade_status>"));
    till.desk.sandbox.buyer_pays(till.desk.now, MERCHANT, "A");
    assert_eq!(till.asked("A").answer, Answer::Paid);
    let last = till.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
    assert_eq!(last.kind, Kind::Query);
}

/// The gateway's number may be named beside the merchant's, and must then be this trade's.
#[test]
fn another_trades_number_is_no_such_trade() {
    let mut till = Till::new();
    till.cashier("A");
    till.cashier("B");
    let number = |till: &Till, order: &str| till.desk.trade(order).trade_no.unwrap();
    let (mine, other) = (number(&till, "A"), number(&till, "B"));
    let right = text(
        &till
            .desk
            .post("/dinpay/query", "", &question("A", &[("trade_no", &mine)])),
    );
    assert!(right.contains("<is_success>T</is_success>"), "{right}");
    let wrong = text(
        &till
            .desk
            .post("/dinpay/query", "", &question("A", &[("trade_no", &other)])),
    );
    assert!(
        wrong.contains("<error_code>TRADE_IS_NOT_EXIST</error_code>"),
        "{wrong}"
    );
}

/// Protocol note dinpay 3.1: only orders of the last twelve hours, counted from the merchant's own order_time.
#[test]
fn after_twelve_hours_there_is_no_such_trade() {
    let hours = 12 * 3_600_000;
    for (windowed, found) in [(true, Answer::NotFound), (false, Answer::Paid)] {
        let mut settings = settings(merchant());
        settings.dinpay.query_window = windowed;
        let mut till = Till::with(settings, Charset::Utf8);
        till.paid("A");
        till.desk.wait(hours);
        assert_eq!(
            till.asked("A").answer,
            Answer::Paid,
            "the last moment is in it"
        );
        till.desk.wait(1);
        assert_eq!(till.asked("A").answer, found);
    }
}

/// Another address, another service, an open question: each is refused by its code, in XML, and none of it is kept as
/// asked about an order.
#[test]
fn questions_that_are_none_are_refused_in_xml() {
    let mut till = Till::new();
    till.paid("A");
    let forged = question("A", &[]).replace("sign=", "sign=0");
    let unsigned = "service_type=single_trade_query&merchant_code=1000000001&interface_version=V3.0&order_no=A";
    for (body, code) in [
        ("", "ILLEGAL_SERVICE_TYPE"),
        (unsigned, "SIGN_TYPE_IS_NULL"),
        (&forged, "ILLEGAL_SIGN"),
        (
            &signed(&super::till::payment("A", &[])),
            "ILLEGAL_SERVICE_TYPE",
        ),
        ("%zz", "ILLEGAL_REQUEST"),
    ] {
        let reply = till.desk.post("/dinpay/query", "", body);
        let xml = text(&reply);
        assert!(
            xml.contains(&format!("<error_code>{code}</error_code>")),
            "{code}: {xml}"
        );
        assert_eq!(reply.header("content-type"), Some("text/xml;charset=UTF-8"));
    }
    let by_get = text(&till.desk.get("/dinpay/query", &question("A", &[])));
    assert!(
        by_get.contains("<error_code>ILLEGAL_REQUEST</error_code>"),
        "{by_get}"
    );
    let kept = till.desk.sandbox.exchanges(MERCHANT, "A");
    assert!(kept.iter().all(|exchange| exchange.kind != Kind::Query));
    let list = text(&till.desk.get("/", ""));
    assert!(list.contains("Dinpay single_trade_query"), "{list}");
}

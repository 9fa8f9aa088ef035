//! What the gateway does not let in: a page with its code, in the order in which it looks.

use super::till::{MERCHANT, Till, merchant, order, payment, settings, signed};
use crate::desk::text;
use quittance_core::Lang;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::CODES;
use quittance_core::http::Method;
use quittance_sandbox::Inbound;
use quittance_sandbox::dinpay::{GATEWAY_PATH, Merchant};

/// The code of the page that this form leads to.
fn refused(till: &mut Till, body: &str) -> String {
    let reply = till.desk.post(GATEWAY_PATH, "input_charset=UTF-8", body);
    let html = text(&reply);
    assert_eq!(reply.status, 200, "{html}");
    let (_, code) = html.split_once("data-code=\"").expect(&html);
    code.split_once('"').unwrap().0.to_owned()
}

/// Presence, format, merchant, signature, business (protocol note dinpay 5, inferred): the first that is wrong is named,
/// whatever else is.
#[test]
fn the_first_fault_names_the_code() {
    let mut till = Till::new();
    let long = "9".repeat(65);
    for (changes, code) in [
        (
            &[("service_type", ""), ("order_no", "")][..],
            "ILLEGAL_SERVICE_TYPE",
        ),
        (
            &[("merchant_code", ""), ("order_no", "")],
            "MERCHANT_CODE_IS_NULL",
        ),
        (&[("interface_version", "")], "INTERFACE_VERSION_IS_NULL"),
        (
            &[("interface_version", "V3.1"), ("notify_url", "")],
            "ILLEGAL_INTERFACE_VERSION",
        ),
        (
            &[("notify_url", ""), ("order_amount", "x")],
            "NOTIFY_URL_IS_NULL",
        ),
        (&[("order_no", &long)], "ORDER_NO_IS_TOO_LONG"),
        (&[("order_time", "2024-01-01")], "ILLEGAL_ORDER_TIME_FORMAT"),
        (&[("order_amount", "0")], "ILLEGAL_ORDER_AMOUNT_FORMAT"),
        (&[("product_name", "")], "PRODUCT_NAME_IS_NULL"),
        (
            &[("order_amount", "1.001"), ("merchant_code", "9")],
            "ILLEGAL_ORDER_AMOUNT_FORMAT",
        ),
        (&[("merchant_code", "9")], "ILLEGAL_REQUEST"),
    ] {
        assert_eq!(refused(&mut till, &signed(&payment("A", changes))), code);
    }
    let wire = signed(&payment("A", &[]));
    assert_eq!(
        refused(&mut till, &wire.replace("0.01", "0.02")),
        "ILLEGAL_SIGN"
    );
    assert_eq!(
        refused(&mut till, &wire.replace("sign_type=MD5", "sign_type=RSA-S")),
        "ILLEGAL_SIGN_TYPE"
    );
    assert!(till.desk.sandbox.trades().is_empty());
}

/// A payment form is posted; an address with the same parameters opens nothing.
#[test]
fn an_address_is_refused() {
    let mut till = Till::new();
    let reply = till.desk.get(GATEWAY_PATH, &signed(&payment("A", &[])));
    let html = text(&reply);
    assert!(html.contains("data-code=\"ILLEGAL_REQUEST\""), "{html}");
    assert!(html.contains("was not posted"), "{html}");
    assert!(till.desk.sandbox.trades().is_empty());
    let query = signed(&[
        ("service_type", "single_trade_query"),
        ("merchant_code", MERCHANT),
        ("interface_version", "V3.0"),
        ("order_no", "A"),
    ]);
    let page = text(&till.desk.post(GATEWAY_PATH, "", &query));
    assert!(
        page.contains("data-code=\"ILLEGAL_SERVICE_TYPE\""),
        "{page}"
    );
}

/// A `+` that came as a blank is not mended (protocol note dinpay 1.4): with RSA-S a shop that does not escape is refused.
#[test]
fn a_signature_with_blanks_is_wrong() {
    let mut till = Till::with_pair();
    let mut made = order("A");
    // Some number whose signature has a plus sign in it.
    let mut tried = 0;
    loop {
        tried += 1;
        made.key.order_no = format!("A{tried}");
        till.send(&made);
        let posted = till
            .desk
            .sandbox
            .exchanges(MERCHANT, &made.key.order_no)
            .remove(0);
        let wire = String::from_utf8(posted.request).unwrap();
        let sign = wire.split("sign=").last().unwrap().to_owned();
        if sign.contains("%2B") {
            let broken = wire.replace(&sign, &sign.replace("%2B", "+"));
            assert_eq!(refused(&mut till, &broken), "ILLEGAL_SIGN");
            return;
        }
        assert!(tried < 64, "no signature has a plus sign");
    }
}

/// `redo_flag` 1 refuses a repeated number; 0 or nothing lets the same order come again, but not one that is paid or asks
/// for other money.
#[test]
fn a_repeated_number_is_refused_where_it_must_be() {
    const REPEATED: &str = "csp.orderService.order-is-already-exist";
    let mut till = Till::new();
    let cashier = till.cashier("A");
    assert_eq!(till.cashier("A"), cashier, "the buyer comes again");
    let once = signed(&payment("A", &[("redo_flag", "1")]));
    assert_eq!(refused(&mut till, &once), REPEATED);
    let dearer = signed(&payment("A", &[("order_amount", "0.02")]));
    assert_eq!(refused(&mut till, &dearer), REPEATED);
    let first = signed(&payment("B", &[("redo_flag", "1")]));
    assert_eq!(till.desk.post(GATEWAY_PATH, "", &first).status, 303);
    till.desk.sandbox.buyer_pays(till.desk.now, MERCHANT, "A");
    assert_eq!(refused(&mut till, &signed(&payment("A", &[]))), REPEATED);
    assert_eq!(till.desk.sandbox.trades().len(), 2);
}

/// A contract without the service.
#[test]
fn what_the_contract_lacks_is_refused() {
    let lacking = Merchant {
        without: ["direct_pay".to_owned()].into(),
        ..merchant()
    };
    let mut till = Till::with(settings(lacking), Charset::Utf8);
    let code = refused(&mut till, &signed(&payment("A", &[])));
    assert_eq!(code, "ILLEGAL_PAY_BUSINESS");
}

/// The page says whose it is, the code, its words in `quittance explain`, and what came in, in both languages; it can be
/// looked at again from the list.
#[test]
fn the_page_explains_the_code() {
    let mut till = Till::new();
    let known = CODES.get("ILLEGAL_SIGN").unwrap();
    let body = signed(&payment("A", &[])).replace("0.01", "0.02");
    for lang in Lang::ALL {
        let request = Inbound {
            method: Method::Post,
            path: GATEWAY_PATH.into(),
            query: Vec::new(),
            body: body.clone().into(),
            lang,
        };
        let html = text(&till.desk.sandbox.handle(till.desk.now, &request).reply);
        let name = format!("<strong>{}</strong>", lang.pick("Dinpay", "智付"));
        for part in [known.meaning, known.cause, known.fix].map(|words| words.say(lang)) {
            let part = part.replace('\'', "&#39;");
            assert!(html.contains(&part), "{part}");
        }
        assert!(
            html.contains(&name) && html.contains("order_amount=0.02"),
            "{html}"
        );
    }
    let list = text(&till.desk.get("/", ""));
    let link = list.split("href=\"/refused/").nth(1).unwrap();
    let number = link.split('"').next().unwrap();
    let again = text(&till.desk.get(&format!("/refused/{number}"), ""));
    assert!(again.contains("data-code=\"ILLEGAL_SIGN\""), "{again}");
}

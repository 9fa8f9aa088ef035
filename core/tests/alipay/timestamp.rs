//! The timestamp against phishing: asked for, verified, sent; and served by the gateway's side.

use crate::{GATEWAY, KEY, PARTNER, account, merchant, order, vectors};
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    Call, Code, Contract, read_call, read_call_under, timestamp_reply,
};
use quittance_core::gateway::alipay::{Account, Extras};
use quittance_core::gateway::{Checkout, CheckoutCall, CheckoutStart, Fault, Gateway};
use quittance_core::http::Reply;

/// The key of vector M15.
const ENCRYPT_KEY: &str = "KPr8DuZp5xc031OVxw==";

fn guarded(charset: Charset) -> Account {
    let extras = Extras {
        anti_phishing: true,
        ..Extras::default()
    };
    account(charset).with_extras(extras).unwrap()
}

fn call(client_ip: Option<&str>, token: Option<&str>) -> CheckoutCall {
    CheckoutCall {
        notify_url: "https://pay.example.com/notify/main".into(),
        return_url: "https://pay.example.com/return/main/token".into(),
        client_ip: client_ip.map(str::to_owned),
        token: token.map(str::to_owned),
        via_get: true,
        now: crate::now(),
    }
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

/// Note 4: the question is unsigned and names who asks; the answer is the vector's, in both charsets.
#[test]
fn the_key_is_asked_for_and_read() {
    for charset in [Charset::Utf8, Charset::Gbk] {
        let account = guarded(charset);
        let request = account
            .checkout_token(&call(Some("203.0.113.9"), None))
            .unwrap()
            .unwrap();
        let label = charset.label();
        assert_eq!(
            request.url,
            format!("{GATEWAY}?service=query_timestamp&partner={PARTNER}&_input_charset={label}")
        );
        let query = request.url.split_once('?').unwrap().1;
        let asked = Call::QueryTimestamp {
            partner: PARTNER.into(),
            charset,
        };
        assert_eq!(
            read_call(query.as_bytes(), &[], &|_| Some(merchant())),
            Ok(asked)
        );
        let reply = timestamp_reply(ENCRYPT_KEY, &merchant(), charset);
        let signature = vectors::vector("M15").sign;
        assert!(text(&reply).contains(&format!("<sign>{signature}</sign>")));
        assert_eq!(
            account.read_checkout_token(&reply),
            Ok(ENCRYPT_KEY.to_owned())
        );
    }
}

/// Only a signed answer that holds the key alone gives one: it goes into what we sign.
#[test]
fn an_answer_that_is_not_signed_gives_no_key() {
    let good = text(&timestamp_reply(ENCRYPT_KEY, &merchant(), Charset::Utf8));
    let without_sign = {
        let (before, rest) = good.split_once("<sign>").unwrap();
        format!("{before}{}", rest.split_once("</sign_type>").unwrap().1)
    };
    let resealed = |key: &str| text(&timestamp_reply(key, &merchant(), Charset::Utf8));
    let failure = "<?xml version=\"1.0\"?>\n<alipay><is_success>F</is_success><error>ILLEGAL_PARTNER</error></alipay>";
    for (body, says) in [
        (without_sign, "unsigned"),
        (good.replace(ENCRYPT_KEY, "AAAA"), "signature is wrong"),
        (good.replace("timestamp>", "trade>"), "no timestamp"),
        (
            good.replace("</encrypt_key>", "</encrypt_key><more>1</more>"),
            "signature is wrong",
        ),
        (resealed("a&total_fee=1"), "no key"),
        (resealed(""), "no key"),
        (resealed(&"A".repeat(65)), "no key"),
        (failure.to_owned(), "ILLEGAL_PARTNER"),
        ("true".to_owned(), "the answer"),
    ] {
        let read = guarded(Charset::Utf8).read_checkout_token(&Reply::new(200, body.clone()));
        let reason = read.unwrap_err();
        assert!(reason.contains(says), "{body}: {reason}");
        assert!(!reason.contains(KEY));
    }
    assert!(
        guarded(Charset::Utf8)
            .read_checkout_token(&Reply::new(500, good))
            .is_err()
    );
}

/// Both parameters go along, or nothing does: never an empty address, never a checkout without the key.
#[test]
fn both_parameters_go_along_or_nothing_does() {
    let account = guarded(Charset::Utf8);
    for ip in [None, Some("2001:db8::1"), Some("")] {
        let call = call(ip, Some(ENCRYPT_KEY));
        let asked = account.checkout_token(&call).unwrap_err();
        assert_eq!(asked.fault, Fault::Code("ILLEGAL_EXTER_INVOKE_IP"));
        assert_eq!(account.checkout(&order(), &call).unwrap_err(), asked);
    }
    for token in [None, Some("")] {
        let refusal = account
            .checkout(&order(), &call(Some("203.0.113.9"), token))
            .unwrap_err();
        assert_eq!(refusal.fault, Fault::Code("ILLEGAL_ANTI_PHISHING_KEY"));
    }
    let Ok(CheckoutStart::Ready(Checkout::Redirect { url })) =
        account.checkout(&order(), &call(Some("203.0.113.9"), Some(ENCRYPT_KEY)))
    else {
        panic!("no address")
    };
    let query = url.split_once('?').unwrap().1.as_bytes();
    let demands = Contract {
        anti_phishing: true,
        ..Contract::default()
    };
    let Ok(Call::DirectPay(read)) =
        read_call_under(query, &[], &|_| Some(merchant()), &|_| demands.clone())
    else {
        panic!("refused")
    };
    assert_eq!(read.anti_phishing_key.as_deref(), Some(ENCRYPT_KEY));
    assert_eq!(read.exter_invoke_ip.as_deref(), Some("203.0.113.9"));
}

/// An account without it asks for nothing and sends nothing.
#[test]
fn an_account_without_it_sends_no_key() {
    let account = account(Charset::Utf8);
    assert_eq!(account.checkout_token(&call(None, None)), Ok(None));
    let Ok(CheckoutStart::Ready(Checkout::Redirect { url })) =
        account.checkout(&order(), &call(None, Some(ENCRYPT_KEY)))
    else {
        panic!("no address")
    };
    assert!(!url.contains("anti_phishing_key"));
}

/// The official Java demo sends a parameter without `=`: whatever the gateway does not know is ignored (note 4).
#[test]
fn unknown_parameters_of_the_question_are_ignored() {
    for query in [
        format!("service=query_timestamp&partner={PARTNER}&_input_charsetutf-8"),
        format!(
            "X=1&service=query_timestamp&service.x=2&partner={PARTNER}&_input_charset=utf-8&sign=x"
        ),
    ] {
        let read = read_call(query.as_bytes(), &[], &|_| Some(merchant()));
        assert!(
            matches!(read, Ok(Call::QueryTimestamp { .. })),
            "{query}: {read:?}"
        );
    }
    let read = read_call(
        b"service=query_timestamp&partner=2088000000000009",
        &[],
        &|_| None,
    );
    assert_eq!(read, Err(Code("ILLEGAL_PARTNER")));
}

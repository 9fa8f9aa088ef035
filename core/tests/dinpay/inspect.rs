//! Explaining a message: a genuine one passes every step, each likely mistake is named and no other, and garbage is
//! called hopeless without a panic. The search itself is shown with Alipay's messages.

use crate::{
    KEY, MERCHANT, NOTIFY_ID, account, body, claims, fields, md5, merchant, now, pair_account,
    pair_merchant, payment, sealed, settings, time, trade, with, without,
};
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{
    Code, NOT_EXIST, Trade, TradeStatus, error_reply, notify_body, query_reply, return_fields,
};
use quittance_core::gateway::dinpay::{Account, Key};
use quittance_core::gateway::inspection::{Exchange, Inspection, Outcome, Subject};
use quittance_core::gateway::{Account as AnyAccount, Gateway};
use quittance_core::params::Params;
use quittance_core::sign::{Place, md5_sign, md5_sign_at, presign};
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;

const OLD_KEY: &str = "an-older-key-of-the-shop";
const OTHER_KEY: &str = "key-of-the-second-account";

/// The account under inspection: with a previous key that has ended.
fn ours() -> Account {
    let mut settings = settings(Charset::Utf8);
    settings.keys.push(Key {
        key: OLD_KEY.into(),
        until: Some(time("2023-12-01T00:00:00Z")),
    });
    Account::new(settings).unwrap()
}

fn inspect_as(account: &Account, exchange: Exchange, wire: &[u8]) -> Inspection {
    let mut second = settings(Charset::Gbk);
    second.keys = quittance_core::gateway::dinpay::Keys::Md5(vec![Key {
        key: OTHER_KEY.into(),
        until: None,
    }]);
    let second = AnyAccount::Dinpay(Account::new(second).unwrap());
    account.inspect(&Subject {
        exchange,
        wire,
        now: now(),
        others: &[("second", &second)],
    })
}

fn inspect(exchange: Exchange, wire: &[u8]) -> Inspection {
    inspect_as(&ours(), exchange, wire)
}

fn genuine() -> Vec<(String, String)> {
    fields(&notify_body(&trade(), &merchant(), NOTIFY_ID))
}

/// These fields on the wire, with this signature.
fn sent(fields: &[(String, String)], sign: &str) -> Vec<u8> {
    let with_sign = with(&with(fields, "sign_type", "MD5"), "sign", sign);
    body(&with_sign)
}

/// The text that the protocol signs for these fields.
fn text(fields: &[(String, String)]) -> Vec<u8> {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    presign(&params)
}

/// The mistakes of a notify that is broken: these and no other, each explained in both languages and in the manual.
fn check(wire: &[u8], expected: &[&str]) -> Inspection {
    let inspection = inspect(Exchange::Notify, wire);
    let found: Vec<&str> = inspection
        .mistakes
        .iter()
        .map(|mistake| mistake.code)
        .collect();
    assert_eq!(found, expected, "{}", String::from_utf8_lossy(wire));
    assert!(!inspection.holds());
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/inspect.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    for mistake in &inspection.mistakes {
        let code = format!("`{}`", mistake.code);
        assert!(manual.contains(&code), "{code}");
        for text in [&mistake.cause, &mistake.fix] {
            assert!(!text.en.is_empty() && !text.zh.is_ascii(), "{text:?}");
        }
    }
    inspection
}

#[test]
fn a_genuine_message_passes_every_step() {
    let notify = notify_body(&trade(), &merchant(), NOTIFY_ID);
    let back = body(&return_fields(&trade(), &merchant(), NOTIFY_ID));
    let answer = query_reply(&trade(), &merchant()).body;
    for (exchange, wire) in [
        (Exchange::Notify, &notify),
        (Exchange::Return, &back),
        (Exchange::Reply, &answer),
    ] {
        let inspection = inspect(exchange, wire);
        assert!(inspection.holds(), "{inspection:?}");
        assert!(inspection.signed() && inspection.mistakes.is_empty());
        assert_eq!(claims(&inspection.evidence), [payment()]);
        let signing = inspection.signing.unwrap();
        assert_eq!(signing.mysign.unwrap().expose_secret(), &*signing.sign);
        assert!(signing.text.starts_with("bank_seq_no=") && !signing.text.contains(KEY));
        for step in &inspection.steps {
            assert!(!step.detail.en.is_empty() && !step.detail.zh.is_ascii());
        }
    }
    let pair = notify_body(&trade(), &pair_merchant(), NOTIFY_ID);
    let inspection = inspect_as(&pair_account(), Exchange::Notify, &pair);
    assert!(inspection.holds(), "{inspection:?}");
    assert!(
        inspection.signing.unwrap().mysign.is_none(),
        "only they can"
    );
}

/// What the steps say is what the reading does, for a message that is broken anywhere.
#[test]
fn the_steps_say_what_the_reading_does() {
    let plain = genuine();
    for (name, value) in [
        ("trade_status", "PAID"),
        ("order_amount", "0"),
        ("merchant_code", "1000000002"),
        ("notify_type", "page_notify"),
        ("interface_version", "V3.1"),
        ("notify_id", "a b"),
        ("extra_return_param", "a&b=c"),
        ("trade_no", ""),
        ("total_fee", "1"),
        ("trade_status", "FAILED"),
    ] {
        let wire = sent(
            &with(&plain, name, value),
            &md5(&text(&with(
                &without(&plain, "total_fee"),
                if name == "total_fee" {
                    "trade_no"
                } else {
                    name
                },
                if name == "total_fee" {
                    crate::TRADE_NO
                } else {
                    value
                },
            ))),
        );
        let read = ours().read_notify(&wire, now());
        let inspection = inspect(Exchange::Notify, &wire);
        assert!(inspection.signed(), "{name}");
        assert_eq!(
            inspection.holds(),
            read.verdict == quittance_core::gateway::Verdict::Genuine,
            "{name}={value}: {inspection:?} {read:?}"
        );
    }
}

/// Each mistake that shops and simulators of this gateway make is named after it was computed.
#[test]
fn likely_mistakes_are_named() {
    let plain = genuine();
    let presigned = text(&plain);
    let key = SecretString::from(KEY);
    let at = |place, key: &str| md5_sign_at(place, &presigned, &SecretString::from(key));
    check(
        &sent(&plain, &md5_sign(&presigned, &key)),
        &["key_not_as_parameter"],
    );
    check(&sent(&plain, &at(Place::Front, KEY)), &["key_in_front"]);
    check(
        &sent(&plain, &at(Place::Named, MERCHANT)),
        &["key_is_merchant_code"],
    );
    check(&sent(&plain, &at(Place::Named, OLD_KEY)), &["key_ended"]);
    check(
        &sent(&plain, &at(Place::Named, OTHER_KEY)),
        &["key_of_other_account"],
    );
    check(
        &sent(&plain, &at(Place::Named, &format!("{KEY}\n"))),
        &["key_blank"],
    );
    check(&sent(&plain, &at(Place::Named, "")), &["key_missing"]);
    check(
        &sent(&plain, &md5(&presigned).to_uppercase()),
        &["sign_upper_case"],
    );
    let bare = without(&plain, "notify_id");
    check(&sent(&plain, &md5(&text(&bare))), &["unsigned_parameter"]);
    let lost = without(&plain, "interface_version");
    check(&sent(&lost, &md5(&presigned)), &["missing_parameter"]);
    let blank = with(&plain, "bank_seq_no", "");
    let empties = String::from_utf8(text(&without(&plain, "bank_seq_no"))).unwrap();
    let empties = md5(format!("bank_seq_no=&{empties}").as_bytes());
    check(&sent(&blank, &empties), &["empty_signed"]);
    check(&sent(&plain, &"0".repeat(32)), &[]);
}

/// Note 1.4: a raw plus sign in the base64 arrives as a blank; our own key is not the gateway's.
#[test]
fn likely_mistakes_with_pairs_are_named() {
    let pair = pair_account();
    let wire = String::from_utf8(notify_body(&trade(), &pair_merchant(), NOTIFY_ID)).unwrap();
    let codes = |wire: &str| -> Vec<&'static str> {
        let inspection = inspect_as(&pair, Exchange::Notify, wire.as_bytes());
        inspection
            .mistakes
            .iter()
            .map(|mistake| mistake.code)
            .collect()
    };
    assert_eq!(codes(&wire.replace("%2B", "+")), ["sign_plus_lost"]);
    let (head, _) = wire.split_once("&sign_type=").unwrap();
    let message = Params::parse(head.as_bytes()).unwrap();
    let by_us = crate::private("merchant_private_key").sign_s(&presign(&message));
    let mut params = message.clone();
    params.push("sign_type", b"RSA-S").unwrap();
    params.push("sign", by_us.as_bytes()).unwrap();
    assert_eq!(codes(&params.to_wire()), ["own_key"]);
}

/// Parameters of the merchant's own address are not signed here, and so are no mistake.
#[test]
fn what_is_never_signed_is_no_mistake() {
    let plain = String::from_utf8(sealed(&genuine())).unwrap();
    let inspection = inspect(Exchange::Notify, format!("{plain}&order=5").as_bytes());
    assert!(inspection.holds(), "{inspection:?}");
    assert!(!inspection.signing.unwrap().text.contains("order=5"));
}

/// Answers that say nothing are told why.
#[test]
fn answers_are_explained() {
    let none = inspect(Exchange::Reply, &error_reply(NOT_EXIST).body);
    assert!(none.holds(), "{none:?}");
    let refused = inspect(Exchange::Reply, &error_reply(Code("ILLEGAL_SIGN")).body);
    assert!(!refused.holds());
    let told = &refused.steps[1];
    assert_eq!((told.name, told.outcome), ("answer", Outcome::Failed));
    assert!(told.detail.en.contains("The signature is wrong."));
    let unpaid = Trade {
        status: TradeStatus::Unpay,
        ..trade()
    };
    let text = String::from_utf8(query_reply(&unpaid, &merchant()).body).unwrap();
    assert!(inspect(Exchange::Reply, text.as_bytes()).holds());
    let (head, tail) = text.split_once("<sign>").unwrap();
    let tail = tail.split_once("</sign>").unwrap().1;
    let bare = inspect(Exchange::Reply, format!("{head}{tail}").as_bytes());
    assert!(!bare.holds() && !bare.signed());
    let page = inspect(Exchange::Reply, b"<html></html>");
    assert_eq!(page.steps.len(), 6);
    assert!(
        page.steps[1..]
            .iter()
            .all(|step| step.outcome == Outcome::NotReached)
    );
    let behind = md5_sign(&presign(&signed_part(&text)), &SecretString::from(KEY));
    let other = format!("{head}<sign>{behind}</sign>{tail}");
    let found = inspect(Exchange::Reply, other.as_bytes());
    assert_eq!(found.mistakes[0].code, "key_not_as_parameter");
}

/// The children of `trade` in an answer.
fn signed_part(text: &str) -> Params {
    let trade = text.split_once("<trade>").unwrap().1;
    let trade = trade.split_once("</trade>").unwrap().0;
    let mut params = Params::new();
    for field in trade.split_inclusive('<').collect::<String>().split("</") {
        let Some((name, value)) = field.rsplit_once('<').and_then(|(_, f)| f.split_once('>'))
        else {
            continue;
        };
        params.push(name, value.as_bytes()).unwrap();
    }
    params
}

/// SEC-017, SEC-114: a key that somebody sent along is not shown.
#[test]
fn a_key_in_a_message_is_not_shown() {
    let leaked = with(&genuine(), "extra_return_param", KEY);
    for wire in [sealed(&leaked), sent(&leaked, KEY)] {
        let inspection = inspect(Exchange::Notify, &wire);
        assert!(!format!("{inspection:?}").contains(KEY));
    }
    let private = crate::material("merchant_private_key");
    let leaked = with(&genuine(), "extra_return_param", &private[..100]);
    let inspection = inspect_as(&pair_account(), Exchange::Notify, &sealed(&leaked));
    assert!(!format!("{inspection:?}").contains(&private[..40]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever comes is explained without a panic, and nothing of it holds.
    #[test]
    fn junk_is_hopeless(wire in prop::collection::vec(any::<u8>(), 0..200), which in 0_usize..3) {
        let exchange = [Exchange::Notify, Exchange::Return, Exchange::Reply][which];
        prop_assert!(!inspect(exchange, &wire).holds());
    }
}

/// Alipay's accounts may be among the others, and one of this gateway among Alipay's.
#[test]
fn accounts_of_another_gateway_are_tried_too() {
    let alipay =
        quittance_core::gateway::alipay::Account::new(quittance_core::gateway::alipay::Settings {
            partner: "2088000000000001".into(),
            keys: quittance_core::gateway::alipay::Keys::Md5(vec![Key {
                key: OTHER_KEY.into(),
                until: None,
            }]),
            charset: Charset::Utf8,
            seller: None,
            show_url: None,
            refunds: None,
            gateway_url: "https://mapi.alipay.com/gateway.do".into(),
        })
        .unwrap();
    let other = AnyAccount::Alipay(alipay);
    let sign = md5_sign(&text(&genuine()), &SecretString::from(OTHER_KEY));
    let wire = sent(&genuine(), &sign);
    let account = account(Charset::Utf8);
    let inspection = account.inspect(&Subject {
        exchange: Exchange::Notify,
        wire: &wire,
        now: now(),
        others: &[("pay", &other)],
    });
    let mistake = &inspection.mistakes[0];
    assert_eq!(mistake.code, "key_of_other_account");
    assert!(mistake.cause.en.contains("pay"));
}

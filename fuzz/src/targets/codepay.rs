//! CodePay: notifications, answers and calls. What is believed is signed, unambiguous, ours, and says just what it claims
//! (SEC-001, SEC-007, SEC-026, SEC-039, SEC-045, SEC-075, F-29).

use crate::target::{Outcome, gist};
use crate::world::now;
use quittance_core::flat::Flat;
use quittance_core::gateway::codepay::gateway_side::{App, Merchant, read_call};
use quittance_core::gateway::codepay::{Account, GATEWAY_URL, Key, Keys, Settings};
use quittance_core::gateway::inspection::{Exchange, Subject};
use quittance_core::gateway::{Answer, Evidence, Gateway, Verdict};
use quittance_core::http::Reply;
use quittance_core::sign::PublicKey;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::{Claim, Money, Proof, Timestamp, Witness};
use secrecy::SecretString;
use serde_json::Value;
use std::sync::LazyLock;

const APP: &str = "wzTESTAPP00000001";
const MERCHANT: &str = "300000000001";
const ORDER_NO: &str = "SALE-0002";

/// Keys of core's vectors, by their names there.
static KEYS: LazyLock<[Value; 2]> = LazyLock::new(|| {
    let read = |text| serde_json::from_str(text).expect("the vectors are JSON");
    [
        read(include_str!("../../../core/tests/vectors/codepay.json")),
        read(include_str!("../../../core/tests/vectors/alipay.json")),
    ]
});

fn key(name: &str) -> String {
    let [own, _] = &*KEYS;
    own[name].as_str().unwrap_or_default().to_owned()
}

/// The account of the test keys, and one under whose gateway's key nothing was ever signed.
static ACCOUNTS: LazyLock<[Account; 2]> = LazyLock::new(|| {
    let [_, other] = &*KEYS;
    let stranger = other["rsa_keys"]["gateway_rsa2048_public"].as_str();
    [
        key("gateway_public_key"),
        stranger.unwrap_or_default().to_owned(),
    ]
    .map(|gateway| {
        let settings = Settings {
            app_id: APP.into(),
            merchant_no: MERCHANT.into(),
            store_no: None,
            terminal: None,
            currency: None,
            keys: Keys::Rsa {
                private: key("merchant_private_key").into(),
                gateway: vec![Key {
                    key: gateway.into(),
                    until: None,
                }],
            },
            gateway_url: GATEWAY_URL.into(),
        };
        Account::new(settings).expect("the settings of the test world are good")
    })
});

/// The app, as the gateway knows it.
static KNOWN: LazyLock<App> = LazyLock::new(|| App {
    app_id: APP.into(),
    gateway: private("gateway_private_key"),
    merchant: public("merchant_public_key"),
    merchants: vec![Merchant {
        merchant_no: MERCHANT.into(),
        store_no: None,
        terminals: vec!["TESTSN0000000001".into()],
    }],
});

static GATEWAYS: LazyLock<PublicKey> = LazyLock::new(|| public("gateway_public_key"));

fn private(name: &str) -> PrivateKey {
    PrivateKey::read(&SecretString::from(key(name))).expect("the vectors' keys are good")
}

fn public(name: &str) -> PublicKey {
    let read = PublicKey::read(&key(name)).and_then(PublicKey::for_rsa2);
    read.expect("the vectors' keys are good")
}

/// The text that is signed, put together by other means than the product's.
fn signed_text(message: &Flat) -> String {
    let mut fields: Vec<String> = Vec::new();
    for (name, text) in message.iter() {
        if !name.eq_ignore_ascii_case("sign") && !text.is_empty() {
            fields.push([name, text].join("="));
        }
    }
    fields.join("&")
}

/// A notification.
pub(super) fn notify(input: &[u8]) -> Outcome {
    let [ours, stranger] = &*ACCOUNTS;
    let reading = ours.read_notify(input, now());
    let other = stranger.read_notify(input, now());
    assert!(
        !other.authentic() && other.evidence.is_empty(),
        "nobody has that key"
    );
    if reading.verdict != Verdict::Genuine {
        assert!(reading.evidence.is_empty() && reading.reason.is_some());
    }
    if !reading.authentic() {
        let named = (&reading.order_no, &reading.trade_no, &reading.notify_id);
        assert_eq!(named, (&None, &None, &None), "it names nothing");
    } else if let Ok(message) = Flat::parse(input) {
        let sign = message.get("sign").unwrap_or_default().as_bytes();
        assert!(GATEWAYS.verify(signed_text(&message).as_bytes(), sign));
        if reading.verdict == Verdict::Genuine {
            assert!(message.iter().all(|(_, text)| !text.contains('&')));
            assert_eq!(message.get("sign_type"), Some("RSA2"));
            assert_eq!(message.get("app_id"), Some(APP));
            assert_eq!(message.get("merchant_no"), Some(MERCHANT));
            believed(&message, Witness::Notify, &reading.evidence);
        }
    }
    let reason = reading.reason.as_deref().map(gist).map(str::to_owned);
    let how = (reading.verdict.word(), reason, reading.evidence.len());
    Outcome::of(reading.verdict == Verdict::Genuine, how)
}

/// What explains a message: it ends, agrees with what reads it, and shows nothing of a private key (I14, SEC-017).
pub(super) fn inspect(input: &[u8]) -> Outcome {
    let [ours, stranger] = &*ACCOUNTS;
    let stranger = quittance_core::gateway::Account::CodePay(stranger.clone());
    let others = [("stranger", &stranger)];
    let mut prints = Vec::new();
    let mut holds = false;
    for exchange in [Exchange::Notify, Exchange::Return, Exchange::Reply] {
        let inspection = ours.inspect(&Subject {
            exchange,
            wire: input,
            now: now(),
            others: &others,
        });
        if exchange == Exchange::Notify {
            let read = ours.read_notify(input, now());
            assert_eq!(
                read.verdict == Verdict::Genuine,
                inspection.holds(),
                "it says what the server does"
            );
        }
        let told = format!("{inspection:?}");
        let private = key("merchant_private_key");
        let runs = private.as_bytes().chunks_exact(24);
        for run in runs.filter_map(|run| std::str::from_utf8(run).ok()) {
            assert!(!told.contains(run), "a private key is shown");
        }
        holds |= inspection.holds();
        let mistakes = inspection.mistakes.iter();
        let codes: Vec<&str> = mistakes.map(|mistake| mistake.code).collect();
        prints.push((codes, inspection.evidence.len().min(3)));
    }
    Outcome::of(holds, prints)
}

/// The answer to a query.
pub(super) fn query(input: &[u8]) -> Outcome {
    let [ours, stranger] = &*ACCOUNTS;
    let reply = Reply::new(200, input);
    let read = ours.read_query(ORDER_NO, &reply);
    match read.answer {
        Answer::Unknown => assert!(read.reason.is_some() && read.evidence.is_empty()),
        Answer::Unpaid | Answer::NotFound => assert!(read.evidence.is_empty()),
        Answer::Paid | Answer::Closed => assert!(!read.evidence.is_empty()),
    }
    if !matches!(read.answer, Answer::Unknown | Answer::NotFound) {
        let message = Flat::parse(input).expect("what says anything is JSON");
        let sign = message.get("sign").unwrap_or_default().as_bytes();
        assert!(GATEWAYS.verify(signed_text(&message).as_bytes(), sign));
        let data = message.get("data").unwrap_or_default().as_bytes();
        let data = Flat::parse(data).expect("and so is what it holds");
        assert_eq!(data.get("merchant_order_no"), Some(ORDER_NO));
        believed(&data, Witness::Query, &read.evidence);
    }
    assert!(stranger.read_query(ORDER_NO, &reply).evidence.is_empty());
    let broken = ours.read_query(ORDER_NO, &Reply::new(500, input));
    assert_eq!((broken.answer, broken.evidence.len()), (Answer::Unknown, 0));
    let reason = read.reason.as_deref().map(gist).map(str::to_owned);
    Outcome::of(
        read.answer != Answer::Unknown,
        (read.answer as u8, reason, read.evidence.len()),
    )
}

/// Only two statuses are money, and it is the message's.
fn believed(fields: &Flat, witness: Witness, evidence: &[Evidence]) {
    let paid = matches!(fields.get("trans_status"), Some("2" | "3"));
    for told in evidence {
        assert_eq!(told.witness, witness);
        let proof = match witness {
            Witness::Query => Proof::Queried,
            _ => Proof::Signed,
        };
        assert_eq!(told.proof, proof);
        match &told.claim {
            Claim::Payment {
                trade_no,
                amount,
                payee,
            } => {
                assert!(paid, "only success is money");
                assert_eq!(payee, MERCHANT);
                assert_eq!(fields.get("trans_no"), Some(trade_no.as_str()));
                let named = ["order_amount", "trans_amount"].map(|name| fields.get(name));
                let read = named
                    .into_iter()
                    .flatten()
                    .filter_map(|text| Money::parse(text, amount.currency).ok());
                assert_eq!(read.min(), Some(*amount), "and no more than is told");
            }
            Claim::RefundedSoFar { .. } => {
                assert_eq!(fields.get("trans_status"), Some("3"));
            }
            Claim::GatewayClosed { .. } => {
                assert_eq!(
                    (witness, fields.get("trans_status")),
                    (Witness::Query, Some("1"))
                );
            }
            other => panic!("this gateway tells nothing of {other:?} here"),
        }
    }
}

/// A merchant's call, as the gateway's side reads it: what passes is signed with the merchant's key.
pub(super) fn call(input: &[u8]) -> Outcome {
    let known = |app_id: &str| (app_id == APP).then(|| KNOWN.clone());
    let at = Timestamp::from_millisecond(1_764_000_000_000).expect("it is a time");
    match read_call(input, at, &known) {
        Err(refused) => Outcome::refused(refused.refusal.code),
        Ok(call) => {
            if let Ok(message) = Flat::parse(input) {
                let sign = message.get("sign").unwrap_or_default().as_bytes();
                let text = signed_text(&message);
                assert!(KNOWN.merchant.verify(text.as_bytes(), sign));
                assert_eq!(message.get("merchant_no"), Some(MERCHANT));
            }
            Outcome::accepted(std::mem::discriminant(&call))
        }
    }
}

/// A message signed with the test key of whoever sends such, in place of whatever signature it had.
pub(super) fn sign_again(body: &[u8]) -> Option<Vec<u8>> {
    let message = Flat::parse(body).ok()?;
    let ours = message.get("data").is_some()
        || message.get("code").is_some()
        || message.get("method") == Some("payment.result.notify");
    let name = match ours {
        true => "gateway_private_key",
        false => "merchant_private_key",
    };
    let sign = private(name).sign_2(signed_text(&message).as_bytes());
    let fields = message
        .iter()
        .filter(|(name, _)| *name != "sign")
        .map(|(name, text)| (name, text.to_owned()));
    let signed: Flat = fields.chain([("sign", sign)]).collect();
    Some(signed.to_json())
}

//! Dinpay: callbacks, answers and calls. What is believed is signed, unambiguous, ours, and says just what it claims
//! (SEC-001..003b, SEC-007, SEC-026, SEC-039, SEC-045, SEC-084, F-29).

use super::xml;
use crate::target::{Outcome, gist};
use crate::world::reference::{self, Fields};
use crate::world::{KEY, now};
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{Call, Merchant, read_call};
use quittance_core::gateway::dinpay::{Account, GATEWAY_URL, Key, Keys, QUERY_URL, Settings};
use quittance_core::gateway::{Answer, Evidence, Gateway, Reading, Verdict};
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::sign::{Place, md5_sign_at, presign};
use quittance_core::{Claim, Currency, Money, Proof, Witness};
use secrecy::SecretString;
use std::sync::LazyLock;

/// The element whose children are signed.
const TRADE: &str = "trade";

const MERCHANT: &str = "1000000001";
const ORDER_NO: &str = "SIM20240102030405";
/// A key that nothing was ever signed with.
const STRANGER: &str = "astranger123456789abcdefghijklmn";
/// The names that are signed in a callback.
const NAMES: [&str; 13] = [
    "bank_code",
    "bank_seq_no",
    "extra_return_param",
    "interface_version",
    "merchant_code",
    "notify_id",
    "notify_type",
    "order_amount",
    "order_no",
    "order_time",
    "trade_no",
    "trade_status",
    "trade_time",
];

/// The account of the test key, and one under whose key nothing may ever be believed.
static ACCOUNTS: LazyLock<[Account; 2]> = LazyLock::new(|| {
    [(Charset::Utf8, KEY), (Charset::Gbk, STRANGER)].map(|(charset, key)| {
        let settings = Settings {
            merchant_code: MERCHANT.into(),
            keys: Keys::Md5(vec![Key {
                key: SecretString::from(key),
                until: None,
            }]),
            charset,
            show_url: None,
            gateway_url: GATEWAY_URL.into(),
            query_url: QUERY_URL.into(),
        };
        Account::new(settings).expect("the settings of the test world are good")
    })
});

/// The MD5 signature of these bytes at this gateway, with the test key.
fn md5(bytes: &[u8]) -> String {
    md5_sign_at(Place::Named, bytes, &SecretString::from(KEY))
}

/// Both callbacks: the same bytes are at most one of the two.
pub(super) fn callback(input: &[u8]) -> Outcome {
    let [ours, stranger] = &*ACCOUNTS;
    let (notify, back) = (
        ours.read_notify(input, now()),
        ours.read_return(input, now()),
    );
    for (reading, witness) in [(&notify, Witness::Notify), (&back, Witness::Return)] {
        hold(input, witness, reading);
        let other = match witness {
            Witness::Return => stranger.read_return(input, now()),
            _ => stranger.read_notify(input, now()),
        };
        assert!(
            !other.authentic() && other.evidence.is_empty(),
            "nobody has that key"
        );
    }
    let genuine = [&notify, &back].map(|reading| reading.verdict == Verdict::Genuine);
    assert_ne!(genuine, [true, true], "it came one way");
    let print = |reading: &Reading| {
        let reason = reading.reason.as_deref().map(gist).map(str::to_owned);
        (reading.verdict.word(), reason, reading.evidence.len())
    };
    Outcome::of(genuine.contains(&true), (print(&notify), print(&back)))
}

/// Whatever came, this holds of its reading.
fn hold(input: &[u8], witness: Witness, reading: &Reading) {
    if reading.verdict != Verdict::Genuine {
        assert!(reading.evidence.is_empty() && reading.reason.is_some());
    }
    if !reading.authentic() {
        let named = (&reading.order_no, &reading.trade_no, &reading.notify_id);
        assert_eq!(
            named,
            (&None, &None, &None),
            "what is not signed names nothing"
        );
        return;
    }
    let fields = reference::fields(input).expect("what is authentic is a form");
    assert_eq!(set(&fields, "sign_type"), Some(&b"MD5"[..]));
    let sign = md5(&signed_text(&fields));
    assert_eq!(
        set(&fields, "sign"),
        Some(sign.as_bytes()),
        "by the key in force"
    );
    if reading.verdict == Verdict::Genuine {
        believed(&fields, witness, &reading.evidence);
    }
}

/// What is signed of these fields, put together by other means than the product's.
fn signed_text(fields: &Fields) -> Vec<u8> {
    let named = NAMES
        .iter()
        .filter_map(|name| Some([name.as_bytes(), b"=", set(fields, name)?].concat()));
    named.collect::<Vec<_>>().join(&b'&')
}

fn believed(fields: &Fields, witness: Witness, evidence: &[Evidence]) {
    for name in NAMES {
        let value = set(fields, name).unwrap_or_default();
        assert!(!value.contains(&b'&'), "it can be cut in one way only");
    }
    assert_eq!(set(fields, "merchant_code"), Some(MERCHANT.as_bytes()));
    let kind: &[u8] = match witness {
        Witness::Return => b"page_notify",
        _ => b"offline_notify",
    };
    assert_eq!(set(fields, "notify_type"), Some(kind));
    let paid = set(fields, "trade_status") == Some(b"SUCCESS");
    assert_eq!(evidence.len(), usize::from(paid), "only success is money");
    for told in evidence {
        assert_eq!((told.witness, told.proof), (witness, Proof::Signed));
        pays(told, &|name| set(fields, name).map(<[u8]>::to_vec));
    }
}

/// A claim is a payment, and says what the message says.
fn pays(told: &Evidence, says: &dyn Fn(&str) -> Option<Vec<u8>>) {
    let Claim::Payment {
        trade_no,
        amount,
        payee,
    } = &told.claim
    else {
        panic!("this gateway tells of nothing else")
    };
    assert_eq!(payee, MERCHANT);
    assert_eq!(says("trade_no").as_deref(), Some(trade_no.as_bytes()));
    let sum = String::from_utf8(says("order_amount").expect("a payment has a sum"));
    let sum = Money::parse(&sum.expect("in digits"), Currency::CNY);
    assert!(sum == Ok(*amount) && amount.minor > 0);
}

/// The answer to a query.
pub(super) fn query(input: &[u8]) -> Outcome {
    let [ours, stranger] = &*ACCOUNTS;
    let reply = Reply::new(200, input);
    let read = ours.read_query(ORDER_NO, &reply);
    match read.answer {
        Answer::Unknown => assert!(read.reason.is_some() && read.evidence.is_empty()),
        Answer::Unpaid | Answer::NotFound => assert!(read.evidence.is_empty()),
        Answer::Paid => assert_eq!(read.evidence.len(), 1),
        Answer::Closed => panic!("nothing is closed at this gateway"),
    }
    if matches!(read.answer, Answer::Paid | Answer::Unpaid)
        && let Some((fields, _)) = xml::children(input, TRADE)
    {
        let sign = md5(&presign(&fields));
        assert!(xml::told(input, &sign), "the signature is right");
        assert_eq!(fields.get("order_no"), Some(ORDER_NO.as_bytes()));
        for told in &read.evidence {
            assert_eq!((told.witness, told.proof), (Witness::Query, Proof::Queried));
            pays(told, &|name| fields.get(name).map(<[u8]>::to_vec));
        }
    }
    let other = stranger.read_query(ORDER_NO, &reply);
    assert!(other.evidence.is_empty(), "nobody has that key");
    let elsewhere = ours.read_query("ANOTHER", &reply);
    assert!(elsewhere.evidence.is_empty() || xml::told(input, "ANOTHER"));
    let broken = ours.read_query(ORDER_NO, &Reply::new(500, input));
    assert_eq!((broken.answer, broken.evidence.len()), (Answer::Unknown, 0));
    let reason = read.reason.as_deref().map(gist).map(str::to_owned);
    let how = (read.answer as u8, reason, other.answer as u8);
    Outcome::of(read.answer != Answer::Unknown, how)
}

/// A merchant's call, as the gateway's side reads it: what passes is signed with the merchant's key.
pub(super) fn call(input: &[u8]) -> Outcome {
    let merchant = |code: &str| {
        (code == MERCHANT).then(|| Merchant {
            merchant_code: MERCHANT.into(),
            key: SecretString::from(KEY).into(),
            without: Default::default(),
            habits: Default::default(),
        })
    };
    match read_call(b"", input, &merchant) {
        Err(code) => Outcome::refused(code.0),
        Ok(read) => {
            let form = Params::parse(input).expect("what passes is a form");
            let sign = md5(&presign(&form));
            assert_eq!(form.get("sign"), Some(sign.as_bytes()));
            match read {
                Call::DirectPay(pay) => {
                    let again = Money::parse(&pay.order_amount, Currency::CNY);
                    assert!(again == Ok(pay.amount) && pay.amount.minor > 0);
                    Outcome::accepted((pay.charset.label(), pay.options.len()))
                }
                Call::SingleTradeQuery { trade_no, .. } => Outcome::accepted(trade_no.is_some()),
            }
        }
    }
}

/// A callback or a call signed with the test key, in place of whatever signature it had.
pub(super) fn sign_again(form: &[u8]) -> Option<Vec<u8>> {
    let mut signed = Params::new();
    let read = Params::parse(form).ok()?;
    for (name, value) in read.iter().filter(|(name, _)| !name.starts_with("sign")) {
        signed.push(name, value).ok()?;
    }
    let text = match signed.get("service_type") {
        Some(_) => presign(&signed),
        None => signed_text(&reference::fields(signed.to_wire().as_bytes())?),
    };
    signed.push("sign_type", b"MD5").ok()?;
    signed.push("sign", md5(&text).as_bytes()).ok()?;
    Some(signed.to_wire().into_bytes())
}

/// An answer signed with the test key, in place of whatever signature it had.
pub(super) fn sign_answer_again(body: &[u8]) -> Option<Vec<u8>> {
    let (fields, _) = xml::children(body, TRADE)?;
    xml::signed_as(body, &md5(&presign(&fields)))
}

/// The value of this name, where it is not empty: an empty one is not signed.
fn set<'a>(fields: &'a Fields, name: &str) -> Option<&'a [u8]> {
    let value = fields.get(name.as_bytes())?;
    (!value.is_empty()).then_some(value.as_slice())
}

//! RSA and DSA accounts: the signed examples R1..R4 of note section 8 on both sides, and what is refused.

use crate::{
    KEY, NOTIFY_ID, ORDER_NO, PARTNER, fields, merchant, now, order, settings, time, trade,
};
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    self, Call, Code, Merchant, notify_body, query_reply, read_call, return_query,
};
use quittance_core::gateway::alipay::{Account, Key, Keys, Settings};
use quittance_core::gateway::{Answer, Checkout, CheckoutCall, CheckoutStart, Gateway, Verdict};
use quittance_core::params::Params;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{PublicKey, md5_sign, presign};
use secrecy::SecretString;
use serde_json::Value;

pub(crate) fn document() -> Value {
    serde_json::from_str(include_str!("../vectors/alipay.json")).unwrap()
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A key of the vectors, by its name there.
pub(crate) fn material(name: &str) -> String {
    text(&document()["rsa_keys"][name])
}

pub(crate) fn private(name: &str) -> PrivateKey {
    PrivateKey::read(&SecretString::from(material(name))).unwrap()
}

pub(crate) fn public(name: &str) -> PublicKey {
    PublicKey::read(&material(name)).unwrap()
}

pub(crate) fn rsa_settings(charset: Charset, bits: u32) -> Settings {
    Settings {
        keys: Keys::Rsa {
            private: material(&format!("merchant_rsa{bits}_private")).into(),
            gateway: vec![Key {
                key: material(&format!("gateway_rsa{bits}_public")).into(),
                until: None,
            }],
        },
        ..settings(charset)
    }
}

pub(crate) fn rsa_account(charset: Charset) -> Account {
    Account::new(rsa_settings(charset, 1024)).unwrap()
}

pub(crate) fn rsa_merchant(bits: u32) -> Merchant {
    Merchant {
        key: gateway_side::Key::Rsa {
            gateway: private(&format!("gateway_rsa{bits}_private")),
            merchant: public(&format!("merchant_rsa{bits}_public")),
        },
        ..merchant()
    }
}

struct Vector {
    charset: Charset,
    params: Params,
    presign: Vec<u8>,
    sign: String,
    wire: String,
}

fn vector(id: &str) -> Vector {
    let document = document();
    let vectors = document["rsa"].as_array().unwrap();
    let vector = vectors.iter().find(|vector| vector["id"] == id).unwrap();
    let charset = Charset::from_label(&text(&vector["charset"])).unwrap();
    let mut params = Params::new();
    for (name, value) in vector["params"].as_object().unwrap() {
        let value = text(value);
        params.push(name, &charset.encode(&value).unwrap()).unwrap();
    }
    let presign = text(&vector["presign"]);
    Vector {
        charset,
        params,
        presign: charset.encode(&presign).unwrap().into_owned(),
        sign: text(&vector["sign"]),
        wire: text(&vector["wire"]),
    }
}

/// R1..R4: signed as printed, and verified with the other half only.
#[test]
fn every_vector_signs_and_verifies_as_printed() {
    for (id, signer, other) in [
        ("R1", "merchant", "gateway"),
        ("R2", "merchant", "gateway"),
        ("R3", "gateway", "merchant"),
        ("R4", "gateway", "merchant"),
    ] {
        let vector = vector(id);
        assert_eq!(presign(&vector.params), vector.presign, "{id}");
        let signed = private(&format!("{signer}_rsa1024_private")).sign(&vector.presign);
        assert_eq!(signed, vector.sign, "{id}");
        let wire = Params::parse(vector.wire.as_bytes()).unwrap();
        assert_eq!(presign(&wire), vector.presign, "{id}");
        let sign = wire.get("sign").unwrap();
        let verifies = |name: &str| public(name).verify(&vector.presign, sign);
        assert!(verifies(&format!("{signer}_rsa1024_public")), "{id}");
        assert!(!verifies(&format!("{other}_rsa1024_public")), "{id}");
    }
}

fn addresses() -> CheckoutCall {
    CheckoutCall {
        notify_url: "http://shop.example.com/alipay/notify_url".into(),
        return_url: "http://shop.example.com/alipay/return_url".into(),
        client_ip: None,
        token: None,
        via_get: true,
        now: crate::now(),
    }
}

/// R1, R2: the merchant's address carries the printed signature, and the gateway reads it.
#[test]
fn requests_are_signed_as_printed_and_read_by_the_gateway() {
    for id in ["R1", "R2"] {
        let vector = vector(id);
        let account = rsa_account(vector.charset);
        let Ok(CheckoutStart::Ready(Checkout::Redirect { url })) =
            account.checkout(&order(), &addresses())
        else {
            panic!("{id}: no address")
        };
        let query = url.split_once('?').unwrap().1;
        let ours = Params::parse(query.as_bytes()).unwrap();
        assert_eq!(presign(&ours), vector.presign, "{id}");
        assert_eq!(ours.get("sign"), Some(vector.sign.as_bytes()), "{id}");
        assert_eq!(ours.get("sign_type"), Some(&b"RSA"[..]), "{id}");
        for wire in [query, &vector.wire] {
            let known = |partner: &str| (partner == PARTNER).then(|| rsa_merchant(1024));
            let read = read_call(wire.as_bytes(), b"", &known);
            assert!(
                matches!(&read, Ok(Call::DirectPay(pay)) if pay.out_trade_no == ORDER_NO && pay.subject == "测试商品"),
                "{id}: {read:?}"
            );
        }
    }
}

/// R3, R4: what the gateway sent is believed in its charset, and in no other.
#[test]
fn callbacks_are_believed_as_printed() {
    let notify = vector("R3");
    let read = rsa_account(Charset::Utf8).read_notify(notify.wire.as_bytes(), now());
    assert_eq!((read.verdict, read.reason), (Verdict::Genuine, None));
    assert_eq!(read.evidence.len(), 1);
    let back = vector("R4");
    let read = rsa_account(Charset::Gbk).read_return(back.wire.as_bytes(), now());
    assert_eq!((read.verdict, read.reason), (Verdict::Genuine, None));
    assert_eq!(read.order_no.as_deref(), Some(ORDER_NO));
    let read = rsa_account(Charset::Utf8).read_return(back.wire.as_bytes(), now());
    assert_eq!(read.verdict, Verdict::Ambiguous);
}

/// Both sides meet in both charsets and both lengths of keys: request, notify, return, answer.
#[test]
fn the_whole_way_in_both_charsets_and_lengths() {
    for (charset, bits) in [
        (Charset::Utf8, 1024),
        (Charset::Utf8, 2048),
        (Charset::Gbk, 1024),
        (Charset::Gbk, 2048),
    ] {
        let account = Account::new(rsa_settings(charset, bits)).unwrap();
        let merchant = rsa_merchant(bits);
        let known = |partner: &str| (partner == PARTNER).then(|| merchant.clone());
        let asked = account.query(ORDER_NO, Timestamp::UNIX_EPOCH).unwrap();
        let query = asked.url.split_once('?').unwrap().1.as_bytes();
        assert!(read_call(query, b"", &known).is_ok(), "{charset:?} {bits}");

        let trade = trade(charset);
        let notify = notify_body(&trade, &merchant, NOTIFY_ID, now());
        let back = return_query(&trade, &merchant, NOTIFY_ID, now());
        for read in [
            account.read_notify(&notify, now()),
            account.read_return(back.as_bytes(), now()),
        ] {
            assert_eq!((read.verdict, read.reason), (Verdict::Genuine, None));
        }
        let reply = query_reply(&trade, &merchant, now());
        let answered = account.read_query(ORDER_NO, &reply);
        assert_eq!((answered.answer, answered.reason), (Answer::Paid, None));

        let mut forged = reply.clone();
        let body = String::from_utf8_lossy(&forged.body).replace("0.01", "0.02");
        if charset == Charset::Utf8 {
            forged.body = body.into_bytes();
            let answered = account.read_query(ORDER_NO, &forged);
            assert_eq!(answered.answer, Answer::Unknown, "another amount");
        }
    }
}

/// SEC-007, SEC-008: the account's kind alone counts, whatever the message says and whichever key it was made with.
#[test]
fn the_kind_of_signature_is_never_the_messages() {
    let sign = |made: usize, bytes: &[u8]| match made {
        0 => private("gateway_rsa1024_private").sign(bytes),
        1 => md5_sign(bytes, &KEY.into()),
        2 => md5_sign(bytes, &material("gateway_rsa1024_public").into()),
        _ => md5_sign(bytes, &"".into()),
    };
    let plain = fields(&notify_body(
        &trade(Charset::Utf8),
        &merchant(),
        NOTIFY_ID,
        now(),
    ));
    let md5_account = Account::new(settings(Charset::Utf8)).unwrap();
    let rsa_account = rsa_account(Charset::Utf8);
    for made in 0..4 {
        for told in [
            "MD5", "RSA", "RSA2", "DSA", "0001", "none", "", "md5", "rsa", "missing",
        ] {
            let mut params = Params::new();
            for (name, value) in &plain {
                params.push(name, value.as_bytes()).unwrap();
            }
            let signature = sign(made, &presign(&params));
            params.push("sign", signature.as_bytes()).unwrap();
            if told != "missing" {
                params.push("sign_type", told.as_bytes()).unwrap();
            }
            let wire = params.to_wire().into_bytes();
            let genuine = |account: &Account| account.read_notify(&wire, now()).authentic();
            assert_eq!(
                (genuine(&rsa_account), genuine(&md5_account)),
                ((made, told) == (0, "RSA"), (made, told) == (1, "MD5")),
                "made as {made}, called {told:?}"
            );
        }
    }
}

/// The gateway's side has one kind for each contract too.
#[test]
fn the_gateway_refuses_another_kind_than_the_contracts() {
    let call = |account: &Account, merchant: &Merchant| {
        let asked = account.query(ORDER_NO, Timestamp::UNIX_EPOCH).unwrap();
        let query = asked.url.split_once('?').unwrap().1.to_owned();
        read_call(query.as_bytes(), b"", &|_| Some(merchant.clone())).err()
    };
    let md5 = Account::new(settings(Charset::Utf8)).unwrap();
    let rsa = rsa_account(Charset::Utf8);
    let other = rsa_merchant(2048);
    assert_eq!(call(&rsa, &rsa_merchant(1024)), None);
    assert_eq!(call(&rsa, &other), Some(Code("ILLEGAL_SIGN")));
    let profile = Some(Code("ILLEGAL_SECURITY_PROFILE"));
    assert_eq!(call(&md5, &rsa_merchant(1024)), profile);
    assert_eq!(call(&rsa, &merchant()), profile);
}

/// SEC-113: a previous public key of the gateway is good for callbacks until its time, and not from then on.
#[test]
fn a_previous_public_key_ends() {
    let mut settings = rsa_settings(Charset::Utf8, 1024);
    settings.keys.push(Key {
        key: material("gateway_rsa2048_public").into(),
        until: Some(time("2024-01-03T00:00:00Z")),
    });
    let account = Account::new(settings).unwrap();
    assert_eq!(
        account.key_ids().len(),
        3,
        "our own pair and the two of the gateway"
    );
    let merchant = rsa_merchant(2048);
    let wire = notify_body(&trade(Charset::Utf8), &merchant, NOTIFY_ID, now());
    let verdict = |at: &str| account.read_notify(&wire, time(at)).verdict;
    assert_eq!(verdict("2024-01-02T23:59:59Z"), Verdict::Genuine);
    assert_eq!(verdict("2024-01-03T00:00:00Z"), Verdict::BadSignature);
    let reply = query_reply(&trade(Charset::Utf8), &merchant, now());
    assert_eq!(account.read_query(ORDER_NO, &reply).answer, Answer::Paid);
}

/// Note 1.6: a gateway with a DSA key is believed by DSA signatures in each of their writings, and by no others. What
/// we send is signed with RSA all the same.
#[test]
fn a_gateway_with_a_dsa_key_is_believed() {
    let dsa = &document()["dsa"];
    let account = Account::new(Settings {
        partner: "2088101568338364".into(),
        keys: Keys::Rsa {
            private: material("merchant_rsa1024_private").into(),
            gateway: vec![Key {
                key: text(&dsa["pub"]).into(),
                until: None,
            }],
        },
        ..settings(Charset::Gbk)
    })
    .unwrap();
    // D1 is a request, so as a callback it claims nothing; that it is authentic is what matters here.
    let mut plain = Params::new();
    for field in text(&dsa["presign"]).split('&') {
        let (name, value) = field.split_once('=').unwrap();
        let value = Charset::Gbk.encode(value).unwrap();
        plain.push(name, &value).unwrap();
    }
    let authentic = |kind: &str, sign: &str| {
        let mut params = plain.clone();
        params.push("sign", sign.as_bytes()).unwrap();
        params.push("sign_type", kind.as_bytes()).unwrap();
        let wire = params.to_wire().into_bytes();
        account.read_notify(&wire, now()).authentic()
    };
    for writing in ["der_b64", "rs_b64", "rs_escaped"] {
        let sign = text(&dsa[writing]);
        assert!(authentic("DSA", &sign), "{writing}");
        assert!(!authentic("RSA", &sign), "{writing}");
    }
    let rsa = private("gateway_rsa1024_private").sign(&presign(&plain));
    assert!(!authentic("RSA", &rsa) && !authentic("DSA", &rsa));
    let asked = account.query(ORDER_NO, Timestamp::UNIX_EPOCH).unwrap();
    assert!(asked.url.ends_with("&sign_type=RSA"), "{}", asked.url);
}

//! The signed examples of note section 6, on both sides.

use crate::{
    KEY, MERCHANT, NOTIFY_ID, ORDER_NO, TRADE_NO, account, body, call, claims, document, md5,
    merchant, now, order, paid_at, pair_account, pair_merchant, payment, private, public, request,
    trade,
};
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{
    Call, Code, Merchant, Trade, TradeStatus, notify_body, query_reply, read_call, return_fields,
};
use quittance_core::gateway::dinpay::{Account, QUERY_URL};
use quittance_core::gateway::{Address, Answer, Checkout, CheckoutStart, Gateway, Verdict};
use quittance_core::http::{Method, Reply};
use quittance_core::params::Params;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{PublicKey, presign};
use quittance_core::{Proof, Witness};
use serde_json::Value;

/// The bodies as the note prints them (2.3): V3, V8 and V4.
const V3: &str = "merchant_code=1000000001&notify_type=offline_notify&notify_id=0123456789abcdef0123456789abcdef&interface_version=V3.0&order_no=SIM20240102030405&order_time=2024-01-02+03%3A04%3A05&order_amount=12.01&extra_return_param=uid%3D42&trade_no=1000004817&trade_time=2024-01-02+03%3A05%3A06&trade_status=SUCCESS&bank_seq_no=20240102030506001&sign_type=MD5&sign=99bf40924a8c9b862a5f330a6aa94c07";
const V8: &str = "merchant_code=1000000001&notify_type=offline_notify&notify_id=0123456789abcdef0123456789abcdef&interface_version=V3.0&order_no=SIM20240102030405&order_time=2024-01-02+03%3A04%3A05&order_amount=12.01&extra_return_param=uid%3D42&trade_no=1000004817&trade_time=2024-01-02+03%3A05%3A06&trade_status=SUCCESS&bank_seq_no=20240102030506001&sign_type=RSA-S&sign=1qgS%2FqU0NxyPr6p4mJ%2FhQEADZCypxc%2F8hcBVBP2gi5SaXLCdAwfhW8KHc0o1W%2BPmocOI28GGrwlQq%2FVxxEDtnV%2F0N1GuUCyu1eaSwlI%2B1ikd7uq2hEDZz6qbOyWLwlICYpvnGFNjYPslCqNfjBuQzSJnJDW0riqeXXi%2FydmJecY%3D";
const V4: &str = "merchant_code=1000000001&notify_type=page_notify&notify_id=fedcba9876543210fedcba9876543210&interface_version=V3.0&order_no=SIM20240102030405&order_time=2024-01-02+03%3A04%3A05&order_amount=12.01&extra_return_param=&trade_no=1000004817&trade_time=2024-01-02+03%3A05%3A06&trade_status=SUCCESS&bank_seq_no=&sign_type=MD5&sign=0c0a233df10b3e6cd291c2de93a3b4c5";

struct Vector {
    id: String,
    charset: Charset,
    params: Params,
    presign: Vec<u8>,
    sign: String,
}

fn vectors() -> Vec<Vector> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |vector: &Value| {
        let named = &vector["parameters"];
        let charset = match text(&named["input_charset"]).as_str() {
            "GBK" => Charset::Gbk,
            _ => Charset::Utf8,
        };
        let encoded = |text: &str| charset.encode(text).unwrap().into_owned();
        let mut params = Params::new();
        for (name, value) in named.as_object().unwrap() {
            params.push(name, &encoded(&text(value))).unwrap();
        }
        let printed = text(&vector["presign"]);
        let printed = printed.trim_end_matches(&format!("&key={KEY}"));
        Vector {
            id: text(&vector["id"]),
            charset,
            params,
            presign: encoded(printed),
            sign: text(&vector["sign"]),
        }
    };
    let document = document();
    let all = document["vectors"].as_array().unwrap();
    all.iter().map(read).collect()
}

fn vector(id: &str) -> Vector {
    let mut all = vectors().into_iter();
    all.find(|vector| vector.id == id).unwrap()
}

/// The vector's parameters with its signature behind them, as a form sends them.
fn wire(vector: &Vector) -> Vec<u8> {
    let mut params = vector.params.clone();
    params.push("sign", vector.sign.as_bytes()).unwrap();
    params.to_wire().into_bytes()
}

/// Who signed the vector, where it was done with a pair.
fn signers(id: &str) -> Option<(PrivateKey, PublicKey, PublicKey)> {
    let (signer, other) = match id {
        "V7" | "V9" | "V12" => ("merchant", "platform"),
        "V8" | "V10" | "V11" => ("platform", "merchant"),
        _ => return None,
    };
    Some((
        private(&format!("{signer}_private_key")),
        public(&format!("{signer}_public_key")),
        public(&format!("{other}_public_key")),
    ))
}

/// Every vector, V1..V12: its parameters give its signing string and signature, with `&key=` before a shared key, and
/// MD5withRSA for a pair; the other side's key does not verify it.
#[test]
fn every_vector_signs_and_verifies_as_printed() {
    assert_eq!(document()["md5_key"], KEY);
    assert_eq!(vectors().len(), 12);
    for vector in vectors() {
        let id = &vector.id;
        assert_eq!(presign(&vector.params), vector.presign, "{id}");
        match signers(id) {
            None => assert_eq!(md5(&vector.presign), vector.sign, "{id}"),
            Some((signer, public, other)) => {
                assert_eq!(signer.sign_s(&vector.presign), vector.sign, "{id}");
                assert!(
                    public.verify(&vector.presign, vector.sign.as_bytes()),
                    "{id}"
                );
                assert!(
                    !other.verify(&vector.presign, vector.sign.as_bytes()),
                    "{id}"
                );
            }
        }
    }
}

/// The negative examples at the end of note section 6.
#[test]
fn what_the_note_says_must_fail_fails() {
    let v1 = vector("V1");
    let text = String::from_utf8(v1.presign.clone()).unwrap();
    let changed = text.replace("商品 A", "商品 B");
    assert_ne!(md5(changed.as_bytes()), v1.sign, "product_name changed");

    let v3 = vector("V3");
    let failed = Params::parse(
        String::from_utf8(wire(&v3))
            .unwrap()
            .replace("SUCCESS", "FAILED")
            .as_bytes(),
    )
    .unwrap()
    .to_wire();
    let read = account(Charset::Utf8).read_notify(failed.as_bytes(), now());
    assert_eq!(read.verdict, Verdict::BadSignature, "trade_status FAILED");

    let v8 = vector("V8");
    assert!(v8.sign.contains('+'));
    let damaged = v8.sign.replace('+', " ");
    let platform = public("platform_public_key");
    assert!(!platform.verify(&v8.presign, damaged.as_bytes()));

    let v7 = vector("V7");
    let sha1 = PublicKey::read(&crate::material("merchant_public_key")).unwrap();
    assert!(!sha1.verify(&v7.presign, v7.sign.as_bytes()), "SHA1withRSA");
    let signed = private("merchant_private_key").sign(&v7.presign);
    let verified = public("merchant_public_key").verify(&v7.presign, signed.as_bytes());
    assert!(!verified, "and the other way round");
}

fn form(account: &Account) -> (String, String, Vec<(String, String)>) {
    match account.checkout(&order(), &call()).unwrap() {
        CheckoutStart::Ready(Checkout::Form {
            method,
            url,
            charset,
            fields,
        }) => {
            assert_eq!(method, "POST");
            (url, charset, fields)
        }
        other => panic!("{other:?}"),
    }
}

fn ask(query: &[u8], body: &[u8], merchant: &Merchant) -> Result<Call, Code> {
    read_call(query, body, &|code| {
        (code == MERCHANT).then(|| merchant.clone())
    })
}

/// V1, V2, V7: the merchant's form carries the printed signature, in UTF-8 and in GBK, and the gateway reads it as what
/// was ordered.
#[test]
fn requests_are_signed_as_printed_and_read_by_the_gateway() {
    for (id, account, merchant) in [
        ("V1", account(Charset::Utf8), merchant()),
        ("V2", account(Charset::Gbk), merchant()),
        ("V7", pair_account(), pair_merchant()),
    ] {
        let vector = vector(id);
        let (url, charset, fields) = form(&account);
        let label = match vector.charset {
            Charset::Utf8 => "UTF-8",
            _ => "GBK",
        };
        assert_eq!(
            url,
            format!("https://pay.dinpay.com/gateway?input_charset={label}")
        );
        assert_eq!(charset, label.to_lowercase());
        let sign = fields.iter().find(|(name, _)| name == "sign").unwrap();
        assert_eq!(sign.1, vector.sign, "{id}");
        // What a browser posts: each text in the charset of the form.
        let mut posted = Params::new();
        for (name, value) in &fields {
            let bytes = vector.charset.encode(value).unwrap();
            posted.push(name, &bytes).unwrap();
        }
        let query = format!("input_charset={label}");
        let read = ask(query.as_bytes(), posted.to_wire().as_bytes(), &merchant);
        let expected = Call::DirectPay(Box::new(request(vector.charset)));
        assert_eq!(read, Ok(expected), "{id}");
        // The printed parameters, empty ones included, say the same.
        assert_eq!(ask(b"", &wire(&vector), &merchant), read, "{id}");
    }
}

/// V3, V8: the notify is the printed one to the byte, and pays.
#[test]
fn notifies_are_made_as_printed_and_pay() {
    for (printed, account, merchant) in [
        (V3, account(Charset::Utf8), merchant()),
        (V3, crate::account(Charset::Gbk), crate::merchant()),
        (V8, pair_account(), pair_merchant()),
    ] {
        let body = notify_body(&trade(), &merchant, NOTIFY_ID);
        assert_eq!(String::from_utf8(body.clone()).unwrap(), printed);
        let read = account.read_notify(&body, now());
        assert_eq!((read.verdict, read.reason), (Verdict::Genuine, None));
        assert_eq!(read.order_no.as_deref(), Some(ORDER_NO));
        assert_eq!(read.trade_no.as_deref(), Some(TRADE_NO));
        assert_eq!(read.notify_id.as_deref(), Some(NOTIFY_ID));
        assert_eq!(claims(&read.evidence), [payment()]);
        let evidence = &read.evidence[0];
        assert_eq!(evidence.about, Address::OrderNo(ORDER_NO.into()));
        assert_eq!(evidence.witness, Witness::Notify);
        assert_eq!(evidence.proof, Proof::Signed);
        assert_eq!(evidence.detail.gateway_status.as_deref(), Some("SUCCESS"));
        assert_eq!(evidence.detail.paid_at, Some(paid_at()));
    }
}

/// V4: the return is posted with empty values, which are not signed, and pays by its signature.
#[test]
fn a_return_is_made_as_printed_and_pays() {
    let mut bare = trade();
    bare.bank_seq_no = None;
    bare.request.extra_return_param = None;
    let posted = return_fields(&bare, &merchant(), "fedcba9876543210fedcba9876543210");
    assert_eq!(String::from_utf8(body(&posted)).unwrap(), V4);
    let account = account(Charset::Utf8);
    let read = account.read_return(&body(&posted), now());
    assert_eq!(read.verdict, Verdict::Genuine, "{read:?}");
    assert_eq!(claims(&read.evidence), [payment()]);
    assert_eq!(read.evidence[0].witness, Witness::Return);
    let swapped = account.read_notify(&body(&posted), now());
    assert_eq!(swapped.verdict, Verdict::Ambiguous, "it is no notify");
}

/// V5, V9: the question is a form with the printed signature; the gateway knows who asks for what.
#[test]
fn questions_are_signed_as_printed() {
    let request = account(Charset::Utf8)
        .query(ORDER_NO, Timestamp::UNIX_EPOCH)
        .unwrap();
    assert_eq!(
        (request.method, request.url.as_str()),
        (Method::Post, QUERY_URL)
    );
    assert_eq!(
        request.headers,
        [(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded".to_owned()
        )]
    );
    let params = Params::parse(&request.body).unwrap();
    let v5 = vector("V5");
    assert_eq!(params.get("sign"), Some(v5.sign.as_bytes()));
    let asked = |trade_no: Option<&str>| {
        Ok(Call::SingleTradeQuery {
            merchant_code: MERCHANT.into(),
            order_no: ORDER_NO.into(),
            trade_no: trade_no.map(str::to_owned),
        })
    };
    assert_eq!(ask(b"", &request.body, &merchant()), asked(None));
    assert_eq!(ask(b"", &wire(&v5), &merchant()), asked(None));
    let v9 = ask(b"", &wire(&vector("V9")), &pair_merchant());
    assert_eq!(v9, asked(Some(TRADE_NO)));
}

/// V6, V10, V11: the answers carry the printed signatures, and say what the note says.
#[test]
fn answers_are_signed_as_printed_and_believed() {
    let paid = Trade {
        bank_seq_no: None,
        ..trade()
    };
    let unpaid = Trade {
        status: TradeStatus::Unpay,
        ..paid.clone()
    };
    for (id, trade, account, merchant, answer) in [
        (
            "V6",
            &paid,
            account(Charset::Utf8),
            merchant(),
            Answer::Paid,
        ),
        ("V10", &paid, pair_account(), pair_merchant(), Answer::Paid),
        (
            "V11",
            &unpaid,
            pair_account(),
            pair_merchant(),
            Answer::Unpaid,
        ),
    ] {
        let reply = query_reply(trade, &merchant);
        let text = String::from_utf8(reply.body.clone()).unwrap();
        let sign = format!("<sign>{}</sign>", vector(id).sign);
        assert!(text.contains(&sign), "{id}: {text}");
        let read = account.read_query(ORDER_NO, &reply);
        assert_eq!((read.answer, &read.reason), (answer, &None), "{id}");
        match answer {
            Answer::Paid => {
                assert_eq!(claims(&read.evidence), [payment()], "{id}");
                assert_eq!(read.evidence[0].proof, Proof::Queried);
                assert_eq!(read.evidence[0].witness, Witness::Query);
            }
            _ => assert!(read.evidence.is_empty()),
        }
    }
}

/// The answer as the note prints it, byte by byte.
#[test]
fn the_printed_answer_is_the_one_that_is_made() {
    let printed = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><dinpay><response><is_success>T</is_success><sign_type>RSA-S</sign_type><sign>LyoYcDHMRiqbqWbVkiTmhcBM3EYscLHdsgUq0/npSgLztN31w5rv6VEUU3c2s1cUBTVqaOm31fINQQPnFd0hWK5YHK8LVCwwH1+Ta7FlsMkkCJEw79RbKEMt/Cq6PAIf+hDsjT6xFXjIXs9TRekfOfd/waLu3BQ/71Vy/WAjtKA=</sign><trade><merchant_code>1000000001</merchant_code><order_no>SIM20240102030405</order_no><order_time>2024-01-02 03:04:05</order_time><order_amount>12.01</order_amount><trade_no>1000004817</trade_no><trade_time>2024-01-02 03:05:06</trade_time><trade_status>SUCCESS</trade_status></trade></response></dinpay>";
    let paid = Trade {
        bank_seq_no: None,
        ..trade()
    };
    let reply = query_reply(&paid, &pair_merchant());
    assert_eq!(String::from_utf8(reply.body).unwrap(), printed);
    let read = pair_account().read_query(ORDER_NO, &Reply::new(200, printed));
    assert_eq!(read.answer, Answer::Paid);
}

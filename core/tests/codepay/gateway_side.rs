//! The gateway's side: the note's calls are taken, and its answers and notifications are written, byte for byte.

use crate::*;
use proptest::prelude::*;
use quittance_core::gateway::codepay::gateway_side::{
    Call, Ending, Named, Payment, Place, Queue, Refusal, Status, Trade, TransType, Who,
    checkout_reply, close_reply, error_reply, notify_body, pushed_reply, query_reply, read_call,
    refund_reply, revoke_reply,
};
use quittance_core::params::Params;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

fn printed(id: &str) -> String {
    String::from_utf8(wire(id)).unwrap()
}

/// What a vector's sale is, as the gateway knows it.
fn sold(order_no: &str) -> Trade {
    sale(order_no, usd(3_450))
}

fn read(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap()
}

/// Whether the gateway signed it.
fn signed(message: &Map<String, Value>) -> bool {
    let sign = message["sign"].as_str().unwrap().as_bytes();
    public("gateway_public_key").verify(presign(message).as_bytes(), sign)
}

/// The call of this vector at its own time.
fn call(id: &str) -> Call {
    let wire = printed(id);
    let now = Flat::parse(wire.as_bytes()).unwrap();
    let now = now.get("timestamp").unwrap().parse().unwrap();
    take(&wire, now).unwrap()
}

fn take(wire: &str, now: i64) -> Result<Call, String> {
    let known = |app_id: &str| (app_id == APP).then(app);
    read_call(wire.as_bytes(), at(now), &known).map_err(|refused| refused.refusal.code.to_owned())
}

fn text(reply: &Reply) -> String {
    String::from_utf8(reply.body.clone()).unwrap()
}

/// R1, R2, R3 and R4 pass every check, and read as what they ask for.
#[test]
fn the_notes_calls_are_taken() {
    let who = |store: Option<&str>| Who {
        app_id: APP.into(),
        merchant_no: "300000000001".into(),
        store_no: store.map(str::to_owned),
    };
    assert_eq!(
        call("R1"),
        Call::Query {
            who: who(None),
            named: Named::OrderNo("SALE-0001".into()),
        }
    );
    let Call::Sale(pushed) = call("R2") else {
        panic!("no sale")
    };
    assert_eq!(pushed.who, who(Some("4000000001")));
    assert_eq!(
        (pushed.order_no.as_str(), pushed.total()),
        ("SALE-0002", usd(3_450))
    );
    assert_eq!(
        pushed.description.as_deref(),
        Some("Café crème 咖啡 x2 & tip=no")
    );
    assert_eq!(
        pushed.notify_url.as_deref(),
        Some("https://shop.example/codepay/notify?a=1&b=2")
    );
    assert_eq!(
        (pushed.expires_secs, pushed.attach.as_ref()),
        (Some(180), None)
    );
    let Place::Terminal(push) = &pushed.place else {
        panic!("no terminal")
    };
    assert_eq!(push.terminal_sn, "TESTSN0000000001");
    assert!(push.queue == Queue::Fifo && !push.online_only && push.pay_scenario == "SWIPE_CARD");
    let Call::Sale(hosted) = call("R3") else {
        panic!("no sale")
    };
    let return_url = Some("https://shop.example/done".to_owned());
    assert_eq!(hosted.place, Place::Page { return_url });
    assert_eq!(
        (hosted.total(), hosted.expires_secs),
        (usd(2_100), Some(900))
    );
    let Call::PayBack(back) = call("R4") else {
        panic!("no refund")
    };
    assert_eq!(back.original, Named::OrderNo("SALE-0002".into()));
    assert_eq!(
        (back.amount, back.order_amount),
        (Some(usd(1_000)), Some(usd(3_450)))
    );
    assert!(!back.void && back.push.is_none() && back.order_no == "RFND-0001");
}

/// Any change of a signed call is refused, and so is the call an hour later.
#[test]
fn a_changed_call_is_refused() {
    let wire = printed("R1");
    let now = 1_764_000_000_000;
    assert!(take(&wire, now).is_ok());
    for (from, to, code) in [
        ("SALE-0001", "SALE-0009", "SIM_BAD_SIGN"),
        ("\"RSA2\"", "\"RSA\"", "SIM_PARAMETER"),
        ("wzTESTAPP00000001", "wzTESTAPP00000002", "SIM_UNKNOWN_APP"),
        ("order.query", "order.revoker", "SIM_BAD_SIGN"),
        ("\"1764000000000\"", "\"1764000000001\"", "SIM_BAD_SIGN"),
        ("\"sign\":\"J", "\"x\":\"1\",\"sign\":\"J", "SIM_BAD_SIGN"),
    ] {
        assert!(wire.contains(from), "{from}");
        assert_eq!(
            take(&wire.replacen(from, to, 1), now),
            Err(code.to_owned()),
            "{to}"
        );
    }
    assert_eq!(
        take(&wire, now + 3_600_000),
        Err("SIM_TIMESTAMP".to_owned())
    );
}

/// P1: the answer to R2. `data` is a text, and the amount in it a number.
#[test]
fn p1_is_written() {
    let psn = "11241600010000000001";
    let reply = pushed_reply(&app(), psn, "7000000001", &sold("SALE-0002"), true);
    assert_eq!(text(&reply), printed("P1"));
    assert_eq!(reply.status, 200);
}

/// P2: an order that nobody knows.
#[test]
fn p2_is_written() {
    let reply = error_reply(Some(&app()), "11241600020000000002", &Refusal::order_no());
    assert_eq!(text(&reply), printed("P2"));
    let unsigned = error_reply(None, "1", &Refusal::app());
    assert!(!text(&unsigned).contains("sign\":"), "there is no key");
}

/// N1: an approved sale. Its empty `attach` is not sent (note 7), which changes no signature.
#[test]
fn n1_is_written() {
    let paid = Trade {
        status: Status::Succeeded,
        payment: Some(Payment {
            method: "Visa".into(),
            account: "411111******1111".into(),
            channel_no: "900000000001".into(),
        }),
        ended_at: Some("2025-11-24T16:01:00Z".parse().unwrap()),
        ..sold("SALE-0002")
    };
    let body = notify_body(&app(), &paid, "11241601001234567890", at(1_764_000_060_123));
    let expected = printed("N1").replace("\"attach\":\"\",", "");
    assert_eq!(String::from_utf8(body).unwrap(), expected);
}

/// N2: a sale that the operator cancelled.
#[test]
fn n2_is_written() {
    let cancelled = Trade {
        trans_no: "51230000012511240000002".into(),
        status: Status::Failed,
        order_amount: usd(500),
        trans_amount: usd(500),
        ended_at: Some("2025-11-24T16:01:30Z".parse().unwrap()),
        ending: Some(Ending::Cancelled),
        ..sold("SALE-0003")
    };
    let body = notify_body(
        &app(),
        &cancelled,
        "11241601309876543210",
        at(1_764_000_090_456),
    );
    assert_eq!(String::from_utf8(body).unwrap(), printed("N2"));
}

/// Every answer is signed with the gateway's key over what it carries, `data` included.
#[test]
fn every_answer_is_signed() {
    let app = app();
    let trade = Trade {
        trans_type: TransType::Refund,
        orig_trans_no: Some("5001".into()),
        attach: Some("a=1&b".into()),
        ..sold("A")
    };
    for (reply, data) in [
        (
            query_reply(&app, "1", &trade),
            "\"orig_trans_no\":\"5001\",\"trans_type\":3,\"trans_status\":9",
        ),
        (refund_reply(&app, "1", &trade), "\"trans_amount\":34.5"),
        (
            checkout_reply(&app, "1", "https://x.example/p"),
            "\"pay_url\":\"https://x.example/p\"",
        ),
        (
            close_reply(&app, "1", "7", "5"),
            "{\"message_id\":\"7\",\"trans_no\":\"5\"}",
        ),
    ] {
        let message = read(&text(&reply));
        assert!(signed(&message));
        let told = message["data"].as_str().unwrap();
        assert!(told.contains(data), "{told}");
        assert!(Flat::parse(told.as_bytes()).is_ok());
    }
    let done = read(&text(&revoke_reply(&app, "1")));
    assert!(done["code"] == "0" && done.get("data").is_none() && signed(&done));
}

/// Amounts are numbers without trailing zeros in `data`, whatever the currency.
#[test]
fn amounts_lose_their_zeros() {
    for (minor, currency, literal) in [
        (1_200, "USD", "12"),
        (1_210, "USD", "12.1"),
        (1_201, "USD", "12.01"),
        (100_000, "USD", "1000"),
        (1, "USD", "0.01"),
        (1_200, "JPY", "1200"),
    ] {
        let amount = Money::new(minor, Currency::parse(currency).unwrap());
        let trade = Trade {
            trans_amount: amount,
            ..sold("A")
        };
        let reply = read(&text(&refund_reply(&app(), "1", &trade)));
        let data = reply["data"].as_str().unwrap();
        assert!(
            data.ends_with(&format!("\"trans_amount\":{literal}}}")),
            "{data}"
        );
    }
}

proptest! {
    /// Whatever comes in, the gateway answers and does not fall over.
    #[test]
    fn reading_never_panics(wire in prop::collection::vec(any::<u8>(), 0..300)) {
        let none = |_: &str| Some(app());
        let _ = read_call(&wire, at(0), &none);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What a merchant signs with his key and says rightly is taken, with every character that may stand in a text.
    #[test]
    fn a_signed_sale_is_taken(
        number in "[A-Za-z0-9_|*@-]{1,32}",
        cents in 1_i64..1_000_000_000,
        described in "[^\0\u{10000}-\u{10ffff}]{1,60}",
        form in any::<bool>(),
    ) {
        let key = private("merchant_private_key");
        let amount = usd(cents).decimal();
        let fields = [
            ("app_id", APP),
            ("charset", "UTF-8"),
            ("format", "JSON"),
            ("sign_type", "RSA2"),
            ("version", "1.0"),
            ("timestamp", "1764000000000"),
            ("method", "pay.checkout"),
            ("merchant_no", MERCHANT),
            ("merchant_order_no", &number),
            ("order_amount", &amount),
            ("price_currency", "USD"),
            ("description", &described),
        ];
        let mut message: Map<String, Value> =
            fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
        message.insert("sign".into(), key.sign_2(presign(&message).as_bytes()).into());
        let wire = match form {
            false => Value::Object(message).to_string(),
            true => {
                let mut params = Params::new();
                for (name, value) in &message {
                    params.push(name, value.as_str().unwrap().as_bytes()).unwrap();
                }
                params.to_wire()
            }
        };
        let Ok(Call::Sale(taken)) = take(&wire, 1_764_000_000_000) else {
            return Err(TestCaseError::fail("not taken"));
        };
        prop_assert_eq!((taken.order_no, taken.order_amount), (number, usd(cents)));
        prop_assert_eq!(taken.description, Some(described));
    }
}

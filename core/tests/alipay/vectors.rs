//! The signed examples of note section 8, on both sides.

use crate::{
    GATEWAY, KEY, NOTIFY_ID, ORDER_NO, PARTNER, TRADE_NO, account, claims, cny, key, merchant, now,
    order, payment, refunded_trade, request, settings, time, trade,
};
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    self, Call, Code, DirectPay, Merchant, Trade, TradeStatus, close_reply, notify_body,
    query_reply, return_query,
};
use quittance_core::gateway::alipay::{Account, Seller, Settings};
use quittance_core::gateway::{
    Address, Answer, Checkout, CheckoutCall, CheckoutStart, CloseCall, Gateway, Verdict,
};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, md5_verify, presign};
use quittance_core::{Claim, Order, Proof, Witness};
use serde_json::Value;

pub struct Vector {
    id: String,
    charset: Charset,
    pub presign: Vec<u8>,
    pub sign: String,
    pub wire: String,
    params: Params,
}

fn document() -> Value {
    serde_json::from_str(include_str!("../vectors/alipay.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn vectors() -> Vec<Vector> {
    let read = |vector: &Value| {
        let charset = Charset::from_label(text(&vector["charset"])).unwrap();
        let mut params = Params::new();
        for (name, value) in vector["params"].as_object().unwrap() {
            params
                .push(name, &charset.encode(text(value)).unwrap())
                .unwrap();
        }
        Vector {
            id: text(&vector["id"]).to_owned(),
            charset,
            presign: charset
                .encode(text(&vector["presign"]))
                .unwrap()
                .into_owned(),
            sign: text(&vector["sign"]).to_owned(),
            wire: text(&vector["wire"]).to_owned(),
            params,
        }
    };
    document()["vectors"]
        .as_array()
        .unwrap()
        .iter()
        .map(read)
        .collect()
}

pub fn vector(id: &str) -> Vector {
    vectors()
        .into_iter()
        .find(|vector| vector.id == id)
        .unwrap()
}

fn call(vector: &str) -> Result<Call, Code> {
    gateway_side::read_call(&[], vector.as_bytes(), &|partner| {
        (partner == PARTNER).then(merchant)
    })
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

/// Every vector, M1..M15: its parameters give its signing string and signature, and its wire reads back into the
/// same signing string with a signature that verifies.
#[test]
fn every_vector_signs_and_verifies_as_printed() {
    assert_eq!(text(&document()["md5_key"]), KEY);
    let vectors = vectors();
    assert_eq!(vectors.len(), 15);
    for vector in vectors {
        assert_eq!(presign(&vector.params), vector.presign, "{}", vector.id);
        assert_eq!(
            md5_sign(&vector.presign, &key()),
            vector.sign,
            "{}",
            vector.id
        );
        if !vector.wire.is_empty() {
            let wire = Params::parse(vector.wire.as_bytes()).unwrap();
            assert_eq!(wire.to_wire(), vector.wire, "{}", vector.id);
            assert_eq!(presign(&wire), vector.presign, "{}", vector.id);
            assert!(
                md5_verify(&vector.presign, &key(), wire.get("sign").unwrap()),
                "{}",
                vector.id
            );
        }
    }
}

/// M1..M3: the merchant's address is the vector's wire, its form holds the same fields, and the gateway reads both
/// as what was ordered.
#[test]
fn requests_are_built_as_printed_and_read_by_the_gateway() {
    let chinese = Order {
        extra: Some("会员充值".into()),
        body: Some(String::new()),
        ..order()
    };
    let ascii = Order {
        subject: "test order".into(),
        ..order()
    };
    for (id, order) in [("M1", &ascii), ("M2", &chinese), ("M3", &chinese)] {
        let vector = vector(id);
        let account = account(vector.charset);
        let url = format!("{GATEWAY}?{}", vector.wire);
        assert_eq!(
            account.checkout(order, &addresses()),
            Ok(CheckoutStart::Ready(Checkout::Redirect { url })),
            "{id}"
        );

        let form = account
            .checkout(
                order,
                &CheckoutCall {
                    via_get: false,
                    ..addresses()
                },
            )
            .unwrap();
        let CheckoutStart::Ready(Checkout::Form {
            method,
            url,
            charset,
            fields,
        }) = form
        else {
            panic!("{id} is no form")
        };
        assert_eq!(
            (method.as_str(), charset.as_str()),
            ("POST", vector.charset.label())
        );
        let query = url.strip_prefix(&format!("{GATEWAY}?")).unwrap();
        let mut body = Params::new();
        for (name, value) in &fields {
            body.push(name, &vector.charset.encode(value).unwrap())
                .unwrap();
        }
        assert_eq!(body.to_wire(), vector.wire, "{id}");

        let expected = DirectPay {
            subject: order.subject.clone(),
            body: None,
            extra_common_param: order.extra.clone(),
            notify_url: Some(addresses().notify_url),
            return_url: Some(addresses().return_url),
            ..request(vector.charset)
        };
        let read = gateway_side::read_call(query.as_bytes(), body.to_wire().as_bytes(), &|_| {
            Some(merchant())
        });
        assert_eq!(read, Ok(Call::DirectPay(Box::new(expected))), "{id}");
    }
}

/// M4: specials inside values are signed raw, and the gateway reads them back; our own side refuses such a title.
#[test]
fn specials_inside_values_are_read_raw() {
    let Ok(Call::DirectPay(read)) = call(&vector("M4").wire) else {
        panic!("M4 is no payment")
    };
    assert_eq!(read.subject, "a b+c/d");
    let refusal = account(Charset::Utf8)
        .admit(&Order {
            subject: read.subject,
            ..order()
        })
        .unwrap_err();
    assert_eq!(refusal.field, "subject");
}

/// P1: the official example, signed over GBK bytes; the signature over UTF-8 bytes is the wrong one. A merchant with
/// the same settings asks for the same payment.
#[test]
fn the_official_example_needs_gbk_bytes() {
    let example = &document()["pdf_example"];
    let string = text(&example["presign"]);
    let gbk = Charset::Gbk.encode(string).unwrap();
    assert_eq!(md5_sign(&gbk, &key()), text(&example["md5_gbk"]));
    assert_eq!(
        md5_sign(string.as_bytes(), &key()),
        text(&example["md5_utf8"])
    );

    let mut params = Params::new();
    for field in string.split('&') {
        let (name, value) = field.split_once('=').unwrap();
        params
            .push(name, &Charset::Gbk.encode(value).unwrap())
            .unwrap();
    }
    let seller = "alipay-test01@alipay.com";
    let known = |partner: &str| {
        Some(Merchant {
            partner: partner.into(),
            email: seller.into(),
            ..merchant()
        })
    };
    let wire = |sign: &Value| format!("{}&sign={}&sign_type=MD5", params.to_wire(), text(sign));
    let read = gateway_side::read_call(wire(&example["md5_gbk"]).as_bytes(), &[], &known);
    let wrong = gateway_side::read_call(wire(&example["md5_utf8"]).as_bytes(), &[], &known);
    assert_eq!(wrong, Err(Code("ILLEGAL_SIGN")));

    let account = Account::new(Settings {
        partner: "2088101568338364".into(),
        seller: Some(Seller::Email(seller.into())),
        ..settings(Charset::Gbk)
    });
    let order = Order {
        amount: cny(10_000),
        subject: "贝尔金护腕式".into(),
        ..order()
    };
    let order = Order {
        key: quittance_core::OrderKey::new("main", "6741334835157966"),
        ..order
    };
    let call = CheckoutCall {
        notify_url: String::new(),
        return_url: "http://www.test.com/alipay/return_url.asp".into(),
        ..addresses()
    };
    let CheckoutStart::Ready(Checkout::Redirect { url }) =
        account.unwrap().checkout(&order, &call).unwrap()
    else {
        panic!("no address")
    };
    let ours = gateway_side::read_call(url.split_once('?').unwrap().1.as_bytes(), &[], &known);
    assert!(
        matches!(&read, Ok(Call::DirectPay(pay)) if pay.total_fee == cny(10_000)),
        "{read:?}"
    );
    assert_eq!(ours, read);
}

/// M5: the gateway's return is the vector's wire, and the merchant reads the payment from it. The token is decoded
/// once, so its own escapes are still in it, and the second opinion asks for exactly that token.
#[test]
fn the_return_is_sent_and_read_as_printed() {
    let wire = vector("M5").wire;
    let token = "RqPnCoPT3K9%2Fvwbh3I%2BTESTTESTTEST0001";
    let sent = return_query(
        &trade(Charset::Utf8),
        &merchant(),
        token,
        time("2024-01-01T04:00:05Z"),
    );
    assert_eq!(sent, wire);

    let account = account(Charset::Utf8);
    let read = account.read_return(wire.as_bytes(), now());
    assert_eq!(
        (read.verdict, read.reason.as_deref()),
        (Verdict::Genuine, None)
    );
    assert_eq!(claims(&read.evidence), [payment()]);
    assert_eq!(
        (read.evidence[0].witness, read.evidence[0].proof),
        (Witness::Return, Proof::Signed)
    );
    assert_eq!(read.notify_id.as_deref(), Some(token));
    let asked = account.second_opinion(token).unwrap().url;
    let asked =
        gateway_side::read_call(asked.split_once('?').unwrap().1.as_bytes(), &[], &|_| None);
    assert_eq!(
        asked,
        Ok(Call::NotifyVerify {
            partner: PARTNER.into(),
            notify_id: token.into()
        })
    );
}

/// M6..M9: the gateway's notifies are the vectors' wires, in both charsets and for both products, and the merchant
/// reads from them what they claim.
#[test]
fn notifies_are_sent_and_read_as_printed() {
    let finished = Trade {
        status: TradeStatus::Finished,
        request: DirectPay {
            extra_common_param: None,
            ..request(Charset::Utf8)
        },
        ..trade(Charset::Utf8)
    };
    let refund = Claim::RefundedSoFar {
        trade_no: TRADE_NO.into(),
        amount: cny(1),
    };
    let cases = [
        ("M6", trade(Charset::Utf8), vec![payment()]),
        ("M7", trade(Charset::Gbk), vec![payment()]),
        ("M8", finished, vec![payment()]),
        ("M9", refunded_trade(Charset::Utf8), vec![payment(), refund]),
    ];
    for (id, trade, expected) in cases {
        let vector = vector(id);
        let merchant = Merchant {
            advanced: id != "M8",
            ..merchant()
        };
        let (token, at) = match id {
            "M9" => (
                "aaaa0c2730b27528665af4517c27b9500",
                time("2024-01-02T02:00:01Z"),
            ),
            _ => (NOTIFY_ID, now()),
        };
        let sent = notify_body(&trade, &merchant, token, at);
        assert_eq!(String::from_utf8(sent).unwrap(), vector.wire, "{id}");

        let read = account(vector.charset).read_notify(vector.wire.as_bytes(), now());
        assert_eq!(
            (read.verdict, read.reason.as_deref()),
            (Verdict::Genuine, None),
            "{id}"
        );
        assert_eq!(claims(&read.evidence), expected, "{id}");
        assert_eq!(
            (read.order_no.as_deref(), read.trade_no.as_deref()),
            (Some(ORDER_NO), Some(TRADE_NO))
        );
        assert_eq!(read.notify_id.as_deref(), Some(token));
        let evidence = &read.evidence[0];
        assert_eq!(evidence.about, Address::OrderNo(ORDER_NO.into()));
        assert_eq!(evidence.detail.paid_at, Some(time("2024-01-01T04:00:04Z")));
        assert_eq!(
            evidence.detail.gateway_status.as_deref(),
            Some(trade.status.word())
        );
        assert_eq!(evidence.detail.payer, None);
        let personal: Vec<_> = read
            .personal
            .iter()
            .map(|p| (p.subject.as_str(), p.name.as_str()))
            .collect();
        assert_eq!(
            personal,
            [(TRADE_NO, "buyer_id"), (TRADE_NO, "buyer_email")]
        );
    }
}

/// M10, M11 and M15: the batch request reads as its items, the batch notify as a refund of each trade, the
/// timestamp's answer is signed like a trade's.
#[test]
fn the_other_services_sign_the_same_way() {
    let batch = Params::parse(vector("M10").wire.as_bytes()).unwrap();
    let items = Charset::Gbk
        .decode(batch.get("detail_data").unwrap())
        .unwrap()
        .into_owned();
    assert_eq!(items.split('#').count(), 2);
    assert!(items.starts_with(&format!("{TRADE_NO}^0.01^协商退款#")));

    let read = account(Charset::Utf8).read_notify(vector("M11").wire.as_bytes(), now());
    assert_eq!((read.verdict, read.order_no), (Verdict::Genuine, None));
    let item = |trade_no: &str, minor, succeeded| Claim::RefundItem {
        trade_no: trade_no.into(),
        refund_no: "20240102001".into(),
        amount: cny(minor),
        succeeded,
    };
    let other = "2024010100001000010000000002";
    assert_eq!(
        claims(&read.evidence),
        [item(TRADE_NO, 1, true), item(other, 500, false)]
    );
    assert_eq!(read.evidence[1].about, Address::TradeNo(other.into()));
    assert_eq!(
        read.evidence[1].detail.gateway_status.as_deref(),
        Some("TRADE_HAS_CLOSED")
    );

    let mut timestamp = Params::new();
    timestamp
        .push("encrypt_key", b"KPr8DuZp5xc031OVxw==")
        .unwrap();
    assert!(md5_verify(
        &presign(&timestamp),
        &key(),
        vector("M15").sign.as_bytes()
    ));
}

/// M12 and M13: the question is the vector's wire, the gateway reads it, its answer carries the vector's signature,
/// and the merchant reads the payment from it, in every charset.
#[test]
fn the_query_asks_and_answers_as_printed() {
    let utf8 = account(Charset::Utf8);
    let asked = utf8.query(ORDER_NO, Timestamp::UNIX_EPOCH).unwrap().url;
    assert_eq!(asked, format!("{GATEWAY}?{}", vector("M12").wire));
    let read = call(&vector("M12").wire);
    let named = Some(ORDER_NO.to_owned());
    assert_eq!(
        read,
        Ok(Call::SingleTradeQuery {
            partner: PARTNER.into(),
            out_trade_no: named,
            trade_no: None
        })
    );

    for charset in [Charset::Utf8, Charset::Gbk, Charset::Gb2312] {
        let bare = DirectPay {
            body: None,
            extra_common_param: None,
            ..request(charset)
        };
        let reply = query_reply(
            &Trade {
                request: bare,
                ..trade(charset)
            },
            &merchant(),
            now(),
        );
        if charset == Charset::Utf8 {
            let text = String::from_utf8(reply.body.clone()).unwrap();
            assert!(
                text.contains(&format!("<sign>{}</sign>", vector("M13").sign)),
                "{text}"
            );
        }
        let answered = account(charset).read_query(ORDER_NO, &reply);
        assert_eq!((answered.answer, answered.reason), (Answer::Paid, None));
        assert_eq!(claims(&answered.evidence), [payment()]);
        let told = (answered.evidence[0].witness, answered.evidence[0].proof);
        assert_eq!(told, (Witness::Query, Proof::Queried));
    }
}

/// M14: closing asks as printed under the service's own name for the order, and reads both answers.
#[test]
fn closing_asks_and_answers_as_printed() {
    let account = account(Charset::Utf8);
    let asked = account
        .close(&CloseCall {
            order: &order(),
            gently: true,
            now: Timestamp::UNIX_EPOCH,
        })
        .unwrap();
    assert!(!asked.pays_back);
    let asked = asked.request.url;
    assert_eq!(asked, format!("{GATEWAY}?{}", vector("M14").wire));
    let named = Some(ORDER_NO.to_owned());
    let read = call(&vector("M14").wire);
    assert_eq!(
        read,
        Ok(Call::CloseTrade {
            partner: PARTNER.into(),
            out_order_no: named,
            trade_no: None
        })
    );
    assert_eq!(
        account.read_close(ORDER_NO, &close_reply()).accepted,
        Some(true)
    );
    let refused = account.read_close(
        ORDER_NO,
        &gateway_side::error_reply(Code("TRADE_STATUS_NOT_AVAILD")),
    );
    assert_eq!(
        (refused.accepted, refused.reason.as_deref()),
        (Some(false), Some("TRADE_STATUS_NOT_AVAILD"))
    );
}

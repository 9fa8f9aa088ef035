//! Answers to our questions: what cannot be believed in full is unknown.

use crate::{
    KEY, ORDER_NO, PARTNER, TRADE_NO, account, claims, cny, key, merchant, now, payment,
    refunded_trade, request, settings, time, trade,
};
use proptest::prelude::*;
use quittance_core::Claim;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    Code, DirectPay, Merchant, Trade, TradeStatus, close_reply, error_reply, query_reply,
    verify_reply,
};
use quittance_core::gateway::alipay::{Account, Key};
use quittance_core::gateway::{Answer, Answered, Gateway, Opinion};
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use secrecy::SecretString;

fn ask(reply: &Reply) -> Answered {
    account(Charset::Utf8).read_query(ORDER_NO, reply)
}

fn good() -> String {
    String::from_utf8(query_reply(&trade(Charset::Utf8), &merchant(), now()).body).unwrap()
}

fn ask_text(text: &str) -> Answered {
    ask(&Reply::new(200, text))
}

/// The answer without the lines of its signature.
fn unsigned(text: &str) -> String {
    let (head, tail) = text.split_once("<sign>").unwrap();
    format!("{head}{}", tail.split_once("</sign_type>").unwrap().1)
}

/// SEC-014: only the four bytes `true` are a yes, and only with status 200.
#[test]
fn only_exactly_true_is_a_yes() {
    let account = account(Charset::Utf8);
    let opinion = |status, body: &[u8]| account.read_second_opinion(&Reply::new(status, body));
    assert_eq!(
        account.read_second_opinion(&verify_reply("true")),
        Opinion::True
    );
    assert_eq!(
        account.read_second_opinion(&verify_reply("false")),
        Opinion::False
    );
    assert_eq!(
        account.read_second_opinion(&verify_reply("invalid")),
        Opinion::Unknown
    );
    let spaces = [vec![b' '; 1 << 20], b"true".to_vec()].concat();
    for body in [
        &b"true\n"[..],
        b"true\r\n",
        b" true",
        b"TRUE",
        b"True",
        b"untrue",
        b"<html>true",
        b"false true",
        b"\xEF\xBB\xBFtrue",
        &spaces,
        b"",
        b"1",
        b"T",
        b"false\n",
        b"FALSE",
        b"\"true\"",
        b"true\0",
        b"truetrue",
    ] {
        assert_eq!(
            opinion(200, body),
            Opinion::Unknown,
            "{:?}",
            &body[..body.len().min(20)]
        );
    }
    for status in [0, 100, 201, 204, 206, 301, 302, 400, 404, 500, 502, 503] {
        assert_eq!(opinion(status, b"true"), Opinion::Unknown, "{status}");
        assert_eq!(opinion(status, b"false"), Opinion::Unknown, "{status}");
    }
}

/// Note 2.3, 5.1: what each status answers and claims, with the sum that was paid back.
#[test]
fn statuses_answer_what_the_note_says() {
    let so_far = |minor| Claim::RefundedSoFar {
        trade_no: TRADE_NO.into(),
        amount: cny(minor),
    };
    let check = |trade: &Trade, answer: Answer, expected: &[Claim]| {
        let answered = ask(&query_reply(trade, &merchant(), now()));
        assert_eq!(
            (answered.answer, claims(&answered.evidence)),
            (answer, expected.to_vec()),
            "{answered:?}"
        );
    };
    let paid = trade(Charset::Utf8);
    check(&paid, Answer::Paid, &[payment()]);
    check(
        &Trade {
            status: TradeStatus::Finished,
            ..paid.clone()
        },
        Answer::Paid,
        &[payment()],
    );
    check(
        &refunded_trade(Charset::Utf8),
        Answer::Paid,
        &[payment(), so_far(1)],
    );
    let unpaid = Trade {
        status: TradeStatus::WaitBuyerPay,
        gmt_payment: None,
        ..paid.clone()
    };
    check(&unpaid, Answer::Unpaid, &[]);
    let closed = Trade {
        status: TradeStatus::Closed,
        gmt_close: Some(now()),
        ..unpaid
    };
    check(
        &closed,
        Answer::Closed,
        &[Claim::GatewayClosed {
            reason: "trade_closed".into(),
        }],
    );
    let contradictory = Trade {
        gmt_payment: Some(now()),
        ..closed
    };
    check(&contradictory, Answer::Unknown, &[]);
    let fifty = Claim::Payment {
        trade_no: TRADE_NO.into(),
        amount: cny(5000),
        payee: PARTNER.into(),
    };
    let request = DirectPay {
        total_fee: cny(5000),
        ..request(Charset::Utf8)
    };
    check(
        &Trade {
            request,
            refunded: cny(20),
            ..paid
        },
        Answer::Paid,
        &[fifty, so_far(20)],
    );
}

/// Texts with `&`, `<` and every quote come through an answer unchanged under its signature: answers are read from
/// their structure.
#[test]
fn answers_may_hold_every_text() {
    for charset in [Charset::Utf8, Charset::Gbk] {
        let subject = "a&total_fee=9999.00&<b>\"'测试]]> & c".to_owned();
        let request = DirectPay {
            subject,
            ..request(charset)
        };
        let reply = query_reply(
            &Trade {
                request,
                ..trade(charset)
            },
            &merchant(),
            now(),
        );
        let answered = account(charset).read_query(ORDER_NO, &reply);
        assert_eq!(
            (answered.answer, claims(&answered.evidence)),
            (Answer::Paid, vec![payment()])
        );
        assert_eq!(answered.personal.len(), 2);
    }
}

/// No such trade, refusals and closings: the codes come through, and a refusal is never "unpaid".
#[test]
fn failures_answer_with_their_code() {
    let missing = ask(&error_reply(Code("TRADE_NOT_EXIST")));
    assert_eq!(
        (missing.answer, missing.reason.as_deref()),
        (Answer::NotFound, Some("TRADE_NOT_EXIST"))
    );
    for code in [
        "ILLEGAL_SIGN",
        "SYSTEM_ERROR",
        "ILLEGAL_PARTNER_EXTERFACE",
        "HAS_NO_PRIVILEGE",
    ] {
        let refused = ask(&error_reply(Code(code)));
        assert_eq!(
            (refused.answer, refused.reason.as_deref()),
            (Answer::Unknown, Some(code))
        );
    }
    assert_eq!(
        ask(&close_reply()).answer,
        Answer::Unknown,
        "a success without a trade"
    );
    for body in [
        "",
        "<html>",
        "<alipay/>",
        "<alipay><is_success>X</is_success></alipay>",
    ] {
        let closing = account(Charset::Utf8).read_close(ORDER_NO, &Reply::new(200, body));
        assert!(
            closing.accepted.is_none() && closing.reason.is_some(),
            "{body}"
        );
    }
    let closing = account(Charset::Utf8).read_close(ORDER_NO, &Reply::new(502, close_reply().body));
    assert_eq!(closing.accepted, None);
}

/// F-29, SEC-084: a corpus of answers that are broken, foreign or forged; none of them is believed.
#[test]
fn garbage_is_never_believed() {
    let good = good();
    assert_eq!(ask_text(&good).answer, Answer::Paid);
    let swap = |from: &str, to: &str| {
        let changed = good.replace(from, to);
        assert_ne!(changed, good, "{from} is not there");
        changed
    };
    let doctype = swap(
        "?>\n",
        "?>\n<!DOCTYPE alipay [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n",
    );
    let laughs = doctype.replace("测试商品", "&x;");
    let doubled = |field: &str| swap("</trade>", &format!("{field}</trade>"));
    let corpus = [
        String::new(),
        " ".into(),
        "<html><body>TRADE_SUCCESS</body></html>".into(),
        "true".into(),
        "{\"is_success\":\"T\"}".into(),
        "is_success=T&trade_status=TRADE_SUCCESS".into(),
        good[..good.len() / 2].into(),
        good[..good.len() - 9].into(),
        unsigned(&good),
        swap("<sign>", "<sign>0"),
        swap("<sign_type>MD5", "<sign_type>RSA"),
        swap("<sign_type>MD5</sign_type>", ""),
        swap("<total_fee>0.01", "<total_fee>0.02"),
        swap("TRADE_SUCCESS", "TRADE_FINISHED"),
        swap("TRADE_SUCCESS", "WAIT_BUYER_PAY"),
        swap(TRADE_NO, "1"),
        swap(ORDER_NO, "another"),
        swap("<seller_id>2088000000000001", "<seller_id>2088000000000002"),
        swap("<total_fee>0.01</total_fee>", ""),
        doubled("<total_fee>9999.00</total_fee>"),
        doubled("<trade_status>TRADE_SUCCESS</trade_status>"),
        doubled("<fund><a>1</a></fund>"),
        doubled("stray text"),
        doubled("<A>1</A>"),
        doubled("<!-- comment -->"),
        swap("</response>", "<trade></trade></response>"),
        swap(
            "</response>",
            "</response><response><trade><a>1</a></trade></response>",
        ),
        swap("</alipay>", "</alipay><alipay></alipay>"),
        swap("</alipay>", "</alipay>x"),
        swap("<alipay>", "<alipay><is_success>T</is_success>"),
        swap("<is_success>T", "<is_success>F"),
        swap("<is_success>T", "<is_success>t"),
        swap("<is_success>T</is_success>", ""),
        swap(
            "<is_success>T</is_success>",
            "<is_success>T</is_success><error>TRADE_NOT_EXIST</error>",
        ),
        swap(
            "<is_success>T</is_success>",
            "<is_success>F</is_success><error>TRADE_NOT_EXIST</error>",
        ),
        swap("encoding=\"utf-8\"", "encoding=\"GBK\""),
        swap("encoding=\"utf-8\"", "encoding=\"latin1\""),
        swap("alipay>", "wxpay>"),
        swap("<request>", "<request><a><b><c>too deep</c></b></a>"),
        swap("<trade>", "<refund>").replace("</trade>", "</refund>"),
        swap("测试商品", "&unknown;"),
        swap("测试商品", "&#0;"),
        swap("测试商品", "a & b"),
        swap("测试商品", "<![CDATA[测试商品"),
        swap("</trade>", "</response>"),
        format!("{good}{}", " ".repeat(70_000)),
        format!("<alipay>{}", "<a>".repeat(20_000)),
        doctype,
        laughs,
    ];
    for text in &corpus {
        let answered = ask_text(text);
        let shown: String = text.chars().take(300).collect();
        assert_eq!(answered.answer, Answer::Unknown, "{shown}");
        assert!(
            answered.evidence.is_empty() && answered.personal.is_empty(),
            "{shown}"
        );
        let reason = answered.reason.unwrap();
        assert!(!reason.is_empty() && !reason.contains(KEY), "{shown}");
    }
    for status in [201, 204, 301, 302, 404, 429, 500, 502, 503, 504] {
        assert_eq!(
            ask(&Reply::new(status, good.as_str())).answer,
            Answer::Unknown,
            "{status}"
        );
    }
    let gbk = query_reply(&trade(Charset::Gbk), &merchant(), now());
    assert_eq!(
        ask(&gbk).answer,
        Answer::Unknown,
        "an answer in another charset"
    );
}

/// The answer with its signature made anew.
fn resigned(text: &str) -> String {
    let (head, rest) = text.split_once("<trade>").unwrap();
    let (children, rest) = rest.split_once("</trade>").unwrap();
    let mut params = Params::new();
    for child in children.split_terminator('>').collect::<Vec<_>>().chunks(2) {
        let (value, name) = child[1].split_once("</").unwrap();
        params.push(name, value.as_bytes()).unwrap();
    }
    let signature = md5_sign(&presign(&params), &key());
    let (request, tail) = rest.split_once("<sign>").unwrap();
    format!(
        "{head}<trade>{children}</trade>{request}<sign>{signature}{}",
        &tail[32..]
    )
}

/// Rightly signed, and still not believed: a closed trade whose money is with the seller, amounts out of format.
#[test]
fn contradictions_are_unknown() {
    assert_eq!(resigned(&good()), good());
    let closed = Trade {
        status: TradeStatus::Closed,
        gmt_payment: None,
        ..trade(Charset::Utf8)
    };
    let closed = String::from_utf8(query_reply(&closed, &merchant(), now()).body).unwrap();
    assert_eq!(ask_text(&closed).answer, Answer::Closed);
    for (text, from, to) in [
        (&closed, "<to_seller_fee>0.00", "<to_seller_fee>0.01"),
        (&good(), "<to_buyer_fee>0.00", "<to_buyer_fee>-0.01"),
        (&good(), "<total_fee>0.01", "<total_fee>1e2"),
        (
            &good(),
            "<trade_status>TRADE_SUCCESS",
            "<trade_status>SUCCESS",
        ),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(&changed, text);
        let answered = ask_text(&resigned(&changed));
        assert_eq!(answered.answer, Answer::Unknown, "{to}");
        assert!(answered.evidence.is_empty(), "{to}");
    }
}

/// An unsigned answer that claims nothing may stand; one that claims a closing may not.
#[test]
fn an_unsigned_answer_claims_nothing() {
    let unpaid = Trade {
        status: TradeStatus::WaitBuyerPay,
        gmt_payment: None,
        ..trade(Charset::Utf8)
    };
    let text = |trade: &Trade| {
        unsigned(&String::from_utf8(query_reply(trade, &merchant(), now()).body).unwrap())
    };
    assert_eq!(ask_text(&text(&unpaid)).answer, Answer::Unpaid);
    let closed = Trade {
        status: TradeStatus::Closed,
        ..unpaid
    };
    assert_eq!(ask_text(&text(&closed)).answer, Answer::Unknown);
}

/// SEC-026, SEC-035: an answer that is rightly signed for another payee, or about another order, says nothing; an
/// answer under a previous key does, because we asked just now.
#[test]
fn an_answer_is_bound_to_our_question() {
    let thief = Merchant {
        partner: "2088000000000002".into(),
        ..merchant()
    };
    assert_eq!(
        ask(&query_reply(&trade(Charset::Utf8), &thief, now())).answer,
        Answer::Unknown
    );
    let request = DirectPay {
        out_trade_no: "another".into(),
        ..request(Charset::Utf8)
    };
    let other = Trade {
        request,
        ..trade(Charset::Utf8)
    };
    assert_eq!(
        ask(&query_reply(&other, &merchant(), now())).answer,
        Answer::Unknown
    );

    let old = SecretString::from("old-key-of-32-characters-long--!");
    let reply = query_reply(
        &trade(Charset::Utf8),
        &Merchant {
            key: old.clone().into(),
            ..merchant()
        },
        now(),
    );
    assert_eq!(ask(&reply).answer, Answer::Unknown);
    let mut settings = settings(Charset::Utf8);
    settings.keys.push(Key {
        key: old,
        until: Some(time("2020-01-01T00:00:00Z")),
    });
    assert_eq!(
        Account::new(settings)
            .unwrap()
            .read_query(ORDER_NO, &reply)
            .answer,
        Answer::Paid
    );
}

proptest! {
    /// No bytes make the readers of answers panic, and none that nobody signed read as paid or closed.
    #[test]
    fn random_answers_are_never_believed(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let reply = Reply::new(200, body);
        prop_assert_eq!(ask(&reply).answer, Answer::Unknown);
        prop_assert!(account(Charset::Gbk).read_close(ORDER_NO, &reply).accepted.is_none());
    }

    /// The same for what looks like the envelope.
    #[test]
    fn random_envelopes_are_never_believed(
        parts in prop::collection::vec(
            "(<alipay>|</alipay>|<is_success>|</is_success>|T|F|<response>|</response>|<trade>|</trade>|<a/>|<error>|\
             </error>|&amp;|&#65;|&x;|<!--|-->|<!DOCTYPE|<\\?xml version='1.0'\\?>|<!\\[CDATA\\[|\\]\\]>|<sign>|</sign>|x| )",
            0..24,
        ),
    ) {
        let answered = ask_text(&parts.concat());
        prop_assert!(answered.evidence.is_empty());
        prop_assert_eq!(answered.answer, Answer::Unknown);
    }

    /// One changed byte in a good answer is never believed to say anything else.
    #[test]
    fn a_changed_byte_changes_no_claim(at in 0_usize..1200, byte in any::<u8>()) {
        let mut body = good().into_bytes();
        let at = at % body.len();
        body[at] = byte;
        let answered = ask(&Reply::new(200, body));
        let claims = claims(&answered.evidence);
        prop_assert!(claims.is_empty() || claims == [payment()]);
    }
}

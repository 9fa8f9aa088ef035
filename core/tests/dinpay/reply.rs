//! Answers to our questions: what cannot be believed in full is unknown.

use crate::{
    KEY, ORDER_NO, TRADE_NO, account, claims, md5, merchant, paid_at, pair_account, pair_merchant,
    payment, settings, time, trade,
};
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::gateway_side::{
    Code, Merchant, NOT_EXIST, Trade, TradeStatus, error_reply, query_reply,
};
use quittance_core::gateway::dinpay::{Account, Key};
use quittance_core::gateway::{Answer, Answered, Gateway};
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::sign::presign;
use secrecy::SecretString;

fn ask(reply: &Reply) -> Answered {
    account(Charset::Utf8).read_query(ORDER_NO, reply)
}

fn good() -> String {
    String::from_utf8(query_reply(&trade(), &merchant()).body).unwrap()
}

fn ask_text(text: &str) -> Answered {
    ask(&Reply::new(200, text))
}

/// An answer with these children, signed over all of them.
fn sealed(children: &[(&str, &str)]) -> String {
    let mut params = Params::new();
    let mut told = String::new();
    for (name, value) in children {
        params.push(name, value.as_bytes()).unwrap();
        told.push_str(&format!("<{name}>{value}</{name}>"));
    }
    format!(
        "<dinpay><response><is_success>T</is_success><sign_type>MD5</sign_type><sign>{}</sign><trade>{told}</trade></response></dinpay>",
        md5(&presign(&params))
    )
}

/// The children of a paid trade with one of them set.
fn children<'a>(name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = vec![
        ("merchant_code", crate::MERCHANT),
        ("order_no", ORDER_NO),
        ("order_time", "2024-01-02 03:04:05"),
        ("order_amount", "12.01"),
        ("trade_no", TRADE_NO),
        ("trade_time", "2024-01-02 03:05:06"),
        ("trade_status", "SUCCESS"),
    ];
    match fields.iter_mut().find(|(known, _)| *known == name) {
        Some(field) => field.1 = value,
        None => fields.push((name, value)),
    }
    fields
}

/// Nothing is said by such an answer.
fn unknown(text: &str) -> String {
    let read = ask_text(text);
    assert_eq!(read.answer, Answer::Unknown, "{text}");
    assert!(read.evidence.is_empty(), "{text}");
    read.reason.unwrap()
}

/// Note 3.2: what each status answers and claims. An order that is not paid claims nothing.
#[test]
fn statuses_answer_what_the_note_says() {
    for (status, answer) in [
        (TradeStatus::Success, Answer::Paid),
        (TradeStatus::Unpay, Answer::Unpaid),
        (TradeStatus::Failed, Answer::Unpaid),
    ] {
        let read = ask(&query_reply(&Trade { status, ..trade() }, &merchant()));
        assert_eq!((read.answer, &read.reason), (answer, &None), "{status:?}");
        assert_eq!(read.evidence.is_empty(), answer != Answer::Paid);
    }
    let read = ask(&query_reply(&trade(), &merchant()));
    assert_eq!(claims(&read.evidence), [payment()]);
    assert_eq!(read.evidence[0].detail.paid_at, Some(paid_at()));
    for word in [
        "success",
        "PAID",
        "TRADE_SUCCESS",
        "SUCCESS ",
        "T",
        "CLOSED",
    ] {
        unknown(&sealed(&children("trade_status", word)));
    }
}

/// Note 3.2, 5: no such trade is an answer; every other refusal is none.
#[test]
fn refusals_say_nothing_but_that_there_is_no_such_trade() {
    let read = ask(&error_reply(NOT_EXIST));
    assert_eq!(read.answer, Answer::NotFound);
    assert_eq!(read.reason.as_deref(), Some("TRADE_IS_NOT_EXIST"));
    for code in [
        "ILLEGAL_SIGN",
        "SYSTEM_ERROR",
        "TRADE_NOT_EXIST",
        "csp.orderService.order-is-already-exist",
    ] {
        let read = ask(&error_reply(Code(code)));
        assert_eq!(read.answer, Answer::Unknown);
        assert_eq!(read.reason.as_deref(), Some(code));
    }
}

/// F-29: every answer with a trade is signed here, so without a signature, or with another, it says nothing: neither
/// paid nor unpaid.
#[test]
fn an_answer_must_be_signed() {
    for status in [TradeStatus::Success, TradeStatus::Unpay] {
        let reply = query_reply(&Trade { status, ..trade() }, &merchant());
        let text = String::from_utf8(reply.body).unwrap();
        let (head, tail) = text.split_once("<sign>").unwrap();
        let (sign, tail) = tail.split_once("</sign>").unwrap();
        for sign in [
            String::new(),
            "<sign></sign>".into(),
            format!("<sign>{}</sign>", sign.to_uppercase()),
            format!("<sign>{sign} </sign>"),
            format!("<sign>{}</sign>", "0".repeat(32)),
        ] {
            let reason = unknown(&format!("{head}{sign}{tail}"));
            assert!(reason.contains("unsigned"), "{reason}");
        }
        for kind in ["RSA-S", "RSA", "", "md5"] {
            unknown(&text.replace(">MD5<", &format!(">{kind}<")));
        }
        unknown(&text.replace("<sign_type>MD5</sign_type>", ""));
    }
    let other = Merchant {
        key: SecretString::from("another key of somebody").into(),
        ..merchant()
    };
    unknown(&String::from_utf8(query_reply(&trade(), &other).body).unwrap());
    let by_pair = query_reply(&trade(), &pair_merchant());
    assert_eq!(ask(&by_pair).answer, Answer::Unknown);
    assert_eq!(
        pair_account().read_query(ORDER_NO, &by_pair).answer,
        Answer::Paid
    );
}

/// SEC-036, F-29: an answer about another order, or another merchant, is none.
#[test]
fn an_answer_is_bound_to_the_question() {
    let read = account(Charset::Utf8).read_query("ANOTHER", &query_reply(&trade(), &merchant()));
    assert_eq!(read.answer, Answer::Unknown);
    assert!(read.reason.unwrap().contains("another order"));
    unknown(&sealed(&children("order_no", "ANOTHER")));
    let reason = unknown(&sealed(&children("merchant_code", "1000000002")));
    assert!(reason.contains("payee"), "{reason}");
}

/// SEC-029, SEC-038, SEC-039: what is missing or out of its format is no answer.
#[test]
fn an_answer_must_be_whole_and_in_its_format() {
    assert_eq!(ask_text(&sealed(&children("x", "1"))).answer, Answer::Paid);
    for name in [
        "merchant_code",
        "order_no",
        "order_amount",
        "trade_no",
        "trade_status",
    ] {
        unknown(&sealed(&children(name, "")));
    }
    for (name, values) in [
        ("order_amount", ["0", "1.001", "-1", "1e3"]),
        ("trade_no", ["a b", "a-b", "a_b", "测"]),
    ] {
        for value in values {
            unknown(&sealed(&children(name, value)));
        }
    }
    assert_eq!(
        ask_text(&sealed(&children("trade_time", "never"))).answer,
        Answer::Paid,
        "when it was paid decides nothing"
    );
    let only = [("merchant_code", crate::MERCHANT), ("order_no", ORDER_NO)];
    unknown(&sealed(&only));
}

/// Note 3.2: white-labels rename the root, and the order of the elements means nothing; text may be in a section and may
/// use references. What is signed is the text.
#[test]
fn the_envelope_may_be_written_in_other_ways() {
    let text = good();
    for (what, with) in [
        ("<dinpay>", "<ddbill>"),
        ("</dinpay>", "</ddbill>"),
        ("?><", "?>\n  <"),
        ("<trade>", "\n<trade>\n"),
        ("<trade_status>SUCCESS", "<trade_status><![CDATA[SUCCESS]]>"),
        ("<trade_no>1", "<trade_no>&#49;"),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>", ""),
        ("\"UTF-8\"", "\"utf-8\""),
    ] {
        assert!(text.contains(what), "{what}");
        let mut changed = text.replace(what, with);
        if what == "<dinpay>" {
            changed = changed.replace("</dinpay>", "</ddbill>");
        } else if what == "</dinpay>" {
            changed = changed.replace("<dinpay>", "<ddbill>");
        }
        assert_eq!(ask_text(&changed).answer, Answer::Paid, "{with}");
    }
    let (head, tail) = text.split_once("<sign_type>").unwrap();
    let (signature, trade) = tail.split_once("<trade>").unwrap();
    let (trade, end) = trade.split_once("</trade>").unwrap();
    let turned = format!("{head}<trade>{trade}</trade><sign_type>{signature}{end}");
    assert_eq!(ask_text(&turned).answer, Answer::Paid);
}

/// SEC-081, SEC-084, SEC-094, F-29: what is not as the gateway sends it is no answer.
#[test]
fn strange_envelopes_are_no_answers() {
    let text = good();
    let replaced = |what: &str, with: &str| {
        assert!(text.contains(what), "{what}");
        text.replacen(what, with, 1)
    };
    for strange in [
        String::new(),
        "SUCCESS".into(),
        "<html><body>502</body></html>".into(),
        "{\"is_success\":\"T\"}".into(),
        text[..text.len() - 1].to_owned(),
        text[..text.len() / 2].to_owned(),
        format!("{text}{text}"),
        format!("{text}x"),
        replaced("<dinpay>", "<!DOCTYPE dinpay><dinpay>"),
        replaced(
            "<dinpay>",
            "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><dinpay>",
        ),
        replaced("SUCCESS<", "&x;<"),
        replaced("encoding=\"UTF-8\"", "encoding=\"GBK\""),
        replaced("<trade>", "<!-- x --><trade>"),
        replaced("<trade>", "<?x y?><trade>"),
        replaced("<trade>", "<trade><order_no>BIG</order_no>"),
        replaced("</trade>", "<order_amount>1</order_amount></trade>"),
        replaced("</trade>", "</trade><trade><order_no>BIG</order_no></trade>"),
        replaced("<is_success>T", "<is_success>F</is_success><is_success>T"),
        replaced("<is_success>T", "<is_success>t"),
        replaced("<is_success>T", "<is_success>F"),
        replaced("<is_success>T</is_success>", ""),
        replaced("<trade_no>1", "<trade_no><b>1</b>"),
        replaced("<response>", "<response>text"),
        replaced("<response>", "<answer>").replace("</response>", "</answer>"),
        replaced("<trade>", "<TRADE>").replace("</trade>", "</TRADE>"),
        replaced("</response>", "<more>x</more></response>"),
        replaced("</trade>", "</trade><error_code>X</error_code>"),
        "<dinpay><response><is_success>F</is_success></response></dinpay>".into(),
        "<dinpay><response><is_success>F</is_success><error_code>a b</error_code></response></dinpay>".into(),
        "<dinpay><response><is_success>T</is_success></response></dinpay>".into(),
        "<a>".repeat(10_000),
    ] {
        unknown(&strange);
    }
    let whole = good();
    let padded = format!("{whole}{}", " ".repeat(64 * 1024));
    assert!(unknown(&padded).contains("too long"));
    for status in [0, 201, 204, 302, 404, 500, 503] {
        let read = ask(&Reply::new(status, whole.as_str()));
        assert_eq!(read.answer, Answer::Unknown, "{status}");
    }
    let not_text = [whole.as_bytes(), b"\xFF"].concat();
    assert_eq!(ask(&Reply::new(200, not_text)).answer, Answer::Unknown);
}

/// SEC-113: an answer signed with a previous key is one, whatever the time: we asked just now.
#[test]
fn a_previous_key_signs_answers_too() {
    let old = "an-older-key-of-the-shop";
    let mut rotated = settings(Charset::Utf8);
    rotated.keys.push(Key {
        key: SecretString::from(old),
        until: Some(time("2020-01-01T00:00:00Z")),
    });
    let account = Account::new(rotated).unwrap();
    let by_old = Merchant {
        key: SecretString::from(old).into(),
        ..merchant()
    };
    let read = account.read_query(ORDER_NO, &query_reply(&trade(), &by_old));
    assert_eq!(read.answer, Answer::Paid);
    assert!(!format!("{read:?}").contains(KEY));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Whatever comes, nothing panics and nothing is claimed.
    #[test]
    fn junk_is_never_an_answer(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let read = ask(&Reply::new(200, body));
        prop_assert_eq!(read.answer, Answer::Unknown);
        prop_assert!(read.evidence.is_empty());
    }

    /// A byte of the answer that is changed is refused, or says the very same.
    #[test]
    fn a_changed_byte_is_refused(place in any::<prop::sample::Index>(), byte in 0x20_u8..0x7F) {
        let mut changed = good().into_bytes();
        let place = place.index(changed.len());
        changed[place] = byte;
        let read = ask(&Reply::new(200, changed.clone()));
        let same = read.evidence == ask_text(&good()).evidence;
        prop_assert!(
            same || read.answer == Answer::Unknown && read.evidence.is_empty(),
            "{}", String::from_utf8_lossy(&changed)
        );
    }
}

//! Paying back (note 5.3): what goes out is as printed, and what comes back is believed only where it is certain.

use crate::{
    EMAIL, GATEWAY, PARTNER, TRADE_NO, account, claims, cny, fields, key, merchant, refunded_trade,
    sealed, settings, time, trade, with, without,
};
use proptest::prelude::*;
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    Call, Code, Merchant, RefundBatch, RefundItem, RefundOutcome, Trade, TradeStatus,
    batch_notify_body, error_reply, read_call, refund_query_error, refund_query_reply,
    refund_reply,
};
use quittance_core::gateway::alipay::{Account, Seller};
use quittance_core::gateway::{
    Checkout, Fault, Gateway, Refund, RefundAnswer, RefundAnswered, RefundCall, RefundWay,
};
use quittance_core::http::{Method, Reply};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_core::{Claim, Currency, Money, Proof, Witness};

const BATCH_NO: &str = "20240102001";
const OTHER_TRADE: &str = "2024010100001000010000000002";
const REFUND_NOTIFY: &str = "http://shop.example.com/alipay/refund_notify";

fn account_that(refunds: Option<RefundWay>, charset: Charset) -> Account {
    let settings = quittance_core::gateway::alipay::Settings {
        refunds,
        ..settings(charset)
    };
    Account::new(settings).unwrap()
}

fn refund(trade_no: &str, minor: i64, reason: Option<&str>) -> Refund {
    Refund {
        trade_no: trade_no.into(),
        amount: cny(minor),
        received: None,
        reason: reason.map(str::to_owned),
    }
}

/// The two refunds of vector M10, whose reason is what goes out where nobody gave one.
fn two() -> [Refund; 2] {
    [
        refund(TRADE_NO, 1, Some("协商退款")),
        refund(OTHER_TRADE, 500, None),
    ]
}

fn call(refunds: &[Refund]) -> RefundCall<'_> {
    RefundCall {
        wire_no: BATCH_NO,
        refunds,
        notify_url: REFUND_NOTIFY,
        now: time("2024-01-02T02:00:00Z"),
    }
}

fn vector(id: &str) -> String {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../vectors/alipay.json")).unwrap();
    let vectors = document["vectors"].as_array().unwrap();
    let found = vectors.iter().find(|vector| vector["id"] == id).unwrap();
    found["wire"].as_str().unwrap().to_owned()
}

/// M10: the address is the vector's wire, the form holds the same fields, in the charset of the account.
#[test]
fn the_page_is_called_as_printed() {
    let gbk = account(Charset::Gbk);
    assert_eq!(gbk.refunds(), Ok(RefundWay::Page));
    let url = format!("{GATEWAY}?{}", vector("M10"));
    assert_eq!(
        gbk.refund_page(&call(&two()), true),
        Ok(Checkout::Redirect { url })
    );
    for charset in [Charset::Utf8, Charset::Gbk, Charset::Gb2312] {
        let page = account(charset).refund_page(&call(&two()), false).unwrap();
        let Checkout::Form {
            method,
            url,
            charset: declared,
            fields,
        } = page
        else {
            panic!("no form")
        };
        assert_eq!(
            (method.as_str(), declared.as_str()),
            ("POST", charset.label())
        );
        assert_eq!(url, format!("{GATEWAY}?_input_charset={}", charset.label()));
        let mut body = Params::new();
        for (name, value) in &fields {
            body.push(name, &charset.encode(value).unwrap()).unwrap();
        }
        if charset == Charset::Gbk {
            assert_eq!(body.to_wire(), vector("M10"));
        }
        let sign = md5_sign(&presign(&body), &key());
        assert_eq!(body.get("sign"), Some(sign.as_bytes()), "{declared}");
    }
}

/// Note 5.3: the call without a password is the same data under its own name, with XML wanted back.
#[test]
fn the_call_sends_the_same_data() {
    let direct = account_that(Some(RefundWay::Call), Charset::Gbk);
    let request = direct.refund(&call(&two())).unwrap();
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.url, format!("{GATEWAY}?_input_charset=gbk"));
    let sent = Params::parse(&request.body).unwrap();
    let printed = Params::parse(vector("M10").as_bytes()).unwrap();
    for (name, value) in printed.iter().filter(|(name, _)| *name != "sign") {
        let expected = match name {
            "service" => b"refund_fastpay_by_platform_nopwd",
            _ => value,
        };
        assert_eq!(sent.get(name), Some(expected), "{name}");
    }
    assert_eq!(sent.get("return_type"), Some(&b"xml"[..]));
    assert_eq!(sent.len(), printed.len() + 1);
    let sign = md5_sign(&presign(&sent), &key());
    assert_eq!(sent.get("sign"), Some(sign.as_bytes()));
}

/// A contract pays back in one way or none, and says so about every other.
#[test]
fn a_contract_has_one_way_or_none() {
    let flow = |refused: quittance_core::gateway::NotSupported| refused.flow;
    let page = account_that(Some(RefundWay::Page), Charset::Utf8);
    let direct = account_that(Some(RefundWay::Call), Charset::Utf8);
    let none = account_that(None, Charset::Utf8);
    assert_eq!(
        page.refund(&call(&two())).map_err(flow).err(),
        Some("refund_call")
    );
    assert_eq!(
        direct.refund_page(&call(&two()), true).map_err(flow),
        Err("refund_page")
    );
    assert_eq!(none.refunds().map_err(flow), Err("refund"));
    assert_eq!(
        none.refund(&call(&two())).map_err(flow).err(),
        Some("refund")
    );
    assert_eq!(
        none.refund_page(&call(&two()), true).map_err(flow),
        Err("refund")
    );
    let asked = none
        .refund_query(BATCH_NO, TRADE_NO, Timestamp::UNIX_EPOCH)
        .map_err(flow);
    assert_eq!(asked.err(), Some("refund_query"));
}

/// Note 5.3: the seller is named once, in the way in which the account names it.
#[test]
fn the_seller_is_named_once() {
    let named = |seller: Option<Seller>| {
        let account = Account::new(quittance_core::gateway::alipay::Settings {
            seller,
            ..settings(Charset::Utf8)
        });
        let page = account.unwrap().refund_page(&call(&two()), true);
        let Ok(Checkout::Redirect { url }) = page else {
            panic!("no address")
        };
        let query = url.split_once('?').unwrap().1.to_owned();
        let params = Params::parse(query.as_bytes()).unwrap();
        let text = |name| {
            params
                .get(name)
                .map(|value| String::from_utf8_lossy(value).into_owned())
        };
        (text("seller_user_id"), text("seller_email"))
    };
    let other = "2088000000000009".to_owned();
    let login = "seller@example.com".to_owned();
    assert_eq!(named(None), (Some(PARTNER.to_owned()), None));
    assert_eq!(named(Some(Seller::Id(other.clone()))), (Some(other), None));
    assert_eq!(
        named(Some(Seller::Email(login.clone()))),
        (None, Some(login))
    );
}

/// Note 5.3: what the gateway would complain about is refused before it leaves, by the field's name in the API.
#[test]
fn what_the_gateway_would_refuse_is_refused_here() {
    let gbk = account(Charset::Gbk);
    let utf8 = account(Charset::Utf8);
    let fault = |account: &Account, refund: &Refund| {
        let refusal = account.admit_refund(refund).unwrap_err();
        (refusal.field, refusal.fault)
    };
    assert_eq!(gbk.admit_refund(&refund(TRADE_NO, 1, None)), Ok(()));
    assert_eq!(
        gbk.admit_refund(&refund(TRADE_NO, 1, Some("缺货, 退款 100%"))),
        Ok(())
    );
    for wrong in ['^', '|', '$', '#', '&', '=', '\n', '\u{7f}'] {
        let reason = format!("sold{wrong}out");
        let refused = fault(&gbk, &refund(TRADE_NO, 1, Some(&reason)));
        assert_eq!(refused, ("reason", Fault::Forbidden(wrong)));
    }
    let smile = refund(TRADE_NO, 1, Some("😀"));
    assert_eq!(fault(&gbk, &smile), ("reason", Fault::Unmappable('😀')));
    assert_eq!(utf8.admit_refund(&smile), Ok(()));
    // 127 characters have 254 bytes in GBK, and 381 in UTF-8.
    let long = refund(TRADE_NO, 1, Some(&"退".repeat(127)));
    assert_eq!(gbk.admit_refund(&long), Ok(()));
    assert_eq!(fault(&utf8, &long), ("reason", Fault::TooLong));
    let long = refund(TRADE_NO, 1, Some(&"x".repeat(256)));
    assert_eq!(fault(&gbk, &long), ("reason", Fault::TooLong));
    for minor in [0, -1, 10_000_000_001] {
        let range = Fault::OutOfRange(cny(1), cny(10_000_000_000));
        assert_eq!(
            fault(&gbk, &refund(TRADE_NO, minor, None)),
            ("amount", range)
        );
    }
    let dollars = Refund {
        amount: Money::new(1, Currency::parse("USD").unwrap()),
        received: None,
        ..refund(TRADE_NO, 1, None)
    };
    assert_eq!(fault(&gbk, &dollars), ("amount", Fault::NotTaken));
    for number in ["", "2024^1", "a b"] {
        let refused = fault(&gbk, &refund(number, 1, None));
        assert_eq!(refused, ("trade_no", Fault::NotTaken));
    }
}

/// Note 5.3: a batch's number begins with today in Beijing, where a day begins at 16:00 UTC.
#[test]
fn a_number_is_of_its_day_in_beijing() {
    let account = account(Charset::Utf8);
    let (late, next) = (time("2024-01-02T15:59:59Z"), time("2024-01-02T16:00:00Z"));
    let number = account.refund_wire_no(b"seed", late);
    assert_eq!(number.len(), 32);
    let (day, serial) = number.split_at(8);
    assert_eq!(day, "20240102");
    assert!(
        serial
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    );
    assert_eq!(
        account.refund_wire_no(b"seed", time("2024-01-01T16:00:00Z")),
        number
    );
    assert_ne!(account.refund_wire_no(b"other", late), number);
    let tomorrow = account.refund_wire_no(b"seed", next);
    assert!(tomorrow.starts_with("20240103") && !tomorrow.ends_with(serial));
    assert!(account.refund_wire_no_holds(&number, late));
    assert!(!account.refund_wire_no_holds(&number, next));
    assert!(!account.refund_wire_no_holds("20240102", late));
}

/// The answer to the call only says that it was taken in. A number that was sent before, the gateway's own trouble and
/// what cannot be read say nothing.
#[test]
fn the_answer_to_the_call_is_certain_or_nothing() {
    let direct = account_that(Some(RefundWay::Call), Charset::Gbk);
    let read = |status, text: &str| {
        let refunding = direct.read_refund(&Reply::new(status, text));
        (refunding.accepted, refunding.reason.unwrap_or_default())
    };
    let answer = |content: &str| format!("<?xml version=\"1.0\"?><alipay>{content}</alipay>");
    let refused = |code: &str| {
        let content = format!("<is_success>F</is_success><error>{code}</error>");
        read(200, &answer(&content))
    };
    let taken = answer("<is_success>T</is_success>");
    assert_eq!(read(200, &taken), (Some(true), String::new()));
    for code in [
        "ILLEGAL_SIGN",
        "NOT_THIS_PARTNERS_TRADE",
        "BATCH_NO_FORMAT_ERROR",
        "HAS_NO_PRIVILEGE",
    ] {
        assert_eq!(refused(code), (Some(false), code.to_owned()));
    }
    for code in [
        "DUPLICATE_BATCH_NO",
        "SYSTEM_ERROR",
        "SESSION_TIMEOUT",
        "SOMETHING_NEW",
    ] {
        assert_eq!(refused(code), (None, code.to_owned()));
    }
    for (status, text) in [
        (500, taken.as_str()),
        (302, ""),
        (200, ""),
        (200, "is_success=T"),
        (200, "<alipay><is_success>P</is_success></alipay>"),
        (200, "<html><body>ILLEGAL_SIGN</body></html>"),
    ] {
        assert_eq!(read(status, text).0, None, "{status} {text}");
    }
}

fn asked(text: &str) -> RefundAnswered {
    let reply = Reply::new(200, text);
    account(Charset::Utf8).read_refund_query(BATCH_NO, TRADE_NO, &reply)
}

/// The answer with the account's signature behind it.
fn signed(text: &str) -> String {
    let params = Params::parse(text.as_bytes()).unwrap();
    let sign = md5_sign(&presign(&params), &key());
    format!("{text}&sign={sign}&sign_type=MD5")
}

/// Note 5.3: the question names batch and trade.
#[test]
fn the_question_names_batch_and_trade() {
    let request = account(Charset::Gbk)
        .refund_query(BATCH_NO, TRADE_NO, Timestamp::UNIX_EPOCH)
        .unwrap();
    assert_eq!(request.method, Method::Get);
    let query = request.url.strip_prefix(&format!("{GATEWAY}?")).unwrap();
    let params = Params::parse(query.as_bytes()).unwrap();
    let sign = md5_sign(&presign(&params), &key());
    let fields: Vec<_> = params
        .iter()
        .map(|(name, value)| (name, std::str::from_utf8(value).unwrap()))
        .collect();
    assert_eq!(
        fields,
        [
            ("service", "refund_fastpay_query"),
            ("partner", PARTNER),
            ("_input_charset", "gbk"),
            ("batch_no", BATCH_NO),
            ("trade_no", TRADE_NO),
            ("sign", sign.as_str()),
            ("sign_type", "MD5"),
        ]
    );
}

/// The answer tells how the refund stands, and claims nothing: the protocol leaves it unsigned.
#[test]
fn an_unsigned_answer_tells_and_claims_nothing() {
    let success = format!("is_success=T&result_details={BATCH_NO}^{TRADE_NO}^0.01^SUCCESS");
    for text in [
        success.clone(),
        success.replace('^', "%5E"),
        format!("{success}$a@b.c^^0.01^SUCCESS"),
    ] {
        let told = asked(&text);
        assert_eq!(
            (told.answer, told.reason, told.evidence.len()),
            (RefundAnswer::Succeeded, None, 0)
        );
    }
    let failed = asked(&success.replace("SUCCESS", "TRADE_HAS_CLOSED"));
    assert_eq!(
        (failed.answer, failed.evidence.len()),
        (RefundAnswer::Failed, 0)
    );
    assert_eq!(failed.reason.as_deref(), Some("TRADE_HAS_CLOSED"));
    let unknown = asked("is_success=F&error_code=REFUND_NOT_EXIST");
    assert_eq!(unknown.answer, RefundAnswer::NotFound);
    assert_eq!(unknown.reason.as_deref(), Some("REFUND_NOT_EXIST"));
}

/// What cannot be believed in full is unknown: another refund, a code that settles nothing, a name twice, a web page.
#[test]
fn an_answer_in_doubt_is_unknown() {
    let details = |text: &str| format!("is_success=T&result_details={text}");
    let success = format!("{BATCH_NO}^{TRADE_NO}^0.01^SUCCESS");
    assert_eq!(asked(&details(&success)).answer, RefundAnswer::Succeeded);
    for text in [
        String::new(),
        "is_success=T".into(),
        "true".into(),
        format!("{}\n", details(&success)),
        details(&success.replace(BATCH_NO, "20240102002")),
        details(&success.replace(TRADE_NO, OTHER_TRADE)),
        details(&success.replace("0.01", "0.00")),
        details(&success.replace("0.01", "x")),
        details(&success.replace("SUCCESS", "success")),
        details(&success.replace("SUCCESS", "SYSTEM_ERROR")),
        details(&success.replace("SUCCESS", "")),
        details(&format!("{success}%23{success}")),
        details(&format!("{TRADE_NO}^0.01^SUCCESS")),
        format!("{0}&{0}", details(&success)),
        format!("{}&error_code=REFUND_NOT_EXIST", details(&success)),
        details(&success).replace("=T", "=F"),
        "is_success=F&error_code=SYSTEM_ERROR".into(),
        "is_success=F&error_code=ILLEGAL_SIGN".into(),
        "is_success=T&error_code=REFUND_NOT_EXIST".into(),
        "<alipay><is_success>F</is_success><error>REFUND_NOT_EXIST</error></alipay>".into(),
        format!("{}&more={}", details(&success), "x".repeat(4096)),
    ] {
        let told = asked(&text);
        assert_eq!(
            (told.answer, told.evidence.len()),
            (RefundAnswer::Unknown, 0),
            "{text}"
        );
        assert!(told.reason.is_some(), "{text}");
    }
    let reply = Reply::new(502, details(&success));
    let told = account(Charset::Utf8).read_refund_query(BATCH_NO, TRADE_NO, &reply);
    assert_eq!(told.answer, RefundAnswer::Unknown);
}

/// A signature that is there must be right, and then the answer is a claim; a wrong one spoils the answer.
#[test]
fn a_signed_answer_is_a_claim() {
    let text =
        |result: &str| format!("is_success=T&result_details={BATCH_NO}^{TRADE_NO}^0.01^{result}");
    for (result, succeeded) in [("SUCCESS", true), ("REFUND_AMOUNT_NOT_VALID", false)] {
        let told = asked(&signed(&text(result)));
        let [evidence] = told.evidence.as_slice() else {
            panic!("{told:?}")
        };
        assert_eq!(
            (evidence.witness, evidence.proof),
            (Witness::Query, Proof::Queried)
        );
        let claim = Claim::RefundItem {
            trade_no: TRADE_NO.into(),
            refund_no: BATCH_NO.into(),
            amount: cny(1),
            succeeded,
        };
        assert_eq!(evidence.claim, claim);
    }
    let good = signed(&text("SUCCESS"));
    for wrong in [
        good.replace("0.01", "0.02"),
        good.replace("sign_type=MD5", "sign_type=RSA"),
        good.replace("&sign_type=MD5", ""),
        good.replace("&sign=", "&sign=0"),
    ] {
        let told = asked(&wrong);
        assert_eq!(
            (told.answer, told.evidence.len()),
            (RefundAnswer::Unknown, 0),
            "{wrong}"
        );
    }
}

fn known(partner: &str) -> Option<Merchant> {
    (partner == PARTNER).then(merchant)
}

fn read_batch(query: &[u8], body: &[u8]) -> Result<RefundBatch, Code> {
    match read_call(query, body, &known) {
        Ok(Call::Refund(batch)) => Ok(*batch),
        Ok(other) => panic!("{other:?} is no refund"),
        Err(code) => Err(code),
    }
}

/// Both sides meet: what the merchant sends by page and by call is read as what was wanted, in every charset, and M10
/// is one of them.
#[test]
fn the_gateway_reads_what_the_merchant_sends() {
    for charset in [Charset::Utf8, Charset::Gbk, Charset::Gb2312] {
        let item = |trade_no: &str, minor| RefundItem {
            trade_no: trade_no.into(),
            amount: cny(minor),
            reason: "协商退款".into(),
            with_fee: false,
        };
        let expected = |way| RefundBatch {
            partner: PARTNER.into(),
            charset,
            way,
            batch_no: BATCH_NO.into(),
            refund_date: time("2024-01-02T02:00:00Z"),
            notify_url: Some(REFUND_NOTIFY.into()),
            items: vec![item(TRADE_NO, 1), item(OTHER_TRADE, 500)],
        };
        let page = account(charset).refund_page(&call(&two()), true).unwrap();
        let Checkout::Redirect { url } = page else {
            panic!("no address")
        };
        let query = url.split_once('?').unwrap().1;
        let read = read_batch(query.as_bytes(), &[]);
        assert_eq!(read, Ok(expected(RefundWay::Page)));

        let direct = account_that(Some(RefundWay::Call), charset);
        let request = direct.refund(&call(&two())).unwrap();
        let query = request.url.split_once('?').unwrap().1;
        let read = read_batch(query.as_bytes(), &request.body);
        assert_eq!(read, Ok(expected(RefundWay::Call)));

        let asked = account(charset)
            .refund_query(BATCH_NO, TRADE_NO, Timestamp::UNIX_EPOCH)
            .unwrap();
        let query = asked.url.split_once('?').unwrap().1;
        let expected = Call::RefundQuery {
            partner: PARTNER.into(),
            batch_no: BATCH_NO.into(),
            trade_no: Some(TRADE_NO.into()),
        };
        assert_eq!(read_call(query.as_bytes(), &[], &known), Ok(expected));
    }
    assert!(read_batch(&[], vector("M10").as_bytes()).is_ok());
}

/// M11: the batch notify is the vector's wire, and the merchant reads each item from it under the batch's number.
#[test]
fn the_batch_is_told_as_printed() {
    let outcomes = [
        RefundOutcome {
            trade_no: TRADE_NO.into(),
            amount: cny(1),
            refused: None,
        },
        RefundOutcome {
            trade_no: OTHER_TRADE.into(),
            amount: cny(500),
            refused: Some(Code("TRADE_HAS_CLOSED")),
        },
    ];
    let at = time("2024-01-02T02:00:10Z");
    let id = "bbbb0c2730b27528665af4517c27b9500";
    let body = batch_notify_body(BATCH_NO, &outcomes, &merchant(), id, at);
    assert_eq!(String::from_utf8(body.clone()).unwrap(), vector("M11"));
    for charset in [Charset::Utf8, Charset::Gbk] {
        let read = account(charset).read_notify(&body, at);
        assert_eq!(read.notify_id.as_deref(), Some(id));
        let claim = |trade_no: &str, minor, succeeded| Claim::RefundItem {
            trade_no: trade_no.into(),
            refund_no: BATCH_NO.into(),
            amount: cny(minor),
            succeeded,
        };
        let expected = [claim(TRADE_NO, 1, true), claim(OTHER_TRADE, 500, false)];
        assert_eq!(claims(&read.evidence), expected);
    }

    let [done, refused] = &outcomes;
    let ask = |trade_no: &str, reply: &Reply| {
        let told = account(Charset::Gbk).read_refund_query(BATCH_NO, trade_no, reply);
        (told.answer, told.reason)
    };
    let reply = refund_query_reply(BATCH_NO, &[done]);
    assert_eq!(ask(TRADE_NO, &reply), (RefundAnswer::Succeeded, None));
    let reply = refund_query_reply(BATCH_NO, &[refused]);
    let code = Some("TRADE_HAS_CLOSED".to_owned());
    assert_eq!(ask(OTHER_TRADE, &reply), (RefundAnswer::Failed, code));
    let both = refund_query_reply(BATCH_NO, &[done, refused]);
    assert_eq!(ask(TRADE_NO, &both).0, RefundAnswer::Unknown);
    let reply = refund_query_error(Code("REFUND_NOT_EXIST"));
    assert_eq!(ask(TRADE_NO, &reply).0, RefundAnswer::NotFound);
    let direct = account_that(Some(RefundWay::Call), Charset::Gbk);
    assert_eq!(direct.read_refund(&refund_reply()).accepted, Some(true));
    let refusal = direct.read_refund(&error_reply(Code("SELLER_INFO_NOT_EXIST")));
    assert_eq!(refusal.accepted, Some(false));
}

/// Note 5.3: what is wrong with a batch is told by the code of the first check that it fails.
#[test]
fn a_batch_is_refused_with_the_code_of_the_note() {
    let base = fields(
        account(Charset::Utf8)
            .refund_page(&call(&two()), true)
            .map(|page| match page {
                Checkout::Redirect { url } => url.split_once('?').unwrap().1.to_owned(),
                other => panic!("{other:?}"),
            })
            .unwrap()
            .as_bytes(),
    );
    let read = |fields: &[(String, String)]| read_batch(&[], &sealed(fields));
    assert!(read(&base).is_ok());
    let item = |reason: &str| format!("{TRADE_NO}^0.01^{reason}");
    let long = item(&"x".repeat(256));
    let twice = format!("{0}#{0}", item("r"));
    for (name, value, code) in [
        ("service", "refund_fastpay_by_platform", "ILLEGAL_SERVICE"),
        ("partner", "2088000000000002", "ILLEGAL_PARTNER"),
        (
            "seller_user_id",
            "2088000000000002",
            "SELLER_INFO_NOT_EXIST",
        ),
        ("seller_user_id", "", "SELLER_INFO_NOT_EXIST"),
        ("seller_email", "x@example.com", "SELLER_INFO_NOT_EXIST"),
        ("batch_no", "2024010201", "BATCH_NO_FORMAT_ERROR"),
        ("batch_no", "20240102000", "BATCH_NO_FORMAT_ERROR"),
        ("batch_no", "2024010a001", "BATCH_NO_FORMAT_ERROR"),
        ("batch_no", "20240102-001", "BATCH_NO_FORMAT_ERROR"),
        ("batch_no", "", "BATCH_NO_FORMAT_ERROR"),
        ("refund_date", "2024-01-02", "REFUND_DATE_ERROR"),
        ("refund_date", "", "REFUND_DATE_ERROR"),
        ("batch_num", "", "BATCH_NUM_ERROR"),
        ("batch_num", "0", "BATCH_NUM_ERROR"),
        ("batch_num", "+2", "BATCH_NUM_ERROR"),
        ("batch_num", "1001", "BATCH_NUM_EXCEED_LIMIT"),
        ("batch_num", "3", "BATCH_NUM_NOT_EQUAL_TOTAL"),
        ("detail_data", "", "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", &item(""), "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", &item("a|b"), "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", &item("a^b"), "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", &item("r#"), "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", "2024^0.00^r", "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", "2024^x^r", "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", "a b^0.01^r", "DETAIL_DATA_FORMAT_ERROR"),
        ("detail_data", &long, "SINGLE_DETAIL_DATA_EXCEED_LIMIT"),
        ("detail_data", &item("r"), "BATCH_NUM_NOT_EQUAL_TOTAL"),
        ("detail_data", &twice, "DUBL_TRADE_NO_IN_SAME_BATCH"),
        ("notify_url", "https://a.example/?b=1", "ILLEGAL_ARGUMENT"),
    ] {
        let refused = read(&with(&base, name, value)).err();
        assert_eq!(refused, Some(Code(code)), "{name}={value}");
    }
    let by_email = with(&without(&base, "seller_user_id"), "seller_email", EMAIL);
    assert!(read(&by_email).is_ok());
    let basic = |_: &str| {
        Some(Merchant {
            advanced: false,
            ..merchant()
        })
    };
    let refused = read_call(&[], &sealed(&base), &basic).err();
    assert_eq!(refused, Some(Code("PARTNER_NOT_SIGN_PROTOCOL")));

    let batch = read(&base).unwrap();
    assert_eq!(batch.check_day(time("2024-01-02T15:59:59Z")), Ok(()));
    let tomorrow = time("2024-01-02T16:00:00Z");
    assert_eq!(
        batch.check_day(tomorrow),
        Err(Code("BATCH_NO_FORMAT_ERROR"))
    );
    let dated = read(&with(&base, "refund_date", "2024-01-01 23:59:59")).unwrap();
    let refused = dated.check_day(time("2024-01-02T02:00:00Z"));
    assert_eq!(refused, Err(Code("REFUND_DATE_ERROR")));
    let question = with(
        &with(&base, "service", "refund_fastpay_query"),
        "batch_no",
        "",
    );
    let refused = read_call(&[], &sealed(&question), &known).err();
    assert_eq!(refused, Some(Code("ILLEGAL_ARGUMENT")));
}

/// Note 5.3: one item is refused by its own code, from how its trade stands.
#[test]
fn an_item_is_refused_by_its_own_code() {
    let item = |minor, with_fee| RefundItem {
        trade_no: TRADE_NO.into(),
        amount: cny(minor),
        reason: "r".into(),
        with_fee,
    };
    let paid = trade(Charset::Utf8);
    let stands = |status| Trade {
        status,
        ..paid.clone()
    };
    let in_part = Trade {
        request: {
            let mut request = paid.request.clone();
            request.total_fee = cny(500);
            request
        },
        refunded: cny(200),
        ..paid.clone()
    };
    for (item, trade, refused) in [
        (item(1, false), &paid, None),
        (item(300, false), &in_part, None),
        (item(301, false), &in_part, Some("REFUND_AMOUNT_NOT_VALID")),
        (item(1, true), &paid, Some("PWD_REFUND_NOT_ALLOW_ROYALTY")),
        (
            item(1, false),
            &refunded_trade(Charset::Utf8),
            Some("TRADE_HAS_CLOSED"),
        ),
        (
            item(1, false),
            &stands(TradeStatus::WaitBuyerPay),
            Some("TRADE_STATUS_ERROR"),
        ),
        (
            item(1, false),
            &stands(TradeStatus::Finished),
            Some("TRADE_STATUS_ERROR"),
        ),
    ] {
        assert_eq!(item.refusal(trade), refused.map(Code));
    }
}

proptest! {
    /// Whatever comes back, nothing panics, and only an answer that names this refund says anything about it.
    #[test]
    fn answers_never_panic(body in prop::collection::vec(any::<u8>(), 0..300), details in "[0-9A-Z^#$&=.]{0,60}") {
        let account = account(Charset::Gbk);
        let _ = account.read_refund(&Reply::new(200, body.clone()));
        let _ = account.read_refund_query(BATCH_NO, TRADE_NO, &Reply::new(200, body));
        let told = asked(&format!("is_success=T&result_details={details}"));
        prop_assert_eq!(told.answer, RefundAnswer::Unknown);
    }
}

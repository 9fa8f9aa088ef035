//! What the gateway checks of a call, in its order, with the codes of note section 5.

use crate::{
    KEY, MERCHANT, ORDER_NO, account, call, fields, md5, merchant, order, pair_merchant, request,
    sealed, trade, with, without,
};
use quittance_core::Timestamp;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::CODES;
use quittance_core::gateway::dinpay::gateway_side::{
    Call, Code, Habits, Merchant, Trade, choice_name, notify_body, query_reply, read_call,
};
use quittance_core::gateway::{Answer, Checkout, CheckoutStart, Gateway};
use quittance_core::lang::Lang;
use quittance_core::params::Params;
use quittance_core::sign::presign;

fn known(merchant: Merchant) -> impl Fn(&str) -> Option<Merchant> {
    move |code| (code == MERCHANT).then(|| merchant.clone())
}

/// What a browser posts for the order of the vectors.
fn posted() -> Vec<(String, String)> {
    let CheckoutStart::Ready(Checkout::Form { fields, .. }) =
        account(Charset::Utf8).checkout(&order(), &call()).unwrap()
    else {
        panic!("no form")
    };
    let unsigned = |(name, _): &(String, String)| !matches!(name.as_str(), "sign" | "sign_type");
    fields.into_iter().filter(unsigned).collect()
}

fn read(fields: &[(String, String)]) -> Result<Call, Code> {
    read_call(b"input_charset=UTF-8", &sealed(fields), &known(merchant()))
}

fn refused(fields: &[(String, String)], code: &str) {
    let code = CODES.get(code).expect("a code that is explained").code;
    assert_eq!(read(fields), Err(Code(code)));
}

/// Note 5: a missing field has its own code, and it goes before everything that is wrong with another.
#[test]
fn what_is_missing_is_named() {
    for (name, code) in [
        ("service_type", "ILLEGAL_SERVICE_TYPE"),
        ("merchant_code", "MERCHANT_CODE_IS_NULL"),
        ("interface_version", "INTERFACE_VERSION_IS_NULL"),
        ("notify_url", "NOTIFY_URL_IS_NULL"),
        ("order_no", "ORDER_NO_IS_NULL"),
        ("order_time", "ORDER_TIME_IS_NULL"),
        ("order_amount", "ORDER_AMOUNT_IS_NULL"),
        ("product_name", "PRODUCT_NAME_IS_NULL"),
    ] {
        refused(&without(&posted(), name), code);
        refused(&with(&posted(), name, ""), code);
    }
    let both = with(&without(&posted(), "product_name"), "order_amount", "x");
    refused(&both, "PRODUCT_NAME_IS_NULL");
    refused(&without(&posted(), "input_charset"), "ILLEGAL_REQUEST");
}

/// Note 5: a value out of its format has its code; the format goes before the merchant and the signature.
#[test]
fn what_is_out_of_format_is_named() {
    let long = |count: usize| "x".repeat(count);
    for (name, value, code) in [
        (
            "service_type",
            "alipay_scan".to_owned(),
            "ILLEGAL_SERVICE_TYPE",
        ),
        (
            "interface_version",
            "v3.0".into(),
            "ILLEGAL_INTERFACE_VERSION",
        ),
        ("input_charset", "utf-8".into(), "ILLEGAL_REQUEST"),
        (
            "notify_url",
            format!("http://{}", long(200)),
            "NOTIFY_URL_IS_TOO_LONG",
        ),
        ("notify_url", "shop".into(), "ILLEGAL_URL_FORMAT"),
        ("return_url", "shop".into(), "ILLEGAL_URL_FORMAT"),
        ("order_no", long(65), "ORDER_NO_IS_TOO_LONG"),
        ("order_no", "a-b".into(), "ILLEGAL_PARAMS"),
        (
            "order_time",
            "2024-01-02".into(),
            "ILLEGAL_ORDER_TIME_FORMAT",
        ),
        (
            "order_time",
            "2024-13-02 03:04:05".into(),
            "ILLEGAL_ORDER_TIME_FORMAT",
        ),
        (
            "order_amount",
            "1.001".into(),
            "ILLEGAL_ORDER_AMOUNT_FORMAT",
        ),
        ("order_amount", "0".into(), "ILLEGAL_ORDER_AMOUNT_FORMAT"),
        (
            "order_amount",
            "999999999999.99".into(),
            "ORDER_AMOUNT_IS_TOO_LARGE",
        ),
        ("product_name", long(101), "PRODUCT_NAME_IS_TOO_LONG"),
        ("product_code", long(61), "PRODUCT_CODE_IS_TOO_LONG"),
        ("product_desc", long(301), "PRODUCT_DESC_IS_TOO_LONG"),
        ("product_num", "x".into(), "ILLEGAL_PRODUCT_NUM_FORMAT"),
        (
            "extra_return_param",
            long(101),
            "EXTRA_RETURN_PARAM_IS_TOO_LONG",
        ),
        ("extend_param", "a".into(), "ILLEGAL_EXTEND_PARAM_FORMAT"),
        (
            "show_url",
            format!("http://{}", long(200)),
            "SHOW_URL_IS_TOO_LONG",
        ),
        ("show_url", "shop".into(), "ILLEGAL_SHOW_URL_FORMAT"),
        ("client_ip", "1.2.3".into(), "ILLEGAL_CLIENT_IP"),
        ("redo_flag", "2".into(), "ILLEGAL_PARAMS"),
    ] {
        refused(&with(&posted(), name, &value), code);
        // The same from somebody whom the gateway does not know, and whose signature is wrong.
        let stranger = with(&with(&posted(), name, &value), "merchant_code", "1");
        refused(&stranger, code);
    }
}

/// The merchant, the signature and the contract come last, in this order.
#[test]
fn who_calls_is_checked_last() {
    refused(&with(&posted(), "merchant_code", "1"), "ILLEGAL_REQUEST");
    let body = String::from_utf8(sealed(&posted())).unwrap();
    let ask = |body: &str, merchant: Merchant| {
        read_call(b"", body.as_bytes(), &known(merchant)).map(|_| ())
    };
    assert_eq!(ask(&body, merchant()), Ok(()));
    let (head, _) = body.split_once("&sign_type=").unwrap();
    for (tail, code) in [
        ("", "SIGN_TYPE_IS_NULL"),
        ("&sign_type=MD5", "SIGN_IS_NULL"),
        ("&sign_type=MD5&sign=", "SIGN_IS_NULL"),
        ("&sign_type=SHA&sign=1", "ILLEGAL_SIGN_TYPE"),
        ("&sign_type=RSA&sign=1", "ILLEGAL_SIGN_TYPE"),
        ("&sign_type=RSA-S&sign=1", "ILLEGAL_SIGN_TYPE"),
        ("&sign_type=MD5&sign=1", "ILLEGAL_SIGN"),
    ] {
        let found = ask(&format!("{head}{tail}"), merchant());
        assert_eq!(found.map_err(|code| code.0), Err(code), "{tail}");
    }
    assert_eq!(ask(&body, pair_merchant()), Err(Code("ILLEGAL_SIGN_TYPE")));
    let without_it = Merchant {
        without: ["direct_pay".to_owned()].into(),
        ..merchant()
    };
    assert_eq!(ask(&body, without_it), Err(Code("ILLEGAL_PAY_BUSINESS")));
    let changed = body.replace("order_amount=12.01", "order_amount=0.01");
    assert_eq!(ask(&changed, merchant()), Err(Code("ILLEGAL_SIGN")));
}

/// Note 1.4: the key behind the text without `&key=`, or a raw plus sign in the base64, is no signature.
#[test]
fn signatures_of_other_gateways_are_refused() {
    let text = sealed(&posted());
    let params = Params::parse(&text).unwrap();
    let bytes = presign(&params);
    let behind = quittance_core::sign::md5_sign(&bytes, &crate::key());
    let body = String::from_utf8(text.clone()).unwrap();
    let changed = body.replace(&md5(&bytes), &behind);
    assert_ne!(changed, body);
    let found = read_call(b"", changed.as_bytes(), &known(merchant()));
    assert_eq!(found, Err(Code("ILLEGAL_SIGN")));
    assert!(!body.contains(KEY));

    let pair = crate::pair_account();
    let question = pair.query(ORDER_NO, Timestamp::UNIX_EPOCH).unwrap();
    let body = String::from_utf8(question.body).unwrap();
    assert!(read_call(b"", body.as_bytes(), &known(pair_merchant())).is_ok());
    let raw = body.replace("%2B", "+");
    assert_ne!(raw, body);
    let found = read_call(b"", raw.as_bytes(), &known(pair_merchant()));
    assert_eq!(found, Err(Code("ILLEGAL_SIGN")));
}

/// Note 1.4: RSA-S is made over UTF-8 whatever the request's charset is, MD5 over the bytes that are sent.
#[test]
fn a_request_in_gbk_is_verified_as_its_kind_has_it() {
    let title = "一本书";
    let encoded = |charset: Charset| {
        let mut params = Params::new();
        for (name, value) in with(
            &with(&posted(), "input_charset", "GBK"),
            "product_name",
            title,
        ) {
            params
                .push(&name, &charset.encode(&value).unwrap())
                .unwrap();
        }
        params
    };
    let (in_gbk, in_utf8) = (encoded(Charset::Gbk), encoded(Charset::Utf8));
    let ask = |kind: &str, sign: String, merchant: Merchant| {
        let mut params = in_gbk.clone();
        params.push("sign_type", kind.as_bytes()).unwrap();
        params.push("sign", sign.as_bytes()).unwrap();
        let read = read_call(b"", params.to_wire().as_bytes(), &known(merchant));
        read.map(|read| match read {
            Call::DirectPay(read) => read.product_name,
            other => panic!("{other:?}"),
        })
    };
    let pair = |params| crate::private("merchant_private_key").sign_s(&presign(params));
    let (read, refused) = (Ok(title.to_owned()), Err(Code("ILLEGAL_SIGN")));
    assert_eq!(ask("RSA-S", pair(&in_utf8), pair_merchant()), read);
    assert_eq!(ask("RSA-S", pair(&in_gbk), pair_merchant()), refused);
    assert_eq!(ask("MD5", md5(&presign(&in_gbk)), merchant()), read);
    assert_eq!(ask("MD5", md5(&presign(&in_utf8)), merchant()), refused);
}

/// Note 1.1: the charset stands twice, and must be one.
#[test]
fn the_charset_stands_twice_and_is_one() {
    let body = sealed(&posted());
    let ask = |query: &[u8]| read_call(query, &body, &known(merchant())).map(|_| ());
    for query in ["", "input_charset=UTF-8"] {
        assert_eq!(ask(query.as_bytes()), Ok(()), "{query}");
    }
    for query in [
        "input_charset=GBK",
        "input_charset=utf-8",
        "order_no=1",
        "x",
        "a=1",
    ] {
        assert_eq!(
            ask(query.as_bytes()),
            Err(Code("ILLEGAL_REQUEST")),
            "{query}"
        );
    }
    let twice = [&body[..], b"&order_no=1"].concat();
    let found = read_call(b"", &twice, &known(merchant()));
    assert_eq!(found, Err(Code("ILLEGAL_REQUEST")));
}

/// Note 1.2, 9: what the vendors' samples send is taken, and echoed as it came.
#[test]
fn what_the_samples_send_is_taken() {
    let odd = with(
        &with(&posted(), "order_time", "2013-11-1 12:12:12"),
        "order_amount",
        "0.1",
    );
    let odd = with(&odd, "bank_code", "NO_SUCH_BANK");
    let Ok(Call::DirectPay(asked)) = read(&odd) else {
        panic!("refused")
    };
    assert_eq!(asked.order_time, "2013-11-1 12:12:12");
    assert_eq!(asked.ordered_at, crate::time("2013-11-01T04:12:12Z"));
    assert_eq!(
        (asked.order_amount.as_str(), asked.amount.minor),
        ("0.1", 10)
    );
    assert_eq!(asked.bank_code, None, "the cashier lets the buyer choose");
    assert!(asked.once_only());
    let plain = read(&without(&posted(), "redo_flag"));
    let Ok(Call::DirectPay(plain)) = plain else {
        panic!("refused")
    };
    assert!(!plain.once_only());
    let echoed = fields(&notify_body(
        &Trade {
            request: *asked,
            ..trade()
        },
        &merchant(),
        "x",
    ));
    let told = |name| echoed.iter().find(|(known, _)| known == name).unwrap();
    assert_eq!(told("order_time").1, "2013-11-1 12:12:12");
    assert_eq!(told("order_amount").1, "0.1");
}

/// Note 9: both habits that the sources leave open are believed by the merchant's side.
#[test]
fn the_open_habits_are_believed() {
    let stripped = Merchant {
        habits: Habits {
            stripped_amounts: true,
            charset: Charset::Gbk,
        },
        ..merchant()
    };
    for (sent, told, minor) in [
        ("12.00", "12", 1200),
        ("12.10", "12.1", 1210),
        ("100", "100", 10_000),
        ("0.10", "0.1", 10),
    ] {
        let mut paid = trade();
        paid.request.order_amount = sent.into();
        let body = notify_body(&paid, &stripped, "x");
        let text = String::from_utf8(body.clone()).unwrap();
        assert!(text.contains(&format!("&order_amount={told}&")), "{text}");
        let read = account(Charset::Gbk).read_notify(&body, crate::now());
        let claim = crate::claims(&read.evidence);
        let quittance_core::Claim::Payment { amount, .. } = &claim[0] else {
            panic!("{claim:?}")
        };
        assert_eq!(amount.minor, minor);
        let answer = account(Charset::Gbk).read_query(ORDER_NO, &query_reply(&paid, &stripped));
        assert_eq!(answer.answer, Answer::Paid);
    }
}

/// A bank has its name in both languages; a call may ask by the gateway's number too.
#[test]
fn names_and_numbers_are_known() {
    assert_eq!(choice_name("CMB", Lang::Zh), Some("招商银行"));
    assert_eq!(choice_name("weixin", Lang::En), Some("WeChat Pay"));
    assert_eq!(choice_name("x", Lang::En), None);
    assert_eq!(request(Charset::Gbk).charset, Charset::Gbk);
}

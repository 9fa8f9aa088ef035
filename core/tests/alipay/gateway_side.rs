//! The simulator's own checks: codes in the order of the note, and texts that it must take.

use crate::{EMAIL, KEY, ORDER_NO, PARTNER, fields, key, merchant, sealed, with, without};
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::StatementService;
use quittance_core::gateway::alipay::gateway_side::{
    Booking, BookingKind, Call, Code, Merchant, StatementAsked, read_call, statement_part,
    statement_reply,
};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_core::{Currency, Money, Timestamp};

fn known(partner: &str) -> Option<Merchant> {
    (partner == PARTNER).then(merchant)
}

fn base() -> Vec<(String, String)> {
    [
        ("service", "create_direct_pay_by_user"),
        ("partner", PARTNER),
        ("seller_id", PARTNER),
        ("payment_type", "1"),
        ("out_trade_no", ORDER_NO),
        ("total_fee", "0.01"),
        ("_input_charset", "utf-8"),
        ("subject", "test"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

fn check(fields: &[(String, String)], expected: &'static str) {
    assert_eq!(
        read_call(&[], &sealed(fields), &known).err(),
        Some(Code(expected)),
        "{fields:?}"
    );
}

/// Note section 6: what is wrong is told by the code of the first check that it fails.
#[test]
fn refusals_carry_the_code_of_the_note() {
    assert!(read_call(&[], &sealed(&base()), &known).is_ok());
    for (name, value, code) in [
        ("service", "trade_create_by_buyer", "ILLEGAL_SERVICE"),
        ("service", "", "ILLEGAL_SERVICE"),
        ("partner", "2088000000000002", "ILLEGAL_PARTNER"),
        ("_input_charset", "latin1", "ILLEGAL_CHARSET"),
        ("_input_charset", "", "ILLEGAL_CHARSET"),
        (
            "seller_id",
            "2088000000000002",
            "SELLER_NOT_IN_SPECIFIED_SELLERS",
        ),
        ("seller_id", "", "ILLEGAL_ARGUMENT"),
        ("payment_type", "9", "ILLEGAL_PAYMENT_TYPE"),
        ("out_trade_no", "", "ILLEGAL_ARGUMENT"),
        ("subject", "", "SUBJECT_MUST_NOT_BE_NULL"),
        ("total_fee", "0.00", "ILLEGAL_FEE_PARAM"),
        ("total_fee", "100000000.01", "ILLEGAL_FEE_PARAM"),
        ("total_fee", "1.001", "ILLEGAL_FEE_PARAM"),
        ("price", "0.01", "ILLEGAL_FEE_PARAM"),
        ("paymethod", "bankpay", "ILLEGAL_ARGUMENT"),
        ("defaultbank", "XXX", "DEFAULT_BANK_INVALID"),
        ("exter_invoke_ip", "::1", "ILLEGAL_EXTER_INVOKE_IP"),
        ("it_b_pay", "1.5h", "ILLEGAL_OUTTIME_ARGUMENT"),
        ("it_b_pay", "16d", "ILLEGAL_OUTTIME_ARGUMENT"),
        ("it_b_pay", "测", "ILLEGAL_OUTTIME_ARGUMENT"),
        ("show_url", "https://a/?b=1", "ILLEGAL_ARGUMENT"),
        ("notify_url", "/notify", "ILLEGAL_ARGUMENT"),
    ] {
        check(&with(&base(), name, value), code);
    }
    let by_email = with(
        &without(&base(), "seller_id"),
        "seller_email",
        "x@example.com",
    );
    check(&by_email, "SELLER_NOT_EXIST");
    assert!(
        read_call(
            &[],
            &sealed(&with(&by_email, "seller_email", EMAIL)),
            &known
        )
        .is_ok()
    );
    let query = with(
        &with(&base(), "service", "single_trade_query"),
        "out_trade_no",
        "",
    );
    check(&query, "ILLEGAL_ARGUMENT");
}

/// The signature is checked before any field, and its kind before the signature.
#[test]
fn a_wrong_signature_is_told_first() {
    let wire = String::from_utf8(sealed(&with(&base(), "total_fee", "x"))).unwrap();
    let code = |wire: &str| {
        read_call(wire.as_bytes(), &[], &known)
            .err()
            .map(|code| code.to_string())
    };
    assert_eq!(code(&wire).as_deref(), Some("ILLEGAL_FEE_PARAM"));
    assert_eq!(
        code(&wire.replace("total_fee=x", "total_fee=1")).as_deref(),
        Some("ILLEGAL_SIGN")
    );
    assert_eq!(
        code(&wire.replace("sign_type=MD5", "sign_type=RSA")).as_deref(),
        Some("ILLEGAL_SECURITY_PROFILE")
    );
    assert_eq!(
        code(&wire.replace("sign_type=MD5", "sign_type=md5")).as_deref(),
        Some("ILLEGAL_SIGN_TYPE")
    );
    assert!(!format!("{:?}", merchant()).contains(KEY));
}

/// Note 1.3: the charset may stand in the address and in the form, as one parameter; nothing else may stand twice.
#[test]
fn the_charset_may_stand_in_both_places() {
    let body = sealed(&base());
    assert!(read_call(b"_input_charset=utf-8", &body, &known).is_ok());
    let split = sealed(&base());
    let moved = String::from_utf8(split)
        .unwrap()
        .replace("&_input_charset=utf-8", "");
    assert!(read_call(b"_input_charset=utf-8", moved.as_bytes(), &known).is_ok());
    let refused = Err(Code("ILLEGAL_ARGUMENT"));
    assert_eq!(read_call(b"_input_charset=gbk", &body, &known), refused);
    assert_eq!(
        read_call(b"partner=2088000000000001", &body, &known),
        refused
    );
}

/// SEC-001 must be possible to make: the simulator takes and echoes a text that can be cut.
#[test]
fn a_text_that_can_be_cut_is_taken() {
    let text = "S&total_fee=9999.00&trade_a=x";
    let read = read_call(&[], &sealed(&with(&base(), "subject", text)), &known);
    assert!(matches!(read, Ok(Call::DirectPay(pay)) if pay.subject == text));
}

/// `notify_verify` is unsigned and passes on what it was given, even nothing.
#[test]
fn notify_verify_passes_on_what_it_was_given() {
    let read = read_call(b"service=notify_verify&partner=&notify_id=", &[], &known);
    assert_eq!(
        read,
        Ok(Call::NotifyVerify {
            partner: String::new(),
            notify_id: String::new()
        })
    );
    assert_eq!(
        fields(b"notify_id=a%252Fb"),
        [("notify_id".to_owned(), "a%2Fb".to_owned())]
    );
}

proptest! {
    /// No bytes and no rightly signed values make the simulator panic.
    #[test]
    fn calls_never_panic(
        query in prop::collection::vec(any::<u8>(), 0..200),
        body in prop::collection::vec(any::<u8>(), 0..200),
        name in "(subject|total_fee|it_b_pay|_input_charset|exter_invoke_ip|notify_url|service|seller_id)",
        value in prop::collection::vec(1_u8.., 0..20),
    ) {
        let _ = read_call(&query, &body, &known);
        let mut params = Params::new();
        for (known, text) in without(&base(), &name) {
            params.push(&known, text.as_bytes()).unwrap();
        }
        params.push(&name, &value).unwrap();
        let signature = md5_sign(&presign(&params), &key());
        let wire = format!("{}&sign={signature}&sign_type=MD5", params.to_wire());
        let _ = read_call(wire.as_bytes(), &[], &known);
    }
}

/// A question about the first ten seconds of 2024, two bookings a page.
fn statement(service: StatementService, page_no: u32) -> StatementAsked {
    StatementAsked {
        partner: PARTNER.to_owned(),
        charset: Charset::Utf8,
        service,
        from: Timestamp::from_second(1_704_038_400).unwrap(),
        to: Timestamp::from_second(1_704_038_410).unwrap(),
        page_no,
        page_size: 2,
        kinds: [BookingKind::OnlinePayment].into(),
    }
}

/// A yuan that came so many seconds after 2024 began, or went.
fn booking(second: i64, kind: BookingKind) -> Booking {
    let yuan = Money::new(100, Currency::CNY);
    Booking {
        flow_no: second.to_string(),
        at: Timestamp::from_second(1_704_038_400 + second).unwrap(),
        kind,
        out_trade_no: ORDER_NO.to_owned(),
        trade_no: "2024010100001000010000000001".to_owned(),
        buyer_id: "2088000000000101".to_owned(),
        buyer_email: "buyer@example.com".to_owned(),
        income: yuan,
        outgoing: Money::new(0, Currency::CNY),
        balance: yuan,
        goods: "test".to_owned(),
        remark: String::new(),
    }
}

/// Note 5.4, 5.5: of all bookings, those are told that were asked for: by time, by kind, and by page.
#[test]
fn a_statement_tells_what_was_asked_for() {
    let (came, went) = (BookingKind::OnlinePayment, BookingKind::Transfer);
    let times = [
        (-1, came),
        (0, came),
        (1, went),
        (2, came),
        (10, came),
        (11, came),
    ];
    let all = times.map(|(second, kind)| booking(second, kind));
    for (service, page_no, rows, more) in [
        (StatementService::Report, 1, &[1, 3, 4][..], false),
        (StatementService::Report, 2, &[1, 3, 4], false),
        // The end of the time is in a report, and not in a page.
        (StatementService::Pages, 1, &[1, 3], false),
        (StatementService::Pages, 2, &[], false),
        (StatementService::Pages, 3, &[], false),
        (StatementService::Pages, u32::MAX, &[], false),
    ] {
        let asked = statement(service, page_no);
        let rows: Vec<&Booking> = rows.iter().map(|row| &all[*row]).collect();
        assert_eq!(
            statement_reply(&asked, &all, &merchant()),
            statement_part(&asked, &rows, more, &merchant()),
            "{service:?} {page_no}"
        );
    }
}

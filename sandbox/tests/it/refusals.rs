//! The gateway's own codes, each by what really causes it.

use crate::desk::{Desk, PARTNER, payment, settings, signed, text};
use quittance_sandbox::Contract;

/// A contract, what is changed in a good request, and the code.
type Row<'a> = (Contract, &'a [(&'a str, &'a str)], &'a str);

/// What the page of a refusal says, or the empty text where the request led to the cashier.
fn code(desk: &mut Desk, fields: &[(&str, &str)]) -> String {
    let reply = desk.get("/gateway.do", &signed(fields));
    match reply.status {
        303 => String::new(),
        _ => text(&reply),
    }
}

fn under(contract: Contract) -> Desk {
    let mut settings = settings();
    settings.contracts = [(PARTNER.to_owned(), contract)].into();
    Desk::with(settings)
}

fn demands_timestamps() -> Desk {
    under(Contract {
        anti_phishing: true,
        ..Contract::default()
    })
}

/// The timestamp that the sandbox gives out.
fn timestamp(desk: &mut Desk) -> String {
    let query = format!("service=query_timestamp&partner={PARTNER}");
    let answer = text(&desk.get("/gateway.do", &query));
    let (_, rest) = answer.split_once("<encrypt_key>").expect("a timestamp");
    rest.split_once('<').unwrap().0.to_owned()
}

/// Seed 001 5.1: each of its sixteen codes, over the wire, by its cause.
#[test]
fn every_code_of_the_seed_has_a_cause() {
    let ip = ("exter_invoke_ip", "203.0.113.9");
    let lacks = Contract {
        without: ["create_direct_pay_by_user".to_owned()].into(),
        ..Contract::default()
    };
    let fixed = Contract {
        timeouts: false,
        ..Contract::default()
    };
    let usual = Contract::default;
    let table: [Row; 13] = [
        (lacks, &[], "HAS_NO_PRIVILEGE"),
        (
            usual(),
            &[("partner", "2088000000000009")],
            "ILLEGAL_PARTNER",
        ),
        (usual(), &[("out_trade_no", "a b")], "ILLEGAL_ARGUMENT"),
        (
            usual(),
            &[("seller_id", "2088000000000009")],
            "SELLER_NOT_IN_SPECIFIED_SELLERS",
        ),
        (
            usual(),
            &[("seller_email", "nobody@example.com")],
            "SELLER_NOT_EXIST",
        ),
        (
            usual(),
            &[("buyer_email", "seller@example.com")],
            "BUYER_SELLER_EQUAL",
        ),
        (
            usual(),
            &[("service", "create_direct_pay")],
            "ILLEGAL_SERVICE",
        ),
        (usual(), &[("total_fee", "0.001")], "ILLEGAL_FEE_PARAM"),
        (
            usual(),
            &[
                ("royalty_type", "10"),
                ("royalty_parameters", "a@x.com^0.01"),
            ],
            "ROYALTY_FORAMT_ERROR",
        ),
        (fixed, &[("it_b_pay", "1h")], "SELF_TIMEOUT_NOT_SUPPORT"),
        (
            usual(),
            &[("exter_invoke_ip", "2001:db8::1")],
            "ILLEGAL_EXTER_INVOKE_IP",
        ),
        (
            Contract {
                anti_phishing: true,
                ..usual()
            },
            &[ip],
            "ILLEGAL_ANTI_PHISHING_KEY",
        ),
        (
            usual(),
            &[("anti_phishing_key", "bWFkZSB1cA=="), ip],
            "ILLEGAL_ANTI_PHISHING_KEY",
        ),
    ];
    for (contract, changes, expected) in table {
        let mut desk = under(contract);
        let page = code(&mut desk, &payment("A", changes));
        assert!(page.contains(expected), "{expected}: {page}");
        assert!(
            desk.sandbox.trades().is_empty(),
            "{expected} left an order behind"
        );
        // The same merchant and order without the cause.
        assert_eq!(code(&mut Desk::new(), &payment("A", &[])), "");
    }

    let mut desk = Desk::new();
    let good = signed(&payment("A", &[]));
    let tampered = good.replace("total_fee=0.01", "total_fee=0.02");
    let page = text(&desk.get("/gateway.do", &tampered));
    assert!(page.contains("ILLEGAL_SIGN") && !page.contains("ILLEGAL_SIGN_TYPE"));
    let untyped = good.replace("sign_type=MD5", "sign_type=md5");
    assert!(text(&desk.get("/gateway.do", &untyped)).contains("ILLEGAL_SIGN_TYPE"));
    assert_eq!(code(&mut desk, &payment("A", &[])), "");
    for changes in [
        ("total_fee", "0.02"),
        ("subject", "其他商品"),
        ("buyer_email", "other@example.com"),
    ] {
        let page = code(&mut desk, &payment("A", &[changes]));
        assert!(
            page.contains("TRADE_DATA_MATCH_ERROR"),
            "{changes:?}: {page}"
        );
    }
    desk.sandbox
        .buyer_pays(desk.now, PARTNER, "A")
        .expect("paid");
    assert!(code(&mut desk, &payment("A", &[])).contains("TRADE_NOT_ALLOWED_PAY"));
}

/// Seed 001 5.1: who is logged in at the cashier cannot pay himself; here the sandbox's one buyer is the merchant.
#[test]
fn the_buyer_who_is_the_seller_cannot_pay() {
    let mut settings = settings();
    settings.merchants[0].email = "buyer@example.com".to_owned();
    let mut desk = Desk::with(settings);
    let itself = ("seller_email", "buyer@example.com");
    let page = code(&mut desk, &payment("A", &[itself]));
    assert!(page.contains("BUYER_SELLER_EQUAL"), "{page}");
    assert!(desk.sandbox.trades().is_empty());
}

/// Protocol note 4: a timestamp is good for thirty seconds and for the merchant who asked for it; both parameters are
/// demanded.
#[test]
fn a_timestamp_is_good_for_thirty_seconds() {
    let mut desk = demands_timestamps();
    let key = timestamp(&mut desk);
    let ip = ("exter_invoke_ip", "203.0.113.9");
    let with = |key: &'static str| ("anti_phishing_key", key);
    let key: &'static str = key.leak();
    let page = code(&mut desk, &payment("A", &[with(key)]));
    assert!(page.contains("ILLEGAL_EXTER_INVOKE_IP"), "{page}");
    assert_eq!(code(&mut desk, &payment("A", &[with(key), ip])), "");
    desk.wait(30_000);
    assert_eq!(code(&mut desk, &payment("A", &[with(key), ip])), "");
    desk.wait(1);
    let page = code(&mut desk, &payment("A", &[with(key), ip]));
    assert!(page.contains("ANTI_PHISHING_KEY_TIMEOUT"), "{page}");
    let other: &'static str = timestamp(&mut desk).leak();
    assert_ne!(key, other);
    let basic = ("partner", crate::desk::BASIC);
    let page = code(&mut desk, &payment("B", &[basic, with(other), ip]));
    assert!(page.contains("ILLEGAL_ANTI_PHISHING_KEY"), "{page}");
}

/// A server is answered in the envelope: what its contract lacks has a code of its own.
#[test]
fn a_service_that_was_not_contracted_is_refused_in_the_envelope() {
    let services = ["single_trade_query", "close_trade", "query_timestamp"];
    let mut desk = under(Contract {
        without: services.map(str::to_owned).into(),
        ..Contract::default()
    });
    for service in services {
        let fields = [
            ("service", service),
            ("partner", PARTNER),
            ("_input_charset", "utf-8"),
            ("out_trade_no", "A"),
            ("out_order_no", "A"),
        ];
        let answer = text(&desk.get("/gateway.do", &signed(&fields)));
        let refused = "<is_success>F</is_success><error>ILLEGAL_PARTNER_EXTERFACE</error>";
        assert!(answer.contains(refused), "{service}: {answer}");
    }
}

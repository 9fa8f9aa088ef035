//! The further parameters of a request: what is sent, what is refused, and what the gateway makes of it.

use crate::{EMAIL, PARTNER, account, cny, merchant, order, sealed, settings, vectors};
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    Call, Code, Contract, DirectPay, read_call, read_call_under,
};
use quittance_core::gateway::alipay::{Account, Extras, Seller, Settings};
use quittance_core::gateway::{Checkout, CheckoutCall, CheckoutStart, Gateway, Refusal};
use quittance_core::order::GatewayOptions;
use quittance_core::params::Params;
use quittance_core::sign::presign;
use quittance_core::{Money, Order};

fn options(of: &[(&str, &str)]) -> GatewayOptions {
    of.iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

fn with(account: Account, set: &[(&str, &str)]) -> Account {
    let extras = Extras {
        options: options(set),
        anti_phishing: false,
        ..Extras::default()
    };
    account.with_extras(extras).unwrap()
}

fn asking(asked: &[(&str, &str)]) -> Order {
    Order {
        gateway_options: options(asked),
        ..order()
    }
}

fn call() -> CheckoutCall {
    CheckoutCall {
        notify_url: "http://shop.example.com/alipay/notify_url".into(),
        return_url: "http://shop.example.com/alipay/return_url".into(),
        client_ip: None,
        token: None,
        via_get: true,
        now: crate::now(),
    }
}

/// The parameters that go to the gateway.
fn wire(account: &Account, order: &Order) -> Params {
    let CheckoutStart::Ready(Checkout::Redirect { url }) =
        account.checkout(order, &call()).unwrap()
    else {
        panic!("no address")
    };
    Params::parse(url.split_once('?').unwrap().1.as_bytes()).unwrap()
}

fn read(wire: &Params) -> DirectPay {
    match read_call(wire.to_wire().as_bytes(), &[], &|_| Some(merchant())) {
        Ok(Call::DirectPay(read)) => *read,
        other => panic!("{other:?}"),
    }
}

/// Vector M4, but for the `+` in its title, which we refuse: the account names the seller by login too, the order
/// says the rest, and the signing string is the vector's. The gateway's side takes the vector as printed.
#[test]
fn m4_is_made_through_the_public_way() {
    let royalties = "r1@example.com^0.00^note 1|r2@example.com^0.01^50%";
    let account = with(
        account(Charset::Utf8),
        &[("seller_email", EMAIL), ("extend_param", "k1^0|k2^1")],
    );
    let order = Order {
        subject: "a b c/d".into(),
        ..asking(&[("royalty_parameters", royalties), ("qr_pay_mode", "0")])
    };
    let sent = wire(&account, &order);
    let vector = vectors::vector("M4");
    let printed = String::from_utf8(vector.presign.clone()).unwrap();
    assert!(printed.contains("subject=a b+c/d"));
    assert_eq!(
        String::from_utf8(presign(&sent)).unwrap(),
        printed.replace("a b+c/d", "a b c/d")
    );
    let of_vector = read(&Params::parse(vector.wire.as_bytes()).unwrap());
    let ours = read(&sent);
    assert_eq!(of_vector.options, ours.options);
    assert_eq!(ours.options["royalty_parameters"], royalties);
}

/// Every parameter of note 1.1 reaches the gateway under its own name, in both charsets.
#[test]
fn every_parameter_reaches_the_gateway() {
    for charset in [Charset::Utf8, Charset::Gbk] {
        let set = [
            ("error_notify_url", "https://shop.example.com/error"),
            ("enable_paymethod", "directPay^bankPay^cartoon^cash"),
            ("goods_type", "0"),
            ("hb_fq_param", "hb_fq_seller_percent^100|hb_fq_num^3"),
            ("need_buyer_realnamed", "T"),
            ("need_ctu_check", "Y"),
            ("product_type", "CHANNEL_FAST_PAY"),
            ("qr_pay_mode", "4"),
            ("qrcode_width", "200"),
            ("seller_account_name", "卖家"),
        ];
        let asked = [
            ("buyer_account_name", "张三"),
            ("buyer_email", "buyer@example.com"),
            ("buyer_id", "2088000000000101"),
            ("default_login", "Y"),
            ("extend_param", "evoucheprod_evouche_id^1"),
            ("payment_type", "47"),
            ("royalty_parameters", "a@x.com^0.01^分成"),
            ("sign_id_ext", "u1"),
            ("sign_name_ext", "李四"),
            ("token", "abc"),
        ];
        let account = with(account(charset), &set);
        let sent = wire(&account, &asking(&asked));
        for (name, text) in set.iter().chain(&asked) {
            let bytes = charset.encode(text).unwrap();
            assert_eq!(sent.get(name), Some(&*bytes), "{name}");
        }
        assert_eq!(sent.get("royalty_type"), Some(&b"10"[..]));
        let all: Vec<_> = set.iter().chain(&asked).copied().collect();
        assert_eq!(read(&sent).options, options(&all));
    }
}

/// An order's own value goes before the account's, and an empty one leaves it out.
#[test]
fn the_order_goes_before_the_account() {
    let account = with(
        account(Charset::Utf8),
        &[
            ("goods_type", "0"),
            ("qr_pay_mode", "4"),
            ("qrcode_width", "99"),
        ],
    );
    let sent = wire(&account, &order());
    assert_eq!(sent.get("goods_type"), Some(&b"0"[..]));
    let sent = wire(
        &account,
        &asking(&[
            ("goods_type", "1"),
            ("qr_pay_mode", ""),
            ("qrcode_width", ""),
        ]),
    );
    assert_eq!(sent.get("goods_type"), Some(&b"1"[..]));
    assert_eq!(
        (sent.get("qr_pay_mode"), sent.get("qrcode_width")),
        (None, None)
    );
    // What only the two together make wrong is refused too.
    let refusal = refused(&account, &asking(&[("qr_pay_mode", "3")]));
    assert!(refusal.detail.contains("qrcode_width"), "{refusal}");
}

/// Note 1.1 "Re-submission": the same order is asked for with the same parameters, so that the gateway takes it.
#[test]
fn the_same_order_is_sent_the_same_way_again() {
    let account = with(
        account(Charset::Gbk),
        &[
            ("royalty_parameters", "a@x.com^0.01^分成"),
            ("need_ctu_check", "N"),
        ],
    );
    let order = asking(&[
        ("buyer_email", "buyer@example.com"),
        ("extend_param", "k1^0"),
    ]);
    let first = wire(&account, &order);
    assert_eq!(first, wire(&account, &order.clone()));
    assert!(read(&first).same_basics(&read(&wire(&account, &order))));
    for other in [
        asking(&[("buyer_email", "other@example.com")]),
        asking(&[
            ("price", "0.01"),
            ("quantity", "1"),
            ("buyer_email", "buyer@example.com"),
        ]),
        Order {
            amount: cny(2),
            ..order.clone()
        },
    ] {
        assert!(!read(&first).same_basics(&read(&wire(&account, &other))));
    }
}

/// `price` and `quantity` are the other way to give the amount; callbacks tell them as they were asked.
#[test]
fn a_price_and_a_quantity_take_the_place_of_the_amount() {
    let order = Order {
        amount: cny(750),
        ..asking(&[("price", "2.50"), ("quantity", "3")])
    };
    let sent = wire(&account(Charset::Utf8), &order);
    assert_eq!(sent.get("total_fee"), None);
    assert_eq!(read(&sent).total_fee, cny(750));
    for (asked, minor) in [
        (&[("price", "2.50"), ("quantity", "3")][..], 751),
        (&[("price", "2.50")], 750),
        (&[("quantity", "3")], 750),
        (&[("price", "100000000.00"), ("quantity", "1000000")], 750),
    ] {
        let order = Order {
            amount: cny(minor),
            ..asking(asked)
        };
        assert!(
            refused(&account(Charset::Utf8), &order)
                .detail
                .contains("price")
        );
    }
}

fn refused(account: &Account, order: &Order) -> Refusal {
    let refusal = account.admit(order).unwrap_err();
    assert_eq!(account.checkout(order, &call()).unwrap_err(), refusal);
    assert_eq!(refusal.field, "gateway_options");
    refusal
}

/// What is wrong is refused by name before anything is sent, and the gateway's side would refuse it too.
#[test]
fn what_is_wrong_is_refused_by_name() {
    let account = account(Charset::Gbk);
    for (name, text) in [
        ("unknown_thing", "1"),
        ("total_fee", "1"),
        ("seller_id", PARTNER),
        ("error_notify_url", "https://shop.example.com/"),
        ("payment_type", "2"),
        ("payment_type", "47"),
        ("need_ctu_check", "y"),
        ("default_login", "Y"),
        ("qr_pay_mode", "5"),
        ("qrcode_width", "100"),
        ("goods_type", "2"),
        ("hb_fq_param", "hb_fq_num^3"),
        ("hb_fq_param", "hb_fq_seller_percent^101|hb_fq_num^3"),
        ("enable_paymethod", "directPay^directPay"),
        ("enable_paymethod", "directPay^"),
        ("need_buyer_realnamed", "F"),
        ("product_type", "X"),
        ("extend_param", "k1"),
        ("extend_param", "k1^1|k1^2"),
        ("buyer_id", "1"),
        ("buyer_email", "a b@example.com"),
        ("sign_id_ext", "u1"),
        ("royalty_parameters", "a@x.com^0.02^more than the amount"),
        ("royalty_parameters", "a@x.com^0.01"),
        ("sign_name_ext", "é"),
    ] {
        let refusal = refused(&account, &asking(&[(name, text)]));
        assert!(
            refusal.detail.contains(name) || name == "sign_name_ext",
            "{refusal}"
        );
    }
}

/// SEC-004: no value of an order or an account can be cut into a parameter under our signature.
#[test]
fn no_value_can_be_cut_into_a_parameter() {
    let names = [
        "buyer_account_name",
        "buyer_email",
        "extend_param",
        "royalty_parameters",
        "sign_id_ext",
        "sign_name_ext",
        "token",
    ];
    for cut in ["&total_fee=0.01", "&", "=", "\n", "\0"] {
        for name in names {
            let text = match name {
                "extend_param" => format!("k^v{cut}"),
                "royalty_parameters" => format!("a@x.com^0.01^memo{cut}"),
                _ => format!("a{cut}"),
            };
            let sign = [("sign_id_ext", "a"), ("sign_name_ext", "a")];
            let mut order = asking(&sign);
            order.gateway_options.insert(name.to_owned(), text.clone());
            refused(&account(Charset::Utf8), &order);
            let extras = Extras {
                options: options(&[(name, &text)]),
                ..Extras::default()
            };
            assert!(account(Charset::Utf8).with_extras(extras).is_err());
        }
    }
    let shown = Order {
        show_url: Some("https://shop.example.com/a&total_fee=1".into()),
        ..order()
    };
    assert_eq!(
        account(Charset::Utf8).admit(&shown).unwrap_err().field,
        "show_url"
    );
}

/// The account's own are checked at the start, each by its name.
#[test]
fn an_account_is_told_every_parameter_that_is_wrong() {
    let faults = |set: &[(&str, &str)]| {
        let extras = Extras {
            options: options(set),
            ..Extras::default()
        };
        let faults = account(Charset::Utf8)
            .with_extras(extras)
            .err()
            .unwrap_or_default();
        faults
            .into_iter()
            .map(|fault| fault.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        faults(&[
            ("buyer_id", "2088000000000101"),
            ("goods_type", "7"),
            ("x", "1")
        ]),
        ["buyer_id", "goods_type", "x"]
    );
    assert_eq!(faults(&[("qrcode_width", "100")]), ["qrcode_width"]);
    assert_eq!(faults(&[("goods_type", "")]), ["goods_type"]);
    assert_eq!(faults(&[("goods_type", "1")]), [""; 0]);
    let by_login = Account::new(Settings {
        seller: Some(Seller::Email(EMAIL.into())),
        ..settings(Charset::Utf8)
    })
    .unwrap();
    let extras = Extras {
        options: options(&[("seller_email", EMAIL)]),
        ..Extras::default()
    };
    assert_eq!(
        by_login.with_extras(extras).unwrap_err()[0].name,
        "seller_email"
    );
}

/// The gateway's side has a code for each (note 6.1, 6.2), and asks the contract before it looks at fields.
#[test]
fn the_gateway_refuses_with_its_codes() {
    let base = [
        ("service", "create_direct_pay_by_user"),
        ("partner", PARTNER),
        ("seller_id", PARTNER),
        ("payment_type", "1"),
        ("out_trade_no", "A"),
        ("total_fee", "1.00"),
        ("_input_charset", "utf-8"),
        ("subject", "test"),
    ];
    let code = |more: &[(&str, &str)], contract: &Contract| {
        let mut fields = base.to_vec();
        for field in more {
            fields.retain(|(name, _)| *name != field.0);
            fields.push(*field);
        }
        fields.retain(|(_, text)| !text.is_empty());
        let fields = fields
            .iter()
            .map(|(n, t)| ((*n).to_owned(), (*t).to_owned()));
        let wire = sealed(&fields.collect::<Vec<_>>());
        let read = read_call_under(&wire, &[], &|_| Some(merchant()), &|_| contract.clone());
        read.err().map(|Code(code)| code)
    };
    let usual = Contract::default();
    assert_eq!(code(&[], &usual), None);
    let long = format!("a@x.com^0.01^{}", "x".repeat(1000));
    for (more, expected) in [
        (&[("payment_type", "5")][..], "ILLEGAL_PAYMENT_TYPE"),
        (
            &[
                ("royalty_type", "9"),
                ("royalty_parameters", "a@x.com^0.01^b"),
            ],
            "ROYALTY_TYPE_ERROR",
        ),
        (&[("royalty_type", "10")], "ROYALTY_FORAMT_ERROR"),
        (
            &[("royalty_parameters", "a@x.com^0.01^b")],
            "ROYALTY_FORAMT_ERROR",
        ),
        (
            &[("royalty_type", "10"), ("royalty_parameters", "a@x.com")],
            "ROYALTY_FORAMT_ERROR",
        ),
        (
            &[
                ("royalty_type", "10"),
                ("royalty_parameters", "a@x.com^1.01^b"),
            ],
            "ROYALTY_FORAMT_ERROR",
        ),
        (
            &[("royalty_type", "10"), ("royalty_parameters", &long)],
            "ROYALTY_LENGTH_ERROR",
        ),
        (&[("need_ctu_check", "1")], "NEED_CTU_CHECK_PARAMETER_ERROR"),
        (&[("qr_pay_mode", "9")], "ILLEGAL_ARGUMENT"),
        (&[("total_fee", ""), ("price", "1.00")], "ILLEGAL_FEE_PARAM"),
        (
            &[("total_fee", ""), ("price", "0.01"), ("quantity", "1.5")],
            "ILLEGAL_FEE_PARAM",
        ),
        (
            &[("seller_id", ""), ("seller_account_name", "x")],
            "SELLER_NOT_EXIST",
        ),
        (&[("extend_param", "a^1&2")], ""),
        (&[("token", "QUJD=")], ""),
        (&[("buyer_id", PARTNER)], "BUYER_SELLER_EQUAL"),
        (&[("buyer_email", EMAIL)], "BUYER_SELLER_EQUAL"),
    ] {
        // No code: the gateway takes what we would not send.
        let expected = Some(expected).filter(|code| !code.is_empty());
        assert_eq!(code(more, &usual), expected, "{more:?}");
    }
    let lacks = |service: &str| Contract {
        without: [service.to_owned()].into(),
        ..Contract::default()
    };
    assert_eq!(
        code(&[("subject", "")], &lacks("create_direct_pay_by_user")),
        Some("HAS_NO_PRIVILEGE")
    );
    let query = [("service", "single_trade_query")];
    assert_eq!(
        code(&query, &lacks("single_trade_query")),
        Some("ILLEGAL_PARTNER_EXTERFACE")
    );
    let strict = Contract {
        timeouts: false,
        risk_check: false,
        anti_phishing: true,
        ..usual
    };
    let key = ("anti_phishing_key", "KPr8DuZp5xc031OVxw==");
    let ip = ("exter_invoke_ip", "203.0.113.9");
    for (more, expected) in [
        (&[ip][..], Some("ILLEGAL_ANTI_PHISHING_KEY")),
        (&[key], Some("ILLEGAL_EXTER_INVOKE_IP")),
        (&[key, ip], None),
        (
            &[key, ip, ("it_b_pay", "1h")],
            Some("SELF_TIMEOUT_NOT_SUPPORT"),
        ),
        (
            &[key, ip, ("need_ctu_check", "Y")],
            Some("NEED_CTU_CHECK_NOT_ALLOWED"),
        ),
    ] {
        assert_eq!(code(more, &strict), expected, "{more:?}");
    }
}

/// An order from before there were options reads as one without, and one without is written as before.
#[test]
fn an_order_of_an_old_journal_reads_as_before() {
    let written = serde_json::to_value(order()).unwrap();
    assert!(written.get("gateway_options").is_none());
    assert_eq!(serde_json::from_value::<Order>(written).unwrap(), order());
    let asked = asking(&[("goods_type", "0")]);
    let again: Order = serde_json::from_value(serde_json::to_value(&asked).unwrap()).unwrap();
    assert_eq!(again, asked);
    assert_eq!(order().differs_in(&asked), Some("gateway_options"));
    let other = Order {
        amount: Money::new(2, asked.amount.currency),
        terminal: Some("T".into()),
        ..asked.clone()
    };
    assert_eq!(other.differs_in(&asked), Some("amount"));
    let other = Order {
        terminal: Some("T".into()),
        ..order()
    };
    assert_eq!(other.differs_in(&asked), Some("terminal"));
}

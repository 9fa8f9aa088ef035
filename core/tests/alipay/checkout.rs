//! What goes to the cashier, and what is refused before it could.

use crate::{account, cny, merchant, order, settings};
use quittance_core::charset::Charset;
use quittance_core::choice::of_word;
use quittance_core::gateway::alipay::gateway_side::{Call, DirectPay, read_call};
use quittance_core::gateway::alipay::{Account, Seller, Settings};
use quittance_core::gateway::{Checkout, CheckoutCall, CheckoutStart, Fault, Gateway};
use quittance_core::{Currency, Money, Order, OrderKey};

fn call(client_ip: Option<&str>) -> CheckoutCall {
    CheckoutCall {
        notify_url: "https://pay.example.com/notify/main".into(),
        return_url: "https://pay.example.com/return/main/token".into(),
        client_ip: client_ip.map(str::to_owned),
        token: None,
        via_get: true,
        now: crate::now(),
    }
}

/// What the gateway reads of this order.
fn sent(account: &Account, order: &Order, call: &CheckoutCall) -> DirectPay {
    let CheckoutStart::Ready(Checkout::Redirect { url }) = account.checkout(order, call).unwrap()
    else {
        panic!("no address")
    };
    let (_, query) = url.split_once('?').unwrap();
    match read_call(query.as_bytes(), &[], &|_| Some(merchant())) {
        Ok(Call::DirectPay(read)) => *read,
        other => panic!("{other:?}"),
    }
}

/// Every field of an order reaches the gateway under its own name, and what is not given is not sent.
#[test]
fn every_choice_reaches_the_gateway() {
    let shop = Some("https://shop.example.com/item/1".to_owned());
    let account = Account::new(Settings {
        show_url: shop.clone(),
        ..settings(Charset::Gbk)
    })
    .unwrap();
    let full = Order {
        body: Some("两件".into()),
        extra: Some("vip".into()),
        method: Some("bankPay".into()),
        bank: Some("ICBCB2C".into()),
        expires_in_secs: Some(301),
        ..order()
    };
    let read = sent(&account, &full, &call(Some("203.0.113.9")));
    assert_eq!(
        (read.body, read.extra_common_param),
        (full.body.clone(), full.extra.clone())
    );
    assert_eq!(
        (read.paymethod, read.defaultbank),
        (full.method.clone(), full.bank.clone())
    );
    assert_eq!(
        (read.it_b_pay.as_deref(), read.exter_invoke_ip.as_deref()),
        (Some("6m"), Some("203.0.113.9"))
    );
    assert_eq!((read.show_url, read.charset), (shop, Charset::Gbk));

    let own = Order {
        show_url: Some("https://shop.example.com/item/2".into()),
        ..order()
    };
    let read = sent(&account, &own, &call(Some("2001:db8::1")));
    assert_eq!(
        (&read.show_url, read.exter_invoke_ip),
        (&own.show_url, None),
        "an IPv6 address is not sent"
    );
    assert_eq!(
        (read.body, read.paymethod, read.it_b_pay),
        (None, None, None)
    );
    for (secs, expected) in [(300, "5m"), (3600, "60m"), (15 * 86_400, "21600m")] {
        let read = sent(
            &account,
            &Order {
                expires_in_secs: Some(secs),
                ..order()
            },
            &call(None),
        );
        assert_eq!(read.it_b_pay.as_deref(), Some(expected));
    }
}

/// The payee goes along as the account names it, and only in one way.
#[test]
fn the_payee_goes_along_once() {
    let url = |seller| {
        let account = Account::new(Settings {
            seller,
            ..settings(Charset::Utf8)
        })
        .unwrap();
        let CheckoutStart::Ready(Checkout::Redirect { url }) =
            account.checkout(&order(), &call(None)).unwrap()
        else {
            panic!("no address")
        };
        (account.payee().to_owned(), url)
    };
    let (payee, sent) = url(None);
    assert_eq!(payee, "2088000000000001");
    assert!(sent.contains("&seller_id=2088000000000001&") && !sent.contains("seller_email"));
    let (payee, sent) = url(Some(Seller::Id("2088000000000009".into())));
    assert_eq!(payee, "2088000000000009");
    assert!(sent.contains("&seller_id=2088000000000009&"));
    let (payee, sent) = url(Some(Seller::Email("a@example.com".into())));
    assert_eq!(payee, "a@example.com");
    assert!(sent.contains("&seller_email=a%40example.com&") && !sent.contains("seller_id"));
}

/// SEC-004: of all ASCII characters and a sample of others, exactly the harmless ones are taken in the free texts.
#[test]
fn free_texts_hold_harmless_characters_only() {
    let account = account(Charset::Utf8);
    let samples = (0_u8..128)
        .map(char::from)
        .chain("测é\u{85}\u{9f}\u{2028}😀＆＝".chars());
    for sample in samples {
        let text = Some(format!("a{sample}b"));
        let forbidden = sample.is_control() || "#%&+=".contains(sample);
        for (field, order) in [
            (
                "subject",
                Order {
                    subject: text.clone().unwrap(),
                    ..order()
                },
            ),
            (
                "body",
                Order {
                    body: text.clone(),
                    ..order()
                },
            ),
            (
                "extra",
                Order {
                    extra: text.clone(),
                    ..order()
                },
            ),
        ] {
            let refused = account.admit(&order).err().map(|refusal| refusal.field);
            assert_eq!(refused, forbidden.then_some(field), "{sample:?}");
        }
    }
}

/// Every refusal names the field, why, and what to do.
#[test]
fn refusals_name_the_field() {
    let check = |charset: Charset, order: Order, field: &str| {
        let refusal = account(charset).admit(&order).unwrap_err();
        assert_eq!(refusal.field, field, "{refusal}");
        assert!(!refusal.detail.is_empty() && !refusal.help.is_empty());
        assert_eq!(account(charset).checkout(&order, &call(None)), Err(refusal));
    };
    let utf8 = |order: Order, field: &str| check(Charset::Utf8, order, field);
    for number in ["", "a b", "a.b", "测", "a/b", &"x".repeat(65)] {
        utf8(
            Order {
                key: OrderKey::new("main", number),
                ..order()
            },
            "order_no",
        );
    }
    utf8(
        Order {
            amount: Money::new(1, Currency::parse("USD").unwrap()),
            ..order()
        },
        "currency",
    );
    for minor in [0, -1, 10_000_000_001] {
        utf8(
            Order {
                amount: cny(minor),
                ..order()
            },
            "amount",
        );
    }
    for subject in ["", "  ", &"x".repeat(129), &"测".repeat(86)] {
        utf8(
            Order {
                subject: subject.to_owned(),
                ..order()
            },
            "subject",
        );
    }
    assert_eq!(
        account(Charset::Gbk).admit(&Order {
            subject: "测".repeat(128),
            ..order()
        }),
        Ok(())
    );
    check(
        Charset::Gbk,
        Order {
            subject: "ok 😀".into(),
            ..order()
        },
        "subject",
    );
    check(
        Charset::Gb2312,
        Order {
            body: Some("😀".into()),
            ..order()
        },
        "body",
    );
    utf8(
        Order {
            body: Some("x".repeat(401)),
            ..order()
        },
        "body",
    );
    utf8(
        Order {
            extra: Some("x".repeat(101)),
            ..order()
        },
        "extra",
    );
    for method in ["directpay", "", "cash", "bankpay"] {
        utf8(
            Order {
                method: Some(method.into()),
                ..order()
            },
            "method",
        );
    }
    utf8(
        Order {
            bank: Some("CMB".into()),
            ..order()
        },
        "bank",
    );
    utf8(
        Order {
            bank: Some("CMB".into()),
            method: Some("directPay".into()),
            ..order()
        },
        "bank",
    );
    utf8(
        Order {
            bank: Some("cmb".into()),
            method: Some("bankPay".into()),
            ..order()
        },
        "bank",
    );
    for url in [
        "/item",
        "https://a/?id=1",
        "ftp://a/b",
        "https://",
        "https://a/#x",
        "https://a/ b",
        &long_url(),
    ] {
        utf8(
            Order {
                show_url: Some(url.to_owned()),
                ..order()
            },
            "show_url",
        );
    }
    utf8(
        Order {
            terminal: Some("t1".into()),
            ..order()
        },
        "terminal",
    );
    for secs in [0, 299, 15 * 86_400 + 1, i64::MAX, i64::MIN] {
        utf8(
            Order {
                expires_in_secs: Some(secs),
                ..order()
            },
            "expires_in",
        );
    }
}

fn long_url() -> String {
    format!("https://a/{}", "x".repeat(400))
}

/// Shows that every choice offered to a buyer is one that the gateway takes, goes out under the gateway's own names,
/// leaves the order as it was written, and is offered once.
#[test]
fn every_choice_offered_is_taken() {
    let account = account(Charset::Gbk);
    let choices: Vec<_> = account
        .choices()
        .iter()
        .flat_map(|group| group.choices)
        .collect();
    assert!(choices.len() > 30);
    let mut words = std::collections::BTreeSet::new();
    for choice in choices {
        assert!(words.insert(choice.word()), "{choice:?} twice");
        assert_eq!(
            of_word(account.choices(), &choice.word()),
            Some(*choice),
            "{choice:?}"
        );
        let read = sent(&account, &choice.made_in(&order()), &call(None));
        assert_eq!(read.paymethod.as_deref(), Some(choice.method));
        assert_eq!(read.defaultbank.as_deref(), choice.bank);
        assert_eq!(
            (read.out_trade_no, read.total_fee),
            ("20240101-0001".into(), cny(1))
        );
    }
    for word in [
        "",
        "bankPay",
        "bankPay.",
        "bankPay.NOBANK",
        "directPay.CMB",
        "cartoon",
        "BANKPAY.CMB",
    ] {
        assert_eq!(of_word(account.choices(), word), None, "{word}");
    }
}

/// Shows that a buyer chooses only what the merchant has left open.
#[test]
fn a_choice_fills_what_is_open_only() {
    let account = account(Charset::Utf8);
    let choice = |word| of_word(account.choices(), word).unwrap();
    let with = |method: Option<&str>, bank: Option<&str>| Order {
        method: method.map(str::to_owned),
        bank: bank.map(str::to_owned),
        ..order()
    };
    for (order, balance, bank) in [
        (with(None, None), true, true),
        (with(Some("bankPay"), None), false, true),
        (with(Some("directPay"), None), false, false),
        (with(Some("bankPay"), Some("CMB")), false, false),
    ] {
        assert_eq!(choice("directPay").open_in(&order), balance, "{order:?}");
        assert_eq!(choice("bankPay.CMB").open_in(&order), bank, "{order:?}");
    }
}

/// Shows that what is refused says what is wrong with it, for pages that have words of their own.
#[test]
fn a_refusal_says_its_fault() {
    let account = account(Charset::Gbk);
    let fault = |order: Order| account.admit(&order).unwrap_err().fault;
    let titled = |subject: &str| Order {
        subject: subject.into(),
        ..order()
    };
    assert_eq!(fault(titled("  ")), Fault::Missing);
    assert_eq!(fault(titled(&"茶".repeat(129))), Fault::TooLong);
    assert_eq!(fault(titled("a&b")), Fault::Forbidden('&'));
    assert_eq!(fault(titled("茶\u{7}")), Fault::Forbidden('\u{7}'));
    assert_eq!(fault(titled("茶😀")), Fault::Unmappable('😀'));
    let dear = Order {
        amount: cny(10_000_000_001),
        ..order()
    };
    assert_eq!(fault(dear), Fault::OutOfRange(cny(1), cny(10_000_000_000)));
}

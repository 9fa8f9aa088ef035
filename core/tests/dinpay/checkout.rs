//! The request that a merchant signs: what every field becomes, and which orders are refused before anybody is sent.

use crate::{account, call, cny, order, pair_account, pair_settings, settings};
use quittance_core::charset::Charset;
use quittance_core::choice;
use quittance_core::gateway::dinpay::{Account, Settings};
use quittance_core::gateway::{Checkout, CheckoutCall, CheckoutStart, Fault, Gateway, Refusal};
use quittance_core::{Currency, Money, Order};
use std::collections::BTreeSet;

fn form(account: &Account, order: &Order, call: &CheckoutCall) -> Vec<(String, String)> {
    match account.checkout(order, call).unwrap() {
        CheckoutStart::Ready(Checkout::Form { fields, .. }) => fields,
        other => panic!("{other:?}"),
    }
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

fn plain() -> Order {
    Order {
        bank: None,
        extra: None,
        gateway_options: Default::default(),
        ..order()
    }
}

/// Note 1.2: what each field of the order becomes; what is absent is not sent.
#[test]
fn fields_become_parameters() {
    let full = Order {
        body: Some("一本书".into()),
        show_url: Some("https://shop.example.com/book".into()),
        method: Some("b2c,weixin".into()),
        ..order()
    };
    let fields = form(&account(Charset::Utf8), &full, &call());
    for (name, expected) in [
        ("merchant_code", "1000000001"),
        ("service_type", "direct_pay"),
        ("interface_version", "V3.0"),
        ("input_charset", "UTF-8"),
        ("order_time", "2024-01-02 03:04:05"),
        ("order_amount", "12.01"),
        ("product_name", "测试 商品 A+B"),
        ("product_desc", "一本书"),
        ("show_url", "https://shop.example.com/book"),
        ("bank_code", "ICBC"),
        ("pay_type", "b2c,weixin"),
        ("client_ip", "192.168.1.25"),
        ("extra_return_param", "uid=42"),
        ("redo_flag", "1"),
        ("sign_type", "MD5"),
    ] {
        assert_eq!(value(&fields, name), Some(expected), "{name}");
    }
    let six = CheckoutCall {
        client_ip: Some("2001:db8::1".into()),
        ..call()
    };
    let names = |fields: Vec<(String, String)>| -> Vec<String> {
        fields.into_iter().map(|(name, _)| name).collect()
    };
    let few = names(form(&account(Charset::Utf8), &plain(), &six));
    assert_eq!(
        few,
        [
            "merchant_code",
            "service_type",
            "interface_version",
            "input_charset",
            "notify_url",
            "return_url",
            "order_no",
            "order_time",
            "order_amount",
            "product_name",
            "sign_type",
            "sign"
        ]
    );
}

/// The account's page goes with orders that name none.
#[test]
fn the_account_has_a_page_to_show() {
    let account = Account::new(Settings {
        show_url: Some("https://shop.example.com".into()),
        ..settings(Charset::Utf8)
    })
    .unwrap();
    let own = Order {
        show_url: Some("https://shop.example.com/own".into()),
        ..plain()
    };
    let shown = |order: &Order| {
        let fields = form(&account, order, &call());
        value(&fields, "show_url").map(str::to_owned)
    };
    assert_eq!(shown(&plain()).as_deref(), Some("https://shop.example.com"));
    assert_eq!(shown(&own).as_deref(), Some("https://shop.example.com/own"));
}

fn refused(account: &Account, order: &Order) -> Refusal {
    let refusal = account.admit(order).unwrap_err();
    assert!(account.checkout(order, &call()).is_err());
    assert!(!refusal.detail.is_empty() && !refusal.help.is_empty());
    refusal
}

fn check(change: impl FnOnce(&mut Order), field: &str) -> Fault {
    let mut changed = plain();
    change(&mut changed);
    let refusal = refused(&account(Charset::Utf8), &changed);
    assert_eq!(refusal.field, field);
    refusal.fault
}

/// Note 1.2, 5: what the gateway would refuse is refused when the order is made.
#[test]
fn orders_that_the_gateway_would_not_take_are_refused() {
    for number in ["", "a-b", "a b", "a.b", "测", &"1".repeat(65)] {
        check(|order| order.key.order_no = number.into(), "order_no");
    }
    for minor in [0, -1, 10_000_000_000_000] {
        let fault = check(|order| order.amount = cny(minor), "amount");
        assert_eq!(fault, Fault::OutOfRange(cny(1), cny(9_999_999_999_999)));
    }
    let dollars = Money::new(1, Currency::parse("USD").unwrap());
    check(|order| order.amount = dollars, "currency");
    for blank in ["", "  "] {
        let fault = check(|order| order.subject = blank.into(), "subject");
        assert_eq!(fault, Fault::Missing);
    }
    for (long, field) in [(101, "subject"), (301, "body"), (101, "extra")] {
        let text = "书".repeat(long);
        let fault = check(
            |order| match field {
                "subject" => order.subject = text,
                "body" => order.body = Some(text),
                _ => order.extra = Some(text),
            },
            field,
        );
        assert_eq!(fault, Fault::TooLong, "{field}");
    }
    for method in [
        "B2C",
        "bankPay",
        "b2c,",
        "b2c,b2c",
        " b2c",
        "",
        "b2c;weixin",
    ] {
        check(|order| order.method = Some(method.into()), "method");
    }
    for bank in ["icbc", "ICBCB2C", ""] {
        check(|order| order.bank = Some(bank.into()), "bank");
    }
    let alone = |order: &mut Order| {
        order.method = Some("weixin".into());
        order.bank = Some("ICBC".into());
    };
    check(alone, "bank");
    let long = format!("https://a/{}", "x".repeat(200));
    for url in ["shop", "https://a/?b=c", "https://a/&b", &long] {
        check(|order| order.show_url = Some(url.into()), "show_url");
    }
    check(|order| order.terminal = Some("1".into()), "terminal");
    for secs in [299, 15 * 24 * 60 * 60 + 1] {
        check(|order| order.expires_in_secs = Some(secs), "expires_in");
    }
}

/// The ends of each rule are taken.
#[test]
fn the_ends_are_taken() {
    let account = account(Charset::Utf8);
    for change in [
        |order: &mut Order| order.key.order_no = "_".repeat(64),
        |order: &mut Order| order.amount = cny(1),
        |order: &mut Order| order.amount = cny(9_999_999_999_999),
        |order: &mut Order| order.subject = "书".repeat(100),
        |order: &mut Order| order.body = Some("书".repeat(300)),
        |order: &mut Order| order.extra = Some("书".repeat(100)),
        |order: &mut Order| order.subject = "书 (A+B) = #1 100%".into(),
        |order: &mut Order| order.expires_in_secs = Some(300),
        |order: &mut Order| order.bank = Some("WAP_UNION".into()),
        |order: &mut Order| order.bank = Some("TXYKTZX".into()),
        |order: &mut Order| order.method = Some("express_d".into()),
    ] {
        let mut changed = plain();
        change(&mut changed);
        assert_eq!(account.admit(&changed), Ok(()), "{changed:?}");
        assert!(account.checkout(&changed, &call()).is_ok());
    }
}

/// SEC-004: no text of an order can be cut into a parameter under our signature.
#[test]
fn no_text_can_be_cut_into_a_parameter() {
    for code in 0..128_u8 {
        let c = char::from(code);
        let text = format!("a{c}b");
        let forbidden = c.is_control() || c == '&';
        for field in ["subject", "body", "extra"] {
            let mut changed = plain();
            match field {
                "subject" => changed.subject = text.clone(),
                "body" => changed.body = Some(text.clone()),
                _ => changed.extra = Some(text.clone()),
            }
            let admitted = account(Charset::Utf8).admit(&changed);
            assert_eq!(admitted.is_err(), forbidden, "{field} {c:?}");
            if let Err(refusal) = admitted {
                assert_eq!((refusal.field, refusal.fault), (field, Fault::Forbidden(c)));
            }
        }
    }
}

/// Note 1.4, 9: in GBK what is echoed is ASCII, and with RSA-S everything is, because the gateway signs UTF-8 there.
#[test]
fn gbk_sends_only_what_is_signed_alike_on_both_sides() {
    let gbk = account(Charset::Gbk);
    let pair = Account::new(pair_settings(Charset::Gbk)).unwrap();
    let chinese = plain();
    let ascii = Order {
        subject: "a book".into(),
        extra: Some("uid=42".into()),
        ..plain()
    };
    let echo = Order {
        extra: Some("会员".into()),
        ..ascii.clone()
    };
    assert_eq!(gbk.admit(&chinese), Ok(()));
    for account in [&gbk, &pair] {
        assert_eq!(account.admit(&ascii), Ok(()));
    }
    for (account, order, field, found) in [
        (&pair, &chinese, "subject", '测'),
        (&gbk, &echo, "extra", '会'),
        (&pair, &echo, "extra", '会'),
    ] {
        let refusal = refused(account, order);
        assert_eq!(refusal.field, field);
        assert_eq!(refusal.fault, Fault::Forbidden(found));
    }
    assert_eq!(pair_account().admit(&echo), Ok(()));
    let emoji = Order {
        subject: "📚".into(),
        ..plain()
    };
    assert_eq!(refused(&gbk, &emoji).fault, Fault::Unmappable('📚'));
}

/// Note 1.1: a form is posted, there is no address; an address that the gateway would refuse is refused here.
#[test]
fn a_sending_that_the_gateway_would_not_take_is_refused() {
    let account = account(Charset::Utf8);
    let refused = |call: CheckoutCall| account.checkout(&plain(), &call).unwrap_err();
    let via_get = CheckoutCall {
        via_get: true,
        ..call()
    };
    assert_eq!(refused(via_get).field, "via");
    let long = format!("https://a/{}", "x".repeat(200));
    let notify = CheckoutCall {
        notify_url: long.clone(),
        ..call()
    };
    assert_eq!(refused(notify).fault, Fault::Code("NOTIFY_URL_IS_TOO_LONG"));
    let back = CheckoutCall {
        return_url: long,
        ..call()
    };
    assert_eq!(refused(back).fault, Fault::Code("ILLEGAL_URL_FORMAT"));
}

/// Note 1.2, 1.3: every choice of a buyer is one that the gateway takes, has a name in both languages, and is told apart
/// from the others.
#[test]
fn every_choice_can_be_sent() {
    let account = account(Charset::Utf8);
    let choices = account.choices();
    let mut words = BTreeSet::new();
    for group in choices {
        assert!(!group.en.is_empty() && !group.zh.is_ascii());
        for choice in group.choices {
            assert!(choice.en.is_ascii() && !choice.zh.is_ascii(), "{choice:?}");
            assert!(choice.open_in(&plain()));
            let chosen = choice.made_in(&plain());
            let fields = form(&account, &chosen, &call());
            assert_eq!(value(&fields, "pay_type"), Some(choice.method));
            assert_eq!(value(&fields, "bank_code"), choice.bank);
            assert!(words.insert(choice.word()), "{choice:?}");
            assert_eq!(choice::of_word(choices, &choice.word()), Some(*choice));
        }
    }
    assert_eq!(words.len(), 25);
}

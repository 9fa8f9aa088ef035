//! Checkout: a push to a terminal, or the address of a page.

use crate::*;
use quittance_core::gateway::codepay::Extras;
use quittance_core::gateway::{Checkout, CheckoutStart, Fault, Gateway, Refusal};

fn started(account: &Account, order: &Order) -> (Flat, bool) {
    match account.checkout(order, &call()).unwrap() {
        CheckoutStart::Call {
            request,
            to_terminal,
        } => (sent(&request), to_terminal),
        other => panic!("{other:?}"),
    }
}

fn refused(order: Order) -> Refusal {
    let refusal = account().admit(&order).unwrap_err();
    assert_eq!(account().checkout(&order, &call()), Err(refusal.clone()));
    refusal
}

/// Note 2.4: what a push carries.
#[test]
fn an_order_is_pushed_to_its_terminal() {
    let order = Order {
        extra: Some("uid=42".into()),
        expires_in_secs: Some(300),
        ..at_terminal()
    };
    let (message, to_terminal) = started(&account(), &order);
    assert!(to_terminal);
    for (name, text) in [
        ("method", "wisehub.cloud.pay.order"),
        ("app_id", APP),
        ("merchant_no", MERCHANT),
        ("timestamp", "1764000001000"),
        ("terminal_sn", TERMINAL),
        ("message_receiving_application", "CodePay Register"),
        ("trans_type", "1"),
        ("pay_scenario", "SWIPE_CARD"),
        ("merchant_order_no", ORDER_NO),
        ("order_amount", "34.50"),
        ("price_currency", "USD"),
        ("description", "Café crème 咖啡 x2"),
        ("attach", "uid=42"),
        ("expires", "300"),
        ("notify_url", "https://shop.example/codepay/notify"),
    ] {
        assert_eq!(message.get(name), Some(text), "{name}");
    }
    assert_eq!(message.get("return_url"), None);
}

/// Note 2.6: what the call for a page carries.
#[test]
fn an_order_is_paid_on_a_page() {
    let account = Account::new(Settings {
        store_no: Some(STORE.into()),
        ..settings()
    });
    let (message, to_terminal) = started(&account.unwrap(), &order());
    assert!(!to_terminal);
    for (name, text) in [
        ("method", "pay.checkout"),
        ("store_no", STORE),
        ("return_url", "https://shop.example/done"),
        ("order_amount", "34.50"),
    ] {
        assert_eq!(message.get(name), Some(text), "{name}");
    }
    assert_eq!(
        (message.get("terminal_sn"), message.get("trans_type")),
        (None, None)
    );
}

/// Where an order is paid: as its method says; without one, at a terminal where one is named.
#[test]
fn the_way_is_the_orders() {
    let with_terminal = Account::new(Settings {
        terminal: Some("ACCOUNT1".into()),
        ..settings()
    })
    .unwrap();
    let order = |method: Option<&str>, terminal: Option<&str>| Order {
        method: method.map(str::to_owned),
        terminal: terminal.map(str::to_owned),
        ..order()
    };
    for (account, order, expected) in [
        (account(), order(None, None), None),
        (account(), order(None, Some("T1")), Some("T1")),
        (account(), order(Some("terminal"), Some("T1")), Some("T1")),
        (account(), order(Some("online"), None), None),
        (with_terminal.clone(), order(None, None), Some("ACCOUNT1")),
        (with_terminal.clone(), order(None, Some("T1")), Some("T1")),
        (with_terminal.clone(), order(Some("online"), None), None),
    ] {
        let (message, to_terminal) = started(&account, &order);
        assert_eq!(message.get("terminal_sn"), expected);
        assert_eq!(to_terminal, expected.is_some());
    }
    for (method, terminal, field) in [
        (Some("terminal"), None, "terminal"),
        (Some("online"), Some("T1"), "terminal"),
        (Some("cash"), None, "method"),
        (None, Some("no serial"), "terminal"),
    ] {
        assert_eq!(refused(order(method, terminal)).field, field);
    }
}

/// Every field that the gateway would not take is refused before anything is sent.
#[test]
fn an_order_that_does_not_fit_is_refused() {
    let text = |subject: &str| Order {
        subject: subject.into(),
        ..order()
    };
    for (order, field) in [
        (
            Order {
                key: OrderKey::new("main", "A".repeat(33)),
                ..order()
            },
            "order_no",
        ),
        (
            Order {
                amount: usd(0),
                ..order()
            },
            "amount",
        ),
        (text(" "), "subject"),
        (text(&"茶".repeat(129)), "subject"),
        (text("tea 🍵"), "subject"),
        (text("a & b"), "subject"),
        (text("@tea"), "subject"),
        (text("a\nb"), "subject"),
        (
            Order {
                extra: Some("a&b".into()),
                ..order()
            },
            "extra",
        ),
        (
            Order {
                body: Some("x".into()),
                ..order()
            },
            "body",
        ),
        (
            Order {
                bank: Some("ICBC".into()),
                ..order()
            },
            "bank",
        ),
        (
            Order {
                show_url: Some("https://shop.example/".into()),
                ..order()
            },
            "show_url",
        ),
        (
            Order {
                expires_in_secs: Some(299),
                ..order()
            },
            "expires_in",
        ),
        (
            Order {
                expires_in_secs: Some(16 * 86_400),
                ..order()
            },
            "expires_in",
        ),
    ] {
        let refusal = refused(order);
        assert_eq!(refusal.field, field);
        assert!(!refusal.help.is_empty());
    }
    assert_eq!(refused(text("tea 🍵")).fault, Fault::Forbidden('🍵'));
}

/// An account of one currency takes no other.
#[test]
fn a_currency_may_be_the_only_one() {
    let euros = Account::new(Settings {
        currency: Currency::parse("EUR").ok(),
        ..settings()
    })
    .unwrap();
    assert_eq!(euros.admit(&order()).unwrap_err().field, "currency");
    assert_eq!(euros.traits().currency, Currency::parse("EUR").ok());
}

/// Further parameters: the order's go before the account's, each only where it belongs.
#[test]
fn options_go_on_the_wire() {
    let options = |pairs: &[(&str, &str)]| {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        pairs.iter().map(own).collect()
    };
    let extras = Extras {
        options: options(&[("receipt_print_mode", "3"), ("on_screen_tip", "true")]),
    };
    let account = account().with_extras(extras).unwrap();
    let order = Order {
        gateway_options: options(&[("receipt_print_mode", "1"), ("on_screen_tip", "")]),
        ..at_terminal()
    };
    let (message, _) = started(&account, &order);
    assert_eq!(message.get("receipt_print_mode"), Some("1"));
    assert_eq!(message.get("on_screen_tip"), None);
    let (page, _) = started(&account, &crate::order());
    assert_eq!(page.get("receipt_print_mode"), None);
    for (name, text) in [
        ("receipt_print_mode", "4"),
        ("tip_amount", "1"),
        ("order_detail", "{}"),
        ("pay_method_id", "@x"),
        ("confirm_on_terminal", "yes"),
    ] {
        let order = Order {
            gateway_options: options(&[(name, text)]),
            ..at_terminal()
        };
        let refusal = refused(order);
        assert_eq!(refusal.field, "gateway_options", "{name}");
        assert!(refusal.detail.contains(name));
    }
    let wrong = Extras {
        options: options(&[("card_type", "9"), ("unknown", "1"), ("longitude", "")]),
    };
    assert_eq!(crate::account().with_extras(wrong).unwrap_err().len(), 3);
}

/// What the gateway answers. A success that nobody signed says nothing, and a page must be an address.
#[test]
fn the_answer_says_where_the_buyer_goes() {
    let url = "https://checkout.codepay.us/p/1?t=2";
    let read = |reply: &Reply| account().read_checkout(&order(), reply);
    let page = read(&answer(json!({"pay_url": url})));
    assert_eq!(page.checkout, Some(Checkout::Redirect { url: url.into() }));
    assert_eq!(page.accepted, Some(true));
    for unreadable in [
        answer(json!({"pay_url": "javascript:alert(1)"})),
        answer(json!({"pay_url": "https://"})),
        answer(json!({"pay_url": "https://a b"})),
        answer(json!({})),
        Reply::new(
            200,
            json!({"code": "0", "data": json!({"pay_url": url}).to_string()}).to_string(),
        ),
        Reply::new(500, sealed(json!({"code": "0"}))),
        Reply::new(200, "<html>"),
        refusal("SYS0001", "busy"),
        refusal("E07303", "API not authorised"),
    ] {
        let placed = read(&unreadable);
        assert_eq!((placed.accepted, placed.checkout), (None, None));
        assert!(placed.reason.is_some());
    }
    let repeated = read(&refusal("E04112", "Merchant order number repeat"));
    assert_eq!(repeated.accepted, Some(false));
    assert_eq!(
        repeated.reason.as_deref(),
        Some("E04112: Merchant order number repeat")
    );
    // A refusal need not be signed; a signature that is there must be right.
    let unsigned = Reply::new(200, r#"{"code":"E04112"}"#);
    assert_eq!(read(&unsigned).accepted, Some(false));
    let forged = Reply::new(200, r#"{"code":"E04112","sign":"AAAA"}"#);
    assert_eq!(read(&forged).accepted, None);
}

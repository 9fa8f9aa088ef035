//! The further parameters of a request: what is sent, what is refused.

use crate::{account, call, order, pair_settings, settings};
use quittance_core::Order;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::{Account, Extras};
use quittance_core::gateway::{Checkout, CheckoutStart, Fault, Gateway, Refusal};
use quittance_core::order::GatewayOptions;

fn options(of: &[(&str, &str)]) -> GatewayOptions {
    of.iter()
        .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
        .collect()
}

fn extras(set: &[(&str, &str)]) -> Extras {
    Extras {
        options: options(set),
        cross_border: false,
    }
}

fn asking(asked: &[(&str, &str)]) -> Order {
    Order {
        gateway_options: options(asked),
        ..order()
    }
}

/// The further parameters as they are sent.
fn sent(account: &Account, order: &Order) -> Vec<(String, String)> {
    const NAMES: [&str; 5] = [
        "product_code",
        "product_num",
        "redo_flag",
        "extend_param",
        "orders_info",
    ];
    let CheckoutStart::Ready(Checkout::Form { fields, .. }) =
        account.checkout(order, &call()).unwrap()
    else {
        panic!("no form")
    };
    let own = |(name, _): &(String, String)| NAMES.contains(&name.as_str());
    fields.into_iter().filter(own).collect()
}

/// An order's own value goes before the account's; an empty text leaves the account's out.
#[test]
fn an_orders_value_goes_before_the_accounts() {
    let set = [("redo_flag", "1"), ("product_code", "A1")];
    let account = account(Charset::Utf8).with_extras(extras(&set)).unwrap();
    let pairs = |asked: &[(&str, &str)]| sent(&account, &asking(asked));
    let named = |of: &[(&str, &str)]| -> Vec<(String, String)> {
        of.iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
            .collect()
    };
    assert_eq!(
        pairs(&[]),
        named(&[("product_code", "A1"), ("redo_flag", "1")])
    );
    let asked = [
        ("redo_flag", "0"),
        ("product_num", "3"),
        ("orders_info", "x"),
    ];
    assert_eq!(
        pairs(&asked),
        named(&[
            ("product_code", "A1"),
            ("product_num", "3"),
            ("redo_flag", "0"),
            ("orders_info", "x")
        ])
    );
    assert_eq!(
        pairs(&[("redo_flag", "")]),
        named(&[("product_code", "A1")])
    );
}

fn refused(order: &Order) -> Refusal {
    let refusal = account(Charset::Utf8).admit(order).unwrap_err();
    assert_eq!(refusal.field, "gateway_options");
    refusal
}

/// Note 1.2: each parameter by its rule, at both ends.
#[test]
fn each_parameter_has_its_rule() {
    let long = |count: usize| "书".repeat(count);
    let member = |name: &str, count: usize| format!("{name}^{}", "x".repeat(count));
    for (name, good) in [
        ("product_code", long(60)),
        ("product_num", "9999999999".into()),
        ("product_num", "1".into()),
        ("redo_flag", "0".into()),
        ("redo_flag", "1".into()),
        ("extend_param", member("customer_name", 50)),
        ("extend_param", member("ship_to_street", 200)),
        (
            "extend_param",
            "customer_name^李|customer_idNumber^1|ship_to_zip^1".into(),
        ),
        ("orders_info", "x".repeat(4000)),
    ] {
        let asked = asking(&[(name, &good)]);
        assert_eq!(account(Charset::Utf8).admit(&asked), Ok(()), "{name}");
        assert_eq!(sent(&account(Charset::Utf8), &asked).len(), 1, "{name}");
    }
    for (name, bad) in [
        ("product_code", long(61)),
        ("product_code", "a&b".into()),
        ("product_code", "a\nb".into()),
        ("product_num", "0".into()),
        ("product_num", "01".into()),
        ("product_num", "1.5".into()),
        ("product_num", "-1".into()),
        ("product_num", "10000000000".into()),
        ("redo_flag", "2".into()),
        ("redo_flag", "true".into()),
        ("extend_param", member("customer_name", 51)),
        ("extend_param", member("customer_name", 0)),
        ("extend_param", "customer_name".into()),
        ("extend_param", "customer_name^a^b".into()),
        ("extend_param", "customer_name^a|customer_name^b".into()),
        ("extend_param", "customer_name^a|".into()),
        ("extend_param", "customer_nickname^a".into()),
        ("extend_param", "customer_idnumber^1".into()),
        ("orders_info", "x".repeat(4001)),
        // It would be cut off where parameters are put together.
        ("orders_info", long(3000)),
        ("pay_type", "b2c".into()),
        ("sign", "x".into()),
        ("order_amount", "0.01".into()),
    ] {
        let refusal = refused(&asking(&[(name, &bad)]));
        assert!(refusal.detail.contains(name), "{name} {bad}");
    }
}

/// What belongs to one order cannot be set for all of an account, and a fault is told in both languages.
#[test]
fn an_account_sets_what_is_the_same_for_all() {
    for (name, text) in [
        ("product_num", "1"),
        ("orders_info", "x"),
        ("redo_flag", "2"),
        ("redo_flag", ""),
        ("input_charset", "GBK"),
    ] {
        let faults = account(Charset::Utf8)
            .with_extras(extras(&[(name, text)]))
            .unwrap_err();
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].name, name);
        assert!(
            faults[0].en.is_ascii() && !faults[0].zh.is_ascii(),
            "{name}"
        );
    }
    let all = [("product_num", "1"), ("redo_flag", "2"), ("x", "y")];
    let faults = account(Charset::Utf8)
        .with_extras(extras(&all))
        .unwrap_err();
    assert_eq!(faults.len(), 3, "all of them are told");
}

/// Note 1.2: a cross-border order says who pays, by name and number.
#[test]
fn a_cross_border_order_says_who_pays() {
    let account = Account::new(settings(Charset::Utf8))
        .unwrap()
        .with_extras(Extras {
            options: GatewayOptions::new(),
            cross_border: true,
        })
        .unwrap();
    for (asked, code) in [
        ("", Some("CONCUMER_NAME_IS_NULL")),
        ("ship_to_zip^1", Some("CONCUMER_NAME_IS_NULL")),
        ("customer_name^Li", Some("CONCUMER_IDNO_IS_NULL")),
        ("customer_idNumber^1", Some("CONCUMER_NAME_IS_NULL")),
        ("customer_name^Li|customer_idNumber^1", None),
    ] {
        let admitted = account.admit(&asking(&[("extend_param", asked)]));
        let found = admitted.err().map(|refusal| refusal.fault);
        assert_eq!(found, code.map(Fault::Code), "{asked}");
    }
    assert_eq!(account.personal_options(), ["extend_param"]);
}

/// Note 1.4: with RSA-S in GBK a parameter is ASCII too.
#[test]
fn a_parameter_must_be_of_the_accounts_charset() {
    let pair = Account::new(pair_settings(Charset::Gbk)).unwrap();
    let gbk = account(Charset::Gbk);
    let asked = |text: &str| Order {
        subject: "a book".into(),
        ..asking(&[("product_code", text)])
    };
    assert_eq!(gbk.admit(&asked("书")), Ok(()));
    assert!(gbk.admit(&asked("📚")).is_err());
    assert!(pair.admit(&asked("书")).is_err());
    assert_eq!(pair.admit(&asked("book")), Ok(()));
}

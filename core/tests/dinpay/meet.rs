//! Both sides meet: whatever order the merchant's side admits, the gateway's side reads as what was ordered, and what the
//! gateway's side tells of it is believed as that and nothing else.

use crate::{
    MERCHANT, NOTIFY_ID, account, body, call, claims, now, order, pair_account, pair_merchant,
    pair_settings, trade,
};
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::Account;
use quittance_core::gateway::dinpay::gateway_side::{
    Call, DirectPay, Merchant, Trade, notify_body, query_reply, read_call, return_fields,
};
use quittance_core::gateway::{Answer, Checkout, CheckoutStart, Gateway};
use quittance_core::params::Params;
use quittance_core::{Claim, Money, Order, OrderKey};

/// The accounts that there are, each with how the gateway has it.
fn sides() -> [(Charset, Account, Merchant); 4] {
    [
        (Charset::Utf8, account(Charset::Utf8), crate::merchant()),
        (Charset::Gbk, account(Charset::Gbk), crate::merchant()),
        (Charset::Utf8, pair_account(), pair_merchant()),
        (
            Charset::Gbk,
            Account::new(pair_settings(Charset::Gbk)).unwrap(),
            pair_merchant(),
        ),
    ]
}

/// What the gateway reads of a form that a browser posts in its charset.
fn sent(charset: Charset, form: &CheckoutStart, merchant: &Merchant) -> DirectPay {
    let CheckoutStart::Ready(Checkout::Form { url, fields, .. }) = form else {
        panic!("no form")
    };
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, &charset.encode(value).unwrap()).unwrap();
    }
    let query = url.split_once('?').unwrap().1;
    let read = read_call(query.as_bytes(), params.to_wire().as_bytes(), &|code| {
        (code == MERCHANT).then(|| merchant.clone())
    });
    match read.unwrap() {
        Call::DirectPay(read) => *read,
        other => panic!("{other:?}"),
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -%'-~]{1,40}", "[测试商品一二三 A-Z]{1,40}", "\\PC{1,20}"]
}

prop_compose! {
    fn any_order()(
        order_no in "[A-Za-z0-9_]{1,64}",
        minor in prop_oneof![1_i64..1_000, 1_i64..10_000_000_000_000],
        subject in text(),
        body in prop::option::of(text()),
        extra in prop::option::of(text()),
        method in prop::option::of(prop::sample::select(&["b2c", "weixin", "b2c,express", "alipay_scan"][..])),
        bank in prop::option::of(prop::sample::select(&["ICBC", "CMB", "HXB", "SDB"][..])),
        redo in prop::option::of(prop::sample::select(&["0", "1"][..])),
        name in prop::option::of("[A-Za-z 李王]{1,20}"),
    ) -> Order {
        let redo = redo.map(|flag| ("redo_flag".to_owned(), flag.to_owned()));
        let name = name.map(|name| ("extend_param".to_owned(), format!("customer_name^{name}")));
        Order {
            key: OrderKey::new("main", order_no),
            amount: Money::new(minor, quittance_core::Currency::CNY),
            subject,
            body,
            extra,
            method: method.map(str::to_owned),
            bank: bank.map(str::to_owned),
            gateway_options: redo.into_iter().chain(name).collect(),
            ..order()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn every_order_that_is_admitted_is_read_paid_and_believed(order in any_order(), side in 0_usize..4) {
        let (charset, account, merchant) = &sides()[side];
        if account.admit(&order).is_err() {
            return Ok(());
        }
        let form = account.checkout(&order, &call()).unwrap();
        let read = sent(*charset, &form, merchant);
        prop_assert_eq!(&read.order_no, &order.key.order_no);
        prop_assert_eq!(read.amount, order.amount);
        prop_assert_eq!(&read.product_name, &order.subject);
        prop_assert_eq!(&read.product_desc, &order.body);
        prop_assert_eq!(&read.extra_return_param, &order.extra);
        prop_assert_eq!(&read.pay_type, &order.method);
        prop_assert_eq!(&read.bank_code, &order.bank);
        prop_assert_eq!(&read.options, &order.gateway_options);
        prop_assert_eq!(read.ordered_at, now());

        let paid = Trade { request: read, ..trade() };
        let expected = [Claim::Payment {
            trade_no: paid.trade_no.clone(),
            amount: order.amount,
            payee: MERCHANT.into(),
        }];
        let notify = account.read_notify(&notify_body(&paid, merchant, NOTIFY_ID), now());
        prop_assert_eq!(claims(&notify.evidence), &expected, "{:?}", notify);
        let posted = return_fields(&paid, merchant, NOTIFY_ID);
        let back = account.read_return(&body(&posted), now());
        prop_assert_eq!(claims(&back.evidence), &expected, "{:?}", back);
        let asked = account.read_query(&order.key.order_no, &query_reply(&paid, merchant));
        prop_assert_eq!(asked.answer, Answer::Paid);
        prop_assert_eq!(claims(&asked.evidence), &expected);
    }
}

/// The property above is not empty: each side admits orders of its own charset.
#[test]
fn each_side_admits_orders() {
    for (charset, account, merchant) in sides() {
        let plain = Order {
            subject: "a book".into(),
            ..order()
        };
        assert_eq!(account.admit(&plain), Ok(()));
        let form = account.checkout(&plain, &call()).unwrap();
        assert_eq!(sent(charset, &form, &merchant).product_name, "a book");
    }
}

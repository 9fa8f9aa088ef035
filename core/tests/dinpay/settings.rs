//! Settings that would fail at the first payment refuse to start instead, with cause and fix.

use crate::{KEY, MERCHANT, account, material, order, pair_account, pair_settings, settings, time};
use quittance_core::charset::Charset;
use quittance_core::facts::Proof;
use quittance_core::gateway::dinpay::{Account, CODES, Key, Keys, QUERY_WINDOW, Settings};
use quittance_core::gateway::{self, CODES as ALL, CloseCall, Gateway, Opinion, RefundAnswer};
use quittance_core::http::Reply;
use quittance_core::sign::KeyFault;
use quittance_core::{Currency, Money, Timestamp};
use secrecy::SecretString;

fn base() -> Settings {
    settings(Charset::Utf8)
}

fn with_key(key: &str) -> Settings {
    Settings {
        keys: Keys::Md5(vec![Key {
            key: SecretString::from(key),
            until: None,
        }]),
        ..base()
    }
}

fn with_pair(private: &str, public: &str) -> Settings {
    Settings {
        keys: Keys::Rsa {
            private: private.into(),
            gateway: vec![Key {
                key: public.into(),
                until: None,
            }],
        },
        ..base()
    }
}

fn check(settings: Settings, field: &str, cause: &str) {
    let problems = Account::new(settings).unwrap_err();
    let found = problems
        .iter()
        .find(|problem| problem.field == field && problem.cause.contains(cause));
    let found = found.unwrap_or_else(|| panic!("{field}: {cause}: {problems:?}"));
    assert!(!found.fix.is_empty());
    let told = format!("{problems:?}");
    assert!(!told.contains(KEY), "a problem tells the key");
}

/// Note 1.2: a merchant code is digits, 10 of them at Dinpay, 12 at white-labels; nothing is trimmed.
#[test]
fn bad_merchant_codes_refuse_to_start() {
    for code in ["1", "1111110166", "100000000123", "12345678901234567890"] {
        let named = Settings {
            merchant_code: code.into(),
            ..base()
        };
        assert_eq!(Account::new(named).unwrap().payee(), code);
    }
    for code in ["", "123456789012345678901", "100000000x", "１０００", "-1"] {
        let named = Settings {
            merchant_code: code.into(),
            ..base()
        };
        check(named, "merchant_code", "1 to 20 digits");
    }
    for (code, place) in [
        (format!(" {MERCHANT}"), "at its beginning"),
        (format!("{MERCHANT}\n"), "at its end"),
        ("10000 00001".into(), "inside"),
    ] {
        let named = Settings {
            merchant_code: code,
            ..base()
        };
        check(named, "merchant_code", place);
    }
}

/// SEC-010, SEC-011: bad keys are refused, never trimmed, and the cause says which it was.
#[test]
fn bad_keys_refuse_to_start() {
    check(with_key(""), "key", "empty");
    check(with_key(&format!("{KEY}\n")), "key", "blank at its end");
    check(with_key(&KEY[..15]), "key", "shorter");
    check(with_key("${DINPAY_KEY_OF_SHOP}"), "key", "placeholder");
    check(with_key(&material("platform_public_key")), "key", "pair");
    let none = Settings {
        keys: Keys::Md5(Vec::new()),
        ..base()
    };
    check(none, "key", "no key");
    let swapped = Settings {
        merchant_code: KEY.into(),
        ..with_key(MERCHANT)
    };
    let problems = Account::new(swapped.clone()).unwrap_err();
    assert_eq!(problems.len(), 1, "one cause, one problem");
    check(swapped, "merchant_code", "swapped");
}

/// SEC-007, SEC-022, SEC-024: a pair is read once, and what is no pair for RSA-S refuses to start.
#[test]
fn bad_pairs_refuse_to_start() {
    let private = material("merchant_private_key");
    let public = material("platform_public_key");
    assert!(Account::new(with_pair(&private, &public)).is_ok());
    let dsa: serde_json::Value =
        serde_json::from_str(include_str!("../vectors/alipay.json")).unwrap();
    let dsa = dsa["dsa"]["pub"].as_str().unwrap();
    for (private, public, field, fault) in [
        (
            &*private,
            &*material("merchant_public_key"),
            "gateway_public_key",
            KeyFault::Own,
        ),
        (&private, dsa, "gateway_public_key", KeyFault::NotRsa),
        (
            &private,
            &private,
            "gateway_public_key",
            KeyFault::PrivateInPublicPlace,
        ),
        (
            &public,
            &public,
            "private_key",
            KeyFault::PublicInPrivatePlace,
        ),
        ("", &public, "private_key", KeyFault::Empty),
    ] {
        let problems = Account::new(with_pair(private, public)).unwrap_err();
        let found = problems.iter().find(|problem| problem.field == field);
        let fault_found = found.and_then(|problem| problem.key);
        assert_eq!(fault_found, Some(fault), "{problems:?}");
        assert!(!fault.cause().zh.is_empty() && !fault.fix().zh.is_empty());
    }
    let mut rotated = pair_settings(Charset::Utf8);
    rotated.keys.push(Key {
        key: public.into(),
        until: None,
    });
    check(rotated, "previous_keys", "for ever");
}

/// Addresses are absolute and without a query string; the charset is one of two.
#[test]
fn bad_addresses_and_charsets_refuse_to_start() {
    for url in [
        "",
        "pay.dinpay.com",
        "/gateway",
        "ftp://a/b",
        "https://",
        "https://a/?b=c",
        "https://a b",
    ] {
        for field in ["show_url", "gateway_url", "query_url"] {
            let mut named = base();
            match field {
                "show_url" => named.show_url = Some(url.into()),
                "gateway_url" => named.gateway_url = url.into(),
                _ => named.query_url = url.into(),
            }
            check(named, field, "the address");
        }
    }
    let one = Settings {
        query_url: base().gateway_url,
        ..base()
    };
    check(one, "query_url", "gateway_url");
    let charset = Settings {
        charset: Charset::Gb2312,
        ..base()
    };
    check(charset, "charset", "UTF-8 and GBK only");
}

/// SEC-113: a previous key needs an end, the current one must not have one.
#[test]
fn keys_end_as_they_should() {
    let until = Some(time("2030-01-01T00:00:00Z"));
    let keys = |current, previous| {
        let key = |text: &str, until| Key {
            key: SecretString::from(text),
            until,
        };
        Settings {
            keys: Keys::Md5(vec![
                key(KEY, current),
                key("an-older-key-of-the-shop", previous),
            ]),
            ..base()
        }
    };
    assert!(Account::new(keys(None, until)).is_ok());
    check(keys(None, None), "previous_keys", "for ever");
    check(keys(until, until), "key", "end");
}

/// The account says what is fixed about its gateway, and tells no key.
#[test]
fn an_account_describes_itself() {
    for (account, kind) in [(account(Charset::Gbk), "MD5"), (pair_account(), "RSA-S")] {
        let traits = account.traits();
        assert_eq!(
            (traits.name, traits.guide, traits.currency),
            ("dinpay", Proof::Signed, Some(Currency::CNY))
        );
        assert!(!traits.second_opinion && !traits.close && !traits.return_by_get);
        assert_eq!(traits.query_window, Some(QUERY_WINDOW));
        assert_eq!(QUERY_WINDOW.as_hours(), 12);
        assert_eq!((account.ack(), account.payee()), ("SUCCESS", MERCHANT));
        assert_eq!(account.wire().sign_type, kind);
        assert!(!format!("{account:?}").contains(KEY));
        assert!(!account.key_ids().concat().contains(KEY));
        assert!(account.notify_sources().seed.is_empty());
        assert_eq!(account.codes(), CODES);
    }
    assert_eq!(account(Charset::Gbk).wire().charset, Charset::Gbk);
    assert_eq!(pair_account().key_ids().len(), 2);
    assert!(ALL.contains(&CODES));
}

/// Note 2.2, 3.4: there is no second opinion, no closing, no refund and no statement, and nobody can be led to believe
/// that there were one.
#[test]
fn what_the_gateway_lacks_is_a_value() {
    let account = account(Charset::Utf8);
    let reply = Reply::new(200, "true");
    let lacks = |found: Result<quittance_core::http::Request, gateway::NotSupported>, flow| {
        let lacking = found.unwrap_err();
        assert_eq!((lacking.gateway, lacking.flow), ("dinpay", flow));
    };
    lacks(account.second_opinion("x"), "second_opinion");
    let order = order();
    let close = account.close(&CloseCall {
        order: &order,
        gently: true,
        now: Timestamp::UNIX_EPOCH,
    });
    lacks(close.map(|asked| asked.request), "close");
    lacks(
        account.refund_query("x", "1", Timestamp::UNIX_EPOCH),
        "refund_query",
    );
    assert_eq!(account.read_second_opinion(&reply), Opinion::Unknown);
    assert_eq!(account.read_close("x", &reply).accepted, None);
    assert_eq!(account.read_checkout(&order, &reply).accepted, None);
    assert_eq!(account.refunds().unwrap_err().flow, "refund");
    assert_eq!(account.statement_clock().unwrap_err().flow, "statement");
    assert_eq!(account.read_refund(&reply).accepted, None);
    let refund = account.read_refund_query("x", "1", &reply);
    assert_eq!(refund.answer, RefundAnswer::Unknown);
    assert!(refund.evidence.is_empty());
    let refund = gateway::Refund {
        trade_no: "1".into(),
        amount: Money::new(1, Currency::CNY),
        received: None,
        reason: None,
    };
    assert!(account.admit_refund(&refund).is_err());
    let wire_no = account.refund_wire_no(b"seed", crate::now());
    assert!(!account.refund_wire_no_holds(&wire_no, crate::now()));
    assert!(account.read_checkout_token(&reply).is_err());
    assert_eq!(
        account.checkout_token(&crate::call()).unwrap().map(|_| ()),
        None
    );
    let call = gateway::StatementCall {
        from: crate::now(),
        to: crate::now(),
        part: 1,
    };
    lacks(account.statement(&call), "statement");
    let stated = account.read_statement(&call, &reply);
    assert!(stated.rows.is_none() && !stated.more && stated.evidence.is_empty());
}

//! Settings that would fail at the first payment refuse to start instead, with cause and fix.

use crate::{GATEWAY, KEY, PARTNER, account, settings, time};
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::{Account, Key, Keys, Seller, Settings};
use quittance_core::gateway::{Gateway, RefundWay};
use quittance_core::{Currency, Proof};
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

fn check(settings: Settings, field: &str, cause: &str) {
    let problems = Account::new(settings).unwrap_err();
    let found = problems
        .iter()
        .find(|problem| problem.field == field && problem.cause.contains(cause));
    let found = found.unwrap_or_else(|| panic!("{field}: {cause}: {problems:?}"));
    assert!(!found.fix.is_empty());
    assert!(
        !format!("{problems:?}").contains(KEY),
        "a problem tells the key"
    );
}

/// SEC-010, SEC-011: bad partners and keys are refused, never trimmed, and the cause says which it was.
#[test]
fn bad_partners_and_keys_refuse_to_start() {
    for partner in [
        "",
        "2088",
        "20880000000000011",
        "3088000000000001",
        "208800000000000x",
        "２０８８000000000001",
    ] {
        check(
            Settings {
                partner: partner.into(),
                ..base()
            },
            "partner",
            "16 digits",
        );
    }
    check(
        Settings {
            partner: format!(" {PARTNER}"),
            ..base()
        },
        "partner",
        "partner has a blank at its beginning",
    );
    check(
        Settings {
            partner: format!("{PARTNER}\n"),
            ..base()
        },
        "partner",
        "blank at its end",
    );
    check(
        Settings {
            partner: "2088000 00000001".into(),
            ..base()
        },
        "partner",
        "blank inside",
    );
    check(with_key(""), "key", "empty");
    check(with_key(" "), "key", "key has a blank");
    check(with_key("\n"), "key", "blank");
    check(with_key(&format!("{KEY}\n")), "key", "blank at its end");
    check(with_key("${ALIPAY_KEY_OF_THE_SHOP}"), "key", "placeholder");
    check(
        with_key("<your key, 32 characters long>".replace(' ', "_").as_str()),
        "key",
        "placeholder",
    );
    for length in 1..16 {
        check(with_key(&KEY[..length]), "key", "shorter");
    }
    check(with_key("测试测试测试测试测试测试测试测试"), "key", "ASCII");
    check(with_key(PARTNER), "key", "partner id");
    check(
        Settings {
            keys: Keys::Md5(vec![]),
            ..base()
        },
        "key",
        "no key",
    );
    let swapped = Settings {
        partner: KEY.into(),
        ..with_key(PARTNER)
    };
    assert_eq!(
        Account::new(swapped.clone()).unwrap_err().len(),
        1,
        "one cause, one problem"
    );
    check(swapped, "partner", "swapped");
}

/// SEC-113: a previous key needs an end, the current one must not have one.
#[test]
fn keys_end_as_they_should() {
    let old = Key {
        key: SecretString::from("previous-key-previous-key"),
        until: None,
    };
    let keys = Keys::Md5(vec![
        Key {
            key: SecretString::from(KEY),
            until: None,
        },
        old,
    ]);
    check(Settings { keys, ..base() }, "previous_keys", "for ever");
    let until = Some(time("2030-01-01T00:00:00Z"));
    check(
        Settings {
            keys: Keys::Md5(vec![Key {
                key: SecretString::from(KEY),
                until,
            }]),
            ..base()
        },
        "key",
        "end",
    );
}

/// Addresses are absolute and without a query string; sellers look like sellers.
#[test]
fn bad_addresses_and_sellers_refuse_to_start() {
    for url in [
        "",
        "shop.example.com",
        "/show",
        "ftp://a/b",
        "https://",
        "https:///x",
        "https://a/?b=c",
        "https://a b",
    ] {
        check(
            Settings {
                show_url: Some(url.into()),
                ..base()
            },
            "show_url",
            "the address",
        );
        check(
            Settings {
                gateway_url: url.into(),
                ..base()
            },
            "gateway_url",
            "the address",
        );
    }
    check(
        Settings {
            gateway_url: format!("{GATEWAY}?x=1"),
            ..base()
        },
        "gateway_url",
        "query string",
    );
    for seller in [
        Seller::Id("1".into()),
        Seller::Email(String::new()),
        Seller::Email("a b".into()),
    ] {
        let field = if matches!(seller, Seller::Id(_)) {
            "seller_id"
        } else {
            "seller_email"
        };
        check(
            Settings {
                seller: Some(seller),
                ..base()
            },
            field,
            "seller",
        );
    }
}

/// The account says what is fixed about its gateway, tells no key, and has no call that pays money back.
#[test]
fn an_account_describes_itself() {
    let account = account(Charset::Utf8);
    let traits = account.traits();
    assert_eq!(
        (traits.name, traits.guide, traits.currency),
        ("alipay", Proof::Confirmed, Some(Currency::CNY))
    );
    assert!(traits.second_opinion && traits.close);
    assert_eq!((account.ack(), account.payee()), ("success", PARTNER));
    assert!(!format!("{account:?}").contains(KEY));
    assert!(!account.key_ids().concat().contains(KEY));
    assert_eq!(account.refunds(), Ok(RefundWay::Page));
}

//! Settings that would fail at the first payment refuse to start instead, and what the gateway lacks is a value.

use crate::*;
use quittance_core::gateway::{self, CODES as ALL, Gateway, NotSupported, Opinion, StatementCall};

fn wrong(settings: Settings) -> Vec<&'static str> {
    let problems = Account::new(settings).unwrap_err();
    assert!(problems.iter().all(|problem| !problem.fix.is_empty()));
    problems.iter().map(|problem| problem.field).collect()
}

#[test]
fn settings_that_cannot_work_refuse_to_start() {
    let keys = |private: &str, gateway: &str| Keys::Rsa {
        private: material(private).into(),
        gateway: vec![Key {
            key: material(gateway).into(),
            until: None,
        }],
    };
    for (settings, fields) in [
        (
            Settings {
                app_id: String::new(),
                ..settings()
            },
            vec!["app_id"],
        ),
        (
            Settings {
                app_id: " wz1".into(),
                ..settings()
            },
            vec!["app_id"],
        ),
        (
            Settings {
                app_id: MERCHANT.into(),
                ..settings()
            },
            vec!["app_id"],
        ),
        (
            Settings {
                merchant_no: "3-1".into(),
                ..settings()
            },
            vec!["merchant_no"],
        ),
        (
            Settings {
                store_no: Some("4 1".into()),
                ..settings()
            },
            vec!["store_no"],
        ),
        (
            Settings {
                terminal: Some("a b".into()),
                ..settings()
            },
            vec!["terminal"],
        ),
        (
            Settings {
                gateway_url: "ftp://x".into(),
                ..settings()
            },
            vec!["gateway_url"],
        ),
        (
            Settings {
                gateway_url: format!("{GATEWAY_URL}/"),
                ..settings()
            },
            vec!["gateway_url"],
        ),
        (
            Settings {
                gateway_url: format!("{GATEWAY_URL}/api/entry"),
                ..settings()
            },
            vec!["gateway_url"],
        ),
        (
            Settings {
                keys: keys("merchant_private_key", "merchant_public_key"),
                ..settings()
            },
            vec!["gateway_public_key"],
        ),
        (
            Settings {
                keys: keys("merchant_public_key", "gateway_public_key"),
                ..settings()
            },
            vec!["private_key"],
        ),
    ] {
        assert_eq!(wrong(settings), fields);
    }
    let shared = Keys::Md5(vec![Key {
        key: "0123456789abcdef0123456789abcdef".into(),
        until: None,
    }]);
    let shared = Settings {
        keys: shared,
        ..settings()
    };
    assert!(wrong(shared).contains(&"private_key"));
}

#[test]
fn what_is_fixed_about_the_gateway() {
    let account = account();
    let traits = account.traits();
    assert_eq!((traits.name, traits.guide), ("codepay", Proof::Signed));
    assert!(traits.close && traits.close_pays_back && !traits.second_opinion);
    assert_eq!((account.ack(), account.payee()), ("success", MERCHANT));
    assert_eq!(account.wire().sign_type, "RSA2");
    assert_eq!(account.notify_sources().modern.len(), 2);
    assert!(ALL.iter().any(|codes| codes.speaker == "codepay"));
}

#[test]
fn what_the_gateway_lacks_is_a_value() {
    let account = account();
    let reply = Reply::new(200, "true");
    let lacks = |found: Result<quittance_core::http::Request, NotSupported>, flow| {
        let lacking = found.unwrap_err();
        assert_eq!((lacking.gateway, lacking.flow), ("codepay", flow));
    };
    lacks(account.second_opinion("x"), "second_opinion");
    assert_eq!(account.read_second_opinion(&reply), Opinion::Unknown);
    assert_eq!(account.statement_clock().unwrap_err().flow, "statement");
    let part = StatementCall {
        from: now(),
        to: now(),
        part: 1,
    };
    lacks(account.statement(&part), "statement");
    assert_eq!(account.read_statement(&part, &reply).rows, None);
    assert_eq!(account.checkout_token(&call()), Ok(None));
    assert!(account.read_checkout_token(&reply).is_err());
    assert!(account.choices().is_empty());
    let whole = gateway::Account::CodePay(account);
    assert_eq!(whole.gateway().traits().name, "codepay");
}

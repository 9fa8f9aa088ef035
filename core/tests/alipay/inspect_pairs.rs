//! Explaining messages of an account with RSA: we can verify them and not make them, so there is no signature of ours to
//! compare with, and every likely mistake is tried by verifying.

use crate::pairs::{material, private, public, rsa_account, rsa_merchant, rsa_settings};
use crate::{KEY, NOTIFY_ID, account, fields, merchant, now, settings, time, trade, with};
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{notify_body, query_reply, return_query};
use quittance_core::gateway::alipay::{Account, Key};
use quittance_core::gateway::inspection::{Exchange, Inspection, Outcome, SIGNATURE, Subject};
use quittance_core::gateway::{Account as AnyAccount, Gateway};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};

/// Of an account that has another one beside it, with MD5.
fn inspect(account: &Account, exchange: Exchange, wire: &[u8]) -> Inspection {
    let second = AnyAccount::Alipay(crate::account(Charset::Gbk));
    account.inspect(&Subject {
        exchange,
        wire,
        now: now(),
        others: &[("second", &second)],
    })
}

fn codes(inspection: &Inspection) -> Vec<&'static str> {
    inspection
        .mistakes
        .iter()
        .map(|mistake| mistake.code)
        .collect()
}

/// The mistakes of a notify, each explained in both languages and in the manual.
fn check(account: &Account, wire: &[u8], expected: &[&str]) -> Inspection {
    let inspection = inspect(account, Exchange::Notify, wire);
    assert_eq!(
        codes(&inspection),
        expected,
        "{}",
        String::from_utf8_lossy(wire)
    );
    for mistake in &inspection.mistakes {
        let texts = [&mistake.cause, &mistake.fix];
        assert!(
            texts
                .iter()
                .all(|text| !text.en.is_empty() && !text.zh.is_empty())
        );
        let manual = include_str!("../../../docs/inspect.md");
        assert!(
            manual.contains(&format!("`{}`", mistake.code)),
            "{}",
            mistake.code
        );
    }
    inspection
}

fn ours() -> Account {
    let mut settings = rsa_settings(Charset::Utf8, 1024);
    settings.keys.push(Key {
        key: material("gateway_rsa2048_public").into(),
        until: Some(time("2023-12-01T00:00:00Z")),
    });
    Account::new(settings).unwrap()
}

fn genuine() -> Vec<(String, String)> {
    let trade = trade(Charset::Utf8);
    fields(&notify_body(&trade, &rsa_merchant(1024), NOTIFY_ID, now()))
}

fn params(fields: &[(String, String)], charset: Charset) -> Params {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, &charset.encode(value).unwrap()).unwrap();
    }
    params
}

/// These fields in UTF-8 with this signature.
fn sent(fields: &[(String, String)], sign: &str, kind: &str) -> Vec<u8> {
    let mut params = params(fields, Charset::Utf8);
    params.push("sign", sign.as_bytes()).unwrap();
    params.push("sign_type", kind.as_bytes()).unwrap();
    params.to_wire().into_bytes()
}

fn text(fields: &[(String, String)]) -> Vec<u8> {
    presign(&params(fields, Charset::Utf8))
}

fn by_gateway(bytes: &[u8]) -> String {
    private("gateway_rsa1024_private").sign(bytes)
}

#[test]
fn what_is_right_is_shown_without_a_signature_of_ours() {
    let trade = trade(Charset::Utf8);
    let merchant = rsa_merchant(1024);
    let notify = notify_body(&trade, &merchant, NOTIFY_ID, now());
    let back = return_query(&trade, &merchant, NOTIFY_ID, now());
    let reply = query_reply(&trade, &merchant, now()).body;
    for (exchange, wire) in [
        (Exchange::Notify, notify.as_slice()),
        (Exchange::Return, back.as_bytes()),
        (Exchange::Reply, reply.as_slice()),
    ] {
        let inspection = inspect(&ours(), exchange, wire);
        assert!(inspection.holds(), "{:?}", inspection.steps);
        assert_eq!((codes(&inspection), inspection.tried), (vec![], 0));
        let signing = inspection.signing.unwrap();
        assert!(signing.mysign.is_none() && signing.sign.ends_with('='));
        let step = inspection.steps.iter().find(|step| step.name == SIGNATURE);
        assert!(step.unwrap().detail.en.contains("public key"));
    }
}

#[test]
fn likely_mistakes_are_found_by_verifying() {
    let plain = genuine();
    let right = by_gateway(&text(&plain));
    assert!(right.contains('+') && check(&ours(), &sent(&plain, &right, "RSA"), &[]).holds());
    // Sent without being encoded: the plus signs of the signature came as blanks.
    let wire = String::from_utf8(sent(&plain, &right, "RSA")).unwrap();
    check(
        &ours(),
        wire.replace("%2B", "+").as_bytes(),
        &["sign_plus_lost"],
    );
    // Signed in GBK, sent in UTF-8.
    let in_gbk = by_gateway(&presign(&params(&plain, Charset::Gbk)));
    check(&ours(), &sent(&plain, &in_gbk, "RSA"), &["charset"]);
    // Something added on the way, and something changed as well.
    let more = with(&plain, "s", "/pay/notify");
    check(&ours(), &sent(&more, &right, "RSA"), &["extra_parameter"]);
    let twice = with(&more, "extra_common_param", "&amp;quot;");
    let signed = by_gateway(&text(&with(&plain, "extra_common_param", "&quot;")));
    let found = inspect(&ours(), Exchange::Notify, &sent(&twice, &signed, "RSA"));
    assert!(found.tried > 100 && found.tried < 20_000, "{}", found.tried);
    // Other keys.
    let ended = private("gateway_rsa2048_private").sign(&text(&plain));
    check(&ours(), &sent(&plain, &ended, "RSA"), &["key_ended"]);
    let own = private("merchant_rsa1024_private").sign(&text(&plain));
    check(&ours(), &sent(&plain, &own, "RSA"), &["own_key"]);
    // Another kind: with the key of the MD5 account beside it, with the public key as if it were a secret, with none.
    let md5 = |key: &str| md5_sign(&text(&plain), &key.into());
    for (key, code) in [
        (KEY.to_owned(), "key_of_other_account"),
        (material("gateway_rsa1024_public"), "public_key_as_md5_key"),
        (String::new(), "key_missing"),
    ] {
        let found = check(&ours(), &sent(&plain, &md5(&key), "MD5"), &[code]);
        let kind = found.steps.iter().find(|step| step.name == "sign_type");
        assert_eq!(kind.unwrap().outcome, Outcome::Failed);
    }
    // And nothing where there is nothing to find.
    let strange = private("merchant_rsa2048_private").sign(&text(&plain));
    let found = check(&ours(), &sent(&plain, &strange, "RSA"), &[]);
    assert!(!found.holds() && found.tried > 100);
}

/// The other way round: an MD5 account got what belongs to the RSA account beside it.
#[test]
fn a_message_of_the_rsa_account_beside_it_is_named() {
    let second = AnyAccount::Alipay(rsa_account(Charset::Utf8));
    let plain = genuine();
    let inspection = account(Charset::Utf8).inspect(&Subject {
        exchange: Exchange::Notify,
        wire: &sent(&plain, &by_gateway(&text(&plain)), "RSA"),
        now: now(),
        others: &[("second", &second)],
    });
    assert_eq!(codes(&inspection), ["key_of_other_account"]);
}

/// A re-send from before the account's charset was changed: rightly signed, and no text in the new one.
#[test]
fn a_resend_in_the_old_charset_is_named() {
    for (was, is) in [(Charset::Gbk, Charset::Utf8), (Charset::Utf8, Charset::Gbk)] {
        // In UTF-8 one character more, so that the bytes cannot be read as GBK as well.
        let mut trade = trade(was);
        trade.request.subject = "测试商品一".into();
        for (account, merchant) in [
            (rsa_account(is), rsa_merchant(1024)),
            (Account::new(settings(is)).unwrap(), merchant()),
        ] {
            let wire = notify_body(&trade, &merchant, NOTIFY_ID, now());
            let inspection = check(&account, &wire, &["account_charset"]);
            assert!(inspection.signed() && !inspection.holds());
            let fix = &inspection.mistakes[0].fix;
            assert!(
                fix.en.contains("re-send") && fix.zh.contains("重发"),
                "{fix:?}"
            );
        }
    }
}

/// SEC-114: a private key that somebody sent along is shown nowhere, however its lines are broken.
#[test]
fn a_private_key_is_not_shown() {
    let key = material("merchant_rsa1024_private");
    let lines = |width: usize| -> String {
        let lines = key
            .as_bytes()
            .chunks(width)
            .map(|line| std::str::from_utf8(line).unwrap());
        lines.collect::<Vec<_>>().join("\n")
    };
    for leaked in [
        key.clone(),
        lines(64),
        lines(76),
        format!("x{}y", &key[10..400]),
    ] {
        let more = with(&genuine(), "body", &leaked);
        for wire in [
            sent(&more, &by_gateway(&text(&more)), "RSA"),
            sent(&more, &leaked, "RSA"),
            sent(&genuine(), &leaked, "RSA"),
        ] {
            let shown = format!("{:?}", inspect(&ours(), Exchange::Notify, &wire));
            let signing = inspect(&ours(), Exchange::Notify, &wire).signing.unwrap();
            let all = format!(
                "{shown} {} {} {:?}",
                signing.text, signing.sign, signing.theirs
            );
            assert!(all.contains("not shown"));
            for start in 10..380 {
                assert!(!all.contains(&key[start..start + 16]), "{all}");
            }
        }
    }
    // What may be shown is: the gateway's key is public.
    assert!(public("gateway_rsa1024_public").id().len() == 12);
}

//! What explains a message: it ends, agrees with what reads it, and shows no key (I14, SEC-017).

use crate::target::Outcome;
use crate::world::{CONTRACTS, KEY, PREVIOUS, now};
use quittance_core::gateway::inspection::{Exchange, Inspection, Subject};
use quittance_core::gateway::{Account, Gateway, Verdict};
use secrecy::ExposeSecret;

pub(super) fn check(input: &[u8]) -> Outcome {
    let [account, gbk, stranger] = &*CONTRACTS;
    let others = [
        ("gbk", &Account::Alipay(gbk.account.clone())),
        ("stranger", &Account::Alipay(stranger.account.clone())),
    ];
    let account = &account.account;
    let mut prints = Vec::new();
    let mut holds = false;
    for exchange in [Exchange::Notify, Exchange::Return, Exchange::Reply] {
        let inspection = account.inspect(&Subject {
            exchange,
            wire: input,
            now: now(),
            others: &others,
        });
        let read = match exchange {
            Exchange::Notify => Some(account.read_notify(input, now())),
            Exchange::Return => Some(account.read_return(input, now())),
            Exchange::Reply => None,
        };
        if let Some(read) = read {
            assert_eq!(
                read.verdict == Verdict::Genuine,
                inspection.holds(),
                "it says what the server does"
            );
        }
        shows_no_secret(input, &inspection);
        holds |= inspection.holds();
        let failed = inspection
            .steps
            .iter()
            .position(|step| step.outcome == quittance_core::gateway::inspection::Outcome::Failed);
        let codes: Vec<&str> = inspection
            .mistakes
            .iter()
            .map(|mistake| mistake.code)
            .collect();
        prints.push((failed, codes, inspection.evidence.len().min(3)));
    }
    Outcome::of(holds, prints)
}

fn shows_no_secret(input: &[u8], inspection: &Inspection) {
    let steps = inspection.steps.iter().map(|step| &step.detail);
    let said = inspection
        .mistakes
        .iter()
        .flat_map(|mistake| [&mistake.cause, &mistake.fix]);
    let mut texts: Vec<String> = steps
        .chain(said)
        .flat_map(|text| [text.en.to_string(), text.zh.to_string()])
        .collect();
    if let Some(signing) = &inspection.signing {
        texts.extend([signing.text.clone(), signing.sign.clone()]);
        texts.extend(signing.theirs.clone());
    }
    texts.push(format!("{inspection:?}"));
    for secret in [KEY, PREVIOUS] {
        assert!(
            texts.iter().all(|text| !text.contains(secret)),
            "a key is shown"
        );
    }
    let Some(signing) = &inspection.signing else {
        return;
    };
    let mysign = signing.mysign.as_ref().expect("the accounts sign with MD5");
    let mysign = mysign.expose_secret();
    let sent = signing.sign.contains(mysign)
        || input
            .windows(mysign.len())
            .any(|part| part == mysign.as_bytes());
    assert!(
        sent || texts.iter().all(|text| !text.contains(mysign)),
        "the signature to forge with is shown"
    );
}

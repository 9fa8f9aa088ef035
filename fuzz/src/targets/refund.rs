//! What became of a refund, which comes as unsigned text: it says something about our question or nothing, and only a
//! right signature makes it a claim.

use crate::target::{Outcome, gist};
use crate::world::{CONTRACTS, is_stranger, reference};
use quittance_core::gateway::{Address, Gateway, RefundAnswer, RefundAnswered};
use quittance_core::http::Reply;
use quittance_core::{Claim, Proof, Witness};

const BATCH_NO: &str = "20240102001";
const TRADE_NO: &str = "2024010100001000010000000001";
const OTHER_TRADE: &str = "2024010100001000010000000002";

pub(super) fn check(input: &[u8]) -> Outcome {
    let reply = Reply::new(200, input);
    let mut prints = Vec::new();
    for contract in CONTRACTS.iter() {
        let told = contract
            .account
            .read_refund_query(BATCH_NO, TRADE_NO, &reply);
        hold(&told);
        if !told.evidence.is_empty() {
            assert!(!is_stranger(contract), "nobody has that key");
            let fields = reference::fields(input).expect("what is signed has fields");
            let mut right = contract
                .keys
                .iter()
                .map(|key| reference::signature(&fields, key));
            let sent = fields.get(&b"sign"[..]).expect("what is a claim is signed");
            assert!(
                right.any(|sign| sign.as_bytes() == sent),
                "the signature is right"
            );
        }
        let reason = told.reason.as_deref().map(gist).map(str::to_owned);
        prints.push((told.answer as u8, reason, told.evidence.len()));
    }
    let account = &CONTRACTS[0].account;
    let broken = account.read_refund_query(BATCH_NO, TRADE_NO, &Reply::new(502, input));
    assert_eq!(broken.answer, RefundAnswer::Unknown);
    let about = |trade_no| {
        let told = account.read_refund_query(BATCH_NO, trade_no, &reply);
        matches!(told.answer, RefundAnswer::Succeeded | RefundAnswer::Failed)
    };
    assert!(
        !about(TRADE_NO) || !about(OTHER_TRADE),
        "it is about our question"
    );
    let known = prints
        .iter()
        .any(|(answer, ..)| *answer != RefundAnswer::Unknown as u8);
    Outcome::of(known, prints)
}

/// Whatever came, this holds of its reading.
fn hold(told: &RefundAnswered) {
    let reason = told.reason.as_deref();
    match told.answer {
        RefundAnswer::Succeeded => assert_eq!(reason, None),
        RefundAnswer::NotFound => assert_eq!(reason, Some("REFUND_NOT_EXIST")),
        RefundAnswer::Failed | RefundAnswer::Unknown => assert!(reason.is_some()),
        RefundAnswer::Pending => panic!("this gateway has no such answer"),
    }
    assert!(
        reason.is_none_or(|text| text.len() <= 100 && !text.contains(char::is_control)),
        "fit for a log"
    );
    for evidence in &told.evidence {
        assert_eq!(
            (evidence.witness, evidence.proof),
            (Witness::Query, Proof::Queried)
        );
        assert_eq!(evidence.about, Address::TradeNo(TRADE_NO.to_owned()));
        let Claim::RefundItem {
            trade_no,
            refund_no,
            amount,
            succeeded,
        } = &evidence.claim
        else {
            panic!("{:?} is no refund", evidence.claim)
        };
        assert_eq!(
            (trade_no.as_str(), refund_no.as_str()),
            (TRADE_NO, BATCH_NO)
        );
        assert!(amount.minor > 0);
        assert_eq!(*succeeded, told.answer == RefundAnswer::Succeeded);
    }
}

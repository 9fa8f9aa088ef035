//! Notifies and returns as a whole: what is believed is signed, unambiguous, ours, and says just what it claims
//! (I1, I3, SEC-001..003b, SEC-007, SEC-026, SEC-039, SEC-045).

use crate::target::{Outcome, gist};
use crate::world::reference::{self, Fields};
use crate::world::{CONTRACTS, Contract, PARTNER, is_stranger, now};
use quittance_core::gateway::{Address, Evidence, Gateway, Reading, Verdict};
use quittance_core::{Claim, Currency, Money, Proof, Witness};

pub(super) fn notify(input: &[u8]) -> Outcome {
    check(input, Witness::Notify)
}

pub(super) fn returned(input: &[u8]) -> Outcome {
    check(input, Witness::Return)
}

fn check(input: &[u8], witness: Witness) -> Outcome {
    let mut prints = Vec::new();
    for contract in CONTRACTS.iter() {
        let reading = match witness {
            Witness::Return => contract.account.read_return(input, now()),
            _ => contract.account.read_notify(input, now()),
        };
        hold(contract, input, witness, &reading);
        let reason = reading.reason.as_deref().map(gist).map(str::to_owned);
        let claims: Vec<_> = reading
            .evidence
            .iter()
            .map(|e| std::mem::discriminant(&e.claim))
            .collect();
        prints.push((reading.verdict, reason, claims));
    }
    let believed = prints
        .iter()
        .any(|(verdict, ..)| *verdict == Verdict::Genuine);
    let prints: Vec<_> = prints
        .into_iter()
        .map(|(verdict, reason, claims)| (verdict.word(), reason, claims))
        .collect();
    Outcome::of(believed, prints)
}

/// Whatever came, this holds of its reading.
fn hold(contract: &Contract, input: &[u8], witness: Witness, reading: &Reading) {
    let fields = reference::fields(input);
    let signatures = |fields: &Fields| -> Vec<String> {
        contract
            .keys
            .iter()
            .map(|key| reference::signature(fields, key))
            .collect()
    };
    let right = fields.as_ref().map(signatures).unwrap_or_default();
    let sent = fields.as_ref().and_then(|fields| fields.get(&b"sign"[..]));
    if reading.authentic() {
        let sent = sent.expect("what is authentic is signed");
        assert!(
            right.iter().any(|sign| sign.as_bytes() == sent),
            "by a key in force"
        );
        assert_eq!(
            fields
                .as_ref()
                .and_then(|f| f.get(&b"sign_type"[..]))
                .map(Vec::as_slice),
            Some(&b"MD5"[..])
        );
        assert!(!is_stranger(contract), "nobody has that key");
    } else {
        let nothing = (&reading.order_no, &reading.trade_no, &reading.notify_id);
        assert_eq!(
            nothing,
            (&None, &None, &None),
            "what is not signed names nothing"
        );
    }
    if reading.verdict == Verdict::Genuine {
        assert_eq!(reading.reason, None);
        believed(contract, &fields.expect("it was signed"), witness, reading);
    } else {
        assert!(reading.evidence.is_empty() && reading.personal.is_empty());
        let reason = reading
            .reason
            .as_deref()
            .expect("what is refused has a reason");
        // Whoever sent the signature or the key along knows it (SEC-017).
        let known = |secret: &str| {
            input
                .windows(secret.len())
                .any(|part| part == secret.as_bytes())
        };
        assert!(
            right
                .iter()
                .all(|sign| known(sign) || !reason.contains(sign.as_str()))
        );
        assert!(!reason.contains(crate::world::KEY) || known(crate::world::KEY));
    }
}

fn believed(contract: &Contract, fields: &Fields, witness: Witness, reading: &Reading) {
    for (name, value) in fields {
        let signed = name != b"sign" && name != b"sign_type";
        assert!(
            !signed || !value.contains(&b'&'),
            "it can be cut in one way only"
        );
    }
    assert_eq!(
        reading.order_no.as_deref().map(str::as_bytes),
        set(fields, "out_trade_no")
    );
    if let Some(seller) = set(fields, "seller_id") {
        assert_eq!(seller, PARTNER.as_bytes(), "the payee is ours");
    }
    for evidence in &reading.evidence {
        assert_eq!((evidence.witness, evidence.proof), (witness, Proof::Signed));
        claims(contract, fields, evidence);
    }
    if witness == Witness::Return {
        assert_eq!(set(fields, "is_success"), Some(&b"T"[..]));
        let paid = reading
            .evidence
            .iter()
            .any(|e| matches!(e.claim, Claim::Payment { .. }));
        assert!(paid, "a return comes after a payment");
    }
}

fn claims(contract: &Contract, fields: &Fields, evidence: &Evidence) {
    let about_order = match &evidence.about {
        Address::OrderNo(number) => Some(number.as_bytes()) == set(fields, "out_trade_no"),
        Address::TradeNo(_) => set(fields, "notify_type") == Some(b"batch_refund_notify"),
    };
    assert!(about_order, "it is about the order that it names");
    let status = set(fields, "trade_status");
    match &evidence.claim {
        Claim::Payment {
            trade_no,
            amount,
            payee,
        } => {
            assert_eq!(Some(trade_no.as_bytes()), set(fields, "trade_no"));
            let fee = std::str::from_utf8(set(fields, "total_fee").expect("a payment has a sum"));
            assert_eq!(
                Money::parse(fee.expect("in digits"), Currency::CNY),
                Ok(*amount)
            );
            assert!(amount.minor > 0);
            assert_eq!(payee, contract.account.payee());
            let refunded = set(fields, "refund_status").or(set(fields, "gmt_refund"));
            match status {
                Some(b"TRADE_SUCCESS" | b"TRADE_FINISHED") => {}
                Some(b"TRADE_CLOSED") => assert!(refunded.is_some(), "closed is not paid"),
                other => panic!("a payment with the status {other:?}"),
            }
        }
        Claim::GatewayClosed { .. } => {
            assert_eq!(status, Some(&b"TRADE_CLOSED"[..]));
            assert_eq!(set(fields, "gmt_payment"), None);
        }
        Claim::RefundItem { trade_no, .. } => {
            let details = set(fields, "result_details").expect("a batch has details");
            let named = details
                .windows(trade_no.len())
                .any(|part| part == trade_no.as_bytes());
            assert!(named);
        }
        Claim::RefundedSoFar { trade_no, amount } => {
            assert_eq!(Some(trade_no.as_bytes()), set(fields, "trade_no"));
            assert!(amount.minor > 0);
        }
        Claim::RefundMarked { trade_no } => {
            assert_eq!(Some(trade_no.as_bytes()), set(fields, "trade_no"));
        }
        Claim::GivenUp => panic!("no message says that"),
    }
}

/// The value of this name, where it is not empty: an empty one is not signed.
fn set<'a>(fields: &'a Fields, name: &str) -> Option<&'a [u8]> {
    let value = fields.get(name.as_bytes())?;
    (!value.is_empty()).then_some(value.as_slice())
}

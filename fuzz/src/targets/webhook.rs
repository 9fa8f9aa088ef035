//! The signature that the shop checks. Lines: secret, id, time, signatures; then the body.

use crate::target::Outcome;
use quittance_core::webhook::{Secret, TOLERANCE_SECS};
use secrecy::SecretString;

/// In place of a secret that is none.
const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY=";
/// The shop's clock.
const NOW: i64 = 1_704_081_606;

struct Message<'a> {
    secret: Secret,
    id: String,
    sent: String,
    signatures: String,
    body: &'a [u8],
    own_secret: bool,
}

pub(super) fn check(input: &[u8]) -> Outcome {
    let message = read(input);
    let Message {
        secret, id, sent, ..
    } = &message;
    let near: i64 = NOW - TOLERANCE_SECS / 2;
    let sign = secret.sign(id, near, message.body);
    let verifies = |signatures: &str, body: &[u8], now| {
        secret.verify(id, &near.to_string(), signatures, body, now)
    };
    assert_eq!(
        verifies(&sign, message.body, NOW),
        Ok(()),
        "what we sign verifies"
    );
    assert_eq!(
        verifies(&format!("v1,x {sign}"), message.body, NOW),
        Ok(()),
        "beside others too"
    );
    assert!(
        verifies(&sign, &[message.body, b" "].concat(), NOW).is_err(),
        "and nothing else"
    );
    assert!(
        verifies(&sign, message.body, NOW + TOLERANCE_SECS).is_err(),
        "and not for ever"
    );
    let read = secret.verify(id, sent, &message.signatures, message.body, NOW);
    if read.is_ok() {
        let sent: i64 = sent.parse().expect("a time");
        assert!(NOW.abs_diff(sent) <= TOLERANCE_SECS.unsigned_abs());
        let right = secret.sign(id, sent, message.body);
        assert!(message.signatures.split(' ').any(|sign| sign == right));
    }
    let error = read.err().map(|error| error.to_string());
    Outcome::of(
        error.is_none(),
        (error, message.own_secret, message.body.is_empty()),
    )
}

fn read(input: &[u8]) -> Message<'_> {
    let mut lines = input.splitn(5, |byte| *byte == b'\n');
    let mut line = || String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let (own, id, sent, signatures) = (line(), line(), line(), line());
    let own = Secret::parse(&SecretString::from(own)).ok();
    let known = || Secret::parse(&SecretString::from(SECRET)).expect("it is a secret");
    Message {
        own_secret: own.is_some(),
        secret: own.unwrap_or_else(known),
        id,
        sent,
        signatures,
        body: lines.next().unwrap_or_default(),
    }
}

/// The message with the signature that it should have.
pub(super) fn sign_again(input: &[u8]) -> Option<Vec<u8>> {
    let message = read(input);
    let sign = message
        .secret
        .sign(&message.id, message.sent.parse().ok()?, message.body);
    let mut lines: Vec<&[u8]> = input.splitn(5, |byte| *byte == b'\n').collect();
    *lines.get_mut(3)? = sign.as_bytes();
    Some(lines.join(&b'\n'))
}

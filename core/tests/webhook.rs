//! Shows that our signatures are Standard Webhooks: the specification's own library accepts and makes the same.

use quittance_core::webhook::{Secret, WebhookError};
use secrecy::SecretString;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[test]
fn the_reference_library_makes_the_same_signature() {
    let ours = Secret::parse(&SecretString::from(SECRET)).unwrap();
    let reference = standardwebhooks::Webhook::new(SECRET).unwrap();
    for body in [r#"{"type":"order.paid"}"#, "", "中文"] {
        let expected = reference
            .sign("evt_abc", 1_700_000_000, body.as_bytes())
            .unwrap();
        assert_eq!(
            ours.sign("evt_abc", 1_700_000_000, body.as_bytes()),
            expected
        );
    }
}

#[test]
fn a_changed_message_is_refused() {
    let secret = Secret::parse(&SecretString::from(SECRET)).unwrap();
    let other = Secret::parse(&SecretString::from(
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ))
    .unwrap();
    let now = 1_700_000_000;
    let sign = secret.sign("evt_abc", now, b"body");
    let both = format!("{} {sign}", other.sign("evt_abc", now, b"body"));
    let check = |id: &str, time: &str, sign: &str, body: &[u8], now| {
        secret.verify(id, time, sign, body, now)
    };
    assert_eq!(check("evt_abc", "1700000000", &sign, b"body", now), Ok(()));
    assert_eq!(
        check("evt_abc", "1700000000", &both, b"body", now + 300),
        Ok(()),
        "one of two is enough"
    );
    assert_eq!(
        check("evt_abd", "1700000000", &sign, b"body", now),
        Err(WebhookError::BadSignature)
    );
    assert_eq!(
        check("evt_abc", "1700000001", &sign, b"body", now),
        Err(WebhookError::BadSignature)
    );
    assert_eq!(
        check("evt_abc", "1700000000", &sign, b"bodY", now),
        Err(WebhookError::BadSignature)
    );
    assert_eq!(
        check("evt_abc", "1700000000", "", b"body", now),
        Err(WebhookError::BadSignature)
    );
    assert_eq!(
        check("evt_abc", "1700000000", &sign, b"body", now + 301),
        Err(WebhookError::BadTimestamp)
    );
    assert_eq!(
        check("evt_abc", "soon", &sign, b"body", now),
        Err(WebhookError::BadTimestamp)
    );
    assert_eq!(
        check("evt_abc", "-9223372036854775808", &sign, b"body", now),
        Err(WebhookError::BadTimestamp)
    );
}

#[test]
fn a_secret_has_24_to_64_bytes() {
    for wrong in ["", "whsec_", "whsec_c2hvcnQ=", "whsec_not base64"] {
        assert_eq!(
            Secret::parse(&SecretString::from(wrong)).unwrap_err(),
            WebhookError::BadSecret,
            "{wrong}"
        );
    }
}

//! Standard Webhooks: how the merchant's endpoint knows that an event came from us, unchanged.
//!
//! Source: the Standard Webhooks specification: `v1,` and base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`, under
//! the bytes that `whsec_` plus base64 stands for. Signing takes the time from outside; `tests/webhook.rs` checks it
//! against the specification's own library.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A message is refused when its timestamp is further away than this, in seconds.
pub const TOLERANCE_SECS: i64 = 300;

/// An endpoint's secret.
#[derive(Clone, Debug)]
pub struct Secret(SecretSlice<u8>);

/// Why a secret is none, or a message is not ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WebhookError {
    /// Not `whsec_` and base64 of 24 to 64 bytes.
    #[error("a webhook secret is whsec_ followed by the base64 of 24 to 64 random bytes")]
    BadSecret,
    /// The timestamp is no number, or too far away.
    #[error("the timestamp is unreadable or more than five minutes away")]
    BadTimestamp,
    /// No signature in the header is right.
    #[error("no signature matches")]
    BadSignature,
}

impl Secret {
    /// Reads `whsec_…`. 24 to 64 bytes, as the specification asks.
    ///
    /// # Errors
    /// [`WebhookError::BadSecret`].
    pub fn parse(text: &SecretString) -> Result<Secret, WebhookError> {
        let text = text.expose_secret();
        let encoded = text.strip_prefix("whsec_").unwrap_or(text);
        let bytes = STANDARD
            .decode(encoded)
            .map_err(|_| WebhookError::BadSecret)?;
        if !(24..=64).contains(&bytes.len()) {
            return Err(WebhookError::BadSecret);
        }
        Ok(Secret(bytes.into()))
    }

    /// The `webhook-signature` of a body under this id and time (seconds since 1970).
    #[must_use]
    pub fn sign(&self, id: &str, timestamp_secs: i64, body: &[u8]) -> String {
        let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.expose_secret()) else {
            return String::new(); // HMAC takes a key of any length; this is not reached.
        };
        mac.update(id.as_bytes());
        mac.update(format!(".{timestamp_secs}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    /// Checks a message as the merchant does: one of the space-separated signatures is ours, and the time is near.
    ///
    /// # Errors
    /// [`WebhookError::BadTimestamp`], [`WebhookError::BadSignature`].
    pub fn verify(
        &self,
        id: &str,
        timestamp: &str,
        signatures: &str,
        body: &[u8],
        now_secs: i64,
    ) -> Result<(), WebhookError> {
        let sent: i64 = timestamp.parse().map_err(|_| WebhookError::BadTimestamp)?;
        if now_secs
            .checked_sub(sent)
            .is_none_or(|age| age.abs() > TOLERANCE_SECS)
        {
            return Err(WebhookError::BadTimestamp);
        }
        let expected = self.sign(id, sent, body);
        let matches = |sign: &str| bool::from(expected.as_bytes().ct_eq(sign.as_bytes()));
        if signatures.split(' ').any(matches) {
            Ok(())
        } else {
            Err(WebhookError::BadSignature)
        }
    }
}

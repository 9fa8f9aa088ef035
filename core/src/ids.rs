//! Ids that are made of content: whoever finds the same thing gives it the same id, on every refold.

use crate::order::OrderKey;
use sha2::{Digest, Sha256};

/// A prefix and the first 26 characters of lower-case unpadded base32 of SHA-256(account, order_no, kind, subject, each
/// followed by a zero byte).
#[must_use]
pub fn content_id(prefix: &str, key: &OrderKey, kind: &str, subject: &str) -> String {
    let mut hash = Sha256::new();
    for part in [key.account.as_str(), &key.order_no, kind, subject] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut text = data_encoding::BASE32_NOPAD
        .encode(&hash.finalize())
        .to_lowercase();
    text.truncate(26);
    format!("{prefix}{text}")
}

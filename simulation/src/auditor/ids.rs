//! Ids as they are published: a prefix and the first 26 characters of lower-case unpadded base32 of SHA-256(account,
//! order_no, type, subject, each followed by a zero byte).

use data_encoding::BASE32_NOPAD;
use sha2::{Digest, Sha256};

fn content(prefix: &str, parts: [&str; 4]) -> String {
    let mut bytes = Vec::with_capacity(128);
    for part in parts {
        bytes.extend_from_slice(part.as_bytes());
        bytes.push(0);
    }
    let text = BASE32_NOPAD.encode(&Sha256::digest(&bytes)).to_lowercase();
    format!("{prefix}{}", text.get(..26).unwrap_or_default())
}

pub(super) fn event(account: &str, order_no: &str, kind: &str, subject: &str) -> String {
    content("evt_", [account, order_no, kind, subject])
}

pub(super) fn discrepancy(account: &str, order_no: &str, kind: &str, subject: &str) -> String {
    content("dsc_", [account, order_no, kind, subject])
}

//! How the doctor knows from outside that it was this server which answered, and what arrived here.
//!
//! A request that carries a nonce in [`HEADER`] is answered like any other, and the answer carries the proof: only who
//! knows the journal's chain can make it. So a firewall, a login page, a cache or another server that answers in our
//! place is told apart. At a notify address such a request is no notify: it is answered `fail`, and the answer says in
//! [`BODY_HEADER`] what came in, so that a proxy which rewrites bodies is found.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The header with the nonce, and of the answer with the proof.
pub const HEADER: &str = "quittance-probe";
/// The header of the answer with the SHA-256 of the body that arrived.
pub const BODY_HEADER: &str = "quittance-probe-body";
/// A longer nonce is none.
const NONCE_CHARS_MAX: usize = 64;

/// Whether this may be a nonce.
#[must_use]
pub fn is_nonce(text: &str) -> bool {
    (8..=NONCE_CHARS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The proof of the server with this chain, as hexadecimal SHA-256.
#[must_use]
pub fn proof(chain: &str, nonce: &str) -> String {
    let hash = Sha256::new()
        .chain_update(chain)
        .chain_update([0])
        .chain_update(nonce);
    HEXLOWER.encode(&hash.finalize())
}

/// What came in, as hexadecimal SHA-256.
#[must_use]
pub fn of_body(body: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(body))
}

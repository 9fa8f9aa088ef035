//! Keys that stand in a message, not shown: somebody may have sent one along.

use super::Subject;
use super::dialect::Dialect;
use super::edit;
use crate::gateway::keys::Keys;
use secrecy::ExposeSecret;
use std::collections::BTreeSet;

/// What is shown in the place of a key.
const MASK: &[u8] = b"[a key, not shown]";
/// So many characters of a private key in a row are no coincidence.
const RUN: usize = 16;

/// The bytes without a secret key of any account. The gateway's public keys are no secret.
pub(in crate::gateway) fn masked(
    dialect: &Dialect<'_>,
    subject: &Subject<'_>,
    bytes: &[u8],
) -> Vec<u8> {
    let others = subject.others.iter().map(|(_, other)| other.sealed().1);
    let keys = std::iter::once(dialect.keys).chain(others);
    let mut shared: Vec<(&[u8], &[u8])> = Vec::new();
    let mut private = Vec::new();
    for keys in keys {
        match keys {
            Keys::Md5(keys) => {
                shared.extend(
                    keys.iter()
                        .map(|key| (key.key.expose_secret().as_bytes(), MASK)),
                );
            }
            Keys::Rsa { private: text, .. } => private.push(text.expose_secret()),
        }
    }
    let plain = edit::replaced(bytes, &shared);
    private
        .into_iter()
        .fold(plain, |plain, text| without_runs(&plain, text))
}

/// The bytes without every stretch of a private key, however its lines are broken.
fn without_runs(bytes: &[u8], key: &str) -> Vec<u8> {
    let lines = key.lines().filter(|line| !line.starts_with('-'));
    let base64: String = lines.collect();
    let runs: BTreeSet<&[u8]> = base64.as_bytes().windows(RUN).collect();
    let mut ends = 0;
    let mut kept = Vec::with_capacity(bytes.len());
    for (start, byte) in bytes.iter().enumerate() {
        if bytes
            .get(start..start + RUN)
            .is_some_and(|run| runs.contains(run))
        {
            if start >= ends {
                kept.extend_from_slice(MASK);
            }
            ends = start + RUN;
        }
        if start >= ends {
            kept.push(*byte);
        }
    }
    kept
}

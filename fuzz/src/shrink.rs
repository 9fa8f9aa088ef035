//! The least of a failing input that still fails.

use crate::target::Target;
use crate::watch;

/// Shrinking ends after so many tries: what is left then is small enough to look at.
const TRIES_MAX: usize = 20_000;

/// Takes away chunk after chunk, from half the input down to single bytes, as long as it still fails. What is left is
/// tried mended too, so that an input that fails behind the signature shrinks as well.
#[must_use]
pub fn shrink(target: &Target, failing: &[u8]) -> Vec<u8> {
    let mut least = failing.to_vec();
    let mut tries = 0;
    let mut chunk = least.len().div_ceil(2);
    while chunk > 0 {
        let before = least.len();
        let mut at = 0;
        while at < least.len() && tries < TRIES_MAX {
            tries += 1;
            let end = (at + chunk).min(least.len());
            let rest = [&least[..at], &least[end..]].concat();
            match still_failing(target, rest, least.len()) {
                Some(smaller) => least = smaller,
                None => at += chunk,
            }
        }
        // Once more at the same size where something went: it may have held something else in its place.
        chunk = match least.len() < before && tries < TRIES_MAX {
            true => chunk.min(least.len()),
            false => chunk / 2,
        };
    }
    least
}

/// The input, or the mended one, where it fails and is smaller.
fn still_failing(target: &Target, input: Vec<u8>, than: usize) -> Option<Vec<u8>> {
    let mended = target.mend.and_then(|mend| mend(&input));
    [Some(input), mended]
        .into_iter()
        .flatten()
        .find(|input| input.len() < than && watch::run(target, input).is_err())
}

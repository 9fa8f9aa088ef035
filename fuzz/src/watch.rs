//! Running a target so that its panic is an answer.

use crate::target::{Outcome, Target};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;
use std::time::{Duration, Instant};

/// An input that takes longer than this has failed: work per input is bounded.
pub const SLOW: Duration = Duration::from_secs(10);

thread_local! {
    /// Whether this thread is running a target, and what it panicked with.
    static WATCHED: RefCell<Option<String>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Runs one input.
///
/// # Errors
/// Where and why it panicked, or that it took too long.
pub fn run(target: &Target, input: &[u8]) -> Result<Outcome, String> {
    HOOK.call_once(install);
    WATCHED.set(Some(String::new()));
    let begun = now();
    let ended = catch_unwind(AssertUnwindSafe(|| (target.check)(input)));
    let took = begun.elapsed();
    let said = WATCHED.take().unwrap_or_default();
    match ended {
        Err(_) => Err(said),
        Ok(_) if took > SLOW => Err(format!("it took {} s", took.as_secs())),
        Ok(outcome) => Ok(outcome),
    }
}

/// The machine's time: only figures and the end of a run depend on it, never an input.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "measures and bounds a run; what is tried does not depend on it"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// A watched thread's panic is kept instead of printed: shrinking makes thousands. Any other is told as ever.
fn install() {
    let before = take_hook();
    set_hook(Box::new(move |info| {
        let kept = WATCHED.with_borrow_mut(|said| match said {
            Some(said) => {
                *said = info.to_string();
                true
            }
            None => false,
        });
        if !kept {
            before(info);
        }
    }));
}

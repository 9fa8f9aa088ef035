//! A time as a page shows it: plain UTC, which the page's script turns into the reader's own.

use quittance_core::Timestamp;

/// The three spellings of one time.
pub(super) struct Moment {
    /// For programs.
    pub iso: String,
    /// To the second.
    pub exact: String,
    /// To the minute.
    pub brief: String,
}

impl Moment {
    /// Of this time.
    pub fn of(at: Timestamp) -> Moment {
        let written = |format| at.strftime(format).to_string();
        Moment {
            iso: written("%Y-%m-%dT%H:%M:%SZ"),
            exact: written("%Y-%m-%d %H:%M:%S UTC"),
            brief: written("%Y-%m-%d %H:%M UTC"),
        }
    }
}

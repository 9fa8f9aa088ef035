//! What the checks found.

use super::check::Check;
use quittance_core::Timestamp;
use quittance_core::lang::Text;
use std::fmt::Display;

/// How a check ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// As it must be.
    Pass,
    /// There was nothing to look at, or another check has to be put right first.
    Skip,
    /// It works, and might not for long, or not as well as it could.
    Warn,
    /// Not as it must be.
    Fail,
}

impl Verdict {
    /// The word for programs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Skip => "skip",
            Verdict::Warn => "warn",
            Verdict::Fail => "fail",
        }
    }
}

/// What one check found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The check.
    pub check: Check,
    /// The account that it is about, where it is about one.
    pub account: Option<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// The cause for programs: `ok`, `skipped`, or a word of the check's own.
    pub code: String,
    /// What was seen; for a warning or a failure, the cause.
    pub detail: Text,
    /// What to do about it; none where there is nothing to do.
    pub fix: Option<Text>,
}

impl Finding {
    /// As it must be.
    #[must_use]
    pub fn pass(check: Check, seen: impl Into<Text>) -> Finding {
        Finding::made(check, Verdict::Pass, "ok", seen.into(), None)
    }

    /// Not looked at, and why.
    #[must_use]
    pub fn skip(check: Check, why: impl Into<Text>) -> Finding {
        Finding::made(check, Verdict::Skip, "skipped", why.into(), None)
    }

    /// Not looked at, because the protocol says no.
    pub(super) fn not_done(check: Check, why: &impl Display) -> Finding {
        Finding::skip(check, (why.to_string(), why.to_string()))
    }

    /// Something to know.
    #[must_use]
    pub fn warn(check: Check, code: &str, cause: impl Into<Text>, fix: impl Into<Text>) -> Finding {
        Finding::made(check, Verdict::Warn, code, cause.into(), Some(fix.into()))
    }

    /// Something to put right.
    #[must_use]
    pub fn fail(check: Check, code: &str, cause: impl Into<Text>, fix: impl Into<Text>) -> Finding {
        Finding::made(check, Verdict::Fail, code, cause.into(), Some(fix.into()))
    }

    /// The same about this account.
    #[must_use]
    pub fn of(mut self, account: &str) -> Finding {
        self.account = Some(account.to_owned());
        self
    }

    fn made(
        check: Check,
        verdict: Verdict,
        code: &str,
        detail: Text,
        fix: Option<Text>,
    ) -> Finding {
        Finding {
            check,
            account: None,
            verdict,
            code: code.to_owned(),
            detail,
            fix,
        }
    }
}

/// Everything that was found, in the order of the checks: of two that fail, the first may be the reason of the second.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// When.
    pub at: Timestamp,
    /// One or more for each check.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Puts findings into their order.
    #[must_use]
    pub fn new(at: Timestamp, mut findings: Vec<Finding>) -> Report {
        findings
            .sort_by(|one, other| (one.check, &one.account).cmp(&(other.check, &other.account)));
        Report { at, findings }
    }

    /// Whether nothing failed.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.count(Verdict::Fail) == 0
    }

    /// How many ended so.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        let ended = |finding: &&Finding| finding.verdict == verdict;
        self.findings.iter().filter(ended).count()
    }

    /// What to look at first: the first failure, or the first warning where nothing failed.
    #[must_use]
    pub fn first(&self) -> Option<&Finding> {
        let first = |verdict| {
            self.findings
                .iter()
                .find(|finding| finding.verdict == verdict)
        };
        first(Verdict::Fail).or_else(|| first(Verdict::Warn))
    }
}

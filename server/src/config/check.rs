//! How an account's orders are asked about: `[accounts.NAME.check]`.

use super::section::{Reader, Section};
use super::span;
use crate::setup::Wait;
use std::time::Duration;

/// No schedule has more steps: an order's queries are bounded.
const STEPS_MAX: usize = 32;
/// Nobody waits on a page for longer than this.
const WAIT_SECS_MAX: u64 = 600;

/// The schedule, ready for the policy.
pub(super) struct Check {
    /// The gaps between checks.
    pub gaps_secs: Vec<i64>,
    /// The gaps between late checks, each from the one before; the first from the closing.
    pub late_secs: Vec<i64>,
    /// How the gateway is asked while somebody waits.
    pub wait: Wait,
}

impl Default for Check {
    /// The default schedule.
    fn default() -> Check {
        Check {
            gaps_secs: vec![5, 30, 60, 180, 300, 600, 1_800],
            late_secs: vec![3_600, 5 * 3_600, 18 * 3_600],
            wait: Wait {
                every: Duration::from_secs(2),
                total: Duration::from_secs(60),
            },
        }
    }
}

/// Reads the section of an account; what it leaves out keeps its default.
pub(super) fn read(account: &mut Section, reader: &mut Reader<'_>) -> Check {
    let mut check = Check::default();
    let Some(mut section) = account.section("check", reader) else {
        return check;
    };
    section.choice("strategy", &[("progressive", ())], &["scan"], reader);
    if let Some(gaps) = spans("gaps", &mut section, reader) {
        check.gaps_secs = gaps;
    }
    if let Some(late) = spans("late", &mut section, reader) {
        match differences(&late) {
            Some(late) => check.late_secs = late,
            None => reader.wrong(
                section.path("late"),
                (
                    "the late checks are not in rising order; each counts from the closing",
                    "关单后的检查时间不是递增的；每一项都从关单时算起",
                ),
                (
                    "order them, such as [\"1h\", \"6h\", \"24h\"]",
                    "请从小到大排列，例如 [\"1h\", \"6h\", \"24h\"]",
                ),
            ),
        }
    }
    if let Some(wait) = section.section("wait", reader) {
        check.wait = read_wait(check.wait, wait, reader);
    }
    section.finish(reader);
    check
}

fn read_wait(default: Wait, mut section: Section, reader: &mut Reader<'_>) -> Wait {
    let mut span = |name: &'static str, default: Duration, reader: &mut Reader<'_>| {
        let value = section.take(name);
        let path = section.path(name);
        value
            .and_then(|value| span::read(path, value, reader))
            .unwrap_or(default)
    };
    let wait = Wait {
        every: span("every", default.every, reader),
        total: span("total", default.total, reader),
    };
    if wait.every > wait.total || wait.total > Duration::from_secs(WAIT_SECS_MAX) {
        reader.wrong(
            section.here(),
            (
                "the whole wait is shorter than one gap, or longer than 10 minutes",
                "等待总时长小于单次间隔，或超过 10 分钟",
            ),
            (
                "write something like { every = \"2s\", total = \"60s\" }",
                "请写成类似 { every = \"2s\", total = \"60s\" }",
            ),
        );
    }
    section.finish(reader);
    wait
}

/// A list of spans in seconds, at least one of them: a schedule cannot be switched off.
fn spans(name: &'static str, section: &mut Section, reader: &mut Reader<'_>) -> Option<Vec<i64>> {
    let values = section.list(name, reader)?;
    if values.is_empty() || values.len() > STEPS_MAX {
        reader.wrong(
            section.path(name),
            (
                format!("the list has no step, or more than {STEPS_MAX}"),
                format!("列表为空，或超过 {STEPS_MAX} 项"),
            ),
            (
                "leave the setting out for the usual schedule",
                "删除此项即使用默认的时间表",
            ),
        );
        return None;
    }
    let spans = values
        .into_iter()
        .map(|(path, value)| span::read(path, value, reader))
        .map(|span| i64::try_from(span?.as_secs()).ok())
        .collect::<Vec<_>>(); // All of them are read, so that all problems are told.
    spans.into_iter().collect()
}

/// From moments after the closing to gaps between them; `None` where they do not rise.
fn differences(moments: &[i64]) -> Option<Vec<i64>> {
    let before = std::iter::once(0).chain(moments.iter().copied());
    before
        .zip(moments)
        .map(|(before, moment)| (*moment > before).then_some(moment - before))
        .collect()
}

//! How an account's orders are asked about: `[accounts.NAME.check]`.

use super::section::{Reader, Section};
use super::span;
use crate::setup::Wait;
use quittance_core::gateway::Traits;
use std::time::Duration;

/// No schedule has more steps: an order's queries are bounded.
const STEPS_MAX: usize = 32;
/// How long silence lasts before a cancel, where nothing else is said.
const CANCEL_UNKNOWN_SECS: i64 = 2 * 3_600;
/// Nobody waits on a page for longer than this.
const WAIT_SECS_MAX: u64 = 600;

/// What belongs to a scan.
const SCAN: &[&str] = &["every", "window", "checks"];
/// No scan has more checks.
const SCAN_CHECKS_MAX: i64 = 100;
/// The longest window of a scan: a day.
const SCAN_WINDOW_SECS_MAX: i64 = 86_400;

/// The schedule, ready for the policy.
pub(super) struct Check {
    /// The gaps between checks.
    pub gaps_secs: Vec<i64>,
    /// How long after the checkout an order is checked at most, where the strategy is `scan`.
    pub scan_secs: Option<i64>,
    /// How long the final query may go unanswered before the order is cancelled all the same, where it ever is.
    pub cancel_unknown_secs: Option<i64>,
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
            scan_secs: None,
            cancel_unknown_secs: None,
            late_secs: vec![3_600, 5 * 3_600, 18 * 3_600],
            wait: Wait {
                every: Duration::from_secs(2),
                total: Duration::from_secs(60),
            },
        }
    }
}

/// Reads the section of an account; what it leaves out keeps its default.
pub(super) fn read(
    traits: Option<Traits>,
    account: &mut Section,
    reader: &mut Reader<'_>,
) -> Check {
    let pays_back = traits.is_some_and(|traits| traits.close_pays_back);
    let mut check = Check {
        cancel_unknown_secs: pays_back.then_some(CANCEL_UNKNOWN_SECS),
        ..Check::default()
    };
    let Some(mut section) = account.section("check", reader) else {
        return check;
    };
    let strategies = [
        ("progressive", Strategy::Progressive),
        ("scan", Strategy::Scan),
    ];
    let strategy = section.choice("strategy", &strategies, reader);
    match strategy.unwrap_or(Strategy::Progressive) {
        Strategy::Progressive => {
            foreign(SCAN, "scan", &mut section, reader);
            if let Some(gaps) = spans("gaps", &mut section, reader) {
                check.gaps_secs = gaps;
            }
        }
        Strategy::Scan => {
            foreign(&["gaps"], "progressive", &mut section, reader);
            (check.gaps_secs, check.scan_secs) = read_scan(&mut section, reader);
        }
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
    read_cancel(traits, &mut check, &mut section, reader);
    if let Some(wait) = section.section("wait", reader) {
        check.wait = read_wait(check.wait, wait, reader);
    }
    section.finish(reader);
    check
}

/// Reads `cancel_unknown_after`, at gateways whose close pays a paid order back: everywhere else an order is closed on an
/// answer, and on nothing else.
fn read_cancel(
    traits: Option<Traits>,
    check: &mut Check,
    section: &mut Section,
    reader: &mut Reader<'_>,
) {
    let Some(value) = section.take("cancel_unknown_after") else {
        return;
    };
    let path = section.path("cancel_unknown_after");
    if traits.is_some_and(|traits| !traits.close_pays_back) {
        reader.wrong(
            path,
            (
                "this gateway's orders are closed on an answer only, never on silence",
                "该网关的订单只依据应答关闭，绝不因无应答而关闭",
            ),
            ("remove it", "请删除此项"),
        );
        return;
    }
    let span = span::read(path, value, reader);
    let secs = span.and_then(|span| i64::try_from(span.as_secs()).ok());
    check.cancel_unknown_secs = secs.or(check.cancel_unknown_secs);
}

/// How the times of the checks are found.
#[derive(Clone, Copy)]
enum Strategy {
    /// Gaps that grow (seed 002 4.2, option 1).
    Progressive,
    /// Every so often, so many times, while the order is young (seed 002 4.2, option 2).
    Scan,
}

/// Settings of the other strategy are refused: whoever wrote them believes that they are obeyed.
fn foreign(names: &[&str], of: &str, section: &mut Section, reader: &mut Reader<'_>) {
    let cause = (
        format!("this belongs to strategy = \"{of}\""),
        format!("此项属于 strategy = \"{of}\""),
    );
    let fix = (
        "remove it, or choose that strategy",
        "请删除此项，或选用该策略",
    );
    section.lacks(names, cause, fix, reader);
}

/// The gaps and the window of a scan: those of the guide, where nothing else is said.
fn read_scan(section: &mut Section, reader: &mut Reader<'_>) -> (Vec<i64>, Option<i64>) {
    let mut secs = |name: &'static str, usual: i64, reader: &mut Reader<'_>| {
        let Some(value) = section.take(name) else {
            return usual;
        };
        span::read(section.path(name), value, reader)
            .and_then(|span| i64::try_from(span.as_secs()).ok())
            .unwrap_or(usual)
    };
    let every = secs("every", 30, reader);
    let window = secs("window", 600, reader);
    let checks = section
        .whole("checks", 1..=SCAN_CHECKS_MAX, reader)
        .and_then(|checks| usize::try_from(checks).ok())
        .unwrap_or(10);
    if window < every || window > SCAN_WINDOW_SECS_MAX {
        reader.wrong(
            section.path("window"),
            (
                "the window is shorter than one gap, or longer than a day",
                "时间窗口小于单次间隔，或超过一天",
            ),
            (
                "write something like every = \"30s\", window = \"10m\", checks = 10",
                "请写成类似 every = \"30s\"、window = \"10m\"、checks = 10",
            ),
        );
    }
    (vec![every; checks], Some(window))
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

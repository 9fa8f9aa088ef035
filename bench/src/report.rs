//! The report: figures in a table or as JSON, and whether every gate held.

use crate::figure::{Bound, Figure, ratio};
use crate::machine;
use crate::rounds::Round;
use serde_json::{Value, json};
use std::fmt;

/// A notify for which a process has more written than this is a mistake, whatever the machine.
const SANE_BYTES: u64 = 256 * 1024;

/// What a measurement found.
pub struct Report {
    /// What was measured, in one line.
    pub title: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Notifies sent, and those that were not acked.
    pub sent: u64,
    /// Notifies that were not acked.
    pub unacked: u64,
    /// Orders whose notify was acked and that are not paid in the store.
    pub lost: u64,
}

impl Report {
    /// Whether everything was acked, nothing was lost, and every gate held.
    pub fn holds(&self) -> bool {
        self.unacked == 0 && self.lost == 0 && self.figures.iter().all(Figure::holds)
    }
}

/// What the rounds of a server cost, beside those of the null handler where there are any.
pub fn figures(null: &[Round], server: &[Round], short: bool) -> Vec<Figure> {
    let each = |value: &dyn Fn(&Round) -> u64| server.iter().map(value).collect::<Vec<_>>();
    let pairs = |value: &dyn Fn(&Round, &Round) -> u64| -> Vec<u64> {
        null.iter()
            .zip(server)
            .map(|(null, server)| value(null, server))
            .collect()
    };
    let cpu = |round: &Round| round.cpu_nanos / round.count.max(1);
    let of_null = |value: &dyn Fn(&Round) -> u64| null.iter().map(value).collect::<Vec<_>>();
    let fsyncs = Figure::new("fsyncs", "per notify", each(&|r| ratio(r.fsyncs, r.count)))
        .goal(Bound::Max(40))
        .gate(Bound::Max(100));
    let written = Figure::new(
        "written by the server",
        "KiB per notify",
        each(&|r| ratio(r.written, r.count * 1024)),
    )
    .goal(Bound::Max(5_000))
    .gate(Bound::Max(SANE_BYTES / 1024 * 1_000));
    let mut figures = vec![
        Figure::new("durable notifies", "per second", each(&|r| r.rate * 1_000)),
        Figure::new("server CPU", "µs per notify", each(&cpu)),
        fsyncs,
        Figure::new(
            "commits",
            "per notify",
            each(&|r| ratio(r.commits, r.count)),
        ),
        written,
        Figure::new(
            "disk: bytes",
            "KiB per notify",
            each(&|r| ratio(r.disk.bytes, r.count * 1024)),
        )
        .goal(Bound::Max(5_000)),
        Figure::new(
            "disk: writes",
            "per notify",
            each(&|r| ratio(r.disk.writes, r.count)),
        )
        .goal(Bound::Max(150)),
        Figure::new(
            "disk: flushes",
            "per notify",
            each(&|r| ratio(r.disk.flushes, r.count)),
        ),
        Figure::new("ack, half within", "ms", each(&|r| r.p50_micros)),
        Figure::new("ack, 99 of 100 within", "ms", each(&|r| r.p99_micros)),
        Figure::new(
            "stolen by the host",
            "% of the machine",
            each(&|r| r.stolen * 100),
        ),
        Figure::new(
            "taken by other processes",
            "% of the machine",
            each(&|r| r.others * 100),
        ),
    ];
    if !null.is_empty() {
        let mut rate = Figure::new(
            "rate ÷ null handler",
            "",
            pairs(&|n, s| ratio(s.rate, n.rate)),
        )
        .goal(Bound::Min(450));
        let mut cpu_ratio = Figure::new(
            "CPU ÷ null handler",
            "",
            pairs(&|n, s| ratio(cpu(s), cpu(n))),
        )
        .goal(Bound::Max(2_000));
        if !short {
            rate = rate.gate(Bound::Min(150));
            cpu_ratio = cpu_ratio.gate(Bound::Max(4_000));
        }
        let compared = [
            Figure::new("null handler", "per second", of_null(&|r| r.rate * 1_000)),
            rate,
            Figure::new("null handler CPU", "µs per request", of_null(&cpu)),
            cpu_ratio,
        ];
        figures.splice(0..0, compared);
    }
    figures
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["figure", "unit", "median", "min", "max", "goal", "gate"].map(str::to_owned);
        let rows: Vec<[String; 7]> = std::iter::once(heads)
            .chain(self.figures.iter().map(Figure::cells))
            .collect();
        let width = |column: usize| {
            let cells = rows.iter().map(|row| row[column].chars().count());
            cells.max().unwrap_or_default()
        };
        writeln!(f, "{}\n{}\n", self.title, machine::name())?;
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row
                .iter()
                .enumerate()
                .map(|(column, cell)| pad(cell, width(column), (2..5).contains(&column)))
                .collect();
            writeln!(f, "| {} |", cells.join(" | "))?;
            if at == 0 {
                let rule: Vec<String> = (0..7).map(|column| "-".repeat(width(column))).collect();
                writeln!(f, "| {} |", rule.join(" | "))?;
            }
        }
        writeln!(
            f,
            "\n{} notifies sent, {} not acked; {} acked and not paid.",
            self.sent, self.unacked, self.lost
        )
    }
}

fn pad(cell: &str, width: usize, right: bool) -> String {
    if right {
        format!("{cell:>width$}")
    } else {
        format!("{cell:<width$}")
    }
}

/// All reports for scripts.
pub fn json(reports: &[Report]) -> Value {
    let report = |report: &Report| {
        json!({
            "title": report.title,
            "figures": report.figures.iter().map(Figure::json).collect::<Vec<_>>(),
            "sent": report.sent,
            "unacked": report.unacked,
            "lost": report.lost,
            "holds": report.holds(),
        })
    };
    json!({ "machine": machine::name(), "reports": reports.iter().map(report).collect::<Vec<_>>() })
}

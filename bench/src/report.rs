//! The report: figures in a table or as JSON, and whether every gate held.

use crate::figure::Figure;
use crate::machine;
use serde_json::{Value, json};
use std::fmt;

/// What a measurement found.
pub struct Report {
    /// What was measured, in one line.
    pub title: String,
    /// The figures.
    pub figures: Vec<Figure>,
    /// Notifies sent.
    pub sent: u64,
    /// Notifies that were not acked.
    pub unacked: u64,
    /// So many of them are forgiven: in the short form one of a hundred, since an ack that takes longer than a second
    /// is a `fail`, and a busy machine is no mistake of the server.
    pub forgiven: u64,
    /// Orders whose notify was acked and that are not paid in the store.
    pub lost: u64,
}

impl Report {
    /// Whether all was acked that has to be, nothing was lost, and every gate held.
    pub fn holds(&self) -> bool {
        self.unacked <= self.forgiven && self.lost == 0 && self.figures.iter().all(Figure::holds)
    }
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
            "forgiven": report.forgiven,
            "lost": report.lost,
            "holds": report.holds(),
        })
    };
    json!({ "machine": machine::name(), "reports": reports.iter().map(report).collect::<Vec<_>>() })
}

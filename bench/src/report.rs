//! The report: figures in a table or as JSON, and whether every gate held.

use crate::figure::Figure;
use crate::{machine, table};
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
        let figures = self.figures.iter().map(|figure| figure.cells().to_vec());
        let rows: Vec<Vec<String>> = std::iter::once(heads.to_vec()).chain(figures).collect();
        writeln!(f, "{}\n{}\n", self.title, machine::name())?;
        f.write_str(&table::draw(&rows, |column| (2..5).contains(&column)))?;
        writeln!(
            f,
            "\n{} notifies sent, {} not acked; {} acked and not paid.",
            self.sent, self.unacked, self.lost
        )
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

//! The third measurement: how what a notify costs grows with what is stored, on SQLite and on PostgreSQL.

mod size;

use crate::figure::{Figure, Milli, ratio, text};
use crate::place::{Kind, Place, Site};
use crate::{Failed, machine, table};
use serde_json::{Value, json};
use size::{PAID, Size};

/// What the processor time of a notify may grow by against the first size.
const GROWTH_GOAL: Milli = 1_200;
/// What a server may hold in memory, in thousandths of MiB.
const MEMORY_GOAL: Milli = 400_000;

/// What a notify costs, by the name of its figure, with the head of its column.
const COSTS: [(&str, &str); 7] = [
    ("durable notifies", "per second"),
    ("server CPU", "server µs"),
    ("PostgreSQL CPU", "PostgreSQL µs"),
    ("commits", "commits"),
    ("log", "log KiB"),
    ("written", "written KiB"),
    ("disk: bytes", "disk KiB"),
];
/// What is beside those costs.
const BEFORE: [&str; 3] = ["database", "orders", "paid"];
const BEHIND: [&str; 5] = [
    "µs ×",
    "written ×",
    "bytes per order",
    "memory MiB",
    "first ack ms",
];
/// Which orders were paid.
const PAYING: [&str; 2] = ["newest", "any"];

/// Options of the measurement.
#[derive(clap::Args)]
pub struct Scale {
    /// Orders that are stored, the fewest first
    #[arg(
        long,
        value_name = "N,…",
        value_delimiter = ',',
        default_value = "10000,100000,1000000,5000000"
    )]
    sizes: Vec<usize>,
    /// Only one of the two databases
    #[arg(long, value_name = "WHICH")]
    only: Option<Kind>,
    #[command(flatten)]
    site: Site,
    /// JSON instead of a table
    #[arg(long)]
    json: bool,
}

impl Scale {
    /// Measures, prints, and says whether everything that was acked is paid.
    ///
    /// # Errors
    /// Whatever keeps it from measuring.
    pub async fn measure(self) -> Result<bool, Failed> {
        let least = PAID * 2;
        if self.sizes.iter().any(|size| *size < least) {
            return Err(format!("{least} orders are paid: ask for larger --sizes").into());
        }
        let mut found = Vec::new();
        for kind in [Kind::Sqlite, Kind::Postgres] {
            if self.only.is_some_and(|only| only != kind) {
                continue;
            }
            let mut sizes = Vec::new();
            for stored in &self.sizes {
                eprintln!("{}:", name(kind));
                let place = Place::make(&self.site, kind).await?;
                sizes.push(size::measure(&place, *stored).await?);
                place.end().await?;
            }
            found.push((kind, sizes));
        }
        match self.json {
            true => println!("{:#}", whole(&found)),
            false => println!(
                "{}\n\n{}\n{}",
                machine::name(),
                drawn(&found),
                goals(&found)
            ),
        }
        Ok(found.iter().all(|(_, sizes)| sizes.iter().all(Size::holds)))
    }
}

/// A database with its sizes.
type Found = (Kind, Vec<Size>);

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    }
}

/// What figures of these names say in the middle, added up, for one notify of such a choice.
fn cost(size: &Size, paying: usize, names: &[&str]) -> Milli {
    let figures = size.costs[paying].iter();
    let named = figures.filter(|figure| names.contains(&figure.name()));
    named.map(Figure::median).sum()
}

/// How processor time, and what was written, grew against the first size.
fn growth(sizes: &[Size], size: &Size, paying: usize) -> [Milli; 2] {
    let processors: &[&str] = &["server CPU", "PostgreSQL CPU"];
    [processors, &["written"]].map(|names| {
        let first = sizes.first().map_or(0, |first| cost(first, paying, names));
        ratio(cost(size, paying, names), first)
    })
}

fn drawn(found: &[Found]) -> String {
    let costs = COSTS.map(|(_, head)| head);
    let heads = BEFORE.iter().chain(&costs).chain(&BEHIND);
    let mut rows: Vec<Vec<String>> = vec![heads.map(|head| (*head).to_owned()).collect()];
    for (kind, sizes) in found {
        for size in sizes {
            for (paying, paid) in PAYING.iter().enumerate() {
                let mut row = vec![name(*kind).to_owned(), size.stored.to_string()];
                row.push((*paid).to_owned());
                row.extend(COSTS.map(|(name, _)| {
                    let mut figures = size.costs[paying].iter();
                    let figure = figures.find(|figure| figure.name() == name);
                    figure.map_or_else(String::new, |figure| text(figure.median()))
                }));
                row.extend(growth(sizes, size, paying).map(text));
                // These are the same, whichever are paid.
                row.extend(
                    [size.bytes, size.memory, size.start].map(|value| match paying {
                        0 => text(value),
                        _ => String::new(),
                    }),
                );
                rows.push(row);
            }
        }
    }
    table::draw(&rows, |column| column == 1 || column > 2)
}

fn goals(found: &[Found]) -> String {
    let all = || found.iter().flat_map(|(_, sizes)| sizes);
    let grown = found
        .iter()
        .flat_map(|(_, sizes)| sizes.iter().map(|size| growth(sizes, size, 0)[0]));
    let grown = grown.max().unwrap_or_default();
    let memory = all().map(|size| size.memory).max().unwrap_or_default();
    let word = |holds| if holds { "yes" } else { "no" };
    let sum = |of: fn(&Size) -> usize| all().map(of).sum::<usize>();
    format!(
        "µs × of the newest ≤ {} {}: {}. Memory ≤ {} MiB {}: {}.\n\
         {} notifies sent, {} not acked; {} acked and not paid.",
        text(GROWTH_GOAL),
        word(grown <= GROWTH_GOAL),
        text(grown),
        text(MEMORY_GOAL),
        word(memory <= MEMORY_GOAL),
        text(memory),
        sum(|size| size.sent),
        sum(|size| size.unacked),
        sum(|size| size.lost),
    )
}

/// For scripts: thousandths as they are.
fn whole(found: &[Found]) -> Value {
    let cost = |sizes: &[Size], size: &Size, paying: usize| {
        let [processors, written] = growth(sizes, size, paying);
        json!({
            "paid": PAYING[paying],
            "figures": size.costs[paying].iter().map(Figure::json).collect::<Vec<_>>(),
            "cpu_times_thousandths": processors,
            "written_times_thousandths": written,
        })
    };
    let row = |kind: Kind, sizes: &[Size], size: &Size| {
        json!({
            "database": name(kind),
            "orders": size.stored,
            "costs": [cost(sizes, size, 0), cost(sizes, size, 1)],
            "bytes_per_order_thousandths": size.bytes,
            "memory_mib_thousandths": size.memory,
            "first_ack_ms_thousandths": size.start,
            "sent": size.sent,
            "unacked": size.unacked,
            "lost": size.lost,
            "holds": size.holds(),
        })
    };
    let rows = found
        .iter()
        .flat_map(|(kind, sizes)| sizes.iter().map(move |size| row(*kind, sizes, size)));
    json!({ "machine": machine::name(), "sizes": rows.collect::<Vec<_>>() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size(stored: usize, figures: &[(&'static str, Milli)]) -> Size {
        let costs = [0, 1].map(|times| {
            let figures = figures.iter();
            figures
                .map(|(name, value)| Figure::new(name, "", vec![value * (1 + times)]))
                .collect()
        });
        Size {
            stored,
            costs,
            bytes: 0,
            memory: 0,
            start: 0,
            sent: 200,
            unacked: 2,
            lost: 0,
        }
    }

    /// The server's time and PostgreSQL's count together, and against the first size of the same choice.
    #[test]
    fn growth_is_against_the_first_size() {
        let sizes = [
            size(
                10,
                &[
                    ("server CPU", 100),
                    ("PostgreSQL CPU", 100),
                    ("written", 10),
                ],
            ),
            size(
                99,
                &[("server CPU", 100), ("PostgreSQL CPU", 200), ("written", 5)],
            ),
        ];
        for paying in [0, 1] {
            assert_eq!(growth(&sizes, &sizes[0], paying), [1_000, 1_000]);
            assert_eq!(growth(&sizes, &sizes[1], paying), [1_500, 500]);
        }
    }

    /// One ack of a hundred may come too late; nothing that was acked may be lost.
    #[test]
    fn what_is_acked_must_be_paid() {
        let check = |unacked, lost, expected| {
            let found = Size {
                unacked,
                lost,
                ..size(10, &[])
            };
            assert_eq!(found.holds(), expected, "{unacked} {lost}");
        };
        check(2, 0, true);
        check(3, 0, false);
        check(0, 1, false);
    }
}

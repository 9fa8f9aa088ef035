//! The primary is killed again and again by `scripts/failover`, whose log is read meanwhile.

use super::Wishes;
use super::cluster::Cluster;
use super::load::{Book, Habits, Load};
use super::pauses::longest;
use super::verdict::held;
use crate::process::Failed;
use crate::process::site::GAPS_SECS;
use quittance_server::clock::{Clock, Mono};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the log.
const LOOK: Duration = Duration::from_millis(20);

const HABITS: Habits = Habits {
    paid: |_| true,
    twice: |number| number % 5 == 0,
    back: |number| number % 7 == 0,
    pays_within: Duration::from_secs(15),
};

/// One line of the log, and when it was seen.
struct Happened {
    at: Mono,
    what: String,
}

/// A kill, as the log tells it.
struct Kill {
    at: Mono,
    node: String,
    mode: String,
    /// When a node had acknowledged a write again, after the kill.
    writes: String,
    /// When the next one began, or the run was over.
    until: Mono,
}

/// Runs it.
///
/// # Errors
/// What is broken, or why it could not be run.
pub async fn run(wishes: &Wishes, log: &Path) -> Result<String, Failed> {
    let cluster = Arc::new(Cluster::make(wishes, &wishes.program, &GAPS_SECS).await?);
    let mut servers = cluster.start().await?;
    let load = Load::new(&cluster, HABITS, wishes.rate, wishes.seed);
    let happened = load.beside(followed(&**cluster.clock(), log)).await?;
    cluster.all_live(&mut servers)?;
    let kills = kills(&happened)?;
    let book = load.book();
    let mut text = table(&kills, &book, wishes.nodes)?;
    let held = held(&cluster, servers, &book).await;
    let held = held.map_err(|error| format!("{error}\n{text}"))?;
    write!(
        text,
        "{} servers, none restarted; {} orders, all paid; {} notifies acked, {} answered `fail`, {} not answered; {} returns\n\
         every acked notify is in the journal ({} there); each order has one payment and one of each event, at every server\n\
         {} events, {} webhooks taken by the shop; the chains verify, and the fold yields the same",
        wishes.nodes,
        book.acked.len(),
        book.acks.len(),
        book.fails.len(),
        book.silences.len(),
        book.returns,
        held.notifies,
        held.events,
        held.webhooks,
    )?;
    Ok(text)
}

/// Reads the log until it says that it is done.
async fn followed(clock: &dyn Clock, log: &Path) -> Result<Vec<Happened>, Failed> {
    let mut happened: Vec<Happened> = Vec::new();
    loop {
        let text = std::fs::read_to_string(log)?;
        // A line without its end is still being written.
        let lines = text.matches('\n').count();
        let at = clock.mono();
        for line in text.lines().take(lines).skip(happened.len()) {
            eprintln!("{line}");
            let what = line.to_owned();
            happened.push(Happened { at, what });
        }
        if happened.last().is_some_and(|last| last.what == "done") {
            return Ok(happened);
        }
        clock.sleep(LOOK).await;
    }
}

fn kills(happened: &[Happened]) -> Result<Vec<Kill>, Failed> {
    let mut kills: Vec<Kill> = Vec::new();
    for Happened { at, what } in happened {
        let words: Vec<&str> = what.split(' ').collect();
        match words[..] {
            ["killed", node, mode] => {
                if let Some(before) = kills.last_mut() {
                    before.until = *at;
                }
                kills.push(Kill {
                    at: *at,
                    node: node.to_owned(),
                    mode: mode.to_owned(),
                    writes: String::new(),
                    until: Mono::MAX,
                });
            }
            ["primary", _, "after", ms, "ms"] => {
                let kill = kills.last_mut().ok_or("a primary before the first kill")?;
                kill.writes = seconds(Duration::from_millis(ms.parse()?));
            }
            ["whole"] | ["done"] => {}
            _ => return Err(format!("the log says {what:?}").into()),
        }
    }
    Ok(kills)
}

/// A line for each kill. Whoever acked nothing any more after one is told of.
fn table(kills: &[Kill], book: &Book, nodes: usize) -> Result<String, Failed> {
    let mut text = format!(
        "{:>4}  {:<6}{:<11}{:>13}{:>13}{:>17}{:>7}{:>11}\n",
        "kill",
        "node",
        "what",
        "writes after",
        "acked after",
        "by every server",
        "fail",
        "no answer"
    );
    let acks = |by: Option<usize>| -> Vec<Mono> {
        let acks = book.acks.iter();
        let acks = acks.filter(|(_, node)| by.is_none_or(|by| by == *node));
        acks.map(|(at, _)| *at).collect()
    };
    let (all, each) = (acks(None), (0..nodes).map(|node| acks(Some(node))));
    let each: Vec<Vec<Mono>> = each.collect();
    for (number, kill) in (1..).zip(kills) {
        let again = |times: &[Mono]| {
            let pause = longest(times, kill.at, kill.until);
            pause.map(|pause| pause.over.saturating_sub(kill.at))
        };
        let silent = || format!("after kill {number} nothing was acked any more");
        let first = again(&all).ok_or_else(silent)?;
        let last: Option<Vec<Duration>> = each.iter().map(|times| again(times)).collect();
        let last = last.and_then(|each| each.into_iter().max());
        let last = last.ok_or_else(|| format!("after kill {number} one server acked nothing"))?;
        let within = |times: &[Mono]| {
            let times = times.iter();
            times
                .filter(|at| (kill.at..kill.until).contains(*at))
                .count()
        };
        writeln!(
            text,
            "{number:>4}  {:<6}{:<11}{:>13}{:>13}{:>17}{:>7}{:>11}",
            kill.node,
            kill.mode,
            kill.writes,
            seconds(first),
            seconds(last),
            within(&book.fails),
            within(&book.silences),
        )?;
    }
    Ok(text)
}

/// In seconds, with tenths.
fn seconds(took: Duration) -> String {
    let tenths = took.as_millis() / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Mono {
        Duration::from_millis(ms)
    }

    fn log(lines: &[(u64, &str)]) -> Vec<Happened> {
        let lines = lines.iter();
        let happened = lines.map(|(ms, what)| Happened {
            at: at(*ms),
            what: (*what).to_owned(),
        });
        happened.collect()
    }

    #[test]
    fn a_kill_lasts_until_the_next_one() {
        let happened = log(&[
            (1_000, "killed one node"),
            (23_000, "primary two after 22040 ms"),
            (30_000, "whole"),
            (40_000, "killed two postmaster"),
            (45_000, "primary one after 4550 ms"),
            (50_000, "done"),
        ]);
        let kills = kills(&happened).unwrap();
        let told: Vec<(&str, Mono)> = kills
            .iter()
            .map(|kill| (kill.writes.as_str(), kill.until))
            .collect();
        assert_eq!(told, [("22.0 s", at(40_000)), ("4.5 s", Mono::MAX)]);

        // Both servers acked before and after; the second one later.
        let mut book = Book::default();
        for (ms, node) in [
            (900, 0),
            (950, 1),
            (24_000, 0),
            (25_500, 1),
            (39_000, 1),
            (46_000, 1),
            (47_000, 0),
        ] {
            book.acks.push((at(ms), node));
        }
        let text = table(&kills, &book, 2).unwrap();
        let first = text.lines().nth(1).unwrap();
        assert!(
            first.contains("23.0 s") && first.contains("24.5 s"),
            "{text}"
        );
        // One that never came back is no good end.
        book.acks
            .retain(|(ms, node)| *node == 1 || *ms < at(40_000));
        assert!(table(&kills, &book, 2).is_err());
    }

    #[test]
    fn a_log_of_something_else_is_refused() {
        assert!(kills(&log(&[(1, "primary two after 22040 ms")])).is_err());
        assert!(kills(&log(&[(1, "killed")])).is_err());
    }
}

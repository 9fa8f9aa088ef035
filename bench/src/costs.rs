//! From rounds to figures: what a notify cost in each, and what that is held against.

use crate::figure::{Bound, Figure, Milli, ratio};
use crate::rounds::Round;

/// A notify for which the server writes more than this is a mistake, whatever the machine.
const SANE_KIB: Milli = 256_000;

/// What the rounds of a server cost, held against nothing but sense. What its store does not count is left out.
pub fn plain(server: &[Round]) -> Vec<Figure> {
    let some = |name, unit, value: &dyn Fn(&Round) -> Option<Milli>| {
        let values = server.iter().map(value).collect::<Option<Vec<_>>>()?;
        Some(Figure::new(name, unit, values))
    };
    let figure = |name, unit, value: &dyn Fn(&Round) -> Milli| {
        Some(Figure::new(name, unit, server.iter().map(value).collect()))
    };
    let figures = [
        figure("durable notifies", "per second", &|r| r.rate * 1_000),
        figure("server CPU", "µs per notify", &cpu),
        some("PostgreSQL CPU", "µs per notify", &|r| {
            Some(r.cluster_nanos? / r.count.max(1))
        }),
        some("fsyncs", "per notify", &|r| Some(ratio(r.fsyncs?, r.count))),
        figure("commits", "per notify", &|r| ratio(r.commits, r.count)),
        some("log", "KiB per notify", &|r| {
            Some(ratio(r.log?, r.count * 1_024))
        }),
        figure("written", "KiB per notify", &|r| {
            ratio(r.written, r.count * 1_024)
        })
        .map(|figure| figure.gate(Bound::Max(SANE_KIB))),
        figure("disk: bytes", "KiB per notify", &|r| {
            ratio(r.disk.bytes, r.count * 1_024)
        }),
        figure("disk: writes", "per notify", &|r| {
            ratio(r.disk.writes, r.count)
        }),
        figure("disk: flushes", "per notify", &|r| {
            ratio(r.disk.flushes, r.count)
        }),
        figure("ack: half within", "ms", &|r| r.p50_micros),
        figure("ack: 99 of 100 within", "ms", &|r| r.p99_micros),
        figure("stolen by the host", "% of machine", &|r| r.stolen * 100),
        figure("taken by others", "% of machine", &|r| r.others * 100),
    ];
    figures.into_iter().flatten().collect()
}

/// The same beside the null handler's rounds.
pub fn compared(null: &[Round], server: &[Round]) -> Vec<Figure> {
    let pairs = |value: &dyn Fn(&Round) -> u64| -> Vec<Milli> {
        let pairs = null.iter().zip(server);
        pairs
            .map(|(null, server)| ratio(value(server), value(null)))
            .collect()
    };
    let alone = |value: &dyn Fn(&Round) -> u64| null.iter().map(value).collect();
    let mut figures = vec![
        Figure::new("null handler", "per second", alone(&|r| r.rate * 1_000)),
        Figure::new("rate ÷ null handler", "", pairs(&|r| r.rate)),
        Figure::new("null handler CPU", "µs per request", alone(&cpu)),
        Figure::new("CPU ÷ null handler", "", pairs(&cpu)),
    ];
    figures.extend(plain(server));
    figures
}

/// The same with the goals for SQLite, and with the gates that the form can judge.
pub fn judged(figures: Vec<Figure>, short: bool) -> Vec<Figure> {
    // Speed is the machine's and its neighbours': only the full form, with its many rounds, judges it.
    let speed = |figure: Figure, gate| match short {
        true => figure,
        false => figure.gate(gate),
    };
    let judge = |figure: Figure| match figure.name() {
        "rate ÷ null handler" => speed(figure.goal(Bound::Min(450)), Bound::Min(150)),
        "CPU ÷ null handler" => speed(figure.goal(Bound::Max(2_000)), Bound::Max(4_000)),
        "fsyncs" => figure.goal(Bound::Max(40)).gate(Bound::Max(100)),
        "disk: bytes" => figure.goal(Bound::Max(5_000)),
        "disk: writes" => figure.goal(Bound::Max(150)),
        _ => figure,
    };
    figures.into_iter().map(judge).collect()
}

/// Nanoseconds of processor time for a request: thousandths of a microsecond.
fn cpu(round: &Round) -> Milli {
    round.cpu_nanos / round.count.max(1)
}

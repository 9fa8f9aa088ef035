//! Checks by the thousand, at three servers: each is to be done by one of them.

use super::Wishes;
use super::cluster::Cluster;
use super::load::{Book, Habits, Load};
use super::verdict::held;
use crate::process::Failed;
use crate::process::load::name;
use quittance_core::Timestamp;
use quittance_sandbox::{Exchange, Kind};
use std::sync::Arc;
use std::time::Duration;

/// The gaps between checks, in seconds: a minute in which an order that nobody pays is asked about eight times.
const GAPS_SECS: [i64; 8] = [2, 4, 6, 8, 10, 10, 10, 10];
/// No gap is shorter than twice this: of two questions that are closer the second was about the same step.
const SAME_STEP: jiff::SignedDuration = jiff::SignedDuration::from_secs(1);

const HABITS: Habits = Habits {
    paid: |number| number % 4 == 0,
    twice: |_| true,
    back: |_| true,
    pays_within: Duration::from_secs(30),
};

/// Runs it.
///
/// # Errors
/// What is broken, a hundredth of the checks or more done twice, or why it could not be run.
pub async fn run(wishes: &Wishes, lasts: Duration) -> Result<String, Failed> {
    let cluster = Arc::new(Cluster::make(wishes, &wishes.program, &GAPS_SECS).await?);
    let mut servers = cluster.start().await?;
    let load = Load::new(&cluster, HABITS, wishes.rate, wishes.seed);
    let clock = cluster.clock().clone();
    load.beside(async {
        clock.sleep(lasts).await;
        Ok(())
    })
    .await?;
    cluster.all_live(&mut servers)?;
    let book = load.book();
    let held = held(&cluster, servers, &book).await?;
    let (checks, twice) = counted(&cluster, &book);
    let text = format!(
        "{} servers, {} s: {} orders, {} of them paid, each told to two servers and brought back to one at once ({} returns)\n\
         {} notifies acked, {} in the journal, {} events, {} webhooks taken by the shop\n\
         checks: {checks}; of a step that was done already: {twice} ({}); questions by each server: {:?}",
        wishes.nodes,
        lasts.as_secs(),
        book.orders,
        book.acked.len(),
        book.returns,
        book.acks.len(),
        held.notifies,
        held.events,
        held.webhooks,
        percent(twice, checks),
        held.queries,
    );
    match twice * 100 < checks {
        true => Ok(text),
        false => Err(format!("{text}\na hundredth of all checks or more was done twice").into()),
    }
}

/// How many checks the gateway got, and how many of a step that it had been asked about already.
fn counted(cluster: &Cluster, book: &Book) -> (usize, usize) {
    let mut sums = (0, 0);
    for number in 1..=book.orders {
        let name = name(number);
        let asked = cluster.gateway.asked(&name);
        // What buyers and their callbacks cause is not counted: it is asked at once, wherever they are.
        let until = book.told.get(&name.order_no);
        let (checks, twice) = of_order(&asked, until.copied());
        sums = (sums.0 + checks, sums.1 + twice);
    }
    sums
}

/// The same of one order. After the last gap it is closed, and asked about once more.
fn of_order(asked: &[Exchange], until: Option<Timestamp>) -> (usize, usize) {
    let asked = asked.iter();
    let asked = asked.filter(|one| until.is_none_or(|until| one.at < until));
    let steps: Vec<&Exchange> = asked
        .filter(|one| matches!(one.kind, Kind::Query | Kind::Close))
        .collect();
    let times = |kind: Kind| steps.iter().filter(|one| one.kind == kind).count();
    let close = together(&steps);
    let questions_max = GAPS_SECS.len() + usize::from(times(Kind::Close) > 0);
    let too_many =
        times(Kind::Query).saturating_sub(questions_max) + times(Kind::Close).saturating_sub(1);
    (steps.len(), close.max(too_many))
}

/// Pairs of the same kind that are too close for two steps; the close stands between the question before and the one behind.
fn together(steps: &[&Exchange]) -> usize {
    let pairs = steps.windows(2);
    let same = pairs.filter(|pair| {
        pair[0].kind == pair[1].kind && pair[1].at.duration_since(pair[0].at) < SAME_STEP
    });
    same.count()
}

/// With hundredths, without a float.
fn percent(part: usize, whole: usize) -> String {
    let hundredths = part * 10_000 / whole.max(1);
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quittance_core::http::Method;

    fn asked(kind: Kind, ms: i64) -> Exchange {
        Exchange {
            number: 0,
            at: Timestamp::from_millisecond(ms).unwrap(),
            kind,
            attempt: 0,
            method: Method::Post,
            target: String::new(),
            request: Vec::new(),
            status: None,
            reply: Vec::new(),
            ack: None,
            warning: None,
            faults: Vec::new(),
            next: None,
        }
    }

    fn check(queries: &[i64], closes: &[i64], until: Option<i64>, expected: (usize, usize)) {
        let queries = queries.iter().map(|ms| asked(Kind::Query, *ms));
        let closes = closes.iter().map(|ms| asked(Kind::Close, *ms));
        let mut all: Vec<Exchange> = queries.chain(closes).collect();
        all.push(asked(Kind::NotifyVerify, 100));
        all.sort_by_key(|one| one.at);
        let until = until.map(|ms| Timestamp::from_millisecond(ms).unwrap());
        assert_eq!(of_order(&all, until), expected, "{all:?}");
    }

    const WHOLE: [i64; 8] = [2_000, 6_000, 12_000, 20_000, 30_000, 40_000, 50_000, 60_000];

    #[test]
    fn a_step_that_was_done_already_is_seen() {
        check(&[], &[], None, (0, 0));
        check(&WHOLE, &[], None, (8, 0));
        // The second server's question about the same step.
        check(&[2_000, 2_700, 6_000], &[], None, (3, 1));
        check(&[2_000, 2_300, 2_700, 6_000, 6_001], &[], None, (5, 3));
        // Closed at once after the last question, and asked about again: three steps.
        let closed = [&WHOLE[..], &[60_400]].concat();
        check(&closed, &[60_200], None, (10, 0));
        check(&closed, &[60_200, 60_300], None, (11, 1));
        // However late the second one came, there are more questions than steps.
        let late = [&WHOLE[..], &[120_000]].concat();
        check(&late, &[], None, (9, 1));
        // From the callbacks on the buyer causes questions.
        check(&[2_000, 6_000, 6_100, 6_200], &[], Some(6_000), (1, 0));
    }

    #[test]
    fn hundredths_are_told() {
        assert_eq!(percent(0, 0), "0.00 %");
        assert_eq!(percent(1, 2_000), "0.05 %");
        assert_eq!(percent(3, 200), "1.50 %");
    }
}

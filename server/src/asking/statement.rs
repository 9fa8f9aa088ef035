//! Asking the gateway what it booked on an account: the one way of every statement, whoever wants it.
//!
//! A day is read part after part. What nobody has told so strongly before is journaled, some bookings at a time; the
//! last entry says that the day was read to its end. A crash in between leaves a day that is read again, and of which
//! only the rest is new.

use crate::app::App;
use crate::metrics::AnswerLabels;
use crate::setup::AccountSetup;
use crate::store::StoreError;
use data_encoding::HEXLOWER;
use jiff::civil::Date;
use quittance_core::entry::{Direction, Record, StatementRead, What};
use quittance_core::facts::{Claim, Sighting, Witness};
use quittance_core::gateway::{Address, Evidence, Stated, StatementCall};
use quittance_core::state::OrderState;
use quittance_core::statement::StatementPolicy;
use quittance_core::{Facts, OrderKey, Timestamp};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// How long the gateway may take for one part: it may have a whole day to write.
const LIMIT: Duration = Duration::from_secs(60);
/// A day that has more parts is not read to its end.
const PARTS_MAX: u32 = 1_000;
/// One entry tells of so many bookings: its transaction must not keep callbacks waiting.
const CLAIMS_MAX: usize = 100;

/// What came of reading a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DayRead {
    /// Rows in all parts that could be read.
    pub rows: u64,
    /// Claims that were new here.
    pub news: u64,
    /// Why the day could not be read to its end; `None` where it was.
    pub failed: Option<String>,
}

/// Reads one day to its end, or as far as it goes.
///
/// # Errors
/// Those of the store; a gateway that says nothing is [`DayRead::failed`], not an error.
pub async fn read_day(
    app: &App,
    account: &AccountSetup,
    policy: StatementPolicy,
    day: Date,
) -> Result<DayRead, StoreError> {
    let mut read = DayRead {
        rows: 0,
        news: 0,
        failed: None,
    };
    for part in 1..=PARTS_MAX {
        let call = StatementCall {
            from: policy.begin(day),
            to: policy.end(day),
            part,
        };
        let asked = app.clock.wall();
        let (mut stated, body) = ask(app, account, &call).await;
        if part == PARTS_MAX && stated.more {
            stated = Stated::unknown("the day has more parts than are read");
        }
        let news = news(app, account, std::mem::take(&mut stated.evidence)).await?;
        read.rows += u64::from(stated.rows.unwrap_or_default());
        read.news += u64::try_from(news.len()).unwrap_or(u64::MAX);
        let more = stated.more;
        read.failed = match stated.rows {
            Some(_) => None,
            None => Some(stated.reason.clone().unwrap_or_default()),
        };
        let about = StatementRead {
            day,
            part,
            rows: stated.rows,
            complete: false,
            digest: HEXLOWER.encode(&Sha256::digest(&body)),
            // In whole microseconds, as every time of the journal.
            asked: Timestamp::from_microsecond(asked.as_microsecond()).unwrap_or(asked),
        };
        journal(app, account, about, &stated, news, body).await?;
        if !more || read.failed.is_some() {
            break;
        }
    }
    Ok(read)
}

/// What the gateway says, with the bytes in which it said so.
async fn ask(app: &App, account: &AccountSetup, call: &StatementCall) -> (Stated, Vec<u8>) {
    let gateway = account.account.gateway();
    let unknown = |error: &dyn std::error::Error| (Stated::unknown(error.to_string()), Vec::new());
    match gateway.statement(call) {
        Ok(request) => match app.transport.send(request, LIMIT).await {
            Ok(reply) => (gateway.read_statement(call, &reply), reply.body),
            Err(error) => unknown(&error),
        },
        Err(error) => unknown(&error),
    }
}

/// The claims that say something: those that nobody told so strongly before. What money of other business is about, by
/// a trade that no order has, is left out.
async fn news(
    app: &App,
    account: &AccountSetup,
    evidence: Vec<Evidence>,
) -> Result<Vec<Evidence>, StoreError> {
    let mut news = Vec::new();
    for told in evidence {
        let order = match &told.about {
            Address::OrderNo(order_no) => {
                let key = OrderKey::new(&account.name, order_no);
                app.store.order(&key).await?
            }
            Address::TradeNo(trade_no) => app.store.order_by_trade(&account.name, trade_no).await?,
        };
        let new = match (&order, &told.about) {
            (Some(order), _) => says_new(&order.state, &told),
            (None, Address::TradeNo(_)) => false,
            (None, Address::OrderNo(_)) => {
                let parked = app.store.parked(&account.name, &told.about).await?;
                parked.is_none_or(|parked| !knows(&parked.facts, &told))
            }
        };
        if new {
            news.push(told);
        }
    }
    Ok(news)
}

/// Whether a booking tells more than the order's facts do: that a trade was paid which no proof says was, or that money
/// went back as this booking has not told before.
fn says_new(state: &OrderState, told: &Evidence) -> bool {
    match &told.claim {
        Claim::Payment { trade_no, .. } => {
            let mut counting = state.facts.counting(state.order.require);
            !counting.any(|(known, _)| {
                matches!(known, Claim::Payment { .. }) && known.trade_no() == Some(trade_no)
            })
        }
        _ => !knows(&state.facts, told),
    }
}

/// Whether this very telling is among the facts.
fn knows(facts: &Facts, told: &Evidence) -> bool {
    let sighting = Sighting {
        witness: told.witness,
        proof: told.proof,
        detail: told.detail.clone(),
    };
    facts
        .iter()
        .any(|(claim, sightings)| *claim == told.claim && sightings.contains_key(&sighting))
}

/// Writes a part down. The last of its entries says whether the day was read to its end.
async fn journal(
    app: &App,
    account: &AccountSetup,
    about: StatementRead,
    stated: &Stated,
    news: Vec<Evidence>,
    body: Vec<u8>,
) -> Result<(), StoreError> {
    let mut body = (!news.is_empty()).then_some(body);
    let mut chunks: Vec<Vec<Evidence>> = news.chunks(CLAIMS_MAX).map(<[_]>::to_vec).collect();
    if chunks.is_empty() {
        chunks.push(Vec::new());
    }
    let last = chunks.len() - 1;
    for (number, claims) in chunks.into_iter().enumerate() {
        let complete = number == last && stated.rows.is_some() && !stated.more;
        let what = What::Statement(StatementRead {
            complete,
            ..about.clone()
        });
        let mut record = Record::new(Direction::Out, what);
        record.account = Some(account.name.clone());
        record.witness = Some(Witness::Statement);
        record.reason.clone_from(&stated.reason);
        record.claims = claims;
        let mut entry = app.entry(record);
        entry.body = body.take();
        let seq = app.record(vec![entry]).await?.seq;
        tracing::info!(
            account = account.name,
            day = %about.day,
            part = about.part,
            rows = about.rows,
            reason = stated.reason,
            seq,
            complete,
            "statement"
        );
    }
    let answer = if stated.rows.is_some() {
        "read"
    } else {
        "unknown"
    };
    let labels = AnswerLabels {
        account: account.name.clone(),
        answer: answer.to_owned(),
    };
    app.metrics.statements.get_or_create(&labels).inc();
    Ok(())
}

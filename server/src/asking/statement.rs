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
use quittance_core::facts::{Claim, Proof, Sighting, Witness};
use quittance_core::gateway::{Address, Evidence, Stated, StatementCall};
use quittance_core::state::OrderState;
use quittance_core::statement::StatementPolicy;
use quittance_core::{Facts, OrderKey, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long the gateway may take for one part: it may have a whole day to write. Whoever reads one by hand waits for
/// that, within the deadline of a request.
const LIMIT: Duration = Duration::from_secs(40);
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
    /// Payments of orders that nobody made here.
    pub others: u64,
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
        others: 0,
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
        let (news, others) = news(app, account, std::mem::take(&mut stated.evidence)).await?;
        read.rows += u64::from(stated.rows.unwrap_or_default());
        read.news += u64::try_from(news.len()).unwrap_or(u64::MAX);
        read.others += u64::from(others);
        let more = stated.more;
        read.failed = match stated.rows {
            Some(_) => None,
            None => Some(stated.reason.clone().unwrap_or_default()),
        };
        let about = StatementRead {
            day,
            part,
            rows: stated.rows,
            others,
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

/// The claims that say something: those that nobody told so strongly before. Money of other business is left out:
/// payments of orders that nobody made here, which are counted, and what went back of a trade that no order has, nor
/// pays one in this very part.
async fn news(
    app: &App,
    account: &AccountSetup,
    evidence: Vec<Evidence>,
) -> Result<(Vec<Evidence>, u32), StoreError> {
    let (mut news, mut others) = (Vec::new(), 0);
    let mut ours = BTreeSet::new();
    let mut elsewhere = Vec::new();
    for told in evidence {
        let order = match &told.about {
            Address::OrderNo(order_no) => {
                let key = OrderKey::new(&account.name, order_no);
                app.store.order(&key).await?
            }
            Address::TradeNo(trade_no) => app.store.order_by_trade(&account.name, trade_no).await?,
        };
        let payment = matches!(told.claim, Claim::Payment { .. });
        match order {
            Some(_) if payment && elsewhere_paid(app, account, &told).await? => others += 1,
            Some(order) => {
                if payment {
                    ours.extend(told.claim.trade_no().map(str::to_owned));
                }
                if says_new(&order.state, &told) {
                    news.push(told);
                }
            }
            None if payment => others += 1,
            None => elsewhere.push(told),
        }
    }
    let of_ours = |told: &Evidence| {
        let trade_no = told.claim.trade_no();
        trade_no.is_some_and(|trade_no| ours.contains(trade_no))
    };
    news.extend(elsewhere.into_iter().filter(of_ours));
    Ok((news, others))
}

/// Whether the trade is that of an order of another account with the same contract: their statements are one, and an
/// order's number may be in use in both.
async fn elsewhere_paid(
    app: &App,
    account: &AccountSetup,
    told: &Evidence,
) -> Result<bool, StoreError> {
    let Some(trade_no) = told.claim.trade_no() else {
        return Ok(false);
    };
    for other in app.setup.accounts.values() {
        let (theirs, ours) = (&other.policy, &account.policy);
        let same = (&theirs.gateway, &theirs.payee) == (&ours.gateway, &ours.payee);
        if same
            && other.name != account.name
            && app
                .store
                .order_by_trade(&other.name, trade_no)
                .await?
                .is_some()
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a booking tells more than the order's facts do. The order's very amount is news until it is proven, whatever
/// else is told of the trade; another amount only while no proof says that the trade was paid; money that went back,
/// where this booking has not told it before.
fn says_new(state: &OrderState, told: &Evidence) -> bool {
    let require = state.order.require;
    match &told.claim {
        Claim::Payment { amount, .. } if *amount == state.order.amount => {
            !state.facts.stands(&told.claim, require)
        }
        Claim::Payment { trade_no, .. } => !state.facts.paid_by(trade_no, require),
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
    // What proves nothing is told again at each reading: its bytes are not worth keeping.
    let proven = news.iter().any(|told| told.proof > Proof::Hint);
    let mut body = proven.then_some(body);
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
            others = about.others,
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

//! The third value: what the gateway said of a callback when it was asked, and why that was not `true`.

use crate::ending::Stop;
use quittance_core::entry::What;
use quittance_core::gateway::Opinion;
use quittance_core::gateway::inspection::{Doubt, Exchange, Mistake};
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::doctor::{self, Finding, Line, SystemNet};
use quittance_server::setup::{AccountSetup, Setup};
use quittance_server::store::journal_heard;
use quittance_server::transport::{HttpTransport, Transport};
use std::sync::Arc;
use std::time::Duration;

/// How long the gateway may take, for a person who waits.
const LIMIT: Duration = Duration::from_secs(10);

/// What the gateway said.
pub struct Said {
    /// `true`, `false`, or what came in their place.
    pub word: String,
    /// Why it was not `true`.
    pub cause: Option<Mistake>,
    /// Where nothing came: the way to the gateway.
    pub way: Vec<Finding>,
}

/// What it said when the server asked, as the journal has it.
pub fn journaled(setup: &Setup, account: &AccountSetup, seq: u64) -> Option<Said> {
    let heard = journal_heard(&setup.database, &account.name, seq).ok()?;
    let one = heard.iter().find(|one| one.seq == seq)?;
    let opinion = match &one.record.what {
        What::Notify(callback) | What::Return(callback) => callback.opinion?,
        _ => return None,
    };
    Some(Said {
        word: word(opinion, None),
        cause: doctor::doubted(account, one, opinion, &heard),
        way: Vec::new(),
    })
}

/// Asks now. The gateway says `true` once: the server that asks after it is told `false`, and queries the order.
///
/// # Errors
/// Where this machine cannot call anybody.
pub async fn asked(
    setup: &Setup,
    account: &AccountSetup,
    (exchange, wire): (Exchange, &[u8]),
) -> Result<Option<Said>, Stop> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let now = clock.wall();
    let gateway = account.account.gateway();
    let reading = match exchange {
        Exchange::Notify => gateway.read_notify(wire, now),
        Exchange::Return => gateway.read_return(wire, now),
        Exchange::Reply => return Ok(None),
    };
    let request = reading
        .notify_id
        .and_then(|notify_id| gateway.second_opinion(&notify_id).ok());
    let Some(request) = request else {
        return Ok(None);
    };
    let transport =
        HttpTransport::new(clock.clone()).map_err(|error| Stop::unable(error.to_string()))?;
    let reply = transport.send(request, LIMIT).await;
    let (opinion, answer) = match &reply {
        Ok(reply) => (gateway.read_second_opinion(reply), Some(&reply.body[..])),
        Err(_) => (Opinion::Unknown, None),
    };
    let heard = journal_heard(&setup.database, &account.name, u64::MAX).unwrap_or_default();
    let cause = gateway.doubted(&Doubt {
        opinion,
        answer,
        wire,
        at: now,
        confirmed: &doctor::confirmed(heard.iter()),
    });
    let net = SystemNet::new(clock.clone());
    let line = Line {
        clock: &*clock,
        transport: &transport,
        net: &net,
    };
    let way = match answer {
        None => doctor::way(&line, account).await,
        Some(_) => Vec::new(),
    };
    Ok(Some(Said {
        word: word(opinion, answer),
        cause,
        way,
    }))
}

/// The answer as people write it; of anything else the beginning.
fn word(opinion: Opinion, answer: Option<&[u8]>) -> String {
    match (opinion, answer) {
        (Opinion::True, _) => "true".to_owned(),
        (Opinion::False, _) => "false".to_owned(),
        (Opinion::Unknown, Some(answer)) => {
            let text = String::from_utf8_lossy(answer);
            format!("{:?}", text.chars().take(40).collect::<String>())
        }
        (Opinion::Unknown, None) => "unknown".to_owned(),
    }
}

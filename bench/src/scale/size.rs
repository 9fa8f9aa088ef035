//! One size: so many orders are stored, then some of them are paid.

use crate::child::Running;
use crate::figure::{Figure, Milli, ratio};
use crate::place::{Place, free_address};
use crate::rounds::{self, Round, Target};
use crate::{Failed, costs, load, machine, notifies, orders};
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::setup::Setup;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// Rounds for each choice of orders.
const ROUNDS: usize = 3;
/// Notifies in a round.
const NOTIFIES: usize = 1_500;
/// Notifies before the first round, for each choice of orders.
const WARM: usize = 250;
/// So many orders of each choice are paid.
pub const PAID: usize = WARM + ROUNDS * NOTIFIES;

/// What was found.
pub struct Size {
    /// Orders.
    pub stored: usize,
    /// What a notify cost: for one of the newest orders, as shops have it, and for any, so that no two in a row are
    /// neighbours.
    pub costs: [Vec<Figure>; 2],
    /// Bytes of the database on the disk, for each order.
    pub bytes: Milli,
    /// The most memory that the server held, in MiB.
    pub memory: Milli,
    /// Milliseconds from the start of the server to its first ack.
    pub start: Milli,
    /// Notifies sent.
    pub sent: usize,
    /// Of them not acked.
    pub unacked: usize,
    /// Acked, and not paid in the store.
    pub lost: usize,
}

impl Size {
    /// Whether nothing was lost and nearly all acked: an ack that takes longer than a second is a `fail`, and a busy
    /// machine is no mistake of the server.
    pub fn holds(&self) -> bool {
        self.lost == 0 && self.unacked * 100 <= self.sent
    }
}

/// Stores so many orders and pays some of them.
///
/// # Errors
/// Whatever keeps it from measuring.
pub async fn measure(place: &Place, stored: usize) -> Result<Size, Failed> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let address = free_address()?;
    let setup = place.settle("signed", &[address], free_address()?)?;
    orders::make(&setup, &clock, stored).await?;
    place.rest().await?;
    let bytes = ratio(place.bytes().await?, u64::try_from(stored)?);

    let newest: Vec<usize> = (stored - PAID..stored).collect();
    let any: Vec<usize> = orders::spread(stored - PAID).take(PAID).collect();
    let mut paying = Paying {
        setup: &setup,
        clock: &clock,
        address,
        failed: BTreeSet::new(),
    };
    let began = clock.mono();
    let server = Running::serve(place, 0).await?;
    paying.warm(&newest[..1]).await?;
    let start = clock.mono().saturating_sub(began);
    paying.warm(&newest[1..WARM]).await?;
    paying.warm(&any[..WARM]).await?;

    let target = Target {
        processes: vec![server.id()],
        addresses: vec![address],
        disk: place.disk(),
        store: place.under(),
    };
    let mut costs = [Vec::new(), Vec::new()];
    for (newest, any) in newest[WARM..]
        .chunks(NOTIFIES)
        .zip(any[WARM..].chunks(NOTIFIES))
    {
        costs[0].push(paying.round(&target, newest).await?);
        costs[1].push(paying.round(&target, any).await?);
    }
    let memory = machine::memory_peak_kib(server.id())? * 1_000 / 1_024;
    server.stop(&clock).await?;

    let failed = paying.failed;
    let sent = newest.into_iter().chain(any);
    let unpaid = orders::unpaid(&setup, &clock, sent).await?;
    let lost = unpaid.iter().filter(|number| !failed.contains(number));
    Ok(Size {
        stored,
        costs: costs.map(|rounds| costs::plain(&rounds)),
        bytes,
        memory,
        start: u64::try_from(start.as_micros())?,
        sent: PAID * 2,
        unacked: failed.len(),
        lost: lost.count(),
    })
}

/// Pays orders at one server.
struct Paying<'a> {
    setup: &'a Setup,
    clock: &'a Arc<dyn Clock>,
    address: SocketAddr,
    /// Orders whose notify was not acked.
    failed: BTreeSet<usize>,
}

impl Paying<'_> {
    async fn warm(&mut self, numbers: &[usize]) -> Result<(), Failed> {
        let requests = notifies::requests(self.setup, self.clock, self.address, numbers)?;
        let sent = load::send(self.clock, &[self.address], &requests, numbers.len()).await?;
        self.failed
            .extend(sent.unacked.iter().map(|at| numbers[*at]));
        Ok(())
    }

    async fn round(&mut self, target: &Target<'_>, numbers: &[usize]) -> Result<Round, Failed> {
        let requests = notifies::requests(self.setup, self.clock, self.address, numbers)?;
        let round = rounds::measure(target, self.clock, &requests, numbers.len()).await?;
        self.failed
            .extend(round.unacked.iter().map(|at| numbers[*at]));
        Ok(round)
    }
}

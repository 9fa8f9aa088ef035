//! What other nodes write: looked for a few times a second, so that who waits here hears of it.

use super::session::Session;
use super::url::PostgresUrl;
use super::waiting::within;
use crate::store::failure::Failure;
use crate::store::shared::{Shared, lock};
use crate::store::sql::Sql;
use crate::store::{Change, marks, read, rows};
use quittance_core::OrderKey;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long a change of another node may go unheard: less than a buyer notices.
const PAUSE: Duration = Duration::from_millis(200);
/// Rows at a time.
const ROWS: usize = 10_000;

/// Looks until the other end of `stop` is gone.
pub(in crate::store) fn watch(url: &PostgresUrl, shared: &Shared, mut stop: oneshot::Receiver<()>) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
    else {
        return shared.fail("no runtime can be made to watch the database with");
    };
    // What was there when this life began, it has read. Where the line breaks, the looking goes on from where it was.
    let mut seen = Seen {
        number: rows::int(lock(&shared.now).0.seq),
        world: 0,
    };
    let mut session = None;
    while within(&runtime, PAUSE, &mut stop).is_none() {
        let looked = match &session {
            Some(session) => seen.look(session, shared),
            None => Session::connect(url).map(|new| session = Some(new)),
        };
        if let Err(failure) = looked {
            tracing::debug!(why = %failure, "the database was not looked at");
            session = None;
        }
    }
}

/// How far this node has looked.
struct Seen {
    /// Entries and events up to this number.
    number: i64,
    /// The settings of this count.
    world: u64,
}

impl Seen {
    fn look(&mut self, session: &Session, shared: &Shared) -> Result<(), Failure> {
        let settled = session.settled()?;
        let world = read::mark(session, "world")?;
        if world != self.world {
            let settings = marks::settings(session)?;
            lock(&shared.now).1 = settings;
            self.world = world;
        }
        if settled <= self.number {
            return Ok(());
        }
        let own = lock(&shared.now).0.chain.clone();
        // What an entry names, and what an event tells of, which the entry may not name.
        let found = session.all(
            "SELECT seq, account, order_no FROM entries
             WHERE seq > ?1 AND seq <= ?2 AND chain <> ?3
             UNION ALL SELECT pos, account, order_no FROM events WHERE pos > ?1 AND pos <= ?2
             ORDER BY 1 LIMIT ?4",
            &[
                self.number.into(),
                settled.into(),
                (&own).into(),
                rows::rows(ROWS).into(),
            ],
        )?;
        let mut orders = BTreeSet::new();
        for row in &found {
            let (account, order_no): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
            orders.extend(account.zip(order_no).map(|(a, o)| OrderKey::new(a, o)));
        }
        self.number = match found.last() {
            Some(last) if found.len() == ROWS => last.get(0)?,
            _ => settled,
        };
        if !found.is_empty() {
            // Nobody may be listening: that is no failure.
            let _ = shared.changes.send(Change {
                orders: orders.into_iter().collect(),
                events: true,
            });
        }
        Ok(())
    }
}

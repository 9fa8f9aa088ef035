//! The auditor of the virtual world, who believes nobody, on the journal of the real process.

use super::Failed;
use super::site::{ACCOUNT, API_KEY, GAPS_SECS, KEY, WEBHOOK_SECRET};
use super::world::World;
use crate::auditor::{AccountRule, Auditor, Broken};
use crate::truth::{Said, Truth};
use rusqlite::{Connection, OpenFlags};
use std::fmt::Write as _;
use std::path::Path;

/// So many findings are told at most.
const TOLD: usize = 20;

/// An auditor who has been told of the settings, and of nothing else.
#[must_use]
pub fn auditor(world: &World) -> Auditor {
    let secrets = [KEY, API_KEY, WEBHOOK_SECRET];
    let endpoints = world.has_shop().then(|| "shop".to_owned());
    Auditor::new(vec![AccountRule {
        name: ACCOUNT.to_owned(),
        ack: "success".to_owned(),
        require: world.require().to_owned(),
        above: None,
        gaps_secs: GAPS_SECS.to_vec(),
        scan_secs: None,
        cancel_unknown_secs: None,
        late_secs: vec![3_600, 5 * 3_600, 18 * 3_600],
        can_close: true,
        window_secs: None,
        refunds_by_person: false,
        statements: false,
        call_secs: 10,
        endpoints: endpoints.into_iter().collect(),
        secrets: secrets.map(str::to_owned).to_vec(),
    }])
}

/// A look while things are under way; the server is stopped.
///
/// # Errors
/// What is broken.
pub fn look(auditor: &mut Auditor, world: &World) -> Result<(), Failed> {
    let truth = world.ledger.with(|truth| truth.clone());
    let journal = journal(&world.site.database())?;
    verdict(&auditor.look(&truth, &journal))
}

/// The look at rest; the server is stopped.
///
/// # Errors
/// What is broken.
pub fn close(
    auditor: &mut Auditor,
    world: &World,
    truth: &Truth,
    said: &Said,
) -> Result<(), Failed> {
    let journal = journal(&world.site.database())?;
    verdict(&auditor.close(truth, &journal, said))
}

fn journal(database: &Path) -> Result<Connection, Failed> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(database, flags)?)
}

fn verdict(broken: &[Broken]) -> Result<(), Failed> {
    if broken.is_empty() {
        return Ok(());
    }
    let mut text = format!("the auditor found {} broken promises:", broken.len());
    for one in broken.iter().take(TOLD) {
        write!(text, "\n  {one}")?;
    }
    Err(text.into())
}

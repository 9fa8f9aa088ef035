//! A start that has to fold the whole journal, killed in the middle of it again and again.

use super::server::{LOOK, Server};
use super::world::World;
use super::{Failed, Outcome};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::time::Duration;

/// Kills in the middle of a replay.
const CRASHES: u64 = 3;
/// Starts that are tried for them.
const TRIES: usize = 12;
/// A replay of this size is over by then.
const LIMIT: Duration = Duration::from_secs(20);
/// What the journal makes anew.
const PROJECTION: [&str; 8] = [
    "orders",
    "trades",
    "parked",
    "accounts",
    "settings",
    "events",
    "deliveries",
    "discrepancies",
];

/// Takes the projection away and kills the server while it makes it again; how often. The server is dead.
///
/// # Errors
/// Where the server ends in another way, or a replay could never be hit.
pub async fn run(world: &World, outcome: &mut Outcome) -> Result<usize, Failed> {
    let conn = Connection::open(world.site.database())?;
    for table in PROJECTION {
        conn.execute(&format!("DELETE FROM {table}"), [])?;
    }
    conn.execute("DELETE FROM meta WHERE name = 'cursor'", [])?;
    let newest: i64 = conn.query_row("SELECT max(seq) FROM entries", [], |row| row.get(0))?;
    drop(conn);
    let (mut crashes, mut behind) = (0, 0);
    for _ in 0..TRIES {
        if crashes == CRASHES {
            break;
        }
        let at = kill_behind(world, behind, newest).await?;
        if at >= newest {
            break;
        }
        if at > behind {
            crashes += 1;
            behind = at;
            outcome.reach("replay_crash");
        }
    }
    if crashes == 0 {
        return Err(format!("no kill hit the replay of {newest} entries").into());
    }
    Ok(usize::try_from(crashes)?)
}

/// Starts the server and kills it as soon as the projection has seen more than this; what it has seen then.
async fn kill_behind(world: &World, behind: i64, newest: i64) -> Result<i64, Failed> {
    let clock = world.clock();
    let limit = clock.mono() + LIMIT;
    let mut server = Server::start(&world.site, &[])?;
    loop {
        let seen = seen(world)?;
        if seen > behind || seen >= newest {
            break;
        }
        if server.ended()?.is_some() || clock.mono() > limit {
            return Err(format!("a replay does not come to its end: {}", world.said()?).into());
        }
        clock.sleep(LOOK).await;
    }
    server.kill().await?;
    seen(world)
}

/// What the projection has seen, beside a running server or after one.
fn seen(world: &World) -> Result<i64, Failed> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(world.site.database(), flags)?;
    conn.busy_timeout(LIMIT)?;
    let cursor = conn
        .query_row("SELECT value FROM meta WHERE name = 'cursor'", [], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(cursor.unwrap_or(0))
}

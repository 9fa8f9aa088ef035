//! A disk that is full: the server says that it is not ready, answers `fail`, lives on, and goes on by itself when there
//! is room. The disk is a small one in memory, mounted where nobody else sees it: in a process of its own (F-13).

use super::load::Load;
use super::server::Server;
use super::world::{Wants, World};
use super::{Failed, Outcome, Wishes, audit, check};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

/// How a process gets mounts of its own: as anybody, as root, with root's help.
const LAUNCHERS: [&[&str]; 3] = [
    &["unshare", "-Urm"],
    &["unshare", "-m"],
    &["sudo", "-n", "unshare", "-m"],
];
const DISK: &str = "size=8m";
/// Orders in all: with what is told of them they fit on the disk.
const ORDERS: usize = 120;
/// Acks between one full disk and the next.
const ACKS: usize = 20;
const ROUNDS: u64 = 3;
/// Whatever is waited for comes by then.
const LIMIT: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(10);

/// Runs the part in a process with mounts of its own.
///
/// # Errors
/// What is broken; what the system does not let us.
pub async fn run(wishes: &Wishes) -> Result<Outcome, Failed> {
    let folder = tempfile::Builder::new()
        .prefix("quittance-full-")
        .tempdir()?;
    let launcher = launcher().await?;
    let output = Command::new(launcher[0])
        .args(&launcher[1..])
        .arg(std::env::current_exe()?)
        .arg("--program")
        .arg(&wishes.program)
        .args(["--seed", &wishes.seed.to_string(), "--inside"])
        .arg(folder.path())
        .stderr(std::process::Stdio::inherit())
        .kill_on_drop(true)
        .output()
        .await?;
    if !output.status.success() {
        return Err(format!(
            "full: the process with the small disk ended: {}",
            output.status
        )
        .into());
    }
    let said: Value = serde_json::from_slice(&output.stdout)?;
    let mut outcome = Outcome {
        line: said["line"].as_str().unwrap_or_default().to_owned(),
        ..Outcome::default()
    };
    for _ in 0..said["nacks"].as_u64().unwrap_or_default() {
        outcome.reach("disk_full_nack");
    }
    Ok(outcome)
}

/// The first way to mounts of its own that this machine allows.
async fn launcher() -> Result<&'static [&'static str], Failed> {
    for launcher in LAUNCHERS {
        let tried = Command::new(launcher[0])
            .args(&launcher[1..])
            .args(["sh", "-c", "mount -t tmpfs -o size=64k tmpfs /tmp"])
            .output()
            .await;
        if tried.is_ok_and(|tried| tried.status.success()) {
            return Ok(launcher);
        }
    }
    Err("a small disk must be mounted for this part, and the machine does not let us: allow unprivileged user \
         namespaces (`unshare -Urm true` must work), or run it as root or where `sudo -n` works"
        .into())
}

/// The part itself, where mounts are seen by nobody else. Prints what it found as JSON.
///
/// # Errors
/// What is broken.
pub async fn inside(wishes: &Wishes, folder: &Path) -> Result<(), Failed> {
    let data = folder.join("data");
    std::fs::create_dir(&data)?;
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", DISK, "tmpfs"])
        .arg(&data)
        .status()
        .await?;
    if !mount.success() {
        return Err(format!("the small disk cannot be mounted: {mount}").into());
    }
    let wants = Wants {
        program: &wishes.program,
        require: "signed",
        shop: false,
        seed: wishes.seed,
    };
    let world = Arc::new(World::within(&wants, folder, None).await?);
    let load = Load::new(&world, wishes.seed, ORDERS, true);
    let mut server = world.serve().await?;
    let (mut refused, mut slowest) = (0, Duration::ZERO);
    for _ in 0..ROUNDS {
        let both = async { tokio::join!(load.run(), fill_and_free(&world, &load, &server)) };
        let (sent, found) = both.await;
        sent?;
        let (nacks, back) = found?;
        refused += nacks;
        slowest = slowest.max(back);
        if let Some(ended) = server.ended()? {
            return Err(
                format!("a full disk ended the server ({ended}): {}", world.said()?).into(),
            );
        }
    }
    server.terminate(world.clock()).await?;
    check::settled(&world, &load, &mut audit::auditor(&world), false).await?;
    let line = format!(
        "full: {ROUNDS} times full, {refused} notifies answered `fail` meanwhile, not ready, alive; ready and acking \
         again at most {} ms after there was room; {} acks stand",
        slowest.as_millis(),
        load.acks()
    );
    println!("{}", json!({"line": line, "nacks": ROUNDS}));
    Ok(())
}

/// Under load: fills the disk, sees the server refuse, makes room, sees it go on. How many it refused, and how long it
/// took to go on.
async fn fill_and_free(
    world: &World,
    load: &Load,
    server: &Server,
) -> Result<(usize, Duration), Failed> {
    let found = watched(world, load, server).await;
    load.end();
    found
}

async fn watched(world: &World, load: &Load, server: &Server) -> Result<(usize, Duration), Failed> {
    let clock = world.clock();
    let enough = load.acks() + ACKS;
    until(world, "acks before the disk is full", || async {
        load.acks() >= enough
    })
    .await?;
    let filler = world.site.data().join("filler");
    fill(&filler)?;
    let full_at = world.ledger.now();
    let nacks = || {
        world.ledger.with(|truth| {
            let late = truth
                .callbacks
                .iter()
                .rev()
                .take_while(|sent| sent.at > full_at);
            late.filter(|sent| sent.answer.is_some() && !sent.acked)
                .count()
        })
    };
    until(world, "`fail` while the disk is full", || async {
        // What the log still had room for is used up.
        fill(&filler).is_ok() && nacks() > 0 && !server.is_ready().await
    })
    .await?;
    let refused = nacks();
    std::fs::remove_file(&filler)?;
    let freed = clock.mono();
    let before = load.acks();
    until(world, "an ack after there was room", || async {
        load.acks() > before && server.is_ready().await
    })
    .await?;
    Ok((refused, clock.mono().saturating_sub(freed)))
}

/// Writes until not a byte more fits.
fn fill(path: &Path) -> Result<(), Failed> {
    let mut file = File::options().create(true).append(true).open(path)?;
    for piece in [64 * 1024, 1] {
        loop {
            match file.write_all(&vec![0; piece]) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => break,
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

async fn until<F: Future<Output = bool>>(
    world: &World,
    what: &str,
    holds: impl Fn() -> F,
) -> Result<(), Failed> {
    let clock = world.clock();
    let limit = clock.mono() + LIMIT;
    while !holds().await {
        if clock.mono() > limit {
            return Err(format!("{LIMIT:?} without {what}: {}", world.said()?).into());
        }
        clock.sleep(LOOK).await;
    }
    Ok(())
}

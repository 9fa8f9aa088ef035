//! The machine: folders, files, clock, port, journal (seed 001 5.2 2A, 2D).

use crate::world::{Wishes, World};
use quittance_server::doctor::Verdict;

#[tokio::test]
async fn what_cannot_be_written_is_told() {
    // A file stands where the folder should be.
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[("sqlite:data", "sqlite:quittance.toml/data")])
    })
    .await;
    world.fails(false, "writable", "data_folder").await;

    let world = World::with(Wishes {
        running: false,
        more: "[log]\nfile = \"logs\"\n".to_owned(),
        ..Wishes::default()
    })
    .await;
    std::fs::create_dir(world.folder.path().join("logs")).unwrap();
    world.fails(false, "writable", "log_file").await;
}

/// Linux keeps /dev/shm in memory.
#[tokio::test]
async fn a_journal_in_memory_is_told() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    let place = format!("sqlite:{}", folder.path().display());
    let world = World::with(Wishes {
        running: false,
        ..Wishes::edited(&[("sqlite:data", &place)])
    })
    .await;
    world
        .tells(false, "durable", "in_memory", Verdict::Warn)
        .await;
}

#[tokio::test]
async fn a_journal_that_somebody_changed_is_told() {
    let world = World::new().await;
    let database = world.folder.path().join("data/quittance.db");
    let conn = rusqlite::Connection::open(database).unwrap();
    let changed = "UPDATE entries SET time_us = time_us + 1 WHERE seq = 2";
    assert_eq!(conn.execute(changed, []).unwrap(), 1);
    let found = world.fails(false, "journal", "broken").await;
    assert!(found.detail.en.contains("entry 2"), "{found:?}");
}

#[tokio::test]
async fn a_clock_that_is_twenty_minutes_off_is_told_before_its_consequences() {
    for ahead_secs in [1_200, -1_200] {
        let world = World::with(Wishes {
            ahead_secs,
            more: crate::settings::COUNTER.to_owned(),
            ..Wishes::default()
        })
        .await;
        let code = if ahead_secs > 0 {
            "off"
        } else {
            "behind_journal"
        };
        world.fails(true, "clock", code).await;
    }
}

#[tokio::test]
async fn our_own_port_is_ours_or_it_is_told_whose() {
    let world = World::with(Wishes {
        running: false,
        ..Wishes::default()
    })
    .await;
    world.fails(true, "own-port", "closed").await;

    let mut world = World::with(Wishes {
        running: false,
        ..Wishes::default()
    })
    .await;
    let listener = world.place.take().unwrap().listen(16).unwrap();
    let router = axum::Router::new().fallback(|| async { "It works!" });
    world
        .tasks
        .spawn(async move { axum::serve(listener, router).await.unwrap() });
    world.fails(true, "own-port", "taken").await;

    // Connections are taken by the system; nobody answers.
    let mut world = World::with(Wishes {
        running: false,
        ..Wishes::default()
    })
    .await;
    let _listener = world.place.take().unwrap().listen(16).unwrap();
    world.fails(true, "own-port", "hung").await;
}

//! How long things are kept: the oldest entries move into archives and come back, raw messages and personal data are
//! erased; each time what is left is checked from its first entry to its last.

use crate::rebuild::{fixed, happen};
use crate::world::*;
use data_encoding::{BASE64, HEXLOWER};
use quittance_core::entry::{Callback, Direction, Record, What, body_hash, chain_hash};
use quittance_core::gateway::Personal;
use quittance_server::store::{
    ARCHIVE_AGE_MIN, ArchiveError, Archived, Broken, Database, Erase, EraseError, Erased, Expect,
    Genesis, JournalFilter, JournalRow, NewEntry, OpenError, OrderFilter, Snapshot, Store,
    Verified, archive, erase, erase_in_archive, journal_message, journal_rows, migrate, rebuild,
    rebuild_check, restore, verify,
};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;

const DAY: i64 = 86_400;
const SECRET: &str = "buyer-2088-who-paid";

fn database(site: &Site) -> Database {
    match site {
        Site::Postgres(url) => Database::Postgres(url.clone()),
        _ => site.folder().into(),
    }
}

/// The life of a command, so many days into the world.
fn on_day(days: i64) -> Genesis {
    static LIVES: AtomicU32 = AtomicU32::new(0);
    let mut genesis = opening(0).genesis;
    genesis.chain = format!("command-{}", LIVES.fetch_add(1, Ordering::Relaxed));
    genesis.at = at(days * DAY);
    genesis
}

fn archived(site: &Site, before: i64, day: i64, file: &Path) -> Result<Archived, ArchiveError> {
    let before = at(before * DAY);
    archive(&database(site), Arc::new(Plain), &on_day(day), before, file)
}

fn restored(site: &Site, day: i64, file: &Path) -> Result<Archived, ArchiveError> {
    restore(&database(site), Arc::new(Plain), &on_day(day), file)
}

fn erased(site: &Site, day: i64, what: &Erase) -> Result<Erased, EraseError> {
    erase(&database(site), Arc::new(Plain), &on_day(day), what)
}

fn found(site: &Site, archives: &[&Path]) -> Result<Verified, Broken> {
    let archives: Vec<PathBuf> = archives.iter().map(|file| (*file).to_owned()).collect();
    verify(&database(site), &archives, None).unwrap()
}

fn journal(site: &Site) -> Vec<JournalRow> {
    let filter = JournalFilter {
        limit: 100_000,
        ..JournalFilter::default()
    };
    journal_rows(&database(site), &filter).unwrap().items
}

/// Orders, without what came with their messages, and what the feed says.
async fn told(store: &dyn Store) -> (Vec<Snapshot>, Vec<(String, Vec<u8>)>) {
    let filter = OrderFilter {
        limit: 1_000,
        ..OrderFilter::default()
    };
    let mut orders = store.orders(filter).await.unwrap().items;
    for order in &mut orders {
        order.personal.clear();
    }
    let events = store.events(None, None, 1_000).await.unwrap().items;
    (
        orders,
        events
            .into_iter()
            .map(|event| (event.id, event.body))
            .collect(),
    )
}

/// Everything that happened on the first days, and more after three weeks and after eight.
async fn three_times(site: &Site) {
    let store = site.ready().await;
    happen(&*store, &fixed(), 10).await;
    let other = [
        create(21 * DAY, "B-1", 5),
        paid(21 * DAY + 1, "B-1", "TB1", 5),
    ];
    put(&*store, other.to_vec()).await;
    put(&*store, vec![create(56 * DAY, "C-1", 6)]).await;
}

async fn the_oldest_part_moves_away_and_comes_back(site: Site) {
    three_times(&site).await;
    let before = told(&*site.open()).await;
    let whole = found(&site, &[]).unwrap();
    let folder = TempDir::new().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));

    // What is not old enough, or moved already, stays.
    let young = on_day(60).at.checked_sub(ARCHIVE_AGE_MIN).unwrap();
    assert_eq!(
        archived(&site, 54, 60, &one),
        Err(ArchiveError::Young(young))
    );
    assert_eq!(archived(&site, -1, 60, &one), Err(ArchiveError::Nothing));
    assert!(!one.exists());

    let first = archived(&site, 20, 60, &one).unwrap();
    assert!(first.entries > 30 && first.bodies > 0, "{first:?}");
    assert_eq!(
        (first.after, archived(&site, 20, 61, &two)),
        (0, Err(ArchiveError::Nothing))
    );
    let left = found(&site, &[]).unwrap();
    assert_eq!(left.archived, first.through);
    let all = found(&site, &[&one]).unwrap();
    assert_eq!(
        (all.archived, all.seq, &all.hash),
        (0, left.seq, &left.hash)
    );
    // Beside the entry that tells of it, each command began a chain where several nodes write.
    assert_eq!(all.entries, first.entries + left.entries);
    assert!(all.entries > whole.entries && all.erased == whole.erased);
    assert_eq!(all.bodies, whole.bodies);
    assert_eq!(told(&*site.open()).await, before);
    let seq = first.through;
    let expect = Expect {
        seq: Some(seq),
        hash: [9; 32],
    };
    let unseen = verify(&database(&site), &[], Some(&expect)).unwrap();
    assert!(unseen.unwrap_err().what.contains("--archive"));
    let other = verify(&database(&site), std::slice::from_ref(&one), Some(&expect)).unwrap();
    assert_eq!(other.unwrap_err().seq, seq);

    // It goes on, and moves once more.
    put(&*site.open(), vec![paid(57 * DAY, "C-1", "TC1", 6)]).await;
    assert!(matches!(
        archived(&site, 30, 64, &one),
        Err(ArchiveError::Open(OpenError::Archive { .. }))
    ));
    let second = archived(&site, 30, 65, &two).unwrap();
    assert_eq!(second.after, first.through);
    let now = found(&site, &[&one, &two]).unwrap();
    assert_eq!((now.archived, now.bodies), (0, whole.bodies + 1));
    let newest = found(&site, &[&two]).unwrap();
    assert_eq!(newest.archived, first.through);
    assert_eq!(newest.entries + first.entries, now.entries);
    for wrong in [&[&one][..], &[&two, &one]] {
        let wrong: Vec<&Path> = wrong.iter().map(|file| &***file).collect();
        assert!(
            found(&site, &wrong)
                .unwrap_err()
                .what
                .contains("is missing")
        );
    }

    // Orders are made anew of all of it only.
    let cut = OpenError::Archived(second.through);
    assert_eq!(rebuild_check(&database(&site)), Err(cut.clone()));
    assert_eq!(rebuild(&database(&site), Arc::new(Plain)), Err(cut));
    let after = told(&*site.open()).await;
    assert!(matches!(
        restored(&site, 66, &one),
        Err(ArchiveError::Other { .. })
    ));
    assert_eq!(restored(&site, 67, &two).unwrap(), second);
    assert_eq!(found(&site, &[&one]).unwrap().archived, 0);
    assert_eq!(restored(&site, 68, &one).unwrap(), first);
    assert!(matches!(
        restored(&site, 69, &one),
        Err(ArchiveError::Other { .. })
    ));
    let again = found(&site, &[]).unwrap();
    assert_eq!((again.archived, again.bodies), (0, whole.bodies + 1));
    assert!(found(&site, &[&one]).is_err());
    let folded = rebuild_check(&database(&site)).unwrap();
    assert_eq!(folded.before, folded.after);
    assert_eq!(told(&*site.open()).await, after);
}

#[tokio::test]
async fn the_oldest_part_moves_away_and_comes_back_on_sqlite() {
    the_oldest_part_moves_away_and_comes_back(Site::threaded()).await;
}

#[tokio::test]
async fn the_oldest_part_moves_away_and_comes_back_on_postgresql() {
    the_oldest_part_moves_away_and_comes_back(Site::postgres().await).await;
}

/// Many chains, of which most ended in the archive: what is left holds, and the file.
#[tokio::test]
async fn chains_that_ended_in_an_archive_are_not_missed() {
    let site = Site::postgres().await;
    drop(site.ready().await);
    for life in 0..5 {
        put(&*site.open(), vec![create(life, &format!("L-{life}"), 1)]).await;
    }
    // One of two that run at the same time goes on after the cut.
    let (long, short) = (site.open(), site.open());
    put(&*short, vec![create(10, "S-1", 1)]).await;
    put(&*long, vec![create(11, "G-1", 1)]).await;
    drop(short);
    put(&*site.open(), vec![create(12, "S-2", 1)]).await;
    put(&*long, vec![create(30 * DAY, "G-2", 1)]).await;
    drop(long);
    let rows = journal(&site);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("one");
    let moved = archived(&site, 20, 60, &file).unwrap();
    assert_eq!(found(&site, &[]).unwrap().archived, moved.through);
    assert_eq!(found(&site, &[&file]).unwrap().archived, 0);
    restored(&site, 61, &file).unwrap();
    assert_eq!(journal(&site)[..rows.len()], rows);
}

/// What somebody changed in a file, or at the place where the database begins, shows.
#[tokio::test]
async fn a_changed_archive_is_found() {
    let site = Site::threaded();
    three_times(&site).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("one");
    let moved = archived(&site, 20, 60, &file).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let with = |changed: String| {
        let other = folder.path().join("other");
        std::fs::write(&other, changed).unwrap();
        verify(&database(&site), &[other], None)
    };
    let whole = with(text.clone()).unwrap().unwrap();
    // The first entry is counted where it stands, whatever a file has of it: this one has its body, which fits.
    let conn = rusqlite::Connection::open(site.folder().join("quittance.db")).unwrap();
    let first = "SELECT salt, body FROM bodies WHERE seq = 1";
    let first = conn.query_row(first, [], |row| Ok((row.get(0)?, row.get(1)?)));
    let (salt, body): (Vec<u8>, Vec<u8>) = first.unwrap();
    let (salt, body) = (HEXLOWER.encode(&salt), BASE64.encode(&body));
    let kept = format!("\"salt\":\"{salt}\",\"body\":\"{body}\",\"seq\":1,");
    let kept = text.replacen("\"seq\":1,", &kept, 1);
    assert_ne!(kept, text);
    assert_eq!(with(kept).unwrap().unwrap(), whole);
    for changed in [
        text.replacen("A-1", "A-2", 1),
        text.replacen("\"kind\":2", "\"kind\":3", 1),
        [&lines[..5], &lines[6..], &[""]].concat().join("\n"),
        text.replacen("\"after\":0", "\"after\":1", 1),
    ] {
        assert_ne!(changed, text);
        assert!(with(changed).unwrap().is_err());
    }
    for broken in [
        lines[..lines.len() - 1].join("\n") + "\n",
        text[..text.len() - 1].to_owned(),
        text.replacen("\"archive\":1", "\"archive\":2", 1),
        format!("{text}{text}"),
        String::new(),
    ] {
        assert!(matches!(with(broken), Err(OpenError::Archive { .. })));
    }

    conn.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    let damaged = |change: &str| {
        conn.execute_batch(&format!("SAVEPOINT whole; {change}; RELEASE whole"))
            .unwrap();
        found(&site, &[]).unwrap_err()
    };
    // The first entry is followed by nothing here: what was moved says what it was.
    let first = "SELECT time_us, kind, header FROM entries WHERE seq = 1";
    let first = conn.query_row(first, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let (time_us, kind, header): (i64, u8, Vec<u8>) = first.unwrap();
    let (salt, body) = ([9; 16], [8; 32]);
    let other = body_hash(Some((&salt, &body)));
    let hash = chain_hash(&[0; 32], 1, time_us, kind, &header, &other);
    let (other, hash) = (HEXLOWER.encode(&other), HEXLOWER.encode(&hash));
    let (salt, body) = (HEXLOWER.encode(&salt), HEXLOWER.encode(&body));
    let forged = damaged(&format!(
        "CREATE TABLE kept AS SELECT e.body_hash, e.hash, b.salt, b.body FROM entries e JOIN bodies b USING (seq)
             WHERE seq = 1;
         UPDATE entries SET body_hash = x'{other}', hash = x'{hash}' WHERE seq = 1;
         UPDATE bodies SET salt = x'{salt}', body = x'{body}' WHERE seq = 1"
    ));
    assert_eq!(forged.seq, 1);
    conn.execute_batch(
        "UPDATE entries SET (body_hash, hash) = (SELECT body_hash, hash FROM kept) WHERE seq = 1;
         UPDATE bodies SET (salt, body) = (SELECT salt, body FROM kept) WHERE seq = 1; DROP TABLE kept",
    )
    .unwrap();
    assert!(found(&site, &[]).is_ok());
    let next = moved.through + 1;
    let copy = "INSERT INTO entries SELECT 7, time_us, kind, header, body_hash, prev, hash, account, order_no
        FROM entries WHERE seq > 1 LIMIT 1";
    assert!(damaged(copy).what.contains("in an archive as well"));
    assert_eq!(
        damaged(&format!(
            "DELETE FROM entries WHERE seq = 7; DELETE FROM entries WHERE seq = {next}"
        ))
        .seq,
        next
    );
    // Nobody can say that more, or less, was moved than was.
    let less = "UPDATE meta SET value = 0 WHERE name = 'archived'";
    assert_eq!(damaged(less).seq, 2);
}

fn personal() -> Vec<Personal> {
    vec![Personal {
        subject: "T1".into(),
        name: "buyer_id".into(),
        value: SECRET.into(),
    }]
}

fn named(secs: i64, order_no: &str, trade_no: &str) -> NewEntry {
    let entry = paid(secs, order_no, trade_no, 100).with_personal(personal());
    entry.with_body(format!("out_trade_no={order_no}&buyer={SECRET}"))
}

/// A callback of nobody's, and a day's statement, of the account and of no order.
fn of_the_account(secs: i64, body: String) -> NewEntry {
    let what = What::Notify(Callback::default());
    let mut record = Record::new(Direction::In, what);
    record.account = Some(ACCOUNT.into());
    entry(secs, record).with_body(body)
}

fn kept(site: &Site, seq: u64) -> bool {
    let message = journal_message(&database(site), seq).unwrap();
    message.unwrap().body.is_some()
}

async fn what_was_said_of_an_order_is_erased(site: Site) {
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), create(1, "A-10", 100)]).await;
    let told = put(
        &*store,
        vec![
            named(2, "A-1", "T1"),
            paid(3, "A-10", "T2", 100).with_body("of another"),
            of_the_account(4, format!("sign=wrong&order=A-1&who={SECRET}")),
            of_the_account(5, "<row>T1</row><row>T9</row>".to_owned()),
            of_the_account(6, "order=A-10&trade=T19".to_owned()),
        ],
    )
    .await;
    let before = told_events(&*store).await;
    let folded = rebuild_check(&database(&site)).unwrap();
    drop(store);
    let unknown = erased(&site, 1, &Erase::Order(key("A-2")));
    assert_eq!(unknown, Err(EraseError::Unknown(key("A-2"))));

    let gone = erased(&site, 2, &Erase::Order(key("A-1"))).unwrap();
    assert_eq!((gone.bodies, gone.personal, gone.events), (3, 1, 2));
    let left: Vec<bool> = told.iter().map(|told| kept(&site, told.seq)).collect();
    assert_eq!(left, [false, true, false, false, true]);
    assert_eq!(found(&site, &[]).unwrap().erased, 3);
    let row = journal(&site).into_iter().find(|row| row.seq == gone.seq);
    assert_eq!(row.unwrap().kind, 33);
    let store = site.open();
    let order = store.order(&key("A-1")).await.unwrap().unwrap();
    assert!(order.personal.is_empty());
    assert_eq!(told_events(&*store).await, before);
    drop(store);
    // Nothing of it comes back when everything is folded again, and nothing else changes.
    let again = rebuild(&database(&site), Arc::new(Plain)).unwrap();
    assert_eq!((again.before, again.after), (folded.before, folded.after));
    let store = site.open();
    let events = store.events(None, None, 100).await.unwrap();
    for event in events.items {
        assert_eq!(json(&event.body)["personal"], serde_json::json!([]));
    }
    drop(store);
    let twice = erased(&site, 3, &Erase::Order(key("A-1"))).unwrap();
    assert_eq!((twice.bodies, twice.personal, twice.events), (0, 0, 0));
}

#[tokio::test]
async fn what_was_said_of_an_order_is_erased_on_sqlite() {
    what_was_said_of_an_order_is_erased(Site::inline()).await;
}

#[tokio::test]
async fn what_was_said_of_an_order_is_erased_on_postgresql() {
    what_was_said_of_an_order_is_erased(Site::postgres().await).await;
}

async fn what_is_old_is_erased_but_not_of_orders_at_work(site: Site) {
    let store = site.ready().await;
    put(
        &*store,
        vec![
            create(1, "A-1", 100),
            create(1, "A-2", 100),
            create(1, "A-3", 100),
            checkout(1, "A-3"),
        ],
    )
    .await;
    let entries = vec![
        named(2, "A-1", "T1"),
        // Another amount: a person has to look.
        paid(3, "A-2", "T2", 99),
        paid(4, "A-1", "T1", 100),
        named(9, "A-1", "T1"),
    ];
    let told = put(&*store, entries).await;
    let mut callback = of_the_account(5, "order=A-3".to_owned());
    callback.record = callback.record.about(&key("A-3"));
    let of_unpaid = put(&*store, vec![callback]).await[0].seq;
    drop(store);
    let old = erased(&site, 1, &Erase::Before(at(9))).unwrap();
    assert_eq!((old.bodies, old.personal), (2, 1));
    let left: Vec<bool> = told.iter().map(|told| kept(&site, told.seq)).collect();
    assert_eq!(left, [false, true, false, true]);
    assert!(kept(&site, of_unpaid));
    // Its events are still to be delivered, as they were told.
    assert_eq!(old.events, 0);
    let verified = found(&site, &[]).unwrap();
    // The first of all, what a person looks at, what is unpaid, what is younger.
    assert_eq!((verified.erased, verified.bodies), (2, 4));
    drop(site.open());
}

#[tokio::test]
async fn what_is_old_is_erased_on_sqlite() {
    what_is_old_is_erased_but_not_of_orders_at_work(Site::inline()).await;
}

#[tokio::test]
async fn what_is_old_is_erased_on_postgresql() {
    what_is_old_is_erased_but_not_of_orders_at_work(Site::postgres().await).await;
}

/// No byte of it stays in the files: not in free pages, not in the log, not in an archive.
#[tokio::test]
async fn nothing_stays_on_the_disk() {
    let site = Site::threaded();
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), create(1, "A-2", 100)]).await;
    put(&*store, vec![named(2, "A-1", "T1")]).await;
    put(
        &*store,
        vec![create(40 * DAY, "A-3", 100), named(40 * DAY, "A-3", "T3")],
    )
    .await;
    drop(store);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("one");
    archived(&site, 20, 60, &file).unwrap();
    let holds = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        let mut places = bytes.windows(SECRET.len());
        places.any(|found| found == SECRET.as_bytes())
    };
    let files = ["quittance.db", "quittance.db-wal"].map(|name| site.folder().join(name));
    assert!(holds(&file) && files.iter().any(|file| holds(file)));

    let what = Erase::Order(key("A-1"));
    assert_eq!(erase_in_archive(&file, &what).unwrap(), 1);
    assert!(!holds(&file));
    assert_eq!(erase_in_archive(&file, &what).unwrap(), 0);
    assert_eq!(
        erased(&site, 61, &what).unwrap().archived,
        Some(found(&site, &[]).unwrap().archived)
    );
    erased(&site, 61, &Erase::Order(key("A-3"))).unwrap();
    assert!(!files.iter().any(|file| holds(file)));
    assert_eq!(found(&site, &[&file]).unwrap().erased, 2);
    restored(&site, 62, &file).unwrap();
    assert_eq!(found(&site, &[]).unwrap().erased, 2);
}

/// A journal whose oldest part is in an archive moves to PostgreSQL as it is, and the archive is put back there.
#[tokio::test]
async fn an_archive_is_put_back_where_the_journal_moved() {
    let site = Site::inline();
    three_times(&site).await;
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("one");
    let moved = archived(&site, 20, 60, &file).unwrap();
    let here = found(&site, &[]).unwrap();
    let other = Site::postgres().await;
    let Site::Postgres(url) = &other else {
        panic!("there is no PostgreSQL")
    };
    let mut on = |_| ControlFlow::Continue(());
    migrate(site.folder(), url, Arc::new(Plain), &mut on).unwrap();
    assert_eq!(found(&other, &[]).unwrap(), here);
    assert_eq!(restored(&other, 61, &file).unwrap(), moved);
    restored(&site, 62, &file).unwrap();
    let (ours, theirs) = (
        rebuild_check(&database(&site)),
        rebuild_check(&database(&other)),
    );
    let (ours, theirs) = (ours.unwrap(), theirs.unwrap());
    assert_eq!((ours.before, ours.after), (theirs.before, theirs.after));
    assert_eq!(ours.before, ours.after);
}

/// The script of docs/scale.md: a journal in partitions is the same journal.
#[tokio::test]
async fn a_journal_in_partitions_is_the_same() {
    let site = Site::postgres().await;
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), create(1, "A-2", 100)]).await;
    put(&*store, vec![named(2, "A-1", "T1")]).await;
    let newest = store.head().await.unwrap().seq;
    drop(store);
    let document = include_str!("../../../docs/scale.md");
    let script = document
        .split("```sql")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    // The second partition begins behind what is there, and is soon full.
    let script = script.replace("100000000", &(newest + 40).to_string());
    let script = script.replace("50000000", &(newest + 10).to_string());
    run(&site, &script).await;

    let store = site.open();
    happen(&*store, &fixed(), 10).await;
    put(
        &*store,
        vec![named(5_000, "A-1", "T1"), paid(5_000, "A-2", "T2", 100)],
    )
    .await;
    let order = store.order(&key("A-1")).await.unwrap().unwrap();
    assert_eq!(order.personal, personal());
    put(&*store, vec![create(40 * DAY, "B-1", 1)]).await;
    drop(store);
    let whole = found(&site, &[]).unwrap();
    let folded = rebuild_check(&database(&site)).unwrap();
    assert_eq!(folded.before, folded.after);
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("one");
    archived(&site, 20, 60, &file).unwrap();
    run(
        &site,
        "DO $$ BEGIN ASSERT (SELECT count(*) FROM entries_to_100m) = 0; END $$;
         ALTER TABLE entries DETACH PARTITION entries_to_100m; DROP TABLE entries_to_100m",
    )
    .await;
    assert_eq!(found(&site, &[&file]).unwrap().bodies, whole.bodies);
    erased(&site, 61, &Erase::Order(key("A-1"))).unwrap();
    put(&*site.open(), vec![paid(62 * DAY, "B-1", "TB1", 1)]).await;
    found(&site, &[]).unwrap();
}

//! The chain as an independent reader checks it, and what `verify` says when a byte is not what it was (SEC-118, F-18).

use crate::world::*;
use data_encoding::HEXLOWER;
use quittance_core::entry::{Callback, Direction, Record, What};
use quittance_server::store::{
    Broken, Expect, JournalFilter, Verified, journal_message, journal_rows, verify,
};
use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};
use std::path::Path;

/// A small journal: genesis, settings, two orders, callbacks with bodies.
async fn small() -> Site {
    let site = Site::inline();
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100), create(1, "A-2", 100)]).await;
    put(
        &*store,
        vec![paid(2, "A-1", "T1", 100), paid(3, "A-2", "T2", 99)],
    )
    .await;
    site
}

fn raw(folder: &Path) -> Connection {
    let conn = Connection::open(folder.join("quittance.db")).unwrap();
    conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")
        .unwrap();
    conn
}

fn holds(folder: &Path) -> Verified {
    verify(&folder.into(), &[], None).unwrap().unwrap()
}

fn breaks(folder: &Path) -> Broken {
    verify(&folder.into(), &[], None).unwrap().unwrap_err()
}

/// The formula of docs/journal.md, written again from the document.
fn hash_again(conn: &Connection) -> Vec<(u64, [u8; 32])> {
    let mut statement = conn
        .prepare(
            "SELECT e.seq, e.time_us, e.kind, e.header, e.body_hash, e.prev, e.hash, b.salt, b.body
             FROM entries e LEFT JOIN bodies b USING (seq) ORDER BY e.seq",
        )
        .unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut chain = Vec::new();
    let mut before = [0_u8; 32];
    while let Some(row) = rows.next().unwrap() {
        let seq: i64 = row.get(0).unwrap();
        let time_us: i64 = row.get(1).unwrap();
        let kind: u8 = row.get(2).unwrap();
        let header: Vec<u8> = row.get(3).unwrap();
        let body_hash: [u8; 32] = row.get(4).unwrap();
        let mut body = Sha256::new();
        if let Some(salt) = row.get::<_, Option<Vec<u8>>>(7).unwrap() {
            body.update(salt);
            body.update(row.get::<_, Vec<u8>>(8).unwrap());
        }
        assert_eq!(<[u8; 32]>::from(body.finalize()), body_hash, "entry {seq}");
        assert_eq!(row.get::<_, [u8; 32]>(5).unwrap(), before, "entry {seq}");
        let mut bytes = before.to_vec();
        bytes.extend((seq as u64).to_be_bytes());
        bytes.extend(time_us.to_be_bytes());
        bytes.push(kind);
        bytes.extend((header.len() as u32).to_be_bytes());
        bytes.extend(&header);
        bytes.extend(body_hash);
        before = Sha256::digest(&bytes).into();
        assert_eq!(row.get::<_, [u8; 32]>(6).unwrap(), before, "entry {seq}");
        chain.push((seq as u64, before));
    }
    chain
}

#[tokio::test]
async fn another_reader_finds_the_same_chain() {
    let site = small().await;
    let chain = hash_again(&raw(site.folder()));
    let verified = holds(site.folder());
    assert_eq!(chain.len(), 6);
    assert_eq!(chain.last().copied(), Some((verified.seq, verified.hash)));
    assert_eq!(&*verified.chain, "chain-1");
    assert_eq!((verified.bodies, verified.erased), (3, 0));
    assert_eq!(verified.cursor, 6);
}

#[tokio::test]
async fn a_chain_is_verified_beside_a_running_server() {
    let site = Site::threaded();
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let head = store.head().await.unwrap();
    let verified = holds(site.folder());
    assert_eq!((verified.seq, verified.hash), (head.seq, head.hash));
    let page = journal_rows(&site.folder().into(), &behind(1, 1)).unwrap();
    assert_eq!((page.items[0].seq, page.next), (2, Some("2".into())));
    let order = Some(key("A-1"));
    let about = JournalFilter {
        order,
        ..behind(0, 9)
    };
    let about = journal_rows(&site.folder().into(), &about).unwrap();
    assert_eq!(about.items.len(), 1);
}

/// The bytes of a callback are in the entry that took it in, where there is one; erased ones stay away.
#[tokio::test]
async fn a_message_is_read_with_its_bytes() {
    let site = Site::threaded();
    let store = site.ready().await;
    put(&*store, vec![create(1, "A-1", 100)]).await;
    let mut received = entry(2, Record::new(Direction::In, What::Received {}));
    received.body = Some(b"as it came".to_vec());
    let earlier = put(&*store, vec![received]).await[0].seq;
    let mut answered = paid(3, "A-1", "T1", 100);
    answered.record.what = What::Notify(Callback {
        received: Some(earlier),
        ..Callback::default()
    });
    answered.body = None;
    let mut own = answered.clone();
    own.body = Some(b"its own".to_vec());
    let (answered, own) = (
        put(&*store, vec![answered]).await[0].seq,
        put(&*store, vec![own]).await[0].seq,
    );
    let body = |seq| {
        journal_message(&site.folder().into(), seq)
            .unwrap()
            .map(|kept| kept.body)
    };
    for (seq, expected) in [
        (earlier, Some(Some("as it came"))),
        (answered, Some(Some("as it came"))),
        (own, Some(Some("its own"))),
        (own + 1, None),
        (0, None),
    ] {
        let expected = expected.map(|body| body.map(|text| text.as_bytes().to_vec()));
        assert_eq!(body(seq), expected, "entry {seq}");
    }
    raw(site.folder())
        .execute("DELETE FROM bodies WHERE seq = ?1", [earlier.cast_signed()])
        .unwrap();
    assert_eq!(body(answered), Some(None));
}

#[tokio::test]
async fn every_flipped_byte_names_its_row() {
    let site = small().await;
    let conn = raw(site.folder());
    let columns = [
        ("entries", "header"),
        ("entries", "hash"),
        ("entries", "prev"),
        ("entries", "body_hash"),
        ("entries", "account"),
        ("entries", "order_no"),
        ("bodies", "salt"),
        ("bodies", "body"),
    ];
    let mut flipped = 0;
    for (table, column) in columns {
        let select =
            format!("SELECT seq, CAST({column} AS BLOB) FROM {table} WHERE {column} NOTNULL");
        let mut statement = conn.prepare(&select).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let rows: Vec<(i64, Vec<u8>)> = rows.unwrap().map(Result::unwrap).collect();
        let update = match column {
            "account" | "order_no" => {
                format!("UPDATE {table} SET {column} = CAST(?2 AS TEXT) WHERE seq = ?1")
            }
            _ => format!("UPDATE {table} SET {column} = ?2 WHERE seq = ?1"),
        };
        for (seq, bytes) in rows {
            for place in 0..bytes.len() {
                let mut other = bytes.clone();
                other[place] ^= 1 << (place % 7);
                conn.execute(&update, params![seq, other]).unwrap();
                let broken = breaks(site.folder());
                assert_eq!(
                    broken.seq, seq as u64,
                    "{table}.{column}[{place}]: {broken}"
                );
                flipped += 1;
            }
            conn.execute(&update, params![seq, bytes]).unwrap();
        }
    }
    for (column, bits) in [("time_us", 56), ("kind", 8)] {
        for seq in 1..=6 {
            for bit in 0..bits {
                let flip = format!(
                    "UPDATE entries SET {column} = ({column} | ?2) - ({column} & ?2) WHERE seq = ?1"
                );
                conn.execute(&flip, params![seq, 1_i64 << bit]).unwrap();
                assert_eq!(breaks(site.folder()).seq, seq as u64, "{column}, bit {bit}");
                conn.execute(&flip, params![seq, 1_i64 << bit]).unwrap();
                flipped += 1;
            }
        }
    }
    assert!(flipped > 1_000, "{flipped}");
    assert_eq!(holds(site.folder()).seq, 6);
}

#[tokio::test]
async fn rows_taken_out_moved_or_cut_off_are_named() {
    let check = async |sql: &str, seq: u64| {
        let site = small().await;
        raw(site.folder()).execute_batch(sql).unwrap();
        let broken = breaks(site.folder());
        assert_eq!(broken.seq, seq, "{sql}: {broken}");
    };
    check("DELETE FROM entries WHERE seq = 1", 1).await;
    check("DELETE FROM entries WHERE seq = 4", 4).await;
    // The projection has seen what is missing at the end.
    check("DELETE FROM entries WHERE seq = 6", 6).await;
    check("DELETE FROM entries", 1).await;
    check("UPDATE entries SET seq = 60 WHERE seq = 6", 6).await;
    let swap =
        "UPDATE entries SET seq = 40 WHERE seq = 4; UPDATE entries SET seq = 4 WHERE seq = 5;
                UPDATE entries SET seq = 5 WHERE seq = 40;";
    check(swap, 4).await;
    // A whole row of the right form, but not of this chain.
    let forged =
        "INSERT INTO entries SELECT 7, time_us, kind, header, body_hash, hash, hash, account,
                  order_no FROM entries WHERE seq = 6";
    check(forged, 7).await;
    check("INSERT INTO bodies VALUES (3, zeroblob(16), x'00')", 3).await;
}

#[tokio::test]
async fn a_cut_chain_that_fits_in_itself_is_found_by_the_expected_head() {
    let site = small().await;
    let head = holds(site.folder());
    let expect = |text: String| Expect::parse(&text).unwrap();
    let hex = HEXLOWER.encode(&head.hash);
    let known = expect(format!("6:{hex}"));
    let newest = expect(hex.to_uppercase());
    for expect in [&known, &newest] {
        assert!(
            verify(&site.folder().into(), &[], Some(expect))
                .unwrap()
                .is_ok()
        );
    }
    let cut = "DELETE FROM bodies WHERE seq = 6; DELETE FROM entries WHERE seq = 6;
               UPDATE meta SET value = 5 WHERE name = 'cursor';";
    raw(site.folder()).execute_batch(cut).unwrap();
    assert_eq!(holds(site.folder()).seq, 5);
    let broken = verify(&site.folder().into(), &[], Some(&known))
        .unwrap()
        .unwrap_err();
    assert_eq!(broken.seq, 6);
    assert!(
        verify(&site.folder().into(), &[], Some(&newest))
            .unwrap()
            .is_err()
    );
    // An old anchor goes on holding while the chain grows.
    let fifth = hash_again(&raw(site.folder()))[4].1;
    let store = site.open();
    put(&*store, vec![create(9, "A-3", 1)]).await;
    let anchor = expect(format!("5:{}", HEXLOWER.encode(&fifth)));
    assert!(
        verify(&site.folder().into(), &[], Some(&anchor))
            .unwrap()
            .is_ok()
    );
    let other = expect(format!("4:{}", HEXLOWER.encode(&fifth)));
    let broken = verify(&site.folder().into(), &[], Some(&other))
        .unwrap()
        .unwrap_err();
    assert_eq!(broken.seq, 4);
    for text in ["", "6:", "x", "6:00", ":00", "6:zz"] {
        assert_eq!(Expect::parse(text), None, "{text}");
    }
}

#[tokio::test]
async fn an_erased_body_still_verifies() {
    let site = small().await;
    let conn = raw(site.folder());
    conn.execute("DELETE FROM bodies WHERE seq = 5", [])
        .unwrap();
    let verified = holds(site.folder());
    assert_eq!((verified.bodies, verified.erased), (2, 1));
}

fn behind(after: u64, limit: usize) -> JournalFilter {
    JournalFilter {
        after,
        limit,
        ..JournalFilter::default()
    }
}

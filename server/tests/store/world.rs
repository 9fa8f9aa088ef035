//! A small world: one account, a shop's endpoint, orders and evidence about them.

use quittance_core::entry::{Callback, Direction, Record, What};
use quittance_core::event::{About, Event};
use quittance_core::facts::{Claim, Detail, Proof, Witness};
use quittance_core::gateway::{Address, Evidence, Personal, Verdict};
use quittance_core::settings::{Endpoint, Policy, Settings};
use quittance_core::{Currency, Money, Order, OrderKey, Timestamp};
use quittance_server::store::{
    Appended, DatabaseStore, Fatal, Genesis, Head, JournalFilter, Lease, Location, NewEntry,
    Opening, Outcome, PostgresUrl, Render, Store,
};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tempfile::TempDir;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

pub const ACCOUNT: &str = "main";
pub const SHOP: &str = "shop";

/// Where stores are opened, again and again.
pub enum Site {
    Memory,
    Inline(TempDir),
    Threaded(TempDir),
    /// A database of its own in the cluster that the tests were given.
    Postgres(Box<PostgresUrl>),
}

impl Site {
    pub fn inline() -> Site {
        Site::Inline(TempDir::new().unwrap())
    }

    pub fn threaded() -> Site {
        Site::Threaded(TempDir::new().unwrap())
    }

    pub async fn postgres() -> Site {
        Site::Postgres(Box::new(postgres().await))
    }

    /// Whether what was written is there when it is opened again.
    pub fn durable(&self) -> bool {
        !matches!(self, Site::Memory)
    }

    pub fn folder(&self) -> &Path {
        match self {
            Site::Memory | Site::Postgres(_) => panic!("there is no folder"),
            Site::Inline(folder) | Site::Threaded(folder) => folder.path(),
        }
    }

    /// Whether a life goes on with the chain of the one before.
    pub fn one_chain(&self) -> bool {
        !matches!(self, Site::Postgres(_))
    }

    pub fn open(&self) -> Arc<dyn Store> {
        match self {
            // Each life has a chain of its own.
            Site::Postgres(_) => self.open_with(opening(life())),
            _ => self.open_with(opening(1)),
        }
    }

    pub fn open_with(&self, opening: Opening) -> Arc<dyn Store> {
        let store = match self {
            Site::Memory => DatabaseStore::inline(&Location::Memory, opening),
            Site::Inline(folder) => {
                DatabaseStore::inline(&Location::Folder(folder.path().to_owned()), opening)
            }
            Site::Threaded(folder) => DatabaseStore::threaded(folder.path(), opening),
            Site::Postgres(url) => DatabaseStore::postgres(url, opening),
        };
        Arc::new(store.unwrap())
    }

    /// Opens, with the settings of this world in force.
    pub async fn ready(&self) -> Arc<dyn Store> {
        let store = self.open();
        put(&*store, vec![settings_entry(0)]).await;
        store
    }
}

fn life() -> u8 {
    static LIVES: AtomicU8 = AtomicU8::new(1);
    LIVES.fetch_add(1, Ordering::Relaxed)
}

/// A new database in the cluster that the tests were given.
#[expect(
    clippy::disallowed_methods,
    reason = "the line to the cluster ends with the client"
)]
pub async fn postgres() -> PostgresUrl {
    let cluster = std::env::var("QUITTANCE_TEST_POSTGRES").expect(
        "QUITTANCE_TEST_POSTGRES is not set: run the tests as `scripts/postgres run --fast -- cargo test`",
    );
    let (client, connection) = tokio_postgres::connect(&cluster, NoTls).await.unwrap();
    tokio::spawn(connection);
    static DATABASES: AtomicU8 = AtomicU8::new(0);
    let number = DATABASES.fetch_add(1, Ordering::Relaxed);
    let name = format!("q_{}_{number}", std::process::id());
    // Of two at once one waits for the template.
    while let Err(error) = client
        .batch_execute(&format!("CREATE DATABASE {name}"))
        .await
    {
        assert_eq!(error.code(), Some(&SqlState::OBJECT_IN_USE), "{error}");
    }
    let (place, options) = cluster.split_once('?').unwrap_or((&cluster, ""));
    let place = place.rsplit_once('/').unwrap().0;
    PostgresUrl::parse(&format!("{place}/{name}?{options}")).unwrap()
}

/// Statements in a database of the tests, beside the store.
#[expect(
    clippy::disallowed_methods,
    reason = "the line to the cluster ends with the client"
)]
pub async fn run(site: &Site, statements: &str) {
    let Site::Postgres(url) = site else {
        panic!("there is no PostgreSQL")
    };
    let url = format!("{url}?sslmode=disable");
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(statements).await.unwrap();
}

/// An opening whose random bytes are all `byte`.
pub fn opening(byte: u8) -> Opening {
    opening_with(byte, Box::new(|what| panic!("the store failed: {what}")))
}

pub fn opening_with(byte: u8, fatal: Fatal) -> Opening {
    Opening {
        render: Arc::new(Plain),
        genesis: Genesis {
            chain: format!("chain-{byte}"),
            payer_salt: [byte; 32],
            salt: [byte; 16],
            at: at(0),
        },
        fatal,
    }
}

/// Renders what a test wants to see.
pub struct Plain;

impl Render for Plain {
    fn event(
        &self,
        event: &Event,
        about: About<'_>,
        personal: &[Personal],
        head: &Head,
    ) -> Vec<u8> {
        let body = serde_json::json!({
            "id": event.id,
            "type": event.kind.word(),
            "sequence": event.sequence,
            "order": match about {
                About::Order(state, _) => Some(state.order.key.to_string()),
                About::Account(_) | About::Journal => None,
            },
            "personal": personal.iter().map(|p| format!("{}={}", p.name, p.value)).collect::<Vec<_>>(),
            "head": head.seq,
            "hash": data_encoding::HEXLOWER.encode(&head.hash),
        });
        serde_json::to_vec(&body).unwrap()
    }

    fn without_personal(&self, body: &[u8]) -> Option<Vec<u8>> {
        let mut body: serde_json::Value = serde_json::from_slice(body).unwrap();
        let personal = body["personal"].as_array_mut().unwrap();
        (!std::mem::take(personal).is_empty()).then(|| serde_json::to_vec(&body).unwrap())
    }
}

/// So many seconds into the world.
pub fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + secs).unwrap()
}

pub fn key(order_no: &str) -> OrderKey {
    OrderKey::new(ACCOUNT, order_no)
}

pub fn settings(endpoints: &[&str]) -> Settings {
    let policy = Policy {
        gateway: "alipay".into(),
        payee: "2088".into(),
        key_ids: vec!["k1".into()],
        wire: None,
        require: Proof::Signed,
        require_above: None,
        gaps_secs: vec![5, 30, 60],
        scan_secs: None,
        cancel_unknown_secs: None,
        late_secs: vec![3_600],
        close: true,
        query_window_secs: None,
        statement: None,
    };
    let accounts = [ACCOUNT, "other"].map(|name| (name.to_owned(), policy.clone()));
    let endpoints = endpoints
        .iter()
        .map(|name| ((*name).to_owned(), Endpoint::default()));
    Settings {
        accounts: BTreeMap::from(accounts),
        endpoints: endpoints.collect(),
    }
}

pub fn settings_entry(secs: i64) -> NewEntry {
    entry(secs, own(What::Settings(settings(&[SHOP]))))
}

pub fn entry(secs: i64, record: Record) -> NewEntry {
    NewEntry {
        at: at(secs),
        record,
        body: None,
        salt: [7; 16],
        personal: Vec::new(),
        under: None,
        ends: false,
        weigh: None,
    }
}

pub fn own(what: What) -> Record {
    Record::new(Direction::Own, what)
}

pub fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

pub fn order(key: &OrderKey, minor: i64) -> Order {
    Order {
        key: key.clone(),
        amount: cny(minor),
        subject: format!("Tea for {}", key.order_no),
        body: None,
        extra: None,
        method: None,
        bank: None,
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: Default::default(),
        expires_in_secs: None,
        token: format!("token-{}-{}", key.account, key.order_no),
        require: Proof::Signed,
    }
}

pub fn create(secs: i64, order_no: &str, minor: i64) -> NewEntry {
    create_in(secs, &key(order_no), minor)
}

pub fn create_in(secs: i64, key: &OrderKey, minor: i64) -> NewEntry {
    entry(
        secs,
        own(What::Order(Box::new(order(key, minor)))).about(key),
    )
}

pub fn checkout(secs: i64, order_no: &str) -> NewEntry {
    let via = "form".to_owned();
    entry(secs, own(What::Checkout { via }).about(&key(order_no)))
}

pub fn payment(about: Address, trade_no: &str, minor: i64) -> Evidence {
    let claim = Claim::Payment {
        trade_no: trade_no.into(),
        amount: cny(minor),
        payee: "2088".into(),
    };
    told(about, claim)
}

pub fn told(about: Address, claim: Claim) -> Evidence {
    Evidence {
        about,
        witness: Witness::Notify,
        proof: Proof::Signed,
        claim,
        detail: Detail::default(),
    }
}

/// A genuine callback of the gateway's server with these claims.
pub fn notify(secs: i64, order_no: &str, claims: Vec<Evidence>) -> NewEntry {
    let mut record = Record::new(Direction::In, What::Notify(Callback::default()));
    record.verdict = Some(Verdict::Genuine);
    record.witness = Some(Witness::Notify);
    record.answered = Some("success".into());
    record.claims = claims;
    let mut entry = entry(secs, record.about(&key(order_no)));
    entry.body = Some(format!("order={order_no}&at={secs}").into_bytes());
    entry
}

/// A callback that says the order was paid by this trade.
pub fn paid(secs: i64, order_no: &str, trade_no: &str, minor: i64) -> NewEntry {
    let about = Address::OrderNo(order_no.into());
    notify(secs, order_no, vec![payment(about, trade_no, minor)])
}

pub fn ending(mut entry: NewEntry, lease: Lease) -> NewEntry {
    entry.under = Some(lease);
    entry.ends = true;
    entry
}

pub async fn append(store: &dyn Store, entry: NewEntry) -> Outcome {
    store.append(vec![entry]).await.unwrap().remove(0)
}

/// Appends what is not refused.
pub async fn put(store: &dyn Store, entries: Vec<NewEntry>) -> Vec<Appended> {
    let outcomes = store.append(entries).await.unwrap();
    outcomes.into_iter().map(Result::unwrap).collect()
}

/// The numbers of all entries, in their order. Where several nodes write, they have gaps.
pub async fn numbers(store: &dyn Store) -> Vec<u64> {
    let filter = JournalFilter {
        limit: 10_000,
        ..JournalFilter::default()
    };
    let page = store.journal(filter).await.unwrap();
    page.items.iter().map(|row| row.seq).collect()
}

/// The types of all events, in the feed's order.
pub async fn told_events(store: &dyn Store) -> Vec<String> {
    let page = store.events(None, None, 10_000).await.unwrap();
    let types = page
        .items
        .iter()
        .map(|event| json(&event.body)["type"].clone());
    types
        .map(|kind| kind.as_str().unwrap().to_owned())
        .collect()
}

pub fn json(bytes: &[u8]) -> serde_json::Value {
    serde_json::from_slice(bytes).unwrap()
}

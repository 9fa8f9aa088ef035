//! One account, one order, and what happens to it, entry by entry.

use quittance_core::derived::derive;
use quittance_core::entry::{Callback, Direction, Entry, Record, What};
use quittance_core::facts::{Claim, Detail, Proof, Witness};
use quittance_core::fold::{Memory, admit, fold};
use quittance_core::gateway::{Address, Answer, Evidence, Verdict};
use quittance_core::schedule::Step;
use quittance_core::settings::{Endpoint, Policy, Settings};
use quittance_core::status::Status;
use quittance_core::{Currency, Money, Order, OrderKey, OrderState, Timestamp};

pub fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}
pub fn key() -> OrderKey {
    OrderKey::new("main", "A-1")
}
pub fn at(secs: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + secs).unwrap()
}

pub struct World {
    pub rows: Memory,
    pub seq: u64,
}
impl World {
    pub fn settings(close: bool, endpoints: &[&str]) -> Settings {
        let policy = Policy {
            gateway: "alipay".into(),
            payee: "2088".into(),
            key_ids: vec![],
            wire: None,
            require: Proof::Confirmed,
            require_above: None,
            gaps_secs: vec![5, 30, 60],
            scan_secs: None,
            cancel_unknown_secs: None,
            late_secs: vec![3600],
            close,
            query_window_secs: None,
            statement: None,
        };
        Settings {
            accounts: [("main".to_owned(), policy)].into(),
            endpoints: endpoints
                .iter()
                .map(|n| ((*n).to_owned(), Endpoint::default()))
                .collect(),
        }
    }
    pub fn new() -> World {
        let mut w = World {
            rows: Memory::default(),
            seq: 0,
        };
        w.put(
            0,
            Record::new(
                Direction::Own,
                What::Settings(World::settings(true, &["shop"])),
            ),
        );
        w
    }
    pub fn put(&mut self, secs: i64, record: Record) -> u64 {
        assert_eq!(admit(&mut self.rows, &record).unwrap(), None);
        self.seq += 1;
        let record = Record::parse(&record.header().unwrap()).unwrap();
        fold(
            &mut self.rows,
            &Entry {
                seq: self.seq,
                at: at(secs),
                record,
            },
        )
        .unwrap();
        self.seq
    }
    pub fn create(&mut self, secs: i64, require: Proof, expires_in_secs: Option<i64>) {
        let order = Order {
            key: key(),
            amount: yuan(100),
            subject: "a".into(),
            body: None,
            extra: None,
            method: None,
            bank: None,
            show_url: None,
            return_to: None,
            terminal: None,
            gateway_options: Default::default(),
            expires_in_secs,
            token: "t".into(),
            require,
        };
        self.put(
            secs,
            Record::new(Direction::In, What::Order(Box::new(order))).about(&key()),
        );
    }
    pub fn checkout(&mut self, secs: i64) {
        self.put(
            secs,
            Record::new(Direction::Out, What::Checkout { via: "form".into() }).about(&key()),
        );
    }
    pub fn notify(&mut self, secs: i64, proof: Proof, claims: Vec<Claim>) {
        let mut r = Record::new(Direction::In, What::Notify(Callback::default())).about(&key());
        r.verdict = Some(Verdict::Genuine);
        r.claims = claims
            .into_iter()
            .map(|c| told(Address::OrderNo("A-1".into()), proof, c))
            .collect();
        self.put(secs, r);
    }
    pub fn query(&mut self, secs: i64, step: Step, answer: Answer) {
        let what: What = serde_json::from_value(serde_json::json!({"kind": "query", "data": {"step": step, "answer": answer, "digest": "", "asked": at(secs)}})).unwrap();
        self.put(secs, Record::new(Direction::Out, what).about(&key()));
    }
    pub fn state(&self) -> OrderState {
        self.rows.orders[&key()].clone()
    }
    pub fn status(&self) -> Status {
        derive(&self.state()).status
    }
}
pub fn told(about: Address, proof: Proof, claim: Claim) -> Evidence {
    Evidence {
        about,
        witness: Witness::Notify,
        proof,
        claim,
        detail: Detail::default(),
    }
}
pub fn payment(t: &str, m: i64) -> Claim {
    Claim::Payment {
        trade_no: t.into(),
        amount: yuan(m),
        payee: "2088".into(),
    }
}

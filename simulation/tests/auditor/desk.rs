//! A desk with a hand-made journal, written by the rules of docs/journal.md, and a hand-made truth.

use data_encoding::BASE32_NOPAD;
use quittance_simulation::auditor::{AccountRule, Auditor, Broken, Promise};
use quittance_simulation::truth::*;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const BEGAN: Micros = 1_767_225_600_000_000;
pub const SECRET: &str = "0123456789abcdefghijklmnopqrstuv";
const KINDS: [&str; 34] = [
    "genesis",
    "settings",
    "order",
    "checkout",
    "received",
    "notify",
    "return",
    "second_opinion",
    "query",
    "close",
    "close_requested",
    "given_up",
    "delivery",
    "endpoint",
    "resolution",
    "redelivery",
    "junk",
    "started",
    "clock_jump",
    "overdue",
    "abandoned",
    "anchor",
    "adopted",
    "refund_requested",
    "note",
    "statement",
    "refund_numbered",
    "refund_sent",
    "refund_query",
    "placed",
    "terminal_result",
    "cancel",
    "erased",
    "archived",
];

pub struct Desk {
    pub journal: Connection,
    pub truth: Truth,
    pub said: Said,
    pub auditor: Auditor,
    seq: i64,
    prev: [u8; 32],
}

pub fn name(order_no: &str) -> Name {
    Name::new("main", order_no)
}

pub fn rule() -> AccountRule {
    AccountRule {
        name: "main".into(),
        ack: "success".into(),
        require: "confirmed".into(),
        above: None,
        gaps_secs: vec![5, 30, 60, 180, 300, 600, 1_800],
        scan_secs: None,
        cancel_unknown_secs: None,
        late_secs: vec![3_600, 18_000, 64_800],
        can_close: true,
        window_secs: None,
        refunds_by_person: false,
        statements: false,
        call_secs: 10,
        endpoints: vec!["shop".into()],
        secrets: vec![SECRET.into()],
    }
}

/// An id as docs and contracts give it.
pub fn id(prefix: &str, parts: [&str; 4]) -> String {
    let bytes: Vec<u8> = parts
        .iter()
        .flat_map(|part| part.bytes().chain([0]))
        .collect();
    let text = BASE32_NOPAD.encode(&Sha256::digest(bytes)).to_lowercase();
    format!("{prefix}{}", &text[..26])
}

pub fn form(order_no: &str, trade_no: &str, status: &str) -> Vec<u8> {
    format!(
        "out_trade_no={order_no}&trade_no={trade_no}&trade_status={status}&seller_id=2088&sign=x"
    )
    .into_bytes()
}

pub fn payment(order_no: &str, trade_no: &str, minor: i64, proof: &str) -> Value {
    json!({"about": {"order_no": order_no}, "witness": "notify", "proof": proof, "claim": "payment",
           "trade_no": trade_no, "amount": {"minor": minor, "currency": "CNY"}, "payee": "2088"})
}

pub fn decimal(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

pub fn trade(trade_no: &str, minor: i64, counted: bool) -> Value {
    json!({"trade_no": trade_no, "amount": decimal(minor), "currency": "CNY", "payee": "2088", "counted": counted})
}

pub fn order(order_no: &str, minor: i64, status: &str, trades: Value, sequence: i64) -> Value {
    json!({"account": "main", "order_no": order_no, "status": status, "attention": false, "amount": decimal(minor),
           "currency": "CNY", "trades": trades, "refunds": [], "discrepancies": [], "sequence": sequence})
}

impl Desk {
    /// A journal that has begun, in calm.
    pub fn new() -> Desk {
        Desk::with(rule())
    }

    pub fn with(rule: AccountRule) -> Desk {
        let journal = Connection::open_in_memory().unwrap();
        journal
            .execute_batch(
                "CREATE TABLE entries (seq INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, kind INTEGER NOT NULL,
                   header BLOB NOT NULL, body_hash BLOB NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL,
                   account TEXT, order_no TEXT) STRICT;
                 CREATE TABLE bodies (seq INTEGER PRIMARY KEY, salt BLOB NOT NULL, body BLOB NOT NULL) STRICT;",
            )
            .unwrap();
        let mut desk = Desk {
            journal,
            truth: Truth {
                now: BEGAN,
                calm_since: Some(BEGAN),
                ..Truth::default()
            },
            said: Said::default(),
            auditor: Auditor::new(vec![rule]),
            seq: 0,
            prev: [0; 32],
        };
        desk.write(
            json!({"kind": "genesis", "data": {"product": "quittance", "format": 1, "chain": "c1"}}),
            Some(&[7; 32]),
        );
        desk
    }

    /// Time goes on.
    pub fn pass(&mut self, secs: i64) {
        self.truth.now += secs * 1_000_000;
    }

    /// Appends an entry with the next number.
    pub fn write(&mut self, mut header: Value, body: Option<&[u8]>) -> i64 {
        header["direction"] = json!("in");
        header["parser"] = json!(1);
        let kind = KINDS
            .iter()
            .position(|kind| header["kind"] == *kind)
            .unwrap() as u8
            + 1;
        let bytes = serde_json::to_vec(&header).unwrap();
        self.seq += 1;
        let salt = [self.seq as u8; 16];
        let mut digest = Sha256::new();
        if let Some(body) = body {
            digest.update(salt);
            digest.update(body);
        }
        let body_hash: [u8; 32] = digest.finalize().into();
        let mut chained = self.prev.to_vec();
        chained.extend((self.seq as u64).to_be_bytes());
        chained.extend(self.truth.now.to_be_bytes());
        chained.push(kind);
        chained.extend((bytes.len() as u32).to_be_bytes());
        chained.extend(&bytes);
        chained.extend(body_hash);
        let hash: [u8; 32] = Sha256::digest(&chained).into();
        self.journal
            .execute(
                "INSERT INTO entries VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
                params![
                    self.seq,
                    self.truth.now,
                    kind,
                    bytes,
                    body_hash,
                    self.prev,
                    hash,
                    header["account"].as_str(),
                    header["order_no"].as_str()
                ],
            )
            .unwrap();
        if let Some(body) = body {
            self.journal
                .execute(
                    "INSERT INTO bodies VALUES (?1,?2,?3)",
                    params![self.seq, salt, body],
                )
                .unwrap();
        }
        self.prev = hash;
        self.seq
    }

    /// An entry about an order.
    pub fn about(&mut self, order_no: &str, kind: &str, data: Value) -> i64 {
        self.write(
            json!({"kind": kind, "account": "main", "order_no": order_no, "data": data}),
            None,
        )
    }

    /// The shop makes an order, which is checked out.
    pub fn order(&mut self, order_no: &str, minor: i64) {
        let amount = json!({"minor": minor, "currency": "CNY"});
        self.about(
            order_no,
            "order",
            json!({"account": "main", "order_no": order_no, "amount": amount}),
        );
        self.about(order_no, "checkout", json!({"via": "form"}));
        let wanted = Wanted {
            name: name(order_no),
            amount: minor,
            currency: "CNY".into(),
            at: self.truth.now,
        };
        self.truth.orders.push(wanted);
    }

    /// Money moves at the gateway.
    pub fn pay(&mut self, order_no: &str, trade_no: &str, minor: i64, to_us: bool) {
        self.truth.payments.push(Payment {
            name: name(order_no),
            trade_no: trade_no.into(),
            amount: minor,
            currency: "CNY".into(),
            to_us,
            booked: true,
            at: self.truth.now,
        });
    }

    /// A notify comes, is journaled with these claims, and answered.
    pub fn notify(&mut self, order_no: &str, body: &[u8], claims: Value, answered: &str) {
        let header = json!({"kind": "notify", "account": "main", "order_no": order_no, "witness": "notify",
            "verdict": "genuine", "answered": answered, "claims": claims, "data": {}});
        self.write(header, Some(body));
        self.came(body, true, answered == "success");
    }

    /// A notify came, whatever the journal says.
    pub fn came(&mut self, body: &[u8], genuine: bool, acked: bool) {
        let answer: &[u8] = if acked { b"success" } else { b"fail" };
        self.truth.callbacks.push(Callback {
            account: "main".into(),
            genuine,
            body: body.to_vec(),
            answer: Some(answer.to_vec()),
            acked,
            at: self.truth.now,
        });
    }

    /// A query of the journal.
    pub fn query(&mut self, order_no: &str, step: &str, answer: &str, claims: Value) {
        self.write(
            json!({"kind": "query", "account": "main", "order_no": order_no, "witness": "query", "claims": claims,
                   "data": {"step": step, "answer": answer, "digest": ""}}),
            None,
        );
    }

    /// An event as the feed shows it.
    pub fn event(
        &self,
        kind: &str,
        subject: &str,
        sequence: i64,
        order: &Value,
        rest: Value,
    ) -> Value {
        let order_no = order["order_no"].as_str().unwrap();
        let mut data = rest;
        data["order"] = order.clone();
        json!({"id": id("evt_", ["main", order_no, kind, subject]), "type": kind, "sequence": sequence,
               "timestamp": "2026-01-01T00:00:00Z", "data": data})
    }

    /// The shop hears of an event, and the feed has it.
    pub fn tell(&mut self, event: Value) {
        self.receipt(&event);
        self.said.events.push(event);
    }

    pub fn receipt(&mut self, event: &Value) {
        self.truth.receipts.push(Receipt {
            endpoint: "shop".into(),
            id: event["id"].as_str().unwrap().into(),
            signed: true,
            body: serde_json::to_vec(event).unwrap(),
            answered: Some(204),
            kept: true,
            at: self.truth.now,
        });
    }

    pub fn look(&mut self) -> Vec<Broken> {
        self.auditor.look(&self.truth, &self.journal)
    }

    pub fn close(&mut self) -> Vec<Broken> {
        self.auditor.close(&self.truth, &self.journal, &self.said)
    }

    /// An order of 1.00 that is paid, told, and shown: the promises hold.
    pub fn paid() -> Desk {
        let mut desk = Desk::new();
        desk.order("A-1", 100);
        assert_eq!(desk.look(), []);
        desk.pass(3);
        desk.pay("A-1", "T1", 100, true);
        desk.notify(
            "A-1",
            &form("A-1", "T1", "TRADE_SUCCESS"),
            json!([payment("A-1", "T1", 100, "confirmed")]),
            "success",
        );
        let view = order("A-1", 100, "paid", json!([trade("T1", 100, true)]), 2);
        let recorded = desk.event(
            "payment.recorded",
            "T1",
            1,
            &view,
            json!({"trade": trade("T1", 100, true)}),
        );
        let paid = desk.event("order.paid", "", 2, &view, json!({}));
        desk.tell(recorded);
        desk.tell(paid);
        desk.said.orders.push(view);
        desk.pass(1);
        desk
    }
}

/// The promises that are broken, in words; asserts that there is one.
#[track_caller]
pub fn breaks(found: &[Broken], promise: Promise, part: &str) {
    assert!(
        found
            .iter()
            .any(|broken| broken.promise == promise && broken.to_string().contains(part)),
        "{promise:?} with {part:?} is not in {found:#?}"
    );
}

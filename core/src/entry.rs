//! The journal's entries: what happened, in a form that an independent reader can check.
//!
//! Hash = SHA-256(prev ‖ u64be seq ‖ i64be time_us ‖ u8 kind ‖ u32be len ‖ header ‖ SHA-256(salt ‖ body)). The header
//! is RFC 8785 JSON without personal data; `len` counts its bytes. Without a body the last part is SHA-256 of nothing.
//! `prev` of the first entry is 32 zero bytes, its seq 1. `docs/journal.md` says the same for readers.

use crate::discrepancy::ResolutionKind;
use crate::facts::Witness;
use crate::gateway::{Answer, Evidence, Opinion, RefundAnswer, TerminalOutcome, Verdict};
use crate::order::{Order, OrderKey};
use crate::refund::RefundWanted;
use crate::schedule::Step;
use crate::settings::Settings;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the reading code, written into every entry: a claim can be traced to the parser that made it.
pub const PARSER_VERSION: u32 = 1;
/// An order has no more notes than this.
pub const NOTES_MAX: u32 = 100;
/// A SHA-256.
pub type Hash = [u8; 32];

/// What happened, before it has a place in the journal.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// The account it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The order it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_no: Option<String>,
    /// Which way the exchange went.
    pub direction: Direction,
    /// Who told us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub witness: Option<Witness>,
    /// What a callback turned out to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The bytes that we answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<String>,
    /// The normalised claims.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Evidence>,
    /// The version of the code that read the message.
    pub parser: u32,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// Which way an exchange went.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Somebody called us.
    In,
    /// We called somebody.
    Out,
    /// We, or a person, decided or found something.
    Own,
}

/// The newest entry of a chain, as another chain's genesis has it, or as it was when older entries were moved away.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Parent {
    /// The chain's id.
    pub chain: String,
    /// The entry's number.
    pub seq: u64,
    /// Its hash, in lower-case hexadecimal.
    pub hash: String,
}

/// The kinds of entries with what belongs to each. The numbers that enter the hash are in [`What::kind`].
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", content = "data", rename_all = "snake_case")]
pub enum What {
    /// The journal begins.
    Genesis {
        /// `quittance`.
        product: String,
        /// The version of this format.
        format: u32,
        /// The chain's id, random.
        chain: String,
        /// Where other chains of the same journal ended, or were, when this one began: those that no genesis named so
        /// before. With them nobody can take a whole chain away unseen.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parents: Vec<Parent>,
    },
    /// Policies, payees, keys, endpoints or schedules changed.
    Settings(Settings),
    /// An order was made.
    Order(Box<Order>),
    /// A buyer was sent to the cashier.
    Checkout {
        /// `form` or `redirect`.
        via: String,
    },
    /// A callback was taken in; its answer is still to come.
    Received {},
    /// A callback of the gateway's server, answered.
    Notify(Callback),
    /// A callback by the buyer's browser, answered.
    Return(Callback),
    /// The gateway was asked whether it sent a callback.
    SecondOpinion {
        /// What it said.
        opinion: Opinion,
    },
    /// The gateway was asked about an order.
    Query {
        /// Why.
        step: Step,
        /// What it said.
        answer: Answer,
        /// SHA-256 of the reply's body, hexadecimal: the body itself is kept only when its claims are new.
        digest: String,
        /// When the question was sent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Timestamp>,
    },
    /// The gateway was asked to close an order.
    Close {
        /// Whether it says that it did; `null` where nothing could be read.
        accepted: Option<bool>,
    },
    /// The gateway was called for a checkout, and said where the buyer goes, or nothing that can be read.
    Placed {
        /// Whether it took the order; `null` where nothing could be read.
        accepted: Option<bool>,
    },
    /// A till told what its terminal had said about the order. It is nobody's signed word.
    TerminalResult {
        /// What it comes down to.
        outcome: TerminalOutcome,
    },
    /// The gateway is about to be asked to undo whatever happened: money that came meanwhile goes back.
    Cancel {},
    /// Somebody asked for the order to be closed.
    CloseRequested {},
    /// The order is given up without a call.
    GivenUp {},
    /// One try to tell an endpoint of an event.
    Delivery(Attempt),
    /// An endpoint was switched on or off.
    Endpoint {
        /// Its name.
        name: String,
        /// Whether it is told from now on.
        enabled: bool,
    },
    /// A person decided about a discrepancy.
    Resolution {
        /// Its id.
        discrepancy: String,
        /// What was decided.
        decision: ResolutionKind,
        /// Why.
        note: String,
    },
    /// A person asked for an event to be delivered again.
    Redelivery {
        /// Its id.
        event: String,
    },
    /// So many callbacks without a valid signature, beyond those that were chained singly.
    Junk {
        /// How many.
        count: u64,
    },
    /// The server started: callbacks without an answer become queries.
    Started {
        /// Its version.
        version: String,
    },
    /// Wall clock and monotonic clock parted by more than a minute.
    ClockJump {
        /// By how many seconds the wall clock went ahead (or back).
        secs: i64,
    },
    /// Evidence has been parked for ten minutes and no order has appeared.
    Overdue {},
    /// A due item was laid aside: it was taken three times and no end of it was ever recorded, or it comes too late for
    /// the gateway to answer.
    Abandoned {
        /// The event, for a delivery.
        event: Option<String>,
        /// The endpoint, for a delivery.
        endpoint: Option<String>,
    },
    /// The journal's head, told once a day.
    Anchor {},
    /// An older copy of the journal was put back and is the journal from now on: what came after it is unknown here.
    Adopted {
        /// The epoch that begins ([`crate::epoch`]).
        epoch: u64,
    },
    /// The shop wrote something into the order's journal. The text is the entry's body: it can be erased.
    Note {},
    /// Raw messages and personal data were erased: those of an order, or those that were old.
    Erased {
        /// Only what was written before this; `null` where an order's were erased.
        before: Option<Timestamp>,
        /// Raw messages that were taken away.
        bodies: u64,
        /// Entries whose personal data was taken away.
        personal: u64,
        /// Events that tell no personal data any more.
        events: u64,
    },
    /// The oldest entries were moved into a file: of this database's entries only the first and those behind are here.
    Archived {
        /// The newest that was moved.
        through: u64,
        /// How many were moved, the first entry of all not counted: it stays.
        entries: u64,
        /// The hash of the first entry, in lower-case hexadecimal.
        first: String,
        /// Where the chains stood there, except those that ended and of which a genesis among them says so.
        ends: Vec<Parent>,
        /// The entry that tells of the move before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        earlier: Option<u64>,
    },
    /// Somebody asked for money to be paid back.
    RefundRequested(RefundWanted),
    /// A refund gets another number on the wire: the one before can go out no more, or it goes with others.
    RefundNumbered {
        /// The merchant's number of it.
        refund_no: String,
        /// The new number.
        wire_no: String,
    },
    /// A refund went out: to the gateway, or with a person to the gateway's page.
    RefundSent {
        /// The merchant's number of it.
        refund_no: String,
        /// The number on the wire.
        wire_no: String,
        /// Whether the gateway says that it took it in; `null` where nothing could be read, or nobody was asked.
        accepted: Option<bool>,
    },
    /// The gateway was asked what became of a refund.
    RefundQuery {
        /// The merchant's number of it.
        refund_no: String,
        /// The number on the wire.
        wire_no: String,
        /// What it said.
        answer: RefundAnswer,
        /// Whether that number can go out no more.
        lapsed: bool,
        /// When the question was sent.
        asked: Timestamp,
    },
    /// The gateway was asked what it booked on the account.
    Statement(StatementRead),
}

/// A part of a statement. Its claims are those that nobody has told so strongly before; where there are many, one part
/// makes several entries.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StatementRead {
    /// The day, by the gateway's clock.
    pub day: Date,
    /// Which part of it, from 1.
    pub part: u32,
    /// How many rows the part has; `null` where it cannot be read or believed.
    pub rows: Option<u32>,
    /// How many of them are payments of orders that nobody made here. They are no claims of this entry.
    #[serde(default)]
    pub others: u32,
    /// Whether the day was read to its end with this entry.
    pub complete: bool,
    /// SHA-256 of the reply's body, hexadecimal: the body itself is kept only when its claims are new.
    pub digest: String,
    /// When the question was sent.
    pub asked: Timestamp,
}

/// What an answered callback adds.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Callback {
    /// The entry that took it in, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// What the gateway said of it when asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<Opinion>,
    /// The trade that it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trade_no: Option<String>,
    /// The name of the key that its signature fits, where that is a previous one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// One try to tell one endpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// The event.
    pub event: String,
    /// The endpoint's name.
    pub endpoint: String,
    /// Which try, from 1.
    pub attempt: u32,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status, where one came.
    pub status: Option<u16>,
    /// How long the endpoint asked us to wait, in seconds.
    pub retry_after_secs: Option<i64>,
}

/// How a try to deliver ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 2xx.
    Delivered,
    /// Anything else.
    Failed,
    /// 410: the endpoint is switched off.
    Gone,
}

/// An entry with its place.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// When it was written, by the server's wall clock, in whole microseconds.
    pub at: Timestamp,
    /// What happened.
    pub record: Record,
}

impl Record {
    /// A record without claims.
    #[must_use]
    pub fn new(direction: Direction, what: What) -> Record {
        Record {
            account: None,
            order_no: None,
            direction,
            witness: None,
            verdict: None,
            reason: None,
            answered: None,
            claims: Vec::new(),
            parser: PARSER_VERSION,
            what,
        }
    }

    /// The same record about this order.
    #[must_use]
    pub fn about(mut self, key: &OrderKey) -> Record {
        self.account = Some(key.account.clone());
        self.order_no = Some(key.order_no.clone());
        self
    }

    /// The order that the record concerns.
    #[must_use]
    pub fn key(&self) -> Option<OrderKey> {
        Some(OrderKey::new(self.account.clone()?, self.order_no.clone()?))
    }

    /// The header's bytes: RFC 8785 JSON.
    ///
    /// # Errors
    /// Only where the record holds a number beyond what JSON can say exactly; amounts and times never do.
    pub fn header(&self) -> Result<Vec<u8>, serde_json::Error> {
        // A value's maps are sorted by their keys, which are ASCII here, and its numbers are whole: that is RFC 8785.
        serde_json::to_vec(&serde_json::to_value(self)?)
    }

    /// Reads a header back.
    ///
    /// # Errors
    /// Where the bytes are of a later version, or damaged.
    pub fn parse(header: &[u8]) -> Result<Record, serde_json::Error> {
        serde_json::from_slice(header)
    }
}

impl What {
    /// The number of the kind, as it enters the hash. Numbers are never used again for something else.
    #[must_use]
    pub fn kind(&self) -> u8 {
        match self {
            What::Genesis { .. } => 1,
            What::Settings(_) => 2,
            What::Order(_) => 3,
            What::Checkout { .. } => 4,
            What::Received {} => 5,
            What::Notify(_) => 6,
            What::Return(_) => 7,
            What::SecondOpinion { .. } => 8,
            What::Query { .. } => 9,
            What::Close { .. } => 10,
            What::CloseRequested {} => 11,
            What::GivenUp {} => 12,
            What::Delivery(_) => 13,
            What::Endpoint { .. } => 14,
            What::Resolution { .. } => 15,
            What::Redelivery { .. } => 16,
            What::Junk { .. } => 17,
            What::Started { .. } => 18,
            What::ClockJump { .. } => 19,
            What::Overdue {} => 20,
            What::Abandoned { .. } => 21,
            What::Anchor {} => 22,
            What::Adopted { .. } => 23,
            What::RefundRequested(_) => 24,
            What::RefundNumbered { .. } => 27,
            What::RefundSent { .. } => 28,
            What::RefundQuery { .. } => 29,
            What::Note {} => 25,
            What::Statement(_) => 26,
            What::Placed { .. } => 30,
            What::TerminalResult { .. } => 31,
            What::Cancel {} => 32,
            What::Erased { .. } => 33,
            What::Archived { .. } => 34,
        }
    }

    /// The name of a kind by its number.
    #[must_use]
    pub fn kind_name(kind: u8) -> &'static str {
        const NAMES: [&str; 34] = [
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
        usize::from(kind)
            .checked_sub(1)
            .and_then(|index| NAMES.get(index))
            .copied()
            .unwrap_or("unknown")
    }
}

/// SHA-256(salt ‖ body), or of nothing where there is no body.
#[must_use]
pub fn body_hash(body: Option<(&[u8; 16], &[u8])>) -> Hash {
    match body {
        Some((salt, body)) => Sha256::new()
            .chain_update(salt)
            .chain_update(body)
            .finalize()
            .into(),
        None => Sha256::digest([]).into(),
    }
}

/// The hash of an entry.
#[must_use]
pub fn chain_hash(
    prev: &Hash,
    seq: u64,
    time_us: i64,
    kind: u8,
    header: &[u8],
    body_hash: &Hash,
) -> Hash {
    let len = u32::try_from(header.len()).unwrap_or(u32::MAX);
    Sha256::new()
        .chain_update(prev)
        .chain_update(seq.to_be_bytes())
        .chain_update(time_us.to_be_bytes())
        .chain_update([kind])
        .chain_update(len.to_be_bytes())
        .chain_update(header)
        .chain_update(body_hash)
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_kind_is_named_as_it_is_written() {
        let samples = [
            What::Received {},
            What::GivenUp {},
            What::Junk { count: 1 },
            What::Anchor {},
            What::Adopted { epoch: 1 },
            What::Note {},
            What::Placed { accepted: None },
            What::TerminalResult {
                outcome: TerminalOutcome::Timeout,
            },
            What::Cancel {},
            What::Erased {
                before: None,
                bodies: 1,
                personal: 1,
                events: 0,
            },
            What::Archived {
                through: 9,
                entries: 8,
                first: "00".repeat(32),
                ends: Vec::new(),
                earlier: None,
            },
        ];
        for what in samples {
            let written = serde_json::to_value(&what).unwrap();
            assert_eq!(written["kind"], Value::from(What::kind_name(what.kind())));
        }
        assert_eq!(What::kind_name(0), "unknown");
        assert_eq!(What::kind_name(35), "unknown");
    }

    #[test]
    fn a_header_is_canonical_and_reads_back() {
        let mut record = Record::new(
            Direction::In,
            What::Notify(Callback {
                received: Some(7),
                ..Callback::default()
            }),
        );
        record.account = Some("main".into());
        record.answered = Some("success".into());
        let header = record.header().unwrap();
        let expected = r#"{"account":"main","answered":"success","data":{"received":7},"direction":"in","kind":"notify","parser":1}"#;
        assert_eq!(String::from_utf8(header.clone()).unwrap(), expected);
        assert_eq!(Record::parse(&header).unwrap(), record);
    }

    /// Shows that headers are RFC 8785, as an independent library writes it: nested maps, every kind of character.
    #[test]
    fn headers_are_written_as_an_independent_canonicalizer_writes_them() {
        let odd = "\u{0}\u{8}\t\n\u{b}\u{c}\r\u{1f}\"\\/<\u{7f}\u{2028}é测\u{1d11e}";
        let decision = What::Resolution {
            discrepancy: odd.to_owned(),
            decision: ResolutionKind::Ignore,
            note: odd.to_owned(),
        };
        let attempt = What::Delivery(Attempt {
            event: "evt_1".to_owned(),
            endpoint: odd.to_owned(),
            attempt: u32::MAX,
            outcome: Outcome::Failed,
            status: Some(503),
            retry_after_secs: Some(-9_007_199_254_740_991),
        });
        let mut settings = Settings::default();
        let endpoints =
            ["b", "a", "B", "10", "9"].map(|name| (name.to_owned(), Default::default()));
        settings.endpoints = endpoints.into();
        for what in [decision, attempt, What::Settings(settings)] {
            let mut record = Record::new(Direction::Own, what);
            record.reason = Some(odd.to_owned());
            record.order_no = Some(odd.to_owned());
            let expected = serde_json_canonicalizer::to_vec(&record).unwrap();
            assert_eq!(record.header().unwrap(), expected);
            assert_eq!(Record::parse(&expected).unwrap(), record);
        }
    }

    #[test]
    fn the_chain_hash_is_as_published() {
        // Computed apart from this code, from the formula in docs/journal.md.
        let body = body_hash(Some((&[1; 16], b"body")));
        let hash = chain_hash(&[0; 32], 1, 1_700_000_000_000_000, 1, b"{}", &body);
        assert_eq!(
            data_encoding::HEXLOWER.encode(&hash),
            "26ca58cb10053a8ca7cfeed4db5733fec2d9885060bab29244fe9c6dc41b57bf"
        );
    }
}

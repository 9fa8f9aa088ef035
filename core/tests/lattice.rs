//! Shows the one idea: facts only accumulate, so the order of arrival and repetition cannot matter.

use proptest::prelude::*;
use quittance_core::derived::{Derived, derive};
use quittance_core::discrepancy::{DiscrepancyKind, DiscrepancyState};
use quittance_core::entry::{Callback, Direction, Entry, Record, StatementRead, What};
use quittance_core::event::{Event, EventType};
use quittance_core::facts::{Claim, Detail, Facts, Proof, Seen, Sighting, Witness};
use quittance_core::fold::{Memory, Projection, admit, fold};
use quittance_core::gateway::{Address, Evidence, Verdict};
use quittance_core::settings::{Endpoint, Policy, Settings};
use quittance_core::status::Status;
use quittance_core::{Currency, Money, Order, OrderKey, Timestamp};
use std::collections::BTreeSet;

const ACCOUNT: &str = "main";
const ORDER_NO: &str = "A-1";

fn yuan(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn payment(trade_no: &str, minor: i64) -> Claim {
    Claim::Payment {
        trade_no: trade_no.into(),
        amount: yuan(minor),
        payee: "2088".into(),
    }
}

fn so_far(trade_no: &str, minor: i64) -> Claim {
    Claim::RefundedSoFar {
        trade_no: trade_no.into(),
        amount: yuan(minor),
    }
}

/// What can be told of an order of 1.00: paid, paid again, partly and fully refunded, closed, wrong amount, late.
fn tellings() -> Vec<Evidence> {
    let tell = |witness, proof, claim, status: &str| Evidence {
        about: Address::OrderNo(ORDER_NO.into()),
        witness,
        proof,
        claim,
        detail: Detail {
            gateway_status: Some(status.into()),
            ..Detail::default()
        },
    };
    vec![
        tell(
            Witness::Notify,
            Proof::Confirmed,
            payment("T1", 100),
            "TRADE_SUCCESS",
        ),
        tell(
            Witness::Query,
            Proof::Queried,
            payment("T2", 100),
            "TRADE_SUCCESS",
        ),
        tell(
            Witness::Query,
            Proof::Queried,
            so_far("T1", 30),
            "TRADE_SUCCESS",
        ),
        tell(
            Witness::Query,
            Proof::Queried,
            so_far("T1", 100),
            "TRADE_CLOSED",
        ),
        tell(
            Witness::Query,
            Proof::Queried,
            Claim::GatewayClosed {
                reason: "timeout".into(),
            },
            "TRADE_CLOSED",
        ),
        tell(
            Witness::Notify,
            Proof::Confirmed,
            payment("T3", 50),
            "TRADE_SUCCESS",
        ),
        tell(
            Witness::Notify,
            Proof::Confirmed,
            payment("T1", 100),
            "TRADE_FINISHED",
        ),
        tell(
            Witness::Return,
            Proof::Signed,
            payment("T1", 100),
            "TRADE_SUCCESS",
        ),
    ]
}

/// What a statement can tell of the same order: the trade that a notify tells too, the same booked with a fee kept, a
/// trade that nobody else tells, a refund.
fn bookings() -> Vec<Evidence> {
    let book = |about, claim| Evidence {
        about,
        witness: Witness::Statement,
        proof: Proof::Queried,
        claim,
        detail: Detail::default(),
    };
    let order = || Address::OrderNo(ORDER_NO.into());
    let refund = Claim::RefundMarked {
        trade_no: "T1".into(),
    };
    vec![
        book(order(), payment("T1", 100)),
        book(order(), payment("T1", 95)),
        book(order(), payment("T2", 100)),
        book(Address::TradeNo("T1".into()), refund),
    ]
}

fn part() -> StatementRead {
    StatementRead {
        day: "2023-11-14".parse().unwrap(),
        part: 1,
        rows: Some(1),
        others: 0,
        complete: true,
        digest: String::new(),
        asked: Timestamp::UNIX_EPOCH,
    }
}

/// A journal that is written while it is folded, as a store does it.
struct World {
    rows: Memory,
    seq: u64,
}

impl World {
    fn new() -> World {
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
            close: true,
            query_window_secs: None,
            statement: None,
        };
        let settings = Settings {
            accounts: [(ACCOUNT.to_owned(), policy)].into(),
            endpoints: [("shop".to_owned(), Endpoint::default())].into(),
        };
        let mut world = World {
            rows: Memory::default(),
            seq: 0,
        };
        world.append(Record::new(Direction::Own, What::Settings(settings)));
        world
    }

    fn with_order() -> World {
        let mut world = World::new();
        world.create();
        world
    }

    fn create(&mut self) {
        let order = Order {
            key: OrderKey::new(ACCOUNT, ORDER_NO),
            amount: yuan(100),
            subject: "a book".into(),
            body: None,
            extra: None,
            method: None,
            bank: None,
            show_url: None,
            return_to: None,
            terminal: None,
            gateway_options: Default::default(),
            expires_in_secs: None,
            token: "token".into(),
            require: Proof::Confirmed,
        };
        let key = order.key.clone();
        self.append(Record::new(Direction::In, What::Order(Box::new(order))).about(&key));
    }

    fn append(&mut self, record: Record) {
        assert_eq!(admit(&mut self.rows, &record).unwrap(), None);
        self.seq += 1;
        let at = Timestamp::from_second(1_700_000_000 + i64::try_from(self.seq).unwrap()).unwrap();
        // The header is written and read, so that what a refold sees is what is folded here.
        let record = Record::parse(&record.header().unwrap()).unwrap();
        fold(
            &mut self.rows,
            &Entry {
                seq: self.seq,
                at,
                record,
            },
        )
        .unwrap();
    }

    fn tell(&mut self, told: &Evidence) {
        let mut record = match told.witness {
            Witness::Statement => {
                let mut record = Record::new(Direction::Out, What::Statement(part()));
                record.account = Some(ACCOUNT.into());
                record
            }
            _ => Record::new(Direction::In, What::Notify(Callback::default()))
                .about(&OrderKey::new(ACCOUNT, ORDER_NO)),
        };
        record.verdict = Some(Verdict::Genuine);
        record.claims = vec![told.clone()];
        self.append(record);
    }

    fn end(&mut self) -> End {
        let state = self
            .rows
            .order(&OrderKey::new(ACCOUNT, ORDER_NO))
            .unwrap()
            .expect("the order was made");
        let derived = derive(&state);
        let told = |wanted: &dyn Fn(EventType) -> bool| {
            self.rows
                .events
                .iter()
                .filter(|event| wanted(event.kind))
                .cloned()
                .collect::<Vec<Event>>()
        };
        let facts = told(&|kind| {
            matches!(
                kind,
                EventType::PaymentRecorded | EventType::DiscrepancyOpened
            )
        });
        let ids: BTreeSet<String> = self
            .rows
            .events
            .iter()
            .map(|event| event.id.clone())
            .collect();
        assert_eq!(
            ids.len(),
            self.rows.events.len(),
            "an event id was given twice"
        );
        let sequences: Vec<u64> = self
            .rows
            .events
            .iter()
            .map(|event| event.sequence)
            .collect();
        assert_eq!(
            sequences,
            (1..=state.sequence).collect::<Vec<_>>(),
            "the sequence is not dense"
        );
        assert_eq!(self.rows.deliveries.len(), self.rows.events.len());
        let paid_events = told(&|kind| kind == EventType::OrderPaid).len();
        assert!(paid_events <= 1, "order.paid was told twice");
        if derived.net() > 0 {
            assert_eq!(paid_events, 1, "money stands and order.paid was never told");
        }
        End {
            claims: claims(&state.facts),
            status: derived.status,
            discrepancies: derived
                .discrepancies
                .iter()
                .map(|d| (d.kind, d.subject.clone(), d.state))
                .collect(),
            fact_events: facts.into_iter().map(|event| event.id).collect(),
            derived,
        }
    }
}

/// What must be the same for every order of arrival. Times and journal numbers are those of the arrival itself.
#[derive(Clone, PartialEq, Debug)]
struct End {
    claims: Vec<(Claim, Vec<Sighting>)>,
    status: Status,
    discrepancies: BTreeSet<(DiscrepancyKind, String, DiscrepancyState)>,
    fact_events: BTreeSet<String>,
    derived: Derived,
}

impl End {
    fn same_as(&self, other: &End) -> bool {
        self.claims == other.claims
            && self.status == other.status
            && self.discrepancies == other.discrepancies
            && self.fact_events == other.fact_events
            && (self.derived.received, self.derived.refunded)
                == (other.derived.received, other.derived.refunded)
    }
}

fn claims(facts: &Facts) -> Vec<(Claim, Vec<Sighting>)> {
    facts
        .iter()
        .map(|(claim, sightings)| (claim.clone(), sightings.keys().cloned().collect()))
        .collect()
}

fn end_of<'a>(told: impl IntoIterator<Item = &'a Evidence>) -> End {
    let mut world = World::with_order();
    for evidence in told {
        world.tell(evidence);
    }
    world.end()
}

/// The same, where the order is made before the telling of this place, or behind all of them.
fn end_at(told: &[Evidence], position: usize) -> End {
    let mut world = World::new();
    let (before, after) = told.split_at(position);
    before.iter().for_each(|told| world.tell(told));
    world.create();
    after.iter().for_each(|told| world.tell(told));
    let end = world.end();
    assert!(world.rows.parked.is_empty());
    end
}

/// Every order of the items (Heap's algorithm), one after the other.
fn permutations<T: Clone>(items: &[T], see: &mut impl FnMut(&[T])) {
    fn heap<T: Clone>(items: &mut Vec<T>, size: usize, see: &mut impl FnMut(&[T])) {
        if size <= 1 {
            return see(items);
        }
        for index in 0..size {
            heap(items, size - 1, see);
            items.swap(if size.is_multiple_of(2) { index } else { 0 }, size - 1);
        }
    }
    heap(&mut items.to_vec(), items.len(), see);
}

/// Shows that all 40,320 orders of eight tellings end the same, with money standing.
#[test]
fn every_order_of_arrival_ends_the_same() {
    let tellings = tellings();
    let expected = end_of(&tellings);
    assert_eq!(expected.status, Status::Paid);
    assert_eq!(
        (expected.derived.received, expected.derived.refunded),
        (200, 100)
    );
    let kinds: BTreeSet<_> = expected
        .discrepancies
        .iter()
        .map(|(kind, ..)| *kind)
        .collect();
    let wanted = [
        DiscrepancyKind::DuplicatePayment,
        DiscrepancyKind::PaidAfterClose,
        DiscrepancyKind::AmountMismatch,
    ];
    assert_eq!(kinds, BTreeSet::from(wanted));
    let mut seen = 0;
    permutations(&tellings, &mut |order| {
        seen += 1;
        let end = end_of(order);
        assert!(end.same_as(&expected), "{order:?} ends as {end:?}");
    });
    assert_eq!(seen, 40_320);
}

/// Shows the same where tellings contradict each other about one trade, and more comes back than was paid.
#[test]
fn conflicting_tellings_end_the_same_in_every_order() {
    let mut tellings = tellings();
    let mut conflicting = tellings[1].clone();
    conflicting.claim = payment("T1", 50);
    let mut over = tellings[1].clone();
    over.claim = so_far("T1", 70);
    tellings.truncate(3);
    tellings.extend([conflicting, over]);
    let expected = end_of(&tellings);
    let kinds: BTreeSet<_> = expected
        .discrepancies
        .iter()
        .map(|(kind, ..)| *kind)
        .collect();
    let wanted = [
        DiscrepancyKind::DuplicatePayment,
        DiscrepancyKind::AmountMismatch,
        DiscrepancyKind::OverRefund,
        DiscrepancyKind::ConflictingEvidence,
    ];
    assert_eq!(kinds, BTreeSet::from(wanted));
    permutations(&tellings, &mut |order| {
        let end = end_of(order);
        assert!(end.same_as(&expected), "{order:?} ends as {end:?}");
    });
}

/// Shows that bookings end the same whenever they come, the order itself included, and that a booking of another amount
/// never stands: no conflict, no mismatch.
#[test]
fn bookings_end_the_same_in_every_order() {
    let mut told = bookings();
    told.extend([tellings()[0].clone(), tellings()[2].clone()]);
    let expected = end_of(&told);
    assert_eq!(
        (expected.derived.received, expected.derived.refunded),
        (200, 30)
    );
    let kinds: Vec<_> = expected.discrepancies.iter().map(|d| d.0).collect();
    assert_eq!(kinds, [DiscrepancyKind::DuplicatePayment]);
    assert!(
        expected
            .claims
            .iter()
            .all(|(claim, _)| *claim != payment("T1", 95))
    );
    permutations(&told, &mut |order| {
        for position in 0..=order.len() {
            let end = end_at(order, position);
            assert!(end.same_as(&expected), "{order:?} at {position}: {end:?}");
        }
    });
}

/// Shows the small case exhaustively: every sequence of up to four tellings, with repetition, ends as its set does.
#[test]
fn every_short_sequence_ends_as_its_set() {
    let tellings = tellings();
    let mut sequences: Vec<Vec<usize>> = vec![vec![]];
    for _ in 0..4 {
        let longer = sequences
            .iter()
            .filter(|s| s.len() == sequences.last().unwrap().len());
        let longer: Vec<Vec<usize>> = longer
            .flat_map(|s| (0..tellings.len()).map(|next| [s.as_slice(), &[next]].concat()))
            .collect();
        sequences.extend(longer);
    }
    assert_eq!(sequences.len(), 1 + 8 + 64 + 512 + 4096);
    for sequence in sequences {
        let set: BTreeSet<usize> = sequence.iter().copied().collect();
        let end = end_of(sequence.iter().map(|index| &tellings[*index]));
        assert!(
            end.same_as(&end_of(set.iter().map(|index| &tellings[*index]))),
            "{sequence:?}"
        );
    }
}

/// Shows that the order itself may come last, or in between: evidence waits for it (F-57).
#[test]
fn the_order_may_appear_at_any_point() {
    let tellings = &tellings()[..5];
    let expected = end_of(tellings);
    permutations(tellings, &mut |order| {
        for position in 0..=order.len() {
            let end = end_at(order, position);
            assert!(end.same_as(&expected), "{order:?} at {position}: {end:?}");
        }
    });
}

/// Shows that a payment joined together with its full refund says `order.refunded`, never `order.paid`.
#[test]
fn a_payment_with_its_full_refund_is_never_told_as_paid() {
    let mut world = World::with_order();
    let tellings = tellings();
    let mut record = Record::new(Direction::Out, What::Notify(Callback::default()));
    record = record.about(&OrderKey::new(ACCOUNT, ORDER_NO));
    record.verdict = Some(Verdict::Genuine);
    record.claims = vec![tellings[0].clone(), tellings[3].clone()];
    world.append(record);
    let kinds: Vec<EventType> = world.rows.events.iter().map(|event| event.kind).collect();
    assert_eq!(
        kinds,
        [EventType::PaymentRecorded, EventType::OrderRefunded]
    );
    assert_eq!(world.end().status, Status::Refunded);
}

fn any_sighting() -> impl Strategy<Value = (Claim, Sighting, Seen)> {
    let claim = prop_oneof![
        ("T[1-3]", 1_i64..5).prop_map(|(trade, minor)| payment(&trade, minor)),
        ("T[1-3]", 1_i64..5).prop_map(|(trade, minor)| so_far(&trade, minor)),
        Just(Claim::GivenUp),
    ];
    let witness = prop_oneof![
        Just(Witness::Return),
        Just(Witness::Notify),
        Just(Witness::Query),
        Just(Witness::Statement)
    ];
    let proof = prop_oneof![
        Just(Proof::Hint),
        Just(Proof::Signed),
        Just(Proof::Confirmed),
        Just(Proof::Queried)
    ];
    (claim, witness, proof, 0_i64..9).prop_map(|(claim, witness, proof, n)| {
        let seen = Seen {
            at: Timestamp::from_second(n).unwrap(),
            seq: n.unsigned_abs(),
        };
        (
            claim,
            Sighting {
                witness,
                proof,
                detail: Detail::default(),
            },
            seen,
        )
    })
}

fn any_facts() -> impl Strategy<Value = Facts> {
    prop::collection::vec(any_sighting(), 0..8).prop_map(|sightings| {
        let mut facts = Facts::default();
        for (claim, sighting, seen) in sightings {
            facts.join(&Facts::of(claim, sighting, seen));
        }
        facts
    })
}

fn joined(left: &Facts, right: &Facts) -> Facts {
    let mut joined = left.clone();
    joined.join(right);
    joined
}

proptest! {
    /// Shows the laws of a lattice: join is commutative, associative and idempotent, and loses nothing.
    #[test]
    fn join_is_a_lattice(a in any_facts(), b in any_facts(), c in any_facts()) {
        prop_assert_eq!(joined(&a, &b), joined(&b, &a));
        prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
        prop_assert_eq!(joined(&a, &a), a.clone());
        let both = joined(&a, &b);
        prop_assert_eq!(joined(&both, &a), both.clone());
        let written = serde_json::to_string(&both).unwrap();
        prop_assert_eq!(serde_json::from_str::<Facts>(&written).unwrap(), both);
    }
}

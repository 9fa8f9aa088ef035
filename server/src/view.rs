//! What programs see: the JSON of orders, trades, discrepancies, events and journal entries.

use crate::store::{FoundDiscrepancy, Head, JournalRow, Render, Snapshot};
use data_encoding::HEXLOWER;
use quittance_core::codes::Codes;
use quittance_core::derived::{self, Derived, derive};
use quittance_core::discrepancy;
use quittance_core::entry::{Record, What};
use quittance_core::event::{About, Event, EventType};
use quittance_core::facts::{Claim, Proof, Witness};
use quittance_core::gateway::verification::Verification;
use quittance_core::gateway::{Address, Gateway, Opinion, Personal};
use quittance_core::lang::Words;
use quittance_core::refund::{RefundStage, RefundState};
use quittance_core::state::{AccountDiscrepancy, OrderState};
use quittance_core::status::Status;
use quittance_core::{Money, OrderKey, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// An order.
#[derive(Serialize, ToSchema, Debug)]
pub struct Order {
    /// The account.
    pub account: String,
    /// The merchant's number.
    pub order_no: String,
    /// `unpaid`, `paid`, `partially_refunded`, `refunded` or `closed`.
    pub status: &'static str,
    /// Whether a discrepancy is open.
    pub attention: bool,
    /// What is to be paid, as a decimal text.
    pub amount: String,
    /// Three letters.
    pub currency: String,
    /// The title.
    pub subject: String,
    /// The description.
    pub body: Option<String>,
    /// The merchant's own data.
    pub extra: Option<String>,
    /// When the order was made (UTC).
    pub created_at: String,
    /// When it may no longer be paid (UTC).
    pub expires_at: Option<String>,
    /// When it was first paid (UTC, by this server's clock).
    pub paid_at: Option<String>,
    /// When it was first closed (UTC, by this server's clock).
    pub closed_at: Option<String>,
    /// Every trade that was heard of.
    pub trades: Vec<Trade>,
    /// How much of the counted trades is proven to have gone back.
    pub refunded: String,
    /// What was asked to go back, and what the gateway told beyond that.
    pub refunds: Vec<Refund>,
    /// What does not fit.
    pub discrepancies: Vec<Discrepancy>,
    /// How the gateway is being asked.
    pub checks: Checks,
    /// The buyer's page.
    pub pay_url: String,
    /// The number of the order's newest event.
    pub sequence: u64,
}

/// How the gateway is being asked.
#[derive(Serialize, ToSchema, Debug)]
pub struct Checks {
    /// Checks of the schedule that were done.
    pub done: u32,
    /// When the next step is due (UTC).
    pub next_at: Option<String>,
}

/// A trade at the gateway.
#[derive(Serialize, ToSchema, Debug)]
pub struct Trade {
    /// The gateway's number.
    pub trade_no: String,
    /// What was paid.
    pub amount: String,
    /// Three letters.
    pub currency: String,
    /// To whom.
    pub payee: String,
    /// The payer's id, where the gateway told it.
    pub buyer_id: Option<String>,
    /// The payer's e-mail or telephone, where the gateway told it.
    pub buyer_email: Option<String>,
    /// The gateway's status word.
    pub gateway_status: Option<String>,
    /// When the gateway says it was paid (UTC).
    pub paid_at: Option<String>,
    /// When we first heard of it (UTC).
    pub received_at: String,
    /// When it first stood at the required proof (UTC).
    pub processed_at: Option<String>,
    /// `signed`, `confirmed` or `queried`.
    pub proof: &'static str,
    /// `return`, `notify`, `query`.
    pub witnesses: Vec<&'static str>,
    /// Whether it pays the order.
    pub counted: bool,
}

/// A refund that the merchant asked for, or one that the gateway told.
#[derive(Serialize, ToSchema, Debug)]
pub struct Refund {
    /// The merchant's number of it; the gateway's where it was made there, empty where that told only a sum.
    pub refund_no: String,
    /// The trade it is of.
    pub trade_no: String,
    /// How much.
    pub amount: String,
    /// `requested`, `sent`, `unknown`, `succeeded` or `failed`.
    pub status: &'static str,
    /// Why it was asked for.
    pub reason: Option<String>,
    /// The gateway's code, or why its last answer could not be read.
    pub said: Option<String>,
    /// When we asked for it (UTC); `null` where it was made at the gateway.
    pub requested_at: Option<String>,
    /// When we first heard of its end (UTC).
    pub finished_at: Option<String>,
}

/// What does not fit.
#[derive(Serialize, ToSchema, Debug)]
pub struct Discrepancy {
    /// Made of account, order, kind and subject.
    pub id: String,
    /// The account.
    pub account: String,
    /// The order; `null` for one of the account.
    pub order_no: Option<String>,
    /// `duplicate_payment`, `amount_mismatch`, ….
    pub kind: &'static str,
    /// The trade or order it is about.
    pub subject: String,
    /// `open`, `settled` or `resolved`.
    pub state: &'static str,
    /// When it opened (UTC).
    pub opened_at: Option<String>,
    /// What is wrong, in one sentence.
    pub detail: String,
    /// What a person decided.
    pub resolution: Option<Resolution>,
}

/// What a person decided.
#[derive(Serialize, ToSchema, Debug)]
pub struct Resolution {
    /// `accept`, `refunded_elsewhere` or `ignore`.
    pub kind: &'static str,
    /// Why.
    pub note: String,
    /// When (UTC).
    pub at: String,
}

/// An event, which is the body of a webhook too.
#[derive(Serialize, ToSchema, Debug)]
pub struct EventBody {
    /// Stable for life.
    pub id: String,
    /// `order.paid`, ….
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When (UTC).
    pub timestamp: String,
    /// The order's own count: act on the newest.
    pub sequence: u64,
    /// What it is about.
    pub data: EventData,
}

/// What an event is about.
#[derive(Serialize, ToSchema, Debug, Default)]
pub struct EventData {
    /// The order as it stands with this event; `null` for an event of the account.
    pub order: Option<Order>,
    /// The trade, for `payment.recorded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trade: Option<Trade>,
    /// The refund that made the sum grow, for `order.partially_refunded` and `order.refunded`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund: Option<Refund>,
    /// The discrepancy, for `discrepancy.opened`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discrepancy: Option<Discrepancy>,
    /// The journal's head, for `journal.anchor`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<HeadView>,
}

/// The journal's head.
#[derive(Serialize, ToSchema, Debug)]
pub struct HeadView {
    /// The chain's id.
    pub chain: String,
    /// The newest entry's number.
    pub seq: u64,
    /// The newest entry's hash, hexadecimal.
    pub hash: String,
}

/// An entry of the journal.
#[derive(Serialize, ToSchema, Debug)]
pub struct Entry {
    /// Its number.
    pub seq: u64,
    /// The chain's id.
    pub chain: String,
    /// When it was written (UTC).
    pub time: String,
    /// What kind it is.
    pub kind: &'static str,
    /// `in`, `out` or `own`.
    pub direction: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The order.
    pub order_no: Option<String>,
    /// `return`, `notify` or `query`.
    pub witness: Option<String>,
    /// What a callback turned out to be.
    pub verdict: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// What `reason` means, where it is a code of the gateway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explained: Option<Explained>,
    /// The bytes that we answered.
    pub answered: Option<String>,
    /// What belongs to the kind.
    pub data: Value,
    /// The normalised claims.
    pub claims: Value,
    /// Of a callback: the three values of its verification.
    pub verification: Option<ThreeValues>,
    /// Of a callback in an order's journal: the title that came with it, where the gateway tells one back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Of a note: the text; null where it was erased.
    pub note: Option<String>,
    /// Of a delivery: the type of its event.
    pub event_type: Option<String>,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// The hash of the entry before, hexadecimal.
    pub prev: String,
}

/// A code of a gateway explained: the words of `quittance explain`.
#[derive(Serialize, ToSchema, Debug)]
pub struct Explained {
    /// What it means.
    pub meaning: Sentence,
    /// What usually causes it.
    pub cause: Sentence,
    /// What to do.
    pub fix: Sentence,
}

/// A sentence in both languages.
#[derive(Serialize, ToSchema, Debug)]
pub struct Sentence {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

impl From<Words> for Sentence {
    fn from(words: Words) -> Sentence {
        Sentence {
            en: words.en,
            zh: words.zh,
        }
    }
}

impl Entry {
    /// The entry of this row with the title that its message brought, in the account's own charset.
    #[must_use]
    pub fn titled_by(mut self, gateway: &dyn Gateway, row: &JournalRow) -> Entry {
        let message = row
            .message
            .as_deref()
            .filter(|_| self.verification.is_some());
        self.subject = message.and_then(|message| gateway.told_title(message));
        self
    }

    /// The entry with its reason explained, where that is one of these codes.
    #[must_use]
    pub fn explained_by(mut self, codes: &[Codes]) -> Entry {
        let known = |reason: &String| codes.iter().find_map(|codes| codes.get(reason));
        self.explained = self.reason.as_ref().and_then(known).map(|known| Explained {
            meaning: known.meaning.into(),
            cause: known.cause.into(),
            fix: known.fix.into(),
        });
        self
    }
}

/// The three values of a callback's verification, as the gateway's guide has a shop log them. Nothing of a sign that
/// did not fit is ours, and of one that fits only its two ends are shown.
#[derive(Serialize, ToSchema, Debug)]
pub struct ThreeValues {
    /// The sign that we computed: masked, or `different`; null where there was none to compare or it was erased.
    pub mysign: Option<String>,
    /// The sign that came.
    pub sign: Option<String>,
    /// Whether they were equal.
    pub equal: bool,
    /// The name of the key that fitted, where that is a previous one.
    pub key: Option<String>,
    /// What the gateway said of it: `true`, `false`, `unknown` or `not_asked`.
    pub response: &'static str,
}

/// Makes the JSON. It knows where the buyer's pages are.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// What gateways and buyers reach.
    pub public_url: String,
}

impl Viewer {
    /// An order with the personal data that belongs to it.
    #[must_use]
    pub fn order(&self, snapshot: &Snapshot) -> Order {
        self.order_of(
            &snapshot.state,
            &derive(&snapshot.state),
            &snapshot.personal,
        )
    }

    fn order_of(&self, state: &OrderState, derived: &Derived, personal: &[Personal]) -> Order {
        let order = &state.order;
        Order {
            account: order.key.account.clone(),
            order_no: order.key.order_no.clone(),
            status: derived.status.word(),
            attention: derived.attention,
            amount: order.amount.decimal(),
            currency: order.amount.currency.code().to_owned(),
            subject: order.subject.clone(),
            body: order.body.clone(),
            extra: order.extra.clone(),
            created_at: state.created_at.to_string(),
            expires_at: state.expires_at().map(|at| at.to_string()),
            paid_at: state.paid_at.map(|at| at.to_string()),
            closed_at: state.closed_at.map(|at| at.to_string()),
            trades: derived
                .trades
                .iter()
                .map(|trade| trade_view(trade, personal))
                .collect(),
            refunded: Money::new(derived.refunded, order.amount.currency).decimal(),
            refunds: refunds(state),
            discrepancies: derived
                .discrepancies
                .iter()
                .map(|found| discrepancy_view(state, found))
                .collect(),
            checks: Checks {
                done: state.checks.done,
                next_at: state.checks.due_at().map(|at| at.to_string()),
            },
            pay_url: format!("{}/pay/{}", self.public_url, order.token),
            sequence: state.sequence,
        }
    }

    /// A discrepancy wherever it belongs.
    #[must_use]
    pub fn discrepancy(&self, found: &FoundDiscrepancy) -> Option<Discrepancy> {
        match found {
            FoundDiscrepancy::Order(state, id) => {
                let derived = derive(state);
                let found = derived.discrepancies.iter().find(|found| found.id == *id)?;
                Some(discrepancy_view(state, found))
            }
            FoundDiscrepancy::Account { account, id, found } => {
                Some(account_discrepancy(account, id, found))
            }
        }
    }
}

impl Render for Viewer {
    fn event(
        &self,
        event: &Event,
        about: About<'_>,
        personal: &[Personal],
        head: &Head,
    ) -> Vec<u8> {
        let mut data = EventData::default();
        match about {
            About::Order(state, derived) => {
                data.order = Some(self.order_of(state, derived, personal));
                let trade = derived
                    .trades
                    .iter()
                    .find(|trade| trade.trade_no == event.subject);
                data.trade = trade.map(|trade| trade_view(trade, personal));
                let found = derived
                    .discrepancies
                    .iter()
                    .find(|found| found.id == event.subject);
                data.discrepancy = found.map(|found| discrepancy_view(state, found));
                if matches!(
                    event.kind,
                    EventType::OrderPartiallyRefunded | EventType::OrderRefunded
                ) {
                    data.refund = refunds(state)
                        .into_iter()
                        .max_by(|a, b| a.finished_at.cmp(&b.finished_at));
                }
            }
            About::Account(found) => {
                data.discrepancy = Some(account_discrepancy(
                    &event.key.account,
                    &event.subject,
                    found,
                ));
            }
            About::Journal => data.head = Some(head_view(head)),
        }
        let body = EventBody {
            id: event.id.clone(),
            kind: event.kind.word(),
            timestamp: event.at.to_string(),
            sequence: event.sequence,
            data,
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    fn without_personal(&self, body: &[u8]) -> Option<Vec<u8>> {
        let mut body: Value = serde_json::from_slice(body).ok()?;
        erase_buyer(&mut body).then(|| serde_json::to_vec(&body).unwrap_or_default())
    }
}

/// Takes away who the buyer was, wherever a trade says it. Says whether any did.
fn erase_buyer(value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => {
            let mut found = false;
            for (name, value) in fields {
                let buyer = name == "buyer_id" || name == "buyer_email";
                found |= match buyer {
                    true => !value.take().is_null(),
                    false => erase_buyer(value),
                };
            }
            found
        }
        // Each of them, also behind the first that is found.
        Value::Array(values) => values
            .iter_mut()
            .fold(false, |found, value| erase_buyer(value) | found),
        _ => false,
    }
}

/// The journal's head.
#[must_use]
pub fn head_view(head: &Head) -> HeadView {
    HeadView {
        chain: head.chain.clone(),
        seq: head.seq,
        hash: HEXLOWER.encode(&head.hash),
    }
}

/// An entry of the journal.
#[must_use]
pub fn entry_view(row: &JournalRow) -> Entry {
    let header: Value = serde_json::from_slice(&row.header).unwrap_or_default();
    let word = |name: &str| {
        header
            .get(name)
            .and_then(|value| value.as_str())
            .map(str::to_owned)
    };
    let mut data = header.get("data").cloned().unwrap_or_default();
    let record = Record::parse(&row.header).ok();
    let message = row.message.as_deref();
    let verification = record
        .as_ref()
        .and_then(|record| Verification::of(record, message))
        .map(three_values);
    let what = record.map(|record| record.what);
    if let Some(What::Order(_)) = what
        && let Some(order) = data.as_object_mut()
    {
        // The token opens the buyer's page: it is in the chain, not in the listing.
        order.remove("token");
    }
    Entry {
        seq: row.seq,
        chain: row.chain.clone(),
        time: row.at.to_string(),
        kind: What::kind_name(row.kind),
        direction: word("direction"),
        account: word("account"),
        order_no: word("order_no"),
        witness: word("witness"),
        verdict: word("verdict"),
        reason: word("reason"),
        explained: None,
        answered: word("answered"),
        data,
        claims: claims_of(&header, row.names.as_deref()),
        verification,
        subject: None,
        note: message
            .filter(|_| what == Some(What::Note {}))
            .map(|text| String::from_utf8_lossy(text).into_owned()),
        event_type: row.event_type.clone(),
        hash: HEXLOWER.encode(&row.hash),
        prev: HEXLOWER.encode(&row.prev),
    }
}

/// The claims of an entry; where an order's entries are listed, those that are about it.
fn claims_of(header: &Value, names: Option<&BTreeSet<Address>>) -> Value {
    let about = |claim: &Value| {
        let about = claim.get("about").cloned().unwrap_or_default();
        serde_json::from_value::<Address>(about).ok()
    };
    let meant = |claim: &&Value| {
        names.is_none_or(|names| about(claim).is_some_and(|about| names.contains(&about)))
    };
    let claims = header.get("claims").and_then(|claims| claims.as_array());
    claims
        .into_iter()
        .flatten()
        .filter(meant)
        .cloned()
        .collect()
}

fn three_values(verification: Verification) -> ThreeValues {
    ThreeValues {
        mysign: verification.mysign,
        sign: verification.sign,
        equal: verification.equal,
        key: verification.key,
        response: match verification.response {
            Some(Opinion::True) => "true",
            Some(Opinion::False) => "false",
            Some(Opinion::Unknown) => "unknown",
            None => "not_asked",
        },
    }
}

/// The status of an order, from its facts.
#[must_use]
pub fn status_of(state: &OrderState) -> Status {
    derive(state).status
}

fn trade_view(trade: &derived::Trade, personal: &[Personal]) -> Trade {
    let known = |name: &str| {
        let found = personal
            .iter()
            .find(|p| p.subject == trade.trade_no && p.name == name);
        found.map(|found| found.value.clone())
    };
    Trade {
        trade_no: trade.trade_no.clone(),
        amount: trade.amount.decimal(),
        currency: trade.amount.currency.code().to_owned(),
        payee: trade.payee.clone(),
        buyer_id: known("buyer_id"),
        buyer_email: known("buyer_email"),
        gateway_status: trade.gateway_status.clone(),
        paid_at: trade.paid_at.map(|at| at.to_string()),
        received_at: trade.received_at.to_string(),
        processed_at: trade.processed_at.map(|at| at.to_string()),
        proof: proof_word(trade.proof),
        witnesses: trade
            .witnesses
            .iter()
            .map(|witness| witness_word(*witness))
            .collect(),
        counted: trade.counted,
    }
}

/// The refund of this number that the merchant asked for.
#[must_use]
pub fn refund(state: &OrderState, refund_no: &str) -> Option<Refund> {
    let known = state.refunds.get(refund_no)?;
    Some(refund_of(refund_no, known))
}

fn refund_of(refund_no: &str, refund: &RefundState) -> Refund {
    Refund {
        refund_no: refund_no.to_owned(),
        trade_no: refund.trade_no.clone(),
        amount: refund.amount.decimal(),
        status: refund.stage.word(),
        reason: refund.reason.clone(),
        said: refund.said.clone(),
        requested_at: Some(refund.requested_at.to_string()),
        finished_at: refund.stage.ended_at().map(|at| at.to_string()),
    }
}

/// The refunds that the merchant asked for, and those that counting claims tell beyond them: each item, and what a
/// trade's watermark says beyond its items.
fn refunds(state: &OrderState) -> Vec<Refund> {
    let asked_for = state.refunds.iter();
    let mut refunds: Vec<Refund> = asked_for
        .map(|(refund_no, refund)| refund_of(refund_no, refund))
        .collect();
    let mut known: BTreeMap<&str, i64> = BTreeMap::new();
    let mut beyond: BTreeMap<&str, (i64, Money, Timestamp)> = BTreeMap::new();
    for refund in state.refunds.values() {
        if matches!(refund.stage, RefundStage::Succeeded { .. }) {
            *known.entry(&refund.trade_no).or_default() += refund.amount.minor;
        }
    }
    for (claim, sightings) in state.facts.counting(state.order.require) {
        let Some(finished_at) = sightings.values().min().map(|seen| seen.at) else {
            continue;
        };
        match claim {
            Claim::RefundItem {
                refund_no,
                trade_no,
                amount,
                succeeded,
            } if !state
                .refunds
                .values()
                .any(|refund| refund.has_been(refund_no)) =>
            {
                if *succeeded {
                    *known.entry(trade_no).or_default() += amount.minor;
                }
                let status = if *succeeded { "succeeded" } else { "failed" };
                refunds.push(told(refund_no, trade_no, *amount, status, finished_at));
            }
            Claim::RefundedSoFar { trade_no, amount } => {
                let most = beyond.entry(trade_no).or_insert((0, *amount, finished_at));
                if amount.minor > most.0 {
                    *most = (amount.minor, *amount, finished_at);
                }
            }
            _ => {}
        }
    }
    for (trade_no, (sum, amount, finished_at)) in beyond {
        let rest = sum - known.get(trade_no).copied().unwrap_or_default();
        if rest > 0 {
            let rest = Money::new(rest, amount.currency);
            refunds.push(told("", trade_no, rest, "succeeded", finished_at));
        }
    }
    refunds
}

/// A refund that was made at the gateway.
fn told(
    refund_no: &str,
    trade_no: &str,
    amount: Money,
    status: &'static str,
    finished_at: Timestamp,
) -> Refund {
    Refund {
        refund_no: refund_no.to_owned(),
        trade_no: trade_no.to_owned(),
        amount: amount.decimal(),
        status,
        reason: None,
        said: None,
        requested_at: None,
        finished_at: Some(finished_at.to_string()),
    }
}

fn discrepancy_view(state: &OrderState, found: &derived::Discrepancy) -> Discrepancy {
    let OrderKey { account, order_no } = state.order.key.clone();
    Discrepancy {
        id: found.id.clone(),
        account,
        order_no: Some(order_no),
        kind: found.kind.word(),
        subject: found.subject.clone(),
        state: found.state.word(),
        opened_at: state.opened.get(&found.id).map(Timestamp::to_string),
        detail: found.detail.clone(),
        resolution: state.resolutions.get(&found.id).map(resolution_view),
    }
}

fn account_discrepancy(account: &str, id: &str, found: &AccountDiscrepancy) -> Discrepancy {
    Discrepancy {
        id: id.to_owned(),
        account: account.to_owned(),
        order_no: None,
        kind: found.kind.word(),
        subject: found.subject.clone(),
        state: found.state().word(),
        opened_at: Some(found.opened_at.to_string()),
        detail: found.detail.clone(),
        resolution: found.resolution.as_ref().map(resolution_view),
    }
}

fn resolution_view(resolution: &discrepancy::Resolution) -> Resolution {
    Resolution {
        kind: resolution.kind.word(),
        note: resolution.note.clone(),
        at: resolution.at.to_string(),
    }
}

fn proof_word(proof: Proof) -> &'static str {
    match proof {
        Proof::Hint => "hint",
        Proof::Signed => "signed",
        Proof::Confirmed => "confirmed",
        Proof::Queried => "queried",
    }
}

fn witness_word(witness: Witness) -> &'static str {
    match witness {
        Witness::Return => "return",
        Witness::Notify => "notify",
        Witness::Query => "query",
        Witness::Statement => "statement",
    }
}

//! What the fields of a transaction claim. Notifications and answers name them alike (note 2.5, 3).

use super::{Account, words};
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::flat::Flat;
use crate::gateway::{Address, Evidence, Personal, wall};
use crate::money::{Currency, Money};
use crate::sabotage::{Defence, removed};

/// The state of a transaction (note 2.2). It is not 0, 1, 2, 3 in the order that one would guess.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// `9`: made, waits at the terminal or on the page.
    Created,
    /// `0`: somebody is paying.
    Going,
    /// `1`: closed, failed, declined, expired or cancelled before it was paid. For good.
    Failed,
    /// `2`: the only state that is money.
    Succeeded,
    /// `3`: it succeeded and was undone.
    Undone,
}

impl Status {
    /// The status of exactly this word; every other word is none (SEC-045).
    pub(super) fn of(word: &str) -> Option<Status> {
        match word {
            "9" if removed(Defence::StatusCompare) => Some(Status::Succeeded),
            "9" => Some(Status::Created),
            "0" => Some(Status::Going),
            "1" => Some(Status::Failed),
            "2" => Some(Status::Succeeded),
            "3" => Some(Status::Undone),
            _ => None,
        }
    }

    /// Its word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Status::Created => "9",
            Status::Going => "0",
            Status::Failed => "1",
            Status::Succeeded => "2",
            Status::Undone => "3",
        }
    }

    /// Whether it may change by itself.
    pub(super) fn waits(self) -> bool {
        matches!(self, Status::Created | Status::Going)
    }
}

/// Why a message about a transaction is not believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Fault {
    /// A critical value is missing, out of format, or contradicts another.
    #[error("{0}")]
    Unclear(String),
    /// It names a payee that is not ours.
    #[error("the payee is another one: {0} is not the account's")]
    OtherPayee(&'static str),
}

pub(super) fn unclear(reason: &str) -> Fault {
    Fault::Unclear(reason.to_owned())
}

/// What a message about one sale says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    /// How it stands.
    pub(super) status: Status,
    /// The gateway's own reason, where it gives one.
    pub(super) reason: Option<String>,
    /// What follows from it.
    pub(super) claims: Vec<Claim>,
    /// What this telling adds.
    pub(super) detail: Detail,
}

impl Told {
    /// The claims as evidence about this order.
    pub(super) fn evidence(self, order_no: &str, witness: Witness, proof: Proof) -> Vec<Evidence> {
        let evidence = |claim| Evidence {
            about: Address::OrderNo(order_no.to_owned()),
            witness,
            proof,
            claim,
            detail: self.detail.clone(),
        };
        self.claims.into_iter().map(evidence).collect()
    }
}

/// The order's number, in strict format.
pub(super) fn order_no(fields: &Flat) -> Option<&str> {
    fields
        .get("merchant_order_no")
        .filter(|number| words::is_order_no(number))
}

/// The transaction's number, in strict format.
pub(super) fn trade_no(fields: &Flat) -> Option<&str> {
    fields
        .get("trans_no")
        .filter(|number| words::is_trade_no(number))
}

/// Whether the payee is ours, as far as the message names one (SEC-026, SEC-035). Notifications name both, answers may
/// name neither: they are bound by the key and by the number that was asked for.
pub(super) fn check_payee(account: &Account, fields: &Flat) -> Result<(), Fault> {
    let ours = [
        ("app_id", &account.settings.app_id),
        ("merchant_no", &account.settings.merchant_no),
    ];
    let other = ours
        .iter()
        .find(|(name, own)| fields.get(name).is_some_and(|named| named != *own));
    match other {
        Some((name, _)) if !removed(Defence::PayeeCompare) => Err(Fault::OtherPayee(name)),
        _ => Ok(()),
    }
}

/// Reads a sale.
pub(super) fn read(account: &Account, fields: &Flat) -> Result<Told, Fault> {
    let word = fields
        .get("trans_status")
        .ok_or_else(|| unclear("trans_status is missing"))?;
    let status = Status::of(word)
        .ok_or_else(|| unclear("trans_status is not in the list of this gateway"))?;
    order_no(fields).ok_or_else(|| unclear("merchant_order_no is missing or not in its format"))?;
    let trade_no = trade_no(fields);
    let reason = words::reason(
        fields.get("trans_error_code"),
        fields.get("trans_error_msg"),
    );
    let mut claims = Vec::new();
    if matches!(status, Status::Succeeded | Status::Undone) {
        let trade_no =
            trade_no.ok_or_else(|| unclear("trans_no is missing or not in its format"))?;
        let amount = amount(fields)?;
        claims.push(Claim::Payment {
            trade_no: trade_no.to_owned(),
            amount,
            payee: account.settings.merchant_no.clone(),
        });
        if status == Status::Undone {
            claims.push(Claim::RefundedSoFar {
                trade_no: trade_no.to_owned(),
                amount,
            });
        }
    }
    let paid_at = fields.get("trans_end_time").filter(|_| !claims.is_empty());
    Ok(Told {
        status,
        reason,
        claims,
        detail: Detail {
            gateway_status: Some(word.to_owned()),
            payer: None,
            // Times are UTC (note 1.1).
            paid_at: paid_at.and_then(|time| wall::read(time, &wall::clock(0))),
        },
    })
}

/// What was paid of the order: the base amount, without tip and cashback, and no more than was transacted. An older
/// message has the transacted amount alone (note 3).
pub(super) fn amount(fields: &Flat) -> Result<Money, Fault> {
    let currency = fields
        .get("price_currency")
        .and_then(|code| Currency::parse(code).ok())
        .ok_or_else(|| unclear("price_currency is missing or none that is known here"))?;
    let read = |name: &str| match fields.get(name) {
        None => Ok(None),
        Some(text) => Money::parse(text, currency)
            .map(Some)
            .map_err(|error| Fault::Unclear(format!("{name}: {error}"))),
    };
    match (read("order_amount")?, read("trans_amount")?) {
        (Some(ordered), Some(transacted)) => Ok(ordered.min(transacted)),
        (Some(amount), None) | (None, Some(amount)) => Ok(amount),
        (None, None) => Err(unclear("order_amount and trans_amount are missing")),
    }
}

/// Who paid, as far as it is told: a masked card or a wallet's user (note 2.5).
pub(super) fn personal(fields: &Flat, claims: &[Evidence]) -> Vec<Personal> {
    let trade_no = claims.iter().find_map(|told| match &told.claim {
        Claim::Payment { trade_no, .. } => Some(trade_no),
        _ => None,
    });
    let payer = trade_no.zip(fields.get("pay_user_account_id"));
    let personal = payer.map(|(trade_no, payer)| Personal {
        subject: trade_no.clone(),
        name: "buyer_id".to_owned(),
        value: payer.to_owned(),
    });
    personal.into_iter().collect()
}

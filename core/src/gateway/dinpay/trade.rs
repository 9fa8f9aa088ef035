//! What the fields of a trade claim. Callbacks and the answer to a query name them alike (note 2.2, 3.2).

use super::{Account, words};
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::gateway::beijing;
use crate::gateway::{Address, Evidence};
use crate::money::{Currency, Money};
use crate::params::Params;
use crate::sabotage::{Defence, removed};
use std::borrow::Cow;

/// The state of a trade (note 2.2, 3.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    /// `SUCCESS`, the only word that is money.
    Paid,
    /// `UNPAY`: made and unpaid.
    Waiting,
    /// `FAILED`: a try went wrong. Nothing says that no other may follow, so this claims nothing either.
    Failed,
}

impl Status {
    /// The status of exactly this word; every other word is none (SEC-045).
    pub(super) fn of(word: &str) -> Option<Status> {
        match word {
            "SUCCESS" => Some(Status::Paid),
            "UNPAY" if removed(Defence::StatusCompare) => Some(Status::Paid),
            "UNPAY" => Some(Status::Waiting),
            "FAILED" => Some(Status::Failed),
            _ => None,
        }
    }
}

/// Why a message about a trade is not believed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum Fault {
    /// A critical value is missing, out of format, or contradicts another.
    #[error("{0}")]
    Unclear(String),
    /// It names a payee that is not ours.
    #[error("the payee is another one: merchant_code is not the account's")]
    OtherPayee,
}

/// What a message about a trade says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    /// How the trade stands.
    pub(super) status: Status,
    /// What follows from it.
    pub(super) claim: Option<Claim>,
    /// What this telling adds.
    pub(super) detail: Detail,
}

impl Told {
    /// The claim as evidence about this order.
    pub(super) fn evidence(self, order_no: &str, witness: Witness, proof: Proof) -> Vec<Evidence> {
        let evidence = |claim| Evidence {
            about: Address::OrderNo(order_no.to_owned()),
            witness,
            proof,
            claim,
            detail: self.detail,
        };
        self.claim.map(evidence).into_iter().collect()
    }
}

/// The value of this name as text, where it is there and not empty: an empty one is not signed. What is no UTF-8
/// becomes a text that fits no strict format.
pub(super) fn text<'a>(params: &'a Params, name: &str) -> Option<Cow<'a, str>> {
    params
        .get(name)
        .filter(|value| !value.is_empty())
        .map(String::from_utf8_lossy)
}

/// The order's number, in strict format.
pub(super) fn order_no(params: &Params) -> Option<String> {
    text(params, "order_no")
        .filter(|number| words::is_order_no(number))
        .map(Cow::into_owned)
}

/// The trade's number, in strict format.
pub(super) fn trade_no(params: &Params) -> Option<String> {
    text(params, "trade_no")
        .filter(|number| words::is_trade_no(number))
        .map(Cow::into_owned)
}

/// Whether the payee is ours (SEC-026, SEC-035). Every message of this gateway names it.
pub(super) fn check_payee(account: &Account, params: &Params) -> Result<(), Fault> {
    match text(params, "merchant_code") {
        None => Err(unclear("merchant_code is missing")),
        Some(code) if code == account.settings.merchant_code => Ok(()),
        Some(_) if removed(Defence::PayeeCompare) => Ok(()),
        Some(_) => Err(Fault::OtherPayee),
    }
}

/// Reads a trade. `trade_time` of a paid one is taken for the time of the payment: no other is told (inferred).
pub(super) fn read(account: &Account, params: &Params) -> Result<Told, Fault> {
    let word = text(params, "trade_status").ok_or_else(|| unclear("trade_status is missing"))?;
    let status = Status::of(&word)
        .ok_or_else(|| unclear("trade_status is not in the list of this gateway"))?;
    order_no(params).ok_or_else(|| unclear("order_no is missing or not in its format"))?;
    let number =
        trade_no(params).ok_or_else(|| unclear("trade_no is missing or not in its format"))?;
    let amount = amount(params)?;
    let paid = status == Status::Paid;
    let time = text(params, "trade_time").filter(|_| paid);
    Ok(Told {
        status,
        claim: paid.then(|| Claim::Payment {
            trade_no: number,
            amount,
            payee: account.settings.merchant_code.clone(),
        }),
        detail: Detail {
            gateway_status: Some(word.into_owned()),
            payer: None,
            paid_at: time.and_then(|time| beijing::read(&time)),
        },
    })
}

/// What is to be paid: with up to two decimals, as the merchant sent it or without trailing zeros (note 2.2).
fn amount(params: &Params) -> Result<Money, Fault> {
    let text = text(params, "order_amount").ok_or_else(|| unclear("order_amount is missing"))?;
    let amount = Money::parse(&text, Currency::CNY)
        .map_err(|error| Fault::Unclear(format!("order_amount: {error}")))?;
    match amount.minor >= words::AMOUNT_MIN {
        true => Ok(amount),
        false => Err(unclear("order_amount is zero")),
    }
}

pub(super) fn unclear(what: &str) -> Fault {
    Fault::Unclear(what.to_owned())
}

//! What the fields of a trade claim. Callbacks and the answer to a query name them alike (note 2.2, 5.1).

use super::settings::Seller;
use super::{Account, beijing, words};
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::gateway::{Address, Evidence, Personal};
use crate::money::{Currency, Money};
use crate::params::Params;
use crate::sabotage::{Defence, removed};
use std::borrow::Cow;

/// The state of a trade (note 2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Status {
    /// Made and unpaid, or paid to a frozen seller: nothing that the merchant has.
    Waiting,
    /// `TRADE_SUCCESS` of the advanced product, `TRADE_FINISHED` of the basic one. Both are paid.
    Paid,
    /// Closed unpaid, or refunded in full.
    Closed,
}

impl Status {
    /// The status of exactly this word; every other word is none (SEC-045).
    pub(super) fn of(word: &str) -> Option<Status> {
        match word {
            "WAIT_BUYER_PAY" if removed(Defence::StatusCompare) => Some(Status::Paid),
            "WAIT_BUYER_PAY" | "TRADE_PENDING" => Some(Status::Waiting),
            "TRADE_SUCCESS" | "TRADE_FINISHED" => Some(Status::Paid),
            "TRADE_CLOSED" => Some(Status::Closed),
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
    #[error("the payee is another one: {0}")]
    OtherPayee(&'static str),
}

/// What a message about a trade says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    /// How the trade stands.
    pub(super) status: Status,
    /// What follows from it.
    pub(super) claims: Vec<Claim>,
    /// What this telling adds.
    pub(super) detail: Detail,
}

impl Told {
    /// Whether it says that the trade was closed unpaid.
    pub(super) fn closes(&self) -> bool {
        matches!(self.claims.as_slice(), [Claim::GatewayClosed { .. }])
    }

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
    text(params, "out_trade_no")
        .filter(|number| words::is_order_no(number))
        .map(Cow::into_owned)
}

/// The trade's number, in strict format.
pub(super) fn trade_no(params: &Params) -> Option<String> {
    text(params, "trade_no")
        .filter(|number| words::is_trade_no(number))
        .map(Cow::into_owned)
}

/// An amount: `None` where there is none.
pub(super) fn amount(params: &Params, name: &'static str) -> Result<Option<Money>, Fault> {
    text(params, name)
        .map(|text| Money::parse(&text, Currency::CNY))
        .transpose()
        .map_err(|error| Fault::Unclear(format!("{name}: {error}")))
}

/// The payer's number and login, which must not stand in a header.
pub(super) fn personal(account: &Account, params: &Params) -> Vec<Personal> {
    let subject = trade_no(params).unwrap_or_default();
    let known = |name: &str| {
        params
            .get(name)
            .filter(|value| !value.is_empty())
            .map(|value| Personal {
                subject: subject.clone(),
                name: name.to_owned(),
                value: account.settings.charset.display(value),
            })
    };
    ["buyer_id", "buyer_email"]
        .into_iter()
        .filter_map(known)
        .collect()
}

/// Whether the payee is ours (SEC-026, SEC-035). A message that names none is bound by its key alone.
pub(super) fn check_payee(account: &Account, params: &Params) -> Result<(), Fault> {
    if removed(Defence::PayeeCompare) {
        return Ok(());
    }
    let id = text(params, "seller_id");
    let email = text(params, "seller_email");
    if id.as_deref().is_some_and(|id| id != account.payee_id()) {
        return Err(Fault::OtherPayee("seller_id is not the account's"));
    }
    match (&account.settings.seller, email) {
        // A login is an e-mail address or a number: its letter case means nothing.
        (Some(Seller::Email(ours)), Some(email)) if !email.eq_ignore_ascii_case(ours) => {
            Err(Fault::OtherPayee("seller_email is not the account's"))
        }
        (Some(Seller::Email(_)), _) | (_, None) => Ok(()),
        (_, Some(_)) if id.is_some() => Ok(()),
        (_, Some(_)) => Err(Fault::Unclear(
            "the payee is named by seller_email only, which the account does not know: set seller_email"
                .to_owned(),
        )),
    }
}

/// Reads a trade. `refunded` is the sum paid back so far, where the message can tell it: only a query's answer can.
pub(super) fn read(
    account: &Account,
    params: &Params,
    refunded: Option<Money>,
) -> Result<Told, Fault> {
    let unclear = |what: &str| Fault::Unclear(what.to_owned());
    let word = text(params, "trade_status").ok_or_else(|| unclear("trade_status is missing"))?;
    let status = Status::of(&word)
        .ok_or_else(|| unclear("trade_status is not in the list of this gateway"))?;
    order_no(params).ok_or_else(|| unclear("out_trade_no is missing or not in its format"))?;
    let number = trade_no(params);
    if number.is_none() && text(params, "trade_no").is_some() {
        return Err(unclear("trade_no is not in its format"));
    }
    let fee = amount(params, "total_fee")?;
    let marks = Marks::of(params, refunded)?;
    let claims = match (status, marks.any()) {
        (Status::Waiting, true) => {
            return Err(unclear("a refund of a trade that is not paid"));
        }
        (Status::Waiting, false) => Vec::new(),
        (Status::Closed, false) if text(params, "gmt_payment").is_some() => {
            return Err(unclear(
                "the trade is closed, was paid, and shows no refund",
            ));
        }
        (Status::Closed, false) => vec![Claim::GatewayClosed {
            reason: "trade_closed".to_owned(),
        }],
        (Status::Paid | Status::Closed, _) => {
            let number = number.ok_or_else(|| unclear("trade_no is missing"))?;
            let fee = fee
                .filter(|fee| fee.minor >= words::AMOUNT_MIN)
                .ok_or_else(|| unclear("total_fee is missing or zero"))?;
            let refund = marks.claim(status, &number, fee);
            let payment = Claim::Payment {
                trade_no: number,
                amount: fee,
                payee: account.payee_name().to_owned(),
            };
            std::iter::once(payment).chain(refund).collect()
        }
    };
    let detail = Detail {
        gateway_status: Some(word.into_owned()),
        payer: None,
        paid_at: text(params, "gmt_payment").and_then(|time| beijing::read(&time)),
    };
    Ok(Told {
        status,
        claims,
        detail,
    })
}

/// The marks of a refund on a trade (note 2.4).
struct Marks {
    /// `refund_status=REFUND_SUCCESS`, or a refund's time without a word that it was called off.
    marked: bool,
    /// What has been paid back so far, where it is told and not zero.
    so_far: Option<Money>,
}

impl Marks {
    fn of(params: &Params, refunded: Option<Money>) -> Result<Marks, Fault> {
        let timed = text(params, "gmt_refund").is_some();
        let marked = match text(params, "refund_status").as_deref() {
            Some(words::REFUND_SUCCESS) => true,
            Some(words::REFUND_CLOSED) => false,
            None => timed,
            Some(_) => {
                return Err(Fault::Unclear(
                    "refund_status is not in the list of this gateway".to_owned(),
                ));
            }
        };
        Ok(Marks {
            marked,
            so_far: refunded.filter(|sum| sum.minor > 0),
        })
    }

    fn any(&self) -> bool {
        self.marked || self.so_far.is_some()
    }

    /// A closed trade with marks was refunded in full; on any other only a sum says how much.
    fn claim(&self, status: Status, trade_no: &str, fee: Money) -> Option<Claim> {
        let trade_no = trade_no.to_owned();
        let in_full = (status == Status::Closed && self.marked).then_some(fee);
        match in_full.or(self.so_far) {
            Some(amount) => Some(Claim::RefundedSoFar { trade_no, amount }),
            None => self.marked.then_some(Claim::RefundMarked { trade_no }),
        }
    }
}

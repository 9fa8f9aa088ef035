//! The outcome of a batch of refunds: `batch_refund_notify` (note 5.3, vector M11).

use super::trade::{Fault, text};
use super::words;
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::gateway::{Address, Evidence};
use crate::money::{Currency, Money};
use crate::params::Params;
use std::collections::BTreeMap;

/// Every item as a refund of its trade, under the number of the batch: a trade stands in a batch only once.
pub(super) fn read(params: &Params) -> Result<Vec<Evidence>, Fault> {
    let batch_no = text(params, "batch_no")
        .filter(|number| words::is_batch_no(number))
        .ok_or_else(|| unclear("batch_no is missing or not in its format"))?;
    let details =
        text(params, "result_details").ok_or_else(|| unclear("result_details is missing"))?;
    let mut items = BTreeMap::new();
    for part in details.split('#') {
        let item =
            item(part).ok_or_else(|| unclear("an item of result_details is not in its format"))?;
        if items.insert(item.trade_no.clone(), item).is_some() {
            return Err(unclear("result_details names a trade twice"));
        }
    }
    let succeeded = items.values().filter(|item| item.succeeded()).count();
    if text(params, "success_num").is_some_and(|told| told != succeeded.to_string()) {
        return Err(unclear(
            "success_num is not the number of items that succeeded",
        ));
    }
    Ok(items
        .into_values()
        .map(|item| evidence(&batch_no, item, Witness::Notify, Proof::Signed))
        .collect())
}

/// What became of the refund of one trade.
pub(super) struct Item {
    /// The trade.
    pub(super) trade_no: String,
    /// What was to be paid back.
    pub(super) amount: Money,
    /// `SUCCESS`, or the code of a refusal.
    pub(super) result: String,
}

impl Item {
    /// Whether the money went back.
    pub(super) fn succeeded(&self) -> bool {
        self.result == words::SUCCESS
    }
}

/// `trade_no^amount^RESULT`, behind which the refund of a fee may stand after a `$`: that is between the merchant and
/// others, and none of the order's money.
pub(super) fn item(text: &str) -> Option<Item> {
    let refund = text.split('$').next()?;
    let mut parts = refund.split('^');
    let (trade_no, amount, result) = (parts.next()?, parts.next()?, parts.next()?);
    let word = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let good = parts.next().is_none()
        && words::is_trade_no(trade_no)
        && (1..=64).contains(&result.len())
        && result.bytes().all(word);
    let amount = Money::parse(amount, Currency::CNY)
        .ok()
        .filter(|amount| amount.minor >= words::AMOUNT_MIN)?;
    good.then(|| Item {
        trade_no: trade_no.to_owned(),
        amount,
        result: result.to_owned(),
    })
}

/// The item as evidence about its trade.
pub(super) fn evidence(batch_no: &str, item: Item, witness: Witness, proof: Proof) -> Evidence {
    Evidence {
        about: Address::TradeNo(item.trade_no.clone()),
        witness,
        proof,
        claim: Claim::RefundItem {
            refund_no: batch_no.to_owned(),
            succeeded: item.succeeded(),
            trade_no: item.trade_no,
            amount: item.amount,
        },
        detail: Detail {
            gateway_status: Some(item.result),
            ..Detail::default()
        },
    }
}

fn unclear(what: &str) -> Fault {
    Fault::Unclear(what.to_owned())
}

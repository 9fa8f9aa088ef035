//! The outcome of a batch of refunds: `batch_refund_notify` (note 5.3, vector M11).

use super::trade::{Fault, text};
use super::words;
use crate::facts::{Claim, Detail, Proof, Witness};
use crate::gateway::{Address, Evidence};
use crate::money::{Currency, Money};
use crate::params::Params;
use std::collections::BTreeMap;

/// The words of an item that went well.
const SUCCESS: &str = "SUCCESS";

/// Every item as a refund of its trade, numbered by the batch and the trade: a trade stands in a batch only once.
pub(super) fn read(params: &Params) -> Result<Vec<Evidence>, Fault> {
    let batch_no = text(params, "batch_no")
        .filter(|number| {
            (11..=32).contains(&number.len())
                && number.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
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
    let succeeded = items.values().filter(|item| item.result == SUCCESS).count();
    if text(params, "success_num").is_some_and(|told| told != succeeded.to_string()) {
        return Err(unclear(
            "success_num is not the number of items that succeeded",
        ));
    }
    Ok(items
        .into_values()
        .map(|item| evidence(&batch_no, item))
        .collect())
}

struct Item {
    trade_no: String,
    amount: Money,
    result: String,
}

/// `trade_no^amount^RESULT`, behind which the refund of a fee may stand after a `$`: that is between the merchant and
/// others, and none of the order's money.
fn item(text: &str) -> Option<Item> {
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

fn evidence(batch_no: &str, item: Item) -> Evidence {
    Evidence {
        about: Address::TradeNo(item.trade_no.clone()),
        witness: Witness::Notify,
        proof: Proof::Signed,
        claim: Claim::RefundItem {
            refund_no: format!("{batch_no}:{}", item.trade_no),
            trade_no: item.trade_no,
            amount: item.amount,
            succeeded: item.result == SUCCESS,
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

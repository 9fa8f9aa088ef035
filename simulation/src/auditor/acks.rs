//! Ack means stored. An ack is right only where the journal holds, at the moment of the look, an entry `notify` of that
//! account with these very bytes, genuine, answered with the ack word, each claim of which counts, or stands counted
//! already, or can only be proven by a query. One that says that a trade was paid must have claimed it. What claims
//! nothing may be acked. What the gateway did not send is never acked.

use super::header::{About, Claim};
use super::known::{Heard, Known};
use super::promise::{Broken, Promise};
use super::rules::{AccountRule, Rules, rank};
use super::wire::Form;
use crate::truth::{Callback, Name};

pub(super) fn check(rules: &Rules, known: &Known, callback: &Callback, found: &mut Vec<Broken>) {
    if !callback.acked {
        return;
    }
    let form = Form::read(&callback.body);
    let order_no = form.order_no().unwrap_or_default();
    let name = Name::new(&callback.account, order_no);
    if !callback.genuine {
        return found.push(Broken::about(
            Promise::NeverUnverified,
            &name,
            format!(
                "a callback of {} bytes was acked that the gateway never sent to this account",
                callback.body.len()
            ),
        ));
    }
    let Some(rule) = rules.get(&callback.account) else {
        return found.push(Broken::about(
            Promise::NeverUnverified,
            &name,
            "a callback was acked at an account that nobody set up".to_owned(),
        ));
    };
    let heard = known.heard(&callback.account, &callback.body);
    let Some(acked) = heard
        .iter()
        .find(|heard| heard.answered == rule.ack && heard.verdict == "genuine")
    else {
        let what = match heard.last() {
            None => format!(
                "a callback of {} bytes was acked, and no entry holds its bytes",
                callback.body.len()
            ),
            Some(last) => format!(
                "a callback was acked that entry {} calls {} and answered with {:?}",
                last.seq, last.verdict, last.answered
            ),
        };
        return found.push(Broken::about(Promise::AckMeansStored, &name, what));
    };
    if let Some(trade_no) = form.paid_trade()
        && !acked.claims.iter().any(|claim| {
            claim
                .payment()
                .is_some_and(|(claimed, _)| claimed == trade_no)
        })
    {
        found.push(Broken::about(
            Promise::AckMeansStored,
            &name,
            format!(
                "entry {} acks the payment {trade_no} and does not claim it",
                acked.seq
            ),
        ));
    }
    standing(rules, rule, known, &name, acked, found);
}

/// Whether every claim of an acked callback was good for an ack.
fn standing(
    rules: &Rules,
    rule: &AccountRule,
    known: &Known,
    name: &Name,
    acked: &Heard,
    found: &mut Vec<Broken>,
) {
    for claim in &acked.claims {
        let own = match &claim.about {
            About::OrderNo(order_no) => Some(order_no),
            About::TradeNo(trade_no) => known.owners.get(&(name.account.clone(), trade_no.clone())),
        };
        let order = own.and_then(|own| known.orders.get(&Name::new(&name.account, own)));
        let required = match (order, &claim.amount) {
            (Some(order), Some(amount)) => order.required(rules, &name.account, amount),
            (None, Some(amount)) => rules.required(&name.account, amount.minor, &amount.currency),
            (_, None) => rules.required(&name.account, 0, ""),
        };
        // A statement tells of a trade what callbacks tell of its order.
        let of_trade = claim.trade_no.clone().map(|trade_no| Claim {
            about: About::TradeNo(trade_no),
            ..claim.clone()
        });
        let stands = |claim: &Claim| known.stands.get(&claim.same(&name.account)).copied();
        let stands = stands(claim).max(of_trade.as_ref().and_then(stands));
        if required < 3 && rank(&claim.proof).max(stands.unwrap_or_default()) < required {
            found.push(Broken::about(
                Promise::AckMeansStored,
                name,
                format!(
                    "entry {} acks a claim {} that is only {}, where {} is required",
                    acked.seq, claim.claim, claim.proof, rule.require
                ),
            ));
        }
    }
}

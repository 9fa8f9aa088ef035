//! The gateway's answer to a query, step by step.

use super::super::codes::CODES;
use super::super::envelope::Envelope;
use super::super::query;
use super::super::{Account, trade, words};
use super::callback::Steps;
use crate::facts::{Proof, Witness};
use crate::gateway::Evidence;
use crate::gateway::inspection::{SIGNATURE, Step, refused, told};

/// The names of all steps, in their order.
const NAMES: [&str; 6] = ["envelope", "answer", "trade", SIGNATURE, "payee", "claim"];

/// The steps of an answer.
pub(super) fn steps(account: &Account, envelope: &Result<Envelope, &'static str>) -> Steps {
    let mut steps = Vec::new();
    let evidence = take(account, envelope, &mut steps);
    let later = NAMES.into_iter().skip(steps.len()).map(Step::not_reached);
    steps.extend(later.collect::<Vec<_>>());
    (steps, evidence)
}

fn take(
    account: &Account,
    envelope: &Result<Envelope, &'static str>,
    steps: &mut Vec<Step>,
) -> Vec<Evidence> {
    let read = envelope.as_ref().map(|_| ()).map_err(|reason| *reason);
    steps.push(told(
        "envelope",
        read,
        ("an envelope of this gateway", "网关的 XML 应答"),
        "不是这个网关的应答，或编码不对",
    ));
    let Ok(envelope) = envelope else {
        return Vec::new();
    };
    if let Some(code) = &envelope.error {
        steps.extend(refused(CODES, code, words::NOT_EXIST, &NAMES));
        return Vec::new();
    }
    steps.push(Step::passed(
        "answer",
        ("is_success is T", "is_success 为 T"),
    ));
    let Some(children) = &envelope.trade else {
        steps.push(Step::failed(
            "trade",
            ("the answer holds no trade", "应答中没有交易"),
        ));
        return Vec::new();
    };
    let number = trade::order_no(children);
    steps.push(match &number {
        Some(number) => Step::passed(
            "trade",
            (
                format!("about the order {number}"),
                format!("关于订单 {number}"),
            ),
        ),
        None => Step::failed(
            "trade",
            (
                "order_no is missing or not in its format",
                "order_no 缺失或格式不对",
            ),
        ),
    });
    steps.push(told(
        SIGNATURE,
        query::check_signature(account, envelope, children),
        ("the signature is the gateway's", "签名正确，确为网关所签"),
        "应答没有签名，或签名不对",
    ));
    steps.push(told(
        "payee",
        trade::check_payee(account, children),
        (
            "merchant_code is this account's",
            "merchant_code 是本账户的商家号",
        ),
        "收款方不是本账户，或未写明",
    ));
    let claim = trade::read(account, children);
    steps.push(told(
        "claim",
        claim.as_ref().map(|_| ()),
        (
            "numbers, amount and status are in their formats",
            "单号、金额、状态格式正确",
        ),
        "单号、金额或状态格式不对",
    ));
    let told = claim
        .map(|told| told.evidence(&number.unwrap_or_default(), Witness::Query, Proof::Queried));
    told.unwrap_or_default()
}

//! The gateway's answer to a query, step by step.

use super::super::codes::CODES;
use super::super::envelope::{Business, Envelope};
use super::super::query;
use super::super::{Account, trade};
use crate::facts::{Proof, Witness};
use crate::gateway::Evidence;
use crate::gateway::inspection::{SIGNATURE, Step, refused, told, unclear};
use crate::params::Params;
use crate::sign::Kind;

/// The names of all steps, in their order.
const NAMES: [&str; 6] = ["envelope", "answer", "trade", SIGNATURE, "payee", "claim"];

/// The steps, and what the answer claims or would claim.
pub(super) fn steps(
    account: &Account,
    envelope: &Result<Envelope, &'static str>,
) -> (Vec<Step>, Vec<Evidence>) {
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
        steps.extend(refused(CODES, code, "TRADE_NOT_EXIST", &NAMES));
        return Vec::new();
    }
    steps.push(Step::passed(
        "answer",
        ("is_success is T", "is_success 为 T"),
    ));
    let Some(Business { children, .. }) = trade_of(envelope) else {
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
                "out_trade_no is missing or not in its format",
                "out_trade_no 缺失或格式不对",
            ),
        ),
    });
    let claim = query::tell(account, children);
    let claims = claim.as_ref().is_ok_and(|told| !told.claims.is_empty());
    steps.push(signature(account, envelope, children, claims));
    steps.push(told(
        "payee",
        trade::check_payee(account, children),
        (
            "the payee is this account's, or none is named",
            "收款方是本账户，或应答未写明收款方",
        ),
        "收款方不是本账户",
    ));
    steps.push(told(
        "claim",
        claim.as_ref().map(|_| ()),
        (
            "numbers, amounts and status are in their formats",
            "单号、金额、状态格式正确",
        ),
        "单号、金额或状态格式不对",
    ));
    let told = claim
        .map(|told| told.evidence(&number.unwrap_or_default(), Witness::Query, Proof::Queried));
    told.unwrap_or_default()
}

/// The trade that an answer is about.
pub(super) fn trade_of(envelope: &Envelope) -> Option<&Business> {
    envelope
        .business
        .as_ref()
        .filter(|business| business.name == "trade")
}

fn signature(account: &Account, envelope: &Envelope, children: &Params, claims: bool) -> Step {
    match query::check_signature(account, envelope, children) {
        Ok(true) if account.seal.kind() != Kind::Md5 => Step::passed(
            SIGNATURE,
            (
                "sign verifies with the gateway's public key",
                "用支付宝公钥验签通过",
            ),
        ),
        Ok(true) => Step::passed(
            SIGNATURE,
            ("mysign and sign are equal", "mysign 与 sign 相等"),
        ),
        Ok(false) if claims => Step::failed(
            SIGNATURE,
            (
                query::UNSIGNED,
                unclear("应答没有签名，却声称有付款或关闭", &query::UNSIGNED),
            ),
        ),
        Ok(false) => Step::passed(
            SIGNATURE,
            (
                "unsigned, and it claims nothing",
                "没有签名，也没有声称任何事",
            ),
        ),
        Err(reason) => {
            let zh = unclear("应答的签名不对", &reason);
            Step::failed(SIGNATURE, (reason, zh))
        }
    }
}

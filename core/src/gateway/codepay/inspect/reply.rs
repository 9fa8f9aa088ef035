//! The gateway's answer to a call, step by step.

use super::super::reply::{Envelope, check_signature};
use super::super::{Account, query, trade};
use super::{Steps, parsed, unread};
use crate::facts::{Proof, Witness};
use crate::flat::Flat;
use crate::gateway::inspection::{SIGNATURE, Step, Subject, told, unclear};

/// The names of the steps behind the reading.
const LATER: [&str; 3] = [SIGNATURE, "answer", "claim"];

/// The steps of an answer.
pub(super) fn steps(account: &Account, subject: &Subject<'_>) -> Steps {
    let message = match Flat::parse(subject.wire) {
        Ok(message) => message,
        Err(error) => return (unread(&error.to_string(), &LATER), Vec::new()),
    };
    let mut steps = vec![parsed(message.len())];
    let envelope = match Envelope::parse(&message) {
        Ok(envelope) => envelope,
        Err(reason) => {
            steps.push(Step::not_reached(SIGNATURE));
            steps.push(Step::failed(
                "answer",
                (reason.clone(), unclear("不是该网关的应答", &reason)),
            ));
            steps.push(Step::not_reached("claim"));
            return (steps, Vec::new());
        }
    };
    steps.push(told(
        SIGNATURE,
        check_signature(account, &message, &envelope.code),
        (
            "it fits the gateway's public key, or an error carries none",
            "与网关公钥相符，或错误应答没有签名",
        ),
        "签名与网关公钥不符",
    ));
    let reason = envelope.reason();
    steps.push(told(
        "answer",
        reason.map_or(Ok(()), Err),
        ("the call was executed", "调用已执行"),
        "网关拒绝回答",
    ));
    let number = trade::order_no(&envelope.data)
        .unwrap_or_default()
        .to_owned();
    let believed = query::believed(account, &number, &envelope.data);
    steps.push(told(
        "claim",
        believed.as_ref().map(|_| ()),
        ("every critical value is in its format", "关键值格式正确"),
        "关键值缺失或格式有误",
    ));
    let evidence = believed.map_or_else(
        |_| Vec::new(),
        |told| told.evidence(&number, Witness::Query, Proof::Queried),
    );
    (steps, evidence)
}

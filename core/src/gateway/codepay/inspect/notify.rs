//! A notification, step by step: the same checks in the same order as where it is believed.

use super::super::{Account, callback, seal, trade};
use super::{Steps, parsed, unread};
use crate::flat::Flat;
use crate::gateway::inspection::{SIGNATURE, Step, Subject, told};
use crate::gateway::{Reading, Verdict};

/// The names of the steps behind the reading.
const LATER: [&str; 6] = [
    "sign_type",
    SIGNATURE,
    "method",
    "unambiguous",
    "payee",
    "claim",
];

/// The steps of a notification.
pub(super) fn steps(account: &Account, subject: &Subject<'_>) -> Steps {
    let message = match callback::parse(subject.wire) {
        Ok(message) => message,
        Err(reason) => return (unread(&reason, &LATER), Vec::new()),
    };
    let mut reading = Reading::refused(Verdict::Genuine, "");
    reading.order_no = trade::order_no(&message).map(str::to_owned);
    let claim = callback::tell(account, &message, &mut reading);
    let steps = vec![
        parsed(message.len()),
        told(
            "sign_type",
            account
                .seal
                .check_kind(message.get("sign_type").map(str::as_bytes)),
            ("RSA2, as the account", "RSA2，与账户一致"),
            "sign_type 缺失或不是 RSA2",
        ),
        signature(account, subject, &message),
        told(
            "method",
            callback::check_profile(&message),
            ("payment.result.notify", "类型为 payment.result.notify"),
            "不是付款通知",
        ),
        told(
            "unambiguous",
            callback::check_unambiguous(&message),
            (
                "the signed text can be read in one way only",
                "签名原文只有一种读法",
            ),
            "签名原文有多种读法",
        ),
        told(
            "payee",
            callback::check_named(&message).and_then(|()| trade::check_payee(account, &message)),
            (
                "app_id and merchant_no are ours",
                "app_id 和 merchant_no 与账户一致",
            ),
            "收款方不符",
        ),
        told(
            "claim",
            claim,
            ("every critical value is in its format", "关键值格式正确"),
            "关键值缺失或格式有误",
        ),
    ];
    (steps, reading.evidence)
}

/// The signature, with the key that it was made with. We have only the half that verifies.
fn signature(account: &Account, subject: &Subject<'_>, message: &Flat) -> Step {
    let sign = match seal::signature(message) {
        Ok(sign) => sign,
        Err(reason) => return Step::failed(SIGNATURE, (reason, "没有 sign，或 sign 为空")),
    };
    if !account.verifies(message, sign, Some(subject.now)) {
        return Step::failed(
            SIGNATURE,
            (
                "sign does not verify with the gateway's public key",
                "用网关公钥验签不通过",
            ),
        );
    }
    let current = account.seal.current();
    let by_current = current.verifies(&seal::presign(message), sign);
    Step::passed(
        SIGNATURE,
        match by_current {
            true => (
                "sign verifies with the gateway's public key",
                "用网关公钥验签通过",
            ),
            false => (
                "sign verifies with a previous public key of the gateway, which is still in force",
                "用仍在有效期内的旧网关公钥验签通过",
            ),
        },
    )
}

//! A return or a notify, step by step: the same checks in the same order as where it is believed.

use super::super::callback;
use super::super::{Account, trade};
use crate::facts::Witness;
use crate::gateway::Evidence;
use crate::gateway::inspection::{SIGNATURE, Step, Subject, told, unread};
use crate::params::Params;
use crate::sign::{self, Kind};

/// The names of the steps behind the reading.
const LATER: [&str; 6] = [
    "sign_type",
    SIGNATURE,
    "charset",
    "unambiguous",
    "payee",
    "claim",
];

/// The steps, and what the message claims or would claim.
pub(super) fn steps(
    account: &Account,
    subject: &Subject<'_>,
    witness: Witness,
) -> (Vec<Step>, Vec<Evidence>) {
    let params = match Params::parse(subject.wire) {
        Ok(params) => params,
        Err(error) => return (unread(&error, &LATER), Vec::new()),
    };
    let mut steps = vec![
        Step::passed(
            "parse",
            (
                format!("one strict reading, {} parameters", params.len()),
                format!("严格解析一次，共 {} 个参数", params.len()),
            ),
        ),
        Step::passed(
            "duplicates",
            ("no name stands there twice", "没有重复的参数"),
        ),
    ];
    let kind = account.seal.kind().word();
    steps.push(told(
        "sign_type",
        callback::check_kind(account, &params),
        (
            format!("{kind}, as the account"),
            format!("{kind}，与账户一致"),
        ),
        &format!("sign_type 缺失或不是 {kind}"),
    ));
    steps.push(signature(account, subject, &params));
    steps.push(told(
        "charset",
        callback::check_text(account, &params),
        (
            format!(
                "every value is text in {}",
                account.settings.charset.label()
            ),
            format!("所有值都是合法的 {} 文本", account.settings.charset.label()),
        ),
        "有的值不是账户编码的合法文本",
    ));
    let mut reading = callback::addressed(&params);
    let profile = callback::profile(&params, witness);
    steps.push(told(
        "unambiguous",
        profile.and_then(|profile| callback::check_unambiguous(&params, profile)),
        (
            "the signed text can be read in one way only",
            "待签名字符串只有一种读法",
        ),
        "消息可能有不止一种读法，或类型不对",
    ));
    steps.push(told(
        "payee",
        trade::check_payee(account, &params),
        (
            "the payee is this account's, or none is named",
            "收款方是本账户，或消息未写明收款方",
        ),
        "收款方不是本账户",
    ));
    let claim = callback::check_token(&params, &reading)
        .and_then(|()| callback::tell(account, &params, witness, &mut reading));
    steps.push(told(
        "claim",
        claim,
        (
            "numbers, amounts and status are in their formats",
            "单号、金额、状态格式正确",
        ),
        "单号、金额或状态格式不对",
    ));
    (steps, reading.evidence)
}

/// The signature, with the key that it was made with. Of a pair we have only the half that verifies, so there is no
/// signature of ours to compare with.
fn signature(account: &Account, subject: &Subject<'_>, params: &Params) -> Step {
    let sign = match callback::signature(params) {
        Ok(sign) => sign,
        Err(reason) => return Step::failed(SIGNATURE, (reason, "没有 sign，或 sign 为空")),
    };
    let shared = account.seal.kind() == Kind::Md5;
    if !account.verifies(params, sign, Some(subject.now)) {
        return Step::failed(
            SIGNATURE,
            match shared {
                true => ("mysign and sign differ", "mysign 与 sign 不相等"),
                false => (
                    "sign does not verify with the gateway's public key",
                    "用支付宝公钥验签不通过",
                ),
            },
        );
    }
    let current = account.seal.current();
    Step::passed(
        SIGNATURE,
        match (current.verifies(&sign::presign(params), sign), shared) {
            (true, true) => ("mysign and sign are equal", "mysign 与 sign 相等"),
            (true, false) => (
                "sign verifies with the gateway's public key",
                "用支付宝公钥验签通过",
            ),
            (false, true) => (
                "mysign and sign are equal under a previous key, which is still in force",
                "用仍在有效期内的旧 key 计算，mysign 与 sign 相等",
            ),
            (false, false) => (
                "sign verifies with a previous public key of the gateway, which is still in force",
                "用仍在有效期内的旧支付宝公钥验签通过",
            ),
        },
    )
}

/// Whether a value is no text of the account's charset.
pub(super) fn wrong_text(account: &Account, wire: &[u8]) -> bool {
    Params::parse(wire).is_ok_and(|params| callback::check_text(account, &params).is_err())
}

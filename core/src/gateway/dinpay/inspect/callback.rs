//! A return or a notify, step by step: the same checks in the same order as where it is believed.

use super::super::callback;
use super::super::{Account, trade};
use crate::facts::Witness;
use crate::gateway::Evidence;
use crate::gateway::inspection::{SIGNATURE, Step, Subject, told, unread};
use crate::params::Params;
use crate::sign::{self, Kind};

/// The steps, and what the message claims or would claim.
pub(super) type Steps = (Vec<Step>, Vec<Evidence>);

/// The names of the steps behind the reading.
const LATER: [&str; 6] = [
    "sign_type",
    SIGNATURE,
    "notify_type",
    "unambiguous",
    "payee",
    "claim",
];

/// The steps of a callback.
pub(super) fn steps(account: &Account, subject: &Subject<'_>, witness: Witness) -> Steps {
    let params = match Params::parse(subject.wire) {
        Ok(params) => params,
        Err(error) => return (unread(&error, &LATER), Vec::new()),
    };
    let signed = callback::signed(&params);
    let aside = params.len() - signed.len();
    let mut steps = vec![
        Step::passed(
            "parse",
            (
                format!(
                    "one strict reading, {} parameters, {aside} of them not signed or empty",
                    params.len()
                ),
                format!(
                    "严格解析一次，共 {} 个参数，其中 {aside} 个不参与签名或为空",
                    params.len()
                ),
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
        account.seal.check_kind(params.get("sign_type")),
        (
            format!("{kind}, as the account"),
            format!("{kind}，与账户一致"),
        ),
        &format!("sign_type 缺失或不是 {kind}"),
    ));
    steps.push(signature(account, subject, &params, &signed));
    steps.push(told(
        "notify_type",
        callback::check_profile(&signed, witness),
        (
            "type and version are those of this callback",
            "类型与版本符合此回调",
        ),
        "类型或版本不对：返回页面与后台通知可能用反了地址",
    ));
    steps.push(told(
        "unambiguous",
        callback::check_unambiguous(&params),
        (
            "the signed text can be read in one way only",
            "待签名字符串只有一种读法",
        ),
        "消息可能有不止一种读法，或含有其他网关的参数",
    ));
    steps.push(told(
        "payee",
        trade::check_payee(account, &signed),
        (
            "merchant_code is this account's",
            "merchant_code 是本账户的商家号",
        ),
        "收款方不是本账户，或未写明",
    ));
    let mut reading = callback::addressed(&signed);
    let claim = callback::check_token(&signed, &reading)
        .and_then(|()| callback::tell(account, &signed, witness, &mut reading));
    steps.push(told(
        "claim",
        claim,
        (
            "numbers, amount and status are in their formats",
            "单号、金额、状态格式正确",
        ),
        "单号、金额或状态格式不对",
    ));
    (steps, reading.evidence)
}

/// The signature, with the key that it was made with. Of a pair we have only the half that verifies.
fn signature(account: &Account, subject: &Subject<'_>, params: &Params, signed: &Params) -> Step {
    let sign = match callback::signature(params) {
        Ok(sign) => sign,
        Err(reason) => return Step::failed(SIGNATURE, (reason, "没有 sign，或 sign 为空")),
    };
    let shared = account.seal.kind() == Kind::Md5;
    if !account.verifies(signed, sign, Some(subject.now)) {
        return Step::failed(
            SIGNATURE,
            match shared {
                true => ("mysign and sign differ", "mysign 与 sign 不相等"),
                false => (
                    "sign does not verify with the gateway's public key",
                    "用智付公钥验签不通过",
                ),
            },
        );
    }
    let current = account.seal.current();
    Step::passed(
        SIGNATURE,
        match (current.verifies(&sign::presign(signed), sign), shared) {
            (true, true) => ("mysign and sign are equal", "mysign 与 sign 相等"),
            (true, false) => (
                "sign verifies with the gateway's public key",
                "用智付公钥验签通过",
            ),
            (false, true) => (
                "mysign and sign are equal under a previous key, which is still in force",
                "用仍在有效期内的旧密钥计算，mysign 与 sign 相等",
            ),
            (false, false) => (
                "sign verifies with a previous public key of the gateway, which is still in force",
                "用仍在有效期内的旧智付公钥验签通过",
            ),
        },
    )
}

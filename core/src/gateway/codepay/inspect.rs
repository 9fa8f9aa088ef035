//! Explaining a message that was or was not believed: what was signed, and which step fails. Nothing here believes
//! anything: the steps call the checks of [`super::callback`] and [`super::query`].

use super::reply::{Envelope, check_signature};
use super::{Account, callback, query, seal, trade};
use crate::facts::{Proof, Witness};
use crate::flat::Flat;
use crate::gateway::inspection::{
    Exchange, Inspection, SIGNATURE, Signing, Step, Subject, told, unclear,
};
use crate::gateway::{Evidence, Reading, Verdict};

/// The steps of a notification.
const OF_NOTIFY: [&str; 7] = [
    "parse",
    "sign_type",
    SIGNATURE,
    "method",
    "unambiguous",
    "payee",
    "claim",
];
/// The steps of an answer.
const OF_REPLY: [&str; 4] = ["parse", SIGNATURE, "answer", "claim"];

/// Explains a message.
pub(super) fn inspect(account: &Account, subject: &Subject<'_>) -> Inspection {
    match subject.exchange {
        Exchange::Notify => of_notify(account, subject),
        Exchange::Reply => of_reply(account, subject),
        Exchange::Return => found(
            vec![Step::failed(
                SIGNATURE,
                (
                    "this gateway's return carries no proof: nothing in it is read, and the gateway is asked",
                    "该网关的返回不含任何证明：不读取其中内容，而是向网关查询",
                ),
            )],
            None,
            Vec::new(),
        ),
    }
}

fn of_notify(account: &Account, subject: &Subject<'_>) -> Inspection {
    let message = match callback::parse(subject.wire) {
        Ok(message) => message,
        Err(reason) => return found(unread(&reason, &OF_NOTIFY), None, Vec::new()),
    };
    let signing = signing(&message);
    let mut reading = Reading::refused(Verdict::Genuine, "");
    reading.order_no = trade::order_no(&message).map(str::to_owned);
    let claim = callback::tell(account, &message, &mut reading);
    let steps = vec![
        parsed(&message),
        told(
            "sign_type",
            account
                .seal
                .check_kind(message.get("sign_type").map(str::as_bytes)),
            ("RSA2, as the account", "RSA2，与账户一致"),
            "sign_type 缺失或不是 RSA2",
        ),
        told(
            SIGNATURE,
            callback::authenticate(account, &message, subject.now).map(|_| ()),
            ("it fits the gateway's public key", "与网关公钥相符"),
            "签名与网关公钥不符",
        ),
        told(
            "method",
            callback::check_profile(&message),
            ("payment.result.notify", "payment.result.notify"),
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
    found(steps, Some(signing), reading.evidence)
}

fn of_reply(account: &Account, subject: &Subject<'_>) -> Inspection {
    let read = Flat::parse(subject.wire).map_err(|error| error.to_string());
    let message = match read {
        Ok(message) => message,
        Err(reason) => return found(unread(&reason, &OF_REPLY), None, Vec::new()),
    };
    let signing = signing(&message);
    let mut steps = vec![parsed(&message)];
    let envelope = match Envelope::parse(&message) {
        Ok(envelope) => envelope,
        Err(reason) => {
            steps.push(Step::not_reached(SIGNATURE));
            steps.push(Step::failed(
                "answer",
                (reason.clone(), unclear("不是该网关的应答", &reason)),
            ));
            steps.push(Step::not_reached("claim"));
            return found(steps, Some(signing), Vec::new());
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
    found(steps, Some(signing), evidence)
}

fn signing(message: &Flat) -> Signing {
    Signing {
        text: String::from_utf8_lossy(&seal::presign(message)).into_owned(),
        mysign: None,
        sign: message.get("sign").unwrap_or_default().to_owned(),
        theirs: None,
    }
}

fn parsed(message: &Flat) -> Step {
    Step::passed(
        "parse",
        (
            format!(
                "one strict reading, {} fields, none of them twice",
                message.len()
            ),
            format!("严格解析一次，共 {} 个字段，没有重复", message.len()),
        ),
    )
}

fn unread(reason: &String, names: &[&'static str]) -> Vec<Step> {
    let detail = (reason.clone(), unclear("无法解析", reason));
    let later = names.iter().skip(1).map(|name| Step::not_reached(name));
    std::iter::once(Step::failed("parse", detail))
        .chain(later)
        .collect()
}

fn found(steps: Vec<Step>, signing: Option<Signing>, evidence: Vec<Evidence>) -> Inspection {
    Inspection {
        steps,
        signing,
        evidence,
        mistakes: Vec::new(),
        tried: 0,
    }
}

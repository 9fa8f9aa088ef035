//! How a check becomes a step in both languages. The reasons of the checks are English: the journal keeps them.

use super::Step;
use crate::codes::Codes;
use crate::lang::Text;
use crate::params::ParamsError;
use std::fmt::Display;

/// The step of a check; in Chinese what it means comes before the check's own reason.
pub(in crate::gateway) fn told<E: Display>(
    name: &'static str,
    check: Result<(), E>,
    good: impl Into<Text>,
    bad: &str,
) -> Step {
    match check {
        Ok(()) => Step::passed(name, good),
        Err(reason) => Step::failed(name, (reason.to_string(), unclear(bad, &reason))),
    }
}

/// What it means in Chinese, with the reason as the journal has it.
pub(in crate::gateway) fn unclear(meaning: &str, reason: &impl Display) -> String {
    format!("{meaning}（{reason}）")
}

/// Nothing can be looked at: the strict reading refused. `later` are the steps that follow it.
pub(in crate::gateway) fn unread(error: &ParamsError, later: &[&'static str]) -> Vec<Step> {
    let detail = Text::from((error.to_string(), in_chinese(error)));
    let (parse, duplicates) = match error {
        ParamsError::Duplicate(_) => (
            Step::passed("parse", ("up to the duplicate", "重复之前的部分可以解析")),
            Step::failed("duplicates", detail),
        ),
        _ => (
            Step::failed("parse", detail),
            Step::not_reached("duplicates"),
        ),
    };
    [parse, duplicates]
        .into_iter()
        .chain(later.iter().map(|name| Step::not_reached(name)))
        .collect()
}

fn in_chinese(error: &ParamsError) -> String {
    match error {
        ParamsError::TooManyFields => unclear("参数过多", error),
        ParamsError::NoEquals => unclear("有参数没有等号", error),
        ParamsError::BadEscape => unclear("百分号编码有误，或有字符没有编码", error),
        ParamsError::Nul => unclear("含有 NUL 字节", error),
        ParamsError::BadName => unclear("参数名含有网关不会使用的字符", error),
        ParamsError::ValueTooLong(name, _) => format!("{name} 的值过长"),
        ParamsError::Duplicate(name) => format!("{name} 出现了两次"),
    }
}

/// The steps of an answer that is a refusal, from the second of `names` on. It carries no signature and says nothing
/// but its code; only the one for a trade that there is none of is an answer.
pub(in crate::gateway) fn refused(
    codes: Codes,
    code: &str,
    not_exist: &str,
    names: &[&'static str],
) -> Vec<Step> {
    if code != not_exist {
        let (en, zh) = match codes.get(code) {
            Some(known) => (
                format!(
                    "{code}. {} More: quittance explain {code}",
                    known.meaning.en
                ),
                format!("{code}。{}详见 quittance explain {code}", known.meaning.zh),
            ),
            None => (code.to_owned(), code.to_owned()),
        };
        return vec![Step::failed(
            "answer",
            (
                format!("the gateway refused to answer: {en}"),
                format!("网关拒绝回答：{zh}"),
            ),
        )];
    }
    let none = Step::passed(
        "answer",
        (
            format!("the gateway knows no such trade ({code})"),
            format!("网关没有这笔交易（{code}）"),
        ),
    );
    let nothing = (
        "such an answer holds no trade and is not signed",
        "此类应答不含交易，也没有签名",
    );
    let rest = names.iter().skip(2).map(|name| Step::passed(name, nothing));
    std::iter::once(none).chain(rest).collect()
}

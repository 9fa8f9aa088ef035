//! What is said about an exchange: what its shop should mend, and what the sandbox did to it on purpose.

use crate::text;
use quittance_core::{Lang, Money};

/// What a shop's developer should know about the answer to a notify.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Warning {
    /// A line end stood behind the word, and was let pass.
    LineEnd,
    /// A line end stood behind this word, and is not let pass.
    LineEndRefused(&'static str),
    /// This word stood among others.
    NotAlone(&'static str),
    /// Status 200 and something else than this word.
    NotTheWord(&'static str),
    /// A redirect, which the gateway does not follow.
    Redirect(u16),
    /// Another status than 200.
    Status(u16),
    /// No answer, and why.
    NoAnswer(String),
}

/// One thing that the sandbox did wrong on purpose.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It never arrived.
    Lost,
    /// It left so many seconds late.
    Delayed(u32),
    /// It left so many times at once.
    Copied(u32),
    /// It took the turn of an older one.
    Overtook,
    /// It tells this amount, signed.
    Amount(Money),
    /// Its amount was changed after signing.
    Tampered,
    /// Its signature is not the gateway's.
    Forged,
    /// It waited for the notify.
    Held,
    /// The answer came so many seconds late.
    Slow(u32),
    /// The answer was `false` without a look.
    SaidFalse,
    /// The answer was an HTML page.
    Garbage,
    /// The answer was an error without words.
    Down,
    /// The answer was old: of so many seconds ago, or from before the payment.
    Stale(u32),
    /// The call timed out on its way back.
    CallTimedOut,
    /// The buyer paid in the moment before it.
    PaidFirst,
    /// The answer carried no signature.
    Unsigned,
    /// The answer told nothing, as if nothing were booked yet.
    Empty,
}

impl Warning {
    /// A sentence for people.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let said = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
        match self {
            Warning::LineEnd => said(
                "a line end stands behind success; the guide allows nothing there",
                "success 后面有换行符，按接口文档不应输出任何其他字符",
            ),
            Warning::LineEndRefused(word) => match lang {
                Lang::En => format!("a line end stands behind {word}"),
                Lang::Zh => format!("{word} 后面有换行符"),
            },
            Warning::NotAlone(word) => match lang {
                Lang::En => format!("{word} does not stand alone in the answer"),
                Lang::Zh => format!("返回内容中除 {word} 外还有其他字符"),
            },
            Warning::NotTheWord(word) => match lang {
                Lang::En => format!("the answer is not {word}"),
                Lang::Zh => format!("返回内容不是 {word}"),
            },
            Warning::Redirect(status) => match lang {
                Lang::En => format!("status {status}: a redirect is not followed"),
                Lang::Zh => format!("状态码 {status}：网关不跟随跳转"),
            },
            Warning::Status(status) => match lang {
                Lang::En => format!("status {status}"),
                Lang::Zh => format!("状态码 {status}"),
            },
            Warning::NoAnswer(why) => match lang {
                Lang::En => format!("no answer: {why}"),
                Lang::Zh => format!("没有响应：{why}"),
            },
        }
    }
}

impl Fault {
    /// A few words for people.
    #[must_use]
    pub fn say(self, lang: Lang) -> String {
        let said = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
        let counted =
            |count: u32, en: &str, zh: &str| lang.pick(en, zh).replace("{}", &count.to_string());
        match self {
            Fault::Lost => said("lost on the way", "在途中丢失"),
            Fault::Delayed(secs) => counted(secs, "sent {} s late", "延迟 {} 秒发出"),
            Fault::Copied(of) => counted(of, "sent {} times at once", "同时发出 {} 份"),
            Fault::Overtook => said("sent before an older one", "先于更早的通知发出"),
            Fault::Amount(amount) => match lang {
                Lang::En => format!("tells {}, signed", text::amount(amount)),
                Lang::Zh => format!("金额改为 {}，签名有效", text::amount(amount)),
            },
            Fault::Tampered => said("amount changed after signing", "签名后金额被篡改"),
            Fault::Forged => said("forged signature", "签名系伪造"),
            Fault::Held => said(
                "held back until the notify was answered",
                "等通知有了响应才放行",
            ),
            Fault::Slow(secs) => counted(secs, "answered {} s late", "延迟 {} 秒应答"),
            Fault::SaidFalse => said("answered false without a look", "未核对即答 false"),
            Fault::Garbage => said("answered with an HTML page", "返回了 HTML 页面"),
            Fault::Down => said("answered with status 500", "返回状态码 500"),
            Fault::Stale(0) => said(
                "told how things stood before the payment",
                "返回付款前的状态",
            ),
            Fault::CallTimedOut => said(
                "done, and the call timed out on its way back",
                "已受理，但应答超时未送达",
            ),
            Fault::PaidFirst => said("the buyer paid just before it", "买家在此前一刻付款"),
            Fault::Unsigned => said("answered without a signature", "应答没有签名"),
            Fault::Empty => said("told no booking yet", "返回空账单，如同尚未记账"),
            Fault::Stale(secs) => {
                counted(secs, "told how things stood {} s ago", "返回 {} 秒前的状态")
            }
        }
    }
}

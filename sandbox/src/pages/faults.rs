//! The form of faults: what it shows, and how it is read.

use crate::faults::{Faults, QueryKind, ReplyKind, StatementKind, Then, VerifyKind, fee};
use crate::gateway::Gateway;
use quittance_core::params::Params;
use quittance_core::{Lang, Money};

/// Faults as the form shows them.
pub(super) struct Form {
    pub(super) faults: Faults,
    pub(super) notify_amount: String,
    pub(super) return_amount: String,
    pub(super) query_amount: String,
    /// Empty in the form of one order of a gateway that has no second opinion.
    pub(super) verify_kinds: Vec<(&'static str, &'static str, bool)>,
    pub(super) query_kinds: Vec<(&'static str, &'static str, bool)>,
    /// Whether an order may owe two notifies.
    pub(super) reorder: bool,
    /// Empty in the form of one order.
    pub(super) statement_kinds: Vec<(&'static str, &'static str, bool)>,
    /// Whether a return carries something that can be wrong.
    pub(super) telling_return: bool,
    /// Empty in the form of one order of a gateway without such calls.
    pub(super) reply_kinds: Vec<(&'static str, &'static str, bool)>,
    /// Empty there too.
    pub(super) thens: Vec<(&'static str, &'static str, bool)>,
}

const VERIFY_KINDS: [(VerifyKind, &str, &str, &str); 5] = [
    (VerifyKind::Ok, "ok", "right", "正常"),
    (VerifyKind::Slow, "slow", "right, but slow", "正常但缓慢"),
    (VerifyKind::False, "false", "always false", "一律 false"),
    (VerifyKind::Garbage, "garbage", "an HTML page", "HTML 页面"),
    (VerifyKind::Down, "down", "status 500", "状态码 500"),
];

const QUERY_KINDS: [(QueryKind, &str, &str, &str); 4] = [
    (QueryKind::Ok, "ok", "right", "正常"),
    (QueryKind::Stale, "stale", "stale", "陈旧"),
    (QueryKind::Down, "down", "status 500", "状态码 500"),
    (QueryKind::Garbage, "garbage", "an HTML page", "HTML 页面"),
];

const REPLY_KINDS: [(ReplyKind, &str, &str, &str); 6] = [
    (ReplyKind::Ok, "ok", "right", "正常"),
    (ReplyKind::Slow, "slow", "right, but slow", "正常但缓慢"),
    (ReplyKind::Unsigned, "unsigned", "unsigned", "没有签名"),
    (ReplyKind::Forged, "forged", "forged signature", "伪造签名"),
    (ReplyKind::Down, "down", "status 500", "状态码 500"),
    (ReplyKind::Garbage, "garbage", "an HTML page", "HTML 页面"),
];

const THENS: [(Then, &str, &str, &str); 5] = [
    (Then::Waits, "waits", "waits", "等待操作"),
    (Then::Approve, "approve", "pays", "付款"),
    (Then::Decline, "decline", "is declined", "被拒绝"),
    (Then::Cancel, "cancel", "cancels (110)", "取消（110）"),
    (Then::TimeOut, "timeout", "is too late (112)", "超时（112）"),
];

const STATEMENT_KINDS: [(StatementKind, &str, &str, &str); 5] = [
    (StatementKind::Ok, "ok", "right", "正常"),
    (StatementKind::Empty, "empty", "nothing yet", "尚未记账"),
    (StatementKind::Unsigned, "unsigned", "unsigned", "没有签名"),
    (StatementKind::Down, "down", "status 500", "状态码 500"),
    (
        StatementKind::Garbage,
        "garbage",
        "an HTML page",
        "HTML 页面",
    ),
];

impl Form {
    /// The form of all orders, which has the statements too.
    pub(super) fn of_all(faults: &Faults, lang: Lang) -> Form {
        let statement = faults.statement.kind;
        Form {
            statement_kinds: STATEMENT_KINDS
                .map(|(kind, word, en, zh)| (word, lang.pick(en, zh), kind == statement))
                .to_vec(),
            ..Form::of(faults, None, lang)
        }
    }

    /// The form of one order of this gateway.
    pub(super) fn of_one(faults: &Faults, gateway: Gateway, lang: Lang) -> Form {
        Form::of(faults, Some(gateway), lang)
    }

    /// The form of one order of this gateway, or of what every gateway has.
    fn of(faults: &Faults, gateway: Option<Gateway>, lang: Lang) -> Form {
        let text = |amount: Option<Money>| amount.map(|sum| sum.decimal()).unwrap_or_default();
        let (verify, query) = (faults.verify.kind, faults.query.kind);
        let (reply, then) = (faults.reply.kind, faults.checkout.then);
        let has = |wanted| gateway.is_none_or(|gateway| gateway == wanted);
        Form {
            notify_amount: text(faults.notify.amount),
            return_amount: text(faults.way_back.amount),
            query_amount: text(faults.query.amount),
            verify_kinds: VERIFY_KINDS
                .iter()
                .filter(|_| has(Gateway::Alipay))
                .map(|(kind, word, en, zh)| (*word, lang.pick(en, zh), *kind == verify))
                .collect(),
            reorder: gateway != Some(Gateway::Dinpay),
            telling_return: gateway != Some(Gateway::CodePay),
            reply_kinds: REPLY_KINDS
                .iter()
                .filter(|_| has(Gateway::CodePay))
                .map(|(kind, word, en, zh)| (*word, lang.pick(en, zh), *kind == reply))
                .collect(),
            thens: THENS
                .iter()
                .filter(|_| has(Gateway::CodePay))
                .map(|(kind, word, en, zh)| (*word, lang.pick(en, zh), *kind == then))
                .collect(),
            query_kinds: QUERY_KINDS
                .map(|(kind, word, en, zh)| (word, lang.pick(en, zh), kind == query))
                .to_vec(),
            statement_kinds: Vec::new(),
            faults: faults.clone(),
        }
    }
}

/// What goes wrong, in a few words: `notify: lost; verify: slow`.
pub(super) fn summary(faults: &Faults, lang: Lang) -> String {
    let (notify, back, query) = (&faults.notify, &faults.way_back, &faults.query);
    let on = [
        (faults.checkout.lose, "call timed out", "请求应答超时"),
        (
            faults.revoke.paid_first,
            "paid just before a revoke",
            "撤销前一刻付款",
        ),
        (notify.lose, "notify lost", "通知丢失"),
        (notify.delay_secs > 0, "notify late", "通知延迟"),
        (notify.copies > 1, "notify in copies", "通知重复"),
        (notify.reorder, "notify reordered", "通知乱序"),
        (
            notify.amount.is_some() && !notify.tamper,
            "notify tells another amount",
            "通知金额有误",
        ),
        (notify.tamper, "notify tampered", "通知被篡改"),
        (notify.forge, "notify forged", "通知伪造"),
        (back.lose, "return lost", "返回丢失"),
        (back.after_notify, "return after notify", "通知先到"),
        (
            back.amount.is_some() && !back.tamper,
            "return tells another amount",
            "返回金额有误",
        ),
        (back.tamper, "return tampered", "返回被篡改"),
        (back.forge, "return forged", "返回伪造"),
        (
            query.amount.is_some(),
            "query tells another amount",
            "查询金额有误",
        ),
    ];
    let mut said: Vec<String> = on
        .into_iter()
        .filter(|(on, ..)| *on)
        .map(|(_, en, zh)| lang.pick(en, zh).to_owned())
        .collect();
    for (then, _, en, zh) in THENS {
        if then == faults.checkout.then && then != Then::Waits {
            let word = lang.pick("buyer", "买家");
            said.push(format!("{word}: {}", lang.pick(en, zh)));
        }
    }
    for (kind, _, en, zh) in REPLY_KINDS {
        if kind == faults.reply.kind && kind != ReplyKind::Ok {
            let word = lang.pick("answers", "应答");
            said.push(format!("{word}: {}", lang.pick(en, zh)));
        }
    }
    for (kind, _, en, zh) in VERIFY_KINDS {
        if kind == faults.verify.kind && kind != VerifyKind::Ok {
            let word = lang.pick("verify", "验证");
            said.push(format!("{word}: {}", lang.pick(en, zh)));
        }
    }
    for (kind, _, en, zh) in QUERY_KINDS {
        if kind == query.kind && kind != QueryKind::Ok {
            let word = lang.pick("query", "查询");
            said.push(format!("{word}: {}", lang.pick(en, zh)));
        }
    }
    for (kind, _, en, zh) in STATEMENT_KINDS {
        if kind == faults.statement.kind && kind != StatementKind::Ok {
            let word = lang.pick("statements", "账单");
            said.push(format!("{word}: {}", lang.pick(en, zh)));
        }
    }
    if said.is_empty() {
        return lang.pick("nothing goes wrong", "一切正常").to_owned();
    }
    said.join(lang.pick(", ", "、"))
}

/// The faults of a form that was sent. A box that is not ticked sends nothing.
///
/// # Errors
/// The name of the first setting that cannot be taken, as the API calls it.
pub(crate) fn read(form: &Params) -> Result<Faults, &'static str> {
    let text = |name| {
        let value = form.get(name).unwrap_or_default();
        std::str::from_utf8(value).unwrap_or("?").trim()
    };
    let ticked = |name| form.get(name) == Some(b"1");
    let number = |name, field, or: u32| match text(name) {
        "" => Ok(or),
        digits => digits.parse::<u32>().map_err(|_| field),
    };
    let amount = |name, field| match text(name) {
        "" => Ok(None),
        sum => fee(sum).map(Some).ok_or(field),
    };
    let mut faults = Faults::default();
    let notify = &mut faults.notify;
    notify.lose = ticked("notify_lose");
    notify.delay_secs = number("notify_delay_secs", "notify.delay_secs", 0)?;
    notify.copies = number("notify_copies", "notify.copies", 1)?;
    notify.reorder = ticked("notify_reorder");
    notify.amount = amount("notify_amount", "notify.amount")?;
    notify.tamper = ticked("notify_tamper");
    notify.forge = ticked("notify_forge");
    let way_back = &mut faults.way_back;
    way_back.lose = ticked("return_lose");
    way_back.after_notify = ticked("return_after_notify");
    way_back.amount = amount("return_amount", "return.amount")?;
    way_back.tamper = ticked("return_tamper");
    way_back.forge = ticked("return_forge");
    // The form of one order of Dinpay does not have it.
    let verify = match text("verify_kind") {
        "" => Some(VerifyKind::Ok),
        asked => {
            let mut kinds = VERIFY_KINDS.iter();
            kinds
                .find(|(_, word, ..)| *word == asked)
                .map(|(kind, ..)| *kind)
        }
    };
    faults.verify.kind = verify.ok_or("verify.kind")?;
    faults.verify.secs = number("verify_secs", "verify.secs", 0)?;
    faults.checkout.lose = ticked("checkout_lose");
    // Only the forms of all orders and of one of CodePay have these.
    if !text("checkout_then").is_empty() {
        let mut thens = THENS.iter();
        let then = thens.find(|(_, word, ..)| *word == text("checkout_then"));
        faults.checkout.then = then.ok_or("checkout.then")?.0;
    }
    faults.revoke.paid_first = ticked("revoke_paid_first");
    if !text("reply_kind").is_empty() {
        let mut kinds = REPLY_KINDS.iter();
        let kind = kinds.find(|(_, word, ..)| *word == text("reply_kind"));
        faults.reply.kind = kind.ok_or("reply.kind")?.0;
    }
    faults.reply.secs = number("reply_secs", "reply.secs", 0)?;
    let query = QUERY_KINDS
        .iter()
        .find(|(_, word, ..)| *word == text("query_kind"));
    faults.query.kind = query.ok_or("query.kind")?.0;
    faults.query.secs = number("query_secs", "query.secs", 0)?;
    faults.query.amount = amount("query_amount", "query.amount")?;
    // The form of one order does not have it.
    let statement = match text("statement_kind") {
        "" => Some(StatementKind::Ok),
        asked => {
            let mut kinds = STATEMENT_KINDS.iter();
            kinds
                .find(|(_, word, ..)| *word == asked)
                .map(|(kind, ..)| *kind)
        }
    };
    faults.statement.kind = statement.ok_or("statement.kind")?;
    faults.check().map_err(|wrong| wrong.field)?;
    Ok(faults)
}

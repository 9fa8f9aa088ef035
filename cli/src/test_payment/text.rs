//! The summary of a followed order, for people and for programs.

use super::Test;
use super::advice::look_at;
use super::findings::{Callback, Delivery, Findings};
use super::gap::returns;
use super::step::Step;
use super::watch::Watched;
use crate::out::{self, field};
use crate::timeline::claims;
use quittance_core::Lang;
use serde_json::{Value, json};

/// Milliseconds of a second, and of a tenth of one.
const SECOND_MS: i64 = 1_000;
const TENTH_MS: i64 = 100;

/// A callback in a line: when, whether it verifies, what it says, what it was answered.
pub fn came(callback: &Callback, lang: Lang) -> String {
    let verified = match callback.verified {
        true => lang.pick("verified", "验证通过"),
        false => lang.pick("not verified", "验证未通过"),
    };
    let (secs, tenths) = (
        callback.after_ms / SECOND_MS,
        callback.after_ms % SECOND_MS / TENTH_MS,
    );
    let mut line = match lang {
        Lang::En => format!("{secs}.{tenths} s after the checkout, {verified}"),
        Lang::Zh => format!("前往收银台后 {secs}.{tenths} 秒，{verified}"),
    };
    let brought = claims(&callback.entry, lang);
    if !brought.is_empty() {
        line = format!("{line}{}{brought}", lang.pick("; ", "；"));
    }
    if !callback.answered.is_empty() {
        let answered = lang.pick("answered", "应答");
        line = format!("{line} → {answered} {}", callback.answered);
    }
    line
}

/// Who told of the payment.
pub fn witnesses(found: &Findings, lang: Lang) -> String {
    match found.found_by_query_alone() {
        true => lang
            .pick(
                "found by a query; no callback proved it",
                "由主动查询得知，没有回调证明",
            )
            .to_owned(),
        false => found.witnesses.join(", "),
    }
}

/// The summary for people.
pub fn told(test: &Test<'_>, step: Step, seen: &Watched) -> String {
    let (lang, found) = (test.lang, &seen.found);
    let none = lang.pick("✗ none", "✗ 无").to_owned();
    let sure = |good: bool, text: String| match good {
        true => format!("✓ {text}"),
        false => format!("✗ {text}"),
    };
    let cashier = match &found.via {
        Some(via) => sure(true, via.clone()),
        None => none.clone(),
    };
    let answer = found.answer.as_deref();
    let answer = answer.unwrap_or(lang.pick("not asked", "未查询"));
    let answer = match lang {
        Lang::En => format!("known; query answer: {answer}"),
        Lang::Zh => format!("已知；查询答复：{answer}"),
    };
    let trade = match found.trade_known() {
        true => sure(true, answer),
        false => found
            .answer
            .clone()
            .map_or_else(|| none.clone(), |answer| sure(false, answer)),
    };
    let title = match (found.title(), found.title_whole()) {
        (Some(title), Some(whole)) => sure(whole, title.to_owned()),
        _ => lang
            .pick("– (nothing that came tells one)", "–（收到的内容不含标题）")
            .to_owned(),
    };
    let callback = |callback: &Option<Callback>| match callback {
        Some(callback) => sure(callback.verified, came(callback, lang)),
        None => none.clone(),
    };
    let back = match (&found.returned, returns(&test.about, found)) {
        (None, false) => lang
            .pick(
                "– (nothing signed comes back this way: see that the browser shows the order's page)",
                "–（此方式没有带签名的返回：请确认浏览器显示订单页面）",
            )
            .to_owned(),
        (returned, _) => callback(returned),
    };
    let notify = match (&found.notified, step.wants_notify()) {
        (None, false) if test.about.deaf() => lang
            .pick("– (cannot arrive here)", "–（无法到达此处）")
            .to_owned(),
        (None, false) => lang
            .pick("– (not wanted yet)", "–（此步骤不要求）")
            .to_owned(),
        (notified, _) => callback(notified),
    };
    let outcome = match found.witnesses.is_empty() {
        true => sure(found.paid(), found.status.clone()),
        false => {
            let text = format!("{} ({})", found.status, witnesses(found, lang));
            sure(found.paid(), text)
        }
    };
    let mut rows = vec![
        (lang.pick("order", "订单"), order_name(&seen.order)),
        (lang.pick("cashier", "收银台"), cashier),
        (lang.pick("trade", "交易"), trade),
        (lang.pick("title", "标题"), title),
        (lang.pick("return", "同步返回"), back),
        (
            lang.pick("  its three values", "　三个值"),
            three(found.returned.as_ref(), lang),
        ),
        (lang.pick("notify", "异步通知"), notify),
        (
            lang.pick("  its three values", "　三个值"),
            three(found.notified.as_ref(), lang),
        ),
        (lang.pick("outcome", "结果"), outcome),
    ];
    let deliveries = found.deliveries.iter();
    rows.extend(deliveries.map(|(endpoint, delivery)| {
        let good = delivery.outcome == "delivered";
        let line = format!("{endpoint}: {} {}", delivery.outcome, delivery.status);
        (lang.pick("event", "事件"), sure(good, line))
    }));
    let mut text = out::pairs(&rows);
    if found.found_by_query_alone() {
        text.push('\n');
        text.push_str(lang.pick(
            "The payment was found by a query: no return and no notify proved it.",
            "付款由主动查询得知：没有同步返回或异步通知证明。",
        ));
    }
    for gap in &seen.gaps {
        let look = look_at(gap, &test.about, found, &order_name(&seen.order), lang);
        text.push_str(&format!("\n✗ {look}"));
    }
    text
}

/// The three values of seed 001 4.4 under the guide's names.
fn three(callback: Option<&Callback>, lang: Lang) -> String {
    let Some(callback) = callback else {
        return String::new();
    };
    let value = |name: &str| match field(&callback.values, name) {
        text if text.is_empty() => lang.pick("(none)", "（无）").to_owned(),
        text => text,
    };
    let equal = match callback.values.get("equal").and_then(Value::as_bool) {
        Some(true) => lang.pick("equal", "相等"),
        _ => lang.pick("different", "不相等"),
    };
    let response = match value("response").as_str() {
        "not_asked" => lang
            .pick(
                "(not asked: it stood already, or nobody can be asked)",
                "（未询问：已成立，或无处可问）",
            )
            .to_owned(),
        word => word.to_owned(),
    };
    format!(
        "mysign {}   sign {} ({equal})   responseTxt {response}",
        value("mysign"),
        value("sign")
    )
}

/// The summary for programs.
pub fn value(test: &Test<'_>, step: Step, seen: &Watched) -> Value {
    let (lang, found) = (test.lang, &seen.found);
    let name = order_name(&seen.order);
    let missing: Vec<Value> = seen
        .gaps
        .iter()
        .map(|gap| json!({"what": gap.word(), "look_at": look_at(gap, &test.about, found, &name, lang)}))
        .collect();
    let delivery = |(endpoint, delivery): (&String, &Delivery)| {
        let Delivery {
            event,
            outcome,
            status,
            attempt,
        } = delivery;
        json!({
            "endpoint": endpoint, "event": event, "outcome": outcome,
            "status": status.parse::<u16>().ok(), "attempt": attempt.parse::<u32>().ok(),
        })
    };
    let deliveries: Vec<Value> = found.deliveries.iter().map(delivery).collect();
    json!({
        "account": test.about.account.name,
        "step": step.number(),
        "passed": seen.gaps.is_empty(),
        "order": seen.order,
        "checkout": {"arrived": found.via.is_some(), "via": found.via, "at": found.sent_at.map(|at| at.to_string())},
        "trade": {"known": found.trade_known(), "answer": found.answer},
        "title": {"sent": found.subject, "received": found.title(), "unmangled": found.title_whole()},
        "return": callback_value(found.returned.as_ref()),
        "return_expected": returns(&test.about, found),
        "notify": callback_value(found.notified.as_ref()),
        "notify_can_arrive": !test.about.deaf(),
        "status": found.status,
        "witnesses": found.witnesses,
        "found_by_query": found.found_by_query_alone(),
        "deliveries": deliveries,
        "missing": missing,
    })
}

fn callback_value(callback: Option<&Callback>) -> Value {
    let Some(callback) = callback else {
        return json!({"arrived": false});
    };
    json!({
        "arrived": true,
        "seq": callback.seq.parse::<u64>().ok(),
        "after_ms": callback.after_ms,
        "verified": callback.verified,
        "verdict": callback.verdict,
        "verification": callback.values,
        "answered": Some(&callback.answered).filter(|bytes| !bytes.is_empty()),
        "claims": callback.entry.get("claims"),
    })
}

/// An order as the other commands take it.
fn order_name(order: &Value) -> String {
    format!("{}/{}", field(order, "account"), field(order, "order_no"))
}

//! Entries of the journal as a timeline: a line for each thing that happened, in plain words. Under a callback stand
//! the three values of its verification; what the gateway's codes mean stands at the end, each once.

use crate::inspect::claimed;
use crate::out::{self, field};
use quittance_core::gateway::Evidence;
use quittance_core::{Lang, Money, Timestamp};
use serde_json::Value;
use std::collections::BTreeSet;

/// Entries, each with its time, its number and what happened. Where they are about several orders, each names its own.
pub fn timeline(entries: &[Value], lang: Lang) -> String {
    let Some(first) = entries.first() else {
        return lang
            .pick("There is no such entry.", "没有符合条件的记录。")
            .to_owned();
    };
    let mixed = entries.iter().any(|entry| about(entry) != about(first));
    let heading = match mixed {
        true => lang.pick("times are UTC", "时间为 UTC").to_owned(),
        false => format!(
            "{}   {}",
            about(first),
            lang.pick("(times are UTC)", "（时间为 UTC）")
        ),
    };
    let mut lines = vec![heading];
    for entry in entries {
        let mut told = told(entry, lang).into_iter();
        let order = match mixed {
            true => format!("{}  ", about(entry)),
            false => String::new(),
        };
        let stamp = format!("{}  {:>4}  ", time(entry), field(entry, "seq"));
        lines.push(format!("{stamp}{order}{}", told.next().unwrap_or_default()));
        let indent = " ".repeat(stamp.len());
        lines.extend(told.map(|line| format!("{indent}{line}")));
    }
    let meanings: BTreeSet<String> = entries
        .iter()
        .filter_map(|entry| meaning(entry, lang))
        .collect();
    lines.extend(meanings);
    let lines: Vec<String> = lines.iter().map(|line| out::plain(line)).collect();
    lines.join("\n")
}

/// What the gateway's code in an entry means.
fn meaning(entry: &Value, lang: Lang) -> Option<String> {
    let meaning = entry.get("explained")?.get("meaning")?;
    let (code, said) = (field(entry, "reason"), field(meaning, lang.word()));
    Some(format!("{code}: {said} (quittance explain {code})"))
}

/// The order, or the account alone, or the journal's own.
fn about(entry: &Value) -> String {
    match (field(entry, "account"), field(entry, "order_no")) {
        (account, _) if account.is_empty() => "-".to_owned(),
        (account, order_no) if order_no.is_empty() => account,
        (account, order_no) => format!("{account}/{order_no}"),
    }
}

fn time(entry: &Value) -> String {
    let time = field(entry, "time");
    match time.parse::<Timestamp>() {
        Ok(at) => at.strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        Err(_) => time,
    }
}

/// What happened: a sentence, and lines that belong under it.
fn told(entry: &Value, lang: Lang) -> Vec<String> {
    let data = Data(entry.get("data").cloned().unwrap_or_default());
    let kind = field(entry, "kind");
    match kind.as_str() {
        "notify" | "return" => callback(entry, kind == "return", lang),
        "note" => note(entry, lang),
        _ => vec![sentence(&kind, entry, &data, lang)],
    }
}

fn sentence(kind: &str, entry: &Value, data: &Data, lang: Lang) -> String {
    let say = |en: &str, zh: &str| lang.pick(en, zh).to_owned();
    // Chinese punctuation brings its own space.
    let with = |en: &str, zh: &str, what: &str| match lang {
        Lang::En => format!("{en} {what}"),
        Lang::Zh => format!("{zh}{what}"),
    };
    match kind {
        "genesis" => say("the journal begins", "账本开始"),
        "settings" => say("the settings changed", "设置变更"),
        "order" => {
            let what = format!("{}, {}", data.amount(), data.text("subject"));
            with("order made:", "创建订单：", &what)
        }
        "checkout" => {
            let via = format!("({})", data.text("via"));
            with("the buyer was sent to the cashier", "买家前往收银台 ", &via)
        }
        "placed" => {
            let accepted = match data.0.get("accepted").and_then(Value::as_bool) {
                Some(true) => say("it took it", "网关已接受"),
                Some(false) => say("it refused it", "网关拒绝"),
                None => say("no answer that can be read", "没有可读的答复"),
            };
            let sent = with(
                "the gateway was told of the order:",
                "向网关下单：",
                &accepted,
            );
            reasoned(sent, entry)
        }
        "cancel" => say(
            "the gateway is asked to undo whatever happened",
            "请求网关撤销该订单",
        ),
        "erased" => say(
            "raw messages and personal data were erased",
            "原文与个人信息已删除",
        ),
        "archived" => with(
            "the entries up to this one went into an archive:",
            "已归档至序号",
            &field(&data.0, "through"),
        ),
        "terminal_result" => {
            let said = match data.text("outcome").as_str() {
                "canceled" => say("canceled", "已取消"),
                "success" => say("paid", "成功"),
                "failed" => say("failed", "失败"),
                "timeout" => say("no answer in time", "超时"),
                _ => say("something unexpected", "意外的结果"),
            };
            reasoned(with("the terminal said:", "终端报告：", &said), entry)
        }
        "received" => say(
            "a callback was taken in; its answer follows",
            "收到回调，应答见后",
        ),
        "second_opinion" => {
            let asked = with(
                "the gateway was asked whether it sent the callback; it said:",
                "向网关核实回调是否由其发出，网关答复：",
                &data.text("opinion"),
            );
            reasoned(asked, entry)
        }
        "query" => query(entry, data, lang),
        "close" => {
            let accepted = match data.0.get("accepted").and_then(Value::as_bool) {
                Some(true) => say("it says that it did", "网关称已关闭"),
                Some(false) => say("it refused", "网关拒绝"),
                None => say("no answer that can be read", "没有可读的答复"),
            };
            let asked = with(
                "the gateway was asked to close the order:",
                "请求网关关闭订单：",
                &accepted,
            );
            reasoned(asked, entry)
        }
        "refund_requested" => {
            let what = format!("{} ({})", data.amount(), data.text("refund_no"));
            with("the shop wants money paid back:", "商城申请退款：", &what)
        }
        "refund_numbered" => with(
            "the refund goes out under another number:",
            "退款改用新的批次号：",
            &data.text("wire_no"),
        ),
        "refund_sent" => {
            let taken = match data.0.get("accepted").and_then(Value::as_bool) {
                Some(true) => say("the gateway took it in", "网关已受理"),
                Some(false) => say("the gateway refused it", "网关拒绝"),
                None => say("nothing was said to it yet", "尚无答复"),
            };
            let what = format!("{}{}{taken}", data.text("refund_no"), say("; ", "；"));
            reasoned(with("the refund went out:", "退款已送出：", &what), entry)
        }
        "refund_query" => refund_query(entry, data, lang),
        "statement" => statement(entry, data, lang),
        "close_requested" => say("the shop asked to close the order", "商城请求关闭订单"),
        "given_up" => say("the order is given up", "订单已放弃"),
        "delivery" => delivery(entry, data, lang),
        "endpoint" => {
            let name = data.text("name");
            match data.0.get("enabled").and_then(Value::as_bool) {
                Some(true) => with("endpoint switched on:", "启用接收地址：", &name),
                _ => with("endpoint switched off:", "停用接收地址：", &name),
            }
        }
        "resolution" => {
            let what = format!("{}: {}", data.text("decision"), data.text("note"));
            with(
                "a person decided about a discrepancy:",
                "人工处理差异：",
                &what,
            )
        }
        "redelivery" => with(
            "a person asked to deliver again:",
            "人工要求重新投递：",
            &event(entry, data),
        ),
        "junk" => with(
            "more callbacks without a valid signature, not written down singly:",
            "另有签名无效的回调，未逐条记录，数量：",
            &data.text("count"),
        ),
        "started" => with(
            "the server started,",
            "服务启动，版本 ",
            &data.text("version"),
        ),
        "clock_jump" => {
            let secs = format!("{} s", data.text("secs"));
            with("the clock jumped by", "时钟跳变 ", &secs)
        }
        "overdue" => say(
            "evidence has waited for its order for ten minutes",
            "收到的凭据等待订单已达十分钟",
        ),
        "abandoned" => match entry.get("reason").and_then(Value::as_str) {
            Some(reason) => with("laid aside:", "已搁置：", reason),
            None => with(
                "taken up three times without an end, and left:",
                "三次处理均无结果，已搁置：",
                &event(entry, data),
            ),
        },
        "anchor" => say("the journal's head was told", "公布账本链头"),
        "adopted" => say(
            "an older copy was put back and is the journal from now on",
            "恢复了较早的副本，自此作为账本",
        ),
        other => other.to_owned(),
    }
}

/// What came, what came of it, and the three values.
fn callback(entry: &Value, by_browser: bool, lang: Lang) -> Vec<String> {
    let who = match by_browser {
        true => lang.pick("return (by the buyer's browser)", "同步返回（买家浏览器）"),
        false => lang.pick("notify (by the gateway's server)", "异步通知（网关服务器）"),
    };
    let verdict = match field(entry, "verdict").as_str() {
        "genuine" => lang.pick("genuine", "验证通过").to_owned(),
        "ambiguous" => lang
            .pick("signed, yet no evidence", "签名正确，但不作为凭据")
            .to_owned(),
        "payee_mismatch" => lang
            .pick("signed for another payee", "签名正确，但收款方不符")
            .to_owned(),
        "bad_signature" => lang.pick("signature wrong", "签名不符").to_owned(),
        "malformed" => lang.pick("malformed", "格式错误").to_owned(),
        "foreign_source" => lang
            .pick(
                "from an address that the account does not hear",
                "来源地址不在账户的名单内",
            )
            .to_owned(),
        other => other.to_owned(),
    };
    let claims = claims(entry, lang);
    let colon = lang.pick(": ", "：");
    let mut said = format!("{who}{colon}{verdict}");
    if !claims.is_empty() {
        said = format!("{said}{}{claims}", lang.pick("; ", "；"));
    }
    said = reasoned(said, entry);
    let answered = field(entry, "answered");
    if !answered.is_empty() {
        said = format!("{said} → {} {answered}", lang.pick("answered", "应答"));
    }
    let mut lines = vec![said];
    lines.extend(
        entry
            .get("verification")
            .filter(|three| three.is_object())
            .map(|three| verification(three, lang)),
    );
    lines
}

/// The three values under the names of the guide.
fn verification(three: &Value, lang: Lang) -> String {
    let none = lang.pick("(none)", "（无）");
    let or_none = |name: &str| match field(three, name) {
        text if text.is_empty() => none.to_owned(),
        text => text,
    };
    let mut mysign = or_none("mysign");
    let key = field(three, "key");
    if !key.is_empty() {
        mysign = format!("{mysign} ({} {key})", lang.pick("previous key", "旧 key"));
    }
    let response = match field(three, "response").as_str() {
        "not_asked" => lang.pick("(not asked)", "（未询问）").to_owned(),
        word => word.to_owned(),
    };
    format!(
        "mysign {mysign}   sign {}   responseTxt {response}",
        or_none("sign")
    )
}

fn query(entry: &Value, data: &Data, lang: Lang) -> String {
    let answer = match data.text("answer").as_str() {
        "paid" => lang.pick("paid", "已付款").to_owned(),
        "unpaid" => lang.pick("waits for the buyer", "等待买家付款").to_owned(),
        "not_found" => lang.pick("knows no such trade", "无此交易").to_owned(),
        "closed" => lang.pick("closed unpaid", "未付款，已关闭").to_owned(),
        "unknown" => lang
            .pick("no answer that can be believed", "没有可信的答复")
            .to_owned(),
        other => other.to_owned(),
    };
    let why = match data.text("step").as_str() {
        "check" => lang.pick("on schedule", "按计划"),
        "ask" => lang.pick("something asked for it", "因其他事件"),
        "wait" => lang.pick("somebody waits", "有人等待"),
        "final" => lang.pick("before closing", "关闭前"),
        "last" => lang.pick("after closing", "关闭后"),
        "late" => lang.pick("late check", "关闭后复查"),
        _ => "",
    };
    let mut said = match lang {
        Lang::En => format!("the gateway was asked ({why}): {answer}"),
        Lang::Zh => format!("查询网关（{why}）：{answer}"),
    };
    let claims = claims(entry, lang);
    if !claims.is_empty() {
        said = format!("{said}{}{claims}", lang.pick("; ", "；"));
    }
    reasoned(said, entry)
}

fn refund_query(entry: &Value, data: &Data, lang: Lang) -> String {
    let answer = match data.text("answer").as_str() {
        "succeeded" => lang.pick("paid back", "已退款").to_owned(),
        "failed" => lang.pick("refused", "已拒绝").to_owned(),
        "pending" => lang.pick("not done yet", "处理中").to_owned(),
        "not_found" => lang.pick("knows no such refund", "无此退款").to_owned(),
        "unknown" => lang
            .pick("no answer that can be believed", "没有可信的答复")
            .to_owned(),
        other => other.to_owned(),
    };
    let refund_no = data.text("refund_no");
    let said = match lang {
        Lang::En => format!("the gateway was asked about refund {refund_no}: {answer}"),
        Lang::Zh => format!("查询退款 {refund_no}：{answer}"),
    };
    reasoned(said, entry)
}

fn statement(entry: &Value, data: &Data, lang: Lang) -> String {
    let (day, rows) = (data.text("day"), data.text("rows"));
    let rows = match rows.as_str() {
        "" => lang
            .pick("no answer that can be believed", "没有可信的答复")
            .to_owned(),
        rows => format!("{rows} {}", lang.pick("rows", "行")),
    };
    let mut said = match lang {
        Lang::En => format!("the account's statement of {day} was read: {rows}"),
        Lang::Zh => format!("读取账户 {day} 的账单：{rows}"),
    };
    let claims = claims(entry, lang);
    if !claims.is_empty() {
        said = format!("{said}{}{claims}", lang.pick("; ", "；"));
    }
    reasoned(said, entry)
}

fn delivery(entry: &Value, data: &Data, lang: Lang) -> String {
    let status = match data.text("status") {
        status if status.is_empty() => lang.pick("no answer", "无应答").to_owned(),
        status => format!("HTTP {status}"),
    };
    let outcome = match data.text("outcome").as_str() {
        "delivered" => lang.pick("delivered", "已送达").to_owned(),
        "failed" => lang.pick("not delivered", "未送达").to_owned(),
        "gone" => lang
            .pick("gone: the endpoint is switched off", "已不存在，停用该地址")
            .to_owned(),
        other => other.to_owned(),
    };
    let (event, attempt) = (event(entry, data), data.text("attempt"));
    let said = match lang {
        Lang::En => format!("told {event}, try {attempt}: {outcome} ({status})"),
        Lang::Zh => format!("告知 {event}，第 {attempt} 次：{outcome}（{status}）"),
    };
    reasoned(said, entry)
}

/// The text of a note, or that it was erased.
fn note(entry: &Value, lang: Lang) -> Vec<String> {
    let head = lang.pick("note by the shop: ", "商城备注：");
    let text = match entry.get("note").and_then(Value::as_str) {
        Some(text) => text,
        None => lang.pick("(erased)", "（已删除）"),
    };
    let mut lines = text.split('\n');
    let first = format!("{head}{}", lines.next().unwrap_or_default());
    std::iter::once(first)
        .chain(lines.map(|line| format!("  {line}")))
        .collect()
}

/// An event, by its type where it is known, and the endpoint.
fn event(entry: &Value, data: &Data) -> String {
    let name = match field(entry, "event_type") {
        word if word.is_empty() => data.text("event"),
        word => word,
    };
    match data.text("endpoint") {
        endpoint if endpoint.is_empty() => name,
        endpoint => format!("{name} → {endpoint}"),
    }
}

/// What is claimed, and the gateway's own word for the state of the trade.
pub fn claims(entry: &Value, lang: Lang) -> String {
    let told = entry.get("claims").cloned().unwrap_or_default();
    let told: Vec<Evidence> = serde_json::from_value(told).unwrap_or_default();
    let state = told
        .first()
        .and_then(|told| told.detail.gateway_status.clone());
    let claims = told.iter().map(|told| claimed(&told.claim, lang));
    claims.chain(state).collect::<Vec<_>>().join(", ")
}

fn reasoned(said: String, entry: &Value) -> String {
    match field(entry, "reason") {
        reason if reason.is_empty() => said,
        reason => format!("{said} ({reason})"),
    }
}

/// What belongs to a kind.
struct Data(Value);

impl Data {
    fn text(&self, name: &str) -> String {
        field(&self.0, name)
    }

    fn amount(&self) -> String {
        let amount = self.0.get("amount").cloned().unwrap_or_default();
        serde_json::from_value::<Money>(amount)
            .map(|amount| format!("{} {}", amount.decimal(), amount.currency))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quittance_core::codes::Explanation;
    use quittance_core::gateway::CODES;
    use serde_json::json;

    /// The same code twice is explained once, under the timeline, in the reader's language.
    #[test]
    fn a_code_of_the_gateway_is_explained_under_the_timeline() {
        let known: &Explanation = CODES[0].get("TRADE_NOT_EXIST").unwrap();
        let (en, zh) = (known.meaning.en, known.meaning.zh);
        let refused = json!({
            "kind": "query", "reason": known.code, "explained": {"meaning": {"en": en, "zh": zh}},
        });
        let silent = json!({"kind": "query", "reason": "no answer"});
        for (lang, said) in [(Lang::En, en), (Lang::Zh, zh)] {
            let text = timeline(&[refused.clone(), silent.clone(), refused.clone()], lang);
            let footnotes: Vec<&str> = text.lines().skip(4).collect();
            let code = known.code;
            assert_eq!(
                footnotes,
                [format!("{code}: {said} (quittance explain {code})")]
            );
        }
    }
}

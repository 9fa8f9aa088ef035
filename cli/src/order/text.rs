//! Orders as people read them.

use crate::out::{self, field, items};
use quittance_core::Lang;
use serde_json::Value;

/// One order with its trades and what does not fit.
pub fn shown(order: &Value, lang: Lang) -> String {
    let attention = order.get("attention") == Some(&Value::Bool(true));
    let status = match attention {
        true => format!(
            "{} ({})",
            field(order, "status"),
            lang.pick("needs attention", "需要处理")
        ),
        false => field(order, "status"),
    };
    let checks = order.get("checks").cloned().unwrap_or_default();
    let mut text = out::pairs(&[
        (lang.pick("order", "订单"), name(order)),
        (lang.pick("status", "状态"), status),
        (lang.pick("amount", "金额"), money(order)),
        (lang.pick("title", "标题"), field(order, "subject")),
        (lang.pick("made", "创建"), field(order, "created_at")),
        (lang.pick("expires", "到期"), field(order, "expires_at")),
        (lang.pick("paid", "付款"), field(order, "paid_at")),
        (lang.pick("closed", "关闭"), field(order, "closed_at")),
        (
            lang.pick("checks done", "已查询次数"),
            field(&checks, "done"),
        ),
        (
            lang.pick("next check", "下次查询"),
            field(&checks, "next_at"),
        ),
        (lang.pick("pay page", "付款页"), field(order, "pay_url")),
    ]);
    for trade in items(order, "trades") {
        let witnesses: Vec<&str> = items(trade, "witnesses")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let line = format!(
            "{} {}: {}, {} ({})",
            lang.pick("trade", "交易"),
            field(trade, "trade_no"),
            money(trade),
            field(trade, "proof"),
            witnesses.join(", ")
        );
        text.push('\n');
        text.push_str(&line);
    }
    for refund in items(order, "refunds") {
        let line = format!(
            "{} {}: {} {}, {}",
            lang.pick("refund", "退款"),
            field(refund, "refund_no"),
            field(refund, "amount"),
            field(order, "currency"),
            field(refund, "status"),
        );
        text.push('\n');
        text.push_str(&line);
    }
    for found in items(order, "discrepancies") {
        let (kind, state) = (field(found, "kind"), field(found, "state"));
        text.push_str(&format!("\n{kind} ({state}): {}", field(found, "detail")));
    }
    text
}

/// Orders as a table.
pub fn listed(page: &Value, lang: Lang) -> String {
    let row = |order: &Value| {
        vec![
            name(order),
            field(order, "status"),
            money(order),
            field(order, "created_at").chars().take(19).collect(),
            field(order, "subject"),
        ]
    };
    let rows: Vec<Vec<String>> = items(page, "items").iter().map(row).collect();
    if rows.is_empty() {
        return lang
            .pick("There is no such order.", "没有符合条件的订单。")
            .to_owned();
    }
    let heading = match lang {
        Lang::En => ["order", "status", "amount", "made (UTC)", "title"],
        Lang::Zh => ["订单", "状态", "金额", "创建（UTC）", "标题"],
    };
    let table = out::table(&heading, &rows);
    match field(page, "next").as_str() {
        "" => table,
        next => format!("{table}\n{} --after {next}", lang.pick("more:", "更多：")),
    }
}

/// How the buyer gets to the cashier, or a person to the page where refunds are confirmed.
pub fn checked_out(checkout: &Value, lang: Lang) -> String {
    let heading = match field(checkout, "kind").as_str() {
        "redirect" => lang.pick("Send the browser to:", "请将浏览器跳转到："),
        _ => lang.pick(
            "Let the browser post these fields to:",
            "请让浏览器以 POST 提交以下字段到：",
        ),
    };
    let mut text = format!("{heading}\n{}", field(checkout, "url"));
    for pair in items(checkout, "fields") {
        let part = |index: usize| pair.get(index).and_then(Value::as_str).unwrap_or_default();
        text.push_str(&format!("\n  {} = {}", part(0), part(1)));
    }
    text
}

/// A refund that was asked for.
pub fn refunded(refund: &Value, lang: Lang) -> String {
    out::pairs(&[
        (lang.pick("refund", "退款"), field(refund, "refund_no")),
        (lang.pick("status", "状态"), field(refund, "status")),
        (lang.pick("trade", "交易"), field(refund, "trade_no")),
        (lang.pick("amount", "金额"), field(refund, "amount")),
        (lang.pick("reason", "原因"), field(refund, "reason")),
        (
            lang.pick("the gateway says", "网关答复"),
            field(refund, "said"),
        ),
    ])
}

/// What the gateway said when asked.
pub fn verified(verification: &Value, lang: Lang) -> String {
    let message = verification.get("message").cloned().unwrap_or_default();
    let order = verification.get("order").cloned().unwrap_or_default();
    out::pairs(&[
        (
            lang.pick("the gateway says", "网关答复"),
            field(verification, "answer"),
        ),
        (
            lang.pick("for the buyer", "给买家"),
            field(&message, lang.pick("en", "zh")),
        ),
        (lang.pick("do next", "下一步"), field(verification, "next")),
        (lang.pick("order", "订单"), name(&order)),
        (lang.pick("status", "状态"), field(&order, "status")),
    ])
}

/// Where a note stands in the journal.
pub fn noted(note: &Value, lang: Lang) -> String {
    let (order, seq) = (name(note), field(note, "seq"));
    match lang {
        Lang::En => format!("Written into the journal of {order} as entry {seq}."),
        Lang::Zh => format!("已写入订单 {order} 的账本，第 {seq} 条。"),
    }
}

fn name(order: &Value) -> String {
    format!("{}/{}", field(order, "account"), field(order, "order_no"))
}

fn money(value: &Value) -> String {
    format!("{} {}", field(value, "amount"), field(value, "currency"))
}

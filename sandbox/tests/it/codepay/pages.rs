//! What people see: the terminal, the trades, the list.

use super::counter::{Counter, MERCHANT, SPARE, TERMINAL, sale, with};
use crate::desk::text;
use quittance_core::Lang;
use quittance_core::http::Method;
use quittance_sandbox::{Gateway, Inbound};
use serde_json::json;

fn shown(counter: &mut Counter, path: &str, lang: Lang) -> String {
    let request = Inbound {
        method: Method::Get,
        path: path.into(),
        query: Vec::new(),
        body: Vec::new(),
        lang,
    };
    text(
        &counter
            .desk
            .sandbox
            .handle(counter.desk.now, &request)
            .reply,
    )
}

/// The page of the trade whose terminal page this is.
fn trade_page(html: &str) -> String {
    let page = html
        .split("href=\"")
        .find(|part| part.starts_with("/trades/"))
        .unwrap();
    page.split_once('"').unwrap().0.to_owned()
}

/// The terminal shows what is on its screen, what waits behind it, and its buttons, in both languages.
#[test]
fn the_terminal_shows_its_queue() {
    let mut counter = Counter::new();
    let path = format!("/terminal/{TERMINAL}");
    let idle = shown(&mut counter, &path, Lang::En);
    assert!(idle.contains("Ready. Nothing waits here.") && !idle.contains("value=\"approve\""));
    counter.push("A");
    counter.push("B");
    for (lang, words) in [
        (
            Lang::En,
            [
                "Two coffees",
                "$34.50 USD",
                "Approve",
                "Cancel by user (110)",
                "Behind it",
                "Go offline",
            ],
        ),
        (
            Lang::Zh,
            [
                "Two coffees",
                "$34.50 USD",
                "批准",
                "用户取消（110）",
                "排队中",
                "断开网络",
            ],
        ),
    ] {
        let html = shown(&mut counter, &path, lang);
        for word in words {
            assert!(html.contains(word), "{word} in {html}");
        }
        for button in [
            "approve", "start", "decline", "cancel", "time-out", "offline",
        ] {
            assert!(html.contains(&format!("value=\"{button}\"")), "{button}");
        }
        assert!(html.contains(&format!("<strong>{}</strong>", Gateway::CodePay.name(lang))));
        assert!(html.contains("http-equiv=\"refresh\"") && html.len() < 30_000);
    }
    counter.press("start");
    let reading = shown(&mut counter, &path, Lang::En);
    assert!(reading.contains("reading the card") && !reading.contains("value=\"start\""));
    counter.press("offline");
    let gone = shown(&mut counter, &path, Lang::En);
    assert!(gone.contains("value=\"approve\" disabled") && gone.contains("value=\"online\""));
    assert_eq!(counter.desk.get("/terminal/NOBODYS", "").status, 404);
    assert_eq!(
        counter
            .desk
            .post("/terminal/NOBODYS", "", "action=approve")
            .status,
        404
    );
    assert_eq!(counter.desk.post(&path, "", "action=dance").status, 404);
}

/// A page of the terminal's runs nothing and loads nothing, and what a merchant sends is text on it.
#[test]
fn what_merchants_send_is_text() {
    let mut counter = Counter::new();
    let markup = "<script>alert(1)</script>";
    counter.call(
        "wisehub.cloud.pay.order",
        with(sale("A"), json!({ "description": markup })),
    );
    let path = format!("/terminal/{TERMINAL}");
    let reply = counter.desk.get(&path, "");
    assert!(!text(&reply).contains("<script"));
    let policy = reply.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
    let page = trade_page(&text(&reply));
    assert!(!text(&counter.desk.get(&page, "")).contains("<script"));
}

/// The cashier of a pushed order is its terminal, and nothing can be paid around it.
#[test]
fn a_pushed_order_has_no_cashier() {
    let mut counter = Counter::new();
    counter.push("A");
    let terminal = format!("/terminal/{TERMINAL}");
    let page = trade_page(&text(&counter.desk.get(&terminal, "")));
    for path in ["/cashier/", "/paid/"] {
        let there = page.replace("/trades/", path);
        let reply = counter.desk.get(&there, "");
        assert_eq!(reply.status, 303, "{path}");
    }
    let there = page.replace("/trades/", "/cashier/");
    assert_eq!(
        counter.desk.get(&there, "").header("location"),
        Some(terminal.as_str())
    );
    counter.press("offline");
    counter.desk.post(&there, "", "action=pay");
    assert_eq!(counter.status("A"), 9);
}

/// The trade's page has the buttons of its gateway, and tells every change in words.
#[test]
fn a_trade_tells_its_story() {
    let mut counter = Counter::new();
    counter.push("A");
    let page = trade_page(&text(
        &counter.desk.get(&format!("/terminal/{TERMINAL}"), ""),
    ));
    let html = shown(&mut counter, &page, Lang::En);
    assert!(
        html.contains("The terminal waits for the customer"),
        "{html}"
    );
    for (word, offered) in [
        ("pay", true),
        ("start", true),
        ("decline", true),
        ("cancel", true),
        ("time-out", true),
        ("close", true),
        ("refund", true),
        ("resend", true),
        ("fail", false),
        ("pay-late", false),
        ("pay-frozen", false),
        ("release", false),
        ("finish", false),
    ] {
        assert_eq!(
            html.contains(&format!("value=\"{word}\"")),
            offered,
            "{word}"
        );
        if !offered {
            let reply = counter.desk.post(&page, "", &format!("action={word}"));
            assert_eq!(reply.status, 409, "{word}");
            assert!(text(&reply).contains("CodePay does not do this"), "{word}");
        }
    }
    assert_eq!(counter.desk.post(&page, "", "action=start").status, 303);
    assert!(shown(&mut counter, &page, Lang::En).contains("The terminal reads a card"));
    assert_eq!(
        counter.desk.post(&page, "", "action=close").status,
        409,
        "only in 9"
    );
    assert_eq!(counter.desk.post(&page, "", "action=cancel").status, 303);
    counter.told();
    counter.query("A");
    for (lang, words) in [
        (
            Lang::En,
            [
                "Cancelled at the terminal 12:00:00 (110)",
                "✓ trans_status 1",
                "presents a card",
                "cancelled",
            ],
        ),
        (
            Lang::Zh,
            [
                "12:00:00 在终端上取消（110）",
                "✓ trans_status 1",
                "出示银行卡",
                "已取消",
            ],
        ),
    ] {
        let html = shown(&mut counter, &page, lang);
        for word in words {
            assert!(html.contains(word), "{word} in {html}");
        }
    }
}

/// A refund stands beside its payment, each linked and told.
#[test]
fn a_refund_names_its_payment() {
    let mut counter = Counter::new();
    counter.paid("A");
    let refund = json!({
        "orig_merchant_order_no": "A", "merchant_order_no": "R", "price_currency": "USD",
        "order_amount": "34.50", "trans_amount": "4.50",
    });
    counter.call("order.refund.submit", refund);
    let page = counter.desk.trade("R").cashier;
    assert!(page.starts_with("/trades/"), "{page}");
    let html = shown(&mut counter, &page, Lang::En);
    assert!(
        html.contains("$4.50 USD went back for order A") && html.contains("The payment:"),
        "{html}"
    );
    assert!(!html.contains("value=\"pay\"") && !html.contains("value=\"refund\""));
    let payment = html.split("The payment:").nth(1).unwrap();
    let payment = shown(&mut counter, &trade_page(payment), Lang::En);
    assert!(payment.contains("refunded $4.50 USD"), "{payment}");
    let list = shown(&mut counter, "/", Lang::En);
    assert!(
        list.contains("money went back") && list.contains("− $4.50 USD"),
        "{list}"
    );
}

/// The control page lists the terminals and what can be chosen, and the three gateways beside each other.
#[test]
fn the_list_shows_terminals() {
    let mut counter = Counter::new();
    counter.push("POS1");
    counter.desk.cashier("ALI1");
    let html = shown(&mut counter, "/", Lang::En);
    for part in [
        format!("href=\"/terminal/{TERMINAL}\""),
        format!("href=\"/terminal/{SPARE}\""),
        MERCHANT.to_owned(),
        "POS1".to_owned(),
        "ALI1".to_owned(),
        "<option value=\"codepay\"".to_owned(),
    ] {
        assert!(html.contains(&part), "{part} in {html}");
    }
    assert!(
        !html.contains("<option value=\"dinpay\""),
        "nobody has a contract there"
    );
    let one = text(&counter.desk.get("/", "gateway=codepay"));
    assert!(one.contains("POS1") && !one.contains("ALI1"));
}

//! The buyer's pages.

use crate::desk::{BASIC, Desk, PARTNER, RETURN_URL, field, genuine, payment, signed, text};
use sha2::{Digest, Sha256};

/// Seed 001 4.2: a signed request leads to the cashier, by GET and by the demo's form with the charset in both places.
#[test]
fn a_signed_request_leads_to_the_cashier() {
    let mut desk = Desk::new();
    let page = desk.cashier("A");
    let form = signed(&payment("B", &[]));
    let posted = desk.post("/gateway.do", "_input_charset=utf-8", &form);
    assert_eq!(posted.status, 303, "{}", text(&posted));
    let shown = desk.get(&page, "");
    let html = text(&shown);
    for part in [
        "SANDBOX · 沙箱 · no money moves",
        "测试商品",
        "¥0.01 CNY",
        "seller@example.com",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(
        shown.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let policy = shown.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-")
            && policy.contains("form-action 'self'")
            && !policy.contains("unsafe"),
        "{policy}"
    );
    let style = html.split_once("<style>").unwrap().1;
    let style = style.split_once("</style>").unwrap().0;
    let digest = data_encoding::BASE64.encode(&Sha256::digest(style));
    assert!(
        policy.contains(&digest),
        "the style is the one that is allowed"
    );
    assert!(shown.body.len() < 30_000 && !html.contains("<script"));
}

/// What a merchant writes is text on the page, never markup.
#[test]
fn texts_are_escaped() {
    let mut desk = Desk::new();
    let reply = desk.checkout(
        "A",
        &[("subject", "<b>\"x\"</b>"), ("body", "</main><script>")],
    );
    let page = reply
        .header("location")
        .unwrap()
        .strip_prefix("http://sandbox.test")
        .unwrap()
        .to_owned();
    let html = text(&desk.get(&page, ""));
    assert!(
        !html.contains("<b>") && !html.contains("<script>"),
        "{html}"
    );
    let index = text(&desk.get("/", ""));
    assert!(!index.contains("<b>"), "{index}");
}

/// GBK requests are read in their charset; the page is UTF-8.
#[test]
fn a_gbk_request_is_shown_in_utf_8_and_answered_in_gbk() {
    let mut desk = Desk::new();
    // Vector M3: the seller is named by its number.
    let wire = "service=create_direct_pay_by_user&partner=2088000000000001&seller_id=2088000000000001&payment_type=1\
                &out_trade_no=20240101-0001&total_fee=0.01\
                &return_url=http%3A%2F%2Fshop.example.com%2Falipay%2Freturn_url\
                &notify_url=http%3A%2F%2Fshop.example.com%2Falipay%2Fnotify_url&_input_charset=gbk\
                &subject=%B2%E2%CA%D4%C9%CC%C6%B7&extra_common_param=%BB%E1%D4%B1%B3%E4%D6%B5\
                &sign=ef2f55149776d7cc70703666b47aec16&sign_type=MD5";
    let reply = desk.get("/gateway.do", wire);
    let page = reply
        .header("location")
        .unwrap()
        .strip_prefix("http://sandbox.test")
        .unwrap()
        .to_owned();
    assert!(text(&desk.get(&page, "")).contains("测试商品"));
    let back = desk
        .sandbox
        .buyer_pays(desk.now, PARTNER, "20240101-0001")
        .unwrap();
    assert!(back.contains("subject=%B2%E2%CA%D4%C9%CC%C6%B7"), "{back}");
    let notify = desk.due().remove(0).request.body;
    assert!(genuine(&notify));
    assert!(
        String::from_utf8(notify)
            .unwrap()
            .contains("extra_common_param=%BB%E1%D4%B1%B3%E4%D6%B5")
    );
}

/// Protocol note 2.3 and 5.1: the trade exists from the moment when the buyer opens the cashier.
#[test]
fn the_trade_begins_when_the_cashier_is_opened() {
    let mut desk = Desk::new();
    let page = desk.cashier("A");
    assert_eq!(desk.trade("A").status, None);
    assert!(desk.query("A").contains("<error>TRADE_NOT_EXIST</error>"));
    desk.get(&page, "");
    let trade = desk.trade("A");
    assert_eq!(trade.status, Some("WAIT_BUYER_PAY"));
    let number = trade.trade_no.unwrap();
    assert!(
        number.len() == 28 && number.starts_with("20240101"),
        "{number}"
    );
    assert!(
        desk.query("A")
            .contains("<trade_status>WAIT_BUYER_PAY</trade_status>")
    );
    assert_eq!(
        desk.sandbox.buyer_opens(desk.now, PARTNER, "A").unwrap(),
        number
    );
    assert_eq!(
        desk.sandbox
            .buyer_opens(desk.now, PARTNER, "B")
            .unwrap_err()
            .0,
        "TRADE_NOT_EXIST"
    );
}

/// Seed 001 4.3 and seed 003, return (1) to (3): the success page says so, waits, and sends the browser back once.
#[test]
fn paying_shows_success_and_sends_the_browser_back_once() {
    let mut desk = Desk::new();
    let page = desk.cashier("A");
    desk.get(&page, "");
    let paid = desk.post(&page, "", "action=pay");
    assert_eq!(paid.status, 303);
    let success = page.replace("/cashier/", "/paid/");
    assert_eq!(paid.header("location"), Some(success.as_str()));
    let first = text(&desk.get(&success, ""));
    assert!(first.contains("<h1>Payment succeeded.</h1>") && !first.contains("付款成功"));
    assert!(
        first.contains(&format!(
            "<meta http-equiv=\"refresh\" content=\"3;url={RETURN_URL}?"
        )),
        "{first}"
    );
    let again = text(&desk.get(&success, ""));
    assert!(!again.contains("http-equiv=\"refresh\"") && again.contains(RETURN_URL));
    assert_eq!(
        desk.get(&page, "").status,
        303,
        "the cashier of a paid trade leads to the success page"
    );
    assert_eq!(
        desk.post(&page, "", "action=pay").status,
        303,
        "a second press pays nothing"
    );
    assert_eq!(desk.due().len(), 1);
}

/// Seed 003, return (2) and (6), and notify (12): signed, by GET, its own id, valid for one minute from the redirect.
#[test]
fn the_return_is_signed_and_its_minute_begins_with_the_redirect() {
    let mut desk = Desk::new();
    let page = desk.cashier("A");
    desk.post(&page, "", "action=pay");
    desk.wait(3_600_000);
    let html = text(&desk.get(&page.replace("/cashier/", "/paid/"), ""));
    let exchanges = desk.sandbox.exchanges(PARTNER, "A");
    let back = &exchanges
        .iter()
        .find(|exchange| exchange.kind == quittance_sandbox::Kind::Return)
        .unwrap()
        .target;
    assert!(html.contains(&back.replace('&', "&#38;")), "{html}");
    let query = back
        .strip_prefix(&format!("{RETURN_URL}?"))
        .unwrap()
        .as_bytes()
        .to_vec();
    assert!(genuine(&query));
    assert_eq!(field(&query, "is_success"), "T");
    assert_eq!(field(&query, "trade_status"), "TRADE_SUCCESS");
    let notify = desk.due().remove(0).request.body;
    let id = field(&query, "notify_id");
    assert_ne!(id, field(&notify, "notify_id"));
    desk.wait(60_000);
    assert_eq!(desk.verify(PARTNER, &id), "true");
    assert_eq!(desk.verify(PARTNER, &id), "false");
}

/// Seed 001 5.2 E: after the minute the link is dead, and showing the page again does not revive it.
#[test]
fn the_return_expires_after_one_minute() {
    let mut desk = Desk::new();
    let back = desk.paid("A");
    let id = field(back.split_once('?').unwrap().1.as_bytes(), "notify_id");
    desk.wait(60_001);
    let success = desk.trade("A").cashier.replace("/cashier/", "/paid/");
    desk.get(&success, "");
    assert_eq!(desk.verify(PARTNER, &id), "false");
}

/// Seed 001 5.3: the buyer may leave. Before paying nothing happens; nothing is sent.
#[test]
fn walking_away_changes_nothing() {
    let mut desk = Desk::new();
    let page = desk.cashier("A");
    desk.get(&page, "");
    let left = desk.post(&page, "", "action=leave");
    let left = left.header("location").unwrap().to_owned();
    assert!(text(&desk.get(&left, "")).contains("Nothing was paid"));
    assert_eq!(desk.trade("A").status, Some("WAIT_BUYER_PAY"));
    assert!(desk.due().is_empty());
    assert_eq!(
        desk.get(&page.replace("/cashier/", "/paid/"), "").status,
        303,
        "unpaid: back to the cashier"
    );
    assert_eq!(desk.post(&page, "", "action=steal").status, 404);
    assert_eq!(desk.post(&page, "", "%zz").status, 404);
}

/// Protocol note 1.1: without a return_url there is no way back, without a notify_url no notify.
#[test]
fn absent_addresses_are_not_called() {
    let mut desk = Desk::new();
    desk.checkout("A", &[("return_url", ""), ("notify_url", "")]);
    assert_eq!(desk.sandbox.buyer_pays(desk.now, PARTNER, "A"), None);
    assert_eq!(desk.trade("A").status, Some("TRADE_SUCCESS"));
    assert!(desk.due().is_empty());
    let success = desk.trade("A").cashier.replace("/cashier/", "/paid/");
    assert!(!text(&desk.get(&success, "")).contains("refresh"));
}

/// Protocol note 2.3: the basic product ends with TRADE_FINISHED, the advanced with TRADE_SUCCESS.
#[test]
fn the_product_decides_the_word_for_paid() {
    let mut desk = Desk::new();
    desk.checkout("A", &[("partner", BASIC)]);
    desk.sandbox.buyer_pays(desk.now, BASIC, "A");
    assert_eq!(desk.trade("A").status, Some("TRADE_FINISHED"));
    assert_eq!(
        desk.sandbox.buyer_pays(desk.now, BASIC, "A"),
        None,
        "nobody pays twice"
    );
    desk.paid("B");
    assert_eq!(desk.trade("B").status, Some("TRADE_SUCCESS"));
}

/// Hostile and idle requests get an answer and change nothing.
#[test]
fn anything_else_is_not_found() {
    let mut desk = Desk::new();
    for path in [
        "",
        "x",
        "/x",
        "/cashier",
        "/cashier/",
        "/cashier/x",
        "/paid/x",
        "/gateway.do/x",
        "/cashier/a/b",
        "/trades/x",
        "/trades/x/faults",
        "/refused/1",
        "/refused/x",
        "/left/x",
    ] {
        assert_eq!(desk.get(path, "").status, 404, "{path}");
        assert_eq!(desk.post(path, "\u{0}", "=&%").status, 404, "{path}");
    }
    assert!(text(&desk.get("/", "")).contains("No payment was asked for yet"));
    assert!(desk.sandbox.trades().is_empty());
}

//! The control page, and every page in two languages.

use crate::desk::{Desk, PARTNER, payment, signed, text};
use quittance_core::Lang;
use quittance_core::gateway::alipay::CODES;
use quittance_core::gateway::dinpay;
use quittance_core::http::{Method, Reply};
use quittance_sandbox::{Faults, Inbound, Kind, VerifyKind};
use std::path::Path;

fn ask(desk: &mut Desk, method: Method, target: &str, body: &str, lang: Lang) -> Reply {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let request = Inbound {
        method,
        path: path.into(),
        query: query.into(),
        body: body.into(),
        lang,
    };
    desk.sandbox.handle(desk.now, &request).reply
}

fn page_of(desk: &Desk, order: &str) -> String {
    desk.trade(order).cashier.replace("/cashier/", "/trades/")
}

/// Presses a button on a trade's page and gives the page afterwards.
fn press(desk: &mut Desk, order: &str, form: &str) -> (u16, String) {
    let page = page_of(desk, order);
    let reply = desk.post(&page, "", form);
    match reply.header("location") {
        Some(to) => {
            assert_eq!(to, page);
            (reply.status, text(&desk.get(&page, "")))
        }
        None => (reply.status, text(&reply)),
    }
}

/// An address that a stranger made up is no way out: no link of its page leads to another site.
#[test]
fn no_address_makes_a_link_to_another_site() {
    let mut desk = Desk::new();
    for page in [
        "//evil.test/x",
        "/\\evil.test/x?a=b",
        "///evil.test",
        "/x//evil.test",
    ] {
        let html = text(&ask(&mut desk, Method::Get, page, "", Lang::En));
        let links: Vec<&str> = html.split("href=\"").skip(1).collect();
        assert!(links.len() > 1, "{page}: {html}");
        for link in links {
            let second = link.chars().nth(1);
            assert!(!matches!(second, Some('/' | '\\')), "{page}: {link}");
        }
    }
}

/// Every page is in one language, links to itself in the other, and names its language; the band alone has both.
#[test]
fn every_page_is_in_the_language_of_its_reader() {
    let mut desk = Desk::new();
    for order in ["A", "B", "C"] {
        desk.checkout(order, &[("subject", "a book")]);
    }
    let cashier = desk.trade("A").cashier;
    desk.paid("P");
    desk.sandbox.buyer_opens(desk.now, PARTNER, "C").unwrap();
    let closed = desk.trade("C").cashier;
    desk.call("close_trade", &[("out_order_no", "C")]);
    desk.get("/gateway.do", "service=x");
    let html = text(&desk.get("/gateway.do", "service=x"));
    let refused = html.split_once("href=\"/refused/").unwrap().1;
    let refused = format!("/refused/{}", refused.split_once('?').unwrap().0);
    let pages = [
        cashier.clone(),
        cashier.replace("/cashier/", "/left/"),
        cashier.replace("/cashier/", "/trades/"),
        closed,
        desk.trade("P").cashier.replace("/cashier/", "/paid/"),
        refused,
        "/nowhere".to_owned(),
        "/?status=waiting&q=A".to_owned(),
    ];
    for page in pages {
        for lang in Lang::ALL {
            let html = text(&ask(&mut desk, Method::Get, &page, "", lang));
            assert!(html.contains(&format!("<html lang=\"{}\">", lang.tag())));
            let (_, query) = page.split_once('?').unwrap_or_default();
            let mark = if query.is_empty() { "" } else { "&#38;" };
            let escaped = query.replace('&', "&#38;");
            let switch = format!("href=\"?{escaped}{mark}lang={}\"", lang.other().word());
            assert!(html.contains(&switch), "{switch}: {html}");
            assert!(html.contains("SANDBOX · 沙箱 · no money moves"));
            let body = html.split_once("<main>").unwrap().1;
            let chinese = body.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            let allowed = body.contains("测试商品");
            assert!(chinese == (lang == Lang::Zh) || allowed, "{page}: {body}");
            assert!(html.len() < 30_000, "{page}: {}", html.len());
        }
    }
    let (en, zh) = (Lang::En, Lang::Zh);
    for (lang, pay, leave) in [
        (en, "Confirm and pay", "Leave without paying"),
        (zh, "确认无误，付款", "不付款，离开"),
    ] {
        let html = text(&ask(&mut desk, Method::Get, &cashier, "", lang));
        assert!(html.contains(&format!(">{pay}</button>")), "{html}");
        assert!(html.contains(&format!(">{leave}</button>")), "{html}");
    }
    let paid = desk.trade("P").cashier.replace("/cashier/", "/paid/");
    let html = text(&ask(&mut desk, Method::Get, &paid, "", zh));
    assert!(html.contains("<h1>付款成功。</h1>") && html.contains(">返回商家</a>"));
}

/// The switch keeps the filters, and forgets an older switch.
#[test]
fn the_switch_keeps_what_was_asked_for() {
    let mut desk = Desk::new();
    let target = "/?lang=zh&status=paid&q=%E6%B5%8B";
    let html = text(&ask(&mut desk, Method::Get, target, "", Lang::Zh));
    let switch = "href=\"?status=paid&#38;q=%E6%B5%8B&#38;lang=en\"";
    assert!(html.contains(switch), "{html}");
    assert!(
        html.contains("value=\"测\""),
        "the filter stands in its field"
    );
}

/// Seed 001 5.1: the page says what the gateway's says, in its words, with the code under it.
#[test]
fn a_refusal_looks_as_the_guide_shows_it() {
    let mut desk = Desk::new();
    let wire = signed(&payment("A", &[])).replace("0.01", "0.02");
    let target = format!("/gateway.do?{wire}");
    let html = text(&ask(&mut desk, Method::Get, &target, "", Lang::Zh));
    for part in [
        "<h1>调试错误，请回到请求来源地，重新发起请求。</h1>",
        "错误代码 ILLEGAL_SIGN<",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

/// The page's words are those of `quittance explain`; what is so at the sandbox only stands behind them.
#[test]
fn a_refusal_is_explained_in_the_words_of_the_table() {
    let mut desk = Desk::new();
    let known = CODES.get("ILLEGAL_PARTNER").unwrap();
    for lang in Lang::ALL {
        let target = "/gateway.do?service=create_direct_pay_by_user&partner=2088999999999999";
        let html = text(&ask(&mut desk, Method::Get, target, "", lang));
        let here = lang.pick("The sandbox printed", "见沙箱启动时的输出");
        for part in [known.meaning, known.cause, known.fix].map(|words| words.say(lang)) {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert!(html.contains(here), "{html}");
    }
}

/// Whatever this crate refuses with is explained, in the table of the gateway whose folder it is in. The core has the same test for its half of the gateway's side.
#[test]
fn every_code_of_the_sandbox_is_explained() {
    let (mut folders, mut refusals) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")], 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let codes = match path.components().any(|part| part.as_os_str() == "dinpay") {
                true => dinpay::CODES,
                false => CODES,
            };
            let text = std::fs::read_to_string(path).unwrap();
            for after in text.split("Code(\"").skip(1) {
                let code = after.split('"').next().unwrap();
                assert!(codes.get(code).is_some(), "{code} is not explained");
                refusals += 1;
            }
        }
    }
    assert!(refusals > 10, "{refusals}");
}

/// The page of a refused request explains the code and shows what came in, escaped.
#[test]
fn a_refusal_is_explained() {
    let mut desk = Desk::new();
    let wire = signed(&payment("A", &[])).replace("0.01", "0.02");
    let html = text(&desk.get("/gateway.do", &wire));
    assert!(html.contains("The signature does not fit"), "{html}");
    assert!(html.contains("total_fee=0.02&#38;"), "{html}");
    let list = text(&desk.get("/", ""));
    let link = list.split_once("href=\"/refused/").unwrap().1;
    let number = link.split_once('"').unwrap().0.to_owned();
    let again = ask(
        &mut desk,
        Method::Get,
        &format!("/refused/{number}"),
        "",
        Lang::Zh,
    );
    assert_eq!(again.status, 200);
    assert!(text(&again).contains("签名不符"));
    let posted = desk.post("/gateway.do", "", "service=x&b=<script>");
    assert!(!text(&posted).contains("<script"));
}

/// The list filters by status, by what is special, and by text, and goes on where a page ends.
#[test]
fn the_list_is_filtered_by_its_address() {
    let mut desk = Desk::new();
    desk.checkout("none-1", &[]);
    desk.checkout("wait-1", &[("subject", "waiting room")]);
    desk.sandbox
        .buyer_opens(desk.now, PARTNER, "wait-1")
        .unwrap();
    desk.paid("paid-1");
    desk.answer(500, "");
    desk.sandbox
        .set_own_faults(PARTNER, "none-1", Faults::lost_notify())
        .unwrap();
    let number = desk.trade("paid-1").trade_no.unwrap();
    let listed = |desk: &mut Desk, query: &str| {
        let html = text(&desk.get("/", query));
        ["none-1", "wait-1", "paid-1"]
            .into_iter()
            .filter(|order| html.contains(&format!(">{order}</a>")))
            .collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("", &["none-1", "wait-1", "paid-1"][..]),
        ("status=none", &["none-1"]),
        ("status=waiting", &["wait-1"]),
        ("status=paid", &["paid-1"]),
        ("status=closed", &[]),
        ("status=nonsense", &["none-1", "wait-1", "paid-1"]),
        ("only=owed", &["paid-1"]),
        ("only=warned", &["paid-1"]),
        ("only=faults", &["none-1"]),
        ("q=wait", &["wait-1"]),
        ("q=room&status=paid", &[]),
        ("q=%zz", &["none-1", "wait-1", "paid-1"]),
    ] {
        assert_eq!(listed(&mut desk, query), expected, "{query}");
    }
    assert_eq!(listed(&mut desk, &format!("q={number}")), ["paid-1"]);
    for n in 0..45 {
        desk.checkout(&format!("many-{n:02}"), &[]);
    }
    let first = text(&desk.get("/", "q=many"));
    assert!(first.contains(">many-44<") && !first.contains(">many-04<"));
    let older = first.split_once("href=\"/?q=many&#38;before=").unwrap().1;
    let before = older.split_once('"').unwrap().0;
    let rest = text(&desk.get("/", &format!("q=many&before={before}")));
    assert!(rest.contains(">many-04<") && !rest.contains(">many-05<"));
    assert!(first.len() < 60_000, "{}", first.len());
}

/// The page of a trade tells its story in one sentence and draws every exchange between the right lanes.
#[test]
fn the_timeline_tells_the_story() {
    let mut desk = Desk::new();
    let mut faults = Faults::default();
    faults.way_back.lose = true;
    desk.sandbox.set_own_faults(PARTNER, "A", faults).unwrap();
    desk.cashier("A");
    desk.sandbox.buyer_pays(desk.now, PARTNER, "A");
    desk.answer(200, "fail");
    desk.wait(120_000);
    desk.answer(500, "");
    desk.wait(10_000);
    desk.query("A");
    let page = page_of(&desk, "A");
    let html = text(&desk.get(&page, ""));
    let sentence = "Paid 12:00:00 at the gateway; notify refused by the shop ×2, it goes out again in 9 min; \
                    the return was lost; a query told the shop 12:02:10.";
    assert!(html.contains(sentence), "{html}");
    let chinese = text(&ask(&mut desk, Method::Get, &page, "", Lang::Zh));
    assert!(
        chinese.contains(
            "12:00:00 在网关付款成功；通知被商家拒绝 2 次，9 分钟后重发；买家未能返回商家；商家于 12:02:10 通过查询得知。"
        ),
        "{chinese}"
    );
    let mut at = 0;
    for line in [
        "hop bg ok\"><b>checkout<",
        "hop bg note\"><b>opens the cashier<",
        "hop bg note\"><b>pays ¥0.01 CNY<",
        "hop bm lost\"><b>return<",
        "hop gm refused\"><b>notify 1<",
        "hop gm refused\"><b>notify 2<",
        "hop mg ok\"><b>query<",
    ] {
        let found = html[at..].find(line);
        at += found.unwrap_or_else(|| panic!("{line} after {at}: {html}"));
    }
    assert!(
        html.contains("2024-01-01 12:12:00"),
        "the next re-send, exactly"
    );
    assert!(html.contains("✓ TRADE_SUCCESS") && html.contains("✕ refused: status 500"));
    for exchange in desk.sandbox.exchanges(PARTNER, "A") {
        let number = exchange.number;
        assert!(html.contains(&format!("<a href=\"#x{number}\"")));
        assert!(html.contains(&format!("<div id=\"x{number}\"")));
    }
    assert!(html.contains("POST http://shop.example.com/alipay/notify_url"));
    assert!(!html.contains("<script"));
}

/// Every end that an order can have is a sentence, in both languages.
#[test]
fn every_end_has_its_sentence() {
    let sentence = |desk: &mut Desk, lang| {
        let page = page_of(desk, "A");
        let html = text(&ask(desk, Method::Get, &page, "", lang));
        let said = html.split_once("class=\"said\">").unwrap().1;
        said.split_once("</p>").unwrap().0.to_owned()
    };
    let check = |play: &dyn Fn(&mut Desk), en: &str, zh: &str| {
        let mut desk = Desk::new();
        desk.checkout("A", &[]);
        play(&mut desk);
        assert_eq!(sentence(&mut desk, Lang::En), en);
        assert_eq!(sentence(&mut desk, Lang::Zh), zh);
    };
    let open = |desk: &mut Desk| {
        desk.sandbox.buyer_opens(desk.now, PARTNER, "A").unwrap();
    };
    let pay = |desk: &mut Desk| {
        desk.sandbox.buyer_pays(desk.now, PARTNER, "A");
    };
    let close = |desk: &mut Desk| {
        desk.call("close_trade", &[("out_order_no", "A")]);
    };
    check(
        &|_| {},
        "The shop asked for the payment; the buyer has not opened the cashier, so there is no trade yet.",
        "商家已发起付款请求；买家尚未打开收银台，交易还不存在。",
    );
    check(
        &open,
        "The cashier waits for the buyer, and closes in 15 days.",
        "收银台等待买家付款，15 天后关闭。",
    );
    check(
        &|desk| {
            open(desk);
            close(desk);
        },
        "Closed unpaid 12:00:00.",
        "12:00:00 未付款关闭。",
    );
    check(
        &|desk| {
            open(desk);
            desk.wait(15 * 86_400_000);
            desk.due();
        },
        "Nobody paid in time; the trade closed 12:00:00.",
        "超时未付款，交易于 12:00:00 关闭。",
    );
    check(
        &|desk| {
            open(desk);
            close(desk);
            desk.sandbox
                .buyer_pays_late(desk.now, PARTNER, "A")
                .unwrap();
            desk.answer(200, "success");
        },
        "Paid 12:00:00 at the gateway, after the trade was closed; the shop acknowledged the notify 12:00:00.",
        "12:00:00 在交易关闭后仍付款成功；商家于 12:00:00 确认收到通知。",
    );
    check(
        &|desk| {
            pay(desk);
            desk.answer(500, "");
            desk.wait(120_000);
            desk.answer(200, "success");
            let all = desk.trade("A").amount;
            desk.sandbox.refund(desk.now, PARTNER, "A", all).unwrap();
        },
        "Paid 12:00:00 at the gateway; notify refused by the shop ×1, it goes out again now; the buyer was sent \
         back 12:00:00; ¥0.01 CNY was refunded.",
        "12:00:00 在网关付款成功；通知被商家拒绝 1 次，马上重发；买家于 12:00:00 返回商家；已退款 ¥0.01 CNY。",
    );
}

/// The buttons do what they say, and say why they cannot.
#[test]
fn buttons_do_what_they_say() {
    let mut desk = Desk::new();
    desk.checkout("A", &[("total_fee", "1.00")]);
    let (status, html) = press(&mut desk, "A", "action=close");
    assert_eq!(status, 409);
    assert!(html.contains("It cannot be closed"), "{html}");
    assert_eq!(press(&mut desk, "A", "action=resend").0, 409);
    let (status, html) = press(&mut desk, "A", "action=pay");
    assert_eq!(status, 303);
    assert!(html.contains(">TRADE_SUCCESS<"), "{html}");
    assert!(html.contains("value=\"pay\" disabled") && !html.contains("value=\"refund\" disabled"));
    assert_eq!(press(&mut desk, "A", "action=pay").0, 409);
    assert_eq!(press(&mut desk, "A", "action=pay-late").0, 409);
    desk.answer(200, "fail");
    assert_eq!(press(&mut desk, "A", "action=resend").0, 303);
    desk.answer(200, "success");
    for bad in ["0", "1.01", "x", "%FF", "-1"] {
        let (status, html) = press(&mut desk, "A", &format!("action=refund&amount={bad}"));
        assert_eq!(status, 409, "{bad}");
        assert!(html.contains("This sum cannot be refunded"), "{bad}");
    }
    assert_eq!(press(&mut desk, "A", "action=refund&amount=0.40").0, 303);
    desk.answer(200, "success");
    let html = text(&desk.get(&page_of(&desk, "A"), ""));
    assert!(html.contains("<b>refund notify 1<") && html.contains("<b>notify 2<"));
    assert_eq!(desk.trade("A").refunded.minor, 40);
    assert_eq!(press(&mut desk, "A", "action=refund&amount=").0, 303);
    assert_eq!(desk.trade("A").status, Some("TRADE_CLOSED"));
    assert_eq!(press(&mut desk, "A", "action=refund").0, 409);
    assert_eq!(press(&mut desk, "A", "action=steal").0, 404);
    assert_eq!(press(&mut desk, "A", "=").0, 404);
    desk.cashier("B");
    desk.sandbox.buyer_opens(desk.now, PARTNER, "B").unwrap();
    assert_eq!(press(&mut desk, "B", "action=close").0, 303);
    assert_eq!(press(&mut desk, "B", "action=pay-late").0, 303);
    assert_eq!(desk.trade("B").status, Some("TRADE_SUCCESS"));
}

/// The form of faults sets all of them, shows what it set, and clears them; for one order and for all.
#[test]
fn the_form_sets_every_fault() {
    let mut desk = Desk::new();
    desk.cashier("A");
    let page = page_of(&desk, "A");
    let form = "do=set&notify_lose=1&notify_delay_secs=5&notify_copies=3&notify_reorder=1&notify_amount=0.02\
                &notify_tamper=1&notify_forge=1&return_lose=1&return_after_notify=1&return_amount=9.90\
                &return_tamper=1&return_forge=1&verify_kind=slow&verify_secs=7&query_kind=stale&query_secs=60\
                &query_amount=0.03";
    let whole: Faults = serde_json::from_str(
        r#"{"notify":{"lose":true,"delay_secs":5,"copies":3,"reorder":true,"amount":"0.02","tamper":true,"forge":true},
            "return":{"lose":true,"after_notify":true,"amount":"9.90","tamper":true,"forge":true},
            "verify":{"kind":"slow","secs":7},"query":{"kind":"stale","secs":60,"amount":"0.03"}}"#,
    )
    .unwrap();
    for (target, shown) in [
        ("/faults".to_owned(), "/".to_owned()),
        (format!("{page}/faults"), page),
    ] {
        assert_eq!(desk.post(&target, "", form).status, 303);
        let set = match target.as_str() {
            "/faults" => desk.sandbox.faults().clone(),
            _ => desk.sandbox.own_faults(PARTNER, "A").unwrap().clone(),
        };
        assert_eq!(set, whole);
        let html = text(&desk.get(&shown, ""));
        assert_eq!(html.matches(" checked>").count(), 8, "{html}");
        for value in [
            "\"9.90\"",
            "value=\"slow\" selected",
            "value=\"stale\" selected",
        ] {
            assert!(html.contains(value), "{value}");
        }
    }
    let list = text(&desk.get("/", ""));
    assert!(
        list.contains("On for all orders:") && list.contains("return lost"),
        "{list}"
    );
    let target = format!("{}/faults", page_of(&desk, "A"));
    assert_eq!(desk.post(&target, "", "do=clear").status, 303);
    assert_eq!(desk.sandbox.own_faults(PARTNER, "A"), None);
    assert_eq!(desk.post("/faults", "", "do=clear").status, 303);
    assert!(desk.sandbox.faults().is_none());
    for bad in [
        "",
        "%zz",
        "verify_kind=ok",
        "verify_kind=ok&query_kind=OK",
        "verify_kind=ok&query_kind=ok&notify_copies=0",
        "verify_kind=ok&query_kind=ok&notify_copies=99999999999",
        "verify_kind=ok&query_kind=ok&notify_amount=0.001",
        "verify_kind=ok&query_kind=ok&query_secs=-1",
    ] {
        let reply = desk.post("/faults", "", bad);
        assert_eq!(reply.status, 409, "{bad}");
        assert!(text(&reply).contains("These faults cannot be set"));
    }
    assert!(desk.sandbox.faults().is_none());
    desk.post("/faults", "", "verify_kind=down&query_kind=ok");
    assert_eq!(desk.sandbox.faults().verify.kind, VerifyKind::Down);
}

/// Bytes are shown as text of their charset, cut where they are long, and as Base64 where they are none.
#[test]
fn bytes_are_one_click_away() {
    let mut desk = Desk::new();
    desk.paid("A");
    let page = page_of(&desk, "A");
    let show = |desk: &mut Desk, body: Vec<u8>| {
        desk.sandbox.resend(desk.now, PARTNER, "A");
        let told = desk.due().remove(0);
        desk.sandbox
            .settle(desk.now, told.id, Ok(Reply::new(200, body)));
        text(&desk.get(&page, ""))
    };
    assert!(show(&mut desk, b"\xb2\xe2\xca\xd4".to_vec()).contains("200 (GBK)\n\n测试"));
    assert!(show(&mut desk, b"\xff\x00".to_vec()).contains("200 (Base64)\n\n/wA="));
    let long = format!("x{}", "测".repeat(3_000));
    let html = show(&mut desk, long.into_bytes());
    assert!(
        html.contains("测测\n… 4905 more bytes: see the JSON"),
        "{html}"
    );
    let html = show(&mut desk, b"</pre><script>alert(1)</script>".to_vec());
    assert!(!html.contains("<script"));
}

/// The cashier names the bank and draws its own picture beside it.
#[test]
fn the_cashier_names_bank_and_method() {
    let mut desk = Desk::new();
    for (changes, en, zh) in [
        (
            &[("paymethod", "bankPay"), ("defaultbank", "CMB")][..],
            "China Merchants Bank",
            "招商银行",
        ),
        (&[("paymethod", "creditPay")], "Credit card", "信用支付"),
        (
            &[("paymethod", "CASH")],
            "Cash at an outlet",
            "网点现金付款",
        ),
    ] {
        let order = en.replace(' ', "-");
        desk.checkout(&order, changes);
        let page = desk.trade(&order).cashier;
        for (lang, name) in [(Lang::En, en), (Lang::Zh, zh)] {
            let html = text(&ask(&mut desk, Method::Get, &page, "", lang));
            assert!(html.contains(&format!("</svg>{name}</dd>")), "{html}");
        }
    }
}

/// While the return waits for the notify, the success page looks again by itself, and then goes on.
#[test]
fn the_success_page_waits_for_the_notify() {
    let mut desk = Desk::new();
    let mut faults = Faults::default();
    faults.way_back.after_notify = true;
    desk.sandbox.set_faults(faults);
    let page = desk.cashier("A");
    desk.post(&page, "", "action=pay");
    let success = page.replace("/cashier/", "/paid/");
    let html = text(&desk.get(&success, ""));
    assert!(
        html.contains("http-equiv=\"refresh\" content=\"2\""),
        "{html}"
    );
    assert!(html.contains("The shop is told first"));
    desk.answer(200, "success");
    let html = text(&desk.get(&success, ""));
    assert!(
        html.contains("content=\"3;url=http://shop.example.com"),
        "{html}"
    );
    let kept = desk.sandbox.exchanges(PARTNER, "A");
    let order = [Kind::Notify, Kind::Return]
        .map(|kind| kept.iter().position(|known| known.kind == kind).unwrap());
    assert!(order[0] < order[1]);
}

//! What people see of Dinpay's trades.

use super::till::{MERCHANT, Till, order};
use crate::desk::{PARTNER, text};
use quittance_core::Lang;
use quittance_core::http::Method;
use quittance_sandbox::{Gateway, Inbound};

fn shown(till: &mut Till, path: &str, lang: Lang) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let request = Inbound {
        method: Method::Get,
        path: path.into(),
        query: query.into(),
        body: Vec::new(),
        lang,
    };
    text(&till.desk.sandbox.handle(till.desk.now, &request).reply)
}

/// Every page of a trade names its gateway in both languages; so do the pages of Alipay's trades beside it.
#[test]
fn every_page_names_its_gateway() {
    let mut till = Till::new();
    let cashier = till.cashier("A");
    let ali = till.desk.cashier("ALI");
    for lang in Lang::ALL {
        let name = |gateway: Gateway| format!("<strong>{}</strong>", gateway.name(lang));
        let trade = |page: &str| page.replace("/cashier/", "/trades/");
        for page in [cashier.clone(), trade(&cashier)] {
            let html = shown(&mut till, &page, lang);
            assert!(html.contains(&name(Gateway::Dinpay)), "{html}");
        }
        for page in [ali.clone(), trade(&ali)] {
            let html = shown(&mut till, &page, lang);
            assert!(html.contains(&name(Gateway::Alipay)), "{html}");
        }
    }
    till.desk.sandbox.buyer_pays(till.desk.now, MERCHANT, "A");
    for path in ["/paid/", "/back/"] {
        let html = shown(&mut till, &cashier.replace("/cashier/", path), Lang::En);
        assert!(html.contains("<strong>Dinpay</strong>"), "{html}");
        assert!(html.len() < 30_000);
    }
}

/// Without a bank the buyer chooses one, or a code to scan; what he chose stands on the trade's page. With a known bank
/// there is nothing to choose, with an unknown one there is (protocol note dinpay 1.2).
#[test]
fn the_cashier_lets_the_buyer_choose_what_is_open() {
    let mut till = Till::new();
    let cashier = till.cashier("A");
    let html = text(&till.desk.get(&cashier, ""));
    for part in [
        "name=\"bank\" value=\"ICBC\" checked",
        "value=\"HZB\"",
        "value=\"weixin\"",
        "Scan a code",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(html.len() < 30_000);
    till.desk.post(&cashier, "", "action=pay&bank=CMB");
    let trade = text(&till.desk.get(&cashier.replace("/cashier/", "/trades/"), ""));
    assert!(trade.contains("Paid by China Merchants Bank"), "{trade}");
    let notify = till.answer(200, "SUCCESS").request.body;
    assert!(
        !String::from_utf8(notify).unwrap().contains("bank_code"),
        "the samples do not sign it"
    );

    let mut bank = order("B");
    bank.bank = Some("CCB".into());
    let mut scan = order("C");
    scan.method = Some("weixin".into());
    let mut banks = order("D");
    banks.method = Some("b2c".into());
    for (order, open, says) in [
        (&bank, false, "China Construction Bank"),
        (&scan, false, "WeChat Pay"),
        (&banks, true, "Online banking"),
    ] {
        let number = order.key.order_no.as_str();
        till.send(order);
        let cashier = till.desk.trade(number).cashier;
        let html = text(&till.desk.get(&cashier, ""));
        assert_eq!(html.contains("name=\"bank\""), open, "{number}");
        assert!(
            html.contains(says) && !html.contains("Scan a code"),
            "{number}: {html}"
        );
    }
    // A choice that this cashier does not offer is none.
    let cashier = till.desk.trade("D").cashier;
    till.desk.post(&cashier, "", "action=pay&bank=weixin");
    let trade = text(&till.desk.get(&cashier.replace("/cashier/", "/trades/"), ""));
    assert!(till.desk.trade("D").status == Some("SUCCESS") && !trade.contains("Paid by"));
}

/// The page that posts runs one script, its own, and its form may lead anywhere the shop sends people on to.
#[test]
fn the_posting_page_allows_its_script_only() {
    let mut till = Till::new();
    let success = till.paid("A");
    let reply = till.desk.get(&success.replace("/paid/", "/back/"), "");
    let policy = reply.header("content-security-policy").unwrap().to_owned();
    let html = text(&reply);
    let script = html.split_once("<script>").unwrap().1;
    let script = script.split_once("</script>").unwrap().0;
    let digest = <sha2::Sha256 as sha2::Digest>::digest(script);
    let digest = data_encoding::BASE64.encode(&digest);
    assert!(
        policy.contains(&format!("script-src 'sha256-{digest}'")),
        "{policy}"
    );
    assert!(policy.contains("form-action http: https:") && !policy.contains("unsafe"));
    let other = till.desk.get(&success, "");
    let policy = other.header("content-security-policy").unwrap();
    assert!(policy.contains("form-action 'self'") && !policy.contains("script-src"));
    assert!(!text(&other).contains("<script"));
}

/// What a shop echoes is text in the form, never markup.
#[test]
fn echoed_texts_are_escaped() {
    let mut till = Till::new();
    let form = super::till::signed(&super::till::payment(
        "A",
        &[
            ("extra_return_param", "\"><script>alert(1)</script>"),
            ("product_name", "<b>x</b>"),
        ],
    ));
    assert_eq!(till.desk.post("/dinpay/gateway", "", &form).status, 303);
    till.desk.sandbox.buyer_pays(till.desk.now, MERCHANT, "A");
    let cashier = till.desk.trade("A").cashier;
    for path in ["/paid/", "/back/", "/trades/"] {
        let html = text(&till.desk.get(&cashier.replace("/cashier/", path), ""));
        assert!(
            !html.contains("<script>alert") && !html.contains("<b>x"),
            "{html}"
        );
    }
}

/// The buttons of a trade are those that its gateway has, and pressing another one is refused.
#[test]
fn only_what_the_gateway_has_is_offered() {
    let mut till = Till::new();
    let page = till.cashier("A").replace("/cashier/", "/trades/");
    let html = text(&till.desk.get(&page, ""));
    for (word, offered) in [
        ("pay", true),
        ("fail", true),
        ("resend", true),
        ("pay-late", false),
        ("pay-frozen", false),
        ("release", false),
        ("finish", false),
        ("close", false),
        ("refund", false),
    ] {
        let button = format!("value=\"{word}\"");
        assert_eq!(html.contains(&button), offered, "{word}");
        if !offered {
            let reply = till.desk.post(&page, "", &format!("action={word}"));
            assert_eq!(reply.status, 409, "{word}");
            assert!(text(&reply).contains("Dinpay does not do this"), "{word}");
        }
    }
    assert_eq!(till.desk.trade("A").status, Some("UNPAY"));
    assert_eq!(till.desk.post(&page, "", "action=fail").status, 303);
    let html = text(&till.desk.get(&page, ""));
    assert!(html.contains("A try to pay failed 12:00:00"), "{html}");
    till.desk.cashier("ALI");
    let page = till
        .desk
        .trade("ALI")
        .cashier
        .replace("/cashier/", "/trades/");
    assert_eq!(till.desk.post(&page, "", "action=fail").status, 409);
}

/// The calls that only one gateway knows find no trade of the other's, and Dinpay closes none.
#[test]
fn the_gateways_do_not_know_each_others_trades() {
    let mut till = Till::new();
    till.paid("A");
    let now = till.desk.now;
    let sandbox = &mut till.desk.sandbox;
    let fen = quittance_core::Money::new(1, quittance_core::Currency::CNY);
    for denied in [
        sandbox.refund(now, MERCHANT, "A", fen),
        sandbox.finish(now, MERCHANT, "A"),
        sandbox.release(now, MERCHANT, "A"),
        sandbox.buyer_pays_late(now, MERCHANT, "A"),
        sandbox.buyer_pays_frozen(now, MERCHANT, "A"),
        sandbox.payment_fails(now, PARTNER, "A"),
    ] {
        assert_eq!(denied.unwrap_err().0, "TRADE_NOT_EXIST");
    }
    let number = till.desk.trade("A").trade_no.unwrap();
    let told = till
        .desk
        .call("single_trade_query", &[("trade_no", &number)]);
    assert!(told.contains("TRADE_NOT_EXIST"), "{told}");
    till.desk.wait(100 * 86_400_000);
    assert!(till.desk.due().len() == 1 && till.desk.trade("A").status == Some("SUCCESS"));
}

/// The list shows both, filtered by gateway where merchants have contracts with both.
#[test]
fn the_list_can_show_one_gateway() {
    let mut till = Till::new();
    till.cashier("DIN1");
    till.desk.cashier("ALI1");
    let both = shown(&mut till, "/", Lang::Zh);
    assert!(both.contains("DIN1") && both.contains("ALI1") && both.contains("智付"));
    let one = shown(&mut till, "/?gateway=dinpay", Lang::Zh);
    assert!(one.contains("DIN1") && !one.contains("ALI1"), "{one}");
    let alone = text(&crate::desk::Desk::new().get("/", ""));
    assert!(
        !alone.contains("name=\"gateway\""),
        "one gateway, nothing to choose"
    );
}

/// The sentence over the trade tells the story of the seed: the page was closed, the notify settled it.
#[test]
fn the_story_says_how_it_went() {
    let mut till = Till::new();
    let success = till.paid("A");
    till.desk.get(&success, "");
    till.answer(302, "");
    till.desk.wait(300_000);
    till.answer(200, "SUCCESS");
    let page = success.replace("/paid/", "/trades/");
    let html = shown(&mut till, &page, Lang::En);
    let story =
        "Paid 12:00:00 at the gateway; notify refused by the shop ×1, then acknowledged 12:05:00.";
    assert!(html.contains(story), "{html}");
    till.asked("A");
    let html = shown(&mut till, &page, Lang::Zh);
    assert!(
        html.contains("商家于 12:05:00 通过查询得知") && html.contains("✓ SUCCESS"),
        "{html}"
    );
}

//! Seed 000, point by point, as far as it is the gateway's.

use super::till::{KEY, MERCHANT, NOTIFY_URL, RETURN_URL, Till, merchant, money, order, settings};
use crate::desk::{field, text};
use quittance_core::charset::Charset;
use quittance_core::http::{Method, Reply};
use quittance_core::{Currency, Money};
use quittance_sandbox::dinpay::{GAPS_SECS, Habits, Merchant};
use quittance_sandbox::{Ack, Kind};

fn one_fen() -> Vec<Money> {
    vec![Money::new(1, Currency::CNY)]
}

fn kinds(till: &Till, number: &str) -> Vec<Kind> {
    let exchanges = till.desk.sandbox.exchanges(MERCHANT, number);
    exchanges.iter().map(|exchange| exchange.kind).collect()
}

/// The page stays some seconds, then has the browser post the return. Nothing goes to the shop through a page that the
/// buyer closed, and the notify tells it all the same.
#[test]
fn a_buyer_who_closes_the_success_page_brings_nothing() {
    let mut till = Till::new();
    let success = till.paid("A");
    let shown = text(&till.desk.get(&success, ""));
    let back = success.replace("/paid/", "/back/");
    let refresh = format!("<meta http-equiv=\"refresh\" content=\"3;url={back}\">");
    assert!(shown.contains(&refresh), "{shown}");
    assert!(
        !shown.contains("page_notify"),
        "nothing to post is on it yet"
    );
    assert_eq!(kinds(&till, "A"), [Kind::Checkout]);
    let notify = till.answer(200, "SUCCESS").request;
    assert_eq!(money(&till.read_notify(&notify)), one_fen());
    assert_eq!(kinds(&till, "A"), [Kind::Checkout, Kind::Notify]);
}

/// A buyer who stays is sent on: the next page has the signed form and posts it by itself, or by its button. The success
/// page does so by itself only once.
#[test]
fn the_next_page_posts_the_return() {
    let mut till = Till::new();
    let success = till.paid("A");
    till.desk.get(&success, "");
    let closed = text(&till.desk.get(&success, ""));
    assert!(!closed.contains("http-equiv=\"refresh\"") && closed.contains("/back/"));
    let reply = till.desk.get(&success.replace("/paid/", "/back/"), "");
    let html = text(&reply);
    assert!(
        html.contains(&format!("<form method=\"post\" action=\"{RETURN_URL}\"")),
        "{html}"
    );
    let back = till.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
    assert_eq!((back.kind, back.method), (Kind::Return, Method::Post));
    assert_eq!(back.target, RETURN_URL);
    let sign = field(&back.request, "sign");
    assert!(
        html.contains(&format!("name=\"sign\" value=\"{sign}\"")),
        "{html}"
    );
    let again = text(&till.desk.get(&success, ""));
    assert!(!again.contains("http-equiv=\"refresh\"") && again.contains("/back/"));
    let once_more = till.desk.get(&success.replace("/paid/", "/back/"), "");
    assert_eq!(
        once_more.body, reply.body,
        "the same form, and it counts once"
    );
    assert_eq!(kinds(&till, "A"), [Kind::Checkout, Kind::Return]);
}

/// 3: it is Dinpay that notifies: nothing at the shop's side starts one, and a query does not.
#[test]
fn point_3_only_the_gateway_starts_a_notify() {
    let mut till = Till::new();
    till.cashier("A");
    till.asked("A");
    assert!(till.desk.due().is_empty());
    assert!(!till.desk.sandbox.resend(till.desk.now, MERCHANT, "A"));
}

/// 4: only a trade that exists there and is paid is told. A try that fails is told to nobody, and another may follow.
#[test]
fn point_4_only_a_paid_trade_is_told() {
    let mut till = Till::new();
    let now = till.desk.now;
    assert!(till.desk.sandbox.payment_fails(now, MERCHANT, "A").is_err());
    assert_eq!(till.desk.sandbox.genuine_notify(now, MERCHANT, "A"), None);
    let cashier = till.cashier("A");
    assert_eq!(till.desk.trade("A").status, Some("UNPAY"));
    till.desk.sandbox.payment_fails(now, MERCHANT, "A").unwrap();
    assert_eq!(till.desk.trade("A").status, Some("FAILED"));
    assert!(till.desk.due().is_empty());
    assert_eq!(till.desk.sandbox.next_due(), None);
    assert!(text(&till.desk.get(&cashier, "")).contains("The last try failed"));
    till.desk.post(&cashier, "", "action=pay");
    assert_eq!(till.desk.trade("A").status, Some("SUCCESS"));
    let notify = till.answer(200, "SUCCESS").request;
    assert_eq!(field(&notify.body, "trade_status"), "SUCCESS");
    assert!(till.desk.sandbox.payment_fails(now, MERCHANT, "A").is_err());
}

/// 5: what the servers tell each other is seen by no buyer; the trade's page shows both sides' bytes.
#[test]
fn point_5_the_exchange_is_shown_to_the_developer_only() {
    let mut till = Till::new();
    let success = till.paid("A");
    let notify = till.answer(200, "<b>SUCCESS</b>").request;
    let shown = text(&till.desk.get(&success, ""));
    let id = field(&notify.body, "notify_id");
    assert!(!shown.contains(&id) && !shown.contains(NOTIFY_URL));
    let page = text(&till.desk.get(&success.replace("/paid/", "/trades/"), ""));
    for part in [
        id.as_str(),
        NOTIFY_URL,
        "SUCCESS does not stand alone",
        "merchant_code=1000000001",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

/// 6: the first change of the status starts both: the notify is due at the same moment as the payment, not when the
/// browser has come back; they carry different ids and the same news.
#[test]
fn point_6_return_and_notify_start_together() {
    let mut till = Till::new();
    till.paid("A");
    assert_eq!(till.desk.sandbox.next_due(), Some(till.desk.now));
    let notify = till.desk.due().remove(0).request;
    assert_eq!(
        (notify.method, notify.url.as_str()),
        (Method::Post, NOTIFY_URL)
    );
    let back = till
        .desk
        .sandbox
        .buyer_returns(till.desk.now, MERCHANT, "A")
        .unwrap();
    assert_eq!(field(&notify.body, "notify_type"), "offline_notify");
    assert_eq!(field(&back.body, "notify_type"), "page_notify");
    assert_ne!(
        field(&notify.body, "notify_id"),
        field(&back.body, "notify_id")
    );
    assert_eq!(money(&till.read_notify(&notify)), one_fen());
    assert_eq!(money(&till.read_return(&back)), one_fen());
    assert!(till.desk.due().is_empty(), "one change, one notify");
}

/// 7: until the answer is `SUCCESS` it comes five times more, 5, 10, 20, 30 and 30 minutes after the one before; always
/// with one id. Then never again.
#[test]
fn point_7_six_attempts_and_then_silence() {
    let mut till = Till::new();
    till.paid("A");
    let first = till.answer(200, "success").request;
    for (attempt, secs) in (2..).zip(GAPS_SECS) {
        till.desk.wait(secs * 1_000 - 1);
        assert!(till.desk.due().is_empty(), "{attempt}");
        till.desk.wait(1);
        let outgoing = till.answer(200, "fail");
        assert_eq!(outgoing.attempt, attempt);
        assert_eq!(outgoing.request.body, first.body, "{attempt}");
    }
    assert_eq!(GAPS_SECS.map(|secs| secs / 60), [5, 10, 20, 30, 30]);
    assert_eq!(till.desk.trade("A").attempts, 6);
    assert_eq!(till.desk.sandbox.next_due(), None);
    let last = till.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
    assert_eq!((last.ack, last.next), (Some(Ack::Refused), None));
}

/// The list of waits is a setting, and the speed divides it; one trade of Alipay's beside it keeps its own.
#[test]
fn the_waits_are_a_setting() {
    let mut fast = settings(merchant());
    fast.dinpay.gaps_secs = vec![60];
    fast.speed = 10;
    let mut till = Till::with(fast, Charset::Utf8);
    till.paid("A");
    till.answer(500, "");
    let next = till.desk.trade("A").next_resend.unwrap();
    assert_eq!(next.duration_since(till.desk.now).as_secs(), 6);
    till.desk.wait(6_000);
    till.answer(500, "");
    assert_eq!(till.desk.trade("A").next_resend, None);
    till.desk.paid("ALI");
    till.answer(500, "");
    let next = till.desk.trade("ALI").next_resend.unwrap();
    assert_eq!(next.duration_since(till.desk.now).as_secs(), 12);
}

/// 1 and 8: a blank, HTML, another word or a redirect is no SUCCESS, and the trade goes on being told; the word alone
/// ends it.
#[test]
fn points_1_and_8_only_the_bare_word_ends_it() {
    for (status, body, acked) in [
        (200, "SUCCESS", true),
        (200, "SUCCESS\n", false),
        (200, " SUCCESS", false),
        (200, "<html>SUCCESS</html>", false),
        (200, "success", false),
        (302, "SUCCESS", false),
        (303, "", false),
        (404, "SUCCESS", false),
    ] {
        let mut till = Till::new();
        till.paid("A");
        till.answer(status, body);
        let view = till.desk.trade("A");
        assert_eq!(view.next_resend.is_none(), acked, "{status} {body:?}");
        assert_eq!(view.warnings.is_empty(), acked, "{status} {body:?}");
        let last = till.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
        let expected = if acked { Ack::Acked } else { Ack::Refused };
        assert_eq!(last.ack, Some(expected), "{status} {body:?}");
    }
}

/// An answer that never comes is none, and a word that comes later than the gap makes the next attempt due at once.
#[test]
fn a_silent_shop_is_told_again() {
    let mut till = Till::new();
    till.paid("A");
    let first = till.desk.due().remove(0);
    till.desk.wait(400_000);
    till.desk
        .sandbox
        .settle(till.desk.now, first.id, Err("time-out".into()));
    assert_eq!(till.desk.sandbox.next_due(), Some(till.desk.now));
}

/// Both kinds of signature, and a merchant of GBK: what the sandbox says is believed by the merchant's side.
#[test]
fn the_merchants_side_believes_what_it_is_told() {
    let gbk = Merchant {
        habits: Habits {
            charset: Charset::Gbk,
            ..Habits::default()
        },
        ..merchant()
    };
    let tills = [
        ("MD5", Till::new()),
        ("RSA-S", Till::with_pair()),
        ("MD5", Till::with(settings(gbk), Charset::Gbk)),
    ];
    for (kind, mut till) in tills {
        till.paid("A");
        assert_eq!(till.desk.trade("A").subject, "测试商品");
        let notify = till.answer(200, "SUCCESS").request;
        assert_eq!(field(&notify.body, "sign_type"), kind);
        let back = till
            .desk
            .sandbox
            .buyer_returns(till.desk.now, MERCHANT, "A")
            .unwrap();
        assert_eq!(money(&till.read_notify(&notify)), one_fen(), "{kind}");
        assert_eq!(money(&till.read_return(&back)), one_fen(), "{kind}");
        assert_eq!(
            till.asked("A").answer,
            quittance_core::gateway::Answer::Paid,
            "{kind}"
        );
        let id = field(&notify.body, "notify_id");
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = field(&notify.body, "trade_no");
        assert!(number.len() == 10 && number.bytes().all(|byte| byte.is_ascii_digit()));
    }
}

/// What is echoed in GBK is posted in GBK: the form of the page says so, and its text is the same.
#[test]
fn a_form_in_gbk_says_so() {
    let gbk = Merchant {
        habits: Habits {
            charset: Charset::Gbk,
            ..Habits::default()
        },
        ..merchant()
    };
    let mut till = Till::with(settings(gbk), Charset::Utf8);
    let mut echoed = order("A");
    echoed.extra = Some("会员充值".into());
    till.send(&echoed);
    assert_eq!(
        till.desk.sandbox.buyer_pays(till.desk.now, MERCHANT, "A"),
        None
    );
    let success = till.desk.trade("A").cashier.replace("/cashier/", "/back/");
    let html = text(&till.desk.get(&success, ""));
    assert!(
        html.contains("accept-charset=\"gbk\"") && html.contains("value=\"会员充值\""),
        "{html}"
    );
    let notify = till.desk.due().remove(0).request.body;
    let wire = String::from_utf8(notify).unwrap();
    assert!(
        wire.contains("extra_return_param=%BB%E1%D4%B1%B3%E4%D6%B5"),
        "{wire}"
    );
}

/// The amount goes back as it came, or without its last zeros where the gateway's habit is so (protocol note dinpay 9).
#[test]
fn the_amount_is_told_as_the_habits_say() {
    for (stripped, told) in [(false, "12.00"), (true, "12")] {
        let habits = Habits {
            stripped_amounts: stripped,
            ..Habits::default()
        };
        let mut till = Till::with(
            settings(Merchant {
                habits,
                ..merchant()
            }),
            Charset::Utf8,
        );
        let mut twelve = order("A");
        twelve.amount = Money::new(1_200, Currency::CNY);
        till.send(&twelve);
        till.desk.sandbox.buyer_pays(till.desk.now, MERCHANT, "A");
        let notify = till.answer(200, "SUCCESS").request;
        assert_eq!(field(&notify.body, "order_amount"), told);
        assert_eq!(
            money(&till.read_notify(&notify)),
            [Money::new(1_200, Currency::CNY)]
        );
    }
}

/// A merchant of Dinpay's with the number of one of Alipay's is left out: a number names one merchant.
#[test]
fn a_number_names_one_merchant() {
    let mut both = settings(Merchant {
        merchant_code: crate::desk::PARTNER.into(),
        ..merchant()
    });
    both.dinpay.merchants.push(merchant());
    let mut till = Till::with(both, Charset::Utf8);
    let cashier = till.cashier("A");
    assert_eq!(till.desk.get(&cashier, "").status, 200);
    let form = super::till::signed(&super::till::payment(
        "B",
        &[("merchant_code", crate::desk::PARTNER)],
    ));
    let reply: Reply = till.desk.post("/dinpay/gateway", "", &form);
    assert!(text(&reply).contains("ILLEGAL_REQUEST"));
    assert!(!text(&reply).contains(KEY));
}

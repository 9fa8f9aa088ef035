//! Paying back: the merchant's side of the core and the sandbox on the same wire.

use crate::desk::{Desk, KEY, NOTIFY_URL, PARTNER, field, genuine, signed, text};
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::{Account, Key, Keys, Settings};
use quittance_core::gateway::{
    Checkout, Gateway, Refund, RefundAnswer, RefundCall, RefundWay, Refunding, Verdict,
};
use quittance_core::http::{Method, Reply, Request};
use quittance_core::params::Params;
use quittance_core::{Claim, Currency, Lang, Money};
use quittance_sandbox::{Ack, Code, Faults, Inbound, Kind, Outgoing};
use secrecy::SecretString;

const REFUND_URL: &str = "http://shop.example.com/alipay/refund_notify";
const CHARSETS: [Charset; 2] = [Charset::Utf8, Charset::Gbk];

/// A merchant with its own side of the wire.
struct Shop {
    desk: Desk,
    account: Account,
    batches: u32,
}

impl Shop {
    fn new(charset: Charset, way: RefundWay) -> Shop {
        let account = Account::new(Settings {
            partner: PARTNER.into(),
            keys: Keys::Md5(vec![Key {
                key: SecretString::from(KEY),
                until: None,
            }]),
            charset,
            seller: None,
            show_url: None,
            refunds: Some(way),
            gateway_url: "http://sandbox.test/gateway.do".into(),
        });
        Shop {
            desk: Desk::new(),
            account: account.unwrap(),
            batches: 0,
        }
    }

    /// A paid order; the notify of its payment is out of the way. Gives the trade number.
    fn sold(&mut self, order: &str, fee: &str) -> String {
        let asked = [("total_fee", fee), ("subject", "a book")];
        assert_eq!(self.desk.checkout(order, &asked).status, 303);
        let now = self.desk.now;
        self.desk.sandbox.buyer_pays(now, PARTNER, order).unwrap();
        self.desk.answer(200, "success");
        self.desk.trade(order).trade_no.unwrap()
    }

    fn number(&mut self) -> String {
        self.batches += 1;
        let seed = self.batches.to_be_bytes();
        self.account.refund_wire_no(&seed, self.desk.now)
    }

    fn call<'a>(&self, wire_no: &'a str, refunds: &'a [Refund]) -> RefundCall<'a> {
        RefundCall {
            wire_no,
            refunds,
            notify_url: REFUND_URL,
            now: self.desk.now,
        }
    }

    fn send(&mut self, request: &Request) -> Reply {
        let (path, query) = request.url.split_once('?').unwrap();
        let inbound = Inbound {
            method: request.method,
            path: path.strip_prefix("http://sandbox.test").unwrap().into(),
            query: query.into(),
            body: request.body.clone(),
            lang: Lang::En,
        };
        self.desk.sandbox.handle(self.desk.now, &inbound).reply
    }

    /// The operator's browser posts the form of a batch.
    fn opens(&mut self, wire_no: &str, refunds: &[Refund]) -> Reply {
        let page = self
            .account
            .refund_page(&self.call(wire_no, refunds), false);
        let Ok(Checkout::Form {
            url,
            charset,
            fields,
            ..
        }) = page
        else {
            panic!("no form")
        };
        let charset = Charset::from_label(&charset).unwrap();
        let mut body = Params::new();
        for (name, value) in fields {
            body.push(&name, &charset.encode(&value).unwrap()).unwrap();
        }
        let kind = "application/x-www-form-urlencoded";
        self.send(&Request::post(url, kind, body.to_wire().into_bytes()))
    }

    /// The path of the page on which a batch is confirmed.
    fn page(&mut self, wire_no: &str, refunds: &[Refund]) -> String {
        let reply = self.opens(wire_no, refunds);
        assert_eq!(reply.status, 303, "{}", text(&reply));
        let to = reply.header("location").unwrap();
        to.strip_prefix("http://sandbox.test").unwrap().to_owned()
    }

    /// The same batch by call.
    fn asks(&mut self, wire_no: &str, refunds: &[Refund]) -> Refunding {
        let request = self.account.refund(&self.call(wire_no, refunds)).unwrap();
        let reply = self.send(&request);
        self.account.read_refund(&reply)
    }

    fn answer(&mut self, wire_no: &str, trade_no: &str) -> (RefundAnswer, Option<String>) {
        let request = self
            .account
            .refund_query(wire_no, trade_no, self.desk.now)
            .unwrap();
        let reply = self.send(&request);
        let told = self.account.read_refund_query(wire_no, trade_no, &reply);
        assert!(told.evidence.is_empty());
        (told.answer, told.reason)
    }

    /// Takes every notify that is due and acknowledges it.
    fn told(&mut self) -> Vec<Outgoing> {
        let due = self.desk.due();
        for outgoing in &due {
            let reply = Ok(Reply::new(200, "success"));
            self.desk.sandbox.settle(self.desk.now, outgoing.id, reply);
        }
        due
    }

    /// The claims of the batch notify among those.
    fn claims(&self, told: &[Outgoing]) -> Vec<Claim> {
        let batch = told
            .iter()
            .find(|outgoing| outgoing.request.url == REFUND_URL)
            .unwrap();
        let read = self.account.read_notify(&batch.request.body, self.desk.now);
        assert_eq!(read.verdict, Verdict::Genuine);
        read.evidence.into_iter().map(|known| known.claim).collect()
    }
}

fn back(trade_no: &str, minor: i64, reason: Option<&str>) -> Refund {
    Refund {
        trade_no: trade_no.into(),
        amount: cny(minor),
        received: None,
        reason: reason.map(str::to_owned),
    }
}

fn cny(minor: i64) -> Money {
    Money::new(minor, Currency::CNY)
}

fn item(wire_no: &str, trade_no: &str, minor: i64, succeeded: bool) -> Claim {
    Claim::RefundItem {
        trade_no: trade_no.into(),
        refund_no: wire_no.into(),
        amount: cny(minor),
        succeeded,
    }
}

/// Note 5.3: nothing happens before the password; then every refund of the batch is done, its trade's notify tells of
/// it as in vector M9, and the batch notify tells the merchant all of it.
#[test]
fn a_person_confirms_a_batch_with_the_password() {
    for charset in CHARSETS {
        let mut shop = Shop::new(charset, RefundWay::Page);
        let (a, b) = (shop.sold("A", "0.01"), shop.sold("B", "5.00"));
        let batch = [back(&a, 1, Some("缺货")), back(&b, 200, None)];
        let wire_no = shop.number();
        let page = shop.page(&wire_no, &batch);
        let html = text(&shop.desk.get(&page, ""));
        for shown in ["¥2.01 CNY", "缺货", "协商退款", "a book", &a, &b, &wire_no] {
            assert!(html.contains(shown), "{shown}: {html}");
        }

        for form in [
            "action=confirm",
            "action=confirm&password=",
            "action=confirm&password=++",
            "action=confirm&password=wrong",
        ] {
            let html = text(&shop.desk.post(&page, "", form));
            assert!(html.contains("password is missing or wrong"), "{html}");
        }
        let left = shop.desk.post(&page, "", "action=leave");
        assert_eq!(
            left.header("location"),
            Some(format!("{page}/left").as_str())
        );
        let html = text(&shop.desk.get(&format!("{page}/left"), ""));
        assert!(
            html.contains("Nothing was paid back") && html.contains(&page),
            "{html}"
        );
        assert!(shop.told().is_empty());
        assert_eq!(shop.desk.trade("A").status, Some("TRADE_SUCCESS"));
        let none = Some("REFUND_NOT_EXIST".to_owned());
        assert_eq!(shop.answer(&wire_no, &a), (RefundAnswer::NotFound, none));
        assert_eq!(shop.page(&wire_no, &batch), page, "opened again");

        let done = shop
            .desk
            .post(&page, "", "action=confirm&password=%E5%AF%86+1");
        assert_eq!(
            (done.status, done.header("location")),
            (303, Some(page.as_str()))
        );
        let html = text(&shop.desk.get(&page, ""));
        assert_eq!(html.matches("✓ paid back").count(), 2, "{html}");
        assert!(!html.contains("password"), "{html}");
        let (full, part) = (shop.desk.trade("A"), shop.desk.trade("B"));
        assert_eq!((full.status, full.refunded), (Some("TRADE_CLOSED"), cny(1)));
        assert_eq!(
            (part.status, part.refunded),
            (Some("TRADE_SUCCESS"), cny(200))
        );

        let told = shop.told();
        assert!(told.iter().all(|outgoing| genuine(&outgoing.request.body)));
        let wires = told.iter().map(|outgoing| outgoing.request.body.as_slice());
        let trades: Vec<(String, String)> = wires
            .filter(|wire| field(wire, "notify_type") == "trade_status_sync")
            .map(|wire| (field(wire, "trade_status"), field(wire, "refund_status")))
            .collect();
        let marked = |status: &str| (status.to_owned(), "REFUND_SUCCESS".to_owned());
        assert_eq!(trades, [marked("TRADE_CLOSED"), marked("TRADE_SUCCESS")]);
        let expected = [item(&wire_no, &a, 1, true), item(&wire_no, &b, 200, true)];
        assert_eq!(shop.claims(&told), expected);
        assert_eq!(told.len(), 3);
        assert_eq!(shop.answer(&wire_no, &a), (RefundAnswer::Succeeded, None));
        assert_eq!(shop.answer(&wire_no, &b), (RefundAnswer::Succeeded, None));

        // A second press, and the same number again: nothing is paid back twice.
        shop.desk.post(&page, "", "action=confirm&password=1");
        let now = shop.desk.now;
        let again = shop.desk.sandbox.operator_confirms(now, PARTNER, &wire_no);
        assert_eq!(again, Err(Code("DUPLICATE_BATCH_NO")));
        let html = text(&shop.opens(&wire_no, &batch));
        assert!(html.contains("Error code DUPLICATE_BATCH_NO"), "{html}");
        assert!(shop.told().is_empty());
        assert_eq!(shop.desk.trade("B").refunded, cny(200));
    }
}

/// Note 5.3: without a password it is done at once. What was paid is paid back in parts and never twice, each item by
/// its own code.
#[test]
fn a_call_pays_back_at_once_and_never_more_than_is_left() {
    for charset in CHARSETS {
        let mut shop = Shop::new(charset, RefundWay::Call);
        let (a, b) = (shop.sold("A", "0.01"), shop.sold("B", "5.00"));
        shop.desk.checkout("U", &[]);
        let now = shop.desk.now;
        let unpaid = shop.desk.sandbox.buyer_opens(now, PARTNER, "U").unwrap();
        let taken = Refunding {
            accepted: Some(true),
            reason: None,
        };
        for (batch, expected) in [
            (vec![(&b, 200, None)], "TRADE_SUCCESS"),
            (
                vec![
                    (&b, 301, Some("REFUND_AMOUNT_NOT_VALID")),
                    (&a, 1, None),
                    (&unpaid, 1, Some("TRADE_STATUS_ERROR")),
                ],
                "TRADE_SUCCESS",
            ),
            (vec![(&b, 300, None)], "TRADE_CLOSED"),
            (vec![(&b, 1, Some("TRADE_HAS_CLOSED"))], "TRADE_CLOSED"),
        ] {
            let refunds: Vec<Refund> = batch
                .iter()
                .map(|(trade, minor, _)| back(trade, *minor, Some("协商退款")))
                .collect();
            let wire_no = shop.number();
            assert_eq!(shop.asks(&wire_no, &refunds), taken);
            let told = shop.told();
            let mut claims: Vec<Claim> = batch
                .iter()
                .map(|(trade, minor, code)| item(&wire_no, trade, *minor, code.is_none()))
                .collect();
            claims.sort();
            assert_eq!(shop.claims(&told), claims);
            for (trade, _, code) in &batch {
                let answer = match code {
                    None => RefundAnswer::Succeeded,
                    Some(_) => RefundAnswer::Failed,
                };
                let code = code.map(str::to_owned);
                assert_eq!(shop.answer(&wire_no, trade), (answer, code));
            }
            assert_eq!(shop.desk.trade("B").status, Some(expected));
            // The number was had before: what became of it is to be asked.
            let again = shop.asks(&wire_no, &refunds);
            assert_eq!(again.accepted, None);
            assert_eq!(again.reason.as_deref(), Some("DUPLICATE_BATCH_NO"));
            assert!(shop.told().is_empty());
        }
        assert_eq!(shop.desk.trade("B").refunded, cny(500));
        assert_eq!(shop.desk.trade("A").status, Some("TRADE_CLOSED"));
    }
}

/// A batch that is wrong as a whole pays nothing back, and is refused in the way of its service: the debug page, the
/// envelope, text.
#[test]
fn a_wrong_batch_pays_nothing_back() {
    let mut shop = Shop::new(Charset::Gbk, RefundWay::Call);
    let a = shop.sold("A", "0.01");
    let stranger = [
        back(&a, 1, None),
        back("2024010100001000010000009999", 1, None),
    ];
    let wire_no = shop.number();
    let refused = shop.asks(&wire_no, &stranger);
    assert_eq!(refused.accepted, Some(false));
    assert_eq!(refused.reason.as_deref(), Some("NOT_THIS_PARTNERS_TRADE"));
    let yesterday = shop.number();
    shop.desk.wait(24 * 3_600_000);
    assert!(!shop.account.refund_wire_no_holds(&yesterday, shop.desk.now));
    let refused = shop.asks(&yesterday, &[back(&a, 1, None)]);
    assert_eq!(refused.reason.as_deref(), Some("BATCH_NO_FORMAT_ERROR"));
    let twice = [back(&a, 1, None), back(&a, 1, None)];
    let today = shop.number();
    let refused = shop.asks(&today, &twice);
    assert_eq!(
        refused.reason.as_deref(),
        Some("DUBL_TRADE_NO_IN_SAME_BATCH")
    );

    shop.account = Shop::new(Charset::Gbk, RefundWay::Page).account;
    let reply = shop.opens(&today, &stranger);
    let html = text(&reply);
    assert_eq!(reply.status, 400, "{html}");
    assert!(
        html.contains("Error code NOT_THIS_PARTNERS_TRADE"),
        "{html}"
    );
    assert!(
        html.contains("The trade is not one of this partner."),
        "{html}"
    );
    let query = shop.desk.call("refund_fastpay_query", &[]);
    assert_eq!(query, "is_success=F&error_code=ILLEGAL_ARGUMENT");
    // Opened and not confirmed, the batch is bound to its refunds.
    shop.page(&today, &[back(&a, 1, None)]);
    let html = text(&shop.opens(&today, &[back(&a, 1, Some("other"))]));
    assert!(html.contains("Error code DUPLICATE_BATCH_NO"), "{html}");
    assert_eq!(shop.desk.get("/refunds/nothing", "").status, 404);
    assert_eq!(
        shop.desk
            .post("/refunds/nothing", "", "action=confirm")
            .status,
        404
    );
    let nobody = shop
        .desk
        .sandbox
        .operator_confirms(shop.desk.now, PARTNER, "20240102001");
    assert_eq!(nobody, Err(Code("REFUND_NOT_EXIST")));
    assert!(shop.told().is_empty());
    assert_eq!(shop.desk.trade("A").refunded, cny(0));
}

/// Note 3.2: a batch notify is owed like any other: lost ones come again on the schedule, each with a fresh minute of
/// its id, until the shop says success. Every order of the batch shows it.
#[test]
fn a_batch_notify_is_owed_like_any_other() {
    let mut shop = Shop::new(Charset::Utf8, RefundWay::Call);
    let (a, b) = (shop.sold("A", "0.01"), shop.sold("B", "5.00"));
    shop.desk.sandbox.set_faults(Faults::lost_notify());
    let wire_no = shop.number();
    shop.asks(&wire_no, &[back(&a, 1, None), back(&b, 500, None)]);
    assert!(shop.desk.due().is_empty());
    shop.desk.sandbox.set_faults(Faults::default());
    shop.desk.wait(119_999);
    assert!(shop.desk.due().is_empty());
    shop.desk.wait(1);
    let due = shop.desk.due();
    let batch = due
        .iter()
        .find(|one| one.request.url == REFUND_URL)
        .unwrap();
    assert_eq!((due.len(), batch.attempt), (3, 2));
    let id = field(&batch.request.body, "notify_id");
    assert_eq!(shop.desk.verify(PARTNER, &id), "true");
    assert_eq!(shop.desk.verify(PARTNER, &id), "false");
    for outgoing in &due {
        let fail = Ok(Reply::new(200, "fail"));
        shop.desk.sandbox.settle(shop.desk.now, outgoing.id, fail);
    }
    shop.desk.wait(600_000);
    let again = shop.told();
    let batch = again
        .iter()
        .find(|one| one.request.url == REFUND_URL)
        .unwrap();
    assert_eq!(field(&batch.request.body, "notify_id"), id);
    shop.desk.wait(86_400_000);
    assert!(shop.told().is_empty());

    for order in ["A", "B"] {
        let exchanges = shop.desk.sandbox.exchanges(PARTNER, order);
        let of_batch: Vec<Option<Ack>> = exchanges
            .iter()
            .filter(|one| one.kind == Kind::Notify && one.target == REFUND_URL)
            .map(|one| one.ack)
            .collect();
        let expected = [Some(Ack::Lost), Some(Ack::Refused), Some(Ack::Acked)];
        assert_eq!(of_batch, expected, "{order}");
        let asked = exchanges.iter().filter(|one| one.kind == Kind::Refund);
        assert_eq!(asked.count(), 1);
    }
    // The newest notify can be had again, from either order.
    for order in ["A", "B"] {
        assert!(shop.desk.sandbox.resend(shop.desk.now, PARTNER, order));
        shop.told();
    }
}

/// A batch notify is forged and altered like any other, and a question about a refund goes unanswered like any other.
#[test]
fn faults_hold_for_batches() {
    let mut shop = Shop::new(Charset::Utf8, RefundWay::Call);
    let a = shop.sold("A", "0.05");
    let mut faults = Faults::default();
    for (tamper, forge) in [(true, false), (false, true)] {
        (faults.notify.tamper, faults.notify.forge) = (tamper, forge);
        shop.desk.sandbox.set_faults(faults.clone());
        let wire_no = shop.number();
        shop.asks(&wire_no, &[back(&a, 1, None)]);
        let told = shop.told();
        let batch = told
            .iter()
            .find(|one| one.request.url == REFUND_URL)
            .unwrap();
        let read = shop.account.read_notify(&batch.request.body, shop.desk.now);
        assert_eq!(read.verdict, Verdict::BadSignature);
        let details = field(&batch.request.body, "result_details");
        let amount = if tamper { "0.02" } else { "0.01" };
        assert_eq!(details, format!("{a}^{amount}^SUCCESS"));
    }
    shop.desk.sandbox.set_faults(Faults::query_down());
    assert_eq!(shop.answer("20240101001", &a).0, RefundAnswer::Unknown);
}

/// Everything about a refund stands on the timeline of its order, and every page is in both languages.
#[test]
fn refunds_are_shown_in_both_languages() {
    let mut shop = Shop::new(Charset::Utf8, RefundWay::Page);
    let (a, b) = (shop.sold("A", "0.01"), shop.sold("B", "0.01"));
    shop.desk
        .sandbox
        .refund(shop.desk.now, PARTNER, "B", cny(1))
        .unwrap();
    let wire_no = shop.number();
    let reason = Some("sold out");
    let page = shop.page(&wire_no, &[back(&a, 1, reason), back(&b, 1, reason)]);
    shop.answer(&wire_no, &b);
    let waiting = pages(&mut shop.desk, &page);
    shop.desk.post(&page, "", "action=confirm&password=1");
    shop.told();
    shop.answer(&wire_no, &b);
    let done = pages(&mut shop.desk, &page);
    let left = pages(&mut shop.desk, &format!("{page}/left"));
    let order = shop
        .desk
        .trade("B")
        .cashier
        .replace("/cashier/", "/trades/");
    let timeline = pages(&mut shop.desk, &order);
    for (shown, en, zh) in [
        (
            &waiting,
            ">Confirm and pay back</button>",
            ">确认退款</button>",
        ),
        (&left, "Nothing was paid back", "未退款"),
        (&done, "✕ TRADE_HAS_CLOSED", "✕ TRADE_HAS_CLOSED"),
        (
            &done,
            "never paid, was refunded in full",
            "未付款即关闭、已全额退款",
        ),
        (&timeline, "<b>refund</b>", "<b>退款请求</b>"),
        (&timeline, "<b>refund query</b>", "<b>退款查询</b>"),
        (&timeline, "✕ REFUND_NOT_EXIST", "✕ REFUND_NOT_EXIST"),
        (&timeline, "✓ TRADE_HAS_CLOSED", "✓ TRADE_HAS_CLOSED"),
        (
            &timeline,
            "refund of ¥0.01 CNY refused: TRADE_HAS_CLOSED",
            "退款 ¥0.01 CNY 被拒绝：TRADE_HAS_CLOSED",
        ),
        (&timeline, "batch refund notify 1", "批量退款通知 1"),
    ] {
        for (html, word) in shown.iter().zip([en, zh]) {
            assert!(html.contains(word), "{word}: {html}");
        }
    }
    for [en, _] in [waiting, done, left, timeline] {
        let body = en.split_once("<main>").unwrap().1;
        assert!(
            !body.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)),
            "{body}"
        );
    }
}

/// A page in English and in Chinese.
fn pages(desk: &mut Desk, path: &str) -> [String; 2] {
    [Lang::En, Lang::Zh].map(|lang| {
        let request = Inbound {
            method: Method::Get,
            path: path.into(),
            query: Vec::new(),
            body: Vec::new(),
            lang,
        };
        text(&desk.sandbox.handle(desk.now, &request).reply)
    })
}

/// A batch without an address tells nobody; the trades still do.
#[test]
fn a_batch_without_an_address_tells_nobody() {
    let mut shop = Shop::new(Charset::Utf8, RefundWay::Call);
    let a = shop.sold("A", "0.01");
    let wire_no = shop.number();
    let detail = format!("{a}^0.01^r");
    let fields = [
        ("service", "refund_fastpay_by_platform_nopwd"),
        ("partner", PARTNER),
        ("_input_charset", "utf-8"),
        ("seller_email", "seller@example.com"),
        ("refund_date", "2024-01-01 12:00:00"),
        ("batch_no", wire_no.as_str()),
        ("batch_num", "1"),
        ("detail_data", detail.as_str()),
    ];
    let reply = text(&shop.desk.get("/gateway.do", &signed(&fields)));
    assert!(reply.contains("<is_success>T</is_success>"), "{reply}");
    let told = shop.told();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].request.url, NOTIFY_URL);
}

//! The JSON API and the pages over a real socket, as programs and browsers meet them.

use crate::desk::{PARTNER, payment, settings, signed};
use quittance_core::Timestamp;
use quittance_sandbox::{Faults, Handle, SandboxSettings, SystemClock, VerifyKind, serve};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// A served sandbox. It ends with its test.
pub(crate) struct Served {
    url: String,
    handle: Handle,
    client: reqwest::Client,
    _tasks: JoinSet<()>,
}

impl Served {
    async fn new() -> Served {
        Served::with(settings()).await
    }

    pub(crate) async fn with(settings: SandboxSettings) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let handle = Handle::new(SandboxSettings {
            public_url: url.clone(),
            ..settings
        });
        let served = handle.clone();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            serve(
                listener,
                served,
                Arc::new(SystemClock),
                std::future::pending(),
            )
            .await
            .unwrap();
        });
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Served {
            url,
            handle,
            client,
            _tasks: tasks,
        }
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> reqwest::Response {
        let mut call = self.client.request(method, format!("{}{path}", self.url));
        for (name, value) in headers {
            call = call.header(*name, *value);
        }
        call.body(body.to_owned()).send().await.unwrap()
    }

    pub(crate) async fn api(&self, method: Method, path: &str, body: &str) -> (u16, Value) {
        let reply = self.send(method, &format!("/api{path}"), &[], body).await;
        let (status, kind) = (reply.status(), reply.headers().get("content-type").cloned());
        let text = reply.text().await.unwrap();
        let expected = match status.is_success() {
            true => "application/json",
            false => "application/problem+json",
        };
        if status != StatusCode::NO_CONTENT {
            assert_eq!(kind.unwrap(), expected, "{text}");
        }
        (
            status.as_u16(),
            serde_json::from_str(&text).unwrap_or_default(),
        )
    }

    /// A buyer is sent to the cashier; nobody listens at the shop.
    async fn checkout(&self, order: &str) {
        let none = [("notify_url", "http://127.0.0.1:9/notify")];
        let wire = signed(&payment(order, &none));
        let reply = self
            .send(Method::GET, &format!("/gateway.do?{wire}"), &[], "")
            .await;
        assert_eq!(reply.status(), 303);
    }
}

/// A problem says what happened, why, and what to do.
pub(crate) fn problem(answer: &(u16, Value), status: u16, code: &str) {
    assert_eq!(answer.0, status, "{}", answer.1);
    assert_eq!(answer.1["code"], code);
    assert_eq!(answer.1["status"], status);
    for field in ["title", "detail", "help"] {
        assert!(!answer.1[field].as_str().unwrap().is_empty(), "{field}");
    }
}

/// Trades are listed newest first, in parts; one has its exchanges with the bytes of both sides.
#[tokio::test]
async fn trades_are_listed_and_shown() {
    let served = Served::new().await;
    for order in ["A", "B", "C"] {
        served.checkout(order).await;
    }
    let (status, first) = served.api(Method::GET, "/trades?limit=2", "").await;
    assert_eq!(status, 200);
    let names = |part: &Value| {
        let trades = part["trades"].as_array().unwrap().clone();
        trades
            .iter()
            .map(|trade| trade["out_trade_no"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&first), ["C", "B"]);
    let rest = format!("/trades?before={}", first["next"]);
    let (_, rest) = served.api(Method::GET, &rest, "").await;
    assert_eq!(
        (names(&rest), &rest["next"]),
        (vec!["A".into()], &json!(null))
    );

    let (status, trade) = served
        .api(Method::GET, &format!("/trades/{PARTNER}/A"), "")
        .await;
    assert_eq!(status, 200);
    assert_eq!(trade["status"], json!(null));
    assert_eq!(
        (&trade["amount"], &trade["currency"]),
        (&json!("0.01"), &json!("CNY"))
    );
    assert_eq!(trade["subject"], "测试商品");
    let mut faults = json!(Faults::default());
    for other in ["statement", "checkout", "revoke", "reply"] {
        faults.as_object_mut().unwrap().remove(other);
    }
    assert_eq!(trade["faults"], faults);
    let checkout = &trade["exchanges"][0];
    assert_eq!(
        (&checkout["kind"], &checkout["status"]),
        (&json!("checkout"), &json!(303))
    );
    assert_eq!(checkout["method"], "GET");
    assert!(
        checkout["target"]
            .as_str()
            .unwrap()
            .starts_with("/gateway.do?")
    );
    let page = trade["page"].as_str().unwrap();
    let html = served.client.get(page).send().await.unwrap();
    assert_eq!(html.status(), 200);
    for bad in ["limit=0", "limit=1001", "limit=x", "after=1"] {
        let answer = served.api(Method::GET, &format!("/trades?{bad}"), "").await;
        problem(&answer, 422, "invalid_query");
    }
    let none = served
        .api(Method::GET, &format!("/trades/{PARTNER}/Z"), "")
        .await;
    problem(&none, 404, "trade_unknown");
}

/// The bytes of both sides: text where it can be, Base64 where it cannot.
#[tokio::test]
async fn bytes_are_text_or_base64() {
    let served = Served::new().await;
    served.checkout("A").await;
    // Far ahead of the server's own clock, so that it sends none of this itself.
    let now: Timestamp = "2999-01-01T04:00:00Z".parse().unwrap();
    for body in [&b"success\n"[..], b"\xb2\xe2", b"\xff\xfe\x00"] {
        served.handle.with(|sandbox| {
            sandbox.buyer_pays(now, PARTNER, "A");
            sandbox.resend(now, PARTNER, "A");
            for told in sandbox.take_due(now) {
                let reply = quittance_core::http::Reply::new(200, body);
                sandbox.settle(now, told.id, Ok(reply));
            }
        });
    }
    let path = format!("/trades/{PARTNER}/A");
    let (_, trade) = served.api(Method::GET, &path, "").await;
    let told: Vec<&Value> = trade["exchanges"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|exchange| exchange["kind"] == "notify")
        .collect();
    let replies: Vec<&Value> = told.iter().map(|told| &told["reply"]).collect();
    assert_eq!(
        replies[0],
        &json!({"text": "success\n", "charset": "utf-8"})
    );
    assert_eq!(replies[1], &json!({"text": "测", "charset": "gbk"}));
    assert_eq!(replies[2], &json!({"base64": "//4A"}));
    assert_eq!(told[0]["ack"], "acked");
    assert_eq!(told[1]["ack"], "refused");
    assert_eq!(told[0]["attempt"], 1);
    let request = told[0]["request"]["text"].as_str().unwrap();
    assert!(request.contains("trade_status=TRADE_SUCCESS"));
    assert_eq!(trade["next_resend"], told[2]["next"]);
    assert!(
        trade["story"]
            .as_str()
            .unwrap()
            .starts_with("Paid 12:00:00")
    );
}

/// The last questions about bookings, newest first, with what was asked and the bytes of both sides.
#[tokio::test]
async fn questions_about_bookings_are_listed() {
    let served = Served::new().await;
    let listed = async || served.api(Method::GET, "/statements", "").await;
    assert_eq!(listed().await, (200, json!({ "statements": [] })));
    let faults = r#"{"statement":{"kind":"unsigned"}}"#;
    assert_eq!(served.api(Method::PUT, "/faults", faults).await.0, 200);
    for (service, from, to) in [
        (
            "export_trade_account_report",
            "gmt_create_start",
            "gmt_create_end",
        ),
        ("account.page.query", "gmt_start_time", "gmt_end_time"),
    ] {
        let fields = [
            ("service", service),
            ("partner", PARTNER),
            ("_input_charset", "utf-8"),
            (from, "2024-01-01 00:00:00"),
            (to, "2024-01-02 00:00:00"),
            ("page_no", "2"),
            ("page_size", "9"),
            ("trans_code", "3011"),
        ];
        let path = format!("/gateway.do?{}", signed(&fields));
        assert_eq!(served.send(Method::GET, &path, &[], "").await.status(), 200);
    }
    let (_, all) = listed().await;
    let (pages, report) = (&all["statements"][0], &all["statements"][1]);
    for (told, service, page) in [
        (pages, "account.page.query", json!([2, 9])),
        (report, "export_trade_account_report", json!([null, null])),
    ] {
        assert_eq!(told["service"], service);
        assert_eq!(json!([told["page_no"], told["page_size"]]), page);
        assert_eq!(told["kind"], "statement");
        assert_eq!(told["from"], "2023-12-31T16:00:00Z");
        assert_eq!(told["to"], "2024-01-01T16:00:00Z");
        assert_eq!(told["trans_code"], json!(["3011"]));
        assert_eq!(
            (&told["partner"], &told["rows"]),
            (&json!(PARTNER), &json!(0))
        );
        assert_eq!(told["faults"], json!(["answered without a signature"]));
        let reply = told["reply"]["text"].as_str().unwrap();
        assert!(reply.ends_with("</response></alipay>"), "{reply}");
        assert_eq!(told["reply_bytes"], reply.len());
    }
}

/// Faults are read, set and cleared; what is absent is right, what is unknown is refused and changes nothing.
#[tokio::test]
async fn faults_are_set_and_cleared() {
    let served = Served::new().await;
    let put = async |path: &str, body: &str| served.api(Method::PUT, path, body).await;
    let get = async |path: &str| served.api(Method::GET, path, "").await;
    assert_eq!(get("/faults").await, (200, json!(Faults::default())));
    let (status, set) = put("/faults", r#"{"verify":{"kind":"garbage"}}"#).await;
    assert_eq!((status, &set["verify"]["kind"]), (200, &json!("garbage")));
    assert_eq!(get("/faults").await.1, set);

    let own = format!("/faults/{PARTNER}/A");
    problem(&get(&own).await, 404, "no_own_faults");
    let (status, set) = put(&own, r#"{"notify":{"lose":true,"amount":"0.02"}}"#).await;
    assert_eq!((status, &set["notify"]["amount"]), (200, &json!("0.02")));
    assert_eq!(get(&own).await, (200, set));
    assert_eq!(served.api(Method::DELETE, &own, "").await.0, 204);
    problem(&get(&own).await, 404, "no_own_faults");
    for bad in [
        "",
        "x",
        "[1]",
        "\u{0}",
        r#"{"notfy":{}}"#,
        r#"{"notify":{"copies":0}}"#,
        r#"{"notify":{"amount":0.02}}"#,
        r#"{"return":{"lose":"yes"}}"#,
        r#"{"query":{"kind":"slow"}}"#,
        r#"{} {}"#,
    ] {
        problem(&put("/faults", bad).await, 422, "invalid_body");
        problem(&put(&own, bad).await, 422, "invalid_body");
    }
    for path in [
        "/faults/2088999999999999/A",
        "/faults/2088000000000001/a%20b",
    ] {
        problem(&put(path, "{}").await, 422, "invalid_order");
    }
    let statement = r#"{"statement":{"kind":"empty"}}"#;
    problem(&put(&own, statement).await, 422, "invalid_body");
    let (status, set) = put(&own, r#"{"statement":{"kind":"ok"}}"#).await;
    assert_eq!((status, set.get("statement")), (200, None));
    assert_eq!(get(&own).await, (200, set));
    let long = format!("{{\"notify\":{{\"lose\":true}}{}}}", " ".repeat(65 * 1024));
    problem(&put("/faults", &long).await, 413, "body_too_long");
    let kind = served.handle.with(|sandbox| sandbox.faults().verify.kind);
    assert_eq!(kind, VerifyKind::Garbage, "nothing of that was taken");
    problem(&get("/nothing").await, 404, "address_unknown");
    problem(&get("/faults/%FF/A").await, 404, "address_unknown");
    problem(
        &served.api(Method::POST, "/faults", "{}").await,
        405,
        "method_not_allowed",
    );
}

/// What the buttons do, programs can do: each action tells the trade as it stands afterwards.
#[tokio::test]
async fn trades_are_acted_on() {
    let served = Served::new().await;
    served.checkout("A").await;
    let act = async |word: &str, body: &str| {
        let path = format!("/trades/{PARTNER}/A/{word}");
        served.api(Method::POST, &path, body).await
    };
    problem(&act("close", "").await, 409, "not_waiting");
    problem(&act("resend", "").await, 409, "nothing_to_send");
    problem(&act("refund", "").await, 409, "not_refundable");
    problem(&act("pay-late", "").await, 409, "not_closed");
    problem(&act("release", "").await, 409, "not_held");
    problem(&act("finish", "").await, 409, "not_finishable");
    problem(&act("steal", "").await, 404, "address_unknown");
    problem(&act("pay", "{\"x\":1}").await, 422, "invalid_body");
    let (status, trade) = act("pay", "{}").await;
    assert_eq!((status, &trade["status"]), (200, &json!("TRADE_SUCCESS")));
    problem(&act("pay", "").await, 409, "not_payable");
    problem(
        &act("refund", "{\"amount\":\"0.02\"}").await,
        422,
        "bad_sum",
    );
    problem(&act("refund", "{\"amount\":\"-1\"}").await, 422, "bad_sum");
    problem(
        &act("refund", "{\"sum\":\"0.01\"}").await,
        422,
        "invalid_body",
    );
    served.checkout("B").await;
    for (word, status) in [
        ("pay-frozen", "TRADE_PENDING"),
        ("release", "TRADE_SUCCESS"),
        ("finish", "TRADE_FINISHED"),
    ] {
        let path = format!("/trades/{PARTNER}/B/{word}");
        let (code, trade) = served.api(Method::POST, &path, "").await;
        assert_eq!((code, &trade["status"]), (200, &json!(status)));
    }
    let (status, trade) = act("refund", "{\"amount\":\"0.01\"}").await;
    assert_eq!((status, &trade["status"]), (200, &json!("TRADE_CLOSED")));
    assert_eq!(trade["refunded"], "0.01");
    let path = format!("/trades/{PARTNER}/Z/pay");
    problem(
        &served.api(Method::POST, &path, "").await,
        404,
        "trade_unknown",
    );
}

/// A page of another site can neither set faults nor press buttons; the gateway's address stays open to all.
#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let served = Served::new().await;
    served.checkout("A").await;
    let page = served
        .handle
        .with(|sandbox| sandbox.trades()[0].cashier.replace("/cashier/", "/trades/"));
    let faults = r#"{"notify":{"lose":true}}"#;
    let form = "do=set&notify_lose=1&verify_kind=ok&query_kind=ok";
    let pay = format!("/api/trades/{PARTNER}/A/pay");
    let own_page = format!("{page}/faults");
    let doors = [
        (Method::PUT, "/api/faults", faults),
        (Method::POST, pay.as_str(), ""),
        (Method::POST, "/faults", form),
        (Method::POST, page.as_str(), "action=pay"),
        (Method::POST, own_page.as_str(), form),
    ];
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("origin", "http://evil.test")],
        &[("origin", "null")],
        &[("host", "evil.test"), ("origin", "http://evil.test")],
    ] {
        for (method, path, body) in &doors {
            let reply = served.send(method.clone(), path, headers, body).await;
            assert_eq!(reply.status(), 403, "{path} {headers:?}");
            let said: Value = serde_json::from_str(&reply.text().await.unwrap()).unwrap();
            assert_eq!(said["code"], "cross_site");
        }
    }
    let untouched = served
        .handle
        .with(|sandbox| (sandbox.faults().is_none(), sandbox.trades()[0].status));
    assert_eq!(untouched, (true, None));

    let cross = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "http://shop.test"),
    ];
    let wire = signed(&payment("B", &[]));
    let sent = served
        .send(Method::POST, "/gateway.do", &cross, &wire)
        .await;
    assert_eq!(sent.status(), 303, "shops send their buyers here");
    let own = [("origin", served.url.as_str())];
    let set = served.send(Method::POST, "/faults", &own, form).await;
    assert_eq!(set.status(), 303, "our own page");
    assert!(!served.handle.with(|sandbox| sandbox.faults().is_none()));
}

/// The language comes from the switch, then from the cookie that it sets, then from the browser.
#[tokio::test]
async fn the_language_is_remembered() {
    let served = Served::new().await;
    let get = async |path: &str, headers: &[(&str, &str)]| {
        let reply = served.send(Method::GET, path, headers, "").await;
        let cookie = reply.headers().get("set-cookie").cloned();
        let cookie = cookie.map(|value| value.to_str().unwrap().to_owned());
        let html = reply.text().await.unwrap();
        (html.contains("<html lang=\"zh-CN\">"), cookie)
    };
    let chinese = [("accept-language", "zh-CN,zh;q=0.9")];
    let cookie = [("accept-language", "zh-CN"), ("cookie", "a=b; lang=en")];
    assert_eq!(get("/", &[]).await, (false, None));
    assert_eq!(get("/", &chinese).await, (true, None));
    assert_eq!(get("/", &cookie).await, (false, None));
    let (zh, set) = get("/?lang=zh", &cookie).await;
    assert!(zh);
    assert_eq!(
        set.as_deref(),
        Some("lang=zh; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly")
    );
    let (_, set) = get("/gateway.do?lang=zh", &[]).await;
    assert_eq!(set, None, "a merchant's parameters are no switch");
}

/// A slow second opinion is really slow on the wire, and nobody else waits for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_answer_is_held_back() {
    let served = Served::new().await;
    let mut faults = Faults::default();
    (faults.verify.kind, faults.verify.secs) = (VerifyKind::Slow, 600);
    served.handle.with(|sandbox| sandbox.set_faults(faults));
    let verify = "/gateway.do?service=notify_verify&partner=2088000000000001&notify_id=x";
    let slow = served.send(Method::GET, verify, &[], "");
    let quick = async {
        // Whole answers to others, until the slow one has surely been asked.
        for _ in 0..50 {
            assert_eq!(served.send(Method::GET, "/", &[], "").await.status(), 200);
        }
    };
    tokio::select! {
        biased;
        answer = slow => panic!("it came at once: {:?}", answer.status()),
        () = quick => {}
    }
    served
        .handle
        .with(|sandbox| sandbox.set_faults(Faults::default()));
    let answer = served.send(Method::GET, verify, &[], "").await;
    assert_eq!(answer.text().await.unwrap(), "false");
}

//! Behind a real nginx, with the settings that `docs/nginx.md` shows: the bytes of notifies and acks, repeats, a server
//! that is down, who called, and pages in a folder.

mod place;
mod proxy;
mod wire;

use place::{FOLDER, Place};
use quittance_core::charset::Charset;
use serde_json::json;
use std::net::Ipv4Addr;
use std::sync::atomic::Ordering;
use wire::{Fails, Sending, swallowing};

/// An nginx that packs whatever it may, in front of everything that this server answers.
const PACKS: &str =
    "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 0; gzip_http_version 1.0;";
/// An nginx that packs as much as it does where nobody said from which length on.
const PACKS_LONG: &str = "gzip on; gzip_types *; gzip_proxied any; gzip_http_version 1.0;";
/// A nginx that sends a request again, whatever it may have done.
const REPEATS: (&str, &str) = (
    "proxy_buffering off;",
    "proxy_buffering off; proxy_next_upstream error timeout non_idempotent;",
);

/// Shows that a notify comes through byte by byte (a GBK title, escapes that nobody needed, small hexadecimal digits,
/// plus signs, bytes of no charset, a line end), and that the ack goes back as it was given, packed by nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bytes_of_notify_and_ack_are_unchanged() {
    for (http, changed) in [
        (PACKS, &[][..]),
        // Without the sample's own line the ack is too short to be packed.
        (PACKS_LONG, &[("gzip off;", "")][..]),
    ] {
        let place = Place::new(Charset::Gbk, |site| {
            site.http = http;
            site.changed = changed;
        })
        .await;
        let _server = place.merchant.serve().await;
        place.order("A-1").await;
        let genuine = escaped(&place.paid("A-1", "测试 商品+1"));
        assert!(genuine.windows(9).any(|part| part == b"%b2%e2%ca"));
        assert!(genuine.contains(&b'+'));
        let strange = [
            b"subject=\xb2\xe2%zz&&=+&a=%c4&sign=\0\x7f",
            &genuine[..],
            b"\r\n",
        ]
        .concat();

        let packed = "Accept-Encoding: gzip";
        let sent = Sending::notify(&genuine).with(packed);
        sent.to(place.nginx.address).await.assert_ack();
        let sent = Sending::notify(&strange).with(packed);
        let refused = sent.to(place.nginx.address).await;
        assert_eq!((refused.status, refused.text().as_str()), (200, "fail"));
        assert!(place.bodies(2).await == [genuine, strange], "bytes changed");

        // nginx does pack: a page is longer.
        place.order("A-2").await;
        let page = Sending::get(&place.pay_path("A-2").await).with(packed);
        let page = page.to(place.nginx.address).await;
        assert_eq!(page.header("content-encoding"), Some("gzip"));
        place.assert_paid_once("A-1").await;
    }
}

/// Shows that a body may come in pieces of unknown number, whether nginx collects them first or hands each one on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notify_may_come_in_pieces() {
    const HANDS_ON: (&str, &str) = ("gzip off;", "gzip off; proxy_request_buffering off;");
    for changed in [&[][..], &[HANDS_ON][..]] {
        let place = Place::new(Charset::Gbk, |site| site.changed = changed).await;
        let _server = place.merchant.serve().await;
        place.order("A-1").await;
        let body = place.paid("A-1", "测试商品");
        let mut sent = Sending::notify(&body);
        // Each escape is cut somewhere.
        sent.pieces = body.chunks(7).map(<[u8]>::to_vec).collect();
        sent.to(place.nginx.address).await.assert_ack();
        assert!(place.bodies(1).await == [body], "bytes changed");
        place.assert_paid_once("A-1").await;
    }
}

/// Shows that a notify which nginx sends again, because the first server died or fell silent after its work, counts
/// once: both times it is journaled and acked, one payment is recorded and told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notify_that_nginx_repeats_counts_once() {
    const IMPATIENT: (&str, &str) = ("proxy_read_timeout 90s;", "proxy_read_timeout 1s;");
    for fails in [Fails::Cut, Fails::Silent] {
        let mut place = Place::new(Charset::Utf8, |_| {}).await;
        let _server = place.merchant.serve().await;
        let real = place.server();
        let (first, swallowed) = swallowing(&mut place.tasks, real, fails).await;
        place
            .restart_nginx(|site| {
                site.servers = format!("server {first} max_fails=0; server {real} backup;");
                site.changed = &[REPEATS, IMPATIENT];
            })
            .await;
        place.order("A-1").await;
        let body = place.paid("A-1", "茶");
        let sent = Sending::notify(&body);
        sent.to(place.nginx.address).await.assert_ack();
        assert_eq!(swallowed.load(Ordering::SeqCst), 1, "{fails:?}");
        let answered = place.journal("A-1", "notify").await;
        assert_eq!(answered, ["success", "success"], "{fails:?}");
        place.assert_paid_once("A-1").await;
    }
}

/// Shows that no gateway takes nginx's answer for an ack while the server is down, and that the same notify is acked
/// when it is up again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_server_is_down_nothing_is_acked() {
    let place = Place::new(Charset::Utf8, |_| {}).await;
    let server = place.merchant.serve().await;
    place.order("A-1").await;
    assert_eq!(server.terminate().code(), Some(0));
    let body = place.paid("A-1", "茶");
    let refused = Sending::notify(&body).to(place.nginx.address).await;
    assert_eq!(refused.status, 502);
    assert!(!refused.text().contains("success"));

    let _server = place.merchant.serve().await;
    let acked = Sending::notify(&body).to(place.nginx.address).await;
    acked.assert_ack();
    place.assert_paid_once("A-1").await;
}

/// Shows that the log names who called nginx: not nginx, and not whom the caller claims to be; and that the merchant
/// API is closed to strangers, as the sample says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_caller_is_who_called_nginx() {
    let place = Place::new(Charset::Utf8, |_| {}).await;
    let _server = place.merchant.serve().await;
    place.order("A-1").await;
    let mut sent = Sending::notify(&place.paid("A-1", "茶")).with("X-Forwarded-For: 203.0.113.9");
    sent.from = Ipv4Addr::new(127, 0, 0, 2);
    sent.to(place.nginx.address).await.assert_ack();
    let log = place.merchant.log();
    assert!(log.contains("client=Some(127.0.0.2)"), "{log}");
    assert!(!log.contains("203.0.113.9"), "{log}");

    let stranger = Sending {
        from: Ipv4Addr::new(127, 0, 0, 2),
        ..Sending::get(&format!("{FOLDER}/v1/orders"))
    };
    assert_eq!(stranger.to(place.nginx.address).await.status, 403);
}

/// Shows the whole way through a folder that nginx takes away: the order's page, its form, the notify, the return and
/// the result lead through that folder and nowhere beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_in_a_folder_lead_to_pages_in_the_folder() {
    let place = Place::new(Charset::Utf8, |_| {}).await;
    let _server = place.merchant.serve().await;
    place.order("A-1").await;
    let nginx = place.nginx.address;
    let page_path = place.pay_path("A-1").await;
    let page = Sending::get(&page_path).to(nginx).await;
    assert_eq!(page.status, 200);
    assert!(!place.leads_to(&page).is_empty());

    let back = place.pays_by_form(&page).await;
    let origin = format!("http://{nginx}");
    let back = back.strip_prefix(&origin).expect("back through nginx");
    assert!(
        back.starts_with(&format!("{FOLDER}/return/main/")),
        "{back}"
    );
    let returned = Sending::get(back).to(nginx).await;
    assert_eq!(returned.status, 303);
    let result_path = format!("{page_path}/result");
    assert_eq!(returned.header("location"), Some(result_path.as_str()));
    let result = Sending::get(&result_path).to(nginx).await;
    let text = result.text();
    assert!(text.contains("Paid. Received "), "{text}");
    place.leads_to(&result);

    // The gateway's own notify came through the folder as well.
    place.assert_paid_once("A-1").await;
    let witnesses = place.show("A-1").await["trades"][0]["witnesses"].clone();
    assert!(
        witnesses.as_array().unwrap().contains(&json!("notify")),
        "{witnesses}"
    );

    place.order("A-2").await;
    let waiting = format!("{}/result", place.pay_path("A-2").await);
    let waiting_page = Sending::get(&waiting).to(nginx).await;
    assert!(!place.leads_to(&waiting_page).is_empty());
    let mut pressed = Sending::get("");
    pressed.line = format!("POST {}/completed", place.pay_path("A-2").await);
    pressed.pieces = vec![Vec::new()];
    let pressed = pressed
        .with("Content-Type: application/x-www-form-urlencoded")
        .to(nginx)
        .await;
    assert_eq!(pressed.status, 303);
    let location = pressed.header("location").unwrap();
    assert!(location.starts_with(&waiting), "{location}");
}

/// Shows that a return which cannot be read says so in both languages, in the folder.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_return_speaks_both_languages_in_the_folder() {
    let place = Place::new(Charset::Utf8, |_| {}).await;
    let _server = place.merchant.serve().await;
    let nginx = place.nginx.address;
    let path = format!("{FOLDER}/return/main?sign=nobody");
    let page = Sending::get(&path).to(nginx).await;
    assert_eq!(page.status, 200);
    let text = page.text();
    let switch = text.split("href=\"").nth(1).unwrap();
    let switch = switch.split('"').next().unwrap().replace("&#38;", "&");
    assert!(switch.ends_with("lang=zh"), "{switch}");
    let other = Sending::get(&switch).to(nginx).await;
    assert_eq!(other.status, 200, "{switch}");
    assert!(other.text().contains("该链接不含有效的支付结果"));
}

/// The same message in other bytes: every letter of a value escaped, in small hexadecimal digits.
fn escaped(body: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(body).unwrap();
    let value = |value: &str| -> String {
        let mut bytes = value.bytes();
        let mut escaped = String::new();
        while let Some(byte) = bytes.next() {
            match byte {
                b'%' => {
                    let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                    let digits = std::str::from_utf8(&digits).unwrap();
                    escaped += &format!("%{}", digits.to_ascii_lowercase());
                }
                b'+' => escaped.push('+'),
                byte => escaped += &format!("%{byte:02x}"),
            }
        }
        escaped
    };
    let pairs = text.split('&').map(|pair| pair.split_once('=').unwrap());
    let pairs: Vec<String> = pairs
        .map(|(name, given)| format!("{name}={}", value(given)))
        .collect();
    pairs.join("&").into_bytes()
}

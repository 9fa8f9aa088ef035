//! Returns: readable whatever comes, no session, no state for strangers.

use super::get;
use crate::world::{Wishes, World};
use quittance_core::facts::Proof;
use quittance_sandbox::Kind;
use serde_json::json;

/// Shows that a signed return inside its minute counts like a notify, and leads to the order's page.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_alone_pays_the_order() {
    let world = World::new().await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    let (status, _, headers) = get(&world, &back, "en").await;
    assert_eq!(status, 303);
    assert!(!headers.contains_key("set-cookie"));
    let result = format!("{}{}", world.url, headers["location"].to_str().unwrap());
    let (status, page, headers) = get(&world, &result, "en").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("Paid.") && page.contains("PAID") && page.contains("¥1.00 CNY"),
        "{page}"
    );
    assert!(
        headers["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    assert!(
        get(&world, &result, "zh-CN,zh;q=0.9")
            .await
            .1
            .contains("收讫")
    );
    let order = world.show("A-1").await;
    assert_eq!(
        (&order["status"], &order["trades"][0]["witnesses"]),
        (&json!("paid"), &json!(["return"]))
    );
    // The link again, days later or by somebody else: it shows the true state and changes nothing (SEC-050).
    assert_eq!(get(&world, &back, "en").await.0, 303);
    assert_eq!(
        world.calls("A-1", Kind::NotifyVerify),
        1,
        "the claim stands: nobody is asked"
    );
    assert_eq!(
        world.events("A-1").await,
        ["payment.recorded", "order.paid"]
    );
}

/// Shows that a return that is not readable shows which part is wrong, and no state of any order.
#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_return_says_which_part() {
    let world = World::new().await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    let bare = format!("{}/return/main", world.url);
    let token = world.stored("A-1").await.order.token;
    for (address, part) in [
        (bare.clone(), "no parameters"),
        (format!("{bare}?a=1&a=2"), "not as a payment company"),
        (
            format!("{bare}?is_success=T&sign_type=MD5&out_trade_no=A-1"),
            "signature",
        ),
        (
            back.replace("total_fee=1.00", "total_fee=9.00")
                .replace(&format!("/{token}?"), "?"),
            "signature",
        ),
        (format!("{}/return/nobody?a=1", world.url), "no account"),
    ] {
        let (status, page, _) = get(&world, &address, "en").await;
        assert_eq!(status, 200, "{address}");
        assert!(
            page.contains("Your order is not affected") && page.contains(part),
            "{address}: {page}"
        );
        assert!(
            !page.contains(&token),
            "{address} leads to an order: {page}"
        );
    }
    assert!(
        get(&world, &bare, "zh")
            .await
            .1
            .contains("您的订单不受影响")
    );
    let known = get(&world, &format!("{bare}/{token}"), "en").await.1;
    assert!(
        known.contains(&format!("/pay/{token}/result")),
        "its own token leads on: {known}"
    );
    assert_eq!(world.show("A-1").await["status"], "unpaid");
}

/// Shows that a return of a gateway whose word is enough needs no second opinion.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_counts_by_its_signature_where_that_is_enough() {
    let world = World::with(Wishes {
        require: Proof::Signed,
        ..Wishes::default()
    })
    .await;
    world.order("A-1").await;
    let back = world.pay_silently("A-1");
    assert_eq!(get(&world, &back, "en").await.0, 303);
    assert_eq!(world.show("A-1").await["status"], "paid");
    assert_eq!(world.calls("A-1", Kind::NotifyVerify), 0);
}

/// Shows that the page of an unreadable return can be read in the other language without taking the return in again,
/// and that it leads to its order still.
#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_return_speaks_both_languages() {
    let world = World::new().await;
    world.order("A-1").await;
    let token = world.stored("A-1").await.order.token;
    let result = format!("href=\"/pay/{token}/result\"");
    let junk = format!("{}/return/main/{token}?is_success=T&sign=x", world.url);
    let seq = async || world.app.store.head().await.unwrap().seq;
    let (before, mut changes) = (seq().await, world.app.store.changes());
    let (_, page, _) = get(&world, &junk, "en").await;
    // What is junk is written down behind the answer.
    while seq().await == before {
        changes.recv().await.unwrap();
    }
    let entries = seq().await;
    let switch = format!("/unreadable/signature?order={token}&lang=zh");
    assert!(page.contains(&switch.replace('&', "&#38;")), "{page}");
    let (status, page, headers) = get(&world, &format!("{}{switch}", world.url), "en").await;
    assert_eq!(status, 200);
    assert!(
        page.contains("<html lang=\"zh-CN\">") && page.contains("链接的签名缺失"),
        "{page}"
    );
    assert!(page.contains(&result), "{page}");
    assert!(
        headers["set-cookie"]
            .to_str()
            .unwrap()
            .starts_with("lang=zh")
    );
    assert_eq!(seq().await, entries);
    for (path, status) in [
        ("signature?order=guessed", 200),
        ("nothing", 404),
        ("%ff", 404),
    ] {
        let (said, page, _) = get(&world, &format!("{}/unreadable/{path}", world.url), "en").await;
        assert_eq!(said, status, "{path}");
        assert!(!page.contains("/result\""), "{page}");
    }
}

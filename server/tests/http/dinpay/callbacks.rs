//! What counts and what does not, in every kind of account.

use super::World;
use crate::both::Signs;
use quittance_core::charset::Charset;
use quittance_core::{Currency, Money};
use serde_json::json;

const KINDS: [(Signs, Charset); 4] = [
    (Signs::Md5, Charset::Utf8),
    (Signs::Md5, Charset::Gbk),
    (Signs::RsaS, Charset::Utf8),
    (Signs::RsaS, Charset::Gbk),
];

/// The whole way in each kind: the form in its charset, a posted return, a notify, and the answer to a question.
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_account_takes_its_callbacks_and_answers() {
    for (signs, charset) in KINDS {
        let world = World::of(signs, charset).await;
        // In GBK with RSA-S only ASCII can be signed alike on both sides.
        let plain = (signs, charset) == (Signs::RsaS, Charset::Gbk);
        let subject = if plain { "tea A+B" } else { "铁观音 A+B" };
        for (order_no, way) in [("A_1", "return"), ("A_2", "notify"), ("A_3", "query")] {
            let token = world.order(order_no, subject).await;
            world.gateway.pays(order_no, world.app.clock.wall());
            match way {
                "return" => {
                    let reply = world.comes_back(order_no).await;
                    let page = format!("/pay/{token}/result");
                    assert_eq!(reply.headers()["location"], page.as_str());
                }
                "notify" => {
                    let notify = world.gateway.notify(order_no);
                    assert_eq!(world.notify(notify).await, "SUCCESS");
                }
                _ => {
                    let path = format!("/v1/orders/main/{order_no}/verify");
                    let said = world.api("POST", &path, None).await.1;
                    assert_eq!(said["answer"], "paid", "{said}");
                }
            }
            let order = world.show(order_no).await;
            assert_eq!(order["status"], "paid", "{signs:?} {charset:?} {way}");
            assert_eq!(order["trades"][0]["witnesses"], json!([way]));
        }
    }
}

/// Another amount is no payment of the order: it is acked, recorded and told, and the order is not paid.
#[tokio::test(flavor = "multi_thread")]
async fn another_amount_does_not_pay() {
    let world = World::new().await;
    world.paid("A_1").await;
    world.gateway.change("A_1", |trade| {
        trade.request.order_amount = "0.01".into();
        trade.request.amount = Money::new(1, Currency::CNY);
    });
    assert_eq!(world.notify(world.gateway.notify("A_1")).await, "SUCCESS");
    let order = world.show("A_1").await;
    assert_eq!(
        (&order["status"], &order["attention"]),
        (&json!("unpaid"), &json!(true))
    );
    assert_eq!(order["discrepancies"][0]["kind"], "amount_mismatch");
}

/// An amount without its zeros is the same amount.
#[tokio::test(flavor = "multi_thread")]
async fn an_amount_may_be_told_without_zeros() {
    for told in ["1", "1.0", "1.00"] {
        let world = World::new().await;
        world.paid("A_1").await;
        world
            .gateway
            .change("A_1", |trade| trade.request.order_amount = told.into());
        assert_eq!(world.notify(world.gateway.notify("A_1")).await, "SUCCESS");
        assert_eq!(world.show("A_1").await["status"], "paid", "{told}");
    }
}

/// Money for another merchant under our key moves nothing, is not acked, and somebody is told.
#[tokio::test(flavor = "multi_thread")]
async fn another_merchant_s_money_moves_nothing() {
    let world = World::new().await;
    world.paid("A_1").await;
    let other = world.gateway.notify_of("A_1", "1000000002");
    assert_eq!(world.notify(other).await, "fail");
    assert_eq!(world.show("A_1").await["status"], "unpaid");
    let told = world.api("GET", "/v1/discrepancies", None).await.1;
    assert_eq!(told["items"][0]["kind"], "payee_mismatch", "{told}");
}

/// A currency does not belong into a callback here: it is no evidence, not acked, and makes us ask.
#[tokio::test(flavor = "multi_thread")]
async fn a_currency_makes_a_callback_no_evidence() {
    let world = World::new().await;
    world.paid("A_1").await;
    let mut body = world.gateway.notify("A_1");
    body.extend(b"&currency=USD");
    assert_eq!(world.notify(body).await, "fail");
    let callbacks = world.callbacks("A_1").await;
    assert_eq!(callbacks[0]["verdict"], "ambiguous");
}

/// A return in the notify's place, and the other way round, are no evidence: each has its own word for what it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_no_notify() {
    let world = World::new().await;
    world.paid("A_1").await;
    assert_eq!(world.notify(world.gateway.returned("A_1")).await, "fail");
    let (_, address) = world.gateway.addresses("A_1");
    world.post(&address, world.gateway.notify("A_1")).await;
    let verdicts = world.callbacks("A_1").await;
    assert!(verdicts.iter().all(|entry| entry["verdict"] == "ambiguous"));
    assert_eq!(verdicts.len(), 2);
}

/// An order that nobody has made yet waits for its evidence, which is acked.
#[tokio::test(flavor = "multi_thread")]
async fn evidence_waits_for_its_order() {
    let world = World::new().await;
    world.paid("A_1").await;
    world
        .gateway
        .change("A_1", |trade| trade.request.order_no = "A_9".into());
    assert_eq!(world.notify(world.gateway.notify("A_1")).await, "SUCCESS");
    let order =
        json!({"account": "main", "order_no": "A_9", "subject": "a book", "amount": "1.00"});
    let (_, made) = world.api("POST", "/v1/orders", Some(order)).await;
    assert_eq!(made["status"], "paid", "{made}");
}

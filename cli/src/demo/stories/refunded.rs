//! The story in which money goes back: two refunds, confirmed together on the gateway's page, each told once.

use super::stage::{Purchase, Stage, said};
use super::{Seen, Told};
use crate::out::{field, items};
use serde_json::{Value, json};

/// Two articles of the account that speaks UTF-8.
const TEA: usize = 0;
const CUP: usize = 1;
/// What is entered on the gateway's page.
const PASSWORD: &str = "password=demo&action=confirm";

/// Two orders are paid; the seller pays one back in full and the other in part, with one visit to the gateway's page.
pub async fn together(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let mut purchases = Vec::new();
    for article in [TEA, CUP] {
        let purchase = stage.buy(article, bought).await?;
        let success_page = stage.pay(&purchase).await?;
        drop(success_page);
        stage.ended_paid(&purchase, &["notify"]).await?;
        purchases.push(purchase);
    }
    let [whole, part] = purchases.as_slice() else {
        return Err("two orders were bought".to_owned());
    };
    let price = field(&stage.order(whole).await?, "amount");
    want_back(stage, whole, &price).await?;
    want_back(stage, part, "0.01").await?;
    let page = refund_page(stage, &[whole, part]).await?;
    let opened = stage.buyer.open(&page).await?;
    let asks = stage.buyer.follow(opened).await?;
    let confirmed = stage.buyer.post(asks.url.as_str(), PASSWORD).await?;
    stage.buyer.follow(confirmed).await?;
    ended(stage, whole, "refunded").await?;
    ended(stage, part, "partially_refunded").await?;
    Seen::told(
        "both went back with one password; the shop was told of each once",
        "一次输入支付密码完成两笔退款，商城各收到一次通知",
    )
}

async fn want_back(stage: &Stage<'_>, purchase: &Purchase, amount: &str) -> Result<(), String> {
    let path = ["orders", &purchase.account, &purchase.order_no, "refunds"];
    let body = json!({ "refund_no": "R-1", "amount": amount });
    let refund = stage
        .world
        .api
        .post(&path, &[], Some(&body))
        .await
        .map_err(said)?;
    match field(&refund, "status").as_str() {
        "requested" => Ok(()),
        status => Err(format!(
            "the refund is {status} before anybody confirmed it"
        )),
    }
}

/// The address of the gateway's page for these refunds.
async fn refund_page(stage: &Stage<'_>, purchases: &[&Purchase]) -> Result<String, String> {
    let named = |purchase: &&Purchase| json!({"order_no": purchase.order_no, "refund_no": "R-1"});
    let refunds: Vec<Value> = purchases.iter().map(named).collect();
    let account = purchases.first().map_or("", |purchase| &purchase.account);
    let via = [("via", "get".to_owned())];
    let body = json!({ "refunds": refunds });
    let path = ["refunds", account, "checkout"];
    let page = stage
        .world
        .api
        .post(&path, &via, Some(&body))
        .await
        .map_err(said)?;
    Ok(field(&page, "url"))
}

/// Waits until the order has this status and its refund has succeeded.
async fn ended(stage: &Stage<'_>, purchase: &Purchase, status: &str) -> Result<(), String> {
    let paid_back = async || {
        let order = stage.order(purchase).await.ok()?;
        let refunds = items(&order, "refunds");
        let succeeded = refunds
            .iter()
            .all(|refund| field(refund, "status") == "succeeded");
        (field(&order, "status") == status && succeeded && refunds.len() == 1).then_some(())
    };
    stage
        .until("the refund did not come to its end", paid_back)
        .await
}

//! CodePay's stories (seed 002): at the counter's terminal, on the hosted page, and a payment that meets a Cancel.

use super::paid::nothing_arrived;
use super::stage::{Purchase, Stage, said};
use super::{Seen, Told};
use crate::out::{field, items};
use quittance_sandbox::Faults;

/// Articles of the shelf.
const TEA: usize = 0;
const CUP: usize = 1;
/// Seconds that the shop waits for the end of a closing.
const WAIT: &str = "15";

/// The order goes to the terminal, the page waits, the customer pays there: the notification alone tells.
pub async fn at_the_counter(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy_by(CUP, "counter", bought).await?;
    let waiting = stage.go_on(&purchase).await?;
    if waiting.sealed() || !waiting.html.contains("at the terminal") {
        return Err("the page does not send the customer to the terminal".to_owned());
    }
    next_is(stage, &purchase, "keep_waiting").await?;
    stage.at_terminal("approve").await?;
    stage.ended_paid(&purchase, &["notify"]).await?;
    stage.acked(&purchase).await?;
    next_is(stage, &purchase, "show_success").await?;
    let result = stage.buyer.open(waiting.url.as_str()).await?;
    result.says_paid()?;
    Seen::told(
        "the till was told to wait, then that it is paid",
        "收银端先收到等待提示，随后收到付款成功",
    )
}

/// The hosted page sends the buyer back with no proof in his hands, and the notification is lost: the question that his
/// coming back causes finds the payment.
pub async fn online(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy_by(TEA, "online", bought).await?;
    stage.lose_notify(&purchase, true)?;
    let paid = stage.pay(&purchase).await?;
    let mut result = stage.come_back(paid).await?;
    stage.ended_paid(&purchase, &["query"]).await?;
    if !result.sealed() {
        // The answer may come a moment after the page.
        result = stage.buyer.open(result.url.as_str()).await?;
    }
    result.says_paid()?;
    nothing_arrived(stage, &purchase)?;
    Seen::told(
        "the return proved nothing, the question after it found the payment",
        "返回不作为凭据，随后的查询确认了付款",
    )
}

/// The shop closes the order, the gateway says that nobody has paid, and the buyer pays in the moment before the Cancel:
/// the Cancel pays it back, and a person is told.
pub async fn cancel_race(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy_by(CUP, "online", bought).await?;
    stage.go_on(&purchase).await?;
    let mut faults = Faults::lost_notify();
    faults.revoke.paid_first = true;
    stage.set_faults(&purchase, faults)?;
    let path = ["orders", &purchase.account, &purchase.order_no, "close"];
    let wait = [("wait", WAIT.to_owned())];
    let api = &stage.world.api;
    api.post(&path, &wait, None).await.map_err(said)?;
    let ended = async || {
        let order = stage.order(&purchase).await.ok()?;
        (field(&order, "status") == "refunded").then_some(order)
    };
    let order = stage
        .until("the money did not come and go back", ended)
        .await?;
    let [found] = items(&order, "discrepancies") else {
        return Err("the order has not exactly one discrepancy".to_owned());
    };
    if field(found, "kind") != "refunded_by_cancel" || field(found, "state") != "open" {
        return Err(format!("the discrepancy is {}", field(found, "kind")));
    }
    let told = stage.world.shop.until(|shop| {
        let told = shop.arrivals(&purchase.account, &purchase.order_no);
        let kinds = ["payment.recorded", "discrepancy.opened", "order.refunded"];
        let heard = kinds.iter().all(|kind| told.of_kind(kind) == [1]);
        heard.then_some(told)
    });
    let told = stage.patience(told).await;
    let told = told.ok_or("the shop was not told that the money went back")?;
    if !told.of_kind("order.paid").is_empty() {
        return Err("the shop was told that it is paid".to_owned());
    }
    Seen::told(
        "the Cancel paid it back; the shop was told of that, and never that it is paid",
        "撤销退回了款项；商城收到退款与差异通知，从未收到付款成功",
    )
}

async fn next_is(stage: &Stage<'_>, purchase: &Purchase, expected: &str) -> Result<(), String> {
    let next = stage.next(purchase).await?;
    match next == expected {
        true => Ok(()),
        false => Err(format!("the till was told {next}, {expected} was expected")),
    }
}

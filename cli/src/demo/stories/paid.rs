//! The six stories in which the buyer pays: whatever reaches the server, the order ends paid and the shop is told once.

use super::stage::{Purchase, Stage};
use super::{Seen, Told};
use crate::out::{field, items};
use quittance_sandbox::{Ack, Kind};
use serde_json::Value;
use std::sync::Arc;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// Which article of the shelf. The third is sold through the account that speaks GBK.
const TEA: usize = 0;
const CUP: usize = 1;
const BOOK: usize = 2;
/// How often the same notify arrives at once.
const TIMES: usize = 10;

/// The buyer pays and closes the window: only the notify tells (seed 003, notify 11).
pub async fn page_closed(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy(TEA, bought).await?;
    let success_page = stage.pay(&purchase).await?;
    drop(success_page);
    stage.ended_paid(&purchase, &["notify"]).await?;
    stage.acked(&purchase).await?;
    Seen::told("the notify alone paid it", "仅凭通知即已确认付款")
}

/// The browser is back before the notify arrives: the return pays, the notify is acked without another question.
pub async fn return_first(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy(BOOK, bought).await?;
    stage.lose_notify(&purchase, true)?;
    let paid = stage.pay(&purchase).await?;
    stage.come_back(paid).await?.says_paid()?;
    stage.ended_paid(&purchase, &["return"]).await?;
    // The gateway sends it again on its schedule, and this time it arrives.
    stage.lose_notify(&purchase, false)?;
    stage.acked(&purchase).await?;
    stage.ended_paid(&purchase, &["return", "notify"]).await?;
    let asked = stage.exchanges(&purchase, Kind::NotifyVerify).len();
    if asked != 1 {
        return Err(format!(
            "the gateway was asked {asked} times about one payment"
        ));
    }
    Seen::told(
        "the return paid it; the notify came after it, was acknowledged and changed nothing",
        "返回已确认付款，随后的通知得到应答且未重复入账",
    )
}

/// The notify never arrives: the buyer's return is enough.
pub async fn notify_lost(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy(BOOK, bought).await?;
    stage.lose_notify(&purchase, true)?;
    let paid = stage.pay(&purchase).await?;
    stage.come_back(paid).await?.says_paid()?;
    stage.ended_paid(&purchase, &["return"]).await?;
    nothing_arrived(stage, &purchase)?;
    Seen::told(
        "the return alone paid it, in GBK",
        "仅凭返回即已确认付款（GBK）",
    )
}

/// Neither return nor notify arrives: the schedule asks the gateway, five seconds after the checkout.
pub async fn all_lost(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy(CUP, bought).await?;
    stage.lose_notify(&purchase, true)?;
    let success_page = stage.pay(&purchase).await?;
    drop(success_page);
    stage.ended_paid(&purchase, &["query"]).await?;
    nothing_arrived(stage, &purchase)?;
    if !stage.exchanges(&purchase, Kind::Return).is_empty() {
        return Err("the buyer was sent back".to_owned());
    }
    let journal = stage.journal(&purchase).await?;
    let data = |entry: &Value| entry.get("data").cloned().unwrap_or_default();
    let queries = items(&journal, "items").iter();
    let steps: Vec<String> = queries
        .filter(|entry| field(entry, "kind") == "query")
        .map(|entry| field(&data(entry), "step"))
        .collect();
    if steps != ["check"] {
        return Err(format!("found by {steps:?}, not by the first check"));
    }
    Seen::told(
        "the first check of the schedule asked the gateway and found the payment",
        "首次定时查询即从网关查到付款",
    )
}

/// The same notify ten times at the same moment: every one is acked, the gateway is asked once, the shop is told once.
pub async fn ten_at_once(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy(BOOK, bought).await?;
    stage.lose_notify(&purchase, true)?;
    stage.pay(&purchase).await?;
    let body = stage.genuine_notify(&purchase.order_no)?;
    let (notify, health) = (
        stage.notify_url(&purchase.account),
        format!("{}/healthz", stage.world.server_url),
    );
    let together = Arc::new(Barrier::new(TIMES));
    let mut calls = JoinSet::new();
    for _ in 0..TIMES {
        let (gateway, body, together) = (stage.buyer.clone(), body.clone(), together.clone());
        let (notify, health) = (notify.clone(), health.clone());
        calls.spawn(async move {
            // Ten open connections first: then the ten notifies really set out at the same moment.
            let warmed = gateway.open(&health).await;
            together.wait().await;
            warmed?;
            gateway.post(&notify, body).await
        });
    }
    let mut acked = 0;
    while let Some(ended) = calls.join_next().await {
        let answer = ended.map_err(|error| error.to_string())??;
        acked += usize::from(answer.status == 200 && answer.html == "success");
    }
    if acked != TIMES {
        return Err(format!("{acked} of {TIMES} were acknowledged"));
    }
    stage.ended_paid(&purchase, &["notify"]).await?;
    let asked = stage.exchanges(&purchase, Kind::NotifyVerify).len();
    if asked != 1 {
        return Err(format!(
            "the gateway was asked {asked} times about one notify"
        ));
    }
    Seen::told(
        "ten acknowledgements, one question to the gateway, one payment",
        "十次应答，只向网关核实一次，只入账一次",
    )
}

/// Dinpay's posted return is lost with the buyer's page: its notify alone tells, and stops at `SUCCESS` (seed 000 7, 10).
pub async fn by_dinpay(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy_by(CUP, "dinpay", bought).await?;
    let success_page = stage.pay(&purchase).await?;
    drop(success_page);
    stage.ended_paid(&purchase, &["notify"]).await?;
    stage.acked(&purchase).await?;
    if !stage.exchanges(&purchase, Kind::Return).is_empty() {
        return Err("the buyer was sent back".to_owned());
    }
    let sent = stage.exchanges(&purchase, Kind::Notify).len();
    if sent != 1 {
        return Err(format!("the notify was sent {sent} times"));
    }
    Seen::told(
        "the notify alone paid it, and SUCCESS ended the sending",
        "仅凭通知即已确认付款，应答 SUCCESS 后不再重发",
    )
}

/// Whether the gateway's notifies were lost, all of them.
pub(super) fn nothing_arrived(stage: &Stage<'_>, purchase: &Purchase) -> Result<(), String> {
    let told = stage.exchanges(purchase, Kind::Notify);
    match told.iter().all(|exchange| exchange.ack == Some(Ack::Lost)) {
        true => Ok(()),
        false => Err("a notify arrived".to_owned()),
    }
}

//! The story in which nobody pays: a forged notify, and one that was re-cut from a genuine signature (SEC-001).
//!
//! The signing string joins `name=value` with `&` and escapes nothing. Who chooses a title such as
//! `S&total_fee=12.80&trade_status=TRADE_SUCCESS&x=y` gets a genuine signature over a string that can also be read as
//! a paid order. Quittance takes no such title for its own orders; the shop's other program, which shares the
//! contract, may.

use super::stage::{Purchase, Stage};
use super::{Seen, Told};
use crate::out::{field, items};
use crate::sandbox::PARTNER;
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};

/// The article that somebody would like to have for nothing.
const CUP: usize = 1;
const PRICE: &str = "12.80";
/// A trade that never was.
const TRADE_NO: &str = "2026010100001000000000000001";

/// Both attacks at both doors: no success word, no seal, and the order stays as it was.
pub async fn forged(stage: &Stage<'_>, bought: &mut Vec<Purchase>) -> Told {
    let purchase = stage.buy(CUP, bought).await?;
    let genuine = signed_by_the_gateway(stage, &purchase).await?;
    let recut = recut(&genuine)?;
    let mut bad = Params::new();
    for (name, value) in recut.iter().filter(|(name, _)| *name != "x") {
        push(&mut bad, name, value)?;
    }
    for wire in [bad.to_wire(), recut.to_wire()] {
        let address = stage.notify_url(&purchase.account);
        let answer = stage.buyer.post(&address, wire.clone()).await?;
        if answer.html != "fail" {
            return Err(format!("the notify was answered {:?}", answer.html));
        }
        let server = &stage.world.server_url;
        let back = format!("{server}/return/{}?{wire}", purchase.account);
        if stage.buyer.open(&back).await?.sealed() {
            return Err("the return led to a page that says paid".to_owned());
        }
    }
    stage
        .until("the gateway was not asked", async || {
            asked(stage, &purchase).await
        })
        .await?;
    unmoved(stage, &purchase).await?;
    Seen::told(
        "answered fail, the gateway was asked, the order is unpaid and the shop heard nothing",
        "一律应答 fail，并向网关核实；订单仍未付款，商城未收到任何事件",
    )
}

/// The notify of an unpaid trade of one cent whose title holds the parts of another reading.
async fn signed_by_the_gateway(stage: &Stage<'_>, purchase: &Purchase) -> Result<Params, String> {
    let title = format!("S&total_fee={PRICE}&trade_no={TRADE_NO}&trade_status=TRADE_SUCCESS&x=y");
    let mut request = Params::new();
    let fields = [
        ("service", "create_direct_pay_by_user"),
        ("partner", PARTNER),
        ("seller_id", PARTNER),
        ("_input_charset", "utf-8"),
        ("payment_type", "1"),
        ("out_trade_no", &purchase.order_no),
        ("subject", &title),
        ("total_fee", "0.01"),
    ];
    for (name, value) in fields {
        push(&mut request, name, value.as_bytes())?;
    }
    let sign = md5_sign(&presign(&request), &stage.world.gateway_key);
    push(&mut request, "sign", sign.as_bytes())?;
    push(&mut request, "sign_type", b"MD5")?;
    let sandbox = &stage.world.sandbox_url;
    let cashier = format!("{sandbox}/gateway.do?{}", request.to_wire());
    // Looking at the cashier is enough: from then on the trade exists.
    stage.buyer.open(&cashier).await?.form(0)?;
    let wire = stage.genuine_notify(&purchase.order_no)?;
    Params::parse(&wire).map_err(|error| error.to_string())
}

/// The same signing string, cut at other places: now it says that the price was paid.
fn recut(genuine: &Params) -> Result<Params, String> {
    let string = presign(genuine);
    let string = String::from_utf8(string).map_err(|error| error.to_string())?;
    // Everything behind `x=` becomes the value of `x`, the last name of all.
    let (before, behind) = string
        .split_once("&x=")
        .ok_or("the gateway cut the title short")?;
    let mut cut = Params::new();
    for part in before.split('&') {
        let (name, value) = part.split_once('=').ok_or("the signing string is odd")?;
        push(&mut cut, name, value.as_bytes())?;
    }
    push(&mut cut, "x", behind.as_bytes())?;
    for name in ["sign", "sign_type"] {
        push(&mut cut, name, genuine.get(name).unwrap_or_default())?;
    }
    match presign(&cut) == string.as_bytes() {
        true => Ok(cut),
        false => Err("the re-cut signing string is another one".to_owned()),
    }
}

/// Whether the gateway was asked after the re-cut notify had been taken for what it is.
async fn asked(stage: &Stage<'_>, purchase: &Purchase) -> Option<()> {
    let page = stage.journal(purchase).await.ok()?;
    let mut entries = items(&page, "items").iter();
    entries.find(|entry| field(entry, "verdict") == "ambiguous")?;
    entries
        .find(|entry| field(entry, "kind") == "query")
        .map(|_| ())
}

/// Whether nothing happened: not to the order, and not to the shop.
async fn unmoved(stage: &Stage<'_>, purchase: &Purchase) -> Result<(), String> {
    let order = stage.order(purchase).await?;
    let (status, sequence) = (field(&order, "status"), field(&order, "sequence"));
    if status != "unpaid" || sequence != "0" || field(&order, "attention") != "false" {
        return Err(format!("the order is {status} after {sequence} events"));
    }
    if !items(&order, "trades").is_empty() {
        return Err("the order has a trade that never was".to_owned());
    }
    Ok(())
}

fn push(params: &mut Params, name: &str, value: &[u8]) -> Result<(), String> {
    params.push(name, value).map_err(|error| error.to_string())
}

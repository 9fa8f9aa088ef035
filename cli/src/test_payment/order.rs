//! The order of the test: made here, or waited for until the shop makes one.

use super::Test;
use super::memory::is_test;
use super::show::Show;
use crate::ending::Stop;
use crate::out::{field, items};
use quittance_core::{Currency, Lang, Money};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// Between two looks for the shop's order: nothing in the API tells of a new one.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Makes a test order.
///
/// # Errors
/// An account with no currency of its own and none given, and what the server says.
pub async fn make(test: &Test<'_>, currency: Option<&str>) -> Result<Value, Stop> {
    let (lang, about) = (test.lang, &test.about);
    let currency = match (currency, about.gateway().currency) {
        (Some(code), _) => Currency::parse(code).map_err(|error| {
            Stop::unable(match lang {
                Lang::En => format!("--currency {code} is none: {error}.\n  To do: write three letters, such as CNY."),
                Lang::Zh => format!("--currency {code} 不是货币：{error}。\n  处理办法：请写三个字母，例如 CNY。"),
            })
        })?,
        (None, Some(currency)) => currency,
        (None, None) => {
            return Err(Stop::unable(lang.pick(
                "The account takes several currencies, and none is named.\n  To do: add --currency USD, or set currency in the account's section of the settings.",
                "该账户可收多种货币，但未指定。\n  处理办法：请加 --currency USD，或在设置的账户小节中填写 currency。",
            )));
        }
    };
    let order_no = about.order_no(test.clock.wall(), &test.clock.token());
    let order = json!({
        "account": about.account.name,
        "order_no": order_no,
        "subject": about.title(),
        "amount": smallest(currency),
        "currency": currency.code(),
    });
    let made = test.client.post(&["orders"], &[], Some(&order)).await;
    made.map_err(|error| error.stop(lang))
}

/// Waits for the shop's order: the newest of the account that was not there at first and is over the smallest amount.
///
/// # Errors
/// None came in time, and what the server says.
pub async fn of_shop(test: &Test<'_>, show: &mut Show) -> Result<Value, Stop> {
    let lang = test.lang;
    let mut seen: BTreeSet<String> = orders(test).await?.iter().map(number).collect();
    show.wait_for(lang.pick(
        "waiting for the shop to make an order of 0.01: buy something there at that price",
        "等待商城创建 0.01 元的订单：请在商城购买一件标价 0.01 的商品",
    ));
    while test.clock.mono() < test.deadline {
        for order in orders(test).await? {
            let (order_no, amount) = (number(&order), field(&order, "amount"));
            if is_test(&order_no) || !seen.insert(order_no.clone()) {
                continue;
            }
            let currency = Currency::parse(&field(&order, "currency"));
            if currency.is_ok_and(|currency| smallest(currency) == amount) {
                return Ok(order);
            }
            show.line(&match lang {
                Lang::En => format!(
                    "The order {order_no} is over {amount}: this test waits for one of 0.01."
                ),
                Lang::Zh => format!("订单 {order_no} 金额为 {amount}：本测试等待 0.01 的订单。"),
            });
        }
        let look_again = test.deadline.min(test.clock.mono() + LOOK_AGAIN);
        test.clock.sleep_until(look_again).await;
    }
    show.end();
    let account = &test.about.account.name;
    Err(Stop::wrong(match lang {
        Lang::En => format!(
            "The shop made no order of 0.01 in time.\n  To do: check that the shop creates orders at this server for the account {account}, with its API key (the shop's log shows what it was answered), and buy at 0.01 while this command runs."
        ),
        Lang::Zh => format!(
            "商城未在规定时间内创建 0.01 的订单。\n  处理办法：请检查商城是否用其 API 密钥在本服务为账户 {account} 创建订单（商城日志中有应答），并在本命令运行时购买 0.01 的商品。"
        ),
    }))
}

/// The newest orders of the account, newest first.
async fn orders(test: &Test<'_>) -> Result<Vec<Value>, Stop> {
    let query = [("account", test.about.account.name.clone())];
    let page = test.client.get(&["orders"], &query).await;
    let page = page.map_err(|error| error.stop(test.lang))?;
    Ok(items(&page, "items").to_vec())
}

fn number(order: &Value) -> String {
    field(order, "order_no")
}

/// The smallest amount that there is: a cent, a fen, a yen.
fn smallest(currency: Currency) -> String {
    Money::new(1, currency).decimal()
}

//! What every story is played with: the buyer's steps, and the looks at gateway, server and shop.

use crate::client::ApiError;
use crate::demo::buyer::{Buyer, Page};
use crate::demo::shop::Arrivals;
use crate::demo::world::World;
use crate::out::{field, items};
use crate::sandbox::{MERCHANT_CODE, MERCHANT_NO, PARTNER};
use quittance_core::Lang;
use quittance_sandbox::{Ack, Exchange, Faults, Kind};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

/// Whatever is waited for comes within this time, or the story ended wrong. The longest wait is the first gap of the
/// schedule of checks, five seconds.
const PATIENCE: Duration = Duration::from_secs(15);
/// Between two looks at something that cannot be waited for otherwise.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The stage.
pub struct Stage<'a> {
    /// What stands on it.
    pub world: &'a World,
    /// Who walks over it.
    pub buyer: Buyer,
}

/// What the buyer chose, as far as Quittance's page.
#[derive(Clone, Debug)]
pub struct Purchase {
    /// The account that is paid.
    pub account: String,
    /// The number.
    pub order_no: String,
    /// The page whose form leads to the cashier.
    pub page: Page,
}

impl Purchase {
    /// The number that the account's gateway knows the shop by.
    fn merchant(&self) -> &'static str {
        match self.account.as_str() {
            "dinpay" => MERCHANT_CODE,
            "codepay" => MERCHANT_NO,
            _ => PARTNER,
        }
    }
}

impl<'a> Stage<'a> {
    /// A stage with a buyer.
    ///
    /// # Errors
    /// Where no client can be made on this machine.
    pub fn new(world: &'a World) -> Result<Stage<'a>, String> {
        Ok(Stage {
            world,
            buyer: Buyer::new()?,
        })
    }

    /// The buyer opens the shop, buys the article of this place on the shelf the usual way, and is sent to Quittance's
    /// page.
    pub async fn buy(
        &self,
        article: usize,
        bought: &mut Vec<Purchase>,
    ) -> Result<Purchase, String> {
        self.buy_by(article, "alipay", bought).await
    }

    /// The same, with this way of paying chosen.
    pub async fn buy_by(
        &self,
        article: usize,
        way: &str,
        bought: &mut Vec<Purchase>,
    ) -> Result<Purchase, String> {
        let shelf = self.buyer.open(&self.world.shop_url).await?;
        let form = shelf.form(article)?;
        let chosen = Some(("way", way));
        let sent = self.buyer.press(&shelf, &form, chosen).await?;
        let pay_url = sent
            .leads_to
            .as_ref()
            .map(ToString::to_string)
            .ok_or("the shop did not send the buyer on")?;
        let noted = self.world.shop.book().by_page(&pay_url);
        let noted = noted.map_err(|error| error.to_string())?;
        let sale = noted.ok_or("the shop did not note the order")?;
        let page = self.buyer.follow(sent).await?;
        let purchase = Purchase {
            account: sale.account,
            order_no: sale.order_no,
            page,
        };
        bought.push(purchase.clone());
        Ok(purchase)
    }

    /// The buyer goes on to the cashier and pays. The answer leads to the success page; who closes the window does
    /// not follow it.
    pub async fn pay(&self, purchase: &Purchase) -> Result<Page, String> {
        let cashier = self.go_on(purchase).await?;
        let form = cashier.form(0)?;
        let paid = self
            .buyer
            .press(&cashier, &form, Some(("action", "pay")))
            .await?;
        let success = paid
            .leads_to
            .as_ref()
            .is_some_and(|next| next.path().starts_with("/paid/"));
        match success {
            true => Ok(paid),
            false => Err(format!(
                "the cashier took no payment (status {})",
                paid.status
            )),
        }
    }

    /// The buyer goes on from Quittance's page: to the gateway's, or to a terminal, and then the result page waits for him.
    pub async fn go_on(&self, purchase: &Purchase) -> Result<Page, String> {
        let form = purchase.page.form(0)?;
        let sent = self.buyer.press(&purchase.page, &form, None).await?;
        self.buyer.follow(sent).await
    }

    /// Presses a button of the counter's terminal, on the page that plays it.
    pub async fn at_terminal(&self, button: &str) -> Result<(), String> {
        let terminal = self.buyer.open(&self.world.terminal_url).await?;
        let form = terminal.form(0)?;
        let pressed = Some(("action", button));
        let done = self.buyer.press(&terminal, &form, pressed).await?;
        match done.leads_to {
            Some(_) => Ok(()),
            None => Err(format!("the terminal answered {}", done.status)),
        }
    }

    /// What the till is told to do next, after the gateway was asked.
    pub async fn next(&self, purchase: &Purchase) -> Result<String, String> {
        let path = ["orders", &purchase.account, &purchase.order_no, "verify"];
        let said_so = self.world.api.post(&path, &[], None).await.map_err(said)?;
        Ok(field(&said_so, "next"))
    }

    /// The buyer looks at the success page and goes back to the shop's side.
    pub async fn come_back(&self, paid: Page) -> Result<Page, String> {
        let success = self.buyer.follow(paid).await?;
        self.buyer.open(&success.link()?).await
    }

    /// From now on, or no longer, notifies of this order are lost on their way.
    pub fn lose_notify(&self, purchase: &Purchase, lose: bool) -> Result<(), String> {
        let faults = if lose {
            Faults::lost_notify()
        } else {
            Faults::default()
        };
        self.set_faults(purchase, faults)
    }

    /// From now on this goes wrong with the order, and nothing else.
    pub fn set_faults(&self, purchase: &Purchase, faults: Faults) -> Result<(), String> {
        let (merchant, order_no) = (purchase.merchant(), &purchase.order_no);
        self.world
            .sandbox
            .with(|sandbox| sandbox.set_own_faults(merchant, order_no, faults))
            .map_err(|error| error.to_string())
    }

    /// A notify of Alipay's, signed now.
    pub fn genuine_notify(&self, order_no: &str) -> Result<Vec<u8>, String> {
        let now = self.world.clock.wall();
        let signed = self
            .world
            .sandbox
            .with(|sandbox| sandbox.genuine_notify(now, PARTNER, order_no));
        signed.ok_or_else(|| "the gateway has no such trade".to_owned())
    }

    /// Where the gateway's server calls for this account.
    pub fn notify_url(&self, account: &str) -> String {
        format!("{}/notify/{account}", self.world.server_url)
    }

    /// What the gateway exchanged about this order, of one kind.
    pub fn exchanges(&self, purchase: &Purchase, kind: Kind) -> Vec<Exchange> {
        let (merchant, order_no) = (purchase.merchant(), &purchase.order_no);
        let mut all = self
            .world
            .sandbox
            .with(|sandbox| sandbox.exchanges(merchant, order_no));
        all.retain(|exchange| exchange.kind == kind);
        all
    }

    /// Waits until a notify of the gateway has been acknowledged.
    pub async fn acked(&self, purchase: &Purchase) -> Result<(), String> {
        let acked = async || {
            let told = self.exchanges(purchase, Kind::Notify);
            told.iter()
                .any(|exchange| exchange.ack == Some(Ack::Acked))
                .then_some(())
        };
        self.until("the notify was not acknowledged", acked).await
    }

    /// The order as the merchant API tells it. It is not waited for there: that would make the server ask.
    pub async fn order(&self, purchase: &Purchase) -> Result<Value, String> {
        let path = ["orders", &purchase.account, &purchase.order_no];
        self.world.api.get(&path, &[]).await.map_err(said)
    }

    /// The order's journal.
    pub async fn journal(&self, purchase: &Purchase) -> Result<Value, String> {
        let path = ["orders", &purchase.account, &purchase.order_no, "journal"];
        let limit = [("limit", "200".to_owned())];
        self.world.api.get(&path, &limit).await.map_err(said)
    }

    /// Waits until the shop was told of the payment, and checks that it was told once.
    pub async fn shop_told(&self, purchase: &Purchase) -> Result<(), String> {
        let (account, order_no) = (purchase.account.as_str(), purchase.order_no.as_str());
        let told = self.world.shop.until(move |shop| {
            let told = shop.arrivals(account, order_no);
            let heard = |kind| !told.of_kind(kind).is_empty();
            (heard("order.paid") && heard("payment.recorded")).then_some(told)
        });
        let told = self.patience(told).await;
        told_once(&told.ok_or("the shop was not told of the payment")?)?;
        let sale = self.world.shop.book().sale(account, order_no);
        match sale.map_err(|error| error.to_string())? {
            Some(sale) if sale.status == "paid" && sale.credit.is_some() => Ok(()),
            _ => Err("the shop was told of the payment and did not credit it".to_owned()),
        }
    }

    /// Checks that the order is paid, by exactly these witnesses, and that the shop was told once.
    pub async fn ended_paid(&self, purchase: &Purchase, by: &[&str]) -> Result<Value, String> {
        self.shop_told(purchase).await?;
        let order = self.order(purchase).await?;
        let status = field(&order, "status");
        if status != "paid" || field(&order, "attention") != "false" {
            return Err(format!("the order is {status}, and not simply paid"));
        }
        let [trade] = items(&order, "trades") else {
            return Err("the order has not exactly one trade".to_owned());
        };
        let witnesses: BTreeSet<&str> = items(trade, "witnesses")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        if witnesses != by.iter().copied().collect() {
            return Err(format!("paid by {witnesses:?}, {by:?} was expected"));
        }
        Ok(order)
    }

    /// What this gives, if it does so soon enough.
    pub async fn patience<T>(&self, wanted: impl Future<Output = T> + Send) -> Option<T> {
        self.world.clock.within(PATIENCE, wanted).await
    }

    /// Waits until something is there.
    pub async fn until<T>(
        &self,
        what_else: &str,
        look: impl AsyncFn() -> Option<T>,
    ) -> Result<T, String> {
        let clock = &self.world.clock;
        let deadline = clock.mono() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return Ok(found);
            }
            if clock.mono() >= deadline {
                return Err(what_else.to_owned());
            }
            clock.sleep(LOOK_AGAIN).await;
        }
    }
}

/// Whether one `order.paid` came, once.
pub fn told_once(told: &Arrivals) -> Result<(), String> {
    match told.of_kind("order.paid").as_slice() {
        [1] if !told.doubled() => Ok(()),
        [1] => Err("the shop was told of an event twice".to_owned()),
        times => Err(format!(
            "the shop received order.paid {} times",
            times.iter().sum::<u32>()
        )),
    }
}

/// The API's problem as a reason.
pub fn said(error: ApiError) -> String {
    error.say(Lang::En)
}

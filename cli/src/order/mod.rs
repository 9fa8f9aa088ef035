//! `order`: orders of the running server.

mod text;

use crate::client::{Client, Reach};
use crate::context::Context;
use crate::ending::Stop;
use crate::out;
use clap::{Args, Subcommand};
use quittance_core::Lang;
use serde_json::{Map, Value, json};
use std::str::FromStr;
use text::{checked_out, listed, noted, refunded, shown, verified};

const EXAMPLE: &str = "\
Examples:
  quittance order create --account main --subject 'Green tea' --amount 0.01
  quittance order show main/20260131120000123456
  quittance order list --status unpaid --json
  quittance order verify main/20260131120000123456      asks the gateway now";

/// Options of `order`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Orders {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Makes an order; the answer names the page to send the buyer to
    #[command(
        after_help = "Example:\n  quittance order create --account main --order-no A-1 --subject 'Green tea' --amount 0.01"
    )]
    Create(Create),
    /// Shows an order
    #[command(after_help = "Example:\n  quittance order show main/A-1 --wait 30")]
    Show {
        /// The account and the number: main/A-1
        order: OrderRef,
        /// Wait so many seconds for it to be paid; the gateway is asked meanwhile
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
    /// Lists orders, newest first
    #[command(
        after_help = "Example:\n  quittance order list --account main --status paid --from 2026-01-31T00:00:00Z"
    )]
    List(List),
    /// Makes the signed request that sends the buyer to the cashier
    #[command(after_help = "Example:\n  quittance order checkout main/A-1 --get")]
    Checkout {
        /// The account and the number
        order: OrderRef,
        /// An address to send the browser to, instead of a form
        #[arg(long)]
        get: bool,
        /// The buyer's address, where the account has anti-phishing on; the order's where it is left out
        #[arg(long, value_name = "IP")]
        client_ip: Option<String>,
    },
    /// Asks the gateway now what became of an order
    #[command(after_help = "Example:\n  quittance order verify main/A-1 --json")]
    Verify {
        /// The account and the number
        order: OrderRef,
    },
    /// Asks for an order to be closed; it is closed when the gateway has confirmed that nothing was paid
    #[command(after_help = "Example:\n  quittance order close main/A-1 --wait 20")]
    Close {
        /// The account and the number
        order: OrderRef,
        /// Wait so many seconds for it
        #[arg(long, value_name = "SECONDS")]
        wait: Option<u64>,
    },
    /// Writes a step of the shop into the order's journal
    #[command(
        after_help = "Example:\n  quittance order note main/A-1 'stock reserved in warehouse 2'"
    )]
    Note {
        /// The account and the number
        order: OrderRef,
        /// At most 1,000 characters
        text: String,
    },
    /// Asks for money to be paid back
    #[command(
        after_help = "Example:\n  quittance order refund main/A-1 --refund-no R-1 --amount 0.01"
    )]
    Refund(Refund),
    /// Makes the signed request that sends you to the gateway's page, where refunds are confirmed
    #[command(
        after_help = "Example:\n  quittance order refund-page main --refund A-1/R-1 --refund A-2/R-1 --get"
    )]
    RefundPage(RefundPage),
}

/// Money to be paid back.
#[derive(Args)]
struct Refund {
    /// The account and the order's number
    order: OrderRef,
    /// Your number of the refund
    #[arg(long, value_name = "NUMBER")]
    refund_no: String,
    /// How much: 0.01
    #[arg(long)]
    amount: String,
    /// Why; the gateway is told
    #[arg(long)]
    reason: Option<String>,
    /// Which trade, where the order has more than one
    #[arg(long, value_name = "NUMBER")]
    trade_no: Option<String>,
}

/// Refunds that a person confirms.
#[derive(Args)]
struct RefundPage {
    /// The account
    account: String,
    /// An order's number and a refund's, with a slash between; may be given more than once
    #[arg(long = "refund", value_name = "ORDER/REFUND", required = true)]
    refunds: Vec<RefundRef>,
    /// An address to open, instead of a form
    #[arg(long)]
    get: bool,
}

/// A new order.
#[derive(Args)]
struct Create {
    /// The account that shall receive the money
    #[arg(long)]
    account: String,
    /// Your number; the server makes one where it is left out
    #[arg(long, value_name = "NUMBER")]
    order_no: Option<String>,
    /// The title at the cashier
    #[arg(long)]
    subject: String,
    /// How much: 0.01
    #[arg(long)]
    amount: String,
    /// Three letters
    #[arg(long)]
    currency: Option<String>,
    /// The description
    #[arg(long)]
    body: Option<String>,
    /// The payment method, in the gateway's word
    #[arg(long)]
    method: Option<String>,
    /// The bank, in the gateway's code
    #[arg(long)]
    bank: Option<String>,
    /// Your own data, echoed by the gateway
    #[arg(long)]
    extra: Option<String>,
    /// The page that shows what is bought
    #[arg(long, value_name = "URL")]
    show_url: Option<String>,
    /// Where the buyer goes on to afterwards
    #[arg(long, value_name = "URL")]
    return_to: Option<String>,
    /// How long it may be paid
    #[arg(long, value_name = "SECONDS")]
    expires_in: Option<i64>,
    /// The buyer's address
    #[arg(long, value_name = "IP")]
    client_ip: Option<String>,
    /// A further parameter in the gateway's own words; may be given several times
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = option)]
    options: Vec<(String, String)>,
}

fn option(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=');
    let (name, value) = parts.ok_or("write the name and the value: qr_pay_mode=2")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Which orders.
#[derive(Args)]
struct List {
    /// unpaid, paid, partially_refunded, refunded or closed
    #[arg(long)]
    status: Option<String>,
    /// Only of this account
    #[arg(long)]
    account: Option<String>,
    /// Only made at or after this time
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only made before this time
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Only with this text in number or title
    #[arg(long, value_name = "TEXT")]
    q: Option<String>,
    /// Behind this cursor
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
    /// At most so many
    #[arg(long)]
    limit: Option<u32>,
}

/// An order, as people write it: `account/number`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderRef {
    /// The account.
    pub account: String,
    /// The number.
    pub order_no: String,
}

impl FromStr for OrderRef {
    type Err = String;

    fn from_str(text: &str) -> Result<OrderRef, String> {
        let parts = text.split_once('/');
        let parts = parts.filter(|(account, order_no)| !account.is_empty() && !order_no.is_empty());
        let (account, order_no) =
            parts.ok_or("write the account and the number with a slash between: main/A-1")?;
        Ok(OrderRef {
            account: account.to_owned(),
            order_no: order_no.to_owned(),
        })
    }
}

/// A refund of an account, as people write it: `order/refund`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct RefundRef {
    order_no: String,
    refund_no: String,
}

impl FromStr for RefundRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<RefundRef, &'static str> {
        let parts = text.split_once('/');
        let (order_no, refund_no) = parts
            .filter(|(order_no, refund_no)| !order_no.is_empty() && !refund_no.is_empty())
            .ok_or("write the order's number and the refund's with a slash between: A-1/R-1")?;
        Ok(RefundRef {
            order_no: order_no.to_owned(),
            refund_no: refund_no.to_owned(),
        })
    }
}

impl Orders {
    /// Does what was asked for.
    ///
    /// # Errors
    /// What the server, or the way to it, says.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let (lang, as_json) = (context.lang, self.reach.json);
        let client = self.reach.client(context)?;
        let (answer, show): (Value, fn(&Value, Lang) -> String) = match self.command {
            Command::Create(create) => (create.run(&client, lang).await?, shown),
            Command::List(list) => (list.run(&client, lang).await?, listed),
            Command::Show { order, wait } => {
                let path = order.path(None);
                let answer = client.get(&path, &waiting(wait)).await;
                (answer.map_err(|error| error.stop(lang))?, shown)
            }
            Command::Checkout {
                order,
                get,
                client_ip,
            } => {
                let via = get.then(|| ("via", "get".to_owned()));
                let query: Vec<_> = via.into_iter().collect();
                let body = client_ip.map(|ip| json!({ "client_ip": ip }));
                let answer = client
                    .post(&order.path(Some("checkout")), &query, body.as_ref())
                    .await;
                (answer.map_err(|error| error.stop(lang))?, checked_out)
            }
            Command::Verify { order } => {
                let answer = client.post(&order.path(Some("verify")), &[], None).await;
                (answer.map_err(|error| error.stop(lang))?, verified)
            }
            Command::Note { order, text } => {
                let note = Value::from(Map::from_iter([("note".to_owned(), text.into())]));
                let path = order.path(Some("notes"));
                let answer = client.post(&path, &[], Some(&note)).await;
                (answer.map_err(|error| error.stop(lang))?, noted)
            }
            Command::Close { order, wait } => {
                let path = order.path(Some("close"));
                let answer = client.post(&path, &waiting(wait), None).await;
                (answer.map_err(|error| error.stop(lang))?, shown)
            }
            Command::Refund(refund) => (refund.run(&client, lang).await?, refunded),
            Command::RefundPage(page) => (page.run(&client, lang).await?, checked_out),
        };
        match as_json {
            true => out::json(&answer),
            false => out::line(show(&answer, lang)),
        }
        Ok(())
    }
}

impl OrderRef {
    /// The path of the order in the API, or of something that is done with it.
    fn path<'a>(&'a self, action: Option<&'a str>) -> Vec<&'a str> {
        let order = ["orders", &self.account, &self.order_no];
        order.into_iter().chain(action).collect()
    }
}

impl Create {
    async fn run(self, client: &Client, lang: Lang) -> Result<Value, Stop> {
        let mut body = Map::new();
        let texts = [
            ("account", Some(self.account)),
            ("order_no", self.order_no),
            ("subject", Some(self.subject)),
            ("amount", Some(self.amount)),
            ("currency", self.currency),
            ("body", self.body),
            ("method", self.method),
            ("bank", self.bank),
            ("extra", self.extra),
            ("show_url", self.show_url),
            ("return_to", self.return_to),
            ("client_ip", self.client_ip),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                body.insert(name.to_owned(), text.into());
            }
        }
        if let Some(secs) = self.expires_in {
            body.insert("expires_in".to_owned(), secs.into());
        }
        if !self.options.is_empty() {
            let options = self.options.into_iter();
            let options: Map<String, Value> = options.map(|(name, v)| (name, v.into())).collect();
            body.insert("gateway_options".to_owned(), options.into());
        }
        let created = client.post(&["orders"], &[], Some(&body.into())).await;
        created.map_err(|error| error.stop(lang))
    }
}

impl Refund {
    async fn run(self, client: &Client, lang: Lang) -> Result<Value, Stop> {
        let mut body = Map::new();
        let texts = [
            ("refund_no", Some(self.refund_no)),
            ("amount", Some(self.amount)),
            ("reason", self.reason),
            ("trade_no", self.trade_no),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                body.insert(name.to_owned(), text.into());
            }
        }
        let path = self.order.path(Some("refunds"));
        let asked = client.post(&path, &[], Some(&body.into())).await;
        asked.map_err(|error| error.stop(lang))
    }
}

impl RefundPage {
    async fn run(self, client: &Client, lang: Lang) -> Result<Value, Stop> {
        let named = |refund: &RefundRef| json!({"order_no": refund.order_no, "refund_no": refund.refund_no});
        let refunds: Vec<Value> = self.refunds.iter().map(named).collect();
        let via = self.get.then(|| ("via", "get".to_owned()));
        let query: Vec<_> = via.into_iter().collect();
        let path = ["refunds", &self.account, "checkout"];
        let body = json!({ "refunds": refunds });
        let page = client.post(&path, &query, Some(&body)).await;
        page.map_err(|error| error.stop(lang))
    }
}

impl List {
    async fn run(self, client: &Client, lang: Lang) -> Result<Value, Stop> {
        let asked = [
            ("status", self.status),
            ("account", self.account),
            ("from", self.from),
            ("to", self.to),
            ("q", self.q),
            ("after", self.after),
            ("limit", self.limit.map(|limit| limit.to_string())),
        ];
        let query: Vec<(&str, String)> = asked
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let found = client.get(&["orders"], &query).await;
        found.map_err(|error| error.stop(lang))
    }
}

fn waiting(wait: Option<u64>) -> Vec<(&'static str, String)> {
    wait.map(|secs| ("wait", secs.to_string()))
        .into_iter()
        .collect()
}

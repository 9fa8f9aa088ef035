//! `POST /v1/orders`: a new order, written once.

use super::{find, options};
use crate::app::App;
use crate::http::Json;
use crate::http::auth::Caller;
use crate::http::problem::Problem;
use crate::setup::AccountSetup;
use crate::store::{Snapshot, StoreError};
use crate::view;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use quittance_core::entry::{Direction, Record, What};
use quittance_core::fold::Refused;
use quittance_core::gateway::{Personal, Refusal};
use quittance_core::{Currency, Money, Order, OrderKey};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use utoipa::ToSchema;

/// `expires_in` in seconds: 5 minutes to 15 days.
const EXPIRES_IN_SECS: std::ops::RangeInclusive<i64> = 300..=1_296_000;
/// How often a number of our own is tried that somebody else has taken.
const NUMBERS_TRIED_MAX: u32 = 5;

/// A new order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOrder {
    /// The account that shall receive the money.
    pub(in crate::http) account: String,
    /// The merchant's number, `[A-Za-z0-9_-]{1,64}`; made here where it is left out.
    pub(in crate::http) order_no: Option<String>,
    /// The title at the cashier.
    pub(in crate::http) subject: String,
    /// A decimal text: `0.01`.
    pub(in crate::http) amount: String,
    /// Three letters.
    #[serde(default = "default_currency")]
    pub(in crate::http) currency: String,
    /// The description.
    pub(in crate::http) body: Option<String>,
    /// The payment method, in the gateway's word.
    pub(in crate::http) method: Option<String>,
    /// The bank, in the gateway's code.
    pub(in crate::http) bank: Option<String>,
    /// The merchant's own data, echoed by the gateway. Put no personal data here: it stays in the journal.
    pub(in crate::http) extra: Option<String>,
    /// The page that shows what is bought.
    pub(in crate::http) show_url: Option<String>,
    /// Where the buyer goes on to afterwards; its host must be that of one of the account's own addresses, or one of its `return_hosts`.
    pub(in crate::http) return_to: Option<String>,
    /// How long it may be paid, in seconds: 300 to 1296000.
    pub(in crate::http) expires_in: Option<i64>,
    /// The buyer's address.
    pub(in crate::http) client_ip: Option<String>,
    /// The terminal that shall ask for the payment.
    pub(in crate::http) terminal: Option<String>,
    /// Further parameters of the payment request in the gateway's own words, as texts by name. Those that name the buyer are kept apart and not compared; put no other personal data here: it stays in the journal.
    #[serde(default)]
    pub(in crate::http) gateway_options: BTreeMap<String, String>,
}

/// What came of the wish for a new order.
pub(in crate::http) enum Placed {
    /// It was made.
    New(Snapshot),
    /// It stood already, with the same content.
    Standing(Snapshot),
}

/// Why there is no new order.
#[derive(Debug)]
pub(in crate::http) enum Unplaced {
    /// The gateway would not take it.
    Refused(Refusal),
    /// Something else.
    Problem(Problem),
}

impl From<Refusal> for Unplaced {
    fn from(refusal: Refusal) -> Unplaced {
        Unplaced::Refused(refusal)
    }
}

impl From<Problem> for Unplaced {
    fn from(problem: Problem) -> Unplaced {
        Unplaced::Problem(problem)
    }
}

impl From<StoreError> for Unplaced {
    fn from(error: StoreError) -> Unplaced {
        Unplaced::Problem(error.into())
    }
}

fn default_currency() -> String {
    Currency::CNY.code().to_owned()
}

/// Makes an order. The same number with the same content is answered with the order as it stands.
#[utoipa::path(post, path = "/v1/orders", request_body = CreateOrder, security(("key" = [])), tag = "orders",
    responses((status = 201, body = view::Order), (status = 200, body = view::Order, description = "It stood already"),
              (status = 409, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<CreateOrder>,
) -> Result<Response, Problem> {
    caller.may(&request.account)?;
    let account = app
        .account(&request.account)
        .ok_or_else(|| Problem::unknown("account", &request.account))?;
    let (status, order) = match place(&app, account, &request).await {
        Ok(Placed::New(order)) => (StatusCode::CREATED, order),
        Ok(Placed::Standing(order)) => (StatusCode::OK, order),
        Err(Unplaced::Refused(refusal)) => return Err(refusal.into()),
        Err(Unplaced::Problem(problem)) => return Err(problem),
    };
    let key = &order.state.order.key;
    let location = format!("/v1/orders/{}/{}", key.account, key.order_no);
    let shown = Json(app.viewer.order(&order));
    Ok((status, [(header::LOCATION, location)], shown).into_response())
}

/// The one way of every new order: checked against the gateway's rules, then journaled.
pub(in crate::http) async fn place(
    app: &App,
    account: &AccountSetup,
    request: &CreateOrder,
) -> Result<Placed, Unplaced> {
    let own_number = request.order_no.is_none();
    for _ in 0..NUMBERS_TRIED_MAX {
        let mut order = checked(app, account, request)?;
        let mut personal = client_ip(request)?;
        personal.extend(options::take_apart(account.account.gateway(), &mut order));
        let key = order.key.clone();
        let entry = app.entry(Record::new(Direction::In, What::Order(Box::new(order))).about(&key));
        let created = app.append(entry.with_personal(personal)).await?;
        return match created {
            Ok(appended) => {
                let order = appended.order;
                Ok(Placed::New(
                    order.ok_or_else(|| Problem::unknown("order", &key.order_no))?,
                ))
            }
            Err(Refused::OrderExists { .. }) if own_number => continue,
            Err(Refused::OrderExists { differs: None, .. }) => {
                Ok(Placed::Standing(find(app, &key).await?))
            }
            Err(refused) => Err(Problem::from(refused).into()),
        };
    }
    let help = "Send your own order_no.";
    let problem = Problem::new(
        StatusCode::CONFLICT,
        "order_no_taken",
        "No free number was found",
        "every number tried was taken",
        help,
    );
    Err(problem.into())
}

/// The order that this wish would make, where the gateway would take it.
pub(in crate::http) fn checked(
    app: &App,
    account: &AccountSetup,
    request: &CreateOrder,
) -> Result<Order, Unplaced> {
    let order = order_of(app, account, request)?;
    account.account.gateway().admit(&order)?;
    Ok(order)
}

fn order_of(app: &App, account: &AccountSetup, request: &CreateOrder) -> Result<Order, Problem> {
    let currency = Currency::parse(&request.currency)
        .map_err(|error| Problem::field("currency", error, "Send CNY."))?;
    let amount = Money::parse(&request.amount, currency)
        .map_err(|error| Problem::field("amount", error, "Send a text such as \"0.01\"."))?;
    if request
        .expires_in
        .is_some_and(|secs| !EXPIRES_IN_SECS.contains(&secs))
    {
        return Err(Problem::field(
            "expires_in",
            "outside 300 to 1296000 seconds",
            "Send 5 minutes to 15 days in seconds, or leave it out.",
        ));
    }
    if let Some(return_to) = &filled(&request.return_to) {
        own_address(app, account, return_to)?;
    }
    let order_no = request.order_no.clone().unwrap_or_else(|| number(app));
    Ok(Order {
        key: OrderKey::new(&account.name, order_no),
        amount,
        subject: request.subject.clone(),
        body: filled(&request.body),
        extra: filled(&request.extra),
        method: filled(&request.method),
        bank: filled(&request.bank),
        show_url: filled(&request.show_url),
        return_to: filled(&request.return_to),
        terminal: filled(&request.terminal),
        gateway_options: request.gateway_options.clone(),
        expires_in_secs: request.expires_in,
        token: app.clock.token(),
        require: account.policy.require_for(amount),
    })
}

/// An empty text is the same as none.
fn filled(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

/// Beijing date and time, and six random digits.
fn number(app: &App) -> String {
    let beijing = app
        .clock
        .wall()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)));
    let nonce = app.clock.nonce();
    let random = u32::from_be_bytes([nonce[0], nonce[1], nonce[2], nonce[3]]) % 1_000_000;
    format!("{}{random:06}", beijing.strftime("%Y%m%d%H%M%S"))
}

/// No open redirect: only to the shop's own hosts (SEC-107).
fn own_address(app: &App, account: &AccountSetup, address: &str) -> Result<(), Problem> {
    // Written plainly, so that no browser reads another host or a second line out of it than we do.
    let plain = address
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let whole = address.starts_with("https://") || address.starts_with("http://");
    let url = url::Url::parse(address)
        .ok()
        .filter(|url| plain && whole && url.username().is_empty() && url.password().is_none());
    if url.is_some_and(|url| account.leads_to(&app.setup.public_url, &url)) {
        return Ok(());
    }
    Err(Problem::field(
        "return_to",
        "its host is none of the account's",
        "Send a plain absolute address on a host of the account's orders_url or return_hosts.",
    ))
}

fn client_ip(request: &CreateOrder) -> Result<Vec<Personal>, Problem> {
    let Some(text) = &request.client_ip else {
        return Ok(Vec::new());
    };
    let address = address(text)?;
    Ok(vec![Personal {
        subject: String::new(),
        name: "client_ip".into(),
        value: address.to_string(),
    }])
}

/// The address of a buyer.
pub(super) fn address(text: &str) -> Result<IpAddr, Problem> {
    text.parse().map_err(|_| {
        Problem::field(
            "client_ip",
            "no IP address",
            "Send the buyer's address, or leave it out.",
        )
    })
}

//! Orders of the merchant API: create, show, list, checkout, verify, close, refund, journal.

use super::auth::Caller;
use super::pages::{checkout_call, checkout_record};
use super::problem::Problem;
use super::{Json, Page, Query, limit_of, time_of, wait_of};
use crate::app::App;
use crate::asking::ask_now;
use crate::setup::AccountSetup;
use crate::store::{JournalFilter, OrderFilter, Snapshot};
use crate::view::{self, entry_view};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use quittance_core::entry::{Direction, Record, What};
use quittance_core::fold::Refused;
use quittance_core::gateway::{Answer, Checkout, Personal, Refund};
use quittance_core::status::{Status, derive};
use quittance_core::{Currency, Money, Order, OrderKey};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

/// `expires_in` in seconds: 5 minutes to 15 days.
const EXPIRES_IN_SECS: std::ops::RangeInclusive<i64> = 300..=1_296_000;
/// How often a number of our own is tried that somebody else has taken.
const NUMBERS_TRIED_MAX: u32 = 5;

/// A new order.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateOrder {
    /// The account that shall receive the money.
    account: String,
    /// The merchant's number, `[A-Za-z0-9_-]{1,64}`; made here where it is left out.
    order_no: Option<String>,
    /// The title at the cashier.
    subject: String,
    /// A decimal text: `0.01`.
    amount: String,
    /// Three letters.
    #[serde(default = "default_currency")]
    currency: String,
    /// The description.
    body: Option<String>,
    /// The payment method, in the gateway's word.
    method: Option<String>,
    /// The bank, in the gateway's code.
    bank: Option<String>,
    /// The merchant's own data, echoed by the gateway. Put no personal data here: it stays in the journal.
    extra: Option<String>,
    /// The page that shows what is bought.
    show_url: Option<String>,
    /// Where the buyer goes on to afterwards; its host must be that of one of the account's own addresses.
    return_to: Option<String>,
    /// How long it may be paid, in seconds: 300 to 1296000.
    expires_in: Option<i64>,
    /// The buyer's address.
    client_ip: Option<String>,
    /// The terminal that shall ask for the payment.
    terminal: Option<String>,
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
    let own_number = request.order_no.is_none();
    for _ in 0..NUMBERS_TRIED_MAX {
        let order = order_of(&app, account, &request)?;
        let key = order.key.clone();
        let entry = app.entry(Record::new(Direction::In, What::Order(Box::new(order))).about(&key));
        let created = app
            .append(entry.with_personal(client_ip(&request)?))
            .await?;
        let (status, snapshot) = match created {
            Ok(appended) => (
                StatusCode::CREATED,
                appended
                    .order
                    .ok_or_else(|| Problem::unknown("order", &key.order_no))?,
            ),
            Err(Refused::OrderExists { .. }) if own_number => continue,
            Err(Refused::OrderExists { differs: None, .. }) => {
                (StatusCode::OK, find(&app, &key).await?)
            }
            Err(refused) => return Err(refused.into()),
        };
        let location = format!("/v1/orders/{}/{}", key.account, key.order_no);
        return Ok((
            status,
            [(header::LOCATION, location)],
            Json(app.viewer.order(&snapshot)),
        )
            .into_response());
    }
    let help = "Send your own order_no.";
    Err(Problem::new(
        StatusCode::CONFLICT,
        "order_no_taken",
        "No free number was found",
        "every number tried was taken",
        help,
    ))
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
    if let Some(return_to) = &request.return_to {
        own_address(app, account, return_to)?;
    }
    let order_no = request.order_no.clone().unwrap_or_else(|| number(app));
    let order = Order {
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
        expires_in_secs: request.expires_in,
        token: app.clock.token(),
        require: account.policy.require_for(amount),
    };
    account.account.gateway().admit(&order)?;
    Ok(order)
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
    let host = |text: &str| {
        url::Url::parse(text)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https"))
            .and_then(|url| url.host_str().map(str::to_owned))
    };
    let own = [
        Some(app.setup.public_url.as_str()),
        account.orders_url.as_deref(),
        account.return_url.as_deref(),
    ];
    let wanted = host(address);
    if wanted.is_some() && own.into_iter().flatten().any(|own| host(own) == wanted) {
        return Ok(());
    }
    Err(Problem::field(
        "return_to",
        "its host is none of the account's",
        "Send an address on the host of the account's orders_url.",
    ))
}

fn client_ip(request: &CreateOrder) -> Result<Vec<Personal>, Problem> {
    let Some(text) = &request.client_ip else {
        return Ok(Vec::new());
    };
    let address: IpAddr = text.parse().map_err(|_| {
        Problem::field(
            "client_ip",
            "no IP address",
            "Send the buyer's address, or leave it out.",
        )
    })?;
    Ok(vec![Personal {
        subject: String::new(),
        name: "client_ip".into(),
        value: address.to_string(),
    }])
}

/// Which orders to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ListOrders {
    /// `unpaid`, `paid`, `partially_refunded`, `refunded` or `closed`.
    status: Option<StatusWord>,
    /// Only of this account.
    account: Option<String>,
    /// Only created at or after (RFC 3339).
    from: Option<String>,
    /// Only created before (RFC 3339).
    to: Option<String>,
    /// Only with this text in number or subject.
    q: Option<String>,
    /// Behind this cursor.
    after: Option<String>,
    /// 1 to 200, 50 where it is left out.
    limit: Option<usize>,
}

/// The word of a status.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatusWord {
    /// Nothing received, nothing closed.
    Unpaid,
    /// The amount stands received.
    Paid,
    /// Something was paid back.
    PartiallyRefunded,
    /// All was paid back.
    Refunded,
    /// Closed unpaid.
    Closed,
}

/// Lists orders, newest first.
#[utoipa::path(get, path = "/v1/orders", params(ListOrders), security(("key" = [])), tag = "orders",
    responses((status = 200, body = Page<view::Order>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Query(asked): Query<ListOrders>,
) -> Result<Json<Page<view::Order>>, Problem> {
    let status = asked.status.map(|status| match status {
        StatusWord::Unpaid => Status::Unpaid,
        StatusWord::Paid => Status::Paid,
        StatusWord::PartiallyRefunded => Status::PartiallyRefunded,
        StatusWord::Refunded => Status::Refunded,
        StatusWord::Closed => Status::Closed,
    });
    let filter = OrderFilter {
        accounts: caller.narrowed(asked.account.as_deref())?,
        status,
        from: time_of("from", asked.from.as_deref())?,
        to: time_of("to", asked.to.as_deref())?,
        text: asked.q,
        after: asked.after,
        limit: limit_of(asked.limit)?,
    };
    let page = app.store.orders(filter).await?;
    Ok(Json(Page {
        items: page
            .items
            .iter()
            .map(|order| app.viewer.order(order))
            .collect(),
        next: page.next,
    }))
}

/// How long to wait for a change, in seconds.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct WaitParam {
    /// 0 to 30.
    wait: Option<u64>,
}

/// Shows an order. With `wait`, answers when it is no longer unpaid, or when the time is over; the gateway is asked meanwhile.
#[utoipa::path(get, path = "/v1/orders/{account}/{order_no}", params(("account" = String, Path), ("order_no" = String, Path), WaitParam),
    security(("key" = [])), tag = "orders", responses((status = 200, body = view::Order), (status = 404, body = Problem)))]
pub async fn show(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<WaitParam>,
) -> Result<Json<view::Order>, Problem> {
    let (account, key, mut order) = order_at(&app, &caller, path).await?;
    let wait = wait_of(asked.wait)?;
    if !wait.is_zero() {
        order = awaited(&app, account, &key, wait, true).await?;
    }
    Ok(Json(app.viewer.order(&order)))
}

/// Waits until the order is no longer unpaid, or needs attention, or the time is over.
async fn awaited(
    app: &Arc<App>,
    account: &AccountSetup,
    key: &OrderKey,
    wait: Duration,
    ask: bool,
) -> Result<Snapshot, Problem> {
    let deadline = app.clock.mono() + wait;
    let mut changes = app.store.changes();
    loop {
        let order = find(app, key).await?;
        let derived = derive(&order.state);
        let now = app.clock.mono();
        if derived.status != Status::Unpaid || derived.attention || now >= deadline {
            return Ok(order);
        }
        let look_again = deadline.min(now + account.wait.every);
        if ask {
            app.clock
                .within(look_again - now, ask_now(app, account, key))
                .await;
        }
        let changed = async {
            // A receiver that fell behind, or whose sender is gone, looks again at once or at the next turn.
            while let Ok(change) = changes.recv().await {
                if change.orders.contains(key) {
                    break;
                }
            }
        };
        tokio::select! {
            biased;
            () = changed => {}
            () = app.clock.sleep_until(look_again) => {}
        }
    }
}

/// How the buyer is sent to the cashier.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct CheckoutParam {
    /// `get` for a redirect to a signed address; a form where it is left out.
    via: Option<Via>,
}

/// The two ways to the cashier.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A redirect.
    Get,
    /// A form.
    Post,
}

/// Makes the signed request that sends the buyer to the cashier. The schedule of checks begins, or begins again.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/checkout", params(("account" = String, Path), ("order_no" = String, Path), CheckoutParam),
    security(("key" = [])), tag = "orders",
    responses((status = 200, description = "`{kind: form, …}` or `{kind: redirect, url}`", body = serde_json::Value), (status = 409, body = Problem)))]
pub async fn checkout(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<CheckoutParam>,
) -> Result<Json<Checkout>, Problem> {
    let (account, _, order) = order_at(&app, &caller, path).await?;
    Ok(Json(
        check_out(&app, account, &order, asked.via == Some(Via::Get)).await?,
    ))
}

/// The one way of every checkout: signed, then journaled; given out only when the journal took it.
pub(super) async fn check_out(
    app: &App,
    account: &AccountSetup,
    order: &Snapshot,
    via_get: bool,
) -> Result<Checkout, Problem> {
    let call = checkout_call(app, account, order, via_get);
    let checkout = account
        .account
        .gateway()
        .checkout(&order.state.order, &call)?;
    app.append(app.entry(checkout_record(order, &checkout)))
        .await??;
    Ok(checkout)
}

/// What the verification API says.
#[derive(Serialize, ToSchema)]
pub struct Verification {
    /// The order as it stands.
    order: view::Order,
    /// Its status.
    status: &'static str,
    /// Whether the gateway has spoken, now or before.
    verified: bool,
    /// `paid`, `unpaid`, `not_found` or `unknown`.
    answer: &'static str,
    /// What the front end shows: `show_success`, `tell_not_completed` or `check_later`.
    next: &'static str,
    /// A sentence for the buyer.
    message: Sentence,
}

/// A sentence in both languages.
#[derive(Serialize, ToSchema)]
pub struct Sentence {
    /// English.
    en: &'static str,
    /// Chinese.
    zh: &'static str,
}

/// Asks the gateway now. Unknown is an answer, never an error.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/verify", params(("account" = String, Path), ("order_no" = String, Path)),
    security(("key" = [])), tag = "orders", responses((status = 200, body = Verification), (status = 404, body = Problem)))]
pub async fn verify(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
) -> Result<Json<Verification>, Problem> {
    let (account, key, before) = order_at(&app, &caller, path).await?;
    let received = |order: &Snapshot| derive(&order.state).received > 0;
    let answer = if received(&before) {
        Some(Answer::Paid)
    } else {
        ask_now(&app, account, &key).await
    };
    let order = find(&app, &key).await?;
    Ok(Json(verification(
        &app,
        &order,
        answer.unwrap_or(Answer::Unknown),
    )))
}

fn verification(app: &App, order: &Snapshot, answer: Answer) -> Verification {
    let derived = derive(&order.state);
    let answer = match (derived.received > 0, answer) {
        (true, _) => "paid",
        (false, Answer::NotFound) => "not_found",
        (false, Answer::Unpaid | Answer::Closed) => "unpaid",
        (false, Answer::Paid | Answer::Unknown) => "unknown",
    };
    let (next, en, zh) = match (derived.status, derived.attention) {
        (Status::Paid, _) => ("show_success", "Paid.", "已付款。"),
        (Status::Refunded | Status::PartiallyRefunded, _) => (
            "show_success",
            "Paid, and refunded since.",
            "已付款，其后已退款。",
        ),
        (_, true) => (
            "check_later",
            "A payment is being looked at. Please do not pay again.",
            "有一笔付款正在核对，请勿重复付款。",
        ),
        (Status::Closed, _) => (
            "tell_not_completed",
            "This order is closed. If you have paid, the shop has been told and will refund or deliver.",
            "订单已关闭。如已付款，商家已收到通知，将为您退款或发货。",
        ),
        (Status::Unpaid, _) if answer == "unknown" => (
            "check_later",
            "Not confirmed yet. Look at your order later. Please do not pay again.",
            "暂未确认。请稍后查看订单，请勿重复付款。",
        ),
        (Status::Unpaid, _) => (
            "check_later",
            "We see no payment yet. If you have paid, look at your order later; please do not pay again.",
            "暂未查到付款。如已付款，请稍后查看订单，请勿重复付款。",
        ),
    };
    Verification {
        order: app.viewer.order(order),
        status: derived.status.word(),
        verified: answer != "unknown",
        answer,
        next,
        message: Sentence { en, zh },
    }
}

/// Asks for the order to be closed: final query, close at the gateway, final query. Never closed on unknown.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/close", params(("account" = String, Path), ("order_no" = String, Path), WaitParam),
    security(("key" = [])), tag = "orders",
    responses((status = 202, body = view::Order), (status = 200, body = view::Order, description = "With `wait`: as it stands then"), (status = 409, body = Problem)))]
pub async fn close(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<WaitParam>,
) -> Result<Response, Problem> {
    let (account, key, order) = order_at(&app, &caller, path).await?;
    let wait = wait_of(asked.wait)?;
    if derive(&order.state).status == Status::Closed {
        return Ok(Json(app.viewer.order(&order)).into_response());
    }
    let entry = app.entry(Record::new(Direction::In, What::CloseRequested {}).about(&key));
    let appended = app.append(entry).await??;
    if wait.is_zero() {
        let order = appended.order.unwrap_or(order);
        return Ok((StatusCode::ACCEPTED, Json(app.viewer.order(&order))).into_response());
    }
    let order = awaited(&app, account, &key, wait, false).await?;
    Ok(Json(app.viewer.order(&order)).into_response())
}

/// Money to be paid back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRefund {
    /// The merchant's number of the refund.
    refund_no: String,
    /// A decimal text.
    amount: String,
    /// Why. It goes to the gateway.
    #[expect(
        dead_code,
        reason = "part of the contract; the gateways that can refund take it"
    )]
    reason: Option<String>,
    /// Which trade, where there is more than one.
    trade_no: Option<String>,
}

/// Asks for a refund. Where the gateway has no such call, or it is not built yet, it says so.
#[utoipa::path(post, path = "/v1/orders/{account}/{order_no}/refunds", params(("account" = String, Path), ("order_no" = String, Path)),
    request_body = CreateRefund, security(("key" = [])), tag = "orders", responses((status = 501, body = Problem)))]
pub async fn refund(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Json(request): Json<CreateRefund>,
) -> Result<Response, Problem> {
    let (account, _, order) = order_at(&app, &caller, path).await?;
    let ordered = &order.state.order;
    let amount = Money::parse(&request.amount, ordered.amount.currency)
        .map_err(|error| Problem::field("amount", error, "Send a text such as \"0.01\"."))?;
    let refund = Refund {
        refund_no: request.refund_no,
        trade_no: request.trade_no.unwrap_or_default(),
        amount,
    };
    account.account.gateway().refund(ordered, &refund)?;
    Ok(StatusCode::ACCEPTED.into_response())
}

/// Behind which entry, and how many.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct JournalParam {
    /// Only behind this number.
    after: Option<u64>,
    /// 1 to 200, 50 where it is left out.
    limit: Option<usize>,
}

/// Lists what happened with the order, oldest first.
#[utoipa::path(get, path = "/v1/orders/{account}/{order_no}/journal", params(("account" = String, Path), ("order_no" = String, Path), JournalParam),
    security(("key" = [])), tag = "orders", responses((status = 200, body = Page<view::Entry>)))]
pub async fn journal(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(path): Path<(String, String)>,
    Query(asked): Query<JournalParam>,
) -> Result<Json<Page<view::Entry>>, Problem> {
    let (_, key, _) = order_at(&app, &caller, path).await?;
    let filter = JournalFilter {
        order: Some(key),
        after: asked.after.unwrap_or(0),
        limit: limit_of(asked.limit)?,
    };
    let page = app.store.journal(filter).await?;
    Ok(Json(Page {
        items: page.items.iter().map(entry_view).collect(),
        next: page.next,
    }))
}

async fn order_at<'a>(
    app: &'a App,
    caller: &Caller,
    (account, order_no): (String, String),
) -> Result<(&'a AccountSetup, OrderKey, Snapshot), Problem> {
    caller.may(&account)?;
    let setup = app
        .account(&account)
        .ok_or_else(|| Problem::unknown("account", &account))?;
    let key = OrderKey::new(account, order_no);
    let order = find(app, &key).await?;
    Ok((setup, key, order))
}

async fn find(app: &App, key: &OrderKey) -> Result<Snapshot, Problem> {
    let order = app
        .store
        .order(key)
        .await?
        .ok_or_else(|| Problem::unknown("order", &key.order_no))?;
    match order.state.frozen {
        Some(_) => Err(Refused::OrderFrozen.into()),
        None => Ok(order),
    }
}

//! The JSON API: what the control page can do, for programs. It has no keys: it is a tool of one's own machine.

mod terminals;

use crate::alipay::statements::Question;
use crate::clock::Clock;
use crate::codepay::Ending;
use crate::control::Action;
use crate::denied::Denied;
use crate::exchange::Exchange;
use crate::faults::{Faults, fee};
use crate::gateway::Gateway;
use crate::order::{Key, Order};
use crate::problem::Problem;
use crate::sandbox::{Sandbox, TooMany};
use crate::server::Handle;
use crate::story::story;
use crate::text::{Shown, shown};
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use quittance_core::gateway::alipay::StatementService;
use quittance_core::http::Method;
use quittance_core::{Lang, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::cmp::Reverse;
use std::sync::Arc;

/// How many trades one answer lists, if nothing else is asked for, and at most.
const LIMIT: usize = 100;
const LIMIT_MAX: usize = 1_000;

type Held<C> = State<(Handle, Arc<C>)>;
type Said = Result<Response, Problem>;

/// The addresses of the API.
pub(crate) fn router<C: Clock>() -> Router<(Handle, Arc<C>)> {
    Router::new()
        .route("/trades", get(list::<C>))
        .route("/trades/{partner}/{out_trade_no}", get(show::<C>))
        .route("/trades/{partner}/{out_trade_no}/{action}", post(act::<C>))
        .route("/terminals", get(terminals::list::<C>))
        .route("/terminals/{terminal_sn}", get(terminals::show::<C>))
        .route(
            "/terminals/{terminal_sn}/{button}",
            post(terminals::press::<C>),
        )
        .route("/statements", get(statements::<C>))
        .route("/faults", get(faults::<C>).put(set_faults::<C>))
        .route(
            "/faults/{partner}/{out_trade_no}",
            get(own_faults::<C>)
                .put(set_own_faults::<C>)
                .delete(clear_own_faults::<C>),
        )
        .fallback(async || Problem::no_address())
        .method_not_allowed_fallback(async || Problem::no_method())
}

/// Which part of the list is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    limit: Option<usize>,
    /// Only what is older than this `made`.
    before: Option<u64>,
}

/// The order that a path names.
struct Named(Key);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Named, Problem> {
        let path = Path::<(String, String)>::from_request_parts(parts, state).await;
        let Path((partner, out_trade_no)) = path.map_err(|_| Problem::no_address())?;
        Ok(Named(Key::new(&partner, &out_trade_no)))
    }
}

/// What a refund may say.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Refund {
    amount: Option<String>,
}

async fn list<C: Clock>(
    State((handle, _)): Held<C>,
    part: Result<Query<Part>, QueryRejection>,
) -> Said {
    let Query(part) = part.map_err(|_| Problem::part())?;
    let limit = part.limit.unwrap_or(LIMIT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Problem::part());
    }
    let listed = handle.with(|sandbox| {
        let older = |order: &Order| part.before.is_none_or(|before| order.made < before);
        let orders = sandbox.orders.iter().filter(|(_, order)| older(order));
        let mut newest: Vec<(&Key, &Order)> = orders.collect();
        newest.sort_unstable_by_key(|(_, order)| Reverse(order.made));
        let more = newest.len() > limit;
        newest.truncate(limit);
        let next = newest.last().filter(|_| more).map(|(_, last)| last.made);
        let trades: Vec<Value> = newest
            .iter()
            .map(|(key, order)| trade(sandbox, key, order))
            .collect();
        json!({ "trades": trades, "next": next })
    });
    Ok(json_reply(&listed))
}

async fn show<C: Clock>(State((handle, clock)): Held<C>, Named(key): Named) -> Said {
    let now = clock.wall();
    handle
        .with(|sandbox| whole(sandbox, now, &key))
        .map(|whole| json_reply(&whole))
        .ok_or_else(|| Problem::denied(Denied::NoOrder))
}

async fn act<C: Clock>(
    State((handle, clock)): Held<C>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Said {
    let Path((partner, out_trade_no, word)) = path.map_err(|_| Problem::no_address())?;
    let body = body.map_err(|_| Problem::too_long())?;
    let action = Action::of_word(&word).ok_or_else(Problem::no_address)?;
    let action = match action {
        Action::Refund(_) => Action::Refund(refund_sum(&body)?),
        _ if body.is_empty() || body.as_ref() == b"{}" => action,
        _ => return Err(Problem::body("this takes no body")),
    };
    let now = clock.wall();
    let key = Key::new(&partner, &out_trade_no);
    let done = handle.with(|sandbox| {
        sandbox.act(now, &key, action)?;
        whole(sandbox, now, &key).ok_or(Denied::NoOrder)
    });
    done.map(|whole| json_reply(&whole))
        .map_err(Problem::denied)
}

/// The last questions about bookings, newest first.
async fn statements<C: Clock>(State((handle, _)): Held<C>) -> Said {
    let asked = handle.with(|sandbox| {
        let newest = sandbox.questions.iter().rev();
        newest.map(question).collect::<Vec<Value>>()
    });
    Ok(json_reply(&json!({ "statements": asked })))
}

async fn faults<C: Clock>(State((handle, _)): Held<C>) -> Said {
    let faults = handle.with(|sandbox| sandbox.faults().clone());
    Ok(json_reply(&faults))
}

async fn set_faults<C: Clock>(
    State((handle, _)): Held<C>,
    body: Result<Bytes, BytesRejection>,
) -> Said {
    let body = body.map_err(|_| Problem::too_long())?;
    let faults = read_faults(&body)?;
    let told = json_reply(&faults);
    handle.with(|sandbox| sandbox.set_faults(faults));
    Ok(told)
}

async fn own_faults<C: Clock>(State((handle, _)): Held<C>, Named(key): Named) -> Said {
    let own = handle.with(|sandbox| {
        let own = sandbox.own_faults(&key.partner, &key.out_trade_no)?;
        Some(of_order(own, sandbox.gateway_of(&key.partner)?))
    });
    own.map(|own| json_reply(&own))
        .ok_or_else(Problem::no_faults)
}

async fn set_own_faults<C: Clock>(
    State((handle, _)): Held<C>,
    Named(key): Named,
    body: Result<Bytes, BytesRejection>,
) -> Said {
    let body = body.map_err(|_| Problem::too_long())?;
    let faults = read_faults(&body)?;
    let gateway = handle.with(|sandbox| sandbox.gateway_of(&key.partner));
    let gateway = gateway.filter(|gateway| order_no(&key.out_trade_no, *gateway));
    let gateway = gateway.ok_or_else(Problem::no_order_like_that)?;
    if faults.clone().of_order(gateway) != faults {
        return Err(Problem::body(match gateway {
            Gateway::Alipay => {
                "statements belong to no order: statement is set for all, at /api/faults; checkout, revoke and reply are CodePay's"
            }
            Gateway::Dinpay => {
                "an order of Dinpay has no checkout, revoke, reply, verify, statement and notify.reorder"
            }
            Gateway::CodePay => {
                "an order of CodePay has no verify and statement, and no amount, tamper and forge of the return"
            }
        }));
    }
    let told = json_reply(&of_order(&faults, gateway));
    handle
        .with(|sandbox| sandbox.set_own_faults(&key.partner, &key.out_trade_no, faults))
        .map_err(|TooMany| Problem::denied(Denied::NoPlace))?;
    Ok(told)
}

async fn clear_own_faults<C: Clock>(State((handle, _)): Held<C>, Named(key): Named) -> Said {
    handle.with(|sandbox| sandbox.clear_own_faults(&key.partner, &key.out_trade_no));
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn read_faults(body: &[u8]) -> Result<Faults, Problem> {
    let faults: Faults = serde_json::from_slice(body).map_err(Problem::body)?;
    faults.check().map_err(Problem::body)?;
    Ok(faults)
}

/// What goes wrong with one order, as far as its gateway has it: of all faults but those of statements.
fn of_order(faults: &Faults, gateway: Gateway) -> Value {
    let mut told = json!(faults);
    let mut leave_out = |name| {
        if let Some(told) = told.as_object_mut() {
            told.remove(name);
        }
    };
    leave_out("statement");
    if gateway != Gateway::Alipay {
        leave_out("verify");
    }
    if gateway != Gateway::CodePay {
        for name in ["checkout", "revoke", "reply"] {
            leave_out(name);
        }
    }
    let mut leave_out_of = |part: &str, names: &[&str]| {
        if let Some(told) = told[part].as_object_mut() {
            told.retain(|name, _| !names.contains(&name.as_str()));
        }
    };
    match gateway {
        Gateway::Alipay => {}
        Gateway::Dinpay => leave_out_of("notify", &["reorder"]),
        Gateway::CodePay => leave_out_of("return", &["amount", "tamper", "forge"]),
    }
    told
}

fn refund_sum(body: &[u8]) -> Result<Option<quittance_core::Money>, Problem> {
    if body.is_empty() {
        return Ok(None);
    }
    let asked: Refund = serde_json::from_slice(body).map_err(Problem::body)?;
    let bad = || Problem::denied(Denied::BadSum);
    asked
        .amount
        .map(|sum| fee(&sum).ok_or_else(bad))
        .transpose()
}

/// Whether a number could be an order's: faults may be set before the order comes, but not for what cannot come.
fn order_no(text: &str, gateway: Gateway) -> bool {
    let signs: &[u8] = match gateway {
        Gateway::Alipay | Gateway::Dinpay => b"_-",
        Gateway::CodePay => b"_-|*@",
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || signs.contains(&byte);
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

fn trade(sandbox: &Sandbox, key: &Key, order: &Order) -> Value {
    let view = sandbox.view(key, order);
    let url = &sandbox.settings.public_url;
    let warnings: Vec<String> = view.warnings.iter().map(|w| w.say(Lang::En)).collect();
    let mut told = json!({
        "made": order.made,
        "gateway": view.gateway.word(),
        "partner": view.partner,
        "out_trade_no": view.out_trade_no,
        "trade_no": view.trade_no,
        "subject": view.subject,
        "amount": view.amount.decimal(),
        "currency": view.amount.currency.code(),
        "refunded": view.refunded.decimal(),
        "status": view.status,
        "attempts": view.attempts,
        "next_resend": view.next_resend.map(|at| at.to_string()),
        "warnings": warnings,
        "own_faults": sandbox.own_faults(&key.partner, &key.out_trade_no).is_some(),
        "cashier": format!("{url}{}", view.cashier),
        "page": format!("{url}/trades/{}", order.token),
    });
    if view.gateway == Gateway::CodePay {
        told["terminal_sn"] = json!(order.asked.push().map(|push| &push.terminal_sn));
        told["error_code"] = json!(order.ending().map(Ending::code));
        told["pays_back"] = json!(view.pays_back);
    }
    told
}

/// A trade with everything that is known about it.
fn whole(sandbox: &Sandbox, now: Timestamp, key: &Key) -> Option<Value> {
    let order = sandbox.orders.get(key)?;
    let mut whole = trade(sandbox, key, order);
    let resend = sandbox.view(key, order).next_resend;
    let exchanges: Vec<Value> = order.exchanges.iter().map(exchange).collect();
    whole["story"] = story(order, resend, now, Lang::En).into();
    whole["faults"] = of_order(sandbox.faults_of(key), order.asked.gateway());
    whole["exchanges"] = exchanges.into();
    Some(whole)
}

fn exchange(exchange: &Exchange) -> Value {
    let faults: Vec<String> = exchange.faults.iter().map(|f| f.say(Lang::En)).collect();
    let method = match exchange.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    json!({
        "number": exchange.number,
        "at": exchange.at.to_string(),
        "kind": exchange.kind.word(),
        "attempt": (exchange.attempt > 0).then_some(exchange.attempt),
        "method": method,
        "target": exchange.target,
        "request": bytes(&exchange.request),
        "status": exchange.status,
        "reply": bytes(&exchange.reply),
        "ack": exchange.ack.map(|ack| ack.word()),
        "warning": exchange.warning.as_ref().map(|warning| warning.say(Lang::En)),
        "faults": faults,
        "next": exchange.next.map(|at| at.to_string()),
    })
}

fn question(question: &Question) -> Value {
    let asked = &question.asked;
    let kinds: Vec<&str> = asked.kinds.iter().map(|kind| kind.code()).collect();
    let paged = asked.service == StatementService::Pages;
    let mut told = exchange(&question.exchange);
    told["partner"] = json!(asked.partner);
    told["service"] = json!(question.service());
    told["from"] = json!(asked.from.to_string());
    told["to"] = json!(asked.to.to_string());
    told["page_no"] = json!(paged.then_some(asked.page_no));
    told["page_size"] = json!(paged.then_some(asked.page_size));
    told["trans_code"] = json!(kinds);
    told["rows"] = json!(question.rows);
    told["reply_bytes"] = json!(question.reply_bytes);
    told
}

fn bytes(bytes: &[u8]) -> Value {
    match shown(bytes) {
        Shown::Text(text, charset) => json!({ "text": text, "charset": charset.label() }),
        Shown::Base64(text) => json!({ "base64": text }),
    }
}

fn json_reply(value: &impl Serialize) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    // Values of ours have text for keys, so writing them cannot fail.
    let text = serde_json::to_vec(value).unwrap_or_default();
    (headers, text).into_response()
}

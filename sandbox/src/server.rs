//! The thin server around the sandbox: a socket, outgoing notifies, one loop. It decides nothing.

use crate::api;
use crate::clock::Clock;
use crate::codepay::ENTRY_PATH;
use crate::delivery::Outgoing;
use crate::gateway::Gateway;
use crate::guard;
use crate::problem::Problem;
use crate::routes::{Answer, Inbound};
use crate::sandbox::Sandbox;
use crate::settings::SandboxSettings;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{
    HeaderMap, HeaderValue, Method as HttpMethod, Request as HttpRequest, Response, StatusCode,
    header,
};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::any;
use jiff::SignedDuration;
use quittance_core::http::{Method, Reply, Request};
use quittance_core::{Lang, Timestamp};
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;

/// A request longer than this is refused.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// An answer to a notify longer than this is none.
const REPLY_BYTES_MAX: usize = 64 * 1024;
/// How many notifies are on the wire at once.
const IN_FLIGHT_MAX: usize = 64;

/// A hand on a served sandbox: the server holds one, and a test or a demo may hold another.
#[derive(Clone)]
pub struct Handle {
    shared: Arc<Shared>,
}

struct Shared {
    sandbox: Mutex<Sandbox>,
    changed: Notify,
}

impl Handle {
    /// A sandbox with these settings, not served yet.
    #[must_use]
    pub fn new(settings: SandboxSettings) -> Handle {
        let sandbox = Mutex::new(Sandbox::new(settings));
        Handle {
            shared: Arc::new(Shared {
                sandbox,
                changed: Notify::new(),
            }),
        }
    }

    /// Does something with the sandbox, alone, and wakes the server to look for what became due. Keep it short.
    pub fn with<T>(&self, act: impl FnOnce(&mut Sandbox) -> T) -> T {
        let done = self.quietly(act);
        self.shared.changed.notify_one();
        done
    }

    fn quietly<T>(&self, act: impl FnOnce(&mut Sandbox) -> T) -> T {
        // A panic of another holder leaves a sandbox that is still a value; nothing in it is half written for long.
        act(&mut self
            .shared
            .sandbox
            .lock()
            .unwrap_or_else(PoisonError::into_inner))
    }
}

/// Serves the sandbox until `shutdown` ends. Notifies that are on the wire then are dropped.
///
/// # Errors
/// What the listener or the making of the HTTP client reports.
pub async fn serve<C: Clock>(
    listener: TcpListener,
    handle: Handle,
    clock: Arc<C>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // No proxy: notifies go to the merchant's server, mostly on this machine, and nowhere else.
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(io::Error::other)?;
    let public_url: Arc<str> = handle.quietly(|s| s.settings.public_url.as_str().into());
    let router = Router::new()
        // CodePay's calls come to an address below that of the API.
        .route(ENTRY_PATH, any(answer::<C>))
        .route(&format!("{ENTRY_PATH}/"), any(answer::<C>))
        .route(&format!("{ENTRY_PATH}/{{*below}}"), any(answer::<C>))
        .nest("/api", api::router::<C>())
        .fallback(answer::<C>)
        .layer(from_fn(remember_language))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(public_url, guarded))
        .with_state((handle.clone(), Arc::clone(&clock)));
    let server = axum::serve(listener, router).with_graceful_shutdown(shutdown);
    tokio::select! {
        biased;
        ended = server => ended,
        () = deliver(&handle, &*clock, &client) => Ok(()),
    }
}

/// Sends what is due, settles what came back, sleeps until the next due time or a change. Never ends.
async fn deliver<C: Clock>(handle: &Handle, clock: &C, client: &reqwest::Client) {
    let places = Arc::new(Semaphore::new(IN_FLIGHT_MAX));
    let mut tasks: JoinSet<(u64, Result<Reply, String>)> = JoinSet::new();
    loop {
        let now = clock.wall();
        let (due, next) = handle.quietly(|sandbox| (sandbox.take_due(now), sandbox.next_due()));
        for outgoing in due {
            tasks.spawn(send(client.clone(), Arc::clone(&places), outgoing));
        }
        tokio::select! {
            biased;
            Some(Ok((id, outcome))) = tasks.join_next() => {
                let now = clock.wall();
                handle.quietly(|sandbox| sandbox.settle(now, id, outcome));
            }
            () = handle.shared.changed.notified() => {}
            () = until(clock, next) => {}
        }
    }
}

async fn until<C: Clock>(clock: &C, at: Option<Timestamp>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn send(
    client: reqwest::Client,
    places: Arc<Semaphore>,
    outgoing: Outgoing,
) -> (u64, Result<Reply, String>) {
    let outcome = match places.acquire().await {
        Ok(_place) => exchange(&client, outgoing.request, outgoing.wait).await,
        Err(closed) => Err(closed.to_string()),
    };
    (outgoing.id, outcome)
}

async fn exchange(
    client: &reqwest::Client,
    request: Request,
    wait: Duration,
) -> Result<Reply, String> {
    let mut call = match request.method {
        Method::Get => client.get(&request.url),
        Method::Post => client.post(&request.url).body(request.body),
    };
    call = call.timeout(wait);
    for (name, value) in request.headers {
        call = call.header(name, value);
    }
    // The address is known to the reader; what stands in a notify's answer is not repeated in an error.
    let plain = |error: reqwest::Error| error.without_url().to_string();
    let mut response = call.send().await.map_err(plain)?;
    let mut reply = Reply::new(response.status().as_u16(), Vec::new());
    while let Some(chunk) = response.chunk().await.map_err(plain)? {
        if reply.body.len() + chunk.len() > REPLY_BYTES_MAX {
            return Err(format!("the answer is longer than {REPLY_BYTES_MAX} bytes"));
        }
        reply.body.extend_from_slice(&chunk);
    }
    Ok(reply)
}

async fn answer<C: Clock>(
    State((handle, clock)): State<(Handle, Arc<C>)>,
    request: HttpRequest<Body>,
) -> Response<Body> {
    let method = match *request.method() {
        HttpMethod::GET => Method::Get,
        HttpMethod::POST => Method::Post,
        _ => return plain(StatusCode::METHOD_NOT_ALLOWED),
    };
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let query = head.uri.query().unwrap_or_default();
    let inbound = Inbound {
        method,
        path: head.uri.path().to_owned(),
        query: query.as_bytes().to_vec(),
        body: body.to_vec(),
        lang: language(query, &head.headers),
    };
    let now = clock.wall();
    let Answer { reply, hold } = handle.with(|sandbox| sandbox.handle(now, &inbound));
    if let Some(at) = held_until(now, hold) {
        clock.sleep_until(at).await;
    }
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response
        .body(Body::from(reply.body))
        .unwrap_or_else(|_| plain(StatusCode::INTERNAL_SERVER_ERROR))
}

/// Lets through what [`guard`] admits.
async fn guarded(
    State(public_url): State<Arc<str>>,
    request: HttpRequest<Body>,
    next: Next,
) -> Response<Body> {
    let (method, path) = (request.method(), request.uri().path());
    if guard::admits(method, path, request.headers(), &public_url) {
        next.run(request).await
    } else {
        Problem::cross_site().into_response()
    }
}

/// What the sender of a request reads.
fn language(query: &str, headers: &HeaderMap) -> Lang {
    let text = |name| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default()
    };
    Lang::of_visit(query, text(header::COOKIE), text(header::ACCEPT_LANGUAGE))
}

/// Remembers the language that the switch on a page asks for (`?lang=`), in the cookie `lang`: a preference, and no
/// name. The gateways' own addresses have parameters of the merchant's and no switch.
async fn remember_language(request: HttpRequest<Body>, next: Next) -> Response<Body> {
    let uri = request.uri();
    let switched = uri
        .query()
        .filter(|_| Gateway::at(uri.path()).is_none())
        .and_then(Lang::switched);
    let mut response = next.run(request).await;
    if let Some(lang) = switched {
        let cookie = HeaderValue::from_static(lang.cookie());
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// When an answer goes out that is held back; `None` for all others.
fn held_until(now: Timestamp, hold: Duration) -> Option<Timestamp> {
    if hold.is_zero() {
        return None;
    }
    now.checked_add(SignedDuration::try_from(hold).ok()?).ok()
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

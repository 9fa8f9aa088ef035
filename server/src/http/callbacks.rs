//! Where gateways call: `/notify/{account}` and `/return/{account}`, and the addresses of the settings.

use super::pages;
use super::peer;
use crate::app::App;
use crate::callback::{Arrival, Taken, take};
use crate::probe;
use crate::setup::{AccountSetup, Setup};
use crate::store::Snapshot;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use quittance_core::facts::Witness;
use quittance_core::gateway::{FORM, Verdict};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A larger body is refused before it is read (SEC-093).
const BODY_BYTES_MAX: usize = 64 * 1024;
/// A body that has not come by then is none (SEC-091).
const BODY_LIMIT: Duration = Duration::from_secs(10);
/// The answer to a gateway is given within this time, whatever happens.
const HARD_STOP: Duration = Duration::from_secs(1);

/// The routes of callbacks.
pub fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let mut router = Router::new()
        .route("/notify/{account}", any(notify))
        .route("/notify/{account}/", any(notify))
        .route("/notify/{account}/{name}", any(notify_named))
        .route("/return/{account}", any(returned))
        .route("/return/{account}/", any(returned))
        .route("/return/{account}/{token}", any(returned_with_token));
    for account in app.setup.accounts.values() {
        let name = account.name.clone();
        for path in own_paths(
            &app.setup,
            account.notify_url.as_deref(),
            &format!("/notify/{name}"),
        ) {
            let name = name.clone();
            router = router.route(
                &path,
                any(move |State(app): State<Arc<App>>, request: Request| {
                    notified(app, name, request)
                }),
            );
        }
        for path in own_paths(
            &app.setup,
            account.return_url.as_deref(),
            &format!("/return/{name}"),
        ) {
            let name = name.clone();
            router = router.route(
                &path,
                any(move |State(app): State<Arc<App>>, request: Request| {
                    brought_back(app, name, None, request)
                }),
            );
        }
    }
    router
}

/// The path of a callback address of the settings, and what a proxy leaves of it that takes the folder of `public_url`
/// away, where no standing route takes it already.
fn own_paths(setup: &Setup, address: Option<&str>, standing: &str) -> BTreeSet<String> {
    let url = address.and_then(|address| url::Url::parse(address).ok());
    let path = url.as_ref().map(url::Url::path);
    let taken = |path: &str| {
        path.strip_prefix(standing).is_some_and(|rest| {
            rest.is_empty() || (rest.starts_with('/') && rest.matches('/').count() == 1)
        })
    };
    path.into_iter()
        .flat_map(|path| [path, setup.arriving(path)])
        .filter(|path| !taken(path))
        .map(str::to_owned)
        .collect()
}

async fn notify(
    State(app): State<Arc<App>>,
    account: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    notified(app, text(account), request).await
}

async fn notify_named(
    State(app): State<Arc<App>>,
    names: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    notified(app, text(names).0, request).await
}

async fn returned(
    State(app): State<Arc<App>>,
    account: Result<Path<String>, PathRejection>,
    request: Request,
) -> Response {
    brought_back(app, text(account), None, request).await
}

async fn returned_with_token(
    State(app): State<Arc<App>>,
    names: Result<Path<(String, String)>, PathRejection>,
    request: Request,
) -> Response {
    let (account, token) = text(names);
    brought_back(app, account, Some(token), request).await
}

/// The names in an address. One that is no text (bytes that are no UTF-8) names nothing.
fn text<T: Default>(names: Result<Path<T>, PathRejection>) -> T {
    names.map(|Path(names)| names).unwrap_or_default()
}

/// A notify: exactly the ack word or `fail`, to every method and every outcome. A query string is ignored.
async fn notified(app: Arc<App>, account: String, request: Request) -> Response {
    if app.draining() {
        return word(StatusCode::SERVICE_UNAVAILABLE, "fail");
    }
    let Some(setup) = app.account(&account).cloned() else {
        return word(StatusCode::OK, "fail");
    };
    let client = peer::client(&app.setup, request.extensions(), request.headers());
    if probed(&request) {
        return arrived(&app, request).await;
    }
    let gateway = setup.account.gateway();
    let (ack, kind) = (gateway.ack(), gateway.traits().notify_type);
    let Some(body) = body_of(&app, request, kind).await else {
        return word(StatusCode::OK, "fail");
    };
    let taken = settled(
        &app,
        setup,
        Arrival {
            witness: Witness::Notify,
            wire: body.to_vec(),
            client,
        },
    )
    .await;
    word(
        StatusCode::OK,
        if taken.is_some_and(|taken| taken.acked) {
            ack
        } else {
            "fail"
        },
    )
}

/// Whether the doctor calls, and no gateway.
fn probed(request: &Request) -> bool {
    let nonce = request.headers().get(probe::HEADER);
    nonce
        .and_then(|nonce| nonce.to_str().ok())
        .is_some_and(probe::is_nonce)
}

/// The answer to the doctor: what every stranger gets, and what came in.
async fn arrived(app: &App, request: Request) -> Response {
    let body = form_body(app, request).await.unwrap_or_default();
    let mut response = word(StatusCode::OK, "fail");
    if let Ok(hash) = HeaderValue::from_str(&probe::of_body(&body)) {
        response.headers_mut().insert(probe::BODY_HEADER, hash);
    }
    response
}

/// A return: the same way as a notify, then on to the buyer's page. Where the gateway has it posted only, whoever comes
/// otherwise brings nothing that is looked into: a buyer who opens the address of his order again is shown its page.
/// Posted from the gateway's page it carries no cookie, and needs none.
async fn brought_back(
    app: Arc<App>,
    account: String,
    token: Option<String>,
    request: Request,
) -> Response {
    let pages::Visit { lang } =
        pages::Visit::of(request.uri().query().unwrap_or_default(), request.headers());
    let folder = app.setup.folder();
    let not_readable = |why, token: Option<&str>| pages::not_readable(&folder, lang, why, token);
    let Some(setup) = app.account(&account).cloned() else {
        return not_readable(pages::Unreadable::Address, None);
    };
    let by_token = match &token {
        Some(token) => app
            .store
            .order_by_token(token)
            .await
            .ok()
            .flatten()
            .filter(|order| order.state.order.key.account == account),
        None => None,
    };
    let query = request.uri().query().unwrap_or_default().to_owned();
    let client = peer::client(&app.setup, request.extensions(), request.headers());
    let posted = request.method() == Method::POST;
    let traits = setup.account.gateway().traits();
    let by_get = traits.return_by_get;
    let wire = match (posted, by_get) {
        (true, _) => form_body(&app, request).await.unwrap_or_default().to_vec(),
        (false, true) => query.into_bytes(),
        (false, false) => Vec::new(),
    };
    let token = |order: &Snapshot| order.state.order.token.clone();
    let page = |token: &str| pages::see_other(&format!("{folder}/pay/{token}/result"));
    let known = by_token.as_ref().map(token);
    let known = known.as_deref();
    let not_looked_into = !traits.return_signed || (!posted && !by_get);
    if let Some(token) = known.filter(|_| not_looked_into) {
        return page(token);
    }
    if wire.is_empty() {
        return not_readable(pages::Unreadable::Missing, known);
    }
    let arrival = Arrival {
        witness: Witness::Return,
        wire,
        client,
    };
    let Some(taken) = settled(&app, setup, arrival).await else {
        return known.map_or_else(|| not_readable(pages::Unreadable::Busy, None), page);
    };
    match (taken.verdict, known) {
        // It could not be written down: whatever it says, nothing is known of it yet.
        (Verdict::Genuine, _) if taken.seq.is_none() => {
            not_readable(pages::Unreadable::Busy, known)
        }
        (Verdict::Genuine, _) => match taken.order.as_ref().map(token).as_deref().or(known) {
            Some(token) => page(token),
            None => not_readable(pages::Unreadable::NoOrder, None),
        },
        (Verdict::Ambiguous, Some(token)) => page(token),
        (Verdict::Malformed | Verdict::ForeignSource, _) => {
            not_readable(pages::Unreadable::Malformed, known)
        }
        (Verdict::Ambiguous | Verdict::BadSignature | Verdict::PayeeMismatch, _) => {
            not_readable(pages::Unreadable::Signature, known)
        }
    }
}

/// Works in the node's own task set, so that a caller who hangs up loses nothing; waits at most the hard stop.
async fn settled(app: &Arc<App>, account: Arc<AccountSetup>, arrival: Arrival) -> Option<Taken> {
    let node = app.clone();
    let work = app
        .tasks
        .spawn(async move { take(&node, &account, arrival).await });
    app.clock.within(HARD_STOP, work).await?.ok()
}

/// The body of a form, where it is one.
pub(super) async fn form_body(app: &App, request: Request<Body>) -> Option<Bytes> {
    body_of(app, request, Some(FORM)).await
}

/// The body, where it is of this type or does not say: never parsed in two ways (SEC-085), never unpacked (SEC-094).
async fn body_of(app: &App, request: Request<Body>, wanted: Option<&str>) -> Option<Bytes> {
    let (parts, body) = request.into_parts();
    let header = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let fits = header(header::CONTENT_TYPE)
        .zip(wanted)
        .is_none_or(|(kind, wanted)| {
            let kind = kind.split(';').next().unwrap_or_default().trim();
            kind.eq_ignore_ascii_case(wanted)
        });
    let coding = header(header::CONTENT_ENCODING);
    let plain = coding.is_none_or(|coding| coding.eq_ignore_ascii_case("identity"));
    if parts.method != Method::POST || !fits || !plain {
        return None;
    }
    app.clock
        .within(BODY_LIMIT, to_bytes(body, BODY_BYTES_MAX))
        .await?
        .ok()
}

/// Exactly these bytes, and nothing that a proxy would keep or change.
fn word(status: StatusCode, word: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, word).into_response()
}

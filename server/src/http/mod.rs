//! The router: the server's table of contents.

pub mod auth;
pub mod callbacks;
pub mod codes;
pub mod doctor;
pub mod events;
pub mod orders;
pub mod pages;
pub mod peer;
pub mod problem;
pub mod refunds;
pub mod statements;
pub mod status;

use crate::app::App;
use crate::probe;
use axum::body::HttpBody;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, middleware};
use problem::Problem;
use quittance_core::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A request to the merchant API is no longer than this.
const BODY_BYTES_MAX: usize = 64 * 1024;
/// The longest that `wait` may ask for, in seconds.
const WAIT_SECS_MAX: u64 = 30;
/// A request that takes longer than this is given up; above the longest wait.
const DEADLINE: Duration = Duration::from_secs(45);
/// Lists: at most so many items.
const LIMIT_MAX: usize = 200;
/// Lists: so many items where nothing is asked for.
const LIMIT_DEFAULT: usize = 50;

/// The API description's frame.
#[derive(OpenApi)]
#[openapi(
    info(title = "Quittance", description = "Payment confirmation: orders, events, discrepancies. Money is a decimal text, times are RFC 3339 in UTC, errors are RFC 9457."),
    modifiers(&BearerKey)
)]
struct Description;

struct BearerKey;

impl utoipa::Modify for BearerKey {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
    }
}

/// Every route of the merchant API, with its description.
fn api() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(orders::create::create, orders::list))
        .routes(routes!(orders::show))
        .routes(routes!(orders::checkout::checkout))
        .routes(routes!(orders::verify::verify))
        .routes(routes!(orders::pos_result::pos_result))
        .routes(routes!(orders::close::close))
        .routes(routes!(orders::refund::refund))
        .routes(routes!(refunds::checkout))
        .routes(routes!(statements::show, statements::fetch))
        .routes(routes!(orders::note::note))
        .routes(routes!(orders::journal))
        .routes(routes!(events::list))
        .routes(routes!(events::redeliver))
        .routes(routes!(events::endpoints))
        .routes(routes!(events::switch))
        .routes(routes!(events::discrepancies))
        .routes(routes!(events::resolve))
        .routes(routes!(doctor::examine))
        .routes(routes!(status::healthz))
        .routes(routes!(status::readyz))
        .routes(routes!(status::metrics))
}

/// The API description. `docs/openapi.json` holds the same; a test compares them.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    api().split_for_parts().1
}

/// Everything that the server answers, as a tower service.
pub fn router(app: &Arc<App>) -> Router {
    let (api, description) = api().split_for_parts();
    let described = description.to_json().unwrap_or_default();
    api.route(
        "/openapi.json",
        get(move || async move { ([("content-type", "application/json")], described) }),
    )
    .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
    .merge(pages::routes())
    .merge(callbacks::routes(app))
    .fallback(nothing_here)
    .method_not_allowed_fallback(not_this_way)
    .layer(middleware::from_fn_with_state(app.clone(), proven))
    .layer(middleware::from_fn_with_state(app.clone(), within_deadline))
    .with_state(app.clone())
}

async fn nothing_here(request: Request) -> Problem {
    let help = "The routes are listed at /openapi.json.";
    Problem::new(
        StatusCode::NOT_FOUND,
        "route_unknown",
        "There is nothing at this address",
        request.uri().path(),
        help,
    )
}

async fn not_this_way(request: Request) -> Problem {
    let help = "The routes and their methods are listed at /openapi.json.";
    let detail = format!("{} {}", request.method(), request.uri().path());
    let title = "This address takes other methods";
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        title,
        detail,
        help,
    )
}

/// Whoever asks with a nonce is told that it is this server which answers.
async fn proven(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
    request: Request,
    next: middleware::Next,
) -> Response {
    let nonce = request.headers().get(probe::HEADER);
    let nonce = nonce.and_then(|nonce| nonce.to_str().ok());
    let Some(nonce) = nonce
        .filter(|nonce| probe::is_nonce(nonce))
        .map(str::to_owned)
    else {
        return next.run(request).await;
    };
    let mut response = next.run(request).await;
    if let Ok(head) = app.store.head().await
        && let Ok(proof) = HeaderValue::from_str(&probe::proof(&head.chain, &nonce))
    {
        response.headers_mut().insert(probe::HEADER, proof);
    }
    response
}

async fn within_deadline(
    axum::extract::State(app): axum::extract::State<Arc<App>>,
    request: Request,
    next: middleware::Next,
) -> Response {
    app.clock
        .within(DEADLINE, next.run(request))
        .await
        .unwrap_or_else(|| {
            let help = "Send the whole request at once, and again.";
            let (title, detail) = (
                "The request took too long",
                "it was given up after 45 seconds",
            );
            Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "request_timeout",
                title,
                detail,
                help,
            )
            .into_response()
        })
}

/// JSON in and out; what cannot be read is a problem that says where.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Json<T>, Problem> {
        let help = "Send `content-type: application/json` and the fields of /openapi.json; unknown fields are refused.";
        let title = "The request's body cannot be read";
        let unreadable =
            |status, detail: String| Problem::new(status, "unreadable_body", title, detail, help);
        let read = <axum::Json<Named<T>> as FromRequest<S>>::from_request(request, state).await;
        read.map(|axum::Json(Named(value))| Json(value))
            .map_err(|rejection: JsonRejection| {
                unreadable(rejection.status(), rejection.body_text())
            })
    }
}

/// Where a request may come without a body, none at all is none, whatever its headers say.
impl<T: DeserializeOwned, S: Send + Sync> OptionalFromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Json<T>>, Problem> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        let read = <Json<T> as FromRequest<S>>::from_request(request, state).await;
        read.map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Names in the address; what cannot be read is a problem that says where.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> axum::extract::FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Path<T>, Problem> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Path(value)| Path(value))
            .map_err(|rejection| {
                let help = "Percent-encode names as UTF-8.";
                let title = "The address cannot be read";
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "unreadable_address",
                    title,
                    rejection.body_text(),
                    help,
                )
            })
    }
}

/// An object. The reader of structures would take a list too, and its values by their place.
struct Named<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Named<T>, D::Error> {
        struct Object<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Object<T> {
            type Value = T;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            }
        }
        let object = Object(std::marker::PhantomData);
        deserializer.deserialize_map(object).map(Named)
    }
}

/// Query parameters; what cannot be read is a problem that says where.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> axum::extract::FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &S,
    ) -> Result<Query<T>, Problem> {
        let read = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        read.map(|axum::extract::Query(value)| Query(value))
            .map_err(|rejection| {
                let help = "Send the parameters of /openapi.json; unknown ones are refused.";
                Problem::new(
                    StatusCode::BAD_REQUEST,
                    "unreadable_query",
                    "The query string cannot be read",
                    rejection.body_text(),
                    help,
                )
            })
    }
}

/// A part of a list.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins; `null` at the end.
    pub next: Option<String>,
}

fn limit_of(asked: Option<usize>) -> Result<usize, Problem> {
    match asked.unwrap_or(LIMIT_DEFAULT) {
        limit @ 1..=LIMIT_MAX => Ok(limit),
        _ => Err(Problem::field(
            "limit",
            "outside 1 to 200",
            "Send 1 to 200, or leave it out for 50.",
        )),
    }
}

fn wait_of(asked: Option<u64>) -> Result<Duration, Problem> {
    match asked.unwrap_or(0) {
        secs @ 0..=WAIT_SECS_MAX => Ok(Duration::from_secs(secs)),
        _ => Err(Problem::field(
            "wait",
            "outside 0 to 30 seconds",
            "Send 0 to 30 and ask again when it is over.",
        )),
    }
}

fn time_of(field: &str, asked: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| {
        text.parse::<Timestamp>().map_err(|error| {
            Problem::field(field, error, "Send RFC 3339, such as 2026-01-31T12:00:00Z.")
        })
    };
    asked.map(read).transpose()
}

//! What pages wear and what their browsers are allowed: one inline style, perhaps one inline script, both named in the
//! policy by their digest, and nothing from anywhere else.

use askama::Template;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use quittance_core::Lang;
use sha2::{Digest, Sha256};
use std::convert::Infallible;

/// The clothes of one family of pages. The texts stand in the page as they are, in `<style>` and in `<script>`.
pub struct Dress {
    /// Its style.
    pub style: &'static str,
    /// Its script; empty where there is none.
    pub script: &'static str,
    policy: String,
}

/// Who looks, as far as a page cares.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Visit {
    /// What he reads.
    pub lang: Lang,
}

impl Dress {
    /// Clothes of these two. What they need is allowed, which is little.
    #[must_use]
    pub fn new(style: &'static str, script: &'static str) -> Dress {
        let named = |text: &str| data_encoding::BASE64.encode(&Sha256::digest(text));
        let scripts = if script.is_empty() {
            String::new()
        } else {
            // A script of ours may ask us, and nobody else.
            format!(
                "script-src 'sha256-{}'; connect-src 'self'; ",
                named(script)
            )
        };
        Dress {
            style,
            script,
            policy: format!(
                "default-src 'none'; style-src 'sha256-{}'; {scripts}base-uri 'none'; frame-ancestors 'none'; \
                 form-action 'self'",
                named(style)
            ),
        }
    }

    /// A page in these clothes. `leads_to` is where its forms may end up, besides with us: origins, or nothing.
    pub fn html(&self, status: StatusCode, page: &impl Template, leads_to: &str) -> Response {
        let Ok(text) = page.render() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let policy = format!("{} {leads_to}", self.policy);
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::VARY, "accept-language, cookie"),
            (header::CONTENT_SECURITY_POLICY, policy.trim_end()),
        ];
        (status, headers, text).into_response()
    }
}

impl Visit {
    /// From what a request says about its sender.
    #[must_use]
    pub fn of(query: &str, headers: &HeaderMap) -> Visit {
        let text = |name| {
            headers
                .get(name)
                .and_then(|value: &HeaderValue| value.to_str().ok())
                .unwrap_or_default()
        };
        let (cookies, wanted) = (text(header::COOKIE), text(header::ACCEPT_LANGUAGE));
        Visit {
            lang: Lang::of_visit(query, cookies, wanted),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Visit, Infallible> {
        Ok(Visit::of(
            parts.uri.query().unwrap_or_default(),
            &parts.headers,
        ))
    }
}

/// Remembers the language that the switch on a page asks for (`?lang=`), in the cookie `lang`: no session, no name, a
/// preference.
pub async fn remember_language(request: Request, next: Next) -> Response {
    let switched = request.uri().query().and_then(Lang::switched);
    let mut response = next.run(request).await;
    if let Some(lang) = switched {
        let cookie = HeaderValue::from_static(lang.cookie());
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

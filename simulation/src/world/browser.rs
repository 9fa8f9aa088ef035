//! Buyers' browsers at the node's own pages.

use super::World;
use axum::body::Body;
use http::Request;
use quittance_core::http::{Method, Request as Call};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

impl World {
    /// A browser asks for an address of ours and follows where it leads.
    pub async fn browse(&self, url: &str) {
        self.brings(&Call::get(url.to_owned())).await;
    }

    /// The same, with what the gateway's page has it bring.
    pub async fn brings(&self, call: &Call) {
        let mut target = match url::Url::parse(&call.url) {
            Ok(url) => url[url::Position::BeforePath..].to_owned(),
            Err(_) => call.url.clone(),
        };
        let mut form = (call.method == Method::Post).then(|| call.body.clone());
        for _ in 0..4 {
            let Ok(request) = request(&target, form.take()) else {
                return;
            };
            let Some(reply) = self.call(request).await else {
                return self.note("the browser got no page");
            };
            if reply.status >= 500 && !self.fates.calm() {
                self.note("the browser got an error page");
            }
            let next = reply
                .headers
                .into_iter()
                .find(|(name, _)| name == "location");
            match next {
                Some((_, next)) => target = next,
                None => return,
            }
        }
    }

    /// A browser waits on the buyer's page.
    pub async fn waits_on_page(&self, page: &str, rounds: u32) {
        for _ in 0..rounds {
            self.browse(&format!("{page}/status?wait=30")).await;
            self.clock.sleep(SECOND).await;
        }
    }

    /// A buyer presses "payment completed".
    pub async fn presses(&self, page: &str) {
        if let Ok(request) = request(&format!("{page}/completed"), Some(Vec::new())) {
            self.call(request).await;
        }
    }
}

/// A `GET`, or the `POST` of a form.
fn request(target: &str, form: Option<Vec<u8>>) -> Result<Request<Body>, http::Error> {
    match form {
        None => Request::get(target).body(Body::empty()),
        Some(form) => Request::post(target)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form)),
    }
}

//! The second seam: calls to gateways and to the merchant's endpoints.

use crate::clock::Clock;
use async_trait::async_trait;
use quittance_core::http::{Method, Reply, Request};
use std::sync::Arc;
use std::time::Duration;

/// Sends a request and gets what came back.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends it; gives up after `limit`. Never follows a redirect.
    async fn send(&self, request: Request, limit: Duration) -> Result<Reply, TransportError>;
}

/// Why there is no reply. All of it means: unknown.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TransportError {
    /// Nothing came in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// The name, the connection or TLS failed.
    #[error("no connection: {0}")]
    Connect(String),
    /// The reply broke off, or was larger than [`Request::reply_bytes_max`].
    #[error("the answer cannot be read: {0}")]
    Reply(String),
}

/// Calls over HTTP and TLS.
pub struct HttpTransport {
    client: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl HttpTransport {
    /// A transport that checks certificates, follows no redirect and takes no proxy from the environment.
    ///
    /// # Errors
    /// Where TLS cannot be set up on this machine.
    pub fn new(clock: Arc<dyn Clock>) -> Result<HttpTransport, TransportError> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .pool_max_idle_per_host(16)
            .user_agent(concat!("quittance/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| TransportError::Connect(chain(&error)))?;
        Ok(HttpTransport { client, clock })
    }

    async fn exchange(&self, request: Request) -> Result<Reply, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
        };
        let mut call = self.client.request(method, &request.url);
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        let bytes_max = request.reply_bytes_max;
        let sent = call.body(request.body).send().await;
        let mut response = sent.map_err(|error| TransportError::Connect(chain(&error)))?;
        let text =
            |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| TransportError::Reply(chain(&error)))?
        {
            if body.len() + chunk.len() > bytes_max {
                return Err(TransportError::Reply(format!(
                    "more than {bytes_max} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            status: response.status().as_u16(),
            headers,
            body,
        })
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request, limit: Duration) -> Result<Reply, TransportError> {
        let exchange = self.exchange(request);
        self.clock
            .within(limit, exchange)
            .await
            .unwrap_or(Err(TransportError::Timeout(limit)))
    }
}

/// An error with its causes, without the URL: that may hold a signature.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::from(if error.is_connect() {
        "cannot connect"
    } else {
        "broken exchange"
    });
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

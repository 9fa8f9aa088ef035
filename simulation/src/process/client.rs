//! Who calls servers from outside: the shop by the API, the gateway with callbacks, a buyer who comes back.

use super::Failed;
use super::site::API_KEY;
use crate::truth::Said;
use serde_json::Value;
use std::time::Duration;

/// How long an answer is waited for, where nobody is to be hurried.
pub const PATIENCE: Duration = Duration::from_secs(15);

/// A caller of any server.
pub struct Client {
    http: reqwest::Client,
}

impl Client {
    /// One that waits for a connection and its answer for no longer than this.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn new(limit: Duration) -> Result<Client, Failed> {
        Ok(Client { http: http(limit)? })
    }

    /// One call of the merchant API: status and body.
    ///
    /// # Errors
    /// A connection that breaks, an answer that is no JSON.
    pub async fn api(
        &self,
        server: &str,
        path: &str,
        body: Option<String>,
    ) -> Result<(u16, Value), Failed> {
        let address = format!("{server}{path}");
        let call = match body {
            Some(body) => self
                .http
                .post(address)
                .header("content-type", "application/json")
                .body(body),
            None => self.http.get(address),
        };
        let answer = call
            .header("authorization", format!("Bearer {API_KEY}"))
            .send()
            .await?;
        let status = answer.status().as_u16();
        Ok((status, serde_json::from_slice(&answer.bytes().await?)?))
    }

    /// Sends a callback as the gateway does: status and body.
    ///
    /// # Errors
    /// A connection that breaks.
    pub async fn notify(
        &self,
        server: &str,
        account: &str,
        body: &[u8],
    ) -> Result<(u16, Vec<u8>), Failed> {
        let call = self
            .http
            .post(format!("{server}/notify/{account}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body.to_vec());
        let answer = call.send().await?;
        Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
    }

    /// Opens an address of the server as a browser does, and follows nowhere: the status.
    ///
    /// # Errors
    /// A connection that breaks.
    pub async fn open(&self, server: &str, path: &str) -> Result<u16, Failed> {
        let answer = self.http.get(format!("{server}{path}")).send().await?;
        Ok(answer.status().as_u16())
    }

    /// Everything that a server says, in its published formats.
    ///
    /// # Errors
    /// A connection that breaks, an answer that is no list.
    pub async fn says(&self, server: &str) -> Result<Said, Failed> {
        Ok(Said {
            orders: self.list(server, "/v1/orders?limit=200").await?,
            events: self.list(server, "/v1/events?limit=200").await?,
            discrepancies: self.list(server, "/v1/discrepancies?limit=200").await?,
        })
    }

    async fn list(&self, server: &str, path: &str) -> Result<Vec<Value>, Failed> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let (status, page) = self.api(server, &format!("{path}{after}"), None).await?;
            let items = page["items"].as_array();
            let (200, Some(items)) = (status, items) else {
                return Err(format!("GET {path} is answered {status}: {page}").into());
            };
            all.extend(items.iter().cloned());
            match page["next"].as_str() {
                // The feed's end is an empty page, the other lists' has no next one.
                Some(next) if !items.is_empty() => after = format!("&after={next}"),
                _ => return Ok(all),
            }
        }
    }
}

/// What keeps its connections, waits for no proxy and for no answer longer than this, and follows nowhere.
///
/// # Errors
/// Where it cannot be made.
pub fn http(limit: Duration) -> Result<reqwest::Client, Failed> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none());
    Ok(client.timeout(limit).build()?)
}

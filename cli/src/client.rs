//! The merchant API as a program sees it: JSON in and out, problems with their help.

use crate::context::Context;
use crate::ending::Stop;
use clap::Args;
use quittance_core::Lang;
use reqwest::Method;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Longer than the longest wait that the server grants.
const LIMIT: Duration = Duration::from_secs(45);
/// A longer answer is none: 200 orders with their trades are far below it.
const REPLY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Which server, and with which key.
#[derive(Args)]
pub struct Reach {
    /// The server's address; `public_url` of the settings where it is left out
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// The API key; the first of the settings where it is left out
    #[arg(
        long,
        global = true,
        value_name = "KEY",
        env = "QUITTANCE_API_KEY",
        hide_env_values = true
    )]
    key: Option<String>,
    /// JSON for scripts
    #[arg(long, global = true)]
    pub json: bool,
}

/// A caller of the merchant API.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: Url,
    key: SecretString,
}

/// Why there is no answer to use.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApiError {
    /// The server said no.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The word for programs.
        code: String,
        /// What happened.
        title: String,
        /// Why.
        detail: String,
        /// What to do.
        help: String,
    },
    /// There was no answer, or none that can be read.
    Unreachable(String),
}

impl Reach {
    /// A client. The settings are read only where the command line leaves something open.
    ///
    /// # Errors
    /// Settings that cannot be used, or that name no key.
    pub fn client(&self, context: &Context) -> Result<Client, Stop> {
        let lang = context.lang;
        if let (Some(url), Some(key)) = (&self.url, &self.key) {
            return Client::new(url, key.as_str().into(), lang);
        }
        let (setup, _) = context.setup().map_err(|stop| {
            let instead = lang.pick(
                "Or name the server with --url and the key with --key (or QUITTANCE_API_KEY).",
                "也可用 --url 指定服务地址，用 --key（或 QUITTANCE_API_KEY）指定密钥。",
            );
            Stop::unable(format!("{}\n{instead}", stop.text()))
        })?;
        // A key for all accounts reaches what one for some does not.
        let widest = setup.api_keys.iter().find(|key| key.accounts.is_none());
        let of_settings = widest.or(setup.api_keys.first());
        let key = match (&self.key, of_settings) {
            (Some(key), _) => key.as_str().into(),
            (None, Some(key)) => key.secret.clone(),
            (None, None) => {
                return Err(Stop::unable(lang.pick(
                    "There is no API key: the settings have none under [api_keys], and --key is not given.",
                    "没有 API 密钥：设置的 [api_keys] 中没有，也没有给出 --key。",
                )));
            }
        };
        Client::new(self.url.as_deref().unwrap_or(&setup.public_url), key, lang)
    }
}

impl Client {
    /// A caller of the server at this address.
    ///
    /// # Errors
    /// Where the address is none, or TLS cannot be set up on this machine.
    pub fn new(url: &str, key: SecretString, lang: Lang) -> Result<Client, Stop> {
        let base = Url::parse(url)
            .ok()
            .filter(|base| matches!(base.scheme(), "http" | "https") && base.host_str().is_some());
        let base = base.ok_or_else(|| {
            Stop::unable(lang.pick(
                "--url is no address: write it as https://pay.example.com.",
                "--url 不是有效地址，请写成 https://pay.example.com 的形式。",
            ))
        })?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(LIMIT)
            .user_agent(concat!("quittance/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| Stop::unable(error.to_string()))?;
        Ok(Client { http, base, key })
    }

    /// Reads something.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn get(&self, path: &[&str], query: &[(&str, String)]) -> Result<Value, ApiError> {
        self.call(Method::GET, path, query, None).await
    }

    /// Asks for something to be done. `Null` is the answer where there is no body.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn post(
        &self,
        path: &[&str],
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Value, ApiError> {
        self.call(Method::POST, path, query, body).await
    }

    async fn call(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, String)],
        body: Option<&Value>,
    ) -> Result<Value, ApiError> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("v1").extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let mut call = self
            .http
            .request(method, url)
            .header(ACCEPT, "application/json")
            .header(
                AUTHORIZATION,
                format!("Bearer {}", self.key.expose_secret()),
            );
        if let Some(body) = body {
            call = call
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_string());
        }
        let mut response = call.send().await.map_err(|error| unreachable(&error))?;
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| unreachable(&error))?
        {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > REPLY_BYTES_MAX {
                let text = format!("the answer is longer than {REPLY_BYTES_MAX} bytes");
                return Err(ApiError::Unreachable(text));
            }
        }
        read(status, &bytes)
    }
}

fn read(status: u16, bytes: &[u8]) -> Result<Value, ApiError> {
    let value = match bytes {
        [] => Ok(Value::Null),
        bytes => serde_json::from_slice(bytes),
    };
    let value: Value = value.map_err(|_| {
        ApiError::Unreachable(format!(
            "status {status} and no JSON: this is not a Quittance server"
        ))
    })?;
    if (200..300).contains(&status) {
        return Ok(value);
    }
    let word = |name: &str| crate::out::field(&value, name);
    Err(ApiError::Refused {
        status,
        code: word("code"),
        title: word("title"),
        detail: word("detail"),
        help: word("help"),
    })
}

impl ApiError {
    /// For the person at the terminal. A server that found the request wrong is a finding; one that did not let us in,
    /// or is not there, is a command that could not run.
    pub fn stop(self, lang: Lang) -> Stop {
        let text = self.say(lang);
        match self {
            ApiError::Refused { status, .. }
                if (400..500).contains(&status) && !matches!(status, 401 | 403) =>
            {
                Stop::Wrong(text)
            }
            _ => Stop::Unable(text),
        }
    }

    /// Title, detail, help.
    pub fn say(&self, lang: Lang) -> String {
        match self {
            ApiError::Refused {
                status,
                code,
                title,
                detail,
                help,
            } => {
                let heading = lang.pick("The server refused", "服务拒绝了请求");
                let to_do = lang.pick("To do", "处理办法");
                format!("{heading}: {title} ({status} {code}).\n  {detail}\n  {to_do}: {help}")
            }
            ApiError::Unreachable(why) => match lang {
                Lang::En => format!(
                    "The server gave no answer: {why}.\n  To do: check that it runs (quittance serve) and that --url, or public_url of the settings, is its address."
                ),
                Lang::Zh => format!(
                    "服务没有应答：{why}。\n  处理办法：请确认服务正在运行（quittance serve），并检查 --url 或设置中的 public_url。"
                ),
            },
        }
    }
}

/// The error with its cause.
fn unreachable(error: &reqwest::Error) -> ApiError {
    let mut text = match error.url() {
        Some(url) => format!("{} ", url.origin().ascii_serialization()),
        None => String::new(),
    };
    let mut deepest: &dyn std::error::Error = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    text.push_str(&deepest.to_string());
    ApiError::Unreachable(text)
}

//! The buyer: a browser without a screen. It goes through the same pages as a person, and may close one at any time.

use super::form::{self, Form};
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE, LOCATION};
use std::time::Duration;
use url::Url;

/// A page that takes longer is broken.
const LIMIT: Duration = Duration::from_secs(10);
/// A page of ours is under 30 KB; this is far above it.
const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// So many redirects in a row are a loop.
const HOPS_MAX: u32 = 5;

/// A browser.
#[derive(Clone)]
pub struct Buyer {
    http: reqwest::Client,
}

/// What the browser shows.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its address.
    pub url: Url,
    /// The HTTP status.
    pub status: u16,
    /// Its source.
    pub html: String,
    /// Where it leads at once, for a redirect that was not followed.
    pub leads_to: Option<Url>,
}

impl Buyer {
    /// A browser that speaks English.
    ///
    /// # Errors
    /// Where no client can be made on this machine.
    pub fn new() -> Result<Buyer, String> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(LIMIT)
            .build();
        Ok(Buyer {
            http: http.map_err(|error| error.to_string())?,
        })
    }

    /// Opens an address, redirects followed.
    ///
    /// # Errors
    /// No answer, or no page.
    pub async fn open(&self, address: &str) -> Result<Page, String> {
        let url = Url::parse(address).map_err(|error| format!("{address}: {error}"))?;
        let page = self.load(self.http.get(url)).await?;
        self.follow(page).await
    }

    /// Presses the button of a form, redirects not followed: [`Buyer::follow`] does, closing the window does not.
    ///
    /// # Errors
    /// No answer, or no page.
    pub async fn press(
        &self,
        page: &Page,
        form: &Form,
        button: Option<(&str, &str)>,
    ) -> Result<Page, String> {
        let url = page.url.join(&form.action).map_err(|e| e.to_string())?;
        self.post(url.as_str(), form.body(button)?).await
    }

    /// Posts a form's body, redirects not followed.
    ///
    /// # Errors
    /// No answer, or no page.
    pub async fn post(
        &self,
        address: &str,
        body: impl Into<reqwest::Body>,
    ) -> Result<Page, String> {
        let call = self.http.post(address);
        let call = call.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.load(call.body(body)).await
    }

    /// Goes on where the page leads.
    ///
    /// # Errors
    /// No answer, no page, or a loop.
    pub async fn follow(&self, mut page: Page) -> Result<Page, String> {
        for _ in 0..HOPS_MAX {
            let Some(next) = page.leads_to.clone() else {
                return Ok(page);
            };
            page = self.load(self.http.get(next)).await?;
        }
        Err(format!("{} leads round and round", page.url))
    }

    async fn load(&self, call: reqwest::RequestBuilder) -> Result<Page, String> {
        let sent = call.header(ACCEPT_LANGUAGE, "en").send().await;
        let mut response = sent.map_err(told)?;
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(told)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > PAGE_BYTES_MAX {
                return Err("the page is too long".to_owned());
            }
        }
        let url = response.url().clone();
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|value| value.to_str().ok());
        let leads_to = location
            .filter(|_| response.status().is_redirection())
            .and_then(|location| url.join(location).ok());
        Ok(Page {
            status: response.status().as_u16(),
            html: String::from_utf8_lossy(&bytes).into_owned(),
            url,
            leads_to,
        })
    }
}

impl Page {
    /// The form of this number.
    ///
    /// # Errors
    /// Where the page has none: then it is not the page that was expected.
    pub fn form(&self, number: usize) -> Result<Form, String> {
        let found = form::forms(&self.html).into_iter().nth(number);
        found.ok_or_else(|| {
            let path = self.url.path();
            format!(
                "the page {path} has no form to press (status {})",
                self.status
            )
        })
    }

    /// The link that looks like a button.
    ///
    /// # Errors
    /// Where the page has none.
    pub fn link(&self) -> Result<String, String> {
        let found = form::button_link(&self.html);
        found.ok_or_else(|| format!("the page {} has no link to go on", self.url.path()))
    }

    /// Whether the page bears the seal: only a paid order's does.
    pub fn sealed(&self) -> bool {
        self.html.contains("class=\"seal\"")
    }

    /// Sees that the page says paid.
    ///
    /// # Errors
    /// It does not.
    pub fn says_paid(&self) -> Result<(), String> {
        match self.sealed() {
            true => Ok(()),
            false => Err(format!("the page {} does not say paid", self.url.path())),
        }
    }
}

/// The error with its cause, without the address: that may hold a signature.
fn told(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut deepest: &dyn std::error::Error = &error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}

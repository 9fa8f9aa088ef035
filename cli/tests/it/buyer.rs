//! A buyer's browser: enough of one for the pages of this house.

use quittance_core::charset::Charset;
use quittance_core::params::Params;
use reqwest::Response;
use reqwest::header::LOCATION;
use url::Url;

/// A browser that follows nothing by itself.
pub struct Buyer {
    http: reqwest::Client,
}

impl Buyer {
    /// A browser that speaks English.
    pub fn new() -> Buyer {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build();
        Buyer {
            http: http.unwrap(),
        }
    }

    /// A page as the browser shows it.
    pub async fn page(&self, address: &str) -> String {
        let sent = self.http.get(address).send().await.unwrap();
        sent.text().await.unwrap()
    }

    /// Posts a form's body.
    pub async fn press(&self, address: &str, body: &str) -> Response {
        let call = self.http.post(address).body(body.to_owned());
        let call = call.header("content-type", "application/x-www-form-urlencoded");
        call.send().await.unwrap()
    }

    /// Goes on from Quittance's page: to the cashier, or to the page that waits for a terminal.
    pub async fn go_on(&self, pay_url: &str) -> Response {
        let confirm = self.page(pay_url).await;
        let (url, body) = form(&confirm, None);
        let at = Url::parse(pay_url).unwrap();
        let sent = self.press(at.join(&url).unwrap().as_str(), &body).await;
        self.follow(sent).await
    }

    /// Goes through the confirm page and the cashier, and closes the window.
    pub async fn pay(&self, pay_url: &str) -> Response {
        let cashier = self.go_on(pay_url).await;
        let paid = self.choose(cashier, "pay").await;
        assert!(led_to(&paid).contains("/paid/"));
        paid
    }

    /// Presses the button of this action on a page of the sandbox.
    pub async fn choose(&self, page: Response, action: &str) -> Response {
        let at = page.url().clone();
        let button = Some(("action", action));
        let (target, body) = form(&page.text().await.unwrap(), button);
        self.press(at.join(&target).unwrap().as_str(), &body).await
    }

    /// Presses a button of the terminal whose page this is.
    pub async fn at_terminal(&self, terminal: &str, action: &str) {
        let page = self.http.get(terminal).send().await.unwrap();
        let done = self.choose(page, action).await;
        assert!(done.status().is_redirection(), "{}", done.status());
    }

    /// Looks at the gateway's success page and goes back to the shop's side, by a link or by a form.
    pub async fn come_back(&self, paid: Response) {
        let success = self.follow(paid).await;
        let at = success.url().clone();
        let html = success.text().await.unwrap();
        let link = html.split("<a class=\"button\" href=\"").nth(1).unwrap();
        let link = plain(link.split('"').next().unwrap());
        let back = self.http.get(at.join(&link).unwrap()).send().await.unwrap();
        let at = back.url().clone();
        if back.status().is_redirection() {
            return;
        }
        let (target, body) = form(&back.text().await.unwrap(), None);
        let back = self.press(at.join(&target).unwrap().as_str(), &body).await;
        assert!(back.status().is_redirection(), "{}", back.status());
    }

    async fn follow(&self, mut sent: Response) -> Response {
        while sent.status().is_redirection() {
            let next = sent.url().join(&led_to(&sent)).unwrap();
            sent = self.http.get(next).send().await.unwrap();
        }
        sent
    }
}

/// Where an answer leads.
pub fn led_to(sent: &Response) -> String {
    sent.headers()[LOCATION].to_str().unwrap().to_owned()
}

fn plain(text: &str) -> String {
    text.replace("&#38;", "&").replace("&amp;", "&")
}

/// The first form of a page of ours: where it goes, and what is posted when this button is pressed. In the charset that
/// the form asks for.
fn form(html: &str, button: Option<(&str, &str)>) -> (String, String) {
    let between = |text: &str, name: &str| {
        let from = text.split_once(&format!(" {name}=\""))?.1;
        Some(plain(from.split('"').next()?))
    };
    let form = html.split("<form").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let charset = between(form, "accept-charset");
    let charset = charset.and_then(|label| Charset::from_label(&label));
    let mut params = Params::new();
    let mut push = |name: &str, value: &str| {
        let value = charset.unwrap_or(Charset::Utf8).encode(value).unwrap();
        params.push(name, &value).unwrap();
    };
    for input in form.split("<input").skip(1) {
        let tag = input.split('>').next().unwrap();
        let choice = between(tag, "type").as_deref() == Some("radio");
        if choice && !tag.split_whitespace().any(|word| word == "checked") {
            continue;
        }
        if let (Some(name), Some(value)) = (between(tag, "name"), between(tag, "value")) {
            push(&name, &value);
        }
    }
    if let Some((name, value)) = button {
        push(name, value);
    }
    (between(form, "action").unwrap(), params.to_wire())
}

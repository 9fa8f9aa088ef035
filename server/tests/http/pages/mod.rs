//! The buyer's pages.

mod confirm;
mod direct;
mod live;
mod returns;
mod states;

use crate::world::World;
use data_encoding::BASE64;
use quittance_core::charset::Charset;
use quittance_core::params::Params;
use reqwest::header::HeaderMap;
use sha2::{Digest, Sha256};

/// A page is no larger than this, style and script included.
const PAGE_BYTES_MAX: usize = 30_000;

/// Opens a page.
async fn get(world: &World, address: &str, language: &str) -> (u16, String, HeaderMap) {
    let call = world
        .client
        .get(address)
        .header("accept-language", language);
    read(call.send().await.unwrap()).await
}

async fn read(reply: reqwest::Response) -> (u16, String, HeaderMap) {
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    (status, reply.text().await.unwrap(), headers)
}

/// What every page keeps to: its size, nothing from anywhere else, and a policy that names its style and script.
fn checked(page: &str, headers: &HeaderMap) {
    assert!(page.len() < PAGE_BYTES_MAX, "{} bytes", page.len());
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for (open, close, name) in [
        ("<style>", "</style>", "style-src"),
        ("<script>", "</script>", "script-src"),
    ] {
        let inside = page
            .split_once(open)
            .unwrap()
            .1
            .split_once(close)
            .unwrap()
            .0;
        let digest = BASE64.encode(&Sha256::digest(inside));
        assert!(
            policy.contains(&format!("{name} 'sha256-{digest}'")),
            "{policy}"
        );
        assert_eq!(page.matches(open).count(), 1, "{page}");
    }
    for foreign in [
        " src=",
        "@import",
        "url(",
        " style=",
        " onclick=",
        "<link",
        "<iframe",
        "<img",
    ] {
        assert!(!page.contains(foreign), "{foreign}: {page}");
    }
    assert!(page.contains("<html lang=\"en\">") || page.contains("<html lang=\"zh-CN\">"));
    assert!(page.contains(" hreflang=\""), "{page}");
}

/// A form of a page.
#[derive(Debug)]
struct Form {
    action: String,
    charset: Charset,
    fields: Vec<(String, String)>,
}

impl Form {
    fn field(&self, name: &str) -> Option<&str> {
        let mut fields = self.fields.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| &**value)
    }
}

/// The form of this number in a page.
fn form(page: &str, number: usize) -> Form {
    let inside = page.split("<form ").nth(number + 1).unwrap();
    let inside = inside.split("</form>").next().unwrap();
    let (tag, inside) = inside.split_once('>').unwrap();
    let field = |input: &str| {
        (
            attribute(input, "name").unwrap(),
            attribute(input, "value").unwrap(),
        )
    };
    Form {
        action: attribute(tag, "action").unwrap(),
        charset: attribute(tag, "accept-charset")
            .and_then(|label| Charset::from_label(&label))
            .unwrap_or(Charset::Utf8),
        fields: inside.split("<input ").skip(1).map(field).collect(),
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let tag = tag.split('>').next()?;
    let value = tag.split_once(&format!("{name}=\""))?.1.split('"').next()?;
    Some(
        value
            .replace("&#38;", "&")
            .replace("&#34;", "\"")
            .replace("&#60;", "<"),
    )
}

/// Posts a form as browsers do, to the gateway, and gives the cashier that it leads to.
async fn submit(world: &World, form: &Form) -> String {
    let mut params = Params::new();
    for (name, value) in &form.fields {
        params
            .push(name, &form.charset.encode(value).unwrap())
            .unwrap();
    }
    let call = world.client.post(&form.action).body(params.to_wire());
    let call = call.header("content-type", "application/x-www-form-urlencoded");
    let cashier = call.send().await.unwrap();
    let cashier = cashier.headers()["location"].to_str().unwrap().to_owned();
    get(world, &cashier, "en").await.1
}

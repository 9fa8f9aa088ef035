//! Who may do something here: whoever asks without a browser, and the sandbox's own pages. The control page and the
//! API have no keys, so a page of another site must not be able to press their buttons.

use crate::gateway::Gateway;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use std::net::IpAddr;

/// Whether a request may pass. `public_url` is where browsers reach the sandbox.
pub(crate) fn admits(method: &Method, path: &str, headers: &HeaderMap, public_url: &str) -> bool {
    // The gateways' addresses are those that other sites' pages send people to.
    if Gateway::at(path).is_some() || matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    // Browsers say where a request comes from, and pages cannot make them lie about it.
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match headers.get(header::ORIGIN) {
        // No browser: they name the origin of every request that is not a GET.
        None => true,
        Some(origin) => {
            let origin = origin.to_str().unwrap_or_default();
            origin == origin_of(public_url) || ours(origin, headers.get(header::HOST))
        }
    }
}

/// Whether the page comes from the host that was asked, under a name that no stranger can point here: a name of
/// somebody else's may lead to this machine too.
fn ours(origin: &str, host: Option<&HeaderValue>) -> bool {
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    let Ok(uri) = host.parse::<Uri>() else {
        return false;
    };
    let name = uri.host().unwrap_or_default();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    let fixed = bare == "localhost" || bare.parse::<IpAddr>().is_ok();
    fixed && origin == format!("http://{host}")
}

/// Scheme, host and port of an address.
fn origin_of(url: &str) -> &str {
    let host_at = url.find("://").map_or(0, |at| at + 3);
    let end = url[host_at..]
        .find('/')
        .map_or(url.len(), |at| host_at + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, path: &str, headers: &[(&'static str, &str)], expected: bool) {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, HeaderValue::from_str(value).unwrap());
        }
        let admitted = admits(&method, path, &map, "https://sandbox.example.com/base");
        assert_eq!(admitted, expected, "{method} {path} {headers:?}");
    }

    #[test]
    fn pages_of_other_sites_press_no_buttons() {
        let host = ("host", "127.0.0.1:8090");
        let site = "sec-fetch-site";
        for method in [Method::POST, Method::PUT, Method::DELETE] {
            let api = |headers: &[(&'static str, &str)], expected| {
                check(method.clone(), "/api/faults", headers, expected);
                check(method.clone(), "/trades/x", headers, expected);
            };
            api(&[host], true);
            api(&[host, (site, "same-origin")], true);
            api(&[host, (site, "none")], true);
            api(&[host, (site, "same-site")], false);
            api(&[host, (site, "cross-site")], false);
            api(&[host, (site, "\u{e9}")], false);
            api(&[host, ("origin", "http://127.0.0.1:8090")], true);
            api(&[host, ("origin", "http://127.0.0.1:8080")], false);
            api(&[host, ("origin", "https://127.0.0.1:8090")], false);
            api(&[host, ("origin", "null")], false);
            api(&[host, ("origin", "https://sandbox.example.com")], true);
            api(&[("host", "[::1]:80"), ("origin", "http://[::1]:80")], true);
            api(
                &[("host", "localhost:1"), ("origin", "http://localhost:1")],
                true,
            );
            // A stranger's name that leads here: the page and the host agree, and are the stranger's.
            api(
                &[("host", "evil.test"), ("origin", "http://evil.test")],
                false,
            );
            api(&[("host", ""), ("origin", "http://")], false);
        }
        let cross = [host, (site, "cross-site"), ("origin", "http://shop.test")];
        check(Method::POST, "/gateway.do", &cross, true);
        check(Method::POST, "/dinpay/gateway", &cross, true);
        check(Method::POST, "/dinpay/gateway/x", &cross, false);
        check(Method::GET, "/trades/x", &cross, true);
    }
}

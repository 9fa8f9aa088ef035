//! Whether a form was sent from a page of ours, as the browser tells.

use axum::http::{HeaderMap, HeaderName, header};

/// `Sec-Fetch-Site` where the browser sends it, else `Origin`. A caller that sends neither is no browser: nobody's
/// cookies or good will can be used through him.
pub(super) fn from_us(public_url: &str, headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or("null"))
    };
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(header::ORIGIN) else {
        return true;
    };
    let ours =
        url::Url::parse(public_url).is_ok_and(|url| url.origin().ascii_serialization() == origin);
    // Behind a proxy or on this machine the page may have been opened under another name of ours.
    let host = origin.split_once("://").map(|(_, host)| host);
    ours || (host.is_some() && host == text(header::HOST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_form_of_another_site_is_told_apart() {
        let us = "https://pay.example.com/folder";
        for (headers, expected) in [
            (vec![], true),
            (vec![("sec-fetch-site", "same-origin")], true),
            (vec![("sec-fetch-site", "none")], true),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            (
                vec![
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://pay.example.com"),
                ],
                false,
            ),
            (vec![("origin", "https://pay.example.com")], true),
            (vec![("origin", "http://pay.example.com")], false),
            (vec![("origin", "https://evil.example")], false),
            (vec![("origin", "null")], false),
            (
                vec![
                    ("origin", "http://localhost:8080"),
                    ("host", "localhost:8080"),
                ],
                true,
            ),
            (
                vec![
                    ("origin", "http://evil.example"),
                    ("host", "localhost:8080"),
                ],
                false,
            ),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in &headers {
                map.insert(*name, HeaderValue::from_static(value));
            }
            assert_eq!(from_us(us, &map), expected, "{headers:?}");
        }
    }
}

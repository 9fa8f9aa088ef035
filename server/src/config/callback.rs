//! Where callbacks come in besides the default paths, so that an existing `/alipay/notify_url.php` can stay.
//!
//! The path of such an address becomes a route of the server, so it must be one that the server has not got, that
//! only one account claims, and that is written as it will arrive.

use super::address;
use super::section::{Reader, Section};
use std::collections::BTreeMap;
use url::Url;

/// What the gateways take as `notify_url` and, cautiously, as `return_url` (protocol note alipay-mapi 1.1).
const CHARS_MAX: usize = 190;

/// The first segments of the server's own paths.
const OWN: [&str; 15] = [
    "assets",
    "console",
    "direct",
    "docs",
    "favicon.ico",
    "healthz",
    "metrics",
    "notify",
    "openapi.json",
    "pay",
    "readyz",
    "return",
    "robots.txt",
    "static",
    "v1",
];

/// The callback paths claimed until now, each with the setting that claims it.
pub(super) type Claimed = BTreeMap<String, String>;

/// Which of the two callbacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Callback {
    /// The gateway's server calls.
    Notify,
    /// The gateway sends the browser back.
    Return,
}

impl Callback {
    fn setting(self) -> &'static str {
        match self {
            Callback::Notify => "notify_url",
            Callback::Return => "return_url",
        }
    }

    fn segment(self) -> &'static str {
        match self {
            Callback::Notify => "notify",
            Callback::Return => "return",
        }
    }
}

/// Reads `notify_url` or `return_url` of an account.
pub(super) fn read(
    callback: Callback,
    account: &str,
    public_url: Option<&Url>,
    section: &mut Section,
    claimed: &mut Claimed,
    reader: &mut Reader<'_>,
) -> Option<String> {
    let text = section.text(callback.setting(), reader)?;
    let path = section.path(callback.setting());
    let url = address::read(path.clone(), &text, reader)?;
    if text.len() > CHARS_MAX {
        reader.wrong(
            path,
            (
                "the address is longer than the 190 characters that gateways take",
                "地址超过网关允许的 190 个字符",
            ),
            ("choose a shorter path", "请使用更短的路径"),
        );
        return None;
    }
    if !is_plain(&text, &url) {
        reader.wrong(
            path,
            (
                "the path is not written as it will arrive, so no call would be recognised by it",
                "路径的写法与实际请求不一致，将无法识别回调",
            ),
            (
                "use letters, digits, points, hyphens, underscores and single slashes, and no .. in it",
                "请只使用字母、数字、点、连字符、下划线和单个斜杠，且不含 ..",
            ),
        );
        return None;
    }
    let default = format!("/{}/{account}", callback.segment());
    let inside = inside(&url, public_url);
    // Another name below the default path: it can be changed when the server's address changed (seed 001 5.2 E).
    let named = |rest: &str| !rest.is_empty() && !rest.contains('/');
    let renamed = callback == Callback::Notify
        && inside
            .strip_prefix(&default)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(named);
    if inside == default || renamed {
        return Some(text);
    }
    for route in [url.path(), inside] {
        let first = route
            .trim_start_matches('/')
            .split('/')
            .next()
            .unwrap_or("");
        if first.is_empty() || OWN.contains(&first) {
            reader.wrong(
                path,
                (
                    "its path is one of the server's own",
                    "其路径与服务器自身的路径冲突",
                ),
                (
                    format!("use another path, or leave the setting out: callbacks then come to {default}"),
                    format!("请换一个路径，或删除此项：回调将使用 {default}"),
                ),
            );
            return None;
        }
    }
    if let Some(other) = [url.path(), inside]
        .iter()
        .find_map(|route| claimed.get(*route))
    {
        reader.wrong(
            path,
            (
                format!(
                    "its path is that of {other} already, and the path decides whose callback it is"
                ),
                format!("其路径与 {other} 相同，而回调的归属由路径决定"),
            ),
            ("give each its own path", "请为每一项使用不同的路径"),
        );
        return None;
    }
    claimed.insert(url.path().to_owned(), path.clone());
    claimed.insert(inside.to_owned(), path);
    Some(text)
}

/// The path as the server sees it behind a proxy that takes the path of `public_url` away.
fn inside<'a>(url: &'a Url, public_url: Option<&Url>) -> &'a str {
    let prefix = public_url.map_or("", |public| public.path().trim_end_matches('/'));
    match url.path().strip_prefix(prefix) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => url.path(),
    }
}

/// Whether the path is exactly what stands in the text, and holds nothing that a router or a proxy would rewrite.
fn is_plain(text: &str, url: &Url) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._~-".contains(&byte);
    let path = url.path();
    let written = address::written_path(text);
    let same = written == path || (written.is_empty() && path == "/");
    same && path.bytes().all(plain) && !path.contains("//")
}

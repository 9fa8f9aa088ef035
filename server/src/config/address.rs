//! Addresses: absolute, http or https, with nothing behind the path.
//!
//! Where calls go to is decided by the settings alone (SEC-103), and merchants do run shops on 127.0.0.1 and 10.x. So
//! local hosts are allowed, and told apart from public ones after the host was parsed as browsers parse it: `0x7f.1`
//! and `2130706433` are 127.0.0.1. Link-local addresses, where clouds keep their metadata, are nobody's shop.

use super::section::{Reader, Section};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use url::{Host, Url};

/// No address is longer: what the classic gateways take for a page (protocol note alipay-mapi 1.1, `show_url`).
const CHARS_MAX: usize = 400;

/// Where a host is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// Loopback, a private network, or `localhost`.
    Local,
    /// A link-local, unspecified, multicast or broadcast address.
    Nowhere,
    /// Everything else.
    Public,
}

/// Reads an address, or notes what is wrong with it.
pub(super) fn read(path: String, text: &str, reader: &mut Reader<'_>) -> Option<Url> {
    let (en, zh) = match fault(text) {
        Ok(url) => return Some(url),
        Err(fault) => fault,
    };
    reader.wrong(
        path,
        (format!("the address {en}"), format!("地址{zh}")),
        (
            "write an absolute address such as https://shop.example.com/path and nothing behind it",
            "请写完整地址，例如 https://shop.example.com/path，后面不要再加内容",
        ),
    );
    None
}

/// A page of the shop that buyers are sent to.
pub(super) fn page(
    name: &'static str,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<String> {
    let text = section.text(name, reader)?;
    read(section.path(name), &text, reader)?;
    Some(text)
}

/// An address of the gateway, parsed, or this one where the setting is left out. `None` where it is wrong.
pub(super) fn gateway(
    name: &'static str,
    default: &str,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Url> {
    let path = section.path(name);
    let text = match section.take(name) {
        None => return Url::parse(default).ok(),
        Some(value) => reader.text(path.clone(), value)?,
    };
    let url = read(path.clone(), &text, reader)?;
    // Whoever stands between us and the gateway could answer in its place (SEC-015).
    if url.scheme() != "https" && place(&url) == Place::Public {
        reader.wrong(
            path,
            (
                "the gateway is not on this machine or in a private network, and is called without TLS",
                "网关不在本机或内网，却没有使用 TLS",
            ),
            (
                "write https://; http:// is for a sandbox on a loopback or private address or at *.localhost",
                "请使用 https://；http:// 仅用于本机、内网地址或 *.localhost 上的沙箱",
            ),
        );
        return None;
    }
    Some(url)
}

/// Whether a gateway at this address moves real money.
pub(super) fn is_live(url: &Url) -> bool {
    place(url) != Place::Local
}

/// Where an IP address is.
#[must_use]
pub fn place_of(address: IpAddr) -> Place {
    match address {
        IpAddr::V4(address) => place_v4(address),
        IpAddr::V6(address) => place_v6(address),
    }
}

/// Whether this is the address of something on this machine or a private network.
#[must_use]
pub fn is_local(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| place(&url) == Place::Local)
}

/// Where the host of an address is. Names are not resolved: only `localhost` and what ends in `.localhost` is local.
pub(super) fn place(url: &Url) -> Place {
    match url.host() {
        Some(Host::Ipv4(address)) => place_v4(address),
        Some(Host::Ipv6(address)) => place_v6(address),
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            if name == "localhost" || name.ends_with(".localhost") {
                Place::Local
            } else {
                Place::Public
            }
        }
        None => Place::Nowhere,
    }
}

/// The path of an address exactly as it is written, before any parser made it plain.
pub(super) fn written_path(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.find('/')
        .and_then(|start| rest.get(start..))
        .unwrap_or("")
}

fn fault(text: &str) -> Result<Url, (&'static str, &'static str)> {
    if text.is_empty() {
        return Err(("is empty", "为空"));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err((
            "has a blank, a control character or a character outside ASCII",
            "含有空白、控制字符或非 ASCII 字符",
        ));
    }
    if !text.starts_with("https://") && !text.starts_with("http://") {
        return Err((
            "does not begin with http:// or https://",
            "不是以 http:// 或 https:// 开头",
        ));
    }
    if text.contains('#') {
        return Err(("has a fragment (#)", "含有片段（#）"));
    }
    if text.contains('?') {
        return Err((
            "has a query string (?), which breaks the gateway's signature",
            "带有查询参数（?），会导致网关签名出错",
        ));
    }
    if text.contains('\\') {
        return Err(("has a backslash", "含有反斜杠"));
    }
    if text.len() > CHARS_MAX {
        return Err(("is longer than 400 characters", "超过 400 个字符"));
    }
    let url =
        Url::parse(text).map_err(|_| ("names no host that can be read", "的主机名无法识别"))?;
    if !url.username().is_empty() || url.password().is_some() || authority(text).contains('@') {
        return Err(("has a user name or a password in it", "中含有用户名或密码"));
    }
    if url.port() == Some(0) {
        return Err(("has the port 0", "的端口为 0"));
    }
    if place(&url) == Place::Nowhere {
        return Err((
            "is a link-local, unspecified or multicast address, where no shop or gateway is",
            "是链路本地、未指定或组播地址，不会是商店或网关",
        ));
    }
    Ok(url)
}

/// Host and port as they are written.
fn authority(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn place_v4(address: Ipv4Addr) -> Place {
    if address.is_loopback() || address.is_private() {
        Place::Local
    } else if address.is_link_local()
        || address.octets()[0] == 0
        || address.is_multicast()
        || address.is_broadcast()
    {
        Place::Nowhere
    } else {
        Place::Public
    }
}

fn place_v6(address: Ipv6Addr) -> Place {
    if let Some(address) = address.to_ipv4_mapped() {
        return place_v4(address);
    }
    if address.is_loopback() || address.is_unique_local() {
        Place::Local
    } else if address.is_unspecified() || address.is_multicast() || address.is_unicast_link_local()
    {
        Place::Nowhere
    } else {
        Place::Public
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_placed_as_browsers_read_them() {
        // SEC-103: the disguises of a local or a metadata address.
        for (text, expected) in [
            ("http://127.0.0.1/", Place::Local),
            ("http://0x7f.1/", Place::Local),
            ("http://2130706433/", Place::Local),
            ("http://[::1]/", Place::Local),
            ("http://[::ffff:127.0.0.1]/", Place::Local),
            ("http://[fd00::1]/", Place::Local),
            ("http://10.1.2.3/", Place::Local),
            ("http://172.31.0.1/", Place::Local),
            ("http://192.168.0.9:81/", Place::Local),
            ("http://localhost./", Place::Local),
            ("http://LOCALHOST/", Place::Local),
            ("http://shop.localhost/", Place::Local),
            ("http://169.254.169.254/", Place::Nowhere),
            ("http://[::ffff:169.254.169.254]/", Place::Nowhere),
            ("http://0.0.0.0/", Place::Nowhere),
            ("http://0/", Place::Nowhere),
            ("http://[::]/", Place::Nowhere),
            ("http://[fe80::1]/", Place::Nowhere),
            ("http://notlocalhost/", Place::Public),
            ("http://localhost.example.com/", Place::Public),
            ("http://127.0.0.1.example.com/", Place::Public),
            ("http://172.32.0.1/", Place::Public),
            ("http://100.64.0.1/", Place::Public),
            ("https://mapi.alipay.com/gateway.do", Place::Public),
        ] {
            assert_eq!(place(&Url::parse(text).unwrap()), expected, "{text}");
        }
    }
}

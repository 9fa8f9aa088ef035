//! `return_hosts`: where an order's `return_to` may lead, besides the account's own addresses (SEC-107).

use super::section::{Reader, Section};
use std::collections::BTreeSet;
use url::Host;

/// More hosts than this are no shop's.
const HOSTS_MAX: usize = 32;

/// Reads the list.
pub(super) fn read(section: &mut Section, reader: &mut Reader<'_>) -> BTreeSet<String> {
    let Some(values) = section.list("return_hosts", reader) else {
        return BTreeSet::new();
    };
    if values.len() > HOSTS_MAX {
        reader.wrong(
            section.path("return_hosts"),
            (
                format!("there are more than {HOSTS_MAX} hosts"),
                format!("主机超过 {HOSTS_MAX} 个"),
            ),
            (
                "keep those that the shop's pages are on",
                "请只保留商店页面所在的主机",
            ),
        );
        return BTreeSet::new();
    }
    let mut hosts = BTreeSet::new();
    for (path, value) in values {
        let Some(text) = reader.text(path.clone(), value) else {
            continue;
        };
        if is_host(&text) {
            hosts.insert(text);
        } else {
            reader.wrong(
                path,
                (
                    "this is no host as browsers write it, in small letters, perhaps with a port",
                    "不是浏览器所写的主机名（小写，可带端口）",
                ),
                (
                    "write shop.example.com or shop.example.com:8443: no https://, no path, no *",
                    "请写 shop.example.com 或 shop.example.com:8443，不要加 https://、路径或 *",
                ),
            );
        }
    }
    hosts
}

/// Whether this is a host exactly as a parsed address names it, so that comparing letters is enough.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let good_port = port.is_none_or(|port| {
        port.parse::<u16>()
            .is_ok_and(|number| number > 0 && number.to_string() == port)
    });
    good_port && !host.contains('*') && Host::parse(host).is_ok_and(|read| read.to_string() == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_written_as_browsers_read_it() {
        for good in [
            "shop.example.com",
            "shop.example.com:8443",
            "xn--fiqs8s.example",
            "127.0.0.1:3000",
            "[::1]",
            "[::1]:3000",
            "localhost",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            "*",
            "*.example.com",
            "https://shop.example.com",
            "shop.example.com/",
            "shop.example.com/x",
            "a@shop.example.com",
            "Shop.example.com",
            "shop.example.com:",
            "shop.example.com:0",
            "shop.example.com:080",
            "shop.example.com:99999",
            "shop.example.com:+80",
            "shop.example.com?x",
            "shop example.com",
            "商店.example",
            "0x7f.1",
            "::1",
            "a:b:80",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }
}

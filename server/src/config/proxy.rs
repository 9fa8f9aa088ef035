//! Peers whose `X-Forwarded-For` is believed: `trusted_proxies`.

use super::section::Reader;
use crate::setup::IpRange;
use std::net::IpAddr;
use toml::Value;

/// What is wrong with a range, and what to do, in English and Chinese.
#[derive(Clone, Copy)]
pub(super) struct Wrong {
    /// Why it is none.
    pub cause: (&'static str, &'static str),
    /// What to write.
    pub fix: (&'static str, &'static str),
}

const WRONG_PROXY: Wrong = Wrong {
    cause: (
        "this is neither an address nor a range of addresses, or it is the whole internet",
        "不是 IP 地址或地址段，或者包含了整个互联网",
    ),
    fix: (
        "name the proxies, such as \"127.0.0.1\" or \"10.0.0.0/8\"; \
         everybody in the range can claim any address as its own",
        "请填写代理的地址，例如 \"127.0.0.1\" 或 \"10.0.0.0/8\"；段内任何主机都可以伪称任意来源地址",
    ),
};

/// Reads the list.
pub(super) fn read(values: Vec<(String, Value)>, reader: &mut Reader<'_>) -> Vec<IpRange> {
    read_ranges(values, WRONG_PROXY, reader)
}

/// Reads a list of ranges.
pub(super) fn read_ranges(
    values: Vec<(String, Value)>,
    wrong: Wrong,
    reader: &mut Reader<'_>,
) -> Vec<IpRange> {
    let mut ranges = Vec::new();
    for (path, value) in values {
        let Some(text) = reader.text(path.clone(), value) else {
            continue;
        };
        match parse(&text) {
            Some(range) => ranges.push(range),
            None => reader.wrong(path, wrong.cause, wrong.fix),
        }
    }
    ranges
}

/// One address, or an address with the number of its leading bits. None of them at all would be everybody (SEC-101).
#[must_use]
pub fn parse(text: &str) -> Option<IpRange> {
    let Some((address, prefix)) = text.split_once('/') else {
        let address = text.parse::<IpAddr>().ok()?.to_canonical();
        let prefix = if address.is_ipv4() { 32 } else { 128 };
        return Some(IpRange { address, prefix });
    };
    let address: IpAddr = address.parse().ok()?;
    let widest = if address.is_ipv4() { 32 } else { 128 };
    let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
    let prefix: u8 = prefix.parse().ok().filter(|_| digits)?;
    // Peers are compared in their plain form, so a range of IPv4 addresses in IPv6 dress becomes what it is.
    let (plain, prefix) = match (address, address.to_canonical()) {
        (IpAddr::V6(_), plain @ IpAddr::V4(_)) => (plain, prefix.checked_sub(96)?),
        (plain, _) => (plain, prefix),
    };
    (1..=widest).contains(&prefix).then_some(IpRange {
        address: plain,
        prefix,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_in_ipv6_dress_is_taken_for_what_it_is() {
        let contains =
            |range: &str, address: &str| parse(range).unwrap().contains(address.parse().unwrap());
        assert!(contains("::ffff:10.0.0.0/104", "10.9.9.9"));
        assert!(!contains("::ffff:10.0.0.0/104", "11.0.0.1"));
        assert!(contains("fd00::/8", "fd12::1") && contains("192.168.1.1", "192.168.1.1"));
        for wrong in [
            "::ffff:0.0.0.0/96",
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "x",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}

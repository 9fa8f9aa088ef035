//! Where notifies may come from: `notify_sources`. A filter against noise; what passes it is verified all the same.

use super::proxy;
use super::section::{Reader, Section};
use crate::setup::IpRange;
use quittance_core::gateway::NotifySources;
use toml::Value;

/// More ranges than this are no gateway's.
const RANGES_MAX: usize = 100;

/// Reads the setting; `None` where there is no filter, as by default. `known` are the gateway's own lists, absent where
/// the account is wrong itself.
pub(super) fn read(
    known: Option<NotifySources>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Vec<IpRange>> {
    let path = section.path("notify_sources");
    match section.take("notify_sources")? {
        Value::String(word) if word == "off" => None,
        Value::String(word) if word == "seed" => built_in(known?.seed, path, reader),
        Value::String(word) if word == "modern" => built_in(known?.modern, path, reader),
        Value::Array(values) if (1..=RANGES_MAX).contains(&values.len()) => {
            let numbered = values.into_iter().enumerate();
            let named = numbered.map(|(number, value)| (format!("{path}[{number}]"), value));
            Some(proxy::read_ranges(named.collect(), WRONG_RANGE, reader))
        }
        _ => {
            reader.wrong(
                path,
                (
                    "this is neither \"off\", \"seed\" or \"modern\" nor a list of 1 to 100 addresses or ranges",
                    "不是 \"off\"、\"seed\"、\"modern\"，也不是 1 到 100 个地址或地址段的列表",
                ),
                (
                    "leave it out: signature and confirmation protect without it; or write the gateway's addresses, \
                     such as [\"110.75.128.0/19\"]",
                    "可删除此项：签名与通知验证已足够；或填写网关的地址，例如 [\"110.75.128.0/19\"]",
                ),
            );
            None
        }
    }
}

/// What is wrong with a range, and what to do.
const WRONG_RANGE: proxy::Wrong = proxy::Wrong {
    cause: (
        "this is neither an address nor a range of addresses, or it is the whole internet",
        "不是 IP 地址或地址段，或者包含了整个互联网",
    ),
    fix: (
        "write the gateway's addresses, such as \"110.75.130.1\" or \"110.75.128.0/19\"",
        "请填写网关的地址，例如 \"110.75.130.1\" 或 \"110.75.128.0/19\"",
    ),
};

/// A list of the gateway's own; a gateway that published none has no such word.
fn built_in(list: &[&str], path: String, reader: &mut Reader<'_>) -> Option<Vec<IpRange>> {
    if list.is_empty() {
        reader.wrong(
            path,
            (
                "this gateway has not published from where it calls, so there is no such list",
                "该网关没有公布通知的来源地址，没有这份列表",
            ),
            (
                "leave it out: the signature protects without it; or write addresses that you know, such as [\"192.0.2.0/24\"]",
                "可删除此项：签名验证已足够；或填写您已知的地址，例如 [\"192.0.2.0/24\"]",
            ),
        );
        return None;
    }
    Some(ranges(list))
}

fn ranges(list: &[&str]) -> Vec<IpRange> {
    list.iter().filter_map(|text| proxy::parse(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use quittance_core::charset::Charset;
    use quittance_core::gateway::Gateway;
    use quittance_core::gateway::alipay::{Account, Key, Keys, Settings};
    use secrecy::SecretString;

    fn sources() -> NotifySources {
        let key = Key {
            key: SecretString::from("0123456789abcdefghijklmnopqrstuv"),
            until: None,
        };
        let settings = Settings {
            partner: "2088000000000001".into(),
            keys: Keys::Md5(vec![key]),
            refunds: None,
            charset: Charset::Utf8,
            seller: None,
            show_url: None,
            gateway_url: "https://mapi.alipay.com/gateway.do".into(),
        };
        Account::new(settings).unwrap().notify_sources()
    }

    /// Every built-in range is read, so that none is left out unseen.
    #[test]
    fn the_built_in_lists_are_read_in_full() {
        let NotifySources { seed, modern } = sources();
        for (list, inside, outside) in [
            (seed, ["121.0.26.255", "110.75.136.2"], "110.75.136.3"),
            (modern, ["110.75.159.255", "2400:b200::1"], "121.0.26.1"),
        ] {
            let ranges = ranges(list);
            assert_eq!(ranges.len(), list.len());
            let within = |text: &str| {
                let address = text.parse().unwrap();
                ranges.iter().any(|range| range.contains(address))
            };
            assert!(inside.iter().all(|text| within(text)) && !within(outside));
        }
    }
}

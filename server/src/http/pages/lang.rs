//! The language of a page.

use axum::http::{HeaderMap, header};

/// The language of a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// The language that the browser wants most, of the two that we speak.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Lang {
        let wanted = headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let mut best = (Lang::En, 0);
        for wish in wanted.split(',') {
            let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let lang = match primary.to_ascii_lowercase().as_str() {
                "en" => Lang::En,
                "zh" => Lang::Zh,
                _ => continue,
            };
            let weight = thousandths(weight.trim().strip_prefix("q=").unwrap_or_default());
            // Of equal wishes the first.
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }

    /// The text of this language.
    #[must_use]
    pub fn pick<'a>(&self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// The tag in the page's head.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Zh => "zh-CN",
        }
    }
}

/// The weight of a wish, `0` to `1` with at most three decimals, in thousandths; nothing where it is no weight.
fn thousandths(weight: &str) -> u16 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    format!("{whole}{decimals:0<3}").parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_wanted_of_two_wins() {
        let lang = |wanted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, wanted.parse().unwrap());
            Lang::of(&headers)
        };
        for zh in [
            "zh",
            "ZH-cn",
            "fr, zh;q=0.2",
            "en;q=0.8,zh-CN;q=0.85",
            "zh,en",
            "zh;q=1,en;q=1",
        ] {
            assert_eq!(lang(zh), Lang::Zh, "{zh}");
        }
        for en in [
            "",
            "fr",
            "en",
            "en-US,zh;q=0.9",
            "zh;q=0",
            "zh;q=x",
            "zh;q=0.5,en;q=0.501",
            ";;,,",
        ] {
            assert_eq!(lang(en), Lang::En, "{en}");
        }
    }
}

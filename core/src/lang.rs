//! The language that people read: pages, the program, the explanations of errors.

/// A language that we speak.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl Lang {
    /// Both.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// The text of this language.
    #[must_use]
    pub fn pick<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// The tag in a page's head (BCP 47).
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.pick("en", "zh-CN")
    }

    /// The short word in options, query strings and cookies: `en` or `zh`.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.pick("en", "zh")
    }

    /// The language of a short word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Lang> {
        Lang::ALL.into_iter().find(|lang| lang.word() == word)
    }

    /// The one to switch to.
    #[must_use]
    pub fn other(self) -> Lang {
        match self {
            Lang::En => Lang::Zh,
            Lang::Zh => Lang::En,
        }
    }

    /// The language of a POSIX locale's name: `zh_CN.UTF-8`.
    #[must_use]
    pub fn of_locale(locale: &str) -> Lang {
        if locale.to_ascii_lowercase().starts_with("zh") {
            Lang::Zh
        } else {
            Lang::En
        }
    }

    /// What a query string asks for with `lang=`: the switch on every page.
    #[must_use]
    pub fn switched(query: &str) -> Option<Lang> {
        query
            .split('&')
            .find_map(|pair| Lang::of_word(pair.strip_prefix("lang=")?))
    }

    /// The language of a page: what the switch says in the query string, or said earlier (the cookie `lang`), or what
    /// the browser wants most (`Accept-Language`).
    #[must_use]
    pub fn of_visit(query: &str, cookies: &str, accept_language: &str) -> Lang {
        let remembered = || {
            cookies
                .split(';')
                .find_map(|pair| Lang::of_word(pair.trim().strip_prefix("lang=")?))
        };
        Lang::switched(query)
            .or_else(remembered)
            .unwrap_or_else(|| Lang::of_browser(accept_language))
    }

    /// What remembers the switch: the `Set-Cookie` line that [`Lang::of_visit`] reads back. A year, for all pages of
    /// the host.
    #[must_use]
    pub fn cookie(self) -> &'static str {
        self.pick(
            "lang=en; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
            "lang=zh; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly",
        )
    }

    /// The most wanted of an `Accept-Language` header; of equal wishes the first.
    #[must_use]
    pub fn of_browser(accept_language: &str) -> Lang {
        let mut best = (Lang::En, 0);
        for wish in accept_language.split(',') {
            let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
            let primary = tag.trim().split('-').next().unwrap_or_default();
            let Some(lang) = Lang::of_word(&primary.to_ascii_lowercase()) else {
                continue;
            };
            let weight = thousandths(weight.trim().strip_prefix("q=").unwrap_or_default());
            if weight > best.1 {
                best = (lang, weight);
            }
        }
        best.0
    }
}

/// The same words in both languages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl Text {
    /// The words in this language.
    #[must_use]
    pub fn say(&self, lang: Lang) -> &str {
        lang.pick(&self.en, &self.zh)
    }
}

impl<E: Into<String>, Z: Into<String>> From<(E, Z)> for Text {
    fn from((en, zh): (E, Z)) -> Text {
        Text {
            en: en.into(),
            zh: zh.into(),
        }
    }
}

/// The same words in both languages, known when this was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// Chinese.
    pub zh: &'static str,
}

impl Words {
    /// English first, then Chinese.
    #[must_use]
    pub const fn new((en, zh): (&'static str, &'static str)) -> Words {
        Words { en, zh }
    }

    /// The words in this language.
    #[must_use]
    pub fn say(self, lang: Lang) -> &'static str {
        lang.pick(self.en, self.zh)
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
        for zh in [
            "zh",
            "ZH-cn",
            "fr, zh;q=0.2",
            "en;q=0.8,zh-CN;q=0.85",
            "zh,en",
            "zh;q=1,en;q=1",
        ] {
            assert_eq!(Lang::of_browser(zh), Lang::Zh, "{zh}");
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
            assert_eq!(Lang::of_browser(en), Lang::En, "{en}");
        }
    }

    #[test]
    fn what_is_remembered_is_read_back() {
        for lang in Lang::ALL {
            let (kept, _) = lang.cookie().split_once(';').unwrap();
            assert_eq!(Lang::of_visit("", kept, lang.other().word()), lang);
        }
    }

    /// The switch wins over what it said earlier, and that over the browser's wish; what is neither is no wish.
    #[test]
    fn the_switch_wins_then_the_cookie_then_the_browser() {
        for (query, cookies, accepted, expected) in [
            ("lang=zh", "lang=en", "en", Lang::Zh),
            ("n=1&lang=en", "lang=zh", "zh", Lang::En),
            ("lang=fr", "a=b; lang=zh", "en", Lang::Zh),
            ("language=zh", "slang=zh", "en", Lang::En),
            ("", "lang=", "zh-TW", Lang::Zh),
        ] {
            assert_eq!(Lang::of_visit(query, cookies, accepted), expected);
        }
    }
}

//! The language that the program speaks with people: English, or Chinese where the terminal or `--lang` says so.

use clap::ValueEnum;
use quittance_server::config::Language;

/// A language.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Lang {
    /// English
    En,
    /// 中文
    Zh,
}

impl Lang {
    /// The language that was asked for, or else that of the terminal's locale.
    pub fn choose(asked: Option<Lang>, env: &dyn Fn(&str) -> Option<String>) -> Lang {
        let locale = || {
            let set = |name| env(name).filter(|value| !value.is_empty());
            // POSIX: the first of these that is set and not empty decides.
            ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set)
        };
        let of_locale = |locale: String| match locale.to_ascii_lowercase().starts_with("zh") {
            true => Lang::Zh,
            false => Lang::En,
        };
        asked.unwrap_or_else(|| locale().map_or(Lang::En, of_locale))
    }

    /// The text of this language.
    pub fn pick<'a>(self, en: &'a str, zh: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Zh => zh,
        }
    }

    /// The same, as the settings know it.
    pub fn of_settings(self) -> Language {
        match self {
            Lang::En => Language::En,
            Lang::Zh => Language::Zh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// POSIX: the first of these that is set and not empty decides; `--lang` wins over all of them.
    #[test]
    fn the_language_follows_the_locale() {
        let check = |asked, set: &[(&str, &str)], expected| {
            let env = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Lang::choose(asked, &env), expected, "{set:?}");
        };
        check(None, &[], Lang::En);
        check(None, &[("LANG", "zh_CN.UTF-8")], Lang::Zh);
        check(None, &[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], Lang::En);
        check(None, &[("LC_ALL", ""), ("LANG", "zh_TW")], Lang::Zh);
        check(Some(Lang::En), &[("LC_ALL", "zh_CN")], Lang::En);
    }
}

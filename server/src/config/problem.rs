//! What is wrong with the settings, in words that a merchant can act on.
//!
//! No text in here quotes the value of a setting: a key pasted into the wrong field must not reach a terminal or a
//! log (SEC-115). The path of the setting says where to look.

use quittance_core::Lang;
pub use quittance_core::lang::Text;
use std::fmt;
use std::path::PathBuf;

/// One setting that is wrong: where, why, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The path of the setting, `accounts.main.key`; for the environment the variable's name.
    pub setting: String,
    /// What is wrong and why it matters.
    pub cause: Text,
    /// What to do.
    pub fix: Text,
}

/// How every text ends that is about a secret which others can read.
pub(super) const READ_BY_OTHERS: (&str, &str) = (
    "can be read by its group or by everyone",
    "可被同组用户或所有用户读取",
);
/// How the text begins that is about a secret in the settings file itself.
pub(super) const STANDS_IN_FILE: &str = "the secret stands in the settings file";

/// Something to know about settings that are good enough to start with. It has the parts of a problem.
pub type Warning = Problem;

/// The settings cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfigError {
    /// The settings file.
    pub path: PathBuf,
    /// Everything that is wrong, in the order of the file's sections.
    pub problems: Vec<Problem>,
}

impl Problem {
    /// A problem of this setting.
    #[must_use]
    pub fn new(
        setting: impl Into<String>,
        cause: impl Into<Text>,
        fix: impl Into<Text>,
    ) -> Problem {
        Problem {
            setting: setting.into(),
            cause: cause.into(),
            fix: fix.into(),
        }
    }

    /// Whether it is about who can read a secret, and not about what the setting says.
    #[must_use]
    pub fn exposes_secret(&self) -> bool {
        self.cause.en.ends_with(READ_BY_OTHERS.0) || self.cause.en.starts_with(STANDS_IN_FILE)
    }

    /// Two lines: the setting with its cause, and below it what to do.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let (setting, cause, fix) = (&self.setting, self.cause.say(lang), self.fix.say(lang));
        match lang {
            Lang::En => format!("{setting}: {cause}.\n  To do: {fix}."),
            Lang::Zh => format!("{setting}：{cause}。\n  处理办法：{fix}。"),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl ConfigError {
    /// A heading, then every problem.
    #[must_use]
    pub fn say(&self, lang: Lang) -> String {
        let (file, count) = (
            self.path.display().to_string().escape_debug().to_string(),
            self.problems.len(),
        );
        let heading = match (lang, count) {
            (Lang::En, 1) => format!("{file} cannot be used; one thing is wrong:"),
            (Lang::En, _) => format!("{file} cannot be used; {count} things are wrong:"),
            (Lang::Zh, _) => format!("{file} 无法使用，共有 {count} 处错误："),
        };
        let problems = self.problems.iter().map(|problem| problem.say(lang));
        std::iter::once(heading)
            .chain(problems)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.say(Lang::En))
    }
}

impl std::error::Error for ConfigError {}

//! What every command is told: the settings file and the language.

use crate::ending::Stop;
use clap::Args;
use quittance_core::Lang;
use quittance_server::config;
use quittance_server::setup::{AccountSetup, Setup};
use quittance_server::view::Viewer;
use std::path::PathBuf;
use std::sync::Arc;

/// Options of every command.
#[derive(Args)]
pub struct Common {
    /// The settings
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "quittance.toml"
    )]
    config: PathBuf,
    /// The language to speak; that of LC_ALL or LANG where it is left out
    #[arg(long, global = true, value_parser = lang)]
    lang: Option<Lang>,
}

/// What every command knows.
pub struct Context {
    /// Where the settings are.
    pub config: PathBuf,
    /// How to speak.
    pub lang: Lang,
}

impl Context {
    /// From the command line and the environment.
    pub fn new(common: Common) -> Context {
        Context {
            config: common.config,
            lang: common.lang.unwrap_or_else(|| of_locale(&environment)),
        }
    }

    /// The settings, and what there is to know about them.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with cause and fix.
    pub fn setup(&self) -> Result<(Setup, Vec<config::Warning>), Stop> {
        self.read()
            .map_err(|error| Stop::unable(error.say(self.lang)))
    }

    /// What makes the bodies of events, as the settings have it.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn viewer(&self) -> Result<Arc<Viewer>, Stop> {
        let public_url = self.setup()?.0.public_url;
        Ok(Arc::new(Viewer { public_url }))
    }

    /// The settings, for the one who explains what is wrong.
    ///
    /// # Errors
    /// As they were found.
    pub fn read(&self) -> Result<(Setup, Vec<config::Warning>), config::ConfigError> {
        config::load(&self.config, &environment)
    }
}

/// The account of this name.
///
/// # Errors
/// The settings have none, with those that they have.
pub fn account<'a>(setup: &'a Setup, name: &str, lang: Lang) -> Result<&'a AccountSetup, Stop> {
    let found = setup.accounts.get(name).map(Arc::as_ref);
    found.ok_or_else(|| {
        let names: Vec<&str> = setup.accounts.keys().map(String::as_str).collect();
        let known = names.join(", ");
        Stop::unable(match lang {
            Lang::En => format!(
                "The settings have no account {name}.\n  To do: choose one of these: {known}."
            ),
            Lang::Zh => {
                format!("设置中没有账户 {name}。\n  处理办法：请从以下账户中选择：{known}。")
            }
        })
    })
}

/// The language of an option.
fn lang(word: &str) -> Result<Lang, &'static str> {
    Lang::of_word(word).ok_or("write en or zh")
}

/// The language of the terminal. POSIX: the first of these that is set and not empty decides.
fn of_locale(env: &dyn Fn(&str) -> Option<String>) -> Lang {
    let set = |name| env(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
    locale.map_or(Lang::En, |locale| Lang::of_locale(&locale))
}

/// A variable of the process's environment.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_follows_the_locale() {
        let check = |set: &[(&str, &str)], expected| {
            let env = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(of_locale(&env), expected, "{set:?}");
        };
        check(&[], Lang::En);
        check(&[("LANG", "zh_CN.UTF-8")], Lang::Zh);
        check(&[("LC_ALL", "C"), ("LANG", "zh_CN.UTF-8")], Lang::En);
        check(&[("LC_ALL", ""), ("LANG", "zh_TW")], Lang::Zh);
    }
}

//! What every command is told: the settings file and the language.

use crate::ending::Stop;
use crate::lang::Lang;
use clap::Args;
use quittance_server::config;
use quittance_server::setup::Setup;
use std::path::PathBuf;

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
    #[arg(long, global = true)]
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
            lang: Lang::choose(common.lang, &environment),
        }
    }

    /// The settings, and what there is to know about them.
    ///
    /// # Errors
    /// Everything that is wrong with them, each with cause and fix.
    pub fn setup(&self) -> Result<(Setup, Vec<config::Warning>), Stop> {
        config::load(&self.config, &environment)
            .map_err(|error| Stop::unable(error.say(self.lang.of_settings())))
    }
}

/// A variable of the process's environment.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

//! The settings: what is refused and how it is said, what is accepted, and what never shows.

mod codepay;
mod dinpay;
mod good;
mod log;
mod pairs;
mod secrets;
mod statements;
mod wrong;

use quittance_core::Lang;
use quittance_server::config::{self, Problem, Warning};
use quittance_server::setup::Setup;
use std::path::{Path, PathBuf};

/// A key that would be noticed anywhere.
pub const CANARY: &str = "CANARY0secret0value0never0shown00";
/// A webhook secret of 24 bytes that would be noticed anywhere.
pub const WHSEC: &str = "whsec_Q0FOQVJZQ0FOQVJZQ0FOQVJZQ0FOQVJZ";

/// The workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// An environment that names every kind of secret, good and bad.
pub fn env(name: &str) -> Option<String> {
    let value = match name {
        "KEY" => CANARY,
        "OTHER_KEY" => "CANARY0another0secret0value00000",
        "WHSEC" => WHSEC,
        "EMPTY" => "",
        "BLANK" => "   ",
        "NEWLINE" => "CANARY0secret0value\n",
        "INSIDE" => "CANARY0secret value0never",
        "PLACEHOLDER" => "${CANARY_PLACEHOLDER}",
        "SHORT" => "CANARY0short",
        "PARTNER" => "2088000000000001",
        "FULL_WIDTH" => "ＣＡＮＡＲＹCANARY0secret0value",
        _ => return None,
    };
    Some(value.to_owned())
}

/// Settings that are good; the table below changes them one by one.
pub const GOOD: &str = r#"
public_url = "https://pay.example.com/"
database = "sqlite:data"
[api_keys]
shop = { env = "KEY" }
[accounts.main]
gateway = "alipay"
partner = "2088000000000001"
key = { env = "KEY" }
charset = "utf-8"
"#;

/// Reads settings.
pub fn read(text: &str) -> Result<(Setup, Vec<Warning>), Vec<Problem>> {
    config::read(text, Path::new("/etc/quittance"), &env)
}

/// Reads settings that must be good.
pub fn accept(text: &str) -> (Setup, Vec<Warning>) {
    match read(text) {
        Ok(read) => read,
        Err(problems) => panic!("{}", say(&problems)),
    }
}

/// All that is said, in both languages, and as Debug.
pub fn say(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| {
        let [en, zh] = Lang::ALL.map(|lang| problem.say(lang));
        format!("{en}\n{zh}\n{problem:?}\n")
    });
    lines.collect()
}

//! `inspect`: explains a message of a gateway, whether or not it was believed.

mod message;
mod text;

pub use text::claimed;

use crate::context::Context;
use crate::ending::Stop;
use crate::out;
use clap::Args;
use quittance_core::Lang;
use quittance_core::gateway::Account;
use quittance_core::gateway::inspection::{Exchange, Subject};
use quittance_server::clock::{Clock, SystemClock};
use quittance_server::setup::Setup;
use std::path::PathBuf;

const EXAMPLE: &str = "\
Examples:
  quittance inspect --account main --notify saved.txt      a body, or the raw request with its headers
  quittance inspect --account main --notify - < saved.txt
  quittance inspect --account main --return 'https://shop.example.com/return?is_success=T&…'
  quittance inspect --account main --reply answer.xml      the answer to a query
  quittance inspect --account main --journal 1042          what this entry of the journal kept

It ends with 0 if the message verifies, 1 if it does not. No key is ever printed.";

/// Options of `inspect`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Inspect {
    /// The account of the settings that the message is for
    #[arg(long, value_name = "NAME")]
    account: String,
    #[command(flatten)]
    source: Source,
    /// Print the signature that the account computes: whoever sees it can forge this message
    #[arg(long)]
    show_expected: bool,
    /// JSON for scripts
    #[arg(long)]
    json: bool,
}

/// Where the message is: one of these.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Source {
    /// A notify: its body, or the raw request; - is standard input
    #[arg(long, value_name = "FILE")]
    notify: Option<PathBuf>,
    /// A return: the address in the browser, or its query string
    #[arg(long = "return", value_name = "URL")]
    back: Option<String>,
    /// The gateway's answer to a query; - is standard input
    #[arg(long, value_name = "FILE")]
    reply: Option<PathBuf>,
    /// An entry of the journal; the server may be running
    #[arg(long, value_name = "SEQ")]
    journal: Option<u64>,
}

impl Inspect {
    /// Explains.
    ///
    /// # Errors
    /// A message that does not verify, or one that cannot be looked at.
    pub fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let (setup, _) = context.setup()?;
        let account = self.account(&setup, lang)?;
        let (exchange, wire) = self.message(&setup, lang)?;
        let others: Vec<(&str, &Account)> = setup
            .accounts
            .iter()
            .filter(|(name, _)| **name != self.account)
            .map(|(name, other)| (name.as_str(), &other.account))
            .collect();
        let found = account.gateway().inspect(&Subject {
            exchange,
            wire: &wire,
            now: SystemClock::new().wall(),
            others: &others,
        });
        match self.json {
            true => out::json(&text::value(
                &self.account,
                exchange,
                &found,
                self.show_expected,
                lang,
            )),
            false => out::line(text::told(
                (&self.account, account),
                exchange,
                &found,
                self.show_expected,
                lang,
            )),
        }
        match found.holds() {
            true => Ok(()),
            false => Err(Stop::wrong("")),
        }
    }

    fn account<'a>(&self, setup: &'a Setup, lang: Lang) -> Result<&'a Account, Stop> {
        let found = setup.accounts.get(&self.account);
        found.map(|account| &account.account).ok_or_else(|| {
            let names: Vec<&str> = setup.accounts.keys().map(String::as_str).collect();
            let (name, known) = (&self.account, names.join(", "));
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

    fn message(&self, setup: &Setup, lang: Lang) -> Result<(Exchange, Vec<u8>), Stop> {
        let Source {
            notify,
            back,
            reply,
            journal,
        } = &self.source;
        if let Some(seq) = journal {
            return message::journaled(&setup.database, &self.account, *seq, lang);
        }
        if let Some(address) = back {
            return Ok((Exchange::Return, message::query(address)));
        }
        if let Some(file) = reply {
            return Ok((Exchange::Reply, message::body(file, lang)?));
        }
        // clap lets nobody through without one of the four.
        let file = notify.clone().unwrap_or_else(|| PathBuf::from("-"));
        Ok((Exchange::Notify, message::body(&file, lang)?))
    }
}

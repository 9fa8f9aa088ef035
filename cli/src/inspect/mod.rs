//! `inspect`: explains a message of a gateway, whether or not it was believed.

mod message;
mod opinion;
mod text;

pub use text::claimed;

use crate::context::{Context, account};
use crate::ending::Stop;
use crate::out;
use clap::Args;
use quittance_core::Lang;
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
  quittance inspect --account main --notify saved.txt --online

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
    /// Ask the gateway now whether it sent this, where it can be asked: it says true once, and within a minute
    #[arg(long)]
    online: bool,
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
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let (setup, _) = context.setup()?;
        let named = account(&setup, &self.account, lang)?;
        let account = &named.account;
        let (exchange, wire) = self.message(&setup, lang)?;
        let others = setup.others(&self.account);
        let found = account.gateway().inspect(&Subject {
            exchange,
            wire: &wire,
            now: SystemClock::new().wall(),
            others: &others,
        });
        let said = match (self.online, self.source.journal) {
            (true, _) => opinion::asked(&setup, named, (exchange, &wire)).await?,
            (false, Some(seq)) => opinion::journaled(&setup, named, seq),
            (false, None) => None,
        };
        let told = text::Told {
            account: named,
            exchange,
            found: &found,
            said: said.as_ref(),
            show: self.show_expected,
        };
        match self.json {
            true => out::json(&told.value(lang)),
            false => out::line(told.text(lang)),
        }
        match found.holds() {
            true => Ok(()),
            false => Err(Stop::wrong("")),
        }
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

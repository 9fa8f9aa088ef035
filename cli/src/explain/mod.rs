//! `explain`: what an error code means, what usually causes it, what to do. It needs no settings.

mod near;
mod text;

use crate::context::Context;
use crate::ending::Stop;
use crate::out;
use clap::Args;
use quittance_core::codes::{Codes, Explanation};
use quittance_core::gateway;
use quittance_server::http::codes;

const EXAMPLE: &str = "\
Examples:
  quittance explain ILLEGAL_SIGN                a code of the gateway, in any letter case
  quittance explain order_needs_attention       a code of the API, or the kind of a discrepancy
  quittance explain illegal-sing                near misses are suggested
  quittance explain                             all codes, by who answers with them

It ends with 0 if the code is known, 1 if it is not.";

/// Options of `explain`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Explain {
    /// The code; all of them are listed where it is left out
    #[arg(value_name = "CODE")]
    code: Option<String>,
    /// JSON for scripts
    #[arg(long)]
    json: bool,
}

/// A code with whose it is.
type Known = (Codes, &'static Explanation);

impl Explain {
    /// Explains.
    ///
    /// # Errors
    /// A code that nobody here answers with.
    pub fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let Some(typed) = &self.code else {
            match self.json {
                true => out::json(&text::list_value(&speakers(), lang)),
                false => out::line(text::listed(&speakers(), lang)),
            }
            return Ok(());
        };
        let found: Vec<Known> = speakers()
            .into_iter()
            .filter_map(|codes| Some((codes, codes.find(typed)?)))
            .collect();
        if found.is_empty() {
            let near = near::near(typed, &speakers());
            if self.json {
                out::json(&text::unknown_value(typed, &near));
                return Err(Stop::wrong(""));
            }
            return Err(Stop::wrong(text::unknown(typed, &near, lang)));
        }
        match self.json {
            true => out::json(&text::found_value(&found, lang)),
            false => out::line(text::found(&found, lang)),
        }
        Ok(())
    }
}

/// All who answer with codes: the gateways, then the server.
fn speakers() -> Vec<Codes> {
    gateway::CODES.into_iter().chain([codes::CODES]).collect()
}

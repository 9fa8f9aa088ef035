//! `statement`: what the gateway booked on an account, of the running server.

use crate::client::Reach;
use crate::context::Context;
use crate::ending::Stop;
use crate::out::{self, field, pairs};
use clap::{Args, Subcommand};
use quittance_core::Lang;
use serde_json::{Value, json};

const EXAMPLE: &str = "\
Examples:
  quittance statement fetch main 2026-01-31
  quittance statement show main";

/// Options of `statement`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Statements {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Reads the statement of one day now; what it tells joins the orders like any evidence
    #[command(after_help = "Example:\n  quittance statement fetch main 2026-01-31")]
    Fetch {
        /// The account
        account: String,
        /// The day, by the gateway's clock
        #[arg(value_name = "YYYY-MM-DD")]
        day: String,
    },
    /// Shows which day is read next by itself, and when
    #[command(after_help = "Example:\n  quittance statement show main --json")]
    Show {
        /// The account
        account: String,
    },
}

impl Statements {
    /// Does what was asked for.
    ///
    /// # Errors
    /// What the server, or the way to it, says.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let (lang, as_json) = (context.lang, self.reach.json);
        let client = self.reach.client(context)?;
        let answer = match &self.command {
            Command::Fetch { account, day } => {
                let body = json!({"day": day});
                client
                    .post(&["statements", account], &[], Some(&body))
                    .await
            }
            Command::Show { account } => client.get(&["statements", account], &[]).await,
        };
        let answer = answer.map_err(|error| error.stop(lang))?;
        match as_json {
            true => out::json(&answer),
            false => out::line(match self.command {
                Command::Fetch { .. } => fetched(&answer, lang),
                Command::Show { .. } => turn(&answer, lang),
            }),
        }
        Ok(())
    }
}

fn fetched(answer: &Value, lang: Lang) -> String {
    pairs(&[
        (lang.pick("day", "日期"), field(answer, "day")),
        (lang.pick("rows", "账单行数"), field(answer, "rows")),
        (
            lang.pick("new here", "其中尚不知道的"),
            field(answer, "news"),
        ),
        (
            lang.pick("of orders made elsewhere", "其他系统的订单"),
            field(answer, "others"),
        ),
    ])
}

fn turn(answer: &Value, lang: Lang) -> String {
    pairs(&[
        (lang.pick("next day", "下一个日期"), field(answer, "day")),
        (lang.pick("read at", "读取时间"), field(answer, "next_at")),
        (lang.pick("failures", "失败次数"), field(answer, "failures")),
    ])
}

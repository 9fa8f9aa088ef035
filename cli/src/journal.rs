//! `journal`: the journal in the database beside the settings, with or without a running server.

mod keeping;

use crate::context::Context;
use crate::database::unusable;
use crate::ending::Stop;
use crate::order::OrderRef;
use crate::out;
use crate::timeline::timeline;
use clap::{Args, Subcommand};
use data_encoding::HEXLOWER;
use keeping::{Archive, Erasing, Restore};
use quittance_core::codes::Codes;
use quittance_core::gateway::CODES;
use quittance_core::settings::Settings;
use quittance_core::{Lang, OrderKey, Timestamp};
use quittance_server::clock::SystemClock;
use quittance_server::store::{
    Adopted, Database, Expect, Genesis, JournalFilter, Rebuilt, adopt, journal_rows,
    journal_settings, rebuild, rebuild_check, verify,
};
use quittance_server::view::entry_view;
use serde_json::{Value, json};
use std::path::PathBuf;

const EXAMPLE: &str = "\
Examples:
  quittance journal verify
  quittance journal show main/A-1
  quittance journal rebuild --check
  quittance journal adopt
  quittance journal archive --before 2025-01-01T00:00:00Z --to 2024.jsonl
  quittance journal erase main/A-1
  quittance journal verify --data quittance-data/journal      without settings";

const SHOW_EXAMPLE: &str = "\
Examples:
  quittance journal show main/A-1                 the order's timeline, with the three values of each callback
  quittance journal show main/A-1 --unsigned      also callbacks that name it and whose signature is wrong
  quittance journal show --account main --from 2026-01-31T08:00:00Z --to 2026-01-31T09:00:00Z";

const VERIFY_EXAMPLE: &str = "\
Examples:
  quittance journal verify --expect-head 1042:9f2c…   (from an anchor event or /metrics)
  quittance journal verify --archive 2024.jsonl --archive 2025.jsonl";

const ARCHIVE_EXAMPLE: &str = "\
Example:
  quittance journal archive --before 2025-01-01T00:00:00Z --to 2024.jsonl

Entries go with their raw messages and the buyers' details that came with them. Orders, events, refunds and totals stay. What
is left still verifies; `verify --archive` goes through the file as well; `restore` puts it back.";

const ERASE_EXAMPLE: &str = "\
Examples:
  quittance journal erase main/A-1                           what was said of one order
  quittance journal erase --before 2024-01-01T00:00:00Z      what is old
  quittance journal erase main/A-1 --archive 2024.jsonl      the same in an archive

Raw messages, buyers' ids, e-mails and addresses go for good; amounts, times and numbers stay.";

/// Options of `journal`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Journals {
    /// The folder of the database; `database` of the settings where it is left out
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// JSON for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Computes every hash of the chain again and names the first row that does not hold
    #[command(after_help = VERIFY_EXAMPLE)]
    Verify {
        /// A head that is known from elsewhere: HASH, or SEQ:HASH
        #[arg(long, value_name = "HEAD")]
        expect_head: Option<String>,
        /// Walks through this archive first; of several, name the oldest first
        #[arg(long, value_name = "FILE")]
        archive: Vec<PathBuf>,
    },
    /// Tells what happened, oldest first: with an order, its timeline
    #[command(after_help = SHOW_EXAMPLE)]
    Show(Show),
    /// Makes orders, events and queues anew from the journal; the server must be stopped
    #[command(
        after_help = "Example:\n  quittance journal rebuild --check      compares only; the server may run"
    )]
    Rebuild {
        /// Only compare
        #[arg(long)]
        check: bool,
    },
    /// Goes on from a backup that was put back: asks the gateways what it missed; the server must be stopped
    #[command(
        after_help = "Example:\n  quittance journal adopt      once, after the backup was put back and before the server starts"
    )]
    Adopt,
    /// Moves the oldest entries into a file; orders stay as they are; the server must be stopped
    #[command(after_help = ARCHIVE_EXAMPLE)]
    Archive(Archive),
    /// Puts the archive that was made last back into the database; the server must be stopped
    #[command(after_help = "Example:\n  quittance journal restore 2024.jsonl")]
    Restore(Restore),
    /// Erases raw messages and personal data, so that the chain still holds; the server must be stopped
    #[command(after_help = ERASE_EXAMPLE)]
    Erase(Erasing),
}

/// Which entries.
#[derive(Args)]
struct Show {
    /// Only about this order: main/A-1
    order: Option<OrderRef>,
    /// With it, also callbacks that name the order and carry no valid signature
    #[arg(long, requires = "order")]
    unsigned: bool,
    /// Only of this account
    #[arg(long, value_name = "NAME", conflicts_with = "order")]
    account: Option<String>,
    /// Only written at or after this time
    #[arg(long, value_name = "TIME")]
    from: Option<Timestamp>,
    /// Only written before this time
    #[arg(long, value_name = "TIME")]
    to: Option<Timestamp>,
    /// Only behind this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    after: u64,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    limit: u64,
}

impl Journals {
    /// Does what was asked for.
    ///
    /// # Errors
    /// What is wrong with the journal, or why it cannot be read.
    pub fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let database = match &self.data {
            Some(folder) => Database::Folder(folder.clone()),
            None => context.setup()?.0.database,
        };
        match &self.command {
            Command::Verify {
                expect_head,
                archive,
            } => self.verify(&database, archive, expect_head.as_deref(), lang),
            Command::Archive(archive) => archive.run(&database, context, self.json),
            Command::Restore(restore) => restore.run(&database, context, self.json),
            Command::Erase(erase) => erase.run(&database, context, self.json),
            Command::Show(show) => self.show(&database, show, lang),
            Command::Rebuild { check: true } => self.compared(
                &rebuild_check(&database).map_err(|error| unusable(&error, lang))?,
                lang,
            ),
            Command::Rebuild { check: false } => {
                let rebuilt = rebuild(&database, context.viewer()?)
                    .map_err(|error| unusable(&error, lang))?;
                self.made_anew(&rebuilt, lang);
                Ok(())
            }
            Command::Adopt => {
                let genesis = Genesis::new(&SystemClock::new());
                let adopted = adopt(&database, context.viewer()?, &genesis)
                    .map_err(|error| unusable(&error, lang))?;
                self.adopted(&adopted, lang);
                Ok(())
            }
        }
    }

    fn verify(
        &self,
        database: &Database,
        archives: &[PathBuf],
        expected: Option<&str>,
        lang: Lang,
    ) -> Result<(), Stop> {
        let expect = match expected.map(Expect::parse) {
            Some(None) => {
                return Err(Stop::unable(lang.pick(
                    "--expect-head is a hash of 64 hexadecimal digits, or an entry's number, a colon and its hash.",
                    "--expect-head 应为 64 位十六进制哈希，或“序号:哈希”。",
                )));
            }
            Some(read) => read,
            None => None,
        };
        let found =
            verify(database, archives, expect.as_ref()).map_err(|error| unusable(&error, lang))?;
        let holds = match found {
            Ok(holds) => holds,
            Err(broken) => {
                if self.json {
                    out::json(&json!({"ok": false, "seq": broken.seq, "what": broken.what}));
                    return Err(Stop::wrong(""));
                }
                return Err(Stop::wrong(match lang {
                    Lang::En => format!(
                        "The journal is broken. The first row that does not hold: {broken}."
                    ),
                    Lang::Zh => format!(
                        "账本已损坏。第一条不成立的记录是第 {} 条：{}。",
                        broken.seq, broken.what
                    ),
                }));
            }
        };
        let hash = HEXLOWER.encode(&holds.hash);
        if self.json {
            out::json(&json!({
                "ok": true, "chain": holds.chain, "seq": holds.seq, "hash": hash,
                "chains": holds.chains, "entries": holds.entries, "archived": holds.archived,
                "bodies": holds.bodies, "erased": holds.erased, "projection": holds.cursor,
            }));
            return Ok(());
        }
        out::line(lang.pick("The journal holds.", "账本完好。"));
        out::line(out::pairs(&[
            (lang.pick("chain", "链"), holds.chain),
            (lang.pick("chains", "链数"), holds.chains.to_string()),
            (lang.pick("entries", "记录数"), holds.entries.to_string()),
            (lang.pick("head", "链头"), format!("{}:{hash}", holds.seq)),
            (
                lang.pick("bodies kept", "原文保留"),
                holds.bodies.to_string(),
            ),
            (
                lang.pick("bodies erased", "原文已删"),
                holds.erased.to_string(),
            ),
        ]));
        if holds.archived > 0 {
            let through = holds.archived;
            out::line(match lang {
                Lang::En => format!(
                    "The entries up to {through} are in archives that were not looked into: --archive FILE."
                ),
                Lang::Zh => {
                    format!(
                        "序号 {through} 及之前的记录在归档中，未校验：可用 --archive 文件 指定。"
                    )
                }
            });
        }
        Ok(())
    }

    fn show(&self, database: &Database, show: &Show, lang: Lang) -> Result<(), Stop> {
        let order = show.order.as_ref();
        let filter = JournalFilter {
            order: order.map(|order| OrderKey::new(&order.account, &order.order_no)),
            unsigned: show.unsigned,
            account: show.account.clone(),
            from: show.from,
            to: show.to,
            after: show.after,
            limit: usize::try_from(show.limit).unwrap_or(usize::MAX),
        };
        let page = journal_rows(database, &filter).map_err(|error| unusable(&error, lang))?;
        let settings = journal_settings(database).map_err(|error| unusable(&error, lang))?;
        let entry = |row| {
            let view = entry_view(row);
            let codes = codes_of(&settings, view.account.as_deref());
            serde_json::to_value(view.explained_by(codes.as_slice())).unwrap_or_default()
        };
        let entries: Vec<Value> = page.items.iter().map(entry).collect();
        if self.json {
            out::json(&json!({"items": entries, "next": page.next}));
            return Ok(());
        }
        out::line(timeline(&entries, lang));
        let heard = |entry: &Value| entry.get("verification").is_some_and(Value::is_object);
        if order.is_some() && !show.unsigned && page.next.is_none() && !entries.iter().any(heard) {
            out::line(lang.pick(
                "No callback with a valid signature has come. --unsigned looks for others that name this order.",
                "尚未收到签名有效的回调。加 --unsigned 可查找签名无效但含有此订单号的回调。",
            ));
        }
        if let Some(next) = page.next {
            out::line(format!("{} --after {next}", lang.pick("more:", "更多：")));
        }
        Ok(())
    }

    fn compared(&self, rebuilt: &Rebuilt, lang: Lang) -> Result<(), Stop> {
        let same = rebuilt.before == rebuilt.after;
        let (before, after) = (
            HEXLOWER.encode(&rebuilt.before),
            HEXLOWER.encode(&rebuilt.after),
        );
        if self.json {
            out::json(&json!({"ok": same, "seq": rebuilt.seq, "stored": before, "folded": after}));
            return if same { Ok(()) } else { Err(Stop::wrong("")) };
        }
        let told = out::pairs(&[
            (lang.pick("entries", "记录数"), rebuilt.seq.to_string()),
            (lang.pick("as stored", "现存"), before),
            (lang.pick("as folded", "重算"), after),
        ]);
        if same {
            out::line(lang.pick(
                "The stored orders are what the journal makes of them.",
                "现存订单与账本重算结果一致。",
            ));
            out::line(told);
            return Ok(());
        }
        let heading = lang.pick(
            "The stored orders are not what the journal makes of them.\n  To do: stop the server and run `quittance journal rebuild`.",
            "现存订单与账本重算结果不一致。\n  处理办法：停止服务后运行 `quittance journal rebuild`。",
        );
        Err(Stop::wrong(format!("{heading}\n{told}")))
    }

    fn made_anew(&self, rebuilt: &Rebuilt, lang: Lang) {
        let same = rebuilt.before == rebuilt.after;
        let hash = HEXLOWER.encode(&rebuilt.after);
        if self.json {
            out::json(&json!({"ok": true, "seq": rebuilt.seq, "changed": !same, "folded": hash}));
            return;
        }
        out::line(match same {
            true => lang.pick(
                "Made anew from the journal; nothing was different.",
                "已按账本重建，没有差异。",
            ),
            false => lang.pick(
                "Made anew from the journal; what was stored had been different.",
                "已按账本重建，原有数据存在差异。",
            ),
        });
        out::line(out::pairs(&[
            (lang.pick("entries", "记录数"), rebuilt.seq.to_string()),
            (lang.pick("as folded", "重算"), hash),
        ]));
    }

    fn adopted(&self, adopted: &Adopted, lang: Lang) {
        if self.json {
            out::json(&json!({
                "ok": true, "seq": adopted.seq, "epoch": adopted.epoch,
                "known_until": adopted.known_until.to_string(), "orders": adopted.orders,
            }));
            return;
        }
        out::line(lang.pick(
            "This copy is the journal from now on. When the server starts, it asks the gateways about every order that is not at its end.",
            "此副本自此成为账本。服务启动后将向网关逐一查询所有未终结的订单。",
        ));
        out::line(out::pairs(&[
            (lang.pick("entry", "记录序号"), adopted.seq.to_string()),
            (lang.pick("epoch", "纪元"), adopted.epoch.to_string()),
            (
                lang.pick("known until", "已知截至"),
                adopted.known_until.to_string(),
            ),
            (
                lang.pick("orders to ask about", "待查询订单"),
                adopted.orders.to_string(),
            ),
        ]));
    }
}

/// The codes of the gateway that an entry's account is at, as the journal's own settings have it: an account that left
/// the settings file has its entries still, and two gateways may mean different things by one word.
fn codes_of(settings: &Settings, account: Option<&str>) -> Option<Codes> {
    let policy = settings.accounts.get(account?)?;
    CODES
        .into_iter()
        .find(|codes| codes.speaker == policy.gateway)
}

//! How long things are kept: `archive`, `restore` and `erase`.

use crate::context::Context;
use crate::database::unusable;
use crate::ending::Stop;
use crate::order::OrderRef;
use crate::out;
use clap::Args;
use quittance_core::{Lang, OrderKey, Timestamp};
use quittance_server::clock::SystemClock;
use quittance_server::store::{
    ArchiveError, Archived, Database, Erase, EraseError, Erased, Genesis, archive, erase,
    erase_in_archive, restore,
};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Options of `journal archive`.
#[derive(Args)]
pub struct Archive {
    /// Everything that was written before this time; the last seven days stay
    #[arg(long, value_name = "TIME")]
    before: Timestamp,
    /// The file to be made
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// Options of `journal restore`.
#[derive(Args)]
pub struct Restore {
    /// The archive that was made last
    file: PathBuf,
}

/// Options of `journal erase`.
#[derive(Args)]
pub struct Erasing {
    /// All that was said of this order: main/A-1
    #[arg(required_unless_present = "before")]
    order: Option<OrderRef>,
    /// All that was written before this time, except of orders that are not at rest
    #[arg(long, value_name = "TIME", conflicts_with = "order")]
    before: Option<Timestamp>,
    /// In this archive, not in the database
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,
}

fn now() -> Genesis {
    Genesis::new(&SystemClock::new())
}

impl Archive {
    /// Moves the oldest entries into a file.
    pub fn run(&self, database: &Database, context: &Context, json: bool) -> Result<(), Stop> {
        let lang = context.lang;
        let done = archive(database, context.viewer()?, &now(), self.before, &self.to);
        let archived = done.map_err(|error| refused(&error, lang))?;
        let heading = match lang {
            Lang::En => format!(
                "Moved into {}. Keep it: it is the only copy of what happened then.",
                self.to.display()
            ),
            Lang::Zh => format!(
                "已移入 {}。请妥善保存：这是那段时间账本的唯一副本。",
                self.to.display()
            ),
        };
        told(&archived, &self.to, &heading, lang, json);
        Ok(())
    }
}

impl Restore {
    /// Puts an archive back.
    pub fn run(&self, database: &Database, context: &Context, json: bool) -> Result<(), Stop> {
        let lang = context.lang;
        let done = restore(database, context.viewer()?, &now(), &self.file);
        let restored = done.map_err(|error| refused(&error, lang))?;
        let heading = lang.pick(
            "Put back. The file stays as it is.",
            "已恢复到数据库，归档文件保持不变。",
        );
        told(&restored, &self.file, heading, lang, json);
        Ok(())
    }
}

fn told(archived: &Archived, file: &Path, heading: &str, lang: Lang, json: bool) {
    let Archived {
        after,
        through,
        entries,
        bodies,
    } = archived;
    if json {
        out::json(&json!({
            "ok": true, "file": file.display().to_string(), "after": after, "through": through,
            "entries": entries, "bodies": bodies,
        }));
        return;
    }
    out::line(heading);
    out::line(out::pairs(&[
        (lang.pick("entries", "记录数"), entries.to_string()),
        (
            lang.pick("numbers", "序号"),
            format!("{}…{through}", after + 1),
        ),
        (
            lang.pick("with their messages", "含原文的记录"),
            bodies.to_string(),
        ),
    ]));
}

impl Erasing {
    /// Erases.
    pub fn run(&self, database: &Database, context: &Context, json: bool) -> Result<(), Stop> {
        let lang = context.lang;
        let what = match (&self.order, self.before) {
            (Some(order), _) => Erase::Order(OrderKey::new(&order.account, &order.order_no)),
            // One of the two is there: with neither the command is not understood.
            (None, before) => Erase::Before(before.unwrap_or(Timestamp::MIN)),
        };
        if let Some(file) = &self.archive {
            let entries = erase_in_archive(file, &what).map_err(|error| unusable(&error, lang))?;
            if json {
                out::json(&json!({"ok": true, "entries": entries}));
            } else {
                out::line(match lang {
                    Lang::En => format!("Erased in the archive, of {entries} entries."),
                    Lang::Zh => format!("已在归档中删除 {entries} 条记录的原文与个人信息。"),
                });
            }
            return Ok(());
        }
        let done = erase(database, context.viewer()?, &now(), &what);
        let erased = done.map_err(|error| not_erased(&error, lang))?;
        told_erased(&erased, lang, json);
        Ok(())
    }
}

fn told_erased(erased: &Erased, lang: Lang, json: bool) {
    let Erased {
        seq,
        bodies,
        personal,
        events,
        archived,
    } = erased;
    if json {
        out::json(&json!({
            "ok": true, "seq": seq, "bodies": bodies, "personal": personal, "events": events,
            "archived": archived,
        }));
        return;
    }
    out::line(lang.pick(
        "Erased. The chain holds without it.",
        "已删除，哈希链依然成立。",
    ));
    out::line(out::pairs(&[
        (lang.pick("raw messages", "原文"), bodies.to_string()),
        (
            lang.pick("entries with personal data", "含个人信息的记录"),
            personal.to_string(),
        ),
        (
            lang.pick("events that named the buyer", "含买家信息的事件"),
            events.to_string(),
        ),
        (lang.pick("entry", "记录序号"), seq.to_string()),
    ]));
    if let Some(through) = archived {
        out::line(match lang {
            Lang::En => format!(
                "The entries up to {through} are in archives.\n  To do: erase there too, with --archive FILE. Backups are yours to look after."
            ),
            Lang::Zh => format!(
                "序号 {through} 及之前的记录在归档中。\n  处理办法：用 --archive 文件 在归档中一并删除；备份请自行处理。"
            ),
        });
    }
}

fn not_erased(error: &EraseError, lang: Lang) -> Stop {
    match (lang, error) {
        (_, EraseError::Open(error)) => unusable(error, lang),
        (Lang::En, EraseError::Unknown(_)) => Stop::unable(error.to_string()),
        (Lang::Zh, EraseError::Unknown(key)) => {
            Stop::unable(format!("没有订单 {key}，未删除任何内容。"))
        }
    }
}

fn refused(error: &ArchiveError, lang: Lang) -> Stop {
    let text = match (lang, error) {
        (_, ArchiveError::Open(error)) => return unusable(error, lang),
        (Lang::En, error) => error.to_string(),
        (Lang::Zh, ArchiveError::Broken(broken)) => format!(
            "账本已损坏，未移动任何记录：第 {} 条，{}。\n  处理办法：运行 `quittance journal verify` 查看详情。",
            broken.seq, broken.what
        ),
        (Lang::Zh, ArchiveError::Young(youngest)) => {
            format!("最近 7 天的记录须留在数据库中。\n  处理办法：请指定早于 {youngest} 的时间。")
        }
        (Lang::Zh, ArchiveError::Nothing) => {
            "没有早于该时间且尚未归档的记录，未移动任何内容。".to_owned()
        }
        (Lang::Zh, ArchiveError::Kept { file, why }) => format!(
            "归档文件 {} 已写完，但未能从数据库中移出：{why}。\n  处理办法：运行 `quittance journal verify`；若记录仍在数据库中，请删除该文件后重新归档。",
            file.display()
        ),
        (Lang::Zh, ArchiveError::Other { file, why }) => format!(
            "{} 不是此账本最新的归档：{why}。\n  处理办法：请从最新的归档开始恢复。",
            file.display()
        ),
    };
    match error {
        ArchiveError::Broken(_) => Stop::wrong(text),
        _ => Stop::unable(text),
    }
}

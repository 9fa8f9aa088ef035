//! `migrate`: the journal moves from SQLite to PostgreSQL.

use crate::context::Context;
use crate::database::unusable;
use crate::ending::Stop;
use crate::out;
use clap::Args;
use data_encoding::HEXLOWER;
use indicatif::{ProgressBar, ProgressStyle};
use quittance_core::Lang;
use quittance_server::store::{
    BadDatabase, Database, MigrateError, Migrated, Moving, PostgresUrl, Progress, migrate,
};
use serde_json::json;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

const EXAMPLE: &str = "\
Example:
  quittance migrate --from sqlite:quittance-data --to postgres://quittance:PASSWORD@host/quittance?sslmode=verify-full

Stop the server first. The database has to be empty; a move that was cut off goes on when the same command runs again, and
until it is complete no server starts there. Where others can see the command line, give the database in QUITTANCE_DATABASE
instead of --to. The folder in SQLite stays as it is: keep it as a backup, and start no server on it again.";

/// Options of `migrate`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Migrate {
    /// Where the journal is: sqlite:DIR
    #[arg(long, value_name = "DATABASE")]
    from: String,
    /// Where it goes: postgres://…, as `database` in the settings has it
    #[arg(
        long,
        value_name = "DATABASE",
        env = "QUITTANCE_DATABASE",
        hide_env_values = true
    )]
    to: String,
    /// JSON for scripts
    #[arg(long)]
    json: bool,
}

impl Migrate {
    /// Moves it.
    ///
    /// # Errors
    /// Why it cannot be moved, or is not complete, and what to do.
    pub fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let (folder, url) = (from(&self.from, lang)?, to(&self.to, lang)?);
        let render = context.viewer()?;
        let mut show = Show::new(lang);
        let moved = migrate(&folder, &url, render, &mut |progress| {
            show.progress(progress);
            ControlFlow::Continue(())
        });
        show.end();
        let moved = moved.map_err(|error| refused(&error, lang))?;
        self.told(&moved, &folder, &url, lang);
        Ok(())
    }

    fn told(&self, moved: &Migrated, folder: &Path, url: &PostgresUrl, lang: Lang) {
        let (hash, dump) = (
            HEXLOWER.encode(&moved.head.hash),
            HEXLOWER.encode(&moved.dump),
        );
        if self.json {
            out::json(&json!({
                "ok": true, "chain": moved.head.chain, "seq": moved.head.seq, "hash": hash,
                "entries": moved.entries, "earlier": moved.earlier, "bodies": moved.bodies,
                "erased": moved.erased, "personal": moved.personal, "orders": moved.orders,
                "events": moved.events, "dump": dump, "database": url.to_string(),
            }));
            return;
        }
        out::line(lang.pick("The journal has moved.", "账本迁移完成。"));
        out::line(out::pairs(&[
            (lang.pick("entries", "记录数"), moved.entries.to_string()),
            (
                lang.pick("bodies kept", "原文保留"),
                moved.bodies.to_string(),
            ),
            (
                lang.pick("bodies erased", "原文已删"),
                moved.erased.to_string(),
            ),
            (
                lang.pick("personal data", "个人信息"),
                moved.personal.to_string(),
            ),
            (lang.pick("orders", "订单"), moved.orders.to_string()),
            (lang.pick("events", "事件"), moved.events.to_string()),
            (
                lang.pick("head", "链头"),
                format!("{}:{hash}", moved.head.seq),
            ),
            (lang.pick("orders' hash, both sides", "两侧订单哈希"), dump),
        ]));
        let folder = folder.display();
        out::line(match lang {
            Lang::En => format!(
                "To do:\n  1. Set `database` in the settings, or QUITTANCE_DATABASE, to {url}, with its user and password.\n  2. Start the server: `quittance serve`.\n  3. Keep {folder} as a backup, and never start a server on it again: what it heard would be in a journal of its own,\n     the shop would be told of the same orders twice, and nothing brings two journals together."
            ),
            Lang::Zh => format!(
                "后续步骤：\n  1. 将设置中的 `database` 或环境变量 QUITTANCE_DATABASE 设为 {url}（含用户名与密码）。\n  2. 启动服务：`quittance serve`。\n  3. 保留 {folder} 作为备份，切勿再在其上启动服务：否则会产生两份各自独立的账本，\n     商城会就同一批订单收到两套事件，而两份账本无法合并。"
            ),
        });
    }
}

/// The folder to move from.
fn from(text: &str, lang: Lang) -> Result<PathBuf, Stop> {
    match Database::parse(text, Path::new("")) {
        Ok(Database::Folder(folder)) => Ok(folder),
        Ok(Database::Postgres(_)) | Err(_) => Err(Stop::unable(lang.pick(
            "--from names no folder of SQLite.\n  To do: write sqlite:DIR, the folder that `database` in the settings named.",
            "--from 不是 SQLite 目录。\n  处理办法：写作 sqlite:目录，即设置中 `database` 原来的目录。",
        ))),
    }
}

/// The database to move to. Says nothing of what was given: there may be a password in it.
fn to(text: &str, lang: Lang) -> Result<Box<PostgresUrl>, Stop> {
    let why = match Database::parse(text, Path::new("")) {
        Ok(Database::Postgres(url)) => return Ok(url),
        Err(BadDatabase::Url(error)) => format!(": {error}"),
        Ok(Database::Folder(_)) | Err(BadDatabase::Folder) => String::new(),
    };
    Err(Stop::unable(match lang {
        Lang::En => format!(
            "--to (or QUITTANCE_DATABASE) names no PostgreSQL database{why}.\n  To do: write postgres://user:password@host/name?sslmode=verify-full."
        ),
        Lang::Zh => format!(
            "--to（或 QUITTANCE_DATABASE）不是 PostgreSQL 数据库{why}。\n  处理办法：写作 postgres://user:password@host/name?sslmode=verify-full。"
        ),
    }))
}

/// Why it did not move.
fn refused(error: &MigrateError, lang: Lang) -> Stop {
    if let MigrateError::Open(error) = error {
        return unusable(error, lang);
    }
    let text = match (lang, error) {
        (Lang::En, error) => error.to_string(),
        (_, MigrateError::Broken(broken)) => format!(
            "SQLite 中的账本已损坏，未迁移：第 {} 条，{}。\n  处理办法：运行 `quittance journal verify` 查看详情。",
            broken.seq, broken.what
        ),
        (_, MigrateError::Other(place)) => {
            format!("{place} 中已有另一份账本，未写入任何内容。\n  处理办法：请指定一个空数据库。")
        }
        (_, MigrateError::Moved(place)) => format!(
            "此账本已完整迁移到 {place}。\n  处理办法：将 `database` 设为该数据库并启动服务；如需重新迁移，请指定一个空数据库。"
        ),
        (_, MigrateError::Running(place)) => format!(
            "另一个 `quittance migrate` 正在向 {place} 迁移。\n  处理办法：等待其结束；若确已没有迁移在运行，数据库会在几分钟内察觉。"
        ),
        (_, MigrateError::Differs(what)) => format!(
            "迁移结果与 SQLite 中的内容不一致：{what}。在该数据库上服务不会启动。\n  处理办法：删除该数据库，改向空数据库重新迁移。"
        ),
        (_, MigrateError::Stopped) => {
            "迁移在完成之前被中止。\n  处理办法：再次运行，它会从中断处继续。".to_owned()
        }
        (_, MigrateError::Open(error)) => error.to_string(),
    };
    match error {
        MigrateError::Broken(_) | MigrateError::Differs(_) => Stop::wrong(text),
        _ => Stop::unable(text),
    }
}

/// How far it is, on standard error: a bar where somebody looks at a terminal, a line for each tenth elsewhere.
struct Show {
    lang: Lang,
    bar: Option<ProgressBar>,
    /// What plain lines said last: the step, and how many tenths of it.
    said: Option<(Moving, u64)>,
}

impl Show {
    fn new(lang: Lang) -> Show {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let shown = "{msg} {bar:40} {pos}/{len}, {eta} left";
            if let Ok(style) = ProgressStyle::with_template(shown) {
                bar.set_style(style);
            }
            bar
        });
        Show {
            lang,
            bar,
            said: None,
        }
    }

    fn progress(&mut self, progress: Progress) {
        let Progress { step, done, total } = progress;
        let said = (step, (done * 10).checked_div(total).unwrap_or(10));
        let before = self.said.replace(said);
        let what = step_word(step, self.lang);
        match &self.bar {
            Some(bar) => {
                if before.map(|(step, _)| step) != Some(step) {
                    bar.reset();
                    bar.set_message(what);
                }
                bar.set_length(total);
                bar.set_position(done);
            }
            None if before != Some(said) => out::error(&format!("… {what} {done}/{total}")),
            None => {}
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn step_word(step: Moving, lang: Lang) -> &'static str {
    match step {
        Moving::Checking => lang.pick("checks the journal", "校验账本"),
        Moving::Entries => lang.pick("entries", "记录"),
        Moving::Events => lang.pick("events", "事件"),
        Moving::Orders => lang.pick("orders and what is owed", "订单与待办"),
        Moving::Comparing => lang.pick("compares both sides", "比对两侧"),
    }
}

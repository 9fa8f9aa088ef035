//! The settings: one TOML file, secrets from the environment or from files of their own.
//!
//! Everything that is wrong is told at once, each with its setting, the cause and what to do, in English and Chinese.
//! `quittance.example.toml` beside the workspace's manifest is the manual. No setting turns a verification off.

mod account;
mod address;
mod alipay;
mod callback;
mod check;
mod codepay;
mod dinpay;
mod direct;
mod hosts;
mod key;
mod log;
mod options;
mod problem;
mod proof;
mod proxy;
mod secret;
mod section;
mod signing;
mod sources;
mod span;
mod statement;
mod webhook;

pub use address::{Place, is_local, place_of};
pub use problem::{ConfigError, Problem, Text, Warning};
pub use proxy::parse as range;

use crate::setup::{IpRange, LogSetup, Setup};
use crate::store::{BadDatabase, Database};
use section::{Reader, Section};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use toml::{Table, Value};
use url::Url;

/// A longer file is not the settings; reading ends there.
const FILE_BYTES_MAX: u64 = 1024 * 1024;
/// What follows `public_url` in a return address still fits the 190 characters that gateways take.
const PUBLIC_URL_CHARS_MAX: usize = 100;
/// Settings that the environment replaces.
const FROM_ENV: [(&str, &str); 3] = [
    ("QUITTANCE_LISTEN", "listen"),
    ("QUITTANCE_PUBLIC_URL", "public_url"),
    ("QUITTANCE_DATABASE", "database"),
];

/// Reads the settings from a file. Relative paths in it begin at its folder.
///
/// # Errors
/// Everything that is wrong.
pub fn load(
    path: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Setup, Vec<Warning>), ConfigError> {
    let refuse = |problems| ConfigError {
        path: path.to_owned(),
        problems,
    };
    let (text, shared) = open(path).map_err(|problem| refuse(vec![problem]))?;
    let base = path.parent().unwrap_or(Path::new(""));
    let (setup, mut warnings, literals) = read_all(&text, base, env).map_err(refuse)?;
    if shared && literals > 0 {
        warnings.push(Problem::new(
            "settings file",
            (
                format!("it holds secrets and {}", problem::READ_BY_OTHERS.0),
                format!("文件中含有密钥，且{}", problem::READ_BY_OTHERS.1),
            ),
            (
                "make it readable for the server's user only: chmod 600",
                "请设为仅服务用户可读：chmod 600",
            ),
        ));
    }
    Ok((setup, warnings))
}

/// Reads the settings from a text. Relative paths in it begin at `base`.
///
/// # Errors
/// Everything that is wrong.
pub fn read(
    text: &str,
    base: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Setup, Vec<Warning>), Vec<Problem>> {
    read_all(text, base, env).map(|(setup, warnings, _)| (setup, warnings))
}

/// The settings, what there is to know, and how many secrets stand in the text itself.
fn read_all(
    text: &str,
    base: &Path,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Setup, Vec<Warning>, usize), Vec<Problem>> {
    let table = text
        .parse::<Table>()
        .map_err(|error| vec![syntax(text, &error)])?;
    let mut reader = Reader {
        base,
        env,
        problems: Vec::new(),
        warnings: Vec::new(),
        literals: 0,
    };
    let setup = read_table(table, &mut reader);
    match setup {
        Some(setup) if reader.problems.is_empty() => Ok((setup, reader.warnings, reader.literals)),
        _ => Err(reader.problems),
    }
}

/// `None` only where a problem was noted.
fn read_table(table: Table, reader: &mut Reader<'_>) -> Option<Setup> {
    let mut top = Section::new("", table);
    let listen = listen(&mut top, reader);
    let public_url = public_url(&mut top, reader);
    let database = database(&mut top, reader);
    let accounts = top.take("accounts");
    let names: BTreeSet<String> = match &accounts {
        Some(Value::Table(accounts)) => accounts.keys().cloned().collect(),
        _ => BTreeSet::new(),
    };
    let api_keys = top.section("api_keys", reader);
    let api_keys = api_keys.map(|section| key::read(section, &names, reader));
    if names.is_empty() {
        reader.wrong(
            "accounts",
            (
                "there is no account, so nothing could be paid",
                "没有任何账户，无法收款",
            ),
            (
                "add a section [accounts.main]; the example file shows one",
                "请添加 [accounts.main] 小节，示例文件中有样例",
            ),
        );
    }
    let accounts = accounts.and_then(|value| match names.is_empty() {
        true => None,
        false => reader.section("accounts".to_owned(), value),
    });
    let accounts = accounts.map(|section| account::read(section, public_url.as_ref(), reader));
    let webhooks = top.list("webhooks", reader).unwrap_or_default();
    let webhooks = webhook::read(webhooks, &names, reader);
    let log: LogSetup = log::read(top.section("log", reader), reader);
    let proxies = top.list("trusted_proxies", reader).unwrap_or_default();
    let trusted_proxies: Vec<IpRange> = proxy::read(proxies, reader);
    top.finish(reader);
    Some(Setup {
        listen: listen?,
        public_url: public_url?.as_str().trim_end_matches('/').to_owned(),
        database: database?,
        api_keys: api_keys.unwrap_or_default(),
        accounts: accounts?,
        webhooks,
        log,
        trusted_proxies,
        warnings: Vec::new(),
    })
}

/// A top-level text: from the environment if it is there, else from the file. With the name to complain under.
fn scalar(
    name: &'static str,
    top: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<(String, String)> {
    let in_file = top.text(name, reader).map(|text| (name.to_owned(), text));
    let variable = FROM_ENV.iter().find(|(_, setting)| *setting == name);
    let variable = variable.map(|(variable, _)| *variable);
    let from_env = variable.and_then(|name| Some((name.to_owned(), (reader.env)(name)?)));
    from_env.or(in_file)
}

fn listen(top: &mut Section, reader: &mut Reader<'_>) -> Option<SocketAddr> {
    let Some((path, text)) = scalar("listen", top, reader) else {
        return Some((Ipv4Addr::LOCALHOST, 8080).into());
    };
    let listen = text.parse().ok();
    if listen.is_none() {
        reader.wrong(
            path,
            (
                "this is no IP address with a port",
                "不是 IP 地址加端口",
            ),
            (
                "write \"127.0.0.1:8080\", or \"0.0.0.0:8080\" for every interface; names are not looked up",
                "请写 \"127.0.0.1:8080\"，监听所有网卡写 \"0.0.0.0:8080\"；不支持主机名",
            ),
        );
    }
    listen
}

fn public_url(top: &mut Section, reader: &mut Reader<'_>) -> Option<Url> {
    let fix = (
        "set the address that gateways and buyers reach, such as https://pay.example.com",
        "请填写网关和买家能访问的地址，例如 https://pay.example.com",
    );
    let Some((path, text)) = scalar("public_url", top, reader) else {
        if !reader.is_wrong("public_url") {
            section::missing("public_url".to_owned(), fix, reader);
        }
        return None;
    };
    let url = address::read(path.clone(), &text, reader)?;
    if text.len() > PUBLIC_URL_CHARS_MAX {
        reader.wrong(
            path,
            (
                "the address is longer than 100 characters; gateways cut off what would follow it",
                "地址超过 100 个字符，后接路径会超出网关的长度限制",
            ),
            ("choose a shorter address", "请使用更短的地址"),
        );
        return None;
    }
    Some(url)
}

fn database(top: &mut Section, reader: &mut Reader<'_>) -> Option<Database> {
    let fix = (
        "name a folder (\"sqlite:quittance-data\", \"sqlite:/var/lib/quittance\") or a database (\"postgres://user:password@host/name?sslmode=verify-full\")",
        "请指定目录（\"sqlite:quittance-data\"、\"sqlite:/var/lib/quittance\"）或数据库（\"postgres://user:password@host/name?sslmode=verify-full\"）",
    );
    let Some((path, text)) = scalar("database", top, reader) else {
        if !reader.is_wrong("database") {
            section::missing("database".to_owned(), fix, reader);
        }
        return None;
    };
    let cause = match Database::parse(&text, reader.base) {
        Ok(database) => {
            if let Database::Postgres(url) = &database {
                // A secret in the file, as every other.
                reader.literals += usize::from(url.has_password() && path == "database");
            }
            return Some(database);
        }
        Err(BadDatabase::Url(error)) => (
            format!("this is no URL of a PostgreSQL database: {error}"),
            format!("不是有效的 PostgreSQL 数据库 URL：{error}"),
        ),
        Err(BadDatabase::Folder) => (
            "this is no folder for the database".to_owned(),
            "不是有效的数据库目录".to_owned(),
        ),
    };
    reader.wrong(path, cause, fix);
    None
}

/// The text of the file, and whether others than its owner can read it.
fn open(path: &Path) -> Result<(String, bool), Problem> {
    let refuse = |en: String, zh: String| {
        let fix = (
            "check the path, name the file with --config, or make one with `quittance init`",
            "请检查路径，用 --config 指定文件，或用 `quittance init` 生成",
        );
        Problem::new("settings file", (en, zh), fix)
    };
    let unreadable = |error: std::io::Error| {
        refuse(
            format!("it cannot be read ({error})"),
            format!("无法读取（{error}）"),
        )
    };
    let file = File::open(path).map_err(unreadable)?;
    let shared = secret::others_can_read(&file.metadata().map_err(unreadable)?);
    let mut text = String::new();
    let bytes = file
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if bytes as u64 == FILE_BYTES_MAX {
        return Err(refuse("it is too long".to_owned(), "文件过长".to_owned()));
    }
    Ok((text, shared))
}

/// Where the text is no TOML. The line itself is not shown: it may hold a key.
fn syntax(text: &str, error: &toml::de::Error) -> Problem {
    let start = error.span().map_or(0, |span| span.start);
    let before = text.get(..start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let message = error.message().escape_debug();
    Problem::new(
        format!("line {line}, column {column}"),
        (
            format!("the file is not TOML here ({message})"),
            format!("此处不符合 TOML 语法（{message}）"),
        ),
        (
            "texts stand in double quotes, sections in square brackets, and no name twice",
            "文本写在双引号中，小节写在方括号中，名称不能重复",
        ),
    )
}

//! `doctor --bundle`: what somebody who helps has to see, in one file, without secrets and without anybody's data.

use super::scrub;
use crate::ending::Stop;
use quittance_core::Lang;
use quittance_server::doctor::Report;
use quittance_server::http::doctor::{Both, DoctorReport};
use quittance_server::setup::Setup;
use quittance_server::store::{JournalFilter, examine, journal_rows};
use quittance_server::view::entry_view;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// So many of the newest entries go along.
const ENTRIES: u64 = 200;

/// Writes it.
///
/// # Errors
/// A file that cannot be written.
pub fn write(
    file: &Path,
    report: &Report,
    config: &Path,
    setup: Option<&Setup>,
    lang: Lang,
) -> Result<(), Stop> {
    let bundle = json!({
        "quittance": env!("CARGO_PKG_VERSION"),
        "machine": {"os": std::env::consts::OS, "arch": std::env::consts::ARCH},
        "report": checks(report),
        "settings": settings(config),
        "journal": setup.map_or_else(Vec::new, |setup| journal(setup, report)),
    });
    let text = serde_json::to_string_pretty(&bundle).unwrap_or_default();
    put(file, text.as_bytes()).map_err(|error| {
        let file = file.display();
        Stop::unable(match lang {
            Lang::En => format!("{file} cannot be written: {error}.\n  To do: name another file; one that exists is not written over."),
            Lang::Zh => format!("无法写入 {file}：{error}。\n  处理办法：请换一个文件名；已存在的文件不会被覆盖。"),
        })
    })
}

/// Nobody but its owner reads it, and nothing is written over.
fn put(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(bytes)
}

fn checks(report: &Report) -> Value {
    let mut told = DoctorReport::of(report);
    let clean = |text: &mut Both| {
        text.en = scrub::told(&text.en);
        text.zh = scrub::told(&text.zh);
    };
    for finding in &mut told.findings {
        clean(&mut finding.detail);
        finding.fix.iter_mut().for_each(clean);
    }
    serde_json::to_value(told).unwrap_or_default()
}

/// The file as it stands; `null` where it is no TOML: the report says where.
fn settings(config: &Path) -> Value {
    let text = std::fs::read_to_string(config).unwrap_or_default();
    let table = text.parse::<toml::Table>();
    table.map_or(Value::Null, |table| scrub::settings(&table))
}

fn journal(setup: &Setup, report: &Report) -> Vec<Value> {
    let Ok(examined) = examine(&setup.database, report.at) else {
        return Vec::new();
    };
    let filter = JournalFilter {
        after: examined.seq.saturating_sub(ENTRIES),
        limit: usize::try_from(ENTRIES).unwrap_or_default(),
        ..JournalFilter::default()
    };
    let page = journal_rows(&setup.database, &filter);
    let rows = page.map_or_else(|_| Vec::new(), |page| page.items);
    let entry = |row| scrub::journal(&serde_json::to_value(entry_view(row)).unwrap_or_default());
    rows.iter().map(entry).collect()
}

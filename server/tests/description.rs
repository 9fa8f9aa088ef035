//! Shows that the API description in the repository is the one that the server gives out, and that every code in its
//! answers is explained.

use quittance_core::discrepancy::DiscrepancyKind;
use quittance_server::http::codes::CODES;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

#[test]
fn the_committed_description_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let made = quittance_server::http::description()
        .to_pretty_json()
        .unwrap()
        + "\n";
    if std::env::var_os("QUITTANCE_WRITE_OPENAPI").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "docs/openapi.json is old: run QUITTANCE_WRITE_OPENAPI=1 cargo test --test description"
    );
}

/// Whoever adds a problem explains its code. The sources are read, so that no problem has to be provoked here.
#[test]
fn every_code_of_a_problem_is_explained() {
    let mut files = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http"),
        &mut files,
    );
    let mut codes = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for opener in ["Problem::new(", "conflict(", "unavailable(", "unready("] {
            let first = text.split(opener).skip(1).filter_map(literal);
            codes.extend(first.filter(|found| is_code(found)).map(str::to_owned));
        }
        let unknown = text
            .split("Problem::unknown(")
            .skip(1)
            .filter_map(|after| after.strip_prefix('"')?.split('"').next());
        codes.extend(unknown.map(|what| format!("{what}_unknown")));
    }
    assert!(codes.len() > 25, "{codes:?}");
    codes.insert("order_exists_with_different_show_url".to_owned());
    for code in codes {
        assert!(CODES.get(&code).is_some(), "{code} is not explained");
    }
}

#[test]
fn every_kind_of_discrepancy_is_explained() {
    for kind in [
        DiscrepancyKind::DuplicatePayment,
        DiscrepancyKind::PaidAfterClose,
        DiscrepancyKind::AmountMismatch,
        DiscrepancyKind::CurrencyMismatch,
        DiscrepancyKind::TradeReuse,
        DiscrepancyKind::OverRefund,
        DiscrepancyKind::ConflictingEvidence,
        DiscrepancyKind::PayeeMismatch,
        DiscrepancyKind::UnknownOrder,
    ] {
        assert!(CODES.get(kind.word()).is_some(), "{kind:?}");
    }
}

#[test]
fn every_code_is_explained_once_and_in_both_languages() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let mut told = BTreeSet::new();
    for known in CODES.all() {
        assert!(told.insert(known.code), "{} stands twice", known.code);
        for words in [known.meaning, known.cause, known.fix] {
            assert!(words.en.ends_with('.') && !chinese(words.en), "{words:?}");
            assert!(words.zh.ends_with('。') && chinese(words.zh), "{words:?}");
        }
    }
}

/// The first text in quotes.
fn literal(after: &str) -> Option<&str> {
    after.split('"').nth(1)
}

fn is_code(text: &str) -> bool {
    text.contains('_') && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => collect(&path, files),
            false => files.push(path),
        }
    }
}

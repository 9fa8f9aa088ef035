//! Shows that the core is pure: its manifest names no crate that reaches the world, its sources no such function.

use std::fs;
use std::path::{Path, PathBuf};

/// Crates that decide or compute. Anything else needs an argument, and a line here.
const CRATES: [&str; 17] = [
    "aws-lc-rs",
    "base64",
    "csv",
    "data-encoding",
    "dsa",
    "encoding_rs",
    "hmac",
    "jiff",
    "md-5",
    "quick-xml",
    "rsa",
    "secrecy",
    "serde",
    "serde_json",
    "sha1",
    "sha2",
    "subtle",
];
/// What would let the world in.
const WORLD: [&str; 16] = [
    "async ",
    "std::net::Tcp",
    "std::net::Udp",
    "ToSocketAddrs",
    "std::fs",
    "std::thread",
    "std::process",
    "std::env",
    "tokio",
    "rand::",
    "getrandom",
    "Timestamp::now",
    "Zoned::now",
    "Instant::",
    "SystemTime",
    "f64",
];

#[test]
fn the_manifest_names_only_pure_crates() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let dependencies = manifest
        .split("[dependencies]")
        .nth(1)
        .unwrap()
        .split("\n[")
        .next()
        .unwrap();
    let named: Vec<&str> = dependencies
        .lines()
        .filter_map(|line| line.split('.').next())
        .filter(|n| !n.is_empty())
        .collect();
    let expected: Vec<&str> = CRATES.into_iter().chain(["thiserror"]).collect();
    assert_eq!(named, expected);
}

#[test]
fn the_sources_reach_for_nothing() {
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    assert!(files.len() > 20, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for (number, line) in text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for word in WORLD {
                assert!(
                    !line.contains(word),
                    "{}:{}: {word}",
                    file.display(),
                    number + 1
                );
            }
        }
    }
}

/// The one switch of the crate, and its one state, are in one file: everywhere else the same calls give the same.
#[test]
fn nothing_but_the_sabotage_has_a_switch_or_a_state() {
    const WORDS: [&str; 5] = [
        "feature =",
        "thread_local",
        "static ",
        "OnceLock",
        "LazyLock",
    ];
    let mut files = Vec::new();
    collect(&root().join("src"), &mut files);
    let (switched, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|file| file.ends_with("src/sabotage.rs"));
    let held = |file: &PathBuf| -> Vec<String> {
        let text = fs::read_to_string(file).unwrap().replace("'static ", "");
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        code.filter(|line| WORDS.iter().any(|word| line.contains(word)))
            .map(|line| format!("{}: {line}", file.display()))
            .collect()
    };
    assert!(switched.iter().flat_map(held).count() > 2, "{switched:?}");
    assert_eq!(others.iter().flat_map(held).collect::<Vec<_>>(), [""; 0]);
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

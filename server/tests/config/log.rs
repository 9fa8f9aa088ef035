//! The log: one event is one line, and a file that cannot be written refuses to start.

use quittance_server::log;
use quittance_server::setup::LogSetup;
use std::fs;
use std::path::{Path, PathBuf};

fn setup(level: &str, json: bool, file: Option<PathBuf>) -> LogSetup {
    LogSetup {
        level: level.to_owned(),
        json,
        file,
    }
}

/// What the file holds after an event whose every part came from a stranger.
fn hostile(json: bool, file: &Path) -> String {
    let value = "a\r\nERROR quittance: forged \u{1b}[2J\u{9b}31m\0\t\u{2028}\u{202e}\u{7f}";
    let subscriber = log::subscriber(&setup("info", json, Some(file.to_owned()))).unwrap();
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!(target: "quittance_server", "notify", order_no = value);
        let _entered = span.enter();
        let error = std::io::Error::other(value);
        tracing::info!(
            target: "quittance_server",
            text = value, shown = %value, debugged = ?value, error = &error as &dyn std::error::Error,
            "message {value}"
        );
    });
    fs::read_to_string(file).unwrap()
}

#[test]
fn one_event_is_one_line_without_control_characters() {
    // SEC-088, in both formats, through every way that a value takes into an event.
    let folder = tempfile::tempdir().unwrap();
    for json in [false, true] {
        let log = hostile(json, &folder.path().join(format!("{json}.log")));
        assert!(log.ends_with('\n'));
        assert_eq!(log.lines().count(), 1, "{log:?}");
        let body = log.trim_end_matches('\n');
        let unseen =
            |character: char| character.is_control() || "\u{2028}\u{202e}".contains(character);
        assert!(!body.contains(unseen), "{body:?}");
        assert_eq!(body.matches("forged").count(), 6, "{body}");
        if json {
            let event: serde_json::Value = serde_json::from_str(body).unwrap();
            assert!(
                event["shown"].as_str().unwrap().contains("\r\nERROR"),
                "{event}"
            );
        }
    }
}

#[test]
fn levels_hold_and_other_crates_are_quiet() {
    let folder = tempfile::tempdir().unwrap();
    for (level, lines) in [
        ("error", 2),
        ("warn", 4),
        ("info", 5),
        ("debug", 6),
        ("trace", 7),
    ] {
        let file = folder.path().join(level);
        let subscriber = log::subscriber(&setup(level, false, Some(file.clone()))).unwrap();
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(target: "quittance_server", "a");
            tracing::warn!(target: "quittance_core", "a");
            tracing::info!(target: "quittance_server::worker", "a");
            tracing::debug!(target: "quittance", "a");
            tracing::trace!(target: "quittance_server", "a");
            tracing::error!(target: "hyper", "a");
            tracing::warn!(target: "reqwest", "a");
            tracing::info!(target: "reqwest", "a whole request");
            tracing::trace!(target: "hyper", "a whole request");
        });
        let log = fs::read_to_string(&file).unwrap();
        assert_eq!(log.lines().count(), lines, "{level}\n{log}");
        assert!(!log.contains("whole request"));
    }
}

#[test]
fn a_path_that_cannot_be_written_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    for path in [
        folder.path().to_owned(),
        folder.path().join("none/quittance.log"),
    ] {
        let Err(problem) = log::start(&setup("info", false, Some(path.clone()))) else {
            panic!("{}", path.display());
        };
        assert_eq!(problem.setting, "log.file");
        assert!(
            problem.cause.en.contains("cannot be opened for writing"),
            "{problem}"
        );
        assert!(problem.cause.en.contains("os error"), "{problem}");
        assert!(problem.fix.en.contains("folder"), "{problem}");
    }
}

#[test]
fn a_log_is_appended_to_and_starting_twice_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quittance.log");
    fs::write(&file, "before\n").unwrap();
    for _ in 0..2 {
        log::start(&setup("info", false, Some(file.clone()))).unwrap();
    }
    tracing::info!(target: "quittance_server", "after");
    let log = fs::read_to_string(&file).unwrap();
    assert!(
        log.starts_with("before\n") && log.contains("after"),
        "{log}"
    );
}

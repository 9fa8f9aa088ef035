//! Secrets: three forms, nothing repaired silently, nothing shown.

use crate::{CANARY, GOOD, WHSEC, accept, env, read, say};
use quittance_server::config;
use secrecy::ExposeSecret;
use std::fs;
use std::path::Path;

/// The good settings with the API key written like this.
fn with_key(key: &str) -> String {
    GOOD.replace("shop = { env = \"KEY\" }", &format!("shop = {key}"))
}

#[test]
fn a_secret_that_is_none_is_refused_with_its_cause() {
    for (key, cause) in [
        ("{ env = \"UNSET\" }", "is not set"),
        ("{ env = \"EMPTY\" }", "is empty"),
        ("{ env = \"BLANK\" }", "nothing but blanks"),
        ("{ env = \"NEWLINE\" }", "line break at its end"),
        ("{ env = \"INSIDE\" }", "a blank inside"),
        ("{ env = \"PLACEHOLDER\" }", "placeholder"),
        ("{ env = \"SHORT\" }", "shorter than 16"),
        ("{ env = \"FULL_WIDTH\" }", "printable ASCII"),
        ("{ env = \"\" }", "does not name"),
        ("{ env = \"CANARY-pasted-key\" }", "does not name"),
        ("\"\"", "is empty"),
        ("\" CANARY0secret0value\"", "at its beginning"),
        ("\"\\n\"", "nothing but blanks"),
        ("\"${CANARY_KEY}\"", "placeholder"),
        ("\"<your-CANARY-key-here>\"", "placeholder"),
        ("\"CANARY0short\"", "shorter than 16"),
        ("\"CANARY0\\u00000000000000000\"", "printable ASCII"),
        ("{ file = \"none\" }", "cannot be read"),
        ("{ file = \"/\" }", "no file"),
        ("{ env = \"KEY\", file = \"x\" }", "three forms"),
        ("{}", "three forms"),
    ] {
        let problems = read(&with_key(key)).unwrap_err();
        let said = say(&problems);
        assert_eq!(problems.len(), 1, "{key}\n{said}");
        assert_eq!(problems[0].setting, "api_keys.shop", "{key}");
        assert!(problems[0].cause.en.contains(cause), "{key}\n{said}");
        assert!(!said.contains("CANARY"), "{said}");
    }
}

#[test]
fn three_forms_give_the_same_secret_and_only_the_literal_is_warned_about() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), format!("{CANARY}\n")).unwrap();
    private(&folder.path().join("key"));
    let literal = format!("\"{CANARY}\"");
    for (key, warnings) in [
        ("{ env = \"KEY\" }", 0),
        ("{ file = \"key\" }", 0),
        (literal.as_str(), 1),
    ] {
        let (setup, told) = config::read(&with_key(key), folder.path(), &env).unwrap();
        assert_eq!(setup.api_keys[0].secret.expose_secret(), CANARY, "{key}");
        assert_eq!(told.len(), warnings, "{key}");
        assert!(
            told.iter()
                .all(|warning| warning.setting == "api_keys.shop")
        );
        assert!(!say(&told).contains("CANARY"));
    }
}

#[test]
fn one_line_break_is_the_files_and_every_other_blank_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    for (ending, good) in [
        ("", true),
        ("\n", true),
        ("\r\n", true),
        ("\n\n", false),
        (" \n", false),
        ("\r", false),
        ("\t", false),
    ] {
        fs::write(&file, format!("{CANARY}{ending}")).unwrap();
        private(&file);
        match config::read(&with_key("{ file = \"key\" }"), folder.path(), &env) {
            Ok((setup, _)) => {
                assert!(good, "{ending:?}");
                assert_eq!(setup.api_keys[0].secret.expose_secret(), CANARY);
            }
            Err(problems) => assert!(!good, "{ending:?} {}", say(&problems)),
        }
    }
    for bytes in [vec![b'a'; 100_000], vec![0xff; 40]] {
        fs::write(&file, bytes).unwrap();
        let problems = config::read(&with_key("{ file = \"key\" }"), folder.path(), &env);
        assert_eq!(problems.unwrap_err().len(), 1);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    // SEC-115: any right of group or others.
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key");
    fs::write(&file, CANARY).unwrap();
    for (mode, good) in [
        (0o600, true),
        (0o400, true),
        (0o640, false),
        (0o604, false),
        (0o610, false),
        (0o644, false),
    ] {
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let read = config::read(&with_key("{ file = \"key\" }"), folder.path(), &env);
        assert_eq!(read.is_ok(), good, "{mode:o}");
        if let Err(problems) = read {
            assert!(problems[0].cause.en.contains("group"));
            assert!(problems[0].fix.en.contains("chmod 600"));
        }
    }
}

#[cfg(unix)]
#[test]
fn a_settings_file_with_secrets_that_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quittance.toml");
    let literal = with_key(&format!("\"{CANARY}\""));
    for (text, mode, warnings) in [
        (literal.as_str(), 0o644, 2),
        (literal.as_str(), 0o600, 1),
        (GOOD, 0o644, 0),
    ] {
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        let (_, told) = config::load(&file, &env).unwrap();
        assert_eq!(told.len(), warnings, "{mode:o} {}", say(&told));
    }
}

#[test]
fn nothing_that_can_be_printed_contains_a_secret() {
    let text = format!(
        "{}\nprevious_keys = [{{ key = \"{CANARY}OLD\", until = \"2026-01-01T00:00:00Z\" }}]\n\
         [[webhooks]]\nname = \"shop\"\nurl = \"http://127.0.0.1/hooks\"\nsecret = \"{WHSEC}\"\n\
         previous_secret = {{ env = \"WHSEC\" }}\n",
        with_key(&format!("\"{CANARY}\""))
    );
    let (setup, warnings) = accept(&text);
    assert_eq!(warnings.len(), 3);
    let settings = setup.settings();
    let printed = format!("{setup:?} {setup:#?} {settings:?} {}", say(&warnings));
    for secret in ["CANARY", "whsec_", "Q0FOQVJZ", "67, 65, 78"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
}

#[test]
fn no_setting_switches_a_verification_off() {
    // SEC-116: neither a setting nor a word for one. This test's own sources are not read.
    let root = crate::workspace();
    let mut files = vec![
        root.join("quittance.example.toml"),
        root.join("server/src/setup.rs"),
    ];
    let sources = fs::read_dir(root.join("server/src/config")).unwrap();
    files.extend(sources.map(|entry| entry.unwrap().path()));
    assert!(files.len() > 10);
    for file in files {
        for line in fs::read_to_string(&file).unwrap().to_lowercase().lines() {
            let off = ["skip", "insecure", "trust_all", "no_verify"]
                .iter()
                .any(|word| line.contains(word));
            let disable = line
                .split_once("disable")
                .is_some_and(|(_, rest)| rest.contains("verif"));
            assert!(!off && !disable, "{}: {line}", file.display());
        }
    }
}

fn private(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = path;
}

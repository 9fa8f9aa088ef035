//! Every code that the gateway may answer with is explained, in both languages.

use quittance_core::Lang;
use quittance_core::codes::Explanation;
use quittance_core::gateway::codepay::CODES;
use std::collections::BTreeSet;
use std::path::Path;

/// Note 5, in its order.
const NOTE: &str = "
    E04110 E04111 E04112 E04126 E04130 E04131 E04132 E07303 ET002 ET003 ET007 ET008 CF008 TS-D2012 TS-D0004 TS-D0005
    106 110 112 119 202";

/// Not one code of the documents is left out, and none is told twice.
#[test]
fn every_code_of_the_documents_is_explained_once() {
    let documented: BTreeSet<&str> = NOTE.split_whitespace().collect();
    let explained: Vec<&str> = CODES.all().map(|known| known.code).collect();
    let once: BTreeSet<&str> = explained.iter().copied().collect();
    assert_eq!(once.len(), explained.len());
    assert_eq!(once, documented);
    assert_eq!(CODES.speaker, "codepay");
}

/// Whole sentences: English without Chinese, Chinese that is not English.
#[test]
fn every_explanation_is_told_in_both_languages() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let check = |of: &str, words: quittance_core::lang::Words| {
        let (en, zh) = (words.say(Lang::En), words.say(Lang::Zh));
        assert!(!chinese(en) && en.ends_with(['.', ')']), "{of}: {en}");
        assert!(chinese(zh) && zh.ends_with(['。', '）']), "{of}: {zh}");
    };
    for known in CODES.all() {
        let Explanation {
            code,
            meaning,
            cause,
            fix,
            help,
        } = known;
        for words in [meaning, cause, fix] {
            check(code, *words);
        }
        assert_eq!(*help, None);
    }
    check("ask", CODES.ask);
}

/// The page of this gateway lists every code. With `QUITTANCE_WRITE_CODES` set the list is written anew.
#[test]
fn the_page_lists_the_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gateways/codepay.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- codes:").unwrap();
    let (mark, rest) = rest.split_once("-->\n").unwrap();
    let (listed, after) = rest.split_once("<!-- end of codes -->").unwrap();
    let made = listing();
    if std::env::var_os("QUITTANCE_WRITE_CODES").is_some() {
        let page = format!("{before}<!-- codes:{mark}-->\n{made}<!-- end of codes -->{after}");
        std::fs::write(&path, page).unwrap();
        return;
    }
    assert!(
        listed == made,
        "docs/gateways/codepay.md is old: run QUITTANCE_WRITE_CODES=1 cargo test -p quittance-core --test codepay codes"
    );
}

/// The codes as tables, one for each group.
fn listing() -> String {
    let mut text = String::new();
    for group in CODES.groups {
        text.push_str(&format!(
            "\n### {}\n\n| code | means |\n|---|---|\n",
            group.name.say(Lang::En)
        ));
        for known in group.codes {
            let meaning = known.meaning.say(Lang::En);
            text.push_str(&format!("| `{}` | {meaning} |\n", known.code));
        }
    }
    text + "\n"
}

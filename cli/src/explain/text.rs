//! Explanations as people read them, and as scripts do.

use super::Known;
use crate::out::{self, exact};
use quittance_core::Lang;
use quittance_core::codes::{Codes, Explanation};
use serde_json::{Value, json};

/// A code that is known, once for each who answers with it.
pub fn found(found: &[Known], lang: Lang) -> String {
    let told: Vec<String> = found
        .iter()
        .map(|(codes, known)| one(codes, known, lang))
        .collect();
    told.join("\n\n")
}

fn one(codes: &Codes, known: &Explanation, lang: Lang) -> String {
    let help = known.help.map(|number| match lang {
        Lang::En => format!("help page {number} (historic: it may be gone)"),
        Lang::Zh => format!("帮助编号 {number}（历史信息，页面可能已不存在）"),
    });
    let rows = [
        (
            lang.pick("meaning", "含义"),
            known.meaning.say(lang).to_owned(),
        ),
        (
            lang.pick("usual cause", "常见原因"),
            known.cause.say(lang).to_owned(),
        ),
        (
            lang.pick("to do", "处理办法"),
            known.fix.say(lang).to_owned(),
        ),
        (
            lang.pick("where to ask", "咨询途径"),
            codes.ask.say(lang).to_owned(),
        ),
        (lang.pick("the guide", "集成教程"), help.unwrap_or_default()),
    ];
    format!("{} ({})\n{}", known.code, codes.speaker, out::pairs(&rows))
}

/// All codes by who answers with them, in their groups.
pub fn listed(speakers: &[Codes], lang: Lang) -> String {
    let mut parts = Vec::new();
    for codes in speakers {
        for group in codes.groups {
            let rows = group
                .codes
                .iter()
                .map(|known| (known.code, known.meaning.say(lang).to_owned()));
            let rows: Vec<(&str, String)> = rows.collect();
            let heading = format!("{}: {}", codes.speaker, group.name.say(lang));
            parts.push(format!("{heading}\n{}", out::pairs(&rows)));
        }
    }
    parts.join("\n\n")
}

/// A code that nobody here answers with.
pub fn unknown(typed: &str, near: &[&str], lang: Lang) -> String {
    let typed = exact(typed);
    let meant = near.join(", ");
    match (lang, near.is_empty()) {
        (Lang::En, true) => format!(
            "{typed} is no code that is known here.\n  To do: `quittance explain` lists all of them."
        ),
        (Lang::En, false) => {
            format!("{typed} is no code that is known here.\n  Did you mean: {meant}?")
        }
        (Lang::Zh, true) => {
            format!("没有代码 {typed} 的说明。\n  处理办法：用 `quittance explain` 查看全部代码。")
        }
        (Lang::Zh, false) => format!("没有代码 {typed} 的说明。\n  您要找的是否为：{meant}？"),
    }
}

/// For scripts: a code that is known.
pub fn found_value(found: &[Known], lang: Lang) -> Value {
    let items = found.iter().map(|(codes, known)| {
        json!({
            "code": known.code,
            "speaker": codes.speaker,
            "meaning": known.meaning.say(lang),
            "cause": known.cause.say(lang),
            "fix": known.fix.say(lang),
            "ask": codes.ask.say(lang),
            "historic_help_id": known.help,
        })
    });
    json!({"ok": true, "items": items.collect::<Vec<_>>()})
}

/// For scripts: all codes.
pub fn list_value(speakers: &[Codes], lang: Lang) -> Value {
    let items = speakers.iter().flat_map(|codes| {
        codes.groups.iter().flat_map(move |group| {
            group.codes.iter().map(move |known| {
                json!({
                    "code": known.code,
                    "speaker": codes.speaker,
                    "group": group.name.say(lang),
                    "meaning": known.meaning.say(lang),
                })
            })
        })
    });
    json!({"ok": true, "items": items.collect::<Vec<_>>()})
}

/// For scripts: a code that is not known.
pub fn unknown_value(typed: &str, near: &[&str]) -> Value {
    json!({"ok": false, "code": typed, "near": near})
}

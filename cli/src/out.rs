//! What the program writes: lines, tables, JSON. A reader that went away (`| head`) is no error.

use serde_json::Value;
use std::io::Write;

/// One line, or several, to standard output.
pub fn line(text: impl AsRef<str>) {
    // Whoever read it may be gone.
    let _ = writeln!(std::io::stdout().lock(), "{}", text.as_ref());
}

/// To standard error; nothing where there is nothing to say.
pub fn error(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

/// JSON for scripts, laid out for eyes.
pub fn json(value: &Value) {
    line(serde_json::to_string_pretty(value).unwrap_or_default());
}

/// Rows under a heading, columns aligned.
pub fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let heading: Vec<String> = heading.iter().map(|cell| (*cell).to_owned()).collect();
    let rows: Vec<Vec<String>> = std::iter::once(&heading)
        .chain(rows)
        .map(|row| row.iter().map(|cell| plain(cell)).collect())
        .collect();
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heading.len()).map(widest).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths);
        let padded = cells.map(|(cell, wide)| cell.clone() + &" ".repeat(wide - width(cell)));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Names and values, one pair a line, values aligned; pairs without a value are left out.
pub fn pairs(rows: &[(&str, String)]) -> String {
    let told: Vec<&(&str, String)> = rows.iter().filter(|(_, value)| !value.is_empty()).collect();
    let widest = told.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let line = |(name, value): &&(&str, String)| {
        let gap = " ".repeat(widest - width(name));
        format!("{name}{gap}  {}", plain(value))
    };
    told.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// A field of a JSON object as text; empty where it is absent or null.
pub fn field(value: &Value, name: &str) -> String {
    match value.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

/// A list inside a JSON object; empty where there is none.
pub fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Text that strangers may have chosen does not command the terminal.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// Every character as it is, control characters as escapes: they neither command the terminal nor get lost.
pub fn exact(text: &str) -> String {
    let one = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.chars().map(one).collect()
}

/// Where Unicode keeps the characters that take two columns: Chinese, its punctuation, and pictures.
const WIDE: [std::ops::RangeInclusive<char>; 9] = [
    '\u{1100}'..='\u{115f}',
    '\u{2e80}'..='\u{a4cf}',
    '\u{ac00}'..='\u{d7a3}',
    '\u{f900}'..='\u{faff}',
    '\u{fe30}'..='\u{fe6f}',
    '\u{ff00}'..='\u{ff60}',
    '\u{ffe0}'..='\u{ffe6}',
    '\u{1f300}'..='\u{1faff}',
    '\u{20000}'..='\u{3fffd}',
];

/// How many columns a text takes in a terminal.
fn width(text: &str) -> usize {
    let wide = |c: char| WIDE.iter().any(|range| range.contains(&c));
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_chinese_too() {
        let rows = [
            vec!["茶".to_owned(), "paid".to_owned()],
            vec!["cup\u{1b}".to_owned(), "unpaid".to_owned()],
        ];
        let expected = "what  status\n茶    paid\ncup\u{fffd}  unpaid";
        assert_eq!(table(&["what", "status"], &rows), expected);
        let told = [
            ("a", "1".into()),
            ("价格", "2".into()),
            ("b", String::new()),
        ];
        assert_eq!(pairs(&told), "a     1\n价格  2");
    }
}

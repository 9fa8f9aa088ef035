//! Reading a table of the settings so that every problem is found in one go.
//!
//! The text is parsed by the TOML library. Its tables are walked by hand and not through derived types: those stop at
//! the first mistake and quote the value that was wrong, which may be a key. What is left in a section when it ends
//! was never asked for, and is refused: a misspelt setting must not be ignored.

use super::problem::{Problem, Text, Warning};
use quittance_core::gateway::setting;
use std::ops::RangeInclusive;
use std::path::Path;
use toml::{Table, Value};

/// What a reading needs from outside, and what it found.
pub(super) struct Reader<'a> {
    /// The folder of the settings file: relative paths begin there.
    pub base: &'a Path,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// What refuses to start.
    pub problems: Vec<Problem>,
    /// What does not.
    pub warnings: Vec<Warning>,
    /// How many secrets stand in the file itself.
    pub literals: usize,
}

/// One table, and what has been asked of it.
pub(super) struct Section {
    path: String,
    table: Table,
    known: Vec<&'static str>,
}

impl Reader<'_> {
    /// Notes something that refuses to start.
    pub fn wrong(
        &mut self,
        setting: impl Into<String>,
        cause: impl Into<Text>,
        fix: impl Into<Text>,
    ) {
        self.problems.push(Problem::new(setting, cause, fix));
    }

    /// Notes something to know.
    pub fn warn(
        &mut self,
        setting: impl Into<String>,
        cause: impl Into<Text>,
        fix: impl Into<Text>,
    ) {
        self.warnings.push(Problem::new(setting, cause, fix));
    }

    /// Whether something is wrong with this setting or a part of it already.
    pub fn is_wrong(&self, setting: &str) -> bool {
        self.problems.iter().any(|problem| {
            problem
                .setting
                .strip_prefix(setting)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// The value as text, or a problem.
    pub fn text(&mut self, path: String, value: Value) -> Option<String> {
        match value {
            Value::String(text) if text.starts_with('<') && text.ends_with('>') => {
                self.wrong(
                    path,
                    (
                        "this is a placeholder that was never filled in",
                        "这里还是占位符，没有填写",
                    ),
                    (
                        "write the value in its place, without < and >; the comment above it says where to find it",
                        "请填入实际的值，去掉 < 和 >；上方的注释说明了在哪里查到",
                    ),
                );
                None
            }
            Value::String(text) => Some(text),
            _ => {
                self.wrong(
                    path,
                    ("this must be a text", "此项必须是文本"),
                    ("write it in double quotes", "请写在双引号中"),
                );
                None
            }
        }
    }

    /// The value as a section, or a problem.
    pub fn section(&mut self, path: String, value: Value) -> Option<Section> {
        match value {
            Value::Table(table) => Some(Section::new(path, table)),
            _ => {
                self.wrong(
                    path,
                    ("this must be a section", "此项必须是一个小节"),
                    (
                        "write it as a section in square brackets or as { name = value }",
                        "请写成方括号小节，或 { 名称 = 值 }",
                    ),
                );
                None
            }
        }
    }
}

impl Section {
    /// A table at this path; the path of the whole file is empty.
    pub fn new(path: impl Into<String>, table: Table) -> Section {
        Section {
            path: path.into(),
            table,
            known: Vec::new(),
        }
    }

    /// The path of the section.
    pub fn here(&self) -> &str {
        &self.path
    }

    /// The path of a setting in the section.
    pub fn path(&self, name: &str) -> String {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        let name = if !name.is_empty() && name.bytes().all(plain) {
            name.to_owned()
        } else {
            format!("{name:?}") // Quoted as TOML needs it; control characters are escaped (SEC-088).
        };
        match self.path.as_str() {
            "" => name,
            path => format!("{path}.{name}"),
        }
    }

    /// Takes a setting out, whatever it is.
    pub fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.table.remove(name)
    }

    /// Takes a text out.
    pub fn text(&mut self, name: &'static str, reader: &mut Reader<'_>) -> Option<String> {
        let value = self.take(name)?;
        reader.text(self.path(name), value)
    }

    /// Whether anything stands under this name.
    pub fn has(&self, name: &str) -> bool {
        self.table.contains_key(name)
    }

    /// Whether a section stands under this name.
    pub fn has_table(&self, name: &str) -> bool {
        self.table.get(name).is_some_and(Value::is_table)
    }

    /// Takes a yes or no out.
    pub fn flag(&mut self, name: &'static str, reader: &mut Reader<'_>) -> Option<bool> {
        match self.take(name)? {
            Value::Boolean(flag) => Some(flag),
            _ => {
                reader.wrong(
                    self.path(name),
                    (
                        "this is neither true nor false",
                        "此项既不是 true 也不是 false",
                    ),
                    (
                        "write true or false, without quotes",
                        "请写 true 或 false，不加引号",
                    ),
                );
                None
            }
        }
    }

    /// Takes a whole number of this range out.
    pub fn whole(
        &mut self,
        name: &'static str,
        range: RangeInclusive<i64>,
        reader: &mut Reader<'_>,
    ) -> Option<i64> {
        match self.take(name)? {
            Value::Integer(number) if range.contains(&number) => Some(number),
            _ => {
                let (least, most) = (range.start(), range.end());
                reader.wrong(
                    self.path(name),
                    (
                        format!("this is no whole number from {least} to {most}"),
                        format!("此项不是 {least} 到 {most} 之间的整数"),
                    ),
                    ("write it in digits, without quotes", "请写数字，不加引号"),
                );
                None
            }
        }
    }

    /// Takes a text out that has to be there; `fix` says what it is.
    pub fn required(
        &mut self,
        name: &'static str,
        fix: impl Into<Text>,
        reader: &mut Reader<'_>,
    ) -> Option<String> {
        match self.take(name) {
            Some(value) => reader.text(self.path(name), value),
            None => {
                missing(self.path(name), fix, reader);
                None
            }
        }
    }

    /// Takes one of a few words out.
    pub fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&str, T)],
        reader: &mut Reader<'_>,
    ) -> Option<T> {
        let text = self.text(name, reader)?;
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text) {
            return Some(*choice);
        }
        let words = choices.iter().map(|(word, _)| *word).collect::<Vec<_>>();
        let cause = ("this is none of the words known here", "不是此项可用的取值");
        let fix = (
            format!("use {}, in these letters", words.join(" or ")),
            format!("请使用 {}（区分大小写）", words.join(" 或 ")),
        );
        reader.wrong(self.path(name), cause, fix);
        None
    }

    /// Takes a sub-section out.
    pub fn section(&mut self, name: &'static str, reader: &mut Reader<'_>) -> Option<Section> {
        let value = self.take(name)?;
        reader.section(self.path(name), value)
    }

    /// Takes a list out, each value with its path.
    pub fn list(
        &mut self,
        name: &'static str,
        reader: &mut Reader<'_>,
    ) -> Option<Vec<(String, Value)>> {
        let path = self.path(name);
        match self.take(name)? {
            Value::Array(values) => {
                let numbered = values.into_iter().enumerate();
                Some(
                    numbered
                        .map(|(number, value)| (format!("{path}[{number}]"), value))
                        .collect(),
                )
            }
            _ => {
                reader.wrong(
                    path,
                    ("this must be a list", "此项必须是列表"),
                    (
                        "write it in square brackets, also if it has one value only",
                        "请写在方括号中，只有一个值时也一样",
                    ),
                );
                None
            }
        }
    }

    /// Takes everything out that is left: names that the merchant chose.
    pub fn named(self) -> impl Iterator<Item = (String, String, Value)> {
        let Section { path, table, .. } = self;
        let paths = Section::new(path, Table::new());
        table.into_iter().map(move |(name, value)| {
            let path = paths.path(&name);
            (name, path, value)
        })
    }

    /// Refuses settings that belong to another kind of section, each with its cause; `fix` is what to do about it.
    /// Whether one was there.
    pub fn lacks(
        &mut self,
        names: &[&str],
        cause: impl Into<Text>,
        fix: impl Into<Text>,
        reader: &mut Reader<'_>,
    ) -> bool {
        let given: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| self.table.remove(*name).is_some())
            .collect();
        let (cause, fix) = (cause.into(), fix.into());
        for name in &given {
            reader.wrong(self.path(name), cause.clone(), fix.clone());
        }
        !given.is_empty()
    }

    /// Notes what a gateway's folder says about settings that are not known to be wrong already, in these words.
    pub fn refuse(
        &self,
        problems: Vec<setting::Problem>,
        words: fn(setting::Problem) -> (Text, Text),
        reader: &mut Reader<'_>,
    ) {
        for problem in problems {
            let path = self.path(problem.field);
            if !reader.is_wrong(&path) {
                let (cause, fix) = words(problem);
                reader.wrong(path, cause, fix);
            }
        }
    }

    /// Ends the section: what was never asked for is refused.
    pub fn finish(self, reader: &mut Reader<'_>) {
        for name in self.table.keys() {
            let known = self.known.join(", ");
            reader.wrong(
                self.path(name),
                ("this version knows no such setting", "本版本没有这个设置项"),
                (
                    format!("correct the name or remove it; known here: {known}"),
                    format!("请改正名称或删除；此处可用的设置：{known}"),
                ),
            );
        }
    }
}

/// A setting is not there.
pub(super) fn missing(path: String, fix: impl Into<Text>, reader: &mut Reader<'_>) {
    reader.wrong(path, ("this setting is missing", "缺少此设置项"), fix);
}

/// Whether this is a name of an account, a key or an endpoint: `[a-z0-9-]{1,32}`. Such names stand in paths, in
/// metrics and in the journal. Anything else is a problem.
pub(super) fn name_is_good(name: &str, path: &str, reader: &mut Reader<'_>) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let good = (1..=32).contains(&name.len()) && name.bytes().all(plain);
    if !good {
        reader.wrong(
            path,
            (
                "the name is not 1 to 32 lower-case letters, digits and hyphens",
                "名称不是 1 到 32 个小写字母、数字或连字符",
            ),
            (
                "choose a name such as main or shop-2",
                "请换一个名称，例如 main 或 shop-2",
            ),
        );
    }
    good
}

//! How to log: `[log]`.

use super::section::{Reader, Section};
use crate::setup::LogSetup;

/// From quiet to loud.
const LEVELS: [(&str, &str); 5] = [
    ("error", "error"),
    ("warn", "warn"),
    ("info", "info"),
    ("debug", "debug"),
    ("trace", "trace"),
];

/// Reads the section; what it leaves out is `info`, text, to standard error.
pub(super) fn read(section: Option<Section>, reader: &mut Reader<'_>) -> LogSetup {
    let mut setup = LogSetup {
        level: "info".to_owned(),
        json: false,
        file: None,
    };
    let Some(mut section) = section else {
        return setup;
    };
    if let Some(level) = section.choice("level", &LEVELS, reader) {
        setup.level = level.to_owned();
    }
    let formats = [("text", false), ("json", true)];
    setup.json = section.choice("format", &formats, reader).unwrap_or(false);
    if let Some(file) = section.text("file", reader) {
        if file.is_empty() || file.contains('\0') {
            reader.wrong(
                section.path("file"),
                ("this is no path", "不是有效的路径"),
                (
                    "name a file, or leave the setting out to log to standard error",
                    "请填写文件路径，或删除此项以输出到标准错误",
                ),
            );
        } else {
            setup.file = Some(reader.base.join(file));
        }
    }
    section.finish(reader);
    setup
}

//! Logging: one event is one line, to standard error or to a file, as text or as JSON.
//!
//! Callbacks are written by strangers and their values reach the log, so every control character of an event is
//! escaped after it was formatted, wherever it came from (SEC-088). The formatter's own guard knows the terminal's
//! escapes and leaves line breaks alone; here nothing but the end of the line is a line break.

use crate::config::Problem;
use crate::setup::LogSetup;
use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What our own crates begin with. Others are heard from `warn` on: at `debug`, HTTP clients and servers print
/// whole requests, and with them what must not stand in a log.
const OURS: &str = "quittance";

/// Starts logging for the whole process. Where something already logs (tests, an embedding program), that stays.
///
/// # Errors
/// A file that cannot be written.
pub fn start(setup: &LogSetup) -> Result<(), Problem> {
    let subscriber = subscriber(setup)?;
    // The only error is that something logs already.
    let _ = subscriber.try_init();
    Ok(())
}

/// What [`start`] installs.
///
/// # Errors
/// As [`start`].
pub fn subscriber(setup: &LogSetup) -> Result<impl Subscriber + Send + Sync + 'static, Problem> {
    let level = level(&setup.level)?;
    let filter = Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target(OURS, level);
    let sink = Sink {
        file: setup.file.as_deref().map(open).transpose()?,
        json: setup.json,
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_writer(sink);
    let lines = match setup.json {
        true => lines
            .json()
            .flatten_event(true)
            .with_current_span(false) // The list of spans names it already.
            .boxed(),
        false => lines.boxed(),
    };
    Ok(tracing_subscriber::registry().with(lines.with_filter(filter)))
}

fn level(name: &str) -> Result<LevelFilter, Problem> {
    match name {
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err(Problem::new(
            "log.level",
            ("there is no such level", "没有这个日志级别"),
            (
                "use error, warn, info, debug or trace",
                "请使用 error、warn、info、debug 或 trace",
            ),
        )),
    }
}

/// Opens for appending: what was logged before stays, and a rotating tool may cut the file at any time.
fn open(path: &std::path::Path) -> Result<File, Problem> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o640); // The log names orders; it is not for everyone.
    options.open(path).map_err(|error| {
        let path = path.display().to_string().escape_debug().to_string();
        Problem::new(
            "log.file",
            (
                format!("{path} cannot be opened for writing ({error})"),
                format!("{path} 无法写入（{error}）"),
            ),
            (
                "make its folder, let the server's user write there, or remove the setting to log to \
                 standard error",
                "请创建所在目录并允许运行服务的用户写入，或删除此项以输出到标准错误",
            ),
        )
    })
}

/// Where lines go.
struct Sink {
    file: Option<File>,
    json: bool,
}

/// One event on its way out. The formatter hands it over in a single call.
struct Line<'a> {
    sink: &'a Sink,
}

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { sink: self }
    }
}

impl Write for Line<'_> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let line = one_line(&String::from_utf8_lossy(event), self.sink.json);
        match &self.sink.file {
            // One call per line: the system appends it whole.
            Some(file) => (&*file).write_all(line.as_bytes())?,
            None => io::stderr().lock().write_all(line.as_bytes())?,
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &self.sink.file {
            Some(file) => (&*file).flush(),
            None => io::stderr().flush(),
        }
    }
}

/// The event with every control character escaped but the line break at its end. In JSON such characters can only
/// stand inside texts, where the escape means the character itself.
fn one_line(event: &str, json: bool) -> String {
    let (body, end) = match event.strip_suffix('\n') {
        Some(body) => (body, "\n"),
        None => (event, ""),
    };
    let mut line = String::with_capacity(event.len());
    for character in body.chars() {
        let code = u32::from(character);
        // Writing to a String does not fail.
        let _ = match character {
            _ if !is_unseen(character) => line.write_char(character),
            _ if json => write!(line, "\\u{code:04x}"),
            '\n' => line.write_str("\\n"),
            '\r' => line.write_str("\\r"),
            '\t' => line.write_str("\\t"),
            _ => write!(line, "\\u{{{code:x}}}"),
        };
    }
    line.push_str(end);
    line
}

/// Control characters, the two line separators, and the marks that turn the direction of text around.
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

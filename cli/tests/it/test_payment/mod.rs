//! `test-payment` between the real program, its sandbox, a shop, and a buyer who pays when the command has printed its link.

mod amiss;
mod passed;
mod shop;

use crate::program::command;
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};

/// The longest that a test waits for one.
const PATIENCE_SECS: &str = "60";

/// A `test-payment` under way; it ends with its test at the latest.
struct Running {
    child: Child,
    out: Box<dyn BufRead>,
    err: Box<dyn BufRead>,
    /// What was read of standard output and standard error so far.
    said: String,
}

/// One that has ended.
struct Ended {
    code: i32,
    out: String,
    said: String,
}

impl Running {
    /// Starts one for this account.
    fn start(config: &Path, account: &str, arguments: &[&str]) -> Running {
        let config = config.to_str().unwrap();
        let common = ["--config", config, "test-payment", "--account", account];
        // Whatever is not there by then is not coming; an argument of the test's own goes before.
        let patience: &[&str] = match arguments.contains(&"--timeout") {
            true => &[],
            false => &["--timeout", PATIENCE_SECS],
        };
        let mut child = command(&[&common[..], patience, arguments].concat())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let err = BufReader::new(child.stderr.take().unwrap());
        Running {
            child,
            out: Box::new(out),
            err: Box::new(err),
            said: String::new(),
        }
    }

    /// Waits for a line with this on standard output, and gives what stands behind it.
    fn printed(&mut self, what: &str) -> String {
        line_with(&mut *self.out, what, &mut self.said)
    }

    /// The same on standard error.
    fn warned(&mut self, what: &str) -> String {
        line_with(&mut *self.err, what, &mut self.said)
    }

    /// Waits for its end.
    fn ended(mut self) -> Ended {
        let mut out = String::new();
        self.out.read_to_string(&mut out).unwrap();
        let code = self.child.wait().unwrap().code().unwrap();
        self.err.read_to_string(&mut self.said).unwrap();
        let said = format!("{}{out}", self.said);
        Ended { code, out, said }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Checks how it ended.
    fn with(self, code: i32) -> Ended {
        assert_eq!(self.code, code, "{}", self.said);
        self
    }

    /// Its object.
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("{}", self.said))
    }

    /// Checks that it said this.
    fn says(&self, what: &str) {
        assert!(self.said.contains(what), "{what}\n{}", self.said);
    }
}

/// Runs one that needs nobody.
fn alone(config: &Path, account: &str, arguments: &[&str]) -> Ended {
    Running::start(config, account, arguments).ended()
}

fn line_with(lines: &mut dyn BufRead, what: &str, said: &mut String) -> String {
    loop {
        let mut line = String::new();
        let read = lines.read_line(&mut line).unwrap();
        assert!(read > 0, "it ended without {what}\n{said}");
        said.push_str(&line);
        if let Some((_, rest)) = line.split_once(what) {
            return rest.trim().to_owned();
        }
    }
}

//! What is going on, on standard error: a spinner where somebody looks at a terminal, plain lines elsewhere.

use crate::out;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// How often the spinner turns.
const TICK: Duration = Duration::from_millis(120);

/// The display.
pub struct Show {
    spinner: Option<ProgressBar>,
    /// What was said last to be waited for: plain lines say it once.
    waiting: String,
}

impl Show {
    /// A display for this standard error.
    pub fn new() -> Show {
        let spinner = std::io::stderr().is_terminal().then(|| {
            let spinner = ProgressBar::new_spinner();
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                spinner.set_style(style);
            }
            spinner
        });
        Show {
            spinner,
            waiting: String::new(),
        }
    }

    /// Something is done.
    pub fn done(&self, what: &str) {
        self.line(&format!("✓ {what}"));
    }

    /// Something to know.
    pub fn line(&self, what: &str) {
        let what = out::plain(what);
        match &self.spinner {
            Some(spinner) => spinner.println(what),
            None => out::error(&what),
        }
    }

    /// Something is waited for.
    pub fn wait_for(&mut self, what: &str) {
        if self.waiting == what {
            return;
        }
        self.waiting = what.to_owned();
        match &self.spinner {
            Some(spinner) => {
                spinner.reset_elapsed();
                spinner.set_message(what.to_owned());
                spinner.enable_steady_tick(TICK);
            }
            None => out::error(&format!("… {what}")),
        }
    }

    /// Nothing is waited for any more.
    pub fn end(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

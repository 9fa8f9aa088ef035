//! How a command ends when not all is well.

/// Why a command ended early, in words for the person who ran it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// It ran, and found something wrong. The text is empty where the output has said it already.
    Wrong(String),
    /// It could not run: settings, connection, disk.
    Unable(String),
}

impl Stop {
    /// It ran, and found something wrong.
    pub fn wrong(text: impl Into<String>) -> Stop {
        Stop::Wrong(text.into())
    }

    /// It could not run.
    pub fn unable(text: impl Into<String>) -> Stop {
        Stop::Unable(text.into())
    }

    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Stop::Wrong(_) => 1,
            Stop::Unable(_) => 2,
        }
    }

    /// What to tell.
    pub fn text(&self) -> &str {
        match self {
            Stop::Wrong(text) | Stop::Unable(text) => text,
        }
    }
}

//! A process that is measured: started, waited for until it listens, asked to stop.

use crate::Failed;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

/// A running process. Dropped, it is killed.
pub struct Running {
    child: Child,
    line: String,
    // Kept open: a process that writes where nobody reads would end.
    _output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it and waits for its first line, which says that it listens.
    ///
    /// # Errors
    /// Where it ends before it says anything.
    pub fn start(command: &mut Command) -> Result<Running, Failed> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("its output is missing")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        if !line.contains("listens on") {
            let ended = child.wait()?;
            return Err(format!("{command:?} does not listen: {line:?}, {ended}").into());
        }
        Ok(Running {
            child,
            line,
            _output: output,
        })
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said when it began to listen.
    pub fn line(&self) -> &str {
        self.line.trim()
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// Where it ends by anything but this.
    pub fn stop(mut self) -> Result<(), Failed> {
        let asked = Command::new("kill")
            .args(["-TERM", &self.id().to_string()])
            .status()?;
        let ended = self.child.wait()?;
        if !asked.success() || !ended.success() {
            return Err(format!("the process did not stop as asked: {ended}").into());
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only where it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

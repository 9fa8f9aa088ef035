//! A process that is measured: started, waited for until it listens, asked to stop.

use crate::Failed;
use crate::place::Place;
use quittance_server::clock::Clock;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// Longer than the server gives itself to end what is under way.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A running process. Dropped, it is killed.
pub struct Running {
    child: Child,
    id: u32,
    line: String,
    // Kept open: a process that writes where nobody reads would end.
    _output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts it and waits for its first line, which says that it listens.
    ///
    /// # Errors
    /// Where it ends before it says so.
    pub async fn start(command: &mut Command) -> Result<Running, Failed> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn()?;
        let id = child.id().ok_or("it has ended already")?;
        let mut output = BufReader::new(child.stdout.take().ok_or("its output is missing")?);
        let mut line = String::new();
        output.read_line(&mut line).await?;
        if !line.contains("listens on") {
            return Err(format!("{command:?} says {line:?} instead of where it listens").into());
        }
        Ok(Running {
            child,
            id,
            line,
            _output: output,
        })
    }

    /// Starts the server as an operator does, with the settings of this node.
    ///
    /// # Errors
    /// Where it does not listen.
    pub async fn serve(place: &Place, node: usize) -> Result<Running, Failed> {
        let mut command = Command::new(place.server());
        command
            .args(["--lang", "en", "serve", "--config"])
            .arg(place.settings(node));
        Running::start(&mut command).await
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What it said when it began to listen.
    pub fn line(&self) -> &str {
        self.line.trim()
    }

    /// Asks it to stop and waits until it has.
    ///
    /// # Errors
    /// Where it ends in another way than asked, or not in time.
    pub async fn stop(mut self, clock: &Arc<dyn Clock>) -> Result<(), Failed> {
        let asked = Command::new("kill")
            .args(["-TERM", &self.id.to_string()])
            .status()
            .await?;
        let ended = clock.within(STOP_LIMIT, self.child.wait()).await;
        let ended = ended.ok_or("the server has not stopped within half a minute")??;
        if !asked.success() || !ended.success() {
            return Err(format!("the server did not stop as asked: {ended}").into());
        }
        Ok(())
    }
}

//! The process under test.

use super::Failed;
use super::client::{PATIENCE, http};
use super::site::Site;
use quittance_server::clock::Clock;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::process::{Child, Command};

/// A start or an end that takes longer hangs.
const LIMIT: Duration = Duration::from_secs(30);
/// Between two looks.
pub const LOOK: Duration = Duration::from_millis(3);

/// A running server. Dropped, it is killed.
pub struct Server {
    child: Child,
    ready: String,
    http: reqwest::Client,
}

impl Server {
    /// Starts `quittance serve` with these additions to its environment.
    ///
    /// # Errors
    /// Where the system does not let us.
    pub fn start(site: &Site, environment: &[(&str, &str)]) -> Result<Server, Failed> {
        let mut command = site.command(&["serve"]);
        command.envs(environment.iter().copied());
        Server::spawn(site, &mut command)
    }

    fn spawn(site: &Site, command: &mut Command) -> Result<Server, Failed> {
        let errors = std::fs::File::options()
            .create(true)
            .append(true)
            .open(site.errors())?;
        let child = command
            .stdout(errors.try_clone()?)
            .stderr(errors)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Server {
            child,
            ready: format!("{}/readyz", site.url),
            http: http(PATIENCE)?,
        })
    }

    /// Whether it says that it takes callbacks.
    pub async fn is_ready(&self) -> bool {
        let answer = self.http.get(&self.ready).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Waits until it takes callbacks; `None`: it ended by itself instead.
    ///
    /// # Errors
    /// Where it does neither.
    pub async fn ready(&mut self, clock: &Arc<dyn Clock>) -> Result<Option<()>, Failed> {
        let limit = clock.mono() + LIMIT;
        while !self.is_ready().await {
            if self.child.try_wait()?.is_some() {
                return Ok(None);
            }
            if clock.mono() > limit {
                return Err("the server is neither ready nor at its end after 30 s".into());
            }
            clock.sleep(LOOK).await;
        }
        Ok(Some(()))
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// Where the system cannot say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>, Failed> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for its end, which nobody asked for.
    ///
    /// # Errors
    /// Where it does not end.
    pub async fn end(&mut self, clock: &Arc<dyn Clock>) -> Result<ExitStatus, Failed> {
        let ended = clock.within(LIMIT, self.child.wait()).await;
        Ok(ended.ok_or("the server did not end by itself within 30 s")??)
    }

    /// `kill -9`: nothing is flushed, nobody is told.
    ///
    /// # Errors
    /// Where the system does not let us.
    pub async fn kill(mut self) -> Result<(), Failed> {
        self.child.kill().await?;
        Ok(())
    }

    /// SIGTERM, as a service manager stops it; it must end well.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn terminate(mut self, clock: &Arc<dyn Clock>) -> Result<(), Failed> {
        let id = self.child.id().ok_or("the server has ended already")?;
        let asked = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .stdout(Stdio::null())
            .status()
            .await?;
        let ended = self.end(clock).await?;
        match asked.success() && ended.success() {
            true => Ok(()),
            false => Err(format!("the server did not stop as asked: {ended}").into()),
        }
    }
}

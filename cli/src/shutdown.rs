//! Being asked to stop: Ctrl-C, or SIGTERM from whoever runs the process.

use crate::ending::Stop;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// From its making on, both signals no longer end the process; [`Shutdown::asked`] tells of them.
pub struct Shutdown {
    interrupt: Signal,
    terminate: Signal,
}

impl Shutdown {
    /// Listens.
    ///
    /// # Errors
    /// Where the system does not let us.
    pub fn listen() -> Result<Shutdown, Stop> {
        let on = |kind| signal(kind).map_err(|error| Stop::unable(error.to_string()));
        Ok(Shutdown {
            interrupt: on(SignalKind::interrupt())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    /// Resolves when somebody asks the process to stop.
    pub async fn asked(&mut self) {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

//! The network below HTTP: names and connections. A seam, so that tests can have names lead anywhere.

use crate::clock::Clock;
use async_trait::async_trait;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};

/// How long a name may take.
const RESOLVE_LIMIT: Duration = Duration::from_secs(5);

/// Names and connections.
#[async_trait]
pub trait Net: Send + Sync {
    /// The addresses of a host, as the machine's resolver tells them.
    ///
    /// # Errors
    /// Why there are none.
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, String>;
    /// Opens a connection and closes it again.
    async fn connect(&self, at: SocketAddr, limit: Duration) -> Reached;
}

/// What became of a connection.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reached {
    /// It was opened.
    Open,
    /// It was refused at once: nobody listens, or a firewall says no.
    Refused,
    /// Nothing came back: a firewall swallows it, or the machine is off.
    Silent,
    /// Another error of the network.
    Failed(String),
}

/// The machine's network.
pub struct SystemNet {
    clock: Arc<dyn Clock>,
}

impl SystemNet {
    /// The machine's network, with limits by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> SystemNet {
        SystemNet { clock }
    }
}

#[async_trait]
impl Net for SystemNet {
    async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        let found = self
            .clock
            .within(RESOLVE_LIMIT, lookup_host((host, 0)))
            .await;
        let addresses = found
            .ok_or("no answer of the resolver within 5 seconds")?
            .map_err(|error| error.to_string())?;
        let mut addresses: Vec<IpAddr> = addresses.map(|address| address.ip()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        match addresses.is_empty() {
            true => Err("the name has no address".to_owned()),
            false => Ok(addresses),
        }
    }

    async fn connect(&self, at: SocketAddr, limit: Duration) -> Reached {
        match self.clock.within(limit, TcpStream::connect(at)).await {
            None => Reached::Silent,
            Some(Ok(_)) => Reached::Open,
            Some(Err(error)) => match error.kind() {
                ErrorKind::ConnectionRefused => Reached::Refused,
                ErrorKind::TimedOut => Reached::Silent,
                _ => Reached::Failed(error.to_string()),
            },
        }
    }
}

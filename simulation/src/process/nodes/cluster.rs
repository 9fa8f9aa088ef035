//! Servers on one database, with one gateway and one shop around them.

use super::Wishes;
use crate::process::Failed;
use crate::process::client::Client;
use crate::process::gateway::Gateway;
use crate::process::ledger::Ledger;
use crate::process::server::Server;
use crate::process::shop;
use crate::process::site::{Site, Surroundings};
use quittance_server::clock::Clock;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// A gateway and a shop wait no longer than this: a server in trouble keeps nobody from going to another one.
const PATIENCE: Duration = Duration::from_secs(2);
/// Who looks at everything afterwards may take longer.
const LOOKS: Duration = Duration::from_secs(15);
/// Where gateways and buyers are told to go. No balancer is there: the load chooses a server each time.
const PUBLIC: &str = "http://pay.example.com";

/// The servers' places, and what is around them.
pub struct Cluster {
    /// A place for each server.
    pub sites: Vec<Site>,
    /// Where buyers pay.
    pub gateway: Gateway,
    /// What truly happened.
    pub ledger: Arc<Ledger>,
    /// Who calls the servers, and is in a hurry.
    pub caller: Client,
    /// Who looks at everything, and is not.
    pub looker: Client,
    // The sockets' tasks, and the folder: both end with the cluster.
    _tasks: JoinSet<()>,
    _folder: TempDir,
}

impl Cluster {
    /// Places for as many servers as are wished for, with these gaps between checks.
    ///
    /// # Errors
    /// Where the system does not let us.
    pub async fn make(
        wishes: &Wishes,
        program: &Path,
        gaps_secs: &[i64],
    ) -> Result<Cluster, Failed> {
        let folder = tempfile::Builder::new()
            .prefix("quittance-nodes-")
            .tempdir()?;
        let mut tasks = JoinSet::new();
        let ledger = Ledger::new();
        let gateway = Gateway::start(&mut tasks).await?;
        let shop = shop::start(&mut tasks, &ledger, wishes.seed).await?;
        let around = Surroundings {
            gateway: &gateway.url,
            require: "confirmed",
            shop: Some(&shop),
            database: &wishes.database,
            public_url: Some(PUBLIC),
            gaps_secs,
        };
        let mut sites = Vec::new();
        for node in 0..wishes.nodes {
            let place = folder.path().join(node.to_string());
            std::fs::create_dir(&place)?;
            sites.push(Site::make(program, &place, &around)?);
        }
        Ok(Cluster {
            sites,
            gateway,
            ledger,
            caller: Client::new(PATIENCE)?,
            looker: Client::new(LOOKS)?,
            _tasks: tasks,
            _folder: folder,
        })
    }

    /// The machine's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.ledger.clock
    }

    /// Starts all servers at once and waits until each takes callbacks. The database must be empty.
    ///
    /// # Errors
    /// Where one does not, or where somebody's orders are there.
    pub async fn start(&self) -> Result<Vec<Server>, Failed> {
        let mut servers = Vec::new();
        for site in &self.sites {
            servers.push(Server::start(site, &[])?);
        }
        for (server, site) in servers.iter_mut().zip(&self.sites) {
            self.await_ready(server, site).await?;
        }
        let said = self.looker.says(&self.sites[0].url).await?;
        match said.orders.is_empty() {
            true => Ok(servers),
            false => Err("the database is not empty".into()),
        }
    }

    /// Starts one server and waits until it takes callbacks.
    ///
    /// # Errors
    /// Where it does not.
    pub async fn serve(&self, site: &Site) -> Result<Server, Failed> {
        let mut server = Server::start(site, &[])?;
        self.await_ready(&mut server, site).await?;
        Ok(server)
    }

    async fn await_ready(&self, server: &mut Server, site: &Site) -> Result<(), Failed> {
        match server.ready(self.clock()).await? {
            Some(()) => Ok(()),
            None => Err(format!("a server ended at its start: {}", site.said()?).into()),
        }
    }

    /// No server has ended: each is the process that it was.
    ///
    /// # Errors
    /// Which one has.
    pub fn all_live(&self, servers: &mut [Server]) -> Result<(), Failed> {
        for (server, site) in servers.iter_mut().zip(&self.sites) {
            if let Some(ended) = server.ended()? {
                let said = site.said()?;
                return Err(format!("a server ended by itself ({ended}): {said}").into());
            }
        }
        Ok(())
    }
}

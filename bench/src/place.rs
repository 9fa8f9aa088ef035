//! Where a measurement runs: a folder on a real disk with the settings in it, and a database. Both are removed at its end.

use crate::cluster::Cluster;
use crate::rounds::Under;
use crate::{Failed, machine};
use quittance_server::config;
use quittance_server::setup::Setup;
use rusqlite::Connection;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// The merchant's number at the gateway.
pub const PARTNER: &str = "2088000000000001";
/// What both sides sign with.
pub const KEY: &str = "quittancebenchmarkkey00000000001";
/// The account.
pub const ACCOUNT: &str = "main";

/// Where things are found, and where they are put.
#[derive(clap::Args, Clone)]
pub struct Site {
    /// A folder on the disk that shall be measured; what is made in it is removed afterwards
    #[arg(long, value_name = "DIR", default_value = "target/bench-data")]
    data: PathBuf,
    /// The server's program; beside this one where it is left out
    #[arg(long, value_name = "FILE")]
    server: Option<PathBuf>,
}

/// Which database is measured.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Kind {
    /// SQLite, in the folder
    Sqlite,
    /// PostgreSQL, in the cluster that is given
    Postgres,
}

/// A folder of its own for one measurement, and a database.
pub struct Place {
    folder: PathBuf,
    server: PathBuf,
    /// Where it is none, the database is SQLite's, in the folder.
    cluster: Option<Cluster>,
}

impl Place {
    /// Makes it.
    ///
    /// # Errors
    /// A folder that cannot be made, a server that was not built, a cluster that is not there.
    pub async fn make(site: &Site, kind: Kind) -> Result<Place, Failed> {
        let beside = std::env::current_exe()?.with_file_name("quittance");
        let server = site.server.clone().unwrap_or(beside);
        if !server.is_file() {
            let server = server.display();
            return Err(format!("{server} is missing: run scripts/bench, which builds it").into());
        }
        let cluster = match kind {
            Kind::Sqlite => None,
            Kind::Postgres => Some(Cluster::make().await?),
        };
        let folder = site.data.join(format!("run-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let folder = folder.canonicalize()?;
        Ok(Place {
            folder,
            server,
            cluster,
        })
    }

    /// A folder on the disk that holds the database.
    pub fn disk(&self) -> &Path {
        match &self.cluster {
            Some(cluster) => cluster.folder(),
            None => &self.folder,
        }
    }

    /// What the servers store in.
    pub fn under(&self) -> Under<'_> {
        match &self.cluster {
            Some(cluster) => Under::Postgres(cluster),
            None => Under::Sqlite(self.database()),
        }
    }

    /// The server's program.
    pub fn server(&self) -> &Path {
        &self.server
    }

    /// The settings' file of a node.
    pub fn settings(&self, node: usize) -> PathBuf {
        self.folder.join(format!("node-{node}.toml"))
    }

    fn database(&self) -> PathBuf {
        self.folder.join("journal")
    }

    /// Bytes of the database, wherever they are: pages of SQLite that are still in its log count once, and PostgreSQL's log
    /// does not, which does not grow with what is stored.
    ///
    /// # Errors
    /// A database that is not there.
    pub async fn bytes(&self) -> Result<u64, Failed> {
        match &self.cluster {
            Some(cluster) => cluster.bytes().await,
            None => {
                let database = Connection::open(self.database().join("quittance.db"))?;
                let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
                let bytes: i64 = database.query_row(size, [], |row| row.get(0))?;
                Ok(u64::try_from(bytes)?)
            }
        }
    }

    /// Brings everything that was made ahead to the disk.
    ///
    /// # Errors
    /// A disk or a cluster that fails.
    pub async fn rest(&self) -> Result<(), Failed> {
        if let Some(cluster) = &self.cluster {
            cluster.tidy().await?;
            cluster.checkpoint().await?;
        }
        machine::sync(self.disk())
    }

    /// Takes it all away. What is only dropped leaves its database in the cluster, which ends soon after.
    ///
    /// # Errors
    /// A cluster that is gone.
    pub async fn end(mut self) -> Result<(), Failed> {
        match self.cluster.take() {
            Some(cluster) => cluster.end().await,
            None => Ok(()),
        }
    }

    /// Writes the settings of a node at each address as an operator would, and reads the first by the server's own code.
    /// No check of an order falls into the measurement: the first one is due after two hours.
    ///
    /// # Errors
    /// Where the disk does not let us.
    pub fn settle(
        &self,
        require: &str,
        nodes: &[SocketAddr],
        gateway: SocketAddr,
    ) -> Result<Setup, Failed> {
        let public = nodes.first().ok_or("no node is asked for")?;
        let database = match &self.cluster {
            Some(cluster) => cluster.url(),
            None => "sqlite:journal",
        };
        for (node, listen) in nodes.iter().enumerate() {
            let text = format!(
                r#"listen = "{listen}"
public_url = "http://{public}"
database = "{database}"

[api_keys]
bench = "no-caller-in-this-benchmark"

[accounts.{ACCOUNT}]
gateway = "alipay"
partner = "{PARTNER}"
key = "{KEY}"
charset = "utf-8"
gateway_url = "http://{gateway}/gateway.do"
require = "{require}"

[accounts.{ACCOUNT}.check]
gaps = ["2h"]

[log]
level = "error"
"#
            );
            std::fs::write(self.settings(node), text)?;
        }
        let (setup, _) = config::load(&self.settings(0), &|_| None)
            .map_err(|error| error.say(quittance_core::Lang::En))?;
        Ok(setup)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left behind: {error}", self.folder.display());
        }
    }
}

/// Addresses on this machine that are free now, all different.
///
/// # Errors
/// Where the machine has not so many.
pub fn free_addresses(count: usize) -> Result<Vec<SocketAddr>, Failed> {
    let listeners = (0..count).map(|_| TcpListener::bind("127.0.0.1:0"));
    // All of them are held at once.
    let listeners: Vec<TcpListener> = listeners.collect::<Result<_, _>>()?;
    let addresses = listeners.iter().map(TcpListener::local_addr);
    Ok(addresses.collect::<Result<_, _>>()?)
}

/// One of them.
///
/// # Errors
/// Where the machine has none.
pub fn free_address() -> Result<SocketAddr, Failed> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

//! Where a measurement runs: a folder on a real disk, removed at its end, and the settings in it.

use crate::{Failed, Wishes};
use quittance_server::config;
use quittance_server::setup::Setup;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

/// The merchant's number at the gateway.
pub const PARTNER: &str = "2088000000000001";
/// What both sides sign with.
pub const KEY: &str = "quittancebenchmarkkey00000000001";
/// The account.
pub const ACCOUNT: &str = "main";

/// A folder of its own for one measurement.
pub struct Place {
    folder: PathBuf,
    server: PathBuf,
}

impl Place {
    /// Makes it.
    ///
    /// # Errors
    /// A folder that cannot be made, a server that was not built.
    pub fn make(wishes: &Wishes) -> Result<Place, Failed> {
        let beside = std::env::current_exe()?.with_file_name("quittance");
        let server = wishes.server.clone().unwrap_or(beside);
        if !server.is_file() {
            let server = server.display();
            return Err(format!("{server} is missing: run scripts/bench, which builds it").into());
        }
        let folder = wishes.data.join(format!("run-{}", std::process::id()));
        std::fs::create_dir_all(&folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
        let folder = folder.canonicalize()?;
        Ok(Place { folder, server })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's program.
    pub fn server(&self) -> &Path {
        &self.server
    }

    /// The settings' file.
    pub fn settings(&self) -> PathBuf {
        self.folder.join("quittance.toml")
    }

    /// The database's folder.
    pub fn database(&self) -> PathBuf {
        self.folder.join("journal")
    }

    /// Writes the settings as an operator would, and reads them by the server's own code. No check of an order falls
    /// into the measurement: the first one is due after two hours.
    ///
    /// # Errors
    /// Where the disk does not let us.
    pub fn settle(
        &self,
        require: &str,
        server: SocketAddr,
        gateway: SocketAddr,
    ) -> Result<Setup, Failed> {
        let text = format!(
            r#"listen = "{server}"
public_url = "http://{server}"
database = "sqlite:journal"

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
        std::fs::write(self.settings(), text)?;
        let (setup, _) = config::load(&self.settings(), &|_| None)
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

/// An address on this machine that is free now.
///
/// # Errors
/// Where the machine has none.
pub fn free_address() -> Result<SocketAddr, Failed> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

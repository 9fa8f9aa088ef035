//! Where a server lives: a folder with settings, the program, and what is asked of it on the command line.

use super::Failed;
use serde_json::Value;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// The merchant's number at the gateway.
pub const PARTNER: &str = "2088000000000001";
/// What both sides sign with.
pub const KEY: &str = "quittancecrashtestskey0000000001";
/// The account.
pub const ACCOUNT: &str = "main";
/// The shop's key for the API.
pub const API_KEY: &str = "crash-test-key-0123456789abcdef";
/// What the server signs webhooks with.
pub const WEBHOOK_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A database in the site's own folder.
pub const SQLITE: &str = "sqlite:data";
/// The gaps between checks, in seconds.
pub const GAPS_SECS: [i64; 4] = [2, 5, 30, 180];

/// What the settings of a site say of its surroundings.
pub struct Surroundings<'a> {
    /// Where the gateway is.
    pub gateway: &'a str,
    /// The proof that the account requires.
    pub require: &'a str,
    /// Where the shop is, if one is told.
    pub shop: Option<&'a str>,
    /// Where everything is kept.
    pub database: &'a str,
    /// Where gateways and buyers find the server; its own address where that is left out.
    pub public_url: Option<&'a str>,
    /// The gaps between checks, in seconds.
    pub gaps_secs: &'a [i64],
}

/// A folder with settings, and the program that runs on it.
pub struct Site {
    program: PathBuf,
    folder: PathBuf,
    /// Where the server listens.
    pub url: String,
}

impl Site {
    /// Writes the settings as an operator would.
    ///
    /// # Errors
    /// A folder that cannot be written, no free address.
    pub fn make(program: &Path, folder: &Path, around: &Surroundings) -> Result<Site, Failed> {
        let Surroundings {
            gateway,
            require,
            database,
            ..
        } = around;
        let gaps = around.gaps_secs.iter();
        let gaps: Vec<String> = gaps.map(|secs| format!("\"{secs}s\"")).collect();
        let gaps = gaps.join(", ");
        let listen = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let own = format!("http://{listen}");
        let public_url = around.public_url.unwrap_or(&own);
        let webhooks = around.shop.map_or(String::new(), |url| {
            format!(
                "\n[[webhooks]]\nname = \"shop\"\nurl = \"{url}\"\nsecret = \"{WEBHOOK_SECRET}\"\n"
            )
        });
        let text = format!(
            r#"listen = "{listen}"
public_url = "{public_url}"
database = "{database}"

[api_keys]
shop = "{API_KEY}"

[accounts.{ACCOUNT}]
gateway = "alipay"
partner = "{PARTNER}"
key = "{KEY}"
charset = "utf-8"
gateway_url = "{gateway}/gateway.do"
require = "{require}"

[accounts.{ACCOUNT}.check]
gaps = [{gaps}]
{webhooks}
[log]
level = "warn"
"#
        );
        std::fs::write(folder.join("quittance.toml"), text)?;
        Ok(Site {
            program: program.canonicalize()?,
            folder: folder.to_owned(),
            url: own,
        })
    }

    /// The same program on a folder of its own, with nobody to ask and nobody to tell: what happens there happened
    /// nowhere else.
    ///
    /// # Errors
    /// As [`Site::make`].
    pub fn alone(&self, folder: &Path) -> Result<Site, Failed> {
        std::fs::create_dir(folder)?;
        let nobody = Surroundings {
            gateway: "http://127.0.0.1:9",
            require: "confirmed",
            shop: None,
            database: SQLITE,
            public_url: None,
            gaps_secs: &GAPS_SECS,
        };
        Site::make(&self.program, folder, &nobody)
    }

    /// The same place with another program.
    ///
    /// # Errors
    /// Where there is none.
    pub fn with(&self, program: &Path) -> Result<Site, Failed> {
        Ok(Site {
            program: program.canonicalize()?,
            folder: self.folder.clone(),
            url: self.url.clone(),
        })
    }

    /// The newest lines that the server wrote.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn said(&self) -> Result<String, Failed> {
        let text = std::fs::read_to_string(self.errors())?;
        let lines: Vec<&str> = text.lines().collect();
        Ok(lines[lines.len().saturating_sub(12)..].join("\n"))
    }

    /// The folder of everything.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder of the database.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data().join("quittance.db")
    }

    /// Where the server's standard error goes.
    #[must_use]
    pub fn errors(&self) -> PathBuf {
        self.folder.join("errors.log")
    }

    /// A command with these settings and nothing of the environment that would change it.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["--lang", "en", "--config"])
            .arg(self.folder.join("quittance.toml"))
            .args(arguments)
            .stdin(std::process::Stdio::null());
        for name in [
            "QUITTANCE_API_KEY",
            "QUITTANCE_LISTEN",
            "QUITTANCE_PUBLIC_URL",
            "QUITTANCE_DATABASE",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs a command to its end, which must be a good one.
    ///
    /// # Errors
    /// What it said, where it did not end well.
    pub async fn run(&self, arguments: &[&str]) -> Result<Vec<u8>, Failed> {
        let output = self.command(arguments).output().await?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        Err(format!(
            "`quittance {}`: {}\n{said}",
            arguments.join(" "),
            output.status
        )
        .into())
    }

    /// Runs a command that says JSON.
    ///
    /// # Errors
    /// As [`Site::run`].
    pub async fn json(&self, arguments: &[&str]) -> Result<Value, Failed> {
        Ok(serde_json::from_slice(&self.run(arguments).await?)?)
    }

    /// The chain is whole, and the projection is what the journal makes of it. The database is in `data`.
    ///
    /// # Errors
    /// What is wrong.
    pub async fn holds(&self, data: &Path) -> Result<(), Failed> {
        let data = data.to_str().ok_or("the folder's name is no text")?;
        self.run(&["journal", "verify", "--data", data]).await?;
        self.run(&["journal", "rebuild", "--check", "--data", data])
            .await?;
        Ok(())
    }
}

//! The built binary, its settings, and processes that never outlive their test.

use quittance_server::clock::{Clock, SystemClock};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

pub const API_KEY: &str = "test-key-0123456789abcdef";
pub const GATEWAY_KEY: &str = "0123456789abcdefghijklmnopqrstuv";
pub const PARTNER: &str = "2088000000000001";

/// Runs a command to its end.
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// What a command wrote, for a failed assertion.
pub fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(&[out.as_slice(), err].concat()).into_owned()
}

/// What a command said, which ended with this code.
pub fn ended(output: &Output, code: i32) -> String {
    let text = said(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

/// What a command said in JSON, which ended well.
pub fn told(output: &Output) -> serde_json::Value {
    ended(output, 0);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A command, with nothing to read and nothing of the environment that would change it.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quittance"));
    command.args(arguments).stdin(Stdio::null());
    // Neither the language nor the keys of whoever runs the tests.
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "QUITTANCE_API_KEY"] {
        command.env_remove(name);
    }
    for name in [
        "QUITTANCE_LISTEN",
        "QUITTANCE_PUBLIC_URL",
        "QUITTANCE_DATABASE",
    ] {
        command.env_remove(name);
    }
    command
}

/// A merchant's folder with settings in it, and an address that is free.
pub struct Merchant {
    pub url: String,
    folder: TempDir,
}

impl Merchant {
    /// Settings for this gateway and charset.
    pub fn new(gateway_url: &str, charset: &str) -> Merchant {
        let folder = tempfile::tempdir().unwrap();
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let listen = free.local_addr().unwrap();
        let url = format!("http://{listen}");
        let text = format!(
            r#"
listen = "{listen}"
public_url = "{url}"
database = "sqlite:data"
[api_keys]
test = "{API_KEY}"
[accounts.main]
gateway = "alipay"
partner = "{PARTNER}"
key = "{GATEWAY_KEY}"
gateway_url = "{gateway_url}"
charset = "{charset}"
[log]
file = "quittance.log"
"#
        );
        std::fs::write(folder.path().join("quittance.toml"), text).unwrap();
        Merchant { url, folder }
    }

    /// The same on another database.
    pub fn on(self, database: &str) -> Merchant {
        let text = std::fs::read_to_string(self.config()).unwrap();
        std::fs::write(self.config(), text.replace("sqlite:data", database)).unwrap();
        self
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("quittance.toml")
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("data/quittance.db")
    }

    /// What the server has logged so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("quittance.log")).unwrap()
    }

    /// Runs a command with these settings to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        run(&with_config(&self.config(), arguments))
    }

    /// Starts the server and waits until it takes callbacks.
    pub async fn serve(&self) -> Server {
        let config = self.config();
        let mut serve = command(&with_config(&config, &["serve"]));
        Server::start(&mut serve, &format!("{}/readyz", self.url)).await
    }
}

fn with_config<'a>(config: &'a Path, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["--config", config.to_str().unwrap()], arguments].concat()
}

async fn answers(address: &str) -> bool {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(address).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}

/// A running server; it ends with its test at the latest.
pub struct Server {
    child: Child,
}

impl Server {
    /// Starts a program and waits until this address answers well.
    pub async fn start(command: &mut Command, ready: &str) -> Server {
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut server = Server {
            child: child.unwrap(),
        };
        let clock: &dyn Clock = &SystemClock::new();
        let deadline = clock.mono() + Duration::from_secs(30);
        while !answers(ready).await {
            assert_eq!(server.child.try_wait().unwrap(), None, "the server ended");
            assert!(clock.mono() < deadline, "the server is not ready");
            clock.sleep(Duration::from_millis(10)).await;
        }
        server
    }

    /// `kill -9`: nothing is flushed, nobody is told.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, as a service manager stops it; waits for its end.
    pub fn terminate(mut self) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

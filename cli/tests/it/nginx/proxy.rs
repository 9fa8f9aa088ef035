//! Debian's nginx as a child process, with the settings of `docs/nginx.md`.

use quittance_server::clock::{Clock, SystemClock};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;

/// What operators are shown, and what runs here.
const MANUAL: &str = include_str!("../../../../docs/nginx.md");
/// Where Debian keeps the program; its users do not have that on their path.
const SBIN: &str = "/usr/sbin";
/// The user and group that a test which runs as root gives nginx.
const NOBODY: u32 = 65_534;

/// A running nginx; it ends with its test at the latest.
pub struct Nginx {
    pub address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

/// Which address and lines of the sample are replaced.
pub struct Site {
    /// Where nginx will listen.
    pub listen: SocketAddr,
    /// What stands in the place of `server 127.0.0.1:8080;`.
    pub servers: String,
    /// Further lines of the sample, and what stands in their place.
    pub changed: &'static [(&'static str, &'static str)],
    /// Further lines of the `http` section.
    pub http: &'static str,
}

/// A free address for a nginx to come.
pub fn free() -> SocketAddr {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap()
}

impl Nginx {
    /// Starts it and waits until it listens.
    pub async fn start(site: &Site) -> Nginx {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nginx.conf"), settings(site)).unwrap();
        let child = spawn(folder.path());
        let mut nginx = Nginx {
            address: site.listen,
            child,
            _folder: folder,
        };
        let clock: &dyn Clock = &SystemClock::new();
        let deadline = clock.mono() + Duration::from_secs(30);
        while TcpStream::connect(nginx.address).await.is_err() {
            let ended = nginx.child.try_wait().unwrap();
            assert_eq!(ended, None, "nginx ended; why stands above");
            assert!(clock.mono() < deadline, "nginx does not listen");
            clock.sleep(Duration::from_millis(10)).await;
        }
        nginx
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // By its master, so that no worker stays behind. It may have ended already.
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        if !asked.is_ok_and(|asked| asked.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The sample from the manual, with these replacements, in the least that nginx wants around it.
fn settings(site: &Site) -> String {
    let (_, rest) = MANUAL.split_once("```nginx\n").unwrap();
    let (sample, _) = rest.split_once("```").unwrap();
    let without_tls = |line: &&str| !line.trim_start().starts_with("ssl_certificate");
    let kept: Vec<&str> = sample.lines().filter(without_tls).collect();
    assert_eq!(
        kept.len() + 2,
        sample.lines().count(),
        "certificate and key"
    );
    let mut text = kept.join("\n");
    let listen = format!("listen {};", site.listen);
    let own = [
        ("listen 443 ssl;", listen.as_str()),
        ("server 127.0.0.1:8080;", &site.servers),
    ];
    for (before, after) in own.iter().chain(site.changed) {
        assert_eq!(text.matches(before).count(), 1, "{before} in the sample");
        text = text.replace(before, after);
    }
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!("{kind}_temp_path {kind};\n"))
        .collect();
    let http = site.http;
    format!(
        "pid nginx.pid;\nworker_processes 1;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}{http}\n{text}\n}}\n"
    )
}

/// nginx without rights: as whoever runs the tests, or as nobody where that is root.
fn spawn(folder: &Path) -> Child {
    let root = std::fs::metadata(folder).unwrap().uid() == 0;
    if root {
        chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let mut command = Command::new(program());
    command
        .arg("-p")
        .arg(folder)
        .args(["-c", "nginx.conf", "-e", "error.log", "-g", "daemon off;"])
        .stdin(Stdio::null());
    if root {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.spawn().expect("nginx starts")
}

/// Where nginx is on this machine.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from(SBIN)]);
    let found = folders
        .map(|folder| folder.join("nginx"))
        .find(|program| program.is_file());
    found.expect(
        "nginx is not installed, and these tests need a real one: install the package nginx (Debian: \
         `apt-get install nginx`), or run scripts/test, which does; then run them again",
    )
}

//! A line to a database that can be cut in the middle of a commit.

use quittance_server::store::PostgresUrl;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Nothing is to be cut.
const WHOLE: u8 = 0;
/// The commit goes through, its answer does not come back.
const AFTER: u8 = 1;
/// The commit itself does not go through.
const BEFORE: u8 = 2;

/// What happens to the next commit.
#[derive(Clone)]
pub struct Cut(Arc<AtomicU8>);

impl Cut {
    /// The line breaks at the next commit, which is made or not.
    pub fn next_commit(&self, made: bool) {
        let when = if made { AFTER } else { BEFORE };
        self.0.store(when, Ordering::SeqCst);
    }

    /// Whether it has happened.
    pub fn done(&self) -> bool {
        self.0.load(Ordering::SeqCst) == WHOLE
    }
}

/// A line to the database at this URL, by the port of its own.
pub async fn between(url: &PostgresUrl, tasks: &mut JoinSet<()>) -> (String, Cut) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let place = url.to_string();
    let target = place
        .split('@')
        .nth(1)
        .unwrap()
        .split('/')
        .next()
        .unwrap()
        .to_owned();
    let cut = Cut(Arc::new(AtomicU8::new(WHOLE)));
    let given = cut.clone();
    tasks.spawn(async move {
        let mut lines = JoinSet::new();
        while let Ok((near, _)) = listener.accept().await {
            let far = TcpStream::connect(&target).await.unwrap();
            lines.spawn(carry(near, far, cut.clone()));
        }
    });
    (port, given)
}

async fn carry(near: TcpStream, far: TcpStream, cut: Cut) {
    let (mut from_near, mut to_near) = near.into_split();
    let (mut from_far, mut to_far) = far.into_split();
    let asks = async {
        let mut bytes = [0; 65_536];
        while let Ok(count) = from_near.read(&mut bytes).await {
            if count == 0 {
                return;
            }
            let commits = bytes[..count].windows(6).any(|word| word == b"COMMIT");
            let when = match commits {
                true => cut.0.swap(WHOLE, Ordering::SeqCst),
                false => WHOLE,
            };
            if when == BEFORE {
                return;
            }
            if to_far.write_all(&bytes[..count]).await.is_err() {
                return;
            }
            if when == AFTER {
                // The server works on while nobody listens; the other direction ends with this one.
                to_far.shutdown().await.unwrap();
                return;
            }
        }
    };
    let answers = tokio::io::copy(&mut from_far, &mut to_near);
    tokio::select! {
        () = asks => {}
        _ = answers => {}
    }
}

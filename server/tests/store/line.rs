//! A line to a database that can be cut in the middle of a commit.

use quittance_server::store::PostgresUrl;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Nothing is to be cut.
const WHOLE: u8 = 0;
/// The commit goes through, its answer does not come back.
const AFTER: u8 = 1;
/// The commit itself does not go through.
const BEFORE: u8 = 2;

/// What happens to the next commit, and to whoever connects.
#[derive(Clone)]
pub struct Cut {
    commit: Arc<AtomicU8>,
    /// Whoever connects is turned away.
    away: watch::Sender<bool>,
    /// How many were.
    refused: watch::Sender<usize>,
}

impl Cut {
    /// The line breaks at the next commit, which is made or not.
    pub fn next_commit(&self, made: bool) {
        let when = if made { AFTER } else { BEFORE };
        self.commit.store(when, Ordering::SeqCst);
    }

    /// Whether it has happened.
    pub fn done(&self) -> bool {
        self.commit.load(Ordering::SeqCst) == WHOLE
    }

    /// From now on whoever connects is turned away, or not.
    pub fn turn_away(&self, away: bool) {
        self.away.send_replace(away);
    }

    /// Waits until one more was turned away.
    pub async fn one_more_refused(&self) {
        let mut refused = self.refused.subscribe();
        let before = *refused.borrow_and_update();
        refused.wait_for(|now| *now > before).await.unwrap();
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
    let cut = Cut {
        commit: Arc::new(AtomicU8::new(WHOLE)),
        away: watch::Sender::new(false),
        refused: watch::Sender::new(0),
    };
    let given = cut.clone();
    tasks.spawn(async move {
        let mut lines = JoinSet::new();
        while let Ok((near, _)) = listener.accept().await {
            if *cut.away.borrow() {
                cut.refused.send_modify(|count| *count += 1);
                continue;
            }
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
        while let Ok(count @ 1..) = from_near.read(&mut bytes).await {
            let commits = bytes[..count].windows(6).any(|word| word == b"COMMIT");
            let when = match commits {
                true => cut.commit.swap(WHOLE, Ordering::SeqCst),
                false => WHOLE,
            };
            let sent = when != BEFORE && to_far.write_all(&bytes[..count]).await.is_ok();
            if !sent || when == AFTER {
                return when;
            }
        }
        WHOLE
    };
    let answers = tokio::io::copy(&mut from_far, &mut to_near);
    let when = tokio::select! {
        when = asks => when,
        _ = answers => WHOLE,
    };
    if when == AFTER {
        // The server says everything to its end, and nobody passes it on.
        to_far.shutdown().await.unwrap();
        let _ = tokio::io::copy(&mut from_far, &mut tokio::io::sink()).await;
    }
}

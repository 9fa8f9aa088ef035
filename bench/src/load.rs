//! The load generator: requests rendered ahead, connections that are kept, and little else to pay for.

use crate::Failed;
use quittance_server::clock::Clock;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Connections at once.
pub const CONNECTIONS: usize = 64;
/// An answer is shorter.
const ANSWER_BYTES_MAX: usize = 4096;
const ACK: &[u8] = b"success";

/// What became of the requests.
pub struct Load {
    /// From the first request to the last answer.
    pub took: Duration,
    /// How long each answer took, in microseconds, the fastest first.
    pub waits_micros: Vec<u64>,
    /// Numbers of the requests that were not acked.
    pub unacked: Vec<usize>,
}

/// A request as it goes on the wire.
pub fn request(path: &str, host: SocketAddr, form: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n",
        form.len()
    );
    [head.as_bytes(), form].concat()
}

/// Sends `count` requests, beginning again where there are fewer, over all connections, which go to the addresses in turn.
///
/// # Errors
/// A connection that breaks.
pub async fn send(
    clock: &Arc<dyn Clock>,
    to: &[SocketAddr],
    requests: &Arc<[Vec<u8>]>,
    count: usize,
) -> Result<Load, Failed> {
    let mut streams = Vec::new();
    for to in to.iter().cycle().take(CONNECTIONS) {
        let stream = TcpStream::connect(to).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    let next = Arc::new(AtomicUsize::new(0));
    let mut senders = JoinSet::new();
    let began = clock.mono();
    for stream in streams {
        let (clock, requests, next) = (clock.clone(), requests.clone(), next.clone());
        senders.spawn(sender(clock, stream, requests, next, count));
    }
    let mut load = Load {
        took: Duration::ZERO,
        waits_micros: Vec::with_capacity(count),
        unacked: Vec::new(),
    };
    while let Some(sent) = senders.join_next().await {
        for (number, micros, acked) in sent?? {
            load.waits_micros.push(micros);
            if !acked {
                load.unacked.push(number);
            }
        }
    }
    load.took = clock.mono().saturating_sub(began);
    load.waits_micros.sort_unstable();
    Ok(load)
}

type Sent = (usize, u64, bool);

async fn sender(
    clock: Arc<dyn Clock>,
    mut stream: TcpStream,
    requests: Arc<[Vec<u8>]>,
    next: Arc<AtomicUsize>,
    count: usize,
) -> Result<Vec<Sent>, Failed> {
    let mut sent = Vec::with_capacity(count / CONNECTIONS * 2);
    let mut answer = Vec::with_capacity(ANSWER_BYTES_MAX);
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(sent);
        }
        let began = clock.mono();
        stream.write_all(&requests[number % requests.len()]).await?;
        let acked = acked(&mut stream, &mut answer).await?;
        let micros = clock.mono().saturating_sub(began).as_micros();
        sent.push((number, u64::try_from(micros)?, acked));
    }
}

/// Reads one answer, and whether it is an ack.
async fn acked(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<bool, Failed> {
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 || answer.len() > ANSWER_BYTES_MAX {
            return Err("an answer broke off, or does not end".into());
        }
        if let Some((ok, body)) = whole(answer)? {
            return Ok(ok && body == ACK);
        }
    }
}

/// Whether the status is 200, and the body; `None` while something is missing.
fn whole(answer: &[u8]) -> Result<Option<(bool, &[u8])>, Failed> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, body) = (&answer[..end], &answer[end + 4..]);
    let length = std::str::from_utf8(head)?
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .ok_or("an answer has no content-length")?;
    let length: usize = length.1.trim().parse()?;
    Ok((body.len() >= length).then(|| (head.starts_with(b"HTTP/1.1 200 "), &body[..length])))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer is read only when all of it has come, and only a 200 that says success is an ack.
    #[test]
    fn an_answer_is_whole_or_awaited() {
        let check = |answer: &str, expected: Option<(bool, &[u8])>| {
            assert_eq!(whole(answer.as_bytes()).unwrap(), expected, "{answer}");
        };
        check("HTTP/1.1 200 OK\r\ncontent-le", None);
        check("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsucc", None);
        check(
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nsuccess",
            Some((true, ACK)),
        );
        check(
            "HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\nfail",
            Some((false, b"fail")),
        );
        assert!(whole(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}

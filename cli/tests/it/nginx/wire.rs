//! HTTP by hand: exactly these bytes out, exactly those bytes in.

use quittance_server::clock::{Clock, SystemClock};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

/// Longer than any proxy waits here.
const LIMIT: Duration = Duration::from_secs(30);

/// A request that is about to be sent.
pub struct Sending {
    /// Method and path.
    pub line: String,
    /// Header lines besides the usual ones, each with its line end.
    pub headers: String,
    /// The body, in so many pieces as there are; several go out chunked.
    pub pieces: Vec<Vec<u8>>,
    /// The address that calls.
    pub from: Ipv4Addr,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    /// Header names and values, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body as it was on the wire.
    pub body: Vec<u8>,
}

impl Sending {
    /// A notify as a gateway sends it.
    pub fn notify(body: &[u8]) -> Sending {
        Sending {
            line: "POST /pay-folder/notify/main".into(),
            headers: "Content-Type: application/x-www-form-urlencoded\r\n".into(),
            pieces: vec![body.to_vec()],
            from: Ipv4Addr::LOCALHOST,
        }
    }

    /// A page that a browser asks for.
    pub fn get(path: &str) -> Sending {
        Sending {
            line: format!("GET {path}"),
            headers: String::new(),
            pieces: Vec::new(),
            from: Ipv4Addr::LOCALHOST,
        }
    }

    /// With a header line more.
    pub fn with(mut self, line: &str) -> Sending {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }

    /// Sends it and reads to the end.
    pub async fn to(self, address: SocketAddr) -> Answer {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((IpAddr::V4(self.from), 0).into()).unwrap();
        let exchange = async {
            let mut stream = socket.connect(address).await.unwrap();
            let Sending { line, headers, .. } = &self;
            let length = match self.pieces.as_slice() {
                [] => String::new(),
                [body] => format!("Content-Length: {}\r\n", body.len()),
                _ => "Transfer-Encoding: chunked\r\n".into(),
            };
            let head = format!(
                "{line} HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n{headers}{length}\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            for piece in &self.pieces {
                if self.pieces.len() > 1 {
                    let size = format!("{:x}\r\n", piece.len());
                    let chunk = [size.as_bytes(), piece, b"\r\n"].concat();
                    stream.write_all(&chunk).await.unwrap();
                } else {
                    stream.write_all(piece).await.unwrap();
                }
                stream.flush().await.unwrap();
            }
            if self.pieces.len() > 1 {
                stream.write_all(b"0\r\n\r\n").await.unwrap();
            }
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.unwrap();
            answer
        };
        let clock: &dyn Clock = &SystemClock::new();
        let bytes = clock.within(LIMIT, exchange).await;
        Answer::read(&bytes.expect("an answer in time"))
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Answer {
        let end = bytes.windows(4).position(|part| part == b"\r\n\r\n");
        let (head, body) = bytes.split_at(end.expect("a head"));
        let head = std::str::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Answer {
            status: status.parse().unwrap(),
            headers: lines.map(header).collect(),
            body: body[4..].to_vec(),
        }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Fails unless this is the ack and nothing else: seven bytes, plain, as the server gave them.
    pub fn assert_ack(&self) {
        assert_eq!(self.status, 200);
        assert_eq!(String::from_utf8_lossy(&self.body), "success");
        assert_eq!(self.header("content-length"), Some("7"));
        assert_eq!(self.header("content-type"), Some("text/plain"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert_eq!(self.header("content-encoding"), None);
        assert_eq!(self.header("transfer-encoding"), None);
    }
}

/// How a server fails that has done its work.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fails {
    /// It hangs up.
    Cut,
    /// It says nothing more.
    Silent,
}

/// A server that hands every request on to the real one, hears its answer out, and then does not tell it. Gives its
/// address and how many answers it has kept to itself.
pub async fn swallowing(
    tasks: &mut JoinSet<()>,
    real: SocketAddr,
    fails: Fails,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let swallowed = Arc::new(AtomicUsize::new(0));
    let counted = swallowed.clone();
    tasks.spawn(async move {
        // Held open where it is to be silent.
        let mut open = Vec::new();
        loop {
            let (mut proxy, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(real).await.unwrap();
            let request = message(&mut proxy).await;
            server.write_all(&request).await.unwrap();
            let answer = message(&mut server).await;
            assert!(answer.ends_with(b"\r\n\r\nsuccess"));
            counted.fetch_add(1, Ordering::SeqCst);
            if fails == Fails::Silent {
                open.push(proxy);
            }
        }
    });
    (address, swallowed)
}

/// One message with a length.
async fn message(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|part| part == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let (_, rest) = head.split_once("content-length: ").unwrap();
            let length: usize = rest.lines().next().unwrap().parse().unwrap();
            if bytes.len() == end + 4 + length {
                return bytes;
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "it was cut");
    }
}

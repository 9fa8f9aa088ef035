//! The listener: connections with limits, and a shutdown that loses nothing.

use crate::app::App;
use crate::http::peer::Peer;
use crate::node::Node;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt as _;

/// Connections at once; above that a new one waits in the listener's queue.
const CONNECTIONS_MAX: usize = 1024;
/// A client that has not sent its headers by then is let go (SEC-090).
const HEADERS_LIMIT: Duration = Duration::from_secs(5);
/// A client that takes nothing of its answer for so long is let go (SEC-092).
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// One request's headers are no longer than this.
const HEADER_BYTES_MAX: usize = 32 * 1024;
/// After being asked to stop, what is under way may take so long.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);
/// After the system had no place for a connection, the next is tried after this.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Answers requests until `shutdown` resolves, then lets what is under way end.
pub async fn serve(node: Node, listener: TcpListener, shutdown: impl Future<Output = ()>) {
    let app = node.app.clone();
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        // A place first, then a connection: above the limit the listener's queue holds them, and a stop is heard.
        let (place, (stream, address)) = tokio::select! {
            biased;
            () = &mut shutdown => break,
            next = async { (places.clone().acquire_owned().await, accept(&app, &listener).await) } => next,
        };
        let connection = graceful.watch(connection(&node, stream, address));
        app.tasks.spawn(async move {
            // A broken connection is the client's affair.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    app.drain();
    if app
        .clock
        .within(DRAIN_LIMIT, graceful.shutdown())
        .await
        .is_none()
    {
        tracing::warn!("connections were still open after ten seconds; they are cut");
        app.tasks.abort();
    }
    if app.clock.within(DRAIN_LIMIT, node.stop()).await.is_none() {
        tracing::warn!(
            "work was still under way after ten seconds; it is cut, and found again at the next start"
        );
    }
}

/// The next connection. That the system has no place for one is no reason to stop (SEC-098).
async fn accept(app: &App, listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                app.clock.sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

type Service = TowerToHyperService<
    tower::util::BoxCloneService<
        Request<Incoming>,
        axum::response::Response,
        std::convert::Infallible,
    >,
>;

fn connection(
    node: &Node,
    stream: TcpStream,
    address: SocketAddr,
) -> hyper::server::conn::http1::Connection<TokioIo<Pin<Box<TimeoutStream<TcpStream>>>>, Service> {
    let router = node.router.clone();
    let service = tower::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(address.ip()));
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE_LIMIT));
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_LIMIT)
        .max_buf_size(HEADER_BYTES_MAX)
        .serve_connection(
            TokioIo::new(Box::pin(stream)),
            TowerToHyperService::new(tower::util::BoxCloneService::new(service)),
        )
}

//! Who called. Proxy headers are believed from configured peers only (SEC-101).

use crate::setup::Setup;
use axum::http::{Extensions, HeaderMap};
use std::net::IpAddr;

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The client: the connection's other end, or, where that is a trusted proxy, the last address in
/// `X-Forwarded-For` that is none, as far as they can be read. `None` where there is no connection (in-process calls).
#[must_use]
pub fn client(setup: &Setup, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
    let peer = extensions.get::<Peer>()?.0.to_canonical();
    let trusted = |address: IpAddr| {
        setup
            .trusted_proxies
            .iter()
            .any(|range| range.contains(address))
    };
    if !trusted(peer) {
        return Some(peer);
    }
    // From the end: each proxy adds the one who called it, and what stands before is whatever the client sent.
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut client = peer;
    for text in lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')) {
        let Ok(address) = text.trim().parse::<IpAddr>() else {
            break;
        };
        client = address.to_canonical();
        if !trusted(client) {
            break;
        }
    }
    Some(client)
}

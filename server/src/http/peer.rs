//! Who called. Proxy headers are believed from configured peers only (SEC-101).

use crate::setup::Setup;
use axum::http::{Extensions, HeaderMap};
use std::net::IpAddr;

/// The other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The client: the connection's other end, or, where that is a trusted proxy, the last address in
/// `X-Forwarded-For` that is none. `None` where there is no connection (in-process calls).
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
    let lines = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut named: Vec<IpAddr> = lines
        .flat_map(|line| line.split(','))
        .map_while(|text| text.trim().parse().ok())
        .collect();
    while let Some(address) = named.pop() {
        if !trusted(address) {
            return Some(address);
        }
    }
    Some(peer)
}

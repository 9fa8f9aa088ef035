//! The way to a gateway: its name, its ports, and what time it is there (seed 001 5.2 2B to 2D).

use super::Line;
use super::check::Check;
use super::gateway::ANSWER_LIMIT;
use super::machine::SET_CLOCK;
use super::net::Reached;
use super::report::Finding;
use super::state::names;
use crate::config::{Place, place_of};
use crate::setup::{AccountSetup, IpRange};
use crate::transport::TransportError;
use jiff::fmt::rfc2822;
use quittance_core::Timestamp;
use quittance_core::http::{Reply, Request};
use quittance_core::lang::Text;
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use url::{Host, Url};

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// A clock that differs by more is wrong: gateways refuse messages that are older than minutes.
const CLOCK_SECS_MAX: i64 = 300;

/// A clock that differs by more should be set.
const CLOCK_SECS_GOOD: i64 = 30;

/// Hosts and ports of the account's gateway.
fn places(account: &AccountSetup) -> Vec<(Url, Host<String>, u16)> {
    let mut seen = BTreeSet::new();
    let place = |address: &&str| {
        let url = Url::parse(address).ok()?;
        let (host, port) = (url.host()?.to_owned(), url.port_or_known_default()?);
        seen.insert((host.to_string(), port))
            .then_some((url, host, port))
    };
    account
        .account
        .gateway()
        .addresses()
        .iter()
        .filter_map(place)
        .collect()
}

async fn resolve(line: &Line<'_>, host: &Host<String>) -> Result<Vec<IpAddr>, String> {
    match host {
        Host::Ipv4(address) => Ok(vec![(*address).into()]),
        Host::Ipv6(address) => Ok(vec![(*address).into()]),
        Host::Domain(name) => line.net.resolve(name).await,
    }
}

pub(super) async fn dns(line: &Line<'_>, account: &AccountSetup) -> Finding {
    let sources = account.account.gateway().notify_sources();
    let known: Vec<IpRange> = sources
        .seed
        .iter()
        .chain(sources.modern)
        .filter_map(|range| crate::config::range(range))
        .collect();
    let (mut seen, mut strange) = (Vec::new(), Vec::new());
    for (_, host, _) in places(account) {
        let addresses = match resolve(line, &host).await {
            Ok(addresses) => addresses,
            Err(error) => return unresolved(&host, &error),
        };
        if account.live
            && let Some(address) = addresses
                .iter()
                .find(|address| place_of(**address) != Place::Public)
        {
            return sinkhole(&host, *address);
        }
        let listed = |address: &&IpAddr| known.iter().any(|range| range.contains(**address));
        if !known.is_empty() && account.live && !addresses.iter().any(|address| listed(&address)) {
            strange.push(host.to_string());
        }
        seen.push(format!("{host}: {}", names(&addresses)));
    }
    let seen = seen.join("; ");
    match strange.is_empty() {
        true => Finding::pass(Check::GatewayDns, (seen.clone(), seen)),
        // Gateways move without a word: this is told, and is no failure.
        false => Finding::pass(
            Check::GatewayDns,
            (
                format!("{seen}; not in the gateway's published list of addresses, which is old"),
                format!("{seen}；不在网关公布的地址列表中（该列表较旧）"),
            ),
        ),
    }
}

fn unresolved(host: &Host<String>, error: &str) -> Finding {
    Finding::fail(
        Check::GatewayDns,
        "name_unknown",
        (
            format!("the machine's resolver finds no address for {host}: {error}"),
            format!("本机无法解析 {host}：{error}"),
        ),
        (
            "look at gateway_url, then at the machine's DNS (/etc/resolv.conf): it must resolve names of the internet",
            "请先检查 gateway_url，再检查本机的 DNS（/etc/resolv.conf）：须能解析互联网域名",
        ),
    )
}

fn sinkhole(host: &Host<String>, address: IpAddr) -> Finding {
    Finding::fail(
        Check::GatewayDns,
        "sinkhole",
        (
            format!(
                "{host} leads to {address}, where no gateway is: a private address, or a sinkhole"
            ),
            format!("{host} 被解析到 {address}，那里不会是网关：属于内网或黑洞地址"),
        ),
        (
            "look for an entry in /etc/hosts, or a filter in the machine's DNS, and take it away",
            "请检查 /etc/hosts 的条目或本机 DNS 的过滤规则，并删除",
        ),
    )
}

/// Whether connections open and are answered, and what time it is at the gateway.
pub(super) async fn reach(line: &Line<'_>, account: &AccountSetup) -> (Finding, Option<Finding>) {
    let (mut seen, mut clock) = (Vec::new(), None);
    for (url, host, port) in places(account) {
        let addresses = resolve(line, &host).await.unwrap_or_default();
        if let Some(failed) = connected(line, &host, port, &addresses).await {
            return (failed, None);
        }
        let asked = line.clock.wall();
        let reply = match line
            .transport
            .send(Request::get(url.to_string()), ANSWER_LIMIT)
            .await
        {
            Ok(reply) => reply,
            Err(error) => return (unanswered(&url, &error), None),
        };
        clock = clock.or_else(|| clock_of(&reply, asked, line.clock.wall()));
        seen.push(format!("{host}:{port} {}", reply.status));
        // The guide has both ports looked at; what is called is the one of the settings.
        if let Some(other) = other_port(port).filter(|_| account.live) {
            let word = match connected(line, &host, other, &addresses).await {
                None => "open".to_owned(),
                Some(closed) => closed.code,
            };
            seen.push(format!("{host}:{other} {word}"));
        }
    }
    let seen = seen.join("; ");
    let found = Finding::pass(
        Check::GatewayReach,
        (
            format!("connected and answered: {seen}"),
            format!("可以连接且有应答：{seen}"),
        ),
    );
    (found, clock)
}

fn other_port(port: u16) -> Option<u16> {
    match port {
        443 => Some(80),
        80 => Some(443),
        _ => None,
    }
}

/// What is wrong with the connection, if anything is.
async fn connected(
    line: &Line<'_>,
    host: &Host<String>,
    port: u16,
    addresses: &[IpAddr],
) -> Option<Finding> {
    let mut last = Reached::Silent;
    for address in addresses {
        last = line
            .net
            .connect(SocketAddr::new(*address, port), CONNECT_LIMIT)
            .await;
        if last == Reached::Open {
            return None;
        }
    }
    let place = format!("{host}:{port}");
    let (code, cause, fix): (_, Text, (&str, &str)) = match last {
        Reached::Refused => (
            "refused",
            (
                format!("{place} refuses connections"),
                format!("{place} 拒绝连接"),
            )
                .into(),
            (
                "look at the port in gateway_url; if it is right, a firewall on the way out says no: allow it",
                "请检查 gateway_url 中的端口；若无误，则是出站防火墙拒绝，请放行",
            ),
        ),
        Reached::Failed(error) => (
            "unreachable",
            (
                format!("{place} cannot be reached: {error}"),
                format!("无法到达 {place}：{error}"),
            )
                .into(),
            (
                "look at the machine's routes and its way to the internet",
                "请检查本机的路由和互联网连接",
            ),
        ),
        Reached::Open | Reached::Silent => (
            "silent",
            (
                format!("{place} does not answer to connections within five seconds"),
                format!("{place} 在 5 秒内没有响应连接"),
            )
                .into(),
            (
                "a firewall swallows what goes out to this port: allow it (seed: ports 443 and 80)",
                "出站防火墙丢弃了到该端口的数据：请放行（443 与 80 端口）",
            ),
        ),
    };
    Some(Finding::fail(Check::GatewayReach, code, cause, fix))
}

fn unanswered(url: &Url, error: &TransportError) -> Finding {
    let place = url.origin().ascii_serialization();
    let said = error.to_string();
    let tls = said.contains("certificate") || said.contains("tls") || said.contains("TLS");
    let (code, fix) = match error {
        TransportError::Timeout(_) => (
            "hung",
            (
                "connections open and nothing comes back: a firewall that inspects traffic, or a gateway that hangs; try from another machine",
                "可以连接但没有应答：可能是检查流量的防火墙，或网关假死；请从另一台机器试试",
            ),
        ),
        _ if tls => (
            "tls",
            (
                "the certificate is not the gateway's, or this machine does not know who issued it: look for a firewall that opens TLS, at ca-certificates, and at the clock",
                "证书不是网关的，或本机不认识其签发者：请检查是否有解密 TLS 的防火墙、ca-certificates 和系统时钟",
            ),
        ),
        _ => (
            "broken",
            (
                "look at http:// or https:// in gateway_url, and for a proxy on the way out",
                "请检查 gateway_url 的 http:// 或 https://，以及出站代理",
            ),
        ),
    };
    Finding::fail(
        Check::GatewayReach,
        code,
        (
            format!("{place} gave no answer: {said}"),
            format!("{place} 没有应答：{said}"),
        ),
        fix,
    )
}

/// Our clock beside the gateway's, which stands in every answer.
fn clock_of(reply: &Reply, asked: Timestamp, came: Timestamp) -> Option<Finding> {
    let told = rfc2822::parse(reply.header("date")?).ok()?.timestamp();
    // The gateway wrote it between the question and the answer, and in whole seconds.
    let off = match told {
        told if told > came => told.duration_since(came).as_secs(),
        told => -(asked.duration_since(told).as_secs() - 1).max(0),
    };
    let seen = (
        format!(
            "our clock and the gateway's differ by {} seconds",
            off.abs()
        ),
        format!("本机时钟与网关相差 {} 秒", off.abs()),
    );
    Some(match off.abs() {
        secs if secs > CLOCK_SECS_MAX => {
            let (en, zh) = match off > 0 {
                true => ("behind", "慢"),
                false => ("ahead", "快"),
            };
            Finding::fail(
                Check::Clock,
                "off",
                (
                    format!(
                        "our clock is {secs} seconds {en}: gateways refuse signed messages of another time"
                    ),
                    format!("本机时钟{zh}了 {secs} 秒：网关会拒绝时间不符的签名消息"),
                ),
                SET_CLOCK,
            )
        }
        secs if secs > CLOCK_SECS_GOOD => Finding::warn(Check::Clock, "drifts", seen, SET_CLOCK),
        _ => Finding::pass(Check::Clock, seen),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_held_against_the_answer() {
        let at: Timestamp = "2026-01-31T12:00:00.7Z".parse().unwrap();
        for (date, code) in [
            ("Sat, 31 Jan 2026 12:00:00 GMT", Some("ok")),
            ("Sat, 31 Jan 2026 12:00:45 GMT", Some("drifts")),
            ("Sat, 31 Jan 2026 11:59:00 GMT", Some("drifts")),
            ("Sat, 31 Jan 2026 12:20:00 GMT", Some("off")),
            ("Sat, 31 Jan 2026 11:40:00 GMT", Some("off")),
            ("yesterday", None),
        ] {
            let mut reply = Reply::new(200, "");
            reply.headers.push(("date".to_owned(), date.to_owned()));
            let found = clock_of(&reply, at, at);
            assert_eq!(
                found.as_ref().map(|found| found.code.as_str()),
                code,
                "{date}"
            );
        }
    }
}

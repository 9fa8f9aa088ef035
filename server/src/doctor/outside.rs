//! Our own addresses, called as the gateway and browsers call them (seed 001 5.2 1B, 1F, 1G, 2C to 2E; 4.4).

use super::check::Check;
use super::gateway::after;
use super::inbound::inbound;
use super::memory::Memory;
use super::net::Reached;
use super::report::{Finding, Verdict};
use super::state::names;
use super::{Case, Line, state};
use crate::probe;
use crate::setup::AccountSetup;
use crate::transport::TransportError;
use quittance_core::http::{Reply, Request};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use url::{Host, Url};

/// Our own port answers within this time, or hangs.
const OWN_LIMIT: Duration = Duration::from_secs(2);

/// The public address may lead through proxies.
pub(super) const PUBLIC_LIMIT: Duration = Duration::from_secs(10);

/// Everything about our own addresses. Behind a port that does not answer nothing else can be told.
pub(super) async fn all(line: &Line<'_>, case: &Case<'_>) -> Vec<Finding> {
    let own = own_port(line, case).await;
    let open = own.verdict != Verdict::Fail;
    let mut found = vec![own];
    let mut memory = Memory::open(case.setup.database.folder());
    for account in case.accounts() {
        let each = match open {
            true => vec![
                inbound(line, case, account).await,
                return_page(line, case, account).await,
                address_changed(line, case, account, &mut memory).await,
            ],
            false => [Check::Inbound, Check::ReturnPage, Check::AddressChanged]
                .map(|check| after(check, Check::OwnPort))
                .into(),
        };
        found.extend(each.into_iter().map(|one| one.of(&account.name)));
    }
    memory.keep();
    found
}

/// Who answered a request with a nonce.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Who {
    /// The server with this journal, or one with a journal that cannot be read from here.
    Ours,
    /// A Quittance with another journal.
    Another,
    /// Somebody else.
    Stranger,
}

pub(super) fn who(case: &Case<'_>, nonce: &str, reply: &Reply) -> Who {
    let Some(told) = reply.header(probe::HEADER) else {
        return Who::Stranger;
    };
    match case
        .examined
        .map(|examined| probe::proof(&examined.chain, nonce))
    {
        Some(expected) if expected == told => Who::Ours,
        // Who echoes the question has proven nothing.
        None if told.len() == 64 => Who::Ours,
        _ => Who::Another,
    }
}

pub(super) fn asking(mut request: Request, nonce: &str) -> Request {
    request
        .headers
        .push((probe::HEADER.to_owned(), nonce.to_owned()));
    request
}

async fn own_port(line: &Line<'_>, case: &Case<'_>) -> Finding {
    let listen = case.setup.listen;
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    let at = SocketAddr::new(ip, listen.port());
    let taken = Finding::fail(
        Check::OwnPort,
        "taken",
        (
            format!("something else than this server answers at {at}"),
            format!("{at} 上应答的不是本服务"),
        ),
        (
            "stop what listens there (ss -ltnp tells its name), or choose another `listen`",
            "请停止占用该端口的程序（ss -ltnp 可查其名称），或更换 listen",
        ),
    );
    match line.net.connect(at, OWN_LIMIT).await {
        Reached::Open => {}
        _ => {
            return Finding::fail(
                Check::OwnPort,
                "closed",
                (
                    format!("nobody listens at {at}: the server does not run"),
                    format!("{at} 无人监听：服务没有运行"),
                ),
                (
                    "start it: quittance serve; if it ended by itself, its log says why",
                    "请启动：quittance serve；若是自行退出，日志会说明原因",
                ),
            );
        }
    }
    let nonce = line.clock.token();
    let request = asking(Request::get(format!("http://{at}/healthz")), &nonce);
    match line.transport.send(request, OWN_LIMIT).await {
        Ok(reply) if who(case, &nonce, &reply) == Who::Ours => Finding::pass(
            Check::OwnPort,
            (
                format!("{at} is ours and answers"),
                format!("{at} 由本服务监听，应答正常"),
            ),
        ),
        Ok(_) | Err(TransportError::Reply(_) | TransportError::Connect(_)) => taken,
        Err(TransportError::Timeout(_)) => Finding::fail(
            Check::OwnPort,
            "hung",
            (
                format!("{at} takes connections and does not answer within two seconds"),
                format!("{at} 接受连接，但两秒内没有应答（假死）"),
            ),
            (
                "look at the server's log and its disk, then start it anew; what gateways sent meanwhile they send again",
                "请查看服务日志和磁盘，然后重启；其间的通知网关会重发",
            ),
        ),
    }
}

pub(super) async fn unknown_name(line: &Line<'_>, check: Check, address: &str) -> Option<Finding> {
    let url = Url::parse(address).ok()?;
    let Some(Host::Domain(name)) = url.host() else {
        return None;
    };
    let error = line.net.resolve(name).await.err()?;
    Some(Finding::fail(
        check,
        "name_unknown",
        (
            format!("the public name {name} leads nowhere: {error}"),
            format!("公网域名 {name} 无法解析：{error}"),
        ),
        (
            "look at public_url (or notify_url), then at the name's DNS records",
            "请检查 public_url（或 notify_url），再检查该域名的 DNS 记录",
        ),
    ))
}

pub(super) fn unreached(check: Check, address: &str, error: &TransportError) -> Finding {
    let said = error.to_string();
    Finding::fail(
        check,
        "unreachable",
        (
            format!("{address} cannot be reached: {said}"),
            format!("无法访问 {address}：{said}"),
        ),
        (
            "open the port (443 or 80) in the firewall, see that the proxy runs and that its certificate is valid; from a phone without Wi-Fi the address must print fail",
            "请在防火墙中开放端口（443 或 80），确认代理在运行且证书有效；用手机移动网络打开该地址应显示 fail",
        ),
    )
}

/// The return address, opened without parameters: one of our pages.
async fn return_page(line: &Line<'_>, case: &Case<'_>, account: &AccountSetup) -> Finding {
    let address = account.return_address(&case.setup.public_url, "doctor");
    let nonce = line.clock.token();
    let request = asking(Request::get(address.clone()), &nonce);
    let reply = match line.transport.send(request, PUBLIC_LIMIT).await {
        Ok(reply) => reply,
        Err(error) => return unreached(Check::ReturnPage, &address, &error),
    };
    if who(case, &nonce, &reply) == Who::Ours && reply.status < 400 {
        return Finding::pass(
            Check::ReturnPage,
            (
                format!("{address} shows our page"),
                format!("{address} 显示本服务的页面"),
            ),
        );
    }
    let (status, to) = (reply.status, reply.header("location").unwrap_or("-"));
    let to: String = to.chars().take(200).collect();
    let code = match status {
        300..400 => "redirected",
        400.. => "error_page",
        _ => "not_ours",
    };
    Finding::fail(
        Check::ReturnPage,
        code,
        (
            format!(
                "{address} is not answered by this server (status {status}, location {to}): buyers who come back see something else"
            ),
            format!(
                "{address} 不是由本服务应答（状态 {status}，跳转 {to}）：买家返回后看到的是别的页面"
            ),
        ),
        (
            "let the return path through to this server without a login, and without a redirect",
            "请让返回路径直接到达本服务，不要登录或跳转",
        ),
    )
}

/// Where our public name leads, compared with the last run (seed 001 5.2 2E).
async fn address_changed(
    line: &Line<'_>,
    case: &Case<'_>,
    account: &AccountSetup,
    memory: &mut Memory,
) -> Finding {
    let notify = account.notify_address(&case.setup.public_url);
    let host = Url::parse(&notify)
        .ok()
        .and_then(|url| url.host().map(|host| host.to_owned()));
    let Some(Host::Domain(name)) = host else {
        return Finding::skip(
            Check::AddressChanged,
            ("the public address is no name", "公网地址不是域名"),
        );
    };
    let Ok(addresses) = line.net.resolve(&name).await else {
        return after(Check::AddressChanged, Check::Inbound);
    };
    let now = names(&addresses);
    let Some(before) = memory.led(&name).map(str::to_owned) else {
        memory.leads(&name, &now);
        return Finding::pass(
            Check::AddressChanged,
            (
                format!("{name} leads to {now}; remembered for the next time"),
                format!("{name} 指向 {now}；已记下供下次比较"),
            ),
        );
    };
    let stopped = case.examined.is_some_and(|examined| {
        state::notifies_stopped(examined, &account.name, line.clock.wall())
    });
    match (before == now, stopped) {
        (true, _) => Finding::pass(
            Check::AddressChanged,
            (
                format!("{name} leads to {now}, as before"),
                format!("{name} 仍指向 {now}"),
            ),
        ),
        (false, false) => {
            memory.leads(&name, &now);
            Finding::pass(
                Check::AddressChanged,
                (
                    format!("{name} led to {before} and leads to {now}; notifies still arrive"),
                    format!("{name} 由 {before} 变为 {now}；异步通知仍能到达"),
                ),
            )
        }
        // Where it led stays remembered until notifies come again.
        (false, true) => {
            let renamed = renamed(case, account, &notify);
            Finding::fail(
                Check::AddressChanged,
                "changed",
                (
                    format!(
                        "{name} led to {before} and leads to {now} since, and notifies stopped: the gateway may still call the old address"
                    ),
                    format!(
                        "{name} 由 {before} 变为 {now}，且异步通知停止：网关可能仍在访问旧地址"
                    ),
                ),
                (
                    format!(
                        "rename the notify path: set notify_url = \"{renamed}\" in [accounts.{}], and start the server anew",
                        account.name
                    ),
                    format!(
                        "请更换通知路径：在 [accounts.{}] 中设 notify_url = \"{renamed}\"，然后重启服务",
                        account.name
                    ),
                ),
            )
        }
    }
}

/// Another notify address of the account, which this server takes too.
fn renamed(case: &Case<'_>, account: &AccountSetup, now: &str) -> String {
    let default = format!("{}/notify/{}", case.setup.public_url, account.name);
    let number = now
        .strip_prefix(&default)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|number| number.parse::<u32>().ok())
        .unwrap_or(1);
    format!("{default}/{}", number.saturating_add(1))
}

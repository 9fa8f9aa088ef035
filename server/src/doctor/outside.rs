//! Our own addresses, called as the gateway and browsers call them (seed 001 5.2 1B, 1F, 1G, 2C to 2E; 4.4).

use super::check::Check;
use super::gateway::after;
use super::memory::Memory;
use super::net::Reached;
use super::report::{Finding, Verdict};
use super::state::names;
use super::{Case, Line, state};
use crate::probe;
use crate::setup::AccountSetup;
use crate::transport::TransportError;
use quittance_core::gateway::FORM;
use quittance_core::http::{Reply, Request};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use url::{Host, Url};

/// Our own port answers within this time, or hangs.
const OWN_LIMIT: Duration = Duration::from_secs(2);
/// The public address may lead through proxies.
const PUBLIC_LIMIT: Duration = Duration::from_secs(10);
/// What is posted to the notify address: everything that a proxy may touch. A blank as `+` and as `%20`, a plus sign, a
/// percent sign, Chinese in both charsets, an empty value.
const PROBE_BODY: &str = "quittance_probe=1&a=b+c%20d%2Be&percent=%25&utf8=%E6%94%B6%E8%AE%AB&gbk=%CA%D5%C6%FD&empty=&sign=AA%2B%2F%3D";

/// Everything about our own addresses. Behind a port that does not answer nothing else can be told.
pub(super) async fn all(line: &Line<'_>, case: &Case<'_>) -> Vec<Finding> {
    let own = own_port(line, case).await;
    let open = own.verdict != Verdict::Fail;
    let mut found = vec![own];
    let mut memory = Memory::open(&case.setup.database);
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
enum Who {
    /// The server with this journal, or one with a journal that cannot be read from here.
    Ours,
    /// A Quittance with another journal.
    Another,
    /// Somebody else.
    Stranger,
}

fn who(case: &Case<'_>, nonce: &str, reply: &Reply) -> Who {
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

fn asking(mut request: Request, nonce: &str) -> Request {
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

/// The notify address, opened as the guide has people open it and posted to as the gateway does: `fail`, and nothing
/// else, by us.
async fn inbound(line: &Line<'_>, case: &Case<'_>, account: &AccountSetup) -> Finding {
    let address = account.notify_address(&case.setup.public_url);
    if let Some(unknown) = unknown_name(line, Check::Inbound, &address).await {
        return unknown;
    }
    for posted in [false, true] {
        let request = match posted {
            true => Request::post(address.clone(), FORM, PROBE_BODY.as_bytes().to_vec()),
            false => Request::get(address.clone()),
        };
        let nonce = line.clock.token();
        let reply = match line
            .transport
            .send(asking(request, &nonce), PUBLIC_LIMIT)
            .await
        {
            Ok(reply) => reply,
            Err(error) => return unreached(Check::Inbound, &address, &error),
        };
        if let Some(fault) = notify_fault(&address, who(case, &nonce, &reply), &reply, posted) {
            return fault;
        }
    }
    Finding::pass(
        Check::Inbound,
        (
            format!("{address} prints fail and nothing else, and what is posted arrives unchanged"),
            format!("{address} 只显示 fail，POST 的内容原样到达"),
        ),
    )
}

/// What is wrong with the answer of a notify address, if anything is.
fn notify_fault(address: &str, who: Who, reply: &Reply, posted: bool) -> Option<Finding> {
    let body = String::from_utf8_lossy(&reply.body);
    let how = if posted { "POST" } else { "GET" };
    let fail = |code, (en, zh): (String, String), fix: (&str, &str)| {
        Some(Finding::fail(
            Check::Inbound,
            code,
            (
                format!("{how} {address}: {en}"),
                format!("{how} {address}：{zh}"),
            ),
            fix,
        ))
    };
    if (300..400).contains(&reply.status) {
        let to = reply.header("location").unwrap_or_default();
        let to: String = to.chars().take(200).collect();
        return fail(
            "redirected",
            (
                format!("it is redirected to {to:?}, and the gateway follows no redirect"),
                format!("被重定向到 {to:?}，而网关不会跟随重定向"),
            ),
            (
                "let the notify path through without a login, a language switch or a move to https or www: in the proxy, exempt it from all of them",
                "通知路径不能要求登录，也不能跳转（语言、https、www）：请在代理中对该路径全部豁免",
            ),
        );
    }
    if reply.header("set-cookie").is_some() && who != Who::Ours {
        return fail(
            "cookie",
            (
                "a cookie is set, which comes from something in front of this server".to_owned(),
                "设置了 cookie，说明前面有其他程序在应答".to_owned(),
            ),
            (
                "take the notify path out of the session handling, bot protection or load balancing that sets it",
                "请让该路径不经过设置 cookie 的会话、防爬虫或负载均衡功能",
            ),
        );
    }
    if reply.status >= 400 {
        let status = reply.status;
        return fail(
            "error_page",
            (
                format!("the answer is an error page with status {status}"),
                format!("返回了状态为 {status} 的错误页"),
            ),
            (
                "if the status is 502 or 504, the proxy does not reach this server (its upstream must be `listen`); if it is 403, a firewall refuses; if 404, the path is not passed on",
                "502 或 504 表示代理连不到本服务（其上游须为 listen）；403 表示防火墙拒绝；404 表示路径没有转发",
            ),
        );
    }
    if who == Who::Ours && reply.body == b"fail" {
        if reply.header("set-cookie").is_some() {
            return fail(
                "cookie",
                (
                    "something in front adds a cookie to our answer".to_owned(),
                    "前面的程序在应答中加入了 cookie".to_owned(),
                ),
                (
                    "take the notify path out of the session handling or load balancing that sets it",
                    "请让该路径不经过设置 cookie 的会话或负载均衡功能",
                ),
            );
        }
        let arrived = reply.header(probe::BODY_HEADER);
        let sent = probe::of_body(PROBE_BODY.as_bytes());
        if posted && arrived.is_some_and(|arrived| arrived != sent) {
            return fail(
                "body_changed",
                (
                    "what was posted did not arrive as it was sent, so that no signature can fit"
                        .to_owned(),
                    "POST 的内容到达时已被改动，任何签名都不可能相符".to_owned(),
                ),
                (
                    "find the proxy, firewall or framework in front that decodes and writes bodies anew, filters them, or converts their charset; it must pass bytes on as they are",
                    "请找出前面重写、过滤正文或转换编码的代理、防火墙或框架；它必须原样转发字节",
                ),
            );
        }
        return None;
    }
    if body.trim().is_empty() {
        return fail(
            "blank",
            (
                "the page is blank; it must print fail".to_owned(),
                "页面为空白，应显示 fail".to_owned(),
            ),
            (
                "see what answers in front: a blank page is an error that something hides",
                "请检查前面是什么在应答：空白页意味着被隐藏的错误",
            ),
        );
    }
    if who != Who::Stranger
        && body.trim().trim_start_matches('\u{feff}') == "fail"
        && who == Who::Ours
    {
        return fail(
            "answer_changed",
            (
                format!(
                    "our answer arrives as {body:?}: something in front adds to it, and the gateway takes the exact word only"
                ),
                format!(
                    "我们的应答到达时变成 {body:?}：前面的程序增加了内容，而网关只认准确的单词"
                ),
            ),
            (
                "switch off what the proxy adds: line ends, a byte order mark, minifying, banners",
                "请关闭代理添加内容的功能：换行、BOM、压缩改写、横幅",
            ),
        );
    }
    if who == Who::Another {
        return fail(
            "another_server",
            (
                "a Quittance answers, but with another journal: another server, or another database".to_owned(),
                "应答的是另一个 Quittance（账本不同）：另一台服务器或另一个数据库".to_owned(),
            ),
            (
                "see where the public name and the proxy lead, and which `database` the server runs with",
                "请检查域名和代理指向哪里，以及服务使用的 database",
            ),
        );
    }
    if body.contains('<') {
        let begin: String = body.trim().chars().take(60).collect();
        return fail(
            "html",
            (
                format!("a page of HTML answers in our place: {begin:?}"),
                format!("应答的是一个 HTML 页面：{begin:?}"),
            ),
            (
                "a login, a firewall's challenge, a CDN or a framework's error page: let the notify path through to this server untouched",
                "这是登录页、防火墙验证页、CDN 或框架错误页：请让通知路径原样到达本服务",
            ),
        );
    }
    let begin: String = body.chars().take(60).collect();
    fail(
        "not_ours",
        (
            format!(
                "{begin:?} comes from something else than this server: a firewall, a CDN or an old notify script"
            ),
            format!("{begin:?} 不是本服务的应答：可能是防火墙、CDN 或旧的通知脚本"),
        ),
        (
            "let the notify path through to this server; a proxy must pass on the header quittance-probe as well",
            "请让通知路径到达本服务；代理也须透传 quittance-probe 头",
        ),
    )
}

async fn unknown_name(line: &Line<'_>, check: Check, address: &str) -> Option<Finding> {
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

fn unreached(check: Check, address: &str, error: &TransportError) -> Finding {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(who: Who, status: u16, headers: &[(&str, &str)], body: &str, posted: bool) -> String {
        let mut reply = Reply::new(status, body);
        for (name, value) in headers {
            reply
                .headers
                .push(((*name).to_owned(), (*value).to_owned()));
        }
        let found = notify_fault("https://pay.example.com/notify/main", who, &reply, posted);
        found.map_or_else(String::new, |found| found.code)
    }

    #[test]
    fn every_answer_but_ours_has_its_name() {
        use Who::{Another, Ours, Stranger};
        assert_eq!(check(Ours, 200, &[], "fail", false), "");
        let login = [("location", "/login"), ("set-cookie", "s=1")];
        assert_eq!(check(Stranger, 302, &login, "", false), "redirected");
        assert_eq!(
            check(Ours, 200, &[("set-cookie", "s=1")], "fail", false),
            "cookie"
        );
        assert_eq!(
            check(Stranger, 200, &[("set-cookie", "s=1")], "<html>", true),
            "cookie"
        );
        assert_eq!(
            check(Stranger, 502, &[], "<html>bad gateway", false),
            "error_page"
        );
        assert_eq!(check(Ours, 503, &[], "fail", false), "error_page");
        assert_eq!(check(Stranger, 200, &[], " \r\n", false), "blank");
        assert_eq!(check(Ours, 200, &[], "fail\n", false), "answer_changed");
        assert_eq!(
            check(Ours, 200, &[], "\u{feff}fail", false),
            "answer_changed"
        );
        assert_eq!(check(Another, 200, &[], "fail", false), "another_server");
        assert_eq!(check(Stranger, 200, &[], "<!doctype html>", false), "html");
        assert_eq!(check(Stranger, 200, &[], "fail", false), "not_ours");
        let body = [(probe::BODY_HEADER, "another hash")];
        assert_eq!(check(Ours, 200, &body, "fail", true), "body_changed");
        let sent = probe::of_body(PROBE_BODY.as_bytes());
        assert_eq!(
            check(Ours, 200, &[(probe::BODY_HEADER, &sent)], "fail", true),
            ""
        );
    }
}

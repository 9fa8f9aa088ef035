//! The way to a gateway, and what it says to this account (seed 001 5.1, 5.2 2B to 2D).

use super::check::Check;
use super::machine::SET_CLOCK;
use super::net::Reached;
use super::report::{Finding, Verdict};
use super::{Case, Line};
use crate::config::{Place, place_of};
use crate::setup::{AccountSetup, IpRange};
use crate::transport::TransportError;
use jiff::fmt::rfc2822;
use quittance_core::charset::Charset;
use quittance_core::codes::Explanation;
use quittance_core::facts::Proof;
use quittance_core::gateway::cashier::Cashier;
use quittance_core::gateway::{Answer, Checkout, CheckoutCall, CheckoutStart, FORM};
use quittance_core::http::{Reply, Request};
use quittance_core::lang::Text;
use quittance_core::money::Currency;
use quittance_core::order::{GatewayOptions, Order, OrderKey};
use quittance_core::params::Params;
use quittance_core::{Money, Timestamp};
use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use url::{Host, Url};

/// How long a connection may take.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long an answer may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// A clock that differs by more is wrong: gateways refuse messages that are older than minutes.
const CLOCK_SECS_MAX: i64 = 300;
/// A clock that differs by more should be set.
const CLOCK_SECS_GOOD: i64 = 30;
/// Where no buyer is: an address for documentation.
const NO_BUYER: &str = "203.0.113.1";

/// Everything about one account's gateway. Behind a check that failed, those that need it are not made.
pub(super) async fn all(line: &Line<'_>, case: &Case<'_>, account: &AccountSetup) -> Vec<Finding> {
    let mut found = Vec::new();
    let dns = dns(line, account).await;
    let resolved = dns.verdict != Verdict::Fail;
    found.push(dns);
    let reached = match resolved {
        true => {
            let (reach, clock) = reach(line, account).await;
            let reached = reach.verdict != Verdict::Fail;
            found.push(reach);
            found.extend(clock);
            reached
        }
        false => {
            found.push(after(Check::GatewayReach, Check::GatewayDns));
            false
        }
    };
    if !reached {
        let missing = match resolved {
            true => Check::GatewayReach,
            false => Check::GatewayDns,
        };
        let later = [Check::Query, Check::QueryTimestamp, Check::PayRequest];
        found.extend(later.map(|check| after(check, missing)));
    } else {
        let query = query(line, account).await;
        // A contract may lack queries and have payments; for everything else one refusal is enough.
        let refused = query.verdict == Verdict::Fail;
        found.push(query);
        if refused {
            let later = [Check::QueryTimestamp, Check::PayRequest];
            found.extend(later.map(|check| after(check, Check::Query)));
        } else {
            let (timestamp, token) = timestamp(line, case, account).await;
            let refused = timestamp.verdict == Verdict::Fail;
            found.push(timestamp);
            found.push(match refused {
                true => after(Check::PayRequest, Check::QueryTimestamp),
                false => pay_request(line, case, account, token).await,
            });
        }
    }
    found.into_iter().map(|one| one.of(&account.name)).collect()
}

/// The way to the account's gateway alone: its name, and whether it can be reached.
pub async fn way(line: &Line<'_>, account: &AccountSetup) -> Vec<Finding> {
    let mut found = vec![dns(line, account).await];
    if found.iter().all(|one| one.verdict != Verdict::Fail) {
        found.push(reach(line, account).await.0);
    }
    found
}

/// A check that another one has to pass before.
pub(super) fn after(check: Check, missing: Check) -> Finding {
    let name = missing.name();
    Finding::skip(
        check,
        (
            format!("put {name} right first"),
            format!("请先解决 {name}"),
        ),
    )
}

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

async fn dns(line: &Line<'_>, account: &AccountSetup) -> Finding {
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
        seen.push(format!("{host}: {}", super::state::names(&addresses)));
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
async fn reach(line: &Line<'_>, account: &AccountSetup) -> (Finding, Option<Finding>) {
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

/// Asks about an order that nobody made. The right answer is that there is none: it shows that the gateway knows us and
/// that our signature is right.
async fn query(line: &Line<'_>, account: &AccountSetup) -> Finding {
    let gateway = account.account.gateway();
    let number = number(line);
    let request = match gateway.query(&number, line.clock.wall()) {
        Ok(request) => request,
        Err(error) => return Finding::skip(Check::Query, (error.to_string(), error.to_string())),
    };
    let reply = match line.transport.send(request, ANSWER_LIMIT).await {
        Ok(reply) => reply,
        Err(error) => {
            let said = error.to_string();
            return Finding::fail(
                Check::Query,
                "no_answer",
                (
                    format!("the gateway gave no answer to a question: {said}"),
                    format!("网关没有回答查询：{said}"),
                ),
                (
                    "try again in a minute; payments stay unknown, never unpaid, while the gateway is silent",
                    "请一分钟后重试；网关没有回答期间，付款状态为未知，而不会被当作未付款",
                ),
            );
        }
    };
    let answered = gateway.read_query(&number, &reply);
    let said = answered.reason.unwrap_or_default();
    match answered.answer {
        Answer::NotFound => Finding::pass(
            Check::Query,
            (
                format!(
                    "a question about a made-up order was answered as it must be ({said}): ids, key and signature are right"
                ),
                format!("对虚构订单的查询得到了应有的回答（{said}）：商户号、密钥和签名无误"),
            ),
        ),
        Answer::Unknown => refused(Check::Query, account, &said),
        _ => Finding::fail(
            Check::Query,
            "answered_wrongly",
            (
                format!("the gateway says something of an order that nobody made ({said})"),
                format!("网关对一个不存在的订单给出了结果（{said}）"),
            ),
            (
                "see that gateway_url is the gateway's address and no test server's",
                "请确认 gateway_url 是网关的地址，而不是测试服务器",
            ),
        ),
    }
}

/// A code of the gateway, explained; the code itself is the cause for programs.
fn refused(check: Check, account: &AccountSetup, said: &str) -> Finding {
    let codes = account.account.gateway().codes();
    let word = said.split([' ', ':', ',']).next().unwrap_or_default();
    let known: Option<&Explanation> = codes.get(said).or_else(|| codes.get(word));
    let Some(known) = known else {
        return Finding::fail(
            check,
            "unclear",
            (
                format!("the gateway's answer cannot be believed: {said}"),
                format!("网关的回答不可采信：{said}"),
            ),
            (
                "if it is about the signature, the gateway's key in the settings is not the gateway's: compare it with the merchant page; else see what answers at gateway_url",
                "若与签名有关，则设置中的网关公钥或密钥不对，请与商家后台核对；否则请查看 gateway_url 处是什么在应答",
            ),
        );
    };
    let cause = (
        format!("{word}: {} {}", known.meaning.en, known.cause.en),
        format!("{word}：{}{}", known.meaning.zh, known.cause.zh),
    );
    let fix = (known.fix.en, known.fix.zh);
    // Services that a contract leaves out are no fault of the settings.
    match word.contains("EXTERFACE") && check == Check::Query {
        true => Finding::warn(check, word, cause, fix),
        false => Finding::fail(check, word, cause, fix),
    }
}

/// Fetches the token of a checkout, where the account's checkouts need one.
async fn timestamp(
    line: &Line<'_>,
    case: &Case<'_>,
    account: &AccountSetup,
) -> (Finding, Option<String>) {
    let gateway = account.account.gateway();
    let call = call(line, case, account, None);
    let request = match gateway.checkout_token(&call) {
        Ok(Some(request)) => request,
        Ok(None) => {
            let why = (
                "the account's payment requests need none",
                "该账户的付款请求不需要",
            );
            return (Finding::skip(Check::QueryTimestamp, why), None);
        }
        Err(refusal) => {
            let said = refusal.to_string();
            return (
                Finding::skip(Check::QueryTimestamp, (said.clone(), said)),
                None,
            );
        }
    };
    let read = match line.transport.send(request, ANSWER_LIMIT).await {
        Ok(reply) => gateway.read_checkout_token(&reply),
        Err(error) => Err(error.to_string()),
    };
    match read {
        Ok(token) => {
            let seen = ("a token was given out", "已取得时间戳");
            (Finding::pass(Check::QueryTimestamp, seen), Some(token))
        }
        Err(said) => (refused(Check::QueryTimestamp, account, &said), None),
    }
}

fn number(line: &Line<'_>) -> String {
    format!("doctor{}", line.clock.token())
}

fn call(
    line: &Line<'_>,
    case: &Case<'_>,
    account: &AccountSetup,
    token: Option<String>,
) -> CheckoutCall {
    let public = &case.setup.public_url;
    CheckoutCall {
        notify_url: account.notify_address(public),
        return_url: account.return_address(public, "doctor"),
        client_ip: Some(NO_BUYER.to_owned()),
        token,
        via_get: true,
        now: line.clock.wall(),
    }
}

/// Brings a signed request for 0.01 to the gateway as a browser does, and reads the page. No trade is made before a
/// buyer logs in.
async fn pay_request(
    line: &Line<'_>,
    case: &Case<'_>,
    account: &AccountSetup,
    token: Option<String>,
) -> Finding {
    let gateway = account.account.gateway();
    if let Err(error) = gateway.read_cashier(&Reply::new(200, "")) {
        let said = error.to_string();
        return Finding::skip(Check::PayRequest, (said.clone(), said));
    }
    let mut call = call(line, case, account, token);
    let order = order(line, account);
    let start = gateway.checkout(&order, &call).or_else(|_| {
        // Some gateways take the request by a form only.
        call.via_get = false;
        gateway.checkout(&order, &call)
    });
    let request = match start {
        Ok(CheckoutStart::Ready(checkout)) => browser(checkout),
        Ok(CheckoutStart::Call { .. }) => None,
        Err(refusal) => {
            let said = refusal.to_string();
            return Finding::skip(Check::PayRequest, (said.clone(), said));
        }
    };
    let Some(request) = request else {
        let why = ("no browser brings requests to it", "付款请求不经浏览器提交");
        return Finding::skip(Check::PayRequest, why);
    };
    let page = match line.transport.send(request, ANSWER_LIMIT).await {
        Ok(reply) => gateway.read_cashier(&reply),
        Err(error) => Ok(Cashier::Unclear(error.to_string())),
    };
    match page {
        Ok(Cashier::Reached) => Finding::pass(
            Check::PayRequest,
            (
                "a signed request for 0.01 led to the cashier, not to an error page",
                "0.01 元的签名请求到达了收银台，没有错误页",
            ),
        ),
        Ok(Cashier::Refused(code)) => refused(Check::PayRequest, account, &code),
        Ok(Cashier::Unclear(said)) => refused(Check::PayRequest, account, &said),
        Err(error) => Finding::skip(Check::PayRequest, (error.to_string(), error.to_string())),
    }
}

/// An order that is never journaled: its title holds Chinese text where the account can send it.
fn order(line: &Line<'_>, account: &AccountSetup) -> Order {
    let gateway = account.account.gateway();
    let currency = gateway.traits().currency.unwrap_or(Currency::CNY);
    let mut order = Order {
        key: OrderKey::new(account.name.as_str(), number(line)),
        amount: Money::new(1, currency),
        subject: "收讫 Quittance doctor".to_owned(),
        body: None,
        extra: None,
        method: None,
        bank: None,
        show_url: None,
        return_to: None,
        terminal: None,
        gateway_options: GatewayOptions::new(),
        expires_in_secs: None,
        token: line.clock.token(),
        require: Proof::Signed,
    };
    if gateway.admit(&order).is_err() {
        order.subject = "Quittance doctor".to_owned();
    }
    order
}

/// What a browser sends for a checkout.
fn browser(checkout: Checkout) -> Option<Request> {
    match checkout {
        Checkout::Redirect { url } => Some(Request::get(url)),
        Checkout::Form {
            url,
            charset,
            fields,
            ..
        } => {
            let charset = Charset::from_label(&charset)?;
            let mut params = Params::new();
            for (name, value) in &fields {
                params.push(name, &charset.encode(value).ok()?).ok()?;
            }
            Some(Request::post(url, FORM, params.to_wire().into_bytes()))
        }
        Checkout::Terminal { .. } => None,
    }
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

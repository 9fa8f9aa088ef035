//! Our notify address, called from outside: `fail`, and nothing else, by us (seed 001 5.2 1B, 1F, 1G, 2C; 4.4).

use super::check::Check;
use super::outside::{PUBLIC_LIMIT, Who, asking, unknown_name, unreached, who};
use super::report::Finding;
use super::{Case, Line};
use crate::probe;
use crate::setup::AccountSetup;
use quittance_core::gateway::FORM;
use quittance_core::http::{Reply, Request};

/// What is posted to the notify address: everything that a proxy may touch. A blank as `+` and as `%20`, a plus sign, a
/// percent sign, Chinese in both charsets, an empty value.
const PROBE_BODY: &str = "quittance_probe=1&a=b+c%20d%2Be&percent=%25&utf8=%E6%94%B6%E8%AE%AB&gbk=%CA%D5%C6%FD&empty=&sign=AA%2B%2F%3D";

/// The notify address, opened as the guide has people open it and posted to as the gateway does: `fail`, and nothing
/// else, by us.
pub(super) async fn inbound(line: &Line<'_>, case: &Case<'_>, account: &AccountSetup) -> Finding {
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

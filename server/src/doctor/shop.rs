//! The shop's side: its endpoints take what we sign, and its pages are in the charset that they say (seed 001 5.2 1D,
//! 3C).

use super::check::Check;
use super::ping::{self, Pong};
use super::report::Finding;
use super::{Case, Line};
use crate::setup::{AccountSetup, WebhookSetup};
use crate::transport::TransportError;
use encoding_rs::Encoding;
use quittance_core::http::{Reply, Request};
use std::time::Duration;

/// How long a page of the shop may take.
const PAGE_LIMIT: Duration = Duration::from_secs(10);
/// A page names its charset near its beginning.
const HEAD_BYTES: usize = 4096;

/// Pings the endpoints, and looks at the shop's pages.
pub(super) async fn all(line: &Line<'_>, case: &Case<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if case.setup.webhooks.is_empty() {
        found.push(Finding::skip(
            Check::Webhook,
            (
                "no endpoint is set: the shop reads GET /v1/events",
                "没有设置接收地址：商户自行读取 GET /v1/events",
            ),
        ));
    }
    for (name, webhook) in &case.setup.webhooks {
        let hears = |account: &String| webhook.hears(account);
        if case.only.is_none_or(|only| only.iter().any(hears)) {
            let pong = ping::ping(line.transport, line.clock, webhook).await;
            found.push(told(name, webhook, &pong));
        }
    }
    for account in case.accounts() {
        found.extend(page(line, account).await.map(|one| one.of(&account.name)));
    }
    found
}

fn told(name: &str, webhook: &WebhookSetup, pong: &Pong) -> Finding {
    let url = &webhook.url;
    let fail = |code: &str, (en, zh): (String, String), fix: (&str, &str)| {
        Finding::fail(
            Check::Webhook,
            code,
            (
                format!("{name} ({url}): {en}"),
                format!("{name}（{url}）：{zh}"),
            ),
            fix,
        )
    };
    match &pong.signed {
        Ok(200..=299) if pong.takes_anything() => Finding::warn(
            Check::Webhook,
            "takes_anything",
            (
                format!(
                    "{name} ({url}) also takes a message whose signature is wrong: whoever knows the address could tell the shop that an order is paid"
                ),
                format!("{name}（{url}）也接受签名错误的消息：知道该地址的人可以谎报订单已付款"),
            ),
            (
                "verify webhook-signature with the secret, as the Standard Webhooks specification says, before anything else",
                "请先按 Standard Webhooks 规范用密钥验证 webhook-signature，再做其他处理",
            ),
        ),
        Ok(200..=299) => Finding::pass(
            Check::Webhook,
            (
                format!("{name} ({url}) takes a signed ping and refuses a forged one"),
                format!("{name}（{url}）接受签名的 ping，并拒绝伪造的"),
            ),
        ),
        Ok(status @ (400 | 401 | 403)) => fail(
            "refused",
            (
                format!("a rightly signed ping is refused with status {status}"),
                format!("签名正确的 ping 被拒绝，状态 {status}"),
            ),
            (
                "compare the shop's secret with this endpoint's, and its clock with ours (five minutes are allowed); verify the raw body; answer 2xx to types of events that the shop does not know, such as ping",
                "请核对商户端的密钥和时钟（允许相差五分钟）；须对原始正文验签；对不认识的事件类型（如 ping）也要回答 2xx",
            ),
        ),
        Ok(status @ 300..=399) => fail(
            "redirected",
            (
                format!("it answers with a redirect (status {status}), which is not followed"),
                format!("返回了重定向（状态 {status}），不会跟随"),
            ),
            (
                "set the endpoint's final address, and take it out of the shop's login",
                "请填写最终地址，并让该地址不经过商户的登录",
            ),
        ),
        Ok(404 | 405) => fail(
            "not_there",
            (
                "there is nothing at this address that takes a POST".to_owned(),
                "该地址不存在，或不接受 POST".to_owned(),
            ),
            (
                "compare `url` with the route of the shop",
                "请核对 url 与商户程序的路由",
            ),
        ),
        Ok(410) => fail(
            "gone",
            (
                "it answers 410, which switches an endpoint off".to_owned(),
                "返回 410，这会使接收地址停用".to_owned(),
            ),
            (
                "answer 2xx, then switch it on: quittance events endpoint enable",
                "请回答 2xx，再启用：quittance events endpoint enable",
            ),
        ),
        Ok(status) => fail(
            "error",
            (
                format!("it answers with status {status}"),
                format!("返回状态 {status}"),
            ),
            (
                "look into the shop's own log at this minute: its code fails before it answers",
                "请查看商户自己此刻的日志：其代码在应答前出错",
            ),
        ),
        Err(TransportError::Timeout(_)) => fail(
            "hung",
            (
                "it does not answer within 15 seconds".to_owned(),
                "15 秒内没有应答".to_owned(),
            ),
            (
                "store the event, answer, and do the rest afterwards",
                "请先存下事件并应答，其余工作稍后处理",
            ),
        ),
        Err(error) => fail(
            "unreachable",
            (error.to_string(), error.to_string()),
            (
                "see that the shop runs, that its address and port are right, and that no firewall stands between",
                "请确认商户程序在运行、地址和端口正确，且中间没有防火墙",
            ),
        ),
    }
}

/// The shop's page of orders: whether its bytes are in the charset that it names.
async fn page(line: &Line<'_>, account: &AccountSetup) -> Option<Finding> {
    let address = account.orders_url.as_ref()?;
    let reply = line
        .transport
        .send(Request::get(address.clone()), PAGE_LIMIT)
        .await
        .ok()?;
    let named = charset(&reply)?;
    let encoding = Encoding::for_label(named.as_bytes())?;
    let (text, _, broken) = encoding.decode(&reply.body);
    let garbled = broken || quittance_core::mojibake::mojibake(&title(&text)).is_some();
    if garbled {
        return Some(Finding::warn(
            Check::Charset,
            "page_garbled",
            (
                format!(
                    "the shop's page {address} says charset={named}, and its bytes are another charset's"
                ),
                format!("商户页面 {address} 声明 charset={named}，但内容是另一种编码"),
            ),
            (
                "save the page in the charset that it names, or name the one that it is saved in",
                "请按声明的编码保存页面，或改为声明实际的编码",
            ),
        ));
    }
    let ours = account.account.gateway().wire().charset.label();
    Some(Finding::pass(
        Check::Charset,
        (
            format!(
                "the shop's page {address} is {named}; the account is {ours}; they need not be the same, since the API takes UTF-8"
            ),
            format!("商户页面 {address} 为 {named}，账户为 {ours}；两者不必相同，API 使用 UTF-8"),
        ),
    ))
}

/// The charset that a page names: in its header, else in its head.
fn charset(reply: &Reply) -> Option<String> {
    let head = &reply.body[..reply.body.len().min(HEAD_BYTES)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let header = reply
        .header("content-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    [header, head].iter().find_map(|text| {
        let (_, rest) = text.split_once("charset=")?;
        let rest = rest.trim_start_matches(['"', '\'', ' ']);
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
        let word = &rest[..end.unwrap_or(rest.len())];
        (!word.is_empty()).then(|| word.to_owned())
    })
}

/// The title of a page.
fn title(text: &str) -> String {
    let rest = text.split_once("<title>").map(|(_, rest)| rest);
    let title = rest.and_then(|rest| rest.split_once("</title>"));
    title.map_or_else(String::new, |(title, _)| title.trim().to_owned())
}

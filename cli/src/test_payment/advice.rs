//! The first thing to look at where something is missing or wrong: seed 001 5.1 and 5.2, in a sentence each.

use super::about::About;
use super::findings::Findings;
use super::gap::Gap;
use crate::out::field;
use quittance_core::Lang;
use quittance_core::gateway::TO_TERMINAL;

/// What to look at. `order` is the account and the number, as the other commands take them.
pub fn look_at(gap: &Gap, about: &About<'_>, found: &Findings, order: &str, lang: Lang) -> String {
    let account = &about.account.name;
    match gap {
        Gap::Checkout => {
            let url = &about.setup.public_url;
            match lang {
                Lang::En => format!(
                    "The buyer has not gone on to the cashier: open the pay link and press its button. Where the page does not open, check that {url} leads to this server: quittance doctor --online."
                ),
                Lang::Zh => format!(
                    "买家尚未前往收银台：请打开付款链接并按下按钮。如页面打不开，请检查 {url} 是否指向本服务：quittance doctor --online。"
                ),
            }
        }
        Gap::Trade if found.via.as_deref() == Some(TO_TERMINAL) => lang.pick(
            "The gateway knows no such trade: check that the terminal is on and online, and that the order is on its screen.",
            "网关没有此交易：请检查终端是否已开机并联网，订单是否显示在屏幕上。",
        ).to_owned(),
        Gap::Trade => lang.pick(
            "The gateway knows no such trade: if its page shows an error code, run quittance explain CODE. Usual causes are a wrong partner or key, and a contract without this service.",
            "网关没有此交易：如网关页面显示错误代码，请运行 quittance explain 代码。常见原因是合作身份者 ID 或密钥有误，或合同未包含此接口。",
        ).to_owned(),
        Gap::Return => match lang {
            Lang::En => format!(
                "No return with a valid sign came: stay on the gateway's success page until it leads back, and see that the browser reaches {}. One whose sign is wrong shows with quittance journal show {order} --unsigned.",
                about.account.return_address(&about.setup.public_url, "…")
            ),
            Lang::Zh => format!(
                "没有收到签名有效的同步返回：请停留在网关的付款成功页面直到自动跳转，并确认浏览器能打开 {}。签名不符的返回可用 quittance journal show {order} --unsigned 查看。",
                about.account.return_address(&about.setup.public_url, "…")
            ),
        },
        Gap::ReturnWrong => wrong(about, found.returned.as_ref().map(|back| (back.seq.as_str(), &back.values)), true, lang),
        Gap::NotifyWrong => wrong(about, found.notified.as_ref().map(|told| (told.seq.as_str(), &told.values)), false, lang),
        Gap::Notify if about.deaf() => {
            let address = about.notify_address();
            match lang {
                Lang::En => format!(
                    "No notify came, and none can: the gateway is on the internet and {address} is not. Run this step on the server, with public_url (or notify_url of the account) set to an address that the internet reaches."
                ),
                Lang::Zh => format!(
                    "没有收到异步通知，也不可能收到：网关在互联网上，而 {address} 不在。请在服务器上执行此步骤，并把 public_url（或账户的 notify_url）设为互联网可以访问的地址。"
                ),
            }
        }
        Gap::Notify => {
            let address = about.notify_address();
            match lang {
                Lang::En => format!(
                    "No notify with a valid sign came: {address}, opened from outside, must show fail and nothing else. Check it with quittance doctor --online, then name, firewall and proxy. One whose sign is wrong shows with quittance journal show {order} --unsigned."
                ),
                Lang::Zh => format!(
                    "没有收到签名有效的异步通知：从外部打开 {address} 应只显示 fail。请用 quittance doctor --online 检查，再检查域名解析、防火墙与代理。签名不符的通知可用 quittance journal show {order} --unsigned 查看。"
                ),
            }
        }
        Gap::NotifyNotAcked => match lang {
            Lang::En => format!(
                "The notify verifies and was answered fail: quittance journal show {order} tells why, and the gateway will send it again."
            ),
            Lang::Zh => format!(
                "异步通知验证通过，但应答为 fail：quittance journal show {order} 说明原因，网关会再次发送。"
            ),
        },
        Gap::Status if found.attention => match lang {
            Lang::En => format!(
                "A payment came that does not fit the order: quittance order show {order} names what differs."
            ),
            Lang::Zh => format!(
                "收到的付款与订单不符：quittance order show {order} 列出差异。"
            ),
        },
        Gap::Status => match lang {
            Lang::En => format!(
                "The order is {}: has the buyer really paid? quittance order verify {order} asks the gateway now.",
                found.status
            ),
            Lang::Zh => format!(
                "订单状态为 {}：买家确实付款了吗？quittance order verify {order} 可立即向网关查询。",
                found.status
            ),
        },
        Gap::Title => {
            let (sent, came) = (&found.subject, found.title().unwrap_or_default());
            match lang {
                Lang::En => format!(
                    "The title went out as {sent} and came back as {came}: set charset of the account {account} to that of the contract."
                ),
                Lang::Zh => format!(
                    "标题发出时为 {sent}，返回时为 {came}：请把账户 {account} 的 charset 设为合同所用的编码。"
                ),
            }
        }
        Gap::Delivery(name) => delivery(name, found, account, lang),
    }
}

/// A callback that came and does not verify: by the sign, or by what the gateway said of it.
fn wrong(
    about: &About<'_>,
    callback: Option<(&str, &serde_json::Value)>,
    by_browser: bool,
    lang: Lang,
) -> String {
    let account = &about.account.name;
    let (seq, values) = callback.map_or(("", None), |(seq, values)| (seq, Some(values)));
    let response = values.map(|values| field(values, "response"));
    let cause = match response.as_deref() {
        Some("false") if by_browser => lang.pick(
            "its sign fits, and the gateway no longer calls it its own: a return is good for one minute",
            "签名相符，但网关不再认可：同步返回的有效时间为 1 分钟",
        ),
        Some("false") => lang.pick(
            "its sign fits, and the gateway does not call it its own: check partner",
            "签名相符，但网关不认可：请检查合作身份者 ID（partner）",
        ),
        Some("unknown") => lang.pick(
            "its sign fits, and the gateway could not be asked: check name resolution, firewall and port 443 outwards",
            "签名相符，但无法向网关核实：请检查 DNS 解析、防火墙和出站 443 端口",
        ),
        _ => lang.pick(
            "it is no evidence for this order: check key, charset and payee",
            "不能作为此订单的凭据：请检查密钥、编码与收款方",
        ),
    };
    let what = match by_browser {
        true => lang.pick("A return came, and", "收到同步返回，但"),
        false => lang.pick("A notify came, and", "收到异步通知，但"),
    };
    let explain = format!("quittance inspect --account {account} --journal {seq}");
    match lang {
        Lang::En => format!("{what} {cause}. {explain} explains it."),
        Lang::Zh => format!("{what}{cause}。详情：{explain}。"),
    }
}

fn delivery(name: &str, found: &Findings, account: &str, lang: Lang) -> String {
    let said = match found.deliveries.get(name) {
        None => None,
        Some(tried) if tried.status.is_empty() => Some(lang.pick("no answer", "无应答").to_owned()),
        Some(tried) => Some(format!("HTTP {}", tried.status)),
    };
    let step = format!("quittance test-payment --account {account} --step 3");
    match (said, lang) {
        (Some(said), Lang::En) => format!(
            "The webhook {name} answered order.paid with {said}: look into the shop's log; {step} tries it alone."
        ),
        (Some(said), Lang::Zh) => format!(
            "webhook {name} 对 order.paid 的应答为 {said}：请查看商城日志；{step} 可单独测试。"
        ),
        (None, Lang::En) => format!(
            "The webhook {name} was not told of order.paid: it is told once the order is paid; quittance events endpoint list shows whether it is on."
        ),
        (None, Lang::Zh) => format!(
            "尚未向 webhook {name} 发送 order.paid：订单付款后才会发送；quittance events endpoint list 显示其是否启用。"
        ),
    }
}

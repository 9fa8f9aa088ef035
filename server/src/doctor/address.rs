//! The addresses of an account, as they stand in the settings (seed 001 5.2 1C, 3B).

use super::check::Check;
use super::report::Finding;
use crate::config::is_local;
use crate::setup::{AccountSetup, Setup};

/// Looks at one account's addresses. That they are absolute and carry no query string the settings saw to already.
pub(super) fn read(setup: &Setup, account: &AccountSetup) -> Finding {
    let public = &setup.public_url;
    let notify = account.notify_address(public);
    let back = account.return_address(public, "");
    let plain = |address: &str| address.starts_with("http://");
    let found = if !account.live {
        Finding::pass(
            Check::Addresses,
            (
                format!("the gateway is a sandbox; it calls {notify}"),
                format!("网关是沙箱，通知地址为 {notify}"),
            ),
        )
    } else if is_local(&notify) {
        Finding::fail(
            Check::Addresses,
            "notify_local",
            (
                format!(
                    "the gateway is live and is told to call {notify}, an address of this machine or its network: no notify can arrive"
                ),
                format!("网关是正式环境，而通知地址 {notify} 在本机或内网：异步通知不可能到达"),
            ),
            (
                "set public_url (or the account's notify_url) to an address that the internet reaches; on your own machine test checkout and return only (step 1 of test-payment)",
                "请把 public_url（或账户的 notify_url）设为互联网可以访问的地址；在本机只能测试付款和返回（test-payment 第 1 步）",
            ),
        )
    } else if is_local(&back) {
        Finding::warn(
            Check::Addresses,
            "return_local",
            (
                format!(
                    "the gateway is live and sends browsers back to {back}, which only a browser on this machine or its network reaches"
                ),
                format!("网关是正式环境，而返回地址 {back} 只有本机或内网的浏览器能打开"),
            ),
            (
                "set return_url or public_url to an address that buyers reach",
                "请把 return_url 或 public_url 设为买家可以访问的地址",
            ),
        )
    } else if plain(&notify) || plain(&back) {
        Finding::warn(
            Check::Addresses,
            "plain_http",
            (
                "buyers and the gateway reach us without TLS: whoever stands between can read and change what they send",
                "买家和网关访问本服务时没有使用 TLS：中间人可以读取和篡改内容",
            ),
            (
                "put a certificate on the proxy in front, and write https:// in public_url, notify_url and return_url",
                "请在前端代理上配置证书，并在 public_url、notify_url、return_url 中使用 https://",
            ),
        )
    } else {
        Finding::pass(
            Check::Addresses,
            (
                format!(
                    "absolute, without a query string, reachable from the internet by their names: {notify}"
                ),
                format!("均为绝对地址，不带参数，从名称看可由互联网访问：{notify}"),
            ),
        )
    };
    found.of(&account.name)
}

//! What is Alipay's own in `[accounts.NAME]`: partner, keys, charset, payee, addresses.

use super::address::{self, Place};
use super::options;
use super::problem::Text;
use super::section::{Reader, Section, missing};
use super::signing;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::{self, Seller};
use quittance_core::gateway::{Account, RefundWay};
use url::Url;

/// The cashier, `notify_verify` and the queries of Alipay.
const ALIPAY_URL: &str = "https://mapi.alipay.com/gateway.do";

/// How a contract pays back. The usual one asks a person for the payment password.
const REFUNDS: [(&str, Option<RefundWay>); 3] = [
    ("password", Some(RefundWay::Page)),
    ("direct", Some(RefundWay::Call)),
    ("off", None),
];

/// The settings of an Alipay contract. The gateway's own folder has the last word on them.
pub(super) fn read(
    section: &mut Section,
    gateway_url: Option<&Url>,
    show_url: Option<String>,
    reader: &mut Reader<'_>,
) -> Option<Account> {
    let partner_fix = (
        "set the partner id (PID) of the contract, 16 digits beginning 2088, in double quotes",
        "请在双引号中填写签约的合作者身份 ID（PID），以 2088 开头的 16 位数字",
    );
    let partner = section.required("partner", partner_fix, reader);
    let charset = charset(section, reader);
    let keys = signing::read(section, reader);
    let seller = seller(section, reader);
    let refunds = section
        .choice("refunds", &REFUNDS, &[], reader)
        .unwrap_or(Some(RefundWay::Page));
    let kind_is_known = keys.is_some();
    let settings = alipay::Settings {
        partner: partner.unwrap_or_default(),
        // Where the kind of signature or the charset is wrong, the account is only built to find what else is.
        keys: keys.unwrap_or_else(signing::of_nobody),
        charset: charset.unwrap_or(Charset::Utf8),
        seller,
        show_url,
        refunds,
        gateway_url: gateway_url.map_or(ALIPAY_URL, Url::as_str).to_owned(),
    };
    let account = match alipay::Account::new(settings) {
        Ok(account) => charset.filter(|_| kind_is_known).map(|_| account),
        Err(problems) => {
            for problem in problems {
                let path = section.path(problem.field);
                if !reader.is_wrong(&path) {
                    let (cause, fix) = in_both_languages(problem);
                    reader.wrong(path, cause, fix);
                }
            }
            None
        }
    };
    options::read(account, section, reader)
}

/// The gateway's folder speaks English, but of key material; these are the words that reach a merchant.
fn in_both_languages(problem: alipay::Problem) -> (Text, Text) {
    if let Some(fault) = problem.key {
        return (fault.cause(), fault.fix());
    }
    let swapped = problem.cause.contains("swapped");
    let (cause, fix) = match problem.field {
        "partner" if swapped => (
            "partner 与 key 填反了：key 是以 2088 开头的 16 位数字，partner 不是",
            "请交换两项的值",
        ),
        "partner" if problem.cause.contains("blank") => {
            ("partner 含有空白；程序不会自动去除", "请删除空白")
        }
        "partner" => (
            "partner 不是以 2088 开头的 16 位数字",
            "请从商家后台复制合作者身份 ID（PID）",
        ),
        "key" | "previous_keys" if problem.cause.contains("partner id") => (
            "此处填的是合作者身份 ID（PID），不是密钥",
            "请填写签约的安全校验码（MD5 密钥）",
        ),
        "seller_id" => (
            "seller_id 不是以 2088 开头的 16 位数字",
            "请改正或删除此项：删除后收款方即 partner",
        ),
        "seller_email" => (
            "seller_email 不是 1 到 100 个不含 & 和 = 的可打印 ASCII 字符",
            "请改正或删除此项：删除后收款方即 partner",
        ),
        _ => ("此项不符合网关的要求", "请对照示例设置文件改正"),
    };
    ((problem.cause, cause).into(), (problem.fix, fix).into())
}

fn charset(section: &mut Section, reader: &mut Reader<'_>) -> Option<Charset> {
    let charsets = [Charset::Utf8, Charset::Gbk, Charset::Gb2312];
    let choices = charsets.map(|charset| (charset.label(), charset));
    let path = section.path("charset");
    let charset = section.choice("charset", &choices, &[], reader);
    if charset.is_none() && !reader.is_wrong(&path) {
        let fix = (
            "write \"utf-8\", \"gbk\" or \"gb2312\", as the pages of the shop are; the signature depends on it",
            "请按商店页面的编码写 \"utf-8\"、\"gbk\" 或 \"gb2312\"；签名与编码有关",
        );
        missing(path, fix, reader);
    }
    charset
}

fn seller(section: &mut Section, reader: &mut Reader<'_>) -> Option<Seller> {
    let id = section.text("seller_id", reader);
    let email = section.text("seller_email", reader);
    if id.is_some() && email.is_some() {
        reader.wrong(
            section.path("seller_email"),
            (
                "the payee is named twice, by seller_id and by seller_email",
                "收款方写了两次：seller_id 和 seller_email",
            ),
            (
                "keep one; without both the payee is the partner",
                "请只保留一项；两项都不写时收款方即 partner",
            ),
        );
    }
    id.map(Seller::Id).or(email.map(Seller::Email))
}

/// The address of the gateway, parsed; the account is live unless it is local.
pub(super) fn gateway_url(section: &mut Section, reader: &mut Reader<'_>) -> Option<Url> {
    let path = section.path("gateway_url");
    let url = match section.take("gateway_url") {
        None => Url::parse(ALIPAY_URL).ok()?,
        Some(value) => {
            let text = reader.text(path.clone(), value)?;
            address::read(path.clone(), &text, reader)?
        }
    };
    // Whoever stands between us and the gateway could answer `true` in its place (SEC-015).
    if url.scheme() != "https" && address::place(&url) == Place::Public {
        reader.wrong(
            path,
            (
                "the gateway is not on this machine or in a private network, and is called without TLS",
                "网关不在本机或内网，却没有使用 TLS",
            ),
            (
                "write https://; http:// is for a sandbox on a loopback or private address or at *.localhost",
                "请使用 https://；http:// 仅用于本机、内网地址或 *.localhost 上的沙箱",
            ),
        );
        return None;
    }
    Some(url)
}

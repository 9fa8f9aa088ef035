//! What is Alipay's own in `[accounts.NAME]`: partner, keys, charset, payee, addresses.

use super::address::{self, Place};
use super::options;
use super::problem::Text;
use super::secret;
use super::section::{Reader, Section, missing};
use quittance_core::charset::Charset;
use quittance_core::gateway::Account;
use quittance_core::gateway::alipay::{self, Key, Seller};
use secrecy::SecretString;
use toml::Value;
use url::Url;

/// The cashier, `notify_verify` and the queries of Alipay.
const ALIPAY_URL: &str = "https://mapi.alipay.com/gateway.do";
/// More keys than this are no rotation. Every callback with a wrong signature is tried against all of them.
const PREVIOUS_KEYS_MAX: usize = 4;

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
    section.choice("sign_type", &[("MD5", ())], &["RSA"], reader);
    let charset = charset(section, reader);
    let current = key(section, reader);
    let previous = previous_keys(section, reader);
    let seller = seller(section, reader);
    let keys = current.map(|key| Key { key, until: None });
    let settings = alipay::Settings {
        partner: partner.unwrap_or_default(),
        keys: keys.into_iter().chain(previous).collect(),
        // Where the charset is wrong, the account is only built to find what else is.
        charset: charset.unwrap_or(Charset::Utf8),
        seller,
        show_url,
        gateway_url: gateway_url.map_or(ALIPAY_URL, Url::as_str).to_owned(),
    };
    let account = match alipay::Account::new(settings) {
        Ok(account) => charset.map(|_| account),
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

/// The gateway's folder speaks English; these are the words that reach a merchant.
fn in_both_languages(problem: alipay::Problem) -> (Text, Text) {
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

fn key(section: &mut Section, reader: &mut Reader<'_>) -> Option<SecretString> {
    let path = section.path("key");
    let Some(value) = section.take("key") else {
        let fix = (
            "set the security key (MD5) of the contract: key = { env = \"ALIPAY_KEY\" }",
            "请设置签约的安全校验码（MD5 密钥）：key = { env = \"ALIPAY_KEY\" }",
        );
        missing(path, fix, reader);
        return None;
    };
    secret::read(path, value, reader)
}

/// Keys from before a rotation, each with its end.
fn previous_keys(section: &mut Section, reader: &mut Reader<'_>) -> Vec<Key> {
    let Some(values) = section.list("previous_keys", reader) else {
        return Vec::new();
    };
    if values.len() > PREVIOUS_KEYS_MAX {
        reader.wrong(
            section.path("previous_keys"),
            (
                format!("there are more than {PREVIOUS_KEYS_MAX} previous keys"),
                format!("旧密钥超过 {PREVIOUS_KEYS_MAX} 个"),
            ),
            ("remove those that have ended", "请删除已到期的旧密钥"),
        );
    }
    let keys = values
        .into_iter()
        .filter_map(|(path, value)| reader.section(path, value));
    keys.collect::<Vec<_>>()
        .into_iter()
        .filter_map(|section| previous_key(section, reader))
        .collect()
}

fn previous_key(mut section: Section, reader: &mut Reader<'_>) -> Option<Key> {
    let secret = key(&mut section, reader);
    let until = until(&mut section, reader);
    section.finish(reader);
    Some(Key {
        key: secret?,
        until: Some(until?),
    })
}

fn until(section: &mut Section, reader: &mut Reader<'_>) -> Option<jiff::Timestamp> {
    let fix = (
        "write the end of the key as \"2026-01-01T00:00:00Z\": 48 hours after the change cover every resend",
        "请写旧密钥的截止时间，例如 \"2026-01-01T00:00:00Z\"：更换后 48 小时足以覆盖所有重发",
    );
    let path = section.path("until");
    let text = match section.take("until") {
        None => {
            missing(path, fix, reader);
            return None;
        }
        Some(Value::Datetime(moment)) => moment.to_string(), // TOML has moments of its own; they say the same.
        Some(value) => reader.text(path.clone(), value)?,
    };
    let until = text.parse();
    if until.is_err() {
        reader.wrong(
            path,
            ("this is no moment with a time zone", "不是带时区的时间"),
            fix,
        );
    }
    until.ok()
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

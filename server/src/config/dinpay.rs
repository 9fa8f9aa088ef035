//! What is Dinpay's own in `[accounts.NAME]`: merchant code, keys, charset, addresses, further parameters.

use super::account::Contract;
use super::address;
use super::options;
use super::problem::Text;
use super::section::{Reader, Section, missing};
use super::signing::{self, Scheme};
use quittance_core::charset::Charset;
use quittance_core::gateway::Account;
use quittance_core::gateway::dinpay::{self, Extras, GATEWAY_URL, QUERY_URL};
use quittance_core::sign::Kind;
use url::Url;

/// How its contracts sign.
const SCHEME: Scheme = Scheme {
    pair: ("RSA-S", Kind::RsaS),
    key_fix: Some((
        "set the key (MD5) of the contract: key = { env = \"DINPAY_KEY\" }; contracts from April 2016 on have \
         sign_type = \"RSA-S\" and a pair of keys instead",
        "请设置签约的 MD5 密钥：key = { env = \"DINPAY_KEY\" }；2016 年 4 月以后的签约使用 sign_type = \"RSA-S\" 和一对密钥",
    )),
    public_key_fix: (
        "set the gateway's public key: gateway_public_key = { file = \"secrets/dinpay_public.pem\" }",
        "请设置智付公钥：gateway_public_key = { file = \"secrets/dinpay_public.pem\" }",
    ),
    until_fix: (
        "write the end of the key as \"2026-01-01T00:00:00Z\": 3 hours after the change cover every resend",
        "请写旧密钥的截止时间，例如 \"2026-01-01T00:00:00Z\"：更换后 3 小时足以覆盖所有重发",
    ),
};

/// A merchant code that nobody has.
const NOBODY: &str = "0";

/// The contract. The gateway's own folder has the last word on its settings.
pub(super) fn read(
    section: &mut Section,
    show_url: Option<String>,
    reader: &mut Reader<'_>,
) -> Contract {
    refuse_others(section, reader);
    both_addresses(section, reader);
    let gateway_url = address::gateway("gateway_url", GATEWAY_URL, section, reader);
    let query_url = address::gateway("query_url", QUERY_URL, section, reader);
    let live = [&gateway_url, &query_url]
        .into_iter()
        .flatten()
        .any(address::is_live);
    let account = settings(section, gateway_url, query_url, show_url, reader);
    Contract {
        account: with_extras(account, section, reader),
        live,
        statement: None,
    }
}

/// Settings of other gateways' accounts.
fn refuse_others(section: &mut Section, reader: &mut Reader<'_>) {
    section.lacks(
        &["refunds"],
        (
            "this gateway pays nothing back by request",
            "该网关没有退款接口",
        ),
        (
            "remove it; money is paid back on the gateway's merchant page",
            "请删除此项；退款请在网关的商家后台办理",
        ),
        reader,
    );
    section.lacks(
        &["statement", "statement_at"],
        (
            "this gateway gives out no statements",
            "该网关没有对账单接口",
        ),
        (
            "remove it; payments are learnt from callbacks and by asking",
            "请删除此项；付款由通知和主动查询得知",
        ),
        reader,
    );
    section.lacks(
        &["anti_phishing"],
        (
            "this gateway has no such protection",
            "该网关没有防钓鱼时间戳",
        ),
        ("remove it", "请删除此项"),
        reader,
    );
    section.lacks(
        &["seller_id", "seller_email"],
        (
            "at this gateway the payee is the merchant code",
            "该网关的收款方就是 merchant_code",
        ),
        ("remove it", "请删除此项"),
        reader,
    );
}

/// Whoever sends buyers elsewhere asks elsewhere too: neither of the two goes with the other's default.
fn both_addresses(section: &Section, reader: &mut Reader<'_>) {
    let fix = (
        "set gateway_url and query_url together, or leave both out for real payments at Dinpay",
        "gateway_url 与 query_url 请一起设置；向智付正式收款时请都不要写",
    );
    let (gateway, query) = (section.has("gateway_url"), section.has("query_url"));
    if gateway != query {
        let absent = if gateway { "query_url" } else { "gateway_url" };
        missing(section.path(absent), fix, reader);
    }
}

fn settings(
    section: &mut Section,
    gateway_url: Option<Url>,
    query_url: Option<Url>,
    show_url: Option<String>,
    reader: &mut Reader<'_>,
) -> Option<dinpay::Account> {
    let code = merchant_code(section, reader);
    let charset = charset(section, reader);
    let keys = signing::read(&SCHEME, section, reader);
    let complete = code.is_some() && charset.is_some() && keys.is_some();
    let settings = dinpay::Settings {
        // Where one of the three is wrong, the account is only built to find what else is.
        merchant_code: code.unwrap_or_else(|| NOBODY.to_owned()),
        keys: keys.unwrap_or_else(signing::of_nobody),
        charset: charset.unwrap_or(Charset::Utf8),
        show_url,
        gateway_url: text_or(gateway_url, GATEWAY_URL),
        query_url: text_or(query_url, QUERY_URL),
    };
    match dinpay::Account::new(settings) {
        Ok(account) => complete.then_some(account),
        Err(problems) => {
            section.refuse(problems, in_both_languages, reader);
            None
        }
    }
}

fn text_or(url: Option<Url>, default: &str) -> String {
    url.map_or_else(|| default.to_owned(), String::from)
}

fn merchant_code(section: &mut Section, reader: &mut Reader<'_>) -> Option<String> {
    let fix = (
        "set the merchant code of the contract, 10 digits, in double quotes",
        "请在双引号中填写签约的商家号，10 位数字",
    );
    let cause = (
        "at this gateway the number of the contract is merchant_code",
        "该网关的签约号码写在 merchant_code 中",
    );
    if section.lacks(&["partner"], cause, fix, reader) {
        return section.text("merchant_code", reader);
    }
    section.required("merchant_code", fix, reader)
}

fn charset(section: &mut Section, reader: &mut Reader<'_>) -> Option<Charset> {
    let charsets = [Charset::Utf8, Charset::Gbk];
    let choices = charsets.map(|charset| (charset.label(), charset));
    let path = section.path("charset");
    let charset = section.choice("charset", &choices, reader);
    if charset.is_none() && !reader.is_wrong(&path) {
        let fix = (
            "write \"utf-8\", or \"gbk\" if the contract's other programs send that; the signature depends on it",
            "请写 \"utf-8\"；如签约的其他程序使用 GBK，请写 \"gbk\"；签名与编码有关",
        );
        missing(path, fix, reader);
    }
    charset
}

/// The gateway's folder speaks English, but of key material; these are the words that reach a merchant.
fn in_both_languages(problem: dinpay::Problem) -> (Text, Text) {
    if let Some(fault) = problem.key {
        return (fault.cause(), fault.fix());
    }
    let (cause, fix) = match problem.field {
        "merchant_code" if problem.cause.contains("swapped") => (
            "merchant_code 与 key 填反了：key 全是数字，merchant_code 不是",
            "请交换两项的值",
        ),
        "merchant_code" if problem.cause.contains("blank") => {
            ("merchant_code 含有空白；程序不会自动去除", "请删除空白")
        }
        "merchant_code" => (
            "merchant_code 不是 1 到 20 位数字",
            "请从商家后台复制商家号，10 位数字",
        ),
        "query_url" => (
            "query_url 与 gateway_url 相同：付款与查询是两个地址",
            "请填写查询地址，例如 https://query.dinpay.com/query",
        ),
        _ => ("此项不符合网关的要求", "请对照示例设置文件改正"),
    };
    ((problem.cause, cause).into(), (problem.fix, fix).into())
}

/// The account, with what its requests carry besides.
fn with_extras(
    account: Option<dinpay::Account>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Account> {
    let cross_border = section.flag("cross_border", reader).unwrap_or(false);
    let options = options::read(section, options::texts, reader);
    let extras = Extras {
        options,
        cross_border,
    };
    match account?.with_extras(extras) {
        Ok(account) => Some(Account::Dinpay(account)),
        Err(faults) => {
            options::refuse(faults, "docs/gateways/dinpay.md", section, reader);
            None
        }
    }
}

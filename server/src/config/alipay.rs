//! What is Alipay's own in `[accounts.NAME]`: partner, keys, charset, payee, address, further parameters.

use super::account::Contract;
use super::address;
use super::options;
use super::problem::Text;
use super::section::{Reader, Section, missing};
use super::signing::{self, Scheme};
use super::statement;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::{self, Extras, Seller, StatementService};
use quittance_core::gateway::{Account, RefundWay};
use quittance_core::sign::Kind;
use toml::Value;
use url::Url;

/// The cashier, `notify_verify` and the queries of Alipay.
const ALIPAY_URL: &str = "https://mapi.alipay.com/gateway.do";

/// How its contracts sign.
const SCHEME: Scheme = Scheme {
    pair: ("RSA", Kind::Rsa),
    key_fix: Some((
        "set the security key (MD5) of the contract: key = { env = \"ALIPAY_KEY\" }",
        "请设置签约的安全校验码（MD5 密钥）：key = { env = \"ALIPAY_KEY\" }",
    )),
    public_key_fix: (
        "set the gateway's public key: gateway_public_key = { file = \"secrets/alipay_public.pem\" }",
        "请设置支付宝公钥：gateway_public_key = { file = \"secrets/alipay_public.pem\" }",
    ),
    until_fix: (
        "write the end of the key as \"2026-01-01T00:00:00Z\": 48 hours after the change cover every resend",
        "请写旧密钥的截止时间，例如 \"2026-01-01T00:00:00Z\"：更换后 48 小时足以覆盖所有重发",
    ),
};

/// By which service an account's statements are read. A contract need not have either.
const STATEMENTS: [(&str, Option<StatementService>); 3] = [
    ("off", None),
    ("report", Some(StatementService::Report)),
    ("pages", Some(StatementService::Pages)),
];

/// How a contract pays back. The usual one asks a person for the payment password.
const REFUNDS: [(&str, Option<RefundWay>); 3] = [
    ("password", Some(RefundWay::Page)),
    ("direct", Some(RefundWay::Call)),
    ("off", None),
];

/// The contract. The gateway's own folder has the last word on its settings.
pub(super) fn read(
    section: &mut Section,
    show_url: Option<String>,
    reader: &mut Reader<'_>,
) -> Contract {
    let gateway_url = address::gateway("gateway_url", ALIPAY_URL, section, reader);
    let account = settings(section, gateway_url.as_ref(), show_url, reader);
    let account = with_extras(account, section, reader);
    let statement = statement::read(account.as_ref(), section, reader);
    Contract {
        live: gateway_url.as_ref().is_some_and(address::is_live),
        account,
        statement,
    }
}

fn settings(
    section: &mut Section,
    gateway_url: Option<&Url>,
    show_url: Option<String>,
    reader: &mut Reader<'_>,
) -> Option<alipay::Account> {
    let partner_fix = (
        "set the partner id (PID) of the contract, 16 digits beginning 2088, in double quotes",
        "请在双引号中填写签约的合作者身份 ID（PID），以 2088 开头的 16 位数字",
    );
    let partner = section.required("partner", partner_fix, reader);
    let charset = charset(section, reader);
    let keys = signing::read(&SCHEME, section, reader);
    let seller = seller(section, reader);
    let refunds = section
        .choice("refunds", &REFUNDS, reader)
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
    match alipay::Account::new(settings) {
        Ok(account) => charset.filter(|_| kind_is_known).map(|_| account),
        Err(problems) => {
            section.refuse(problems, in_both_languages, reader);
            None
        }
    }
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
    let charset = section.choice("charset", &choices, reader);
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

/// The account, with what its requests carry besides.
fn with_extras(
    account: Option<alipay::Account>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Account> {
    let anti_phishing = section.flag("anti_phishing", reader).unwrap_or(false);
    let statement = section.choice("statement", &STATEMENTS, reader).flatten();
    let options = options::read(section, royalties, reader);
    let extras = Extras {
        options,
        anti_phishing,
        statement,
    };
    match account?.with_extras(extras) {
        Ok(account) => Some(Account::Alipay(account)),
        Err(faults) => {
            options::refuse(faults, "docs/gateways/alipay.md", section, reader);
            None
        }
    }
}

/// A list of shares, each `{ payee, amount, memo, payer }`, as the text that goes on the wire.
fn royalties(
    name: &str,
    path: &str,
    value: Value,
    reader: &mut Reader<'_>,
) -> Result<Option<String>, Value> {
    let shares = match value {
        Value::Array(shares) if name == "royalty_parameters" => shares,
        value => return Err(value),
    };
    let numbered = shares.into_iter().enumerate();
    let shares: Vec<Option<String>> = numbered
        .map(|(number, value)| share(reader.section(format!("{path}[{number}]"), value)?, reader))
        .collect(); // All of them are read, so that all problems are told.
    let shares = shares.into_iter().collect::<Option<Vec<_>>>();
    Ok(shares.map(|shares| shares.join("|")))
}

fn share(mut section: Section, reader: &mut Reader<'_>) -> Option<String> {
    let payer = section.text("payer", reader);
    let payee = section.required(
        "payee",
        ("name the account that receives it", "请填写收款账号"),
        reader,
    );
    let amount = section.required(
        "amount",
        (
            "write an amount such as \"0.10\"",
            "请填写金额，例如 \"0.10\"",
        ),
        reader,
    );
    let memo = section.text("memo", reader).unwrap_or_default();
    section.finish(reader);
    let payer = payer.map(|payer| format!("{payer}^")).unwrap_or_default();
    Some(format!("{payer}{}^{}^{memo}", payee?, amount?))
}

//! Words that both sides know: services, versions, statuses, methods, bank codes, number formats.

use crate::charset::Charset;

/// The page service that takes a payment (note 1.2).
pub(super) const DIRECT_PAY: &str = "direct_pay";
/// The service that tells how a trade stands (note 3.1).
pub(super) const QUERY: &str = "single_trade_query";
/// The version of every message here, letter case included (note 1.2, 2.2, 3.1).
pub(super) const VERSION: &str = "V3.0";
/// What the browser brings (note 2.1).
pub(super) const PAGE_NOTIFY: &str = "page_notify";
/// What the gateway's server sends (note 2.1).
pub(super) const OFFLINE_NOTIFY: &str = "offline_notify";
/// What a query answers where it knows no such trade (note 3.2).
pub(super) const NOT_EXIST: &str = "TRADE_IS_NOT_EXIST";

/// What `pay_type` may say, joined by commas: Dinpay's own words, then those of white-labels (note 1.2).
pub(super) const METHODS: [&str; 13] = [
    "b2c",
    "express",
    "weixin",
    "alipay_scan",
    "qq_scan",
    "union_scan",
    "jd_scan",
    "wappay",
    "tenpay_scan",
    "yl_scan",
    "sn_scan",
    "b2cwap",
    "express_d",
];
/// The method that buyers choose a bank for.
pub(super) const BANK_METHOD: &str = "b2c";
/// The methods that a bank code goes with (inferred: the note has no rule).
pub(super) const BANK_METHODS: [&str; 3] = [BANK_METHOD, "b2cwap", "wappay"];

/// What `bank_code` may say (note 1.3): banks, mobile UnionPay, banks of older documents, prepaid cards.
pub(super) const BANKS: [&str; 38] = [
    "ABC",
    "ICBC",
    "CCB",
    "BCOM",
    "BOC",
    "CMB",
    "CMBC",
    "CEBB",
    "BOB",
    "SHB",
    "NBB",
    "HXB",
    "CIB",
    "PSBC",
    "SPABANK",
    "SPDB",
    "ECITIC",
    "HZB",
    "GDB",
    "WAP_UNION",
    "SDB",
    "BEA",
    "YDSZX",
    "LTYKT",
    "DXGK",
    "JWYKT",
    "SDYKT",
    "ZTYKT",
    "QBCZK",
    "JYYKT",
    "WYYKT",
    "WMYKT",
    "SHYKT",
    "ZYYKT",
    "TXYKT",
    "THYKT",
    "TXYKTZX",
    "SFYKT",
];

/// The least amount in fen: 0.01 yuan.
pub(super) const AMOUNT_MIN: i64 = 1;
/// The greatest amount in fen: 13 figures, two of them behind the point (note 1.2, 5).
pub(super) const AMOUNT_MAX: i64 = 9_999_999_999_999;
/// So many figures an amount has at most.
pub(super) const AMOUNT_FIGURES_MAX: usize = 13;
/// Addresses have so many characters at most (note 1.2).
pub(super) const URL_CHARS_MAX: usize = 200;

/// The charset as `input_charset` names it, letter case included (note 1.2). There is no GB2312 here.
pub(super) fn charset_word(charset: Charset) -> &'static str {
    match charset {
        Charset::Utf8 => "UTF-8",
        Charset::Gbk | Charset::Gb2312 => "GBK",
    }
}

/// The charset of exactly this word.
pub(super) fn charset_of(word: &str) -> Option<Charset> {
    match word {
        "UTF-8" => Some(Charset::Utf8),
        "GBK" => Some(Charset::Gbk),
        _ => None,
    }
}

/// Whether this is a merchant's order number: `[A-Za-z0-9_]{1,64}` (note 1.2; a hyphen is not in it).
pub(super) fn is_order_no(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// Whether this is a trade number: `[0-9A-Za-z]{1,64}`. Ten digits in real traffic (note 2.2).
pub(super) fn is_trade_no(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this is a merchant's code: up to 20 digits. Dinpay's have 10, white-labels' 12 (note 1.2).
pub(super) fn is_merchant_code(text: &str) -> bool {
    (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

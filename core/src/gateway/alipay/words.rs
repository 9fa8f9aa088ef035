//! Words that both sides know: statuses, payment methods, bank codes, number formats.

/// The name of every notification about a trade (note 2.1, 2.2).
pub(super) const TRADE_SYNC: &str = "trade_status_sync";
/// The name of the notification about a batch of refunds (note 5.3).
pub(super) const BATCH_REFUND: &str = "batch_refund_notify";
/// The page service that takes a payment (note 1.1).
pub(super) const DIRECT_PAY: &str = "create_direct_pay_by_user";
/// The page service that pays back once a person has entered the payment password (note 5.3).
pub(super) const REFUND_PAGE: &str = "refund_fastpay_by_platform_pwd";
/// The service that pays back without one (note 5.3).
pub(super) const REFUND_CALL: &str = "refund_fastpay_by_platform_nopwd";
/// The service that tells what became of a refund (note 5.3).
pub(super) const REFUND_QUERY: &str = "refund_fastpay_query";
/// The service that tells what was booked on an account, a day at once (note 5.4).
pub(super) const REPORT: &str = "export_trade_account_report";
/// The service that tells the same page by page (note 5.5).
pub(super) const ACCOUNT_PAGE: &str = "account.page.query";
/// The `trans_code` of transfers, which refunds are too (note 5.4).
pub(super) const TRANSFER: &str = "3011";
/// The `trans_code` of online payments (note 5.4).
pub(super) const ONLINE_PAYMENT: &str = "6001";
/// The header row of a report (note 5.4).
pub(super) const REPORT_COLUMNS: [&str; 14] = [
    "外部订单号",
    "账户余额（元）",
    "时间",
    "流水号",
    "支付宝交易号",
    "交易对方Email",
    "交易对方",
    "用户编号",
    "收入（元）",
    "支出（元）",
    "交易场所",
    "商品名称",
    "类型",
    "说明",
];
/// What stands around the rows of a report, as text.
pub(super) const REPORT_WRAPPING: (&str, &str) = ("<![CDATA[", "]]>");
/// The word of an item of a batch that went well (note 5.3).
pub(super) const SUCCESS: &str = "SUCCESS";
/// What `payment_type` says where nothing else is asked for: goods (note 1.1).
pub(super) const GOODS: &str = "1";
/// A refund that was made (note 2.4).
pub(super) const REFUND_SUCCESS: &str = "REFUND_SUCCESS";
/// A refund that was called off (note 2.4).
pub(super) const REFUND_CLOSED: &str = "REFUND_CLOSED";

/// What `paymethod` may say, letter case included (note 1.1).
pub(super) const METHODS: [&str; 5] = ["directPay", "bankPay", "cartoon", "creditPay", "CASH"];
/// The method that a bank code belongs to.
pub(super) const BANK_METHOD: &str = "bankPay";

/// What `defaultbank` may say (note 1.2): companies, persons, debit cards only.
pub(super) const BANKS: [&str; 33] = [
    "ICBCBTB",
    "ABCBTB",
    "CCBBTB",
    "SPDBB2B",
    "BOCB2C",
    "ICBCB2C",
    "CMB",
    "CCB",
    "ABC",
    "SPDB",
    "CIB",
    "GDB",
    "SDB",
    "CMBC",
    "COMM",
    "CITIC",
    "HZCBB2C",
    "CEBBANK",
    "SHBANK",
    "NBBANK",
    "SPABANK",
    "BJBANK",
    "BJRCB",
    "FDB",
    "CMB-DEBIT",
    "CCB-DEBIT",
    "ICBC-DEBIT",
    "COMM-DEBIT",
    "GDB-DEBIT",
    "BOC-DEBIT",
    "CEB-DEBIT",
    "SPDB-DEBIT",
    "PSBC-DEBIT",
];

/// The least amount in fen: 0.01 yuan (note 1.1).
pub(super) const AMOUNT_MIN: i64 = 1;
/// The greatest amount in fen: 100000000.00 yuan (note 1.1).
pub(super) const AMOUNT_MAX: i64 = 10_000_000_000;

/// Whether this is a merchant's order number: `[A-Za-z0-9_-]{1,64}`.
pub(super) fn is_order_no(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// Whether this is a trade number: `[0-9A-Za-z]{1,64}`.
pub(super) fn is_trade_no(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this is the number of a batch of refunds: eight digits of the day, and 3 to 24 letters or digits (note 5.3).
pub(super) fn is_batch_no(text: &str) -> bool {
    (11..=32).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().take(8).all(|byte| byte.is_ascii_digit())
        && text.get(8..) != Some("000")
}

/// Whether this is a partner or account number: 16 digits, the first four `2088`.
pub(super) fn is_partner(text: &str) -> bool {
    text.len() == 16 && text.starts_with("2088") && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this can be a login, an e-mail address or a number: printable ASCII without what separates values.
pub(super) fn is_login(text: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && !text.contains(['&', '=', '^', '|'])
}

//! What the gateway's codes mean, and which names its banks have.

use quittance_core::Lang;
use quittance_core::gateway::alipay::gateway_side::{self, Code};

/// What most likely causes a refusal, and what to do.
const REFUSALS: [(&str, &str, &str); 18] = [
    (
        "ILLEGAL_SIGN",
        "The signature does not fit. Check the key for blanks, sign the values before they are encoded, in the charset that _input_charset names, sorted by name, without empty values.",
        "签名不符。请检查密钥前后有无空格；参数应在编码之前、按 _input_charset 声明的字符集、按名称排序并去掉空值后签名。",
    ),
    (
        "ILLEGAL_SIGN_TYPE",
        "sign_type is none of MD5, RSA and DSA, in capital letters.",
        "sign_type 不是大写的 MD5、RSA 或 DSA。",
    ),
    (
        "ILLEGAL_SECURITY_PROFILE",
        "sign_type is not that of the merchant's contract here: MD5, unless the sandbox was started with a public key for RSA.",
        "sign_type 与沙箱中商户的签约方式不同：默认是 MD5，启动沙箱时指定了商户公钥则为 RSA。",
    ),
    (
        "ILLEGAL_PARTNER",
        "No merchant here has this partner number. The sandbox printed the right one when it started.",
        "partner 不存在。正确的 partner 见沙箱启动时的输出。",
    ),
    (
        "ILLEGAL_SERVICE",
        "The service is missing or unknown. Without any parameter: the form lost them all on its way.",
        "service 缺失或不存在。若没有任何参数，说明表单在途中丢失了全部参数。",
    ),
    (
        "ILLEGAL_CHARSET",
        "_input_charset is missing, or none of utf-8, gbk, gb2312.",
        "_input_charset 缺失，或不是 utf-8、gbk、gb2312 之一。",
    ),
    (
        "ILLEGAL_ARGUMENT",
        "A value is missing, too long, doubled, or not of the charset; or an address carries parameters of its own.",
        "某个参数缺失、过长、重复或字符集不符；或者地址中带有自定义参数。",
    ),
    (
        "ILLEGAL_FEE_PARAM",
        "total_fee is no amount from 0.01 to 100000000.00 with at most two decimals.",
        "total_fee 须为 0.01 至 100000000.00，最多两位小数。",
    ),
    (
        "ILLEGAL_PAYMENT_TYPE",
        "payment_type is not 1.",
        "payment_type 不是 1。",
    ),
    (
        "SELLER_NOT_EXIST",
        "seller_email is not the login of this merchant.",
        "seller_email 不是该商家的账号。",
    ),
    (
        "SELLER_NOT_IN_SPECIFIED_SELLERS",
        "seller_id is not this merchant.",
        "seller_id 不是该商家。",
    ),
    (
        "SUBJECT_MUST_NOT_BE_NULL",
        "The subject is missing.",
        "缺少 subject。",
    ),
    (
        "DEFAULT_BANK_INVALID",
        "defaultbank is no bank code of the list.",
        "defaultbank 不在银行代码表中。",
    ),
    (
        "ILLEGAL_EXTER_INVOKE_IP",
        "exter_invoke_ip is no IPv4 address.",
        "exter_invoke_ip 不是 IPv4 地址。",
    ),
    (
        "ILLEGAL_OUTTIME_ARGUMENT",
        "it_b_pay is no time from 1m to 15d in whole minutes, hours or days, nor 1c.",
        "it_b_pay 须为 1m 至 15d 的整数分钟、小时或天，或 1c。",
    ),
    (
        "TRADE_DATA_MATCH_ERROR",
        "The same number was asked for with another amount, title or time limit. A mangled title is the usual cause.",
        "同一订单号的金额、标题或超时时间与上次不同，常见原因是标题乱码。",
    ),
    (
        "TRADE_NOT_ALLOWED_PAY",
        "The trade is paid or closed already.",
        "交易已付款或已关闭。",
    ),
    (
        "ILLEGAL_EXTRA_COMMON_PARAM",
        "extra_common_param is too long or not of the charset.",
        "extra_common_param 过长或字符集不符。",
    ),
];

/// The methods of `paymethod` (protocol note 1.1).
const METHODS: [(&str, &str, &str); 5] = [
    ("directPay", "Account balance", "账户余额"),
    ("bankPay", "Net banking", "网上银行"),
    ("cartoon", "Linked card", "卡通"),
    ("creditPay", "Credit card", "信用支付"),
    ("CASH", "Cash at an outlet", "网点现金付款"),
];

/// What to do about a refusal.
pub(crate) fn explain(code: Code, lang: Lang) -> &'static str {
    named(&REFUSALS, code.0, lang).unwrap_or(lang.pick(
        "Go back to the shop and start again.",
        "请返回商家页面重新发起。",
    ))
}

/// The bank's name; a code without one is its own name.
pub(crate) fn bank(code: &str, lang: Lang) -> &str {
    gateway_side::bank_name(code, lang).unwrap_or(code)
}

/// The method's name.
pub(crate) fn method(word: &str, lang: Lang) -> &str {
    named(&METHODS, word, lang).unwrap_or(word)
}

fn named(table: &'static [(&str, &str, &str)], code: &str, lang: Lang) -> Option<&'static str> {
    let (_, en, zh) = table.iter().find(|(known, ..)| *known == code)?;
    Some(lang.pick(en, zh))
}

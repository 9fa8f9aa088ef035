//! What a refusal's page says about its code, and which names the methods and banks have.

use crate::gateway::Gateway;
use quittance_core::Lang;
use quittance_core::gateway::{alipay, dinpay};

/// What is so at this sandbox and at no real gateway.
const HERE: [(Gateway, &str, &str, &str); 9] = [
    (
        Gateway::Alipay,
        "ILLEGAL_SECURITY_PROFILE",
        "sign_type is not that of the merchant's contract here: MD5, unless the sandbox was started with a public key for RSA.",
        "sign_type 与沙箱中商户的签约方式不同：默认是 MD5，启动沙箱时指定了商户公钥则为 RSA。",
    ),
    (
        Gateway::Alipay,
        "ILLEGAL_PARTNER",
        "The sandbox printed the right partner when it started.",
        "正确的 partner 见沙箱启动时的输出。",
    ),
    (
        Gateway::Dinpay,
        "ILLEGAL_SIGN_TYPE",
        "sign_type is not that of the merchant's contract here: MD5, unless the sandbox was started with a public key for RSA-S.",
        "sign_type 与沙箱中商户的签约方式不同：默认是 MD5，启动沙箱时指定了商户公钥则为 RSA-S。",
    ),
    (
        Gateway::Dinpay,
        "ILLEGAL_REQUEST",
        "The sandbox answers so to a form that was not posted, to a merchant_code other than the one that it printed when it started, and to an address with other parameters than input_charset.",
        "在沙箱中，表单不是以 POST 提交、merchant_code 与启动时的输出不符，或网关地址中带有 input_charset 以外的参数时返回此代码。",
    ),
    (
        Gateway::CodePay,
        "SIM_PARAMETER",
        "A field of the call is missing or wrong; msg in the answer names it. The code is the sandbox's own.",
        "请求缺少字段或字段有误，应答的 msg 指明了是哪一个。此代码为沙箱自定。",
    ),
    (
        Gateway::CodePay,
        "SIM_UNKNOWN_APP",
        "The sandbox printed the right app_id when it started. The code is its own; the answer carries no signature, because no key goes with it.",
        "正确的 app_id 见沙箱启动时的输出。此代码为沙箱自定；因没有对应的密钥，应答不带签名。",
    ),
    (
        Gateway::CodePay,
        "SIM_TIMESTAMP",
        "timestamp is more than 15 minutes from this machine's clock. The code is the sandbox's own.",
        "timestamp 与本机时间相差超过 15 分钟。此代码为沙箱自定。",
    ),
    (
        Gateway::CodePay,
        "SIM_BAD_SIGN",
        "sign does not fit the merchant's public key that the sandbox was started with. The code is its own.",
        "sign 与沙箱启动时所用的商户公钥不符。此代码为沙箱自定。",
    ),
    (
        Gateway::CodePay,
        "SIM_OFFLINE",
        "The terminal is offline, and the call asked for refusal then. Its page brings it online again. The code is the sandbox's own.",
        "终端离线，而请求要求离线时拒绝。可在终端页面恢复在线。此代码为沙箱自定。",
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

/// What a refusal means, what usually causes it, and what to do: the words of `quittance explain`.
pub(crate) fn explain(gateway: Gateway, code: &str, lang: Lang) -> Vec<String> {
    let known = gateway.codes().get(code).map(|known| {
        let fix = known.fix.say(lang);
        let to_do = match lang {
            Lang::En => format!("To do: {fix}"),
            Lang::Zh => format!("处理办法：{fix}"),
        };
        let (meaning, cause) = (known.meaning.say(lang), known.cause.say(lang));
        [meaning.to_owned(), cause.to_owned(), to_do]
    });
    let here = HERE
        .iter()
        .find(|(whose, known, ..)| *whose == gateway && *known == code);
    let here = here.map(|(.., en, zh)| lang.pick(en, zh).to_owned());
    known.into_iter().flatten().chain(here).collect()
}

/// What most likely causes a refusal.
pub(crate) fn cause(gateway: Gateway, code: &str, lang: Lang) -> &'static str {
    let known = gateway.codes().get(code);
    known.map_or("", |known| known.cause.say(lang))
}

/// The bank's name at Alipay; a code without one is its own name.
pub(crate) fn bank(code: &str, lang: Lang) -> &str {
    alipay::gateway_side::bank_name(code, lang).unwrap_or(code)
}

/// The name of a bank or a way to pay at Dinpay; a code without one is its own name.
pub(crate) fn choice(code: &str, lang: Lang) -> &str {
    dinpay::gateway_side::choice_name(code, lang).unwrap_or(code)
}

/// The method's name.
pub(crate) fn method(word: &str, lang: Lang) -> &str {
    let known = METHODS.iter().find(|(known, ..)| *known == word);
    known.map_or(word, |(_, en, zh)| lang.pick(en, zh))
}

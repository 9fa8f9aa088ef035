//! What a refusal's page says about its code, and which names the methods and banks have.

use quittance_core::Lang;
use quittance_core::gateway::alipay::CODES;
use quittance_core::gateway::alipay::gateway_side::{self, Code};

/// What is so at this sandbox and at no real gateway.
const HERE: [(&str, &str, &str); 2] = [
    (
        "ILLEGAL_SECURITY_PROFILE",
        "sign_type is not that of the merchant's contract here: MD5, unless the sandbox was started with a public key for RSA.",
        "sign_type 与沙箱中商户的签约方式不同：默认是 MD5，启动沙箱时指定了商户公钥则为 RSA。",
    ),
    (
        "ILLEGAL_PARTNER",
        "The sandbox printed the right partner when it started.",
        "正确的 partner 见沙箱启动时的输出。",
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
pub(crate) fn explain(code: Code, lang: Lang) -> Vec<String> {
    let known = CODES.get(code.0).map(|known| {
        let fix = known.fix.say(lang);
        let to_do = match lang {
            Lang::En => format!("To do: {fix}"),
            Lang::Zh => format!("处理办法：{fix}"),
        };
        let (meaning, cause) = (known.meaning.say(lang), known.cause.say(lang));
        [meaning.to_owned(), cause.to_owned(), to_do]
    });
    let here = named(&HERE, code.0, lang).map(str::to_owned);
    known.into_iter().flatten().chain(here).collect()
}

/// What most likely causes a refusal.
pub(crate) fn cause(code: Code, lang: Lang) -> &'static str {
    CODES.get(code.0).map_or("", |known| known.cause.say(lang))
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

//! Further request parameters, by their names on the wire (note 1.1): an account sets them for all of its orders, an
//! order for itself.
//!
//! There is one list for both, and for the gateway's side. No value holds `&` or `=`: nothing in it may be cut into a
//! parameter of its own under our signature (SEC-004).

use super::{royalty, words};
use crate::charset::Charset;
use crate::gateway::setting::{OptionFault, url_fault};
use crate::money::{Currency, Money};
use crate::order::GatewayOptions;
use std::collections::BTreeMap;

/// `extend_param` is agreed with each merchant; the note gives it no length, so it has that of the longest text.
const PAIRS_CHARS_MAX: usize = 1000;

/// Names of the parameters that say who the buyer is. They are kept beside the journal.
pub(super) const PERSONAL: [&str; 6] = [
    "buyer_account_name",
    "buyer_email",
    "buyer_id",
    "sign_id_ext",
    "sign_name_ext",
    "token",
];

/// One parameter.
struct Known {
    name: &'static str,
    place: Place,
    rule: Rule,
    /// What the gateway answers to a value that is none.
    code: &'static str,
}

/// Who may set it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Account,
    Order,
    Both,
}

/// What its values look like.
enum Rule {
    /// One of these, letter by letter.
    Words(&'static [&'static str]),
    /// A whole number from 1 to this.
    Number(u32),
    /// An account number, 16 digits beginning 2088.
    AccountNo,
    /// A login: printable ASCII.
    Login(usize),
    /// A text of one line.
    Text(usize),
    /// `name1^value1|name2^value2`.
    Pairs,
    /// `hb_fq_seller_percent^100|hb_fq_num^3`.
    Instalments,
    /// Channels, joined by `^`.
    Channels,
    /// An absolute address without a query string.
    Address(usize),
    /// An amount that the gateway takes.
    Price,
    /// Shares: see [`royalty`].
    Royalty,
}

const YES_NO: Rule = Rule::Words(&["Y", "N"]);
const ARGUMENT: &str = "ILLEGAL_ARGUMENT";

/// In the order in which they go on the wire.
const KNOWN: [Known; 23] = [
    known(
        "payment_type",
        Place::Both,
        Rule::Words(&["1", "4", "47"]),
        "ILLEGAL_PAYMENT_TYPE",
    ),
    known(
        "seller_email",
        Place::Account,
        Rule::Login(100),
        "SELLER_NOT_EXIST",
    ),
    known(
        "seller_account_name",
        Place::Account,
        Rule::Text(100),
        "SELLER_NOT_EXIST",
    ),
    known("price", Place::Order, Rule::Price, "ILLEGAL_FEE_PARAM"),
    known(
        "quantity",
        Place::Order,
        Rule::Number(1_000_000),
        "ILLEGAL_FEE_PARAM",
    ),
    known(
        "error_notify_url",
        Place::Account,
        Rule::Address(200),
        ARGUMENT,
    ),
    known("buyer_id", Place::Order, Rule::AccountNo, ARGUMENT),
    known(
        "buyer_account_name",
        Place::Order,
        Rule::Text(100),
        ARGUMENT,
    ),
    known("buyer_email", Place::Order, Rule::Login(100), ARGUMENT),
    known(
        "royalty_parameters",
        Place::Both,
        Rule::Royalty,
        "ROYALTY_FORAMT_ERROR",
    ),
    known("extend_param", Place::Both, Rule::Pairs, ARGUMENT),
    known(
        "qr_pay_mode",
        Place::Both,
        Rule::Words(&["0", "1", "2", "3", "4"]),
        ARGUMENT,
    ),
    known("qrcode_width", Place::Both, Rule::Number(9999), ARGUMENT),
    known(
        "goods_type",
        Place::Both,
        Rule::Words(&["0", "1"]),
        ARGUMENT,
    ),
    known("enable_paymethod", Place::Both, Rule::Channels, ARGUMENT),
    known("hb_fq_param", Place::Both, Rule::Instalments, ARGUMENT),
    known(
        "need_ctu_check",
        Place::Both,
        YES_NO,
        "NEED_CTU_CHECK_PARAMETER_ERROR",
    ),
    known(
        "need_buyer_realnamed",
        Place::Both,
        Rule::Words(&["T"]),
        ARGUMENT,
    ),
    known("default_login", Place::Both, YES_NO, ARGUMENT),
    known("token", Place::Order, Rule::Text(40), ARGUMENT),
    known(
        "product_type",
        Place::Both,
        Rule::Words(&["CHANNEL_FAST_PAY"]),
        ARGUMENT,
    ),
    known("sign_id_ext", Place::Order, Rule::Text(50), ARGUMENT),
    known("sign_name_ext", Place::Order, Rule::Text(128), ARGUMENT),
];

const fn known(name: &'static str, place: Place, rule: Rule, code: &'static str) -> Known {
    Known {
        name,
        place,
        rule,
        code,
    }
}

/// The parameters of one request by name, in the order of the wire; empty values are left out.
#[derive(Debug, Default)]
pub(super) struct Merged<'a>(BTreeMap<usize, &'a str>);

impl<'a> Merged<'a> {
    /// What the account sets, with what the order says in its place. An empty text of an order leaves the account's
    /// value out.
    pub(super) fn of(account: &'a GatewayOptions, order: &'a GatewayOptions) -> Merged<'a> {
        let text = |known: &Known| {
            let own = order.get(known.name).or_else(|| account.get(known.name));
            own.map(String::as_str).filter(|text| !text.is_empty())
        };
        let places = KNOWN.iter().enumerate();
        Merged(
            places
                .filter_map(|(place, known)| Some((place, text(known)?)))
                .collect(),
        )
    }

    /// The value of this parameter.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        let place = KNOWN.iter().position(|known| known.name == name)?;
        self.0.get(&place).copied()
    }

    /// Name and value of each.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &'a str)> {
        let name = |place: usize| KNOWN.get(place).map_or("", |known| known.name);
        self.0
            .iter()
            .map(move |(place, text)| (name(*place), *text))
    }
}

/// What is wrong with the account's own.
pub(super) fn of_account(options: &GatewayOptions, charset: Charset) -> Vec<OptionFault> {
    let each = options
        .iter()
        .filter_map(|(name, text)| each(name, text, Place::Order, charset).err());
    let mut found: Vec<OptionFault> = each.collect();
    if found.is_empty() {
        let none = GatewayOptions::new();
        let merged = Merged::of(options, &none);
        found.extend(together(&merged).err());
    }
    found
}

/// The login of the payee, where the account names its payee by a login already.
pub(super) fn named_twice(options: &GatewayOptions) -> Option<OptionFault> {
    options.get("seller_email").map(|_| {
        OptionFault::new(
            "seller_email",
            (
                "the account's own seller_email names the payee already",
                "账户设置中的 seller_email 已指定收款方",
            ),
        )
    })
}

/// Whether an order may have these beside the account's.
///
/// # Errors
/// The first that is wrong.
pub(super) fn of_order(
    account: &GatewayOptions,
    order: &GatewayOptions,
    amount: Money,
    charset: Charset,
) -> Result<(), OptionFault> {
    for (name, text) in order {
        each(name, text, Place::Account, charset)?;
    }
    let merged = Merged::of(account, order);
    together(&merged)?;
    with_order(&merged)?;
    with_amount(&merged, amount)
}

/// The code with which the gateway refuses what was sent, if it does. It is not as careful as we are: what could be cut
/// under the signature is the sender's own harm.
pub(super) fn code(sent: &GatewayOptions, amount: Money) -> Option<&'static str> {
    let none = GatewayOptions::new();
    let fault = || -> Result<(), OptionFault> {
        for (name, text) in sent {
            let check = find(name)?.rule.check(text);
            check.map_err(|says| OptionFault::new(name, says))?;
        }
        let merged = Merged::of(sent, &none);
        together(&merged)?;
        with_order(&merged)?;
        with_amount(&merged, amount)
    };
    let fault = fault().err()?;
    Some(find(&fault.name).map_or(ARGUMENT, |known| known.code))
}

/// The names of all parameters of this list.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|known| known.name)
}

fn find(name: &str) -> Result<&'static Known, OptionFault> {
    let found = KNOWN.iter().find(|known| known.name == name);
    found.ok_or_else(|| {
        let all = names().collect::<Vec<_>>().join(", ");
        OptionFault::new(
            name,
            (
                format!("the gateway takes no such parameter here; known are {all}"),
                format!("没有这个参数；可用的参数：{all}"),
            ),
        )
    })
}

/// One parameter by itself; `elsewhere` is the place where it may not be.
fn each(name: &str, text: &str, elsewhere: Place, charset: Charset) -> Result<(), OptionFault> {
    let known = find(name)?;
    if known.place != Place::Both && known.place == elsewhere {
        let says = match known.place {
            Place::Order => (
                "it belongs to one order: send it in the order's gateway_options",
                "此参数属于单个订单，请写在订单的 gateway_options 中",
            ),
            Place::Account | Place::Both => (
                "it is a setting of the account, not of an order",
                "此参数是账户设置，不能由订单指定",
            ),
        };
        return Err(OptionFault::new(name, says));
    }
    if text.is_empty() && elsewhere == Place::Account {
        return Ok(());
    }
    value(known, text, charset)
}

fn value(known: &Known, text: &str, charset: Charset) -> Result<(), OptionFault> {
    let wrong = |says: (String, String)| Err(OptionFault::new(known.name, says));
    let cuts = |c: char| c.is_control() || c == '&' || c == '=';
    if text.contains(cuts) {
        return wrong((
            "& and = and control characters are not taken".to_owned(),
            "不能含有 &、= 或控制字符".to_owned(),
        ));
    }
    if charset.encode(text).is_err() {
        return wrong((
            "the account's charset has no such character".to_owned(),
            "账户的字符集没有其中某个字符".to_owned(),
        ));
    }
    known.rule.check(text).or_else(wrong)
}

impl Rule {
    /// Whether this is such a value.
    ///
    /// # Errors
    /// What it must be, in English and Chinese.
    fn check(&self, text: &str) -> Result<(), (String, String)> {
        let chars = text.chars().count();
        let (good, en, zh) = match self {
            Rule::Words(words) => {
                let list = words.join(", ");
                (
                    words.contains(&text),
                    format!("it must be one of {list}"),
                    format!("只能是 {list}"),
                )
            }
            Rule::Number(most) => (
                number(text).is_some_and(|number| number <= *most),
                format!("it must be a whole number from 1 to {most}"),
                format!("必须是 1 到 {most} 的整数"),
            ),
            Rule::AccountNo => (
                words::is_partner(text),
                "it must be 16 digits beginning 2088".to_owned(),
                "必须是以 2088 开头的 16 位数字".to_owned(),
            ),
            Rule::Login(most) => (
                words::is_login(text, *most),
                format!("it must be 1 to {most} printable ASCII characters without ^ and |"),
                format!("必须是 1 到 {most} 个不含 ^ 和 | 的可打印 ASCII 字符"),
            ),
            Rule::Text(most) => (
                (1..=*most).contains(&chars) && !text.contains(['^', '|']),
                format!("it must be 1 to {most} characters without ^ and |"),
                format!("必须是 1 到 {most} 个不含 ^ 和 | 的字符"),
            ),
            Rule::Pairs => (
                chars <= PAIRS_CHARS_MAX && pairs(text).is_some(),
                format!(
                    "it must be name1^value1|name2^value2, at most {PAIRS_CHARS_MAX} characters"
                ),
                format!("格式应为 名称1^值1|名称2^值2，最多 {PAIRS_CHARS_MAX} 个字符"),
            ),
            Rule::Instalments => (
                instalments(text),
                "it must be hb_fq_seller_percent^100|hb_fq_num^3, with a percentage from 0 to 100"
                    .to_owned(),
                "格式应为 hb_fq_seller_percent^100|hb_fq_num^3，比例为 0 到 100".to_owned(),
            ),
            Rule::Channels => (
                channels(text),
                "it must be channels joined by ^, such as directPay^bankPay, each once".to_owned(),
                "格式应为以 ^ 连接的渠道，例如 directPay^bankPay，不可重复".to_owned(),
            ),
            Rule::Address(most) => (
                text.len() <= *most && url_fault(text).is_none(),
                format!(
                    "it must be an absolute address without a query string, at most {most} characters"
                ),
                format!("必须是不带查询参数的完整地址，最多 {most} 个字符"),
            ),
            Rule::Price => (
                Money::parse(text, Currency::CNY).is_ok_and(|price| {
                    (words::AMOUNT_MIN..=words::AMOUNT_MAX).contains(&price.minor)
                }),
                "it must be an amount from 0.01 to 100000000.00".to_owned(),
                "必须是 0.01 到 100000000.00 的金额".to_owned(),
            ),
            Rule::Royalty => match royalty::read(text) {
                Ok(_) => return Ok(()),
                Err((en, zh)) => (false, en.to_owned(), zh.to_owned()),
            },
        };
        if good { Ok(()) } else { Err((en, zh)) }
    }
}

/// What must hold between the parameters of one request, whoever set them.
fn together(merged: &Merged<'_>) -> Result<(), OptionFault> {
    let fail = |name: &str, en: &str, zh: &str| Err(OptionFault::new(name, (en, zh)));
    if merged.get("qrcode_width").is_some() && merged.get("qr_pay_mode") != Some("4") {
        return fail(
            "qrcode_width",
            "it goes with qr_pay_mode 4 only",
            "只能与 qr_pay_mode = 4 一起使用",
        );
    }
    let extended = merged.get("extend_param").and_then(pairs);
    let voucher = extended.is_some_and(|pairs| {
        pairs
            .iter()
            .any(|(name, _)| *name == "evoucheprod_evouche_id")
    });
    if merged.get("payment_type") == Some("47") && !voucher {
        return fail(
            "payment_type",
            "47, an e-voucher, needs evoucheprod_evouche_id in extend_param",
            "47（电子卡券）需要在 extend_param 中给出 evoucheprod_evouche_id",
        );
    }
    Ok(())
}

/// What must hold between the parameters of one order.
fn with_order(merged: &Merged<'_>) -> Result<(), OptionFault> {
    let fail = |name: &str, en: &str, zh: &str| Err(OptionFault::new(name, (en, zh)));
    let given = |name| merged.get(name).is_some();
    if merged.get("default_login") == Some("Y") && !given("buyer_email") {
        return fail(
            "default_login",
            "Y logs in with buyer_email, which is not given",
            "Y 需要同时给出 buyer_email",
        );
    }
    if given("sign_id_ext") != given("sign_name_ext") {
        return fail(
            "sign_id_ext",
            "sign_id_ext and sign_name_ext go together",
            "sign_id_ext 与 sign_name_ext 必须同时给出",
        );
    }
    Ok(())
}

/// What must hold between the parameters and the amount.
fn with_amount(merged: &Merged<'_>, amount: Money) -> Result<(), OptionFault> {
    let fail = |name: &str, en: &str, zh: &str| Err(OptionFault::new(name, (en, zh)));
    let price = merged.get("price");
    let quantity = merged.get("quantity");
    let total = price.zip(quantity).and_then(|(price, quantity)| {
        let price = Money::parse(price, Currency::CNY).ok()?;
        price.minor.checked_mul(i64::from(number(quantity)?))
    });
    if (price.is_some() || quantity.is_some()) && total != Some(amount.minor) {
        return fail(
            "price",
            "price and quantity go together, and their product is the amount",
            "price 与 quantity 必须同时给出，且乘积等于订单金额",
        );
    }
    let shares = merged
        .get("royalty_parameters")
        .and_then(|text| royalty::read(text).ok());
    let most = shares.map_or(Some(0), |shares| royalty::sum(&shares));
    if most.is_none_or(|sum| sum > amount.minor) {
        return fail(
            "royalty_parameters",
            "the shares are together more than the amount",
            "分润金额之和超过订单金额",
        );
    }
    Ok(())
}

fn number(text: &str) -> Option<u32> {
    let plain = (1..=9).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && !text.starts_with('0');
    text.parse().ok().filter(|_| plain)
}

/// Names and values, each name once.
fn pairs(text: &str) -> Option<Vec<(&str, &str)>> {
    let pair = |text| {
        let (name, value) = str::split_once(text, '^')?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let good = (1..=40).contains(&name.len()) && name.bytes().all(plain);
        (good && !value.is_empty() && !value.contains('^')).then_some((name, value))
    };
    let pairs: Vec<(&str, &str)> = text.split('|').map(pair).collect::<Option<_>>()?;
    let once = |(name, _): &(&str, &str)| pairs.iter().filter(|(n, _)| n == name).count() == 1;
    pairs.iter().all(once).then_some(pairs)
}

fn instalments(text: &str) -> bool {
    let Some(pairs) = pairs(text) else {
        return false;
    };
    let value = |name| {
        pairs
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| *value)
    };
    let percent = value("hb_fq_seller_percent")
        .is_some_and(|text| text == "0" || number(text).is_some_and(|n| n <= 100));
    let count = value("hb_fq_num").is_some_and(|text| number(text).is_some_and(|n| n <= 99));
    pairs.len() == 2 && percent && count
}

fn channels(text: &str) -> bool {
    let words: Vec<&str> = text.split('^').collect();
    let plain = |word: &&str| {
        (1..=32).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    let once = |word: &&str| words.iter().filter(|other| *other == word).count() == 1;
    words.len() <= 16 && words.iter().all(|word| plain(word) && once(word))
}

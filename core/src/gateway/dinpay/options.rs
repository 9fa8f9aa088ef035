//! Further request parameters, by their names on the wire (note 1.2): an account sets them for all of its orders, an
//! order for itself.
//!
//! There is one list for both, and for the gateway's side. No value holds `&`: nothing in it may be cut into a
//! parameter of its own under our signature (SEC-004).

use super::Account;
use super::checkout::unsent;
use crate::gateway::setting::OptionFault;
use crate::order::GatewayOptions;
use crate::params::VALUE_BYTES_MAX;

/// Names of the parameters that say who the buyer is. They are kept beside the journal.
pub(super) const PERSONAL: [&str; 1] = ["extend_param"];
/// What every order of a cross-border merchant must name (note 1.2), each with the gateway's code for its absence.
const CROSS_BORDER: [(&str, &str); 2] = [
    ("customer_name", "CONCUMER_NAME_IS_NULL"),
    ("customer_idNumber", "CONCUMER_IDNO_IS_NULL"),
];

/// The members of `extend_param` with the characters that each may have.
const MEMBERS: [(&str, usize); 17] = [
    ("ship_to_name", 50),
    ("ship_to_email", 60),
    ("ship_to_phone", 20),
    ("ship_to_state", 100),
    ("ship_to_city", 100),
    ("ship_to_street", 200),
    ("ship_to_zip", 20),
    ("customer_email", 100),
    ("customer_name", 50),
    ("customer_phone", 20),
    ("customer_state", 100),
    ("customer_city", 100),
    ("customer_street", 200),
    ("customer_zip", 20),
    ("customer_cardNumber", 50),
    ("customer_idNumber", 30),
    ("orders_info", 4000),
];

/// One parameter.
struct Known {
    name: &'static str,
    /// Whether an account may set it for all of its orders.
    account: bool,
    rule: Rule,
}

/// What its values look like.
enum Rule {
    /// One of these.
    Words(&'static [&'static str]),
    /// A whole number from 1, of at most so many digits.
    Number(usize),
    /// A text of at most so many characters.
    Text(usize),
    /// `name1^value1|name2^value2`, of [`MEMBERS`].
    Members,
}

/// In the order in which they go on the wire.
const KNOWN: [Known; 5] = [
    known("product_code", true, Rule::Text(60)),
    known("product_num", false, Rule::Number(10)),
    known("redo_flag", true, Rule::Words(&["0", "1"])),
    known("extend_param", true, Rule::Members),
    known("orders_info", false, Rule::Text(4000)),
];

const fn known(name: &'static str, account: bool, rule: Rule) -> Known {
    Known {
        name,
        account,
        rule,
    }
}

/// Name and value of each parameter of one request, in the order of the wire: what the account sets, with what the
/// order says in its place. An empty text of an order leaves the account's value out.
pub(super) fn merged<'a>(
    account: &'a GatewayOptions,
    order: &'a GatewayOptions,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    KNOWN.iter().filter_map(|known| {
        let own = order.get(known.name).or_else(|| account.get(known.name));
        let text = own.map(String::as_str).filter(|text| !text.is_empty())?;
        Some((known.name, text))
    })
}

/// What is wrong with the account's own.
pub(super) fn of_account(account: &Account, options: &GatewayOptions) -> Vec<OptionFault> {
    let each = options.iter().filter_map(|(name, text)| {
        let known = match find(name) {
            Ok(known) => known,
            Err(fault) => return Some(fault),
        };
        if !known.account {
            let says = (
                "it belongs to one order: send it in the order's gateway_options",
                "此参数属于单个订单，请写在订单的 gateway_options 中",
            );
            return Some(OptionFault::new(name, says));
        }
        value(account, known, text).err()
    });
    each.collect()
}

/// What an order may not have.
pub(super) enum Unfit {
    /// This is wrong.
    Option(OptionFault),
    /// The gateway would answer with this code: this member of `extend_param` is missing.
    Missing(&'static str, &'static str),
}

/// Whether an order may have these beside the account's.
///
/// # Errors
/// The first that is wrong.
pub(super) fn of_order(account: &Account, order: &GatewayOptions) -> Result<(), Unfit> {
    for (name, text) in order {
        let known = find(name).map_err(Unfit::Option)?;
        if !text.is_empty() {
            value(account, known, text).map_err(Unfit::Option)?;
        }
    }
    if !account.extras.cross_border {
        return Ok(());
    }
    let mut all = merged(&account.extras.options, order);
    let extended = all.find_map(|(name, text)| (name == "extend_param").then_some(text));
    let members = extended.and_then(pairs).unwrap_or_default();
    let absent = |(name, _): &&(&str, &str)| !members.iter().any(|(known, _)| known == name);
    match CROSS_BORDER.iter().find(absent) {
        Some((name, code)) => Err(Unfit::Missing(name, code)),
        None => Ok(()),
    }
}

fn find(name: &str) -> Result<&'static Known, OptionFault> {
    let found = KNOWN.iter().find(|known| known.name == name);
    found.ok_or_else(|| {
        let all: Vec<&str> = KNOWN.iter().map(|known| known.name).collect();
        let all = all.join(", ");
        OptionFault::new(
            name,
            (
                format!("the gateway takes no such parameter here; known are {all}"),
                format!("没有这个参数；可用的参数：{all}"),
            ),
        )
    })
}

fn value(account: &Account, known: &Known, text: &str) -> Result<(), OptionFault> {
    let wrong = |says: (String, String)| Err(OptionFault::new(known.name, says));
    if text.contains(|c: char| c.is_control() || c == '&') {
        return wrong((
            "& and control characters are not taken".to_owned(),
            "不能含有 & 或控制字符".to_owned(),
        ));
    }
    if unsent(account, text).is_some() {
        return wrong((
            "the account's charset has no such character, or sends none outside ASCII with RSA-S"
                .to_owned(),
            "账户的字符集没有其中某个字符，或在 RSA-S 下只能发送 ASCII".to_owned(),
        ));
    }
    let bytes = account.settings.charset.encode(text);
    if bytes.is_ok_and(|bytes| bytes.len() > VALUE_BYTES_MAX) {
        return wrong((
            format!("it is longer than {VALUE_BYTES_MAX} bytes in the account's charset"),
            format!("按账户的字符集编码后超过 {VALUE_BYTES_MAX} 字节"),
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
            Rule::Number(digits) => (
                is_number(text) && text.len() <= *digits,
                format!("it must be a whole number of at most {digits} digits, from 1"),
                format!("必须是不小于 1 的整数，最多 {digits} 位"),
            ),
            Rule::Text(most) => (
                (1..=*most).contains(&chars),
                format!("it must be 1 to {most} characters"),
                format!("必须是 1 到 {most} 个字符"),
            ),
            Rule::Members => {
                let names: Vec<&str> = MEMBERS.iter().map(|(name, _)| *name).collect();
                let names = names.join(", ");
                (
                    pairs(text).is_some_and(|pairs| pairs.iter().all(is_member)),
                    format!(
                        "it must be name1^value1|name2^value2, each name once, none too long, of {names}"
                    ),
                    format!(
                        "格式应为 名称1^值1|名称2^值2，名称不可重复，值不可过长，可用的名称：{names}"
                    ),
                )
            }
        };
        if good { Ok(()) } else { Err((en, zh)) }
    }
}

/// Whether this is a whole number without a sign or leading zeros, from 1.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}

fn is_member((name, value): &(&str, &str)) -> bool {
    let known = MEMBERS.iter().find(|(known, _)| known == name);
    known.is_some_and(|(_, most)| value.chars().count() <= *most)
}

/// Names and values, each name once.
pub(super) fn pairs(text: &str) -> Option<Vec<(&str, &str)>> {
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

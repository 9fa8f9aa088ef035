//! Further request parameters, by their names on the wire (note 2.4, 2.6): an account sets them for all of its orders, an
//! order for itself. What moves money besides the order's amount (`tip_amount`, `cashback_amount`) is none of them.

use crate::gateway::setting::OptionFault;
use crate::order::GatewayOptions;

/// No value is longer (inferred: nothing says what the gateway takes).
const TEXT_CHARS_MAX: usize = 4000;

/// Where an order is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    /// At a terminal.
    Terminal,
    /// On the gateway's page.
    Page,
}

/// What the values of a parameter look like.
enum Rule {
    /// One of these.
    Words(&'static [&'static str]),
    /// A text.
    Text,
}

const FLAG: Rule = Rule::Words(&["true", "false"]);

/// Each with the way that it belongs to, in the order of the note.
const KNOWN: [(&str, Way, Rule); 15] = [
    (
        "pay_scenario",
        Way::Terminal,
        Rule::Words(&["SWIPE_CARD", "SCANQR_PAY", "BSCANQR_PAY"]),
    ),
    ("pay_method_id", Way::Terminal, Rule::Text),
    ("on_screen_tip", Way::Terminal, FLAG),
    (
        "order_queue_mode",
        Way::Terminal,
        Rule::Words(&["FIFO", "FILO"]),
    ),
    ("reject_trade_when_terminal_offline", Way::Terminal, FLAG),
    ("required_terminal_authentication", Way::Terminal, FLAG),
    ("confirm_on_terminal", Way::Terminal, FLAG),
    (
        "card_type",
        Way::Terminal,
        Rule::Words(&["1", "2", "3", "4"]),
    ),
    ("on_screen_signature", Way::Terminal, FLAG),
    (
        "receipt_print_mode",
        Way::Terminal,
        Rule::Words(&["0", "1", "2", "3"]),
    ),
    ("api_version", Way::Terminal, Rule::Words(&["2.0"])),
    ("longitude", Way::Page, Rule::Text),
    ("latitude", Way::Page, Rule::Text),
    ("order_detail", Way::Page, Rule::Text),
    ("ext_params", Way::Page, Rule::Text),
];

/// Name and value of each parameter of one request: what the account sets, with what the order says in its place. An
/// empty text of an order leaves the account's value out.
pub(super) fn merged<'a>(
    way: Way,
    account: &'a GatewayOptions,
    order: &'a GatewayOptions,
) -> impl Iterator<Item = (&'static str, &'a str)> {
    KNOWN.iter().filter_map(move |(name, of, _)| {
        let own = order.get(*name).or_else(|| account.get(*name));
        let text = own.map(String::as_str).filter(|text| !text.is_empty())?;
        (*of == way).then_some((*name, text))
    })
}

/// What is wrong with the account's own.
pub(super) fn of_account(options: &GatewayOptions) -> Vec<OptionFault> {
    let each = options.iter();
    each.filter_map(|(name, text)| check(name, text, None).err())
        .collect()
}

/// Whether an order that is paid this way may have these.
///
/// # Errors
/// The first that is wrong.
pub(super) fn of_order(way: Way, order: &GatewayOptions) -> Result<(), OptionFault> {
    order
        .iter()
        .try_for_each(|(name, text)| check(name, text, Some(way)))
}

fn check(name: &str, text: &str, way: Option<Way>) -> Result<(), OptionFault> {
    let fault = |en: String, zh: String| Err(OptionFault::new(name, (en, zh)));
    let Some((_, of, rule)) = KNOWN.iter().find(|(known, ..)| *known == name) else {
        let all: Vec<&str> = KNOWN.iter().map(|(name, ..)| *name).collect();
        let all = all.join(", ");
        return fault(
            format!("there is no such parameter; known here: {all}"),
            format!("没有这个参数；此处可用：{all}"),
        );
    };
    if way.is_some_and(|way| way != *of) {
        let (en, zh) = match of {
            Way::Terminal => ("at a terminal", "终端收款"),
            Way::Page => ("online", "线上付款"),
        };
        return fault(
            format!("it belongs to orders that are paid {en}"),
            format!("此参数只用于{zh}的订单"),
        );
    }
    match rule {
        _ if text.is_empty() && way.is_some() => Ok(()),
        Rule::Words(words) if !words.contains(&text) => {
            let words = words.join(", ");
            fault(
                format!("it must be one of {words}"),
                format!("必须是以下之一：{words}"),
            )
        }
        Rule::Words(_) => Ok(()),
        Rule::Text => {
            let unfit = text.is_empty()
                || text.chars().count() > TEXT_CHARS_MAX
                || text.starts_with('@')
                || text
                    .chars()
                    .any(|c| c.is_control() || u32::from(c) > 0xFFFF);
            match unfit {
                true => fault(
                    format!(
                        "it must be a text of 1 to {TEXT_CHARS_MAX} characters without control characters and emoji, and without @ at its beginning"
                    ),
                    format!(
                        "必须是 1 到 {TEXT_CHARS_MAX} 个字符的文本，不含控制字符和表情符号，不以 @ 开头"
                    ),
                ),
                false => Ok(()),
            }
        }
    }
}

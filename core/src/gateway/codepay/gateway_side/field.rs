//! Single fields of a call, read as the gateway would.

use super::Refusal;
use crate::flat::Flat;
use crate::gateway::setting::url_fault;
use crate::money::{Currency, Money};

/// The longest order number, terminal or store number, method (note 1.2, 2.3, 2.4).
const NUMBER_CHARS_MAX: usize = 32;
/// The longest other text. The sources name no limit: this is the simulator's.
const TEXT_CHARS_MAX: usize = 4_096;
/// The longest time in which an order can be paid. The sources name none: a month.
const EXPIRES_SECS_MAX: u32 = 31 * 86_400;

/// The fields of a call.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Flat);

impl<'a> Fields<'a> {
    /// The text of this name, where it is there and not empty.
    pub(super) fn plain(self, name: &str) -> Option<&'a str> {
        self.0.get(name)
    }

    /// The same where it must be there.
    pub(super) fn needed(self, name: &str) -> Result<&'a str, Refusal> {
        self.plain(name)
            .ok_or_else(|| Refusal::parameter(format!("{name} is missing")))
    }

    /// A text of at most so many characters, none of them beyond the basic plane (note 1.1).
    fn bounded(self, name: &str, chars_max: usize) -> Result<Option<&'a str>, Refusal> {
        let Some(text) = self.plain(name) else {
            return Ok(None);
        };
        if text.chars().any(|c| c.len_utf8() > 3) {
            let why = format!("{name} holds a character of four bytes");
            return Err(Refusal::parameter(why));
        }
        match text.chars().count() > chars_max {
            true => Err(Refusal::parameter(format!("{name} is too long"))),
            false => Ok(Some(text)),
        }
    }

    /// A text that nothing looks into.
    pub(super) fn text(self, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.bounded(name, TEXT_CHARS_MAX)?.map(str::to_owned))
    }

    /// A number of somebody's: a store, a terminal, a trade.
    pub(super) fn number(self, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.bounded(name, NUMBER_CHARS_MAX)?.map(str::to_owned))
    }

    /// A merchant's order number: digits, letters and `_ - | * @` (note 2.3).
    pub(super) fn order_no(self, name: &str) -> Result<Option<String>, Refusal> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte);
        match self.plain(name) {
            None => Ok(None),
            Some(text) if text.len() <= NUMBER_CHARS_MAX && text.bytes().all(plain) => {
                Ok(Some(text.to_owned()))
            }
            Some(_) => Err(Refusal::order_no()),
        }
    }

    /// The same where it must be there.
    pub(super) fn needed_order_no(self) -> Result<String, Refusal> {
        let number = self.order_no("merchant_order_no")?;
        number.ok_or_else(|| Refusal::parameter("merchant_order_no is missing"))
    }

    /// The currency of the call's amounts.
    pub(super) fn currency(self) -> Result<Currency, Refusal> {
        let code = self.needed("price_currency")?;
        let unknown = || Refusal::parameter("price_currency is not one of ISO 4217 that is played");
        Currency::parse(code).map_err(|_| unknown())
    }

    /// An amount in major units; zero is one.
    pub(super) fn amount(self, name: &str, of: Currency) -> Result<Option<Money>, Refusal> {
        let read = |text| {
            Money::parse(text, of).map_err(|error| Refusal::parameter(format!("{name}: {error}")))
        };
        self.plain(name).map(read).transpose()
    }

    /// An amount above zero.
    pub(super) fn needed_amount(self, name: &str, of: Currency) -> Result<Money, Refusal> {
        let amount = self.amount(name, of)?;
        amount
            .filter(|amount| amount.minor > 0)
            .ok_or_else(|| Refusal::parameter(format!("{name} is not above zero")))
    }

    /// `true` or `false`; false where it is absent.
    pub(super) fn flag(self, name: &str) -> Result<bool, Refusal> {
        match self.plain(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refusal::parameter(format!("{name} is not true or false"))),
        }
    }

    /// One of these words.
    pub(super) fn word(self, name: &str, words: &[&str]) -> Result<Option<&'a str>, Refusal> {
        match self.plain(name) {
            Some(word) if !words.contains(&word) => {
                let why = format!("{name} is none of {}", words.join(", "));
                Err(Refusal::parameter(why))
            }
            word => Ok(word),
        }
    }

    /// For how many seconds something can be paid.
    pub(super) fn expires(self) -> Result<Option<u32>, Refusal> {
        let Some(text) = self.plain("expires") else {
            return Ok(None);
        };
        let secs = text.parse::<u32>().ok();
        let secs = secs.filter(|secs| (1..=EXPIRES_SECS_MAX).contains(secs));
        let why = || Refusal::parameter("expires is no number of seconds up to a month");
        secs.map(Some).ok_or_else(why)
    }

    /// An absolute address. A query string may be there: vector R2 has one.
    pub(super) fn url(self, name: &str) -> Result<Option<String>, Refusal> {
        let url = self.bounded(name, TEXT_CHARS_MAX)?;
        let bare = url.and_then(|url| url.split('?').next());
        match bare.and_then(url_fault) {
            Some(_) => Err(Refusal::parameter(format!("{name} is no absolute address"))),
            None => Ok(url.map(str::to_owned)),
        }
    }
}

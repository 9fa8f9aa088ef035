//! Money: integer minor units with a currency. There is no float near it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A currency that Quittance knows, by its ISO 4217 code. The number of minor digits belongs to it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The currencies known here, with their number of minor digits (ISO 4217).
const KNOWN: [(&[u8; 3], u8); 26] = [
    (b"CNY", 2),
    (b"HKD", 2),
    (b"MOP", 2),
    (b"TWD", 2),
    (b"USD", 2),
    (b"EUR", 2),
    (b"GBP", 2),
    (b"CHF", 2),
    (b"AUD", 2),
    (b"CAD", 2),
    (b"NZD", 2),
    (b"SGD", 2),
    (b"MYR", 2),
    (b"THB", 2),
    (b"PHP", 2),
    (b"IDR", 2),
    (b"INR", 2),
    (b"MXN", 2),
    (b"BRL", 2),
    (b"SEK", 2),
    (b"NOK", 2),
    (b"DKK", 2),
    (b"AED", 2),
    (b"JPY", 0),
    (b"KRW", 0),
    (b"VND", 0),
];

impl Currency {
    /// Renminbi, the only currency of the classic Chinese gateways.
    pub const CNY: Currency = Currency(*b"CNY");

    /// Reads a three-letter code, upper case only.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`] for any other text.
    pub fn parse(code: &str) -> Result<Currency, MoneyError> {
        KNOWN
            .iter()
            .find(|(known, _)| known.as_slice() == code.as_bytes())
            .map(|(known, _)| Currency(**known))
            .ok_or(MoneyError::UnknownCurrency)
    }

    /// The three-letter code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// How many digits stand after the decimal point: 2 for most, 0 for JPY.
    #[must_use]
    pub fn minor_digits(self) -> u8 {
        KNOWN
            .iter()
            .find(|(known, _)| **known == self.0)
            .map_or(2, |(_, digits)| *digits)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Currency::parse(&code).map_err(serde::de::Error::custom)
    }
}

/// An amount in minor units (fen, cents) of one currency. Never negative when it came from outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Money {
    /// Minor units: 1 is ¥0.01.
    pub minor: i64,
    /// The currency that the minor units are of.
    pub currency: Currency,
}

/// Why a text is no amount. The order of the variants is the order of precedence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum MoneyError {
    /// The code is not in the list of known currencies.
    #[error("the currency code is not known (expected three upper-case letters such as CNY)")]
    UnknownCurrency,
    /// Not `^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$`.
    #[error("the amount must be plain digits with at most two decimals, such as 0.01 or 100")]
    Format,
    /// More decimals than the currency has.
    #[error("the amount has more decimals than its currency")]
    TooManyDecimals,
}

impl Money {
    /// An amount of minor units.
    #[must_use]
    pub fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    /// Reads a decimal text under the strict grammar `^(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$` (SEC-039): no sign, no
    /// exponent, no blank, no leading zero, at most twelve digits before the point.
    ///
    /// # Errors
    /// [`MoneyError::Format`] or [`MoneyError::TooManyDecimals`].
    pub fn parse(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if (1..=2).contains(&fraction.len()) => (whole, fraction),
            Some(_) => return Err(MoneyError::Format),
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !(1..=12).contains(&whole.len())
            || !digits(whole)
            || !digits(fraction)
            || (whole.len() > 1 && whole.starts_with('0'))
        {
            return Err(MoneyError::Format);
        }
        let places = usize::from(currency.minor_digits());
        if fraction.len() > places {
            return Err(MoneyError::TooManyDecimals);
        }
        let minor = whole
            .bytes()
            .chain(fraction.bytes())
            .chain(std::iter::repeat_n(b'0', places - fraction.len()))
            .fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        Ok(Money { minor, currency })
    }

    /// The decimal text with all of the currency's decimals and no currency: `0.01`. What gateways put on the wire.
    #[must_use]
    pub fn decimal(&self) -> String {
        let places = usize::from(self.currency.minor_digits());
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let point = if places == 0 { "" } else { "." };
        format!("{sign}{whole}{point}{fraction}")
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn refuses_every_amount_that_is_not_plain_digits() {
        for text in [
            "1e2",
            "+1",
            "-0.01",
            "0x1",
            "1,00",
            " 1",
            "1 ",
            "1.",
            ".5",
            "1.001",
            "NaN",
            "０.０１",
            "",
            ".",
            "00",
            "01",
            "1234567890123",
            "1.2.3",
            "0.0a",
            "\u{0661}",
            "1\n",
            "1\0",
        ] {
            assert_eq!(
                Money::parse(text, Currency::CNY),
                Err(MoneyError::Format),
                "{text:?}"
            );
        }
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money::parse("1.50", yen), Err(MoneyError::TooManyDecimals));
        assert_eq!(Money::parse("150", yen).unwrap().minor, 150);
        assert_eq!(Money::parse("150", yen).unwrap().decimal(), "150");
        assert_eq!(Currency::parse("cny"), Err(MoneyError::UnknownCurrency));
    }

    #[test]
    fn reads_what_gateways_send() {
        for (text, minor) in [
            ("0.01", 1),
            ("100", 10_000),
            ("0.5", 50),
            ("999999999999.99", 99_999_999_999_999),
        ] {
            assert_eq!(
                Money::parse(text, Currency::CNY).unwrap().minor,
                minor,
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn printing_and_parsing_agree(minor in 0_i64..100_000_000_000_000) {
            let money = Money::new(minor, Currency::CNY);
            prop_assert_eq!(Money::parse(&money.decimal(), Currency::CNY), Ok(money));
        }

        #[test]
        fn parsing_never_panics(text in ".{0,400}") {
            let _ = Money::parse(&text, Currency::CNY);
        }
    }
}

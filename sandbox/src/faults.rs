//! What a sandbox does wrong on purpose: a value that tests, the API and the control page set and read.

use crate::gateway::Gateway;
use quittance_core::Money;
use quittance_core::money::Currency;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The longest delay of a notify: a day, as long as the gateway's own re-sends last.
const DELAY_SECS_MAX: u32 = 86_400;
/// The most copies of one attempt.
const COPIES_MAX: u32 = 20;
/// The longest wait for an answer: nobody's client waits longer.
const SLOW_SECS_MAX: u32 = 600;
/// The oldest news of a query: a month.
const STALE_SECS_MAX: u32 = 31 * 86_400;
/// The greatest amount in fen that the wire holds (protocol note 1.1).
const AMOUNT_MAX: i64 = 10_000_000_000;

/// Everything that goes wrong, for one order or for all. The default is a gateway that does everything right.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Of the notify to the merchant's server.
    pub notify: NotifyFaults,
    /// Of the return through the buyer's browser.
    #[serde(rename = "return")]
    pub way_back: ReturnFaults,
    /// Of `notify_verify`, which only Alipay has.
    pub verify: VerifyFaults,
    /// Of the query of a trade.
    pub query: QueryFaults,
    /// Of statements. They belong to no order, so only the faults of all orders have them.
    pub statement: StatementFaults,
    /// Of a payment at a terminal or on a hosted page, which only CodePay has.
    pub checkout: CheckoutFaults,
    /// Of `order.revoker`, which only CodePay has.
    pub revoke: RevokeFaults,
    /// Of every answer to a merchant's server, at CodePay only.
    pub reply: ReplyFaults,
}

/// What becomes of a payment as soon as it is asked for.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CheckoutFaults {
    /// The call times out on its way back: the order is made, and the merchant's server does not learn it.
    pub lose: bool,
    /// What the buyer does at once.
    pub then: Then,
}

/// What a buyer does as soon as a payment is asked for.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Then {
    /// Nothing by itself.
    #[default]
    Waits,
    /// Pays.
    Approve,
    /// Is declined.
    Decline,
    /// Presses cancel at the terminal: code 110.
    Cancel,
    /// Presents no card in time at the terminal: code 112.
    TimeOut,
}

/// What happens when an order is revoked.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RevokeFaults {
    /// The buyer pays in the moment before it is: the revoke finds a paid order, and pays it back.
    pub paid_first: bool,
}

/// What goes wrong with answers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReplyFaults {
    /// How calls are answered.
    pub kind: ReplyKind,
    /// How late, where they are slow.
    pub secs: u32,
}

/// How a call is answered that was executed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplyKind {
    /// Rightly.
    #[default]
    Ok,
    /// Rightly, but late.
    Slow,
    /// Rightly, and without a signature.
    Unsigned,
    /// The signature is not the gateway's.
    Forged,
    /// Status 500 and nothing else.
    Down,
    /// An HTML page with status 200.
    Garbage,
}

/// What goes wrong with notifies.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotifyFaults {
    /// It counts as an attempt, and nothing goes out.
    pub lose: bool,
    /// Every attempt leaves so much later than its schedule says.
    pub delay_secs: u32,
    /// How many times each attempt goes out at once, with the same `notify_id`. One is right.
    pub copies: u32,
    /// Of the notifies that an order owes, the newer takes the older's turn.
    pub reorder: bool,
    /// The amount that it tells, signed by the gateway.
    #[serde(with = "yuan")]
    pub amount: Option<Money>,
    /// The amount is changed after signing: to `amount`, else to one fen more.
    pub tamper: bool,
    /// The signature is not the gateway's.
    pub forge: bool,
}

/// What goes wrong with returns.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReturnFaults {
    /// The success page does not lead back.
    pub lose: bool,
    /// The success page waits until a notify of the order was acknowledged or refused.
    pub after_notify: bool,
    /// The amount that it tells, signed by the gateway.
    #[serde(with = "yuan")]
    pub amount: Option<Money>,
    /// The amount is changed after signing: to `amount`, else to one fen more.
    pub tamper: bool,
    /// The signature is not the gateway's.
    pub forge: bool,
}

/// What goes wrong with `notify_verify`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VerifyFaults {
    /// How it is answered.
    pub kind: VerifyKind,
    /// How late, where it is slow.
    pub secs: u32,
}

/// How `notify_verify` is answered.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerifyKind {
    /// Rightly.
    #[default]
    Ok,
    /// Rightly, but late.
    Slow,
    /// `false`, whatever is asked about. It uses up no shot.
    False,
    /// An HTML page with status 200.
    Garbage,
    /// Status 500 and nothing else.
    Down,
}

/// What goes wrong with `single_trade_query`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueryFaults {
    /// How it is answered.
    pub kind: QueryKind,
    /// How old the news is, where it is stale; 0 is the time before the payment.
    pub secs: u32,
    /// The amount that it tells, signed by the gateway.
    #[serde(with = "yuan")]
    pub amount: Option<Money>,
}

/// How `single_trade_query` is answered.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QueryKind {
    /// With how things stand.
    #[default]
    Ok,
    /// With how things stood.
    Stale,
    /// With status 500 and nothing else.
    Down,
    /// With an HTML page and status 200.
    Garbage,
}

/// What goes wrong with statements, both the report and the pages.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StatementFaults {
    /// How they are answered.
    pub kind: StatementKind,
}

/// How a question about the bookings of an account is answered.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatementKind {
    /// With what was booked.
    #[default]
    Ok,
    /// With nothing booked, signed: the gateway is late.
    Empty,
    /// With what was booked, and no signature.
    Unsigned,
    /// With status 500 and nothing else.
    Down,
    /// With an HTML page and status 200.
    Garbage,
}

/// A setting that cannot be taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfRange {
    /// Its name in the JSON.
    pub field: &'static str,
    /// The least value.
    pub least: u32,
    /// The greatest value.
    pub greatest: u32,
}

/// What may be done to one message before it leaves.
#[derive(Clone, Copy)]
pub(crate) struct Alteration {
    pub(crate) amount: Option<Money>,
    pub(crate) tamper: bool,
    pub(crate) forge: bool,
}

impl Faults {
    /// Every notify is lost, and nothing else is wrong.
    #[must_use]
    pub fn lost_notify() -> Faults {
        let mut faults = Faults::default();
        faults.notify.lose = true;
        faults
    }

    /// Queries get no answer, and nothing else is wrong.
    #[must_use]
    pub fn query_down() -> Faults {
        let mut faults = Faults::default();
        faults.query.kind = QueryKind::Down;
        faults
    }

    /// What of them can go wrong with one order of this gateway: statements belong to none; Dinpay owes no second notify;
    /// only Alipay has a second opinion, and only CodePay calls that are answered with a signature, make an order and undo it; its
    /// return carries nothing that could be wrong.
    #[must_use]
    pub fn of_order(mut self, gateway: Gateway) -> Faults {
        self.statement = StatementFaults::default();
        if gateway != Gateway::Alipay {
            self.verify = VerifyFaults::default();
        }
        if gateway == Gateway::Dinpay {
            self.notify.reorder = false;
        }
        if gateway == Gateway::CodePay {
            self.way_back.amount = None;
            (self.way_back.tamper, self.way_back.forge) = (false, false);
        } else {
            self.checkout = CheckoutFaults::default();
            self.revoke = RevokeFaults::default();
            self.reply = ReplyFaults::default();
        }
        self
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Faults::default()
    }

    /// Whether every number is one that a sandbox can keep to.
    ///
    /// # Errors
    /// The first that is not, with its range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        let ranges = [
            (
                "notify.delay_secs",
                self.notify.delay_secs,
                0,
                DELAY_SECS_MAX,
            ),
            ("notify.copies", self.notify.copies, 1, COPIES_MAX),
            ("reply.secs", self.reply.secs, 0, SLOW_SECS_MAX),
            ("verify.secs", self.verify.secs, 0, SLOW_SECS_MAX),
            ("query.secs", self.query.secs, 0, STALE_SECS_MAX),
        ];
        let wrong = ranges
            .into_iter()
            .find(|(_, value, least, greatest)| !(least..=greatest).contains(&value));
        match wrong {
            None => Ok(()),
            Some((field, _, least, greatest)) => Err(OutOfRange {
                field,
                least,
                greatest,
            }),
        }
    }
}

impl Default for NotifyFaults {
    fn default() -> NotifyFaults {
        NotifyFaults {
            lose: false,
            delay_secs: 0,
            copies: 1,
            reorder: false,
            amount: None,
            tamper: false,
            forge: false,
        }
    }
}

impl NotifyFaults {
    pub(crate) fn alteration(&self) -> Alteration {
        Alteration {
            amount: self.amount,
            tamper: self.tamper,
            forge: self.forge,
        }
    }
}

impl ReturnFaults {
    pub(crate) fn alteration(&self) -> Alteration {
        Alteration {
            amount: self.amount,
            tamper: self.tamper,
            forge: self.forge,
        }
    }
}

impl fmt::Display for OutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let OutOfRange {
            field,
            least,
            greatest,
        } = self;
        write!(f, "{field} is not between {least} and {greatest}")
    }
}

/// An amount that the wire can hold, as people write it: `0.02`.
#[must_use]
pub(crate) fn fee(text: &str) -> Option<Money> {
    Money::parse(text, Currency::CNY)
        .ok()
        .filter(|money| (1..=AMOUNT_MAX).contains(&money.minor))
}

/// Amounts as text: `"0.02"` or null.
mod yuan {
    use super::{Deserialize, Deserializer, Money, Serialize, Serializer, fee};

    pub fn serialize<S: Serializer>(amount: &Option<Money>, to: S) -> Result<S::Ok, S::Error> {
        amount.map(|amount| amount.decimal()).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Money>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        let wrong = "an amount is text from \"0.01\" to \"100000000.00\", or null";
        text.map(|text| fee(&text).ok_or_else(|| serde::de::Error::custom(wrong)))
            .transpose()
    }
}

//! The gateway's side of the same wire: what a simulator of Dinpay needs.
//!
//! [`read_call`] checks and reads what a merchant sends; [`notify_body`], [`return_fields`] and the replies are what
//! the gateway says. Nothing here is used to believe anything: the merchant's side has its own reader, and the tests
//! let the two meet on the vectors of note section 6.
//!
//! The simulator takes every character that a parameter can hold: which ones the real gateway refuses as
//! `ILLEGAL_PARAMS` is not documented, and a signing string that can be cut in two ways (SEC-001) must be possible to
//! make before a merchant can be shown to refuse it.

mod answer;
mod call;
mod tell;

pub use answer::{error_reply, query_reply};
pub use call::read_call;
pub use tell::{notify_body, return_fields};

use super::choices::CHOICES;
use super::words;
use crate::charset::Charset;
use crate::choice::Choices;
use crate::lang::Lang;
use crate::money::Money;
use crate::order::GatewayOptions;
use crate::params::Params;
use crate::sign::{self, Kind, Place, PublicKey, rsa};
use jiff::Timestamp;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::fmt;

/// What a buyer may choose at the cashier, in groups.
#[must_use]
pub fn choices() -> Choices {
    CHOICES
}

/// The name of a bank or a way to pay by its code: of those that a buyer may choose.
#[must_use]
pub fn choice_name(code: &str, lang: Lang) -> Option<&'static str> {
    let choices = CHOICES.iter().flat_map(|group| group.choices);
    let found = choices
        .into_iter()
        .find(|choice| choice.bank.unwrap_or(choice.method) == code)?;
    Some(lang.pick(found.en, found.zh))
}

/// What the gateway knows of a merchant.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// The number of its contract.
    pub merchant_code: String,
    /// The keys of its contract.
    pub key: Key,
    /// Services that its contract lacks, by their names on the wire: `ILLEGAL_PAY_BUSINESS`.
    pub without: BTreeSet<String>,
    /// How the gateway writes to it, where the sources leave that open.
    pub habits: Habits,
}

/// What the sources leave open about the gateway's writing (note 9).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Habits {
    /// Whether `order_amount` is told without trailing zeros, else as the merchant sent it (point 2).
    pub stripped_amounts: bool,
    /// The charset of callbacks, whatever the merchant's is (point 4).
    pub charset: Charset,
}

impl Default for Habits {
    fn default() -> Habits {
        Habits {
            stripped_amounts: false,
            charset: Charset::Utf8,
        }
    }
}

/// The keys of a contract, as the gateway has them.
#[derive(Clone, Debug)]
pub enum Key {
    /// The key that both sides sign with.
    Md5(SecretString),
    /// A pair on each side.
    RsaS {
        /// The gateway's private key for this merchant: it signs what the merchant is told.
        gateway: rsa::PrivateKey,
        /// The public key that the merchant uploaded: it verifies what the merchant sends.
        merchant: PublicKey,
    },
}

impl Key {
    /// The kind of both sides' signatures.
    fn kind(&self) -> Kind {
        match self {
            Key::Md5(_) => Kind::Md5,
            Key::RsaS { .. } => Kind::RsaS,
        }
    }

    /// The gateway's signature.
    fn sign(&self, bytes: &[u8]) -> String {
        match self {
            Key::Md5(key) => sign::md5_sign_at(Place::Named, bytes, key),
            Key::RsaS { gateway, .. } => gateway.sign_s(bytes),
        }
    }

    /// Whether `sign` is the merchant's signature.
    fn verifies(&self, bytes: &[u8], sign: &[u8]) -> bool {
        match self {
            Key::Md5(key) => sign::md5_verify_at(Place::Named, bytes, key, sign),
            Key::RsaS { merchant, .. } => {
                let key = merchant.clone().for_rsa_s();
                key.is_ok_and(|key| key.verify(bytes, sign))
            }
        }
    }
}

impl From<SecretString> for Key {
    fn from(key: SecretString) -> Key {
        Key::Md5(key)
    }
}

/// A call that passed the gateway's checks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// A buyer comes to pay.
    DirectPay(Box<DirectPay>),
    /// What became of a trade?
    SingleTradeQuery {
        /// Who asks.
        merchant_code: String,
        /// The merchant's number.
        order_no: String,
        /// The gateway's number.
        trade_no: Option<String>,
    },
}

/// A payment request, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectPay {
    /// Who asks for the money.
    pub merchant_code: String,
    /// The charset of the request.
    pub charset: Charset,
    /// Where to notify.
    pub notify_url: String,
    /// Where to send the browser.
    pub return_url: Option<String>,
    /// The merchant's number.
    pub order_no: String,
    /// When the merchant says that it was ordered, as it was sent: callbacks echo it.
    pub order_time: String,
    /// The same as an instant, in the gateway's clock: the query window begins here.
    pub ordered_at: Timestamp,
    /// How much, as it was sent.
    pub order_amount: String,
    /// The same as an amount.
    pub amount: Money,
    /// The title.
    pub product_name: String,
    /// The description.
    pub product_desc: Option<String>,
    /// The page that shows what is bought.
    pub show_url: Option<String>,
    /// The bank. An unknown one is none: the cashier lets the buyer choose (note 1.2).
    pub bank_code: Option<String>,
    /// The ways to pay, joined by commas.
    pub pay_type: Option<String>,
    /// The buyer's address.
    pub client_ip: Option<String>,
    /// What is echoed.
    pub extra_return_param: Option<String>,
    /// The further parameters by name, each as it must be.
    pub options: GatewayOptions,
}

impl DirectPay {
    /// Whether a repeated number is to be refused, with `csp.orderService.order-is-already-exist` (note 1.2, 5).
    #[must_use]
    pub fn once_only(&self) -> bool {
        self.options
            .get("redo_flag")
            .is_some_and(|flag| flag == "1")
    }
}

/// The gateway's code for a refusal: `ILLEGAL_SIGN`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code(pub &'static str);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// No such trade: of a question that was in order. Behind the query window too (inferred, note 3.1).
pub const NOT_EXIST: Code = Code(words::NOT_EXIST);
/// The order number was used before, and the request wants that refused.
pub const ALREADY_EXIST: Code = Code("csp.orderService.order-is-already-exist");

/// The state of a trade (note 2.2, 3.2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TradeStatus {
    /// Made, unpaid. Nobody is notified of it.
    Unpay,
    /// Paid.
    Success,
    /// A try went wrong.
    Failed,
}

impl TradeStatus {
    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            TradeStatus::Unpay => "UNPAY",
            TradeStatus::Success => "SUCCESS",
            TradeStatus::Failed => "FAILED",
        }
    }
}

/// The gateway's record of a trade.
#[derive(Clone, Debug)]
pub struct Trade {
    /// What the merchant asked for.
    pub request: DirectPay,
    /// The gateway's number: ten digits.
    pub trade_no: String,
    /// The bank's number of the payment, where there is one.
    pub bank_seq_no: Option<String>,
    /// The bank, where it is told.
    pub bank_code: Option<String>,
    /// How it stands.
    pub status: TradeStatus,
    /// When it was made, or paid.
    pub trade_time: Timestamp,
}

impl Trade {
    /// The amount as this merchant is told it.
    fn amount(&self, habits: Habits) -> String {
        let sent = &self.request.order_amount;
        match habits.stripped_amounts && sent.contains('.') {
            true => {
                let bare = sent.trim_end_matches('0');
                bare.strip_suffix('.').unwrap_or(bare).to_owned()
            }
            false => sent.clone(),
        }
    }
}

/// Fields on their way out.
struct Fields {
    charset: Charset,
    params: Params,
}

impl Fields {
    fn new(charset: Charset) -> Fields {
        Fields {
            charset,
            params: Params::new(),
        }
    }

    /// Adds a field. A simulated record that holds what the charset does not loses that field.
    fn put(&mut self, name: &str, value: &str) -> &mut Fields {
        if let Ok(bytes) = self.charset.encode(value) {
            let _ = self.params.push(name, &bytes);
        }
        self
    }

    /// Adds a field where there is a value.
    fn put_some(&mut self, name: &str, value: Option<&str>) -> &mut Fields {
        match value {
            Some(value) => self.put(name, value),
            None => self,
        }
    }

    /// The signature over all fields with a value.
    fn signature(&self, merchant: &Merchant) -> String {
        merchant.key.sign(&sign::presign(&self.params))
    }
}

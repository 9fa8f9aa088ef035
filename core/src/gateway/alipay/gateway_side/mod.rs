//! The gateway's side of the same wire: what a simulator of Alipay needs.
//!
//! [`read_call`] checks and reads what a merchant sends; [`notify_body`], [`return_query`] and the replies are what
//! the gateway says. Nothing here is used to believe anything: the merchant's side has its own reader, and the tests
//! let the two meet on the vectors of note section 8.
//!
//! The simulator takes the characters that the note forbids in `subject`, `body` and `extra_common_param`: vector M4
//! has a `+`, what the real gateway does with them is not documented, and a signing string that can be cut in two
//! ways (SEC-001) must be possible to make before a merchant can be shown to refuse it.

mod answer;
mod call;
mod contract;
mod refund;
mod statement;
mod tell;

pub use answer::{close_reply, error_reply, query_reply, timestamp_reply, verify_reply};
pub use call::{read_call, read_call_under};
pub use contract::Contract;
pub use refund::{
    RefundBatch, RefundItem, RefundOutcome, batch_notify_body, refund_query_error,
    refund_query_reply, refund_reply,
};
pub use statement::{Booking, BookingKind, StatementAsked, statement_part, statement_reply};
pub use tell::{notify_body, return_query};

use super::choices::CHOICES;
use crate::charset::Charset;
use crate::lang::Lang;
use crate::money::Money;
use crate::order::GatewayOptions;
use crate::params::Params;
use crate::sign::{self, Kind, PublicKey, rsa};
use jiff::Timestamp;
use secrecy::SecretString;
use std::fmt;

/// The name of a bank by its code: of those that a buyer may choose.
#[must_use]
pub fn bank_name(code: &str, lang: Lang) -> Option<&'static str> {
    let banks = CHOICES.iter().flat_map(|group| group.choices);
    let found = banks.into_iter().find(|choice| choice.bank == Some(code))?;
    Some(lang.pick(found.en, found.zh))
}

/// What the gateway knows of a merchant.
#[derive(Clone, Debug)]
pub struct Merchant {
    /// The 16 digits of its contract.
    pub partner: String,
    /// The keys of its contract.
    pub key: Key,
    /// Its login, `seller_email`.
    pub email: String,
    /// Whether its product is the advanced one, where a payment reads `TRADE_SUCCESS`, else `TRADE_FINISHED`.
    pub advanced: bool,
}

/// The keys of a contract, as the gateway has them.
#[derive(Clone, Debug)]
pub enum Key {
    /// The key that both sides sign with.
    Md5(SecretString),
    /// A pair on each side.
    Rsa {
        /// The gateway's private key: it signs what the merchant is told.
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
            Key::Rsa { .. } => Kind::Rsa,
        }
    }

    /// The gateway's signature.
    fn sign(&self, bytes: &[u8]) -> String {
        match self {
            Key::Md5(key) => sign::md5_sign(bytes, key),
            Key::Rsa { gateway, .. } => gateway.sign(bytes),
        }
    }

    /// Whether `sign` is the merchant's signature.
    fn verifies(&self, bytes: &[u8], sign: &[u8]) -> bool {
        match self {
            Key::Md5(key) => sign::md5_verify(bytes, key, sign),
            Key::Rsa { merchant, .. } => merchant.verify(bytes, sign),
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
    /// Did you send this callback? Unsigned, so nothing about it has been checked; either may be empty.
    NotifyVerify {
        /// Whoever says to ask.
        partner: String,
        /// The token.
        notify_id: String,
    },
    /// A timestamp against phishing, please. Unsigned.
    QueryTimestamp {
        /// Who asks.
        partner: String,
        /// The charset of the answer.
        charset: Charset,
    },
    /// What became of a trade? At least one of the numbers is there; the trade number wins.
    SingleTradeQuery {
        /// Who asks.
        partner: String,
        /// The merchant's number.
        out_trade_no: Option<String>,
        /// The gateway's number.
        trade_no: Option<String>,
    },
    /// Close an unpaid trade. At least one of the numbers is there; the trade number wins.
    CloseTrade {
        /// Who asks.
        partner: String,
        /// The merchant's number, under the name that this service has for it.
        out_order_no: Option<String>,
        /// The gateway's number.
        trade_no: Option<String>,
    },
    /// Pay back what these trades were paid with.
    Refund(Box<RefundBatch>),
    /// What became of a batch of refunds, or of one refund in it?
    RefundQuery {
        /// Who asks.
        partner: String,
        /// The merchant's number of the batch.
        batch_no: String,
        /// The trade of the one refund that is meant.
        trade_no: Option<String>,
    },
    /// What was booked on the account?
    Statement(Box<StatementAsked>),
}

/// A payment request, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DirectPay {
    /// Who asks for the money.
    pub partner: String,
    /// The charset of the request, and of every callback about it.
    pub charset: Charset,
    /// The merchant's number.
    pub out_trade_no: String,
    /// The title.
    pub subject: String,
    /// How much.
    pub total_fee: Money,
    /// The description.
    pub body: Option<String>,
    /// What is echoed.
    pub extra_common_param: Option<String>,
    /// The page that shows what is bought.
    pub show_url: Option<String>,
    /// The payment method.
    pub paymethod: Option<String>,
    /// The bank.
    pub defaultbank: Option<String>,
    /// The timestamp against phishing. Whether it was given out here is the simulator's to know.
    pub anti_phishing_key: Option<String>,
    /// The buyer's IPv4 address.
    pub exter_invoke_ip: Option<String>,
    /// How long it may be paid.
    pub it_b_pay: Option<String>,
    /// Where to notify.
    pub notify_url: Option<String>,
    /// Where to send the browser.
    pub return_url: Option<String>,
    /// The further parameters of note 1.1 by name, each as it must be. Goods, the usual `payment_type`, is left out.
    pub options: GatewayOptions,
}

impl DirectPay {
    /// Whether another request for the same number says the same where it must (note 1.1 "Re-submission"): buyer,
    /// seller, amount and timeout; the title too, because the seed's remedy is to look for mojibake.
    #[must_use]
    pub fn same_basics(&self, again: &DirectPay) -> bool {
        const BASICS: [&str; 7] = [
            "buyer_account_name",
            "buyer_email",
            "buyer_id",
            "price",
            "quantity",
            "seller_account_name",
            "seller_email",
        ];
        self.total_fee == again.total_fee
            && self.subject == again.subject
            && self.it_b_pay == again.it_b_pay
            && BASICS.map(|name| self.options.get(name))
                == BASICS.map(|name| again.options.get(name))
    }

    /// What a callback says of kind, price and quantity: as it was asked, else goods, the whole amount, one
    /// (note 2.2).
    fn told(&self) -> (&str, String, &str) {
        let asked = |name| self.options.get(name).map(String::as_str);
        (
            asked("payment_type").unwrap_or(super::words::GOODS),
            asked("price").map_or_else(|| self.total_fee.decimal(), str::to_owned),
            asked("quantity").unwrap_or("1"),
        )
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

/// The state of a trade (note 2.3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TradeStatus {
    /// Made, unpaid.
    WaitBuyerPay,
    /// Paid by the buyer while the seller's account is frozen: the merchant has nothing yet.
    Pending,
    /// Paid, may be refunded.
    Success,
    /// Paid and final.
    Finished,
    /// Closed unpaid, or refunded in full.
    Closed,
}

impl TradeStatus {
    /// The word on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            TradeStatus::WaitBuyerPay => "WAIT_BUYER_PAY",
            TradeStatus::Pending => "TRADE_PENDING",
            TradeStatus::Success => "TRADE_SUCCESS",
            TradeStatus::Finished => "TRADE_FINISHED",
            TradeStatus::Closed => "TRADE_CLOSED",
        }
    }
}

/// The gateway's record of a trade.
#[derive(Clone, Debug)]
pub struct Trade {
    /// What the merchant asked for.
    pub request: DirectPay,
    /// The gateway's number.
    pub trade_no: String,
    /// The payer's number.
    pub buyer_id: String,
    /// The payer's login.
    pub buyer_email: String,
    /// How it stands.
    pub status: TradeStatus,
    /// When it was made.
    pub gmt_create: Timestamp,
    /// When it was paid.
    pub gmt_payment: Option<Timestamp>,
    /// When it was closed.
    pub gmt_close: Option<Timestamp>,
    /// How much has been paid back so far; zero means none.
    pub refunded: Money,
    /// When money was last paid back.
    pub gmt_refund: Option<Timestamp>,
}

/// Fields on their way out, in the charset of the trade.
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

    /// Adds a field. Texts came in through [`read_call`] in the same charset, so all of them can be written; a
    /// simulated record made by hand that holds something else loses that field.
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

    /// The signature over all fields.
    fn signature(&self, merchant: &Merchant) -> String {
        merchant.key.sign(&sign::presign(&self.params))
    }

    /// The fields with their signature behind them, as they go on the wire.
    fn signed_wire(mut self, merchant: &Merchant) -> String {
        let signature = self.signature(merchant);
        self.put("sign", &signature)
            .put("sign_type", merchant.key.kind().word());
        self.params.to_wire()
    }
}

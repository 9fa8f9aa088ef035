//! The gateways that the sandbox plays, and where they differ. Everything else of the ledger is common to them: orders
//! and their pages, deliveries, exchanges, faults. A further gateway is a further variant here and in
//! [`Asked`](crate::asked::Asked), and a module that reads its calls and writes its messages.

use crate::alipay;
use crate::dinpay;
use crate::trade::State;
use quittance_core::Lang;
use quittance_core::codes::Codes;
use quittance_core::gateway::alipay::CODES as ALIPAY_CODES;
use quittance_core::gateway::dinpay::CODES as DINPAY_CODES;

/// A gateway that the sandbox plays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gateway {
    /// Alipay classic instant pay.
    Alipay,
    /// Dinpay, the classic platform.
    Dinpay,
}

impl Gateway {
    /// Both of them.
    pub const ALL: [Gateway; 2] = [Gateway::Alipay, Gateway::Dinpay];

    /// Its short word, in the API and in settings of Quittance.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Gateway::Alipay => "alipay",
            Gateway::Dinpay => "dinpay",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Gateway::Alipay => lang.pick("Alipay", "支付宝"),
            Gateway::Dinpay => lang.pick("Dinpay", "智付"),
        }
    }

    /// The gateway of such a path, where merchants call one.
    pub(crate) fn at(path: &str) -> Option<Gateway> {
        match path {
            alipay::GATEWAY_PATH => Some(Gateway::Alipay),
            dinpay::GATEWAY_PATH | dinpay::QUERY_PATH => Some(Gateway::Dinpay),
            _ => None,
        }
    }

    /// What its documents call a merchant's number.
    pub(crate) fn partner_word(self) -> &'static str {
        match self {
            Gateway::Alipay => "partner",
            Gateway::Dinpay => "merchant_code",
        }
    }

    /// The word that acknowledges a notify (seed 001 5.2 F and seed 003 (7); seed 000 7).
    pub(crate) fn ack(self) -> &'static str {
        match self {
            Gateway::Alipay => "success",
            Gateway::Dinpay => "SUCCESS",
        }
    }

    /// The field of its callbacks that tells the amount.
    pub(crate) fn amount_field(self) -> &'static str {
        match self {
            Gateway::Alipay => "total_fee",
            Gateway::Dinpay => "order_amount",
        }
    }

    /// Its word for the state of a trade.
    pub(crate) fn status(self, state: State) -> &'static str {
        match self {
            Gateway::Alipay => alipay::message::status(state).word(),
            Gateway::Dinpay => dinpay::message::status(state).word(),
        }
    }

    /// Its words for what is paid, as they stand in the answer to a query.
    pub(crate) fn paid_words(self) -> &'static [&'static str] {
        match self {
            Gateway::Alipay => &["TRADE_SUCCESS", "TRADE_FINISHED"],
            Gateway::Dinpay => &["SUCCESS"],
        }
    }

    /// What its error codes mean.
    pub(crate) fn codes(self) -> Codes {
        match self {
            Gateway::Alipay => ALIPAY_CODES,
            Gateway::Dinpay => DINPAY_CODES,
        }
    }
}

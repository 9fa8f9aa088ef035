//! The gateways that the sandbox plays, and where they differ. Everything else of the ledger is common to them: orders
//! and their pages, deliveries, exchanges, faults. A further gateway is a further variant here and in
//! [`Asked`](crate::asked::Asked), and a module that reads its calls and writes its messages.

use crate::alipay;
use crate::codepay;
use crate::dinpay;
use crate::trade::State;
use quittance_core::Lang;
use quittance_core::codes::Codes;
use quittance_core::gateway::alipay::CODES as ALIPAY_CODES;
use quittance_core::gateway::codepay::CODES as CODEPAY_CODES;
use quittance_core::gateway::dinpay::CODES as DINPAY_CODES;
use std::time::Duration;

/// A gateway that the sandbox plays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Gateway {
    /// Alipay classic instant pay.
    Alipay,
    /// Dinpay, the classic platform.
    Dinpay,
    /// CodePay: terminals, and a hosted page.
    CodePay,
}

impl Gateway {
    /// All of them.
    pub const ALL: [Gateway; 3] = [Gateway::Alipay, Gateway::Dinpay, Gateway::CodePay];

    /// Its short word, in the API and in settings of Quittance.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Gateway::Alipay => "alipay",
            Gateway::Dinpay => "dinpay",
            Gateway::CodePay => "codepay",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Gateway::Alipay => lang.pick("Alipay", "支付宝"),
            Gateway::Dinpay => lang.pick("Dinpay", "智付"),
            Gateway::CodePay => "CodePay",
        }
    }

    /// The gateway of such a path, where merchants call one.
    pub(crate) fn at(path: &str) -> Option<Gateway> {
        match path {
            alipay::GATEWAY_PATH => Some(Gateway::Alipay),
            dinpay::GATEWAY_PATH | dinpay::QUERY_PATH => Some(Gateway::Dinpay),
            path if codepay::is_entry(path) => Some(Gateway::CodePay),
            _ => None,
        }
    }

    /// What its documents call a merchant's number.
    pub(crate) fn partner_word(self) -> &'static str {
        match self {
            Gateway::Alipay => "partner",
            Gateway::Dinpay => "merchant_code",
            Gateway::CodePay => "merchant_no",
        }
    }

    /// The word that acknowledges a notify (seed 001 5.2 F and seed 003 (7); seed 000 7; protocol note codepay 3).
    pub(crate) fn ack(self) -> &'static str {
        match self {
            Gateway::Alipay | Gateway::CodePay => "success",
            Gateway::Dinpay => "SUCCESS",
        }
    }

    /// The type of its notifies' bodies.
    pub(crate) fn notify_type(self) -> &'static str {
        match self {
            Gateway::Alipay | Gateway::Dinpay => "application/x-www-form-urlencoded",
            Gateway::CodePay => "application/json",
        }
    }

    /// How long a merchant may take to answer a notify, at every speed. At Alipay and Dinpay it is the sandbox's choice.
    pub(crate) fn ack_wait(self) -> Duration {
        match self {
            Gateway::Alipay | Gateway::Dinpay => Duration::from_secs(10),
            Gateway::CodePay => Duration::from_secs(codepay::ACK_SECS),
        }
    }

    /// The field of its callbacks that tells the amount.
    pub(crate) fn amount_field(self) -> &'static str {
        match self {
            Gateway::Alipay => "total_fee",
            Gateway::Dinpay | Gateway::CodePay => "order_amount",
        }
    }

    /// Its word for the state of a trade.
    pub(crate) fn status(self, state: State) -> &'static str {
        match self {
            Gateway::Alipay => alipay::message::status(state).word(),
            Gateway::Dinpay => dinpay::message::status(state).word(),
            Gateway::CodePay => codepay::message::word(state),
        }
    }

    /// Whether an answer to a query tells that the trade is paid.
    pub(crate) fn tells_paid(self, reply: &[u8]) -> bool {
        let text = String::from_utf8_lossy(reply);
        let tells = |word: &str| text.contains(&format!("<trade_status>{word}</trade_status>"));
        match self {
            Gateway::Alipay => tells("TRADE_SUCCESS") || tells("TRADE_FINISHED"),
            Gateway::Dinpay => tells("SUCCESS"),
            Gateway::CodePay => text.contains(r#"\"trans_status\":2,"#),
        }
    }

    /// What its error codes mean.
    pub(crate) fn codes(self) -> Codes {
        match self {
            Gateway::Alipay => ALIPAY_CODES,
            Gateway::Dinpay => DINPAY_CODES,
            Gateway::CodePay => CODEPAY_CODES,
        }
    }
}

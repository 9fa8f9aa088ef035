//! A payment request that was let in, as its gateway reads it.

use crate::gateway::Gateway;
use quittance_core::Money;
use quittance_core::gateway::{alipay, dinpay};

/// What a merchant asked for.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    Alipay(Box<alipay::gateway_side::DirectPay>),
    Dinpay(Box<dinpay::gateway_side::DirectPay>),
}

impl Asked {
    pub(crate) fn gateway(&self) -> Gateway {
        match self {
            Asked::Alipay(_) => Gateway::Alipay,
            Asked::Dinpay(_) => Gateway::Dinpay,
        }
    }

    /// The request, where it is Alipay's.
    pub(crate) fn alipay(&self) -> Option<&alipay::gateway_side::DirectPay> {
        match self {
            Asked::Alipay(asked) => Some(asked),
            Asked::Dinpay(_) => None,
        }
    }

    /// The merchant's number.
    pub(crate) fn number(&self) -> &str {
        match self {
            Asked::Alipay(asked) => &asked.out_trade_no,
            Asked::Dinpay(asked) => &asked.order_no,
        }
    }

    /// The title.
    pub(crate) fn title(&self) -> &str {
        match self {
            Asked::Alipay(asked) => &asked.subject,
            Asked::Dinpay(asked) => &asked.product_name,
        }
    }

    /// The description.
    pub(crate) fn details(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.body.as_deref(),
            Asked::Dinpay(asked) => asked.product_desc.as_deref(),
        }
    }

    /// How much.
    pub(crate) fn amount(&self) -> Money {
        match self {
            Asked::Alipay(asked) => asked.total_fee,
            Asked::Dinpay(asked) => asked.amount,
        }
    }

    /// The same request for another amount: what a gateway that lies tells of it.
    pub(crate) fn with_amount(mut self, amount: Money) -> Asked {
        match &mut self {
            Asked::Alipay(asked) => asked.total_fee = amount,
            Asked::Dinpay(asked) => {
                asked.order_amount = amount.decimal();
                asked.amount = amount;
            }
        }
        self
    }

    /// Where to notify.
    pub(crate) fn notify_url(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.notify_url.as_deref(),
            Asked::Dinpay(asked) => Some(&asked.notify_url),
        }
    }

    /// Where to send the browser.
    pub(crate) fn return_url(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.return_url.as_deref(),
            Asked::Dinpay(asked) => asked.return_url.as_deref(),
        }
    }

    /// The page that shows what is bought.
    pub(crate) fn show_url(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.show_url.as_deref(),
            Asked::Dinpay(asked) => asked.show_url.as_deref(),
        }
    }
}

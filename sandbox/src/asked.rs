//! A payment request that was let in, as its gateway reads it.

use crate::codepay::PaidBack;
use crate::gateway::Gateway;
use quittance_core::Money;
use quittance_core::gateway::codepay::gateway_side::{Place, Push, Sale};
use quittance_core::gateway::{alipay, dinpay};

/// What a merchant asked for.
#[derive(Clone, Debug)]
pub(crate) enum Asked {
    Alipay(Box<alipay::gateway_side::DirectPay>),
    Dinpay(Box<dinpay::gateway_side::DirectPay>),
    /// A payment at a terminal of CodePay's or on its page.
    CodePay(Box<Sale>),
    /// What takes such a payment back: an order of its own there.
    PaidBack(Box<PaidBack>),
}

impl Asked {
    pub(crate) fn gateway(&self) -> Gateway {
        match self {
            Asked::Alipay(_) => Gateway::Alipay,
            Asked::Dinpay(_) => Gateway::Dinpay,
            Asked::CodePay(_) | Asked::PaidBack(_) => Gateway::CodePay,
        }
    }

    /// The request, where it is Alipay's.
    pub(crate) fn alipay(&self) -> Option<&alipay::gateway_side::DirectPay> {
        match self {
            Asked::Alipay(asked) => Some(asked),
            _ => None,
        }
    }

    /// The payment of CodePay's that it asks for.
    pub(crate) fn sale(&self) -> Option<&Sale> {
        match self {
            Asked::CodePay(sale) => Some(sale),
            _ => None,
        }
    }

    /// What is pushed to a terminal, where it is.
    pub(crate) fn push(&self) -> Option<&Push> {
        match self {
            Asked::CodePay(sale) => match &sale.place {
                Place::Terminal(push) => Some(push),
                Place::Page { .. } => None,
            },
            Asked::PaidBack(back) => back.asked.push.as_ref(),
            Asked::Alipay(_) | Asked::Dinpay(_) => None,
        }
    }

    /// Whether a buyer's browser pays it.
    pub(crate) fn has_cashier(&self) -> bool {
        match self {
            Asked::Alipay(_) | Asked::Dinpay(_) => true,
            Asked::CodePay(_) => self.push().is_none(),
            Asked::PaidBack(_) => false,
        }
    }

    /// The merchant's number.
    pub(crate) fn number(&self) -> &str {
        match self {
            Asked::Alipay(asked) => &asked.out_trade_no,
            Asked::Dinpay(asked) => &asked.order_no,
            Asked::CodePay(sale) => &sale.order_no,
            Asked::PaidBack(back) => &back.asked.order_no,
        }
    }

    /// The title.
    pub(crate) fn title(&self) -> &str {
        match self {
            Asked::Alipay(asked) => &asked.subject,
            Asked::Dinpay(asked) => &asked.product_name,
            Asked::CodePay(sale) => sale.description.as_deref().unwrap_or(&sale.order_no),
            Asked::PaidBack(back) => {
                let why = back.asked.description.as_deref();
                why.unwrap_or(&back.original.out_trade_no)
            }
        }
    }

    /// The description.
    pub(crate) fn details(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.body.as_deref(),
            Asked::Dinpay(asked) => asked.product_desc.as_deref(),
            Asked::CodePay(_) | Asked::PaidBack(_) => None,
        }
    }

    /// How much.
    pub(crate) fn amount(&self) -> Money {
        match self {
            Asked::Alipay(asked) => asked.total_fee,
            Asked::Dinpay(asked) => asked.amount,
            Asked::CodePay(sale) => sale.total(),
            Asked::PaidBack(back) => back.amount,
        }
    }

    /// The same request for another amount: what a gateway that lies tells of it. An order keeps its currency.
    pub(crate) fn with_amount(mut self, amount: Money) -> Asked {
        let amount = in_currency_of(self.amount(), amount);
        match &mut self {
            Asked::Alipay(asked) => asked.total_fee = amount,
            Asked::Dinpay(asked) => {
                asked.order_amount = amount.decimal();
                asked.amount = amount;
            }
            Asked::CodePay(sale) => {
                sale.order_amount = amount;
                (sale.tip.minor, sale.cashback.minor) = (0, 0);
            }
            Asked::PaidBack(back) => back.amount = amount,
        }
        self
    }

    /// Where to notify.
    pub(crate) fn notify_url(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.notify_url.as_deref(),
            Asked::Dinpay(asked) => Some(&asked.notify_url),
            Asked::CodePay(sale) => sale.notify_url.as_deref(),
            Asked::PaidBack(back) => back.asked.notify_url.as_deref(),
        }
    }

    /// Where to send the browser.
    pub(crate) fn return_url(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.return_url.as_deref(),
            Asked::Dinpay(asked) => asked.return_url.as_deref(),
            Asked::CodePay(sale) => match &sale.place {
                Place::Page { return_url } => return_url.as_deref(),
                Place::Terminal(_) => None,
            },
            Asked::PaidBack(_) => None,
        }
    }

    /// The number of the payment that it takes back, where it does.
    pub(crate) fn pays_back(&self) -> Option<&str> {
        match self {
            Asked::PaidBack(back) => Some(&back.original.out_trade_no),
            Asked::Alipay(_) | Asked::Dinpay(_) | Asked::CodePay(_) => None,
        }
    }

    /// The page that shows what is bought.
    pub(crate) fn show_url(&self) -> Option<&str> {
        match self {
            Asked::Alipay(asked) => asked.show_url.as_deref(),
            Asked::Dinpay(asked) => asked.show_url.as_deref(),
            Asked::CodePay(_) | Asked::PaidBack(_) => None,
        }
    }
}

/// An amount as it would be written in the currency of another one. Where that has no cents, there are none.
pub(crate) fn in_currency_of(of: Money, amount: Money) -> Money {
    let cents = if of.currency.minor_digits() == 0 {
        100
    } else {
        1
    };
    Money::new(amount.minor / cents, of.currency)
}

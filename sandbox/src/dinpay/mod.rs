//! Dinpay, the classic platform: one address for buyers, one for questions.
//!
//! **Inferred here:** a request that is let in makes the trade, so that a query knows it from then on (one of the codes is
//! for an order that could not be made: protocol note dinpay 5). A number whose trade is paid, or that comes with another
//! amount, is a repeated one whatever `redo_flag` says. After a try that failed another may follow.

pub(crate) mod choices;
pub(crate) mod message;
mod settings;

pub use quittance_core::gateway::dinpay::gateway_side::{Habits, Key, Merchant};
pub use settings::DinpaySettings;

use crate::asked::Asked;
use crate::exchange::Kind;
use crate::gateway::Gateway;
use crate::order::{Key as OrderKey, Order};
use crate::pages::{self, Coat};
use crate::routes::Inbound;
use crate::sandbox::{ORDERS_MAX, Sandbox};
use crate::trade::{State, Trade};
use quittance_core::Timestamp;
use quittance_core::gateway::dinpay::QUERY_WINDOW;
use quittance_core::gateway::dinpay::gateway_side::{
    self, ALREADY_EXIST, Call, Code, DirectPay, NOT_EXIST,
};
use quittance_core::http::{Method, Reply};

/// The path at which buyers' browsers post the payment form: behind the sandbox's address, the `gateway_url` of an
/// account.
pub const GATEWAY_PATH: &str = "/dinpay/gateway";
/// The path at which merchants' servers ask: the `query_url` of an account.
pub const QUERY_PATH: &str = "/dinpay/query";
/// The waits between the six attempts of a notify, in seconds: 5, 10, 20 and 30 minutes (seed 000 7), and 30 once more,
/// because the seed counts five re-sends and names four waits (inferred, protocol note dinpay 2.4).
pub const GAPS_SECS: [i64; 5] = [300, 600, 1_200, 1_800, 1_800];

/// What is answered to what is no call of the service.
const ILLEGAL_REQUEST: Code = Code("ILLEGAL_REQUEST");
/// The service of another address.
const ILLEGAL_SERVICE: Code = Code("ILLEGAL_SERVICE_TYPE");
/// Where a call names its service.
const SERVICE: (Gateway, &str) = (Gateway::Dinpay, "service_type");

impl Sandbox {
    /// The payment form: checks it as the gateway does, and leads to the cashier. It is posted; an address opens nothing
    /// (protocol note dinpay 1.1).
    pub(crate) fn dinpay_gateway(&mut self, now: Timestamp, request: &Inbound) -> Reply {
        let asked = match self.dinpay_call(request) {
            Ok(Call::DirectPay(asked)) => self.dinpay_checkout(now, *asked, request),
            Ok(Call::SingleTradeQuery { .. }) => Err(ILLEGAL_SERVICE),
            Err(code) => Err(code),
        };
        asked.unwrap_or_else(|code| {
            let refused = self.refused(now, SERVICE, code.0, request);
            let again = format!("/refused/{}", refused.number);
            // That the page comes with status 200 is inferred (protocol note dinpay 1.5).
            let page = pages::error(Coat::leading_to(request, &again), 200, &refused);
            self.keep_refusal(refused);
            page
        })
    }

    /// `single_trade_query`: how a trade stands, in XML.
    pub(crate) fn dinpay_query(&mut self, now: Timestamp, request: &Inbound) -> Reply {
        let told = match self.dinpay_call(request) {
            Ok(Call::SingleTradeQuery {
                merchant_code,
                order_no,
                trade_no,
            }) => {
                let key = OrderKey::new(&merchant_code, &order_no);
                Ok(self.dinpay_tell(now, &key, trade_no.as_deref(), request))
            }
            Ok(Call::DirectPay(_)) => Err(ILLEGAL_SERVICE),
            Err(code) => Err(code),
        };
        told.unwrap_or_else(|code| {
            let refused = self.refused(now, SERVICE, code.0, request);
            self.keep_refusal(refused);
            gateway_side::error_reply(code)
        })
    }

    fn dinpay_call(&self, request: &Inbound) -> Result<Call, Code> {
        if request.method != Method::Post {
            return Err(ILLEGAL_REQUEST);
        }
        gateway_side::read_call(&request.query, &request.body, &|code| {
            self.dinpay_merchant(code)
        })
    }

    /// The buyer's browser brings a payment request: the trade is made, and waits at the cashier.
    fn dinpay_checkout(
        &mut self,
        now: Timestamp,
        asked: DirectPay,
        request: &Inbound,
    ) -> Result<Reply, Code> {
        let key = OrderKey::new(&asked.merchant_code, &asked.order_no);
        let chosen = asked.bank_code.clone();
        let full = self.orders.len() >= ORDERS_MAX;
        let token = match self.orders.get_mut(&key) {
            Some(order) => {
                let payable = order.state().is_none_or(State::payable);
                if asked.once_only() || !payable || order.asked.amount() != asked.amount {
                    return Err(ALREADY_EXIST);
                }
                order.asked = Asked::Dinpay(Box::new(asked));
                order.chosen = chosen;
                order.token.clone()
            }
            None if full => return Err(Code("SYSTEM_ERROR")),
            None => {
                let token = self.numbers.token();
                self.by_token.insert(token.clone(), key.clone());
                let asked = Asked::Dinpay(Box::new(asked));
                let mut order = Order::new(self.count(), asked, token.clone());
                order.chosen = chosen;
                self.orders.insert(key.clone(), order);
                token
            }
        };
        let reply = pages::redirect(&format!("{}/cashier/{token}", self.settings.public_url));
        self.remember(now, Kind::Checkout, &key, request, &reply, Vec::new());
        // The order is there, so this makes its trade.
        let _ = self.open(now, &key);
        Ok(reply)
    }

    /// The answer to a question that was in order.
    fn dinpay_tell(
        &mut self,
        now: Timestamp,
        key: &OrderKey,
        trade_no: Option<&str>,
        request: &Inbound,
    ) -> Reply {
        let Some(merchant) = self.dinpay_merchant(&key.partner) else {
            return gateway_side::error_reply(NOT_EXIST);
        };
        let windowed = self.settings.dinpay.query_window;
        let write = |asked: &Asked, trade: &Trade| match asked {
            Asked::Dinpay(asked)
                if trade_no.is_none_or(|named| named == trade.trade_no)
                    && !(windowed && now.duration_since(asked.ordered_at) > QUERY_WINDOW) =>
            {
                message::queried(asked, trade, &merchant)
            }
            _ => gateway_side::error_reply(NOT_EXIST),
        };
        let none = || gateway_side::error_reply(NOT_EXIST);
        let (reply, faults) = self.answer_query(now, key, write, none);
        self.remember(now, Kind::Query, key, request, &reply, faults);
        reply
    }
}

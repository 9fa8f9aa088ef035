//! What a gateway writes to merchants, in the words of the gateway whose order it is.

use crate::alipay;
use crate::asked::Asked;
use crate::dinpay;
use crate::gateway::Gateway;
use crate::order::Key;
use crate::sandbox::Sandbox;
use crate::trade::Trade;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::{Contract, Merchant};
use quittance_core::gateway::dinpay::gateway_side::Merchant as DinpayMerchant;

impl Sandbox {
    /// The signed body of a notify.
    pub(crate) fn notify_wire(
        &self,
        asked: &Asked,
        trade: &Trade,
        notify_id: &str,
        now: Timestamp,
    ) -> Option<Vec<u8>> {
        Some(match asked {
            Asked::Alipay(asked) => {
                let merchant = self.merchant(&asked.partner)?;
                alipay::message::notify(asked, trade, &merchant, notify_id, now)
            }
            Asked::Dinpay(asked) => {
                let merchant = self.dinpay_merchant(&asked.merchant_code)?;
                dinpay::message::notify(asked, trade, &merchant, notify_id)
            }
        })
    }

    /// The signed fields of a return: a query string, or the body of a form.
    pub(crate) fn return_wire(
        &self,
        asked: &Asked,
        trade: &Trade,
        notify_id: &str,
        now: Timestamp,
    ) -> Option<Vec<u8>> {
        Some(match asked {
            Asked::Alipay(asked) => {
                let merchant = self.merchant(&asked.partner)?;
                alipay::message::way_back(asked, trade, &merchant, notify_id, now)
            }
            Asked::Dinpay(asked) => {
                let merchant = self.dinpay_merchant(&asked.merchant_code)?;
                dinpay::message::way_back(asked, trade, &merchant, notify_id)
            }
        })
    }

    /// The gateway that this merchant has a contract with.
    pub(crate) fn gateway_of(&self, partner: &str) -> Option<Gateway> {
        if self.merchant(partner).is_some() {
            return Some(Gateway::Alipay);
        }
        self.dinpay_merchant(partner).map(|_| Gateway::Dinpay)
    }

    /// Whom the buyer pays, as the cashier names it.
    pub(crate) fn payee(&self, key: &Key) -> String {
        match self.merchant(&key.partner) {
            Some(merchant) => merchant.email,
            None => key.partner.clone(),
        }
    }

    pub(crate) fn merchant(&self, partner: &str) -> Option<Merchant> {
        self.settings
            .merchants
            .iter()
            .find(|merchant| merchant.partner == partner)
            .cloned()
    }

    pub(crate) fn contract(&self, partner: &str) -> Contract {
        let contracts = &self.settings.contracts;
        contracts.get(partner).cloned().unwrap_or_default()
    }

    pub(crate) fn dinpay_merchant(&self, code: &str) -> Option<DinpayMerchant> {
        let mut merchants = self.settings.dinpay.merchants.iter();
        merchants
            .find(|merchant| merchant.merchant_code == code)
            .cloned()
    }
}

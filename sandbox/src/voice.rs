//! What a gateway writes to merchants, in the words of the gateway whose order it is.

use crate::alipay;
use crate::asked::Asked;
use crate::codepay;
use crate::dinpay;
use crate::gateway::Gateway;
use crate::order::Key;
use crate::sandbox::Sandbox;
use crate::trade::Trade;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::{Contract, Merchant};
use quittance_core::gateway::codepay::gateway_side::Who;
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
            Asked::CodePay(sale) => self.codepay_wire(asked, &sale.who, trade, notify_id, now)?,
            Asked::PaidBack(back) => {
                self.codepay_wire(asked, &back.asked.who, trade, notify_id, now)?
            }
        })
    }

    fn codepay_wire(
        &self,
        asked: &Asked,
        who: &Who,
        trade: &Trade,
        notify_id: &str,
        now: Timestamp,
    ) -> Option<Vec<u8>> {
        let app = self.codepay_app(&who.app_id)?;
        codepay::message::notify(asked, trade, &app, notify_id, now)
    }

    /// The signed fields of a return: a query string, or the body of a form. CodePay's return carries nothing (seed 002
    /// 3.3).
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
            Asked::CodePay(_) | Asked::PaidBack(_) => Vec::new(),
        })
    }

    /// The gateways that somebody has a contract with.
    pub(crate) fn gateways(&self) -> Vec<Gateway> {
        let used = |gateway: &Gateway| match gateway {
            Gateway::Alipay => !self.settings.merchants.is_empty(),
            Gateway::Dinpay => !self.settings.dinpay.merchants.is_empty(),
            Gateway::CodePay => !self.settings.codepay.apps.is_empty(),
        };
        Gateway::ALL.into_iter().filter(used).collect()
    }

    /// The gateway that this merchant has a contract with.
    pub(crate) fn gateway_of(&self, partner: &str) -> Option<Gateway> {
        if self.merchant(partner).is_some() {
            return Some(Gateway::Alipay);
        }
        if self.dinpay_merchant(partner).is_some() {
            return Some(Gateway::Dinpay);
        }
        self.codepay_app_of(partner).map(|_| Gateway::CodePay)
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

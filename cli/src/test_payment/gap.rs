//! What a step still lacks, and the first thing to look at for each.

use super::about::About;
use super::findings::Findings;
use super::step::Step;
use quittance_core::Lang;
use quittance_core::gateway::TO_TERMINAL;

/// Something that a step wants and that has not been seen, or was wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Gap {
    /// The buyer was not sent to the cashier.
    Checkout,
    /// The browser did not come back.
    Return,
    /// What it brought does not verify.
    ReturnWrong,
    /// The gateway's server did not call.
    Notify,
    /// What it brought does not verify.
    NotifyWrong,
    /// It verifies, and was not acknowledged.
    NotifyNotAcked,
    /// The gateway has not shown that it knows the trade.
    Trade,
    /// The order is not paid.
    Status,
    /// The title came back mangled.
    Title,
    /// This endpoint has not taken `order.paid`.
    Delivery(String),
}

impl Gap {
    /// Everything that the step lacks, in the order in which it is waited for.
    pub fn all(step: Step, about: &About<'_>, found: &Findings) -> Vec<Gap> {
        let mut gaps = Vec::new();
        if found.via.is_none() {
            gaps.push(Gap::Checkout);
        }
        if returns(about, found) {
            match &found.returned {
                None => gaps.push(Gap::Return),
                Some(back) if !back.verified => gaps.push(Gap::ReturnWrong),
                Some(_) => {}
            }
        }
        if step.wants_notify() {
            match &found.notified {
                None => gaps.push(Gap::Notify),
                Some(told) if !told.verified => gaps.push(Gap::NotifyWrong),
                Some(told) if told.answered != about.account.account.gateway().ack() => {
                    gaps.push(Gap::NotifyNotAcked);
                }
                Some(_) => {}
            }
        }
        if !found.trade_known() {
            gaps.push(Gap::Trade);
        }
        if !found.paid() {
            gaps.push(Gap::Status);
        }
        if found.title_whole() == Some(false) {
            gaps.push(Gap::Title);
        }
        if step.wants_delivery() {
            let taken = |name: &str| {
                let delivery = found.deliveries.get(name);
                delivery.is_some_and(|delivery| delivery.outcome == "delivered")
            };
            let open = about.webhooks().filter(|(name, _)| !taken(name));
            gaps.extend(open.map(|(name, _)| Gap::Delivery(name.to_owned())));
        }
        gaps
    }

    /// Whether waiting may still fill it.
    pub fn may_come(&self) -> bool {
        !matches!(self, Gap::ReturnWrong | Gap::Title)
    }

    /// The word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Gap::Checkout => "checkout",
            Gap::Return => "return",
            Gap::ReturnWrong => "return_verification",
            Gap::Notify => "notify",
            Gap::NotifyWrong => "notify_verification",
            Gap::NotifyNotAcked => "notify_answer",
            Gap::Trade => "trade",
            Gap::Status => "status",
            Gap::Title => "title",
            Gap::Delivery(_) => "delivery",
        }
    }

    /// What is waited for.
    pub fn waiting(&self, about: &About<'_>, lang: Lang) -> String {
        match self {
            Gap::Checkout => lang
                .pick(
                    "waiting for the buyer to open the pay link and to go on to the cashier",
                    "等待买家打开付款链接并前往收银台",
                )
                .to_owned(),
            Gap::Return | Gap::ReturnWrong => lang
                .pick(
                    "waiting for the payment at the cashier, and for the browser to come back",
                    "等待在收银台付款，以及浏览器返回",
                )
                .to_owned(),
            Gap::Notify | Gap::NotifyWrong | Gap::NotifyNotAcked => {
                let address = about.notify_address();
                match lang {
                    Lang::En => format!("waiting for the gateway's server to call {address}"),
                    Lang::Zh => format!("等待网关服务器访问 {address}"),
                }
            }
            Gap::Trade | Gap::Status | Gap::Title => lang
                .pick("waiting for the order to be paid", "等待订单变为已付款")
                .to_owned(),
            Gap::Delivery(name) => match lang {
                Lang::En => format!("waiting for the webhook {name} to take order.paid"),
                Lang::Zh => format!("等待 webhook {name} 接收 order.paid"),
            },
        }
    }
}

/// Whether the browser comes back with something that can be seen in the journal: not from a terminal, and not where the
/// gateway signs nothing of it.
pub fn returns(about: &About<'_>, found: &Findings) -> bool {
    about.gateway().return_signed && found.via.as_deref() != Some(TO_TERMINAL)
}

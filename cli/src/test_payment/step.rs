//! The five steps of the guide (seed 001 4.1), and what each must have seen.

use quittance_core::Lang;

/// A step of the guided test.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Step {
    /// The account alone, on this machine: cashier and return.
    Alone,
    /// The account alone, on the server: and the notify.
    AloneOnServer,
    /// The shop's key and webhook joined to it.
    Joined,
    /// An order of the shop's own, on this machine.
    Shop,
    /// An order of the shop's own, on the server: as far as the shop's webhook.
    ShopOnServer,
}

impl Step {
    /// All of them, in their order.
    pub const ALL: [Step; 5] = [
        Step::Alone,
        Step::AloneOnServer,
        Step::Joined,
        Step::Shop,
        Step::ShopOnServer,
    ];

    /// The step of this number.
    pub fn of_number(number: u8) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.number() == number)
    }

    /// Its number in the guide.
    pub fn number(self) -> u8 {
        match self {
            Step::Alone => 1,
            Step::AloneOnServer => 2,
            Step::Joined => 3,
            Step::Shop => 4,
            Step::ShopOnServer => 5,
        }
    }

    /// Whether the shop makes the order.
    pub fn by_shop(self) -> bool {
        matches!(self, Step::Shop | Step::ShopOnServer)
    }

    /// Whether the gateway's server must have called.
    pub fn wants_notify(self) -> bool {
        matches!(self, Step::AloneOnServer | Step::ShopOnServer)
    }

    /// Whether the shop must have been told.
    pub fn wants_delivery(self) -> bool {
        self == Step::ShopOnServer
    }

    /// What it is about.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Step::Alone => lang.pick(
                "the account alone, on this machine: cashier and return",
                "仅账户，在本机：支付与同步返回",
            ),
            Step::AloneOnServer => lang.pick(
                "the account alone, on the server: cashier, return and notify",
                "仅账户，在服务器：支付、同步返回与异步通知",
            ),
            Step::Joined => lang.pick(
                "the shop joined: its API key and its webhook",
                "与商城衔接：API 密钥与 webhook",
            ),
            Step::Shop => lang.pick(
                "an order of the shop, on this machine: cashier and return",
                "商城下单，在本机：支付与同步返回",
            ),
            Step::ShopOnServer => lang.pick(
                "an order of the shop, on the server: as far as its webhook",
                "商城下单，在服务器：直至商城的 webhook 收到",
            ),
        }
    }

    /// The note that remembers that it was passed.
    pub fn note(self) -> String {
        format!("test-payment: step {} passed", self.number())
    }

    /// The step that a note remembers.
    pub fn of_note(note: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.note() == note)
    }
}

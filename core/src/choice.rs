//! What a buyer may choose before the cashier: how to pay, at which bank. The words are the gateway's own.

use crate::lang::Lang;
use crate::order::Order;

/// Everything that a gateway lets a buyer choose, in groups, the usual ones first. Empty where there is no choice.
pub type Choices = &'static [ChoiceGroup];

/// Choices that belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ChoiceGroup {
    /// What they are, in English.
    pub en: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    /// What kind of thing they are, for their picture.
    pub kind: ChoiceKind,
    /// The choices.
    pub choices: &'static [Choice],
}

/// What kind of thing the choices of a group are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ChoiceKind {
    /// Money that the buyer has at the payment company.
    Balance,
    /// A person's account at a bank.
    Bank,
    /// A debit card.
    DebitCard,
    /// A company's account at a bank.
    CompanyBank,
    /// A code that the buyer scans with a payment app.
    Code,
}

/// One way to pay.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Choice {
    /// The payment method, in the gateway's word.
    pub method: &'static str,
    /// The bank, in the gateway's code, where the method has banks.
    pub bank: Option<&'static str>,
    /// Its name in English.
    pub en: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
}

impl ChoiceGroup {
    /// Its heading.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &'static str {
        lang.pick(self.en, self.zh)
    }
}

impl Choice {
    /// What people call it.
    #[must_use]
    pub fn name(&self, lang: Lang) -> &'static str {
        lang.pick(self.en, self.zh)
    }

    /// The one word of it in a form: `METHOD`, or `METHOD.BANK`.
    #[must_use]
    pub fn word(&self) -> String {
        match self.bank {
            Some(bank) => format!("{}.{bank}", self.method),
            None => self.method.to_owned(),
        }
    }

    /// Whether the order leaves this open. What the merchant has chosen stays chosen.
    #[must_use]
    pub fn open_in(&self, order: &Order) -> bool {
        match (&order.method, &order.bank) {
            (None, None) => true,
            (Some(method), None) => method == self.method && self.bank.is_some(),
            (_, Some(_)) => false,
        }
    }

    /// The order as it goes to the cashier with this choice. The order itself is written once and keeps its blank.
    #[must_use]
    pub fn made_in(&self, order: &Order) -> Order {
        Order {
            method: Some(self.method.to_owned()),
            bank: self.bank.map(str::to_owned),
            ..order.clone()
        }
    }
}

/// The choice of this word. What is not on the list is no choice.
#[must_use]
pub fn of_word(choices: Choices, word: &str) -> Option<Choice> {
    let all = choices.iter().flat_map(|group| group.choices);
    all.copied().find(|choice| choice.word() == word)
}

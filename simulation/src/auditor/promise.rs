//! The promises, and how a broken one is told.

use crate::truth::Name;
use std::fmt;

/// What Quittance promises.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Promise {
    /// Nothing is called paid without money at the gateway.
    NeverPaidWithoutMoney,
    /// Money that came is found, and what was taken in stays.
    NeverLost,
    /// One event is one event: one id, one body, one place.
    NeverTwice,
    /// Whatever came first, the end is the same.
    AnyOrderSameEnd,
    /// What was acked is in the journal, and counts.
    AckMeansStored,
    /// An order is never closed on silence.
    UnknownIsNeverUnpaid,
    /// Nothing that the gateway did not say is believed.
    NeverUnverified,
    /// Money that does not fit is reported.
    ExtraMoneyIsReported,
    /// Every event reaches every shop, signed.
    ShopsAreTold,
    /// The chain of the journal has no gap and no change.
    JournalIsWhole,
    /// No order makes more work than the rules allow.
    BoundedWork,
    /// No secret is told to anybody.
    SecretsStayIn,
}

impl Promise {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Promise::NeverPaidWithoutMoney => "never paid without money",
            Promise::NeverLost => "never lost",
            Promise::NeverTwice => "never twice",
            Promise::AnyOrderSameEnd => "any order, same end",
            Promise::AckMeansStored => "ack means stored",
            Promise::UnknownIsNeverUnpaid => "unknown is never unpaid",
            Promise::NeverUnverified => "verification cannot be switched off",
            Promise::ExtraMoneyIsReported => "extra money is reported",
            Promise::ShopsAreTold => "shops are told",
            Promise::JournalIsWhole => "the journal is whole",
            Promise::BoundedWork => "bounded work",
            Promise::SecretsStayIn => "secrets stay in",
        }
    }
}

/// One broken promise, in words for a person.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Broken {
    /// Which.
    pub promise: Promise,
    /// The order, where it is about one.
    pub about: Option<Name>,
    /// What was found.
    pub what: String,
}

impl Broken {
    pub(super) fn about(promise: Promise, name: &Name, what: String) -> Broken {
        Broken {
            promise,
            about: Some(name.clone()),
            what,
        }
    }

    pub(super) fn of(promise: Promise, what: String) -> Broken {
        Broken {
            promise,
            about: None,
            what,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.promise.words())?;
        if let Some(name) = &self.about {
            write!(f, "{name}: ")?;
        }
        f.write_str(&self.what)
    }
}

//! The defences that a sabotage can take away, one at a time, to show that the simulation's auditor notices.
//!
//! Without the feature `sabotage` nothing can be taken away: [`removed`] is a constant `false`, which the compiler
//! drops together with what hangs on it, and no word of this is in the program. With it, which only the simulation's
//! extra build has, one defence is chosen per thread, at run time. Every place that asks stands where its defence does.

#[cfg(feature = "sabotage")]
pub use switched::{choose, removed};

/// Whether this defence is taken away. Nothing is, in a program without the feature.
#[cfg(not(feature = "sabotage"))]
#[must_use]
pub const fn removed(_: Defence) -> bool {
    false
}

macro_rules! defences {
    ($($(#[$what:meta])* $name:ident = $word:literal,)+) => {
        /// One defence of the product. Each guards a promise; without it the promise breaks.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Defence {
            $($(#[$what])* $name,)+
        }

        #[cfg(feature = "sabotage")]
        impl Defence {
            /// Every defence.
            pub const ALL: &[Defence] = &[$(Defence::$name),+];

            /// Its name on a command line.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Defence::$name => $word,)+
                }
            }

            /// The defence of this word.
            #[must_use]
            pub fn of(word: &str) -> Option<Defence> {
                Defence::ALL.iter().copied().find(|known| known.word() == word)
            }
        }
    };
}

defences! {
    /// A trade of another amount does not pay the order (SEC-033).
    AmountCompare = "sabotage:amount-compare",
    /// Money for another payee moves nothing here (SEC-026, SEC-035).
    PayeeCompare = "sabotage:payee-compare",
    /// A trade that waits for its buyer is not paid (SEC-045).
    StatusCompare = "sabotage:status-compare",
    /// A callback that names a currency, or another critical value of another protocol, is no evidence (SEC-003b,
    /// SEC-034).
    ForeignNames = "sabotage:foreign-names",
    /// A claim counts only at the proof that the account requires (SEC-013, SEC-027).
    RequiredProof = "sabotage:required-proof",
    /// A callback is believed only with the right signature (SEC-012, SEC-018, SEC-032).
    NotifySignature = "sabotage:notify-signature",
    /// A signature on the answer to a query must be right (F-29).
    ReplySignature = "sabotage:reply-signature",
    /// An answer that claims anything must be signed (F-29).
    UnsignedReply = "sabotage:unsigned-reply",
    /// An answer must be about the order that was asked for (SEC-036, F-29).
    ReplyOrder = "sabotage:reply-order",
    /// A signing string that can be cut in two ways proves nothing (SEC-001, SEC-002, SEC-003).
    RecutCheck = "sabotage:recut-check",
    /// A name that stands twice refuses the whole message (SEC-075).
    DuplicateNames = "sabotage:duplicate-names",
    /// A trade pays one order only (SEC-052).
    TradeOwner = "sabotage:trade-owner",
    /// What was told once is not told again (SEC-049, SEC-057).
    ToldOnce = "sabotage:told-once",
    /// An order whose money went back before anybody was told is not told as paid (SEC-047).
    PaidNet = "sabotage:paid-net",
    /// What was paid back is taken off (SEC-051, SEC-070, F-35).
    RefundsSubtracted = "sabotage:refunds-subtracted",
    /// No more is paid back than was received (SEC-070).
    RefundLimit = "sabotage:refund-limit",
    /// A refund that may have gone out is asked about before it goes out again, under its number (SEC-070).
    RefundNumber = "sabotage:refund-number",
    /// A callback is answered after the commit that holds its evidence (SEC-064, F-02).
    CommitBeforeAck = "sabotage:commit-before-ack",
    /// What could not be stored is not acked (SEC-064, F-13).
    AckOnlyStored = "sabotage:ack-only-stored",
    /// What does not count, and stands nowhere, is not acked.
    AckOnlyCounted = "sabotage:ack-only-counted",
    /// A second opinion of `false` makes us ask: the token may have been used up (SEC-059, SEC-060).
    OneShot = "sabotage:one-shot",
    /// A callback that was taken in before a crash becomes a query at the next start (SEC-060).
    StartupQuery = "sabotage:startup-query",
    /// Nothing is closed on silence: the query before it must say that nobody has paid (F-28, F-31).
    FinalQuery = "sabotage:final-query",
    /// Nothing is closed on the word of the close call: only the query after it is believed (F-31).
    LastQuery = "sabotage:last-query",
    /// A closed order is looked at again, later (F-32).
    LateChecks = "sabotage:late-checks",
    /// No answer, or one that cannot be believed, is never "unpaid" (F-28).
    UnknownIsNotUnpaid = "sabotage:unknown-is-not-unpaid",
    /// Nothing is asked, and no answer is believed, outside of the time in which the gateway answers.
    QueryWindow = "sabotage:query-window",
    /// An open discrepancy holds the closing until somebody has looked (F-34).
    AttentionHolds = "sabotage:attention-holds",
    /// After the wall clock jumped, nothing is closed for a while (F-23).
    ClockPause = "sabotage:clock-pause",
    /// Nobody is sent to the cashier of an order that is paid (SEC-053).
    CheckoutOfPaid = "sabotage:checkout-of-paid",
    /// Callbacks cause a bounded number of queries (SEC-096).
    AskBudget = "sabotage:ask-budget",
    /// Each entry holds the hash of the one before (SEC-118).
    ChainLink = "sabotage:chain-link",
    /// The numbers of an order's events have no gaps (F-48).
    SequenceDense = "sabotage:sequence-dense",
    /// The feed of events leaves nothing out.
    FeedComplete = "sabotage:feed-complete",
    /// An event has one id, whichever try brings it (F-08).
    DeliveryId = "sabotage:delivery-id",
    /// A delivery is owed until the endpoint has said that it took it (F-47).
    DeliveryRetried = "sabotage:delivery-retried",
    /// What one worker has taken is nobody else's (F-40).
    Leases = "sabotage:leases",
    /// Who held work that somebody else has taken since writes nothing (F-40).
    Fence = "sabotage:fence",
    /// Evidence about an order that nobody made yet is kept (SEC-048, F-57).
    Parking = "sabotage:parking",
    /// Kept evidence joins its order when that appears (SEC-048).
    ParkedJoins = "sabotage:parked-joins",
    /// Money beyond what the order asks for is reported (SEC-053, F-33).
    DuplicateReported = "sabotage:duplicate-reported",
    /// Money that came although a closing stands is reported (SEC-068, F-32).
    PaidAfterCloseReported = "sabotage:paid-after-close-reported",
    /// Money of another amount is reported (SEC-033, F-34).
    MismatchReported = "sabotage:mismatch-reported",
    /// A callback under our key for another payee is reported (SEC-035).
    PayeeReported = "sabotage:payee-reported",
    /// Money for an order that nobody made is reported (SEC-048).
    UnknownOrderReported = "sabotage:unknown-order-reported",
}

#[cfg(feature = "sabotage")]
mod switched {
    use super::Defence;
    use std::cell::Cell;

    /// The word while every defence stands. It is in every program in which a defence can be taken away.
    pub(super) const NOTHING: &str = "sabotage:nothing";

    thread_local! {
        static CHOSEN: Cell<&'static str> = const { Cell::new(NOTHING) };
    }

    /// Takes one defence away, or none, in this thread and from now on.
    pub fn choose(defence: Option<Defence>) {
        CHOSEN.set(defence.map_or(NOTHING, Defence::word));
    }

    /// Whether this defence is taken away in this thread.
    #[must_use]
    pub fn removed(defence: Defence) -> bool {
        CHOSEN.get() == defence.word()
    }
}

#[cfg(all(test, feature = "sabotage"))]
mod tests {
    use super::switched::NOTHING;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_defence_has_a_word_of_its_own() {
        let words: BTreeSet<&str> = Defence::ALL.iter().map(|known| known.word()).collect();
        assert_eq!(words.len(), Defence::ALL.len());
        for defence in Defence::ALL {
            let word = defence.word();
            assert!(word.starts_with("sabotage:") && word != NOTHING, "{word}");
            assert_eq!(Defence::of(word), Some(*defence));
        }
        assert_eq!(Defence::of(NOTHING), None);
    }

    #[test]
    fn one_is_taken_away_and_only_in_this_thread() {
        let gone = || -> Vec<Defence> {
            let all = Defence::ALL.iter().copied();
            all.filter(|defence| removed(*defence)).collect()
        };
        assert_eq!(gone(), []);
        choose(Some(Defence::Leases));
        assert_eq!(gone(), [Defence::Leases]);
        choose(Some(Defence::OneShot));
        assert_eq!(gone(), [Defence::OneShot]);
        choose(None);
        assert_eq!(gone(), []);
    }
}

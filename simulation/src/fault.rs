//! What goes wrong in a world: each kind has a word, and each world has some of them.

use crate::dice::Dice;
use std::collections::BTreeMap;

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident = $word:literal,)*) => {
        /// A kind of thing that goes wrong.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub enum Fault { $($(#[$doc])* $name,)* }

        impl Fault {
            /// All of them.
            pub const ALL: &'static [Fault] = &[$(Fault::$name,)*];

            /// Its word in the summary.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Fault::$name => $word,)* }
            }
        }
    };
}

faults! {
    /// A notify never arrives.
    NotifyLost = "notify lost",
    /// A notify arrives up to 25 hours late, long after the gateway gave up waiting for its answer.
    NotifyLate = "notify late",
    /// A notify arrives twice at once.
    NotifyTwice = "notify twice",
    /// A notify is overtaken by those that were sent after it.
    NotifyOvertaken = "notify overtaken",
    /// A byte of a notify changes on the way.
    NotifyCorrupted = "notify corrupted",
    /// The answer to a notify never arrives.
    AckLost = "ack lost",
    /// Somebody sends a notify with a signature of nobody.
    BadSignature = "forged: bad signature",
    /// Somebody signs a notify with a key of his own.
    WrongKey = "forged: wrong key",
    /// Another merchant's genuine notify is sent here.
    Foreign = "forged: another merchant's",
    /// A genuine signature is cut anew, so that the same string tells another order and amount.
    Recut = "forged: cut anew",
    /// The same, so that a name stands twice.
    RecutTwice = "forged: a name twice",
    /// The same again and again, within seconds.
    Hammered = "forged: hammered",
    /// Somebody who has our key tells of money that the gateway never saw.
    KeyLeaked = "forged: leaked key",
    /// A genuine notify is sent again, any time later.
    Replayed = "notify replayed",
    /// The buyer's browser never comes back.
    ReturnLost = "return lost",
    /// The return is loaded again, and again days later.
    ReturnReplayed = "return replayed",
    /// The gateway says that it did not send what it sent.
    VerifyFalse = "verify says false",
    /// The gateway's word about a notify comes too late.
    VerifySlow = "verify slow",
    /// The gateway's word about a notify is a page of HTML.
    VerifyGarbage = "verify garbage",
    /// Somebody else asked first, and the one shot is gone.
    VerifyBurnt = "verify burnt by others",
    /// A query is answered 500.
    QueryDown = "query down",
    /// A query is answered with a page of HTML.
    QueryGarbage = "query garbage",
    /// A query is answered with how things stood 30 seconds ago.
    QueryStale = "query stale",
    /// The answer to a query has lost its signature.
    QueryUnsigned = "query unsigned",
    /// The answer to a query says that it was paid, and its signature is of another answer.
    QueryForged = "query forged",
    /// The answer to a query says that it was paid, and nobody signed it.
    QueryForgedUnsigned = "query forged, unsigned",
    /// A query is answered about another order.
    QueryOther = "query about another",
    /// A query is answered after half a minute.
    QuerySlow = "query slow",
    /// The gateway's name cannot be resolved.
    DnsDown = "dns down",
    /// The buyer pays another amount.
    AmountWrong = "amount wrong",
    /// The money of another amount is at the gateway's second house, where nobody asks.
    AmountElsewhere = "amount wrong, at the second house",
    /// The gateway tells of money in another currency.
    CurrencyWrong = "currency wrong",
    /// The money goes to somebody else.
    PayeeWrong = "payee wrong",
    /// One trade is told for two orders.
    TradeReused = "trade told twice",
    /// The buyer pays in two tabs, and both payments go through.
    PaidTwice = "paid twice",
    /// The seller's account is frozen when the buyer pays.
    SellerFrozen = "paid to a frozen seller",
    /// The gateway lets in money for a trade that it had closed.
    PaidLate = "paid after the close",
    /// The buyer goes to the cashier again after he has paid.
    CheckedOutPaid = "cashier asked for again",
    /// The buyer pays at the very moment of the closing.
    CloseRaced = "close raced by a payment",
    /// The seller asks for more back than came.
    RefundBeyond = "refund beyond what came",
    /// The seller asks for the same refund twice at once.
    RefundRepeated = "refund asked for twice",
    /// Money comes for an order before the shop made it.
    EarlyMoney = "money before its order",
    /// Money comes for an order that nobody made.
    NobodysMoney = "money for no order",
    /// The node dies before a commit.
    CrashBeforeCommit = "crash before commit",
    /// The node dies after a commit, before anybody hears of it.
    CrashAfterCommit = "crash after commit",
    /// The node dies between the gateway's word and the commit.
    CrashAfterOpinion = "crash after opinion",
    /// The node dies after it acked a notify, before the shop hears of it.
    CrashAfterAck = "crash after ack",
    /// The node dies after the shop took an event, before it knows.
    CrashDelivering = "crash delivering",
    /// The node dies while the gateway is being asked.
    CrashAsking = "crash asking",
    /// The node dies while it starts.
    CrashStarting = "crash starting",
    /// A node stands still for longer than a lease lasts, and goes on where it stood.
    Paused = "node paused",
    /// A node does not reach the database.
    CutOff = "node cut off from the database",
    /// The node is down for longer than an order's schedule.
    Outage = "outage",
    /// Nobody knows whether a commit happened: it did.
    CommitDone = "commit unknown, done",
    /// Nobody knows whether a commit happened: it did not.
    CommitLost = "commit unknown, lost",
    /// Somebody sets the node's clock.
    ClockJump = "clock jump",
    /// The shop answers 500, or nothing.
    ShopDown = "shop down",
    /// The shop is too slow.
    ShopSlow = "shop slow",
    /// The shop answers 2xx and loses what it got.
    ShopLoses = "shop loses",
    /// The shop is gone for days.
    ShopGone = "shop gone",
    /// The address of notifies is renamed; notifies on their way go to the old one.
    RouteRenamed = "notify route renamed",
    /// The account's key is exchanged; notifies on their way are signed with the old one.
    KeyExchanged = "key exchanged",
    /// The contract's queries are refused for as long as there are faults.
    QueryRefused = "queries refused",
    /// A statement is answered 500.
    StatementDown = "statement down",
    /// A statement is answered with a page of HTML.
    StatementGarbage = "statement garbage",
    /// A statement is answered as if nothing had been booked yet.
    StatementEmpty = "statement late",
    /// Somebody adds a booking to a statement; its signature is that of what the gateway wrote.
    StatementForged = "statement forged",
    /// The same, and takes the signature away.
    StatementForgedUnsigned = "statement forged, unsigned",
}

/// Which faults a world has, and how often each strikes where it can, in percent. A random subset, so that rare
/// combinations appear.
#[derive(Clone, Default, Debug)]
pub struct Swarm(BTreeMap<Fault, u32>);

impl Swarm {
    /// Some of all faults.
    #[must_use]
    pub fn draw(dice: &mut Dice) -> Swarm {
        // One world in ten has none; some have many.
        let share = *dice.pick(&[0, 10, 10, 20, 20, 30, 30, 40, 50, 70]);
        let mut chosen = BTreeMap::new();
        for fault in Fault::ALL {
            if dice.chance(share) {
                chosen.insert(*fault, *dice.pick(&[5, 10, 20, 35, 60, 90]));
            }
        }
        Swarm(chosen)
    }

    /// How often this one strikes, in percent; 0 for one that this world has not.
    #[must_use]
    pub fn percent(&self, fault: Fault) -> u32 {
        self.0.get(&fault).copied().unwrap_or(0)
    }

    /// Those that this world has.
    pub fn iter(&self) -> impl Iterator<Item = Fault> + '_ {
        self.0.keys().copied()
    }
}

//! The terminals of CodePay's merchants: what waits at each, and what a customer or its operator does there.

use crate::denied::Denied;
use crate::gateway::Gateway;
use crate::order::{Key, Order, Step};
use crate::sandbox::Sandbox;
use crate::trade::State;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::Code;
use quittance_core::gateway::codepay::gateway_side::{App, Ending, Merchant, Push, Queue};
use std::collections::{BTreeMap, VecDeque};

/// One terminal.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    pub(crate) merchant_no: String,
    pub(crate) online: bool,
    /// What waits there: the first is on its screen.
    pub(crate) queue: VecDeque<Key>,
}

/// What a person sees of a terminal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TerminalView {
    /// Its serial number.
    pub terminal_sn: String,
    /// Whose it is.
    pub merchant_no: String,
    /// Whether the gateway reaches it.
    pub online: bool,
    /// The numbers of the orders that wait there: the first is on its screen.
    pub queue: Vec<String>,
}

/// A button of a terminal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Press {
    /// The customer presents a card.
    Start,
    /// The payment, or what else is on the screen, succeeds.
    Approve,
    /// It does not.
    End(Ending),
    /// The terminal comes back, or goes.
    Online(bool),
}

impl Press {
    /// The button of a short word.
    pub(crate) fn of_word(word: &str) -> Option<Press> {
        match word {
            "start" => Some(Press::Start),
            "approve" => Some(Press::Approve),
            "decline" => Some(Press::End(Ending::Declined)),
            "cancel" => Some(Press::End(Ending::Cancelled)),
            "time-out" => Some(Press::End(Ending::TimedOut)),
            "offline" => Some(Press::Online(false)),
            "online" => Some(Press::Online(true)),
            _ => None,
        }
    }
}

/// The terminals of these apps' merchants, online and with nothing to do. One that another merchant has already is taken
/// away from the later.
pub(crate) fn keep_terminals(apps: &mut [App]) -> BTreeMap<String, Terminal> {
    let mut terminals: BTreeMap<String, Terminal> = BTreeMap::new();
    for merchant in apps.iter_mut().flat_map(|app| &mut app.merchants) {
        let Merchant {
            merchant_no,
            terminals: theirs,
            ..
        } = merchant;
        theirs.retain(|terminal_sn| {
            let new = !terminals.contains_key(terminal_sn);
            if new {
                let idle = Terminal {
                    merchant_no: merchant_no.clone(),
                    online: true,
                    queue: VecDeque::new(),
                };
                terminals.insert(terminal_sn.clone(), idle);
            }
            new
        });
    }
    terminals
}

impl Sandbox {
    /// Every terminal, by its serial number.
    #[must_use]
    pub fn terminals(&self) -> Vec<TerminalView> {
        let view = |(terminal_sn, terminal): (&String, &Terminal)| TerminalView {
            terminal_sn: terminal_sn.clone(),
            merchant_no: terminal.merchant_no.clone(),
            online: terminal.online,
            queue: terminal
                .queue
                .iter()
                .map(|key| key.out_trade_no.clone())
                .collect(),
        };
        self.terminals.iter().map(view).collect()
    }

    /// From now on the gateway reaches this terminal, or does not. Whether there is such a terminal. What waits there stays.
    pub fn set_online(&mut self, terminal_sn: &str, online: bool) -> bool {
        let terminal = self.terminals.get_mut(terminal_sn);
        terminal.map(|terminal| terminal.online = online).is_some()
    }

    /// The customer presents a card at the terminal, or begins to pay on the page: `trans_status` 0 from now on.
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_STATUS_ERROR` where it does not wait, is not on the screen of its terminal, or that is
    /// offline.
    pub fn payment_starts(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
    ) -> Result<(), Code> {
        self.expire(now);
        self.start(now, &Key::new(partner, out_trade_no))
    }

    /// The payment ends without money: at the terminal, or on the page, whose customer can only be declined.
    ///
    /// # Errors
    /// `TRADE_NOT_EXIST`; `TRADE_STATUS_ERROR` where it is over already, is not on the screen of its terminal, or that is
    /// offline.
    pub fn payment_ends(
        &mut self,
        now: Timestamp,
        partner: &str,
        out_trade_no: &str,
        ending: Ending,
    ) -> Result<(), Code> {
        self.expire(now);
        self.end(now, &Key::new(partner, out_trade_no), ending)
    }

    /// Presses a button of this terminal; `shown` is the order that whoever presses it saw on the screen, if he did.
    pub(crate) fn press(
        &mut self,
        now: Timestamp,
        terminal_sn: &str,
        press: Press,
        shown: Option<&Key>,
    ) -> Result<(), Denied> {
        self.expire(now);
        if let Press::Online(online) = press {
            let known = self.set_online(terminal_sn, online);
            return known.then_some(()).ok_or(Denied::NoTerminal);
        }
        let terminal = self.terminals.get(terminal_sn).ok_or(Denied::NoTerminal)?;
        let front = terminal.queue.front().cloned().ok_or(Denied::NotAtHand)?;
        if shown.is_some_and(|shown| *shown != front) {
            return Err(Denied::NotAtHand);
        }
        let done = match press {
            Press::Start => self.start(now, &front),
            Press::Approve => self.approve(now, &front),
            Press::End(ending) => self.end(now, &front, ending),
            Press::Online(_) => Ok(()),
        };
        done.map_err(|_| Denied::NotAtHand)
    }

    pub(crate) fn is_online(&self, terminal_sn: &str) -> bool {
        let terminal = self.terminals.get(terminal_sn);
        terminal.is_some_and(|terminal| terminal.online)
    }

    /// Whether somebody can do something with it now: it is not over, and on the screen of its terminal, if it has one.
    pub(crate) fn is_at_hand(&self, key: &Key) -> bool {
        let payable = |order: &&Order| order.state().is_some_and(State::payable);
        let Some(order) = self.orders.get(key).filter(payable) else {
            return false;
        };
        let Some(push) = order.asked.push() else {
            return true;
        };
        let terminal = self.terminals.get(&push.terminal_sn);
        terminal.is_some_and(|terminal| terminal.online && terminal.queue.front() == Some(key))
    }

    /// The customer pays, or the terminal does what else it was asked for.
    pub(crate) fn approve(&mut self, now: Timestamp, key: &Key) -> Result<(), Code> {
        self.codepays(key)?;
        if !self.is_at_hand(key) {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        let sale = self
            .orders
            .get(key)
            .is_some_and(|order| order.asked.sale().is_some());
        if !sale {
            self.give_back(now, key);
            return Ok(());
        }
        self.let_in(now, key, Step::Paid)?;
        self.leave_terminal(key);
        Ok(())
    }

    pub(crate) fn start(&mut self, now: Timestamp, key: &Key) -> Result<(), Code> {
        let waits = self.codepays(key)?.state() == Some(State::Waits);
        if !waits || !self.is_at_hand(key) {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        let number = self.count();
        if let Some(order) = self.orders.get_mut(key) {
            order.changes(number, now, Step::Started);
            if let Some(trade) = order.trade.as_mut() {
                trade.state = State::Paying;
            }
        }
        Ok(())
    }

    pub(crate) fn end(&mut self, now: Timestamp, key: &Key, ending: Ending) -> Result<(), Code> {
        let at_terminal = self.codepays(key)?.asked.push().is_some();
        let possible = at_terminal || ending == Ending::Declined;
        if !possible || !self.is_at_hand(key) {
            return Err(Code("TRADE_STATUS_ERROR"));
        }
        self.over(now, key, ending);
        Ok(())
    }

    /// It is over without money, and the merchant is told why.
    pub(super) fn over(&mut self, now: Timestamp, key: &Key, ending: Ending) {
        self.shut(now, key, Step::Ended(ending));
        if let Some(trade) = self
            .orders
            .get_mut(key)
            .and_then(|order| order.trade.as_mut())
        {
            trade.ending = Some(ending);
        }
        self.tell_trade(now, key);
    }

    /// A notify of the trade as it stands starts.
    pub(super) fn tell_trade(&mut self, now: Timestamp, key: &Key) {
        if let Some(trade) = self.orders.get(key).and_then(|order| order.trade.clone()) {
            self.notify(now, key, trade);
        }
    }

    /// Puts an order where its turn comes: behind all others, or before those that have not begun.
    pub(super) fn enqueue(&mut self, key: &Key, push: &Push) {
        let paying = |key: &Key| self.orders.get(key).and_then(Order::state) == Some(State::Paying);
        let Some(terminal) = self.terminals.get(&push.terminal_sn) else {
            return;
        };
        let begun = terminal.queue.front().is_some_and(paying);
        let Some(terminal) = self.terminals.get_mut(&push.terminal_sn) else {
            return;
        };
        match push.queue {
            Queue::Fifo => terminal.queue.push_back(key.clone()),
            Queue::Filo => terminal.queue.insert(usize::from(begun), key.clone()),
        }
    }

    /// Takes an order out of the queue of its terminal.
    pub(crate) fn leave_terminal(&mut self, key: &Key) {
        let order = self.orders.get(key);
        let Some(push) = order.and_then(|order| order.asked.push()) else {
            return;
        };
        if let Some(terminal) = self.terminals.get_mut(&push.terminal_sn) {
            terminal.queue.retain(|known| known != key);
        }
    }

    /// An order of CodePay's; another gateway's does not exist at this one.
    fn codepays(&self, key: &Key) -> Result<&Order, Code> {
        let is_its = |order: &&Order| order.asked.gateway() == Gateway::CodePay;
        let order = self.orders.get(key).filter(is_its);
        order.ok_or(Code("TRADE_NOT_EXIST"))
    }
}

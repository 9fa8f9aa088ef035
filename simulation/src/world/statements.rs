//! What the gateway's two houses booked, as one account has it, and what somebody on the way makes of it.

use super::World;
use super::alipay;
use super::contract::contract_of;
use super::gateway::House;
use super::wire::unsigned;
use crate::fault::Fault;
use quittance_core::gateway::alipay::gateway_side::{
    self, Booking, BookingKind, Call, StatementAsked, statement_reply,
};
use quittance_core::http::Reply;
use quittance_core::{Currency, Money};

/// The trade of a booking that nobody made.
const FORGED_TRADE: &str = "2026999999999999999999999999";

impl World {
    /// The answer to a question about a statement; `None` where the gateway refuses it.
    pub fn statement(&self, query: &str, body: &[u8]) -> Option<Reply> {
        let merchant = |partner: &str| {
            let contract = contract_of(&self.contracts, partner)?;
            Some(alipay::merchant(contract, contract.terms()?))
        };
        let call = gateway_side::read_call(query.as_bytes(), body, &merchant);
        let Ok(Call::Statement(asked)) = call else {
            return None;
        };
        let merchant = merchant(&asked.partner)?;
        if asked.from > self.clock.now() {
            return Some(gateway_side::error_reply(gateway_side::Code(
                "START_DATE_AFTER_NOW",
            )));
        }
        let strikes = |fault| self.fates.strikes(fault);
        let mut rows = self.bookings(&asked);
        let empty = strikes(Fault::StatementEmpty);
        if empty {
            rows.clear();
        }
        let right = statement_reply(&asked, &rows, &merchant);
        let unsigned_too = strikes(Fault::StatementForgedUnsigned);
        if empty || unsigned_too {
            let account = contract_of(&self.contracts, &asked.partner)?.account;
            let at = self.clock.micros();
            self.write(|truth| truth.empty_statements.push((account.to_owned(), at)));
        }
        if !unsigned_too && !strikes(Fault::StatementForged) {
            return Some(right);
        }
        let Some(forged) = self.forged_booking(&asked) else {
            return Some(right);
        };
        rows.push(forged);
        let forged = statement_reply(&asked, &rows, &merchant);
        Some(match unsigned_too {
            true => unsigned(forged),
            false => signed_as(forged, &right),
        })
    }

    /// What both houses booked, in order of time.
    fn bookings(&self, asked: &StatementAsked) -> Vec<Booking> {
        let mut rows: Vec<Booking> = House::BOTH
            .into_iter()
            .flat_map(|house| self.at_gateway(house, |sandbox| sandbox.bookings(asked)))
            .collect();
        rows.sort_by_key(|row| row.at);
        rows
    }

    /// A payment that never was, of the order that somebody would like to be paid.
    fn forged_booking(&self, asked: &StatementAsked) -> Option<Booking> {
        let contract = contract_of(&self.contracts, &asked.partner)?;
        let (order_no, amount) = self.dearest_unpaid(contract.account)?;
        let amount = Money::parse(&amount, Currency::CNY).ok()?;
        let nothing = Money::new(0, Currency::CNY);
        Some(Booking {
            flow_no: "1".to_owned(),
            at: asked.from,
            kind: BookingKind::OnlinePayment,
            out_trade_no: order_no,
            trade_no: FORGED_TRADE.to_owned(),
            buyer_id: "2088000000000999".to_owned(),
            buyer_email: "buyer@example.com".to_owned(),
            income: amount,
            outgoing: nothing,
            balance: amount,
            goods: "forged".to_owned(),
            remark: String::new(),
        })
    }
}

/// The reply with the signature of another one.
fn signed_as(reply: Reply, other: &Reply) -> Reply {
    let text = |reply: &Reply| String::from_utf8_lossy(&reply.body).into_owned();
    let (forged, right) = (text(&reply), text(other));
    let body = match (forged.split_once("<sign>"), right.split_once("<sign>")) {
        (Some((content, _)), Some((_, sign))) => format!("{content}<sign>{sign}"),
        _ => forged,
    };
    Reply {
        body: body.into_bytes(),
        ..reply
    }
}

//! Statements: what was booked on the account (note 5.4, 5.5).
//!
//! | service | a part is | its rows are signed |
//! |---|---|---|
//! | `export_trade_account_report` | the online payments, then the transfers of the time | as one value, which is a table |
//! | `account.page.query` | a page of both | as one value, which is the text of the list |
//!
//! **What is believed.** A row under a right signature is proof: it is the gateway's own word to our own question. A
//! row that came without any is a hint, which only makes us ask. A signature that is there and wrong refuses the whole
//! part, and so does everything that is not as the gateway sends it: of a part that cannot be read to its end nothing
//! is believed. Rows that name no order or no trade in strict format are counted and claim nothing.
//!
//! **What a row claims.** Income is the payment of its order, with the sum that was booked: the fold knows that a
//! coupon's part may be missing in it. What left the account under a trade's number says that a refund of it exists,
//! and never how much was refunded: two rows of two refunds, told apart by their times, are two reasons to ask.
//!
//! **The time.** A question ends with the instant that is not meant any more. A page does not hold it, says the
//! gateway's document where a public program quotes it; what the report does is not documented, and a row that is told
//! on both days is one claim, while a row that neither day tells would be lost. So a row outside of the time that was
//! asked for is no error and counts like any other.

mod page;
mod report;
mod row;

use super::envelope::{Business, Envelope, Limits, STATEMENT_BYTES_MAX};
use super::{Account, NAME, StatementService, query, trade};
use crate::facts::Proof;
use crate::gateway::{NotSupported, Stated, StatementCall};
use crate::http::{Reply, Request};
use crate::params::Params;
use crate::sabotage::{Defence, removed};
use jiff::SignedDuration;

/// Days are Beijing's (note 2.1).
pub(super) fn clock(account: &Account) -> Result<i32, NotSupported> {
    account.extras.statement.map(|_| 8 * 3_600).ok_or(NONE)
}

const NONE: NotSupported = NotSupported {
    gateway: NAME,
    flow: "statement",
};

/// No question may span more (note 5.4, 5.5).
const SPAN_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The parameters of a question that are its own.
type Fields = Vec<(&'static str, String)>;

/// The question for a part. A part that the service has not, or a time that it does not answer for, is not supported:
/// whoever goes on while another part follows never asks for one.
pub(super) fn request(account: &Account, call: &StatementCall) -> Result<Request, NotSupported> {
    let service = account.extras.statement.ok_or(NONE)?;
    let span = call.to.duration_since(call.from);
    if !span.is_positive() || span > SPAN_MAX {
        return Err(NONE);
    }
    let (name, own) = match service {
        StatementService::Report => report::question(account, call),
        StatementService::Pages => page::question(call),
    }
    .ok_or(NONE)?;
    let mut fields = vec![
        ("service", name),
        ("partner", account.settings.partner.as_str()),
        ("_input_charset", account.settings.charset.label()),
    ];
    fields.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
    let address = account.address(&account.signed(&fields));
    Ok(Request::get(address).with_reply_max(STATEMENT_BYTES_MAX))
}

/// The answer to it. What cannot be believed in full says nothing.
pub(super) fn read(account: &Account, call: &StatementCall, reply: &Reply) -> Stated {
    let read = match account.extras.statement {
        Some(StatementService::Report) => report::read(account, call, reply),
        Some(StatementService::Pages) => page::read(account, call, reply),
        None => Err("the account reads no statements".to_owned()),
    };
    read.unwrap_or_else(Stated::unknown)
}

/// The result of this name in the answer, and how far its rows are proven.
fn result(
    account: &Account,
    limits: &'static Limits,
    name: &str,
    reply: &Reply,
) -> Result<(Business, Proof), String> {
    let mut envelope = Envelope::read_within(limits, reply, account.settings.charset)?;
    if let Some(code) = envelope.error.take() {
        return Err(code);
    }
    let business = envelope
        .business
        .take()
        .filter(|business| business.name == name)
        .ok_or("the answer holds no statement of the service that was asked")?;
    let signed = query::check_signature(account, &envelope, &business.children)?;
    let proof = match signed || removed(Defence::UnsignedReply) {
        true => Proof::Queried,
        false => Proof::Hint,
    };
    Ok((business, proof))
}

/// A number that counts something.
fn number(result: &Params, name: &str) -> Option<usize> {
    let text = trade::text(result, name)?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

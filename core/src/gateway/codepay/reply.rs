//! The answer to a call (note 1.5): flat JSON, the business fields as JSON in one of its texts, signed.
//!
//! Whether errors are always signed is not documented. So an error may be unsigned, and a success may not; a signature
//! that is there must be right. The gateway's own library takes an answer without a signature for verified (note 1.4);
//! nobody should.

use super::{Account, seal, words};
use crate::flat::Flat;
use crate::http::Reply;
use crate::sabotage::{Defence, removed};

/// An answer whose signature, where it has one, is right.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    /// What became of the call; not of a payment.
    pub(super) code: String,
    /// The gateway's text.
    pub(super) msg: Option<String>,
    /// The business fields.
    pub(super) data: Flat,
}

impl Envelope {
    /// Reads an answer.
    ///
    /// # Errors
    /// Why it says nothing.
    pub(super) fn read(account: &Account, reply: &Reply) -> Result<Envelope, String> {
        if reply.status != 200 {
            return Err(format!("the HTTP status is {}", reply.status));
        }
        let message = Flat::parse(&reply.body).map_err(|error| error.to_string())?;
        let envelope = Envelope::parse(&message)?;
        check_signature(account, &message, &envelope.code)?;
        Ok(envelope)
    }

    /// The fields, whoever signed them.
    pub(super) fn parse(message: &Flat) -> Result<Envelope, String> {
        let code = message
            .get("code")
            .filter(|code| is_code(code))
            .ok_or("the answer has no code")?;
        let data = match message.get("data") {
            Some(data) => Flat::parse(data.as_bytes())
                .map_err(|error| format!("the answer's data: {error}"))?,
            None => Flat::default(),
        };
        Ok(Envelope {
            code: code.to_owned(),
            msg: message.get("msg").map(str::to_owned),
            data,
        })
    }

    /// Whether the call was accepted and executed.
    pub(super) fn ok(&self) -> bool {
        self.code == words::OK
    }

    /// Code and text, as far as they say anything.
    pub(super) fn reason(&self) -> Option<String> {
        match self.ok() {
            true => None,
            false => words::reason(Some(&self.code), self.msg.as_deref()),
        }
    }

    /// Whether the code is the gateway's verdict about what was asked: not one about its own state or the contract's
    /// (note 5).
    pub(super) fn decided(&self) -> bool {
        let own_trouble = ["SYS", "E07", "CLI", "SIM_"];
        !self.ok()
            && !own_trouble
                .iter()
                .any(|family| self.code.starts_with(family))
    }
}

/// Whether the answer carries our gateway's signature, where it has to.
pub(super) fn check_signature(account: &Account, message: &Flat, code: &str) -> Result<(), String> {
    match seal::signature(message) {
        Ok(sign) if account.verifies(message, sign, None) => Ok(()),
        Ok(_) if removed(Defence::ReplySignature) => Ok(()),
        Ok(_) => Err("unsigned: the answer's signature is wrong".to_owned()),
        Err(_) if code != words::OK || removed(Defence::UnsignedReply) => Ok(()),
        Err(_) => Err("unsigned: a success without a signature".to_owned()),
    }
}

/// Whether this may be one of the gateway's codes (note 5).
fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=32).contains(&text.len()) && text.bytes().all(plain)
}

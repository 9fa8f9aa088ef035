//! Messages that leave with another amount or signature than they should.

use crate::asked::{Asked, in_currency_of};
use crate::codepay::message;
use crate::faults::{Alteration, fee};
use crate::gateway::Gateway;
use crate::remark::Fault;
use quittance_core::Money;
use quittance_core::http::Reply;
use quittance_core::params::Params;

impl Alteration {
    /// The message about a trade of this order that `write` makes and signs, altered.
    pub(crate) fn wire(
        self,
        asked: &Asked,
        write: impl FnOnce(&Asked) -> Option<Vec<u8>>,
    ) -> Option<Vec<u8>> {
        let other = self.amount.filter(|_| !self.tamper);
        let wire = match other {
            Some(amount) => write(&asked.clone().with_amount(amount))?,
            None => write(asked)?,
        };
        let fee = asked.amount();
        // One fen more than the truth is wrong enough to be found, and small enough to be overlooked.
        let more = Money::new(fee.minor.saturating_add(1), fee.currency);
        let other = self.amount.map(|amount| in_currency_of(fee, amount));
        let fee = other.unwrap_or(more).decimal();
        let amount_field = asked.gateway().amount_field();
        if asked.gateway() == Gateway::CodePay {
            return Some(self.json(wire, amount_field, &fee));
        }
        let change = |name: &str, value: &[u8]| match name {
            name if self.tamper && name == amount_field => Some(fee.clone().into_bytes()),
            "sign" if self.forge => Some(forged(value)),
            _ => None,
        };
        Some(match self.tamper || self.forge {
            true => rewritten(&wire, change),
            false => wire,
        })
    }

    /// A message in JSON, altered after signing.
    fn json(self, wire: Vec<u8>, amount_field: &str, fee: &str) -> Vec<u8> {
        let wire = match self.tamper {
            true => message::with(&wire, amount_field, |_| fee.to_owned()),
            false => wire,
        };
        match self.forge {
            true => message::forged(&wire),
            false => wire,
        }
    }

    /// What of it a batch of refunds can suffer: its amounts are those of the refunds, so there is no signed lie.
    pub(crate) fn of_batch(self) -> Alteration {
        Alteration {
            amount: self.amount.filter(|_| self.tamper),
            ..self
        }
    }

    /// The signed message about a batch of refunds, altered: the first amount, the signature.
    pub(crate) fn batch_wire(self, wire: Vec<u8>) -> Vec<u8> {
        let change = |name: &str, value: &[u8]| match name {
            "result_details" if self.tamper => Some(self.other_amount(value)),
            "sign" if self.forge => Some(forged(value)),
            _ => None,
        };
        if self.tamper || self.forge {
            rewritten(&wire, change)
        } else {
            wire
        }
    }

    /// `trade^amount^RESULT…` with the amount that is wanted, else a fen more.
    fn other_amount(self, details: &[u8]) -> Vec<u8> {
        let text = String::from_utf8_lossy(details);
        let mut parts: Vec<String> = text.splitn(3, '^').map(str::to_owned).collect();
        if let Some(amount) = parts.get_mut(1) {
            let told = fee(amount).map(|told| Money::new(told.minor + 1, told.currency));
            if let Some(other) = self.amount.or(told) {
                *amount = other.decimal();
            }
        }
        parts.join("^").into_bytes()
    }

    /// What there is to say about it.
    pub(crate) fn faults(self) -> impl Iterator<Item = Fault> {
        let amount = self.amount.filter(|_| !self.tamper).map(Fault::Amount);
        let tampered = self.tamper.then_some(Fault::Tampered);
        let forged = self.forge.then_some(Fault::Forged);
        amount.into_iter().chain(tampered).chain(forged)
    }
}

/// The envelope without its signature. What it tells is escaped, so no element of these names stands in it.
pub(crate) fn unsigned(mut reply: Reply) -> Reply {
    let start = |part: &[u8]| reply.body.windows(part.len()).rposition(|at| at == part);
    let cut = start(b"<sign>").zip(start(b"</alipay>"));
    if let Some((from, to)) = cut.filter(|(from, to)| from < to) {
        reply.body.drain(from..to);
    }
    reply
}

fn rewritten(wire: &[u8], change: impl Fn(&str, &[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut params = Params::new();
    // The gateway's side wrote it: it parses, and has no field twice.
    for (name, value) in Params::parse(wire).unwrap_or_default().iter() {
        let changed = change(name, value);
        let _ = params.push(name, changed.as_deref().unwrap_or(value));
    }
    params.to_wire().into_bytes()
}

/// A signature that looks like one: every digit or letter is another, hexadecimal where all of them were. In base64 the
/// last ones stay, since not every letter may stand there.
pub(crate) fn forged(sign: &[u8]) -> Vec<u8> {
    let hexadecimal = sign.iter().all(u8::is_ascii_hexdigit);
    let kept = if hexadecimal { 0 } else { 4 };
    let (changed, end) = sign.split_at(sign.len().saturating_sub(kept));
    let other = |digit: &u8| match digit {
        b'9' if hexadecimal => b'a',
        b'f' if hexadecimal => b'0',
        b'9' => b'0',
        b'z' => b'a',
        b'Z' => b'A',
        digit if digit.is_ascii_alphanumeric() => digit + 1,
        sign => *sign,
    };
    changed
        .iter()
        .map(other)
        .chain(end.iter().copied())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A forged signature is another one in the same writing: a reader that only looks at its form takes it.
    #[test]
    fn a_forged_signature_looks_like_one() {
        for (sign, made) in [("0f9a", "10ab"), ("Zz9+/Qab01c4Q=", "Aa0+/Rbc12c4Q=")] {
            assert_eq!(forged(sign.as_bytes()), made.as_bytes());
        }
    }
}

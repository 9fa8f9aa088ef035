//! Timestamps against phishing: `query_timestamp` gives one out, the next payment request brings it back (protocol
//! note 4).

use jiff::SignedDuration;
use quittance_core::Timestamp;
use quittance_core::gateway::alipay::gateway_side::Code;
use std::collections::VecDeque;

/// How long one can be used.
const LIFE: SignedDuration = SignedDuration::from_secs(30);
/// So many are remembered; beyond them the oldest are unknown again.
const KEYS_MAX: usize = 10_000;

/// What was given out lately, oldest first.
#[derive(Clone, Default, Debug)]
pub(crate) struct Keys(VecDeque<Key>);

#[derive(Clone, Debug)]
struct Key {
    at: Timestamp,
    partner: String,
    text: String,
}

impl Keys {
    /// Remembers one.
    pub(crate) fn give(&mut self, now: Timestamp, partner: &str, text: &str) {
        if self.0.len() == KEYS_MAX {
            self.0.pop_front();
        }
        self.0.push_back(Key {
            at: now,
            partner: partner.to_owned(),
            text: text.to_owned(),
        });
    }

    /// Whether this merchant may use this one now. It is not used up: the notes know no such rule, and a buyer may
    /// reload the page that sent him.
    ///
    /// # Errors
    /// `ILLEGAL_ANTI_PHISHING_KEY` where it was never given to him, `ANTI_PHISHING_KEY_TIMEOUT` when it is too old.
    pub(crate) fn check(&self, now: Timestamp, partner: &str, text: &str) -> Result<(), Code> {
        let is_it = |key: &&Key| key.partner == partner && key.text == text;
        let key = self.0.iter().rev().find(is_it);
        let key = key.ok_or(Code("ILLEGAL_ANTI_PHISHING_KEY"))?;
        if now.duration_since(key.at) > LIFE {
            return Err(Code("ANTI_PHISHING_KEY_TIMEOUT"));
        }
        Ok(())
    }
}

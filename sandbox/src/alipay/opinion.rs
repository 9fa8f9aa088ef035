//! Which notify ids the gateway stands by, and for how long: what `notify_verify` answers from.

use jiff::SignedDuration;
use quittance_core::Timestamp;
use std::collections::BTreeMap;

/// A callback is confirmed for one minute (seed 001 5.2 E, seed 003 (6) and (12)).
const WINDOW_MILLIS: i64 = 60_000;
/// However fast the sandbox runs, a merchant gets this long to ask.
const WINDOW_MILLIS_MIN: i64 = 5_000;
/// From this many ids on, those whose minute is over are forgotten: the answer to them stays `false`.
const TOKENS_MAX: usize = 10_000;

/// Every notify id that was given out.
#[derive(Clone, Debug)]
pub(crate) struct Opinions {
    window: SignedDuration,
    tokens: BTreeMap<String, Token>,
}

#[derive(Clone, Debug)]
struct Token {
    partner: String,
    out_trade_no: String,
    /// Since when it may be confirmed.
    opened: Timestamp,
    /// Whether it was confirmed since then: once is all (seed 003 (12)).
    used: bool,
}

impl Opinions {
    /// None yet. The window shrinks with the speed, since the gaps between attempts do.
    pub(crate) fn new(speed: u32) -> Opinions {
        let millis = (WINDOW_MILLIS / i64::from(speed.max(1))).max(WINDOW_MILLIS_MIN);
        Opinions {
            window: SignedDuration::from_millis(millis),
            tokens: BTreeMap::new(),
        }
    }

    /// Opens the minute of this id, also when it was open or used before: each attempt of a notify must be
    /// confirmable, so the minute and the one shot start again with it (protocol note 3.1).
    pub(crate) fn open(
        &mut self,
        notify_id: &str,
        partner: &str,
        out_trade_no: &str,
        now: Timestamp,
    ) {
        if self.tokens.len() >= TOKENS_MAX {
            let window = self.window;
            self.tokens
                .retain(|_, token| now.duration_since(token.opened) <= window);
        }
        let token = Token {
            partner: partner.to_owned(),
            out_trade_no: out_trade_no.to_owned(),
            opened: now,
            used: false,
        };
        self.tokens.insert(notify_id.to_owned(), token);
    }

    /// The gateway's word: `true` once inside the minute; `false` for the unknown, the late, the used and what belongs
    /// to another partner; `invalid` for a question without a partner or an id.
    pub(crate) fn ask(&mut self, partner: &str, notify_id: &str, now: Timestamp) -> &'static str {
        if partner.is_empty() || notify_id.is_empty() {
            return "invalid";
        }
        let window = self.window;
        match self.tokens.get_mut(notify_id) {
            Some(token) if token.partner == partner && token.fresh(now, window) => {
                token.used = true;
                "true"
            }
            _ => "false",
        }
    }

    /// The order that this partner's id was about.
    pub(crate) fn order_of(&self, partner: &str, notify_id: &str) -> Option<&str> {
        self.tokens
            .get(notify_id)
            .filter(|token| token.partner == partner)
            .map(|token| token.out_trade_no.as_str())
    }
}

impl Token {
    fn fresh(&self, now: Timestamp, window: SignedDuration) -> bool {
        !self.used && now.duration_since(self.opened) <= window
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_true_once_inside_the_minute_and_again_after_the_next_attempt() {
        let start: Timestamp = "2024-01-01T04:00:00Z".parse().unwrap();
        let after = |millis: i64| {
            start
                .checked_add(SignedDuration::from_millis(millis))
                .unwrap()
        };
        let mut opinions = Opinions::new(1);
        opinions.open("id", "2088", "A", start);
        assert_eq!(opinions.ask("", "id", start), "invalid");
        assert_eq!(opinions.ask("2088", "", start), "invalid");
        assert_eq!(opinions.ask("2089", "id", start), "false");
        assert_eq!(opinions.ask("2088", "other", start), "false");
        assert_eq!(opinions.ask("2088", "id", after(60_001)), "false");
        assert_eq!(opinions.ask("2088", "id", after(60_000)), "true");
        assert_eq!(opinions.ask("2088", "id", after(60_000)), "false");
        opinions.open("id", "2088", "A", after(120_000));
        assert_eq!(opinions.ask("2088", "id", after(120_001)), "true");
        assert_eq!(opinions.order_of("2088", "id"), Some("A"));
        assert_eq!(opinions.order_of("2089", "id"), None);
    }

    #[test]
    fn the_minute_shrinks_with_the_speed_but_never_below_five_seconds() {
        let start: Timestamp = "2024-01-01T04:00:00Z".parse().unwrap();
        let after = |millis: i64| {
            start
                .checked_add(SignedDuration::from_millis(millis))
                .unwrap()
        };
        for (speed, millis) in [(0, 60_000), (6, 10_000), (1_000, 5_000), (u32::MAX, 5_000)] {
            let mut opinions = Opinions::new(speed);
            opinions.open("id", "2088", "A", start);
            assert_eq!(
                opinions.ask("2088", "id", after(millis + 1)),
                "false",
                "{speed}"
            );
            assert_eq!(opinions.ask("2088", "id", after(millis)), "true", "{speed}");
        }
    }
}

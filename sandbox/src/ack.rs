//! What counts as an acknowledgement of a notify.

use crate::remark::Warning;
use quittance_core::http::Reply;

/// Whether a notify was acknowledged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ack {
    /// On its way.
    Pending,
    /// The merchant answered the word that ends the deliveries.
    Acked,
    /// Anything else came back, or nothing did.
    Refused,
    /// It never went out: a fault loses it.
    Lost,
}

impl Ack {
    /// Its short word, in the API and on the timeline.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Ack::Pending => "pending",
            Ack::Acked => "acked",
            Ack::Refused => "refused",
            Ack::Lost => "lost",
        }
    }
}

/// The acknowledgement is status 200 and exactly the seven characters `success` (seed 001 5.2 F, seed 003 (7)). The
/// seed's own Java sample prints a line end behind them, so one alone is taken, with a warning.
pub(crate) fn judge(outcome: &Result<Reply, String>, strict: bool) -> (Ack, Option<Warning>) {
    let refused = |why: Warning| (Ack::Refused, Some(why));
    let reply = match outcome {
        Ok(reply) => reply,
        Err(why) => return refused(Warning::NoAnswer(why.clone())),
    };
    let body = reply.body.as_slice();
    match (reply.status, body) {
        (200, b"success") => (Ack::Acked, None),
        (200, b"success\n" | b"success\r\n" | b"success\r") if strict => {
            refused(Warning::LineEndRefused)
        }
        (200, b"success\n" | b"success\r\n" | b"success\r") => (Ack::Acked, Some(Warning::LineEnd)),
        (200, _) if body.windows(7).any(|part| part == b"success") => refused(Warning::NotAlone),
        (200, _) => refused(Warning::NotSuccess),
        (status @ 300..=399, _) => refused(Warning::Redirect(status)),
        (status, _) => refused(Warning::Status(status)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, strict: bool, acked: bool, warned: bool) {
        let (ack, warning) = judge(&Ok(Reply::new(status, body)), strict);
        assert_eq!(
            (ack == Ack::Acked, warning.is_some()),
            (acked, warned),
            "{status} {body:?} {strict}"
        );
    }

    #[test]
    fn only_the_exact_word_is_an_acknowledgement() {
        check(200, "success", false, true, false);
        check(200, "success", true, true, false);
        for line_end in ["success\n", "success\r\n", "success\r"] {
            check(200, line_end, false, true, true);
            check(200, line_end, true, false, true);
        }
        for body in [
            "",
            "SUCCESS",
            "Success",
            "fail",
            " success",
            "success ",
            "success\n\n",
            "\u{feff}success",
        ] {
            check(200, body, false, false, true);
        }
        check(200, "<html>success</html>", false, false, true);
        for status in [201, 204, 301, 302, 303, 400, 404, 500, 503] {
            check(status, "success", false, false, true);
        }
        assert_eq!(judge(&Err("time-out".into()), false).0, Ack::Refused);
    }
}

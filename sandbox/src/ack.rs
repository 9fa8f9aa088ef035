//! What counts as an acknowledgement of a notify.

use crate::gateway::Gateway;
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

/// The acknowledgement is status 200 and exactly the gateway's word: `success` (seed 001 5.2 F, seed 003 (7)), `SUCCESS`
/// (seed 000 1 and 7). Alipay's own Java sample prints a line end behind it, so one alone is taken there, with a warning,
/// where the sandbox is not strict. That only status 200 counts at Dinpay is inferred (protocol note dinpay 2.4); that a
/// redirect does not is seed 000 8. At CodePay white space around the word is let pass: the sources do not say (protocol
/// note codepay 3, 7).
pub(crate) fn judge(
    outcome: &Result<Reply, String>,
    gateway: Gateway,
    strict: bool,
) -> (Ack, Option<Warning>) {
    let refused = |why: Warning| (Ack::Refused, Some(why));
    let reply = match outcome {
        Ok(reply) => reply,
        Err(why) => return refused(Warning::NoAnswer(why.clone())),
    };
    let word = gateway.ack();
    let body = reply.body.as_slice();
    let behind = body.strip_prefix(word.as_bytes());
    match (reply.status, behind) {
        (200, Some(b"")) => (Ack::Acked, None),
        (200, _) if gateway == Gateway::CodePay && body.trim_ascii() == word.as_bytes() => {
            (Ack::Acked, None)
        }
        (200, Some(b"\n" | b"\r\n" | b"\r")) if strict || gateway != Gateway::Alipay => {
            refused(Warning::LineEndRefused(word))
        }
        (200, Some(b"\n" | b"\r\n" | b"\r")) => (Ack::Acked, Some(Warning::LineEnd)),
        (200, _) if holds(body, word) => refused(Warning::NotAlone(word)),
        (200, _) => refused(Warning::NotTheWord(word)),
        (status @ 300..=399, _) => refused(Warning::Redirect(status)),
        (status, _) => refused(Warning::Status(status)),
    }
}

fn holds(body: &[u8], word: &str) -> bool {
    body.windows(word.len()).any(|part| part == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, strict: bool, acked: bool, warned: bool) {
        let (ack, warning) = judge(&Ok(Reply::new(status, body)), Gateway::Alipay, strict);
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
        let lost = judge(&Err("time-out".into()), Gateway::Alipay, false);
        assert_eq!(lost.0, Ack::Refused);
    }

    /// Seed 000 1, 7 and 8: nothing may stand beside the word, and a redirect is no word.
    #[test]
    fn dinpays_word_has_no_exception() {
        let ack = |status, body| judge(&Ok(Reply::new(status, body)), Gateway::Dinpay, false);
        assert_eq!(ack(200, "SUCCESS"), (Ack::Acked, None));
        for (status, body) in [
            (200, "success"),
            (200, "SUCCESS\n"),
            (200, "SUCCESS\r\n"),
            (200, " SUCCESS"),
            (200, "SUCCESS "),
            (200, "\u{feff}SUCCESS"),
            (200, "<html>SUCCESS</html>"),
            (200, ""),
            (201, "SUCCESS"),
            (302, "SUCCESS"),
            (500, "SUCCESS"),
        ] {
            let (judged, warning) = ack(status, body);
            assert_eq!(judged, Ack::Refused, "{status} {body:?}");
            assert!(warning.is_some(), "{status} {body:?}");
        }
    }
}

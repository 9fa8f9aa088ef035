//! The gateway's side: whatever merchants and browsers send, it answers, and its ledger stays a ledger.
//!
//! An input is a script of lines: `GET TARGET`, `POST TARGET BODY`, `SIGN QUERY` (a call that is signed with the
//! merchant's key), `LATER SECONDS`, `SETTLE BODY` (what the shop answers to the notifies that are due). `{token}`
//! stands for the page token of the first order.

use crate::target::Outcome;
use crate::world::{KEY, merchant, now, sign_again};
use quittance_core::http::{Method, Reply};
use quittance_core::{Lang, Timestamp};
use quittance_sandbox::{Inbound, Sandbox, SandboxSettings, TradeView};
use std::collections::BTreeSet;

/// The longest script.
const LINES_MAX: usize = 24;
/// No more than the gateway resends.
const LATER_MAX: i64 = 40 * 24 * 60 * 60;

/// A sandbox while its script is played.
struct Stage {
    sandbox: Sandbox,
    now: Timestamp,
    statuses: BTreeSet<u16>,
    notifies: usize,
    /// The keys of merchants stay out of pages, unless somebody wrote them in.
    hides: bool,
}

pub(super) fn check(input: &[u8]) -> Outcome {
    let settings = SandboxSettings::new(vec![merchant()], "http://127.0.0.1:8090/");
    let mut stage = Stage {
        sandbox: Sandbox::new(settings),
        now: now(),
        statuses: BTreeSet::new(),
        notifies: 0,
        hides: !input.windows(KEY.len()).any(|part| part == KEY.as_bytes()),
    };
    let mut before: Vec<TradeView> = Vec::new();
    for line in input.split(|byte| *byte == b'\n').take(LINES_MAX) {
        stage.play(line);
        let trades = stage.sandbox.trades();
        moved_on(&before, &trades);
        before = trades;
    }
    let words: Vec<_> = before.iter().map(|trade| trade.status).take(3).collect();
    let warned = before.iter().any(|trade| !trade.warnings.is_empty());
    Outcome::of(
        !before.is_empty(),
        (words, stage.statuses, stage.notifies.min(4), warned),
    )
}

/// What may become of a ledger: nothing is forgotten, and no money comes or goes unseen.
fn moved_on(before: &[TradeView], after: &[TradeView]) {
    assert!(before.len() <= after.len());
    for trade in after {
        assert!(trade.amount.minor > 0 && (0..=trade.amount.minor).contains(&trade.refunded.minor));
        let same = |old: &&TradeView| old.out_trade_no == trade.out_trade_no;
        let Some(old) = before.iter().find(same) else {
            continue;
        };
        assert!(
            old.refunded <= trade.refunded,
            "what was paid back stays paid back"
        );
        let waits = |trade: &TradeView| matches!(trade.status, None | Some("WAIT_BUYER_PAY"));
        assert!(
            waits(old) || !waits(trade),
            "what is paid or closed never waits again"
        );
        assert!(old.trade_no.is_none() || old.trade_no == trade.trade_no);
        assert!(
            waits(trade) || old.amount == trade.amount,
            "the sum of a payment stays"
        );
    }
}

impl Stage {
    fn play(&mut self, line: &[u8]) {
        let (word, rest) = halves(line);
        match word {
            b"GET" => self.call(Method::Get, rest, b""),
            b"POST" => {
                let (target, body) = halves(rest);
                self.call(Method::Post, target, body);
            }
            b"SIGN" => {
                let query = sign_again(rest).unwrap_or_default();
                self.call(
                    Method::Get,
                    &[b"/gateway.do?", query.as_slice()].concat(),
                    b"",
                );
            }
            b"LATER" => {
                let text = std::str::from_utf8(rest).unwrap_or_default();
                let secs = text.parse().unwrap_or(60).clamp(0, LATER_MAX);
                self.now += jiff::SignedDuration::from_secs(secs);
            }
            b"SETTLE" => {
                for notify in self.sandbox.take_due(self.now) {
                    self.notifies += 1;
                    let outcome = match rest {
                        b"" => Err("no answer".to_owned()),
                        body => Ok(Reply::new(200, body)),
                    };
                    self.sandbox.settle(self.now, notify.id, outcome);
                }
            }
            _ => self.call(Method::Get, line, b""),
        }
    }

    fn call(&mut self, method: Method, target: &[u8], body: &[u8]) {
        let trades = self.sandbox.trades();
        let token = trades
            .first()
            .map(|trade| trade.cashier.trim_start_matches("/cashier/"));
        let target = String::from_utf8_lossy(target).replace("{token}", token.unwrap_or("none"));
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let request = Inbound {
            method,
            path: path.to_owned(),
            query: query.as_bytes().to_vec(),
            body: body.to_vec(),
            lang: Lang::switched(query).unwrap_or(Lang::En),
        };
        let reply = self.sandbox.handle(self.now, &request).reply;
        assert!(
            matches!(
                reply.status,
                200 | 302 | 303 | 400 | 403 | 404 | 409 | 422 | 500
            ),
            "{}",
            reply.status
        );
        for (name, value) in &reply.headers {
            let line = |text: &str| text.bytes().all(|b| b == b' ' || b.is_ascii_graphic());
            assert!(
                line(name) && line(value),
                "a header is one line: {name}: {value:?}"
            );
        }
        let shown = reply
            .body
            .windows(KEY.len())
            .any(|part| part == KEY.as_bytes());
        assert!(!self.hides || !shown, "a merchant's key is shown");
        self.statuses.insert(reply.status);
    }
}

/// What stands before the first blank, and behind it.
fn halves(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|byte| *byte == b' ') {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, b""),
    }
}

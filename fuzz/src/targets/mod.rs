//! Every target, with what it holds to be true of any input. One file per reader; this one is the table of contents.

mod amount;
mod callback;
mod charset;
mod codepay;
mod config;
mod dinpay;
mod inspect;
mod journal;
mod params;
mod recut;
mod refund;
mod reply;
mod sandbox;
mod statement;
mod webhook;
mod xml;

use crate::target::{Shape, Target};
use crate::words::{
    CALLS, CODEPAY, DINPAY, JSON, NAMES, REFUNDS, STATEMENTS, TOML, VALUES, WIRE, XML,
};
use crate::world::{form_of, form_pairs, sign_again};

/// All of them. What the floors are held against: the slowest of them on one busy core, with much to spare.
pub const ALL: [Target; 22] = [
    form("params", params::check, 500),
    signed("recut", recut::check, 20),
    signed("notify", callback::notify, 200),
    signed("return", callback::returned, 200),
    plain("amount", amount::check, &[VALUES], 5_000),
    plain("charset", charset::check, &[VALUES, WIRE], 1_000),
    reply("query", reply::query),
    reply("close", reply::close),
    Target {
        words: &[REFUNDS, NAMES, VALUES, WIRE],
        ..signed("refund", refund::check, 200)
    },
    Target {
        mend: Some(statement::sign_again),
        shape: Some(Shape {
            read: statement::pairs,
            write: statement::with_pairs,
        }),
        ..plain(
            "statement",
            statement::check,
            &[STATEMENTS, XML, NAMES, VALUES],
            20,
        )
    },
    signed("inspect", inspect::check, 1),
    plain("sandbox", sandbox::check, &[CALLS, NAMES, VALUES, WIRE], 50),
    plain("config", config::check, &[TOML, VALUES], 50),
    plain("journal", journal::check, &[JSON, VALUES], 500),
    Target {
        mend: Some(webhook::sign_again),
        ..plain("webhook", webhook::check, &[WIRE, VALUES], 1_000)
    },
    dinpay(form("dinpay-callback", dinpay::callback, 200)),
    Target {
        mend: Some(dinpay::sign_answer_again),
        words: &[DINPAY, XML, VALUES],
        ..reply("dinpay-query", dinpay::query)
    },
    dinpay(form("dinpay-call", dinpay::call, 200)),
    codepay("codepay-notify", codepay::notify),
    codepay("codepay-query", codepay::query),
    codepay("codepay-call", codepay::call),
    codepay("codepay-inspect", codepay::inspect),
];

const fn plain(
    name: &'static str,
    check: fn(&[u8]) -> crate::Outcome,
    words: &'static [&'static [&'static str]],
    floor: u64,
) -> Target {
    Target {
        name,
        check,
        words,
        shape: None,
        mend: None,
        floor,
    }
}

const fn form(name: &'static str, check: fn(&[u8]) -> crate::Outcome, floor: u64) -> Target {
    Target {
        shape: Some(Shape {
            read: form_pairs,
            write: form_of,
        }),
        ..plain(name, check, &[NAMES, VALUES, WIRE], floor)
    }
}

const fn signed(name: &'static str, check: fn(&[u8]) -> crate::Outcome, floor: u64) -> Target {
    Target {
        mend: Some(sign_again),
        ..form(name, check, floor)
    }
}

const fn dinpay(target: Target) -> Target {
    Target {
        mend: Some(dinpay::sign_again),
        words: &[DINPAY, VALUES, WIRE],
        ..target
    }
}

const fn codepay(name: &'static str, check: fn(&[u8]) -> crate::Outcome) -> Target {
    Target {
        mend: Some(codepay::sign_again),
        ..plain(name, check, &[CODEPAY, JSON, VALUES], 1)
    }
}

const fn reply(name: &'static str, check: fn(&[u8]) -> crate::Outcome) -> Target {
    Target {
        mend: Some(reply::sign_again),
        shape: Some(Shape {
            read: reply::pairs,
            write: reply::with_pairs,
        }),
        ..plain(name, check, &[XML, NAMES, VALUES], 50)
    }
}

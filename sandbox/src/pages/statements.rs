//! The questions about bookings: a row of the list for each, and a page with the bytes of one.

use super::timeline::outcome;
use super::trade::both;
use super::{Coat, STYLE, html};
use crate::alipay::statements::Question;
use crate::sandbox::Sandbox;
use crate::text::{beijing, relative, utc};
use askama::Template;
use quittance_core::gateway::alipay::StatementService;
use quittance_core::http::{Method, Reply};
use quittance_core::{Lang, Timestamp};

/// How many questions the list shows, the newest.
const SHOWN: usize = 20;

/// A question in short.
pub(super) struct Entry {
    pub(super) number: u64,
    pub(super) when: String,
    pub(super) service: &'static str,
    /// The time that it asked for, and which page of it.
    pub(super) period: String,
    /// How it was answered, as a colour and in words.
    pub(super) class: &'static str,
    pub(super) answer: String,
    pub(super) faults: Vec<String>,
}

#[derive(Template)]
#[template(path = "sandbox/statement.html")]
struct Page<'a> {
    coat: Coat,
    entry: Entry,
    partner: &'a str,
    utc: String,
    relative: String,
    request: String,
    reply: String,
    /// Where the answer is longer than what is kept of it.
    cut: Option<String>,
}

/// The newest questions, the newest first.
pub(super) fn entries(sandbox: &Sandbox, lang: Lang) -> Vec<Entry> {
    let newest = sandbox.questions.iter().rev().take(SHOWN);
    newest.map(|question| entry(question, lang)).collect()
}

fn entry(question: &Question, lang: Lang) -> Entry {
    let exchange = &question.exchange;
    let (class, answer) = match (outcome(exchange, lang), lang) {
        (("ok", _), Lang::En) => ("good", format!("✓ {} booked", question.rows)),
        (("ok", _), Lang::Zh) => ("good", format!("✓ {} 笔", question.rows)),
        ((_, failed), _) => ("bad", failed),
    };
    Entry {
        number: exchange.number,
        when: beijing(exchange.at),
        service: question.service(),
        period: period(question, lang),
        class,
        answer,
        faults: exchange
            .faults
            .iter()
            .map(|fault| fault.say(lang))
            .collect(),
    }
}

fn period(question: &Question, lang: Lang) -> String {
    let asked = &question.asked;
    let period = format!("{} – {}", beijing(asked.from), beijing(asked.to));
    match (asked.service, lang) {
        (StatementService::Report, _) => period,
        (StatementService::Pages, Lang::En) => format!("{period}, page {}", asked.page_no),
        (StatementService::Pages, Lang::Zh) => format!("{period}，第 {} 页", asked.page_no),
    }
}

/// The page of one question.
pub(crate) fn statement(coat: Coat, question: &Question, now: Timestamp) -> Reply {
    let lang = coat.lang;
    let exchange = &question.exchange;
    let method = match exchange.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let line = format!("{method} {}", exchange.target);
    let status = exchange.status.unwrap_or_default().to_string();
    let (whole, kept) = (question.reply_bytes, exchange.reply.len());
    let cut = (whole > kept).then(|| match lang {
        Lang::En => {
            format!("The answer had {whole} bytes; of so long a one the first {kept} are kept.")
        }
        Lang::Zh => format!("应答共 {whole} 字节，过长，仅保留前 {kept} 字节。"),
    });
    html(
        200,
        &Page {
            entry: entry(question, lang),
            partner: &question.asked.partner,
            utc: utc(exchange.at),
            relative: relative(now, exchange.at, lang),
            request: both(&line, &exchange.request, usize::MAX, lang),
            reply: both(&status, &exchange.reply, usize::MAX, lang),
            cut,
            coat,
        },
    )
}

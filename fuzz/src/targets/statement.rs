//! What was booked on the account: a part of a statement is read to its end or says nothing, and only a right signature
//! makes its rows a proof.

use super::xml::{self, told, typed};
use crate::target::{Outcome, Pairs, gist};
use crate::world::{CONTRACTS, Contract, KEY, PREVIOUS, is_stranger, now};
use jiff::SignedDuration;
use quittance_core::gateway::alipay::{Account, Extras, StatementService};
use quittance_core::gateway::{Address, Evidence, Gateway, Stated, StatementCall};
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_core::{Claim, Proof, Witness};
use secrecy::SecretString;
use std::sync::LazyLock;

const REPORT: &str = "csv_result";
const PAGE: &str = "account_page_query_result";
const LIST: &str = "account_log_list";
const ENTRY: &str = "AccountQueryAccountLogVO";

/// The accounts of the test world, each reading its statements by either service.
static READERS: LazyLock<Vec<(&Contract, StatementService, Account)>> = LazyLock::new(|| {
    let services = [StatementService::Report, StatementService::Pages];
    let reading = |contract: &'static Contract, service| {
        let extras = Extras {
            statement: Some(service),
            ..Extras::default()
        };
        let account = contract.account.clone().with_extras(extras);
        (
            contract,
            service,
            account.expect("nothing is wrong with it"),
        )
    };
    let contracts = CONTRACTS.iter();
    contracts
        .flat_map(|contract| services.map(|service| reading(contract, service)))
        .collect()
});

pub(super) fn check(input: &[u8]) -> Outcome {
    let reply = Reply::new(200, input);
    let mut prints = Vec::new();
    for (contract, service, account) in READERS.iter() {
        let parts = [1, 2].map(|part| account.read_statement(&call(part), &reply));
        for (part, stated) in (1..).zip(&parts) {
            hold(input, account, stated);
            hold_part(*service, part, stated);
            let proven = |told: &Evidence| told.proof == Proof::Queried;
            let proof = stated.evidence.iter().any(proven);
            if proof {
                assert!(!is_stranger(contract), "nobody has that key");
                assert_ne!(signed_rightly(input, *service), Some(false), "{stated:?}");
            }
            let reason = stated.reason.as_deref().map(gist).map(str::to_owned);
            let rows = stated.rows.map(|rows| rows.min(3));
            prints.push((rows, reason, stated.more, proof));
        }
        let both = parts.iter().all(|stated| stated.rows.is_some());
        assert!(
            !both || *service == StatementService::Report,
            "a page is the one that was asked for"
        );
        let broken = account.read_statement(&call(1), &Reply::new(502, input));
        assert_eq!((broken.rows, broken.evidence.len()), (None, 0));
    }
    let without = CONTRACTS[0].account.read_statement(&call(1), &reply);
    assert_eq!((without.rows, without.evidence.len()), (None, 0));
    let known = prints.iter().any(|(rows, ..)| rows.is_some());
    Outcome::of(known, prints)
}

fn call(part: u32) -> StatementCall {
    StatementCall {
        from: now() - SignedDuration::from_hours(24),
        to: now(),
        part,
    }
}

/// Whatever came, this holds of its reading.
fn hold(input: &[u8], account: &Account, stated: &Stated) {
    let reason = stated.reason.as_deref();
    assert_eq!(stated.rows.is_none(), reason.is_some());
    assert!(
        reason.is_none_or(|text| text.len() <= 100 && !text.contains(char::is_control)),
        "fit for a log"
    );
    let Some(rows) = stated.rows else {
        assert_eq!((stated.more, stated.evidence.len()), (false, 0));
        return;
    };
    assert!(!typed(input), "a document type is refused");
    assert!(stated.evidence.len() as u64 <= u64::from(rows) * 2);
    let written_plainly = !told(input, "&#") && !told(input, "<![CDATA[");
    for (number, told_here) in stated.evidence.iter().enumerate() {
        let trade_no = claim(account, told_here);
        assert!(
            !written_plainly || told(input, trade_no),
            "nothing is made up"
        );
        assert!(!stated.evidence[..number].contains(told_here), "told once");
        assert_eq!(told_here.proof, stated.evidence[0].proof);
    }
}

/// What is claimed is a payment to us or a refund, at a time; its trade.
fn claim<'a>(account: &Account, told: &'a Evidence) -> &'a str {
    assert_eq!(told.witness, Witness::Statement);
    assert!(matches!(told.proof, Proof::Queried | Proof::Hint));
    assert!(told.detail.paid_at.is_some() && told.detail.gateway_status.is_none());
    let plain = |text: &str, also: &str| {
        let good = |c: char| c.is_ascii_alphanumeric() || also.contains(c);
        (1..=64).contains(&text.len()) && text.chars().all(good)
    };
    let trade_no = match (&told.claim, &told.about) {
        (
            Claim::Payment {
                trade_no,
                amount,
                payee,
            },
            Address::OrderNo(order_no),
        ) => {
            assert!(amount.minor > 0 && payee == account.payee() && plain(order_no, "_-"));
            trade_no
        }
        (Claim::RefundMarked { trade_no }, Address::TradeNo(about)) => {
            assert_eq!(trade_no, about);
            trade_no
        }
        other => panic!("{other:?} is told by no statement"),
    };
    assert!(plain(trade_no, ""));
    trade_no
}

/// What a part may hold, and whether another one follows.
fn hold_part(service: StatementService, part: u32, stated: &Stated) {
    let payment = |told: &Evidence| matches!(told.claim, Claim::Payment { .. });
    match (service, stated.rows) {
        (_, None) => {}
        (StatementService::Report, Some(_)) => {
            assert_eq!(stated.more, part == 1);
            assert!(
                stated
                    .evidence
                    .iter()
                    .all(|told| payment(told) == (part == 1))
            );
        }
        (StatementService::Pages, Some(rows)) => assert!(!stated.more || rows > 0),
    }
}

/// Whether a key of the test world signed what is signed in the answer of this service; `None` where plain means
/// cannot tell.
fn signed_rightly(input: &[u8], service: StatementService) -> Option<bool> {
    let fields = match service {
        StatementService::Report => xml::children(input, REPORT)?.0,
        StatementService::Pages => page_fields(input)?,
    };
    let signs = [KEY, PREVIOUS].map(|key| md5_sign(&presign(&fields), &SecretString::from(key)));
    Some(signs.iter().any(|sign| told(input, sign)))
}

/// The four fields of a page, of which one is the text of the list.
fn page_fields(body: &[u8]) -> Option<Params> {
    let page = &body[xml::inside(body, PAGE)?];
    let (open, shut) = (format!("<{LIST}>"), format!("</{LIST}>"));
    let start = xml::find(page, open.as_bytes())?;
    let end = start + xml::find(&page[start..], shut.as_bytes())? + shut.len();
    let list = &page[start..end];
    let blank = |before: &u8| b" \t\r\n/".contains(before);
    let odd = |pair: &[u8]| pair[1] == b'>' && blank(&pair[0]);
    if list.windows(2).any(odd) {
        return None;
    }
    let mut fields = xml::fields(&[&page[..start], &page[end..]].concat())?;
    fields.push(LIST, list).ok()?;
    Some(fields)
}

/// The element whose fields are changed as pairs.
fn changed(body: &[u8]) -> &'static str {
    match told(body, "<csv_result>") {
        true => REPORT,
        false => ENTRY,
    }
}

/// The fields of the report, or of the only booking of a page.
pub(super) fn pairs(body: &[u8]) -> Option<Pairs> {
    xml::pairs(body, changed(body))
}

/// The answer with these fields in their place.
pub(super) fn with_pairs(body: &[u8], pairs: Pairs) -> Option<Vec<u8>> {
    xml::with_pairs(body, changed(body), pairs)
}

/// The answer signed with the test key, in place of whatever signature it had.
pub(super) fn sign_again(body: &[u8]) -> Option<Vec<u8>> {
    let fields = match xml::children(body, REPORT) {
        Some((fields, _)) => fields,
        None => page_fields(body)?,
    };
    xml::with_sign(body, &fields)
}

//! Answers to our questions: never a claim without a right signature, never a document type (SEC-081, SEC-084, F-29).

use crate::target::{Outcome, Pairs, gist};
use crate::world::{CONTRACTS, Contract, KEY, ORDER_NO, is_stranger};
use quittance_core::gateway::{Address, Answer, Answered, Gateway};
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use quittance_core::{Claim, Currency, Money, Proof, Witness};
use secrecy::SecretString;

pub(super) fn query(input: &[u8]) -> Outcome {
    let reply = Reply::new(200, input);
    let mut prints = Vec::new();
    for contract in CONTRACTS.iter() {
        let answered = contract.account.read_query(ORDER_NO, &reply);
        hold(input, contract.account.payee(), &answered);
        assert!(
            !is_stranger(contract) || answered.evidence.is_empty(),
            "nobody has that key"
        );
        let claims: Vec<_> = answered
            .evidence
            .iter()
            .map(|e| std::mem::discriminant(&e.claim))
            .collect();
        let reason = answered.reason.as_deref().map(gist).map(str::to_owned);
        prints.push((answered.answer as u8, reason, claims));
    }
    let account = &CONTRACTS[0].account;
    let elsewhere = account.read_query("20240101-0002", &reply);
    assert!(
        elsewhere.evidence.is_empty() || told(input, "20240101-0002"),
        "it is about our question"
    );
    let broken = account.read_query(ORDER_NO, &Reply::new(500, input));
    assert_eq!((broken.answer, broken.evidence.len()), (Answer::Unknown, 0));
    let known = prints
        .iter()
        .any(|(answer, ..)| *answer != Answer::Unknown as u8);
    Outcome::of(known, prints)
}

pub(super) fn close(input: &[u8]) -> Outcome {
    let mut prints = Vec::new();
    for contract in CONTRACTS.iter() {
        let read = contract
            .account
            .read_close(ORDER_NO, &Reply::new(200, input));
        assert_eq!(read.reason.is_none(), read.accepted == Some(true));
        assert!(
            read.accepted.is_none() || !typed(input),
            "a document type is refused"
        );
        hold_token(input, contract);
        let reason = read.reason.unwrap_or_default();
        assert!(
            reason.len() <= 100 && !reason.contains(char::is_control),
            "fit for a log"
        );
        prints.push((read.accepted, gist(&reason).to_owned()));
    }
    let broken = CONTRACTS[0]
        .account
        .read_close(ORDER_NO, &Reply::new(502, input));
    assert_eq!(broken.accepted, None);
    Outcome::of(
        prints.iter().any(|(accepted, _)| accepted.is_some()),
        prints,
    )
}

/// A token of a checkout goes into what we sign: only a signed one is taken, and nothing that could be cut.
fn hold_token(input: &[u8], contract: &Contract) {
    let account = &contract.account;
    let Ok(token) = account.read_checkout_token(&Reply::new(200, input)) else {
        return;
    };
    assert!(!is_stranger(contract), "nobody has that key");
    assert!(!typed(input), "a document type is refused");
    assert!(told(input, "<sign>") && (1..=64).contains(&token.len()));
    assert!(!token.contains(['&', '^', '|']) && token.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(
        account
            .read_checkout_token(&Reply::new(502, input))
            .is_err()
    );
}

/// Whatever came, this holds of its reading.
fn hold(input: &[u8], payee: &str, answered: &Answered) {
    match answered.answer {
        Answer::Unknown => assert!(answered.reason.is_some() && answered.evidence.is_empty()),
        Answer::Unpaid | Answer::NotFound => assert!(answered.evidence.is_empty()),
        Answer::Paid | Answer::Closed => assert!(!answered.evidence.is_empty()),
    }
    assert!(
        answered.answer == Answer::Unknown || !typed(input),
        "a document type is refused"
    );
    let paid = |claim: &Claim| matches!(claim, Claim::Payment { .. });
    let claimed = answered
        .evidence
        .iter()
        .any(|evidence| paid(&evidence.claim));
    assert_eq!(answered.answer == Answer::Paid, claimed);
    // What plain means can find, where nothing in the answer needs more.
    let fields = children(input).map(|(fields, _)| fields);
    let says = |name: &str| fields.as_ref()?.get(name).map(String::from_utf8_lossy);
    if let (true, Some(fields)) = (!answered.evidence.is_empty(), &fields) {
        let signs = [KEY, crate::world::PREVIOUS]
            .map(|key| md5_sign(&presign(fields), &SecretString::from(key)));
        assert!(
            signs.iter().any(|sign| told(input, sign)),
            "the signature is right"
        );
    }
    for evidence in &answered.evidence {
        assert_eq!(
            (evidence.witness, evidence.proof),
            (Witness::Query, Proof::Queried)
        );
        assert_eq!(evidence.about, Address::OrderNo(ORDER_NO.to_owned()));
        let Claim::Payment {
            trade_no,
            amount,
            payee: told,
        } = &evidence.claim
        else {
            continue;
        };
        assert_eq!(told, payee);
        assert!(amount.minor > 0);
        if fields.is_some() {
            assert_eq!(says("trade_no").as_deref(), Some(trade_no.as_str()));
            let fee = says("total_fee").expect("a payment has a sum");
            assert_eq!(Money::parse(&fee, Currency::CNY), Ok(*amount));
        }
    }
}

/// Whether a document type stands before the first element.
fn typed(input: &[u8]) -> bool {
    let lower = input.to_ascii_lowercase();
    let declared = match lower.starts_with(b"<?xml") {
        true => find(&lower, b"?>").unwrap_or(0),
        false => 0,
    };
    let root = find(&lower, b"<alipay").unwrap_or(lower.len());
    lower
        .get(declared..root)
        .is_some_and(|before| find(before, b"<!doctype").is_some())
}

/// The fields of the trade and where they stand, if they are written plainly: no section, no reference but the three
/// that must be, no attribute, one trade.
fn children(body: &[u8]) -> Option<(Params, std::ops::Range<usize>)> {
    let start = find(body, b"<trade>")? + b"<trade>".len();
    let end = start + find(&body[start..], b"</trade>")?;
    let more = [&body[..start - b"<trade>".len()], &body[end..]].concat();
    let sections = [
        &b"<trade>"[..],
        b"<trade ",
        b"<trade\n",
        b"<trade\t",
        b"<trade\r",
        b"<trade/",
        b"<![",
    ];
    if sections.iter().any(|other| find(&more, other).is_some()) {
        return None;
    }
    let mut fields = Params::new();
    let mut rest = &body[start..end];
    while !rest.is_empty() {
        let opened = rest.strip_prefix(b"<")?;
        let (name, after) = opened.split_at(find(opened, b">")?);
        let after = &after[1..];
        let shut = [b"</", name, b">"].concat();
        let until = find(after, &shut)?;
        let text = &after[..until];
        if text.contains(&b'<') {
            return None;
        }
        fields
            .push(std::str::from_utf8(name).ok()?, &unescaped(text)?)
            .ok()?;
        rest = &after[until + shut.len()..];
    }
    Some((fields, start..end))
}

fn unescaped(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'&' {
            bytes.push(*first);
            continue;
        }
        let known = [(&b"amp;"[..], b'&'), (b"lt;", b'<'), (b"gt;", b'>')];
        let (name, byte) = known.into_iter().find(|(name, _)| rest.starts_with(name))?;
        bytes.push(byte);
        rest = &rest[name.len()..];
    }
    Some(bytes)
}

/// The fields of the trade in an answer.
pub(super) fn pairs(body: &[u8]) -> Option<Pairs> {
    let (fields, _) = children(body)?;
    let pair = |(name, value): (&str, &[u8])| (name.to_owned(), value.to_vec());
    Some(fields.iter().map(pair).collect())
}

/// The answer with these fields in the trade.
pub(super) fn with_pairs(body: &[u8], pairs: Pairs) -> Option<Vec<u8>> {
    let (_, place) = children(body)?;
    let mut answer = body[..place.start].to_vec();
    for (name, value) in pairs {
        answer.extend_from_slice(format!("<{name}>").as_bytes());
        for byte in value {
            match byte {
                b'&' => answer.extend_from_slice(b"&amp;"),
                b'<' => answer.extend_from_slice(b"&lt;"),
                b'>' => answer.extend_from_slice(b"&gt;"),
                other => answer.push(other),
            }
        }
        answer.extend_from_slice(format!("</{name}>").as_bytes());
    }
    answer.extend_from_slice(&body[place.end..]);
    Some(answer)
}

/// The fields of the trade in an answer that is written plainly.
pub(super) fn fields(body: &[u8]) -> Option<Params> {
    children(body).map(|(fields, _)| fields)
}

/// The answer signed with the test key, in place of whatever signature it had.
pub(super) fn sign_again(body: &[u8]) -> Option<Vec<u8>> {
    signed_by(body, |fields| {
        md5_sign(&presign(fields), &SecretString::from(KEY))
    })
}

/// The answer with this signature of its fields, in place of whatever signature it had.
pub(super) fn signed_by(body: &[u8], sign: impl Fn(&Params) -> String) -> Option<Vec<u8>> {
    let (fields, _) = children(body)?;
    let sign = sign(&fields);
    let start = find(body, b"<sign>")? + b"<sign>".len();
    let end = start + find(&body[start..], b"</sign>")?;
    Some([&body[..start], sign.as_bytes(), &body[end..]].concat())
}

pub(super) fn told(body: &[u8], word: &str) -> bool {
    find(body, word.as_bytes()).is_some()
}

fn find(body: &[u8], part: &[u8]) -> Option<usize> {
    body.windows(part.len()).position(|window| window == part)
}

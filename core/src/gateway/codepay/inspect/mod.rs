//! Explaining a message that was or was not believed: what was signed, which step fails, and which likely mistake
//! would make the signature fit.
//!
//! Nothing here believes anything. The steps call the checks of [`super::callback`] and [`super::query`]; the search is
//! that of every gateway, told what is CodePay's own.

mod known;
mod notify;
mod reply;

use super::{Account, settings};
use crate::gateway::Evidence;
use crate::gateway::inspection::{
    Dialect, Exchange, Fault, Inspection, Overlooked, SIGNATURE, Step, Subject, Taken, hide_keys,
    json_readings, look, readings, unclear,
};
use crate::params::Params;

/// The steps, and what the message claims or would claim.
type Steps = (Vec<Step>, Vec<Evidence>);

/// Explains a message.
pub(super) fn inspect(account: &Account, subject: &Subject<'_>) -> Inspection {
    let constants = |taken: &Taken| known::constants(account, subject.exchange, taken);
    let dialect = Dialect {
        seal: &account.seal,
        keys: &account.settings.keys,
        place: settings::SIGNING.place,
        identity: None,
        names: &known::NAMES,
        money: &known::MONEY,
        kind_signed: true,
        only_names: false,
        constants: &constants,
    };
    let (steps, evidence) = match subject.exchange {
        Exchange::Notify => notify::steps(account, subject),
        Exchange::Reply => reply::steps(account, subject),
        Exchange::Return => (vec![of_return()], Vec::new()),
    };
    let mut inspection = Inspection {
        steps,
        signing: None,
        evidence,
        mistakes: Vec::new(),
        tried: 0,
    };
    if subject.exchange != Exchange::Return {
        let readings = bodies(&dialect, subject);
        look(&dialect, subject, &readings, &mut inspection);
    }
    hide_keys(&dialect, subject, &mut inspection);
    inspection
}

fn of_return() -> Step {
    Step::failed(
        SIGNATURE,
        (
            "this gateway's return carries no proof: nothing in it is read, and the gateway is asked",
            "该网关的返回不含任何证明：不读取其中内容，而是向网关查询",
        ),
    )
}

/// The readings of a body: JSON, or a form, which a notification may be and an answer may not.
fn bodies(dialect: &Dialect<'_>, subject: &Subject<'_>) -> Vec<Overlooked> {
    let json = json_readings(dialect, subject.wire);
    let form = Params::parse(subject.wire).is_ok_and(|params| params.get("sign").is_some());
    match (subject.exchange, form) {
        _ if !json.is_empty() => json,
        (Exchange::Notify, _) if subject.wire.contains(&b'=') => readings(dialect, subject.wire),
        (Exchange::Reply, true) => {
            let taken = dialect.signed(Taken::from_wire(subject.wire, dialect.kind_signed));
            vec![(vec![Fault::FormNotJson], taken)]
        }
        _ => Vec::new(),
    }
}

/// The step of the strict reading.
fn parsed(fields: usize) -> Step {
    Step::passed(
        "parse",
        (
            format!("one strict reading, {fields} fields, none of them twice"),
            format!("严格解析一次，共 {fields} 个字段，没有重复"),
        ),
    )
}

/// The strict reading refused, and there is nothing else to look at.
fn unread(reason: &String, later: &[&'static str]) -> Vec<Step> {
    let detail = (reason.clone(), unclear("无法解析", reason));
    let later = later.iter().map(|name| Step::not_reached(name));
    std::iter::once(Step::failed("parse", detail))
        .chain(later)
        .collect()
}

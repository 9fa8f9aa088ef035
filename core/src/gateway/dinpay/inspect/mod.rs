//! Explaining a message that was or was not believed: what was signed, which step fails, and which likely mistake
//! would make the signature fit.
//!
//! Nothing here believes anything. The steps call the checks of [`super::callback`] and [`super::query`]; the search is
//! that of every classic gateway, told what is Dinpay's own.

mod callback;
mod reply;

use super::envelope::Envelope;
use super::{Account, foreign, settings, words};
use crate::facts::Witness;
use crate::gateway::inspection::{
    Constant, Dialect, Exchange, Identity, Inspection, Subject, Taken, hide_keys, look, readings,
};
use crate::http::Reply;

/// The merchant's number, which people take for the key.
const MERCHANT_CODE: Identity = Identity {
    code: "key_is_merchant_code",
    cause: (
        "it was signed with the merchant code in the place of the key",
        "签名时把商家号（merchant_code）当成了密钥",
    ),
    fix: (
        "exchange merchant code and key where this was signed: the merchant code is 10 digits",
        "请在签名的一方把商家号与密钥对调：商家号是 10 位数字",
    ),
};

/// Explains a message.
pub(super) fn inspect(account: &Account, subject: &Subject<'_>) -> Inspection {
    let constants = |taken: &Taken| constants(account, taken);
    let dialect = Dialect {
        seal: &account.seal,
        keys: &account.settings.keys,
        place: settings::SIGNING.place,
        identity: Some((&account.settings.merchant_code, MERCHANT_CODE)),
        names: &foreign::NAMES,
        money: &["order_amount"],
        kind_signed: false,
        only_names: subject.exchange != Exchange::Reply,
        constants: &constants,
    };
    let mut inspection = match subject.exchange {
        Exchange::Notify => of_callback(account, &dialect, subject, Witness::Notify),
        Exchange::Return => of_callback(account, &dialect, subject, Witness::Return),
        Exchange::Reply => of_reply(account, &dialect, subject),
    };
    hide_keys(&dialect, subject, &mut inspection);
    inspection
}

fn of_callback(
    account: &Account,
    dialect: &Dialect<'_>,
    subject: &Subject<'_>,
    witness: Witness,
) -> Inspection {
    let mut inspection = begun(callback::steps(account, subject, witness));
    let readings = readings(dialect, subject.wire);
    look(dialect, subject, &readings, &mut inspection);
    inspection
}

fn of_reply(account: &Account, dialect: &Dialect<'_>, subject: &Subject<'_>) -> Inspection {
    let envelope = Envelope::read(&Reply::new(200, subject.wire));
    let mut inspection = begun(reply::steps(account, &envelope));
    if let Ok(Envelope {
        trade: Some(trade),
        sign: Some(sign),
        sign_type,
        ..
    }) = &envelope
    {
        let taken = Taken::from_params(trade, sign, sign_type.as_deref());
        look(dialect, subject, &[(Vec::new(), taken)], &mut inspection);
    }
    inspection
}

fn begun((steps, evidence): callback::Steps) -> Inspection {
    Inspection {
        steps,
        signing: None,
        evidence,
        mistakes: Vec::new(),
        tried: 0,
    }
}

/// Parameters that say the same every time, or what another one says.
fn constants(account: &Account, taken: &Taken) -> Vec<Constant> {
    let mut known: Vec<Constant> = [
        ("interface_version", words::VERSION),
        ("notify_type", words::OFFLINE_NOTIFY),
        ("notify_type", words::PAGE_NOTIFY),
        ("trade_status", "SUCCESS"),
        ("merchant_code", &account.settings.merchant_code),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.as_bytes().to_vec()))
    .collect();
    for (name, other) in [("order_time", "trade_time"), ("trade_time", "order_time")] {
        known.extend(taken.value(other).map(|time| (name, time.to_vec())));
    }
    known
}

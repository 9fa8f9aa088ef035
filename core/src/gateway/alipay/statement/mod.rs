//! Statements: what was booked on the account (note 5.4, 5.5).

use super::{Account, NAME};
use crate::gateway::{NotSupported, Stated, StatementCall};
use crate::http::{Reply, Request};

/// Days are Beijing's (note 2.1).
pub(super) fn clock(account: &Account) -> Result<i32, NotSupported> {
    account.extras.statement.map(|_| 8 * 3_600).ok_or(NONE)
}

const NONE: NotSupported = NotSupported {
    gateway: NAME,
    flow: "statement",
};

pub(super) fn request(_account: &Account, _call: &StatementCall) -> Result<Request, NotSupported> {
    Err(NONE)
}

pub(super) fn read(_account: &Account, _call: &StatementCall, _reply: &Reply) -> Stated {
    Stated::unknown("")
}

//! The second opinion: `notify_verify` (note 3.1). It proves that the gateway issued a token, not what a message
//! says (SEC-016).

use super::Account;
use crate::gateway::Opinion;
use crate::http::{Reply, Request};

/// The question. It is unsigned.
pub(super) fn request(account: &Account, notify_id: &str) -> Request {
    Request::get(account.address(&account.unsigned(&[
        ("service", "notify_verify"),
        ("partner", &account.settings.partner),
        ("notify_id", notify_id),
    ])))
}

/// The answer. The demos of the seeds take anything that ends in `true`; here only the four bytes are a yes (SEC-014).
pub(super) fn read(reply: &Reply) -> Opinion {
    match (reply.status, reply.body.as_slice()) {
        (200, b"true") => Opinion::True,
        (200, b"false") => Opinion::False,
        _ => Opinion::Unknown,
    }
}

//! What the codes of this server mean: the `code` of its problems, and the kinds of its discrepancies. A problem says
//! what is wrong in its case; here stands what is always so.

mod discrepancies;
mod orders;
mod requests;
mod server;

use quittance_core::codes::{CodeGroup, Codes};
use quittance_core::lang::Words;

/// All of them.
pub const CODES: Codes = Codes {
    speaker: "quittance",
    groups: &[
        CodeGroup::new(("Requests to the API", "API 请求"), requests::CODES),
        CodeGroup::new(("Orders", "订单"), orders::CODES),
        CodeGroup::new(("The server itself", "服务自身"), server::CODES),
        CodeGroup::new(
            ("Discrepancies: what does not fit", "差异：对不上的情况"),
            discrepancies::CODES,
        ),
    ],
    spellings: &[],
    no_service: &[],
    ask: Words::new((
        "The server's log and `quittance journal show` tell what happened; `quittance inspect` explains a message of a gateway.",
        "服务日志和 `quittance journal show` 记录了经过；网关的报文可用 `quittance inspect` 解释。",
    )),
};

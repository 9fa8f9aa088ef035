//! Page by page: `account.page.query` (note 5.5).
//!
//! The answer holds a list of bookings, and beside it whether another page follows, the page's number and how many
//! bookings a page has. Signed are four parameters: these three, and `account_log_list`, whose value is the list's own
//! text from `<account_log_list>` to `</account_log_list>`, with empty elements written out. The note has this as
//! unknown; three public programs verify it so, and one of them quotes the gateway's document.

use super::super::{Account, beijing, trade, words};
use super::row::{self, Row};
use super::{Fields, Limits};
use crate::facts::Proof;
use crate::gateway::{Evidence, Stated, StatementCall};
use crate::http::Reply;
use crate::params::Params;

/// As many as the gateway gives (note 5.5).
const PAGE_SIZE: usize = 5_000;
/// Renminbi, as `currency` writes it.
const CNY: &str = "156";

/// The question. Fees are not asked for: they leave the account under the number of the trade that they are of.
pub(super) fn question(call: &StatementCall) -> Option<(&'static str, Fields)> {
    let fields = vec![
        ("page_no", call.part.to_string()),
        ("gmt_start_time", beijing::write(call.from)),
        ("gmt_end_time", beijing::write(call.to)),
        ("page_size", PAGE_SIZE.to_string()),
        (
            "trans_code",
            format!("{},{}", words::TRANSFER, words::ONLINE_PAYMENT),
        ),
    ];
    (call.part > 0).then_some((words::ACCOUNT_PAGE, fields))
}

/// The answer.
///
/// # Errors
/// The gateway's code, or why nothing of it is believed.
pub(super) fn read(
    account: &Account,
    call: &StatementCall,
    reply: &Reply,
) -> Result<Stated, String> {
    let (result, proof) =
        super::result(account, &Limits::PAGE, "account_page_query_result", reply)?;
    let more = check_page(call, &result.children, result.entries.len())?;
    let mut evidence = Vec::new();
    for (number, entry) in (1..).zip(&result.entries) {
        let told = claims(account, entry, proof);
        evidence.extend(told.map_err(|fault| format!("row {number}: {fault}"))?);
    }
    Ok(Stated {
        rows: Some(u32::try_from(result.entries.len()).map_err(|_| "the page has too many rows")?),
        reason: None,
        more,
        evidence: row::distinct(evidence),
    })
}

/// Whether another page follows this one, which must be the one that was asked for. A page without bookings has none
/// behind it: else a gateway could be asked for ever.
fn check_page(call: &StatementCall, result: &Params, rows: usize) -> Result<bool, &'static str> {
    if trade::text(result, "page_no").as_deref() != Some(call.part.to_string().as_str()) {
        return Err("the answer is another page than the one that was asked for");
    }
    let size =
        super::number(result, "page_size").ok_or("the answer does not say how long a page is")?;
    if rows > size.min(PAGE_SIZE) {
        return Err("the page has more rows than a page has");
    }
    match (trade::text(result, "has_next_page").as_deref(), rows) {
        (Some("F"), _) => Ok(false),
        (Some("T"), 0) => Err("the page has no rows, and another one behind it"),
        (Some("T"), _) => Ok(true),
        _ => Err("the answer does not say whether another page follows"),
    }
}

/// What a row claims. A payment's row tells too how much of its trade was paid back until now.
fn claims(account: &Account, entry: &Params, proof: Proof) -> Result<Vec<Evidence>, &'static str> {
    let text = |name| trade::text(entry, name).unwrap_or_default();
    let row = Row {
        order_no: row::order_no(&text("merchant_out_order_no")),
        trade_no: row::trade_no(&text("trade_no")),
        at: beijing::read(&text("trans_date")),
        income: None,
        outgoing: None,
    };
    let row = row.with_sums(&text("income"), &text("outcome"))?;
    let refunded = row::sum(&text("trade_refund_amount")).ok_or("the refund is no amount")?;
    if ![CNY, ""].contains(&text("currency").trim_ascii()) {
        return Ok(Vec::new());
    }
    let mut claims = Vec::new();
    if is_ours(account, &text("seller_account")) {
        claims.extend(row.payment(account, proof)?);
    }
    if row.outgoing.is_some() || refunded.is_some() {
        claims.extend(row.refund(proof)?);
    }
    Ok(claims)
}

/// Whether this account is the payee's: its number with four digits behind it, or not named at all.
fn is_ours(account: &Account, seller_account: &str) -> bool {
    let named = seller_account.trim_ascii();
    let behind = named.strip_prefix(account.payee_id());
    let of_payee = |behind: &str| behind.len() == 4 && behind.bytes().all(|b| b.is_ascii_digit());
    named.is_empty() || behind.is_some_and(of_payee)
}

//! A day at once: `export_trade_account_report` (note 5.4).
//!
//! The answer holds `count` and `csv_data`, signed together. The table has a header row and 14 columns, and each line
//! may end with a comma. Programs that read it take `<![CDATA[` and `]]>` off the text, so they are there as text, and
//! may be missing. Another number of rows than `count`, other columns than the header's, a sum or a time that is none:
//! the whole part is refused, with the row's number.
//!
//! The merchant's number stands there as it was sent. The note has one character before it: that is the line's end,
//! which sticks to the first column where a program cuts the whole text at its commas. A number with anything before
//! it is in no strict format and claims nothing; one without its first character would be another order's.

use super::super::{Account, beijing, words};
use super::row::{self, Row};
use super::{Fields, Limits};
use crate::facts::Proof;
use crate::gateway::{Evidence, Stated, StatementCall};
use crate::http::Reply;
use csv::{ReaderBuilder, StringRecord};

/// The columns that are read, by their places.
const ORDER_NO: usize = 0;
const TIME: usize = 2;
const TRADE_NO: usize = 4;
const INCOME: usize = 8;
const OUTGOING: usize = 9;

/// What the report is asked for apart, so that a row means one thing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// The first: online payments.
    Payments,
    /// The second: transfers.
    Transfers,
}

impl Part {
    fn of(call: &StatementCall) -> Option<Part> {
        match call.part {
            1 => Some(Part::Payments),
            2 => Some(Part::Transfers),
            _ => None,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Part::Payments => words::ONLINE_PAYMENT,
            Part::Transfers => words::TRANSFER,
        }
    }

    /// What a row of this part claims.
    fn evidence(
        self,
        account: &Account,
        row: &Row,
        proof: Proof,
    ) -> Result<Option<Evidence>, &'static str> {
        match (self, row.income, row.outgoing) {
            (Part::Payments, Some(_), _) => row.payment(account, proof),
            (Part::Transfers, _, Some(_)) => row.refund(proof),
            _ => Ok(None),
        }
    }
}

/// The question: the account's own bookings, or those of the payee that it names by another number.
pub(super) fn question(account: &Account, call: &StatementCall) -> Option<(&'static str, Fields)> {
    let part = Part::of(call)?;
    let mut fields = vec![
        ("gmt_create_start", beijing::write(call.from)),
        ("gmt_create_end", beijing::write(call.to)),
        ("trans_code", part.code().to_owned()),
    ];
    if account.payee_id() != account.settings.partner {
        fields.push(("user_id", account.payee_id().to_owned()));
    }
    Some((words::REPORT, fields))
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
    let part = Part::of(call).ok_or("a report has two parts")?;
    let (result, proof) = super::result(account, &Limits::REPORT, "csv_result", reply)?;
    let count = super::number(&result.children, "count")
        .ok_or("the report does not say how many rows it has")?;
    let table = result.children.get("csv_data").unwrap_or_default();
    let table = account
        .settings
        .charset
        .decode(table)
        .map_err(|error| error.to_string())?;
    let mut rows = 0;
    let mut evidence = Vec::new();
    for row in self::rows(&table)? {
        rows += 1;
        let told = row.and_then(|row| part.evidence(account, &row, proof));
        evidence.extend(told.map_err(|fault| format!("row {rows}: {fault}"))?);
    }
    if rows != count {
        return Err(format!(
            "count says {count}, and {rows} rows came: the report contradicts itself"
        ));
    }
    Ok(Stated {
        rows: Some(u32::try_from(rows).map_err(|_| "the report has too many rows")?),
        reason: None,
        more: part == Part::Payments,
        evidence: row::distinct(evidence),
    })
}

/// The rows behind the header, each with as many columns as that: so a comma too many in a row moves no sum.
fn rows(table: &str) -> Result<impl Iterator<Item = Result<Row, &'static str>>, &'static str> {
    let (before, behind) = words::REPORT_WRAPPING;
    let inside = |text| str::strip_suffix(str::strip_prefix(text, before)?, behind);
    let table = inside(table).unwrap_or(table);
    let reader = ReaderBuilder::new()
        .has_headers(false)
        .from_reader(table.as_bytes());
    let mut records = reader.into_records();
    match records.next() {
        Some(Ok(header)) if !is_header(&header) => {
            return Err("the report's header is not the one of this service");
        }
        Some(Err(_)) => return Err("the report is no table"),
        Some(Ok(_)) | None => {}
    }
    Ok(records.map(|record| {
        let record = record.map_err(|_| "it has not the columns of the header")?;
        row(&record)
    }))
}

/// How many columns are named.
const COLUMNS: usize = words::REPORT_COLUMNS.len();

/// Whether the columns that are read stand where they must. Behind a last comma there is one more, which is empty.
fn is_header(header: &StringRecord) -> bool {
    let named = |column: &usize| header.get(*column) == words::REPORT_COLUMNS.get(*column).copied();
    [ORDER_NO, TIME, TRADE_NO, INCOME, OUTGOING]
        .iter()
        .all(named)
        && (header.len() == COLUMNS || header.len() == COLUMNS + 1)
        && header.iter().skip(COLUMNS).all(str::is_empty)
}

fn row(record: &StringRecord) -> Result<Row, &'static str> {
    if !record.iter().skip(COLUMNS).all(str::is_empty) {
        return Err("it has more columns than the header names");
    }
    let cell = |column| record.get(column).unwrap_or_default();
    let row = Row {
        order_no: row::order_no(cell(ORDER_NO)),
        trade_no: row::trade_no(cell(TRADE_NO)),
        at: beijing::read_in_report(cell(TIME)),
        income: None,
        outgoing: None,
    };
    row.with_sums(cell(INCOME), cell(OUTGOING))
}

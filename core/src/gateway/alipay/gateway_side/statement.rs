//! Statements, as the gateway gives them out (note 5.4, 5.5, and public programs that read them).
//!
//! A report's rows stand between `<![CDATA[` and `]]>` as text, each line ends with a comma, and times are written in
//! Chinese. A page's signature covers the text of its list beside the three values. Whether the end of the time is in
//! a report is not documented: here it is, so that a merchant meets a row twice; in a page it is not.

use super::super::{StatementService, beijing, words};
use super::call::{Fields as Asked, ascii};
use super::{Code, Fields, Merchant, answer};
use crate::charset::Charset;
use crate::http::Reply;
use crate::money::Money;
use crate::params::Params;
use csv::{Terminator, WriterBuilder};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A question about the bookings of an account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatementAsked {
    /// Who asks.
    pub partner: String,
    /// The charset of the answer.
    pub charset: Charset,
    /// Which service is asked.
    pub service: StatementService,
    /// From this second on.
    pub from: Timestamp,
    /// Up to this second, which is in a report and not in a page.
    pub to: Timestamp,
    /// Which page, from 1; always 1 for the report.
    pub page_no: u32,
    /// How many rows a page has.
    pub page_size: u32,
    /// Only bookings of these kinds; empty means all.
    pub kinds: BTreeSet<BookingKind>,
}

/// The kinds of bookings that a simulator makes (note 5.4).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BookingKind {
    /// A transfer, which a refund is too: 3011.
    Transfer,
    /// An online payment: 6001.
    OnlinePayment,
}

impl BookingKind {
    /// The code on the wire.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            BookingKind::Transfer => words::TRANSFER,
            BookingKind::OnlinePayment => words::ONLINE_PAYMENT,
        }
    }

    /// What it is called, and what it is called more closely: a report has the second, a page has both.
    fn words(self) -> (&'static str, &'static str) {
        match self {
            BookingKind::Transfer => ("转账", "交易退款"),
            BookingKind::OnlinePayment => ("在线支付", "在线支付"),
        }
    }
}

/// One row of a statement: money that came to the account, or left it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Booking {
    /// The number of the row.
    pub flow_no: String,
    /// When it was booked.
    pub at: Timestamp,
    /// What it is.
    pub kind: BookingKind,
    /// The merchant's number.
    pub out_trade_no: String,
    /// The gateway's number.
    pub trade_no: String,
    /// The other side's number.
    pub buyer_id: String,
    /// The other side's login.
    pub buyer_email: String,
    /// What came; zero where money left.
    pub income: Money,
    /// What left; zero where money came.
    pub outgoing: Money,
    /// What is on the account after it.
    pub balance: Money,
    /// The title of what was bought.
    pub goods: String,
    /// A remark.
    pub remark: String,
}

/// How many rows a page has where nothing is said (note 5.5).
const PAGE_SIZE: u32 = 5_000;

/// Reads a question.
pub(super) fn asked(
    fields: &Asked,
    service: StatementService,
    partner: String,
) -> Result<StatementAsked, Code> {
    let (from, to) = match service {
        StatementService::Report => ("gmt_create_start", "gmt_create_end"),
        StatementService::Pages => ("gmt_start_time", "gmt_end_time"),
    };
    let (from, to) = (time(fields, from)?, time(fields, to)?);
    if from > to {
        return Err(Code("START_DATE_AFTER_END_DATE"));
    }
    if to.duration_since(from) > SignedDuration::from_hours(24) {
        return Err(Code("ILLEGAL_DATE_TOO_LONG"));
    }
    let other = |name| ascii(&fields.params, name).is_some_and(|asked| asked != partner);
    let (page_no, page_size) = match service {
        StatementService::Report if other("user_id") => return Err(Code("ACCESS_ACCOUNT_DENIED")),
        StatementService::Report => (1, PAGE_SIZE),
        StatementService::Pages => (
            number(fields, "page_no", u32::MAX)?.ok_or(Code("ILLEGAL_PAGE_NO"))?,
            number(fields, "page_size", PAGE_SIZE)?.unwrap_or(PAGE_SIZE),
        ),
    };
    let codes = ascii(&fields.params, "trans_code").unwrap_or_default();
    let known = [BookingKind::Transfer, BookingKind::OnlinePayment];
    let kinds = known
        .into_iter()
        .filter(|kind| codes.split(',').any(|code| code == kind.code()))
        .collect::<BTreeSet<_>>();
    if kinds.is_empty() && !codes.is_empty() {
        return Err(Code("ILLEGAL_ARGUMENT"));
    }
    Ok(StatementAsked {
        partner,
        charset: fields.charset,
        service,
        from,
        to,
        page_no,
        page_size,
        kinds,
    })
}

fn time(fields: &Asked, name: &str) -> Result<Timestamp, Code> {
    let text = ascii(&fields.params, name).ok_or(Code("REQUIRED_DATE"))?;
    beijing::read(text).ok_or(Code("ILLEGAL_DATE_FORMAT"))
}

fn number(fields: &Asked, name: &'static str, max: u32) -> Result<Option<u32>, Code> {
    let code = Code(match name {
        "page_no" => "ILLEGAL_PAGE_NO",
        _ => "ILLEGAL_PAGE_SIZE",
    });
    let Some(text) = ascii(&fields.params, name) else {
        return Ok(None);
    };
    let number = text.parse::<u32>().map_err(|_| code)?;
    (1..=max)
        .contains(&number)
        .then_some(Some(number))
        .ok_or(code)
}

impl StatementAsked {
    /// Whether a booking of this time and kind was asked for.
    #[must_use]
    pub fn means(&self, at: Timestamp, kind: BookingKind) -> bool {
        let (second, to) = (at.as_second(), self.to.as_second());
        let before_end = match self.service {
            StatementService::Report => second <= to,
            StatementService::Pages => second < to,
        };
        self.from.as_second() <= second
            && before_end
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }

    /// How many of the bookings that were asked for stand before the answer, and how many it tells at most.
    #[must_use]
    pub fn part(&self) -> (usize, usize) {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        match self.service {
            StatementService::Report => (0, usize::MAX),
            StatementService::Pages => {
                let size = count(self.page_size);
                (
                    count(self.page_no.saturating_sub(1)).saturating_mul(size),
                    size,
                )
            }
        }
    }
}

/// The answer: of these bookings, those that were asked for.
#[must_use]
pub fn statement_reply(asked: &StatementAsked, bookings: &[Booking], merchant: &Merchant) -> Reply {
    let (before, most) = asked.part();
    let meant = |booking: &&Booking| asked.means(booking.at, booking.kind);
    let mut rest = bookings.iter().filter(meant).skip(before);
    let rows: Vec<&Booking> = rest.by_ref().take(most).collect();
    statement_part(asked, &rows, rest.next().is_some(), merchant)
}

/// The answer that tells these rows and no others: for a simulator that makes the rows of one page only. `more`:
/// whether others that were asked for stand behind them.
#[must_use]
pub fn statement_part(
    asked: &StatementAsked,
    rows: &[&Booking],
    more: bool,
    merchant: &Merchant,
) -> Reply {
    match asked.service {
        StatementService::Report => report(asked, rows, merchant),
        StatementService::Pages => page(asked, rows, more, merchant),
    }
}

/// A day at once, signed over the children of `csv_result`.
fn report(asked: &StatementAsked, rows: &[&Booking], merchant: &Merchant) -> Reply {
    let mut result = long_fields(asked.charset);
    result
        .put("count", &rows.len().to_string())
        .put("csv_data", &table(asked.charset, rows));
    let told = format!("<csv_result>{}</csv_result>", answer::children(&result));
    answer::signed(words::REPORT, &[], &told, &result, merchant)
}

fn long_fields(charset: Charset) -> Fields {
    Fields {
        charset,
        params: Params::holding(usize::MAX),
    }
}

/// The rows with their header. A cell that the charset cannot hold is left empty.
fn table(charset: Charset, rows: &[&Booking]) -> String {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(Vec::new());
    let header = words::REPORT_COLUMNS.map(str::to_owned);
    for cells in std::iter::once(header).chain(rows.iter().map(|row| columns(row))) {
        let cells = cells.iter().map(|cell| match charset.encode(cell) {
            Ok(_) => cell.as_str(),
            Err(_) => "",
        });
        // An empty cell more is the comma at the end. Writing to memory does not fail.
        let _ = writer.write_record(cells.chain([""]));
    }
    let table = String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default();
    let (before, behind) = words::REPORT_WRAPPING;
    format!("{before}{table}{behind}")
}

fn columns(row: &Booking) -> [String; 14] {
    let sum = |sum: Money| match sum.minor {
        0 => String::new(),
        _ => sum.decimal(),
    };
    [
        row.out_trade_no.clone(),
        row.balance.decimal(),
        beijing::write_in_report(row.at),
        row.flow_no.clone(),
        row.trade_no.clone(),
        row.buyer_email.clone(),
        String::new(),
        row.buyer_id.clone(),
        sum(row.income),
        sum(row.outgoing),
        "支付宝".to_owned(),
        row.goods.clone(),
        row.kind.words().1.to_owned(),
        row.remark.clone(),
    ]
}

/// A page, signed over the text of its list and what stands beside it.
fn page(asked: &StatementAsked, rows: &[&Booking], more: bool, merchant: &Merchant) -> Reply {
    let list: String = rows
        .iter()
        .map(|row| entry(asked.charset, row, merchant))
        .collect();
    let list = format!("<account_log_list>{list}</account_log_list>");
    let mut beside = Fields::new(asked.charset);
    let mut signed = long_fields(asked.charset);
    signed.put("account_log_list", &list);
    for (name, value) in [
        ("has_next_page", if more { "T" } else { "F" }),
        ("page_no", &asked.page_no.to_string()),
        ("page_size", &asked.page_size.to_string()),
    ] {
        beside.put(name, value);
        signed.put(name, value);
    }
    let told = format!(
        "<account_page_query_result>{list}{}</account_page_query_result>",
        answer::children(&beside)
    );
    answer::signed(words::ACCOUNT_PAGE, &[], &told, &signed, merchant)
}

fn entry(charset: Charset, row: &Booking, merchant: &Merchant) -> String {
    let total = row.income.minor.saturating_add(row.outgoing.minor);
    let (kind, closer) = row.kind.words();
    let mut fields = Fields::new(charset);
    fields
        .put("balance", &row.balance.decimal())
        .put("buyer_account", &format!("{}0156", row.buyer_id))
        .put("currency", "156")
        .put("goods_title", &row.goods)
        .put("income", &row.income.decimal())
        .put("iw_account_log_id", &row.flow_no)
        .put("memo", &row.remark)
        .put("merchant_out_order_no", &row.out_trade_no)
        .put("other_account_email", &row.buyer_email)
        .put("outcome", &row.outgoing.decimal())
        .put("partner_id", &merchant.partner)
        .put("seller_account", &format!("{}0156", merchant.partner))
        .put("sub_trans_code_msg", closer)
        .put(
            "total_fee",
            &Money::new(total, row.income.currency).decimal(),
        )
        .put("trade_no", &row.trade_no)
        .put("trans_code_msg", kind)
        .put("trans_date", &beijing::write(row.at));
    format!(
        "<AccountQueryAccountLogVO>{}</AccountQueryAccountLogVO>",
        answer::children(&fields)
    )
}

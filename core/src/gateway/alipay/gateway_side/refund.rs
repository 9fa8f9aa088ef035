//! Refunds at the gateway (note 5.3): how a batch is read, what is done about each of its items, and how that is told.

use super::super::{beijing, words};
use super::call::{Fields, ascii};
use super::{Code, Merchant, Trade, TradeStatus};
use crate::charset::Charset;
use crate::gateway::RefundWay;
use crate::http::Reply;
use crate::money::{Currency, Money};
use crate::params::Params;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// A batch has this many items at most.
const ITEMS_MAX: usize = 1000;
/// A reason has fewer bytes than this.
const REASON_BYTES: usize = 256;

/// Refunds that a merchant asks for at once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundBatch {
    /// Who asks.
    pub partner: String,
    /// The charset of the request.
    pub charset: Charset,
    /// With a person's password, or without.
    pub way: RefundWay,
    /// The merchant's number of the batch.
    pub batch_no: String,
    /// When the merchant says that it asks.
    pub refund_date: Timestamp,
    /// Where to tell the outcome.
    pub notify_url: Option<String>,
    /// At least one, each of another trade.
    pub items: Vec<RefundItem>,
}

/// One refund of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundItem {
    /// The trade.
    pub trade_no: String,
    /// How much goes back.
    pub amount: Money,
    /// Why.
    pub reason: String,
    /// Whether a share that was paid on is to go back as well.
    pub with_fee: bool,
}

/// What became of one refund of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefundOutcome {
    /// The trade.
    pub trade_no: String,
    /// How much was to go back.
    pub amount: Money,
    /// Why it did not, where it did not.
    pub refused: Option<Code>,
}

impl RefundBatch {
    /// Whether the batch is of this day in Beijing, by its number and by its date.
    ///
    /// # Errors
    /// `BATCH_NO_FORMAT_ERROR`, `REFUND_DATE_ERROR`.
    pub fn check_day(&self, now: Timestamp) -> Result<(), Code> {
        let today = beijing::day(now);
        if !self.batch_no.starts_with(&today) {
            return Err(Code("BATCH_NO_FORMAT_ERROR"));
        }
        match beijing::day(self.refund_date) == today {
            true => Ok(()),
            false => Err(Code("REFUND_DATE_ERROR")),
        }
    }
}

impl RefundItem {
    /// Why this cannot be paid back from the trade as it stands; `None` where it can.
    #[must_use]
    pub fn refusal(&self, trade: &Trade) -> Option<Code> {
        let left = trade.request.total_fee.minor - trade.refunded.minor;
        match trade.status {
            _ if self.with_fee => Some(Code("PWD_REFUND_NOT_ALLOW_ROYALTY")),
            TradeStatus::Closed => Some(Code("TRADE_HAS_CLOSED")),
            TradeStatus::WaitBuyerPay | TradeStatus::Pending | TradeStatus::Finished => {
                Some(Code("TRADE_STATUS_ERROR"))
            }
            TradeStatus::Success if self.amount.minor > left => {
                Some(Code("REFUND_AMOUNT_NOT_VALID"))
            }
            TradeStatus::Success => None,
        }
    }

    /// The item with what became of it.
    #[must_use]
    pub fn outcome(&self, refused: Option<Code>) -> RefundOutcome {
        RefundOutcome {
            trade_no: self.trade_no.clone(),
            amount: self.amount,
            refused,
        }
    }
}

impl RefundOutcome {
    /// `SUCCESS`, or the code of the refusal.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.refused.map_or(words::SUCCESS, |code| code.0)
    }

    /// `trade_no^amount^RESULT`.
    fn detail(&self) -> String {
        format!(
            "{}^{}^{}",
            self.trade_no,
            self.amount.decimal(),
            self.word()
        )
    }
}

/// Reads a batch, checking what can be known without the trades.
pub(super) fn batch(
    fields: &Fields,
    merchant: &Merchant,
    way: RefundWay,
) -> Result<RefundBatch, Code> {
    // Only trades of the advanced product can be paid back.
    if !merchant.advanced {
        return Err(Code("PARTNER_NOT_SIGN_PROTOCOL"));
    }
    check_seller(&fields.params, merchant)?;
    let batch_no = ascii(&fields.params, "batch_no")
        .filter(|number| words::is_batch_no(number))
        .ok_or(Code("BATCH_NO_FORMAT_ERROR"))?;
    let refund_date = ascii(&fields.params, "refund_date")
        .and_then(beijing::read)
        .ok_or(Code("REFUND_DATE_ERROR"))?;
    let batch_num = ascii(&fields.params, "batch_num")
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|number| number.parse::<usize>().ok())
        .filter(|number| *number > 0)
        .ok_or(Code("BATCH_NUM_ERROR"))?;
    if batch_num > ITEMS_MAX {
        return Err(Code("BATCH_NUM_EXCEED_LIMIT"));
    }
    let items = items(fields)?;
    if items.len() != batch_num {
        return Err(Code("BATCH_NUM_NOT_EQUAL_TOTAL"));
    }
    let trades: BTreeSet<&str> = items.iter().map(|item| item.trade_no.as_str()).collect();
    if trades.len() != items.len() {
        return Err(Code("DUBL_TRADE_NO_IN_SAME_BATCH"));
    }
    Ok(RefundBatch {
        partner: merchant.partner.clone(),
        charset: fields.charset,
        way,
        batch_no: batch_no.to_owned(),
        refund_date,
        notify_url: fields.url("notify_url", 200)?,
        items,
    })
}

/// The two documents contradict each other on which of number and login wins where both are given: here both must be
/// right.
fn check_seller(params: &Params, merchant: &Merchant) -> Result<(), Code> {
    let id = ascii(params, "seller_user_id");
    let email = ascii(params, "seller_email");
    let known = id.is_none_or(|id| id == merchant.partner)
        && email.is_none_or(|email| email == merchant.email)
        && (id.is_some() || email.is_some());
    match known {
        true => Ok(()),
        false => Err(Code("SELLER_INFO_NOT_EXIST")),
    }
}

fn items(fields: &Fields) -> Result<Vec<RefundItem>, Code> {
    let wrong = Code("DETAIL_DATA_FORMAT_ERROR");
    let bytes = fields.params.get("detail_data").unwrap_or_default();
    let details = fields.charset.decode(bytes).map_err(|_| wrong)?;
    details
        .split('#')
        .map(|text| item(fields.charset, text))
        .collect()
}

/// `trade_no^total_refund^reason`, behind which the share of somebody else may stand after a `$`.
fn item(charset: Charset, text: &str) -> Result<RefundItem, Code> {
    let wrong = Code("DETAIL_DATA_FORMAT_ERROR");
    let mut parts = text.split('$');
    let mut refund = parts.next().unwrap_or_default().split('^');
    let (Some(trade_no), Some(amount), Some(reason), None) =
        (refund.next(), refund.next(), refund.next(), refund.next())
    else {
        return Err(wrong);
    };
    let amount = Money::parse(amount, Currency::CNY)
        .ok()
        .filter(|amount| (words::AMOUNT_MIN..=words::AMOUNT_MAX).contains(&amount.minor))
        .ok_or(wrong)?;
    if !words::is_trade_no(trade_no) || reason.is_empty() || reason.contains('|') {
        return Err(wrong);
    }
    if charset.encode(reason).map_err(|_| wrong)?.len() >= REASON_BYTES {
        return Err(Code("SINGLE_DETAIL_DATA_EXCEED_LIMIT"));
    }
    Ok(RefundItem {
        trade_no: trade_no.to_owned(),
        amount,
        reason: reason.to_owned(),
        with_fee: parts.next().is_some(),
    })
}

/// The body of a batch refund notify, signed. Fields and their order as in vector M11.
#[must_use]
pub fn batch_notify_body(
    batch_no: &str,
    outcomes: &[RefundOutcome],
    merchant: &Merchant,
    notify_id: &str,
    at: Timestamp,
) -> Vec<u8> {
    let done = outcomes.iter().filter(|one| one.refused.is_none()).count();
    let details: Vec<String> = outcomes.iter().map(RefundOutcome::detail).collect();
    // Nothing of it is more than ASCII, which is the same in every charset.
    let mut fields = super::Fields::new(Charset::Utf8);
    fields
        .put("notify_time", &beijing::write(at))
        .put("notify_type", words::BATCH_REFUND)
        .put("notify_id", notify_id)
        .put("batch_no", batch_no)
        .put("success_num", &done.to_string())
        .put("result_details", &details.join("#"));
    fields.signed_wire(merchant).into_bytes()
}

/// The answer to a batch without a password: it was taken in. What became of it comes with the notify.
#[must_use]
pub fn refund_reply() -> Reply {
    super::answer::close_reply()
}

/// The answer of `refund_fastpay_query` about these refunds of a batch: text, and unsigned.
#[must_use]
pub fn refund_query_reply(batch_no: &str, outcomes: &[&RefundOutcome]) -> Reply {
    let details: Vec<String> = outcomes
        .iter()
        .map(|outcome| format!("{batch_no}^{}", outcome.detail()))
        .collect();
    text(&[("is_success", "T"), ("result_details", &details.join("#"))])
}

/// The refusal of `refund_fastpay_query`: `REFUND_NOT_EXIST`, or what is wrong with the question.
#[must_use]
pub fn refund_query_error(code: Code) -> Reply {
    text(&[("is_success", "F"), ("error_code", code.0)])
}

fn text(fields: &[(&str, &str)]) -> Reply {
    let mut params = Params::new();
    for (name, value) in fields {
        let _ = params.push(name, value.as_bytes());
    }
    let mut reply = Reply::new(200, params.to_wire());
    let kind = "text/plain;charset=utf-8";
    reply.headers.push(("content-type".into(), kind.into()));
    reply
}

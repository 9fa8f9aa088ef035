//! What a terminal told the till (note 4; seed 002 3.1). Codes decide, and never the prose: "Canceled by user" is what a
//! front end shows, and stands in no message.

use super::words;
use crate::gateway::{TerminalOutcome, TerminalReport, TerminalResult};

/// What it comes down to. A cancel is the only outcome that is unpaid without a question.
pub(super) fn read(report: &TerminalReport<'_>) -> TerminalResult {
    let told = |text: &Option<&'_ str>| text.is_some_and(|text| !text.trim().is_empty());
    let code = report
        .response_code
        .map(str::trim)
        .filter(|code| !code.is_empty());
    let detail = report
        .response_msg
        .and_then(words::detail)
        .map(|(code, _)| code);
    let outcome = match (code, detail) {
        (Some(code), _) if words::SUCCESS.contains(&code) => TerminalOutcome::Success,
        (Some(words::CANCELED), _) | (_, Some(words::CANCELED_DETAIL)) => TerminalOutcome::Canceled,
        (Some(words::TIMED_OUT), _) => TerminalOutcome::Timeout,
        (Some(_), _) => TerminalOutcome::Failed,
        (None, _) if told(&report.response_msg) || told(&report.biz_data) => {
            TerminalOutcome::Unexpected
        }
        // Nothing at all came: the till waited in vain.
        (None, _) => TerminalOutcome::Timeout,
    };
    TerminalResult {
        outcome,
        reason: words::reason(code, report.response_msg),
    }
}

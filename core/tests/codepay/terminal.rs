//! What a terminal told the till (note 4; seed 002 3.1).

use crate::account;
use proptest::prelude::*;
use quittance_core::gateway::{Gateway, TerminalOutcome, TerminalReport};

fn outcome(code: Option<&str>, msg: Option<&str>, data: Option<&str>) -> TerminalOutcome {
    let report = TerminalReport {
        response_code: code,
        response_msg: msg,
        biz_data: data,
    };
    account().read_terminal_result(&report).unwrap().outcome
}

#[test]
fn codes_decide_and_prose_does_not() {
    use TerminalOutcome::{Canceled, Failed, Success, Timeout, Unexpected};
    let lan = "Operator cancellation[[K026]Manual cancelation by operator]";
    let intent = "Transaction failed[[K026]Manual cancelation by operator]";
    for (code, msg, data, expected) in [
        (Some("110"), Some(lan), None, Canceled),
        (Some("110"), None, None, Canceled),
        (Some("999"), Some(intent), Some(""), Canceled),
        (None, Some(intent), None, Canceled),
        (Some("000"), None, Some("{}"), Success),
        (Some(" 0 "), Some("SUCCESS"), None, Success),
        (Some("000"), Some(lan), None, Success),
        (Some("112"), None, None, Timeout),
        (None, None, None, Timeout),
        (Some(""), Some(" "), Some(""), Timeout),
        (
            Some("202"),
            Some("Transaction parameter error[[M003]Invalid Amount]"),
            None,
            Failed,
        ),
        (Some("106"), None, None, Failed),
        (Some("2"), None, None, Failed),
        (None, Some("Canceled by user"), None, Unexpected),
        (None, None, Some("{\"trans_status\":\"2\"}"), Unexpected),
    ] {
        assert_eq!(
            outcome(code, msg, data),
            expected,
            "{code:?} {msg:?} {data:?}"
        );
    }
}

#[test]
fn the_reason_is_the_gateways() {
    let report = TerminalReport {
        response_code: Some("202"),
        response_msg: Some("Transaction parameter error[[M003]Invalid Amount]"),
        biz_data: None,
    };
    let told = account().read_terminal_result(&report).unwrap();
    assert_eq!(told.reason.as_deref(), Some("202 M003: Invalid Amount"));
}

proptest! {
    /// Whatever a till sends, only the two codes of a cancel are one.
    #[test]
    fn nothing_else_is_a_cancel(code in "[0-9A-Z]{0,4}", msg in "\\PC{0,40}") {
        prop_assume!(code != "110" && !msg.contains("[[K026]"));
        prop_assert_ne!(outcome(Some(&code), Some(&msg), None), TerminalOutcome::Canceled);
    }
}

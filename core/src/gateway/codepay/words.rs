//! Words that both sides know: methods, types and statuses of transactions, number formats.

/// The text that answers a notification, letter case included (note 3).
pub(super) const ACK: &str = "success";
/// The path of every call, behind the gateway's address (note 1.1).
pub(super) const ENTRY: &str = "/api/entry";
/// The method of a notification (note 3).
pub(super) const NOTIFY: &str = "payment.result.notify";
/// Pushes a transaction to a terminal (note 2.4).
pub(super) const PUSH: &str = "wisehub.cloud.pay.order";
/// Takes an unpaid one back from it (note 2.5).
pub(super) const CLOSE: &str = "wisehub.cloud.pay.close";
/// The state of an order (note 2.5).
pub(super) const QUERY: &str = "order.query";
/// Cancel Order: undoes whatever happened (note 2.5).
pub(super) const REVOKE: &str = "order.revoker";
/// Asks for a refund (note 2.5).
pub(super) const REFUND: &str = "order.refund.submit";
/// The state of one (note 2.5).
pub(super) const REFUND_QUERY: &str = "order.refund.query";
/// The hosted page (note 2.6).
pub(super) const PAGE: &str = "pay.checkout";

/// The code of a call that was accepted and executed. It is not the payment's result (note 1.5).
pub(super) const OK: &str = "0";
/// There is no order of this number (note 5).
pub(super) const NOT_EXIST: &str = "E04111";
/// The order number was used before (note 5).
pub(super) const REPEATED: &str = "E04112";
/// The number of a refund was used before (note 5).
pub(super) const REPEATED_TRADE: &str = "E04131";

/// The application on the terminal that takes the message (note 2.4).
pub(super) const REGISTER: &str = "CodePay Register";
/// `trans_type` of a sale (note 2.1).
pub(super) const SALE: &str = "1";
/// `trans_type` of the void of a sale.
pub(super) const VOID: &str = "2";
/// `trans_type` of a refund.
pub(super) const REFUNDED: &str = "3";

/// Somebody pressed cancel: the terminal's code and the detail code in its text (note 4).
pub(super) const CANCELED: &str = "110";
/// The detail code of the same.
pub(super) const CANCELED_DETAIL: &str = "K026";
/// The terminal waited in vain (note 4).
pub(super) const TIMED_OUT: &str = "112";
/// The terminal's words for success: the documents' and the one that was seen (note 4).
pub(super) const SUCCESS: [&str; 2] = ["000", "0"];

/// An order's number has at most so many characters (note 2.3).
pub(super) const ORDER_NO_CHARS_MAX: usize = 32;
/// So much of a code or a text of the gateway's is kept as a reason.
const REASON_CHARS_MAX: usize = 200;

/// Whether this is an order's number here: letters, digits, `-` and `_` (note 2.3).
pub(super) fn is_order_no(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=ORDER_NO_CHARS_MAX).contains(&text.len()) && text.bytes().all(plain)
}

/// Whether this is the gateway's number of a transaction. Samples have 22 or 23 digits (note 2.4).
pub(super) fn is_trade_no(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether this is a terminal's serial number (note 2.4: at most 32 characters; samples have letters and digits).
pub(super) fn is_terminal(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=32).contains(&text.len()) && text.bytes().all(plain)
}

/// The gateway's own reason: its code, the detail code inside of its text and the text, as far as they are there.
/// `110 K026: Manual cancelation by operator`.
pub(super) fn reason(code: Option<&str>, text: Option<&str>) -> Option<String> {
    let (detail, said) = match text.and_then(detail) {
        Some((detail, said)) => (Some(detail), Some(said)),
        None => (None, text),
    };
    let codes: Vec<&str> = [code, detail].into_iter().flatten().collect();
    let codes = codes.join(" ");
    let said = said.map(str::trim).filter(|said| !said.is_empty());
    let whole = match (codes.is_empty(), said) {
        (true, None) => return None,
        (true, Some(said)) => said.to_owned(),
        (false, None) => codes,
        (false, Some(said)) => format!("{codes}: {said}"),
    };
    let shown = |c: char| if c.is_control() { ' ' } else { c };
    Some(whole.chars().map(shown).take(REASON_CHARS_MAX).collect())
}

/// Detail code and detail text of `general[[code]detail]` (note 4).
pub(super) fn detail(text: &str) -> Option<(&str, &str)> {
    let (_, inner) = text.split_once("[[")?;
    let (code, rest) = inner.split_once(']')?;
    let plain = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| (code, rest.strip_suffix(']').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_the_codes_and_the_detail() {
        let canceled = "Operator cancellation[[K026]Manual cancelation by operator]";
        let all = reason(Some("110"), Some(canceled));
        assert_eq!(
            all.as_deref(),
            Some("110 K026: Manual cancelation by operator")
        );
        assert_eq!(reason(Some("112"), None).as_deref(), Some("112"));
        assert_eq!(reason(None, Some("odd [[x")).as_deref(), Some("odd [[x"));
        assert_eq!(reason(None, Some(" \n ")), None);
        assert_eq!(reason(None, None), None);
        let long = reason(None, Some(&"茶\n".repeat(500))).unwrap();
        assert!(long.chars().count() == REASON_CHARS_MAX && !long.contains('\n'));
    }
}

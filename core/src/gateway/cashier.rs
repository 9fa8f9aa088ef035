//! What the gateway shows to a browser that brings a payment request: its cashier, or a page that names an error.
//!
//! Neither page is documented beyond this: an error page holds its code as a word of its own (seed 001 5.1: 错误代码 and
//! the code). So a known code is looked for, and everything else that is no failure of HTTP is a cashier.

use crate::codes::Codes;
use crate::http::Reply;

/// What a page turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cashier {
    /// The buyer could pay here.
    Reached,
    /// The gateway refuses the request with this code of its own.
    Refused(String),
    /// Neither can be told.
    Unclear(String),
}

/// Reads the page, or the redirect to it.
pub(super) fn read(codes: Codes, reply: &Reply) -> Cashier {
    let text = String::from_utf8_lossy(&reply.body);
    let location = reply.header("location").unwrap_or_default();
    let named = words(&text)
        .chain(words(location))
        .find(|word| is_code(word) && codes.get(word).is_some());
    if let Some(code) = named {
        return Cashier::Refused(code.to_owned());
    }
    match reply.status {
        200..=299 if !text.trim().is_empty() => Cashier::Reached,
        300..=399 if !location.is_empty() => Cashier::Reached,
        status => Cashier::Unclear(format!("status {status}, {} bytes", reply.body.len())),
    }
}

/// The words of a page: codes hold letters, digits, `_`, `-` and points.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    text.split(move |c| !part(c))
        .map(|word| word.trim_matches('.'))
}

/// A code has several parts, so that no ordinary word of a page is taken for one.
fn is_code(word: &str) -> bool {
    word.len() >= 8 && word.contains(['_', '.'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{alipay, dinpay};

    fn check(codes: Codes, status: u16, location: &str, body: &str, expected: &Cashier) {
        let mut reply = Reply::new(status, body);
        if !location.is_empty() {
            reply
                .headers
                .push(("location".to_owned(), location.to_owned()));
        }
        assert_eq!(read(codes, &reply), *expected, "{status} {location} {body}");
    }

    #[test]
    fn a_code_is_found_as_a_word_of_its_own() {
        let refused = |code: &str| Cashier::Refused(code.to_owned());
        let page = "<p>调试错误，请回到请求来源地，重新发起请求。</p><p>错误代码 ILLEGAL_SIGN</p>";
        check(alipay::CODES, 200, "", page, &refused("ILLEGAL_SIGN"));
        check(
            alipay::CODES,
            302,
            "https://cashier.example/error.htm?code=ILLEGAL_PARTNER",
            "",
            &refused("ILLEGAL_PARTNER"),
        );
        let page = "<b data-code=\"csp.orderService.order-is-already-exist\">";
        check(
            dinpay::CODES,
            200,
            "",
            page,
            &refused("csp.orderService.order-is-already-exist"),
        );
        let page = "the name XILLEGAL_SIGN_ is none";
        check(alipay::CODES, 200, "", page, &Cashier::Reached);
    }

    #[test]
    fn an_empty_page_is_no_cashier() {
        let unclear = |text: &str| Cashier::Unclear(text.to_owned());
        check(
            alipay::CODES,
            200,
            "",
            " \n",
            &unclear("status 200, 2 bytes"),
        );
        check(
            alipay::CODES,
            502,
            "",
            "bad gateway",
            &unclear("status 502, 11 bytes"),
        );
        let cashier = "https://cashier.example/pay?token=1";
        check(alipay::CODES, 302, cashier, "", &Cashier::Reached);
        check(dinpay::CODES, 200, "", "<form>", &Cashier::Reached);
    }
}

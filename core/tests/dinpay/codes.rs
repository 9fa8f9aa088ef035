//! Every code that the gateway may answer with is explained, in both languages.

use quittance_core::Lang;
use quittance_core::codes::Explanation;
use quittance_core::gateway::dinpay::CODES;
use std::collections::BTreeSet;
use std::path::Path;

/// Note 5, in its order.
const NOTE: &str = "
    ILLEGAL_SIGN SIGN_IS_NULL SIGN_TYPE_IS_NULL ILLEGAL_SIGN_TYPE MERCHANT_CODE_IS_NULL ILLEGAL_SERVICE_TYPE
    INTERFACE_VERSION_IS_NULL ILLEGAL_INTERFACE_VERSION ILLEGAL_PAY_BUSINESS CHECK_URL_NOT_MATCH
    TRANSACTION_REJECTED_001 ILLEGAL_URL_FORMAT NOTIFY_URL_IS_NULL NOTIFY_URL_IS_TOO_LONG ORDER_NO_IS_NULL
    ORDER_NO_IS_TOO_LONG ORDER_TIME_IS_NULL ILLEGAL_ORDER_TIME_FORMAT ORDER_AMOUNT_IS_NULL
    ILLEGAL_ORDER_AMOUNT_FORMAT ORDER_AMOUNT_IS_TOO_LARGE PRODUCT_NAME_IS_NULL PRODUCT_NAME_IS_TOO_LONG
    PRODUCT_CODE_IS_TOO_LONG PRODUCT_DESC_IS_TOO_LONG ILLEGAL_PRODUCT_NUM_FORMAT EXTRA_RETURN_PARAM_IS_TOO_LONG
    ILLEGAL_EXTEND_PARAM_FORMAT SHOW_URL_IS_TOO_LONG ILLEGAL_SHOW_URL_FORMAT ILLEGAL_CLIENT_IP ILLEGAL_PARAMS
    ILLEGAL_REQUEST csp.orderService.order-is-already-exist ORDERNO_IS_ALREADY_EXISTS
    csp.orderService.prepay-create-order-failure SYSTEM_ERROR UNKNOW_ERROR OTHER_ERROR CONCUMER_NAME_IS_NULL
    CONCUMER_IDNO_IS_NULL CONCUMER_IDNO_IS_INVALID ILLEGAL_CONCUMER_IDNO INVALID_ID_CARD RECEIVER_IDNO_IS_INVALID
    ILLEGAL_RECEIVER_IDNO VIOLATE_DAY_MAXAMOUNT VIOLATE_DAY_MAXCOUNT VIOLATE_MONTH_MAXCOUNT VIOLATE_SING_MAXAMOUNT
    VIOLATE_WITHCARD_SINGLE_OVER GET_QRCODE_FAILED GET_PAYURL_FAILED TRADE_IS_NOT_EXIST";

/// Not one code of the documents is left out, and none is told twice.
#[test]
fn every_code_of_the_documents_is_explained_once() {
    let documented: BTreeSet<&str> = NOTE.split_whitespace().collect();
    let explained: Vec<&str> = CODES.all().map(|known| known.code).collect();
    let once: BTreeSet<&str> = explained.iter().copied().collect();
    assert_eq!(once.len(), explained.len());
    assert_eq!(once, documented);
    assert_eq!(CODES.speaker, "dinpay");
}

/// Whole sentences: English without Chinese, Chinese that is not English.
#[test]
fn every_explanation_is_told_in_both_languages() {
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let check = |of: &str, words: quittance_core::lang::Words| {
        let (en, zh) = (words.say(Lang::En), words.say(Lang::Zh));
        assert!(!chinese(en) && en.ends_with(['.', ')']), "{of}: {en}");
        assert!(chinese(zh) && zh.ends_with(['。', '）']), "{of}: {zh}");
    };
    for known in CODES.all() {
        let Explanation {
            code,
            meaning,
            cause,
            fix,
            help,
        } = known;
        for words in [meaning, cause, fix] {
            check(code, *words);
        }
        assert_eq!(*help, None);
    }
    check("ask", CODES.ask);
}

/// The gateway misspells codes; whoever spells them rightly finds them all the same, and so does whoever types the ones
/// with points and small letters.
#[test]
fn codes_are_found_as_people_type_them() {
    for (typed, code) in [
        ("illegal-sign", "ILLEGAL_SIGN"),
        ("UNKNOWN_ERROR", "UNKNOW_ERROR"),
        ("consumer_name_is_null", "CONCUMER_NAME_IS_NULL"),
        ("OREDER_NO_IS_TOO_LONG", "ORDER_NO_IS_TOO_LONG"),
        (
            "csp.orderService.order-is-already-exist",
            "csp.orderService.order-is-already-exist",
        ),
        (
            "CSP.orderservice.order is already exist",
            "csp.orderService.order-is-already-exist",
        ),
    ] {
        assert_eq!(CODES.find(typed).unwrap().code, code, "{typed}");
    }
    for (spelt, code) in CODES.spellings {
        assert!(CODES.get(spelt).is_none(), "{spelt} is a code itself");
        assert!(CODES.get(code).is_some(), "{code} is no code");
    }
    for absent in ["TRADE_DUPLICATED", "TRADE_NOT_EXIST", ""] {
        assert!(CODES.find(absent).is_none(), "{absent}");
    }
}

/// What the gateway's side of this crate refuses with is explained.
#[test]
fn every_code_of_the_gateway_side_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gateway/dinpay/gateway_side");
    let mut refusals = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for after in text.split("Code(\"").skip(1) {
            let code = after.split('"').next().unwrap();
            assert!(CODES.get(code).is_some(), "{code} is not explained");
            refusals += 1;
        }
    }
    assert!(refusals > 10, "{refusals}");
}

/// The page of this gateway lists every code. With `QUITTANCE_WRITE_CODES` set the list is written anew.
#[test]
fn the_page_lists_the_codes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gateways/dinpay.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once("<!-- codes:").unwrap();
    let (mark, rest) = rest.split_once("-->\n").unwrap();
    let (listed, after) = rest.split_once("<!-- end of codes -->").unwrap();
    let made = listing();
    if std::env::var_os("QUITTANCE_WRITE_CODES").is_some() {
        let page = format!("{before}<!-- codes:{mark}-->\n{made}<!-- end of codes -->{after}");
        std::fs::write(&path, page).unwrap();
        return;
    }
    assert!(
        listed == made,
        "docs/gateways/dinpay.md is old: run QUITTANCE_WRITE_CODES=1 cargo test -p quittance-core --test dinpay codes"
    );
}

/// The codes as tables, one for each group.
fn listing() -> String {
    let mut text = String::new();
    for group in CODES.groups {
        text.push_str(&format!(
            "\n### {}\n\n| code | means |\n|---|---|\n",
            group.name.say(Lang::En)
        ));
        for known in group.codes {
            let meaning = known.meaning.say(Lang::En);
            text.push_str(&format!("| `{}` | {meaning} |\n", known.code));
        }
    }
    text + "\n"
}

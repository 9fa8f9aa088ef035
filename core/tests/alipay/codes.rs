//! Every code that the gateway may answer with is explained, in both languages.

use quittance_core::Lang;
use quittance_core::codes::Explanation;
use quittance_core::gateway::alipay::CODES;
use std::collections::BTreeSet;
use std::path::Path;

/// Seed 001 5.1, in its order. The last is explained in the guide itself and has no page.
const GUIDE: [(&str, Option<u32>); 16] = [
    ("HAS_NO_PRIVILEGE", Some(241_181)),
    ("ILLEGAL_PARTNER", Some(241_182)),
    ("ILLEGAL_ARGUMENT", Some(241_183)),
    ("ILLEGAL_SIGN", Some(241_184)),
    ("SELLER_NOT_IN_SPECIFIED_SELLERS", Some(241_185)),
    ("TRADE_NOT_ALLOWED_PAY", Some(241_187)),
    ("SELLER_NOT_EXIST", Some(241_188)),
    ("BUYER_SELLER_EQUAL", Some(241_189)),
    ("TRADE_DATA_MATCH_ERROR", Some(241_190)),
    ("ILLEGAL_SERVICE", Some(241_191)),
    ("ILLEGAL_FEE_PARAM", Some(241_194)),
    ("ROYALTY_FORAMT_ERROR", Some(241_195)),
    ("ILLEGAL_SIGN_TYPE", Some(241_196)),
    ("SELF_TIMEOUT_NOT_SUPPORT", Some(241_197)),
    ("ILLEGAL_ANTI_PHISHING_KEY", Some(241_198)),
    ("ILLEGAL_EXTER_INVOKE_IP", None),
];

/// Note 5.2, 5.3, 5.5 and 6, beyond those of the guide.
const NOTE: &str = "
    TRADE_STATUS_NOT_AVAILD TRADE_NOT_EXIST GENERAL_FAILTURE
    BATCH_NUM_EXCEED_LIMIT REFUND_DATE_ERROR BATCH_NUM_ERROR BATCH_NUM_NOT_EQUAL_TOTAL BATCH_NO_FORMAT_ERROR
    DUPLICATE_BATCH_NO DETAIL_DATA_FORMAT_ERROR SINGLE_DETAIL_DATA_EXCEED_LIMIT DUBL_TRADE_NO_IN_SAME_BATCH
    DUBL_ROYALTY_IN_DETAIL NOT_THIS_SELLER_TRADE NOT_THIS_PARTNERS_TRADE TRADE_STATUS_ERROR TRADE_HAS_REFUNDED
    SELLER_INFO_NOT_EXIST PARTNER_NOT_SIGN_PROTOCOL TRADE_HAS_CLOSED REASON_TRADE_REFUND_FEE_ERR
    REFUND_AMOUNT_NOT_VALID TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH TXN_RESULT_ACCOUNT_STATUS_NOT_VALID
    PWD_REFUND_NOT_ALLOW_ROYALTY TRADE_PRODUCT_TYPE_NOT_ALLOW_REFUND REASON_REFUND_CHARGE_ERR
    REASON_HAS_REFUND_FEE_NOT_MATCH REASON_REFUND_AMOUNT_LESS_THAN_COUPON_FEE REFUND_NOT_EXIST
    REQUIRED_DATE ILLEGAL_DATE_FORMAT ILLEGAL_DATE_TOO_LONG START_DATE_AFTER_NOW START_DATE_AFTER_END_DATE
    START_DATE_OUT_OF_RANGE ILLEGAL_PAGE_NO ILLEGAL_PAGE_SIZE ILLEGAL_ACCOUNT_LOG_ID TOO_MANY_QUERY ACCOUNT_NOT_EXIST
    ACCESS_ACCOUNT_DENIED SYSTEM_BUSY USER_DATA_MIGRATE_ERROR
    TRADE_SELLER_NOT_MATCH TRADE_BUYER_NOT_MATCH TRADE_PRICE_NOT_MATCH TRADE_QUANTITY_NOT_MATCH
    TRADE_TOTALFEE_NOT_MATCH SUBJECT_MUST_NOT_BE_NULL DIRECT_PAY_WITHOUT_CERT_CLOSE FAIL_CREATE_CASHIER_PAY_ORDER
    ILLEGAL_EXTRA_COMMON_PARAM ILLEGAL_PAYMENT_TYPE NOT_SUPPORT_GATEWAY TRADE_NOT_FOUND TRADE_GOOD_INFO_NOT_FOUND
    BUYER_EMAIL_ID_MUST_NULL BUYER_NOT_EXIST PRODUCT_NOT_ALLOWED ROYALTY_RECEIVER_NOT_IN_SPECIFIED_ACCOUNTS
    ROYALTY_LENGTH_ERROR ROYALTY_TYPE_ERROR ROYALTY_SELLER_ENABLE_STATUS_FORBID ROYALTY_SELLER_NOT_CERTIFY
    ROYALTY_RECEIVE_EMAIL_NOT_EXIST ROYALTY_RECEIVE_EMAIL_NOT_CERTIFY ROYALTY_PAY_EMAIL_NOT_EXIST DEFAULT_BANK_INVALID
    DIS_NOT_SIGN_PROTOCOL ILLEGAL_OUTTIME_ARGUMENT EBANK_CERDIT_GW_RULE_NOT_OPEN DIRECTIONAL_PAY_FORBIDDEN
    SELLER_ENABLE_STATUS_FORBID TAOBAO_ANTI_PHISHING_CHECK_FAIL PAY_CHECK_FAIL SUBJECT_HAS_FORBIDDENWORD
    BODY_HAS_FORBIDDENWORD NEED_CTU_CHECK_PARAMETER_ERROR NEED_CTU_CHECK_NOT_ALLOWED
    EXPARTNER_INFO_UNCORRECT TRADE_DATA_NOT_MATCH HAS_NO_PUBLICKEY USER_NOT_EXIST OUT_TRADE_NO_EXIST
    TOTAL_FEE_LESSEQUAL_ZERO TOTAL_FEE_OUT_OF_RANGE DIRECT_PAY_AMOUNT_OUT_OF_RANGE DONATE_GREATER_THAN_MAX
    TRADE_ENGINE_ERROR
    ILLEGAL_DYN_MD5_KEY ILLEGAL_ENCRYPT ILLEGAL_USER ILLEGAL_EXTERFACE ILLEGAL_PARTNER_EXTERFACE
    ILLEGAL_SECURITY_PROFILE ILLEGAL_AGENT ILLEGAL_CHARSET ILLEGAL_ENCODING ILLEGAL_CLIENT_IP SYSTEM_ERROR
    SESSION_TIMEOUT ILLEGAL_DIGEST_TYPE ILLEGAL_DIGEST ILLEGAL_FILE_FORMAT ILLEGAL_TARGET_SERVICE
    ILLEGAL_ACCESS_SWITCH_SYSTEM ILLEGAL_SWITCH_SYSTEM EXTERFACE_IS_CLOSED ILLEGAL_REQUEST_REFERER
    ANTI_PHISHING_KEY_TIMEOUT ILLEGAL_NUMBER_FORMAT ILLEGAL_INTEGER_FORMAT ILLEGAL_MONEY_FORMAT ILLEGAL_DATA_FORMAT
    REGEXP_MATCH_FAIL ILLEGAL_LENGTH PARAMTER_IS_NULL";

#[test]
fn the_codes_of_the_guide_are_explained_with_their_help_pages() {
    let told: Vec<_> = CODES.groups[0]
        .codes
        .iter()
        .map(|known| (known.code, known.help))
        .collect();
    assert_eq!(told, GUIDE);
    // The guide prints this one in small letters.
    let small = CODES.find("seller_not_in_specified_sellers").unwrap();
    assert_eq!(small.help, Some(241_185));
}

/// Not one code of the documents is left out, and none is told twice.
#[test]
fn every_code_of_the_documents_is_explained_once() {
    let documented: BTreeSet<&str> = NOTE
        .split_whitespace()
        .chain(GUIDE.map(|(code, _)| code))
        .collect();
    let explained: Vec<&str> = CODES.all().map(|known| known.code).collect();
    let once: BTreeSet<&str> = explained.iter().copied().collect();
    assert_eq!(once.len(), explained.len());
    assert_eq!(once, documented);
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
            help: _,
        } = known;
        for words in [meaning, cause, fix] {
            check(code, *words);
        }
    }
    check("ask", CODES.ask);
}

/// The gateway misspells codes; whoever spells them rightly finds them all the same.
#[test]
fn codes_are_found_under_their_right_spelling() {
    for (typed, code) in [
        ("royalty_format_error", "ROYALTY_FORAMT_ERROR"),
        ("GENERAL_FAILURE", "GENERAL_FAILTURE"),
        ("TRADE_STATUS_NOT_AVAILABLE", "TRADE_STATUS_NOT_AVAILD"),
        ("parameter_is_null", "PARAMTER_IS_NULL"),
        ("INVALID_CHARACTER_SET", "ILLEGAL_CHARSET"),
    ] {
        assert_eq!(CODES.find(typed).unwrap().code, code, "{typed}");
    }
    for (spelt, code) in CODES.spellings {
        assert!(CODES.get(spelt).is_none(), "{spelt} is a code itself");
        assert!(CODES.get(code).is_some(), "{code} is no code");
    }
}

/// What the gateway's side of this crate refuses with is explained. The sandbox has the same test for its own.
#[test]
fn every_code_of_the_gateway_side_is_explained() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/gateway/alipay/gateway_side");
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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/gateways/alipay.md");
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
        "docs/gateways/alipay.md is old: run QUITTANCE_WRITE_CODES=1 cargo test -p quittance-core --test alipay codes"
    );
}

/// The codes as tables, one for each group.
fn listing() -> String {
    let mut text = String::new();
    for group in CODES.groups {
        let helped = group.codes.iter().any(|known| known.help.is_some());
        let (head, rule) = match helped {
            true => ("| code | means | help |", "|---|---|---|"),
            false => ("| code | means |", "|---|---|"),
        };
        text.push_str(&format!(
            "\n### {}\n\n{head}\n{rule}\n",
            group.name.say(Lang::En)
        ));
        for known in group.codes {
            let help = known
                .help
                .map_or("in the guide itself".to_owned(), |page| page.to_string());
            let help = if helped {
                format!(" {help} |")
            } else {
                String::new()
            };
            let meaning = known.meaning.say(Lang::En);
            text.push_str(&format!("| `{}` | {meaning} |{help}\n", known.code));
        }
    }
    text + "\n"
}

//! `explain` as people run it: without settings, with what they typed.

use crate::program::{run, said};
use quittance_core::Lang;
use quittance_core::gateway::alipay::CODES;
use serde_json::Value;

fn ended(arguments: &[&str], code: i32) -> String {
    let output = run(&[&["explain"], arguments].concat());
    assert_eq!(output.status.code(), Some(code), "{}", said(&output));
    said(&output)
}

/// Issue 5, item 7: each code of the guide in both languages, with its help number where the guide has one, and where
/// to ask.
#[test]
fn the_codes_of_the_guide_are_told_in_both_languages() {
    for known in CODES.groups[0].codes {
        for lang in Lang::ALL {
            let text = ended(&[known.code, "--lang", lang.word()], 0);
            let (meaning, cause, fix) = (known.meaning, known.cause, known.fix);
            for words in [meaning, cause, fix, CODES.ask] {
                assert!(text.contains(words.say(lang)), "{}: {text}", known.code);
            }
            let historic = lang.pick("historic: it may be gone", "历史信息，页面可能已不存在");
            let number = known.help.map(|number| number.to_string());
            assert_eq!(
                text.contains(historic),
                number.is_some(),
                "{}: {text}",
                known.code
            );
            assert!(text.contains(&number.unwrap_or_default()), "{text}");
        }
    }
}

#[test]
fn a_code_is_found_as_it_is_typed() {
    for (typed, code) in [
        ("illegal_sign", "ILLEGAL_SIGN"),
        ("Illegal-Sign", "ILLEGAL_SIGN"),
        (
            "seller_not_in_specified_sellers",
            "SELLER_NOT_IN_SPECIFIED_SELLERS",
        ),
        ("ROYALTY_FORMAT_ERROR", "ROYALTY_FORAMT_ERROR"),
        ("ROYALTY_FORAMT_ERROR", "ROYALTY_FORAMT_ERROR"),
        ("INVALID_CHARACTER_SET", "ILLEGAL_CHARSET"),
        ("ORDER_NEEDS_ATTENTION", "order_needs_attention"),
        ("amount_mismatch", "amount_mismatch"),
        (
            "order_exists_with_different_subject",
            "order_exists_with_different_{field}",
        ),
    ] {
        let found: Value = serde_json::from_str(&ended(&[typed, "--json"], 0)).unwrap();
        assert_eq!(found["items"][0]["code"], code, "{typed}");
    }
}

/// What is not known ends with 1; what may have been meant is said, and nothing of the typed text commands the terminal.
#[test]
fn what_is_not_known_says_what_may_be_meant() {
    let text = ended(&["ILEGAL_SIGN"], 1);
    assert!(text.contains("Did you mean: ILLEGAL_SIGN?"), "{text}");
    let text = ended(&["TRADE_STATUS_NOT_AVAILD_", "--lang", "zh"], 1);
    assert!(text.contains("是否为：TRADE_STATUS_NOT_AVAILD"), "{text}");
    let found: Value = serde_json::from_str(&ended(&["ORDER_CLOESD", "--json"], 1)).unwrap();
    assert_eq!(
        (&found["ok"], &found["near"][0]),
        (&false.into(), &"order_closed".into())
    );
    let text = ended(&["no\u{1b}[31msuch"], 1);
    assert!(
        !text.contains('\u{1b}') && text.contains("lists all"),
        "{text}"
    );
}

#[test]
fn without_a_code_all_are_listed_by_who_answers_with_them() {
    let text = ended(&[], 0);
    let groups = [
        "alipay: Codes of the integration guide",
        "alipay: Refunds",
        "quittance: Orders",
    ];
    let places: Vec<usize> = groups
        .iter()
        .map(|group| text.find(group).unwrap())
        .collect();
    assert!(places.is_sorted(), "{text}");
    assert!(text.contains("DUPLICATE_BATCH_NO") && text.contains("over_refund"));
    assert!(ended(&["--lang", "zh"], 0).contains("alipay: 集成教程所列的错误代码"));
    let listed: Value = serde_json::from_str(&ended(&["--json"], 0)).unwrap();
    assert!(listed["items"].as_array().unwrap().len() > 150);
}

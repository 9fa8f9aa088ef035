//! Wrong settings refuse to start, with cause and fix, and without showing a key.

use crate::program::{GATEWAY_KEY, Merchant, said};

#[test]
fn wrong_settings_name_cause_and_fix() {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "latin1");
    let config = merchant.config();
    let text = std::fs::read_to_string(&config).unwrap();
    let pasted = format!("{GATEWAY_KEY} ");
    std::fs::write(&config, text.replace(GATEWAY_KEY, &pasted)).unwrap();
    for (lang, expected) in [
        (
            "en",
            ["accounts.main.key", "accounts.main.charset", "To do:"],
        ),
        (
            "zh",
            ["accounts.main.key", "accounts.main.charset", "处理办法："],
        ),
    ] {
        let output = merchant.run(&["serve", "--lang", lang]);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        for part in expected {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains(GATEWAY_KEY), "{text}");
    }
}

#[test]
fn a_log_that_cannot_be_written_refuses_to_start() {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "utf-8");
    let config = merchant.config();
    let text = std::fs::read_to_string(&config).unwrap();
    let text = text.replace("\"quittance.log\"", "\"no/such/folder/quittance.log\"");
    std::fs::write(&config, text).unwrap();
    let output = merchant.run(&["serve"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("log.file") && text.contains("To do:"),
        "{text}"
    );
}

#[test]
fn settings_that_are_not_there_are_told() {
    let merchant = Merchant::new("http://127.0.0.1:9/gateway.do", "utf-8");
    std::fs::remove_file(merchant.config()).unwrap();
    for command in [&["serve"][..], &["order", "list"], &["journal", "verify"]] {
        let output = merchant.run(command);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("quittance.toml"), "{text}");
    }
}

//! Whether and when an account's statements are read.

use crate::{GOOD, accept, read, say};
use quittance_core::statement::StatementPolicy;

fn policy(account: &str) -> Option<StatementPolicy> {
    accept(&format!("{GOOD}\n{account}")).0.accounts["main"]
        .policy
        .statement
}

/// Off where nothing is said; else at half past two in Beijing, or at the time that is named.
#[test]
fn statements_are_read_where_the_contract_has_them() {
    assert_eq!(policy(""), None);
    assert_eq!(
        policy("statement = \"off\"\nstatement_at = \"02:30\""),
        None
    );
    let beijing = |at_secs| {
        Some(StatementPolicy {
            utc_offset_secs: 28_800,
            at_secs,
        })
    };
    for service in ["report", "pages"] {
        let read = policy(&format!("statement = \"{service}\""));
        assert_eq!(read, beijing(9_000));
    }
    let at = policy("statement = \"report\"\nstatement_at = \"00:05\"");
    assert_eq!(at, beijing(300));
}

#[test]
fn wrong_words_and_times_refuse_to_start() {
    for (account, setting) in [
        ("statement = \"daily\"", "accounts.main.statement"),
        ("statement = true", "accounts.main.statement"),
        (
            "statement = \"report\"\nstatement_at = \"2:30\"",
            "accounts.main.statement_at",
        ),
        (
            "statement = \"report\"\nstatement_at = 230",
            "accounts.main.statement_at",
        ),
    ] {
        let Err(problems) = read(&format!("{GOOD}\n{account}")) else {
            panic!("accepted: {account}");
        };
        assert_eq!(problems.len(), 1, "{}", say(&problems));
        assert_eq!(problems[0].setting, setting, "{}", say(&problems));
    }
}

//! What was passed: notes in the journals of the account's test orders, where it outlives this machine and this program.

use super::step::Step;
use crate::client::{ApiError, Client};
use crate::out::{field, items};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Numbers of test orders begin with this and a sign that the gateway takes in numbers: `-`, or `_` where it takes no `-`.
pub const PREFIX: &str = "qtest";
/// So many test orders are looked through, newest first.
const ORDERS_MAX: &str = "200";
/// The longest page of a journal.
const ENTRIES_MAX: &str = "200";

/// What the journals remember of an account.
pub struct Memory {
    /// The steps that were passed.
    pub passed: BTreeSet<Step>,
    /// The newest test order: whose journal takes the note of a step that has no test order of its own.
    pub newest: Option<String>,
}

impl Memory {
    /// Reads it.
    ///
    /// # Errors
    /// What the server, or the way to it, says.
    pub async fn read(client: &Client, account: &str) -> Result<Memory, ApiError> {
        let query = [
            ("account", account.to_owned()),
            ("q", PREFIX.to_owned()),
            ("limit", ORDERS_MAX.to_owned()),
        ];
        let page = client.get(&["orders"], &query).await?;
        let numbers = items(&page, "items").iter();
        let numbers = numbers.map(|order| field(order, "order_no"));
        let mut memory = Memory {
            passed: BTreeSet::new(),
            newest: None,
        };
        for order_no in numbers.filter(|number| is_test(number)) {
            let entries = journal(client, account, &order_no).await?;
            let notes = entries.iter().map(|entry| field(entry, "note"));
            memory
                .passed
                .extend(notes.filter_map(|note| Step::of_note(&note)));
            memory.newest.get_or_insert(order_no);
            if memory.passed.len() == Step::ALL.len() {
                break;
            }
        }
        Ok(memory)
    }

    /// The first step that was not passed.
    pub fn next(&self) -> Option<Step> {
        Step::ALL
            .into_iter()
            .find(|step| !self.passed.contains(step))
    }

    /// Writes down that a step was passed.
    ///
    /// # Errors
    /// What the server, or the way to it, says.
    pub async fn note(
        client: &Client,
        account: &str,
        order_no: &str,
        step: Step,
    ) -> Result<(), ApiError> {
        let path = ["orders", account, order_no, "notes"];
        let note = json!({ "note": step.note() });
        client.post(&path, &[], Some(&note)).await.map(|_| ())
    }
}

/// Whether an order is one of this command's.
pub fn is_test(order_no: &str) -> bool {
    let rest = order_no.strip_prefix(PREFIX);
    rest.is_some_and(|rest| rest.starts_with(['-', '_']))
}

/// All of an order's journal.
async fn journal(client: &Client, account: &str, order_no: &str) -> Result<Vec<Value>, ApiError> {
    let path = ["orders", account, order_no, "journal"];
    let mut entries: Vec<Value> = Vec::new();
    let mut after = String::from("0");
    loop {
        let query = [("after", after), ("limit", ENTRIES_MAX.to_owned())];
        let page = client.get(&path, &query).await?;
        entries.extend(items(&page, "items").iter().cloned());
        after = field(&page, "next");
        if after.is_empty() {
            return Ok(entries);
        }
    }
}

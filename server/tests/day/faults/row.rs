//! One line of the matrix, read.

use super::Does;
use super::rows::SHORT;
use super::scene::{ORDER, Scene};
use quittance_sandbox::Faults;
use serde_json::{Map, Value, json};

/// One line.
pub struct Row {
    /// The line as it stands, so that a failure names itself.
    pub name: &'static str,
    pub does: Does,
    pub faults: Faults,
    /// The second at which the faults end. Else the end is looked at while they last.
    pub until: Option<u64>,
    end: End,
}

/// How an order ends, in the words of the table.
#[derive(PartialEq, Debug)]
struct End {
    status: String,
    known_by: String,
    told: String,
    /// How many seconds after the money the shop is told that the order is paid, at most; where no money came, how
    /// many after the checkout it is told that it is closed.
    within: Option<u64>,
}

/// The rows of a table: all lines but the first, which names the columns.
pub fn rows(does: Does, table: &'static str) -> Vec<Row> {
    let lines = table.trim().lines().skip(1);
    lines.map(|line| Row::read(does, line)).collect()
}

impl Row {
    fn read(does: Does, line: &'static str) -> Row {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [faults, until, within, status, known_by, told] = columns[..] else {
            panic!("a row has six columns: {line}");
        };
        let secs = |text: &str| (text != "-").then(|| text.parse().unwrap());
        let end = End {
            status: status.into(),
            known_by: known_by.into(),
            told: told.into(),
            within: secs(within),
        };
        let (faults, until) = (read_faults(faults), secs(until));
        Row {
            name: line,
            does,
            faults,
            until,
            end,
        }
    }

    /// Where the scene differs from how it must end.
    pub async fn differs(&self, scene: &Scene) -> Option<String> {
        let order = scene.world.show(ORDER).await;
        let trades = order["trades"].as_array().unwrap();
        let known_by = trades.first().map_or("-".into(), |trade| {
            let witnesses: Vec<String> = trade["witnesses"]
                .as_array()
                .unwrap()
                .iter()
                .map(word)
                .collect();
            format!("{}: {}", word(&trade["proof"]), witnesses.join(" "))
        });
        let told = scene.told();
        let words: Vec<String> = told.iter().map(|(_, event)| told_word(event)).collect();
        let (kind, since) = match scene.money_at {
            Some(money) => ("order.paid", money),
            None => ("order.closed", scene.began_at),
        };
        let found = told.iter().find(|(_, event)| event["type"] == kind);
        let late = found.map(|(at, _)| at.duration_since(since).as_millis());
        let in_time = late
            .zip(self.end.within)
            .filter(|(late, within)| *late <= i128::from(*within) * 1_000);
        let found = End {
            status: word(&order["status"]),
            known_by,
            told: if words.is_empty() {
                "-".into()
            } else {
                words.join(" ")
            },
            within: match in_time {
                Some((_, within)) => Some(within),
                None => late.map(|late| u64::try_from(late).unwrap().div_ceil(1_000)),
            },
        };
        (found != self.end).then(|| format!("{found:?}"))
    }
}

/// Faults in the words of the table, taken the way the API takes them.
pub fn read_faults(text: &str) -> Faults {
    let whole = |word: &str| {
        let known = SHORT.iter().find(|(short, _)| *short == word);
        known.map_or(word.to_owned(), |(_, whole)| (*whole).to_owned())
    };
    let words: Vec<String> = text.split(' ').map(whole).collect();
    let mut faults = Map::new();
    for word in words.join(" ").split(' ').filter(|word| *word != "-") {
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        let (part, field) = name.split_once('.').unwrap();
        let value = match value.parse::<u32>() {
            Ok(number) => json!(number),
            Err(_) if value == "true" => json!(true),
            Err(_) => json!(value),
        };
        let part = faults.entry(part).or_insert_with(|| json!({}));
        part[field] = value;
    }
    serde_json::from_value(Value::Object(faults)).unwrap()
}

fn told_word(event: &Value) -> String {
    match event["type"].as_str().unwrap() {
        "payment.recorded" => "recorded".into(),
        "order.partially_refunded" => "part".into(),
        "discrepancy.opened" => format!("!{}", word(&event["data"]["discrepancy"]["kind"])),
        other => other.trim_start_matches("order.").into(),
    }
}

fn word(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

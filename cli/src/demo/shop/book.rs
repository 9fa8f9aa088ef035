//! The shop's book: what was sold, and what Quittance said about it.

use crate::out::field;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// So many sales are kept; the oldest are forgotten.
const SALES_MAX: usize = 200;

/// Every sale, newest first.
#[derive(Default)]
pub struct Book {
    sales: VecDeque<Sale>,
}

/// One order of the shop.
#[derive(Clone, Debug)]
pub struct Sale {
    /// The account that is paid.
    pub account: String,
    /// The number.
    pub order_no: String,
    /// The title.
    pub subject: String,
    /// What is to be paid.
    pub amount: String,
    /// Quittance's page for the buyer.
    pub pay_url: String,
    /// The status of the newest event, by the order's own count.
    pub status: String,
    /// Whether somebody needs to look.
    pub attention: bool,
    sequence: u64,
    /// The type of each event by its id, and how often it came.
    receipts: BTreeMap<String, (String, u32)>,
}

impl Sale {
    /// A new order, as the API told it.
    pub fn new(order: &Value) -> Sale {
        Sale {
            account: field(order, "account"),
            order_no: field(order, "order_no"),
            subject: field(order, "subject"),
            amount: field(order, "amount"),
            pay_url: field(order, "pay_url"),
            status: field(order, "status"),
            attention: false,
            sequence: 0,
            receipts: BTreeMap::new(),
        }
    }

    /// How often each event of this type came: one number per event.
    pub fn received(&self, kind: &str) -> Vec<u32> {
        let of_kind = self.receipts.values().filter(|(known, _)| known == kind);
        of_kind.map(|(_, times)| *times).collect()
    }

    /// Whether any event came more than once.
    pub fn doubled(&self) -> bool {
        self.receipts.values().any(|(_, times)| *times > 1)
    }
}

impl Book {
    /// Writes a new sale down.
    pub fn note(&mut self, sale: Sale) {
        self.sales.push_front(sale);
        self.sales.truncate(SALES_MAX);
    }

    /// Writes an event down. It counts once, however often it comes; only the newest changes what the shop believes.
    pub fn hear(&mut self, id: &str, event: &Value) {
        let Some(order) = event.pointer("/data/order") else {
            return;
        };
        let (account, order_no) = (field(order, "account"), field(order, "order_no"));
        let named = |sale: &&mut Sale| sale.account == account && sale.order_no == order_no;
        // An order of an earlier demo on the same journal: heard, and nothing to do.
        let Some(sale) = self.sales.iter_mut().find(named) else {
            return;
        };
        let heard = sale
            .receipts
            .entry(id.to_owned())
            .or_insert_with(|| (field(event, "type"), 0));
        heard.1 += 1;
        let sequence = event.get("sequence").and_then(Value::as_u64).unwrap_or(0);
        if sequence > sale.sequence {
            sale.sequence = sequence;
            sale.status = field(order, "status");
            sale.attention = order.get("attention") == Some(&Value::Bool(true));
        }
    }

    /// The sale of this number.
    pub fn sale(&self, order_no: &str) -> Option<&Sale> {
        self.sales.iter().find(|sale| sale.order_no == order_no)
    }

    /// The sale whose buyer was sent to this page.
    pub fn by_page(&self, pay_url: &str) -> Option<&Sale> {
        self.sales.iter().find(|sale| sale.pay_url == pay_url)
    }

    /// All of them, newest first.
    pub fn newest(&self) -> Vec<Sale> {
        self.sales.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event(sequence: u64, status: &str) -> Value {
        let order = json!({"account": "main", "order_no": "A", "status": status});
        json!({"type": "order.paid", "sequence": sequence, "data": {"order": order}})
    }

    /// A repeated event is counted and changes nothing; an older one that comes late changes nothing either.
    #[test]
    fn an_event_counts_once_and_the_newest_is_believed() {
        let order = json!({"account": "main", "order_no": "A", "status": "unpaid"});
        let mut book = Book::default();
        book.note(Sale::new(&order));
        book.hear("evt_2", &event(2, "paid"));
        book.hear("evt_2", &event(2, "paid"));
        book.hear("evt_1", &event(1, "unpaid"));
        let sale = book.sale("A").cloned();
        let sale = sale.expect("it was noted");
        assert_eq!(sale.status, "paid");
        assert_eq!(sale.received("order.paid"), [1, 2]);
        assert!(sale.doubled());
        book.hear(
            "evt_9",
            &json!({"data": {"order": {"account": "gbk", "order_no": "A"}}}),
        );
        assert_eq!(book.newest().len(), 1);
    }
}

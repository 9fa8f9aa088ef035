//! Follows an order from the checkout as far as the step goes, and tells what happens as it happens.
//!
//! It waits on the journal, and asks the gateway nothing meanwhile: a payment that a question found first would take the
//! notify its second opinion, and that is one of the three values that the guide wants to be seen.

use super::Test;
use super::advice::look_at;
use super::findings::{Callback, Findings};
use super::gap::Gap;
use super::show::Show;
use super::step::Step;
use super::text::{came, witnesses};
use crate::client::ApiError;
use crate::ending::Stop;
use crate::out::{field, items};
use quittance_core::Lang;
use serde_json::Value;
use std::time::Duration;

/// The longest that one call waits, in seconds.
const WAIT_SECS: u64 = 20;
/// How long something may be waited for before the first thing to look at is told.
const PATIENCE: Duration = Duration::from_secs(45);
/// Before a server that is gone is looked for again: it may be starting anew with better settings.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What came of it.
pub struct Watched {
    /// The order as it stands.
    pub order: Value,
    /// What was seen.
    pub found: Findings,
    /// What is missing or wrong.
    pub gaps: Vec<Gap>,
}

/// Follows the order until the step has all that it wants, or nothing that it lacks may still come, or the time is over.
///
/// # Errors
/// What the server says.
pub async fn watch(
    test: &Test<'_>,
    step: Step,
    order: Value,
    show: &mut Show,
) -> Result<Watched, Stop> {
    let name = format!("{}/{}", field(&order, "account"), field(&order, "order_no"));
    let mut watch = Watch {
        test,
        order,
        entries: Vec::new(),
        told: Findings::default(),
    };
    let mut waiting: Option<(Gap, Duration)> = None;
    loop {
        watch.tell(show);
        let gaps = Gap::all(step, &test.about, &watch.told);
        let now = test.clock.mono();
        let open = gaps.iter().find(|gap| gap.may_come()).cloned();
        let Some(open) = open else {
            return watch.ended(step, show).await;
        };
        if now >= test.deadline {
            show.line(test.lang.pick(
                "The time of --timeout is over; what came until now is in the summary.",
                "--timeout 指定的时间已到；以下汇总截至目前的情况。",
            ));
            return watch.ended(step, show).await;
        }
        let since = match &waiting {
            Some((gap, since)) if *gap == open => *since,
            _ => {
                waiting = Some((open.clone(), now));
                show.wait_for(&open.waiting(&test.about, test.lang));
                now
            }
        };
        if now.saturating_sub(since) >= PATIENCE {
            show.line(&look_at(&open, &test.about, &watch.told, &name, test.lang));
            // Told once: from now on it is waited for without a word.
            waiting = Some((open, Duration::MAX));
        }
        watch.more(now).await?;
    }
}

struct Watch<'a> {
    test: &'a Test<'a>,
    order: Value,
    entries: Vec<Value>,
    /// What was told of so far.
    told: Findings,
}

impl Watch<'_> {
    /// Waits for entries and reads the order anew.
    async fn more(&mut self, now: Duration) -> Result<(), Stop> {
        let left = self.test.deadline.saturating_sub(now).as_secs();
        if left == 0 {
            // Less than the API's smallest wait.
            self.test.clock.sleep_until(self.test.deadline).await;
        }
        match self.read(left.min(WAIT_SECS)).await {
            Err(ApiError::Unreachable(_)) => {
                self.test.clock.sleep(LOOK_AGAIN).await;
                Ok(())
            }
            read => read.map_err(|error| error.stop(self.test.lang)),
        }
    }

    async fn read(&mut self, wait: u64) -> Result<(), ApiError> {
        let (account, order_no) = (
            field(&self.order, "account"),
            field(&self.order, "order_no"),
        );
        let path = ["orders", &account, &order_no];
        let after = self
            .entries
            .last()
            .map_or_else(|| "0".to_owned(), |entry| field(entry, "seq"));
        let query = [
            ("after", after),
            ("limit", "200".to_owned()),
            ("wait", wait.to_string()),
        ];
        let journal = [&path[..], &["journal"]].concat();
        let page = self.test.client.get(&journal, &query).await?;
        self.order = self.test.client.get(&path, &[]).await?;
        self.entries.extend(items(&page, "items").iter().cloned());
        Ok(())
    }

    /// Tells what is new.
    fn tell(&mut self, show: &Show) {
        let lang = self.test.lang;
        let found = Findings::read(&self.order, &self.entries);
        let told = std::mem::replace(&mut self.told, found);
        let found = &self.told;
        if let (None, Some(via)) = (&told.via, &found.via) {
            show.done(&match lang {
                Lang::En => format!("the buyer was sent to the cashier ({via})"),
                Lang::Zh => format!("买家已前往收银台（{via}）"),
            });
        }
        let news = |before: &Option<Callback>, now: &Option<Callback>| {
            now.clone().filter(|now| before.as_ref() != Some(now))
        };
        for (what, callback) in [
            (
                lang.pick("return: ", "同步返回："),
                news(&told.returned, &found.returned),
            ),
            (
                lang.pick("notify: ", "异步通知："),
                news(&told.notified, &found.notified),
            ),
        ] {
            let Some(callback) = callback else { continue };
            let line = format!("{what}{}", came(&callback, lang));
            match callback.verified {
                true => show.done(&line),
                false => show.line(&format!("✗ {line}")),
            }
        }
        if !told.paid() && found.paid() {
            show.done(&match lang {
                Lang::En => format!("the order is paid: {}", witnesses(found, lang)),
                Lang::Zh => format!("订单已付款：{}", witnesses(found, lang)),
            });
        }
        for (endpoint, delivery) in &found.deliveries {
            if told.deliveries.get(endpoint) == Some(delivery) {
                continue;
            }
            let line = match lang {
                Lang::En => format!(
                    "order.paid → {endpoint}, try {}: {} {}",
                    delivery.attempt, delivery.outcome, delivery.status
                ),
                Lang::Zh => format!(
                    "order.paid → {endpoint}，第 {} 次：{} {}",
                    delivery.attempt, delivery.outcome, delivery.status
                ),
            };
            match delivery.outcome == "delivered" {
                true => show.done(&line),
                false => show.line(&format!("✗ {line}")),
            }
        }
    }

    /// The end. Where nobody has told of a payment, the gateway is asked once more: a lost callback is not a lost payment.
    async fn ended(mut self, step: Step, show: &Show) -> Result<Watched, Stop> {
        if self.told.via.is_some() && self.told.witnesses.is_empty() {
            let (account, order_no) = (
                field(&self.order, "account"),
                field(&self.order, "order_no"),
            );
            let path = ["orders", &account, &order_no, "verify"];
            let asked = self.test.client.post(&path, &[], None).await;
            asked.map_err(|error| error.stop(self.test.lang))?;
            let read = self.read(0).await;
            read.map_err(|error| error.stop(self.test.lang))?;
            self.tell(show);
        }
        let gaps = Gap::all(step, &self.test.about, &self.told);
        Ok(Watched {
            order: self.order,
            found: self.told,
            gaps,
        })
    }
}

//! Counters for those who watch. A value of the node, not of the process.

use crate::store::{Counts, Head};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// What is counted.
#[derive(Default, Debug)]
pub struct Metrics {
    registry: Registry,
    /// Callbacks by account, witness, verdict and what was answered.
    pub callbacks: Family<CallbackLabels, Counter>,
    /// Second opinions by account and answer.
    pub opinions: Family<AnswerLabels, Counter>,
    /// Queries by account and answer.
    pub queries: Family<AnswerLabels, Counter>,
    /// Parts of statements, by account and whether they could be read.
    pub statements: Family<AnswerLabels, Counter>,
    /// Tries to deliver, by endpoint and outcome.
    pub deliveries: Family<DeliveryLabels, Counter>,
    /// Callbacks without a valid signature that were counted in a summary only, by account.
    pub junk: Family<AccountLabels, Counter>,
    /// Payments that were found by asking before any callback told of them, by account.
    pub missed: Family<AccountLabels, Counter>,
    /// Notifies that came after their payment had been found by asking, by account: what is left of the missed ones never
    /// came.
    pub late: Family<AccountLabels, Counter>,
    /// What an operator has to look at.
    standing: Standing,
}

/// How things stand when somebody asks.
#[derive(Default, Debug)]
struct Standing {
    behind: Gauge,
    frozen: Gauge,
    discrepancies: Gauge,
    dead: Gauge,
}

/// Labels of a callback.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct CallbackLabels {
    /// The account.
    pub account: String,
    /// `notify` or `return`.
    pub witness: &'static str,
    /// What it turned out to be.
    pub verdict: &'static str,
    /// Whether it was acked.
    pub acked: &'static str,
}

/// Labels of a question.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct AnswerLabels {
    /// The account.
    pub account: String,
    /// What the gateway said.
    pub answer: String,
}

/// Labels of a delivery.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct DeliveryLabels {
    /// The endpoint.
    pub endpoint: String,
    /// How it ended.
    pub outcome: String,
}

/// Labels of an account.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct AccountLabels {
    /// The account.
    pub account: String,
}

impl Metrics {
    /// Counters at zero.
    #[must_use]
    pub fn new() -> Metrics {
        let mut metrics = Metrics::default();
        let registry = &mut metrics.registry;
        registry.register(
            "quittance_callbacks",
            "Callbacks taken",
            metrics.callbacks.clone(),
        );
        registry.register(
            "quittance_second_opinions",
            "Second opinions asked for",
            metrics.opinions.clone(),
        );
        registry.register(
            "quittance_queries",
            "Queries sent to gateways",
            metrics.queries.clone(),
        );
        registry.register(
            "quittance_statements",
            "Parts of statements asked for",
            metrics.statements.clone(),
        );
        registry.register(
            "quittance_deliveries",
            "Tries to deliver an event",
            metrics.deliveries.clone(),
        );
        registry.register(
            "quittance_junk_summarised",
            "Unsigned callbacks counted only",
            metrics.junk.clone(),
        );
        registry.register(
            "quittance_notifies_missed",
            "Payments found by asking before any callback told of them",
            metrics.missed.clone(),
        );
        registry.register(
            "quittance_notifies_late",
            "Notifies that came after their payment had been found by asking",
            metrics.late.clone(),
        );
        let Standing {
            behind,
            frozen,
            discrepancies,
            dead,
        } = &metrics.standing;
        registry.register(
            "quittance_orders_behind",
            "Orders with a step that has been due for more than two minutes",
            behind.clone(),
        );
        registry.register(
            "quittance_orders_frozen",
            "Orders to which an entry of the journal could not be applied",
            frozen.clone(),
        );
        registry.register(
            "quittance_discrepancies_open",
            "Discrepancies that nobody has settled or resolved",
            discrepancies.clone(),
        );
        registry.register(
            "quittance_deliveries_dead",
            "Deliveries that were given up",
            dead.clone(),
        );
        metrics
    }

    /// The counters as text, with the journal's head and what an operator has to look at.
    #[must_use]
    pub fn render(&self, head: &Head, counts: &Counts) -> String {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        self.standing.behind.set(number(counts.behind));
        self.standing.frozen.set(number(counts.frozen));
        let open = number(counts.discrepancies);
        self.standing.discrepancies.set(open);
        self.standing.dead.set(number(counts.dead));
        let mut text = String::new();
        if prometheus_client::encoding::text::encode_registry(&mut text, &self.registry).is_err() {
            text.clear();
        }
        text.push_str(
            "# HELP quittance_journal_head The number of the newest entry, with its hash.\n",
        );
        text.push_str("# TYPE quittance_journal_head gauge\n");
        let hash = data_encoding::HEXLOWER.encode(&head.hash);
        text.push_str(&format!(
            "quittance_journal_head{{chain=\"{}\",hash=\"{hash}\"}} {}\n",
            head.chain, head.seq
        ));
        // The exposition format ends with its own mark, which must stay last.
        text.replace("# EOF\n", "") + "# EOF\n"
    }
}

//! Counters for those who watch. A value of the node, not of the process.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
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
        metrics
    }

    /// The counters as text, with the journal's head.
    #[must_use]
    pub fn render(&self, head: &crate::store::Head) -> String {
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

//! What the auditor must know of a contract, in plain words.

use super::contract::{API_KEY, CALL_SECS, Contract, ENDPOINTS, LATE_SECS, WEBHOOK_SECRET};
use crate::auditor::AccountRule;
use quittance_core::facts::Proof;
use quittance_core::gateway::RefundWay;

impl Contract {
    /// What the auditor must know of it.
    pub(super) fn rule(&self) -> AccountRule {
        AccountRule {
            name: self.account.to_owned(),
            ack: self.ack().to_owned(),
            require: word(self.require).to_owned(),
            above: None,
            gaps_secs: self.gaps_secs().to_vec(),
            scan_secs: self.scan_secs(),
            cancel_unknown_secs: self.cancel_unknown_secs(),
            late_secs: LATE_SECS.to_vec(),
            can_close: self.can_close(),
            window_secs: self.window_secs(),
            refunds_by_person: self.refunds() == Some(RefundWay::Page),
            statements: self.terms().is_some_and(|terms| terms.statement.is_some()),
            call_secs: CALL_SECS,
            endpoints: ENDPOINTS.map(str::to_owned).to_vec(),
            secrets: [self.key, self.old_key, API_KEY, WEBHOOK_SECRET]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

fn word(proof: Proof) -> &'static str {
    match proof {
        Proof::Hint => "hint",
        Proof::Signed => "signed",
        Proof::Confirmed => "confirmed",
        Proof::Queried => "queried",
    }
}

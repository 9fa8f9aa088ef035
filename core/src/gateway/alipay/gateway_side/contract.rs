//! What a merchant's contract at the gateway includes.

use std::collections::BTreeSet;

/// The switches of a contract. By default it includes every service, and demands no timestamp.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Contract {
    /// Services that are not part of it, by their names on the wire. A page service is then answered
    /// `HAS_NO_PRIVILEGE`, any other `ILLEGAL_PARTNER_EXTERFACE` (note 6.1, 6.3).
    pub without: BTreeSet<String>,
    /// Whether orders may say how long they can be paid (`it_b_pay`), else `SELF_TIMEOUT_NOT_SUPPORT`.
    pub timeouts: bool,
    /// Whether requests may say that the risk check is wanted (`need_ctu_check`), else `NEED_CTU_CHECK_NOT_ALLOWED`.
    pub risk_check: bool,
    /// Whether every payment request must carry the timestamp against phishing and the buyer's address (note 4).
    pub anti_phishing: bool,
}

impl Default for Contract {
    fn default() -> Contract {
        Contract {
            without: BTreeSet::new(),
            timeouts: true,
            risk_check: true,
            anti_phishing: false,
        }
    }
}

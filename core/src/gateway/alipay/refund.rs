//! Refunds. `refund_fastpay_by_platform_pwd` (note 5.3) is a page on which a person enters the payment password: there
//! is no call that pays money back. What becomes of such a batch is read in [`super::batch`].

use crate::gateway::NotSupported;

/// What every refund is answered with.
pub(super) const NOT_SUPPORTED: NotSupported = NotSupported {
    gateway: super::NAME,
    flow: "refund",
};

//! What an order's `gateway_options` say of the buyer is personal: it stands beside the journal, and joins the order
//! again when a request to the gateway is made.

use crate::store::Snapshot;
use quittance_core::Order;
use quittance_core::gateway::{Gateway, Personal};

/// What such a parameter is called among an order's personal data.
const PREFIX: &str = "gateway_options.";

/// Takes what names the buyer out of a new order.
pub(super) fn take_apart(gateway: &dyn Gateway, order: &mut Order) -> Vec<Personal> {
    let mut personal = Vec::new();
    for name in gateway.personal_options() {
        if let Some(value) = order.gateway_options.remove(*name) {
            personal.push(Personal {
                subject: String::new(),
                name: format!("{PREFIX}{name}"),
                value,
            });
        }
    }
    personal
}

/// The order as it was asked for.
pub(super) fn put_together(order: &Snapshot) -> Order {
    let mut whole = order.state.order.clone();
    for known in order
        .personal
        .iter()
        .filter(|known| known.subject.is_empty())
    {
        if let Some(name) = known.name.strip_prefix(PREFIX) {
            whole
                .gateway_options
                .insert(name.to_owned(), known.value.clone());
        }
    }
    whole
}

//! What a buyer may choose at Dinpay's cashier (protocol note dinpay 1.2, 1.3).

use crate::asked::Asked;
use quittance_core::choice::{Choice, ChoiceGroup};
use quittance_core::gateway::dinpay::gateway_side::{DirectPay, choices};

/// Groups with what of them is offered.
pub(crate) type Offered = Vec<(&'static ChoiceGroup, Vec<&'static Choice>)>;

/// The code of a choice: of the bank, else of the way to pay.
pub(crate) fn code(choice: &Choice) -> &'static str {
    choice.bank.unwrap_or(choice.method)
}

/// The groups with what this request leaves open: nothing where it names a bank, else the ways of its `pay_type`. An
/// unknown way is none (protocol note dinpay 1.2 says so of banks).
pub(crate) fn offered(asked: &Asked) -> Offered {
    let Asked::Dinpay(asked) = asked else {
        return Vec::new();
    };
    if asked.bank_code.is_some() {
        return Vec::new();
    }
    let named = groups(|choice| is_asked(asked, choice));
    match named.is_empty() {
        true => groups(|_| true),
        false => named,
    }
}

/// Whether the cashier of this request offers the choice of this code.
pub(crate) fn offers(asked: &Asked, wanted: &str) -> bool {
    let groups = offered(asked);
    let mut choices = groups.iter().flat_map(|(_, choices)| choices);
    choices.any(|choice| code(choice) == wanted)
}

fn groups(wanted: impl Fn(&Choice) -> bool) -> Offered {
    let group = |group: &'static ChoiceGroup| {
        let choices = group.choices.iter().filter(|choice| wanted(choice));
        (group, choices.collect::<Vec<_>>())
    };
    let groups = choices().iter().map(group);
    groups.filter(|(_, choices)| !choices.is_empty()).collect()
}

fn is_asked(asked: &DirectPay, choice: &Choice) -> bool {
    let ways = asked.pay_type.as_deref();
    ways.is_none_or(|ways| ways.split(',').any(|way| way == choice.method))
}

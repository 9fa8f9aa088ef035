//! What it takes for a payment of an account to count: `require` and `require_above`.

use super::section::{Reader, Section, missing};
use quittance_core::facts::Proof;
use quittance_core::gateway::Traits;
use quittance_core::money::{Currency, Money};
use quittance_core::settings::RequireAbove;

/// The words for what may be required of evidence.
const PROOFS: [(&str, Proof); 3] = [
    ("signed", Proof::Signed),
    ("confirmed", Proof::Confirmed),
    ("queried", Proof::Queried),
];

/// Reads `require`. `None` where it is wrong, or the account could not be built.
pub(super) fn require(
    traits: Option<Traits>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Proof> {
    let chosen = section.choice("require", &PROOFS, reader);
    proof(chosen, traits, section.path("require"), reader)
}

/// Checks a proof against what the gateway has and its guide prescribes; absent, it is the guide's. `None` where the
/// account could not be built.
fn proof(
    chosen: Option<Proof>,
    traits: Option<Traits>,
    path: String,
    reader: &mut Reader<'_>,
) -> Option<Proof> {
    let traits = traits?;
    let Some(proof) = chosen else {
        return Some(traits.guide);
    };
    if proof == Proof::Confirmed && !traits.second_opinion {
        reader.wrong(
            path,
            (
                "this gateway has no second opinion, so no claim would ever be confirmed",
                "该网关没有二次确认接口，任何通知都不会被确认",
            ),
            (
                "use \"signed\", or \"queried\" to ask the gateway about every payment",
                "请使用 \"signed\"，或用 \"queried\" 对每笔付款主动查询",
            ),
        );
        return None;
    }
    if proof < traits.guide {
        reader.warn(
            path,
            (
                "this is less than the gateway's own guide prescribes before an order is handled",
                "低于网关文档在处理订单前要求的验证",
            ),
            (
                "leave the setting out to follow the guide",
                "删除此项即按网关文档执行",
            ),
        );
    }
    Some(proof)
}

/// The two-witness rule: `{ amount = "500.00", proof = "queried" }`.
pub(super) fn require_above(
    require: Option<Proof>,
    traits: Option<Traits>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<RequireAbove> {
    let mut rule = section.section("require_above", reader)?;
    let amount = amount(traits, &mut rule, reader);
    let path = rule.path("proof");
    let chosen = rule.choice("proof", &PROOFS, reader);
    if chosen.is_none() && !reader.is_wrong(&path) {
        let fix = ("write proof = \"queried\"", "请写 proof = \"queried\"");
        missing(path.clone(), fix, reader);
    }
    rule.finish(reader);
    let chosen = chosen?;
    let Some(require) = require else {
        return None; // Without the account there is nothing to compare with.
    };
    if chosen <= require {
        reader.warn(
            path,
            (
                "this is no more than require asks of every amount, so the rule changes nothing",
                "不高于 require 对所有金额的要求，此规则不起作用",
            ),
            (
                "raise it to \"queried\" or remove the rule",
                "请改为 \"queried\"，或删除此规则",
            ),
        );
        return Some(RequireAbove {
            amount: amount?,
            proof: chosen,
        });
    }
    let proof = proof(Some(chosen), traits, path, reader)?;
    Some(RequireAbove {
        amount: amount?,
        proof,
    })
}

fn amount(traits: Option<Traits>, rule: &mut Section, reader: &mut Reader<'_>) -> Option<Money> {
    let fix = (
        "write plain digits in double quotes: \"500.00\"",
        "请在双引号中写普通数字，例如 \"500.00\"",
    );
    let text = rule.required("amount", fix, reader)?;
    let currency = traits
        .and_then(|traits| traits.currency)
        .unwrap_or(Currency::CNY);
    let amount = Money::parse(&text, currency);
    if let Err(error) = amount {
        let cause = (error.to_string(), "不是有效的金额");
        reader.wrong(rule.path("amount"), cause, fix);
    }
    amount.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn confirmed_needs_a_second_opinion() {
        // Shows it with a gateway like Dinpay's, which has no such call and whose guide says `signed`.
        let without = Traits {
            name: "other",
            guide: Proof::Signed,
            second_opinion: false,
            close: false,
            close_pays_back: false,
            return_by_get: false,
            return_signed: true,
            notify_type: None,
            query_window: None,
            currency: None,
        };
        let mut reader = Reader {
            base: Path::new(""),
            env: &|_| None,
            problems: Vec::new(),
            warnings: Vec::new(),
            literals: 0,
        };
        let ask = |chosen, reader: &mut Reader<'_>| {
            proof(chosen, Some(without), "require".to_owned(), reader)
        };
        assert_eq!(ask(None, &mut reader), Some(Proof::Signed));
        assert_eq!(ask(Some(Proof::Queried), &mut reader), Some(Proof::Queried));
        assert!(reader.problems.is_empty() && reader.warnings.is_empty());
        assert_eq!(ask(Some(Proof::Confirmed), &mut reader), None);
        assert!(reader.problems[0].cause.en.contains("no second opinion"));
    }
}

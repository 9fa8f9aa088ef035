//! The direct-pay page of an account: `direct_pay`.

use super::section::{Reader, Section};
use crate::setup::DirectPay;
use quittance_core::gateway::Traits;
use quittance_core::{Currency, Money};

/// `true` (also where nothing is said), `false`, or `{ min = "1.00", max = "5000.00" }`: open between these amounts.
pub(super) fn read(
    traits: Option<Traits>,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<DirectPay> {
    // Whoever types an amount must know of what.
    let unsaid = traits.is_some_and(|traits| traits.currency.is_none());
    if !section.has_table("direct_pay") {
        let open = section.flag("direct_pay", reader).unwrap_or(!unsaid);
        if open && unsaid {
            no_currency(section, reader);
        }
        return open.then(DirectPay::default);
    }
    if unsaid {
        no_currency(section, reader);
    }
    let mut limits = section.section("direct_pay", reader)?;
    let path = limits.here().to_owned();
    let currency = traits
        .and_then(|traits| traits.currency)
        .unwrap_or(Currency::CNY);
    let read = DirectPay {
        min: amount("min", currency, &mut limits, reader),
        max: amount("max", currency, &mut limits, reader),
    };
    limits.finish(reader);
    if let (Some(min), Some(max)) = (read.min, read.max)
        && min.minor > max.minor
    {
        reader.wrong(
            path,
            (
                "min is more than max, so no amount could be paid",
                "min 大于 max，任何金额都无法付款",
            ),
            ("exchange the two", "请对调两个金额"),
        );
    }
    Some(read)
}

fn no_currency(section: &Section, reader: &mut Reader<'_>) {
    reader.wrong(
        section.path("direct_pay"),
        (
            "buyers type an amount there, and the account does not say of which currency",
            "买家在该页面输入金额，而账户没有指明货币",
        ),
        (
            "set currency = \"USD\", or whichever it is, or direct_pay = false",
            "请设置 currency，例如 \"USD\"，或设 direct_pay = false",
        ),
    );
}

fn amount(
    name: &'static str,
    currency: Currency,
    limits: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<Money> {
    let text = limits.text(name, reader)?;
    let amount = Money::parse(&text, currency)
        .ok()
        .filter(|amount| amount.minor > 0);
    if amount.is_none() {
        reader.wrong(
            limits.path(name),
            ("this is no amount above zero", "不是大于零的金额"),
            (
                "write plain digits in double quotes: \"1.00\"",
                "请在双引号中写普通数字，例如 \"1.00\"",
            ),
        );
    }
    amount
}

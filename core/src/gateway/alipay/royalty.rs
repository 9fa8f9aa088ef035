//! Royalties: what the seller passes on of a payment (`royalty_type` 10, note 1.1).

use super::words;
use crate::money::{Currency, Money};

/// The only kind of royalties that the note knows.
pub(super) const KIND: &str = "10";
/// The whole text holds this many characters (note 6.2, `ROYALTY_LENGTH_ERROR`).
pub(super) const CHARS_MAX: usize = 1000;
/// So many shares in one payment (note 1.1).
const SHARES_MAX: usize = 10;
/// An account's name holds this many characters, as every login of the note.
const ACCOUNT_CHARS_MAX: usize = 100;

/// One share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Share {
    /// Who pays it on; the seller where nobody is named.
    pub(super) payer: Option<String>,
    /// Who receives it.
    pub(super) payee: String,
    /// How much. Vector M4 has a share of nothing.
    pub(super) amount: Money,
}

/// Reads `payee1^amount1^memo1|payer^payee2^amount2^memo2`.
///
/// # Errors
/// Says in English and Chinese what is wrong with it.
pub(super) fn read(text: &str) -> Result<Vec<Share>, (&'static str, &'static str)> {
    if text.chars().count() > CHARS_MAX {
        return Err((
            "the royalties are longer than 1000 characters",
            "分润参数超过 1000 个字符",
        ));
    }
    let shares: Option<Vec<Share>> = text.split('|').map(share).collect();
    let shares = shares.ok_or((
        "a share is not payee^amount^memo or payer^payee^amount^memo, with amounts such as 0.10",
        "分润项应为 收款账号^金额^备注 或 付款账号^收款账号^金额^备注，金额形如 0.10",
    ))?;
    if shares.len() > SHARES_MAX {
        return Err(("there are more than 10 shares", "分润项超过 10 个"));
    }
    if !passes_on_what_it_got(&shares) {
        return Err((
            "a payer passes on more than he received before",
            "中间付款方转出的金额超过其先前收到的金额",
        ));
    }
    Ok(shares)
}

/// What all shares are together; `None` where that is no amount.
pub(super) fn sum(shares: &[Share]) -> Option<i64> {
    shares
        .iter()
        .try_fold(0_i64, |sum, share| sum.checked_add(share.amount.minor))
}

fn share(text: &str) -> Option<Share> {
    let parts: Vec<&str> = text.split('^').collect();
    let (payer, payee, amount) = match parts.as_slice() {
        [payee, amount, _memo] => (None, *payee, *amount),
        [payer, payee, amount, _memo] => (Some(*payer), *payee, *amount),
        _ => return None,
    };
    let amount = Money::parse(amount, Currency::CNY)
        .ok()
        .filter(|amount| (0..=words::AMOUNT_MAX).contains(&amount.minor))?;
    let known = |account: &str| words::is_login(account, ACCOUNT_CHARS_MAX);
    (known(payee) && payer.is_none_or(known)).then(|| Share {
        payer: payer.map(str::to_owned),
        payee: payee.to_owned(),
        amount,
    })
}

/// A splitter must receive before he pays on, and at least as much (note 1.1).
fn passes_on_what_it_got(shares: &[Share]) -> bool {
    let moved = |shares: &[Share], is_his: &dyn Fn(&Share) -> bool| {
        sum(&shares
            .iter()
            .filter(|share| is_his(share))
            .cloned()
            .collect::<Vec<_>>())
    };
    shares.iter().enumerate().all(|(place, share)| {
        let Some(payer) = &share.payer else {
            return true;
        };
        let received = moved(&shares[..place], &|before| &before.payee == payer);
        let paid_on = moved(&shares[..=place], &|before| {
            before.payer.as_ref() == Some(payer)
        });
        received >= paid_on
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_read_as_the_note_writes_them() {
        let shares = read("r1@example.com^0.00^note 1|r2@example.com^0.01^50%").unwrap();
        let payees: Vec<&str> = shares.iter().map(|share| share.payee.as_str()).collect();
        assert_eq!(payees, ["r1@example.com", "r2@example.com"]);
        assert_eq!(sum(&shares), Some(1));
        let shares = read("a@x.com^3.00^a|a@x.com^2088000000000009^1.00^b").unwrap();
        assert_eq!(shares[1].payer.as_deref(), Some("a@x.com"));
        let many = |count: usize| vec!["a^0.01^"; count].join("|");
        assert!(read(&many(10)).is_ok());
        let long = format!("a^0.01^{}", "x".repeat(CHARS_MAX));
        for wrong in [
            "",
            "a",
            "a^0.01",
            "a^1^b^c^d",
            "a^-1^b",
            "a^1.001^b",
            "^1.00^b",
            "a b^1.00^c",
            "a^1.00^b|",
            "a@x.com^b^1.00^he never received",
            "a^1.00^b|a^c^0.60^d|a^c^0.60^d",
            &many(11),
            &long,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

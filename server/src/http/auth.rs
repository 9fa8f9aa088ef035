//! Who may use the merchant API: `Authorization: Bearer`, keys that may be limited to accounts.

use super::problem::Problem;
use crate::app::App;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The owner of a valid key.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Only these accounts; `None` means all.
    pub accounts: Option<BTreeSet<String>>,
}

impl Caller {
    /// Whether the caller may touch this account.
    ///
    /// # Errors
    /// 403 where his key is limited to others.
    pub fn may(&self, account: &str) -> Result<(), Problem> {
        if self
            .accounts
            .as_ref()
            .is_none_or(|accounts| accounts.contains(account))
        {
            return Ok(());
        }
        let detail = format!("this key is limited to other accounts than {account:?}");
        let help = "Use a key of this account, or widen `accounts` of the key in the settings.";
        Err(Problem::new(
            StatusCode::FORBIDDEN,
            "account_not_allowed",
            "The key does not reach this account",
            detail,
            help,
        ))
    }

    /// The accounts to list: those of the key, narrowed to one where one is asked for.
    ///
    /// # Errors
    /// As [`Caller::may`].
    pub fn narrowed(&self, account: Option<&str>) -> Result<Option<BTreeSet<String>>, Problem> {
        match account {
            Some(account) => self
                .may(account)
                .map(|()| Some(BTreeSet::from([account.to_owned()]))),
            None => Ok(self.accounts.clone()),
        }
    }
}

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Caller, Problem> {
        let header = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let given = header
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map_or("", |(_, key)| key);
        // Hashes have one length and are compared in constant time; every key is looked at.
        let given = Sha256::digest(given.as_bytes());
        let mut caller = None;
        for key in &app.setup.api_keys {
            if Sha256::digest(key.secret.expose_secret().as_bytes())
                .ct_eq(&given)
                .into()
            {
                caller = Some(Caller {
                    accounts: key.accounts.clone(),
                });
            }
        }
        caller.ok_or_else(|| {
            let detail = "the header `Authorization: Bearer KEY` is missing, or its key is not one of the settings'";
            let help = "Send one of the keys under [api_keys] of the server's settings.";
            Problem::new(StatusCode::UNAUTHORIZED, "key_unknown", "The request carries no valid key", detail, help)
        })
    }
}

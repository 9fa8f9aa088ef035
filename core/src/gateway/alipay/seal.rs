//! The seal on a message: our signature on what goes out, theirs on what comes in (note 1.4..1.6).

use super::Account;
use crate::gateway::Checkout;
use crate::params::Params;
use crate::sign;
use jiff::Timestamp;

impl Account {
    /// These fields in the account's charset, in their order, without the empty ones, with the signature of the
    /// current key behind them.
    ///
    /// A text that the charset cannot hold never gets here: [`super::checkout`] and [`super::refund`] refuse it, and
    /// every other field is ASCII. Should one do so all the same, it is left out and the gateway refuses the call.
    pub(super) fn signed(&self, fields: &[(&str, &str)]) -> Params {
        let mut params = self.unsigned(fields);
        let signature = self.seal.sign(&sign::presign(&params));
        for (name, value) in [
            ("sign", signature.as_str()),
            ("sign_type", self.seal.own_kind().word()),
        ] {
            let _ = params.push(name, value.as_bytes());
        }
        params
    }

    /// As [`Account::signed`], without a signature.
    pub(super) fn unsigned(&self, fields: &[(&str, &str)]) -> Params {
        let mut params = Params::new();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            if let Ok(bytes) = self.settings.charset.encode(value) {
                let _ = params.push(name, &bytes);
            }
        }
        params
    }

    /// Whether the parameters carry this signature of a key in force: the current one, or a previous one before its
    /// end.
    pub(super) fn verifies(
        &self,
        params: &Params,
        signature: &[u8],
        now: Option<Timestamp>,
    ) -> bool {
        self.seal.verifies(&sign::presign(params), signature, now)
    }

    /// The name of the previous key in force that a signature fits which is known to be valid.
    pub(super) fn previous_key(
        &self,
        params: &Params,
        signature: &[u8],
        now: Timestamp,
    ) -> Option<String> {
        self.seal
            .previous_key(|| sign::presign(params), signature, now)
    }

    /// The address of a call by `GET`.
    pub(super) fn address(&self, params: &Params) -> String {
        format!("{}?{}", self.settings.gateway_url, params.to_wire())
    }

    /// The address of a call by `POST`. The gateway needs the charset before it can decode the body (note 1.3).
    pub(super) fn post_address(&self) -> String {
        format!(
            "{}?_input_charset={}",
            self.settings.gateway_url,
            self.settings.charset.label()
        )
    }

    /// What sends a browser to a page of the gateway: a form, or an address.
    pub(super) fn page(&self, params: &Params, via_get: bool) -> Checkout {
        if via_get {
            return Checkout::Redirect {
                url: self.address(params),
            };
        }
        let charset = self.settings.charset;
        let fields = params
            .iter()
            .map(|(name, value)| (name.to_owned(), charset.display(value)));
        Checkout::Form {
            method: "POST".to_owned(),
            url: self.post_address(),
            charset: charset.label().to_owned(),
            fields: fields.collect(),
        }
    }
}

//! The seal on a message: our signature on what goes out, theirs on what comes in (note 1.4).

use super::Account;
use crate::params::Params;
use crate::sign;
use jiff::Timestamp;

impl Account {
    /// These fields in the account's charset, in their order, without the empty ones, with the signature of the
    /// current key behind them.
    ///
    /// A text that the charset cannot hold never gets here: [`super::checkout`] refuses it, and every other field is
    /// ASCII. Should one do so all the same, it is left out and the gateway refuses the call. MD5 is made over the
    /// bytes that are sent; RSA-S is made over UTF-8 at this gateway whatever is sent, so an account of GBK with RSA-S
    /// sends ASCII only, where both are the same.
    pub(super) fn signed(&self, fields: &[(&str, &str)]) -> Params {
        let mut params = Params::new();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            if let Ok(bytes) = self.settings.charset.encode(value) {
                let _ = params.push(name, &bytes);
            }
        }
        let signature = self.seal.sign(&sign::presign(&params));
        for (name, value) in [
            ("sign_type", self.seal.own_kind().word()),
            ("sign", signature.as_str()),
        ] {
            let _ = params.push(name, value.as_bytes());
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
}

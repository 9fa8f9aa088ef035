//! The seal on a message: our signature on what goes out, theirs on what comes in (note 1.4). One rule for requests,
//! answers and notifications.

use super::Account;
use crate::flat::Flat;
use crate::sign;
use jiff::Timestamp;

/// The text that is signed: every field with a value but `sign`, sorted by name as bytes, joined as `name=value` with
/// `&`, the values as they are. `sign_type` is in it (note 1.4, two real notifications).
pub(super) fn presign(message: &Flat) -> Vec<u8> {
    let signed =
        |(name, text): &(&str, &str)| !name.eq_ignore_ascii_case("sign") && !text.is_empty();
    let fields: Vec<(&str, &[u8])> = message
        .iter()
        .filter(signed)
        .map(|(name, text)| (name, text.as_bytes()))
        .collect();
    sign::join(&fields)
}

/// The signature that came along.
pub(super) fn signature(message: &Flat) -> Result<&[u8], &'static str> {
    message
        .get("sign")
        .map(str::as_bytes)
        .ok_or("sign is missing")
}

impl Account {
    /// The call of this method with these fields, without the empty ones, signed.
    pub(super) fn signed(&self, method: &str, fields: &[(&str, &str)], now: Timestamp) -> Flat {
        let timestamp = now.as_millisecond().to_string();
        let common = [
            ("app_id", self.settings.app_id.as_str()),
            ("charset", "UTF-8"),
            ("format", "JSON"),
            ("method", method),
            ("sign_type", self.seal.own_kind().word()),
            ("timestamp", &timestamp),
            ("version", "1.0"),
            ("merchant_no", &self.settings.merchant_no),
        ];
        let all = common.iter().chain(fields);
        let unsigned: Flat = all
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| (*name, *text))
            .collect();
        let sign = self.seal.sign(&presign(&unsigned));
        let fields = unsigned.iter().map(|(name, text)| (name, text.to_owned()));
        fields.chain([("sign", sign)]).collect()
    }

    /// Whether the message carries this signature of a key in force.
    pub(super) fn verifies(&self, message: &Flat, sign: &[u8], now: Option<Timestamp>) -> bool {
        self.seal.verifies(&presign(message), sign, now)
    }

    /// The name of the previous key in force that a signature fits which is known to be valid.
    pub(super) fn previous_key(
        &self,
        message: &Flat,
        sign: &[u8],
        now: Timestamp,
    ) -> Option<String> {
        self.seal.previous_key(|| presign(message), sign, now)
    }
}

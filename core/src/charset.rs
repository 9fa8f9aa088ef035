//! The charsets that classic gateways speak. Bytes are kept as they came; text is made from them for display only.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The charset of an account, fixed by its settings. A message never chooses its own (SEC-080, SEC-081).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Charset {
    /// `utf-8`.
    #[serde(rename = "utf-8")]
    Utf8,
    /// `gbk`.
    #[serde(rename = "gbk")]
    Gbk,
    /// `gb2312`: on the wire under its own name, coded as GBK, its superset (protocol note alipay-mapi 1.7).
    #[serde(rename = "gb2312")]
    Gb2312,
}

/// A text has a character, or bytes have a sequence, that the charset does not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CharsetError {
    /// This character cannot be written in the charset.
    #[error("the character {0:?} cannot be written in the account's charset")]
    Unmappable(char),
    /// The bytes are no text of the charset, or do not come back unchanged when written again.
    #[error("the bytes are not valid text in the account's charset")]
    Undecodable,
}

impl Charset {
    /// The name as it goes on the wire, letter case included: `utf-8`, `gbk`, `gb2312`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Charset::Utf8 => "utf-8",
            Charset::Gbk => "gbk",
            Charset::Gb2312 => "gb2312",
        }
    }

    /// The charset of this name, any letter case.
    #[must_use]
    pub fn from_label(label: &str) -> Option<Charset> {
        [Charset::Utf8, Charset::Gbk, Charset::Gb2312]
            .into_iter()
            .find(|c| label.eq_ignore_ascii_case(c.label()))
    }

    /// The text as bytes of this charset.
    ///
    /// # Errors
    /// [`CharsetError::Unmappable`] names the first character that does not fit; nothing is replaced silently.
    pub fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, CharsetError> {
        if self == Charset::Utf8 || text.is_ascii() {
            return Ok(Cow::Borrowed(text.as_bytes()));
        }
        let mut encoder = encoding_rs::GBK.new_encoder();
        let room = encoder
            .max_buffer_length_from_utf8_without_replacement(text.len())
            .ok_or(CharsetError::Undecodable)?;
        let mut bytes = Vec::with_capacity(room);
        let (result, _) =
            encoder.encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true);
        match result {
            encoding_rs::EncoderResult::Unmappable(character) => {
                Err(CharsetError::Unmappable(character))
            }
            _ => Ok(Cow::Owned(bytes)),
        }
    }

    /// The bytes as text. Strict: bytes that would not come back unchanged from [`Charset::encode`] are refused, so
    /// no two byte strings read as the same text.
    ///
    /// # Errors
    /// [`CharsetError::Undecodable`].
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, CharsetError> {
        if self == Charset::Utf8 || bytes.is_ascii() {
            return std::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|_| CharsetError::Undecodable);
        }
        let text = encoding_rs::GBK
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or(CharsetError::Undecodable)?;
        match self.encode(&text) {
            Ok(again) if again.as_ref() == bytes => Ok(text),
            _ => Err(CharsetError::Undecodable),
        }
    }

    /// The bytes as text for a person to look at: what cannot be read becomes U+FFFD.
    #[must_use]
    pub fn display(self, bytes: &[u8]) -> String {
        match self {
            Charset::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Charset::Gbk | Charset::Gb2312 => encoding_rs::GBK
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_both_charsets() {
        let title = "测试商品";
        assert_eq!(
            Charset::Gbk.encode(title).unwrap().as_ref(),
            b"\xB2\xE2\xCA\xD4\xC9\xCC\xC6\xB7"
        );
        assert_eq!(
            Charset::Gb2312
                .decode(b"\xB2\xE2\xCA\xD4\xC9\xCC\xC6\xB7")
                .unwrap(),
            title
        );
        assert_eq!(
            Charset::Utf8
                .decode(Charset::Utf8.encode(title).unwrap().as_ref())
                .unwrap(),
            title
        );
        assert_eq!(
            Charset::Gbk.encode("ok 😀"),
            Err(CharsetError::Unmappable('😀'))
        );
        assert_eq!(
            Charset::Utf8.decode(b"\xB2\xE2"),
            Err(CharsetError::Undecodable)
        );
        assert_eq!(Charset::from_label("GBK"), Some(Charset::Gbk));
        assert_eq!(Charset::from_label("latin1"), None);
    }

    #[test]
    fn every_two_byte_pair_reads_back_unchanged_or_is_refused() {
        let mut readable = 0_u32;
        for pair in 0..=u16::MAX {
            let bytes = pair.to_be_bytes();
            if let Ok(text) = Charset::Gbk.decode(&bytes) {
                readable += 1;
                assert_eq!(Charset::Gbk.encode(&text).unwrap().as_ref(), bytes);
            }
        }
        assert!(readable > 20_000, "{readable}");
    }
}

//! What may have become of a value between the signing and us: each edit makes the signed value out of what came.

use super::guess::{Field, Shape, decode};
use super::json_text;
use crate::charset::Charset;

/// One thing that happens to values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::gateway) enum Edit {
    /// Signed in one charset, sent in another.
    Charset {
        /// In which it was signed.
        signed: Charset,
        /// In which it came.
        came: Charset,
    },
    /// Its bytes were taken for GBK on the way and written again as UTF-8.
    MojibakeGbk,
    /// Its bytes were taken for ISO-8859-1 or windows-1252 on the way and written again as UTF-8.
    Mojibake,
    /// The signer had its bytes taken for ISO-8859-1.
    SignedMojibake,
    /// Signed before it was decoded: as it stands on the wire.
    Raw,
    /// Signed before it was decoded, in another writing of the same escapes.
    Escaped(Escapes),
    /// Encoded once more on the way.
    Twice {
        /// Whether a `+` inside is a blank.
        plus_is_blank: bool,
    },
    /// A `+` became a blank: it was sent as it is.
    PlusLost,
    /// A blank came as `%2B`.
    PlusMade,
    /// HTML entities were put in on the way.
    HtmlMade,
    /// The signer escaped for HTML, what came is plain. With which entity for the single quote, if with any.
    HtmlSigned(Option<&'static str>),
    /// Backslashes were put before quotes on the way.
    SlashesMade,
    /// The signer put backslashes before quotes, what came has none.
    SlashesSigned,
    /// Blanks around it came with it; the signer had taken them off.
    BlanksMade,
    /// Blanks around it were lost: these stood around it.
    BlanksLost(&'static str, &'static str),
    /// Line ends were rewritten to CR LF on the way.
    LinesMade,
    /// Line ends were rewritten to LF on the way.
    LinesLost,
    /// Signed with its escapes of JSON: as it stands on the wire.
    JsonRaw,
    /// Signed with its escapes of JSON, in another writing of the same text.
    JsonSigned {
        /// Whether what is not ASCII was escaped.
        ascii: bool,
        /// Whether the slash was escaped.
        slash: bool,
    },
    /// Escaped for JSON once more on the way.
    JsonMade,
    /// Blanks were put between the parts of an object or a list on the way.
    JsonSpaced,
    /// Zeros at the end of a number were lost on the way; so many digits stood behind the point.
    ZerosLost(usize),
    /// Zeros at the end of a number were put in on the way, or an exponent.
    ZerosMade,
}

/// How escapes are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::gateway) enum Escapes {
    /// As forms and Java write them.
    Form,
    /// As .NET writes them: small letters.
    Small,
    /// As scripts in browsers write them: `%20` for a blank.
    Component,
}

/// Every edit, the likely ones first.
pub(in crate::gateway) const EDITS: [Edit; 38] = [
    Edit::MojibakeGbk,
    Edit::Charset {
        signed: Charset::Gbk,
        came: Charset::Utf8,
    },
    Edit::Charset {
        signed: Charset::Utf8,
        came: Charset::Gbk,
    },
    Edit::PlusLost,
    Edit::PlusMade,
    Edit::Raw,
    Edit::Twice {
        plus_is_blank: true,
    },
    Edit::Twice {
        plus_is_blank: false,
    },
    Edit::Escaped(Escapes::Form),
    Edit::Escaped(Escapes::Small),
    Edit::Escaped(Escapes::Component),
    Edit::ZerosLost(2),
    Edit::ZerosLost(1),
    Edit::ZerosLost(3),
    Edit::ZerosMade,
    Edit::JsonRaw,
    Edit::JsonSigned {
        ascii: false,
        slash: false,
    },
    Edit::JsonSigned {
        ascii: true,
        slash: true,
    },
    Edit::JsonSigned {
        ascii: true,
        slash: false,
    },
    Edit::JsonSigned {
        ascii: false,
        slash: true,
    },
    Edit::JsonMade,
    Edit::JsonSpaced,
    Edit::HtmlMade,
    Edit::HtmlSigned(None),
    Edit::HtmlSigned(Some("&#039;")),
    Edit::HtmlSigned(Some("&#39;")),
    Edit::SlashesMade,
    Edit::SlashesSigned,
    Edit::BlanksMade,
    Edit::BlanksLost("", " "),
    Edit::BlanksLost(" ", ""),
    Edit::BlanksLost("", "\n"),
    Edit::BlanksLost("", "\r\n"),
    Edit::BlanksLost(" ", " "),
    Edit::LinesMade,
    Edit::LinesLost,
    Edit::Mojibake,
    Edit::SignedMojibake,
];

impl Edit {
    /// Whether it happens to one value at a time: a blank around every value is nobody's mistake.
    pub(in crate::gateway) fn single(self) -> bool {
        matches!(self, Edit::BlanksLost(..))
    }

    /// Whether it is about how numbers are written.
    pub(in crate::gateway) fn writes_numbers(self) -> bool {
        matches!(self, Edit::ZerosLost(_) | Edit::ZerosMade)
    }

    /// Whether it happens to this value where it happens to every one of its kind: a library writes numbers anew, and
    /// only what is an amount had zeros at its end.
    pub(in crate::gateway) fn concerns(self, field: &Field) -> bool {
        match self {
            Edit::ZerosLost(_) => field.money,
            Edit::ZerosMade => field.money || field.shape == Shape::Number,
            _ => true,
        }
    }

    /// What was signed, if this happened to what came; `None` where it cannot have happened.
    pub(in crate::gateway) fn signed(self, field: &Field) -> Option<Vec<u8>> {
        let came = field.value.as_slice();
        let signed = match self {
            Edit::Charset {
                signed,
                came: charset,
            } => {
                let text = charset.decode(came).ok()?;
                signed.encode(&text).ok()?.into_owned()
            }
            Edit::MojibakeGbk => {
                let text = std::str::from_utf8(came).ok()?;
                let bytes = Charset::Gbk.encode(text).ok()?.into_owned();
                // Else it was signed in GBK.
                std::str::from_utf8(&bytes).ok()?;
                bytes
            }
            Edit::Mojibake => one_byte_each(std::str::from_utf8(came).ok()?)?,
            Edit::SignedMojibake => {
                let text: String = came.iter().map(|byte| char::from(*byte)).collect();
                text.into_bytes()
            }
            Edit::Raw if field.shape == Shape::Form => field.raw.clone(),
            Edit::JsonRaw if field.shape == Shape::Text => field.raw.clone(),
            Edit::Raw | Edit::JsonRaw => return None,
            // No form escapes as JSON does.
            Edit::JsonSigned { .. } | Edit::JsonMade | Edit::JsonSpaced
                if field.shape == Shape::Form =>
            {
                return None;
            }
            Edit::JsonSigned { ascii, slash } => {
                json_text::escaped(std::str::from_utf8(came).ok()?, ascii, slash)
            }
            Edit::JsonMade => json_text::unescaped(came)?,
            Edit::JsonSpaced => json_text::compact(came)?,
            Edit::ZerosLost(places) => json_text::padded(came, places)?,
            Edit::ZerosMade => json_text::shortest(came)?,
            Edit::Escaped(escapes) => escapes.write(came),
            Edit::Twice { plus_is_blank } => decode(came, plus_is_blank),
            Edit::PlusLost => replaced(came, &[(b" ", b"+")]),
            Edit::PlusMade => replaced(came, &[(b"+", b" ")]),
            Edit::HtmlMade => replaced(came, &ENTITIES),
            Edit::HtmlSigned(quote) => html(came, quote),
            Edit::SlashesMade => unslashed(came),
            Edit::SlashesSigned => {
                let pairs: [(&[u8], &[u8]); 3] =
                    [(b"\\", b"\\\\"), (b"\"", b"\\\""), (b"'", b"\\'")];
                replaced(came, &pairs)
            }
            Edit::BlanksMade => came.trim_ascii().to_vec(),
            Edit::BlanksLost(before, behind) => {
                if came.is_empty() {
                    return None;
                }
                [before.as_bytes(), came, behind.as_bytes()].concat()
            }
            Edit::LinesMade => replaced(came, &[(b"\r\n", b"\n")]),
            Edit::LinesLost => replaced(came, &[(b"\r\n", b"\r\n"), (b"\n", b"\r\n")]),
        };
        (signed != came).then_some(signed)
    }
}

/// Entities with what they stand for.
const ENTITIES: [(&[u8], &[u8]); 8] = [
    (b"&quot;", b"\""),
    (b"&amp;", b"&"),
    (b"&lt;", b"<"),
    (b"&gt;", b">"),
    (b"&#039;", b"'"),
    (b"&#39;", b"'"),
    (b"&apos;", b"'"),
    (b"&#34;", b"\""),
];

fn html(bytes: &[u8], quote: Option<&'static str>) -> Vec<u8> {
    let escaped = ENTITIES[..4]
        .iter()
        .map(|(entity, plain)| (*plain, *entity));
    let quote = quote.map(|entity| (b"'".as_slice(), entity.as_bytes()));
    replaced(bytes, &escaped.chain(quote).collect::<Vec<_>>())
}

/// The bytes of a text that has a byte for every character.
fn one_byte_each(text: &str) -> Option<Vec<u8>> {
    let bytes = text.chars().map(|c| u8::try_from(u32::from(c)));
    if let Ok(bytes) = bytes.collect() {
        return Some(bytes);
    }
    let (bytes, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
    (!unmappable).then(|| bytes.into_owned())
}

/// Bytes that were copied from a page, with every entity undone.
pub(in crate::gateway) fn without_html(wire: &[u8]) -> Vec<u8> {
    replaced(wire, &ENTITIES)
}

/// Form bytes that were copied from a page, with their separators as they were.
pub(in crate::gateway) fn without_entities(wire: &[u8]) -> Vec<u8> {
    replaced(wire, &[(b"&amp;", b"&")])
}

/// Every pair replaced in one pass: what was put in is not looked at again.
pub(in crate::gateway) fn replaced(bytes: &[u8], pairs: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut made = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        match pairs.iter().find(|(old, _)| rest.starts_with(old)) {
            Some((old, new)) => {
                made.extend_from_slice(new);
                rest = &rest[old.len()..];
            }
            None => {
                made.push(*first);
                rest = behind;
            }
        }
    }
    made
}

/// A backslash goes, the byte behind it stays.
fn unslashed(bytes: &[u8]) -> Vec<u8> {
    let mut made = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        match byte {
            b'\\' => made.extend(rest.next()),
            byte => made.push(*byte),
        }
    }
    made
}

impl Escapes {
    fn write(self, bytes: &[u8]) -> Vec<u8> {
        let (plain, blank): (&[u8], &str) = match self {
            Escapes::Form => (b"*-._", "+"),
            Escapes::Small => (b"-_.!*()", "+"),
            Escapes::Component => (b"-_.!~*'()", "%20"),
        };
        let mut made = Vec::with_capacity(bytes.len() * 2);
        for byte in bytes {
            match byte {
                b' ' => made.extend_from_slice(blank.as_bytes()),
                byte if byte.is_ascii_alphanumeric() || plain.contains(byte) => made.push(*byte),
                byte if self == Escapes::Small => made.extend(format!("%{byte:02x}").bytes()),
                byte => made.extend(format!("%{byte:02X}").bytes()),
            }
        }
        made
    }
}

//! Key material as people paste it: PEM, or the base64 inside it alone. Strict but for line ends.

use super::KeyFault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretSlice;

/// A key of 8192 bits has 6 KiB; more is none.
const CHARS_MAX: usize = 16 * 1024;
const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// What a PEM says it holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Label {
    /// `PRIVATE KEY`, `RSA PRIVATE KEY`.
    Private,
    /// `PUBLIC KEY`, `RSA PUBLIC KEY`.
    Public,
}

/// The bytes of a key, in DER.
#[derive(Debug)]
pub(super) struct Material {
    /// What the PEM says; bare base64 says nothing.
    pub(super) label: Option<Label>,
    /// A private key is among them, perhaps.
    pub(super) der: SecretSlice<u8>,
}

impl Material {
    /// Reads a text. How its lines are broken does not matter, any other blank does: it came along while copying.
    pub(super) fn read(text: &str) -> Result<Material, KeyFault> {
        if text.len() > CHARS_MAX {
            return Err(KeyFault::Unreadable);
        }
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
        let (label, base64) = match lines.as_slice() {
            [] => return Err(KeyFault::Empty),
            [first, between @ .., last] if first.starts_with(BEGIN) => {
                (Some(label(first, last)?), between.concat())
            }
            lines if lines.iter().any(|line| line.starts_with(DASHES)) => {
                return Err(KeyFault::Unreadable);
            }
            lines => (None, lines.concat()),
        };
        if base64.contains(char::is_whitespace) {
            return Err(KeyFault::Blank);
        }
        let der = STANDARD.decode(base64).map_err(|_| KeyFault::Unreadable)?;
        Ok(Material {
            label,
            der: SecretSlice::from(der),
        })
    }
}

fn label(first: &str, last: &str) -> Result<Label, KeyFault> {
    let framed = |line: &'_ str, word: &str| -> Option<String> {
        let name = line.strip_prefix(word)?.strip_suffix(DASHES)?;
        Some(name.to_owned())
    };
    let name = framed(first, BEGIN).filter(|name| framed(last, END).as_ref() == Some(name));
    match name.as_deref() {
        Some("PRIVATE KEY" | "RSA PRIVATE KEY") => Ok(Label::Private),
        Some("PUBLIC KEY" | "RSA PUBLIC KEY") => Ok(Label::Public),
        Some("ENCRYPTED PRIVATE KEY") => Err(KeyFault::Encrypted),
        Some("CERTIFICATE") => Err(KeyFault::Certificate),
        Some(_) => Err(KeyFault::Unknown),
        None => Err(KeyFault::Unreadable),
    }
}

//! A signature as it came, without what became of it on the way.

use super::edit::Edit;
use super::fault::Fault;
use super::guess::decode;
use super::json_text;
use crate::gateway::seal::Theirs;
use crate::sign::Kind;

/// A signature as it came, in both ways of reading it, each with what was mended for it.
#[derive(Clone, Debug)]
pub(in crate::gateway) struct Came {
    /// As MD5 is written: small letters, nothing around them.
    pub(in crate::gateway) hex: String,
    hex_faults: Vec<Fault>,
    /// As base64 is written: on one line, in the standard alphabet.
    pub(in crate::gateway) base64: Vec<u8>,
    base64_faults: Vec<Fault>,
}

impl Came {
    /// Of the bytes of a `sign`.
    pub(in crate::gateway) fn of(sign: &[u8]) -> Came {
        let trimmed = sign.trim_ascii();
        let small = trimmed.to_ascii_lowercase();
        let blank = (trimmed != sign).then_some(Fault::SignBlank);
        let upper = (small != trimmed).then_some(Fault::SignUpper);
        let (base64, base64_faults) = mended(sign);
        Came {
            hex: String::from_utf8_lossy(&small).into_owned(),
            hex_faults: blank.into_iter().chain(upper).collect(),
            base64,
            base64_faults,
        }
    }

    /// Whether it may be a signature by this key at all: MD5 has 32 characters, the others have more.
    pub(in crate::gateway) fn may_be_of(&self, key: &Theirs) -> bool {
        match key {
            Theirs::Md5(..) => self.hex.len() == 32,
            Theirs::Public(_) => self.base64.len() > 32,
        }
    }

    /// What became of it on the way, if it is one of this kind.
    pub(in crate::gateway) fn faults(&self, kind: Kind) -> &[Fault] {
        match kind {
            Kind::Md5 => &self.hex_faults,
            Kind::Rsa | Kind::Rsa2 | Kind::RsaS | Kind::Dsa => &self.base64_faults,
        }
    }
}

/// Base64 as it was made, and what had to be undone for that.
fn mended(sign: &[u8]) -> (Vec<u8>, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut made = sign.to_vec();
    if let Some(plain) = json_text::unescaped(&made) {
        faults.push(Fault::Edit(Edit::JsonMade, Some("sign".to_owned())));
        made = plain;
    }
    if made.contains(&b'%') {
        faults.push(Fault::SignPercent);
        made = decode(&made, false);
    }
    let lines = made.len();
    made.retain(|byte| *byte == b' ' || !byte.is_ascii_whitespace());
    let broken = made.len() != lines;
    let (unblanked, lost, put_in) = without_blanks(&made);
    made = unblanked;
    faults.extend((broken || put_in).then_some(Fault::SignBlank));
    faults.extend(lost.then_some(Fault::SignPlus));
    let standard = standard(&made);
    if standard != made {
        faults.push(Fault::SignAlphabet);
    }
    (standard, faults)
}

/// Base64 without blanks, whether some of them were plus signs, and whether some were put in. What makes it as long as a
/// signature is right; else those inside were plus signs.
fn without_blanks(base64: &[u8]) -> (Vec<u8>, bool, bool) {
    let plus = |bytes: &[u8]| -> Vec<u8> {
        let one = |byte: &u8| if *byte == b' ' { b'+' } else { *byte };
        bytes.iter().map(one).collect()
    };
    let trimmed = base64.trim_ascii();
    let (all, inner) = (plus(base64), plus(trimmed));
    let mut none = base64.to_vec();
    none.retain(|byte| *byte != b' ');
    let blank = none.len() != base64.len();
    if is_whole(&all) {
        (all, blank, false)
    } else if !is_whole(&inner) && is_whole(&none) {
        (none, false, blank)
    } else {
        let lost = inner != trimmed;
        (inner, lost, trimmed != base64)
    }
}

/// Whether it is as long as a signature of RSA: keys have a multiple of 512 bits.
fn is_whole(base64: &[u8]) -> bool {
    let characters = base64.iter().filter(|byte| **byte != b'=').count();
    characters > 0 && (characters * 3 / 4).is_multiple_of(64)
}

/// In the standard alphabet, with its padding.
fn standard(base64: &[u8]) -> Vec<u8> {
    let one = |byte: &u8| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => *byte,
    };
    let mut made: Vec<u8> = base64.iter().map(one).collect();
    if matches!(made.len() % 4, 2 | 3) {
        made.resize(made.len().next_multiple_of(4), b'=');
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(came: &str, base64: &str, expected: &[Fault]) {
        let found = Came::of(came.as_bytes());
        assert_eq!(found.base64, base64.as_bytes(), "{came:?}");
        assert_eq!(found.faults(Kind::Rsa2), expected, "{came:?}");
    }

    /// Each way of spoiling base64 is undone, and nothing else is touched.
    #[test]
    fn base64_is_mended() {
        let whole = format!("+/{}==", "A".repeat(340));
        check(&whole, &whole, &[]);
        check(&whole.replace('+', " "), &whole, &[Fault::SignPlus]);
        check(&whole.replace('+', "%2B"), &whole, &[Fault::SignPercent]);
        let broken = format!("{}\r\n{}\n", &whole[..76], &whole[76..]);
        check(&broken, &whole, &[Fault::SignBlank]);
        let blanks = format!("{} {}", &whole[..76], &whole[76..]);
        check(&blanks, &whole, &[Fault::SignBlank]);
        let url = whole.replace('+', "-").replace('/', "_");
        check(&url, &whole, &[Fault::SignAlphabet]);
        let bare = url.trim_end_matches('=');
        check(bare, &whole, &[Fault::SignAlphabet]);
        let escaped = Fault::Edit(Edit::JsonMade, Some("sign".into()));
        check(&whole.replace('/', "\\/"), &whole, &[escaped]);
        check("", "", &[]);
    }
}

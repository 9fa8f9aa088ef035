//! Text that was written in one charset and read in another (seed 001 5.2 1D): recognised, and where nothing was lost,
//! read again as it was meant. For people who look for a mistake: nothing is ever decided by it.

use crate::charset::Charset;
use encoding_rs::WINDOWS_1252;

/// What happened to a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mojibake {
    /// The charset that it was written in; `None` where that cannot be told any more.
    pub written: Option<Charset>,
    /// The name of the charset that it was read in.
    pub read: &'static str,
    /// The text as it was meant, without what is lost of its end.
    pub meant: String,
}

/// Whether the text looks as if it had been read in the wrong charset. Of Chinese text only, and sure enough to say it:
/// reading it back gives at least two Chinese characters, and nothing but what stands in titles.
#[must_use]
pub fn mojibake(text: &str) -> Option<Mojibake> {
    if text.contains('\u{fffd}') && !text.chars().any(is_chinese) || text.contains("锟斤拷") {
        return Some(Mojibake {
            written: None,
            read: "utf-8",
            meant: String::new(),
        });
    }
    if text.is_ascii() {
        return None;
    }
    let whole = text.trim_end_matches(['\u{fffd}', '?']);
    if let Ok(bytes) = Charset::Gbk.encode(whole)
        && let Some(meant) = as_utf8(&bytes)
    {
        return Some(Mojibake {
            written: Some(Charset::Utf8),
            read: "gbk",
            meant,
        });
    }
    let (bytes, _, lost) = WINDOWS_1252.encode(whole);
    if lost {
        return None;
    }
    let utf8 = as_utf8(&bytes).map(|meant| (Charset::Utf8, meant));
    let (written, meant) = utf8.or_else(|| Some((Charset::Gbk, as_gbk(&bytes)?)))?;
    Some(Mojibake {
        written: Some(written),
        read: "latin-1",
        meant,
    })
}

/// The bytes as UTF-8, up to a character that is cut off at the end.
fn as_utf8(bytes: &[u8]) -> Option<String> {
    let whole = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    is_title(whole).then(|| whole.to_owned())
}

/// The bytes as GBK, where they are characters of GB 2312: else accents would be taken for Chinese.
fn as_gbk(bytes: &[u8]) -> Option<String> {
    let text = Charset::Gbk.decode(bytes).ok()?;
    let mut rest = bytes.iter();
    while let Some(byte) = rest.next() {
        if !byte.is_ascii() && (!(0xa1..=0xf7).contains(byte) || *rest.next()? < 0xa1) {
            return None;
        }
    }
    is_title(&text).then(|| text.into_owned())
}

fn is_title(text: &str) -> bool {
    let usual = |c: char| {
        c.is_ascii() && !c.is_ascii_control()
            || is_chinese(c)
            || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}' | '“' | '”' | '·')
    };
    text.chars().filter(|c| is_chinese(*c)).count() >= 2 && text.chars().all(usual)
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mix_is_recognised_and_read_as_it_was_meant() {
        let gbk = |bytes: &[u8]| Charset::Gbk.display(bytes);
        let latin = |bytes: &[u8]| {
            WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned()
        };
        for title in [
            "测试商品",
            "绿茶 250g（春）",
            "收讫",
            "一分钱测试 Quittance",
        ] {
            let utf8 = title.as_bytes();
            let written = Charset::Gbk.encode(title).unwrap().into_owned();
            for (text, charset, read) in [
                (gbk(utf8), Charset::Utf8, "gbk"),
                (latin(utf8), Charset::Utf8, "latin-1"),
                (latin(&written), Charset::Gbk, "latin-1"),
            ] {
                let found = mojibake(&text).unwrap_or_else(|| panic!("{title}: {text}"));
                assert_eq!((found.written, found.read), (Some(charset), read), "{text}");
                assert!(title.starts_with(&found.meant) && !found.meant.is_empty());
            }
            let lost = String::from_utf8_lossy(&written).into_owned();
            assert_eq!(mojibake(&lost).unwrap().written, None, "{lost}");
        }
    }

    #[test]
    fn ordinary_titles_are_left_alone() {
        for title in [
            "",
            "Green tea",
            "测试商品",
            "联通充值卡",
            "绿茶 250g（春）",
            "Café crème, garçon",
            "Ñandú über Straße",
            "日本茶 セット",
            "what?",
            "好?",
        ] {
            assert_eq!(mojibake(title), None, "{title}");
        }
    }
}

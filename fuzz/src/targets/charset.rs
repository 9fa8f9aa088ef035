//! Charsets: bytes read as text and written again are the same bytes, or are refused (SEC-080, SEC-082).

use crate::target::Outcome;
use quittance_core::charset::Charset;

pub(super) fn check(input: &[u8]) -> Outcome {
    let mut reads = Vec::new();
    for charset in [Charset::Utf8, Charset::Gbk, Charset::Gb2312] {
        let shown = charset.display(input);
        let read = charset.decode(input).ok();
        if let Some(text) = &read {
            let again = charset.encode(text).expect("what was read can be written");
            assert_eq!(again.as_ref(), input, "as the same bytes");
            assert_eq!(shown, *text, "and it is what a person sees");
        }
        let text = String::from_utf8_lossy(input);
        if let Ok(bytes) = charset.encode(&text) {
            let back = charset.decode(&bytes);
            assert!(back.is_err() || back.is_ok_and(|back| back == text));
        }
        reads.push(read.map(|text| text.chars().count().min(8)));
    }
    let label = std::str::from_utf8(input)
        .ok()
        .and_then(Charset::from_label);
    Outcome::of(reads.iter().any(Option::is_some), (reads, label.is_some()))
}

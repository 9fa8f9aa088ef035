//! SEC-001..003b: one genuine signature, every other way to cut the text under it.

use crate::{MERCHANT, NOTIFY_ID, ORDER_NO, TRADE_NO, account, claims, md5, now, payment};
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::{Gateway, Reading, Verdict};
use quittance_core::params::Params;
use quittance_core::sign::presign;

/// A paid trade with the buyer's own text in what is echoed.
fn honest(extra: &str, bank_seq_no: &str, is_return: bool) -> Vec<u8> {
    let mut params = Params::new();
    for (name, value) in [
        ("bank_seq_no", bank_seq_no),
        ("extra_return_param", extra),
        ("interface_version", "V3.0"),
        ("merchant_code", MERCHANT),
        ("notify_id", NOTIFY_ID),
        (
            "notify_type",
            if is_return {
                "page_notify"
            } else {
                "offline_notify"
            },
        ),
        ("order_amount", "12.01"),
        ("order_no", ORDER_NO),
        ("order_time", "2024-01-02 03:04:05"),
        ("trade_no", TRADE_NO),
        ("trade_status", "SUCCESS"),
        ("trade_time", "2024-01-02 03:05:06"),
    ] {
        params.push(name, value.as_bytes()).unwrap();
    }
    presign(&params)
}

/// The signed text cut at these of its `&`, with its signature.
fn cut(string: &[u8], at: &[usize]) -> Option<Params> {
    let mut params = Params::new();
    let mut start = 0;
    for end in at.iter().copied().chain([string.len()]) {
        let field = &string[start..end];
        let equals = field.iter().position(|byte| *byte == b'=')?;
        let name = std::str::from_utf8(&field[..equals]).ok()?;
        params.push(name, &field[equals + 1..]).ok()?;
        start = end + 1;
    }
    params.push("sign", md5(string).as_bytes()).ok()?;
    params.push("sign_type", b"MD5").ok()?;
    Some(params)
}

fn ampersands(string: &[u8]) -> Vec<usize> {
    let bytes = string.iter().enumerate();
    bytes
        .filter(|(_, byte)| **byte == b'&')
        .map(|(at, _)| at)
        .collect()
}

fn read(params: &Params, is_return: bool) -> Reading {
    let account = account(Charset::Utf8);
    let wire = params.to_wire();
    match is_return {
        true => account.read_return(wire.as_bytes(), now()),
        false => account.read_notify(wire.as_bytes(), now()),
    }
}

/// Whether the reading says no more than what was really paid.
fn honest_or_nothing(read: &Reading) -> bool {
    match read.verdict {
        Verdict::Genuine => {
            read.order_no.as_deref() == Some(ORDER_NO) && claims(&read.evidence) == [payment()]
        }
        _ => read.evidence.is_empty(),
    }
}

/// SEC-001, SEC-002: a buyer who writes a whole other payment into what is echoed has a valid signature under it, and no
/// evidence. The order that it names is asked for.
#[test]
fn a_payment_written_into_the_echo_makes_us_ask() {
    for is_return in [false, true] {
        let kind = if is_return {
            "page_notify"
        } else {
            "offline_notify"
        };
        let forged = format!(
            "x&interface_version=V3.0&merchant_code={MERCHANT}&notify_id={NOTIFY_ID}&notify_type={kind}\
             &order_amount=9999.00&order_no=BIG&order_time=2024-01-02 03:04:05&trade_no=1&trade_status=SUCCESS\
             &trade_time=2024-01-02 03:05:06"
        );
        let string = honest(&forged, "1", is_return);
        // The forger cuts his own fields out and leaves the real ones in the last value.
        let places = ampersands(&string);
        let own = places.get(..11).unwrap();
        let params = cut(&string, own).unwrap();
        assert_eq!(presign(&params), string, "it is the same signed text");
        assert_eq!(params.get("order_no"), Some(b"BIG".as_slice()));
        let read = read(&params, is_return);
        assert_eq!(read.verdict, Verdict::Ambiguous);
        assert!(read.authentic() && read.evidence.is_empty());
        assert_eq!(read.order_no.as_deref(), Some("BIG"), "and it is asked for");
    }
}

/// SEC-003b: a name that was cut out of the echo is either not signed here, so that the signature is wrong, or known.
#[test]
fn a_name_that_was_cut_in_says_nothing() {
    for name in [
        "fee",
        "extra_z",
        "goods",
        "fee_type",
        "gmt_refund",
        "interface",
    ] {
        let string = honest(&format!("x&{name}=9999"), "1", false);
        let params = cut(&string, &ampersands(&string)).unwrap();
        assert_eq!(presign(&params), string, "{name}");
        let read = read(&params, false);
        assert_eq!(read.verdict, Verdict::BadSignature, "{name}");
    }
}

/// A text that a buyer could have written: a word, then what looks like fields.
fn buyer_text() -> impl Strategy<Value = String> {
    const NAMES: [&str; 18] = [
        "a",
        "bank_code",
        "bank_seq_no",
        "extra_return_param",
        "fee",
        "interface_version",
        "merchant_code",
        "notify_id",
        "notify_type",
        "order_amount",
        "order_no",
        "order_time",
        "total_fee",
        "trade_no",
        "trade_status",
        "trade_time",
        "x",
        "z",
    ];
    const VALUES: [&str; 9] = [
        "",
        "0.01",
        "9999.00",
        "BIG",
        MERCHANT,
        "SUCCESS",
        "V3.0",
        "offline_notify",
        "page_notify",
    ];
    let field = (
        prop::sample::select(&NAMES[..]),
        prop::sample::select(&VALUES[..]),
    )
        .prop_map(|(name, value)| format!("&{name}={value}"));
    ("[a-c=]{0,2}", prop::collection::vec(field, 0..5))
        .prop_map(|(word, fields)| word + &fields.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// SEC-003: whatever a buyer writes into what is echoed, no cut of the signed text says more than was paid.
    #[test]
    fn no_cut_says_more_than_was_paid(
        extra in buyer_text(),
        serial in buyer_text(),
        is_return in any::<bool>(),
    ) {
        let string = honest(&extra, &serial, is_return);
        let places = ampersands(&string);
        // A field that would not stay sorted, or doubled, could never carry the signature: such branches are cut off.
        let mut stack = vec![(0_usize, Vec::<usize>::new())];
        let mut authentic = 0_u32;
        while let Some((next, at)) = stack.pop() {
            if next < places.len() {
                stack.push((next + 1, at.clone()));
                let begins = at.last().map_or(0, |place| place + 1);
                let name = |from: usize| string[from..].split(|b| *b == b'=').next().unwrap_or_default().to_vec();
                if name(begins) < name(places[next] + 1) {
                    stack.push((next + 1, [&at[..], &[places[next]]].concat()));
                }
                continue;
            }
            let Some(params) = cut(&string, &at) else { continue };
            let read = read(&params, is_return);
            authentic += u32::from(read.authentic());
            prop_assert!(honest_or_nothing(&read), "{params:?} {read:?}");
        }
        prop_assert!(authentic > 0, "at least the honest cut carries the signature");
    }
}

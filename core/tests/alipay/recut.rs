//! SEC-001..003b: one genuine signature, every other way to cut the text under it.

use crate::{NOTIFY_ID, ORDER_NO, PARTNER, TRADE_NO, account, claims, key, now, payment};
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::{Gateway, Reading, Verdict};
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};

/// A paid trade with the buyer's own texts in it, as few fields as make it genuine.
fn honest(subject: &str, body: &str, extra: &str, is_return: bool) -> Vec<u8> {
    let mut params = Params::new();
    for (name, value) in [
        ("body", body),
        ("extra_common_param", extra),
        ("is_success", if is_return { "T" } else { "" }),
        ("notify_id", NOTIFY_ID),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", ORDER_NO),
        ("seller_id", PARTNER),
        ("subject", subject),
        ("total_fee", "0.01"),
        ("trade_no", TRADE_NO),
        ("trade_status", "TRADE_SUCCESS"),
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
    params
        .push("sign", md5_sign(string, &key()).as_bytes())
        .ok()?;
    params.push("sign_type", b"MD5").ok()?;
    Some(params)
}

fn ampersands(string: &[u8]) -> Vec<usize> {
    string
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'&')
        .map(|(at, _)| at)
        .collect()
}

fn read(params: &Params, is_return: bool) -> Reading {
    let account = account(Charset::Utf8);
    let wire = params.to_wire();
    if is_return {
        account.read_return(wire.as_bytes(), now())
    } else {
        account.read_notify(wire.as_bytes(), now())
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

/// SEC-001, SEC-002: the two forgeries of the catalogue carry a valid signature, and are no evidence.
#[test]
fn the_known_forgeries_make_us_ask() {
    let forge = |honest: &[(&str, &str)], forged: &[(&str, &str)]| {
        let build = |fields: &[(&str, &str)]| {
            let mut params = Params::new();
            for (name, value) in fields {
                params.push(name, value.as_bytes()).unwrap();
            }
            params
        };
        let string = presign(&build(honest));
        let mut forged = build(forged);
        assert_eq!(presign(&forged), string, "it is the same signed text");
        forged
            .push("sign", md5_sign(&string, &key()).as_bytes())
            .unwrap();
        forged.push("sign_type", b"MD5").unwrap();
        let read = read(&forged, false);
        assert_eq!(read.verdict, Verdict::Ambiguous);
        assert!(read.authentic() && read.evidence.is_empty());
        read.order_no
    };
    let rest = [("trade_no", TRADE_NO), ("trade_status", "TRADE_SUCCESS")];
    let head = [
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", ORDER_NO),
        ("seller_id", PARTNER),
    ];
    let join = |middle: &[(&'static str, &'static str)]| [&head[..], middle, &rest[..]].concat();
    let asked = forge(
        &join(&[
            ("subject", "S&total_fee=9999.00&trade_a=x"),
            ("total_fee", "0.01"),
        ]),
        &join(&[
            ("subject", "S"),
            ("total_fee", "9999.00"),
            ("trade_a", "x&total_fee=0.01"),
        ]),
    );
    assert_eq!(
        asked.as_deref(),
        Some(ORDER_NO),
        "and the order is asked for"
    );

    let tail = "notify_type=trade_status_sync&out_trade_no=BIG&total_fee=9999.00&trade_no=1&trade_status=TRADE_SUCCESS";
    let honest = format!("B&{tail}&z=1");
    let mut fields = vec![("body", honest.as_str())];
    let cheap = join(&[("total_fee", "0.01")]);
    fields.extend(cheap);
    let swallowed = format!(
        "1&notify_type=trade_status_sync&out_trade_no={ORDER_NO}&seller_id={PARTNER}&total_fee=0.01&trade_no={TRADE_NO}&trade_status=TRADE_SUCCESS"
    );
    let forged = [
        ("body", "B"),
        ("notify_type", "trade_status_sync"),
        ("out_trade_no", "BIG"),
        ("total_fee", "9999.00"),
        ("trade_no", "1"),
        ("trade_status", "TRADE_SUCCESS"),
        ("z", swallowed.as_str()),
    ];
    forge(&fields, &forged);
}

/// SEC-003b: the full cut can add a name out of a buyer's text; a critical one of another profile is no evidence,
/// from whatever text it comes.
#[test]
fn a_critical_name_that_was_cut_in_makes_us_ask() {
    // Each name sorts into the gap behind the text that carries it.
    let cases = [
        ("body", "currency", "USD", true),
        ("body", "code", "0", true),
        ("body", "cash_fee", "9999", true),
        ("extra", "gmt_refund", "2024-01-01 00:00:00", true),
        ("extra", "fee_type", "USD", true),
        ("extra", "money", "9999", false),
        ("subject", "total_amount", "9999.00", true),
        ("subject", "success_num", "1", true),
        ("subject", "to_buyer_fee", "0.01", true),
    ];
    for (carrier, name, value, in_return) in cases {
        let text = format!("x&{name}={value}");
        let of = |field| if field == carrier { text.as_str() } else { "x" };
        for is_return in [false, in_return] {
            let string = honest(of("subject"), of("body"), of("extra"), is_return);
            let forged = cut(&string, &ampersands(&string)).unwrap();
            assert_eq!(
                presign(&forged),
                string,
                "{name}: the full cut is the same signed text"
            );
            let read = read(&forged, is_return);
            let known_harmless = name == "gmt_refund" && !is_return;
            assert!(
                known_harmless || read.verdict == Verdict::Ambiguous,
                "{carrier} {name}: {read:?}"
            );
            assert!(
                !claims(&read.evidence)
                    .iter()
                    .any(|claim| *claim == payment())
                    || known_harmless
            );
        }
    }
}

/// A text that a buyer could have written: a word, then what looks like fields.
fn buyer_text() -> impl Strategy<Value = String> {
    const NAMES: [&str; 20] = [
        "a",
        "body",
        "currency",
        "gmt_close",
        "is_success",
        "notify_type",
        "order_no",
        "out_trade_no",
        "price",
        "refund_status",
        "seller_id",
        "subject",
        "suffix",
        "total_amount",
        "total_fee",
        "total_z",
        "trade_a",
        "trade_no",
        "trade_status",
        "z",
    ];
    const VALUES: [&str; 9] = [
        "",
        "0.01",
        "2088000000000002",
        "9999.00",
        "BIG",
        "T",
        "TRADE_CLOSED",
        "TRADE_SUCCESS",
        "trade_status_sync",
    ];
    let field = (
        prop::sample::select(&NAMES[..]),
        prop::sample::select(&VALUES[..]),
    )
        .prop_map(|(name, value)| format!("&{name}={value}"));
    ("[a-c=]{0,2}", prop::collection::vec(field, 0..4))
        .prop_map(|(word, fields)| word + &fields.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// SEC-003: whatever a buyer writes into the three texts, no cut of the signed text says more than was paid.
    #[test]
    fn no_cut_says_more_than_was_paid(
        subject in buyer_text(),
        body in buyer_text(),
        extra in buyer_text(),
        is_return in any::<bool>(),
    ) {
        let string = honest(&subject, &body, &extra, is_return);
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

//! Explaining a message: a genuine one passes every step, each likely mistake is named and no other, and garbage is
//! called hopeless without a panic.

use crate::{
    EMAIL, KEY, NOTIFY_ID, ORDER_NO, PARTNER, account, fields, merchant, now, sealed, settings,
    time, trade, with, without,
};
use proptest::prelude::*;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::gateway_side::{
    Code, Merchant, Trade, error_reply, notify_body, query_reply, return_query,
};
use quittance_core::gateway::alipay::{Account, Key, Keys, Seller, Settings};
use quittance_core::gateway::inspection::{Exchange, Inspection, Outcome, Subject};
use quittance_core::gateway::{Account as AnyAccount, Answer, Gateway, Verdict};
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::sign::{md5_sign, presign};
use secrecy::{ExposeSecret, SecretString};
use std::path::Path;

const OTHER_KEY: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
const OLD_KEY: &str = "zyxwvutsrqponmlkjihgfedcba987654";

/// The account under inspection: with a previous key that has ended.
fn ours() -> Account {
    let mut settings = settings(Charset::Utf8);
    settings.keys.push(Key {
        key: OLD_KEY.into(),
        until: Some(time("2023-12-01T00:00:00Z")),
    });
    Account::new(settings).unwrap()
}

fn other() -> AnyAccount {
    let keys = vec![Key {
        key: OTHER_KEY.into(),
        until: None,
    }];
    let settings = Settings {
        keys: Keys::Md5(keys),
        ..settings(Charset::Gbk)
    };
    AnyAccount::Alipay(Account::new(settings).unwrap())
}

fn inspect_as(account: &Account, exchange: Exchange, wire: &[u8]) -> Inspection {
    let other = other();
    account.inspect(&Subject {
        exchange,
        wire,
        now: now(),
        others: &[("second", &other)],
    })
}

fn inspect(exchange: Exchange, wire: &[u8]) -> Inspection {
    inspect_as(&ours(), exchange, wire)
}

fn codes(inspection: &Inspection) -> Vec<&'static str> {
    inspection
        .mistakes
        .iter()
        .map(|mistake| mistake.code)
        .collect()
}

/// The mistakes of a notify that is broken: these and no other, each explained in both languages and in the manual.
fn check(wire: &[u8], expected: &[&str]) -> Inspection {
    let inspection = inspect(Exchange::Notify, wire);
    assert_eq!(
        codes(&inspection),
        expected,
        "{}",
        String::from_utf8_lossy(wire)
    );
    assert!(!inspection.holds());
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/inspect.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    for mistake in &inspection.mistakes {
        assert!(
            manual.contains(&format!("`{}`", mistake.code)),
            "{}",
            mistake.code
        );
        for text in [&mistake.cause, &mistake.fix] {
            assert!(!text.en.is_empty() && !text.zh.is_ascii(), "{text:?}");
        }
    }
    inspection
}

fn genuine() -> Vec<(String, String)> {
    fields(&notify_body(
        &trade(Charset::Utf8),
        &merchant(),
        NOTIFY_ID,
        now(),
    ))
}

fn answer(trade: &Trade, merchant: &Merchant) -> Vec<u8> {
    query_reply(trade, merchant, now()).body
}

/// These fields on the wire, with the signature of this text under this key.
fn sent(fields: &[(String, String)], text: &[u8], key: &str) -> Vec<u8> {
    let sign = md5_sign(text, &SecretString::from(key));
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    params.push("sign", sign.as_bytes()).unwrap();
    params.push("sign_type", b"MD5").unwrap();
    params.to_wire().into_bytes()
}

/// The text that the protocol signs for these fields.
fn text(fields: &[(String, String)]) -> Vec<u8> {
    let mut params = Params::new();
    for (name, value) in fields {
        params.push(name, value.as_bytes()).unwrap();
    }
    presign(&params)
}

/// Signed over some values, sent with others.
fn changed(signed: &[(String, String)], sent_as: &[(String, String)]) -> Vec<u8> {
    sent(sent_as, &text(signed), KEY)
}

fn with_title(title: &str) -> Vec<(String, String)> {
    with(&genuine(), "subject", title)
}

#[test]
fn a_genuine_message_passes_every_step() {
    let notify = notify_body(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now());
    let back = return_query(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now());
    let reply = answer(&trade(Charset::Utf8), &merchant());
    for (exchange, wire) in [
        (Exchange::Notify, notify.as_slice()),
        (Exchange::Return, back.as_bytes()),
        (Exchange::Reply, reply.as_slice()),
    ] {
        let inspection = inspect(exchange, wire);
        assert!(inspection.holds(), "{:?}", inspection.steps);
        assert_eq!((codes(&inspection), inspection.tried), (vec![], 0));
        assert_eq!(inspection.evidence.len(), 1);
        let signing = inspection.signing.unwrap();
        assert_eq!(signing.mysign.unwrap().expose_secret(), signing.sign);
        assert!(signing.text.contains(&format!("out_trade_no={ORDER_NO}&")));
        assert!(!signing.text.contains(KEY) && !signing.text.contains("sign="));
    }
    // In the other charset the signing string is shown as text as well.
    let gbk = notify_body(&trade(Charset::Gbk), &merchant(), NOTIFY_ID, now());
    let inspection = inspect_as(&account(Charset::Gbk), Exchange::Notify, &gbk);
    assert!(inspection.holds());
    assert!(inspection.signing.unwrap().text.contains("测试商品"));
}

#[test]
fn every_field_that_the_gateway_sends_is_known() {
    let notify = genuine();
    let back =
        fields(return_query(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now()).as_bytes());
    for (name, value) in notify
        .iter()
        .chain(&back)
        .filter(|(_, value)| !value.is_empty())
    {
        let fields = with(&genuine(), name, value);
        check(
            &changed(&without(&fields, name), &fields),
            &["unsigned_parameter"],
        );
    }
}

#[test]
fn mistakes_with_the_key() {
    let genuine = genuine();
    let signed_with = |key: &str| sent(&genuine, &text(&genuine), key);
    for blank in [" ", "\n", "\r\n", "\t"] {
        check(&signed_with(&format!("{KEY}{blank}")), &["key_blank"]);
        check(&signed_with(&format!("{blank}{KEY}")), &["key_blank"]);
    }
    check(&signed_with(&format!("\"{KEY}\"")), &["key_quoted"]);
    check(&signed_with(PARTNER), &["key_is_partner"]);
    check(&signed_with(OLD_KEY), &["key_ended"]);
    let of_other = check(&signed_with(OTHER_KEY), &["key_of_other_account"]);
    assert!(of_other.mistakes[0].fix.en.contains("--account second"));
    check(&signed_with(&KEY.to_uppercase()), &["key_letter_case"]);
    check(&signed_with(""), &["key_missing"]);
    let behind = [text(&genuine), b"&key=".to_vec()].concat();
    check(&sent(&genuine, &behind, KEY), &["key_as_parameter"]);
    let turned = [KEY.as_bytes(), &text(&genuine)].concat();
    check(&sent(&genuine, &turned, ""), &["key_in_front"]);
}

#[test]
fn a_previous_key_in_force_is_no_mistake() {
    let mut settings = settings(Charset::Utf8);
    settings.keys.push(Key {
        key: OLD_KEY.into(),
        until: Some(time("2030-01-01T00:00:00Z")),
    });
    let account = Account::new(settings).unwrap();
    let genuine = genuine();
    let inspection = inspect_as(
        &account,
        Exchange::Notify,
        &sent(&genuine, &text(&genuine), OLD_KEY),
    );
    assert!(inspection.holds() && inspection.mistakes.is_empty());
    let step = inspection
        .steps
        .iter()
        .find(|step| step.name == "signature")
        .unwrap();
    assert!(step.detail.en.contains("previous key"));
}

#[test]
fn mistakes_with_charsets() {
    let gbk = |fields: &[(String, String)]| {
        let mut params = Params::new();
        for (name, value) in fields {
            params
                .push(name, &Charset::Gbk.encode(value).unwrap())
                .unwrap();
        }
        params
    };
    // Signed in GBK, sent in UTF-8, and the other way round.
    check(
        &sent(&genuine(), &presign(&gbk(&genuine())), KEY),
        &["charset"],
    );
    let mut wire = gbk(&genuine());
    let sign = md5_sign(&text(&genuine()), &SecretString::from(KEY));
    wire.push("sign", sign.as_bytes()).unwrap();
    wire.push("sign_type", b"MD5").unwrap();
    check(wire.to_wire().as_bytes(), &["charset"]);
    // Taken for ISO-8859-1 and written again as UTF-8, as many servlets do.
    let garbled: Vec<(String, String)> = genuine()
        .into_iter()
        .map(|(name, value)| (name, value.bytes().map(char::from).collect()))
        .collect();
    check(&changed(&genuine(), &garbled), &["charset"]);
    check(&changed(&garbled, &genuine()), &["charset"]);
    // The signature is right, the account is not.
    let theirs = notify_body(&trade(Charset::Gbk), &merchant(), NOTIFY_ID, now());
    assert!(check(&theirs, &["account_charset"]).signed());
    let inspection = inspect_as(
        &account(Charset::Gbk),
        Exchange::Reply,
        &answer(&trade(Charset::Utf8), &merchant()),
    );
    assert_eq!(codes(&inspection), ["account_charset"]);
}

#[test]
fn mistakes_with_encoding() {
    let genuine = with_title("茶 & 100% a+b (x)");
    // Signed as it stands on the wire, in four ways of writing it.
    for (blank, plain, small) in [
        ("+", "*-._", false),
        ("+", "-_.!*()", true),
        ("%20", "-_.!~*'()", false),
    ] {
        let encoded: Vec<(String, String)> = genuine
            .iter()
            .map(|(name, value)| (name.clone(), escaped(value, blank, plain, small)))
            .collect();
        check(&changed(&encoded, &genuine), &["not_decoded"]);
        // Encoded once more on the way.
        check(&changed(&genuine, &encoded), &["encoded_twice"]);
    }
    // A plus that was sent as it is, and a blank that became one.
    check(
        &changed(&with_title("a+b"), &with_title("a b")),
        &["plus_and_blank"],
    );
    check(
        &changed(&with_title("a b"), &with_title("a+b")),
        &["plus_and_blank"],
    );
}

fn escaped(value: &str, blank: &str, plain: &str, small: bool) -> String {
    let one = |byte: u8| match char::from(byte) {
        ' ' => blank.to_owned(),
        c if c.is_ascii_alphanumeric() || plain.contains(c) => c.to_string(),
        _ if small => format!("%{byte:02x}"),
        _ => format!("%{byte:02X}"),
    };
    value.bytes().map(one).collect()
}

#[test]
fn mistakes_with_values() {
    let title = "\"茶\" <b>";
    let html = "&quot;茶&quot; &lt;b&gt;";
    check(
        &changed(&with_title(title), &with_title(html)),
        &["html_escaped"],
    );
    check(
        &changed(&with_title(html), &with_title(title)),
        &["html_escaped"],
    );
    check(
        &changed(
            &with_title("it's \"&\""),
            &with_title("it&#039;s &quot;&amp;&quot;"),
        ),
        &["html_escaped"],
    );
    check(
        &changed(&with_title("it&#039;s"), &with_title("it's")),
        &["html_escaped"],
    );
    let slashed = r#"it\'s \"tea\" \\"#;
    check(
        &changed(&with_title(r#"it's "tea" \"#), &with_title(slashed)),
        &["backslashes"],
    );
    check(
        &changed(&with_title(slashed), &with_title(r#"it's "tea" \"#)),
        &["backslashes"],
    );
    check(
        &changed(&with_title("tea"), &with_title(" tea ")),
        &["trimmed"],
    );
    check(
        &changed(&with_title(" tea"), &with_title("tea")),
        &["trimmed"],
    );
    check(
        &changed(&with_title("tea\r\n"), &with_title("tea")),
        &["trimmed"],
    );
    check(
        &changed(&with_title("a\r\nb"), &with_title("a\nb")),
        &["line_ends"],
    );
    check(
        &changed(&with_title("a\nb"), &with_title("a\r\nb")),
        &["line_ends"],
    );
    // One value among several of the kind is named.
    let both = with(&with_title("a+b"), "body", "1+1");
    let one = check(
        &changed(&both, &with(&both, "body", "1 1")),
        &["plus_and_blank"],
    );
    assert!(
        one.mistakes[0].cause.en.starts_with("body: "),
        "{:?}",
        one.mistakes
    );
}

#[test]
fn mistakes_with_parameters() {
    let genuine = genuine();
    let routed = |extra: &[(&str, &str)]| {
        let more = extra.iter().fold(genuine.clone(), |fields, (name, value)| {
            with(&fields, name, value)
        });
        changed(&genuine, &more)
    };
    for extra in [
        &[("s", "/pay/notify")][..],
        &[("_route", "pay/notify")],
        &[("m", "pay"), ("a", "notify")],
        &[("m", "pay"), ("c", "index"), ("a", "notify")],
    ] {
        let inspection = check(&routed(extra), &["extra_parameter"]);
        for (name, _) in extra {
            assert!(inspection.mistakes[0].cause.en.contains(name));
        }
    }
    // One stranger was signed, another was not.
    let signed = with(&genuine, "channel_tag", "a");
    let inspection = check(
        &changed(&signed, &with(&signed, "s", "pay")),
        &["extra_parameter"],
    );
    assert!(!inspection.mistakes[0].cause.en.contains("channel_tag"));
    let routed_too = [("m", "pay"), ("c", "index"), ("a", "notify")]
        .iter()
        .fold(signed.clone(), |fields, (name, value)| {
            with(&fields, name, value)
        });
    let inspection = check(&changed(&signed, &routed_too), &["extra_parameter"]);
    assert!(inspection.mistakes[0].cause.en.contains("m, c, a"));
    // More strangers than are combined freely.
    let many: Vec<String> = (0..12).map(|n| format!("x{n}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "1")).collect();
    check(&routed(&many), &["extra_parameter"]);
    // A router's path without a value, and names that the gateway would never send.
    for extra in ["/pay/notify", "Action=notify", "m[]=1", "a.b=1"] {
        let wire = [extra.as_bytes(), b"&", &sealed(&genuine)].concat();
        check(&wire, &["extra_parameter"]);
    }
    for lost in [
        "notify_type",
        "payment_type",
        "seller_id",
        "price",
        "use_coupon",
    ] {
        let inspection = check(
            &changed(&genuine, &without(&genuine, lost)),
            &["missing_parameter"],
        );
        assert!(inspection.mistakes[0].cause.en.contains(lost));
    }
    let empty = with(&genuine, "gmt_close", "");
    let mut all: Vec<String> = empty
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    all.sort();
    check(
        &sent(&empty, all.join("&").as_bytes(), KEY),
        &["empty_signed"],
    );
}

#[test]
fn mistakes_with_the_text() {
    let genuine = genuine();
    let joined = |fields: &[(String, String)]| {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&").into_bytes()
    };
    check(&sent(&genuine, &joined(&genuine), KEY), &["not_sorted"]);
    let mut kind = with(&genuine, "sign_type", "MD5");
    kind.sort();
    check(&sent(&genuine, &joined(&kind), KEY), &["sign_type_signed"]);
    let wire = String::from_utf8(sealed(&genuine)).unwrap();
    let (head, tail) = wire.split_once("&sign=").unwrap();
    let capital = tail.replace("&sign_type=MD5", "").to_uppercase();
    check(
        format!("{head}&sign={capital}&sign_type=MD5").as_bytes(),
        &["sign_upper_case"],
    );
    check(
        wire.replace("&sign_type", "%0A&sign_type").as_bytes(),
        &["sign_blank"],
    );
}

#[test]
fn mistakes_with_the_copy() {
    let wire = String::from_utf8(sealed(&genuine())).unwrap();
    check(wire.replace('&', "&amp;").as_bytes(), &["html_page"]);
    let plain: Vec<String> = genuine()
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let (_, tail) = wire.split_once("&sign=").unwrap();
    check(
        format!("{}&sign={tail}", plain.join("&")).as_bytes(),
        &["not_encoded"],
    );
    let twice = format!("total_fee=9.00&{wire}");
    let inspection = check(twice.as_bytes(), &["duplicate"]);
    assert!(inspection.mistakes[0].cause.en.contains("total_fee"));
    check(format!("{wire}&total_fee=9.00").as_bytes(), &["duplicate"]);
}

#[test]
fn two_mistakes_at_once() {
    let genuine = with_title("\"茶\"");
    let signed = |key: &str, fields: &[(String, String)]| sent(fields, &text(&genuine), key);
    let routed = with(&genuine, "s", "pay");
    check(
        &signed(&format!("{KEY}\n"), &routed),
        &["key_blank", "extra_parameter"],
    );
    let html = with(&routed, "subject", "&quot;茶&quot;");
    check(&signed(KEY, &html), &["extra_parameter", "html_escaped"]);
    let slashed_html = with(&genuine, "subject", "\\&quot;茶\\&quot;");
    check(
        &signed(KEY, &slashed_html),
        &["html_escaped", "backslashes"],
    );
    let pairs: Vec<String> = routed
        .iter()
        .filter(|(name, _)| name != "s")
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    check(
        &sent(&routed, pairs.join("&").as_bytes(), KEY),
        &["extra_parameter", "not_sorted"],
    );
    let capital = String::from_utf8(signed(OTHER_KEY, &genuine)).unwrap();
    let (head, tail) = capital.split_once("&sign=").unwrap();
    let capital = format!("{head}&sign={}&sign_type=MD5", tail[..32].to_uppercase());
    check(
        capital.as_bytes(),
        &["key_of_other_account", "sign_upper_case"],
    );
}

#[test]
fn a_right_signature_is_not_everything() {
    let failed = |fields: &[(String, String)]| {
        let inspection = check(&sealed(fields), &[]);
        assert!(inspection.signed());
        let failed = inspection
            .steps
            .into_iter()
            .filter(|step| step.outcome == Outcome::Failed);
        failed.map(|step| step.name).collect::<Vec<_>>()
    };
    let genuine = genuine();
    assert_eq!(
        failed(&with(&genuine, "seller_id", "2088000000000009")),
        ["payee"]
    );
    assert_eq!(failed(&with(&genuine, "total_fee", "1e3")), ["claim"]);
    assert_eq!(failed(&with(&genuine, "subject", "a&b")), ["unambiguous"]);
    assert_eq!(
        failed(&with(&genuine, "total_amount", "1")),
        ["unambiguous"]
    );
    let rsa = String::from_utf8(sealed(&genuine))
        .unwrap()
        .replace("=MD5", "=RSA");
    let inspection = inspect(Exchange::Notify, rsa.as_bytes());
    assert_eq!(inspection.steps[2].outcome, Outcome::Failed);
    assert!(!inspection.holds() && inspection.signed());
}

/// A message may hold a key, or its signature be that of nothing we know: neither a key nor an expected signature is
/// in anything but the field that says so.
#[test]
fn keys_are_never_shown() {
    for key in [KEY, OLD_KEY, OTHER_KEY] {
        let leaked = with(&genuine(), "body", &format!("my key is {key}!"));
        for wire in [
            sealed(&leaked),
            sent(&leaked, b"nothing", KEY),
            changed(&leaked, &with(&leaked, "s", "1")),
        ] {
            let inspection = inspect(Exchange::Notify, &wire);
            let signing = inspection.signing.as_ref().unwrap();
            assert!(signing.text.contains("not shown"));
            let all = format!("{:?} {:?} {:?}", signing.text, inspection, signing);
            assert!(!all.contains(key), "{all}");
            let mysign = signing.mysign.as_ref().unwrap().expose_secret();
            assert!(mysign == signing.sign || !all.contains(mysign));
        }
    }
}

/// Not even where it is the name of a parameter, or the number of an order.
#[test]
fn keys_that_are_names_or_numbers_are_not_shown() {
    let named = with(&genuine(), KEY, "1");
    let numbered = with(&genuine(), "out_trade_no", KEY);
    for wire in [
        changed(&genuine(), &named),
        sealed(&with(&genuine(), KEY, "a&b")),
        sealed(&numbered),
        [sealed(&named).as_slice(), b"&", KEY.as_bytes(), b"=2"].concat(),
    ] {
        let inspection = inspect(Exchange::Notify, &wire);
        assert!(!format!("{inspection:?}").contains(KEY), "{inspection:?}");
    }
}

#[test]
fn replies_are_explained() {
    let reply =
        |merchant: &Merchant| String::from_utf8(answer(&trade(Charset::Utf8), merchant)).unwrap();
    let check = |body: &str, expected: &[&str]| {
        let inspection = inspect(Exchange::Reply, body.as_bytes());
        assert_eq!(codes(&inspection), expected, "{body}");
        inspection
    };
    let blank = Merchant {
        key: SecretString::from(format!("{KEY} ")).into(),
        ..merchant()
    };
    check(&reply(&blank), &["key_blank"]);
    let ours = reply(&merchant());
    check(
        &ours.replace("</trade>", "<s>pay</s></trade>"),
        &["extra_parameter"],
    );
    check(
        &ours.replace("<payment_type>1</payment_type>", ""),
        &["missing_parameter"],
    );
    let altered = check(&ours.replace("<total_fee>0.01<", "<total_fee>9.00<"), &[]);
    assert!(altered.tried > 100 && !altered.holds());
    assert!(check("<html>busy</html>", &[]).signing.is_none());
    let none = String::from_utf8(error_reply(Code("TRADE_NOT_EXIST")).body).unwrap();
    assert!(check(&none, &[]).holds());
    let refused = String::from_utf8(error_reply(Code("ILLEGAL_SIGN")).body).unwrap();
    let told = check(&refused, &[]);
    assert!(!told.holds());
    let detail = &told.steps[1].detail;
    assert!(
        detail
            .en
            .contains("ILLEGAL_SIGN. The signature does not fit.")
    );
    assert!(detail.zh.contains("ILLEGAL_SIGN。签名不符。"));
    let unsigned = &ours[..ours.find("<sign>").unwrap()].to_owned();
    assert!(!check(&format!("{unsigned}</alipay>"), &[]).holds());
}

#[test]
fn a_lost_login_can_be_put_back() {
    let mut settings = settings(Charset::Utf8);
    settings.seller = Some(Seller::Email(EMAIL.into()));
    let account = Account::new(settings).unwrap();
    let lost = changed(&genuine(), &without(&genuine(), "seller_email"));
    assert_eq!(
        codes(&inspect_as(&account, Exchange::Notify, &lost)),
        ["missing_parameter"]
    );
}

/// The longest message with the most strangers, signed by nobody: the search gives up within its bounds.
#[test]
fn a_hopeless_message_ends_soon() {
    let many: Vec<String> = (0..190)
        .map(|n| format!("x{n}={}", "%41".repeat(300)))
        .collect();
    let wire = format!("{}&sign={}&sign_type=MD5", many.join("&"), "0".repeat(32));
    let inspection = check(wire.as_bytes(), &[]);
    // It is long, so it ends after fewer tries than a short one with as many strangers.
    assert!(
        (100..5_000).contains(&inspection.tried),
        "{}",
        inspection.tried
    );
    let many: Vec<String> = (0..190).map(|n| format!("x{n}=1")).collect();
    let wire = format!("{}&sign={}&sign_type=MD5", many.join("&"), "0".repeat(32));
    assert_eq!(check(wire.as_bytes(), &[]).tried, 20_000);
    let forged = with(&genuine(), "total_fee", "9.00");
    let inspection = check(&changed(&genuine(), &forged), &[]);
    assert!(
        (1_000..=20_000).contains(&inspection.tried),
        "{}",
        inspection.tried
    );
    assert!(inspection.signing.unwrap().theirs.is_none());
}

/// What the server believes and what the inspection says can never part.
fn agrees(wire: &[u8]) {
    for (exchange, reading) in [
        (Exchange::Notify, ours().read_notify(wire, now())),
        (Exchange::Return, ours().read_return(wire, now())),
    ] {
        let inspection = inspect(exchange, wire);
        assert_eq!(
            inspection.holds(),
            reading.verdict == Verdict::Genuine,
            "{:?}",
            inspection.steps
        );
        if inspection.holds() {
            assert_eq!(inspection.evidence, reading.evidence);
        }
    }
    let inspection = inspect(Exchange::Reply, wire);
    let answered = ours().read_query(ORDER_NO, &Reply::new(200, wire));
    assert_eq!(inspection.holds(), answered.answer != Answer::Unknown);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn garbage_is_hopeless_and_harmless(wire in prop::collection::vec(any::<u8>(), 0..200)) {
        agrees(&wire);
    }

    #[test]
    fn a_touched_message_is_judged_as_the_server_judges(
        which in 0..3_usize, place in any::<prop::sample::Index>(), byte in any::<u8>(), insert in any::<bool>(),
    ) {
        let mut wire = match which {
            0 => notify_body(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now()),
            1 => return_query(&trade(Charset::Utf8), &merchant(), NOTIFY_ID, now()).into_bytes(),
            _ => answer(&trade(Charset::Utf8), &merchant()),
        };
        agrees(&wire);
        let place = place.index(wire.len());
        if insert { wire.insert(place, byte) } else { wire[place] = byte }
        agrees(&wire);
    }

    #[test]
    fn a_resigned_message_is_judged_as_the_server_judges(
        which in any::<prop::sample::Index>(), value in "[0-9A-Za-z&. 茶-]{0,6}",
    ) {
        let genuine = genuine();
        let name = genuine[which.index(genuine.len())].0.clone();
        agrees(&sealed(&with(&genuine, &name, &value)));
    }
}

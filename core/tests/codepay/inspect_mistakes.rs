//! Explaining a message whose signature does not fit: each likely mistake is made on a really signed message, named
//! after it was verified, and no other is; nothing secret is shown.

use crate::*;
use proptest::prelude::*;
use quittance_core::gateway::inspection::{Exchange, Inspection, Subject};
use quittance_core::gateway::{Account as AnyAccount, Gateway, Verdict};

/// Keys that no account of this gateway has elsewhere in these tests.
fn spare(name: &str) -> String {
    let document: Value = serde_json::from_str(include_str!("../vectors/alipay.json")).unwrap();
    document["rsa_keys"][name].as_str().unwrap().to_owned()
}

fn spare_private(name: &str) -> PrivateKey {
    PrivateKey::read(&spare(name).into()).unwrap()
}

/// The settings with this key of the gateway beside the private key that is ours.
fn with_gateway_keys(gateway: Vec<Key>) -> Account {
    let keys = Keys::Rsa {
        private: material("merchant_private_key").into(),
        gateway,
    };
    Account::new(Settings { keys, ..settings() }).unwrap()
}

/// The account under inspection: with a previous key that has ended.
fn ours() -> Account {
    let key = |key: String, until: Option<&str>| Key {
        key: key.into(),
        until: until.map(|until| until.parse().unwrap()),
    };
    with_gateway_keys(vec![
        key(material("gateway_public_key"), None),
        key(
            spare("gateway_rsa2048_public"),
            Some("2025-01-01T00:00:00Z"),
        ),
    ])
}

fn inspect(exchange: Exchange, wire: &[u8]) -> Inspection {
    let second = AnyAccount::CodePay(with_gateway_keys(vec![Key {
        key: spare("merchant_rsa2048_public").into(),
        until: None,
    }]));
    ours().inspect(&Subject {
        exchange,
        wire,
        now: now(),
        others: &[("second", &second)],
    })
}

/// Everything that is shown of it.
fn shown(found: &Inspection) -> String {
    let signing = found.signing.as_ref();
    let texts = signing.map(|signing| (&signing.text, &signing.sign, &signing.theirs));
    format!("{found:?} {texts:?}")
}

/// The mistakes of a message that is broken: these and no other, each explained in both languages and in the manual.
fn check_as(exchange: Exchange, wire: &[u8], expected: &[&str]) -> Inspection {
    let found = inspect(exchange, wire);
    let codes: Vec<&str> = found.mistakes.iter().map(|mistake| mistake.code).collect();
    assert_eq!(codes, expected, "{}", String::from_utf8_lossy(wire));
    assert!(!found.holds() && found.tried > 0);
    let manual = include_str!("../../../docs/inspect.md");
    for mistake in &found.mistakes {
        assert!(
            manual.contains(&format!("`{}`", mistake.code)),
            "{}",
            mistake.code
        );
        for text in [&mistake.cause, &mistake.fix] {
            assert!(!text.en.is_empty() && !text.zh.is_ascii(), "{text:?}");
        }
    }
    let theirs = found.signing.as_ref().unwrap().theirs.is_some();
    assert_eq!(theirs, !expected.is_empty());
    let all = shown(&found);
    let key = material("merchant_private_key");
    assert!(!all.contains(&key[100..120]) && !all.contains("PRIVATE"));
    found
}

fn check(wire: &[u8], expected: &[&str]) -> Inspection {
    // What is looked through here is not believed there.
    let read = ours().read_notify(wire, now());
    assert_ne!(read.verdict, Verdict::Genuine);
    check_as(Exchange::Notify, wire, expected)
}

/// The example with these fields in place of its own, unsigned.
fn message(changes: &Value) -> Map<String, Value> {
    let mut message: Map<String, Value> = serde_json::from_slice(&wire("N1")).unwrap();
    message.remove("sign");
    message.insert("attach".into(), json!("table 5"));
    for (name, value) in changes.as_object().unwrap() {
        message.insert(name.clone(), value.clone());
    }
    message
}

fn by_gateway(text: &str) -> String {
    private("gateway_private_key").sign_2(text.as_bytes())
}

/// The fields with this signature, as JSON.
fn sent(message: &Map<String, Value>, sign: &str) -> Vec<u8> {
    let mut message = message.clone();
    message.insert("sign".into(), sign.into());
    serde_json::to_vec(&message).unwrap()
}

/// Signed with some fields, sent with others.
fn changed(signed: Value, sent_as: Value) -> Vec<u8> {
    let sign = by_gateway(&presign(&message(&signed)));
    sent(&message(&sent_as), &sign)
}

fn attached(signed: &str, came: &str) -> Vec<u8> {
    changed(json!({ "attach": signed }), json!({ "attach": came }))
}

/// The example as text, rightly signed.
fn genuine(attach: &str) -> String {
    String::from_utf8(attached(attach, attach)).unwrap()
}

/// Of several rightly signed ones the first whose signature has these characters.
fn genuine_with(characters: &[char]) -> (String, String) {
    let texts = (0..100).map(|number| {
        let message = message(&json!({ "attach": format!("no {number}") }));
        let sign = by_gateway(&presign(&message));
        (String::from_utf8(sent(&message, &sign)).unwrap(), sign)
    });
    let has = |(_, sign): &(String, String)| characters.iter().all(|c| sign.contains(*c));
    texts.into_iter().find(has).unwrap()
}

#[test]
fn what_is_right_needs_no_search() {
    for text in [genuine("table 5"), genuine("Café 咖啡 <\"/\"> 100%")] {
        let found = inspect(Exchange::Notify, text.as_bytes());
        assert!(found.holds(), "{:?}", found.steps);
        assert!(found.mistakes.is_empty() && found.tried == 0);
        assert!(found.signing.unwrap().theirs.is_none());
    }
}

#[test]
fn mistakes_with_the_key() {
    let message = message(&json!({}));
    let text = presign(&message);
    let by = |key: PrivateKey| sent(&message, &key.sign_2(text.as_bytes()));
    check(
        &by(spare_private("gateway_rsa2048_private")),
        &["key_ended"],
    );
    let other = check(
        &by(spare_private("merchant_rsa2048_private")),
        &["key_of_other_account"],
    );
    assert!(other.mistakes[0].fix.en.contains("--account second"));
    check(&by(private("merchant_private_key")), &["own_key"]);
    check(&sent(&message, "d41d8cd98f00b204e9800998ecf8427e"), &[]);
}

#[test]
fn mistakes_with_values() {
    for (signed, came, code) in [
        ("咖啡 é", &*garbled_as_latin("咖啡 é"), "charset"),
        ("€5", "â\u{201a}¬5", "charset"),
        ("咖啡", &garbled_as_gbk("咖啡"), "charset"),
        ("\"x\" <b>", "&quot;x&quot; &lt;b&gt;", "html_escaped"),
        ("&quot;x&quot;", "\"x\"", "html_escaped"),
        (" x ", "x", "trimmed"),
        ("x\n", "x", "trimmed"),
        ("x", " x\r\n", "trimmed"),
        ("a+b", "a b", "plus_and_blank"),
        ("a\r\nb", "a\nb", "line_ends"),
        ("茶/\"", "\\u8336\\/\\\"", "json_encoded_twice"),
        ("\\u8336\\/", "茶/", "json_not_decoded"),
        ("\\u8336/", "茶/", "json_not_decoded"),
        ("a\\nb", "a\nb", "json_not_decoded"),
        ("{\"a\":[1,2]}", "{\"a\": [1, 2]}", "json_reformatted"),
        ("%E8%8C%B6", "茶", "not_decoded"),
        ("茶 x", "%E8%8C%B6+x", "encoded_twice"),
    ] {
        check(&attached(signed, came), &[code]);
    }
}

/// Its bytes in UTF-8, taken for ISO-8859-1.
fn garbled_as_latin(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

/// Its bytes in UTF-8, taken for GBK: of these two characters they are three there.
fn garbled_as_gbk(text: &str) -> String {
    use quittance_core::charset::Charset;
    Charset::Gbk.decode(text.as_bytes()).unwrap().into_owned()
}

/// A number is signed as the digits that came: a library that reads and writes it makes another text of it.
#[test]
fn numbers_that_were_rewritten() {
    let signed = |amount: &str| {
        changed(
            json!({"order_amount": amount, "trans_amount": amount, "paid_amount": amount}),
            json!({"order_amount": "AMOUNT", "trans_amount": "AMOUNT", "paid_amount": "AMOUNT"}),
        )
    };
    for (amount, came) in [
        ("0.10", "0.1"),
        ("1.00", "1"),
        ("1.00", "1.0"),
        ("34.5", "34.50"),
        ("34.50", "34.5"),
        ("100", "1e2"),
        ("12.500", "12.5"),
    ] {
        let text = String::from_utf8(signed(amount)).unwrap();
        for came in [came.to_owned(), format!("\"{came}\"")] {
            let wire = text.replace("\"AMOUNT\"", &came);
            check(wire.as_bytes(), &["number_rewritten"]);
        }
    }
    // One amount alone, and a library that makes every number one with a point.
    let one = changed(json!({"tip_amount": "1.50"}), json!({"tip_amount": 1.5}));
    let found = check(&one, &["number_rewritten"]);
    assert!(found.mistakes[0].cause.en.starts_with("tip_amount: "));
    let all = genuine("x")
        .replace("\"trans_type\":1", "\"trans_type\":1.0")
        .replace("\"trans_status\":2", "\"trans_status\":2.0");
    check(all.as_bytes(), &["number_rewritten"]);
    // String or number, the text is the same.
    let text = genuine("x").replace("\"trans_type\":1", "\"trans_type\":\"1\"");
    assert!(inspect(Exchange::Notify, text.as_bytes()).holds());
}

#[test]
fn mistakes_with_fields() {
    for extra in [
        json!({"s": "/pay"}),
        json!({"m": "pay", "a": "notify", "id": 7}),
    ] {
        check(&changed(json!({}), extra), &["extra_parameter"]);
    }
    for (name, value) in [
        ("version", "1.0"),
        ("charset", "UTF-8"),
        ("format", "JSON"),
        ("sign_type", "RSA2"),
        ("app_id", APP),
        ("tip_amount", "0"),
        ("paid_amount", "34.5"),
        ("method", "payment.result.notify"),
    ] {
        let message = message(&json!({}));
        assert_eq!(message[name], value);
        let mut lost = message.clone();
        lost.remove(name);
        let sign = by_gateway(&presign(&message));
        check(&sent(&lost, &sign), &["missing_parameter"]);
    }
    // Every field that is known, and that of the signature's kind, which other gateways leave out.
    for name in message(&json!({})).keys() {
        let mut signed = message(&json!({}));
        signed.remove(name);
        let wire = sent(&message(&json!({})), &by_gateway(&presign(&signed)));
        let found = check(&wire, &["unsigned_parameter"]);
        assert!(found.mistakes[0].cause.en.contains(name.as_str()));
    }
    let signed = changed(
        json!({"zone": "7", "s": null}),
        json!({"zone": "7", "s": "/pay"}),
    );
    let found = check(&signed, &["extra_parameter"]);
    assert!(!found.mistakes[0].cause.en.contains("zone"));
}

#[test]
fn mistakes_with_the_text() {
    let plain = presign(&message(&json!({"attach": ""})));
    let (before, behind) = plain.split_at(plain.find("cashback_amount=").unwrap());
    let blank = |attach: Value, word: &str| {
        let sign = by_gateway(&format!("{before}attach={word}&{behind}"));
        sent(&message(&json!({ "attach": attach })), &sign)
    };
    check(&blank(json!(""), ""), &["empty_signed"]);
    for word in ["", "null", "None"] {
        check(&blank(Value::Null, word), &["null_signed"]);
    }
    let example = String::from_utf8(wire("N1")).unwrap();
    let mut fields: Vec<(usize, String)> = plain
        .split('&')
        .map(|field| {
            let name = field.split_once('=').unwrap().0;
            (
                example.find(&format!("\"{name}\":")).unwrap(),
                field.to_owned(),
            )
        })
        .collect();
    fields.sort();
    let unsorted: Vec<String> = fields.into_iter().map(|(_, field)| field).collect();
    let old = vector("N1")["sign"].as_str().map(str::to_owned);
    let old = old.unwrap_or_else(|| {
        let read: Value = serde_json::from_str(&example).unwrap();
        read["sign"].as_str().unwrap().to_owned()
    });
    let wire = example.replace(&old, &by_gateway(&unsorted.join("&")));
    check(wire.as_bytes(), &["not_sorted"]);
}

#[test]
fn mistakes_with_the_signature_itself() {
    let (text, sign) = genuine_with(&['+', '/', '=']);
    let with = |other: String| text.replace(&sign, &other).into_bytes();
    check(&with(sign.replace('+', " ")), &["sign_plus_lost"]);
    let escaped = sign
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    check(&with(escaped), &["sign_encoded"]);
    for broken in [
        format!("{}\\n{}", &sign[..76], &sign[76..]),
        format!("{sign}\\r\\n"),
        format!(" {sign}"),
        format!("{} {}", &sign[..64], &sign[64..]),
    ] {
        check(&with(broken), &["sign_blank"]);
    }
    let url = sign.replace('+', "-").replace('/', "_");
    check(&with(url.clone()), &["sign_alphabet"]);
    check(
        &with(url.trim_end_matches('=').to_owned()),
        &["sign_alphabet"],
    );
    check(&with(sign.replace('/', "\\\\/")), &["json_encoded_twice"]);
    // With a mistake in a value beside it.
    let message = message(&json!({"attach": "a b"}));
    let lost = presign(&message).replace("attach=a b", "attach=a+b");
    let sign = by_gateway(&lost);
    let wire = sent(&message, &sign.replace('+', " "));
    let expected = ["plus_and_blank", "sign_plus_lost"];
    check(&wire, &expected[..1 + usize::from(sign.contains('+'))]);
}

/// What the strict reading refuses is read to be looked at, and says what is wrong with it.
#[test]
fn mistakes_with_the_body() {
    let text = genuine("table 5");
    let quoted = serde_json::to_string(&text).unwrap();
    let form = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    for (wire, code) in [
        (format!("\u{feff}{text}"), "byte_order_mark"),
        (format!("{text}\n0"), "trailing_bytes"),
        (format!("{text}\0\0"), "trailing_bytes"),
        (format!("{text}{text}"), "trailing_bytes"),
        (quoted.clone(), "json_in_string"),
        (quoted[1..quoted.len() - 1].to_owned(), "json_in_string"),
        (format!("{text}="), "json_in_form"),
        (form(&text), "json_in_form"),
        (format!("{}=", form(&text)), "json_in_form"),
        (format!("data={}", form(&text)), "json_in_form"),
        (text.replace('"', "&quot;"), "html_page"),
    ] {
        let found = check(wire.as_bytes(), &[code]);
        assert_eq!(found.steps[0].name, "parse");
    }
    // A second field of the same name, before or behind the one that was signed.
    for other in [
        text.replacen('{', "{\"trans_status\":9,", 1),
        text.replace('}', ",\"trans_status\":9}"),
        text.replace('}', ",\"\\u0061ttach\":\"x\"}"),
    ] {
        check(other.as_bytes(), &["duplicate"]);
    }
    let both = format!("\u{feff}{}", text.replacen('{', "{\"trans_status\":9,", 1));
    check(both.as_bytes(), &["byte_order_mark", "duplicate"]);
    // Written in another charset.
    let latin: Vec<u8> = genuine("Café")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    check(&latin, &["charset"]);
    let gbk = quittance_core::charset::Charset::Gbk;
    check(&gbk.encode(&genuine("咖啡")).unwrap(), &["charset"]);
}

/// A notification may be a form (note 3), and is explained as one too.
#[test]
fn a_form_is_explained() {
    let form = |message: &Map<String, Value>, sign: &str| {
        let mut params = quittance_core::params::Params::new();
        for (name, value) in message {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            params.push(name, text.as_bytes()).unwrap();
        }
        params.push("sign", sign.as_bytes()).unwrap();
        params.to_wire()
    };
    let message = message(&json!({"attach": "a+b"}));
    let sign = by_gateway(&presign(&message));
    let wire = form(&message, &sign);
    assert!(inspect(Exchange::Notify, wire.as_bytes()).holds());
    let routed = format!("s=pay&{wire}");
    check(routed.as_bytes(), &["extra_parameter"]);
    check(wire.replace("a%2Bb", "a+b").as_bytes(), &["plus_and_blank"]);
    let mut untyped = message.clone();
    untyped.remove("sign_type");
    let wire = form(&message, &by_gateway(&presign(&untyped)));
    check(wire.as_bytes(), &["unsigned_parameter"]);
}

#[test]
fn answers_are_explained() {
    let text = String::from_utf8(answer(data_with(json!({}))).body).unwrap();
    assert!(inspect(Exchange::Reply, text.as_bytes()).holds());
    let check = |wire: &str, expected: &[&str]| {
        check_as(Exchange::Reply, wire.as_bytes(), expected);
    };
    check(
        &text.replacen('{', "{\"trace\":\"7\",", 1),
        &["extra_parameter"],
    );
    check(
        &text.replace("\"msg\":\"success\",", ""),
        &["missing_parameter"],
    );
    check(&format!("\u{feff}{text}"), &["byte_order_mark"]);
    check(&format!("{text}}}"), &["trailing_bytes"]);
    check(&serde_json::to_string(&text).unwrap(), &["json_in_string"]);
    let read: Map<String, Value> = serde_json::from_str(&text).unwrap();
    let mut params = quittance_core::params::Params::new();
    for (name, value) in &read {
        params
            .push(name, value.as_str().unwrap().as_bytes())
            .unwrap();
    }
    check(&params.to_wire(), &["form_not_json"]);
    let spaced = text.replace(":34.5,", ": 34.5,");
    assert_ne!(spaced, text);
    check(&spaced, &["json_reformatted"]);
    // In another order it cannot be put back.
    let order = "\\\"order_amount\\\":34.5,";
    assert!(text.contains(order), "{text}");
    let moved = text
        .replace(order, "")
        .replace("{\\\"", &format!("{{{order}\\\""));
    check(&moved, &[]);
    check(&text.replace("34.5", "9"), &[]);
    let page = inspect(Exchange::Reply, b"<html></html>");
    assert!(page.signing.is_none() && page.mistakes.is_empty() && page.tried == 0);
}

/// SEC-017, SEC-114: a key that somebody sent along is not shown.
#[test]
fn a_key_in_a_message_is_not_shown() {
    let key = material("merchant_private_key");
    for (exchange, wire) in [
        (Exchange::Notify, attached(&key, &key)),
        (Exchange::Notify, changed(json!({}), json!({"s": key}))),
        (Exchange::Notify, sent(&message(&json!({})), &key)),
        (
            Exchange::Notify,
            notify_with(json!({"trans_error_msg": key, "trans_status": 1})),
        ),
        (
            Exchange::Notify,
            notify_with(json!({"trans_no": &key[40..90]})),
        ),
        (
            Exchange::Reply,
            answer(data_with(json!({"attach": key}))).body,
        ),
        (Exchange::Reply, refusal("E07303", &key).body),
        (Exchange::Return, format!("a={key}").into_bytes()),
    ] {
        let all = shown(&inspect(exchange, &wire));
        for start in 10..key.len() - 20 {
            assert!(!all.contains(&key[start..start + 16]), "{all}");
        }
    }
}

/// However long a message is, and however many fields it has, the search ends.
#[test]
fn a_hopeless_message_ends_soon() {
    let strange = by_gateway("something else");
    let hopeless = check(&sent(&message(&json!({})), &strange), &[]);
    assert!(
        (100..20_000).contains(&hopeless.tried),
        "{}",
        hopeless.tried
    );
    let many: Map<String, Value> = (0..199)
        .map(|number| (format!("x{number}"), json!("1")))
        .collect();
    let found = check(&sent(&many, &strange), &[]);
    // A signature of RSA with such a key costs as much as three of MD5.
    assert!((6_000..7_000).contains(&found.tried), "{}", found.tried);
    let long = check(&attached("x", &"a b+c\"\\".repeat(8_000)), &[]);
    assert!(long.tried < 2_000, "{}", long.tried);
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let nested = attached("x", &deep);
    check(&nested, &[]);
    inspect(Exchange::Notify, format!("{{\"a\":{deep}}}").as_bytes());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever comes is explained without a panic, and nothing of it holds.
    #[test]
    fn junk_is_hopeless(
        wire in prop::collection::vec(any::<u8>(), 0..200),
        text in r#"[{}"\\:,=&%u0-9a-e\[\]. ]{0,80}"#,
        which in 0_usize..3,
    ) {
        let exchange = [Exchange::Notify, Exchange::Return, Exchange::Reply][which];
        prop_assert!(!inspect(exchange, &wire).holds());
        prop_assert!(!inspect(exchange, text.as_bytes()).holds());
    }

    /// A message with a byte changed is judged as the reading judges it.
    #[test]
    fn a_touched_message_is_judged_as_the_reading_judges(place in 0_usize..700, byte: u8) {
        let mut wire = genuine("table 5").into_bytes();
        let place = place % wire.len();
        wire[place] = byte;
        let read = ours().read_notify(&wire, now());
        let found = inspect(Exchange::Notify, &wire);
        prop_assert_eq!(found.holds(), read.verdict == Verdict::Genuine);
    }
}

//! `account.page.query` (note 5.5), written by hand as programs that read it have it.

use super::*;
use crate::{GATEWAY, settings};
use quittance_core::gateway::alipay::{Seller, Settings};

/// The fields of one booking.
const PAID: &str = "<balance>48885.77</balance><buyer_account>20880000000001010156</buyer_account>\
    <currency>156</currency><goods_title>测试商品</goods_title><income>498.00</income><memo/>\
    <merchant_out_order_no>20240101-0001</merchant_out_order_no><outcome>0.00</outcome>\
    <seller_account>20880000000000010156</seller_account><service_fee_ratio> </service_fee_ratio>\
    <trade_no>2024010100001000010000000001</trade_no><trade_refund_amount>0.00</trade_refund_amount>\
    <trans_code_msg>在线支付</trans_code_msg><trans_date>2024-01-01 03:13:36</trans_date>";

fn reader() -> Account {
    reading(account(Charset::Utf8), StatementService::Pages)
}

fn entry(fields: &str) -> String {
    format!("<AccountQueryAccountLogVO>{fields}</AccountQueryAccountLogVO>")
}

/// A signed answer: this list, and what stands beside it.
fn page_of(list: &str, more: &str, number: &str, size: &str) -> String {
    let beside = format!(
        "<has_next_page>{more}</has_next_page><page_no>{number}</page_no><page_size>{size}</page_size>"
    );
    let result = format!("<account_page_query_result>{list}{beside}</account_page_query_result>");
    let written_out = list.replace("<memo/>", "<memo></memo>").replace(
        "<account_log_list/>",
        "<account_log_list></account_log_list>",
    );
    let signed = [
        ("account_log_list", written_out.as_str()),
        ("has_next_page", more),
        ("page_no", number),
        ("page_size", size),
    ];
    envelope(&result, &signed)
}

fn page(entries: &str) -> String {
    let list = format!("<account_log_list>{entries}</account_log_list>");
    page_of(&list, "F", "1", "5000")
}

fn read(text: &str) -> Stated {
    reader().read_statement(&call(1), &Reply::new(200, text))
}

fn paid_by_hand() -> Evidence {
    payment_of(&paid(1, 49_800, 11_616), Proof::Queried)
}

/// The question of a page: payments and transfers of the whole day, whose end is not in it.
#[test]
fn the_question_is_as_printed() {
    for page in ["1", "7"] {
        let request = reader().statement(&call(page.parse().unwrap())).unwrap();
        assert_eq!(request.reply_bytes_max, 8 << 20);
        let query = request.url.strip_prefix(&format!("{GATEWAY}?")).unwrap();
        let fields = crate::fields(query.as_bytes());
        let expected = [
            ("service", "account.page.query"),
            ("partner", PARTNER),
            ("_input_charset", "utf-8"),
            ("page_no", page),
            ("gmt_start_time", "2024-01-01 00:00:00"),
            ("gmt_end_time", "2024-01-02 00:00:00"),
            ("page_size", "5000"),
            ("trans_code", "3011,6001"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(fields, expected);
        assert_eq!(query.as_bytes(), crate::sealed(&fields));
    }
    assert!(reader().statement(&call(0)).is_err());
}

/// Signed is the text of the list as it stands, blanks and references and all, with empty elements written out.
#[test]
fn the_text_of_the_list_is_signed() {
    let title = |title: &str| PAID.replace("测试商品", title);
    for entries in [
        entry(PAID),
        format!("\n  {}\n  ", entry(PAID)),
        entry(&title("a &amp; b &lt;c&gt; &#38;&quot;")),
        entry(&title("<![CDATA[a & b]]>")),
        entry(&PAID.replace("<memo/>", "<memo></memo>")),
    ] {
        let expected = stated(1, false, vec![paid_by_hand()]);
        assert_eq!(read(&page(&entries)), expected, "{entries}");
        let beside_only = envelope(
            "<account_page_query_result><account_log_list>ENTRIES</account_log_list><has_next_page>F</has_next_page>\
             <page_no>1</page_no><page_size>5000</page_size></account_page_query_result>",
            &[
                ("has_next_page", "F"),
                ("page_no", "1"),
                ("page_size", "5000"),
            ],
        );
        let text = beside_only.replace("ENTRIES", &entries);
        assert_refused(&read(&text), "signature is wrong");
    }
    let good = page(&entry(PAID));
    for (from, to) in [
        ("<page_no>1", "<page_no>01"),
        ("498.00", "499.00"),
        (
            "</AccountQueryAccountLogVO>",
            " </AccountQueryAccountLogVO>",
        ),
        ("测试商品", "&#27979;试商品"),
        ("<page_size>5000", "<page_size>4000"),
    ] {
        let changed = good.replacen(from, to, 1);
        assert_ne!(changed, good);
        assert_eq!(read(&changed).rows, None, "{to}");
    }
}

/// Three pages are read one after the other, and the last one says that it is.
#[test]
fn pages_follow_one_another() {
    let bookings: Vec<Booking> = (1..=5)
        .map(|number| paid(number, 1, i64::from(number)))
        .collect();
    let mut told = Vec::new();
    let mut part = 0;
    loop {
        part += 1;
        let request = reader().statement(&call(part)).unwrap();
        let asked = StatementAsked {
            page_size: 2,
            ..asked(&request, &merchant()).unwrap()
        };
        assert_eq!(asked.page_no, part);
        let reply = statement_reply(&asked, &bookings, &merchant());
        let read = reader().read_statement(&call(part), &reply);
        assert_eq!(read.rows, Some(if part == 3 { 1 } else { 2 }));
        told.extend(read.evidence);
        let other = reader().read_statement(&call(part + 1), &reply);
        assert_refused(&other, "another page");
        if !read.more {
            break;
        }
    }
    assert_eq!(part, 3);
    let expected: Vec<_> = bookings
        .iter()
        .map(|row| payment_of(row, Proof::Queried))
        .collect();
    assert_eq!(told, expected);
}

/// Nothing can make us ask for pages for ever, or read more than a page holds.
#[test]
fn a_page_is_the_one_that_was_asked_for() {
    let list = |entries: &str| format!("<account_log_list>{entries}</account_log_list>");
    let one = list(&entry(PAID));
    for (text, says) in [
        (
            page_of(&list(""), "T", "1", "5000"),
            "no rows, and another one",
        ),
        (
            page_of("<account_log_list/>", "T", "1", "5000"),
            "no rows, and another one",
        ),
        (page_of("", "T", "1", "5000"), "no rows, and another one"),
        (page_of(&one, "T", "2", "5000"), "another page"),
        (page_of(&one, "T", "", "5000"), "another page"),
        (
            page_of(&one, "t", "1", "5000"),
            "whether another page follows",
        ),
        (
            page_of(&one, "", "1", "5000"),
            "whether another page follows",
        ),
        (page_of(&one, "F", "1", "0"), "more rows"),
        (page_of(&one, "F", "1", ""), "how long a page is"),
        (page_of(&one, "F", "1", "-1"), "how long a page is"),
        (
            page_of(&list(&entry("").repeat(5_001)), "F", "1", "9000"),
            "more rows",
        ),
        (
            page_of(&list("<Other></Other>"), "F", "1", "5000"),
            "something else",
        ),
        (page_of(&list("text"), "F", "1", "5000"), "text between"),
        (
            page_of(&list(&entry("<a><b></b></a>")), "F", "1", "5000"),
            "holds elements",
        ),
        (
            page_of(&list(&entry("<a></a><a></a>")), "F", "1", "5000"),
            "repeated",
        ),
        (
            page_of(&list(&entry("<A></A>")), "F", "1", "5000"),
            "oddly named",
        ),
        (
            page_of(&format!("{one}{one}"), "F", "1", "5000"),
            "repeated",
        ),
        (
            page_of(
                &one.replace("account_log_list", "other_list"),
                "F",
                "1",
                "5000",
            ),
            "holds elements",
        ),
    ] {
        assert_refused(&read(&text), says);
    }
    let empty = stated(0, false, Vec::new());
    assert_eq!(read(&page("")), empty);
    assert_eq!(read(&page("\n")), empty);
    assert_eq!(
        read(&page_of("<account_log_list/>", "F", "1", "5000")),
        empty
    );
    let none = envelope(
        "<account_page_query_result><has_next_page>F</has_next_page><page_no>1</page_no>\
         <page_size>5000</page_size></account_page_query_result>",
        &[
            ("has_next_page", "F"),
            ("page_no", "1"),
            ("page_size", "5000"),
        ],
    );
    assert_eq!(read(&none), empty);
    assert!(read(&page_of(&one, "T", "1", "1")).more);
}

/// What a row claims: a payment of ours in renminbi, a refund by what left or by what its trade says.
#[test]
fn rows_claim_what_they_say() {
    let refund = || refund_of(&refunded(1, 49_800, 11_616), Proof::Queried);
    let both = vec![paid_by_hand(), refund()];
    let payment = vec![paid_by_hand()];
    let left = "<income>0.00</income>";
    for (from, to, expected) in [
        ("156</currency>", "</currency>", payment.clone()),
        ("<currency>156</currency>", "", payment.clone()),
        ("156</currency>", "840</currency>", Vec::new()),
        (
            "0.00</trade_refund_amount>",
            "0.01</trade_refund_amount>",
            both,
        ),
        (
            "<trade_refund_amount>0.00</trade_refund_amount>",
            "",
            payment.clone(),
        ),
        ("0.00</outcome>", " </outcome>", payment.clone()),
        (
            "<seller_account>20880000000000010156</seller_account>",
            "",
            payment.clone(),
        ),
        ("20880000000000010156", "20880000000000020156", Vec::new()),
        ("20880000000000010156", "2088000000000001", Vec::new()),
        (
            "<merchant_out_order_no>",
            "<merchant_out_order_no>`",
            Vec::new(),
        ),
        ("<trade_no>", "<trade_no>`", Vec::new()),
        ("498.00</income>", "0.00</income>", Vec::new()),
        ("498.00</income><memo/>", "</income>", Vec::new()),
    ] {
        let fields = PAID.replacen(from, to, 1);
        assert_ne!(fields, PAID, "{from} is not there");
        assert_eq!(
            read(&page(&entry(&fields))),
            stated(1, false, expected),
            "{to}"
        );
    }
    let moved = PAID
        .replace("<income>498.00</income>", left)
        .replace("0.00</outcome>", "498.00</outcome>");
    assert_eq!(
        read(&page(&entry(&moved))),
        stated(1, false, vec![refund()])
    );
    let foreign = moved.replace("156</currency>", "840</currency>");
    assert_eq!(read(&page(&entry(&foreign))), stated(1, false, Vec::new()));
    let twice = format!("{0}{0}", entry(PAID));
    assert_eq!(read(&page(&twice)), stated(2, false, payment));
}

/// One bad row refuses the page, and the reason names it.
#[test]
fn one_bad_row_refuses_the_page() {
    for (from, to, says) in [
        (
            "0.00</outcome>",
            "1.00</outcome>",
            "row 2: money came and left",
        ),
        ("498.00", "498.000", "row 2: the income"),
        ("0.00</outcome>", "x</outcome>", "row 2: the outgoing"),
        (
            "0.00</trade_refund_amount>",
            "x</trade_refund_amount>",
            "row 2: the refund",
        ),
        (
            "2024-01-01 03:13:36",
            "2024年01月01日 03:13:36",
            "row 2: the time",
        ),
        ("2024-01-01 03:13:36", "", "row 2: the time"),
    ] {
        let bad = PAID.replacen(from, to, 1);
        assert_ne!(bad, PAID, "{from} is not there");
        let text = page(&format!("{}{}", entry(PAID), entry(&bad)));
        assert_refused(&read(&text), says);
    }
}

/// A payee with another number has its payments under that number only.
#[test]
fn a_payee_of_another_number_has_its_own_payments() {
    let settings = Settings {
        seller: Some(Seller::Id("2088000000000009".into())),
        ..settings(Charset::Utf8)
    };
    let account = reading(Account::new(settings).unwrap(), StatementService::Pages);
    let rows = |fields: &str| {
        let text = page(&entry(fields));
        let read = account.read_statement(&call(1), &Reply::new(200, text));
        (read.rows, read.evidence.len())
    };
    assert_eq!(rows(PAID), (Some(1), 0));
    let ours = PAID.replace("20880000000000010156", "20880000000000090156");
    assert_eq!(rows(&ours), (Some(1), 1));
}

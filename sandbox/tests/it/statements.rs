//! Statements: what was booked on the account of a merchant, as the gateway tells it.

mod shown;
mod wrong;

use crate::desk::{BASIC, Desk, KEY, PARTNER, signed, text};
use quittance_core::charset::Charset;
use quittance_core::http::Reply;
use quittance_core::params::Params;
use quittance_core::{Currency, Money, sign};
use secrecy::SecretString;

const REPORT: &str = "export_trade_account_report";
const PAGES: &str = "account.page.query";
/// The day on which the desk opens, in Beijing.
const TODAY: (&str, &str) = ("2024-01-01 00:00:00", "2024-01-01 23:59:59");

/// A row of the report, in the order of its columns.
#[derive(Clone, PartialEq, Debug)]
struct Row {
    order: String,
    balance: String,
    at: String,
    flow_no: String,
    trade_no: String,
    income: String,
    outgoing: String,
    kind: String,
}

/// Asks for a period, with these parameters beside it.
fn ask(
    desk: &mut Desk,
    partner: &str,
    service: &str,
    (from, to): (&str, &str),
    beside: &[(&str, &str)],
) -> Reply {
    let (start, end) = match service {
        REPORT => ("gmt_create_start", "gmt_create_end"),
        _ => ("gmt_start_time", "gmt_end_time"),
    };
    let mut fields = vec![
        ("service", service),
        ("partner", partner),
        ("_input_charset", "utf-8"),
        (start, from),
        (end, to),
    ];
    if service == PAGES {
        fields.push(("page_no", "1"));
    }
    for (name, value) in beside {
        fields.retain(|(known, _)| known != name);
        fields.push((name, value));
    }
    fields.retain(|(_, value)| !value.is_empty());
    desk.get("/gateway.do", &signed(&fields))
}

/// The text of the element; it holds no others.
fn element(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_default();
    let (text, _) = rest.split_once(&format!("</{name}>")).unwrap_or_default();
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// The rows of a report about orders whose titles have no comma.
fn rows_of(xml: &str) -> Vec<Row> {
    let csv = element(xml, "csv_data");
    let csv = csv.strip_prefix("<![CDATA[").unwrap_or(&csv);
    let csv = csv.strip_suffix("]]>").unwrap_or(csv);
    let rows: Vec<Row> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            // Each line ends with a comma.
            assert_eq!((cells.len(), cells[14]), (15, ""), "{line}");
            let cell = |at: usize| cells[at].to_owned();
            Row {
                order: cell(0),
                balance: cell(1),
                at: cell(2).replace(['年', '月'], "-").replace('日', ""),
                flow_no: cell(3),
                trade_no: cell(4),
                income: cell(8),
                outgoing: cell(9),
                kind: cell(12),
            }
        })
        .collect();
    assert_eq!(element(xml, "count"), rows.len().to_string());
    rows
}

fn report(desk: &mut Desk, period: (&str, &str), beside: &[(&str, &str)]) -> Vec<Row> {
    rows_of(&text(&ask(desk, PARTNER, REPORT, period, beside)))
}

/// Who, what came, what left, what is there then.
fn sums(rows: &[Row]) -> Vec<(&str, &str, &str, &str)> {
    rows.iter()
        .map(|row| {
            (
                row.order.as_str(),
                row.income.as_str(),
                row.outgoing.as_str(),
                row.balance.as_str(),
            )
        })
        .collect()
}

/// Whether an answer is signed over what the note says of its service.
fn is_signed(xml: &str, service: &str) -> bool {
    let names: &[&str] = match service {
        REPORT => &["count", "csv_data"],
        _ => &["has_next_page", "page_no", "page_size"],
    };
    let mut params = Params::holding(usize::MAX);
    for name in names {
        params.push(name, element(xml, name).as_bytes()).unwrap();
    }
    if service != REPORT {
        // The text of the list, as it stands there.
        let end = "</account_log_list>";
        let list = xml.split_once("<account_log_list>").unwrap().1;
        let list = list.split_once(end).unwrap().0;
        let list = format!("<account_log_list>{list}{end}");
        params.push("account_log_list", list.as_bytes()).unwrap();
    }
    let sign = element(xml, "sign");
    let key = SecretString::from(KEY);
    element(xml, "sign_type") == "MD5"
        && sign::md5_verify(&sign::presign(&params), &key, sign.as_bytes())
}

fn sell(desk: &mut Desk, order: &str, fee: &str) {
    assert_eq!(desk.checkout(order, &[("total_fee", fee)]).status, 303);
    desk.sandbox.buyer_pays(desk.now, PARTNER, order).unwrap();
}

fn refund(desk: &mut Desk, order: &str, minor: i64) {
    let sum = Money::new(minor, Currency::CNY);
    desk.sandbox.refund(desk.now, PARTNER, order, sum).unwrap();
}

/// Note 5.4: what the merchant has was booked, when it came; not what was never paid, closed, or is held. Each merchant
/// has a book of its own.
#[test]
fn the_money_that_a_merchant_has_is_booked() {
    let mut desk = Desk::new();
    for order in ["asked", "open", "closed", "held", "late"] {
        assert_eq!(desk.checkout(order, &[]).status, 303);
    }
    for order in ["open", "closed", "late"] {
        desk.sandbox.buyer_opens(desk.now, PARTNER, order).unwrap();
    }
    for order in ["closed", "late"] {
        desk.call("close_trade", &[("out_order_no", order)]);
    }
    let now = desk.now;
    desk.sandbox
        .buyer_pays_frozen(now, PARTNER, "held")
        .unwrap();
    assert_eq!(report(&mut desk, TODAY, &[]), []);
    sell(&mut desk, "paid", "1.00");
    desk.wait(1_000);
    let now = desk.now;
    desk.sandbox.buyer_pays_late(now, PARTNER, "late").unwrap();
    desk.checkout("basic", &[("partner", BASIC), ("total_fee", "9.00")]);
    desk.sandbox.buyer_pays(now, BASIC, "basic").unwrap();
    desk.wait(1_000);
    let now = desk.now;
    desk.sandbox.release(now, PARTNER, "held").unwrap();
    desk.sandbox.finish(now, PARTNER, "paid").unwrap();

    let rows = report(&mut desk, TODAY, &[]);
    let expected = [
        ("paid", "1.00", "", "1.00"),
        ("late", "0.01", "", "1.01"),
        ("held", "0.01", "", "1.02"),
    ];
    assert_eq!(sums(&rows), expected);
    for (row, second) in rows.iter().zip(0..) {
        assert_eq!(row.at, format!("2024-01-01 12:00:0{second}"));
        assert_eq!(
            Some(&row.trade_no),
            desk.trade(&row.order).trade_no.as_ref()
        );
        assert_eq!(row.kind, "在线支付");
    }
    let theirs = rows_of(&text(&ask(&mut desk, BASIC, REPORT, TODAY, &[])));
    assert_eq!(sums(&theirs), [("basic", "9.00", "", "9.00")]);
}

/// Note 5.4: a refund is a transfer; each one has its row, also the one that closes the trade, and the payment keeps its
/// own.
#[test]
fn every_refund_is_booked_as_a_transfer() {
    let mut desk = Desk::new();
    sell(&mut desk, "A", "5.00");
    sell(&mut desk, "B", "1.00");
    for (order, minor) in [("A", 100), ("B", 100), ("A", 50), ("A", 350)] {
        refund(&mut desk, order, minor);
    }
    let more = Money::new(1, Currency::CNY);
    let now = desk.now;
    assert!(desk.sandbox.refund(now, PARTNER, "A", more).is_err());
    assert_eq!(desk.trade("A").status, Some("TRADE_CLOSED"));

    let paid = [("A", "5.00", "", "5.00"), ("B", "1.00", "", "6.00")];
    let back = [
        ("A", "", "1.00", "5.00"),
        ("B", "", "1.00", "4.00"),
        ("A", "", "0.50", "3.50"),
        ("A", "", "3.50", "0.00"),
    ];
    let both = [&paid[..], &back[..]].concat();
    for (codes, expected) in [
        ("", &both[..]),
        ("3011,6001", &both),
        ("6001", &paid),
        ("3011", &back),
        ("3011,5004", &back),
    ] {
        let rows = report(&mut desk, TODAY, &[("trans_code", codes)]);
        assert_eq!(sums(&rows), expected, "{codes}");
        let transfer = |row: &&Row| row.kind == "交易退款";
        let expected = expected.iter().filter(|(_, income, ..)| income.is_empty());
        assert_eq!(rows.iter().filter(transfer).count(), expected.count());
    }
}

/// A row has the same number whenever and however it is asked for, and no other row has it.
#[test]
fn a_row_keeps_its_number() {
    let mut desk = Desk::new();
    sell(&mut desk, "A", "5.00");
    refund(&mut desk, "A", 100);
    let before = report(&mut desk, TODAY, &[]);
    sell(&mut desk, "B", "5.00");
    refund(&mut desk, "A", 100);
    let after = report(&mut desk, TODAY, &[]);
    assert_eq!(after[..2], before[..]);
    let mut numbers: Vec<&String> = after.iter().map(|row| &row.flow_no).collect();
    assert!(
        numbers
            .iter()
            .all(|no| no.bytes().all(|byte| byte.is_ascii_digit()))
    );
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 4);
    let page = text(&ask(&mut desk, PARTNER, PAGES, TODAY, &[]));
    for row in &after {
        let number = format!("<iw_account_log_id>{}<", row.flow_no);
        assert_eq!(page.matches(&number).count(), 1, "{page}");
    }
}

/// A day is Beijing's, both ends to the whole second are in it, and a balance goes on from the day before.
#[test]
fn a_day_is_one_in_beijing() {
    let mut desk = Desk::new();
    for (order, at) in [
        ("yesterday", "2023-12-31T15:59:59.999Z"),
        ("first", "2023-12-31T16:00:00Z"),
        ("last", "2024-01-01T15:59:59.999Z"),
        ("tomorrow", "2024-01-01T16:00:00Z"),
    ] {
        desk.now = at.parse().unwrap();
        sell(&mut desk, order, "1.00");
    }
    let of = |desk: &mut Desk, from, to| {
        let rows = report(desk, (from, to), &[]);
        let row = |row: &Row| format!("{} {}", row.order, row.balance);
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let (from, to) = TODAY;
    assert_eq!(of(&mut desk, from, to), ["first 2.00", "last 3.00"]);
    assert_eq!(of(&mut desk, from, "2024-01-01 23:59:58"), ["first 2.00"]);
    assert_eq!(
        of(&mut desk, "2024-01-01 00:00:01", "2024-01-02 00:00:00"),
        ["last 3.00", "tomorrow 4.00"]
    );
}

/// Note 5.5: pages are counted from 1, the last one says that none follows, and one behind it is empty.
#[test]
fn pages_tell_every_row_once() {
    let mut desk = Desk::new();
    for order in ["A", "B", "C"] {
        sell(&mut desk, order, "1.00");
        desk.wait(1_000);
    }
    refund(&mut desk, "B", 100);
    refund(&mut desk, "A", 40);
    let whole = report(&mut desk, TODAY, &[]);
    for (codes, size, pages) in [
        ("", "2", &[(2, "T"), (2, "T"), (1, "F"), (0, "F")][..]),
        ("", "5", &[(5, "F"), (0, "F")]),
        ("", "", &[(5, "F")]),
        ("6001", "2", &[(2, "T"), (1, "F")]),
        ("3011", "1", &[(1, "T"), (1, "F")]),
    ] {
        let mut told = Vec::new();
        for ((rows, more), page_no) in pages.iter().zip(1..) {
            let page_no = page_no.to_string();
            let beside = [
                ("trans_code", codes),
                ("page_size", size),
                ("page_no", page_no.as_str()),
            ];
            let xml = text(&ask(&mut desk, PARTNER, PAGES, TODAY, &beside));
            assert!(is_signed(&xml, PAGES), "{xml}");
            assert_eq!(element(&xml, "has_next_page"), *more, "{codes} {page_no}");
            assert_eq!(element(&xml, "page_no"), page_no);
            let entries: Vec<&str> = xml.split("<AccountQueryAccountLogVO>").skip(1).collect();
            assert_eq!(entries.len(), *rows, "{codes} {page_no}: {xml}");
            told.extend(entries.iter().map(|xml| element(xml, "iw_account_log_id")));
        }
        let kind = |row: &&Row| match codes {
            "6001" => row.kind == "在线支付",
            "3011" => row.kind == "交易退款",
            _ => true,
        };
        let expected: Vec<&String> = whole.iter().filter(kind).map(|row| &row.flow_no).collect();
        assert_eq!(told.iter().collect::<Vec<_>>(), expected, "{codes} {size}");
    }
    let xml = text(&ask(
        &mut desk,
        PARTNER,
        PAGES,
        TODAY,
        &[("page_no", "4294967295")],
    ));
    assert!(
        xml.contains("<account_log_list></account_log_list>"),
        "{xml}"
    );
}

/// An entry of a page says what the row of the report says.
#[test]
fn a_page_says_what_the_report_says() {
    let mut desk = Desk::new();
    sell(&mut desk, "A", "5.00");
    refund(&mut desk, "A", 150);
    let rows = report(&mut desk, TODAY, &[]);
    let xml = text(&ask(&mut desk, PARTNER, PAGES, TODAY, &[]));
    let entries = xml.split("<AccountQueryAccountLogVO>").skip(1);
    for ((entry, row), total) in entries.zip(&rows).zip(["5.00", "1.50"]) {
        let sum = |name| element(entry, name).replace("0.00", "");
        assert_eq!(
            (sum("income"), sum("outcome")),
            (row.income.clone(), row.outgoing.clone())
        );
        for (name, value) in [
            ("merchant_out_order_no", row.order.as_str()),
            ("balance", &row.balance),
            ("trans_date", &row.at),
            ("trade_no", &row.trade_no),
            ("sub_trans_code_msg", &row.kind),
            ("total_fee", total),
            ("goods_title", "测试商品"),
            ("partner_id", PARTNER),
        ] {
            assert_eq!(element(entry, name), value, "{name}");
        }
    }
}

/// Titles come in any charset, and go out in the one that was asked for: what it does not hold is a question mark.
#[test]
fn a_statement_is_in_the_charset_of_its_question() {
    let mut desk = Desk::new();
    desk.checkout("A", &[("subject", "测试😀, 1\"2")]);
    let now = desk.now;
    desk.sandbox.buyer_pays(now, PARTNER, "A").unwrap();
    for service in [REPORT, PAGES] {
        for (label, charset, title) in [
            ("utf-8", Charset::Utf8, "测试😀, 1\"2"),
            ("gbk", Charset::Gbk, "测试?, 1\"2"),
        ] {
            let beside = [("_input_charset", label)];
            let reply = ask(&mut desk, PARTNER, service, TODAY, &beside);
            let xml = charset.decode(&reply.body).unwrap();
            let told = match service {
                REPORT => element(&xml, "csv_data"),
                _ => element(&xml, "goods_title"),
            };
            let expected = match service {
                REPORT => format!(",\"{}\",在线支付,", title.replace('"', "\"\"")),
                _ => title.to_owned(),
            };
            assert!(told.contains(&expected), "{label}: {xml}");
        }
    }
}

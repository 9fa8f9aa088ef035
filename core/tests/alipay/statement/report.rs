//! `export_trade_account_report` (note 5.4), written by hand as programs that read it have it.

use super::*;
use crate::{GATEWAY, settings};
use quittance_core::gateway::alipay::{Seller, Settings};
use quittance_core::http::Method;

const HEADER: &str = "外部订单号,账户余额（元）,时间,流水号,支付宝交易号,交易对方Email,交易对方,用户编号,收入（元）,支出（元）,交易场所,商品名称,类型,说明,\n";
const PAID: &str = "20240101-0001,48885.77,2024年01月01日 03:13:36,96798889656631,2024010100001000010000000001,buyer@example.com,某人,2088000000000101,498.00,,支付宝,测试商品,在线支付,,\n";
const REFUNDED: &str = "20240101-0001,48387.77,2024年01月01日 03:14:00,96798889656632,2024010100001000010000000001,buyer@example.com,某人,2088000000000101,,-498.00,支付宝,测试商品,交易退款,,\n";

fn reader() -> Account {
    reading(account(Charset::Utf8), StatementService::Report)
}

/// A signed answer with this value.
fn report_with(count: &str, data: &str) -> String {
    let value = data
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let result =
        format!("<csv_result><count>{count}</count><csv_data>{value}</csv_data></csv_result>");
    envelope(&result, &[("count", count), ("csv_data", data)])
}

/// A signed answer with these rows behind the header, wrapped as the gateway wraps them.
fn report(count: &str, rows: &str) -> String {
    report_with(count, &format!("<![CDATA[{HEADER}{rows}]]>"))
}

fn read(part: u32, text: &str) -> Stated {
    reader().read_statement(&call(part), &Reply::new(200, text))
}

fn paid_by_hand() -> Evidence {
    payment_of(&paid(1, 49_800, 11_616), Proof::Queried)
}

fn refunded_by_hand() -> Evidence {
    refund_of(&refunded(1, 49_800, 11_640), Proof::Queried)
}

/// The question of a part: its own kind of bookings of the whole day, signed, with room for a long answer.
#[test]
fn the_question_is_as_printed() {
    for (part, code) in [(1, "6001"), (2, "3011")] {
        let request = reader().statement(&call(part)).unwrap();
        assert_eq!(
            (request.method, request.reply_bytes_max),
            (Method::Get, 8 << 20)
        );
        let query = request.url.strip_prefix(&format!("{GATEWAY}?")).unwrap();
        let fields = crate::fields(query.as_bytes());
        let expected = [
            ("service", "export_trade_account_report"),
            ("partner", PARTNER),
            ("_input_charset", "utf-8"),
            ("gmt_create_start", "2024-01-01 00:00:00"),
            ("gmt_create_end", "2024-01-02 00:00:00"),
            ("trans_code", code),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(fields, expected);
        assert_eq!(query.as_bytes(), crate::sealed(&fields));
    }
}

/// A report has two parts and spans a day at most; nothing else is asked for.
#[test]
fn no_other_part_is_asked_for() {
    let refused = |call: &StatementCall| {
        let refused = reader().statement(call).unwrap_err();
        assert_eq!((refused.gateway, refused.flow), ("alipay", "statement"));
    };
    for part in [0, 3, u32::MAX] {
        refused(&call(part));
        let stated = read(part, &report("1", PAID));
        assert_refused(&stated, "two parts");
    }
    let [from, to] = DAY.map(time);
    let spans = [
        (from, to + jiff::SignedDuration::from_secs(1)),
        (from, from),
        (to, from),
    ];
    for (from, to) in spans {
        refused(&StatementCall { from, to, part: 1 });
    }
}

/// A payee with another number than the contract's is asked for by that number, and told as the payee.
#[test]
fn a_payee_of_another_number_is_named() {
    let named = |seller| {
        let settings = Settings {
            seller,
            ..settings(Charset::Utf8)
        };
        let account = reading(Account::new(settings).unwrap(), StatementService::Report);
        let request = account.statement(&call(1)).unwrap();
        let fields = crate::fields(request.url.split_once('?').unwrap().1.as_bytes());
        let named = fields.into_iter().find(|(name, _)| name == "user_id");
        let read = account.read_statement(&call(1), &Reply::new(200, report("1", PAID)));
        let payee = read.evidence.into_iter().map(|told| match told.claim {
            Claim::Payment { payee, .. } => payee,
            other => panic!("{other:?}"),
        });
        (named.map(|(_, value)| value), payee.collect::<Vec<_>>())
    };
    let other = "2088000000000009".to_owned();
    let login = "seller@example.com".to_owned();
    let known = |name: &str| vec![name.to_owned()];
    assert_eq!(named(None), (None, known(PARTNER)));
    assert_eq!(
        named(Some(Seller::Id(PARTNER.into()))),
        (None, known(PARTNER))
    );
    assert_eq!(
        named(Some(Seller::Email(login.clone()))),
        (None, known(&login))
    );
    assert_eq!(
        named(Some(Seller::Id(other.clone()))),
        (Some(other.clone()), known(&other))
    );
}

/// Rows are read in every form that is known: wrapped as text, in a section, or bare; with the comma at the end or
/// without; with times in either form; with a sign before what left or none.
#[test]
fn a_report_is_read_in_every_known_form() {
    let table = format!("{HEADER}{PAID}{REFUNDED}");
    let bare = table.replace(",\n", "\n");
    let plain = table.replace(['年', '月'], "-").replace("日 ", " ");
    let section = report_with("2", &table).replace(
        &format!("<csv_data>{table}</csv_data>"),
        &format!("<csv_data><![CDATA[{table}]]></csv_data>"),
    );
    for text in [
        report("2", &format!("{PAID}{REFUNDED}")),
        report_with("2", &table),
        report_with("2", &bare),
        report_with("2", bare.trim_end()),
        report_with("2", &table.replace('\n', "\r\n")),
        report_with("2", &plain),
        report_with("2", &table.replace("-498.00", "498.00")),
        report_with("2", &table.replace("498.00,,", "498.00,0.00,")),
        section,
    ] {
        assert_eq!(
            read(1, &text),
            stated(2, true, vec![paid_by_hand()]),
            "{text}"
        );
        assert_eq!(
            read(2, &text),
            stated(2, false, vec![refunded_by_hand()]),
            "{text}"
        );
    }
}

/// A title may hold commas, quotes and line ends where the gateway quotes it.
#[test]
fn a_quoted_title_moves_no_column() {
    let title = "\"a, \"\"b\"\",\n9999.00,\"";
    let rows = PAID.replace("测试商品", title);
    let read = read(1, &report("1", &rows));
    assert_eq!(read, stated(1, true, vec![paid_by_hand()]));
}

/// A day without bookings is read: with a header, without, or with nothing at all.
#[test]
fn an_empty_report_is_a_report() {
    let nothing = "<csv_result><count>0</count></csv_result>";
    for text in [
        report("0", ""),
        report_with("0", HEADER),
        report_with("0", "<![CDATA[]]>"),
        report_with("0", ""),
        envelope(nothing, &[("count", "0")]),
    ] {
        assert_eq!(read(1, &text), stated(0, true, Vec::new()), "{text}");
        assert_eq!(read(2, &text), stated(0, false, Vec::new()), "{text}");
    }
}

/// Of a part that cannot be read to its end nothing is believed, and the reason names the row.
#[test]
fn one_bad_row_refuses_the_part() {
    let bad = |from: &str, to: &str| {
        let changed = PAID.replacen(from, to, 1);
        assert_ne!(changed, PAID, "{from} is not there");
        report("2", &format!("{PAID}{changed}"))
    };
    for (text, says) in [
        (report("2", PAID), "count says 2, and 1 rows came"),
        (report("0", PAID), "count says 0, and 1 rows came"),
        (report("", PAID), "how many rows"),
        (report("+1", PAID), "how many rows"),
        (report("one", PAID), "how many rows"),
        (report("99999999999999999999999", PAID), "how many rows"),
        (bad(",支付宝,", ","), "row 2: it has not the columns"),
        (
            bad(",支付宝,", ",支付宝,,"),
            "row 2: it has not the columns",
        ),
        (bad(",,\n", ",x,y\n"), "row 2: it has more columns"),
        (bad(",,\n", ",\n"), "row 2: it has not the columns"),
        (bad(",某人,", ",某,人,"), "row 2: it has not the columns"),
        (
            bad("498.00,,", "498.00,1.00,"),
            "row 2: money came and left",
        ),
        (bad("498.00", "498.000"), "row 2: the income"),
        (bad("498.00", "-498.00"), "row 2: the income"),
        (bad("498.00", "4,98.00"), "row 2: it has not the columns"),
        (bad("498.00", "1e2"), "row 2: the income"),
        (bad("498.00,,", ",--1.00,"), "row 2: the outgoing"),
        (
            bad("2024年01月01日 03:13:36", "2024-01-01"),
            "row 2: the time",
        ),
        (bad("2024年01月01日 03:13:36", ""), "row 2: the time"),
        (
            report_with("1", &format!("<![CDATA[{HEADER}{PAID}")),
            "header",
        ),
        (report_with("1", PAID), "header"),
        (
            report_with(
                "1",
                &format!(
                    "{}{PAID}",
                    HEADER.replace("收入（元）,支出", "支出（元）,收入")
                ),
            ),
            "header",
        ),
        (
            report_with(
                "1",
                &format!("{}{PAID}", HEADER.replace("说明", "说明,更多")),
            ),
            "header",
        ),
        (report_with("1", "x"), "header"),
    ] {
        assert_refused(&read(1, &text), says);
    }
    let twice = report("1", PAID).replace("<count>", "<count>1</count><count>");
    assert_refused(&read(1, &twice), "repeated");
}

/// Only a number that stands there as it was sent names an order: with anything before it, it is none, and never
/// another order's.
#[test]
fn a_marked_number_claims_nothing() {
    for mark in ["`", "'", "\t", " ", "=", "\u{feff}"] {
        let rows = format!("{mark}{PAID}");
        let read = read(1, &report("1", &rows));
        assert_eq!(read, stated(1, true, Vec::new()), "{mark:?}");
    }
    for (from, to) in [
        ("20240101-0001", ""),
        ("20240101-0001", "2024/01/01"),
        ("2024010100001000010000000001", ""),
        ("2024010100001000010000000001", "2024-1"),
        ("498.00", "0.00"),
        ("498.00", ""),
    ] {
        let rows = PAID.replacen(from, to, 1);
        let read = read(1, &report("1", &rows));
        assert_eq!(read, stated(1, true, Vec::new()), "{from} as {to}");
    }
}

/// What left the account in the first part, and what came in the second, is none of their business: their time is not
/// looked at either.
#[test]
fn a_part_reads_its_own_kind() {
    let untimed = |row: &str| row.replace("2024年", "");
    let first = report("1", &untimed(REFUNDED));
    assert_eq!(read(1, &first), stated(1, true, Vec::new()));
    let second = report("1", &untimed(PAID));
    assert_eq!(read(2, &second), stated(1, false, Vec::new()));
}

/// The same telling counts once; two refunds of one trade are told apart by their times.
#[test]
fn equal_rows_tell_once() {
    let later = REFUNDED.replace("03:14:00", "03:15:00");
    let text = report("3", &format!("{REFUNDED}{REFUNDED}{later}"));
    let second = refund_of(&refunded(1, 49_800, 11_700), Proof::Queried);
    let expected = vec![refunded_by_hand(), second];
    assert_eq!(read(2, &text), stated(3, false, expected));
    let text = report("2", &format!("{PAID}{PAID}"));
    assert_eq!(read(1, &text), stated(2, true, vec![paid_by_hand()]));
}

/// A report may be long, and no other answer gets longer by it.
#[test]
fn a_report_may_be_long_and_nothing_else() {
    let rows = PAID.repeat(20_000);
    let text = report("20000", &rows);
    assert!(text.len() > 3 << 20, "{}", text.len());
    assert_eq!(read(1, &text), stated(20_000, true, vec![paid_by_hand()]));
    let answered = reader().read_query(crate::ORDER_NO, &Reply::new(200, text));
    assert_eq!(answered.reason.as_deref(), Some("the answer is too long"));
    let short = report("50", &PAID.repeat(50));
    assert!(short.len() < 64 << 10);
    let answered = reader().read_query(crate::ORDER_NO, &Reply::new(200, short));
    assert!(answered.reason.unwrap().contains("too long or oddly named"));
}

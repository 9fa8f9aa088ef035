//! The hosted page: pay, decline, leave, and the way back, which proves nothing.

use super::counter::{Counter, MERCHANT, RETURN_URL, page, with};
use crate::desk::text;
use quittance_core::http::Method;
use quittance_sandbox::{Ack, Faults, Kind};
use serde_json::json;

/// The browser pays on the page and goes back to the very address that the shop gave, by GET and with nothing added.
#[test]
fn a_buyer_pays_and_goes_back_without_any_proof() {
    let mut counter = Counter::new();
    let cashier = counter.open("WEB-1");
    assert!(cashier.starts_with("/cashier/"));
    let html = text(&counter.desk.get(&cashier, ""));
    for part in [
        "$21.00 USD",
        "Mug",
        "Confirm and pay",
        "value=\"decline\"",
        "value=\"leave\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert_eq!(counter.status("WEB-1"), 9);
    let paid = counter.desk.post(&cashier, "", "action=pay");
    let success = paid.header("location").unwrap().to_owned();
    let html = text(&counter.desk.get(&success, ""));
    let refresh = format!("content=\"3;url={RETURN_URL}\"");
    assert!(
        html.contains(&refresh) && html.contains("Payment succeeded."),
        "{html}"
    );
    let again = text(&counter.desk.get(&success, ""));
    assert!(!again.contains("http-equiv=\"refresh\"") && again.contains(RETURN_URL));
    let back = counter.desk.sandbox.exchanges(MERCHANT, "WEB-1");
    let back = back
        .iter()
        .find(|known| known.kind == Kind::Return)
        .unwrap();
    assert_eq!(
        (back.method, back.target.as_str()),
        (Method::Get, RETURN_URL)
    );
    assert_eq!(counter.status("WEB-1"), 2);
    let told = counter.told();
    assert_eq!((told.len(), &told[0]["trans_status"]), (1, &json!(2)));
    assert!(told[0].get("terminal_sn").is_none());
    let request = counter
        .desk
        .sandbox
        .buyer_returns(counter.desk.now, MERCHANT, "WEB-1");
    assert_eq!(request.unwrap().url, RETURN_URL);
}

/// A refusal of the bank is final, told to the shop, and leads back in the same way.
#[test]
fn a_declined_buyer_goes_back_too() {
    let mut counter = Counter::new();
    let cashier = counter.open("WEB-1");
    let declined = counter.desk.post(&cashier, "", "action=decline");
    let over = declined.header("location").unwrap().to_owned();
    let html = text(&counter.desk.get(&over, ""));
    assert!(
        html.contains("Nothing was paid") && html.contains(RETURN_URL),
        "{html}"
    );
    assert_eq!(counter.query("WEB-1")["trans_error_code"], "TS-D2012");
    assert_eq!(counter.told()[0]["trans_status"], 1);
    let late = counter.desk.post(&cashier, "", "action=pay");
    assert_eq!(late.header("location"), Some(over.as_str()));
    assert_eq!(counter.status("WEB-1"), 1);
    assert!(counter.told().is_empty());
}

/// Leaving changes nothing: the page is still there, and leads to the shop.
#[test]
fn a_buyer_leaves_and_may_come_back() {
    let mut counter = Counter::new();
    let cashier = counter.open("WEB-1");
    let left = counter.desk.post(&cashier, "", "action=leave");
    let html = text(&counter.desk.get(left.header("location").unwrap(), ""));
    assert!(
        html.contains(RETURN_URL) && html.contains(&cashier),
        "{html}"
    );
    assert_eq!(counter.status("WEB-1"), 9);
    assert!(counter.told().is_empty());
    counter.desk.post(&cashier, "", "action=pay");
    assert_eq!(counter.status("WEB-1"), 2);
}

/// `redirect_url` is the seed's word for it; without either the page stays.
#[test]
fn the_way_back_has_two_names_or_none() {
    let mut counter = Counter::new();
    for (number, changes, leads) in [
        (
            "A",
            json!({ "return_url": null, "redirect_url": RETURN_URL }),
            true,
        ),
        (
            "B",
            json!({ "return_url": RETURN_URL, "redirect_url": "http://other.example/x" }),
            true,
        ),
        ("C", json!({ "return_url": null }), false),
    ] {
        let said = counter.call("pay.checkout", with(page(number), changes));
        let url = said.data["pay_url"].as_str().unwrap().to_owned();
        let cashier = url.strip_prefix("http://sandbox.test").unwrap();
        let paid = counter.desk.post(cashier, "", "action=pay");
        let html = text(&counter.desk.get(paid.header("location").unwrap(), ""));
        assert_eq!(html.contains(RETURN_URL), leads, "{number}: {html}");
        assert_eq!(html.contains("gave no address"), !leads, "{number}");
    }
}

/// Seed 002 3.3: who tries again for an unpaid order uses its number again, and gets the same page. Another sum, and a
/// number that is over, are refused.
#[test]
fn an_unpaid_order_keeps_its_number() {
    let mut counter = Counter::new();
    let cashier = counter.open("WEB-1");
    assert_eq!(counter.open("WEB-1"), cashier);
    let same = with(page("WEB-1"), json!({ "order_amount": "21" }));
    let said = counter.call("pay.checkout", same);
    assert!(
        said.data["pay_url"].as_str().unwrap().ends_with(&cashier),
        "the same sum"
    );
    let now = counter.desk.now;
    counter
        .desk
        .sandbox
        .payment_starts(now, MERCHANT, "WEB-1")
        .unwrap();
    assert_eq!(counter.open("WEB-1"), cashier);
    for changes in [
        json!({ "order_amount": "21.01" }),
        json!({ "price_currency": "EUR" }),
    ] {
        let said = counter.call("pay.checkout", with(page("WEB-1"), changes));
        assert_eq!(said.code(), "E04112");
    }
    assert_eq!(
        counter
            .call(
                "wisehub.cloud.pay.order",
                with(
                    super::counter::sale("WEB-1"),
                    json!({ "order_amount": "21.00" })
                )
            )
            .code(),
        "E04112",
        "a page is no terminal"
    );
    counter.desk.post(&cashier, "", "action=pay");
    assert_eq!(counter.call("pay.checkout", page("WEB-1")).code(), "E04112");
}

/// The return can be lost, or wait for the notify.
#[test]
fn the_way_back_fails_on_purpose() {
    let mut counter = Counter::new();
    let mut faults = Faults::default();
    faults.way_back.lose = true;
    counter.desk.sandbox.set_faults(faults);
    let cashier = counter.open("A");
    let paid = counter.desk.post(&cashier, "", "action=pay");
    let html = text(&counter.desk.get(paid.header("location").unwrap(), ""));
    assert!(!html.contains(RETURN_URL), "{html}");
    let lost = counter.desk.sandbox.exchanges(MERCHANT, "A").pop().unwrap();
    assert_eq!(
        (lost.kind, lost.ack, lost.method),
        (Kind::Return, Some(Ack::Lost), Method::Get)
    );
    let mut faults = Faults::default();
    faults.way_back.after_notify = true;
    counter.desk.sandbox.set_faults(faults);
    let cashier = counter.open("B");
    let paid = counter.desk.post(&cashier, "", "action=pay");
    let success = paid.header("location").unwrap().to_owned();
    assert!(!text(&counter.desk.get(&success, "")).contains(RETURN_URL));
    counter.told();
    assert!(text(&counter.desk.get(&success, "")).contains(RETURN_URL));
}

//! Answers to questions and closes.

use crate::*;
use quittance_core::Claim;
use quittance_core::gateway::{Answer, Answered, CloseCall, Gateway};

fn read(reply: &Reply) -> Answered {
    account().read_query(ORDER_NO, reply)
}

/// Note 2.2: what each status answers and claims.
#[test]
fn statuses_answer_what_the_note_says() {
    let paid = Claim::Payment {
        trade_no: TRADE_NO.into(),
        amount: usd(3450),
        payee: MERCHANT.into(),
    };
    let back = Claim::RefundedSoFar {
        trade_no: TRADE_NO.into(),
        amount: usd(3450),
    };
    let failed = Claim::GatewayClosed {
        reason: "failed".into(),
    };
    for (status, expected, claims) in [
        (9, Answer::Unpaid, vec![]),
        (0, Answer::Unpaid, vec![]),
        (1, Answer::Closed, vec![failed]),
        (2, Answer::Paid, vec![paid.clone()]),
        (3, Answer::Paid, vec![paid, back]),
    ] {
        let answered = read(&answer(data_with(json!({"trans_status": status}))));
        assert_eq!(answered.answer, expected, "{status}");
        let told: Vec<Claim> = answered
            .evidence
            .iter()
            .map(|told| told.claim.clone())
            .collect();
        assert_eq!(told, claims, "{status}");
        assert!(
            answered
                .evidence
                .iter()
                .all(|told| told.proof == Proof::Queried)
        );
    }
}

/// The gateway's own reason is kept, with the detail inside of its text.
#[test]
fn a_failure_says_why() {
    let data = data_with(json!({
        "trans_status": 1, "trans_error_code": "110",
        "trans_error_msg": "Operator cancellation[[K026]Manual cancelation by operator]",
    }));
    let answered = read(&answer(data));
    let reason = "110 K026: Manual cancelation by operator";
    assert_eq!(answered.reason.as_deref(), Some(reason));
    // However it is told, it is the same claim.
    assert_eq!(
        answered.evidence[0].claim,
        Claim::GatewayClosed {
            reason: "failed".into()
        }
    );
}

/// What cannot be believed in full is unknown, and never unpaid.
#[test]
fn unknown_is_never_unpaid() {
    let usual = data_with(json!({}));
    let unsigned = json!({"code": "0", "data": usual.to_string()}).to_string();
    let mut forged: Map<String, Value> =
        serde_json::from_slice(&answer(usual.clone()).body).unwrap();
    forged["data"] = data_with(json!({"order_amount": 1})).to_string().into();
    let forged = serde_json::to_vec(&forged).unwrap();
    let twice = r#"{"trans_status":2,"trans_status":9}"#;
    for reply in [
        Reply::new(200, unsigned),
        Reply::new(200, forged),
        Reply::new(502, answer(usual).body),
        Reply::new(200, ""),
        Reply::new(200, "{\"code\":\"\"}"),
        Reply::new(200, sealed(json!({"code": "0", "data": twice}))),
        Reply::new(200, sealed(json!({"code": "0", "data": "no JSON"}))),
        Reply::new(200, sealed(json!({"code": "0"}))),
        answer(data_with(json!({"merchant_order_no": "SALE-0003"}))),
        answer(data_with(json!({"trans_type": 3}))),
        answer(data_with(json!({"trans_status": 4}))),
        answer(data_with(json!({"trans_status": "two"}))),
        answer(data_with(json!({"order_amount": 34.505}))),
        answer(data_with(json!({"merchant_no": "300000000002"}))),
        answer(data_with(json!({"trans_no": ""}))),
        refusal("SYS0001", "system busy"),
        refusal("E07303", "API not authorised"),
        refusal("E04110", "Transaction number is invalid"),
    ] {
        let answered = read(&reply);
        assert_eq!(answered.answer, Answer::Unknown, "{:?}", reply.body);
        assert!(answered.evidence.is_empty() && answered.reason.is_some());
    }
    // An object in the place of the text is what the gateway's own library takes too.
    let raw = sealed(json!({"code": "0", "data": {"a": 1}}));
    assert_eq!(read(&Reply::new(200, raw)).answer, Answer::Unknown);
}

/// Note 2.5: the gentle close where it will do and there is a terminal; Cancel everywhere else.
#[test]
fn a_close_is_gentle_where_it_can_be() {
    let with_terminal = Account::new(Settings {
        terminal: Some("ACCOUNT1".into()),
        ..settings()
    })
    .unwrap();
    let close = |account: &Account, order: &Order, gently: bool| {
        let call = CloseCall {
            order,
            gently,
            now: now(),
        };
        let asked = account.close(&call).unwrap();
        let message = sent(&asked.request);
        assert_eq!(message.get("merchant_order_no"), Some(ORDER_NO));
        let text = |name: &str| message.get(name).map(str::to_owned);
        (
            text("method").unwrap(),
            text("terminal_sn"),
            asked.pays_back,
        )
    };
    let gentle = "wisehub.cloud.pay.close".to_owned();
    let cancel = ("order.revoker".to_owned(), None, true);
    let online = Order {
        method: Some("online".into()),
        ..order()
    };
    assert_eq!(
        close(&account(), &at_terminal(), true),
        (gentle.clone(), Some(TERMINAL.into()), false)
    );
    assert_eq!(
        close(&with_terminal, &order(), true),
        (gentle, Some("ACCOUNT1".into()), false)
    );
    assert_eq!(close(&account(), &at_terminal(), false), cancel);
    assert_eq!(close(&account(), &order(), true), cancel);
    assert_eq!(close(&with_terminal, &online, true), cancel);
}

/// What it says to a close is noted; only the query after it is believed.
#[test]
fn a_close_is_answered() {
    let read = |reply: &Reply| account().read_close(ORDER_NO, reply).accepted;
    assert_eq!(
        read(&Reply::new(200, sealed(json!({"code": "0"})))),
        Some(true)
    );
    assert_eq!(
        read(&refusal("ET007", "no pending transaction")),
        Some(false)
    );
    assert_eq!(read(&refusal("SYS0001", "busy")), None);
    assert_eq!(read(&Reply::new(200, r#"{"code":"0"}"#)), None);
    assert_eq!(read(&Reply::new(200, "x")), None);
}

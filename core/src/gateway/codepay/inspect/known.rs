//! The fields of notifications and answers (note 1.5, 3), and which of them say the same every time.

use super::super::{Account, words};
use crate::gateway::inspection::{Constant, Exchange, Taken};

/// Every name that the gateway signs, of notifications and answers together.
pub(super) const NAMES: [&str; 36] = [
    "app_id",
    "attach",
    "cashback_amount",
    "charset",
    "code",
    "data",
    "discount_bmopc",
    "discount_bpc",
    "exchange_rate",
    "format",
    "http_request_id",
    "merchant_no",
    "merchant_order_no",
    "method",
    "msg",
    "order_amount",
    "paid_amount",
    "pay_channel_trans_no",
    "pay_method_id",
    "pay_scenario",
    "pay_user_account_id",
    "price_currency",
    "psn",
    "sign_type",
    "store_no",
    "terminal_sn",
    "timestamp",
    "tip_amount",
    "trans_amount",
    "trans_end_time",
    "trans_error_code",
    "trans_error_msg",
    "trans_no",
    "trans_status",
    "trans_type",
    "version",
];
/// Those of them that are amounts of money.
pub(super) const MONEY: [&str; 7] = [
    "cashback_amount",
    "discount_bmopc",
    "discount_bpc",
    "order_amount",
    "paid_amount",
    "tip_amount",
    "trans_amount",
];
/// What an amount that got lost may have been: a sale without tip and discount has but one.
const AMOUNTS: [&str; 3] = ["order_amount", "paid_amount", "trans_amount"];

/// Fields that say the same every time, or what another one says: one that got lost can be put back.
pub(super) fn constants(account: &Account, exchange: Exchange, taken: &Taken) -> Vec<Constant> {
    let own = |(name, value): (&'static str, &str)| (name, value.as_bytes().to_vec());
    if exchange == Exchange::Reply {
        return [("code", words::OK), ("msg", "success")].map(own).into();
    }
    let settings = &account.settings;
    let mut known: Vec<Constant> = [
        ("sign_type", account.seal.kind().word()),
        ("method", words::NOTIFY),
        ("charset", "UTF-8"),
        ("format", "JSON"),
        ("version", "1.0"),
        ("app_id", &settings.app_id),
        ("merchant_no", &settings.merchant_no),
        ("trans_type", words::SALE),
        ("trans_status", "2"),
        ("trans_status", "1"),
        ("tip_amount", "0"),
        ("cashback_amount", "0"),
        ("discount_bmopc", "0"),
        ("discount_bpc", "0"),
        ("pay_scenario", "SWIPE_CARD"),
    ]
    .map(own)
    .into();
    let of_account = [
        ("store_no", settings.store_no.as_deref()),
        ("terminal_sn", settings.terminal.as_deref()),
        (
            "price_currency",
            settings.currency.as_ref().map(|c| c.code()),
        ),
    ];
    known.extend(
        of_account
            .into_iter()
            .filter_map(|(name, value)| Some(own((name, value?)))),
    );
    for name in AMOUNTS {
        for other in AMOUNTS.into_iter().filter(|other| *other != name) {
            known.extend(taken.value(other).map(|amount| (name, amount.to_vec())));
        }
    }
    known
}

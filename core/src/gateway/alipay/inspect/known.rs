//! The parameters of callbacks and answers (note 2.1, 2.2, 5.1, 5.3), and which of them say the same every time.

use super::super::settings::Seller;
use super::super::{Account, words};
use crate::gateway::inspection::{Constant, Taken};

/// Every name that the gateway sends, of all messages together.
pub(super) const NAMES: [&str; 56] = [
    "additional_trade_status",
    "agent_user_id",
    "batch_no",
    "body",
    "business_scene",
    "buyer_email",
    "buyer_id",
    "coupon_used_fee",
    "discount",
    "exterface",
    "extra_common_param",
    "flag_trade_locked",
    "fund_bill_list",
    "gmt_close",
    "gmt_create",
    "gmt_last_modified_time",
    "gmt_payment",
    "gmt_refund",
    "is_success",
    "is_total_fee_adjust",
    "logistics_fee",
    "logistics_payment",
    "logistics_status",
    "logistics_type",
    "notify_id",
    "notify_time",
    "notify_type",
    "operator_role",
    "out_channel_amount",
    "out_channel_inst",
    "out_channel_type",
    "out_trade_no",
    "payment_type",
    "price",
    "quantity",
    "refund_agent_pay_fee",
    "refund_cash_fee",
    "refund_coupon_fee",
    "refund_fee",
    "refund_flow_type",
    "refund_id",
    "refund_status",
    "result_details",
    "seller_email",
    "seller_id",
    "subject",
    "success_num",
    "time_out",
    "time_out_type",
    "to_buyer_fee",
    "to_seller_fee",
    "total_fee",
    "trade_no",
    "trade_status",
    "unfreezed_details",
    "use_coupon",
];

/// Those of them that are amounts of money.
pub(super) const MONEY: [&str; 4] = ["discount", "price", "refund_fee", "total_fee"];

/// Parameters that say the same every time, or what another one says: one that got lost can be put back.
pub(super) fn constants(account: &Account, taken: &Taken) -> Vec<Constant> {
    let came = |name: &str| taken.value(name).map(<[u8]>::to_vec);
    let mut known: Vec<Constant> = [
        ("is_success", "T"),
        ("exterface", words::DIRECT_PAY),
        ("notify_type", words::TRADE_SYNC),
        ("notify_type", words::BATCH_REFUND),
        ("payment_type", "1"),
        ("quantity", "1"),
        ("discount", "0.00"),
        ("use_coupon", "N"),
        ("use_coupon", "F"),
        ("is_total_fee_adjust", "N"),
        ("is_total_fee_adjust", "F"),
        ("trade_status", "TRADE_SUCCESS"),
        ("trade_status", "TRADE_FINISHED"),
        ("seller_id", &account.settings.partner),
    ]
    .into_iter()
    .map(|(name, value)| (name, value.as_bytes().to_vec()))
    .collect();
    if let Some(Seller::Email(login)) = &account.settings.seller {
        known.push(("seller_email", login.as_bytes().to_vec()));
    }
    known.extend(came("total_fee").map(|fee| ("price", fee)));
    known.extend(came("price").map(|fee| ("total_fee", fee)));
    for name in ["gmt_payment", "gmt_create", "notify_time"] {
        for other in ["gmt_payment", "gmt_create", "notify_time"] {
            known.extend(
                came(other)
                    .filter(|_| name != other)
                    .map(|time| (name, time)),
            );
        }
    }
    known
}

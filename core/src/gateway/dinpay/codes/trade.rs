//! What is wrong with an order number, or with the trade behind it (note 5).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "csp.orderService.order-is-already-exist",
        ("The order number was used before.", "订单号重复。"),
        (
            "redo_flag is 1, and the buyer was sent with this number already.",
            "redo_flag 为 1，而该订单号已经提交过。",
        ),
        (
            "Nothing where the first try was paid: the order is asked about. Else leave redo_flag out, so that a buyer may come back.",
            "首次提交若已付款则无需处理，系统会查询订单；否则请不要设置 redo_flag，以便买家重新付款。",
        ),
    ),
    Explanation::new(
        "ORDERNO_IS_ALREADY_EXISTS",
        ("The order number exists.", "订单号已存在。"),
        (
            "The scan and H5 services say so of a repeated number.",
            "扫码与 H5 接口对重复的订单号如此回答。",
        ),
        (
            "Make a new order with a new number.",
            "请用新的订单号重新下单。",
        ),
    ),
    Explanation::new(
        "csp.orderService.prepay-create-order-failure",
        (
            "The gateway could not make the order.",
            "网关创建订单失败。",
        ),
        (
            "A fault inside the gateway, or a value that it could not store.",
            "网关内部故障，或有无法保存的参数值。",
        ),
        (
            "Send the buyer again; if it stays, ask the gateway with the order number.",
            "请让买家重试；持续出现请提供订单号联系智付。",
        ),
    ),
    Explanation::new(
        "TRADE_IS_NOT_EXIST",
        ("There is no such trade.", "交易不存在。"),
        (
            "The buyer never reached the cashier; or the number is wrong, or of another merchant; or the order is older than the 12 hours in which it can be queried (inferred).",
            "买家从未进入收银台；或单号有误、属于其他商户；或订单已超过可查询的 12 小时（推断）。",
        ),
        (
            "After a checkout that nobody went through with, nothing. Of an older order look at the merchant console: this answer says nothing about it.",
            "若买家只是没有继续付款，则无需处理。较早的订单请到商家后台查看，此回答不能说明其状态。",
        ),
    ),
    Explanation::new(
        "GET_QRCODE_FAILED",
        ("No code to scan could be made.", "获取二维码失败。"),
        (
            "The scan service failed; its other words say why.",
            "扫码接口失败，原因见同时返回的说明。",
        ),
        (
            "Let the buyer try again, or choose another method.",
            "请让买家重试，或更换支付方式。",
        ),
    ),
    Explanation::new(
        "GET_PAYURL_FAILED",
        ("No address to pay at could be made.", "获取支付链接失败。"),
        (
            "The H5 service failed; its other words say why.",
            "H5 接口失败，原因见同时返回的说明。",
        ),
        (
            "Let the buyer try again, or choose another method.",
            "请让买家重试，或更换支付方式。",
        ),
    ),
];

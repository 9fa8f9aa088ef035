//! Codes that only older lists name (note 6.2, its last paragraph). They give a meaning, seldom more.

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "EXPARTNER_INFO_UNCORRECT",
        (
            "The partner's data is not right. (The gateway spells the code so.)",
            "外部商家信息不正确。（网关即如此拼写该代码。）",
        ),
        (
            "partner, key or seller do not belong together.",
            "partner、key、收款账号不属于同一商家。",
        ),
        (
            "Take all of them from the same contract.",
            "请全部取自同一份合同。",
        ),
    ),
    Explanation::new(
        "TRADE_DATA_NOT_MATCH",
        ("The data of the trade does not fit.", "交易数据不一致。"),
        (
            "The request differs from an earlier one with the same order number; an older name of TRADE_DATA_MATCH_ERROR.",
            "与该订单号此前的请求不一致；与 TRADE_DATA_MATCH_ERROR 同类的早期代码。",
        ),
        (
            "Send the same data again, or make a new order with a new number.",
            "以相同数据重新提交，或用新的订单号下单。",
        ),
    ),
    Explanation::new(
        "HAS_NO_PUBLICKEY",
        (
            "The gateway has no public key of this merchant.",
            "网关没有该商家的公钥。",
        ),
        (
            "The request is signed with RSA or DSA, and no public key was uploaded.",
            "请求以 RSA 或 DSA 签名，但尚未上传公钥。",
        ),
        (
            "Upload the merchant's public key in the merchant centre.",
            "请在商家服务中心上传商家公钥。",
        ),
    ),
    Explanation::new(
        "USER_NOT_EXIST",
        ("There is no such user.", "用户不存在。"),
        (
            "An account in the request is mistyped or closed.",
            "请求中的某个账号填写错误或已注销。",
        ),
        (
            "Check seller and buyer in the request.",
            "请检查请求中的卖家和买家账号。",
        ),
    ),
    Explanation::new(
        "OUT_TRADE_NO_EXIST",
        ("The order number is used already.", "订单号已存在。"),
        (
            "Another trade of this partner has the number.",
            "该 partner 已有使用此订单号的交易。",
        ),
        (
            "Use an order number that was never used under this partner.",
            "请使用该 partner 从未用过的订单号。",
        ),
    ),
    Explanation::new(
        "TOTAL_FEE_LESSEQUAL_ZERO",
        ("The amount is zero or less.", "金额小于或等于零。"),
        ("total_fee is below 0.01.", "total_fee 小于 0.01。"),
        ("The least amount is 0.01.", "金额最小为 0.01。"),
    ),
    Explanation::new(
        "TOTAL_FEE_OUT_OF_RANGE",
        ("The amount is out of range.", "金额超出范围。"),
        (
            "total_fee is not from 0.01 to 100000000.00.",
            "total_fee 不在 0.01 至 100000000.00 之间。",
        ),
        ("Send an amount within the range.", "请发送范围之内的金额。"),
    ),
    Explanation::new(
        "DIRECT_PAY_AMOUNT_OUT_OF_RANGE",
        (
            "The amount is too large for instant pay.",
            "金额超出即时到账的限额。",
        ),
        (
            "The merchant's contract or the buyer's account has a lower limit than the gateway.",
            "合同或买家账号的限额低于网关的上限。",
        ),
        (
            "Split the order, or have the limit raised.",
            "请拆分订单，或申请提高限额。",
        ),
    ),
    Explanation::new(
        "DONATE_GREATER_THAN_MAX",
        ("The donation is too large.", "捐赠金额超过上限。"),
        (
            "payment_type is 4, a donation, and the amount is above the limit of donations.",
            "payment_type 为 4（捐赠），金额超过捐赠上限。",
        ),
        (
            "Send a smaller amount; for goods send payment_type=1.",
            "请减小金额；商品购买应发送 payment_type=1。",
        ),
    ),
];

//! What is wrong with who the buyer of a cross-border order is (note 5). The gateway writes CONCUMER for consumer.

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "CONCUMER_NAME_IS_NULL",
        ("The payer's name is missing.", "付款人姓名为空。"),
        (
            "A cross-border order must say customer_name in extend_param.",
            "跨境订单须在 extend_param 中给出 customer_name。",
        ),
        (
            "Send customer_name and customer_idNumber in the order's extend_param.",
            "请在订单的 extend_param 中传 customer_name 与 customer_idNumber。",
        ),
    ),
    Explanation::new(
        "CONCUMER_IDNO_IS_NULL",
        (
            "The payer's identity number is missing.",
            "付款人证件号为空。",
        ),
        (
            "A cross-border order must say customer_idNumber in extend_param.",
            "跨境订单须在 extend_param 中给出 customer_idNumber。",
        ),
        (
            "Send customer_name and customer_idNumber in the order's extend_param.",
            "请在订单的 extend_param 中传 customer_name 与 customer_idNumber。",
        ),
    ),
    Explanation::new(
        "CONCUMER_IDNO_IS_INVALID",
        (
            "The payer's identity number is not valid.",
            "付款人证件号无效。",
        ),
        (
            "It has a slip in it, or does not belong to the name.",
            "证件号有误，或与姓名不符。",
        ),
        (
            "Ask the buyer for the number again.",
            "请让买家重新填写证件号。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_CONCUMER_IDNO",
        (
            "The payer's identity number is not well formed.",
            "付款人证件号格式错误。",
        ),
        (
            "It is not the number of an identity card.",
            "填写的不是身份证号码。",
        ),
        (
            "Ask the buyer for the number again.",
            "请让买家重新填写证件号。",
        ),
    ),
    Explanation::new(
        "INVALID_ID_CARD",
        ("The identity card is not valid.", "身份证无效。"),
        (
            "The number and the name do not belong together, or the number has a slip in it.",
            "证件号与姓名不符，或证件号有误。",
        ),
        (
            "Ask the buyer for name and number again.",
            "请让买家重新填写姓名和证件号。",
        ),
    ),
    Explanation::new(
        "RECEIVER_IDNO_IS_INVALID",
        (
            "The receiver's identity number is not valid.",
            "收货人证件号无效。",
        ),
        (
            "It has a slip in it, or does not belong to the name.",
            "证件号有误，或与姓名不符。",
        ),
        (
            "Ask the buyer for the receiver's number again.",
            "请让买家重新填写收货人的证件号。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_RECEIVER_IDNO",
        (
            "The receiver's identity number is not well formed.",
            "收货人证件号格式错误。",
        ),
        (
            "It is not the number of an identity card.",
            "填写的不是身份证号码。",
        ),
        (
            "Ask the buyer for the receiver's number again.",
            "请让买家重新填写收货人的证件号。",
        ),
    ),
];

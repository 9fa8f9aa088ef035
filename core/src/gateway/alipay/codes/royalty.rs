//! What a payment request that splits its money is refused with (note 6.2). The guide has one more, about the format.

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "ROYALTY_RECEIVER_NOT_IN_SPECIFIED_ACCOUNTS",
        (
            "A receiver of royalties is not on the contract's list.",
            "分润收款账号不在约定范围内。",
        ),
        (
            "royalty_parameters names an account that the contract does not allow.",
            "royalty_parameters 中有合同未约定的账号。",
        ),
        (
            "Use accounts of the contract, or have the account added.",
            "请使用合同约定的账号，或申请增加该账号。",
        ),
    ),
    Explanation::new(
        "ROYALTY_LENGTH_ERROR",
        ("The royalties are too long.", "分润信息过长。"),
        (
            "royalty_parameters is longer than 1000 characters.",
            "royalty_parameters 超过 1000 个字符。",
        ),
        (
            "Shorten the memos or split among fewer accounts.",
            "请缩短备注，或减少分润账号。",
        ),
    ),
    Explanation::new(
        "ROYALTY_TYPE_ERROR",
        ("The kind of royalties is wrong.", "分润类型错误。"),
        (
            "royalty_type is not 10, or is missing beside royalty_parameters.",
            "royalty_type 不是 10，或有 royalty_parameters 而缺少该参数。",
        ),
        (
            "Send royalty_type=10 together with royalty_parameters, or neither.",
            "royalty_type=10 与 royalty_parameters 须同时发送，或都不发送。",
        ),
    ),
    Explanation::new(
        "ROYALTY_SELLER_ENABLE_STATUS_FORBID",
        (
            "The seller's account may not pay royalties in its state.",
            "卖家账号的状态不允许分润。",
        ),
        (
            "The seller's account is frozen or restricted.",
            "卖家账号被冻结或受限。",
        ),
        (
            "Ask the gateway why the account is restricted.",
            "请向支付宝了解账号受限的原因。",
        ),
    ),
    Explanation::new(
        "ROYALTY_SELLER_NOT_CERTIFY",
        (
            "The seller, who pays the royalties, is not certified.",
            "分润的卖家未通过认证。",
        ),
        (
            "The seller's account has not passed its identity check.",
            "卖家账号尚未完成认证。",
        ),
        (
            "Complete the seller's certification at the gateway.",
            "请在支付宝完成卖家账号的认证。",
        ),
    ),
    Explanation::new(
        "ROYALTY_RECEIVE_EMAIL_NOT_EXIST",
        (
            "A receiver of royalties does not exist.",
            "分润收款账号不存在。",
        ),
        (
            "An account in royalty_parameters is mistyped or closed.",
            "royalty_parameters 中的账号填写错误或已注销。",
        ),
        ("Correct the account.", "请更正该账号。"),
    ),
    Explanation::new(
        "ROYALTY_RECEIVE_EMAIL_NOT_CERTIFY",
        (
            "A receiver of royalties is not certified.",
            "分润收款账号未通过认证。",
        ),
        (
            "The receiver has not passed the identity check.",
            "收款账号尚未完成认证。",
        ),
        (
            "The receiver completes the certification, or another account is used.",
            "请该账号完成认证，或改用其他账号。",
        ),
    ),
    Explanation::new(
        "ROYALTY_PAY_EMAIL_NOT_EXIST",
        (
            "A payer of royalties does not exist.",
            "分润付款账号不存在。",
        ),
        (
            "The payer in an entry \"payer^payee^amount^memo\" is mistyped or closed.",
            "“付款方^收款方^金额^备注”中的付款账号填写错误或已注销。",
        ),
        (
            "Correct the payer; where it is left out the seller pays.",
            "请更正付款账号；不填则由卖家付出。",
        ),
    ),
];

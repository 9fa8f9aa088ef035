//! What refunds are refused with: the batch as a whole, or one trade in it (note 5.3).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "BATCH_NUM_EXCEED_LIMIT",
        (
            "The batch has too many refunds.",
            "批次的退款笔数超过上限。",
        ),
        ("batch_num is above 1000.", "batch_num 大于 1000。"),
        (
            "Split the batch: at most 1000 refunds in each.",
            "请拆分批次，每批最多 1000 笔。",
        ),
    ),
    Explanation::new(
        "REFUND_DATE_ERROR",
        ("The time of the refund is wrong.", "退款时间错误。"),
        (
            "refund_date is not now, or not written yyyy-MM-dd HH:mm:ss.",
            "refund_date 不是当前时间，或不是 yyyy-MM-dd HH:mm:ss 格式。",
        ),
        (
            "Send the current Beijing time; check the clock of the server.",
            "请填写当前北京时间，并检查服务器时钟。",
        ),
    ),
    Explanation::new(
        "BATCH_NUM_ERROR",
        (
            "The number of refunds is not in its format.",
            "退款笔数格式错误。",
        ),
        ("batch_num is no whole number.", "batch_num 不是整数。"),
        (
            "Send the number of refunds in detail_data, in digits.",
            "请以数字填写 detail_data 中的退款笔数。",
        ),
    ),
    Explanation::new(
        "BATCH_NUM_NOT_EQUAL_TOTAL",
        (
            "The number of refunds is not that of the list.",
            "退款笔数与明细不一致。",
        ),
        (
            "batch_num is not the number of \"#\" in detail_data plus one.",
            "batch_num 不等于 detail_data 中“#”的个数加一。",
        ),
        (
            "Count the list; a reason must not contain \"#\".",
            "请核对明细笔数；退款理由中不能含有“#”。",
        ),
    ),
    Explanation::new(
        "BATCH_NO_FORMAT_ERROR",
        (
            "The batch number is not in its format.",
            "退款批次号格式错误。",
        ),
        (
            "batch_no is not today's date in 8 digits with 3 to 24 letters or digits behind it, or these are 000.",
            "batch_no 不是 8 位当天日期加 3 至 24 位字母或数字，或流水部分为 000。",
        ),
        (
            "Begin the batch number with today's date in Beijing.",
            "批次号须以北京时间的当天日期开头。",
        ),
    ),
    Explanation::new(
        "DUPLICATE_BATCH_NO",
        ("The batch number was used before.", "退款批次号重复。"),
        (
            "A batch of this number was sent already: it may have been accepted when no answer came.",
            "该批次号已提交过；此前没有收到应答的那次请求可能已被受理。",
        ),
        (
            "Never answer it with a new number at once: first find out what became of the batch, by its notify or a query.",
            "不要立即换号重发：先由通知或查询确认该批次的结果。",
        ),
    ),
    Explanation::new(
        "DETAIL_DATA_FORMAT_ERROR",
        (
            "The list of refunds is not in its format.",
            "退款明细格式错误。",
        ),
        (
            "detail_data is not \"trade_no^amount^reason\" in entries separated by \"#\".",
            "detail_data 不是以“#”分隔的“交易号^金额^理由”。",
        ),
        (
            "Check each entry; a reason must not contain ^ | $ #.",
            "请逐条检查；退款理由中不能含有 ^ | $ #。",
        ),
    ),
    Explanation::new(
        "SINGLE_DETAIL_DATA_EXCEED_LIMIT",
        ("One entry of the list is too long.", "单条退款明细过长。"),
        (
            "Usually the reason has 256 bytes or more.",
            "通常是退款理由达到 256 字节或以上。",
        ),
        ("Shorten the reason.", "请缩短退款理由。"),
    ),
    Explanation::new(
        "DUBL_TRADE_NO_IN_SAME_BATCH",
        (
            "A trade stands in the batch twice. (The gateway spells the code so.)",
            "同一批次中有重复的交易号。（网关即如此拼写该代码。）",
        ),
        (
            "Two entries of detail_data name the same trade_no.",
            "detail_data 中有两条明细的交易号相同。",
        ),
        (
            "Put the second refund of the trade into another batch, or add the amounts up.",
            "请把同一交易的第二笔退款放入另一批次，或合并金额。",
        ),
    ),
    Explanation::new(
        "DUBL_ROYALTY_IN_DETAIL",
        (
            "Royalties stand in one entry twice. (The gateway spells the code so.)",
            "明细中有重复的分润信息。（网关即如此拼写该代码。）",
        ),
        (
            "One entry of detail_data names the same royalties more than once.",
            "detail_data 的一条明细中重复出现同一分润。",
        ),
        (
            "Leave the royalties out: this service does not pay them back.",
            "请去掉分润信息：该接口不支持分润退款。",
        ),
    ),
    Explanation::new(
        "NOT_THIS_SELLER_TRADE",
        ("The trade is not one of this seller.", "不是该卖家的交易。"),
        (
            "trade_no was paid to another account than seller_email or seller_user_id names.",
            "该交易的收款方不是 seller_email 或 seller_user_id 所指的账号。",
        ),
        (
            "Refund the trade under the account that was paid.",
            "请以实际收款的账号退款。",
        ),
    ),
    Explanation::new(
        "NOT_THIS_PARTNERS_TRADE",
        (
            "The trade is not one of this partner.",
            "不是该 partner 的交易。",
        ),
        (
            "trade_no was made under another partner.",
            "该交易由另一个 partner 创建。",
        ),
        (
            "Refund the trade under the account whose partner made it.",
            "请以创建该交易的 partner 所属账户退款。",
        ),
    ),
    Explanation::new(
        "TRADE_STATUS_ERROR",
        (
            "The trade's status allows no refund.",
            "交易状态不允许退款。",
        ),
        (
            "The trade is not paid, is closed, or was paid under the basic product, whose trades end as TRADE_FINISHED.",
            "交易未付款、已关闭，或属于普通即时到账（交易状态为 TRADE_FINISHED）。",
        ),
        (
            "Look at the trade's status. A trade that can no longer be refunded is paid back in another way.",
            "请查看交易状态；已不能退款的交易需以其他方式退还。",
        ),
    ),
    Explanation::new(
        "TRADE_HAS_REFUNDED",
        ("The trade has been refunded.", "交易已经退过款。"),
        (
            "The whole amount has been paid back already.",
            "该交易的金额已全部退还。",
        ),
        (
            "Nothing more can be refunded: look at the refunds of the order.",
            "没有可退金额，请查看订单的退款记录。",
        ),
    ),
    Explanation::new(
        "SELLER_INFO_NOT_EXIST",
        ("There is no such seller.", "卖家信息不存在。"),
        (
            "seller_email or seller_user_id is wrong.",
            "seller_email 或 seller_user_id 错误。",
        ),
        (
            "Send one of the two, and the account that was paid.",
            "两者只填一个，并填写实际收款的账号。",
        ),
    ),
    Explanation::new(
        "PARTNER_NOT_SIGN_PROTOCOL",
        (
            "The partner has no contract for refunds by interface.",
            "partner 未签约退款接口。",
        ),
        (
            "The refund service is not contracted, or not in force.",
            "退款接口未签约或未生效。",
        ),
        (
            "Have the service opened; until then refund on the gateway's own site.",
            "申请开通退款接口；在此之前请在支付宝网站上退款。",
        ),
    ),
    Explanation::new(
        "TRADE_HAS_CLOSED",
        ("The trade is closed.", "交易已关闭。"),
        (
            "The trade was never paid, was refunded in full, or is too old to be refunded.",
            "交易未付款即关闭、已全额退款，或已过退款期限。",
        ),
        (
            "Look at the trade: if money is still owed to the buyer, pay it back in another way.",
            "请查看该交易；若仍欠买家款项，需以其他方式退还。",
        ),
    ),
    Explanation::new(
        "REASON_TRADE_REFUND_FEE_ERR",
        ("The amount of the refund is wrong.", "退款金额错误。"),
        (
            "The refunds of the trade together are more than was paid.",
            "该交易的累计退款超过付款金额。",
        ),
        (
            "Refund at most what is left of the payment.",
            "退款不能超过剩余可退金额。",
        ),
    ),
    Explanation::new(
        "REFUND_AMOUNT_NOT_VALID",
        ("The amount of the refund is not valid.", "退款金额无效。"),
        (
            "The amount is zero, has more than two decimals, or is no number.",
            "金额为零、超过两位小数，或不是数字。",
        ),
        (
            "Send an amount of at least 0.01 with two decimals.",
            "金额至少为 0.01，保留两位小数。",
        ),
    ),
    Explanation::new(
        "TXN_RESULT_ACCOUNT_BALANCE_NOT_ENOUGH",
        ("The seller's balance is too small.", "卖家账户余额不足。"),
        (
            "The account that pays the refund holds less than the amount.",
            "支出退款的账户余额小于退款金额。",
        ),
        (
            "Top the account up, then refund again under a new number.",
            "请充值后以新的退款号重新退款。",
        ),
    ),
    Explanation::new(
        "TXN_RESULT_ACCOUNT_STATUS_NOT_VALID",
        (
            "An account's state does not allow the refund.",
            "账户状态异常，不能退款。",
        ),
        (
            "The account of the seller or of the buyer is frozen or closed.",
            "卖家或买家的账户被冻结或已注销。",
        ),
        (
            "Ask the gateway which account it is; pay the buyer back in another way if it is the buyer's.",
            "请向支付宝确认是哪一方账户；若为买家账户，需以其他方式退还。",
        ),
    ),
    Explanation::new(
        "PWD_REFUND_NOT_ALLOW_ROYALTY",
        (
            "Refunds with a password do not take royalties back.",
            "有密退款不支持分润退款。",
        ),
        (
            "The trade has royalties, or detail_data has an entry about them.",
            "该交易有分润，或 detail_data 中带有分润明细。",
        ),
        (
            "Leave the royalties out of the list; refund such trades on the gateway's own site.",
            "请去掉分润明细；此类交易请在支付宝网站上退款。",
        ),
    ),
    Explanation::new(
        "TRADE_PRODUCT_TYPE_NOT_ALLOW_REFUND",
        (
            "The trade's product allows no refund.",
            "该交易所属产品不支持退款。",
        ),
        (
            "The trade was paid under a product without refunds, such as basic instant pay.",
            "交易属于不支持退款的产品，如普通即时到账。",
        ),
        (
            "Pay the buyer back in another way; refunds by interface need the advanced product.",
            "请以其他方式退还；接口退款须签约高级即时到账。",
        ),
    ),
    Explanation::new(
        "REASON_REFUND_CHARGE_ERR",
        ("The fee of the refund is wrong.", "退款手续费错误。"),
        (
            "The part of an entry behind \"$\", which takes a fee back, does not fit.",
            "明细中“$”之后退回手续费的部分不正确。",
        ),
        (
            "Leave that part out, or correct its amount.",
            "请去掉该部分，或更正其金额。",
        ),
    ),
    Explanation::new(
        "REASON_HAS_REFUND_FEE_NOT_MATCH",
        (
            "The sum refunded so far does not fit.",
            "已退款金额不匹配。",
        ),
        (
            "The gateway has other refunds of this trade than the request assumes.",
            "网关记录的该交易已退金额与请求不符。",
        ),
        (
            "Ask the gateway about the order first, then refund what is left.",
            "请先向网关查询该订单，再退剩余金额。",
        ),
    ),
    Explanation::new(
        "REASON_REFUND_AMOUNT_LESS_THAN_COUPON_FEE",
        (
            "The refund is smaller than the coupon that was used.",
            "退款金额小于使用的红包金额。",
        ),
        (
            "The buyer paid a part with a coupon, which goes back first and as a whole.",
            "买家使用了红包，红包部分须先整笔退回。",
        ),
        (
            "Refund at least the amount of the coupon.",
            "退款金额应不小于红包金额。",
        ),
    ),
    Explanation::new(
        "REFUND_NOT_EXIST",
        ("There is no such refund.", "退款不存在。"),
        (
            "The gateway knows no batch of this number: it never arrived, or the operator did not confirm it.",
            "网关没有该批次号的退款：请求未到达，或操作员未确认。",
        ),
        (
            "Check batch number and account; where the batch surely never arrived, send it again under its own number.",
            "请核对批次号和账户；确认未到达时，以原批次号重新提交。",
        ),
    ),
];

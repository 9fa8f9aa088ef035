//! What else a payment request may be refused with (note 6.2; the technical document's list).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "TRADE_SELLER_NOT_MATCH",
        (
            "The seller differs from the first request of this order number.",
            "卖家与该订单号首次请求时不一致。",
        ),
        (
            "The account's seller was changed after the order had been sent to the cashier.",
            "订单首次提交收银台之后，账户的收款方有变更。",
        ),
        (
            "Make a new order with a new number.",
            "请用新的订单号重新下单。",
        ),
    ),
    Explanation::new(
        "TRADE_BUYER_NOT_MATCH",
        (
            "The buyer differs from the first request of this order number.",
            "买家与该订单号首次请求时不一致。",
        ),
        (
            "Another account opened the cashier than the one that began to pay, or another buyer is named in the request.",
            "打开收银台的不是最初付款的账号，或请求中指定了另一个买家。",
        ),
        (
            "Pay with the account that began, or make a new order.",
            "请用最初的账号付款，或重新下单。",
        ),
    ),
    Explanation::new(
        "TRADE_PRICE_NOT_MATCH",
        (
            "The unit price differs from the first request of this order number.",
            "单价与该订单号首次请求时不一致。",
        ),
        (
            "price was changed, or the order number was used for another order.",
            "price 有变化，或订单号被另一笔订单用过。",
        ),
        (
            "Send the first price again, or make a new order with a new number.",
            "按首次的单价重新提交，或用新的订单号下单。",
        ),
    ),
    Explanation::new(
        "TRADE_QUANTITY_NOT_MATCH",
        (
            "The quantity differs from the first request of this order number.",
            "数量与该订单号首次请求时不一致。",
        ),
        (
            "quantity was changed, or the order number was used for another order.",
            "quantity 有变化，或订单号被另一笔订单用过。",
        ),
        (
            "Send the first quantity again, or make a new order with a new number.",
            "按首次的数量重新提交，或用新的订单号下单。",
        ),
    ),
    Explanation::new(
        "TRADE_TOTALFEE_NOT_MATCH",
        (
            "The total differs from the first request of this order number.",
            "总金额与该订单号首次请求时不一致。",
        ),
        (
            "total_fee was changed, or the order number was used for another order.",
            "total_fee 有变化，或订单号被另一笔订单用过。",
        ),
        (
            "Send the first total again, or make a new order with a new number.",
            "按首次的总金额重新提交，或用新的订单号下单。",
        ),
    ),
    Explanation::new(
        "SUBJECT_MUST_NOT_BE_NULL",
        ("The title is missing.", "商品名称不能为空。"),
        (
            "subject is empty or was lost on the way.",
            "subject 为空，或在途中丢失。",
        ),
        ("Give the order a subject.", "请填写订单的 subject。"),
    ),
    Explanation::new(
        "DIRECT_PAY_WITHOUT_CERT_CLOSE",
        (
            "Payment from the balance without a certificate is turned off.",
            "无证书的余额支付已关闭。",
        ),
        (
            "The buyer's account pays from its balance only with a digital certificate, and none is installed.",
            "买家账号须有数字证书才能用余额支付，而当前未安装。",
        ),
        (
            "The buyer installs the certificate, or pays in another way.",
            "请买家安装数字证书，或改用其他方式付款。",
        ),
    ),
    Explanation::new(
        "FAIL_CREATE_CASHIER_PAY_ORDER",
        (
            "The gateway failed to make the order of its cashier.",
            "创建收银台订单失败。",
        ),
        (
            "A fault inside the gateway; the request is not to blame.",
            "网关内部故障，与请求内容无关。",
        ),
        ("Try again in a moment.", "请稍后重试。"),
    ),
    Explanation::new(
        "ILLEGAL_EXTRA_COMMON_PARAM",
        (
            "The merchant's own data is not taken.",
            "公用回传参数不合要求。",
        ),
        (
            "extra_common_param is longer than 100 characters, or holds \"=\", \"&\" or another forbidden character.",
            "extra_common_param 超过 100 个字符，或含有“=”“&”等禁用字符。",
        ),
        (
            "Shorten it and use letters and digits; longer data belongs into the shop's own database, under the order number.",
            "请缩短并只用字母和数字；较长的数据应按订单号存放在商家自己的数据库。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_PAYMENT_TYPE",
        ("The payment type is wrong.", "支付类型错误。"),
        (
            "payment_type is not 1, or is one that the contract does not have.",
            "payment_type 不是 1，或合同中没有该类型。",
        ),
        (
            "Send payment_type=1, the purchase of goods.",
            "请发送 payment_type=1（商品购买）。",
        ),
    ),
    Explanation::new(
        "NOT_SUPPORT_GATEWAY",
        (
            "The merchant's gateway is not set up rightly.",
            "商家的网关配置有误。",
        ),
        (
            "The merchant's configuration at Alipay is wrong or not complete.",
            "支付宝侧的商家配置错误或不完整。",
        ),
        (
            "Only the gateway can mend it: ask its support.",
            "只能由支付宝处理，请联系其技术支持。",
        ),
    ),
    Explanation::new(
        "TRADE_NOT_FOUND",
        ("There is no such trade.", "交易不存在。"),
        (
            "The trade of this order number was not made, or belongs to another partner.",
            "该订单号尚未创建交易，或交易属于另一个 partner。",
        ),
        (
            "Check the order number and the account, then start the payment again.",
            "核对订单号和账户，然后重新发起付款。",
        ),
    ),
    Explanation::new(
        "TRADE_GOOD_INFO_NOT_FOUND",
        (
            "The goods of the trade are not found.",
            "找不到交易的商品信息。",
        ),
        (
            "The trade was made without its description of goods; the documents say no more.",
            "交易创建时缺少商品信息；文档未作进一步说明。",
        ),
        (
            "Start the payment again with subject and amount; if it stays, make a new order.",
            "带上 subject 和金额重新发起付款；仍然出错请重新下单。",
        ),
    ),
    Explanation::new(
        "BUYER_EMAIL_ID_MUST_NULL",
        ("The buyer must not be given.", "不能指定买家。"),
        (
            "The request names a buyer where this product does not take one.",
            "请求中指定了买家，而该产品不允许指定。",
        ),
        (
            "Leave out buyer_id, buyer_account_name and buyer_email.",
            "去掉 buyer_id、buyer_account_name 和 buyer_email。",
        ),
    ),
    Explanation::new(
        "BUYER_NOT_EXIST",
        ("There is no such buyer.", "买家账号不存在。"),
        (
            "buyer_email or buyer_id is mistyped, or the account was closed.",
            "buyer_email 或 buyer_id 填写错误，或该账号已注销。",
        ),
        (
            "Correct the buyer or leave it out: the cashier asks who pays.",
            "请更正买家信息，或不指定买家，由收银台识别付款人。",
        ),
    ),
    Explanation::new(
        "PRODUCT_NOT_ALLOWED",
        (
            "The product is not opened for this merchant.",
            "商家未开通该产品。",
        ),
        (
            "The contract does not include what the request asks for.",
            "请求所用的产品不在合同之内。",
        ),
        (
            "Have the product opened, or leave out the parameters that ask for it.",
            "申请开通该产品，或去掉请求中与之有关的参数。",
        ),
    ),
    Explanation::new(
        "DEFAULT_BANK_INVALID",
        ("The bank code is wrong.", "银行代码错误。"),
        (
            "defaultbank is not on the gateway's list; letter case counts.",
            "defaultbank 不在网关的银行代码表中（区分大小写）。",
        ),
        (
            "Use a code of the list, or leave the bank out: the cashier asks.",
            "使用代码表中的代码，或不指定银行，由买家在收银台选择。",
        ),
    ),
    Explanation::new(
        "DIS_NOT_SIGN_PROTOCOL",
        ("The distributor has no contract.", "分销商未签约。"),
        (
            "A distributor of the request did not sign the agreement with the gateway.",
            "请求中的分销商没有与支付宝签订协议。",
        ),
        (
            "The distributor signs, or is left out of the request.",
            "请该分销商签约，或从请求中去掉。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_OUTTIME_ARGUMENT",
        ("The time limit is wrong.", "超时时间格式错误。"),
        (
            "it_b_pay is no whole number of minutes, hours or days from 1m to 15d, nor 1c.",
            "it_b_pay 不是 1m 至 15d 之间的整数分钟、小时或天，也不是 1c。",
        ),
        (
            "Write whole units: 90m, not 1.5h.",
            "请用整数单位，如 90m，不能写 1.5h。",
        ),
    ),
    Explanation::new(
        "EBANK_CERDIT_GW_RULE_NOT_OPEN",
        (
            "Credit cards are not contracted. (The gateway spells the code so.)",
            "未签约信用卡支付。（网关即如此拼写该代码。）",
        ),
        (
            "The request asks for payment by credit card, and the contract does not have it.",
            "请求指定信用卡支付，而合同未开通。",
        ),
        (
            "Offer another method, or have credit cards opened.",
            "改用其他支付方式，或申请开通信用卡支付。",
        ),
    ),
    Explanation::new(
        "DIRECTIONAL_PAY_FORBIDDEN",
        (
            "This buyer may not pay this seller.",
            "该买家不能向该卖家付款。",
        ),
        (
            "One of the accounts pays, or is paid, only within limits that the gateway set.",
            "其中一方账号受支付宝设定的付款或收款范围限制。",
        ),
        (
            "Pay with another account; if all buyers are refused, ask the gateway.",
            "换一个账号付款；若所有买家都被拒绝，请联系支付宝。",
        ),
    ),
    Explanation::new(
        "SELLER_ENABLE_STATUS_FORBID",
        (
            "The seller's account may not be paid in its state.",
            "卖家账号的状态不允许收款。",
        ),
        (
            "The seller's account is frozen, restricted or closed.",
            "卖家账号被冻结、受限或已注销。",
        ),
        (
            "Ask the gateway why the account is restricted; take no orders until it is free.",
            "请向支付宝了解受限原因；解除之前请勿接单。",
        ),
    ),
    Explanation::new(
        "TAOBAO_ANTI_PHISHING_CHECK_FAIL",
        (
            "The gateway's risk check against phishing refused the payment.",
            "防钓鱼风险检查未通过。",
        ),
        (
            "The gateway takes the payment for a risk; the documents do not say why.",
            "网关判断该笔付款有风险；文档未说明依据。",
        ),
        (
            "The buyer tries again after an hour.",
            "请买家一小时后重试。",
        ),
    ),
    Explanation::new(
        "PAY_CHECK_FAIL",
        (
            "The gateway's risk check refused the payment.",
            "支付风险检查未通过。",
        ),
        (
            "The gateway takes the payment for a risk; the documents do not say why.",
            "网关判断该笔付款有风险；文档未说明依据。",
        ),
        (
            "The buyer pays later or in another way; if it stays, he asks the gateway.",
            "请买家稍后重试或换一种方式付款；仍被拒绝请联系支付宝。",
        ),
    ),
    Explanation::new(
        "SUBJECT_HAS_FORBIDDENWORD",
        ("The title has a forbidden word.", "商品名称含有禁用词。"),
        (
            "subject holds a word of the gateway's list, which is not public.",
            "subject 含有网关词表中的词；该词表不公开。",
        ),
        (
            "Word the title otherwise, in a new order.",
            "请改写商品名称后重新下单。",
        ),
    ),
    Explanation::new(
        "BODY_HAS_FORBIDDENWORD",
        (
            "The description has a forbidden word.",
            "商品描述含有禁用词。",
        ),
        (
            "body holds a word of the gateway's list, which is not public.",
            "body 含有网关词表中的词；该词表不公开。",
        ),
        (
            "Word the description otherwise or leave it out, in a new order.",
            "请改写或去掉商品描述后重新下单。",
        ),
    ),
    Explanation::new(
        "NEED_CTU_CHECK_PARAMETER_ERROR",
        ("need_ctu_check is wrong.", "need_ctu_check 参数错误。"),
        (
            "need_ctu_check is neither Y nor N.",
            "need_ctu_check 不是 Y 或 N。",
        ),
        (
            "Send Y or N, or leave it out.",
            "请发送 Y 或 N，或去掉该参数。",
        ),
    ),
    Explanation::new(
        "NEED_CTU_CHECK_NOT_ALLOWED",
        (
            "The merchant may not ask for the risk check.",
            "商家没有使用风险检查（CTU）的权限。",
        ),
        (
            "The request has need_ctu_check, and the contract does not include it.",
            "请求中带有 need_ctu_check，而合同未开通。",
        ),
        (
            "Leave need_ctu_check out, or have it enabled.",
            "去掉 need_ctu_check，或申请开通。",
        ),
    ),
    Explanation::new(
        "TRADE_ENGINE_ERROR",
        ("The gateway's trade engine failed.", "交易引擎处理失败。"),
        (
            "Usually a parameter is too long, such as the subject.",
            "通常是某个参数过长，例如 subject。",
        ),
        (
            "Shorten the subject (128 Chinese characters at most) and the description.",
            "请缩短 subject（最多 128 个汉字）和商品描述。",
        ),
    ),
];

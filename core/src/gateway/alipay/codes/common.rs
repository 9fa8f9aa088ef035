//! Codes that every service may answer with (note 6.3). Where the documents give nothing but a name, the explanation
//! says so.

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "ILLEGAL_DYN_MD5_KEY",
        (
            "The information of the dynamic key is wrong.",
            "动态密钥信息错误。",
        ),
        (
            "The key of the merchant is not set up rightly at the gateway.",
            "商家密钥在网关侧的配置有误。",
        ),
        (
            "Look at the key in the merchant centre and copy it again.",
            "到商家服务中心查看并重新复制 key。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_ENCRYPT",
        ("The encryption is wrong.", "加密不正确。"),
        (
            "The documents say no more than that.",
            "文档未作进一步说明。",
        ),
        (
            "Check sign_type and key; if it stays, ask the gateway's support.",
            "检查 sign_type 和 key；仍然出错请联系支付宝技术支持。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_USER",
        ("The user number is wrong.", "用户 ID 错误。"),
        (
            "A number such as seller_id or buyer_id is not one of the gateway's, 16 digits that begin with 2088.",
            "seller_id、buyer_id 等不是网关的用户号（以 2088 开头的 16 位数字）。",
        ),
        (
            "Check the numbers in the request.",
            "请检查请求中的用户号。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_EXTERFACE",
        (
            "The configuration of the interface is wrong.",
            "接口配置不正确。",
        ),
        (
            "One of partner, key, seller and service is missing or does not belong to the others.",
            "partner、key、收款账号、service 之中有缺失或互不匹配。",
        ),
        (
            "Check that partner, seller and service are all sent and are those of the contract.",
            "确认 partner、收款账号、service 均已发送，且与合同一致。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_PARTNER_EXTERFACE",
        (
            "This partner is not set up for this interface.",
            "该 partner 未开通此接口。",
        ),
        (
            "The service is not contracted, not in force yet, was closed by force, or is not the one of the contract. Queries and closing are services of their own.",
            "接口未签约、尚未生效、被强制关闭，或与合同约定的服务不符。查询、关闭交易均为单独的接口。",
        ),
        (
            "Have this service added to the contract. Until then a payment is known by notify and return alone.",
            "申请在合同中增加该接口；在此之前，付款结果只能由异步通知和同步返回得知。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_SECURITY_PROFILE",
        (
            "The gateway has no key that fits this signature type.",
            "未找到匹配的密钥配置。",
        ),
        (
            "sign_type says RSA or DSA, and no public key of that kind was uploaded.",
            "sign_type 为 RSA 或 DSA，但未上传对应的公钥。",
        ),
        (
            "Upload the merchant's public key for this sign_type, or sign with MD5.",
            "上传与该 sign_type 对应的商家公钥，或改用 MD5 签名。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_AGENT",
        ("The agent's number is wrong.", "代理 ID 错误。"),
        (
            "The request names an agent that the gateway does not know.",
            "请求中的代理 ID 在网关不存在。",
        ),
        (
            "Leave agent out, or send the number of the contract.",
            "去掉 agent，或填写合同约定的代理 ID。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_CHARSET",
        ("The charset is not taken.", "字符集非法。"),
        (
            "_input_charset is missing, or none of utf-8, gbk, gb2312.",
            "_input_charset 缺失，或不是 utf-8、gbk、gb2312 之一。",
        ),
        (
            "Send _input_charset in the address too where the rest is posted, and sign in that charset.",
            "以 POST 提交时地址中也要带 _input_charset，并按该字符集签名。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_ENCODING",
        ("The encoding is not supported.", "不支持该编码。"),
        (
            "The bytes of the request are not in a charset that the gateway reads.",
            "请求的字节不属于网关支持的字符集。",
        ),
        (
            "Use one charset from end to end, the one that _input_charset names.",
            "从页面到请求统一使用 _input_charset 声明的字符集。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_CLIENT_IP",
        (
            "Calls from this address are not allowed.",
            "客户端 IP 未被允许。",
        ),
        (
            "The server calls from an address that the gateway does not expect.",
            "服务器的出口地址不在网关允许的范围内。",
        ),
        (
            "Have the address of the server registered at the gateway, after a move too.",
            "请在支付宝登记服务器的出口地址；更换地址后也要更新。",
        ),
    ),
    Explanation::new(
        "SYSTEM_ERROR",
        ("The gateway failed.", "支付宝系统错误。"),
        ("A fault inside the gateway.", "网关内部故障。"),
        (
            "Try again later. What became of the trade is unknown until a query tells.",
            "请稍后重试；在查询到结果之前，交易状态未知。",
        ),
    ),
    Explanation::new(
        "SESSION_TIMEOUT",
        ("The session ran out.", "会话超时。"),
        (
            "The page at the gateway stayed open for too long.",
            "在网关页面停留时间过长。",
        ),
        ("Start again.", "请重新发起。"),
    ),
    Explanation::new(
        "ILLEGAL_DIGEST_TYPE",
        ("The kind of digest is wrong.", "摘要类型错误。"),
        (
            "Interfaces that take files only: they do not know this kind of digest.",
            "仅见于上传文件的接口：不支持该摘要类型。",
        ),
        (
            "Send the kind of digest that the interface documents.",
            "请使用接口文档规定的摘要类型。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_DIGEST",
        ("The digest is wrong.", "文件摘要错误。"),
        (
            "Interfaces that take files only: the digest is not that of the file that came.",
            "仅见于上传文件的接口：摘要与收到的文件不符。",
        ),
        (
            "Compute the digest over the very bytes that are sent.",
            "请对实际发送的字节计算摘要。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_FILE_FORMAT",
        ("The file's format is wrong.", "文件格式错误。"),
        (
            "Interfaces that take files only: the file is not in the documented format.",
            "仅见于上传文件的接口：文件不符合规定的格式。",
        ),
        (
            "Send the file in the format that the interface documents.",
            "请按接口文档规定的格式生成文件。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_TARGET_SERVICE",
        ("target_service is wrong.", "target_service 错误。"),
        (
            "The request names a target service that there is not.",
            "请求中的 target_service 不存在。",
        ),
        (
            "Correct target_service or leave it out.",
            "请更正或去掉 target_service。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_ACCESS_SWITCH_SYSTEM",
        (
            "The partner may not reach this kind of system.",
            "partner 不允许访问该类型的系统。",
        ),
        (
            "Usually the wrong gateway: a product of the open platform was sent to the MAPI gateway.",
            "通常是网关用错：把开放平台的产品发到了 MAPI 网关。",
        ),
        (
            "Check gateway_url, and that the contract is for this classic interface.",
            "检查 gateway_url，并确认签约的是本接口而非开放平台产品。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_SWITCH_SYSTEM",
        (
            "The gateway failed to pass the request on.",
            "系统切换异常。",
        ),
        (
            "A fault where the gateway chooses its inner system.",
            "网关内部选择系统时出错。",
        ),
        (
            "Try again later; if it stays, check gateway_url and ask the gateway's support.",
            "请稍后重试；仍然出错请检查 gateway_url 并联系支付宝技术支持。",
        ),
    ),
    Explanation::new(
        "EXTERFACE_IS_CLOSED",
        ("The interface is closed.", "接口已关闭。"),
        (
            "The gateway has turned this service off, for this merchant or for all.",
            "网关已对该商家或全部商家关闭此接口。",
        ),
        (
            "Ask the gateway whether and when it opens again.",
            "请向支付宝了解是否及何时恢复。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_REQUEST_REFERER",
        (
            "The origin of the request is not allowed (anti-phishing).",
            "防钓鱼检查不允许该请求来源。",
        ),
        (
            "Anti-phishing is used, and the buyer came from a site that is not registered.",
            "启用了防钓鱼，而买家来自未登记的网站。",
        ),
        (
            "Without anti-phishing in the contract leave out its parameters; with it have the site registered.",
            "未签约防钓鱼请去掉相关参数；已签约请登记网站域名。",
        ),
    ),
    Explanation::new(
        "ANTI_PHISHING_KEY_TIMEOUT",
        (
            "The anti-phishing timestamp ran out.",
            "防钓鱼时间戳已超时。",
        ),
        (
            "More than about 30 seconds passed between query_timestamp and the cashier.",
            "从 query_timestamp 到进入收银台超过约 30 秒。",
        ),
        (
            "Fetch the timestamp at the moment of the checkout; the buyer presses pay again.",
            "请在提交付款的当时获取时间戳；买家重新点击付款即可。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_NUMBER_FORMAT",
        ("A number is not in its format.", "数字格式错误。"),
        (
            "A field that must be a number holds something else.",
            "应为数字的字段含有其他内容。",
        ),
        (
            "Send digits with a point, without blanks, signs or separators.",
            "请只用数字和小数点，不带空格、正负号或千分位。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_INTEGER_FORMAT",
        ("A whole number is not in its format.", "整数格式错误。"),
        (
            "A field that must be a whole number holds something else.",
            "应为整数的字段含有其他内容。",
        ),
        ("Send digits only.", "请只用数字。"),
    ),
    Explanation::new(
        "ILLEGAL_MONEY_FORMAT",
        ("An amount is not in its format.", "金额格式错误。"),
        (
            "An amount has more than two decimals, a sign, a separator or a unit.",
            "金额超过两位小数，或带有正负号、千分位或单位。",
        ),
        (
            "Write amounts in yuan with two decimals, such as 12.50.",
            "金额以元为单位，保留两位小数，如 12.50。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_DATA_FORMAT",
        ("A date is not in its format.", "日期格式错误。"),
        (
            "A time is not written yyyy-MM-dd HH:mm:ss.",
            "时间不是 yyyy-MM-dd HH:mm:ss 格式。",
        ),
        (
            "Write Beijing time in that format.",
            "请按该格式填写北京时间。",
        ),
    ),
    Explanation::new(
        "REGEXP_MATCH_FAIL",
        (
            "A value does not fit the pattern of its field.",
            "参数值不符合规定的格式。",
        ),
        (
            "A field holds characters that its pattern does not allow.",
            "字段中有规定格式不允许的字符。",
        ),
        (
            "Compare each field with docs/gateways/alipay.md.",
            "请对照 docs/gateways/alipay.md 逐一检查字段。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_LENGTH",
        ("A value has the wrong length.", "参数长度不合要求。"),
        (
            "A field is longer than the gateway takes, or shorter.",
            "字段过长或过短。",
        ),
        (
            "Compare each field with its length in docs/gateways/alipay.md.",
            "请对照 docs/gateways/alipay.md 检查各字段的长度。",
        ),
    ),
    Explanation::new(
        "PARAMTER_IS_NULL",
        (
            "A parameter is empty. (The gateway spells the code so.)",
            "参数为空。（网关即如此拼写该代码。）",
        ),
        (
            "A required parameter is missing or has no value.",
            "缺少必填参数，或其值为空。",
        ),
        (
            "Send every required parameter; see what came in at the sandbox.",
            "请发送全部必填参数；可在沙箱中查看收到的请求。",
        ),
    ),
];

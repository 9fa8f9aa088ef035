//! The sixteen codes that the integration guide explains (seed 001 5.1), with the numbers of its help pages. The last
//! has its explanation in the guide itself, and no page.

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    page(
        241_181,
        Explanation::new(
            "HAS_NO_PRIVILEGE",
            (
                "There is no permission for this service.",
                "没有该接口的权限。",
            ),
            (
                "The contract does not cover this service, is not in force, or is that of another partner. The technical document also names a visit record that was lost.",
                "合同中没有该接口、合同未生效，或签约的是另一个 partner；技术文档还列有“访问记录丢失”一因。",
            ),
            (
                "Look in the merchant centre under \"My products\" whether the service is contracted and in force, and use the partner of that contract.",
                "在商家服务的“我的产品”中确认已签约该接口且合同有效，并使用该合同对应的 partner。",
            ),
        ),
    ),
    page(
        241_182,
        Explanation::new(
            "ILLEGAL_PARTNER",
            (
                "The partner number is wrong.",
                "合作身份者 ID（partner）错误。",
            ),
            (
                "partner is not the 16 digits of the contract, has a blank at an end, or was swapped with the key.",
                "partner 不是合同对应的 16 位数字、首尾带有空格，或与 key 填反。",
            ),
            (
                "Copy partner and key again from the merchant centre: the number together with its own key, without blanks.",
                "到商家服务中心重新复制 partner 及与之配套的 key，不要带空格。",
            ),
        ),
    ),
    page(
        241_183,
        Explanation::new(
            "ILLEGAL_ARGUMENT",
            (
                "A parameter or its format is wrong.",
                "参数或参数值的格式不正确。",
            ),
            (
                "A required parameter is missing, one is too long, stands there twice, holds a forbidden character or one outside the charset, or an address carries parameters of its own.",
                "必填参数缺失，参数过长、重复、含禁用字符或字符集之外的字符，或地址中带有自定义参数。",
            ),
            (
                "Check the order number, the length and the characters of the subject, the amount, the form of seller_email, and that notify_url, return_url and show_url have no \"?\".",
                "检查订单号、subject 的长度与字符、金额、seller_email 的格式，并确认 notify_url、return_url、show_url 中没有“?”。",
            ),
        ),
    ),
    page(
        241_184,
        Explanation::new(
            "ILLEGAL_SIGN",
            ("The signature does not fit.", "签名不符。"),
            (
                "The key is wrong or has a blank, the signed parameters are not those that were sent, or the values were signed in another charset than _input_charset names.",
                "key 错误或带空格，参与签名的参数与实际发送的不一致，或签名所用编码与 _input_charset 不一致。",
            ),
            (
                "Sign the values before they are encoded, in the charset that _input_charset names, sorted by name, without empty values, sign and sign_type; send exactly what was signed and no parameters of your own; check the key for blanks.",
                "应在 URL 编码之前、按 _input_charset 声明的字符集、按名称排序，去掉空值及 sign、sign_type 后签名；发送的参数须与签名的完全一致，不带自定义参数；检查 key 前后有无空格。",
            ),
        ),
    ),
    page(
        241_185,
        Explanation::new(
            "SELLER_NOT_IN_SPECIFIED_SELLERS",
            (
                "The seller is not the account of the contract. (The guide prints this code in small letters.)",
                "收款账号不是签约的支付宝账号。（教程中此代码为小写。）",
            ),
            (
                "seller_email or seller_id names another account than the one that signed the contract.",
                "seller_email 或 seller_id 填写的不是签约账号。",
            ),
            (
                "Name the account that signed the contract; its seller_id is the partner number.",
                "填写签约账号；其 seller_id 即 partner。",
            ),
        ),
    ),
    page(
        241_187,
        Explanation::new(
            "TRADE_NOT_ALLOWED_PAY",
            (
                "The trade is closed or paid already and cannot be paid.",
                "该笔交易已经关闭或已经付过款，不能再付款。",
            ),
            (
                "The same order number was sent again after its trade was paid or closed.",
                "交易付款或关闭之后，又以同一订单号发起请求。",
            ),
            (
                "Look at the order first: if it is paid, there is nothing to pay. Otherwise make a new order with a number that was never used.",
                "先查看订单：已付款则无需再付；否则请以从未用过的订单号重新下单。",
            ),
        ),
    ),
    page(
        241_188,
        Explanation::new(
            "SELLER_NOT_EXIST",
            ("There is no such seller.", "收款账号不存在。"),
            (
                "seller_email is mistyped, or the account has been renamed since.",
                "seller_email 填写错误，或该账号已改名。",
            ),
            (
                "Correct seller_email, or name the seller by seller_id, which stays.",
                "更正 seller_email，或改用不随改名变化的 seller_id。",
            ),
        ),
    ),
    page(
        241_189,
        Explanation::new(
            "BUYER_SELLER_EQUAL",
            (
                "Buyer and seller are the same account.",
                "买家账号与卖家账号相同，不允许付款。",
            ),
            (
                "Whoever tests is logged in at the gateway with the merchant's own account.",
                "测试者以商家自己的支付宝账号登录了收银台。",
            ),
            (
                "Log out at the gateway and pay with another account.",
                "请在支付宝退出登录，换一个账号付款。",
            ),
        ),
    ),
    page(
        241_190,
        Explanation::new(
            "TRADE_DATA_MATCH_ERROR",
            (
                "The request differs from an earlier one with the same order number.",
                "第二次请求的数据与第一次不一致。",
            ),
            (
                "The amount, the title or the time limit changed, or the order number was used for another order. A title mangled by the wrong charset differs too.",
                "金额、标题或超时时间有变化，或订单号被另一笔订单用过；编码错误造成的标题乱码也算不一致。",
            ),
            (
                "Send the same data again, or make a new order with a new number; look for mangled Chinese text.",
                "以完全相同的数据重新提交，或用新的订单号下单；并检查中文是否乱码。",
            ),
        ),
    ),
    page(
        241_191,
        Explanation::new(
            "ILLEGAL_SERVICE",
            (
                "The service name is wrong, or the request lost all its parameters.",
                "服务名称错误，或请求参数全部丢失。",
            ),
            (
                "service is mistyped, or a form or a redirect dropped the parameters on the way.",
                "service 拼写错误，或表单、跳转在途中丢失了参数。",
            ),
            (
                "Check service; for a payment it is create_direct_pay_by_user. If nothing arrived at all, check how the form or the address is put together.",
                "检查 service，付款应为 create_direct_pay_by_user；若参数全部丢失，请检查 POST 表单或 GET 地址的拼装。",
            ),
        ),
    ),
    page(
        241_194,
        Explanation::new(
            "ILLEGAL_FEE_PARAM",
            ("The amount is wrong.", "金额格式不正确。"),
            (
                "total_fee is no number from 0.01 to 100000000.00 with at most two decimals, or stands beside price and quantity.",
                "total_fee 不是 0.01 至 100000000.00 之间、最多两位小数的数字，或与 price、quantity 同时出现。",
            ),
            (
                "Send total_fee in yuan with two decimals, such as 12.50, and neither price nor quantity.",
                "total_fee 以元为单位，保留两位小数，如 12.50，且不要同时发送 price 和 quantity。",
            ),
        ),
    ),
    page(
        241_195,
        Explanation::new(
            "ROYALTY_FORAMT_ERROR",
            (
                "The royalties are not in their format. (The gateway spells the code so.)",
                "分润格式不正确。（网关即如此拼写该代码。）",
            ),
            (
                "royalty_parameters is not \"payee^amount^memo\" or \"payer^payee^amount^memo\" in entries separated by \"|\", or there are more than ten.",
                "royalty_parameters 不是以“|”分隔的“收款方^金额^备注”或“付款方^收款方^金额^备注”，或超过 10 条。",
            ),
            (
                "Write the entries in one of these forms, ten at most, in sum not more than total_fee; leave royalties out where they are not contracted.",
                "按上述格式书写，最多 10 条，合计不超过 total_fee；未签约分润则不要发送该参数。",
            ),
        ),
    ),
    page(
        241_196,
        Explanation::new(
            "ILLEGAL_SIGN_TYPE",
            ("The signature type is wrong.", "签名类型错误。"),
            (
                "sign_type is none of MD5, RSA, DSA in capital letters, or has a blank.",
                "sign_type 不是大写的 MD5、RSA、DSA 之一，或带有空格。",
            ),
            (
                "Send sign_type in capital letters without blanks, of the kind that really signed.",
                "sign_type 使用大写、不带空格，并与实际的签名方式一致。",
            ),
        ),
    ),
    page(
        241_197,
        Explanation::new(
            "SELF_TIMEOUT_NOT_SUPPORT",
            (
                "A time limit of one's own is not enabled for this merchant.",
                "未开通自定义超时功能。",
            ),
            (
                "The request has it_b_pay, and the contract does not include it.",
                "请求中带有 it_b_pay，而合同未开通该功能。",
            ),
            (
                "Leave it_b_pay out (an order without expires_in sends none), or have the function enabled.",
                "去掉 it_b_pay（订单不设 expires_in 即不发送），或申请开通该功能。",
            ),
        ),
    ),
    page(
        241_198,
        Explanation::new(
            "ILLEGAL_ANTI_PHISHING_KEY",
            (
                "The anti-phishing timestamp is wrong.",
                "防钓鱼时间戳不正确。",
            ),
            (
                "anti_phishing_key did not come from query_timestamp, was altered, or anti-phishing is not in the contract.",
                "anti_phishing_key 不是由 query_timestamp 取得、已被改动，或合同未开通防钓鱼。",
            ),
            (
                "Without anti-phishing in the contract send neither anti_phishing_key nor exter_invoke_ip; with it fetch a fresh timestamp for each payment.",
                "未签约防钓鱼则不要发送 anti_phishing_key 和 exter_invoke_ip；已签约则每次付款前重新获取时间戳。",
            ),
        ),
    ),
    Explanation::new(
        "ILLEGAL_EXTER_INVOKE_IP",
        (
            "The buyer's address for anti-phishing is missing or wrong.",
            "防钓鱼的客户端 IP 没有设置或设置不正确。",
        ),
        (
            "exter_invoke_ip is empty, no IPv4 address, or the address of the server instead of the buyer's.",
            "exter_invoke_ip 为空、不是 IPv4 地址，或填成了服务器而不是买家的地址。",
        ),
        (
            "Send the IPv4 address of the buyer's browser: client_ip of the order where the shop's server makes it. Once anti-phishing is used it may not be empty.",
            "传入买家浏览器的 IPv4 地址；由商家服务器下单时，请在订单中填写 client_ip。启用防钓鱼后该参数不能为空。",
        ),
    ),
];

/// A code with its page in the guide's help.
const fn page(help: u32, explained: Explanation) -> Explanation {
    Explanation {
        help: Some(help),
        ..explained
    }
}

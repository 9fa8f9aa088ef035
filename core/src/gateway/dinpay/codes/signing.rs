//! What a call is refused with before anybody looks at its order: the signature, who calls, and for what (note 5).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "ILLEGAL_SIGN",
        ("The signature is wrong.", "签名错误。"),
        (
            "A field was left out or added, the order of the fields or the key differs, or a value was changed on the way. With RSA-S: the public key was uploaded with its BEGIN and END lines, or the gateway's key was uploaded in place of the merchant's.",
            "漏签或多签了字段、字段顺序或密钥不对，或参数值在途中被改动。使用 RSA-S 时：上传公钥时带了 BEGIN、END 行，或误传了智付的公钥。",
        ),
        (
            "Compare key and merchant code with the merchant console; with RSA-S upload the base64 of the merchant's public key alone. quittance inspect shows what was signed.",
            "请与商家后台核对密钥和商家号；使用 RSA-S 时只上传商户公钥的 base64 部分。quittance inspect 可显示待签名字符串。",
        ),
    ),
    Explanation::new(
        "SIGN_IS_NULL",
        ("The request carries no signature.", "请求中没有 sign。"),
        ("sign was left out or empty.", "漏传 sign，或其值为空。"),
        (
            "Send the form as it was made: its fields are complete.",
            "请原样提交生成的表单，其字段是完整的。",
        ),
    ),
    Explanation::new(
        "SIGN_TYPE_IS_NULL",
        (
            "The request does not say how it is signed.",
            "请求中没有 sign_type。",
        ),
        (
            "sign_type was left out or empty.",
            "漏传 sign_type，或其值为空。",
        ),
        (
            "Send the form as it was made: its fields are complete.",
            "请原样提交生成的表单，其字段是完整的。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_SIGN_TYPE",
        (
            "The kind of signature is not one that the contract has.",
            "签名类型不正确或未开通。",
        ),
        (
            "sign_type is none of MD5, RSA-S and RSA, or not the contract's: merchants since April 2016 have no MD5.",
            "sign_type 不是 MD5、RSA-S、RSA 之一，或与签约不符：2016 年 4 月之后的新商户不能使用 MD5。",
        ),
        (
            "Set sign_type of the account as the merchant console shows it; for RSA-S make a pair of keys and upload the public one.",
            "请按商家后台设置账户的 sign_type；使用 RSA-S 时生成密钥对并上传公钥。",
        ),
    ),
    Explanation::new(
        "MERCHANT_CODE_IS_NULL",
        (
            "The request does not say whose it is.",
            "请求中没有商家号。",
        ),
        (
            "merchant_code was left out or empty.",
            "漏传 merchant_code，或其值为空。",
        ),
        (
            "Set merchant_code of the account: 10 digits from the merchant console.",
            "请设置账户的 merchant_code：商家后台所示的 10 位数字。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_SERVICE_TYPE",
        (
            "The service is wrong or missing.",
            "接口服务类型错误或为空。",
        ),
        (
            "service_type is not direct_pay for a payment or single_trade_query for a question, or it went to the other one's address.",
            "付款的 service_type 应为 direct_pay，查询的应为 single_trade_query；或两者的地址用反了。",
        ),
        (
            "Check gateway_url and query_url of the account.",
            "请检查账户的 gateway_url 与 query_url。",
        ),
    ),
    Explanation::new(
        "INTERFACE_VERSION_IS_NULL",
        ("The request names no version.", "请求中没有接口版本。"),
        (
            "interface_version was left out or empty.",
            "漏传 interface_version，或其值为空。",
        ),
        (
            "Send the form as it was made: it says V3.0.",
            "请原样提交生成的表单，其中为 V3.0。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_INTERFACE_VERSION",
        (
            "The version is not one of this service.",
            "接口版本不正确。",
        ),
        (
            "interface_version is not V3.0 with a capital V, or the address is that of another service.",
            "interface_version 不是 V3.0（V 须大写），或提交到了其他接口的地址。",
        ),
        (
            "Check gateway_url of the account.",
            "请检查账户的 gateway_url。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_PAY_BUSINESS",
        (
            "The contract does not include this way to pay.",
            "商户未开通此支付业务。",
        ),
        (
            "The method of the order, or online banking as such, was not opened for the merchant.",
            "订单指定的支付方式，或网银支付本身，尚未为该商户开通。",
        ),
        (
            "Ask the gateway to open it, or leave the order's method out.",
            "请联系智付开通，或不指定订单的支付方式。",
        ),
    ),
];

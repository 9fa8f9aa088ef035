//! What is wrong with a field of a payment request (note 5).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "ORDER_NO_IS_NULL",
        ("The request has no order number.", "请求中没有商家订单号。"),
        (
            "order_no was left out or empty.",
            "漏传 order_no，或其值为空。",
        ),
        (
            "Send the form as it was made: its fields are complete.",
            "请原样提交生成的表单，其字段是完整的。",
        ),
    ),
    Explanation::new(
        "ORDER_NO_IS_TOO_LONG",
        (
            "The order number has more than 64 characters.",
            "商家订单号超过 64 个字符。",
        ),
        (
            "The merchant's numbers are too long for this gateway.",
            "商户的订单号对该网关来说过长。",
        ),
        (
            "Choose numbers of at most 64 letters, digits and underscores.",
            "请使用不超过 64 位的字母、数字或下划线。",
        ),
    ),
    Explanation::new(
        "ORDER_TIME_IS_NULL",
        (
            "The request does not say when it was ordered.",
            "请求中没有订单时间。",
        ),
        (
            "order_time was left out or empty.",
            "漏传 order_time，或其值为空。",
        ),
        (
            "Send the form as it was made: its fields are complete.",
            "请原样提交生成的表单，其字段是完整的。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_ORDER_TIME_FORMAT",
        ("The order time is not well formed.", "订单时间格式错误。"),
        (
            "order_time is not yyyy-MM-dd HH:mm:ss, in Beijing time.",
            "order_time 应为北京时间，格式 yyyy-MM-dd HH:mm:ss。",
        ),
        ("Send the form as it was made.", "请原样提交生成的表单。"),
    ),
    Explanation::new(
        "ORDER_AMOUNT_IS_NULL",
        ("The request has no amount.", "请求中没有订单金额。"),
        (
            "order_amount was left out or empty.",
            "漏传 order_amount，或其值为空。",
        ),
        (
            "Send the form as it was made: its fields are complete.",
            "请原样提交生成的表单，其字段是完整的。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_ORDER_AMOUNT_FORMAT",
        ("The amount is not well formed.", "订单金额格式错误。"),
        (
            "order_amount is not in yuan with at most two decimals, or not above zero.",
            "order_amount 应以元为单位、大于零、最多两位小数。",
        ),
        ("Send the form as it was made.", "请原样提交生成的表单。"),
    ),
    Explanation::new(
        "ORDER_AMOUNT_IS_TOO_LARGE",
        (
            "The amount has more than 13 figures.",
            "订单金额超过 13 位。",
        ),
        (
            "The order is for more than 99999999999.99.",
            "订单金额大于 99999999999.99。",
        ),
        ("Divide the order.", "请拆分订单。"),
    ),
    Explanation::new(
        "PRODUCT_NAME_IS_NULL",
        ("The request has no title.", "请求中没有商品名称。"),
        (
            "product_name was left out or empty.",
            "漏传 product_name，或其值为空。",
        ),
        ("Give the order a subject.", "请填写订单的 subject。"),
    ),
    Explanation::new(
        "PRODUCT_NAME_IS_TOO_LONG",
        (
            "The title has more than 100 characters.",
            "商品名称超过 100 个字符。",
        ),
        ("The order's subject is too long.", "订单的 subject 过长。"),
        ("Shorten it.", "请缩短。"),
    ),
    Explanation::new(
        "PRODUCT_CODE_IS_TOO_LONG",
        (
            "product_code has more than 60 characters.",
            "product_code 超过 60 个字符。",
        ),
        (
            "The order's product_code is too long.",
            "订单的 product_code 过长。",
        ),
        ("Shorten it, or leave it out.", "请缩短，或不填写。"),
    ),
    Explanation::new(
        "PRODUCT_DESC_IS_TOO_LONG",
        (
            "The description has more than 300 characters.",
            "商品描述超过 300 个字符。",
        ),
        ("The order's body is too long.", "订单的 body 过长。"),
        ("Shorten it, or leave it out.", "请缩短，或不填写。"),
    ),
    Explanation::new(
        "ILLEGAL_PRODUCT_NUM_FORMAT",
        ("product_num is no whole number.", "product_num 不是整数。"),
        (
            "The order's product_num has something else than digits in it.",
            "订单的 product_num 含有数字以外的字符。",
        ),
        ("Send digits only, or leave it out.", "只填数字，或不填写。"),
    ),
    Explanation::new(
        "EXTRA_RETURN_PARAM_IS_TOO_LONG",
        (
            "What is to be echoed has more than 100 characters.",
            "回传参数超过 100 个字符。",
        ),
        ("The order's extra is too long.", "订单的 extra 过长。"),
        ("Shorten it, or leave it out.", "请缩短，或不填写。"),
    ),
    Explanation::new(
        "ILLEGAL_EXTEND_PARAM_FORMAT",
        (
            "extend_param is not well formed.",
            "extend_param 格式错误。",
        ),
        (
            "It is not name1^value1|name2^value2.",
            "格式应为 名称1^值1|名称2^值2。",
        ),
        (
            "Correct the order's extend_param.",
            "请改正订单的 extend_param。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_CLIENT_IP",
        (
            "The buyer's address is not that of whoever opened the cashier.",
            "client_ip 与付款人的地址不符。",
        ),
        (
            "client_ip is the shop's server, or the buyer changed the network.",
            "client_ip 填成了服务器的地址，或买家更换了网络。",
        ),
        (
            "Send the buyer's own IPv4 address as client_ip, or leave it out.",
            "请在 client_ip 中传买家自己的 IPv4 地址，或不填写。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_PARAMS",
        (
            "A value has characters that the gateway does not take.",
            "参数值含有非法字符。",
        ),
        (
            "Which characters they are is in no document; brackets in the title were reported.",
            "文档没有列出是哪些字符；有商户反映商品名称中的括号会触发。",
        ),
        (
            "Take brackets and other special characters out of the order's subject, body and extra.",
            "请去掉订单 subject、body、extra 中的括号等特殊字符。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_REQUEST",
        (
            "The request is not as the gateway reads it.",
            "请求参数错误。",
        ),
        (
            "A parameter is missing, doubled or badly encoded, or the charset of the address differs from that of the form.",
            "缺少参数、参数重复或编码错误，或地址中的字符集与表单的不一致。",
        ),
        (
            "Send the form as it was made, to the address that it names.",
            "请原样提交生成的表单，且使用其中的地址。",
        ),
    ),
];

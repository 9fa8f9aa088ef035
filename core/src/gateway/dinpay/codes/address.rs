//! What is wrong with an address of a request, or with the site that it comes from (note 5).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "CHECK_URL_NOT_MATCH",
        (
            "The site that sent the buyer is not bound to the merchant.",
            "提交请求的网站域名未绑定。",
        ),
        (
            "The domain of the page with the form is not the one that the merchant console has.",
            "提交表单的页面域名与商家后台绑定的域名不一致。",
        ),
        (
            "Bind the domain of public_url in the merchant console.",
            "请在商家后台绑定 public_url 的域名。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_URL_FORMAT",
        (
            "notify_url or return_url is not well formed.",
            "notify_url 或 return_url 格式错误。",
        ),
        (
            "It does not begin with http:// or https://, names no host, or is too long.",
            "没有以 http:// 或 https:// 开头、没有主机名，或过长。",
        ),
        (
            "Check public_url, and notify_url and return_url of the account.",
            "请检查 public_url 以及账户的 notify_url、return_url。",
        ),
    ),
    Explanation::new(
        "NOTIFY_URL_IS_NULL",
        (
            "The request does not say where to notify.",
            "请求中没有 notify_url。",
        ),
        (
            "notify_url was left out or empty.",
            "漏传 notify_url，或其值为空。",
        ),
        (
            "Send the form as it was made: its fields are complete.",
            "请原样提交生成的表单，其字段是完整的。",
        ),
    ),
    Explanation::new(
        "NOTIFY_URL_IS_TOO_LONG",
        (
            "notify_url has more than 200 characters.",
            "notify_url 超过 200 个字符。",
        ),
        (
            "public_url and the path behind it are too long together.",
            "public_url 与其后的路径合起来过长。",
        ),
        (
            "Shorten notify_url of the account.",
            "请缩短账户的 notify_url。",
        ),
    ),
    Explanation::new(
        "SHOW_URL_IS_TOO_LONG",
        (
            "show_url has more than 200 characters.",
            "show_url 超过 200 个字符。",
        ),
        (
            "The address of the product page is too long.",
            "商品展示地址过长。",
        ),
        (
            "Use a shorter address for this order, or leave it out.",
            "请改用较短的地址，或不填写。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_SHOW_URL_FORMAT",
        ("show_url is not well formed.", "show_url 格式错误。"),
        (
            "It does not begin with http:// or https://, or names no host.",
            "没有以 http:// 或 https:// 开头，或没有主机名。",
        ),
        (
            "Correct the order's show_url, or leave it out.",
            "请改正订单的 show_url，或不填写。",
        ),
    ),
];

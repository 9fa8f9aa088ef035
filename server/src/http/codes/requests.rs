//! What a request to the API is refused with, whatever it is about.

use quittance_core::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "key_unknown",
        (
            "The request carries no valid key.",
            "请求没有携带有效的密钥。",
        ),
        (
            "The header Authorization: Bearer KEY is missing, or its key is not one of the settings'.",
            "缺少 Authorization: Bearer KEY 请求头，或其中的密钥不在设置之中。",
        ),
        (
            "Send one of the keys under [api_keys] of the server's settings.",
            "请使用服务设置中 [api_keys] 下的密钥。",
        ),
    ),
    Explanation::new(
        "account_not_allowed",
        (
            "The key does not reach this account, or not the whole server.",
            "该密钥无权访问此账户或整个服务。",
        ),
        (
            "The key is limited to accounts, and what was asked for lies outside them.",
            "该密钥限定了账户，而请求的内容不在其中。",
        ),
        (
            "Use a key of this account, or widen accounts of the key in the settings.",
            "请使用该账户的密钥，或在设置中放宽密钥的 accounts。",
        ),
    ),
    Explanation::new(
        "invalid_field",
        (
            "A field of the request cannot be taken.",
            "请求中的某个字段不能接受。",
        ),
        (
            "The value is missing, not in its format, outside its range, or one that the gateway would refuse. The problem's detail names the field.",
            "值缺失、格式不对、超出范围，或网关会拒绝该值；detail 中写明了字段。",
        ),
        (
            "Correct the field as the problem's help says, and send the request again.",
            "请按 help 的提示更正该字段后重新发送。",
        ),
    ),
    Explanation::new(
        "unreadable_body",
        (
            "The body of the request cannot be read.",
            "无法读取请求正文。",
        ),
        (
            "It is no JSON object, has a field that is not known, or was sent without content-type: application/json.",
            "正文不是 JSON 对象、含有未知字段，或没有以 content-type: application/json 发送。",
        ),
        (
            "Send the fields that /openapi.json lists.",
            "请按 /openapi.json 列出的字段发送。",
        ),
    ),
    Explanation::new(
        "unreadable_query",
        ("The query string cannot be read.", "无法读取查询参数。"),
        (
            "A parameter is not known or not in its format.",
            "参数未知或格式不对。",
        ),
        (
            "Send the parameters that /openapi.json lists.",
            "请按 /openapi.json 列出的参数发送。",
        ),
    ),
    Explanation::new(
        "unreadable_address",
        (
            "The address of the request cannot be read.",
            "无法读取请求地址。",
        ),
        (
            "A name in the path is not percent-encoded UTF-8.",
            "路径中的名称不是按 UTF-8 进行的百分号编码。",
        ),
        (
            "Percent-encode names as UTF-8.",
            "请将名称按 UTF-8 进行百分号编码。",
        ),
    ),
    Explanation::new(
        "doctor_busy",
        (
            "The doctor's online checks are being made already.",
            "诊断的联网检查正在进行。",
        ),
        (
            "They call gateways, and are made once at a time.",
            "联网检查会访问网关，同一时间只进行一次。",
        ),
        (
            "Ask again when the other request has been answered.",
            "请在另一个请求得到应答后重试。",
        ),
    ),
    Explanation::new(
        "route_unknown",
        ("There is nothing at this address.", "该地址没有内容。"),
        (
            "The path is mistyped, or of another version.",
            "路径拼写有误，或属于其他版本。",
        ),
        (
            "Look at /openapi.json: it lists the routes.",
            "请查看 /openapi.json 列出的路径。",
        ),
    ),
    Explanation::new(
        "method_not_allowed",
        (
            "The address takes other methods.",
            "该地址不接受此请求方法。",
        ),
        (
            "The path is right, but not with this method, such as GET instead of POST.",
            "路径正确，但方法不对，例如应为 POST 而用了 GET。",
        ),
        (
            "Look at /openapi.json: it lists the methods.",
            "请查看 /openapi.json 列出的请求方法。",
        ),
    ),
    Explanation::new(
        "request_timeout",
        (
            "The request took too long and was given up.",
            "请求耗时过长，已放弃。",
        ),
        (
            "The body came too slowly, or the server was busy.",
            "正文传输过慢，或服务繁忙。",
        ),
        (
            "Send the whole request at once, and again; the same order twice does no harm.",
            "请一次发送完整请求并重试；重复提交同一订单没有影响。",
        ),
    ),
    Explanation::new(
        "account_unknown",
        ("There is no such account.", "没有该账户。"),
        (
            "The settings have no [accounts.NAME] of this name.",
            "设置中没有此名称的 [accounts.NAME]。",
        ),
        ("Check the name letter by letter.", "请逐字核对账户名。"),
    ),
    Explanation::new(
        "event_unknown",
        ("There is no such event.", "没有该事件。"),
        (
            "The id is mistyped, or the event belongs to another server.",
            "事件编号有误，或属于另一个服务。",
        ),
        (
            "Take the id from GET /v1/events.",
            "请使用 GET /v1/events 中的编号。",
        ),
    ),
    Explanation::new(
        "endpoint_unknown",
        ("There is no such endpoint.", "没有该推送端点。"),
        (
            "The settings have no [[webhooks]] of this name.",
            "设置中没有此名称的 [[webhooks]]。",
        ),
        ("Check the name letter by letter.", "请逐字核对端点名称。"),
    ),
    Explanation::new(
        "discrepancy_unknown",
        ("There is no such discrepancy.", "没有该差异。"),
        (
            "The id is mistyped, or the key is limited to other accounts.",
            "差异编号有误，或密钥限定了其他账户。",
        ),
        (
            "Take the id from GET /v1/discrepancies.",
            "请使用 GET /v1/discrepancies 中的编号。",
        ),
    ),
];

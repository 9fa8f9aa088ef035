//! What the codes of this server mean: the `code` of its problems, and the kinds of its discrepancies. A problem says
//! what is wrong in its case; here stands what is always so.

use quittance_core::codes::{CodeGroup, Codes, Explanation};
use quittance_core::lang::Words;

/// All of them.
pub const CODES: Codes = Codes {
    speaker: "quittance",
    groups: &[
        CodeGroup::new(("Requests to the API", "API 请求"), REQUESTS),
        CodeGroup::new(("Orders", "订单"), ORDERS),
        CodeGroup::new(("The server itself", "服务自身"), SERVER),
        CodeGroup::new(
            ("Discrepancies: what does not fit", "差异：对不上的情况"),
            DISCREPANCIES,
        ),
    ],
    spellings: &[],
    ask: Words::new((
        "The server's log and `quittance journal show` tell what happened; `quittance inspect` explains a message of a gateway.",
        "服务日志和 `quittance journal show` 记录了经过；网关的报文可用 `quittance inspect` 解释。",
    )),
};

const REQUESTS: &[Explanation] = &[
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

const ORDERS: &[Explanation] = &[
    Explanation::new(
        "order_unknown",
        ("There is no such order.", "没有该订单。"),
        (
            "The number or the account is mistyped, or the order was never made here.",
            "订单号或账户有误，或该订单从未在此创建。",
        ),
        ("Check both letter by letter.", "请逐字核对订单号和账户。"),
    ),
    Explanation::new(
        "order_exists",
        (
            "An order of this number stands already.",
            "该订单号已有订单。",
        ),
        ("The number was used before.", "该订单号此前已使用。"),
        ("Take a new order_no.", "请换一个新的 order_no。"),
    ),
    Explanation::new(
        "order_exists_with_different_{field}",
        (
            "An order of this number stands with other content; the code ends with the field that differs.",
            "该订单号已有内容不同的订单；代码末尾是不同的字段。",
        ),
        (
            "The number was used for another order, or the order was changed and sent again.",
            "订单号被另一笔订单用过，或订单修改后又以原号提交。",
        ),
        (
            "Send the same content again, or take a new order_no.",
            "请以相同内容重新提交，或换一个新的 order_no。",
        ),
    ),
    Explanation::new(
        "order_no_taken",
        ("No free order number was found.", "没有找到可用的订单号。"),
        (
            "Every number that was tried had been taken; without a fault this does not happen.",
            "尝试的订单号均已占用；正常情况下不会发生。",
        ),
        ("Send your own order_no.", "请自行指定 order_no。"),
    ),
    Explanation::new(
        "order_closed",
        ("The order is closed.", "订单已关闭。"),
        (
            "It expired, was closed by request, or the gateway closed its trade.",
            "订单已过期、被请求关闭，或网关已关闭其交易。",
        ),
        (
            "Make a new order. If the buyer has paid, look at the order's trades.",
            "请重新下单；若买家已付款，请查看该订单的交易。",
        ),
    ),
    Explanation::new(
        "order_already_paid",
        (
            "Money for this order has been received.",
            "该订单已收到付款。",
        ),
        (
            "A payment came before this request.",
            "在此请求之前已收到付款。",
        ),
        (
            "Show the buyer the paid page; do not let him pay again.",
            "请向买家显示已付款页面，不要让其重复付款。",
        ),
    ),
    Explanation::new(
        "order_needs_attention",
        (
            "Something about this order does not fit, and a person has to look.",
            "该订单存在差异，需要人工处理。",
        ),
        (
            "A discrepancy of the order is open.",
            "该订单有未解决的差异。",
        ),
        (
            "Look at GET /v1/discrepancies and resolve it; `quittance explain` explains its kind.",
            "请查看 GET /v1/discrepancies 并处理；其类型可用 `quittance explain` 查询。",
        ),
    ),
    Explanation::new(
        "order_frozen",
        ("The order is frozen.", "订单已冻结。"),
        (
            "An entry of its journal could not be applied; all other orders go on.",
            "其账本中有一条记录无法应用；其他订单不受影响。",
        ),
        (
            "Run `quittance journal verify`; the log names the entry too.",
            "请运行 `quittance journal verify`；日志中也写明了该记录。",
        ),
    ),
    Explanation::new(
        "discrepancy_resolved",
        (
            "Somebody has decided about the discrepancy already.",
            "该差异已有人处理。",
        ),
        (
            "A decision is made once and stays.",
            "处理决定只作一次，不再更改。",
        ),
        ("Look at its resolution.", "请查看其 resolution。"),
    ),
    Explanation::new(
        "nothing_to_accept",
        (
            "This discrepancy has no trade that could be accepted.",
            "该差异没有可以接受的交易。",
        ),
        (
            "Only a trade of another amount can be accepted as the order's payment.",
            "只有金额不同的交易才能被接受为该订单的付款。",
        ),
        (
            "Resolve it as refunded_elsewhere or ignore.",
            "请以 refunded_elsewhere 或 ignore 处理。",
        ),
    ),
    Explanation::new(
        "opinion_wanted",
        (
            "The gateway's own word is needed first.",
            "需要先得到网关的确认。",
        ),
        (
            "The account counts nothing before the gateway has confirmed it.",
            "该账户在网关确认之前不计任何付款。",
        ),
        (
            "Ask the gateway: POST …/verify.",
            "请向网关查询：POST …/verify。",
        ),
    ),
    Explanation::new(
        "not_supported_by_gateway",
        (
            "The gateway has no such call, or it is not built yet.",
            "网关没有该接口，或尚未支持。",
        ),
        (
            "Not every gateway can close, refund or be asked by interface.",
            "并非每个网关都能通过接口关闭、退款或查询。",
        ),
        (
            "Do it at the gateway's own site; Quittance learns of it by notify or query.",
            "请在网关网站上操作；Quittance 会由通知或查询得知结果。",
        ),
    ),
];

const SERVER: &[Explanation] = &[
    Explanation::new(
        "disk_full",
        (
            "The server's disk is full: nothing can be stored.",
            "服务器磁盘已满，无法写入。",
        ),
        (
            "Journal, log or other files fill the disk. Callbacks are answered fail meanwhile, and the gateway sends them again.",
            "账本、日志或其他文件占满了磁盘；此间回调一律应答 fail，网关会重发。",
        ),
        (
            "Make room; the server goes on by itself.",
            "请清理空间；服务会自行恢复。",
        ),
    ),
    Explanation::new(
        "database_failed",
        ("The database failed.", "数据库出错。"),
        ("The server's log says how.", "详情见服务日志。"),
        (
            "Look into the log, then send the request again.",
            "请查看日志，然后重新发送请求。",
        ),
    ),
    Explanation::new(
        "shutting_down",
        ("The server is stopping.", "服务正在停止。"),
        (
            "It was asked to stop, or is being replaced.",
            "服务收到停止指令，或正在更换版本。",
        ),
        ("Send the request again in a moment.", "请稍后重新发送。"),
    ),
    Explanation::new(
        "not_writable",
        (
            "The journal cannot be written, so no callbacks are taken.",
            "账本无法写入，因此不接收回调。",
        ),
        ("The disk is full or failed.", "磁盘已满或出现故障。"),
        (
            "Look into the server's log; make room on its disk.",
            "请查看服务日志，并清理磁盘空间。",
        ),
    ),
    Explanation::new(
        "too_many_streams",
        (
            "Too many pages wait for this order, or for all.",
            "等待付款结果的页面过多。",
        ),
        (
            "Each open page holds a connection, and their number is bounded.",
            "每个打开的页面占用一个连接，其数量有上限。",
        ),
        (
            "Ask status every two seconds instead, or close another window; the pay page does so by itself.",
            "请改为每两秒查询一次 status，或关闭其他窗口；付款页会自动这样做。",
        ),
    ),
    Explanation::new(
        "page_unknown",
        ("There is no such page.", "没有该页面。"),
        (
            "No order has this token: the link is cut short or mistyped.",
            "没有订单使用此令牌：链接被截断或有误。",
        ),
        (
            "Open the link again from the shop.",
            "请从商家页面重新打开链接。",
        ),
    ),
];

const DISCREPANCIES: &[Explanation] = &[
    Explanation::new(
        "duplicate_payment",
        (
            "More was received than the order asks for.",
            "收到的金额超过订单应付金额。",
        ),
        (
            "The buyer paid twice, such as in two windows.",
            "买家重复付款，例如在两个窗口中各付一次。",
        ),
        (
            "Pay the second trade back; once refunds take the excess back it settles by itself.",
            "请退还第二笔交易；超出部分退还后差异自动了结。",
        ),
    ),
    Explanation::new(
        "paid_after_close",
        (
            "The order was closed, and money came all the same.",
            "订单关闭之后又收到付款。",
        ),
        (
            "The buyer had the cashier open while the order closed.",
            "订单关闭时买家仍停留在收银台。",
        ),
        ("Deliver, or pay the money back.", "请发货，或退还款项。"),
    ),
    Explanation::new(
        "amount_mismatch",
        (
            "A trade has another amount than the order, and is not counted.",
            "交易金额与订单不符，未计入付款。",
        ),
        (
            "The price was changed at the gateway, somebody tampered with the checkout, or the order number was used elsewhere too.",
            "网关侧修改了价格、有人篡改了付款请求，或订单号在别处也用过。",
        ),
        (
            "Pay the money back, or accept the trade if the amount is agreed.",
            "请退还款项；若已约定该金额，可接受该交易。",
        ),
    ),
    Explanation::new(
        "currency_mismatch",
        (
            "A trade is in another currency than the order, and is not counted.",
            "交易币种与订单不符，未计入付款。",
        ),
        (
            "The order number was used for an order in another currency.",
            "订单号被用于另一币种的订单。",
        ),
        (
            "Look at the trade at the gateway, and pay the money back.",
            "请在网关查看该交易并退还款项。",
        ),
    ),
    Explanation::new(
        "trade_reuse",
        (
            "A trade was named that belongs to another order.",
            "所报交易属于另一笔订单。",
        ),
        (
            "One payment is presented for two orders: a fault, or a fraud.",
            "同一笔付款被用于两笔订单：可能是差错，也可能是欺诈。",
        ),
        (
            "Deliver nothing for the second order; look at the trade at the gateway.",
            "第二笔订单不要发货，请在网关查看该交易。",
        ),
    ),
    Explanation::new(
        "over_refund",
        ("More was paid back than was received.", "退款超过收款。"),
        (
            "A refund was made at the gateway's site beside one that was made here.",
            "除在此退款外，又在网关网站上退过款。",
        ),
        (
            "Compare the refunds with the gateway's list.",
            "请与网关的退款记录核对。",
        ),
    ),
    Explanation::new(
        "conflicting_evidence",
        (
            "Two pieces of evidence differ about the same trade.",
            "关于同一笔交易的两份证据互相矛盾。",
        ),
        (
            "The gateway told two amounts or payees of one trade, or one message was not the gateway's.",
            "网关对同一交易报告了不同的金额或收款方，或其中一条消息并非来自网关。",
        ),
        (
            "Look at the trade at the gateway; `quittance journal show` lists both messages.",
            "请在网关查看该交易；`quittance journal show` 列出了两条消息。",
        ),
    ),
    Explanation::new(
        "payee_mismatch",
        (
            "A message is rightly signed, but for another payee.",
            "消息签名正确，但收款方不是本账户。",
        ),
        (
            "Two accounts share a key, or a notify address of one is set at the other.",
            "两个账户共用密钥，或通知地址互相填错。",
        ),
        (
            "Check seller_id, seller_email and notify_url of the accounts.",
            "请检查各账户的 seller_id、seller_email 和 notify_url。",
        ),
    ),
    Explanation::new(
        "unknown_order",
        (
            "Money came for an order that nobody made here.",
            "收到付款，但此处没有该订单。",
        ),
        (
            "Another system uses the same partner, or the database is older than the order.",
            "另有系统使用同一 partner，或数据库早于该订单。",
        ),
        (
            "If the order was made elsewhere, nothing; otherwise find the buyer at the gateway and pay the money back.",
            "若订单在别处创建则无需处理；否则请在网关查找付款人并退款。",
        ),
    ),
];

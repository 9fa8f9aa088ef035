//! What a request about an order, or about what does not fit in one, is refused with.

use quittance_core::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
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
        "too_many_notes",
        (
            "The order has as many notes as it may have.",
            "该订单的备注已达上限。",
        ),
        (
            "An order takes 100 notes, so that nobody fills the journal by mistake.",
            "每个订单最多 100 条备注，以免误将账本写满。",
        ),
        (
            "Keep a log of the shop's own for what comes more often.",
            "更频繁的内容请记入商城自己的日志。",
        ),
    ),
    Explanation::new(
        "checkout_token_missing",
        (
            "The gateway gave no timestamp against phishing, so nobody can be sent to the cashier.",
            "网关没有给出防钓鱼时间戳，无法前往收银台。",
        ),
        (
            "The account has anti_phishing on, and query_timestamp was refused, unsigned or not answered.",
            "该账户启用了 anti_phishing，而 query_timestamp 被拒绝、没有签名或没有应答。",
        ),
        (
            "The problem's detail names the gateway's code. Try again; without such a contract turn anti_phishing off.",
            "错误详情中有网关的代码。请稍后重试；若未签约防钓鱼，请关闭 anti_phishing。",
        ),
    ),
    Explanation::new(
        "checkout_refused",
        (
            "The gateway was called for the checkout and did not take the order.",
            "下单请求已送达网关，网关没有接受该订单。",
        ),
        (
            "Something of the order, the account or the terminal is not as the gateway wants it; its own code says what.",
            "订单、账户或终端的某项内容不符合网关要求，具体见网关的代码。",
        ),
        (
            "Look at the code in the problem's detail. Send it again under the same order number when the cause is gone.",
            "请查看错误详情中的代码；排除原因后用同一订单号重新发送。",
        ),
    ),
    Explanation::new(
        "checkout_unanswered",
        (
            "The gateway was called for the checkout, and whether it has the order is not known.",
            "已向网关下单，但不知道网关是否收到。",
        ),
        (
            "It did not answer in time, or its answer was unsigned or cannot be read.",
            "网关未及时应答，或应答没有签名、无法读取。",
        ),
        (
            "Wait for the order's status, or send it again under the same order number; never under another one before \
             this order is closed. The checks of the schedule run.",
            "请等待订单状态，或用同一订单号重新发送；在该订单关闭之前不要改用其他订单号。定时查询照常进行。",
        ),
    ),
    Explanation::new(
        "refund_unknown",
        ("The order has no such refund.", "该订单没有此退款。"),
        (
            "The refund's number is mistyped, or belongs to another order.",
            "退款号有误，或属于另一个订单。",
        ),
        ("Look at the order's refunds.", "请查看订单的退款列表。"),
    ),
    Explanation::new(
        "refund_exists",
        ("A refund of this number stands.", "该退款号已存在。"),
        ("The number was used before.", "该退款号此前已使用。"),
        ("Take a new refund_no.", "请换一个新的 refund_no。"),
    ),
    Explanation::new(
        "refund_exists_with_different_{field}",
        (
            "A refund of this number stands with other content; the code ends with the field that differs.",
            "该退款号已有内容不同的退款；代码末尾是不同的字段。",
        ),
        (
            "The number was used for another refund of this order.",
            "该退款号已用于此订单的另一笔退款。",
        ),
        (
            "Send the same content again, or take a new refund_no.",
            "请以相同内容重新提交，或换一个新的 refund_no。",
        ),
    ),
    Explanation::new(
        "refund_exceeds_received",
        (
            "More is asked for than can still be paid back of this trade.",
            "申请的金额超过该交易可退的余额。",
        ),
        (
            "Earlier refunds, also those under way and those made at the gateway's own site, count until the gateway has refused them.",
            "此前的退款（包括处理中的和在网关后台直接操作的）在网关拒绝之前都计入已退金额。",
        ),
        (
            "Ask for no more than the problem's detail says is left.",
            "请不要超过错误详情中给出的余额。",
        ),
    ),
    Explanation::new(
        "refund_under_way",
        (
            "The refund is under way, at its end, or no person's to confirm.",
            "退款正在处理、已有结果，或不需要人工确认。",
        ),
        (
            "It went to the gateway's page with others, has ended meanwhile, or the account pays back by a call.",
            "它已与其他退款一起送往网关页面、已有结果，或该账户通过接口直接退款。",
        ),
        (
            "Look at the order's refunds. What went to the page together can go there again together.",
            "请查看订单的退款列表。一起送往页面的退款可以一起再次打开。",
        ),
    ),
    Explanation::new(
        "trade_not_received",
        (
            "No such money has been received for this order.",
            "该订单没有收到这笔款项。",
        ),
        (
            "Nothing was paid, it is not proven yet, or trade_no names a trade of another order.",
            "尚未付款、尚未证实，或 trade_no 属于另一个订单。",
        ),
        (
            "Look at the order's trades; POST …/verify asks the gateway now.",
            "请查看订单的交易列表；POST …/verify 可立即查询网关。",
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
        "lease_lost",
        (
            "Somebody else does this work by now.",
            "这项工作已由其他节点接手。",
        ),
        (
            "It was done under a lease that ended before the work did.",
            "执行该工作的租约在完成之前已到期。",
        ),
        (
            "Nothing: whoever holds it now brings it to an end.",
            "无需处理：当前持有者会完成它。",
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

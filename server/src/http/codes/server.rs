//! What the server answers when it cannot do what it otherwise would.

use quittance_core::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
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
    Explanation::new(
        "statements_off",
        (
            "No statements are read for this account.",
            "此账户没有读取账单。",
        ),
        (
            "The setting statement is off, as it is where nothing is said: not every contract includes the service.",
            "statement 设置为 off（默认）：并非每份签约都包含账单服务。",
        ),
        (
            "Where the contract includes one, set statement to \"report\" or \"pages\"; else look at the gateway's own site.",
            "如签约包含账单服务，请将 statement 设为 \"report\" 或 \"pages\"；否则请到网关后台查看。",
        ),
    ),
    Explanation::new(
        "statement_unreadable",
        (
            "The gateway gave no statement that can be read.",
            "网关没有给出可读的账单。",
        ),
        (
            "It refused with a code of its own, did not answer in time, or answered with something that cannot be believed.",
            "网关返回了错误代码、超时未答，或答复不可信。",
        ),
        (
            "The detail says which: explain a code; else try again later. Statements are read again by themselves.",
            "详情说明了原因：如是代码请用 explain 查看，否则请稍后再试；账单也会自动重新读取。",
        ),
    ),
];

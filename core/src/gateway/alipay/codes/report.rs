//! What account reports are refused with (note 5.5).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "REQUIRED_DATE",
        ("The dates are missing.", "缺少日期。"),
        (
            "gmt_start_time or gmt_end_time is empty.",
            "gmt_start_time 或 gmt_end_time 为空。",
        ),
        ("Send both.", "请同时填写两者。"),
    ),
    Explanation::new(
        "ILLEGAL_DATE_FORMAT",
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
        "ILLEGAL_DATE_TOO_LONG",
        ("The period is too long.", "时间跨度过长。"),
        (
            "Start and end are further apart than a report covers.",
            "起止时间超过一次报表允许的跨度。",
        ),
        ("Ask for one day at a time.", "请按天分次查询。"),
    ),
    Explanation::new(
        "START_DATE_AFTER_NOW",
        ("The start lies in the future.", "开始时间晚于当前时间。"),
        (
            "The clock is wrong, or the time is not Beijing's.",
            "时钟有误，或填写的不是北京时间。",
        ),
        (
            "Check the clock of the server; times are Beijing time.",
            "请检查服务器时钟；时间应为北京时间。",
        ),
    ),
    Explanation::new(
        "START_DATE_AFTER_END_DATE",
        ("The start lies behind the end.", "开始时间晚于结束时间。"),
        (
            "gmt_start_time and gmt_end_time are swapped.",
            "gmt_start_time 与 gmt_end_time 填反。",
        ),
        ("Swap them.", "请对调两者。"),
    ),
    Explanation::new(
        "START_DATE_OUT_OF_RANGE",
        ("The start lies too far back.", "开始时间超出可查范围。"),
        (
            "The gateway no longer gives reports of that day.",
            "网关已不提供该日的账务明细。",
        ),
        (
            "Ask for a later day; older reports are on the gateway's own site.",
            "请查询较近的日期；更早的明细请到支付宝网站查看。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_PAGE_NO",
        ("The page number is wrong.", "页码错误。"),
        (
            "page_no is no number from 1.",
            "page_no 不是从 1 开始的数字。",
        ),
        ("Begin with page 1.", "请从第 1 页开始。"),
    ),
    Explanation::new(
        "ILLEGAL_PAGE_SIZE",
        ("The page's size is wrong.", "每页条数错误。"),
        (
            "page_size is no number, or larger than the gateway takes.",
            "page_size 不是数字，或超过网关允许的上限。",
        ),
        (
            "Send a smaller page_size, or leave it out.",
            "请减小或去掉 page_size。",
        ),
    ),
    Explanation::new(
        "ILLEGAL_ACCOUNT_LOG_ID",
        (
            "The number of the account entry is wrong.",
            "账务流水号错误。",
        ),
        (
            "iw_account_log_id is not in its format.",
            "iw_account_log_id 格式不对。",
        ),
        (
            "Leave it out, or copy it from an earlier report.",
            "请去掉该参数，或从以前的明细中复制。",
        ),
    ),
    Explanation::new(
        "TOO_MANY_QUERY",
        ("There were too many queries.", "查询过于频繁。"),
        (
            "Reports are asked for more often than the gateway allows.",
            "查询次数超过网关允许的频率。",
        ),
        ("Wait, and ask less often.", "请稍候，并降低查询频率。"),
    ),
    Explanation::new(
        "ACCOUNT_NOT_EXIST",
        ("There is no such account.", "账户不存在。"),
        (
            "The account whose report is wanted is mistyped or closed.",
            "所查账户填写错误或已注销。",
        ),
        (
            "Check logon_id, or leave it out for the partner's own account.",
            "请检查 logon_id，或去掉以查询 partner 自己的账户。",
        ),
    ),
    Explanation::new(
        "ACCESS_ACCOUNT_DENIED",
        ("This account may not be looked at.", "无权查询该账户。"),
        (
            "The account belongs to somebody else, or reports are not contracted.",
            "该账户不属于本商家，或未签约账务明细接口。",
        ),
        (
            "Ask for the partner's own account; have the service added to the contract.",
            "请查询 partner 自己的账户，并申请开通该接口。",
        ),
    ),
    Explanation::new(
        "SYSTEM_BUSY",
        ("The gateway is busy.", "系统繁忙。"),
        (
            "Too much is asked of the gateway at this moment.",
            "网关当前负荷过高。",
        ),
        ("Try again later.", "请稍后重试。"),
    ),
    Explanation::new(
        "USER_DATA_MIGRATE_ERROR",
        ("The account's data is being moved.", "用户数据迁移异常。"),
        (
            "A fault inside the gateway while it moves the data of this account.",
            "网关在迁移该账户数据时出错。",
        ),
        (
            "Try again later; if it stays, ask the gateway's support.",
            "请稍后重试；持续出现请联系支付宝技术支持。",
        ),
    ),
];

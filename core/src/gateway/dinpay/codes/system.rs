//! What is the gateway's own trouble (note 5).

use crate::codes::Explanation;

pub(super) const CODES: &[Explanation] = &[
    Explanation::new(
        "SYSTEM_ERROR",
        ("The gateway failed.", "网关系统错误。"),
        ("A fault inside the gateway.", "网关内部故障。"),
        (
            "Nothing at once: the question is asked again on schedule. If it stays, ask the gateway.",
            "暂无需处理：系统会按计划再次查询；持续出现请联系智付。",
        ),
    ),
    Explanation::new(
        "UNKNOW_ERROR",
        (
            "The gateway failed in a way that it does not name. (It spells the code so.)",
            "网关出现未知错误。（网关即如此拼写该代码。）",
        ),
        ("A fault inside the gateway.", "网关内部故障。"),
        (
            "Let the buyer try again. If it stays, ask the gateway.",
            "请让买家重试；持续出现请联系智付。",
        ),
    ),
    Explanation::new(
        "OTHER_ERROR",
        ("The gateway failed in another way.", "其他错误。"),
        (
            "result_desc, which comes along, says what it was.",
            "具体原因见同时返回的 result_desc。",
        ),
        (
            "Read result_desc; ask the gateway if it does not help.",
            "请查看 result_desc；仍不清楚时请联系智付。",
        ),
    ),
];

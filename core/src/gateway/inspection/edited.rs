//! What is said about values that were changed between the signing and us.

use super::edit::Edit;
use super::fault::{Words, words};
use crate::lang::Text;

/// Cause and fix of an edit; the cause begins with the values that it is about.
pub(in crate::gateway) fn edited(edit: Edit, field: Option<&str>) -> Words {
    let (code, cause, fix) = of_edit(edit);
    let which = match field {
        Some(name) => Text::from((format!("{name}: "), format!("{name}："))),
        None => Text::from(("", "")),
    };
    let cause = (
        format!("{}{}", which.en, cause.en),
        format!("{}{}", which.zh, cause.zh),
    );
    words(code, cause, fix)
}

fn of_edit(edit: Edit) -> Words {
    match edit {
        Edit::Charset { .. } | Edit::MojibakeGbk | Edit::Mojibake | Edit::SignedMojibake => {
            of_charset(edit)
        }
        Edit::JsonRaw
        | Edit::JsonSigned { .. }
        | Edit::JsonMade
        | Edit::JsonSpaced
        | Edit::ZerosLost(_)
        | Edit::ZerosMade => of_json(edit),
        Edit::Raw | Edit::Escaped(_) => words(
            "not_decoded",
            (
                "values were signed while still percent-encoded",
                "签名时参数值还是百分号编码的形式，没有解码",
            ),
            (
                "sign the plain values: decode once before verifying, encode only after signing",
                "应对原值签名：验签前先解码一次，签名之后才编码",
            ),
        ),
        Edit::Twice { .. } => words(
            "encoded_twice",
            (
                "values were encoded once more on the way after signing",
                "参数值在签名之后多编码了一次",
            ),
            (
                "find what encodes again (a proxy, a forwarding script, a form that was encoded by hand) and let it pass values on as they are",
                "请找出重复编码的环节（代理、转发脚本、手工编码的表单），让它原样转交",
            ),
        ),
        Edit::PlusLost | Edit::PlusMade => words(
            "plus_and_blank",
            (
                "a plus sign and a blank were taken for each other",
                "加号与空格被混淆了",
            ),
            (
                "send + as %2B and a blank as + or %20; decode as a form does",
                "发送时 + 应写成 %2B，空格写成 + 或 %20；按表单规则解码",
            ),
        ),
        Edit::HtmlMade | Edit::HtmlSigned(_) => {
            let (en, zh) = match edit {
                Edit::HtmlMade => (
                    "values were escaped for HTML after signing (&quot; &amp; &lt;)",
                    "参数值在签名之后被 HTML 转义了（&quot; &amp; &lt;）",
                ),
                _ => (
                    "values were escaped for HTML before signing (&quot; &amp; &lt;), and sent plain",
                    "参数值在签名之前被 HTML 转义了（&quot; &amp; &lt;），发送的却是原文",
                ),
            };
            words(
                "html_escaped",
                (en, zh),
                (
                    "escape for HTML only where a page is written; switch the filter off for callbacks",
                    "只在输出页面时做 HTML 转义；回调地址请关闭全局过滤",
                ),
            )
        }
        Edit::SlashesMade | Edit::SlashesSigned => words(
            "backslashes",
            (
                "backslashes stand before quotes on one side only (PHP's magic quotes, addslashes)",
                "只有一方在引号前加了反斜杠（PHP 的 magic quotes 或 addslashes）",
            ),
            (
                "verify the values before anything adds slashes to them, or take the slashes off (stripslashes)",
                "请在加反斜杠之前验签，或先用 stripslashes 去掉",
            ),
        ),
        Edit::BlanksMade | Edit::BlanksLost(..) => words(
            "trimmed",
            (
                "blanks or a line break around a value were taken off on one side only",
                "只有一方去掉了值前后的空格或换行",
            ),
            (
                "values are signed untrimmed: let nothing trim them between signing and verifying",
                "参数值按原样签名：签名与验签之间不要 trim",
            ),
        ),
        Edit::LinesMade | Edit::LinesLost => words(
            "line_ends",
            (
                "line ends inside a value were rewritten after signing (CR LF and LF)",
                "值中的换行在签名之后被改写了（CRLF 与 LF）",
            ),
            (
                "pass values on as they are; better, send no line breaks in subject and body",
                "请原样转交；最好不要在 subject 和 body 中使用换行",
            ),
        ),
    }
}

fn of_json(edit: Edit) -> Words {
    match edit {
        Edit::JsonRaw | Edit::JsonSigned { .. } => words(
            "json_not_decoded",
            (
                "values were signed with their escapes of JSON (\\\" \\/ \\u8336)",
                "签名时参数值还带着 JSON 转义（\\\" \\/ \\u8336），没有还原",
            ),
            (
                "sign the plain values: read the JSON first, and escape only where it is written",
                "应对原值签名：先解析 JSON 再验签，转义只在写出 JSON 时进行",
            ),
        ),
        Edit::JsonMade => words(
            "json_encoded_twice",
            (
                "values were escaped for JSON once more on the way after signing (\\\\u8336)",
                "参数值在签名之后又做了一次 JSON 转义（\\\\u8336）",
            ),
            (
                "find what writes JSON a second time (a proxy, a forwarding script, a log) and let it pass the bytes on as they are",
                "请找出重复写 JSON 的环节（代理、转发脚本、日志），让它原样转交字节",
            ),
        ),
        Edit::JsonSpaced => words(
            "json_reformatted",
            (
                "the JSON inside of a value was written again after signing, with blanks between its parts",
                "值中的 JSON 在签名之后被重新排版，多了空白",
            ),
            (
                "JSON inside of a value is signed as the text it is: pass it on unread",
                "值中的 JSON 按原文签名：请原样转交，不要解析后重写",
            ),
        ),
        _ => words(
            "number_rewritten",
            (
                "a number was written anew after signing: 34.50 and 34.5 are one amount and two texts",
                "数字在签名之后被重写了：34.50 与 34.5 金额相同，文本不同",
            ),
            (
                "verify the body as it came, before a library of JSON turns its numbers into numbers; write amounts as strings",
                "请对收到的原文验签，不要先用 JSON 库转成数字再写出；金额应写成字符串",
            ),
        ),
    }
}

fn of_charset(edit: Edit) -> Words {
    let cause = match edit {
        Edit::Charset { signed, came } => Text::from((
            format!(
                "it was signed in {} and sent in {}",
                signed.label(),
                came.label()
            ),
            format!(
                "签名用的编码是 {}，发送用的却是 {}",
                signed.label(),
                came.label()
            ),
        )),
        Edit::MojibakeGbk => Text::from((
            "text was taken for GBK on the way and written again as UTF-8",
            "途中有一方把文本当作 GBK 读取，又按 UTF-8 写出（乱码）",
        )),
        _ => Text::from((
            "text was taken for ISO-8859-1 on one side and written again as UTF-8",
            "有一方把文本当作 ISO-8859-1 读取，又按 UTF-8 写出（乱码）",
        )),
    };
    words(
        "charset",
        cause,
        (
            "use one charset end to end: the shop's pages, whatever passes the message on, the signing, `charset` of an account that has one",
            "请统一编码：商城页面、转发环节、签名程序、账户的 `charset`（如有）都要一致",
        ),
    )
}

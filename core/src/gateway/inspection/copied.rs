//! What is said about a signature or a body that was spoilt on the way, or copied badly.

use super::fault::{Fault, Words, words};

impl Fault {
    /// What became of the signature, and of a copy of the message.
    pub(super) fn about_copy(&self) -> Words {
        match self {
            Fault::SignPlus => words(
                "sign_plus_lost",
                (
                    "plus signs in sign became blanks: it was sent without being encoded",
                    "sign 中的加号变成了空格：发送前没有编码",
                ),
                (
                    "send + as %2B wherever sign goes into a form or an address",
                    "sign 放入表单或地址时，+ 应写成 %2B",
                ),
            ),
            Fault::SignPercent => words(
                "sign_encoded",
                (
                    "sign is still percent-encoded (%2B, %2F, %3D)",
                    "sign 还是百分号编码的形式（%2B、%2F、%3D）",
                ),
                (
                    "encode sign in a form or an address only, and decode it once there; JSON takes it as it is",
                    "sign 只在表单或地址中编码，并在那里解码一次；放入 JSON 时不要编码",
                ),
            ),
            Fault::SignAlphabet => words(
                "sign_alphabet",
                (
                    "sign is written in another base64: with - and _, or without = at its end",
                    "sign 用了另一种 base64：含 - 和 _，或末尾缺少 =",
                ),
                (
                    "write it in the standard alphabet (+ and /) with its padding",
                    "请用标准 base64 字母表（+ 与 /），并保留末尾的 =",
                ),
            ),
            Fault::SignUpper => words(
                "sign_upper_case",
                ("sign is written in capital letters", "sign 用了大写字母"),
                (
                    "write MD5 signatures in small letters; the gateway does",
                    "MD5 签名应为小写；网关发来的就是小写",
                ),
            ),
            Fault::SignBlank => words(
                "sign_blank",
                (
                    "sign has a blank or line break in it or around it",
                    "sign 中间或前后有空白或换行",
                ),
                (
                    "send sign on one line with nothing around it; look for what breaks its lines",
                    "sign 应为一行，前后不要有任何字符；检查是哪里加上了换行",
                ),
            ),
            Fault::HtmlPage => words(
                "html_page",
                (
                    "the bytes were copied out of an HTML page or log: & is written &amp;, or quotes &quot;",
                    "内容是从 HTML 页面或日志复制的：& 变成了 &amp;，或引号变成了 &quot;",
                ),
                (
                    "save the message as it came: from the proxy, or by --journal",
                    "请保存收到时的原文：从代理保存，或用 --journal",
                ),
            ),
            _ => words(
                "not_encoded",
                (
                    "the bytes are not encoded as a form sends them: most likely they were written down after decoding",
                    "内容没有按表单编码：多半是解码之后才记录下来的",
                ),
                (
                    "if it is a copy, save the message as it came; if it came like this, encode every value once where it is sent",
                    "如果是抄录的，请保存收到时的原文；如果收到时就是这样，发送方应对每个值编码一次",
                ),
            ),
        }
    }

    /// What the body had to be stripped of.
    pub(super) fn about_body(&self) -> Words {
        match self {
            Fault::ByteOrderMark => words(
                "byte_order_mark",
                (
                    "a byte order mark (EF BB BF) stands in front of the JSON",
                    "JSON 前面有字节顺序标记（BOM，EF BB BF）",
                ),
                (
                    "write the body without it: most editors and .NET's UTF-8 writer put it in unless told not to",
                    "请去掉 BOM：许多编辑器和 .NET 的 UTF-8 写入默认会加上",
                ),
            ),
            Fault::Trailing => words(
                "trailing_bytes",
                (
                    "something stands behind the end of the JSON",
                    "JSON 结束之后还有内容",
                ),
                (
                    "send the JSON and nothing behind it; look for what appends to the body, or for a wrong Content-Length",
                    "JSON 之后不要有任何内容；检查是哪里追加了内容，或 Content-Length 不对",
                ),
            ),
            Fault::JsonInString => words(
                "json_in_string",
                (
                    "the JSON came as a string inside of JSON: it was encoded twice",
                    "JSON 又被当作字符串编码了一次",
                ),
                (
                    "pass the body on as it is, not as a value: JSON.stringify or json_encode was called on text that is JSON already",
                    "请原样转交：对已经是 JSON 的文本又调用了 JSON.stringify 或 json_encode",
                ),
            ),
            Fault::JsonInForm => words(
                "json_in_form",
                (
                    "the JSON came inside of a form, as a name or a value of it",
                    "JSON 被放进了表单，成了参数名或参数值",
                ),
                (
                    "pass the body on as it is, with Content-Type: application/json",
                    "请原样转交，并使用 Content-Type: application/json",
                ),
            ),
            Fault::SentIn(charset) => words(
                "charset",
                (
                    format!("it was signed in utf-8 and sent in {charset}"),
                    format!("签名用的编码是 utf-8，发送用的却是 {charset}"),
                ),
                (
                    "JSON is sent in UTF-8: pass its bytes on unread, or write them in UTF-8 again",
                    "JSON 应以 UTF-8 发送：请原样转交字节，或按 UTF-8 写出",
                ),
            ),
            _ => words(
                "form_not_json",
                (
                    "it came as a form; this message is JSON",
                    "收到的是表单，而此类消息应为 JSON",
                ),
                (
                    "pass the body on as it is, with Content-Type: application/json",
                    "请原样转交，并使用 Content-Type: application/json",
                ),
            ),
        }
    }
}

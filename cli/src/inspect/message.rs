//! Where the bytes come from: a file, standard input, an address, the journal.

use crate::database::unusable;
use crate::ending::Stop;
use quittance_core::Lang;
use quittance_core::entry::What;
use quittance_core::facts::Witness;
use quittance_core::gateway::inspection::Exchange;
use quittance_server::store::{Database, Message, journal_message};
use std::io::Read;
use std::path::Path;

/// A longer file is no message: the server takes less, and gateways send less.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// The body in a file, or on standard input where it is called `-`: alone, or behind the head of the request or the
/// reply that it came in.
///
/// # Errors
/// A file that cannot be read, or one that does not hold the body as it came.
pub fn body(file: &Path, lang: Lang) -> Result<Vec<u8>, Stop> {
    let bytes = read(file).map_err(|error| {
        let file = file.display();
        Stop::unable(match lang {
            Lang::En => format!(
                "{file} cannot be read: {error}.\n  To do: check the path; - is standard input."
            ),
            Lang::Zh => {
                format!("无法读取 {file}：{error}。\n  处理办法：检查路径；- 表示标准输入。")
            }
        })
    })?;
    if bytes.len() as u64 == FILE_BYTES_MAX {
        return Err(Stop::unable(lang.pick(
            "The file is too long for a message of a gateway.\n  To do: save one message, nothing else.",
            "文件过长，不像是网关的消息。\n  处理办法：请只保存一条消息。",
        )));
    }
    unwrapped(bytes, lang)
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match file == Path::new("-") {
        true => std::io::stdin()
            .lock()
            .take(FILE_BYTES_MAX)
            .read_to_end(&mut bytes)?,
        false => std::fs::File::open(file)?
            .take(FILE_BYTES_MAX)
            .read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// Takes the head off. Editors end a file with one line break: it is the file's, not the message's.
fn unwrapped(mut bytes: Vec<u8>, lang: Lang) -> Result<Vec<u8>, Stop> {
    let Some(head) = Head::of(&bytes) else {
        trim_line_break(&mut bytes);
        return Ok(bytes);
    };
    if head.method == "GET" {
        return Err(Stop::unable(lang.pick(
            "This is a GET request, which has no body.\n  To do: if a browser came back with it, give its address to --return.",
            "这是 GET 请求，没有正文。\n  处理办法：若是浏览器跳转回来的，请把地址交给 --return。",
        )));
    }
    let coded = |name, plain: &str| {
        head.field(name)
            .is_some_and(|value| !value.eq_ignore_ascii_case(plain))
    };
    if coded("transfer-encoding", "identity") || coded("content-encoding", "identity") {
        return Err(Stop::unable(lang.pick(
            "The body is saved in chunks or compressed, not as it is read.\n  To do: let the proxy save it decoded, or save the body alone.",
            "正文是分块或压缩保存的，不是解开后的内容。\n  处理办法：请让代理保存解开后的内容，或只保存正文。",
        )));
    }
    let length = head
        .field("content-length")
        .and_then(|length| length.parse::<usize>().ok());
    let mut body = bytes.split_off(head.bytes);
    match length {
        Some(length) if length > body.len() => {
            return Err(Stop::unable(match lang {
                Lang::En => format!(
                    "The body has {} bytes, its Content-Length says {length}: it was not saved whole.\n  To do: save it again, as bytes.",
                    body.len()
                ),
                Lang::Zh => format!(
                    "正文只有 {} 字节，而 Content-Length 是 {length}：没有保存完整。\n  处理办法：请按原始字节重新保存。",
                    body.len()
                ),
            }));
        }
        Some(length) => body.truncate(length),
        None => trim_line_break(&mut body),
    }
    Ok(body)
}

fn trim_line_break(bytes: &mut Vec<u8>) {
    let end = [b"\r\n".as_slice(), b"\n"]
        .into_iter()
        .find(|end| bytes.ends_with(end));
    bytes.truncate(bytes.len() - end.map_or(0, <[u8]>::len));
}

/// The head of a request or a reply.
struct Head {
    method: String,
    lines: Vec<String>,
    /// How long it is, with the empty line behind it.
    bytes: usize,
}

impl Head {
    /// `None` where the bytes begin with no head.
    fn of(bytes: &[u8]) -> Option<Head> {
        let ends = [b"\r\n\r\n".as_slice(), b"\n\n"]
            .into_iter()
            .filter_map(|end| {
                let place = bytes.windows(end.len()).position(|window| window == end)?;
                Some(place + end.len())
            });
        let length = ends.min().unwrap_or(bytes.len());
        let text = String::from_utf8_lossy(&bytes[..length]);
        let mut lines = text.lines().map(str::to_owned);
        let first = lines.next()?;
        let words: Vec<&str> = first.split(' ').collect();
        let request = words.len() == 3 && words[2].starts_with("HTTP/");
        let reply = words.len() >= 2 && words[0].starts_with("HTTP/");
        (request || reply).then(|| Head {
            method: words[0].to_owned(),
            lines: lines.collect(),
            bytes: length,
        })
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// The query string of an address, or one that was given alone.
pub fn query(address: &str) -> Vec<u8> {
    let address = address.trim();
    let query = address.split_once('?').map_or(address, |(_, query)| query);
    let end = query.find(|c: char| c == '#' || c.is_whitespace());
    query.as_bytes()[..end.unwrap_or(query.len())].to_vec()
}

/// The message that an entry of the journal kept.
///
/// # Errors
/// A database or an entry that is not there, an entry of another account, or one without a message.
pub fn journaled(
    database: &Database,
    account: &str,
    seq: u64,
    lang: Lang,
) -> Result<(Exchange, Vec<u8>), Stop> {
    let Some(message) = journal_message(database, seq).map_err(|error| unusable(&error, lang))?
    else {
        return Err(Stop::unable(match lang {
            Lang::En => format!(
                "The journal has no entry {seq}.\n  To do: `quittance journal show` lists them."
            ),
            Lang::Zh => format!(
                "账本中没有第 {seq} 条记录。\n  处理办法：用 `quittance journal show` 查看。"
            ),
        }));
    };
    if let Some(theirs) = message
        .record
        .account
        .as_deref()
        .filter(|theirs| *theirs != account)
    {
        return Err(Stop::unable(match lang {
            Lang::En => {
                format!("The entry {seq} is of the account {theirs}.\n  To do: --account {theirs}")
            }
            Lang::Zh => {
                format!("第 {seq} 条记录属于账户 {theirs}。\n  处理办法：--account {theirs}")
            }
        }));
    }
    match (exchange(&message), message.body) {
        (Some(exchange), Some(body)) => Ok((exchange, body)),
        (Some(_), None) => Err(Stop::unable(match lang {
            Lang::En => format!(
                "The entry {seq} keeps no bytes: they were erased, or it is the answer to a query that brought nothing new.\n  To do: choose another entry, or ask again with `quittance order verify`."
            ),
            Lang::Zh => format!(
                "第 {seq} 条记录没有保留原文：已删除，或是没有新内容的查询应答。\n  处理办法：换一条记录，或用 `quittance order verify` 重新查询。"
            ),
        })),
        (None, _) => Err(Stop::unable(match lang {
            Lang::En => format!(
                "The entry {seq} is neither a callback nor the answer to a query.\n  To do: `quittance journal show` tells the kinds."
            ),
            Lang::Zh => format!(
                "第 {seq} 条记录既不是回调，也不是查询应答。\n  处理办法：用 `quittance journal show` 查看类型。"
            ),
        })),
    }
}

fn exchange(message: &Message) -> Option<Exchange> {
    match (&message.record.what, message.record.witness) {
        (What::Return(_), _) | (What::Received {}, Some(Witness::Return)) => Some(Exchange::Return),
        (What::Notify(_) | What::Received {}, _) => Some(Exchange::Notify),
        (What::Query { .. }, _) => Some(Exchange::Reply),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(saved: &str, expected: Option<&str>) {
        let body = unwrapped(saved.as_bytes().to_vec(), Lang::En).ok();
        assert_eq!(body.as_deref(), expected.map(str::as_bytes), "{saved:?}");
    }

    #[test]
    fn a_body_is_found_behind_its_head() {
        check("a=1&b=2", Some("a=1&b=2"));
        check("a=1\n", Some("a=1"));
        check("a=1\n\n", Some("a=1\n"));
        check("", Some(""));
        check(
            "POST /notify/main HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=1\r\n",
            Some("a=1"),
        );
        check("POST /n HTTP/1.1\ncontent-length: 3\n\na=1\n", Some("a=1"));
        check("POST /n HTTP/1.1\r\nHost: x\r\n\r\na=1\r\n", Some("a=1"));
        check(
            "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<alipay/>",
            Some("<alipay/>"),
        );
        check("POST /n HTTP/1.1\r\nContent-Length: 9\r\n\r\na=1", None);
        check(
            "POST /n HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n",
            None,
        );
        check(
            "POST /n HTTP/1.1\r\nContent-Encoding: gzip\r\n\r\n...",
            None,
        );
        check("GET /return?a=1 HTTP/1.1\r\n\r\n", None);
    }

    #[test]
    fn a_query_string_is_cut_out_of_an_address() {
        for address in [
            "https://shop.example.com/return?a=1&b=2#top",
            "a=1&b=2",
            " ?a=1&b=2\n",
            "GET /return?a=1&b=2 HTTP/1.1",
        ] {
            assert_eq!(query(address), b"a=1&b=2", "{address}");
        }
    }
}

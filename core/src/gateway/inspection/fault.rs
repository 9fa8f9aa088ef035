//! The mistakes, each with its cause and what to do, in both languages.

use super::Mistake;
use super::dialect::Identity;
use super::edit::Edit;
use super::edited::edited;
use crate::charset::Charset;
use crate::lang::Text;
use crate::sign::Place;

/// A mistake that explains a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::gateway) enum Fault {
    /// A value was changed between the signing and us; which one, where it is one only.
    Edit(Edit, Option<String>),
    /// Parameters that the gateway does not know were not signed.
    Extra(Vec<String>),
    /// Parameters that the gateway knows were not signed.
    Unsigned(Vec<String>),
    /// A parameter got lost.
    Missing(&'static str),
    EmptySigned,
    NullSigned,
    KindSigned,
    Unsorted,
    KeyBlank,
    KeyQuoted,
    /// It was signed with the merchant's number in the place of the key.
    KeyIsIdentity(Identity),
    KeyEnded,
    KeyOfOther(String),
    KeyCase,
    NoKey,
    /// The key stood at the first place, and belongs to the second.
    KeyPlaced(Place, Place),
    /// It was signed with our own private key.
    KeyIsOwn,
    /// It was signed as MD5 with the gateway's public key in the place of a secret.
    PublicAsShared,
    SignUpper,
    /// Plus signs of its base64 became blanks.
    SignPlus,
    /// Its base64 is percent-encoded.
    SignPercent,
    /// Its base64 has the alphabet for addresses, or no padding.
    SignAlphabet,
    SignBlank,
    /// The bytes were written down after decoding.
    NotEncoded,
    /// The bytes were copied from an HTML page.
    HtmlPage,
    /// A byte order mark stands in front of the body.
    ByteOrderMark,
    /// Something stands behind the JSON.
    Trailing,
    /// The JSON is a string inside of JSON.
    JsonInString,
    /// The JSON is a name or a value of a form.
    JsonInForm,
    /// It is a form, and should be JSON.
    FormNotJson,
    /// The whole body came in this charset.
    SentIn(&'static str),
    /// A parameter stands there twice.
    Twice(String),
    /// The account's charset is not the message's.
    AccountCharset(Charset),
}

/// Code, cause, fix.
pub(in crate::gateway) type Words = (&'static str, Text, Text);

impl Fault {
    /// The mistake in words.
    pub(in crate::gateway) fn say(&self) -> Mistake {
        let (code, cause, fix) = match self {
            Fault::Edit(edit, field) => edited(*edit, field.as_deref()),
            Fault::Extra(_) | Fault::Unsigned(_) | Fault::Missing(_) => self.about_fields(),
            Fault::EmptySigned | Fault::NullSigned | Fault::KindSigned | Fault::Unsorted => {
                self.about_text()
            }
            Fault::SignUpper
            | Fault::SignPlus
            | Fault::SignPercent
            | Fault::SignAlphabet
            | Fault::SignBlank
            | Fault::NotEncoded
            | Fault::HtmlPage => self.about_copy(),
            Fault::ByteOrderMark
            | Fault::Trailing
            | Fault::JsonInString
            | Fault::JsonInForm
            | Fault::FormNotJson
            | Fault::SentIn(_) => self.about_body(),
            Fault::KeyIsOwn | Fault::PublicAsShared => self.about_pair(),
            Fault::Twice(_) | Fault::AccountCharset(_) => self.about_way(),
            Fault::KeyBlank
            | Fault::KeyQuoted
            | Fault::KeyIsIdentity(_)
            | Fault::KeyEnded
            | Fault::KeyOfOther(_)
            | Fault::KeyCase
            | Fault::NoKey
            | Fault::KeyPlaced(..) => self.about_key(),
        };
        Mistake { code, cause, fix }
    }

    fn about_fields(&self) -> Words {
        match self {
            Fault::Extra(names) => {
                let names = names.join(", ");
                words(
                    "extra_parameter",
                    (
                        format!(
                            "the signature was made without {names}: something on the way added it, most often the router of a web framework"
                        ),
                        format!("签名时没有 {names}：它是途中加上的，多半是网站框架的路由参数"),
                    ),
                    (
                        format!(
                            "sign only what the gateway sent: take {names} out before verifying, or give the gateway an address without it (no query string)"
                        ),
                        format!(
                            "只对网关发来的参数验签：验签前去掉 {names}，或改用不带该参数的通知地址（不带“?”）"
                        ),
                    ),
                )
            }
            Fault::Unsigned(names) => {
                let names = names.join(", ");
                words(
                    "unsigned_parameter",
                    (
                        format!(
                            "the signature was made without {names}, although every parameter with a value is signed"
                        ),
                        format!("签名时没有 {names}，而凡是有值的参数都应参与签名"),
                    ),
                    (
                        format!(
                            "let whoever signs go through everything that is sent, not a fixed list; or find out who added {names}"
                        ),
                        format!(
                            "签名方应遍历实际发送的全部参数，不要用固定的列表；或查明 {names} 是谁加上的"
                        ),
                    ),
                )
            }
            Fault::Missing(name) => words(
                "missing_parameter",
                (
                    format!(
                        "{name} was signed and did not arrive: something on the way dropped it"
                    ),
                    format!("{name} 参与了签名却没有收到：途中丢失了"),
                ),
                (
                    format!(
                        "pass everything on as it came; look for a filter or a fixed list of parameters that does not know {name}"
                    ),
                    format!("请原样转交全部参数；检查途中的过滤规则或固定参数列表是否漏了 {name}"),
                ),
            ),
            _ => self.about_text(),
        }
    }

    fn about_text(&self) -> Words {
        match self {
            Fault::EmptySigned => words(
                "empty_signed",
                (
                    "parameters without a value were signed",
                    "空值参数参与了签名",
                ),
                (
                    "leave parameters with an empty value out of the signing string",
                    "值为空的参数不参与签名，请去掉",
                ),
            ),
            Fault::NullSigned => words(
                "null_signed",
                (
                    "parameters that are null were signed",
                    "值为 null 的参数参与了签名",
                ),
                (
                    "leave parameters that are null out of the signing string: a library's word for it is no value",
                    "值为 null 的参数不参与签名，请去掉：库中表示 null 的字样不是值",
                ),
            ),
            Fault::KindSigned => words(
                "sign_type_signed",
                ("sign_type was signed", "sign_type 参与了签名"),
                (
                    "leave sign and sign_type out of the signing string",
                    "sign 和 sign_type 不参与签名，请去掉",
                ),
            ),
            _ => words(
                "not_sorted",
                (
                    "the parameters were signed in the order in which they were sent",
                    "签名时参数没有排序，用的是发送顺序",
                ),
                (
                    "sort the parameters by name, byte by byte, before joining them",
                    "拼接前请将参数按名称的 ASCII 码升序排序",
                ),
            ),
        }
    }

    fn about_key(&self) -> Words {
        match self {
            Fault::KeyBlank => words(
                "key_blank",
                (
                    "it was signed with this account's key and a blank or line break around it",
                    "签名用的是本账户的 key，但前后多了空格或换行",
                ),
                (
                    "copy the key again without blanks where this was signed; a file that holds a key must be read without its line break",
                    "请在签名的一方重新复制 key，去掉空白；从文件读取 key 时要去掉换行",
                ),
            ),
            Fault::KeyQuoted => words(
                "key_quoted",
                (
                    "it was signed with this account's key and quotes around it",
                    "签名用的是本账户的 key，但连引号也算进去了",
                ),
                (
                    "take the quotes off where this was signed; many files of environment variables keep them",
                    "请在签名的一方去掉引号；环境变量文件常会把引号原样保留",
                ),
            ),
            Fault::KeyIsIdentity(identity) => words(identity.code, identity.cause, identity.fix),
            Fault::KeyEnded => words(
                "key_ended",
                (
                    "it was signed with a previous key of this account whose end has passed",
                    "签名用的是本账户的旧 key，且已过截止时间",
                ),
                (
                    "if the gateway still signs with it, move its `until` in previous_keys; else whoever signed this still has the old key",
                    "如果网关仍在用旧 key，请推迟 previous_keys 中的 `until`；否则签名的一方还没有换成新 key",
                ),
            ),
            Fault::KeyOfOther(name) => words(
                "key_of_other_account",
                (
                    format!("it was signed with the key of the account {name}"),
                    format!("签名用的是账户 {name} 的 key"),
                ),
                (
                    format!(
                        "it belongs to {name}: check which account's notify_url the order was sent with, or inspect it with --account {name}"
                    ),
                    format!(
                        "它属于账户 {name}：请检查下单时用的是哪个账户的 notify_url，或用 --account {name} 再查"
                    ),
                ),
            ),
            Fault::KeyCase => words(
                "key_letter_case",
                (
                    "it was signed with this account's key in other letter case",
                    "签名用的 key 大小写与本账户的不同",
                ),
                (
                    "copy the key again exactly; capital and small letters differ",
                    "请重新复制 key，区分大小写",
                ),
            ),
            Fault::NoKey => words(
                "key_missing",
                ("it was signed without any key", "签名时没有加上 key"),
                (
                    "find out why the key was empty where this was signed; anybody can make such a signature, so it proves nothing",
                    "请查明签名的一方 key 为何为空；这样的签名谁都能做，不能证明任何事",
                ),
            ),
            Fault::KeyPlaced(stood, belongs) => placed(*stood, *belongs),
            _ => self.about_pair(),
        }
    }

    fn about_pair(&self) -> Words {
        match self {
            Fault::PublicAsShared => words(
                "public_key_as_md5_key",
                (
                    "it was signed with MD5 and the gateway's public key in the place of a secret key; anybody can do that",
                    "签名用的是 MD5，并把网关公钥当作密钥；这样的签名谁都能做",
                ),
                (
                    "the account is set to a pair of keys and believes nothing else: find out who sent this, the gateway did not",
                    "账户设置的是密钥对，不认其他签名；这不是网关发来的，请查明来源",
                ),
            ),
            _ => words(
                "own_key",
                (
                    "it was signed with our own private key; what the gateway sends is signed with the gateway's",
                    "签名用的是商户自己的私钥；网关发来的消息应由网关私钥签名",
                ),
                (
                    "a test that plays the gateway needs a key pair of its own; set its public half as gateway_public_key of a test account",
                    "模拟网关的测试程序应使用另一对密钥，并把其公钥填入测试账户的 gateway_public_key",
                ),
            ),
        }
    }

    fn about_way(&self) -> Words {
        match self {
            Fault::Twice(name) => words(
                "duplicate",
                (
                    format!(
                        "{name} stands there twice; with only one of the two the signature is right"
                    ),
                    format!("{name} 出现了两次；只取其中一个时签名正确"),
                ),
                (
                    format!(
                        "find out what adds the second {name}; a message with two is never believed"
                    ),
                    format!("请查明第二个 {name} 从何而来；有重复参数的消息一律不认"),
                ),
            ),
            Fault::AccountCharset(charset) => words(
                "account_charset",
                (
                    format!(
                        "the message is text in {0}, the account is set to another charset",
                        charset.label()
                    ),
                    format!("消息的编码是 {0}，账户设置的是另一种编码", charset.label()),
                ),
                (
                    format!(
                        "set charset = \"{}\" if the shop's pages are in it; else use a second account for them; where `charset` was changed lately, this is a re-send from before: put it back until those orders are done",
                        charset.label()
                    ),
                    format!(
                        "商城页面若是该编码，请设 charset = \"{}\"；否则请另设一个账户；如果最近改过 `charset`，这是改动之前的订单的重发：请先改回，待这些订单处理完",
                        charset.label()
                    ),
                ),
            ),
            _ => self.about_key(),
        }
    }
}

/// A mistake in both languages.
pub(in crate::gateway) fn words(
    code: &'static str,
    cause: impl Into<Text>,
    fix: impl Into<Text>,
) -> Words {
    (code, cause.into(), fix.into())
}

/// A key at the wrong place of the text.
fn placed(stood: Place, belongs: Place) -> Words {
    let (code, cause) = match stood {
        Place::Named => (
            "key_as_parameter",
            (
                "the key was put behind the text as a parameter, &key=, as other gateways do it",
                "key 以 &key= 的形式接在末尾，那是其他网关的做法",
            ),
        ),
        Place::Behind => (
            "key_not_as_parameter",
            (
                "the key was put right behind the text, without &key=, as other gateways do it",
                "key 直接接在待签名字符串之后，中间没有 &key=，那是其他网关的做法",
            ),
        ),
        Place::Front => (
            "key_in_front",
            (
                "the key was put in front of the text",
                "key 放在了待签名字符串的前面",
            ),
        ),
    };
    let fix = match belongs {
        Place::Named => (
            "put &key= and the key behind the text",
            "应在待签名字符串之后接 &key=，再接 key",
        ),
        _ => (
            "put the key right behind the text, with nothing between them",
            "key 应直接接在待签名字符串之后，中间不加任何字符",
        ),
    };
    words(code, cause, fix)
}

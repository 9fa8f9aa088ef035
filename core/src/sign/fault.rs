//! What is wrong with key material, and what to do, for whoever configures it. Never a part of the key.

use crate::lang::Text;

/// Key material that refuses to start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyFault {
    /// Nothing is there.
    Empty,
    /// A blank that is no line end.
    Blank,
    /// Neither PEM nor base64.
    Unreadable,
    /// The base64 holds no key of the kinds known here.
    Unknown,
    /// A private key under a passphrase.
    Encrypted,
    /// A certificate, which holds more than the key.
    Certificate,
    /// A public key where the private one belongs.
    PublicInPrivatePlace,
    /// A private key where the gateway's public one belongs.
    PrivateInPublicPlace,
    /// An RSA key of fewer than 1024 bits (SEC-022).
    TooShort,
    /// An RSA key of more than 8192 bits.
    TooLong,
    /// An RSA key whose exponent is even or 1 (SEC-022).
    Exponent,
    /// The numbers of the key do not belong together.
    Inconsistent,
    /// The merchant's own public key where the gateway's belongs (SEC-024).
    Own,
    /// Two keys of the gateway that make signatures of different kinds (SEC-007).
    Mixed,
    /// A key of a pair where both sides sign with one key: anybody may have it (SEC-007).
    PairAsShared,
    /// A DSA key, of a gateway that signs with RSA only.
    NotRsa,
}

impl KeyFault {
    /// What is wrong and why it matters.
    #[must_use]
    pub fn cause(self) -> Text {
        Text::from(match self {
            KeyFault::Empty => ("the key is empty", "密钥为空"),
            KeyFault::Blank => (
                "the key has a blank inside or around it; it is never trimmed silently",
                "密钥中间或前后有空格；程序不会自动去除",
            ),
            KeyFault::Unreadable => (
                "this is neither PEM nor base64 on its own, so no key can be read from it",
                "既不是 PEM，也不是单独的 base64 文本，无法读出密钥",
            ),
            KeyFault::Unknown => (
                "no RSA or DSA key of a form known here is in it",
                "其中没有可识别的 RSA 或 DSA 密钥",
            ),
            KeyFault::Encrypted => (
                "the private key is under a passphrase, and nobody is there to type it at a start",
                "私钥带有密码保护，启动时无人输入密码",
            ),
            KeyFault::Certificate => (
                "this is a certificate, not a key",
                "此处填的是证书，不是密钥",
            ),
            KeyFault::PublicInPrivatePlace => (
                "this is a public key, and the merchant's private key belongs here",
                "此处填的是公钥，应填商户私钥",
            ),
            KeyFault::PrivateInPublicPlace => (
                "this is a private key, and the gateway's public key belongs here",
                "此处填的是私钥，应填网关公钥",
            ),
            KeyFault::TooShort => (
                "the RSA key has fewer than 1024 bits, so its signatures can be forged",
                "RSA 密钥不足 1024 位，签名可被伪造",
            ),
            KeyFault::TooLong => (
                "the RSA key has more than 8192 bits, which no gateway uses",
                "RSA 密钥超过 8192 位，没有网关使用这样的密钥",
            ),
            KeyFault::Exponent => (
                "the exponent of the RSA key is even or 1, so anybody can make its signatures",
                "RSA 公钥的指数为偶数或 1，任何人都能伪造签名",
            ),
            KeyFault::Inconsistent => (
                "the numbers of the key do not belong together: it was cut or changed",
                "密钥内部数据不一致：可能被截断或改动过",
            ),
            KeyFault::Own => (
                "this is the public half of our own private key: whoever has that could make the gateway's messages",
                "此处填的是商户自己的公钥（与 private_key 成对），不是网关公钥",
            ),
            KeyFault::Mixed => (
                "this key makes signatures of another kind than the current one; an account has one kind",
                "此密钥的签名类型与当前密钥不同；一个账户只能有一种签名类型",
            ),
            KeyFault::PairAsShared => (
                "this is a key of an RSA or DSA pair; as an MD5 key everybody who has it could sign",
                "此处填的是 RSA 或 DSA 密钥；当作 MD5 密钥使用时，拿到它的人都能签名",
            ),
            KeyFault::NotRsa => (
                "this is a DSA key, and this gateway signs with RSA only",
                "此处填的是 DSA 密钥，而该网关只使用 RSA 签名",
            ),
        })
    }

    /// What to do.
    #[must_use]
    pub fn fix(self) -> Text {
        Text::from(match self {
            KeyFault::Empty => (
                "set the key: PEM, or the base64 in it alone",
                "请填写密钥：PEM，或仅其中的 base64",
            ),
            KeyFault::PublicInPrivatePlace => (
                "set the merchant's private key, whose public half was uploaded to the gateway",
                "请填写商户私钥，即已上传到网关的那把公钥对应的私钥",
            ),
            KeyFault::Blank => (
                "copy the key again; line ends are fine, other blanks are not",
                "请重新复制密钥；可以换行，但不能有空格",
            ),
            KeyFault::Unreadable | KeyFault::Unknown | KeyFault::Inconsistent => (
                "copy the whole key again: PEM with its BEGIN and END lines, or the base64 between them alone; \
                 private PKCS#8 or PKCS#1, public SPKI or PKCS#1",
                "请重新复制完整的密钥：带 BEGIN、END 行的 PEM，或仅其中的 base64；私钥为 PKCS#8 或 PKCS#1，公钥为 SPKI 或 PKCS#1",
            ),
            KeyFault::Encrypted => (
                "take the passphrase off into a file with chmod 600: openssl pkcs8 -in KEY -topk8 -nocrypt -out FILE",
                "请去掉密码并存为权限 600 的文件：openssl pkcs8 -in 私钥 -topk8 -nocrypt -out 文件",
            ),
            KeyFault::Certificate => (
                "take the public key out of it: openssl x509 -in CERTIFICATE -pubkey -noout",
                "请从证书中取出公钥：openssl x509 -in 证书 -pubkey -noout",
            ),
            KeyFault::PrivateInPublicPlace | KeyFault::Own | KeyFault::NotRsa => (
                "copy the gateway's public key (支付宝公钥, 智付公钥) from its key page; it is not the one that was uploaded there",
                "请从网关的密钥管理页面复制“支付宝公钥”或“智付公钥”，不是上传的商户公钥",
            ),
            KeyFault::TooShort | KeyFault::TooLong | KeyFault::Exponent => (
                "use a key of 1024 or 2048 bits as the gateway gives it or as openssl genrsa makes it",
                "请使用网关提供的，或由 openssl genrsa 生成的 1024 位或 2048 位密钥",
            ),
            KeyFault::Mixed => (
                "keep previous keys of the same kind only; for another kind make a second account",
                "旧密钥只能与当前密钥同类型；如需另一种类型，请另设一个账户",
            ),
            KeyFault::PairAsShared => (
                "set the security key (MD5) of the contract, or sign_type = \"RSA\" (Dinpay: \"RSA-S\") with private_key and gateway_public_key",
                "请填写安全校验码（MD5 密钥），或设 sign_type = \"RSA\"（智付为 \"RSA-S\"）并填写 private_key 与 gateway_public_key",
            ),
        })
    }
}

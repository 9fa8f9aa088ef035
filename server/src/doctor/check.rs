//! The checks by name, each with what it is about and where the gateway's guide asks for it (seed 001).

use quittance_core::lang::Words;

/// A check. The order is that of a report: what causes other things comes before them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Check {
    /// The settings as a whole.
    Settings,
    /// Ids and keys: there, without blanks, not exchanged, of the right shape.
    IdsAndKeys,
    /// Nobody else can read the secrets.
    SecretFiles,
    /// Addresses: absolute, without a query string, where the gateway can reach them.
    Addresses,
    /// The proof that a payment needs before it counts.
    Proof,
    /// The machine's clock.
    Clock,
    /// Data folder and log file can be written.
    Writable,
    /// What is written stays.
    Durable,
    /// Room on the disk.
    Disk,
    /// The journal's chain.
    Journal,
    /// Our own port answers.
    OwnPort,
    /// The gateway's name leads to an address.
    GatewayDns,
    /// The gateway can be reached.
    GatewayReach,
    /// The gateway answers a signed question.
    Query,
    /// The gateway gives out the token of anti-phishing.
    QueryTimestamp,
    /// The gateway takes a signed payment request.
    PayRequest,
    /// The notify address, called from outside.
    Inbound,
    /// The return address, opened from outside.
    ReturnPage,
    /// Our public name leads where it led.
    AddressChanged,
    /// The shop's endpoint answers a signed ping.
    Webhook,
    /// One charset everywhere.
    Charset,
    /// The signatures of callbacks: the first two of the guide's three values.
    Signatures,
    /// What the gateway says of callbacks: the third value.
    Opinions,
    /// Notifies arrive.
    Notifies,
    /// Orders that do not get on.
    Orders,
    /// What is due is done in time.
    Schedule,
    /// The shop is told.
    Deliveries,
    /// What does not fit is looked at.
    Discrepancies,
}

impl Check {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Check::Settings => "settings",
            Check::IdsAndKeys => "ids-and-keys",
            Check::SecretFiles => "secret-files",
            Check::Addresses => "addresses",
            Check::Proof => "proof",
            Check::Clock => "clock",
            Check::Writable => "writable",
            Check::Durable => "durable",
            Check::Disk => "disk",
            Check::Journal => "journal",
            Check::OwnPort => "own-port",
            Check::GatewayDns => "gateway-dns",
            Check::GatewayReach => "gateway-reach",
            Check::Query => "query",
            Check::QueryTimestamp => "query-timestamp",
            Check::PayRequest => "pay-request",
            Check::Inbound => "inbound",
            Check::ReturnPage => "return-page",
            Check::AddressChanged => "address-changed",
            Check::Webhook => "webhook",
            Check::Charset => "charset",
            Check::Signatures => "signatures",
            Check::Opinions => "opinions",
            Check::Notifies => "notifies",
            Check::Orders => "orders",
            Check::Schedule => "schedule",
            Check::Deliveries => "deliveries",
            Check::Discrepancies => "discrepancies",
        }
    }

    /// What it is about.
    #[must_use]
    pub fn title(self) -> Words {
        Words::new(match self {
            Check::Settings => ("the settings file", "设置文件"),
            Check::IdsAndKeys => ("ids and keys", "商户号与密钥"),
            Check::SecretFiles => ("who can read the secrets", "密钥文件的权限"),
            Check::Addresses => ("notify, return and show addresses", "通知、返回与展示地址"),
            Check::Proof => ("what a payment needs to count", "付款需要的证明"),
            Check::Clock => ("the clock", "系统时钟"),
            Check::Writable => ("data folder and log file", "数据目录与日志文件的写入权限"),
            Check::Durable => ("writes that last", "写入的持久性"),
            Check::Disk => ("room on the disk", "磁盘空间"),
            Check::Journal => ("the journal's chain", "账本的哈希链"),
            Check::OwnPort => ("our own port", "本服务的端口"),
            Check::GatewayDns => ("the gateway's name", "网关的域名解析"),
            Check::GatewayReach => ("the way to the gateway", "到网关的连接"),
            Check::Query => ("a signed question", "签名查询"),
            Check::QueryTimestamp => ("the anti-phishing timestamp", "防钓鱼时间戳"),
            Check::PayRequest => ("a signed payment request", "签名的付款请求"),
            Check::Inbound => ("the notify address, from outside", "从外部访问通知地址"),
            Check::ReturnPage => ("the return address, from outside", "从外部访问返回地址"),
            Check::AddressChanged => ("our public address", "服务器的公网地址"),
            Check::Webhook => ("the shop's endpoint", "商户接收地址"),
            Check::Charset => ("charset", "编码"),
            Check::Signatures => ("mysign and sign", "mysign 与 sign"),
            Check::Opinions => ("responseTxt", "responseTxt"),
            Check::Notifies => ("notifies that arrive", "异步通知的到达"),
            Check::Orders => ("orders that do not get on", "停滞的订单"),
            Check::Schedule => ("checks in time", "按时查询"),
            Check::Deliveries => ("telling the shop", "向商户推送"),
            Check::Discrepancies => ("discrepancies", "差异"),
        })
    }

    /// Where the gateway's guide asks for it: a section of seed 001, with its step and letter.
    #[must_use]
    pub fn guide(self) -> Option<&'static str> {
        match self {
            Check::IdsAndKeys => Some("5.2 1A"),
            Check::Inbound => Some("5.2 1B 1F 1G, 2C; 4.4"),
            Check::ReturnPage => Some("5.2 1B; 4.3"),
            Check::Addresses => Some("5.2 1C, 3B"),
            Check::Charset => Some("5.2 1D"),
            Check::Writable => Some("5.2 2A; 4.5"),
            Check::GatewayDns => Some("5.2 2B"),
            Check::GatewayReach => Some("5.2 2C"),
            Check::OwnPort => Some("5.2 2D"),
            Check::AddressChanged => Some("5.2 2E"),
            Check::Signatures => Some("5.2 3A; 4.4"),
            Check::Opinions => Some("5.2 1E, 3A; 4.4"),
            Check::Webhook | Check::Deliveries => Some("5.2 3C"),
            Check::PayRequest | Check::Query => Some("5.1; 4.2"),
            Check::Notifies => Some("5.3"),
            _ => None,
        }
    }
}

//! `sandbox`: the gateways' side of the wire for somebody's own shop, where no money moves.

pub mod codepay;
mod dinpay;

use crate::context::Context;
use crate::ending::Stop;
use crate::out;
use crate::pair::Keys;
use crate::serve::bind;
use crate::shutdown::Shutdown;
use clap::Args;
use codepay::CodePay;
pub use codepay::{APP_ID, MERCHANT_NO, STORE_NO, TERMINAL};
use dinpay::Dinpay;
pub use dinpay::MERCHANT_CODE;
use quittance_core::Lang;
use quittance_core::charset::Charset;
use quittance_core::gateway::alipay::{self, gateway_side};
use quittance_sandbox::{
    CodePaySettings, Contract, DinpaySettings, Handle, Merchant, SandboxSettings, SystemClock,
};
use quittance_server::clock as server_clock;
use secrecy::SecretString;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// The sandbox's merchant of Alipay where none is named: also that of the example settings.
pub const PARTNER: &str = "2088000000000001";
/// His login.
pub const EMAIL: &str = "seller@example.com";
/// His key. It opens nothing but a sandbox.
pub const KEY: &str = "quittancesandboxkey0000000000001";

const EXAMPLE: &str = "\
Example:
  quittance sandbox --listen 127.0.0.1:8090 --speed 60

To point a shop at it (PHP or any other): in the settings of its payment module replace the gateway's address
https://mapi.alipay.com/gateway.do by http://127.0.0.1:8090/gateway.do, also where it calls notify_verify, and set
partner, key and seller_email to what this command prints. MD5, or RSA with --merchant-public-key and
--gateway-private-key; utf-8, gbk and gb2312, as each request says.
notify_url must be an address that this machine reaches.

A shop of Dinpay posts its form to http://127.0.0.1:8090/dinpay/gateway in place of https://pay.dinpay.com/gateway and
asks at http://127.0.0.1:8090/dinpay/query in place of https://query.dinpay.com/query, with the merchant_code and key that
this command prints.

A shop of CodePay calls http://127.0.0.1:8090/api/entry in place of https://codepay-open.codepay.us/api/entry, with the
app_id, merchant_no and keys that this command prints; http://127.0.0.1:8090/terminal/TESTSN0000000001 is its terminal.

http://127.0.0.1:8090/ is the control page: every trade with its timeline and raw bytes, buttons to pay, close,
refund and re-send, and faults: lost, late, doubled or forged notifies, lost returns, and more.
http://127.0.0.1:8090/api does the same for programs. docs/sandbox.md is the manual.

With --speed 60 a notify that was not acknowledged comes again after 2 seconds instead of 2 minutes, one of Dinpay's
after 5 seconds instead of 5 minutes, one of CodePay's after 83 milliseconds instead of 5 seconds.";

/// Options of `sandbox`.
#[derive(Args)]
#[command(after_help = EXAMPLE)]
pub struct Sandboxed {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Where browsers reach it, if that is not where it listens
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// How many times faster than the real gateways notifies are sent again
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    speed: u32,
    /// Alipay: refuse an acknowledgement with a line end behind it, as Dinpay always does
    #[arg(long)]
    strict_ack: bool,
    /// Alipay: the merchant's partner id, 16 digits beginning 2088
    #[arg(long, value_name = "ID", default_value = PARTNER)]
    partner: String,
    #[command(flatten)]
    keys: Keys,
    /// Alipay: the merchant's login, as the cashier shows it
    #[arg(long, value_name = "EMAIL", default_value = EMAIL)]
    email: String,
    /// Alipay: the merchant has the basic product: paid is TRADE_FINISHED, and nothing can be refunded
    #[arg(long)]
    basic: bool,
    /// Alipay: the contract demands the timestamp against phishing and the buyer's address with every payment request
    #[arg(long)]
    anti_phishing: bool,
    /// What the contracts lack: a service, or a parameter that must be enabled; may be given several times
    #[arg(long, value_name = "WHAT", value_parser = LACKING)]
    without: Vec<String>,
    #[command(flatten)]
    dinpay: Dinpay,
    #[command(flatten)]
    codepay: CodePay,
}

/// What `--without` knows: services, the second of them Dinpay's and the third both gateways', then parameters.
const LACKING: [&str; 9] = [
    "create_direct_pay_by_user",
    "direct_pay",
    "single_trade_query",
    "close_trade",
    "query_timestamp",
    "export_trade_account_report",
    "account.page.query",
    "it_b_pay",
    "need_ctu_check",
];

impl Sandboxed {
    /// Serves the sandbox until somebody asks it to stop.
    ///
    /// # Errors
    /// An address that cannot be used, or a partner or key that no gateway has.
    pub async fn run(self, context: &Context) -> Result<(), Stop> {
        let lang = context.lang;
        let mut shutdown = Shutdown::listen()?;
        let listener = bind(self.listen, lang).await?;
        let address = listener.local_addr().unwrap_or(self.listen);
        let url = self.public_url.clone().unwrap_or_else(|| reached(address));
        let key = match self.keys.pair(lang)? {
            Some(pair) => pair,
            None => gateway_side::Key::Md5(SecretString::from(self.keys.key.clone())),
        };
        self.admit(&url)?;
        let dinpay = self.dinpay.settings(&self.without, lang)?;
        let codepay = self.codepay.settings(lang)?;
        self.distinct(lang)?;
        let merchant = Merchant {
            partner: self.partner.clone(),
            key: key.clone(),
            email: self.email.clone(),
            advanced: !self.basic,
        };
        let mut settings = SandboxSettings::new(vec![merchant], url.clone());
        settings.contracts = [(self.partner.clone(), self.contract())].into();
        settings.speed = self.speed;
        settings.strict_ack = self.strict_ack;
        settings.seed = seed(&server_clock::SystemClock::new());
        out::line(self.greeting(&url, &key, (&dinpay, &codepay), lang));
        settings.dinpay = dinpay;
        settings.codepay = codepay;
        let handle = Handle::new(settings);
        let stop = async move { shutdown.asked().await };
        quittance_sandbox::serve(listener, handle, Arc::new(SystemClock), stop)
            .await
            .map_err(|error| Stop::unable(error.to_string()))
    }

    /// A number names one merchant, whatever his gateway.
    fn distinct(&self, lang: Lang) -> Result<(), Stop> {
        let alipays = self.partner.as_str();
        let twice = self.dinpay.is_merchant(alipays)
            || self.codepay.is_merchant(alipays)
            || self.codepay.is_merchant(self.dinpay.merchant_code());
        match twice {
            false => Ok(()),
            true => Err(Stop::unable(lang.pick(
                "Two of --partner, --merchant-code and --codepay-merchant are the same: a number names one merchant.",
                "--partner、--merchant-code 与 --codepay-merchant 中有两个相同：一个号码只能对应一个商户。",
            ))),
        }
    }

    fn contract(&self) -> Contract {
        let has = |what: &str| !self.without.iter().any(|lacking| lacking == what);
        Contract {
            without: self.without.iter().cloned().collect(),
            timeouts: has("it_b_pay"),
            risk_check: has("need_ctu_check"),
            anti_phishing: self.anti_phishing,
        }
    }

    /// A partner or a key that a server would refuse is of no use here either.
    fn admit(&self, url: &str) -> Result<(), Stop> {
        let key = alipay::Key {
            key: SecretString::from(self.keys.key.clone()),
            until: None,
        };
        let settings = alipay::Settings {
            partner: self.partner.clone(),
            keys: alipay::Keys::Md5(vec![key]),
            charset: Charset::Utf8,
            seller: None,
            show_url: None,
            refunds: None,
            gateway_url: format!("{url}/gateway.do"),
        };
        let problems = match alipay::Account::new(settings) {
            Ok(_) => return Ok(()),
            Err(problems) => problems,
        };
        let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Err(Stop::unable(said.join("\n")))
    }

    fn greeting(
        &self,
        url: &str,
        key: &gateway_side::Key,
        (dinpay, codepay): (&DinpaySettings, &CodePaySettings),
        lang: Lang,
    ) -> String {
        let mut rows = vec![
            (
                lang.pick("gateway address", "网关地址"),
                format!("{url}/gateway.do"),
            ),
            ("partner", self.partner.clone()),
        ];
        rows.extend(self.keys.told(key, lang));
        rows.push(("seller_email", self.email.clone()));
        let here = [
            (lang.pick("speed", "重发速度"), format!("x{}", self.speed)),
            (lang.pick("control page", "控制台"), url.to_owned()),
            ("JSON API", format!("{url}/api/trades")),
        ];
        let part = |name: &str, rows: &[(&'static str, String)]| {
            let told = out::pairs(rows).replace('\n', "\n  ");
            format!("{name}\n  {told}")
        };
        let told = [
            part(lang.pick("Alipay", "支付宝"), &rows),
            part(
                lang.pick("Dinpay", "智付"),
                &self.dinpay.told(url, dinpay, lang),
            ),
            part("CodePay", &self.codepay.told(url, codepay, lang)),
            part(lang.pick("The sandbox", "沙箱"), &here),
        ]
        .join("\n\n");
        let heading = lang.pick(
            "The sandbox gateways are running; no money moves. Point your shop at the one that it uses:",
            "沙箱网关已启动，不会产生真实交易。请将商城指向所用的网关：",
        );
        let how = lang.pick(
            "Set these in the shop's payment module, in place of the gateway's own address and your contract's values. \
             The control page\nshows every exchange and makes the gateway misbehave; `quittance sandbox --help` says more.",
            "请在商城的支付模块中用以上内容替换正式网关地址和签约信息。控制台显示每次交互的原始内容，并可模拟各种故障；\n\
             更多说明见 `quittance sandbox --help`。",
        );
        let stop = lang.pick("Ctrl-C stops it.", "按 Ctrl-C 停止。");
        format!("{heading}\n\n{told}\n\n{how}\n\n{stop}")
    }
}

/// Numbers that no earlier sandbox gave out: a database may remember those.
pub fn seed(clock: &dyn server_clock::Clock) -> u64 {
    let nonce = clock.nonce();
    nonce[..8]
        .iter()
        .fold(0, |seed, byte| seed << 8 | u64::from(*byte))
}

/// Where browsers on this machine reach a listener.
pub fn reached(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        sandbox: Sandboxed,
    }

    /// What a shop must be told, and where a person and a program look, stands in the greeting of either language.
    #[test]
    fn the_greeting_names_everything_that_a_shop_needs() {
        let Line { sandbox } = Line::parse_from(["sandbox", "--speed", "60"]);
        for lang in Lang::ALL {
            let key = SecretString::from(KEY).into();
            let dinpay = sandbox.dinpay.settings(&[], lang).ok().unwrap();
            let codepay = sandbox.codepay.settings(lang).ok().unwrap();
            let half = (&dinpay, &codepay);
            let said = sandbox.greeting("http://127.0.0.1:8090", &key, half, lang);
            for part in [
                "http://127.0.0.1:8090/gateway.do",
                "http://127.0.0.1:8090/api/trades",
                PARTNER,
                KEY,
                EMAIL,
                "http://127.0.0.1:8090/dinpay/gateway",
                "http://127.0.0.1:8090/dinpay/query",
                dinpay::MERCHANT_CODE,
                dinpay::KEY,
                "http://127.0.0.1:8090/api/entry",
                "http://127.0.0.1:8090/terminal/TESTSN0000000001",
                codepay::APP_ID,
                codepay::MERCHANT_NO,
                "x60",
                "sandbox --help",
            ] {
                assert!(said.contains(part), "{part}: {said}");
            }
        }
    }

    /// No two gateways have a merchant of the same number.
    #[test]
    fn a_number_names_one_merchant() {
        for (options, distinct) in [
            (&[][..], true),
            (&["--codepay-merchant", MERCHANT_CODE], false),
            (&["--codepay-merchant", PARTNER], false),
            (&["--merchant-code", PARTNER], false),
        ] {
            let line = Line::parse_from(["sandbox"].iter().chain(options));
            assert_eq!(
                line.sandbox.distinct(Lang::En).is_ok(),
                distinct,
                "{options:?}"
            );
        }
    }

    /// What the contract lacks is said by its name on the wire, and nothing else is taken for it.
    #[test]
    fn the_contract_is_what_the_options_say() {
        let contract = |options: &[&str]| {
            let line = Line::try_parse_from(["sandbox"].iter().chain(options));
            line.map(|line| line.sandbox.contract()).ok()
        };
        let usual = contract(&[]).unwrap();
        assert!(usual.timeouts && usual.risk_check && !usual.anti_phishing);
        let lacking = [
            "--anti-phishing",
            "--without",
            "it_b_pay",
            "--without",
            "close_trade",
        ];
        let lacking = contract(&lacking).unwrap();
        assert!(!lacking.timeouts && lacking.risk_check && lacking.anti_phishing);
        assert!(lacking.without.contains("close_trade"));
        assert!(contract(&["--without", "close"]).is_none());
    }
}

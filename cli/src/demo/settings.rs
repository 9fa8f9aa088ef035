//! The demo's settings: written as an operator would write them, and read by the same code.

use crate::ending::Stop;
use crate::sandbox::{APP_ID, MERCHANT_CODE, MERCHANT_NO, PARTNER, STORE_NO, TERMINAL};
use quittance_core::Lang;
use quittance_sandbox::codepay::keys;
use quittance_sandbox::dinpay::{GATEWAY_PATH, QUERY_PATH};
use quittance_server::clock::Clock;
use quittance_server::config;
use quittance_server::setup::Setup;
use std::io::Write;
use std::path::Path;

/// The settings' name in the demo's folder.
pub const FILE: &str = "quittance.toml";

/// What is random about a demo.
pub struct Secrets {
    /// Of the merchant API.
    pub api_key: String,
    /// Shared with the sandbox.
    pub gateway_key: String,
    /// Of the shop's endpoint.
    pub webhook: String,
}

impl Secrets {
    /// New ones.
    pub fn draw(clock: &dyn Clock) -> Secrets {
        let hex = || data_encoding::HEXLOWER.encode(&clock.nonce());
        let mut gateway_key = hex();
        // The gateway's own keys have 32 characters.
        gateway_key.truncate(32);
        Secrets {
            api_key: hex(),
            gateway_key,
            webhook: format!("whsec_{}", data_encoding::BASE64.encode(&clock.nonce())),
        }
    }
}

/// The settings' text: two accounts on one contract with Alipay, one for each charset, one account at Dinpay, one
/// at CodePay with a terminal, and the shop's endpoint. One key does for the gateways that share one; CodePay's pairs are the
/// sandbox's, which everybody has.
pub fn text(listen: &str, server: &str, sandbox: &str, shop: &str, secrets: &Secrets) -> String {
    let Secrets {
        api_key,
        gateway_key,
        webhook,
    } = secrets;
    let account = |name: &str, charset: &str| {
        format!(
            r#"
[accounts.{name}]
gateway = "alipay"
partner = "{PARTNER}"
key = "{gateway_key}"
charset = "{charset}"
gateway_url = "{sandbox}/gateway.do"
payee_name = "Demo shop · 演示商城"
orders_url = "{shop}/orders"
"#
        )
    };
    let (main, gbk) = (account("main", "utf-8"), account("gbk", "gbk"));
    let dinpay = format!(
        r#"
[accounts.dinpay]
gateway = "dinpay"
merchant_code = "{MERCHANT_CODE}"
sign_type = "MD5"
charset = "utf-8"
key = "{gateway_key}"
gateway_url = "{sandbox}{GATEWAY_PATH}"
query_url = "{sandbox}{QUERY_PATH}"
payee_name = "Demo shop · 演示商城"
orders_url = "{shop}/orders"
"#
    );
    let (private, public) = (
        keys::MERCHANT_PRIVATE_KEY.trim(),
        keys::GATEWAY_PUBLIC_KEY.trim(),
    );
    let codepay = format!(
        r#"
[accounts.codepay]
gateway = "codepay"
app_id = "{APP_ID}"
merchant_no = "{MERCHANT_NO}"
store_no = "{STORE_NO}"
terminal = "{TERMINAL}"
currency = "CNY"
private_key = "{private}"
gateway_public_key = "{public}"
gateway_url = "{sandbox}"
payee_name = "Demo shop · 演示商城"
orders_url = "{shop}/orders"
"#
    );
    format!(
        r#"# Made by `quittance demo`; its keys are new at every start. No money moves.
listen = "{listen}"
public_url = "{server}"
database = "sqlite:journal"

[api_keys]
demo = "{api_key}"
{main}{gbk}{dinpay}{codepay}
[[webhooks]]
name = "shop"
url = "{shop}/hooks/quittance"
secret = "{webhook}"

[log]
file = "quittance.log"
"#
    )
}

/// Reads them. That secrets stand in the text is as it should be here.
///
/// # Errors
/// None, unless this file is wrong.
pub fn read(text: &str, folder: &Path, lang: Lang) -> Result<Setup, Stop> {
    let (setup, _) = config::read(text, folder, &|_| None).map_err(|problems| {
        let said: Vec<String> = problems.iter().map(|problem| problem.say(lang)).collect();
        Stop::unable(said.join("\n"))
    })?;
    Ok(setup)
}

/// Makes the folder. It holds keys and buyers: nobody but its owner looks in.
///
/// # Errors
/// Where the disk does not let us.
pub fn make_folder(folder: &Path) -> Result<(), Stop> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| Stop::unable(format!("{}: {error}", folder.display())))
}

/// Leaves the settings where the other commands find them.
///
/// # Errors
/// Where the disk does not let us.
pub fn write(text: &str, folder: &Path) -> Result<(), Stop> {
    let path = folder.join(FILE);
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(&path)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| Stop::unable(format!("{}: {error}", path.display())))
}

//! CodePay's half of the sandbox: its app, merchant and terminals, the keys, and what a shop must be told.

use crate::ending::Stop;
use crate::pair;
use clap::Args;
use quittance_core::Lang;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{KeyFault, PublicKey};
use quittance_sandbox::CodePaySettings;
use quittance_sandbox::codepay::{App, ENTRY_PATH, Merchant, keys};
use std::path::PathBuf;

/// The sandbox's app of CodePay where none is named.
pub const APP_ID: &str = "wzTESTAPP00000001";
/// Its merchant.
pub const MERCHANT_NO: &str = "300000000001";
/// His store.
pub const STORE_NO: &str = "4000000001";
/// His terminal.
pub const TERMINAL: &str = "TESTSN0000000001";

/// Options of CodePay's half.
#[derive(Args)]
pub struct CodePay {
    /// CodePay: the id of the payment app
    #[arg(long, value_name = "ID", default_value = APP_ID, value_parser = number)]
    codepay_app: String,
    /// CodePay: the merchant's number
    #[arg(long, value_name = "NUMBER", default_value = MERCHANT_NO, value_parser = number)]
    codepay_merchant: String,
    /// CodePay: the number of its store
    #[arg(long, value_name = "NUMBER", default_value = STORE_NO, value_parser = number)]
    codepay_store: String,
    /// CodePay: the serial number of a terminal of its; may be given several times
    #[arg(long, value_name = "SERIAL", default_value = TERMINAL, value_parser = number)]
    codepay_terminal: Vec<String>,
    /// CodePay: the file with the merchant's public key, in the place of the sandbox's test keys
    #[arg(long, value_name = "FILE", requires = "codepay_gateway_private_key")]
    codepay_merchant_public_key: Option<PathBuf>,
    /// CodePay: the file with the private key that the sandbox signs with
    #[arg(long, value_name = "FILE", requires = "codepay_merchant_public_key")]
    codepay_gateway_private_key: Option<PathBuf>,
}

/// What the sandbox plays where nothing is chosen: the test keys, one terminal.
///
/// # Errors
/// None, unless the test keys are no keys.
pub fn usual(lang: Lang) -> Result<CodePaySettings, Stop> {
    let merchant = Merchant {
        merchant_no: MERCHANT_NO.to_owned(),
        store_no: Some(STORE_NO.to_owned()),
        terminals: vec![TERMINAL.to_owned()],
    };
    Ok(of_one(APP_ID, test_keys(lang)?, merchant))
}

fn of_one(
    app_id: &str,
    (gateway, merchant): (PrivateKey, PublicKey),
    of: Merchant,
) -> CodePaySettings {
    CodePaySettings {
        apps: vec![App {
            app_id: app_id.to_owned(),
            gateway,
            merchant,
            merchants: vec![of],
        }],
        ..CodePaySettings::default()
    }
}

/// The pairs that everybody has: the gateway's private key and the merchant's public one.
fn test_keys(lang: Lang) -> Result<(PrivateKey, PublicKey), Stop> {
    let unable = |fault: KeyFault| Stop::unable(fault.cause().say(lang).to_owned());
    let gateway = PrivateKey::read(&keys::GATEWAY_PRIVATE_KEY.into()).map_err(unable)?;
    let merchant = PublicKey::read(keys::MERCHANT_PUBLIC_KEY)
        .and_then(PublicKey::for_rsa2)
        .map_err(unable)?;
    Ok((gateway, merchant))
}

/// What names an app, a merchant, a store or a terminal.
fn number(text: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    match (1..=32).contains(&text.len()) && text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("1 to 32 letters, digits, - or _"),
    }
}

impl CodePay {
    /// CodePay's half of the settings.
    ///
    /// # Errors
    /// A key file of no use.
    pub fn settings(&self, lang: Lang) -> Result<CodePaySettings, Stop> {
        let merchant = Merchant {
            merchant_no: self.codepay_merchant.clone(),
            store_no: Some(self.codepay_store.clone()),
            terminals: self.codepay_terminal.clone(),
        };
        Ok(of_one(&self.codepay_app, self.keys(lang)?, merchant))
    }

    /// The keys that are named, else those that everybody has.
    fn keys(&self, lang: Lang) -> Result<(PrivateKey, PublicKey), Stop> {
        if let (Some(merchant), Some(gateway)) = (
            &self.codepay_merchant_public_key,
            &self.codepay_gateway_private_key,
        ) {
            return pair::read(merchant, gateway, PublicKey::for_rsa2, lang);
        }
        test_keys(lang)
    }

    /// Whether this is the number of its merchant.
    pub fn is_merchant(&self, number: &str) -> bool {
        self.codepay_merchant == number
    }

    /// What a shop has to set, by the names of the settings. The private key is told where it is the test one: the shop has
    /// its own otherwise.
    pub fn told(
        &self,
        url: &str,
        settings: &CodePaySettings,
        lang: Lang,
    ) -> Vec<(&'static str, String)> {
        let mut rows = vec![
            ("gateway_url", url.to_owned()),
            (
                lang.pick("calls go to", "接口地址"),
                format!("{url}{ENTRY_PATH}"),
            ),
            ("app_id", self.codepay_app.clone()),
            ("merchant_no", self.codepay_merchant.clone()),
            ("store_no", self.codepay_store.clone()),
            ("terminal", self.codepay_terminal.join(", ")),
        ];
        if self.codepay_merchant_public_key.is_none() {
            rows.push((
                lang.pick("private_key (test)", "private_key（测试）"),
                keys::MERCHANT_PRIVATE_KEY.trim().to_owned(),
            ));
        }
        if let Some(app) = settings.apps.first() {
            rows.push(("gateway_public_key", app.gateway.public().text()));
        }
        let page = |serial: &String| format!("{url}/terminal/{serial}");
        rows.extend(
            self.codepay_terminal
                .iter()
                .map(|serial| (lang.pick("terminal page", "终端页面"), page(serial))),
        );
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::fs;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        codepay: CodePay,
    }

    fn read(options: &[&str]) -> Result<(CodePay, CodePaySettings), String> {
        let line = Line::try_parse_from(["sandbox"].iter().chain(options));
        let codepay = line.map_err(|error| error.to_string())?.codepay;
        let settings = codepay.settings(Lang::En);
        Ok((codepay, settings.map_err(|_| "refused".to_owned())?))
    }

    /// Without options it works at once: the test keys, whose private half the shop is told.
    #[test]
    fn nothing_has_to_be_given() {
        let (codepay, settings) = read(&[]).unwrap();
        let app = &settings.apps[0];
        assert_eq!(app.app_id, APP_ID);
        assert_eq!(app.merchants[0].terminals, [TERMINAL]);
        for lang in Lang::ALL {
            let told = format!("{:?}", codepay.told("http://s", &settings, lang));
            for part in [
                "http://s/api/entry",
                APP_ID,
                MERCHANT_NO,
                STORE_NO,
                "http://s/terminal/TESTSN0000000001",
                keys::MERCHANT_PRIVATE_KEY.trim(),
                keys::GATEWAY_PUBLIC_KEY.trim(),
            ] {
                assert!(told.contains(part), "{part}: {told}");
            }
        }
    }

    /// Names and terminals are what the options say, and nothing odd is taken for one.
    #[test]
    fn the_settings_are_what_the_options_say() {
        let (_, settings) = read(&[
            "--codepay-app",
            "wz1",
            "--codepay-merchant",
            "3",
            "--codepay-terminal",
            "A-1",
            "--codepay-terminal",
            "A-2",
        ])
        .unwrap();
        let app = &settings.apps[0];
        assert_eq!(
            (app.app_id.as_str(), app.merchants[0].merchant_no.as_str()),
            ("wz1", "3")
        );
        assert_eq!(app.merchants[0].terminals, ["A-1", "A-2"]);
        for wrong in [
            &["--codepay-terminal", "a/b"][..],
            &["--codepay-merchant", ""],
            &["--codepay-gateway-private-key", "a"],
            &["--codepay-merchant-public-key", "a"],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    /// With a pair of one's own the shop is told the public half of the sandbox's key, and no private one.
    #[test]
    fn a_pair_is_read_and_its_public_half_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let pair = |merchant: &str, gateway: &str| {
            read(&[
                "--codepay-merchant-public-key",
                &file("merchant", merchant),
                "--codepay-gateway-private-key",
                &file("gateway", gateway),
            ])
        };
        // The other way round: each side's key in the other's place.
        let (codepay, settings) =
            pair(keys::GATEWAY_PUBLIC_KEY, keys::MERCHANT_PRIVATE_KEY).unwrap();
        let told = format!("{:?}", codepay.told("http://s", &settings, Lang::En));
        assert!(told.contains(keys::MERCHANT_PUBLIC_KEY.trim()), "{told}");
        assert!(!told.contains(keys::MERCHANT_PRIVATE_KEY.trim()), "{told}");
        assert!(pair(keys::GATEWAY_PUBLIC_KEY, keys::GATEWAY_PRIVATE_KEY).is_err());
        assert!(pair("x", keys::GATEWAY_PRIVATE_KEY).is_err());
    }
}

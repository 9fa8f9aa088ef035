//! Dinpay's half of the sandbox: its merchant, his keys, and what his shop must be told.

use crate::ending::Stop;
use crate::pair;
use clap::Args;
use quittance_core::Lang;
use quittance_core::charset::Charset;
use quittance_core::gateway::dinpay::{self, Account, Settings};
use quittance_core::sign::PublicKey;
use quittance_sandbox::DinpaySettings;
use quittance_sandbox::dinpay::{GAPS_SECS, GATEWAY_PATH, Habits, Key, Merchant, QUERY_PATH};
use secrecy::SecretString;
use std::path::PathBuf;

/// The sandbox's merchant of Dinpay where none is named.
pub const MERCHANT_CODE: &str = "1000000001";
/// His key. It opens nothing but a sandbox.
pub const KEY: &str = "quittancesandboxkey0000000000002";
/// The longest wait between two attempts: a day.
const WAIT_MINS_MAX: i64 = 1_440;

/// Options of Dinpay's half.
#[derive(Args)]
pub struct Dinpay {
    /// Dinpay: the merchant's number, 10 digits
    #[arg(long, value_name = "CODE", default_value = MERCHANT_CODE)]
    merchant_code: String,
    /// Dinpay: the key that both sides sign with (MD5)
    #[arg(long, value_name = "KEY", default_value = KEY)]
    dinpay_key: String,
    /// Dinpay: RSA-S in the place of MD5: the file with the merchant's public key
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "dinpay_key",
        requires = "dinpay_gateway_private_key"
    )]
    dinpay_merchant_public_key: Option<PathBuf>,
    /// Dinpay: RSA-S: the file with the private key that the sandbox signs with
    #[arg(long, value_name = "FILE", requires = "dinpay_merchant_public_key")]
    dinpay_gateway_private_key: Option<PathBuf>,
    /// Dinpay: minutes between the attempts of a notify, joined by commas
    #[arg(
        long,
        value_name = "MINUTES",
        value_delimiter = ',',
        default_values_t = GAPS_SECS.map(|secs| secs / 60),
        value_parser = clap::value_parser!(i64).range(1..=WAIT_MINS_MAX)
    )]
    dinpay_resends: Vec<i64>,
    /// Dinpay: queries find orders of any age, not only those of the last 12 hours
    #[arg(long)]
    dinpay_any_age: bool,
}

impl Dinpay {
    /// Dinpay's half of the settings; `without` names services that the contract lacks.
    ///
    /// # Errors
    /// A key file of no use, or a number or key that a server would refuse.
    pub fn settings(&self, without: &[String], lang: Lang) -> Result<DinpaySettings, Stop> {
        let key = match (
            &self.dinpay_merchant_public_key,
            &self.dinpay_gateway_private_key,
        ) {
            (Some(merchant), Some(gateway)) => {
                let (gateway, merchant) =
                    pair::read(merchant, gateway, PublicKey::for_rsa_s, lang)?;
                Key::RsaS { gateway, merchant }
            }
            _ => Key::Md5(SecretString::from(self.dinpay_key.clone())),
        };
        self.admit()?;
        Ok(DinpaySettings {
            merchants: vec![Merchant {
                merchant_code: self.merchant_code.clone(),
                key,
                without: without.iter().cloned().collect(),
                habits: Habits::default(),
            }],
            gaps_secs: self.dinpay_resends.iter().map(|mins| mins * 60).collect(),
            query_window: !self.dinpay_any_age,
        })
    }

    /// A number or a key that a server would refuse is of no use here either.
    fn admit(&self) -> Result<(), Stop> {
        let key = dinpay::Key {
            key: SecretString::from(self.dinpay_key.clone()),
            until: None,
        };
        let settings = Settings {
            merchant_code: self.merchant_code.clone(),
            keys: dinpay::Keys::Md5(vec![key]),
            charset: Charset::Utf8,
            show_url: None,
            gateway_url: dinpay::GATEWAY_URL.to_owned(),
            query_url: dinpay::QUERY_URL.to_owned(),
        };
        match Account::new(settings) {
            Ok(_) => Ok(()),
            Err(problems) => {
                let said: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Err(Stop::unable(said.join("\n")))
            }
        }
    }

    /// Whether this is the number of its merchant.
    pub fn is_merchant(&self, number: &str) -> bool {
        self.merchant_code == number
    }

    /// The number of its merchant.
    pub fn merchant_code(&self) -> &str {
        &self.merchant_code
    }

    /// What a shop has to set, by the names of the settings.
    pub fn told(
        &self,
        url: &str,
        settings: &DinpaySettings,
        lang: Lang,
    ) -> Vec<(&'static str, String)> {
        let mut rows = vec![
            ("gateway_url", format!("{url}{GATEWAY_PATH}")),
            ("query_url", format!("{url}{QUERY_PATH}")),
            ("merchant_code", self.merchant_code.clone()),
        ];
        match settings.merchants.first().map(|merchant| &merchant.key) {
            Some(Key::RsaS { gateway, .. }) => rows.extend([
                ("sign_type", "RSA-S".to_owned()),
                (
                    lang.pick("gateway_public_key", "gateway_public_key（智付公钥）"),
                    gateway.public().text(),
                ),
            ]),
            _ => rows.push((
                lang.pick("key (MD5)", "key（MD5）"),
                self.dinpay_key.clone(),
            )),
        }
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
        dinpay: Dinpay,
    }

    fn read(options: &[&str]) -> Result<(Dinpay, DinpaySettings), String> {
        let line = Line::try_parse_from(["sandbox"].iter().chain(options));
        let dinpay = line.map_err(|error| error.to_string())?.dinpay;
        let settings = dinpay.settings(&["direct_pay".to_owned()], Lang::En);
        Ok((dinpay, settings.map_err(|_| "refused".to_owned())?))
    }

    /// The waits, the window and the contract are what the options say.
    #[test]
    fn the_settings_are_what_the_options_say() {
        let (_, usual) = read(&[]).unwrap();
        assert_eq!(usual.gaps_secs, GAPS_SECS);
        assert!(usual.query_window && usual.merchants[0].without.contains("direct_pay"));
        let (_, other) = read(&["--dinpay-resends", "1,2", "--dinpay-any-age"]).unwrap();
        assert_eq!(
            (other.gaps_secs.as_slice(), other.query_window),
            (&[60, 120][..], false)
        );
        for wrong in [
            &["--dinpay-resends", "0"][..],
            &["--dinpay-resends", "1441"],
            &["--dinpay-key", "short"],
            &["--merchant-code", "12x"],
            &["--dinpay-gateway-private-key", "a"],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    /// With a pair the shop is told the public half of the sandbox's key, and no shared one.
    #[test]
    fn a_pair_is_read_and_its_public_half_told() {
        let vectors = include_str!("../../../core/tests/vectors/dinpay.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, vectors[name].as_str().unwrap()).unwrap();
            path.display().to_string()
        };
        let pair = |merchant: &str, gateway: &str| {
            read(&[
                "--dinpay-merchant-public-key",
                &file(merchant),
                "--dinpay-gateway-private-key",
                &file(gateway),
            ])
        };
        let (dinpay, settings) = pair("merchant_public_key", "platform_private_key").unwrap();
        let theirs = vectors["platform_public_key"].as_str().unwrap();
        let theirs = PublicKey::read(theirs).unwrap().text();
        for lang in Lang::ALL {
            let told = format!("{:?}", dinpay.told("http://s", &settings, lang));
            assert!(told.contains("RSA-S") && told.contains(&theirs), "{told}");
            assert!(!told.contains(KEY), "{told}");
        }
        assert!(pair("platform_public_key", "platform_private_key").is_err());
    }
}

//! The keys of the sandbox's merchant: one that both sides know, or a pair on each side.

use crate::ending::Stop;
use crate::sandbox::KEY;
use clap::Args;
use quittance_core::Lang;
use quittance_core::gateway::alipay::gateway_side;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{KeyFault, PublicKey};
use secrecy::SecretString;
use std::path::{Path, PathBuf};

/// Options that name the keys.
#[derive(Args)]
pub struct Keys {
    /// The key that both sides sign with (MD5)
    #[arg(long, value_name = "KEY", default_value = KEY)]
    pub key: String,
    /// RSA in the place of MD5: the file with the merchant's public key
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "key",
        requires = "gateway_private_key"
    )]
    merchant_public_key: Option<PathBuf>,
    /// RSA: the file with the private key that the sandbox signs with (openssl genrsa -out FILE 2048)
    #[arg(long, value_name = "FILE", requires = "merchant_public_key")]
    gateway_private_key: Option<PathBuf>,
}

impl Keys {
    /// Reads them. `None` means MD5.
    ///
    /// # Errors
    /// A file that cannot be read, or holds no key that a server would take.
    pub fn pair(&self, lang: Lang) -> Result<Option<gateway_side::Key>, Stop> {
        let (Some(merchant), Some(gateway)) =
            (&self.merchant_public_key, &self.gateway_private_key)
        else {
            return Ok(None);
        };
        let (gateway, merchant) = read(merchant, gateway, Ok, lang)?;
        Ok(Some(gateway_side::Key::Rsa { gateway, merchant }))
    }

    /// What the shop has to set.
    pub fn told(&self, key: &gateway_side::Key, lang: Lang) -> Vec<(&'static str, String)> {
        match key {
            gateway_side::Key::Md5(_) => {
                vec![(lang.pick("key (MD5)", "key（MD5）"), self.key.clone())]
            }
            gateway_side::Key::Rsa { gateway, .. } => vec![
                ("sign_type", "RSA".to_owned()),
                (
                    lang.pick("gateway_public_key", "gateway_public_key（支付宝公钥）"),
                    gateway.public().text(),
                ),
            ],
        }
    }
}

/// Reads the merchant's public key, which must be of the kind that `of_kind` takes, and the gateway's private key.
///
/// # Errors
/// A file that cannot be read or holds no such key, and two halves of one pair.
pub fn read(
    merchant: &Path,
    gateway: &Path,
    of_kind: impl FnOnce(PublicKey) -> Result<PublicKey, KeyFault>,
    lang: Lang,
) -> Result<(PrivateKey, PublicKey), Stop> {
    let said = |path: &Path, fault: KeyFault| {
        let (cause, fix) = (fault.cause(), fault.fix());
        let (path, cause, fix) = (path.display(), cause.say(lang), fix.say(lang));
        Stop::unable(match lang {
            Lang::En => format!("{path}: {cause}.\n  To do: {fix}."),
            Lang::Zh => format!("{path}：{cause}。\n  处理办法：{fix}。"),
        })
    };
    let private = SecretString::from(text(gateway, lang)?);
    let private = PrivateKey::read(&private).map_err(|fault| said(gateway, fault))?;
    let public = PublicKey::read(&text(merchant, lang)?).map_err(|fault| said(merchant, fault))?;
    // Each side signs with its own.
    if *private.public() == public {
        return Err(said(merchant, KeyFault::Own));
    }
    let public = of_kind(public).map_err(|fault| said(merchant, fault))?;
    Ok((private, public))
}

fn text(path: &Path, lang: Lang) -> Result<String, Stop> {
    std::fs::read_to_string(path).map_err(|error| {
        let path = path.display();
        Stop::unable(match lang {
            Lang::En => format!("{path} cannot be read: {error}."),
            Lang::Zh => format!("{path} 无法读取：{error}。"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use std::fs;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        keys: Keys,
    }

    fn material(name: &str) -> String {
        let vectors = include_str!("../../core/tests/vectors/alipay.json");
        let vectors: serde_json::Value = serde_json::from_str(vectors).unwrap();
        vectors["rsa_keys"][name].as_str().unwrap().to_owned()
    }

    /// With a pair the shop is told the public half of the sandbox's key, and never a private one.
    #[test]
    fn a_pair_is_read_and_its_public_half_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = folder.path().join(name);
            fs::write(&path, material(name)).unwrap();
            path.display().to_string()
        };
        let pair = |merchant: &str, gateway: &str| {
            let line = [
                "sandbox",
                "--merchant-public-key",
                &file(merchant),
                "--gateway-private-key",
                &file(gateway),
            ];
            let keys = Line::parse_from(line).keys;
            keys.pair(Lang::En).map(|pair| (keys, pair.unwrap()))
        };
        let (keys, key) = pair("merchant_rsa2048_public", "gateway_rsa2048_private").unwrap();
        let theirs = PublicKey::read(&material("gateway_rsa2048_public")).unwrap();
        for lang in Lang::ALL {
            let told = format!("{:?}", keys.told(&key, lang));
            assert!(
                told.contains("RSA") && told.contains(&theirs.text()),
                "{told}"
            );
            assert!(!told.contains(KEY), "{told}");
        }
        for (merchant, gateway) in [
            ("gateway_rsa2048_public", "gateway_rsa2048_private"),
            ("merchant_rsa2048_private", "gateway_rsa2048_private"),
            ("merchant_rsa2048_public", "gateway_rsa2048_public"),
        ] {
            assert!(pair(merchant, gateway).is_err(), "{merchant} {gateway}");
        }
    }

    /// One file alone, or a pair beside a shared key, is a mistake.
    #[test]
    fn a_pair_is_whole_and_alone() {
        let (merchant, gateway) = ("--merchant-public-key", "--gateway-private-key");
        for line in [
            vec!["sandbox", merchant, "a"],
            vec!["sandbox", gateway, "b"],
            vec!["sandbox", merchant, "a", gateway, "b", "--key", "c"],
        ] {
            assert!(Line::try_parse_from(line).is_err());
        }
        assert!(
            Line::parse_from(["sandbox"])
                .keys
                .pair(Lang::En)
                .is_ok_and(|pair| pair.is_none())
        );
    }
}

//! What signs between a merchant and the gateway: one key that both have, or a pair on each side.

use super::codepay;
use super::contract::{Contract, With};
use quittance_core::gateway::alipay::{Key, Keys};
use quittance_core::params::Params;
use quittance_core::sign::rsa::PrivateKey;
use quittance_core::sign::{Place, PublicKey, md5_sign_at, presign};
use quittance_sandbox::codepay::keys;
use secrecy::{ExposeSecret, SecretString};
use std::sync::LazyLock;

/// The key pairs of the protocol note's examples: 1024 bits, as they were.
const VECTORS: &str = include_str!("../../../core/tests/vectors/alipay.json");

/// Both pairs, read once.
static PAIRS: LazyLock<Pairs> = LazyLock::new(Pairs::read);

struct Pairs {
    merchant: PrivateKey,
    merchant_secret: SecretString,
    merchant_public: PublicKey,
    gateway: PrivateKey,
    gateway_public: SecretString,
}

/// Who signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The merchant: what the gateway is asked.
    Merchant,
    /// The gateway: what the merchant is told.
    Gateway,
}

impl Pairs {
    fn read() -> Pairs {
        let vectors: serde_json::Value =
            serde_json::from_str(VECTORS).expect("the examples are JSON");
        let key = |name: &str| -> SecretString {
            let text = vectors["rsa_keys"][name].as_str();
            text.expect("the examples have this key").into()
        };
        let private = |name: &str| PrivateKey::read(&key(name)).expect("it is a private key");
        let public = key("merchant_rsa1024_public");
        Pairs {
            merchant: private("merchant_rsa1024_private"),
            merchant_secret: key("merchant_rsa1024_private"),
            merchant_public: PublicKey::read(public.expose_secret()).expect("it is a public key"),
            gateway: private("gateway_rsa1024_private"),
            gateway_public: key("gateway_rsa1024_public"),
        }
    }
}

impl Contract {
    /// What the account signs and verifies with. A shared key has one before it, which is good until then.
    pub(super) fn account_keys(&self, old_ends: jiff::Timestamp) -> Keys {
        if let With::CodePay { .. } = self.with {
            return Keys::Rsa {
                private: keys::MERCHANT_PRIVATE_KEY.into(),
                gateway: vec![Key {
                    key: keys::GATEWAY_PUBLIC_KEY.into(),
                    until: None,
                }],
            };
        }
        if self.pairs {
            return Keys::Rsa {
                private: PAIRS.merchant_secret.clone(),
                gateway: vec![Key {
                    key: PAIRS.gateway_public.clone(),
                    until: None,
                }],
            };
        }
        let key = |key: &str, until| Key {
            key: SecretString::from(key),
            until,
        };
        Keys::Md5(vec![key(self.key, None), key(self.old_key, Some(old_ends))])
    }

    /// The signature of these fields, and its kind.
    pub(super) fn signature(&self, side: Side, fields: &Params) -> (String, &'static str) {
        let bytes = presign(fields);
        let pair = match side {
            Side::Merchant => &PAIRS.merchant,
            Side::Gateway => &PAIRS.gateway,
        };
        match (self.pairs, self.with) {
            (false, _) => (self.md5(fields, self.key), "MD5"),
            (true, With::Alipay(_)) => (pair.sign(&bytes), "RSA"),
            (true, With::Dinpay) => (pair.sign_s(&bytes), "RSA-S"),
            (true, With::CodePay { .. }) => (codepay::private(side).sign_2(&bytes), "RSA2"),
        }
    }

    fn md5(&self, fields: &Params, key: &str) -> String {
        let place = match self.with {
            With::Alipay(_) | With::CodePay { .. } => Place::Behind,
            With::Dinpay => Place::Named,
        };
        md5_sign_at(place, &presign(fields), &SecretString::from(key))
    }

    /// The body of these fields with their signature.
    pub(super) fn signed(&self, side: Side, fields: Params) -> Vec<u8> {
        if let With::CodePay { .. } = self.with {
            return codepay::sealed(side, &fields);
        }
        let (sign, kind) = self.signature(side, &fields);
        with_signature(fields, &sign, kind)
    }

    /// The same parameters, signed with another key: this one where it is shared, else one that is not the gateway's.
    pub(super) fn signed_anew(&self, body: &[u8], key: &str) -> Vec<u8> {
        if let With::CodePay { .. } = self.with {
            let mut fields = Params::new();
            for (name, value) in codepay::read(body).unwrap_or_default() {
                // A name came once, so it goes once.
                let _ = fields.push(&name, value.as_bytes());
            }
            return codepay::sealed(Side::Merchant, &fields);
        }
        let Ok(parsed) = Params::parse(body) else {
            return body.to_vec();
        };
        let mut fields = Params::new();
        for (name, value) in parsed.iter() {
            if name != "sign" && name != "sign_type" {
                // A name came once, so it goes once.
                let _ = fields.push(name, value);
            }
        }
        let sign = self.md5(&fields, key);
        with_signature(fields, &sign, "MD5")
    }
}

/// The gateway's own key, and the merchant's half that it knows.
pub(super) fn gateway_pair() -> (PrivateKey, PublicKey) {
    (PAIRS.gateway.clone(), PAIRS.merchant_public.clone())
}

fn with_signature(mut fields: Params, sign: &str, kind: &str) -> Vec<u8> {
    let pushed = fields
        .push("sign", sign.as_bytes())
        .and_then(|_| fields.push("sign_type", kind.as_bytes()).map(|_| ()));
    debug_assert!(pushed.is_ok(), "the fields had no signature before");
    fields.to_wire().into_bytes()
}

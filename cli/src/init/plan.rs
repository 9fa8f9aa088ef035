//! What goes into the settings file, and what is wrong with it by the words of the server's own reader.

use super::template::Template;
use crate::demo::settings::Secrets;
use crate::ending::Stop;
use quittance_core::Lang;
use quittance_server::config::{self, Problem};
use std::path::Path;

/// The settings that a merchant has to bring, with what stands there until he did.
pub const OPEN: [(&str, &str); 3] = [
    ("public_url", "<https://pay.example.com>"),
    ("accounts.main.partner", "<2088 0000 0000 0000>"),
    ("accounts.main.charset", "<utf-8 | gbk | gb2312>"),
];

/// The section of the account.
const ACCOUNT: &str = "[accounts.main]";
/// The sections of endpoints.
const WEBHOOKS: &str = "[[webhooks]]";

/// Where a secret is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// In this environment variable.
    Env(String),
    /// In this file.
    File(String),
}

/// What goes into the settings file.
#[derive(Clone, Debug)]
pub struct Plan {
    pub public_url: Option<String>,
    pub partner: Option<String>,
    pub charset: Option<String>,
    pub key: Place,
    pub api_key: Place,
    pub webhook_secret: Place,
    /// Absent for the real gateway.
    pub gateway_url: Option<String>,
    pub seller_email: Option<String>,
    /// Where the shop is told.
    pub webhook_url: Option<String>,
}

impl Plan {
    /// The file.
    ///
    /// # Errors
    /// A template without one of the places: a mistake of the build.
    pub fn text(&self, lang: Lang) -> Result<String, Stop> {
        self.filled(Template::new(lang))
            .ok_or_else(|| Stop::unable("the template of the settings lacks a place"))
    }

    fn filled(&self, mut file: Template) -> Option<String> {
        let given = [&self.public_url, &self.partner, &self.charset];
        for ((setting, placeholder), value) in OPEN.iter().zip(given) {
            let value = quoted(value.as_deref().unwrap_or(placeholder));
            match setting.rsplit_once('.') {
                None => file.set("", setting, &value)?,
                Some((_, name)) => file.set(ACCOUNT, name, &value)?,
            }
        }
        file.set(ACCOUNT, "key", &self.key.written())?;
        file.set("[api_keys]", "shop", &self.api_key.written())?;
        if self.gateway_url.is_none() {
            file.show(
                ACCOUNT,
                "gateway_url",
                &quoted("https://mapi.alipay.com/gateway.do"),
            )?;
        }
        if let Some(url) = &self.gateway_url {
            file.set(ACCOUNT, "gateway_url", &quoted(url))?;
        }
        if let Some(login) = &self.seller_email {
            file.set(ACCOUNT, "seller_email", &quoted(login))?;
        }
        let secret = self.webhook_secret.written();
        match &self.webhook_url {
            None => file.show(WEBHOOKS, "secret", &secret)?,
            Some(url) => {
                file.open(WEBHOOKS)?;
                file.set(WEBHOOKS, "name", &quoted("shop"))?;
                file.set(WEBHOOKS, "url", &quoted(url))?;
                file.set(WEBHOOKS, "secret", &secret)?;
            }
        }
        Some(file.text())
    }

    /// The settings that are still to be filled in.
    pub fn open(&self) -> Vec<&'static str> {
        let given = [&self.public_url, &self.partner, &self.charset];
        let named = OPEN.iter().zip(given);
        named
            .filter(|(_, value)| value.is_none())
            .map(|((setting, _), _)| *setting)
            .collect()
    }

    /// What the server's reader says about it, without the placeholders. Secrets that are not set yet stand as drawn.
    ///
    /// # Errors
    /// As [`Plan::text`].
    pub fn problems(&self, folder: &Path, secrets: &Secrets) -> Result<Vec<Problem>, Stop> {
        let mut outside = self.clone();
        outside.api_key = Place::Env("API_KEY".to_owned());
        outside.webhook_secret = Place::Env("WEBHOOK".to_owned());
        // A file that the merchant named is read; one that is only about to be written is not there yet.
        if self.key == Place::File(super::SANDBOX_KEY.to_owned()) {
            outside.key = Place::Env("KEY".to_owned());
        }
        let env = |name: &str| match name {
            "WEBHOOK" => Some(secrets.webhook.clone()),
            "QUITTANCE_LISTEN" | "QUITTANCE_PUBLIC_URL" | "QUITTANCE_DATABASE" => None,
            _ => Some(secrets.api_key.clone()),
        };
        let open = self.open();
        let found = config::read(&outside.text(Lang::En)?, folder, &env)
            .err()
            .unwrap_or_default();
        Ok(found
            .into_iter()
            .filter(|problem| !open.contains(&problem.setting.as_str()))
            .collect())
    }
}

impl Place {
    fn written(&self) -> String {
        match self {
            Place::Env(name) => format!("{{ env = {} }}", quoted(name)),
            Place::File(path) => format!("{{ file = {} }}", quoted(path)),
        }
    }
}

/// A text as TOML writes it: JSON's escapes are among those of a basic string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

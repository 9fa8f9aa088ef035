//! The merchant's endpoints: `[[webhooks]]`.

use super::address::{self, Place};
use super::key;
use super::secret;
use super::section::{Reader, Section, missing, name_is_good};
use crate::setup::WebhookSetup;
use quittance_core::webhook::Secret;
use std::collections::{BTreeMap, BTreeSet};
use toml::Value;

/// Reads all endpoints. `accounts` are the names that an endpoint may be limited to.
pub(super) fn read(
    values: Vec<(String, Value)>,
    accounts: &BTreeSet<String>,
    reader: &mut Reader<'_>,
) -> BTreeMap<String, WebhookSetup> {
    let mut names = BTreeSet::new();
    let mut webhooks = BTreeMap::new();
    for (path, value) in values {
        let Some(mut section) = reader.section(path, value) else {
            continue;
        };
        let name = name(&mut section, &mut names, reader);
        let url = url(&mut section, reader);
        let current = secret("secret", &mut section, reader);
        if current.is_none() && !reader.is_wrong(&section.path("secret")) {
            missing(section.path("secret"), SECRET_FIX, reader);
        }
        let previous_secret = secret("previous_secret", &mut section, reader);
        let limit = key::limit(&mut section, accounts, reader);
        section.finish(reader);
        if let (Some(name), Some(url), Some(secret), Some(accounts)) = (name, url, current, limit) {
            let webhook = WebhookSetup {
                url,
                secret,
                previous_secret,
                accounts,
            };
            webhooks.insert(name, webhook);
        }
    }
    webhooks
}

/// How a secret of an endpoint is made.
const SECRET_FIX: (&str, &str) = (
    "make one: echo \"whsec_$(openssl rand -base64 32)\"",
    "请生成一个：echo \"whsec_$(openssl rand -base64 32)\"",
);

fn name(
    section: &mut Section,
    names: &mut BTreeSet<String>,
    reader: &mut Reader<'_>,
) -> Option<String> {
    let fix = (
        "give the endpoint a name, such as shop; deliveries are kept under it",
        "请为端点取名，例如 shop；投递记录保存在此名称下",
    );
    let name = section.required("name", fix, reader)?;
    let path = section.path("name");
    if !name_is_good(&name, &path, reader) {
        return None;
    }
    if !names.insert(name.clone()) {
        reader.wrong(
            path,
            ("another endpoint has this name", "另一个端点已使用此名称"),
            fix,
        );
        return None;
    }
    Some(name)
}

fn url(section: &mut Section, reader: &mut Reader<'_>) -> Option<String> {
    let fix = (
        "set the address that events are posted to",
        "请填写接收事件的地址",
    );
    let text = section.required("url", fix, reader)?;
    let path = section.path("url");
    let url = address::read(path.clone(), &text, reader)?;
    if url.scheme() != "https" && address::place(&url) == Place::Public {
        reader.wrong(
            path,
            (
                "the endpoint is not on this machine or in a private network, and is called without TLS",
                "端点不在本机或内网，却没有使用 TLS",
            ),
            (
                "write https://; http:// is for loopback and private addresses",
                "请使用 https://；http:// 仅用于本机和内网地址",
            ),
        );
        return None;
    }
    Some(text)
}

fn secret(name: &'static str, section: &mut Section, reader: &mut Reader<'_>) -> Option<Secret> {
    let value = section.take(name)?;
    let path = section.path(name);
    let text = secret::read(path.clone(), value, reader)?;
    match Secret::parse(&text) {
        Ok(secret) => Some(secret),
        Err(error) => {
            let cause = (
                error.to_string(),
                "webhook 密钥应为 whsec_ 加 24 到 64 个随机字节的 base64",
            );
            reader.wrong(path, cause, SECRET_FIX);
            None
        }
    }
}

//! Who may use the merchant API: `[api_keys]`.

use super::secret;
use super::section::{Reader, Section, name_is_good};
use crate::setup::ApiKey;
use secrecy::ExposeSecret;
use std::collections::BTreeSet;
use toml::Value;

/// Reads all keys. `accounts` are the names that a key may be limited to.
pub(super) fn read(
    section: Section,
    accounts: &BTreeSet<String>,
    reader: &mut Reader<'_>,
) -> Vec<ApiKey> {
    let mut keys: Vec<ApiKey> = Vec::new();
    for (name, path, value) in section.named() {
        if !name_is_good(&name, &path, reader) {
            continue;
        }
        let Some(key) = key(name, path.clone(), value, accounts, reader) else {
            continue;
        };
        let secret = key.secret.expose_secret();
        if keys
            .iter()
            .any(|other| other.secret.expose_secret() == secret)
        {
            reader.wrong(
                path,
                (
                    "another name has the same key, so nobody could tell whose call it was",
                    "与另一个名称的密钥相同，无法区分是谁的请求",
                ),
                (
                    "make a key for each: openssl rand -hex 32",
                    "请为每个名称生成单独的密钥：openssl rand -hex 32",
                ),
            );
            continue;
        }
        keys.push(key);
    }
    keys
}

fn key(
    name: String,
    path: String,
    value: Value,
    accounts: &BTreeSet<String>,
    reader: &mut Reader<'_>,
) -> Option<ApiKey> {
    let Value::Table(table) = value else {
        let secret = secret::read(path, value, reader)?;
        return Some(ApiKey {
            name,
            secret,
            accounts: None,
        });
    };
    let mut section = Section::new(path, table);
    let limit = limit(&mut section, accounts, reader);
    let secret = secret::from_section(&mut section, reader);
    section.finish(reader);
    Some(ApiKey {
        name,
        secret: secret?,
        accounts: limit?,
    })
}

/// Reads `accounts = [...]`: `Some(None)` where there is no such limit, `None` where it is wrong. A limit that cannot
/// be read must never turn into no limit.
pub(super) fn limit(
    section: &mut Section,
    accounts: &BTreeSet<String>,
    reader: &mut Reader<'_>,
) -> Option<Option<BTreeSet<String>>> {
    let path = section.path("accounts");
    let Some(values) = section.list("accounts", reader) else {
        return (!reader.is_wrong(&path)).then_some(None);
    };
    if values.is_empty() {
        reader.wrong(
            path.clone(),
            ("the list names no account", "列表中没有账户"),
            (
                "name an account, or leave the setting out to mean all of them",
                "请填写账户名，或删除此项以表示全部账户",
            ),
        );
    }
    let mut names = BTreeSet::new();
    for (path, value) in values {
        let Some(name) = reader.text(path.clone(), value) else {
            continue;
        };
        if accounts.contains(&name) {
            names.insert(name);
        } else {
            let known: Vec<&str> = accounts.iter().map(String::as_str).collect();
            let known = known.join(", ").escape_debug().to_string();
            reader.wrong(
                path,
                ("there is no account of this name", "没有这个名称的账户"),
                (
                    format!("name one of: {known}"),
                    format!("请填写以下之一：{known}"),
                ),
            );
        }
    }
    (!reader.is_wrong(&path)).then_some(Some(names))
}

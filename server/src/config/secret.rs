//! Secrets: from the environment, from a file of their own, or, with a warning, from the settings themselves.
//!
//! Nothing is repaired silently. A blank that came along with a pasted key is the first cause of wrong signatures, so
//! it refuses to start and says so (SEC-010, SEC-011).

use super::problem::{READ_BY_OTHERS, STANDS_IN_FILE, Text};
use super::section::{Reader, Section};
use quittance_core::sign::KEY_CHARS_MIN;
use secrecy::SecretString;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use toml::Value;

/// A longer file is no secret; reading ends there.
const FILE_BYTES_MAX: u64 = 16 * 1024;

/// What is wrong: cause and fix.
type Fault = (Text, Text);

/// What a secret is, which decides how it is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Material {
    /// A word that both sides know.
    Shared,
    /// A private key, in several lines or one. What is wrong with it is found where it is read.
    PrivateKey,
    /// A public key: no secret at all, in the same forms.
    PublicKey,
}

/// Reads `{ env = "NAME" }`, `{ file = "path" }` or `"literal"`.
pub(super) fn read(path: String, value: Value, reader: &mut Reader<'_>) -> Option<SecretString> {
    read_as(Material::Shared, path, value, reader)
}

/// As [`read`], of a private key.
pub(super) fn read_private_key(
    path: String,
    value: Value,
    reader: &mut Reader<'_>,
) -> Option<SecretString> {
    read_as(Material::PrivateKey, path, value, reader)
}

/// As [`read`], of a public key: it may stand in the settings, and its file may be read by all.
pub(super) fn read_public_key(
    path: String,
    value: Value,
    reader: &mut Reader<'_>,
) -> Option<SecretString> {
    read_as(Material::PublicKey, path, value, reader)
}

fn read_as(
    material: Material,
    path: String,
    value: Value,
    reader: &mut Reader<'_>,
) -> Option<SecretString> {
    match value {
        Value::String(text) if material == Material::PublicKey => {
            accept(material, path, Ok(text), reader)
        }
        Value::String(text) => literal(material, path, text, reader),
        Value::Table(table) => {
            let mut section = Section::new(path, table);
            let secret = from_table(material, &mut section, reader);
            section.finish(reader);
            secret
        }
        _ => {
            reader.wrong(path, FORMS_CAUSE, FORMS_FIX);
            None
        }
    }
}

/// Reads the `env` or the `file` of a section that may hold more.
pub(super) fn from_section(section: &mut Section, reader: &mut Reader<'_>) -> Option<SecretString> {
    from_table(Material::Shared, section, reader)
}

fn from_table(
    material: Material,
    section: &mut Section,
    reader: &mut Reader<'_>,
) -> Option<SecretString> {
    let path = section.here().to_owned();
    let (env, file) = (section.take("env"), section.take("file"));
    let found = match (env, file) {
        (Some(name), None) => {
            let name = reader.text(section.path("env"), name)?;
            from_env(&name, reader)
        }
        (None, Some(file)) => {
            let file = reader.text(section.path("file"), file)?;
            from_file(material, &reader.base.join(file))
        }
        _ => Err((FORMS_CAUSE.into(), FORMS_FIX.into())),
    };
    accept(material, path, found, reader)
}

/// The three forms, where a value has none of them.
const FORMS_CAUSE: (&str, &str) = (
    "a secret is given in one of three forms, and this is none of them",
    "密钥有三种写法，此处都不是",
);
/// What to write instead.
const FORMS_FIX: (&str, &str) = (
    "write { env = \"NAME\" } or { file = \"path\" }",
    "请写 { env = \"变量名\" } 或 { file = \"文件路径\" }",
);

fn literal(
    material: Material,
    path: String,
    text: String,
    reader: &mut Reader<'_>,
) -> Option<SecretString> {
    let secret = accept(material, path.clone(), Ok(text), reader)?;
    reader.literals += 1;
    reader.warn(
        path,
        (
            format!("{STANDS_IN_FILE}, where backups and colleagues find it"),
            "密钥直接写在设置文件中，备份和同事都可能看到",
        ),
        (
            "move it out: { env = \"NAME\" } or { file = \"path\" }",
            "请移出设置文件：{ env = \"变量名\" } 或 { file = \"文件路径\" }",
        ),
    );
    Some(secret)
}

fn from_env(name: &str, reader: &Reader<'_>) -> Result<String, Fault> {
    // The name of a variable may be quoted in messages; a secret pasted in its place may not.
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        return Err((
            (
                "env does not name an environment variable",
                "env 不是环境变量名",
            )
                .into(),
            (
                "name a variable in capital letters, digits and underscores, such as ALIPAY_KEY; \
                 the secret itself goes into that variable",
                "请用大写字母、数字和下划线写变量名，例如 ALIPAY_KEY；密钥本身放在该变量中",
            )
                .into(),
        ));
    }
    (reader.env)(name).ok_or_else(|| {
        (
            (
                "the environment variable that it names is not set".to_owned(),
                "所指的环境变量没有设置".to_owned(),
            )
                .into(),
            (
                "set that variable for the server's process, in its unit file or container too"
                    .to_owned(),
                "请在服务进程的环境中设置该变量（包括 systemd 单元或容器）".to_owned(),
            )
                .into(),
        )
    })
}

fn from_file(material: Material, path: &Path) -> Result<String, Fault> {
    let unreadable = |error: std::io::Error| {
        let fault: Fault = (
            (
                format!("the file that it names cannot be read ({error})"),
                format!("所指的文件无法读取（{error}）"),
            )
                .into(),
            (
                "check the path (it begins at the folder of the settings file) and that the \
                 server's user may read it",
                "请检查路径（相对路径从设置文件所在目录算起），并确认运行服务的用户可以读取",
            )
                .into(),
        );
        fault
    };
    // Looked at before opening, since opening a pipe would wait for ever.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err((
            (
                "the path names something that is no file",
                "所指的路径不是普通文件",
            )
                .into(),
            (
                "put the secret into a file of its own",
                "请把密钥放进单独的文件",
            )
                .into(),
        ));
    }
    let file = File::open(path).map_err(unreadable)?;
    // The mode is that of the file that was opened, whatever the path names by now.
    let open = others_can_read(&file.metadata().map_err(unreadable)?);
    if open && material != Material::PublicKey {
        return Err((
            (
                format!("the file {}", READ_BY_OTHERS.0),
                format!("该文件{}", READ_BY_OTHERS.1),
            )
                .into(),
            (
                "make it readable for the server's user only: chmod 600",
                "请设为仅服务用户可读：chmod 600",
            )
                .into(),
        ));
    }
    let mut text = String::new();
    let bytes = file
        .take(FILE_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if bytes as u64 == FILE_BYTES_MAX {
        return Err((
            (
                "the file is far too long for a secret",
                "该文件过长，不像是密钥",
            )
                .into(),
            (
                "put the secret alone into the file",
                "请让文件中只有密钥本身",
            )
                .into(),
        ));
    }
    // Editors end a file with one line break: it is the file's, not the key's. Any other blank is refused below.
    let ending = ["\r\n", "\n"].iter().find(|end| text.ends_with(**end));
    text.truncate(text.len() - ending.map_or(0, |end| end.len()));
    Ok(text)
}

/// Whether group or others have any right to the file.
#[cfg(unix)]
pub(super) fn others_can_read(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o077 != 0
}

/// Elsewhere the rights of a file are not told by its mode.
#[cfg(not(unix))]
pub(super) fn others_can_read(_metadata: &std::fs::Metadata) -> bool {
    false
}

fn accept(
    material: Material,
    path: String,
    found: Result<String, Fault>,
    reader: &mut Reader<'_>,
) -> Option<SecretString> {
    let fault = match found {
        Ok(text) => match fault(material, &text) {
            None => return Some(SecretString::from(text)),
            Some(fault) => fault,
        },
        Err(fault) => fault,
    };
    reader.wrong(path, fault.0, fault.1);
    None
}

/// What is wrong with a secret, in order of precedence.
fn fault(material: Material, text: &str) -> Option<Fault> {
    let fault = |cause: (&str, &str), fix: (&str, &str)| Some((cause.into(), fix.into()));
    if text.is_empty() && material == Material::Shared {
        return fault(
            ("the secret is empty", "密钥为空"),
            (
                "set it; an empty key would verify what anybody signs",
                "请设置密钥；空密钥等于任何人都能签名",
            ),
        );
    }
    if text.contains("${") || (text.starts_with('<') && text.ends_with('>')) {
        return fault(
            (
                "the secret is a placeholder that was never filled in",
                "密钥是未替换的占位符",
            ),
            (
                "nothing is substituted here: write { env = \"NAME\" }",
                "此处不做变量替换，请写 { env = \"变量名\" }",
            ),
        );
    }
    if material != Material::Shared {
        return None;
    }
    let blank = char::is_whitespace;
    let place = if text.trim().is_empty() {
        Some(("nothing but blanks", "全部是空白"))
    } else if text.starts_with(blank) {
        Some(("a blank at its beginning", "开头有空白"))
    } else if text.ends_with(blank) {
        Some(("a blank or line break at its end", "末尾有空白或换行"))
    } else {
        text.contains(blank)
            .then_some(("a blank inside", "中间有空白"))
    };
    if let Some((en, zh)) = place {
        return Some((
            (
                format!("the secret has {en}; it is never trimmed silently"),
                format!("密钥{zh}；程序不会自动去除"),
            )
                .into(),
            (
                "remove the blank; it usually comes along when a key is copied",
                "请删除空白，复制密钥时常会多带空格或换行",
            )
                .into(),
        ));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return fault(
            (
                "the secret has a character that is not printable ASCII",
                "密钥含有不可打印或非 ASCII 字符",
            ),
            (
                "copy it again; full-width characters and byte order marks are the usual cause",
                "请重新复制；常见原因是全角字符或文件的 BOM",
            ),
        );
    }
    if text.len() < KEY_CHARS_MIN {
        return Some((
            (
                format!("the secret is shorter than {KEY_CHARS_MIN} characters"),
                format!("密钥不足 {KEY_CHARS_MIN} 个字符"),
            )
                .into(),
            (
                "copy the whole key, or make a longer one: openssl rand -hex 32",
                "请复制完整的密钥，或生成更长的：openssl rand -hex 32",
            )
                .into(),
        ));
    }
    None
}

//! The address of a database: a URL as libpq reads it, with what TLS it asks for.

use secrecy::{ExposeSecret, SecretString};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// Connections that are only read from, where the URL does not say.
const READERS: usize = 4;
/// More than that are a mistake.
const READERS_MAX: usize = 64;

/// A PostgreSQL database: `postgres://user:password@host:5432/name?sslmode=verify-full`, with several hosts where there
/// are several. Beside what libpq knows, `pool` says how many connections are read from (4); one more writes, one
/// watches.
#[derive(Clone)]
pub struct PostgresUrl {
    text: SecretString,
    config: Config,
    tls: Tls,
    readers: usize,
}

/// How far the server's certificate is looked at: libpq's `sslmode`.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Tls {
    /// `disable`.
    Off,
    /// `prefer` and `require`: against who only listens.
    Unverified,
    /// `verify-ca`: somebody whom these authorities know.
    Known(PathBuf),
    /// `verify-full`: that very host, by these authorities, or by the system's.
    Named(Option<PathBuf>),
}

/// Why a URL, or what it names, cannot be used. Says nothing of passwords.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct UrlError(String);

impl PostgresUrl {
    /// Whether a text means such a database at all.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// Reads a URL.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<PostgresUrl, UrlError> {
        let (place, query) = text.split_once('?').unwrap_or((text, ""));
        let (mut mode, mut roots, mut readers) = (String::from("prefer"), None, READERS);
        let mut rest = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let mut decoded = url::form_urlencoded::parse(pair.as_bytes());
            let (name, value) = decoded.next().unwrap_or_default();
            match &*name {
                "sslmode" => mode = value.into_owned(),
                "sslrootcert" if value != "system" => roots = Some(PathBuf::from(&*value)),
                "sslrootcert" => {}
                "sslcert" | "sslkey" => {
                    return Err(UrlError(format!(
                        "`{name}`: certificates of clients are not built yet; let the server ask for a password"
                    )));
                }
                "pool" => {
                    readers = value
                        .parse()
                        .ok()
                        .filter(|count| (1..=READERS_MAX).contains(count))
                        .ok_or_else(|| UrlError(format!("`pool` is 1 to {READERS_MAX}")))?;
                }
                _ => rest.push(pair),
            }
        }
        let (tls, ssl_mode) = match (&*mode, roots) {
            ("disable", _) => (Tls::Off, SslMode::Disable),
            ("allow" | "prefer", _) => (Tls::Unverified, SslMode::Prefer),
            ("require", None) => (Tls::Unverified, SslMode::Require),
            // As libpq has it: whoever gives authorities wants them asked.
            ("require" | "verify-ca", Some(roots)) => (Tls::Known(roots), SslMode::Require),
            ("verify-ca", None) => {
                return Err(UrlError(
                    "`sslmode=verify-ca` needs `sslrootcert`, the file of the authorities"
                        .to_owned(),
                ));
            }
            ("verify-full", roots) => (Tls::Named(roots), SslMode::Require),
            _ => {
                return Err(UrlError(
                    "`sslmode` is disable, prefer, require, verify-ca or verify-full".to_owned(),
                ));
            }
        };
        let plain = format!("{place}?{}", rest.join("&"));
        let mut config: Config = plain
            .trim_end_matches('?')
            .parse()
            .map_err(|error: tokio_postgres::Error| UrlError(told(&error)))?;
        config.ssl_mode(ssl_mode);
        if config.get_hosts().is_empty() {
            return Err(UrlError("no host is named".to_owned()));
        }
        // Entries are written: a standby is no use, whichever of several hosts it is.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        config.application_name("quittance");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(3));
        }
        Ok(PostgresUrl {
            text: SecretString::from(text),
            config,
            tls,
            readers,
        })
    }

    /// Whether a password stands in it.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// What connects to it.
    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// How many connections are read from.
    pub(super) fn readers(&self) -> usize {
        self.readers
    }

    /// What speaks TLS to it, as the URL says.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, UrlError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let tls = |error: Error| UrlError(format!("TLS cannot be spoken: {error}"));
        let builder = ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(tls)?;
        let verifier: Arc<dyn ServerCertVerifier> = match &self.tls {
            Tls::Off | Tls::Unverified => Arc::new(AnyName {
                provider,
                known: None,
            }),
            Tls::Known(file) => Arc::new(AnyName {
                known: Some(authorities(file, provider.clone())?),
                provider,
            }),
            Tls::Named(Some(file)) => authorities(file, provider)?,
            Tls::Named(None) => {
                Arc::new(rustls_platform_verifier::Verifier::new(provider).map_err(tls)?)
            }
        };
        let config = builder
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        Ok(MakeRustlsConnect::new(config))
    }
}

impl PartialEq for PostgresUrl {
    fn eq(&self, other: &PostgresUrl) -> bool {
        self.text.expose_secret() == other.text.expose_secret()
    }
}

impl Eq for PostgresUrl {}

impl std::fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

/// Without the password.
impl std::fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        let ports = self.config.get_ports();
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            match host {
                Host::Tcp(name) => f.write_str(name)?,
                #[cfg(unix)]
                Host::Unix(path) => write!(f, "{}", path.display())?,
            }
            if let Some(port) = ports.get(at).or(ports.first()) {
                write!(f, ":{port}")?;
            }
        }
        match self.config.get_dbname() {
            Some(name) => write!(f, "/{name}"),
            None => Ok(()),
        }
    }
}

/// An error with what caused it; the URL's own words are not in it.
fn told(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn authorities(
    file: &std::path::Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, UrlError> {
    let place = file.display();
    let unreadable = |error: &dyn std::fmt::Display| {
        UrlError(format!("`sslrootcert`: {place} cannot be read: {error}"))
    };
    let mut roots = RootCertStore::empty();
    for found in CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))? {
        let found = found.map_err(|error| unreadable(&error))?;
        roots.add(found).map_err(|error| unreadable(&error))?;
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| unreadable(&error))
}

/// Takes any certificate, as libpq does below `verify-ca`: what is said is still nobody else's to hear. With authorities it
/// takes theirs only, whatever the host's name in it is.
#[derive(Debug)]
struct AnyName {
    provider: Arc<CryptoProvider>,
    known: Option<Arc<WebPkiServerVerifier>>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(known) = &self.known else {
            return Ok(ServerCertVerified::assertion());
        };
        let verified =
            known.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}

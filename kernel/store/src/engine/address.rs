//! The address of a PostgreSQL database, and how far the way there is to be trusted: `sslmode` and `sslrootcert`
//! mean what libpq means by them.

use std::{path::PathBuf, sync::Arc};

use percent_encoding::percent_decode_str;
use postgres::{Config, config::SslMode};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject},
};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::{Result, StoreError};

/// Where a database is, and how to get there.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads `postgres://user:password@host/database?sslmode=…` or `host=… user=… sslmode=…`.
    ///
    /// - `disable`: in the clear.
    /// - `prefer` (the default): TLS where the server offers it, whoever it is.
    /// - `require`: TLS or nothing, whoever the server is.
    /// - `verify-full`: TLS, with a certificate for that host name by an authority of the file `sslrootcert`
    ///   (PEM), or by one that everybody knows where no file is named.
    ///
    /// Errors: the address cannot be read, or asks for what there is not; the file has no certificate.
    pub(crate) fn read(text: &str) -> Result<Self> {
        let Parts { rest, mode, authority } = split(text);
        let mut config: Config = rest.parse().map_err(StoreError::from)?;
        let verified = match mode.as_deref() {
            Some("disable") => {
                config.ssl_mode(SslMode::Disable);
                false
            }
            None if authority.is_none() => false,
            Some("prefer") => {
                config.ssl_mode(SslMode::Prefer);
                false
            }
            Some("require") if authority.is_none() => {
                config.ssl_mode(SslMode::Require);
                false
            }
            // Whoever names an authority wants the server checked.
            None | Some("require" | "verify-full") => {
                config.ssl_mode(SslMode::Require);
                true
            }
            Some(other) => {
                return Err(StoreError::Invalid(format!(
                    "sslmode={other}: expected disable, prefer, require or verify-full"
                )));
            }
        };
        if authority.is_some() && !verified {
            return Err(StoreError::Invalid("sslrootcert goes with sslmode=verify-full".to_owned()));
        }
        let tls = MakeRustlsConnect::new(client(verified, authority)?);
        Ok(Self { config, tls })
    }
}

/// What is ours of an address, and what the driver reads.
#[derive(Debug, Default, PartialEq, Eq)]
struct Parts {
    rest: String,
    mode: Option<String>,
    authority: Option<PathBuf>,
}

impl Parts {
    /// Keeps a parameter that is ours; `false` if it is not.
    fn take(&mut self, name: &str, value: &str) -> bool {
        match name {
            "sslmode" => self.mode = Some(value.to_owned()),
            "sslrootcert" => self.authority = Some(PathBuf::from(value)),
            _ => return false,
        }
        true
    }
}

fn split(text: &str) -> Parts {
    let mut parts = Parts::default();
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let theirs: Vec<_> = query
            .split('&')
            .filter(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                !pair.is_empty() && !parts.take(name, &percent_decode_str(value).decode_utf8_lossy())
            })
            .collect();
        address.clone_into(&mut parts.rest);
        if !theirs.is_empty() {
            parts.rest.push('?');
            parts.rest.push_str(&theirs.join("&"));
        }
        return parts;
    }
    let mut theirs = Vec::new();
    for pair in pairs(text) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = value.trim();
        let bare = value.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')).unwrap_or(value);
        if !parts.take(name.trim(), bare) {
            theirs.push(pair);
        }
    }
    parts.rest = theirs.join(" ");
    parts
}

/// The pairs of `name=value`, between spaces that are not within quotes.
fn pairs(text: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |letter: char| {
        let plain = !escaped;
        escaped = plain && letter == '\\';
        if letter == '\'' && plain {
            quoted = !quoted;
        }
        letter.is_whitespace() && !quoted
    })
    .filter(|pair| !pair.is_empty())
}

fn client(verified: bool, authority: Option<PathBuf>) -> Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Invalid(format!("TLS: {error}")))?;
    if !verified {
        let anybody = Arc::new(Anybody(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    match authority {
        None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Some(file) => {
            let unusable = |why: &dyn std::fmt::Display| {
                StoreError::Invalid(format!("sslrootcert {}: {why}", file.display()))
            };
            let certificates = CertificateDer::pem_file_iter(&file).map_err(|error| unusable(&error))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unusable(&error))?;
                roots.add(certificate).map_err(|error| unusable(&error))?;
            }
            if roots.is_empty() {
                return Err(unusable(&"no certificate in it"));
            }
        }
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Believes any server: whoever asks for no more than encryption is protected from those who listen, not from those
/// who stand in between.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> std::result::Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (String, Option<String>, Option<String>) {
        let Parts { rest, mode, authority } = split(text);
        (rest, mode, authority.map(|it| it.display().to_string()))
    }

    #[test]
    fn what_is_ours_is_taken_out_of_either_form() {
        let ours =
            |rest: &str| (rest.to_owned(), Some("verify-full".to_owned()), Some("/a b.pem".to_owned()));
        assert_eq!(
            parts("postgres://u:p%40@h/d?sslmode=verify-full&connect_timeout=3&sslrootcert=%2Fa%20b.pem"),
            ours("postgres://u:p%40@h/d?connect_timeout=3")
        );
        assert_eq!(
            parts("host=h password='a \\' sslmode=x' sslmode=verify-full sslrootcert='/a b.pem' user=u"),
            ours("host=h password='a \\' sslmode=x' user=u")
        );
        assert_eq!(parts("postgres://h/d"), ("postgres://h/d".to_owned(), None, None));
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        let refused = |text: &str| match Address::read(text) {
            Err(StoreError::Invalid(why)) => why,
            other => other.map_or_else(|error| error.to_string(), |_| "accepted".to_owned()),
        };
        assert!(refused("postgres://h/d?sslmode=verify-ca").contains("expected disable, prefer"));
        assert!(refused("postgres://h/d?sslmode=disable&sslrootcert=/a.pem").contains("goes with"));
        assert!(
            refused("postgres://h/d?sslmode=verify-full&sslrootcert=/nowhere/a.pem")
                .contains("/nowhere/a.pem")
        );
        assert!(refused("postgres://h/d?sslrootcert=/dev/null").contains("no certificate"));
    }
}

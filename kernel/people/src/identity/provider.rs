//! The identity providers that the commune has an agreement with: where they are, and the secrets that they share with
//! the town, sealed. And how they fare, for the administrator.

use beffroi_core::{Assurance, Id, Instant};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ProviderKind;
use crate::{Permit, permission::ManageTown};

/// What the secrets of a provider are sealed for; the provider's word follows.
pub const KEY_CONTEXT: &str = "identity-provider.";

/// What an administrator says of a provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Which one.
    pub kind: ProviderKind,
    /// Whether its button is shown.
    #[serde(default)]
    pub enabled: bool,
    /// Its address, as it names itself in its tokens: `https://oidc.franceconnect.gouv.fr/api/v2`.
    pub issuer: String,
    /// What it calls the town.
    pub client_id: String,
    /// The level that is asked for where a procedure asks for none higher.
    #[serde(default)]
    pub level: Assurance,
    /// ProConnect: the SIRET of the commune, whose invited agents may come in.
    #[serde(default)]
    pub siret: String,
    /// ProConnect: the only identity providers of the federation that may vouch for an agent; all of them, if none
    /// is named.
    #[serde(default)]
    pub idps: Vec<String>,
}

/// A provider's secrets, opened.
#[derive(Clone)]
pub struct Secrets {
    /// What the town shows at the token endpoint.
    pub client_secret: String,
    /// The private key of the town, 32 bytes (P-256), with which it reads what is encrypted for it. Every provider has
    /// one; FranceConnect+ makes use of it.
    pub decryption_key: Vec<u8>,
}

/// A provider as it is kept.
#[derive(Clone)]
pub struct Saved {
    /// The settings.
    pub provider: Provider,
    /// The secrets.
    pub secrets: Secrets,
}

/// How a provider fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Which one.
    pub kind: ProviderKind,
    /// When it last did what it should.
    pub worked_at: Option<Instant>,
    /// When it last did not.
    pub failed_at: Option<Instant>,
    /// What is wrong, for the administrator; empty since it last worked.
    pub failure: String,
}

impl Health {
    /// Whether the last thing that was seen of it was a failure.
    pub const fn is_failing(&self) -> bool {
        !self.failure.is_empty()
    }
}

/// Settings that cannot be kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ProviderError {
    /// Not an address in https, nor one of this machine.
    #[error("the issuer is not an https address")]
    Issuer,
    /// None is given.
    #[error("the client id is missing")]
    ClientId,
    /// None is given, and none is kept.
    #[error("the client secret is missing")]
    Secret,
    /// Not 14 digits.
    #[error("not a SIRET")]
    Siret,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Provider {
    /// One that nobody has set yet.
    pub const fn unset(kind: ProviderKind) -> Self {
        Self {
            kind,
            enabled: false,
            issuer: String::new(),
            client_id: String::new(),
            level: match kind {
                ProviderKind::FranceConnectPlus => Assurance::Eidas2,
                ProviderKind::FranceConnect | ProviderKind::ProConnect => Assurance::Eidas1,
            },
            siret: String::new(),
            idps: Vec::new(),
        }
    }

    fn check(&self, has_secret: bool) -> Result<(), ProviderError> {
        let host = |text: &str| text.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        let secure = self.issuer.strip_prefix("https://").map(host).is_some_and(|host| host.contains('.'));
        let here = self.issuer.strip_prefix("http://").map(host).is_some_and(|host| {
            ["127.0.0.1", "localhost", "[::1]"]
                .contains(&host.rsplit_once(':').map_or(host.as_str(), |it| it.0))
        });
        if (!secure && !here) || self.issuer.contains(char::is_whitespace) {
            return Err(ProviderError::Issuer);
        }
        if self.client_id.is_empty() {
            return Err(ProviderError::ClientId);
        }
        if !has_secret {
            return Err(ProviderError::Secret);
        }
        let siret = self.siret.len() == 14 && self.siret.bytes().all(|c| c.is_ascii_digit());
        if !self.siret.is_empty() && !siret {
            return Err(ProviderError::Siret);
        }
        Ok(())
    }
}

/// Keeps the settings of a provider. No secret in `client_secret`: the one that is kept stays. The town's key is drawn
/// once, since the provider keeps its public half.
pub fn save(
    tx: &mut Tx<'_>,
    _: &Permit<ManageTown>,
    provider: &Provider,
    client_secret: &str,
) -> Result<(), ProviderError> {
    let kept = sealed(tx, provider.kind)?;
    provider.check(kept.is_some() || !client_secret.is_empty())?;
    let context = context(provider.kind);
    let (before, key) = if let Some((secret, key)) = kept {
        (Some(secret), key)
    } else {
        // Below the order of P-256 but for one chance in 2^32, which a leading zero bit takes away.
        let mut key = tx.random::<32>();
        if let Some(first) = key.first_mut() {
            *first &= 0x7f;
        }
        (None, tx.seal(&context, &key)?)
    };
    let secret = match before {
        Some(before) if client_secret.is_empty() => before,
        _ => tx.seal(&context, client_secret.as_bytes())?,
    };
    let settings = serde_json::to_value(provider).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO identity_provider (kind, settings, client_secret, decryption_key, failure) \
         VALUES ($1, $2, $3, $4, '') ON CONFLICT (kind) DO UPDATE SET settings = excluded.settings, \
         client_secret = excluded.client_secret",
        &[&provider.kind, &settings, &secret, &key],
    )?;
    tx.journal(&Entry {
        kind: "identity_provider.changed",
        subject_kind: "town",
        subject_id: Id::<Provider>::from_uuid(Uuid::nil()).uuid(),
        payload: serde_json::json!({ "provider": provider.kind, "enabled": provider.enabled }),
    })?;
    Ok(())
}

/// One provider with its secrets, whether its button is shown or not.
pub fn find(tx: &mut Tx<'_>, kind: ProviderKind) -> Result<Option<Saved>> {
    let settings =
        tx.query_opt("SELECT settings FROM identity_provider WHERE kind = $1", &[&kind], settings)?;
    let (Some(provider), Some((secret, key))) = (settings, sealed(tx, kind)?) else { return Ok(None) };
    let context = context(kind);
    let secret = tx.unseal(&context, &secret)?;
    Ok(Some(Saved {
        provider,
        secrets: Secrets {
            client_secret: String::from_utf8_lossy(&secret).into_owned(),
            decryption_key: tx.unseal(&context, &key)?,
        },
    }))
}

/// The providers that were set, in the order of [`ProviderKind::ALL`].
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Provider>> {
    let mut all = tx.query("SELECT settings FROM identity_provider ORDER BY kind LIMIT 10", &[], settings)?;
    all.sort_by_key(|provider| provider.kind);
    Ok(all)
}

/// How the providers fare.
pub fn health(tx: &mut Tx<'_>) -> Result<Vec<Health>> {
    tx.query(
        "SELECT kind, worked_at, failed_at, failure FROM identity_provider ORDER BY kind LIMIT 10",
        &[],
        |row| {
            Ok(Health {
                kind: row.get(0)?,
                worked_at: row.get(1)?,
                failed_at: row.get(2)?,
                failure: row.get(3)?,
            })
        },
    )
}

/// Writes down that a provider did not do what it should.
pub fn failed(tx: &mut Tx<'_>, kind: ProviderKind, failure: &str) -> Result<()> {
    let failure: String = failure.chars().take(500).collect();
    tx.execute(
        "UPDATE identity_provider SET failed_at = $1, failure = $2 WHERE kind = $3",
        &[&tx.now(), &failure, &kind],
    )?;
    Ok(())
}

/// Writes down that it did.
pub fn worked(tx: &mut Tx<'_>, kind: ProviderKind) -> Result<()> {
    tx.execute(
        "UPDATE identity_provider SET worked_at = $1, failure = '' WHERE kind = $2",
        &[&tx.now(), &kind],
    )?;
    Ok(())
}

fn sealed(tx: &mut Tx<'_>, kind: ProviderKind) -> Result<Option<(Vec<u8>, Vec<u8>)>> {
    tx.query_opt(
        "SELECT client_secret, decryption_key FROM identity_provider WHERE kind = $1",
        &[&kind],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

fn settings(row: &mut Row) -> Result<Provider> {
    Ok(serde_json::from_value(row.get(0)?)?)
}

fn context(kind: ProviderKind) -> String {
    format!("{KEY_CONTEXT}{}", kind.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(issuer: &str) -> Result<(), ProviderError> {
        let provider = Provider {
            issuer: issuer.to_owned(),
            client_id: "town".to_owned(),
            ..Provider::unset(ProviderKind::FranceConnect)
        };
        provider.check(true)
    }

    #[test]
    fn identities_travel_encrypted_but_within_this_machine() {
        for right in [
            "https://oidc.franceconnect.gouv.fr/api/v2",
            "https://auth.example.fr",
            "http://127.0.0.1:4011",
            "http://localhost/oidc",
            "http://[::1]:4011",
        ] {
            assert!(at(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "http://auth.example.fr",
            "http://127.0.0.1.evil.example",
            "https://",
            "https://a b.fr",
            "ftp://a.fr",
        ] {
            assert!(matches!(at(wrong), Err(ProviderError::Issuer)), "{wrong}");
        }
    }
}

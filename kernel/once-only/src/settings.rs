//! Which of the State's services a commune may ask: where they are, the key that it was given, and for what.

use beffroi_core::Instant;
use beffroi_forms::FetchSource;
use beffroi_people::{Permit, permission::ManageTown};
use beffroi_store::{Entry, Result, StoreError, Tx};
use serde_json::json;

/// Letters of a purpose, at most: the services refuse longer ones.
const PURPOSE_AT_MOST: usize = 200;
/// Letters of a key, at most.
const TOKEN_AT_MOST: usize = 4_000;

/// One of the State's doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// What the State knows of persons.
    Particulier,
    /// What it knows of enterprises and associations.
    Entreprise,
}

impl Api {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Particulier, Self::Entreprise];

    /// The door through which a source is asked.
    pub const fn of(source: FetchSource) -> Self {
        match source {
            FetchSource::FamilyQuotient | FetchSource::Schooling => Self::Particulier,
            FetchSource::Establishment | FetchSource::Association => Self::Entreprise,
        }
    }

    /// Its short name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Particulier => "api-particulier",
            Self::Entreprise => "api-entreprise",
        }
    }

    /// The door of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.as_str() == word)
    }

    /// Where it is, for real.
    pub const fn usual_address(self) -> &'static str {
        match self {
            Self::Particulier => "https://particulier.api.gouv.fr",
            Self::Entreprise => "https://entreprise.api.gouv.fr",
        }
    }

    fn seal_context(self) -> String {
        format!("once_only.token:{}", self.as_str())
    }
}

/// What is needed to ask. The key is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// Which door.
    pub api: Api,
    /// Where it is, without a slash at its end.
    pub address: String,
    /// The key.
    pub token: String,
    /// Who asks: the SIRET number of the commune.
    pub recipient: String,
    /// For what: « Inscription à la cantine ».
    pub purpose: String,
    /// When that was settled.
    pub changed_at: Instant,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access")
            .field("api", &self.api)
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// What is wrong with settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsFault {
    /// The address is no https address.
    Address,
    /// There is no key.
    Token,
    /// The SIRET number of the commune is none.
    Recipient,
    /// No purpose is said, or it is too long.
    Purpose,
}

/// What is to be kept, made ready; else what is wrong with it. An empty key leaves the one that is kept for `kept_at`,
/// the address that it is shown to: another address is another reader, and the key is to be given again.
///
/// # Errors
/// Everything that is wrong.
pub fn to_keep(access: &Access, kept_at: Option<&str>) -> Result<Access, Vec<SettingsFault>> {
    let mut faults = Vec::new();
    let address = access.address.trim().trim_end_matches('/').to_owned();
    if !is_address(&address) {
        faults.push(SettingsFault::Address);
    }
    let token = access.token.trim().to_owned();
    let printable = token.bytes().all(|letter| letter.is_ascii_graphic());
    let stays = kept_at == Some(address.as_str());
    if (token.is_empty() && !stays) || token.len() > TOKEN_AT_MOST || !printable {
        faults.push(SettingsFault::Token);
    }
    let recipient: String = access.recipient.chars().filter(|letter| !letter.is_whitespace()).collect();
    if !is_siret(&recipient) {
        faults.push(SettingsFault::Recipient);
    }
    let purpose = access.purpose.trim().to_owned();
    if purpose.is_empty() || purpose.chars().count() > PURPOSE_AT_MOST {
        faults.push(SettingsFault::Purpose);
    }
    if faults.is_empty() {
        Ok(Access { address, token, recipient, purpose, ..access.clone() })
    } else {
        Err(faults)
    }
}

/// An https address without a path's end; plain http only to this machine, for a stand-in.
fn is_address(address: &str) -> bool {
    let Ok(uri) = address.parse::<hyper::Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let here = ["127.0.0.1", "localhost", "[::1]"].contains(&host);
    let plain = uri.query().is_none() && !host.is_empty() && !address.contains(['@', '#']);
    plain && (uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && here))
}

/// Fourteen digits whose check digit is right (La Poste's establishments have a rule of their own).
fn is_siret(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|letter| letter.to_digit(10)).collect();
    if digits.len() != 14 || text.len() != 14 {
        return false;
    }
    let luhn: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(rank, digit)| if rank % 2 == 1 { (digit * 2) / 10 + (digit * 2) % 10 } else { *digit })
        .sum();
    luhn.is_multiple_of(10) || (text.starts_with("356000000") && digits.iter().sum::<u32>().is_multiple_of(5))
}

/// What is needed to ask, where the commune may.
pub fn load(tx: &mut Tx<'_>, api: Api) -> Result<Option<Access>> {
    let row = tx.query_opt(
        "SELECT address, token, recipient, purpose, changed_at FROM once_only_service WHERE api = $1",
        &[&api.as_str()],
        |row| {
            Ok((
                row.get::<String>(0)?,
                row.get::<Vec<u8>>(1)?,
                row.get::<String>(2)?,
                row.get::<String>(3)?,
                row.get::<Instant>(4)?,
            ))
        },
    )?;
    let Some((address, sealed, recipient, purpose, changed_at)) = row else { return Ok(None) };
    let token = String::from_utf8(tx.unseal(&api.seal_context(), &sealed)?)
        .map_err(|_| StoreError::Corrupt("a key of the State’s services is no text".to_owned()))?;
    Ok(Some(Access { api, address, token, recipient, purpose, changed_at }))
}

/// Keeps what is needed to ask. An empty key leaves the one that is kept, where the address is the same.
///
/// # Errors
/// [`StoreError::Invalid`] where a key would go with another address than the one that it was given for.
pub fn save(tx: &mut Tx<'_>, _: &Permit<ManageTown>, access: &Access) -> Result<()> {
    let now = tx.now();
    let api = access.api.as_str();
    if access.token.is_empty() {
        let kept = tx.execute(
            "UPDATE once_only_service SET recipient = $1, purpose = $2, changed_at = $3 WHERE api = $4 AND address = $5",
            &[&access.recipient, &access.purpose, &now, &api, &access.address],
        )?;
        if kept == 0 {
            return Err(StoreError::Invalid("a key is kept for one address".to_owned()));
        }
    } else {
        let sealed = tx.seal(&access.api.seal_context(), access.token.as_bytes())?;
        tx.execute(
            "INSERT INTO once_only_service (api, address, token, recipient, purpose, changed_at) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (api) DO UPDATE SET address = excluded.address, \
             token = excluded.token, recipient = excluded.recipient, purpose = excluded.purpose, \
             changed_at = excluded.changed_at",
            &[&api, &access.address, &sealed, &access.recipient, &access.purpose, &now],
        )?;
    }
    journal(tx, access.api, true)
}

/// Forgets the key: the service is asked no more.
pub fn clear(tx: &mut Tx<'_>, _: &Permit<ManageTown>, api: Api) -> Result<()> {
    tx.execute("DELETE FROM once_only_service WHERE api = $1", &[&api.as_str()])?;
    journal(tx, api, false)
}

fn journal(tx: &mut Tx<'_>, api: Api, asked: bool) -> Result<()> {
    let subject_id = tx.new_id::<Access>().uuid();
    tx.journal(&Entry {
        kind: "state_service.changed",
        subject_kind: "state_service",
        subject_id,
        payload: json!({ "api": api.as_str(), "asked": asked }),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(address: &str) -> Access {
        Access {
            api: Api::Particulier,
            address: address.to_owned(),
            token: "abc".to_owned(),
            recipient: "130 025 265 00013".to_owned(),
            purpose: "Cantine".to_owned(),
            changed_at: Instant::UNIX_EPOCH,
        }
    }

    #[test]
    fn only_a_protected_address_is_asked() {
        for right in ["https://particulier.api.gouv.fr/", "http://127.0.0.1:8080", "https://a.example/v"] {
            assert!(to_keep(&access(right), None).is_ok(), "{right}");
        }
        for wrong in [
            "http://particulier.api.gouv.fr",
            "ftp://a",
            "",
            "https://",
            "https://u@a.example",
            "https://a.example?x=1",
        ] {
            assert_eq!(to_keep(&access(wrong), None), Err(vec![SettingsFault::Address]), "{wrong}");
        }
        let kept = to_keep(&access("https://a.example/"), None).unwrap();
        assert_eq!((kept.address.as_str(), kept.recipient.as_str()), ("https://a.example", "13002526500013"));
    }

    #[test]
    fn a_key_is_needed_once_and_nothing_prints_it() {
        let mut without = access("https://a.example");
        without.token.clear();
        assert_eq!(to_keep(&without, None), Err(vec![SettingsFault::Token]));
        assert!(to_keep(&without, Some("https://a.example")).is_ok(), "the one that is kept stays");
        let elsewhere = to_keep(&without, Some("https://b.example"));
        assert_eq!(elsewhere, Err(vec![SettingsFault::Token]), "it is not sent to another address");
        assert!(!format!("{:?}", access("https://a.example")).contains("abc"));
        let wrong = Access {
            recipient: "13002526500014".to_owned(),
            purpose: String::new(),
            ..access("https://a.example")
        };
        assert_eq!(
            to_keep(&wrong, Some("https://a.example")),
            Err(vec![SettingsFault::Recipient, SettingsFault::Purpose])
        );
    }
}

//! Where the coordination service is and the town's token for it, sealed at rest and never shown again; and how the
//! service has fared.

use beffroi_core::Instant;
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, StoreError, Tx};
use beffroi_web::Wrong;

use super::Trouble;
use crate::permission::ManageAppointments;

/// Where it is, for real.
pub const USUAL_ADDRESS: &str = "https://api-coordination.rendezvouspasseport.ants.gouv.fr/api";
/// Letters of an address, at most.
const ADDRESS_AT_MOST: usize = 200;
/// Letters of a token, at most.
const TOKEN_AT_MOST: usize = 500;
/// What the seal of the token is bound to.
const SEALED_FOR: &str = "appointments.coordination.token";

/// What is needed to ask. The token is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Access {
    /// Where it is, without a slash at its end.
    pub address: String,
    /// The town's token.
    pub token: String,
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").field("address", &self.address).finish_non_exhaustive()
    }
}

/// The access as it is kept, without its token, and how the service has fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Where it is.
    pub address: String,
    /// When that was settled.
    pub changed_at: Instant,
    /// When it answered last.
    pub answered_at: Option<Instant>,
    /// Why it does not.
    pub trouble: Option<Trouble>,
    /// Since when.
    pub troubled_since: Option<Instant>,
}

/// What is to be kept, made ready; else what is wrong with it. An empty token leaves the one that is kept for `kept_at`:
/// another address is another reader, and the token is to be given again.
///
/// # Errors
/// The fields and what is wrong with them.
pub fn to_keep(typed: &Access, kept_at: Option<&str>) -> Result<Access, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let address = match typed.address.trim().trim_end_matches('/') {
        "" => USUAL_ADDRESS.to_owned(),
        address => address.to_owned(),
    };
    if !is_address(&address) {
        wrong.push(("adresse", "appointments-office-coordination-wrong-address"));
    }
    let token = typed.token.trim().to_owned();
    let printable = token.bytes().all(|letter| letter.is_ascii_graphic());
    let stays = kept_at == Some(address.as_str());
    if (token.is_empty() && !stays) || token.len() > TOKEN_AT_MOST || !printable {
        wrong.push(("jeton", "appointments-office-coordination-wrong-token"));
    }
    if wrong.is_empty() { Ok(Access { address, token }) } else { Err(wrong) }
}

/// An https address; plain http only to this machine, for a stand-in. Where it leads is looked at each time.
fn is_address(address: &str) -> bool {
    let plain = address.len() <= ADDRESS_AT_MOST && !address.contains(['@', '#', '?', ' ']);
    let host = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', ':']);
    let here = |rest: &str| ["127.0.0.1:", "localhost:"].iter().any(|begin| rest.starts_with(begin));
    plain
        && (address.strip_prefix("https://").is_some_and(host)
            || address.strip_prefix("http://").is_some_and(here))
}

/// The access as it is kept, without its token; `None` where there is none.
///
/// # Errors
/// Those of the store.
pub fn kept(tx: &mut Tx<'_>) -> Result<Option<Kept>> {
    tx.query_opt(
        "SELECT address, changed_at, answered_at, trouble, troubled_since FROM appointments_coordination \
         WHERE only_one = 1",
        &[],
        |row| {
            Ok(Kept {
                address: row.get(0)?,
                changed_at: row.get(1)?,
                answered_at: row.get(2)?,
                trouble: row.get(3)?,
                troubled_since: row.get(4)?,
            })
        },
    )
}

/// The access with its token, for whoever is about to ask.
pub(super) fn load(tx: &mut Tx<'_>) -> Result<Option<Access>> {
    let sql = "SELECT address, token FROM appointments_coordination WHERE only_one = 1";
    let found: Option<(String, String)> = tx.query_opt(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let Some((address, sealed)) = found else { return Ok(None) };
    Ok(Some(Access { address, token: tx.unseal_text(SEALED_FOR, &sealed)? }))
}

/// Keeps the access, as [`to_keep`] made it ready.
///
/// # Errors
/// [`StoreError::Invalid`] where a token would go to another address than the one that it was given for.
pub fn save(tx: &mut Tx<'_>, _: &Permit<ManageAppointments>, new: &Access) -> Result<()> {
    let now = tx.now();
    if new.token.is_empty() {
        let kept = tx.execute(
            "UPDATE appointments_coordination SET changed_at = $1, trouble = NULL, troubled_since = NULL \
             WHERE only_one = 1 AND address = $2",
            &[&now, &new.address],
        )?;
        if kept == 0 {
            return Err(StoreError::Invalid("a token is kept for one address".to_owned()));
        }
    } else {
        let sealed = tx.seal_text(SEALED_FOR, &new.token)?;
        tx.execute(
            "INSERT INTO appointments_coordination (only_one, address, token, changed_at, answered_at, trouble, \
             troubled_since) VALUES (1, $1, $2, $3, NULL, NULL, NULL) ON CONFLICT (only_one) DO UPDATE SET \
             address = excluded.address, token = excluded.token, changed_at = excluded.changed_at, \
             answered_at = NULL, trouble = NULL, troubled_since = NULL",
            &[&new.address, &sealed, &now],
        )?;
    }
    journal(tx, "coordination.changed")
}

/// Forgets the access: the service is neither asked nor told any more.
///
/// # Errors
/// Those of the store.
pub fn clear(tx: &mut Tx<'_>, _: &Permit<ManageAppointments>) -> Result<()> {
    if tx.execute("DELETE FROM appointments_coordination WHERE only_one = 1", &[])? > 0 {
        journal(tx, "coordination.removed")?;
    }
    Ok(())
}

/// Writes down how the service has fared.
pub(crate) fn fared(tx: &mut Tx<'_>, trouble: Option<Trouble>) -> Result<()> {
    let now = tx.now();
    match trouble {
        None => tx.execute(
            "UPDATE appointments_coordination SET answered_at = $1, trouble = NULL, troubled_since = NULL \
             WHERE only_one = 1",
            &[&now],
        ),
        Some(trouble) => tx.execute(
            "UPDATE appointments_coordination SET trouble = $1, troubled_since = COALESCE(troubled_since, $2) \
             WHERE only_one = 1",
            &[&trouble, &now],
        ),
    }
    .map(drop)
}

fn journal(tx: &mut Tx<'_>, kind: &str) -> Result<()> {
    let subject_id = tx.new_id::<Access>().uuid();
    tx.journal(&Entry { kind, subject_kind: "coordination", subject_id, payload: serde_json::json!({}) })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(address: &str, token: &str) -> Access {
        Access { address: address.to_owned(), token: token.to_owned() }
    }

    #[test]
    fn a_token_goes_to_one_address_alone_and_is_not_printed() {
        let ready = to_keep(&typed("", " jeton "), None).unwrap();
        assert_eq!((ready.address.as_str(), ready.token.as_str()), (USUAL_ADDRESS, "jeton"));
        assert!(!format!("{ready:?}").contains("jeton"));
        assert!(to_keep(&typed("https://a.example/api/", ""), Some("https://a.example/api")).is_ok());
        for (typed, kept_at) in [
            (typed("https://b.example", ""), Some("https://a.example")),
            (typed("https://b.example", ""), None),
            (typed("https://b.example", "deux mots"), None),
        ] {
            let wrong = to_keep(&typed, kept_at).unwrap_err();
            assert_eq!(wrong, [("jeton", "appointments-office-coordination-wrong-token")]);
        }
        for address in ["http://a.example", "https://", "https://a@b.example", "ftp://a.example", "a"] {
            let wrong = to_keep(&typed(address, "jeton"), None).unwrap_err();
            assert_eq!(wrong, [("adresse", "appointments-office-coordination-wrong-address")], "{address}");
        }
    }
}

//! Procedures as the commune keeps them.

use std::collections::BTreeSet;

use beffroi_core::Instant;
use beffroi_forms::{CompiledForm, Finding, Procedure};
use beffroi_people::department;
use beffroi_store::{Entry, Result, StoreError, Tx};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::document_templates;

/// Procedures that a commune offers at once, at most.
const OFFERED_AT_MOST: u32 = 1_000;

/// Why a procedure is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It lacks something.
    #[error("{}", .0.iter().map(|found| format!("{}: {}", found.at, found.message)).collect::<Vec<_>>().join("\n"))]
    Faulty(Vec<Finding>),
    /// This version, or a later one, is published already, and says something else.
    #[error("version {0} is published already; a changed procedure needs a higher version")]
    VersionTaken(u32),
    /// Its cases would reach nobody's inbox.
    #[error(
        "there is no department called {department}, which is to handle it; {}",
        if known.is_empty() { "there is none yet".to_owned() } else { format!("there are {}", known.join(", ")) }
    )]
    UnknownDepartment {
        /// The short name that the procedure gives.
        department: String,
        /// The departments that there are.
        known: Vec<String>,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is known of a published procedure before its definition is read.
#[derive(Clone, Debug)]
pub(super) struct Published {
    pub(super) slug: String,
    pub(super) version: u32,
    pub(super) fingerprint: String,
}

/// Offers a procedure in the place of its earlier version, if there is one. The same version again changes
/// nothing.
///
/// Errors: it lacks something, its department does not exist, or its version is taken.
pub fn publish(tx: &mut Tx<'_>, procedure: &Procedure) -> Result<(), PublishError> {
    let findings = procedure.check();
    if !findings.is_empty() {
        return Err(PublishError::Faulty(findings));
    }
    if let Some(contact) = &procedure.contact
        && department::by_slug(tx, &contact.department)?.is_none()
    {
        let known = department::list(tx)?.into_iter().map(|it| it.details.slug).collect();
        return Err(PublishError::UnknownDepartment { department: contact.department.clone(), known });
    }
    let unknown = unknown_departments(tx, procedure)?;
    if !unknown.is_empty() {
        tracing::warn!(procedure = %procedure.slug, ?unknown, "steps name departments that there are not");
    }
    let templates = document_templates::unknown_in(tx, procedure)?;
    if !templates.is_empty() {
        tracing::warn!(procedure = %procedure.slug, ?templates, "steps name templates that there are not");
    }
    let definition = procedure.to_toml().map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let fingerprint = fingerprint(&definition);
    let last: Option<(u32, String)> = tx.query_opt(
        "SELECT version, fingerprint FROM desk_procedure WHERE slug = $1 ORDER BY version DESC LIMIT 1",
        &[&procedure.slug],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    match last {
        Some((version, before)) if version == procedure.version && before == fingerprint => {
            tx.execute(
                "UPDATE desk_procedure SET is_current = TRUE WHERE slug = $1 AND version = $2",
                &[&procedure.slug, &version],
            )?;
            return Ok(());
        }
        Some((version, _)) if version >= procedure.version => {
            return Err(PublishError::VersionTaken(version));
        }
        _ => {}
    }
    tx.execute("UPDATE desk_procedure SET is_current = FALSE WHERE slug = $1", &[&procedure.slug])?;
    tx.execute(
        "INSERT INTO desk_procedure (slug, version, fingerprint, definition, is_current, published_at) \
         VALUES ($1, $2, $3, $4, TRUE, $5)",
        &[&procedure.slug, &procedure.version, &fingerprint, &definition, &tx.now()],
    )?;
    told(tx, "procedure.published", &procedure.slug, procedure.version)
}

/// The departments that the steps of a procedure name and that there are not: what is theirs falls to the one that is
/// in charge, and nobody can be asked there.
///
/// # Errors
/// Those of the store.
pub fn unknown_departments(tx: &mut Tx<'_>, procedure: &Procedure) -> Result<Vec<String>> {
    let actions =
        procedure.steps.iter().flat_map(|step| &step.actions).map(|action| action.department.clone());
    let named: BTreeSet<String> =
        procedure.steps.iter().filter_map(|step| step.department.clone()).chain(actions).collect();
    let known: BTreeSet<String> =
        department::list(tx)?.into_iter().map(|department| department.details.slug).collect();
    Ok(named.into_iter().filter(|name| !name.is_empty() && !known.contains(name)).collect())
}

/// Offers a procedure no longer. Its cases and drafts go on.
pub fn retire(tx: &mut Tx<'_>, slug: &str) -> Result<bool, PublishError> {
    let version: Option<u32> = tx.query_opt(
        "UPDATE desk_procedure SET is_current = FALSE WHERE slug = $1 AND is_current = TRUE RETURNING version",
        &[&slug],
        |row| row.get(0),
    )?;
    if let Some(version) = version {
        told(tx, "procedure.retired", slug, version)?;
    }
    Ok(version.is_some())
}

/// The definitions of the procedures that are offered, by slug.
pub fn current(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    tx.query(
        "SELECT definition FROM desk_procedure WHERE is_current = TRUE ORDER BY slug LIMIT $1",
        &[&OFFERED_AT_MOST],
        |row| row.get(0),
    )
}

pub(super) fn offered(tx: &mut Tx<'_>) -> Result<Vec<Published>> {
    tx.query(
        "SELECT slug, version, fingerprint FROM desk_procedure WHERE is_current = TRUE ORDER BY slug LIMIT $1",
        &[&OFFERED_AT_MOST],
        |row| Ok(Published { slug: row.get(0)?, version: row.get(1)?, fingerprint: row.get(2)? }),
    )
}

/// Every version of a procedure, the latest first.
pub(super) fn versions(tx: &mut Tx<'_>, slug: &str) -> Result<Vec<Published>> {
    tx.query(
        "SELECT slug, version, fingerprint FROM desk_procedure WHERE slug = $1 ORDER BY version DESC LIMIT 200",
        &[&slug],
        |row| Ok(Published { slug: row.get(0)?, version: row.get(1)?, fingerprint: row.get(2)? }),
    )
}

/// The offered version of one procedure, or a given version of it.
pub(super) fn find(tx: &mut Tx<'_>, slug: &str, version: Option<u32>) -> Result<Option<Published>> {
    let read = |row: &mut beffroi_store::Row| {
        Ok(Published { slug: row.get(0)?, version: row.get(1)?, fingerprint: row.get(2)? })
    };
    match version {
        Some(version) => tx.query_opt(
            "SELECT slug, version, fingerprint FROM desk_procedure WHERE slug = $1 AND version = $2",
            &[&slug, &version],
            read,
        ),
        None => tx.query_opt(
            "SELECT slug, version, fingerprint FROM desk_procedure WHERE slug = $1 AND is_current = TRUE",
            &[&slug],
            read,
        ),
    }
}

/// Since when a version has been offered.
pub(super) fn published_at(tx: &mut Tx<'_>, slug: &str, version: u32) -> Result<Instant> {
    tx.query_one(
        "SELECT published_at FROM desk_procedure WHERE slug = $1 AND version = $2",
        &[&slug, &version],
        |row| row.get(0),
    )
}

/// Reads and compiles a definition that was checked when it was published.
pub(super) fn compile(tx: &mut Tx<'_>, which: &Published) -> Result<CompiledForm> {
    let definition: String = tx.query_one(
        "SELECT definition FROM desk_procedure WHERE slug = $1 AND version = $2",
        &[&which.slug, &which.version],
        |row| row.get(0),
    )?;
    let broken =
        |reason: String| StoreError::Corrupt(format!("procedure {} {}: {reason}", which.slug, which.version));
    let procedure = Procedure::from_toml(&definition).map_err(|error| broken(error.to_string()))?;
    CompiledForm::compile(procedure).map_err(|problems| broken(format!("{problems:?}")))
}

fn fingerprint(definition: &str) -> String {
    hex::encode(Sha256::digest(definition))
}

fn told(tx: &mut Tx<'_>, kind: &str, slug: &str, version: u32) -> Result<(), PublishError> {
    // A procedure has a name and no id: the journal's subject is one made of the name.
    let subject_id = Uuid::from_bytes(uuid_of(slug));
    let payload = json!({ "procedure": slug, "version": version });
    tx.journal(&Entry { kind, subject_kind: "procedure", subject_id, payload })?;
    Ok(())
}

/// The same sixteen bytes for the same name (RFC 9562, version 8).
fn uuid_of(slug: &str) -> [u8; 16] {
    let digest: [u8; 32] = Sha256::digest(slug.as_bytes()).into();
    let mut bytes = [0; 16];
    for (byte, from) in bytes.iter_mut().zip(digest) {
        *byte = from;
    }
    uuid::Builder::from_custom_bytes(bytes).into_uuid().into_bytes()
}

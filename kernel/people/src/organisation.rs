//! Organisations: associations, companies, public bodies. What is counted per organiser (the yearly
//! limit of temporary bars, CSP L3334-2) is counted by its registration.

use beffroi_core::Id;
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::{PostalAddress, words::words};

words! {
    /// What kind of organisation.
    OrganisationKind {
        /// An association (loi de 1901, or local law).
        Association = "association",
        /// A company, a shop, a sole trader.
        Company = "company",
        /// A public body.
        Public = "public",
    }
}

/// What is known of an organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOrganisation {
    /// What kind.
    pub kind: OrganisationKind,
    /// Its name.
    pub name: String,
    /// SIRET, 14 digits without spaces (already validated).
    pub siret: Option<String>,
    /// RNA number, `W` and 9 digits (already validated).
    pub rna: Option<String>,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Postal address.
    pub address: PostalAddress,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Organisation {
    /// Its id.
    pub id: Id<Self>,
    /// What is known.
    #[serde(flatten)]
    pub details: NewOrganisation,
}

/// Why an organisation could not be kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum OrganisationError {
    /// Another organisation has that SIRET or RNA number.
    #[error("an organisation with this registration exists")]
    RegistrationTaken(Id<Organisation>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const COLUMNS: &str = "id, kind, name, siret, rna, email, phone, address";

/// Keeps an organisation.
pub fn create(tx: &mut Tx<'_>, new: &NewOrganisation) -> Result<Id<Organisation>, OrganisationError> {
    for registration in new.siret.iter().chain(&new.rna) {
        if let Some(found) = by_registration(tx, registration)? {
            return Err(OrganisationError::RegistrationTaken(found.id));
        }
    }
    let id = tx.new_id();
    let address = serde_json::to_value(&new.address).map_err(StoreError::from)?;
    tx.execute(
        "INSERT INTO organisation (id, kind, name, siret, rna, email, phone, address, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[&id, &new.kind, &new.name, &new.siret, &new.rna, &new.email, &new.phone, &address, &tx.now()],
    )?;
    tx.journal(&Entry {
        kind: "organisation.created",
        subject_kind: "organisation",
        subject_id: id.uuid(),
        payload: serde_json::json!({ "kind": new.kind }),
    })?;
    Ok(id)
}

/// One organisation.
pub fn find(tx: &mut Tx<'_>, id: Id<Organisation>) -> Result<Option<Organisation>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM organisation WHERE id = $1"), &[&id], read)
}

/// The organisation of a SIRET or RNA number.
pub fn by_registration(tx: &mut Tx<'_>, number: &str) -> Result<Option<Organisation>> {
    tx.query_opt(
        &format!("SELECT {COLUMNS} FROM organisation WHERE siret = $1 OR rna = $1 ORDER BY id LIMIT 1"),
        &[&number],
        read,
    )
}

fn read(row: &mut Row) -> Result<Organisation> {
    Ok(Organisation {
        id: row.get(0)?,
        details: NewOrganisation {
            kind: row.get(1)?,
            name: row.get(2)?,
            siret: row.get(3)?,
            rna: row.get(4)?,
            email: row.get(5)?,
            phone: row.get(6)?,
            address: serde_json::from_value(row.get(7)?)?,
        },
    })
}

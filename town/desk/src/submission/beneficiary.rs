//! For whom is asked, where that is not the requester: read from the answers that the form marks `beneficiary`.

use beffroi_core::Sector;
use beffroi_forms::{CompiledForm, Kind};
use beffroi_people::{
    NewOrganisation, NewPerson, OrganisationKind, PostalAddress,
    organisation::{self, OrganisationError},
    person,
};
use beffroi_store::{Result, Tx};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A person or an organisation, as the answers tell; nobody where all is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beneficiary {
    organisation: String,
    siret: Option<String>,
    rna: Option<String>,
    family_name: String,
    given_names: String,
}

impl Beneficiary {
    /// Reads it from normalised answers.
    pub fn of(form: &CompiledForm, answers: &Map<String, Value>) -> Self {
        let mut beneficiary = Self::default();
        for (_, field) in form.fields().filter(|(_, field)| field.beneficiary) {
            let Some(answer) = answers.get(&field.id) else { continue };
            let text = || answer.as_str().unwrap_or_default().to_owned();
            let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            match &field.kind {
                Kind::Identity { .. } => {
                    beneficiary.family_name = part("family_name");
                    beneficiary.given_names = part("given_names");
                }
                Kind::Siret => beneficiary.siret = Some(text()),
                Kind::Rna => beneficiary.rna = Some(text()),
                _ => beneficiary.organisation = text(),
            }
        }
        beneficiary
    }

    /// The name that lists show: « Judo Club lunellois », « Durand Marie ».
    pub fn list_name(&self) -> String {
        if self.organisation.is_empty() {
            format!("{} {}", self.family_name, self.given_names).trim().to_owned()
        } else {
            self.organisation.clone()
        }
    }

    /// The record that the case names: an organisation is known again by its number, a person belongs to the
    /// procedure's sector. `None` where the requester asks for themselves.
    pub(super) fn record(&self, tx: &mut Tx<'_>, sector: Sector) -> Result<Option<(Uuid, String)>> {
        let name = self.list_name();
        if name.is_empty() {
            return Ok(None);
        }
        let id = if self.organisation.is_empty() {
            let new = NewPerson {
                family_name: self.family_name.clone(),
                given_names: self.given_names.clone(),
                ..NewPerson::default()
            };
            person::create(tx, sector, &new)?.uuid()
        } else {
            self.organisation_record(tx)?
        };
        Ok(Some((id, name)))
    }

    fn organisation_record(&self, tx: &mut Tx<'_>) -> Result<Uuid> {
        let kind = if self.rna.is_some() { OrganisationKind::Association } else { OrganisationKind::Company };
        let new = NewOrganisation {
            kind,
            name: self.organisation.clone(),
            siret: self.siret.clone(),
            rna: self.rna.clone(),
            email: String::new(),
            phone: String::new(),
            address: PostalAddress::default(),
        };
        match organisation::create(tx, &new) {
            Ok(id) | Err(OrganisationError::RegistrationTaken(id)) => Ok(id.uuid()),
            Err(OrganisationError::Store(error)) => Err(error),
        }
    }
}

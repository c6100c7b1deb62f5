//! The counter for programs: somebody is looked for, shown, received. An agent sees the persons of the sectors of the
//! departments where they handle cases; looking is written down, with its reason.

#![expect(unused_qualifications, reason = "the description of a path names its parameters in full")]

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query},
    http::StatusCode,
    response::IntoResponse,
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_people::{NewPerson, Person, Town, mandate};
use beffroi_web::{Result, WebError, once::Key};
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    agents::row,
    body::{body, told, wrong},
    deposit::private,
    mandates::MandateShown,
    model::CaseRow,
};
use crate::{
    mandates::sight,
    office::reception::{
        find,
        forms::{REASONS, Typed},
        person, receptionist, stay, store,
    },
    visit::{Visit, case_error},
};

/// What the fields of the counter's form are called in a body.
pub(super) const FIELDS: &[(&str, &str)] = &[
    ("nom", "family_name"),
    ("prenoms", "given_names"),
    ("usage", "used_name"),
    ("naissance", "birth_date"),
    ("courriel", "email"),
    ("telephone", "phone"),
    ("adresse", "address"),
];

/// What is known of a person.
#[derive(Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Particulars {
    /// The family name at birth.
    family_name: String,
    given_names: String,
    /// The name used in daily life, if another.
    used_name: String,
    #[schema(value_type = Option<String>, format = Date)]
    birth_date: Option<Day>,
    email: String,
    phone: String,
    address: String,
}

impl Particulars {
    pub(super) fn of(person: &NewPerson) -> Self {
        Self {
            family_name: person.family_name.clone(),
            given_names: person.given_names.clone(),
            used_name: person.used_name.clone(),
            birth_date: person.birth_date,
            email: person.email.clone(),
            phone: person.phone.clone(),
            address: person.address.lines.join(", "),
        }
    }

    /// As the counter's form has it.
    pub(super) fn typed(self) -> Typed {
        let birth = self.birth_date.map(|day| [day.day(), day.month()].map(|part| part.to_string()));
        let year = self.birth_date.map(|day| day.year().to_string()).unwrap_or_default();
        let [day, month] = birth.unwrap_or_default();
        Typed {
            family_name: self.family_name.trim().to_owned(),
            given_names: self.given_names.trim().to_owned(),
            used_name: self.used_name.trim().to_owned(),
            birth: [day, month, year],
            email: self.email.trim().to_owned(),
            phone: self.phone.trim().to_owned(),
            address: self.address.trim().to_owned(),
        }
    }
}

/// Whom one looks for, and why.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "why": "phone", "name": "peyron gas" }))]
pub(super) struct NewSearch {
    /// Why you look: `presence` (they are there), `phone`, `mail` or `case`. It is written down.
    why: String,
    /// Names in any order, the family name or the name in use among them; the first letters of each suffice.
    #[serde(default)]
    name: String,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    birth_date: Option<Day>,
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    /// Where the page begins: `next` of the page before.
    #[serde(default)]
    after: Option<Uuid>,
}

/// A person, as one sector knows them.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonShown {
    /// The record’s: it means nothing in another sector.
    id: String,
    /// `civil-status`, `school-family`, `social`…
    sector: &'static str,
    details: Particulars,
}

impl PersonShown {
    fn of(person: &Person) -> Self {
        Self {
            id: person.id.to_string(),
            sector: person.sector.as_str(),
            details: Particulars::of(&person.details),
        }
    }
}

/// Those who were found, by name.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonsFound {
    persons: Vec<PersonShown>,
    /// To be given as `after` for the next page.
    next: Option<String>,
}

/// A person with what you may see of them.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonFound {
    #[serde(flatten)]
    person: PersonShown,
    /// Their cases in your departments, the latest first.
    cases: Vec<CaseRow>,
    /// The mandates that were begun from this record, of those that you may look into.
    mandates: Vec<MandateShown>,
}

/// Why one looks.
#[derive(Deserialize, IntoParams)]
pub(super) struct Why {
    /// `presence` (they are there), `phone`, `mail` or `case`. It is written down.
    why: Option<String>,
}

fn reason(word: &str) -> Result<&'static str> {
    let known = REASONS.iter().map(|(known, _)| *known).find(|known| *known == word);
    known.ok_or_else(|| wrong("#/why", "value", "presence, phone, mail or case"))
}

/// Looks for somebody. That you looked, why, and how many were shown is written down; not what was asked.
#[utoipa::path(
    post, path = "/api/v1/agent/person-searches", request_body = NewSearch, security(("token" = ["case.handle"])),
    responses((status = 200, body = PersonsFound), (status = 404, description = "You handle no cases"), (status = 422, description = "Too little to look by"))
)]
pub(super) async fn search(Visit { commune, visitor, page, .. }: Visit, bytes: Bytes) -> Result {
    let who = visitor.require()?.clone();
    let found = commune
        .write(visitor.by, move |tx| {
            let (_, sectors) = receptionist(tx, &who)?;
            let new: NewSearch = body(&bytes)?;
            let why = reason(&new.why)?;
            let asked = Particulars {
                family_name: new.name,
                birth_date: new.birth_date,
                email: new.email,
                phone: new.phone,
                ..Particulars::default()
            };
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let sought = asked.typed().sought(today);
            let sought = sought
                .map_err(|wrong| told(&page, "#", &wrong, &[("nom", "name"), ("naissance", "birth_date")]))?;
            find::look_for(tx, who.account.uuid(), &sectors, &sought, (why, new.after.map(Id::from_uuid)))
        })
        .await?;
    Ok(private(Json(PersonsFound {
        persons: found.persons.iter().map(PersonShown::of).collect(),
        next: found.next.map(|id| id.to_string()),
    })))
}

/// A person of the sectors that you see, with their cases. That you looked, and why, is written down and told to them.
#[utoipa::path(
    get, path = "/api/v1/agent/persons/{id}", params(("id" = String, Path), Why),
    security(("token" = ["case.handle"])),
    responses((status = 200, body = PersonFound), (status = 404, description = "No such person, or of another sector"), (status = 422, description = "No reason"))
)]
pub(super) async fn one(
    Visit { desk, commune, visitor, .. }: Visit,
    Path(id): Path<String>,
    Query(asked): Query<Why>,
) -> Result {
    let who = visitor.require()?.clone();
    let id = person::id_of(&id)?;
    let found = commune
        .write(visitor.by, move |tx| {
            let (access, sectors) = receptionist(tx, &who)?;
            let found = person::of_sectors(tx, &sectors, id)?;
            let why = reason(asked.why.as_deref().unwrap_or_default())?;
            person::looked_at(tx, id, &who, why)?;
            let cases = beffroi_cases::person::cases_of(tx, &access, id.uuid()).map_err(case_error)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let sight = sight(tx, &desk, &who)?;
            let mut mandates = mandate::of_person(tx, id)?;
            mandates.retain(|held| sight.sees(held));
            Ok::<_, WebError>(PersonFound {
                person: PersonShown::of(&found),
                cases: cases.iter().map(row).collect(),
                mandates: mandates.iter().map(|held| MandateShown::of(held, today)).collect(),
            })
        })
        .await?;
    Ok(private(Json(found)))
}

/// Who is received: a person who was found, somebody new, or whoever gave a mandate to you.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "details": { "family_name": "Peyron", "given_names": "Gaspard" } }))]
pub(super) struct NewVisit {
    /// A record that was found.
    #[serde(default)]
    person: Option<Uuid>,
    /// A mandate that was given to you: you act for whoever gave it.
    #[serde(default)]
    mandate: Option<Uuid>,
    /// Somebody new. No record is made before a request needs one.
    #[serde(default)]
    details: Option<Particulars>,
    /// Somebody new who is none of those that are alike.
    #[serde(default)]
    sure: bool,
}

/// A visit that is open, in the place of the one that you had open; or those who may be the same as somebody new.
#[derive(Deserialize, Serialize, ToSchema)]
pub(super) struct VisitOpened {
    /// To be named as `visit` in the requests that are entered for them. None where somebody is alike.
    visit: Option<Uuid>,
    /// The records that are like somebody new: open the visit with one of them, or be `sure`.
    alike: Vec<Uuid>,
}

/// Opens a visit at your counter, as its pages do: requests that name it are entered for this person, and stand together
/// on one receipt.
#[utoipa::path(
    post, path = "/api/v1/agent/visits", params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewVisit, security(("token" = ["case.handle"])),
    responses(
        (status = 201, body = VisitOpened), (status = 200, body = VisitOpened, description = "Somebody is alike: no visit was opened"),
        (status = 404, description = "No such person or mandate, or not yours"), (status = 422),
    )
)]
pub(super) async fn open_visit(Visit { commune, visitor, page, headers, .. }: Visit, bytes: Bytes) -> Result {
    let who = visitor.require()?.clone();
    let key = Key::of(&headers, &visitor, "visits", "", &bytes)?;
    let opened = commune
        .write(visitor.by, move |tx| {
            let (_, sectors) = receptionist(tx, &who)?;
            let new: NewVisit = body(&bytes)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            key.once(tx, |tx| match (new.details, new.person, new.mandate) {
                (Some(details), None, None) => {
                    let person = details.typed().person(today);
                    let person = person.map_err(|wrong| told(&page, "#/details", &wrong, FIELDS))?;
                    Ok(match find::welcome(tx, &who, &sectors, person, new.sure)? {
                        Ok(stay) => VisitOpened { visit: Some(stay.uuid()), alike: Vec::new() },
                        Err(alike) => VisitOpened {
                            visit: None,
                            alike: alike.iter().map(|(person, _)| person.id.uuid()).collect(),
                        },
                    })
                }
                (None, person, mandate) if person.is_some() || mandate.is_some() => {
                    let (person, mandate) = (person.map(Id::from_uuid), mandate.map(Id::from_uuid));
                    let stay = stay::begun(tx, &who, person, mandate)?;
                    Ok(VisitOpened { visit: Some(stay.uuid()), alike: Vec::new() })
                }
                _ => Err(wrong("#/details", "value", "`details` alone; or else `person`, `mandate` or both")),
            })
        })
        .await?;
    let status = if opened.visit.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    Ok(private((status, Json(opened))).into_response())
}

/// Ends the visit that you have open, and forgets who it was. Done twice, it changes nothing more.
#[utoipa::path(
    delete, path = "/api/v1/agent/visits/{id}", params(("id" = String, Path)),
    security(("token" = ["case.handle"])),
    responses((status = 204), (status = 404, description = "No such visit, or not yours"))
)]
pub(super) async fn end_visit(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<store::Stay> = id.parse().map_err(|_| WebError::not_found())?;
    commune
        .write(visitor.by, move |tx| {
            receptionist(tx, &who)?;
            let stay = store::of_agent(tx, id, who.account.uuid())?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>(store::end(tx, &stay)?)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

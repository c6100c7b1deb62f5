//! The words in which programs ask for appointments, and are answered.

use beffroi_core::{Day, Instant};
use beffroi_web::{FieldError, Result, WebError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::appointment::Contact;

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AppointmentSite {
    /// Its short name.
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) address: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AppointmentMotive {
    /// Its short name.
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) summary: String,
    /// What to bring.
    pub(super) bring: Vec<String>,
    /// How many minutes it takes: for one person, for two…
    pub(super) minutes: Vec<u32>,
    /// Whether it can be booked here; else by telephone or at the counter.
    pub(super) online: bool,
    /// Where it is received.
    pub(super) sites: Vec<AppointmentSite>,
}

#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(crate) struct AskedTimes {
    /// How many persons come; one where nothing is said.
    pub(super) persons: String,
    /// The short name of a site; all of them where nothing is said.
    pub(super) site: String,
    /// From which day (`2026-12-01`); today where nothing is said.
    pub(super) from: String,
    /// Until which day, at most 100 days later.
    pub(super) to: String,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AppointmentTime {
    #[schema(value_type = String, format = DateTime)]
    pub(super) start: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub(super) end: Instant,
    /// The short name of its site.
    pub(super) site: String,
}

#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "start": "2026-06-04T07:00:00Z", "site": "hotel-de-ville", "persons": 1, "name": "Jeanne Roux",
    "email": "jeanne.roux@example.org"
}))]
pub(crate) struct NewAppointment {
    /// From when: one of the free times.
    pub(super) start: String,
    /// The short name of the site.
    pub(super) site: String,
    /// How many persons come.
    #[serde(default = "one")]
    #[schema(minimum = 1)]
    pub(super) persons: u8,
    /// Name and first name.
    pub(super) name: String,
    /// An address of e-mail; it or a telephone number is needed.
    #[serde(default)]
    pub(super) email: String,
    /// A telephone number.
    #[serde(default)]
    pub(super) phone: String,
    /// What the agent should know.
    #[serde(default)]
    pub(super) note: String,
    /// Numbers of pre-requests for identity cards and passports.
    #[serde(default)]
    pub(super) numbers: Vec<String>,
    /// Whether to book although another town hall has an appointment for one of the numbers.
    #[serde(default)]
    pub(super) despite_others: bool,
}

impl NewAppointment {
    /// Whom it is for; or all that is wrong with that.
    pub(super) fn contact(&self) -> Result<Contact> {
        let contact = Contact {
            name: self.name.trim().to_owned(),
            email: self.email.trim().to_owned(),
            phone: self.phone.trim().to_owned(),
            note: self.note.trim().to_owned(),
            numbers: self.numbers.iter().take(20).cloned().collect(),
        };
        contact.judged(true, u32::from(self.persons)).map_err(|all| {
            let fault = |(field, _): &(&str, &str)| {
                let (name, detail) = match *field {
                    "nom" => ("name", "a name of at most 100 letters"),
                    "telephone" => ("phone", "a telephone number"),
                    "precisions" => ("note", "at most 500 letters"),
                    "predemandes" => ("numbers", "ten letters and digits each, one a person at most"),
                    _ => ("email", "an address of e-mail; it or a telephone number is needed"),
                };
                FieldError { pointer: format!("#/{name}"), code: name.to_owned(), detail: detail.to_owned() }
            };
            WebError::unprocessable(all.iter().map(fault).collect())
        })
    }
}

const fn one() -> u8 {
    1
}

#[derive(Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct MadeAppointment {
    /// What it is called aloud.
    pub(super) reference: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) start: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub(super) end: Instant,
    /// The page by which it is moved or given back, whoever opens it: a secret.
    pub(super) page: String,
    /// Whether the State's service could not be asked about the numbers.
    #[serde(default)]
    pub(super) numbers_unchecked: bool,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct NotFree {
    pub(super) title: String,
    pub(super) status: u16,
    /// The free times that are nearest.
    pub(super) alternatives: Vec<AppointmentTime>,
}

/// Another time for an appointment.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "start": "2026-06-04T07:00:00Z", "site": "hotel-de-ville" }))]
pub(crate) struct NewTime {
    /// From when: one of the free times of its motive.
    pub(super) start: String,
    /// The short name of the site.
    pub(super) site: String,
}

/// An appointment, as whoever has its secret sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OwnAppointment {
    /// What it is called aloud.
    pub(super) reference: String,
    /// The short name of its motive.
    pub(super) motive: String,
    /// The short name of its site.
    pub(super) site: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) start: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub(super) end: Instant,
    pub(super) persons: u32,
    /// `held`, `booked`, `arrived`, `received`, `missed` or `cancelled`.
    pub(super) state: &'static str,
}

/// What somebody waits for who finds no time.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "first": "2026-06-08", "last": "2026-06-30", "name": "Jeanne Roux", "email": "jeanne@example.org"
}))]
pub(crate) struct NewWaiting {
    /// The first day on which they could come (`2026-06-08`).
    pub(super) first: String,
    /// The last one.
    pub(super) last: String,
    /// The short name of a site; any where nothing is said.
    #[serde(default)]
    pub(super) site: String,
    /// How many persons come.
    #[serde(default = "one")]
    #[schema(minimum = 1)]
    pub(super) persons: u8,
    /// Name and first name.
    pub(super) name: String,
    /// An address of e-mail; it or a telephone number is needed.
    #[serde(default)]
    pub(super) email: String,
    /// A telephone number.
    #[serde(default)]
    pub(super) phone: String,
    /// For agents alone: through which door they asked, `phone` (where nothing is said) or `counter`.
    #[serde(default)]
    pub(super) channel: String,
}

/// A wish that was kept.
#[derive(Deserialize, Serialize, utoipa::ToSchema)]
pub(crate) struct MadeWish {
    /// The secret by which it is looked at and taken back, told once.
    pub(super) link: String,
    /// The page that does the same.
    pub(super) page: String,
}

/// A wish, as whoever has its secret sees it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct OwnWish {
    /// The short name of its motive.
    pub(super) motive: String,
    /// `waiting`, `offered` (a time is held, and told by mail or telephone), `served` or `ended`.
    pub(super) state: &'static str,
    #[schema(value_type = String, format = Date)]
    pub(super) first: Day,
    #[schema(value_type = String, format = Date)]
    pub(super) last: Day,
    /// The beginning of the time that is offered now.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub(super) offered: Option<Instant>,
}

/// Which day an agent asks for.
#[derive(Clone, Debug, Deserialize, utoipa::IntoParams)]
pub(crate) struct AskedDay {
    /// The short name of the site; without it, nothing is found.
    #[serde(default)]
    pub(super) site: String,
    /// The day (`2026-12-01`); today where nothing is said.
    #[serde(default)]
    pub(super) day: String,
}

/// An appointment, as agents see it.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AgentAppointment {
    pub(super) id: Uuid,
    /// What it is called aloud.
    pub(super) reference: String,
    /// The short name of its motive.
    pub(super) motive: String,
    /// The short name of its site.
    pub(super) site: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) start: Instant,
    #[schema(value_type = String, format = DateTime)]
    pub(super) end: Instant,
    pub(super) persons: u32,
    /// `held`, `booked`, `arrived`, `received`, `missed` or `cancelled`.
    pub(super) state: &'static str,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    /// What the agent should know.
    pub(super) note: String,
}

/// Why the town gives an appointment back.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "why": "Le guichet ferme ce jour-là. Excusez-nous." }))]
pub(crate) struct NewCancellation {
    /// What its owner is told, 500 letters at most.
    #[serde(default)]
    pub(super) why: String,
}

/// What became of an appointment.
#[derive(Clone, Debug, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "state": "arrived" }))]
pub(crate) struct NewState {
    /// `arrived`, `received` or `missed`; `booked` takes that back.
    pub(super) state: String,
}

/// Somebody who waits for a time.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AgentWish {
    pub(super) id: Uuid,
    /// The short name of its motive.
    pub(super) motive: String,
    /// The short name of a site; none where any will do.
    pub(super) site: Option<String>,
    pub(super) persons: u32,
    #[schema(value_type = String, format = Date)]
    pub(super) first: Day,
    #[schema(value_type = String, format = Date)]
    pub(super) last: Day,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    #[schema(value_type = String, format = DateTime)]
    pub(super) made_at: Instant,
}

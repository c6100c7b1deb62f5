//! What an identity provider says of whoever fills a form in: shown in the place of the questions that it answers, and
//! not typed. It holds for the session that it opened, and for the person who asks alone.

use beffroi_forms::{Answers, CompiledForm, Kind};
use beffroi_once_only::Person;
use beffroi_people::{
    AccountKind, SignedIn,
    identity::{self, Claims},
};
use beffroi_store::Tx;
use beffroi_web::Result;

use crate::control::Control;

/// Whether a question asks for the name of whoever asks: an identity provider answers it.
fn names_requester(field: &beffroi_forms::Field) -> bool {
    !field.beneficiary && matches!(field.prefill.as_deref(), Some("name" | "family_name" | "given_name"))
}

/// Whether an identity provider answers any question of a form.
pub(super) fn answers_some(form: &CompiledForm) -> bool {
    form.fields().any(|(_, field)| names_requester(field))
}

/// The identity of whoever is signed in with one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vouched(Claims);

impl Vouched {
    /// The identity that this session was opened with. Asked of the database only where there is one.
    pub(super) fn of(tx: &mut Tx<'_>, who: Option<&SignedIn>) -> Result<Option<Self>> {
        let Some(who) = who.filter(|who| who.kind == AccountKind::Citizen && who.identity.is_some()) else {
            return Ok(None);
        };
        let Some(session) = who.own_session() else { return Ok(None) };
        Ok(identity::of_session(tx, session)?.map(|(identity, _)| Self(identity.claims)))
    }

    /// The person, as the State is asked about them.
    pub(super) fn person(&self) -> Person {
        let Self(claims) = self;
        let sex = match claims.gender.as_str() {
            "female" => "F",
            "male" => "M",
            _ => "",
        };
        Person {
            family_name: claims.family_name.clone(),
            given_names: claims.given_names.clone(),
            birth_date: claims.birth_day(),
            sex: sex.to_owned(),
            birth_commune: claims.birth_place.clone(),
            birth_country: claims.birth_country.clone(),
        }
    }

    /// Answers the questions about the person who asks; whatever was typed there before gives way.
    pub(super) fn answer(&self, form: &CompiledForm, answers: &mut Answers) {
        for (id, value) in self.answers(form) {
            answers.set(&id, value);
        }
    }

    /// Fills in what may still be changed: an address is said, not vouched for.
    pub(super) fn suggest(&self, form: &CompiledForm, answers: &mut Answers) {
        for (_, field) in form.fields() {
            let empty = answers.get(&field.id).is_none_or(str::is_empty);
            if field.prefill.as_deref() == Some("email") && empty && !self.0.email.is_empty() {
                answers.set(&field.id, self.0.email.clone());
            }
        }
    }

    /// Marks the questions that it answers.
    pub(super) fn mark(&self, form: &CompiledForm, controls: &mut [Control]) {
        for control in controls {
            control.vouched = form.field(&control.id).is_some_and(|field| self.covers(field));
        }
    }

    fn covers(&self, field: &beffroi_forms::Field) -> bool {
        let named = !self.0.family_name.is_empty() && !self.0.given_names.is_empty();
        named && names_requester(field)
    }

    fn answers(&self, form: &CompiledForm) -> Vec<(String, String)> {
        let Self(claims) = self;
        let mut all = Vec::new();
        for (_, field) in form.fields().filter(|(_, field)| self.covers(field)) {
            let id = &field.id;
            match (field.prefill.as_deref(), &field.kind) {
                (Some("name"), Kind::Identity { birth }) => {
                    let part = |name: &str, value: &str| (format!("{id}-{name}"), value.to_owned());
                    all.push(part("family_name", &claims.family_name));
                    all.push(part("usual_name", &claims.usual_name));
                    all.push(part("given_names", &claims.given_names));
                    if let Some(day) = claims.birth_day().filter(|_| *birth) {
                        all.push(part("birth-day", &day.format("%d").to_string()));
                        all.push(part("birth-month", &day.format("%m").to_string()));
                        all.push(part("birth-year", &day.format("%Y").to_string()));
                    }
                }
                (Some("name"), _) => {
                    all.push((id.clone(), format!("{} {}", claims.given_names, claims.family_name)));
                }
                (Some("family_name"), _) => all.push((id.clone(), claims.family_name.clone())),
                (Some("given_name"), _) => all.push((id.clone(), claims.given_names.clone())),
                _ => {}
            }
        }
        all
    }
}

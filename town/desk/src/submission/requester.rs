//! Who asks, read from the answers: a form says by `prefill` which of its fields tell it.

use beffroi_cases::case::Case;
use beffroi_forms::{CompiledForm, Kind};
use beffroi_people::{NewPerson, PostalAddress};
use serde_json::{Map, Value};

/// The requester, as the answers tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requester {
    /// The name of birth, or of the body for which somebody asks.
    pub family_name: String,
    /// First names.
    pub given_names: String,
    /// The name used, if it is another.
    pub usual_name: String,
    /// The e-mail address; `""` where there is none.
    pub email: String,
    /// The telephone number; likewise.
    pub phone: String,
    /// The postal address on one line; likewise.
    pub address: String,
    /// The day of birth, where the form asks for it.
    pub birth_date: Option<beffroi_core::Day>,
    /// The place of birth; likewise.
    pub birth_place: String,
}

impl Requester {
    /// Reads the requester from normalised answers.
    pub fn of(form: &CompiledForm, answers: &Map<String, Value>) -> Self {
        let mut requester = Self::default();
        for (_, field) in form.fields() {
            let (Some(meaning), Some(answer)) = (field.prefill.as_deref(), answers.get(&field.id)) else {
                continue;
            };
            let text = || answer.as_str().unwrap_or_default().to_owned();
            let part = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            match (meaning, &field.kind) {
                ("name", Kind::Identity { .. }) => {
                    requester.family_name = part("family_name");
                    requester.given_names = part("given_names");
                    requester.usual_name = part("usual_name");
                    requester.birth_date = part("birth_date").parse().ok();
                    requester.birth_place = part("birth_place");
                }
                ("name" | "family_name", _) => requester.family_name = text(),
                ("given_name", _) => requester.given_names = text(),
                ("email", _) => requester.email = text(),
                ("phone", _) => requester.phone = text(),
                ("address", Kind::Address { .. }) => requester.address = part("line"),
                ("address", _) => requester.address = text(),
                _ => {}
            }
        }
        requester
    }

    /// As lists show the name: « Durand Marie ».
    pub fn list_name(&self) -> String {
        let family = if self.usual_name.is_empty() { &self.family_name } else { &self.usual_name };
        format!("{family} {}", self.given_names).trim().to_owned()
    }

    /// As a letter names the person: « Marie Durand ».
    pub fn full_name(&self) -> String {
        let family = if self.usual_name.is_empty() { &self.family_name } else { &self.usual_name };
        format!("{} {family}", self.given_names).trim().to_owned()
    }

    /// The lines of an envelope: name, street, postcode and town.
    pub fn letter_lines(&self) -> Vec<String> {
        let mut lines = vec![self.full_name()];
        if let Some((street, town)) = self.address.rsplit_once(", ") {
            lines.extend([street.to_owned(), town.to_owned()]);
        } else if !self.address.is_empty() {
            lines.push(self.address.clone());
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// Whether a letter could reach them.
    pub fn has_address(&self) -> bool {
        !self.address.is_empty()
    }

    /// What an open visit remembers of whoever stands at the counter.
    pub(crate) fn known(&self, by_letter: bool) -> NewPerson {
        self.person(beffroi_core::Lang::Fr, by_letter)
    }

    /// The record to be kept in the procedure's sector.
    pub(super) fn person(&self, lang: beffroi_core::Lang, by_letter: bool) -> NewPerson {
        NewPerson {
            account: None,
            family_name: self.family_name.clone(),
            given_names: self.given_names.clone(),
            used_name: self.usual_name.clone(),
            birth_date: self.birth_date,
            birth_place: self.birth_place.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            address: PostalAddress {
                lines: self.letter_lines().into_iter().skip(1).collect(),
                postcode: String::new(),
                city: String::new(),
                country: String::new(),
            },
            language: lang.tag().to_owned(),
            deaf: false,
            prefers_letter: by_letter,
        }
    }
}

/// The requester of a case as letters and papers name them: « Marie Durand ». As lists do, where the answers tell of somebody
/// else: whoever asks by a mandate.
pub(crate) fn called(form: &CompiledForm, case: &Case) -> String {
    let told = case.answers.as_object().map(|answers| Requester::of(form, answers));
    let told = told.filter(|it| it.list_name() == case.requester_name);
    told.map_or_else(|| case.requester_name.clone(), |it| it.full_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_has_the_town_on_its_last_line() {
        let requester = Requester {
            family_name: "Durand".to_owned(),
            given_names: "Marie".to_owned(),
            address: "12 bis rue de la Paix, 34400 Lunel".to_owned(),
            ..Requester::default()
        };
        assert_eq!(requester.letter_lines(), ["Marie Durand", "12 bis rue de la Paix", "34400 Lunel"]);
        assert_eq!(requester.list_name(), "Durand Marie");
    }
}

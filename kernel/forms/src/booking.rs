//! A request for something that was picked first: a room and an evening, held while the form is filled in. The definition
//! says which questions that answers; who asks is not asked again, and cannot change it in the form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Finding, Flaw, Kind, Procedure};

/// What a procedure says of what is picked before it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct BookingFirst {
    /// Where it is picked: `/salles`. The page of a thing is below, `/salles/salle-brassens`, and a time of it is picked at
    /// `/salles/salle-brassens/reserver`.
    pub at: String,
    /// The questions that it answers.
    pub answers: BTreeMap<String, Picked>,
    /// Which questions say what it costs, where it costs something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<PricedBy>,
}

/// The questions on whose answers a price depends.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct PricedBy {
    /// The question of who asks, with what each choice stands for.
    pub applicant: String,
    /// What the choices of that question stand for.
    pub kinds: BTreeMap<String, ApplicantKind>,
    /// The question of whether they live or sit in the commune; nobody does where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<String>,
    /// The questions that name an association, the surest first: its number, then its name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body: Vec<String>,
}

/// Who asks, as prices tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApplicantKind {
    /// Somebody for themselves.
    Person,
    /// An association.
    Association,
    /// A company.
    Company,
    /// A department of the town itself.
    Department,
    /// An elected official of the town, for their office.
    Official,
}

impl PricedBy {
    /// The questions that it names.
    fn questions(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.applicant).chain(&self.resident).chain(&self.body)
    }

    fn questions_mut(&mut self) -> impl Iterator<Item = &mut String> {
        std::iter::once(&mut self.applicant).chain(&mut self.resident).chain(&mut self.body)
    }
}

/// What is known of what was picked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Picked {
    /// What it is called.
    Name,
    /// The day on which it begins.
    Day,
    /// When it begins.
    From,
    /// When it ends.
    Until,
    /// How many people come.
    People,
    /// How it is set up.
    Layout,
    /// What is booked along.
    Extras,
}

impl Picked {
    /// What no booking goes without.
    const ALWAYS: [Self; 4] = [Self::Name, Self::Day, Self::From, Self::Until];

    /// Whether a question of this kind can be answered by it.
    const fn answers(self, kind: &Kind) -> bool {
        match self {
            Self::Name | Self::Layout | Self::Extras => matches!(kind, Kind::Text { .. }),
            Self::Day => matches!(kind, Kind::Date { birth: false }),
            Self::From | Self::Until => matches!(kind, Kind::Time),
            Self::People => matches!(kind, Kind::Number { .. }),
        }
    }
}

impl BookingFirst {
    /// Whether a question is answered by what was picked.
    pub fn answers(&self, field: &str) -> bool {
        self.answers.contains_key(field)
    }

    /// Whether it speaks of a question.
    pub(crate) fn mentions(&self, field: &str) -> bool {
        self.answers(field) || self.price.iter().flat_map(PricedBy::questions).any(|name| name == field)
    }

    /// Calls a question by its new name.
    pub(crate) fn rename(&mut self, from: &str, to: &str) {
        if let Some(picked) = self.answers.remove(from) {
            self.answers.insert(to.to_owned(), picked);
        }
        for name in self.price.iter_mut().flat_map(PricedBy::questions_mut).filter(|name| *name == from) {
            to.clone_into(name);
        }
    }
}

impl Procedure {
    pub(crate) fn check_booking(&self, findings: &mut Vec<Finding>) {
        let Some(booking) = &self.booking else { return };
        let mut add = |at: &str, flaw: Flaw| findings.push(Finding::new(at, flaw));
        let path = booking.at.strip_prefix('/').unwrap_or_default();
        if path.is_empty() || path.contains(|c: char| !(c.is_ascii_lowercase() || "-/".contains(c))) {
            add("booking.at", Flaw::BookingAt);
        }
        for (name, picked) in &booking.answers {
            let mut fields = self.form.pages.iter().flat_map(|page| &page.fields);
            if !fields.any(|field| field.id == *name && picked.answers(&field.kind)) {
                add(&format!("booking.answers.{name}"), Flaw::BookingAnswer);
            }
        }
        if Picked::ALWAYS.iter().any(|needed| !booking.answers.values().any(|picked| picked == needed)) {
            add("booking.answers", Flaw::BookingAnswers);
        }
        if let Some(price) = &booking.price {
            let kind = |name: &str| {
                let mut fields = self.form.pages.iter().flat_map(|page| &page.fields);
                fields.find(|field| field.id == name).map(|field| &field.kind)
            };
            let chosen = match kind(&price.applicant) {
                Some(Kind::OneOf { choices }) => {
                    price.kinds.keys().all(|value| choices.iter().any(|choice| choice.value == *value))
                }
                _ => false,
            };
            let resident = price.resident.as_ref().is_none_or(|name| kind(name) == Some(&Kind::YesNo));
            if !chosen || !resident || price.body.iter().any(|name| kind(name).is_none()) {
                add("booking.price", Flaw::BookingPrice);
            }
        }
        if self.sealed {
            add("booking", Flaw::BookingSealed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn booked(answers: &str) -> Vec<Finding> {
        let text = include_str!("../../../catalogue/procedures/pret-de-materiel.toml");
        let text = text.replace(
            "[regime]",
            &format!("[booking]\nat = \"/salles\"\nanswers = {{ {answers} }}\n\n[regime]"),
        );
        let procedure = Procedure::from_toml(&text).unwrap();
        procedure.check().into_iter().filter(|finding| finding.at.starts_with("booking")).collect()
    }

    #[test]
    fn a_price_depends_on_questions_that_there_are() {
        let text = include_str!("../../../catalogue/procedures/reservation-de-salle.toml");
        let found = |text: &str| {
            let findings = Procedure::from_toml(text).unwrap().check();
            findings.into_iter().any(|finding| finding.at == "booking.price")
        };
        assert!(!found(text));
        assert!(found(&text.replace("applicant = \"statut\"", "applicant = \"objet\"")));
        assert!(found(&text.replace("resident = \"habitant\"", "resident = \"objet\"")));
        assert!(found(&text.replace("{ particulier = \"person\"", "{ voisin = \"person\"")));
    }

    #[test]
    fn what_is_picked_answers_questions_of_its_kind() {
        let found = booked("manifestation = 'name', enlevement = 'day', retour = 'from', nul = 'until'");
        let at: Vec<&str> = found.iter().map(|finding| finding.at.as_str()).collect();
        // A day is no time of day, and there is no question `nul`.
        assert_eq!(at, ["booking.answers.nul", "booking.answers.retour"]);
        let found = booked("manifestation = 'name', enlevement = 'day'");
        assert!(
            found.iter().any(|finding| finding.at == "booking.answers"),
            "no booking goes without its hours"
        );
    }
}

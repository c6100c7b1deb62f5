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

impl ApplicantKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Person, Self::Association, Self::Company, Self::Department, Self::Official];

    /// Its word in a definition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Association => "association",
            Self::Company => "company",
            Self::Department => "department",
            Self::Official => "official",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A part of what a price depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PricePart {
    /// Who asks.
    Applicant,
    /// What the answers to that question stand for.
    Kinds,
    /// Whether they live or sit in the commune.
    Resident,
    /// Which association it is.
    Body,
}

impl PricePart {
    /// Its word in a definition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Kinds => "kinds",
            Self::Resident => "resident",
            Self::Body => "body",
        }
    }

    /// Whether a question of this kind can tell it; what answers stand for is no question.
    pub const fn suits(self, kind: &Kind) -> bool {
        match self {
            Self::Applicant => matches!(kind, Kind::OneOf { .. }),
            Self::Kinds => false,
            Self::Resident => matches!(kind, Kind::YesNo),
            Self::Body => matches!(kind, Kind::Text { .. } | Kind::Siret | Kind::Rna),
        }
    }

    /// What is wrong with it.
    pub(crate) fn english(self) -> String {
        match self {
            Self::Applicant => "a question of the form with one choice is expected",
            Self::Kinds => "names what choices of that question stand for, at least one, and no other",
            Self::Resident => "a question of the form for yes or no is expected",
            Self::Body => {
                "questions of the form for a text, a SIRET or an RNA number are expected, each once"
            }
        }
        .to_owned()
    }

    pub(crate) fn french(self) -> String {
        match self {
            Self::Applicant => "Choisissez une question du formulaire à choix unique.",
            Self::Kinds => {
                "Dites qui demande, d’après les réponses à cette question\u{a0}: une au moins, et aucune autre."
            }
            Self::Resident => "Choisissez une question du formulaire à laquelle on répond par oui ou par non.",
            Self::Body => {
                "Choisissez des questions du formulaire dont la réponse est un texte, un SIRET ou un numéro RNA, chacune une fois."
            }
        }
        .to_owned()
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
    /// All of it, in the order in which it is told.
    pub const ALL: [Self; 7] =
        [Self::Name, Self::Day, Self::From, Self::Until, Self::People, Self::Layout, Self::Extras];

    /// Its word in a definition.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Day => "day",
            Self::From => "from",
            Self::Until => "until",
            Self::People => "people",
            Self::Layout => "layout",
            Self::Extras => "extras",
        }
    }

    /// Whether no booking goes without it.
    pub const fn is_needed(self) -> bool {
        matches!(self, Self::Name | Self::Day | Self::From | Self::Until)
    }

    /// Whether a question of this kind can be answered by it.
    pub const fn suits(self, kind: &Kind) -> bool {
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

    /// The questions that something of what was picked answers: one, where the definition is right.
    pub fn answered_by(&self, picked: Picked) -> impl Iterator<Item = &str> {
        self.answers.iter().filter(move |(_, known)| **known == picked).map(|(name, _)| name.as_str())
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
        let kind = |name: &str| {
            let mut fields = self.form.pages.iter().flat_map(|page| &page.fields);
            fields.find(|field| field.id == name).map(|field| &field.kind)
        };
        for picked in Picked::ALL {
            let at = format!("booking.answers[{}]", picked.as_str());
            let suits = |name: &str| kind(name).is_some_and(|kind| picked.suits(kind));
            match (booking.answered_by(picked).count(), picked.is_needed()) {
                (0, false) => {}
                (1, _) if booking.answered_by(picked).all(suits) => {}
                (1, _) => add(&at, Flaw::BookingAnswer),
                _ => add(&at, Flaw::BookingAnswers),
            }
        }
        if let Some(price) = &booking.price {
            let suits = |part: PricePart, name: &str| kind(name).is_some_and(|kind| part.suits(kind));
            let choices = match kind(&price.applicant) {
                Some(Kind::OneOf { choices }) => choices.as_slice(),
                _ => &[],
            };
            let known = |value: &String| choices.iter().any(|choice| choice.value == *value);
            let alone = |name: &String| price.body.iter().filter(|other| *other == name).count() == 1;
            for (part, right) in [
                (PricePart::Applicant, suits(PricePart::Applicant, &price.applicant)),
                // Of a question that is none, nothing more is asked.
                (
                    PricePart::Kinds,
                    choices.is_empty() || (!price.kinds.is_empty() && price.kinds.keys().all(known)),
                ),
                (PricePart::Resident, price.resident.iter().all(|name| suits(PricePart::Resident, name))),
                (PricePart::Body, price.body.iter().all(|name| suits(PricePart::Body, name) && alone(name))),
            ] {
                if !right {
                    add(&format!("booking.price.{}", part.as_str()), Flaw::BookingPrice(part));
                }
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
        let found = |text: &str| -> Vec<String> {
            let findings = Procedure::from_toml(text).unwrap().check();
            findings
                .into_iter()
                .filter_map(|it| it.at.strip_prefix("booking.price.").map(str::to_owned))
                .collect()
        };
        let nothing: Vec<String> = Vec::new();
        assert_eq!(found(text), nothing);
        for (right, wrong, at) in [
            ("applicant = \"statut\"", "applicant = \"objet\"", "applicant"),
            ("resident = \"habitant\"", "resident = \"objet\"", "resident"),
            ("{ particulier = \"person\"", "{ voisin = \"person\"", "kinds"),
            ("body = [\"rna\"", "body = [\"habitant\"", "body"),
            ("body = [\"rna\"", "body = [\"rna\", \"rna\"", "body"),
        ] {
            assert!(text.contains(right), "{right}");
            assert_eq!(found(&text.replace(right, wrong)), [at], "{wrong}");
        }
        let mut unsaid = Procedure::from_toml(text).unwrap();
        unsaid.booking.as_mut().unwrap().price.as_mut().unwrap().kinds.clear();
        assert_eq!(found(&unsaid.to_toml().unwrap()), ["kinds"], "nobody would have a price");
    }

    #[test]
    fn what_is_picked_answers_questions_of_its_kind() {
        let found = booked("manifestation = 'name', enlevement = 'day', retour = 'from', nul = 'until'");
        let at: Vec<&str> = found.iter().map(|finding| finding.at.as_str()).collect();
        // A day is no time of day, and there is no question `nul`.
        assert_eq!(at, ["booking.answers[from]", "booking.answers[until]"]);
        let found = booked("manifestation = 'name', enlevement = 'day'");
        let at: Vec<&str> = found.iter().map(|finding| finding.at.as_str()).collect();
        assert_eq!(
            at,
            ["booking.answers[from]", "booking.answers[until]"],
            "no booking goes without its hours"
        );
        let found = booked("manifestation = 'name', enlevement = 'day', retour = 'day'");
        assert_eq!(found.first().map(|it| it.at.as_str()), Some("booking.answers[day]"), "one day is enough");
    }
}

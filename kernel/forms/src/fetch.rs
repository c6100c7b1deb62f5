//! What the State knows already and tells the town at the person's wish (CRPA L114-8): which sources there are, what
//! each must be told and what it tells, and whether a form asks them for what they have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Field, Kind, Source, fetch_flaw::FetchFlaw};

/// What a field asks the State for: the button stands beside the field that bears it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Who is asked for what.
    pub source: FetchSource,
    /// What the source is told: each thing by its name, and the field that says it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub with: BTreeMap<String, String>,
    /// The fields that are filled, each with the name of a fact; the bearer with the first fact where nothing is said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fills: BTreeMap<String, String>,
}

/// The State's services that can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
pub enum FetchSource {
    /// The family quotient of the CNAF or the MSA.
    #[serde(rename = "api-particulier/quotient-familial")]
    FamilyQuotient,
    /// Whether a pupil is enrolled, and holds a scholarship.
    #[serde(rename = "api-particulier/scolarite")]
    Schooling,
    /// An establishment of the Sirene register, by its SIRET number.
    #[serde(rename = "api-entreprise/etablissement")]
    Establishment,
    /// An association of the national register, by its RNA or SIREN number.
    #[serde(rename = "api-entreprise/association")]
    Association,
}

/// What is said of a source: what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its name under `with`.
    pub name: &'static str,
    /// Whether nothing can be asked without it.
    pub needed: bool,
    /// The kinds of field that say it.
    pub kinds: Kinds,
}

/// A fact that a source tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Its name under `fills`.
    pub name: &'static str,
    /// The kinds of field that take it.
    pub kinds: Kinds,
}

/// The kinds of field that tell a thing, or take a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's words are in `english`")]
pub enum Kinds {
    BirthIdentity,
    Sexes,
    Communes,
    Countries,
    Siret,
    Rna,
    Text,
    Whole,
    YesNo,
    Place,
}

impl Kinds {
    /// Whether a field of this kind is among them. The civil status knows two sexes, and the State's services want
    /// their letters.
    pub fn suits(self, kind: &Kind) -> bool {
        match self {
            Self::BirthIdentity => matches!(kind, Kind::Identity { birth: true }),
            Self::Sexes => match kind {
                Kind::OneOf { choices } => {
                    ["F", "M"].iter().all(|sex| choices.iter().any(|choice| choice.value == *sex))
                }
                _ => false,
            },
            Self::Communes => matches!(kind, Kind::List { from: Some(Source::Communes), .. }),
            Self::Countries => matches!(kind, Kind::List { from: Some(Source::Countries), .. }),
            Self::Siret => matches!(kind, Kind::Siret),
            Self::Rna => matches!(kind, Kind::Rna | Kind::Siret),
            Self::Text => matches!(kind, Kind::Text { .. } | Kind::LongText { .. }),
            Self::Whole => matches!(kind, Kind::Number { .. }),
            Self::YesNo => matches!(kind, Kind::YesNo),
            Self::Place => matches!(kind, Kind::Address { .. } | Kind::Text { .. } | Kind::LongText { .. }),
        }
    }

    pub(crate) const fn english(self) -> &'static str {
        match self {
            Self::BirthIdentity => "an `identity` with `birth`",
            Self::Sexes => "a `one-of` whose values are `F` and `M`",
            Self::Communes => "a `list` from `communes`",
            Self::Countries => "a `list` from `countries`",
            Self::Siret => "a `siret`",
            Self::Rna => "an `rna` or a `siret`",
            Self::Text => "a text",
            Self::Whole => "a `number`",
            Self::YesNo => "a `yes-no`",
            Self::Place => "an `address` or a text",
        }
    }

    pub(crate) const fn french(self) -> &'static str {
        match self {
            Self::BirthIdentity => "une identité avec la naissance",
            Self::Sexes => "un choix dont les valeurs sont F et M",
            Self::Communes => "une liste des communes de France",
            Self::Countries => "une liste des pays",
            Self::Siret => "un numéro SIRET",
            Self::Rna => "un numéro RNA ou SIRET",
            Self::Text => "un texte",
            Self::Whole => "un nombre",
            Self::YesNo => "un oui ou non",
            Self::Place => "une adresse ou un texte",
        }
    }
}

const fn told(name: &'static str, needed: bool, kinds: Kinds) -> Told {
    Told { name, needed, kinds }
}

const fn fact(name: &'static str, kinds: Kinds) -> Fact {
    Fact { name, kinds }
}

impl FetchSource {
    /// Every source.
    pub const ALL: [Self; 4] =
        [Self::FamilyQuotient, Self::Schooling, Self::Establishment, Self::Association];

    /// As in a procedure's file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FamilyQuotient => "api-particulier/quotient-familial",
            Self::Schooling => "api-particulier/scolarite",
            Self::Establishment => "api-entreprise/etablissement",
            Self::Association => "api-entreprise/association",
        }
    }

    /// The source of that name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == word)
    }

    /// What it is told.
    pub const fn told(self) -> &'static [Told] {
        match self {
            Self::FamilyQuotient => {
                &const {
                    [
                        told("identity", true, Kinds::BirthIdentity),
                        told("sex", true, Kinds::Sexes),
                        told("birth_commune", false, Kinds::Communes),
                        told("birth_country", false, Kinds::Countries),
                    ]
                }
            }
            Self::Schooling => {
                &const {
                    [
                        told("identity", true, Kinds::BirthIdentity),
                        told("sex", true, Kinds::Sexes),
                        told("school", true, Kinds::Text),
                    ]
                }
            }
            Self::Establishment => &const { [told("siret", true, Kinds::Siret)] },
            Self::Association => &const { [told("number", true, Kinds::Rna)] },
        }
    }

    /// What it tells; the first one is what a field is filled with that says nothing.
    pub const fn facts(self) -> &'static [Fact] {
        match self {
            Self::FamilyQuotient => {
                &const {
                    [
                        fact("quotient", Kinds::Whole),
                        fact("fund", Kinds::Text),
                        fact("month", Kinds::Text),
                        fact("children", Kinds::Whole),
                        fact("address", Kinds::Place),
                    ]
                }
            }
            Self::Schooling => {
                &const {
                    [
                        fact("enrolled", Kinds::YesNo),
                        fact("scholarship", Kinds::YesNo),
                        fact("school_name", Kinds::Text),
                        fact("school_year", Kinds::Text),
                    ]
                }
            }
            Self::Establishment => {
                &const {
                    [
                        fact("name", Kinds::Text),
                        fact("address", Kinds::Place),
                        fact("legal_form", Kinds::Text),
                        fact("activity", Kinds::Text),
                        fact("active", Kinds::YesNo),
                    ]
                }
            }
            Self::Association => {
                &const {
                    [
                        fact("name", Kinds::Text),
                        fact("address", Kinds::Place),
                        fact("purpose", Kinds::Text),
                        fact("active", Kinds::YesNo),
                    ]
                }
            }
        }
    }
}

impl Fetch {
    /// The fields that it fills, each with its fact, `bearer` being the field beside which it stands.
    pub fn filled<'f>(&'f self, bearer: &'f str) -> Vec<(&'f str, &'f str)> {
        if self.fills.is_empty() {
            let first = self.source.facts().first().map_or("", |fact| fact.name);
            return vec![(bearer, first)];
        }
        self.fills.iter().map(|(field, fact)| (field.as_str(), fact.as_str())).collect()
    }

    /// Whether it is told what this field says, or fills it.
    pub fn mentions(&self, field: &str) -> bool {
        self.with.values().any(|told| told == field) || self.fills.contains_key(field)
    }

    /// Speaks of a field by another name.
    pub fn rename(&mut self, from: &str, to: &str) {
        for told in self.with.values_mut().filter(|told| *told == from) {
            to.clone_into(told);
        }
        if let Some(fact) = self.fills.remove(from) {
            self.fills.insert(to.to_owned(), fact);
        }
    }

    /// What is wrong with it. `page`: the fields of its page; `before`: those of the pages before.
    pub(crate) fn faults(&self, bearer: &str, page: &[Field], before: &[&Field]) -> Vec<FetchFlaw> {
        let mut faults = Vec::new();
        let here = |name: &str| page.iter().find(|field| field.id == name);
        let known = |name: &str| here(name).or_else(|| before.iter().copied().find(|field| field.id == name));
        let source = self.source;
        for told in source.told() {
            let (name, kinds) = (told.name, told.kinds);
            match self.with.get(name) {
                None if told.needed => faults.push(FetchFlaw::Untold { source, name, kinds }),
                None => {}
                Some(field) => match known(field) {
                    Some(field) if kinds.suits(&field.kind) => {}
                    Some(_) => faults.push(FetchFlaw::ToldBy { name, kinds }),
                    None => faults.push(FetchFlaw::NoFieldBefore(field.clone())),
                },
            }
        }
        for name in self.with.keys() {
            if !source.told().iter().any(|told| told.name == name) {
                faults.push(FetchFlaw::ToldNo { source, name: name.clone() });
            }
        }
        for (field, fact) in self.filled(bearer) {
            let Some(fact) = source.facts().iter().find(|known| known.name == fact) else {
                faults.push(FetchFlaw::TellsNo { source, fact: fact.to_owned() });
                continue;
            };
            match here(field) {
                Some(field) if field.compute.is_some() => faults.push(FetchFlaw::Computed(field.id.clone())),
                Some(field) if fact.kinds.suits(&field.kind) => {}
                Some(_) => faults.push(FetchFlaw::GoesInto { fact: fact.name, kinds: fact.kinds }),
                None => faults.push(FetchFlaw::NoFieldHere(field.to_owned())),
            }
        }
        faults
    }
}

/// What was fetched for one field.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Fetched {
    /// Where it comes from.
    pub source: FetchSource,
    /// When, as an instant of RFC 3339.
    pub at: String,
    /// What was put into the field's controls: an answer that says something else is the person's own.
    pub texts: BTreeMap<String, String>,
}

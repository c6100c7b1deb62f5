//! What is wrong with what a field asks the State for, told in English on the command line and in French in the
//! builder.

use crate::fetch::{FetchSource, Kinds};

/// What is wrong with a fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's sentence is in `english`")]
pub enum FetchFlaw {
    Untold { source: FetchSource, name: &'static str, kinds: Kinds },
    ToldBy { name: &'static str, kinds: Kinds },
    NoFieldBefore(String),
    ToldNo { source: FetchSource, name: String },
    TellsNo { source: FetchSource, fact: String },
    Computed(String),
    GoesInto { fact: &'static str, kinds: Kinds },
    NoFieldHere(String),
    FilledTwice(String),
    InGroup,
    InStep,
}

impl FetchFlaw {
    pub(crate) fn english(&self) -> String {
        match self {
            Self::Untold { source, name, kinds } => {
                format!("{} must be told `{name}`, by {}", source.as_str(), kinds.english())
            }
            Self::ToldBy { name, kinds } => format!("`{name}` is told by {}", kinds.english()),
            Self::NoFieldBefore(field) => format!("no field `{field}` stands on this page or before"),
            Self::ToldNo { source, name } => format!("{} is told no `{name}`", source.as_str()),
            Self::TellsNo { source, fact } => format!("{} tells no `{fact}`", source.as_str()),
            Self::Computed(field) => format!("`{field}` is computed, and cannot be filled"),
            Self::GoesInto { fact, kinds } => format!("`{fact}` goes into {}", kinds.english()),
            Self::NoFieldHere(field) => format!("no field `{field}` stands on this page"),
            Self::FilledTwice(field) => format!("`{field}` is filled from elsewhere already"),
            Self::InGroup => "nothing can be fetched inside a repeated group".to_owned(),
            Self::InStep => "what the State knows is fetched for whoever asks, and not in a step".to_owned(),
        }
    }

    pub(crate) fn french(&self) -> String {
        match self {
            Self::Untold { name, kinds, .. } => format!(
                "Pour interroger l’État, dites quelle question donne {}\u{a0}: {}.",
                called(name),
                kinds.french()
            ),
            Self::ToldBy { name, kinds } => {
                format!("La question qui donne {} doit être {}.", called(name), kinds.french())
            }
            Self::NoFieldBefore(field) => {
                format!("Aucune question «\u{a0}{field}\u{a0}» n’est sur cette page ni avant.")
            }
            Self::ToldNo { name, .. } => {
                format!("Ce service de l’État ne demande pas «\u{a0}{name}\u{a0}».")
            }
            Self::TellsNo { fact, .. } => {
                format!("Ce service de l’État ne donne pas «\u{a0}{fact}\u{a0}».")
            }
            Self::Computed(field) => {
                format!("«\u{a0}{field}\u{a0}» est calculée\u{a0}: elle ne peut pas être remplie.")
            }
            Self::GoesInto { fact, kinds } => {
                format!("La question qui reçoit {} doit être {}.", called(fact), kinds.french())
            }
            Self::NoFieldHere(field) => {
                format!("Aucune question «\u{a0}{field}\u{a0}» n’est sur cette page.")
            }
            Self::FilledTwice(field) => {
                format!("«\u{a0}{field}\u{a0}» est déjà remplie par une autre récupération.")
            }
            Self::InGroup => "Rien ne peut être récupéré dans un groupe répété.".to_owned(),
            Self::InStep => {
                "Ce que sait l’État est récupéré par la personne qui demande, et non dans une étape."
                    .to_owned()
            }
        }
    }
}

/// What is told or learnt, in French.
fn called(name: &str) -> &str {
    match name {
        "identity" => "l’identité",
        "sex" => "le sexe",
        "birth_commune" => "la commune de naissance",
        "birth_country" => "le pays de naissance",
        "school" => "l’établissement scolaire",
        "siret" => "le numéro SIRET",
        "number" => "le numéro de l’association",
        "quotient" => "le quotient familial",
        "fund" => "la caisse",
        "month" => "le mois",
        "children" => "le nombre d’enfants",
        "address" => "l’adresse",
        "enrolled" => "l’inscription",
        "scholarship" => "la bourse",
        "school_name" => "le nom de l’établissement",
        "school_year" => "l’année scolaire",
        "name" => "le nom",
        "legal_form" => "la forme juridique",
        "activity" => "l’activité",
        "active" => "l’état d’activité",
        "purpose" => "l’objet",
        other => other,
    }
}

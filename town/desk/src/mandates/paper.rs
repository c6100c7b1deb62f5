//! The mandate itself on paper, in French: who, for whom, in what, until when; to be signed by the helped person.

use beffroi_core::{Lang, Sector, calendar::long_date};
use beffroi_people::mandate::{Helper, NewMandate, Scope};
use beffroi_typeset::{BlankField, BlankForm, FieldKind, FormPage};

use super::Titles;
use crate::papers::Stationery;

/// In what a mandate serves, in French, as the paper says it.
fn scope_french(scope: &Scope, titles: &Titles) -> String {
    match scope {
        Scope::All => "toutes les démarches de la mairie".to_owned(),
        Scope::Sector(sector) => match sector {
            Sector::CivilStatus => "l’état civil, les élections et les cimetières",
            Sector::SchoolFamily => "l’école et la famille",
            Sector::Social => "l’action sociale",
            Sector::TownPlanning => "l’urbanisme et la voirie",
            Sector::CommunityLife => "la vie associative, le sport et la culture",
            Sector::Safety => "la sécurité",
            Sector::Finance => "les finances",
            Sector::General => "les démarches générales",
        }
        .to_owned(),
        Scope::Procedures(slugs) => {
            let names =
                slugs.iter().map(|slug| format!("«\u{a0}{}\u{a0}»", titles.get(slug).unwrap_or(slug)));
            names.collect::<Vec<_>>().join(", ")
        }
    }
}

/// For how long, in French.
fn term_french(days: u32) -> &'static str {
    match days {
        1 => "aujourd’hui seulement",
        31 => "un mois",
        182 => "six mois",
        _ => "un an",
    }
}

/// The mandate on paper: who, for whom, in what, until when; to be signed by the helped person.
pub(super) fn paper(stationery: &Stationery, mandate: &NewMandate, titles: &Titles) -> BlankForm {
    let helped = &mandate.helped;
    let quality = match mandate.helper {
        Helper::Relative => "un proche",
        Helper::Professional => "un agent ou un professionnel qui m’aide",
        Helper::Organisation => "un organisme qui m’aide",
    };
    let born =
        helped.birth_date.map(|day| format!(", né(e) le {}", long_date(day, Lang::Fr))).unwrap_or_default();
    let address =
        if helped.address.is_empty() { String::new() } else { format!(", demeurant {}", helped.address) };
    let field = |label: &str, kind: FieldKind| BlankField {
        label: label.to_owned(),
        hint: None,
        required: true,
        kind,
    };
    BlankForm {
        letterhead: stationery.letterhead(),
        title: "Mandat pour faire des démarches à la mairie".to_owned(),
        introduction: format!(
            "Je soussigné(e) {}{born}{address}, demande à {} ({quality}) de faire des démarches pour moi auprès de la mairie.",
            helped.full_name(),
            mandate.helper_name
        ),
        pages: vec![
            FormPage {
                title: "Ce que cette personne peut faire".to_owned(),
                introduction: Some(format!(
                    "Elle peut envoyer des demandes en mon nom, joindre mes papiers, lire les réponses et écrire à la mairie pour\u{a0}: {}. Elle ne peut rien faire d’autre. Elle n’a pas besoin de mon mot de passe et ne doit pas me le demander.",
                    scope_french(&mandate.scope, titles)
                )),
                fields: Vec::new(),
            },
            FormPage {
                title: "Pendant combien de temps".to_owned(),
                introduction: Some(format!(
                    "Ce mandat dure {} à partir du jour où la mairie l’enregistre. Je peux l’arrêter à tout moment, sans donner de raison, au guichet, par téléphone ou sur la page que la mairie m’indique. Je peux demander la liste de ce qui a été fait en mon nom.",
                    term_french(mandate.term.days())
                )),
                fields: Vec::new(),
            },
            FormPage {
                title: "Date et signature".to_owned(),
                introduction: None,
                fields: vec![
                    field("Fait le", FieldKind::Date),
                    field("Signature de la personne aidée", FieldKind::Signature),
                    field("Signature de la personne qui aide", FieldKind::Signature),
                ],
            },
        ],
        attachments: Vec::new(),
        return_to: stationery.contact(),
        privacy: Some(format!(
            "La commune de {} garde ce mandat et la liste de ce qui a été fait pendant un an après sa fin. Vous pouvez les consulter et les faire corriger.",
            stationery.town.name
        )),
    }
}

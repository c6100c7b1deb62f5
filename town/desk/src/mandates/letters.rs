//! What is written about mandates: the question to the helped person, by mail or by letter; word to the helper; and
//! the mandate itself on paper, to be signed.

use beffroi_cases::case::Case;
use beffroi_core::{
    Id, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_notify::{About, mail, messages};
use beffroi_people::{
    Town, account,
    mandate::{self, Asked, Helper, Mandate, NewMandate, Proof, Status},
};
use beffroi_store::{Result, StoreError, Tx, jobs};
use beffroi_typeset::{BlankField, BlankForm, FieldKind, FormPage};
use serde::{Deserialize, Serialize};

use super::Titles;
use crate::{papers::Stationery, submission};

/// The job that lays out a letter about a mandate and puts it in the day's batch.
pub(super) const LETTER: &str = "desk.mandate_letter";

/// What that letter tells.
#[derive(Deserialize, Serialize)]
pub(super) struct LetterOrder {
    pub(super) mandate: Id<Mandate>,
    /// The department that prints it.
    pub(super) tray: String,
    pub(super) paragraphs: Vec<String>,
}

/// In what a mandate serves, in French, as mails and papers say it.
pub(super) fn scope_french(scope: &mandate::Scope, titles: &Titles) -> String {
    use beffroi_core::Sector;
    match scope {
        mandate::Scope::All => "toutes les démarches de la mairie".to_owned(),
        mandate::Scope::Sector(sector) => match sector {
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
        mandate::Scope::Procedures(slugs) => {
            let names =
                slugs.iter().map(|slug| format!("«\u{a0}{}\u{a0}»", titles.get(slug).unwrap_or(slug)));
            names.collect::<Vec<_>>().join(", ")
        }
    }
}

/// For how long, in French.
pub(super) fn term_french(days: u32) -> &'static str {
    match days {
        1 => "aujourd’hui seulement",
        31 => "un mois",
        182 => "six mois",
        _ => "un an",
    }
}

fn paragraphs(new: &NewMandate, titles: &Titles, asked: &Asked, origin: &str) -> Vec<String> {
    let (scope, term) = (scope_french(&new.scope, titles), term_french(new.term.days()));
    let link = format!("{origin}/mandat/{}", asked.link.reveal());
    let mut paragraphs = vec![format!(
        "{} demande à faire des démarches à votre place auprès de la mairie\u{a0}: {scope}. Durée\u{a0}: {term}, à partir de votre accord.",
        new.helper_name
    )];
    if let Some(code) = &asked.code {
        paragraphs.push(format!(
            "Si vous êtes d’accord, donnez ce code à cette personne, ou à l’agent qui vous appelle\u{a0}: {code}"
        ));
        paragraphs.push(
            "Si vous n’êtes pas d’accord, ne faites rien. Personne ne peut agir à votre place sans ce code."
                .to_owned(),
        );
    }
    paragraphs.push(format!(
        "Cette page est à vous\u{a0}: {link} Vous pouvez y accepter ou refuser, voir tout ce qui a été fait en votre nom, et arrêter quand vous voulez. Vous pouvez aussi le demander au guichet ou par téléphone. Ne donnez à personne votre mot de passe."
    ));
    paragraphs
}

/// Asks the helped person: by mail, or else by a letter that this department prints. `false` where neither reaches
/// them.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    new: &NewMandate,
    asked: &Asked,
    titles: &Titles,
    origin: &str,
    tray: Option<&str>,
) -> Result<bool> {
    let paragraphs = paragraphs(new, titles, asked, origin);
    let helped = &new.helped;
    if !helped.email.is_empty() {
        let town = Town::load(tx)?;
        let subject = if new.proof == Proof::Code {
            format!("{} demande à vous aider dans vos démarches", new.helper_name)
        } else {
            format!("{} vous aide dans vos démarches", new.helper_name)
        };
        send(tx, &helped.email, &subject, &paragraphs, &town, true, asked.id)?;
        return Ok(true);
    }
    let Some(tray) = tray.filter(|_| helped.letter_lines().len() > 1) else { return Ok(false) };
    let order = LetterOrder { mandate: asked.id, tray: tray.to_owned(), paragraphs };
    let payload = serde_json::to_value(&order).map_err(StoreError::from)?;
    jobs::enqueue(tx, LETTER, &payload, tx.now(), None)?;
    Ok(true)
}

/// Tells the other side that a mandate has begun or is over. Plain: nothing in it opens anything.
pub(super) fn tell_helper(tx: &mut Tx<'_>, mandate: &Mandate, words: &str) -> Result<()> {
    let Some(helper) = account::find(tx, mandate.details.account)? else { return Ok(()) };
    let town = Town::load(tx)?;
    let subject = format!("Mandat pour {}", mandate.details.helped.full_name());
    send(tx, &helper.email, &subject, &[words.to_owned()], &town, false, mandate.id)
}

/// The same to the helped person, where they have an e-mail address.
pub(super) fn tell_helped(tx: &mut Tx<'_>, mandate: &Mandate, words: &str) -> Result<()> {
    if mandate.details.helped.email.is_empty() {
        return Ok(());
    }
    let town = Town::load(tx)?;
    let subject = format!("Mandat donné à {}", mandate.details.helper_name);
    send(tx, &mandate.details.helped.email, &subject, &[words.to_owned()], &town, false, mandate.id)
}

/// The same, where the words open something.
pub(super) fn tell_helped_secretly(tx: &mut Tx<'_>, mandate: &Mandate, words: &str) -> Result<()> {
    if mandate.details.helped.email.is_empty() {
        return Ok(());
    }
    let town = Town::load(tx)?;
    let subject = format!("Mandat donné à {}", mandate.details.helper_name);
    send(tx, &mandate.details.helped.email, &subject, &[words.to_owned()], &town, true, mandate.id)
}

fn send(
    tx: &mut Tx<'_>,
    to: &str,
    subject: &str,
    paragraphs: &[String],
    town: &Town,
    secret: bool,
    id: Id<Mandate>,
) -> Result<()> {
    let contact = [town.phone.as_str(), &town.email].into_iter().filter(|it| !it.is_empty());
    let contact = contact.collect::<Vec<_>>().join(", ");
    let sender = Stationery::sender(town, &contact);
    let message = messages::plain(sender, Lang::Fr, subject, paragraphs);
    let new = mail::NewMail {
        to,
        subject: &message.subject,
        text: &message.text,
        html: None,
        secret,
        about: About { kind: "mandate", id: id.uuid() },
    };
    match mail::queue(tx, &new) {
        Ok(_) | Err(mail::MailError::Address) => Ok(()),
        Err(mail::MailError::Store(error)) => Err(error),
    }
}

/// Tells the helper that the town has written in a case of their mandate; nothing where there is none, where it runs no
/// more, or where the helped person wants it to themselves. What was written is read on the case's page.
pub(crate) fn copy(tx: &mut Tx<'_>, case: &Case, origin: &str) -> Result<()> {
    let Some((id, helper)) = submission::mandate_of(tx, case.id)? else { return Ok(()) };
    let town = Town::load(tx)?;
    let today = civil_day(tx.now(), town.zone());
    let Some(found) = mandate::find(tx, id)? else { return Ok(()) };
    if found.status(today) != Status::Running || !found.details.copies {
        return Ok(());
    }
    let Some(helper) = account::find(tx, helper)? else { return Ok(()) };
    let words = format!(
        "La mairie a écrit au sujet de la demande {} que vous suivez pour {}. Connectez-vous pour lire ce qu’elle dit\u{a0}: {origin}/compte/demarches/{}",
        case.reference,
        found.details.helped.full_name(),
        case.id
    );
    let subject = format!("Demande {}\u{a0}: du nouveau", case.reference);
    send(tx, &helper.email, &subject, &[words], &town, false, id)
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

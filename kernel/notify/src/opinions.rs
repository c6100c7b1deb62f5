//! The words about the steps of a case: an opinion asked of somebody, a reminder, a case handed over.

use beffroi_core::{Day, Lang, calendar::long_date};

use crate::messages::{CaseRef, Message, Sender, written};

/// To an expert outside: an opinion is asked, behind a personal link. What is asked stays behind it: a mailbox is not
/// always private.
pub fn opinion_asked(sender: Sender<'_>, case: CaseRef<'_>, due: Day, again: bool) -> Message {
    let CaseRef { title, reference, link } = case;
    let date = long_date(due, Lang::Fr);
    let subject = if again {
        format!("Rappel\u{a0}: votre avis est attendu pour le {date}")
    } else {
        format!("La ville de {} vous demande un avis ({reference})", sender.commune)
    };
    let first = format!(
        "Votre avis nous serait utile pour décider d’une demande «\u{a0}{title}\u{a0}» ({reference}). Merci de nous le donner au plus tard le {date}."
    );
    written(
        sender,
        Lang::Fr,
        subject,
        &[
            first,
            format!(
                "Ce lien vous est personnel\u{a0}: il montre ce qui vous est communiqué de ce dossier et permet de répondre, sans compte. Ne le transmettez à personne.\n{link}"
            ),
        ],
    )
}

/// To a department of the town: an opinion is asked, or awaited still.
pub fn opinion_wanted(sender: Sender<'_>, case: CaseRef<'_>, due: Day, again: bool) -> Message {
    let CaseRef { title, reference, link } = case;
    let date = long_date(due, Lang::Fr);
    let begins = if again { "Rappel\u{a0}: un avis est attendu" } else { "Un avis vous est demandé" };
    written(
        sender,
        Lang::Fr,
        format!("{begins} ({reference})"),
        &[format!(
            "Votre service est consulté sur la demande «\u{a0}{title}\u{a0}» ({reference}), pour le {date}\u{a0}:\n{link}"
        )],
    )
}

/// To those who follow a case: what its procedure asks to be reminded of.
pub fn step_reminder(sender: Sender<'_>, case: CaseRef<'_>, words: &str) -> Message {
    let CaseRef { title, reference, link } = case;
    written(
        sender,
        Lang::Fr,
        format!("Rappel sur le dossier {reference}"),
        &[words.to_owned(), format!("Dossier {reference}, {title}\u{a0}:\n{link}")],
    )
}

/// To the requester: the request is another administration’s, and was handed over (CRPA, art. L114-2). `clock`: what
/// its silence will mean.
pub fn transferred(
    sender: Sender<'_>,
    lang: Lang,
    case: CaseRef<'_>,
    (body, contact): (&str, &str),
    clock: &str,
) -> Message {
    let CaseRef { title, reference, link } = case;
    let whom = if contact.is_empty() { body.to_owned() } else { format!("{body} ({contact})") };
    match lang {
        Lang::Fr => written(
            sender,
            lang,
            format!("Votre demande {reference} est transmise à l’administration compétente"),
            &[
                format!(
                    "Votre demande «\u{a0}{title}\u{a0}» ({reference}) ne relève pas de la mairie. Nous l’avons transmise à l’administration compétente\u{a0}: {whom}. Vous n’avez rien à refaire\u{a0}: c’est elle qui vous répondra."
                ),
                clock.to_owned(),
                format!("Tout est expliqué sur la page de votre demande\u{a0}:\n{link}"),
            ],
        ),
        Lang::En => written(
            sender,
            lang,
            format!("Your request {reference} was handed over to the competent administration"),
            &[
                format!(
                    "Your request “{title}” ({reference}) is not for the town hall to decide. We handed it over to the competent administration: {whom}. You need not ask again: it will answer you."
                ),
                clock.to_owned(),
                format!("All is explained on the page of your request:\n{link}"),
            ],
        ),
    }
}

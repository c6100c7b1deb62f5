//! The words for those who work for the town: what comes near, what was given back, what no longer runs.

use beffroi_core::{Day, Lang, calendar::long_date};

use super::{Message, Sender, written};

/// To an agent: silence is about to decide these cases, a line each.
pub fn silence_near(sender: Sender<'_>, cases: usize, lines: &[String]) -> Message {
    let subject = match cases {
        1 => "Un dossier arrive au terme de son délai".to_owned(),
        cases => format!("{cases} dossiers arrivent au terme de leur délai"),
    };
    let rest = cases.saturating_sub(lines.len());
    let mut paragraphs =
        vec!["Sans décision d’ici là, le silence de la mairie décidera à votre place\u{a0}:".to_owned()];
    paragraphs.extend(lines.iter().cloned());
    if rest > 0 {
        paragraphs
            .push(format!("Et {rest} autres\u{a0}: vous les trouvez en tête de la liste des dossiers."));
    }
    written(sender, Lang::Fr, subject, &paragraphs)
}

/// To an agent: a requester has given back what was granted. `what`: the room and its time; `link`: to the case.
pub fn booking_cancelled(sender: Sender<'_>, reference: &str, what: &str, link: &str) -> Message {
    let paragraphs = vec![
        format!(
            "La réservation du dossier {reference} est annulée par la personne qui l’avait demandée\u{a0}:"
        ),
        what.to_owned(),
        format!("La salle est de nouveau libre. Le motif est dans le dossier\u{a0}:\n{link}"),
    ];
    written(sender, Lang::Fr, format!("Réservation annulée\u{a0}: dossier {reference}"), &paragraphs)
}

/// To an agent: a requester has given back some dates of what was granted. `what`: the room and each date; `link`: to the
/// case.
pub fn booking_dates_returned(sender: Sender<'_>, reference: &str, what: &[String], link: &str) -> Message {
    let mut paragraphs = vec![format!(
        "Des dates de la réservation du dossier {reference} sont rendues par la personne qui l’avait demandée\u{a0}:"
    )];
    paragraphs.extend(what.iter().cloned());
    paragraphs.push(format!(
        "La salle est de nouveau libre ces jours-là, le reste de la réservation est gardé. Le motif est dans le dossier\u{a0}:\n{link}"
    ));
    written(sender, Lang::Fr, format!("Dates rendues\u{a0}: dossier {reference}"), &paragraphs)
}

/// To an agent: the reasons of implied refusals are due in these cases, a line each.
pub fn reasons_near(sender: Sender<'_>, lines: &[String]) -> Message {
    let subject = match lines.len() {
        1 => "Les motifs d’un refus implicite sont à communiquer".to_owned(),
        cases => format!("Les motifs de {cases} refus implicites sont à communiquer"),
    };
    let mut paragraphs = vec![
        "Sans motifs d’ici là, le refus devient illégal (article L232-4 du code des relations entre le public et l’administration)\u{a0}:"
            .to_owned(),
    ];
    paragraphs.extend(lines.iter().cloned());
    written(sender, Lang::Fr, subject, &paragraphs)
}

/// A program is told nothing more, because it took nothing for days: for the administrators. `since`: the first day.
pub fn webhook_disabled(sender: Sender<'_>, description: &str, host: &str, since: Day) -> Message {
    written(
        sender,
        Lang::Fr,
        format!("Le webhook «\u{a0}{description}\u{a0}» est suspendu"),
        &[
            format!(
                "Le programme «\u{a0}{description}\u{a0}» ({host}) n’accepte plus nos messages depuis le {}. Nous ne lui en envoyons plus.",
                long_date(since, Lang::Fr)
            ),
            "Une fois la panne réparée, reprenez l’envoi à la page «\u{a0}Webhooks\u{a0}»\u{a0}: vous pourrez y renvoyer tout ce qui s’est passé entre-temps.".to_owned(),
        ],
    )
}

/// No text message leaves any more this month: to an administrator.
pub fn sms_cap_reached(sender: Sender<'_>, cap: u32) -> Message {
    written(
        sender,
        Lang::Fr,
        "Plus de SMS ce mois-ci".to_owned(),
        &[
            format!(
                "La mairie a envoyé ce mois-ci autant de SMS que vous l’avez permis\u{a0}: {cap}. Il n’en partira plus avant le mois prochain. Les courriers et les messages électroniques partent comme d’habitude."
            ),
            "Pour en permettre davantage, changez ce nombre à la page «\u{a0}SMS\u{a0}» des réglages."
                .to_owned(),
        ],
    )
}

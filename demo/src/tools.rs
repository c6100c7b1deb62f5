//! The agents' tools of the demonstration: labels on some cases, reply templates, an absence to come.

use std::sync::Arc;

use beffroi_cases::{
    Access, Right,
    inbox::{self, Filter},
    label::{self, Colour},
};
use beffroi_core::{Channel, calendar::civil_day};
use beffroi_desk::daily::{
    absence,
    reply::{self, Template},
    signatory::{self, Signatory},
};
use beffroi_people::Town;
use beffroi_store::{By, Commune, Tx};
use chrono::Days;

use crate::{DemoError, failed, people::Agents};

/// Labels of two departments.
const LABELS: [(&str, &str, Colour); 4] = [
    ("etat-civil", "Acte ancien", Colour::Yellow),
    ("etat-civil", "À rappeler", Colour::Blue),
    ("domaine-public", "Marché du dimanche", Colour::Purple),
    ("domaine-public", "Visite sur place", Colour::Green),
];

/// What they often write.
const REPLIES: [(&str, &str, &str); 3] = [
    (
        "etat-civil",
        "Acte en recherche",
        "Bonjour {prénom},\n\nVotre demande {référence} est bien arrivée. L’acte est ancien\u{a0}: nous le cherchons aux archives et vous l’envoyons dès que possible.\n\n{service}",
    ),
    (
        "domaine-public",
        "Confirmer le créneau",
        "Bonjour {prénom},\n\nPour votre demande {référence}, pouvez-vous nous confirmer l’heure d’arrivée et celle de départ\u{a0}?\n\n{service}",
    ),
    (
        "domaine-public",
        "Dossier complet",
        "Bonjour {nom},\n\nVotre dossier {référence} est complet. Sans réponse de notre part, il sera réputé décidé le {échéance}.\n\n{service}",
    ),
];

/// Who signs, by department: name, quality, and the number of the order that delegates. The mayor signs for the others.
const SIGNATORIES: [(&str, &str, &str, &str); 8] = [
    ("etat-civil", "Inès Vidal", "L’adjointe à l’état civil", "4"),
    ("etat-civil", "Camille Bastide", "La maire", ""),
    ("domaine-public", "Rémi Faure", "L’adjoint à l’espace public", "5"),
    ("domaine-public", "Camille Bastide", "La maire", ""),
    ("vie-associative", "Naïma Berthet", "L’adjointe à la vie associative", "6"),
    ("vie-associative", "Camille Bastide", "La maire", ""),
    ("education", "Paul Esteve", "L’adjoint à l’éducation", "7"),
    ("police-municipale", "Odile Marquès", "L’adjointe à la tranquillité publique", "8"),
];

/// Days from now until the absence, and how long it lasts.
const AWAY_IN: Days = Days::new(12);
const AWAY_FOR: Days = Days::new(9);

/// Appoints those who sign.
pub(crate) fn appoint(commune: &Arc<Commune>) -> Result<(), DemoError> {
    commune.write_blocking(By::SYSTEM, |tx| {
        for (department, name, quality, order) in SIGNATORIES {
            let delegation = match order {
                "" => String::new(),
                order => format!("par délégation de la maire, arrêté n°\u{a0}{order} du 3 avril 2026"),
            };
            let (name, quality) = (name.to_owned(), quality.to_owned());
            let new =
                Signatory { id: tx.new_id(), department: department.to_owned(), name, quality, delegation };
            signatory::add(tx, &new)?;
        }
        Ok(())
    })
}

/// Lays the tools out.
pub(crate) fn furnish(commune: &Arc<Commune>, agents: &Agents) -> Result<(), DemoError> {
    for department in ["etat-civil", "domaine-public"] {
        let agent = agents.of(department)?;
        let by = By::account(agent.uuid(), Channel::Counter);
        commune.write_blocking(by, move |tx| of_department(tx, department))?;
    }
    let away = agents.of("domaine-public")?.uuid();
    commune.write_blocking(By::account(away, Channel::Counter), move |tx| {
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let from = today.checked_add_days(AWAY_IN).unwrap_or(today);
        let until = from.checked_add_days(AWAY_FOR).unwrap_or(from);
        Ok::<_, DemoError>(absence::declare(tx, away, (from, until), None).map(drop)?)
    })
}

fn of_department(tx: &mut Tx<'_>, department: &'static str) -> Result<(), DemoError> {
    let access = Access::default().with(Some(department), Right::Handle);
    let cases = inbox::page(tx, &access, department, &Filter::default(), None, 12).map_err(failed)?.cases;
    for (rank, (_, name, colour)) in LABELS.iter().filter(|(slug, ..)| *slug == department).enumerate() {
        let made = label::create(tx, &access, department, name, *colour).map_err(failed)?;
        let Some(made) = made else { continue };
        for case in cases.iter().skip(rank).step_by(4) {
            label::stick(tx, &access, case.id, made.id).map_err(failed)?;
        }
    }
    for (_, name, body) in REPLIES.iter().filter(|(slug, ..)| *slug == department) {
        let template = Template {
            id: tx.new_id(),
            department: department.to_owned(),
            procedure: String::new(),
            name: (*name).to_owned(),
            body: (*body).to_owned(),
        };
        reply::keep(tx, &template)?;
    }
    Ok(())
}

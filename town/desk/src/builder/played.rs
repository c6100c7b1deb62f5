//! The steps of a trial: what was done with its case, what came of it, and what differs now, in words.

use beffroi_forms::{Came, CaseStep, CompiledForm, Deed, Environment, Procedure, Rehearsal, Turn};
use serde::{Deserialize, Serialize};

use super::trials::{Trial, files};
use crate::procedure::Lists;

/// One thing that was done with the case of a trial.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Played {
    /// What.
    pub turn: Turn,
    /// What came of it.
    pub came: Vec<Came>,
}

impl Trial {
    /// What was done with the case, with what comes of it now; nothing where the form is refused: there is no case.
    pub fn replayed(&self, form: &CompiledForm) -> Vec<Played> {
        let outcome = self.run(form);
        if !outcome.faults.is_empty() {
            return Vec::new();
        }
        let files = files(&self.files);
        let environment =
            Environment { today: self.day, channel: self.channel, references: &Lists, files: &files };
        let mut rehearsal = Rehearsal::new(form, &outcome.answers, environment);
        let turns = self.steps.iter().map(|played| &played.turn);
        turns.map(|turn| Played { turn: turn.clone(), came: rehearsal.turn(turn) }).collect()
    }

    /// The first thing that comes out otherwise than it did, with what comes of it now. What follows is its consequence.
    fn diverges(&self, form: &CompiledForm) -> Option<(&Played, Vec<Came>)> {
        let now = self.replayed(form);
        self.steps.iter().zip(now).find(|(was, now)| was.came != now.came).map(|(was, now)| (was, now.came))
    }

    /// How many of the things that were done can still be done, from the first on.
    pub fn goes_on(&self, form: &CompiledForm) -> usize {
        let now = self.replayed(form);
        let stops = now
            .iter()
            .zip(&self.steps)
            .position(|(now, was)| now.came.iter().any(Came::stops) && now.came != was.came);
        stops.unwrap_or(now.len())
    }

    /// Whether something that was done cannot be done any more: somebody must go through the steps again.
    pub fn is_stopped(&self, form: &CompiledForm) -> bool {
        self.goes_on(form) < self.replayed(form).len()
    }

    /// What differs in the steps, in words; nothing where all is as it was.
    pub fn steps_apart(&self, form: &CompiledForm) -> Vec<String> {
        let Some((was, now)) = self.diverges(form) else { return Vec::new() };
        let procedure = form.procedure();
        let turn = turn(procedure, &was.turn);
        let told = |these: &[Came], those: &[Came], how: &str| -> Vec<String> {
            let apart = these.iter().filter(|it| !those.contains(it));
            apart.map(|it| format!("{turn}\u{a0}: {how}\u{a0}: {}.", came(procedure, it))).collect()
        };
        let mut apart = told(&was.came, &now, "ce résultat n’a plus lieu");
        apart.extend(told(&now, &was.came, "ce résultat est nouveau"));
        if apart.is_empty() {
            apart.push(format!(
                "{turn}\u{a0}: les résultats ne viennent plus dans le même ordre, ou pas autant de fois."
            ));
        }
        apart
    }
}

fn or_id(label: &str, id: &str) -> String {
    format!("«\u{a0}{}\u{a0}»", super::words::or_id(label, id))
}

/// A step by what it is called.
fn step(procedure: &Procedure, id: &str) -> String {
    or_id(procedure.step(id).map_or("", |step| step.label.fr.as_str()), id)
}

/// An action by what it is called.
fn action(procedure: &Procedure, step: &str, id: &str) -> String {
    or_id(procedure.action(step, id).map_or("", |action| action.label.fr.as_str()), id)
}

/// What was done, in words: « Passage à l’étape « Visite » ».
pub fn turn(procedure: &Procedure, turn: &Turn) -> String {
    match turn {
        Turn::Move { to } => format!("Passage à l’étape {}", step(procedure, to)),
        Turn::Fill { step: of, .. } => format!("Étape {}, questions remplies", step(procedure, of)),
        Turn::Press { step: of, action: id } => format!("Bouton {}", action(procedure, of, id)),
        Turn::Wait { days: 1 } => "Attente d’un jour".to_owned(),
        Turn::Wait { days } => format!("Attente de {days} jours"),
        Turn::Decide { granted: true } => "Décision\u{a0}: la demande est acceptée".to_owned(),
        Turn::Decide { granted: false } => "Décision\u{a0}: la demande est refusée".to_owned(),
    }
}

/// What came of it, in words, within a sentence.
pub fn came(procedure: &Procedure, came: &Came) -> String {
    match came {
        Came::Reached { step: to } => format!("le dossier arrive à l’étape {}", step(procedure, to)),
        Came::Done { step: of, action: id, kind, names } => {
            let what = done(*kind, names);
            format!("{what} ({})", action(procedure, of, id))
        }
        Came::NotDone { step: of, action: id } => {
            format!("l’action {} n’a pas pu se faire", action(procedure, of, id))
        }
        Came::Filled { step: of } => format!("les réponses de l’étape {} sont gardées", step(procedure, of)),
        Came::Refused { field, says } => {
            format!("la réponse à {} est refusée («\u{a0}{says}\u{a0}»)", asked(procedure, field))
        }
        Came::Decided { granted: true, paper } if !paper.is_empty() => {
            format!("la demande est acceptée par l’arrêté «\u{a0}{paper}\u{a0}»")
        }
        Came::Decided { granted: true, .. } => "la demande est acceptée par une lettre".to_owned(),
        Came::Decided { granted: false, .. } => "la demande est refusée".to_owned(),
        Came::Impossible => "ce n’est pas possible à ce moment du dossier".to_owned(),
    }
}

/// A question of some step by what it is called.
fn asked(procedure: &Procedure, path: &str) -> String {
    let id = path.rsplit('.').next().unwrap_or(path);
    let id = id.split('-').next().unwrap_or(id);
    let found = procedure.steps.iter().flat_map(CaseStep::places).find(|place| place.field.id == id);
    or_id(found.map_or("", |place| place.field.label.fr.as_str()), id)
}

fn done(kind: Deed, names: &str) -> String {
    let of = |what: &str| {
        if names.is_empty() { what.to_owned() } else { format!("{what} «\u{a0}{names}\u{a0}»") }
    };
    match kind {
        Deed::Message => "le demandeur reçoit un message".to_owned(),
        Deed::Document => of("le demandeur reçoit le document"),
        Deed::AskDocuments => of("le demandeur doit envoyer des documents\u{a0}:"),
        Deed::Opinion => of("un avis est demandé à"),
        Deed::Transfer => of("le dossier passe au service"),
        Deed::TransferOut => of("la demande est transmise à l’administration compétente,"),
        Deed::Task => {
            if names.is_empty() {
                "une tâche est confiée au service responsable".to_owned()
            } else {
                of("une tâche est confiée au service")
            }
        }
        Deed::Remind => "un rappel est envoyé aux agents".to_owned(),
        Deed::Move => "le dossier change d’étape".to_owned(),
        Deed::Count => of("la limite est vérifiée\u{a0}:"),
        Deed::Webhook => of("les autres logiciels sont prévenus\u{a0}:"),
        Deed::Close => "le dossier est clos".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use beffroi_core::Channel;
    use beffroi_forms::{Answers, StepAction};

    use super::*;
    use crate::builder::trials::Expected;

    fn procedure() -> Procedure {
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../catalogue/procedures/occupation-domaine-public.toml"
        ));
        let mut procedure = Procedure::from_toml(&text.unwrap()).unwrap();
        // A form that asks for nothing is right whatever is typed: the steps are what is tried.
        let fields = procedure.form.pages.iter_mut().flat_map(|page| &mut page.fields);
        for field in fields {
            field.required = beffroi_forms::Requirement::Fixed(false);
        }
        procedure.form.checks.clear();
        procedure
    }

    /// A trial of these turns, as they come out with this procedure.
    fn trial(procedure: &Procedure, turns: &[Turn]) -> Trial {
        let form = CompiledForm::compile(procedure.clone()).unwrap();
        let mut trial = Trial {
            day: "2026-06-03".parse().unwrap(),
            channel: Channel::Counter,
            typed: Answers::default(),
            files: BTreeMap::new(),
            expected: Expected::default(),
            steps: turns.iter().map(|turn| Played { turn: turn.clone(), came: Vec::new() }).collect(),
        };
        trial.expected = Expected::of(&form, &trial.run(&form));
        assert!(trial.expected.refused.is_empty(), "{:?}", trial.expected.refused);
        trial.steps = trial.replayed(&form);
        assert!(trial.differences(&form).is_empty());
        trial
    }

    fn told(trial: &Trial, procedure: Procedure) -> Vec<String> {
        trial.differences(&CompiledForm::compile(procedure).unwrap())
    }

    fn turns() -> Vec<Turn> {
        vec![
            Turn::Move { to: "avis".to_owned() },
            Turn::Press { step: "avis".to_owned(), action: "services-techniques".to_owned() },
            Turn::Move { to: "arrete".to_owned() },
            Turn::Decide { granted: true },
        ]
    }

    #[test]
    fn a_change_of_steps_is_told_where_it_first_shows() {
        let kept = trial(&procedure(), &turns());
        let again: Trial = serde_json::from_value(serde_json::to_value(&kept).unwrap()).unwrap();
        assert_eq!(again, kept);
        // A button that is gone.
        let mut less = procedure();
        less.step_mut("avis").unwrap().actions.retain(|it| it.id != "services-techniques");
        let apart = told(&kept, less.clone());
        assert!(apart.iter().any(|it| it.contains("n’est pas possible à ce moment")), "{apart:?}");
        assert!(apart.iter().all(|it| it.starts_with("Bouton")), "what follows is not told: {apart:?}");
        let form = CompiledForm::compile(less).unwrap();
        assert!(kept.is_stopped(&form));
        assert_eq!(kept.goes_on(&form), 1);
        // A document that a step makes by itself from now on.
        let mut more = procedure();
        let document = StepAction {
            id: "projet".to_owned(),
            label: "Projet d’arrêté".into(),
            kind: Deed::Document,
            on: beffroi_forms::Moment::Enter,
            title: "Projet d’arrêté".to_owned(),
            text: "Voici le projet.".to_owned(),
            ..StepAction::default()
        };
        more.step_mut("arrete").unwrap().actions.push(document);
        let apart = told(&kept, more.clone());
        assert_eq!(apart.len(), 1, "{apart:?}");
        assert!(apart[0].contains("le document «\u{a0}Projet d’arrêté\u{a0}»"), "{apart:?}");
        assert!(!kept.is_stopped(&CompiledForm::compile(more).unwrap()), "it can be accepted as it is");
        // The order bears another title.
        let mut renamed = procedure();
        renamed.decision.title = "Autorisation".to_owned();
        let apart = told(&kept, renamed);
        assert!(apart.iter().any(|it| it.contains("«\u{a0}Autorisation\u{a0}»")), "{apart:?}");
    }

    #[test]
    fn a_trial_of_before_steps_were_tried_is_still_one() {
        let kept = trial(&procedure(), &[]);
        let mut old = serde_json::to_value(&kept).unwrap();
        assert!(old.get("steps").is_none(), "what has no steps is kept as it was");
        old.as_object_mut().unwrap().remove("steps");
        let read: Trial = serde_json::from_value(old).unwrap();
        assert_eq!(read, kept);
    }
}

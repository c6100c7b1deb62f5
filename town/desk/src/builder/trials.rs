//! Trials of a procedure: it was filled in once, what came of it was kept, and every later version must do the same.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use beffroi_core::{Channel, Day, Lang};
use beffroi_forms::{Answers, CompiledForm, Environment, FileInfo, Outcome};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{played::Played, report::Obstacle, store::KeptTrial};
use crate::procedure::Lists;

/// What was filled in, and what came of it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Trial {
    /// The day on which it was: conditions that look at today give the same later.
    pub day: Day,
    /// The door.
    pub channel: Channel,
    /// What was typed.
    pub typed: Answers,
    /// The files that were joined: what conditions know of them, no content.
    #[serde(default)]
    pub files: BTreeMap<String, Joined>,
    /// What came of it.
    pub expected: Expected,
    /// What was done with the case then, and what came of that; nothing where an older program wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Played>,
}

/// A file of a trial.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Joined {
    pub name: String,
    pub bytes: u64,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub struct Expected {
    /// The answers as they were kept, computed ones too.
    pub answers: Map<String, Value>,
    /// What was refused, and what was said: by question.
    pub refused: BTreeMap<String, String>,
    /// The questions that were asked.
    pub asked: BTreeSet<String>,
    /// The questions that there were, asked or not, and what they were called; none where an older program wrote it.
    #[serde(default)]
    pub questions: BTreeMap<String, String>,
}

impl Expected {
    /// What came of answers, to be expected from now on.
    pub fn of(form: &CompiledForm, outcome: &Outcome) -> Self {
        let mut refused = BTreeMap::new();
        for fault in &outcome.faults {
            refused.entry(fault.path.clone()).or_insert_with(|| fault.reason.text(Lang::Fr));
        }
        let asked = outcome.states.iter().filter(|(_, state)| state.shown).map(|(path, _)| path.clone());
        let questions = form.procedure().form.places();
        let questions = questions.map(|place| (place.field.id.clone(), place.field.label.fr.clone()));
        Self {
            answers: outcome.answers.clone(),
            refused,
            asked: asked.collect(),
            questions: questions.collect(),
        }
    }

    /// Whether a question was not there yet when this was written down.
    fn is_before(&self, path: &str) -> bool {
        !self.questions.is_empty() && !self.questions.contains_key(question_of(path))
    }
}

/// The question that a path leads to: `nom` for `enfants.0.nom-family_name`.
fn question_of(path: &str) -> &str {
    let last = path.rsplit('.').next().unwrap_or(path);
    last.split('-').next().unwrap_or(last)
}

/// The files as the engine knows them.
pub fn files(joined: &BTreeMap<String, Joined>) -> HashMap<String, FileInfo> {
    let file = |file: &Joined| FileInfo { name: file.name.clone(), bytes: file.bytes };
    joined.iter().map(|(id, joined)| (id.clone(), file(joined))).collect()
}

impl Trial {
    /// What comes of it now.
    pub fn run(&self, form: &CompiledForm) -> Outcome {
        let files = files(&self.files);
        let environment =
            Environment { today: self.day, channel: self.channel, references: &Lists, files: &files };
        form.evaluate(&self.typed, &environment)
    }

    /// What differs from what is expected, in words; nothing where all is as it was.
    pub fn differences(&self, form: &CompiledForm) -> Vec<String> {
        let now = Expected::of(form, &self.run(form));
        let was = &self.expected;
        // What a question is called now; one that is gone, as it was called.
        let label = |path: &str| {
            let id = question_of(path);
            now.questions.get(id).or_else(|| was.questions.get(id)).map_or(path, String::as_str).to_owned()
        };
        let mut told = self.unanswered(&now);
        for (path, message) in now.refused.iter().filter(|(path, _)| !was.is_before(path)) {
            match was.refused.get(path) {
                None => told.push(format!(
                    "La réponse à «\u{a0}{}\u{a0}» est refusée («\u{a0}{message}\u{a0}»), alors qu’elle était acceptée.",
                    label(path)
                )),
                Some(before) if before != message => told.push(format!(
                    "Pour «\u{a0}{}\u{a0}», le message est «\u{a0}{message}\u{a0}» au lieu de «\u{a0}{before}\u{a0}».",
                    label(path)
                )),
                Some(_) => {}
            }
        }
        for (path, message) in &was.refused {
            if !now.refused.contains_key(path) {
                told.push(format!(
                    "La réponse à «\u{a0}{}\u{a0}» est acceptée, alors qu’elle était refusée («\u{a0}{message}\u{a0}»).",
                    label(path)
                ));
            }
        }
        for path in now.asked.difference(&was.asked).filter(|path| !was.is_before(path)) {
            told.push(format!(
                "La question «\u{a0}{}\u{a0}» est posée, alors qu’elle ne l’était pas.",
                label(path)
            ));
        }
        for path in was.asked.difference(&now.asked) {
            told.push(format!("La question «\u{a0}{}\u{a0}» n’est plus posée.", label(path)));
        }
        let ids = now.answers.keys().chain(was.answers.keys()).filter(|id| !was.is_before(id));
        let ids: BTreeSet<&String> = ids.collect();
        for id in ids {
            let (one, other) = (was.answers.get(id), now.answers.get(id));
            if one == other || was.refused.contains_key(id) != now.refused.contains_key(id) {
                continue;
            }
            let shown = |answers: &Map<String, Value>| {
                let told = form.value(id, answers, Lang::Fr, &Lists);
                if told.is_empty() {
                    answers.get(id).map(ToString::to_string).unwrap_or_default()
                } else {
                    told
                }
            };
            told.push(match (one, other) {
                (Some(_), Some(_)) => format!(
                    "La réponse à «\u{a0}{}\u{a0}» devient «\u{a0}{}\u{a0}» au lieu de «\u{a0}{}\u{a0}».",
                    label(id),
                    shown(&now.answers),
                    shown(&was.answers)
                ),
                (None, _) => format!(
                    "La réponse à «\u{a0}{}\u{a0}» est gardée, alors qu’elle ne l’était pas.",
                    label(id)
                ),
                (_, None) => format!("La réponse à «\u{a0}{}\u{a0}» n’est plus gardée.", label(id)),
            });
        }
        told.extend(self.steps_apart(form));
        told
    }

    /// The questions that have come since, and that the trial would have to answer: each is told once.
    fn unanswered(&self, now: &Expected) -> Vec<String> {
        let new =
            now.refused.keys().filter(|path| self.expected.is_before(path)).map(|path| question_of(path));
        let new: BTreeSet<&str> = new.collect();
        let label = |id: &str| now.questions.get(id).map_or(id, String::as_str).to_owned();
        new.into_iter()
            .map(|id| {
                format!("«\u{a0}{}\u{a0}»\u{a0}: nouvelle question, sans réponse dans l’essai.", label(id))
            })
            .collect()
    }

    /// Whether somebody must answer questions that have come since.
    pub fn lacks_answers(&self, form: &CompiledForm) -> bool {
        !self.unanswered(&Expected::of(form, &self.run(form))).is_empty()
    }
}

/// A trial that was kept, read again; `None` where an older program wrote what this one cannot read.
pub fn read(kept: &KeptTrial) -> Option<Trial> {
    serde_json::from_value(kept.content.clone()).ok()
}

/// What stands against publication: the trials that differ.
pub fn failing(form: &CompiledForm, kept: &[KeptTrial]) -> Vec<Obstacle> {
    let mut obstacles = Vec::new();
    for trial in kept {
        let differences = match read(trial) {
            Some(read) => read.differences(form),
            None => vec!["Cet essai ne peut plus être lu\u{a0}: enregistrez-le de nouveau.".to_owned()],
        };
        if let Some(first) = differences.first() {
            obstacles.push(Obstacle { at: format!("trial.{}", trial.name), text: first.clone() });
        }
    }
    obstacles
}

#[cfg(test)]
mod tests {
    use beffroi_forms::{Procedure, Requirement};

    use super::*;

    fn procedure() -> Procedure {
        let text = std::fs::read_to_string(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../catalogue/procedures/occupation-domaine-public.toml"
        ));
        Procedure::from_toml(&text.unwrap()).unwrap()
    }

    fn trial(form: &CompiledForm, pairs: &[(&str, &str)]) -> Trial {
        let mut trial = Trial {
            day: "2026-06-03".parse().unwrap(),
            channel: Channel::Counter,
            typed: Answers::from_pairs(pairs.iter().copied()),
            files: BTreeMap::new(),
            expected: Expected::default(),
            steps: Vec::new(),
        };
        trial.expected = Expected::of(form, &trial.run(form));
        trial
    }

    #[test]
    fn what_a_change_does_to_a_trial_is_said_in_words() {
        let form = CompiledForm::compile(procedure()).unwrap();
        let kept = trial(&form, &[("objet", "terrasse"), ("surface", "12")]);
        assert!(!kept.expected.refused.is_empty());
        assert_eq!(kept.differences(&form), Vec::<String>::new());
        let again: Trial = serde_json::from_value(serde_json::to_value(&kept).unwrap()).unwrap();
        assert_eq!(again, kept);

        let mut changed = procedure();
        changed.form.field_mut("debut").unwrap().required = Requirement::Fixed(false);
        let label = changed.form.place("debut").unwrap().field.label.fr.clone();
        let told = kept.differences(&CompiledForm::compile(changed).unwrap());
        assert!(
            told.iter().any(|text| text.contains(&label) && text.contains("alors qu’elle était refusée")),
            "{told:?}"
        );
        let mut changed = procedure();
        changed.form.field_mut("surface").unwrap().show = Some("objet == 'benne'".to_owned());
        let told = kept.differences(&CompiledForm::compile(changed).unwrap());
        assert!(told.iter().any(|text| text.ends_with("n’est plus posée.")), "{told:?}");
    }

    #[test]
    fn a_question_that_has_come_since_is_no_answer_that_is_refused() {
        let kept = trial(&CompiledForm::compile(procedure()).unwrap(), &[("objet", "terrasse")]);
        let mut changed = procedure();
        let mut new = changed.form.place("surface").unwrap().field.clone();
        (new.id, new.label) = ("hauteur".to_owned(), "Hauteur".into());
        (new.show, new.checks) = (None, Vec::new());
        changed.form.pages[0].fields.push(new.clone());
        let form = CompiledForm::compile(changed.clone()).unwrap();
        assert_eq!(
            kept.differences(&form),
            ["«\u{a0}Hauteur\u{a0}»\u{a0}: nouvelle question, sans réponse dans l’essai."]
        );
        assert!(kept.lacks_answers(&form));
        // Whoever need not answer changes nothing for those who did not.
        changed.form.field_mut("hauteur").unwrap().required = Requirement::Fixed(false);
        let form = CompiledForm::compile(changed).unwrap();
        assert_eq!(kept.differences(&form), Vec::<String>::new());
        // What is gone is named as it was called.
        let mut less = procedure();
        let label = less.form.place("remarques").unwrap().field.label.fr.clone();
        less.steps.clear();
        less.form.remove_field("remarques");
        let told = kept.differences(&CompiledForm::compile(less).unwrap());
        assert!(told.iter().any(|text| text.contains(&label)), "{told:?}");
        // An older program did not write down which questions there were.
        let mut old = kept;
        old.expected.questions.clear();
        assert!(!old.lacks_answers(&form));
    }
}

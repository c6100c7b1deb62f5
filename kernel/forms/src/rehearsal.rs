//! A case of a procedure in rehearsal: agents go through its steps, and are told what each thing brings about. Nothing is
//! sent and nothing kept.

use beffroi_core::{
    Day, Lang,
    calendar::Holidays,
    legal_clock::{self, Incomplete},
};
use chrono::Days;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    Answers, CaseStep, CompiledForm, Deed, Environment, Known, Moment, Outcome, Regime, StepAction,
    USUAL_DAYS_FOR_PIECES,
};

/// Moves that one move may bring with it: the check of procedures leaves no circle.
const MOVES_AT_MOST: usize = 30;
/// What may be done by itself while time passes, in one turn.
const DUE_AT_MOST: usize = 100;
/// Days that pass in one turn, at most: nothing is due later than two years after its step.
pub const LONGEST_WAIT: u16 = 732;

/// What somebody does with a case that is rehearsed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Turn {
    /// An agent takes it to a step.
    Move {
        /// The step.
        to: String,
    },
    /// An agent fills in what the step asks in which it stands.
    Fill {
        /// The step.
        step: String,
        /// What is typed.
        typed: Answers,
    },
    /// An agent presses a button of the step in which it stands.
    Press {
        /// The step.
        step: String,
        /// The action of the button.
        action: String,
    },
    /// Time passes.
    Wait {
        /// So many days.
        days: u16,
    },
    /// It is decided.
    Decide {
        /// Whether what is asked is granted.
        granted: bool,
    },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Came {
    /// The case stands in this step now.
    Reached {
        /// The step.
        step: String,
    },
    /// An action was done.
    Done {
        /// Its step.
        step: String,
        /// Its name there.
        action: String,
        /// What it does.
        kind: Deed,
        /// What it names: the title of the document, the documents asked for, who is asked.
        names: String,
    },
    /// An action that a step does by itself could not be done.
    NotDone {
        /// Its step.
        step: String,
        /// Its name there.
        action: String,
    },
    /// What was typed in a step is right.
    Filled {
        /// The step.
        step: String,
    },
    /// An answer in a step is refused.
    Refused {
        /// The field.
        field: String,
        /// Why, in French.
        says: String,
    },
    /// The case is decided.
    Decided {
        /// Whether what is asked is granted.
        granted: bool,
        /// The title of the order; `""` where a letter tells it.
        paper: String,
    },
    /// It cannot be done: the case stands elsewhere, the button is not there, the step is not offered.
    Impossible,
}

impl Came {
    /// Whether it stops whoever rehearses.
    pub const fn stops(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Impossible)
    }
}

/// When a step does something by itself.
#[derive(Clone, Copy, Debug)]
enum Due {
    On(Day),
    BeforeDeemed(u16),
}

/// A case that is rehearsed: received and taken up, and then what is done with it.
pub struct Rehearsal<'r> {
    form: &'r CompiledForm,
    answers: &'r Map<String, Value>,
    environment: Environment<'r>,
    step: Option<String>,
    filled: Map<String, Value>,
    timers: Vec<(Due, String)>,
    received: Day,
    /// The documents that were asked for: none of them come.
    asked: Vec<Incomplete>,
    /// The day on which silence decides, where one is certain, as that of a case.
    deemed: Option<Day>,
    over: bool,
    came: Vec<Came>,
}

impl<'r> Rehearsal<'r> {
    /// A case with these answers, received on the day of `environment`.
    pub fn new(
        form: &'r CompiledForm,
        answers: &'r Map<String, Value>,
        environment: Environment<'r>,
    ) -> Self {
        let received = environment.today;
        let mut begun = Self {
            form,
            answers,
            environment,
            step: None,
            filled: Map::new(),
            timers: Vec::new(),
            received,
            asked: Vec::new(),
            deemed: None,
            over: false,
            came: Vec::new(),
        };
        begun.count();
        begun
    }

    /// Counts the day on which silence decides. No holiday moves it.
    fn count(&mut self) {
        let regime = self.form.procedure().regime.as_ref().map(Regime::clock);
        let certain = |regime| {
            legal_clock::certain_deemed_on(regime, self.received, &self.asked, Holidays::default()).ok()
        };
        self.deemed = regime.and_then(certain).flatten();
    }

    /// Does one thing, and tells what came of it, in order.
    pub fn turn(&mut self, turn: &Turn) -> Vec<Came> {
        let possible = !self.over
            && match turn {
                Turn::Move { to } => self.move_to(to, 0),
                Turn::Fill { step, typed } => self.fill(step, typed),
                Turn::Press { step, action } => self.press(step, action),
                Turn::Wait { days } => {
                    self.wait(*days);
                    true
                }
                Turn::Decide { granted } => {
                    self.decide(*granted);
                    true
                }
            };
        if !possible {
            self.came.push(Came::Impossible);
        }
        std::mem::take(&mut self.came)
    }

    /// The step in which it stands.
    pub fn stands(&self) -> Option<&'r CaseStep> {
        self.form.procedure().step(self.step.as_deref()?)
    }

    /// Whether nothing more can be done with it.
    pub const fn is_over(&self) -> bool {
        self.over
    }

    /// The day.
    pub const fn today(&self) -> Day {
        self.environment.today
    }

    /// The steps to which an agent may take it now.
    pub fn offered(&self) -> Vec<&'r CaseStep> {
        let offered = self.form.steps_offered(self.known(), &self.environment);
        let steps = self.form.procedure().steps.iter().zip(offered).filter(|(_, offered)| *offered);
        steps.map(|(step, _)| step).filter(|step| Some(&step.id) != self.step.as_ref()).collect()
    }

    /// The buttons of the step in which it stands.
    pub fn buttons(&self) -> Vec<&'r StepAction> {
        let open = self.stands().map(|step| self.open(step)).unwrap_or_default();
        open.into_iter().filter(|action| action.on == Moment::Button).collect()
    }

    /// What was filled in in a step.
    pub fn filled(&self, step: &str) -> Option<&Value> {
        self.filled.get(step)
    }

    /// What comes of answers in the step in which it stands; `None` where it asks nothing.
    pub fn judge(&self, typed: &Answers) -> Option<Outcome> {
        self.form.judge_step(&self.stands()?.id, typed, self.known(), &self.environment)
    }

    const fn known(&self) -> Known<'_> {
        Known { answers: self.answers, steps: &self.filled }
    }

    fn open(&self, step: &'r CaseStep) -> Vec<&'r StepAction> {
        let open = self.form.actions_open(&step.id, self.known(), &self.environment);
        step.actions.iter().zip(open).filter(|(_, open)| *open).map(|(action, _)| action).collect()
    }

    fn is_in(&self, step: &str) -> bool {
        self.step.as_deref() == Some(step)
    }

    /// The actions of the step that it leaves are done, then those of the one that it enters.
    fn move_to(&mut self, to: &str, depth: usize) -> bool {
        let steps = &self.form.procedure().steps;
        let Some(rank) = steps.iter().position(|step| step.id == to) else { return false };
        if self.is_in(to) {
            return true;
        }
        let offered = self.form.steps_offered(self.known(), &self.environment);
        let Some(target) = steps.get(rank).filter(|_| offered.get(rank) == Some(&true)) else { return false };
        let left = self.step.clone();
        if let Some(step) = self.stands() {
            self.on(step, Moment::Leave, depth);
        }
        // What was done on leaving may have ended the case, or moved it.
        if self.over || self.step != left {
            return true;
        }
        self.step = Some(target.id.clone());
        self.came.push(Came::Reached { step: target.id.clone() });
        let today = self.environment.today;
        let due = |action: &StepAction| match (action.after_days, action.before_deemed_days) {
            (Some(days), _) => today.checked_add_days(Days::new(u64::from(days))).map(Due::On),
            (None, days) => days.map(Due::BeforeDeemed),
        };
        self.timers =
            target.actions.iter().filter_map(|action| Some((due(action)?, action.id.clone()))).collect();
        self.on(target, Moment::Enter, depth);
        true
    }

    /// Does what is to be done at a moment of a step, as long as the case stays where it is.
    fn on(&mut self, step: &'r CaseStep, moment: Moment, depth: usize) {
        let here = self.step.clone();
        for action in step.actions.iter().filter(|action| action.on == moment) {
            if self.open(step).iter().any(|open| open.id == action.id) && !self.act(step, action, depth) {
                self.came.push(Came::NotDone { step: step.id.clone(), action: action.id.clone() });
            }
            if self.over || self.step != here {
                break;
            }
        }
    }

    fn act(&mut self, step: &'r CaseStep, action: &'r StepAction, depth: usize) -> bool {
        self.came.push(Came::Done {
            step: step.id.clone(),
            action: action.id.clone(),
            kind: action.kind,
            names: self.names(action),
        });
        match action.kind {
            Deed::Move => return depth < MOVES_AT_MOST && self.move_to(&action.to, depth + 1),
            Deed::TransferOut | Deed::Close => self.over = true,
            Deed::AskDocuments => {
                let (asked, days) =
                    (self.environment.today, action.within_days.unwrap_or(USUAL_DAYS_FOR_PIECES));
                let deadline = asked.checked_add_days(Days::new(u64::from(days)));
                self.asked.push(Incomplete { asked, arrived: None, deadline });
                self.count();
            }
            _ => {}
        }
        true
    }

    fn names(&self, action: &StepAction) -> String {
        let said = match action.kind {
            Deed::Document => &action.title,
            Deed::AskDocuments => &action.text,
            Deed::Opinion | Deed::TransferOut if action.department.is_empty() => &action.body,
            Deed::Opinion | Deed::Transfer | Deed::Task => &action.department,
            Deed::Move => &action.to,
            Deed::Count => &action.limit,
            Deed::Webhook => &action.name,
            Deed::Message | Deed::Remind | Deed::Close | Deed::TransferOut => return String::new(),
        };
        let filled = self.form.fill_with(said, self.known(), self.environment.references);
        filled.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn press(&mut self, step: &str, action: &str) -> bool {
        let Some(stands) = self.stands().filter(|stands| stands.id == step) else { return false };
        let found = self.buttons().into_iter().find(|button| button.id == action);
        found.is_some_and(|button| self.act(stands, button, 0))
    }

    fn fill(&mut self, step: &str, typed: &Answers) -> bool {
        if !self.is_in(step) {
            return false;
        }
        let Some(outcome) = self.judge(typed) else { return false };
        if outcome.faults.is_empty() {
            self.filled.insert(step.to_owned(), Value::Object(outcome.answers));
            self.came.push(Came::Filled { step: step.to_owned() });
        } else {
            let refused = outcome.faults.into_iter();
            let refused =
                refused.map(|fault| Came::Refused { says: fault.reason.text(Lang::Fr), field: fault.path });
            self.came.extend(refused);
        }
        true
    }

    /// Days pass one by one: what is due on each is done on it.
    fn wait(&mut self, days: u16) {
        let mut left = DUE_AT_MOST;
        for _ in 0..days.min(LONGEST_WAIT) {
            let Some(next) = self.environment.today.checked_add_days(Days::new(1)) else { return };
            self.environment.today = next;
            while let Some(rank) = self.timers.iter().position(|(due, _)| self.has_come(*due)) {
                let (_, id) = self.timers.remove(rank);
                let Some(step) = self.stands() else { return };
                let Some(action) = self.open(step).into_iter().find(|open| open.id == id) else { continue };
                if !self.act(step, action, 0) {
                    self.came.push(Came::NotDone { step: step.id.clone(), action: id });
                }
                left = left.saturating_sub(1);
                if self.over || left == 0 {
                    return;
                }
            }
        }
    }

    fn has_come(&self, due: Due) -> bool {
        let day = match due {
            Due::On(day) => Some(day),
            Due::BeforeDeemed(days) => {
                self.deemed.and_then(|deemed| deemed.checked_sub_days(Days::new(u64::from(days))))
            }
        };
        day.is_some_and(|day| day <= self.environment.today)
    }

    fn decide(&mut self, granted: bool) {
        let decision = &self.form.procedure().decision;
        let paper = if decision.formal && granted {
            self.form.fill_with(&decision.title, self.known(), self.environment.references)
        } else {
            String::new()
        };
        self.over = true;
        self.came.push(Came::Decided { granted, paper });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use beffroi_core::Channel;
    use serde_json::json;

    use super::*;
    use crate::{NoReferences, Procedure};

    fn procedure() -> Procedure {
        Procedure::from_toml(include_str!("../../../catalogue/procedures/occupation-domaine-public.toml"))
            .unwrap()
    }

    /// Goes through these turns with somebody who moves house, from the third of June.
    fn played(procedure: Procedure, turns: &[Turn]) -> Vec<Vec<Came>> {
        let form = CompiledForm::compile(procedure).unwrap();
        let answers = json!({ "objet": "demenagement", "circulation": true });
        let answers = answers.as_object().unwrap();
        let files = HashMap::new();
        let environment = Environment {
            today: "2026-06-03".parse().unwrap(),
            channel: Channel::Counter,
            references: &NoReferences,
            files: &files,
        };
        let mut rehearsal = Rehearsal::new(&form, answers, environment);
        turns.iter().map(|turn| rehearsal.turn(turn)).collect()
    }

    fn to(step: &str) -> Turn {
        Turn::Move { to: step.to_owned() }
    }

    fn press(action: &str) -> Turn {
        Turn::Press { step: "avis".to_owned(), action: action.to_owned() }
    }

    fn fill(pairs: &[(&str, &str)]) -> Turn {
        Turn::Fill { step: "avis".to_owned(), typed: Answers::from_pairs(pairs.iter().copied()) }
    }

    fn done(step: &str, action: &str, kind: Deed, names: &str) -> Came {
        Came::Done { step: step.to_owned(), action: action.to_owned(), kind, names: names.to_owned() }
    }

    fn reached(step: &str) -> Came {
        Came::Reached { step: step.to_owned() }
    }

    #[test]
    fn a_case_goes_through_its_steps_as_agents_take_it() {
        let turns = [
            to("visite"),
            to("avis"),
            press("departement"),
            fill(&[("route_departementale", "true")]),
            press("departement"),
            Turn::Wait { days: 13 },
            Turn::Wait { days: 1 },
            to("arrete"),
            press("departement"),
            Turn::Decide { granted: false },
            to("avis"),
        ];
        let came = played(procedure(), &turns);
        // The visit is offered only where the first step found that it is of use, and the button likewise.
        assert_eq!(came[0], [Came::Impossible]);
        assert_eq!(came[1], [reached("avis")]);
        assert_eq!(came[2], [Came::Impossible]);
        assert_eq!(came[3], [Came::Filled { step: "avis".to_owned() }]);
        assert_eq!(
            came[4],
            [done("avis", "departement", Deed::Opinion, "Département, direction des routes")]
        );
        assert!(came[5].is_empty(), "it is too early");
        assert_eq!(came[6], [done("avis", "relance", Deed::Remind, "")]);
        assert_eq!(came[7], [reached("arrete"), done("arrete", "panneaux", Deed::Task, "")]);
        assert_eq!(came[8], [Came::Impossible], "the case stands elsewhere");
        assert_eq!(came[9], [Came::Decided { granted: false, paper: String::new() }]);
        assert_eq!(came[10], [Came::Impossible], "it is over");
    }

    #[test]
    fn silence_is_counted_down_and_documents_that_are_asked_for_suspend_it() {
        let reminder = done("arrete", "echeance", Deed::Remind, "");
        let mut procedure = procedure();
        let term = procedure.regime.as_ref().unwrap().term.unwrap();
        let received: Day = "2026-06-03".parse().unwrap();
        // Silence decides on the day after the last one of the term.
        let days = (term.after(received).unwrap() - received).num_days() + 1 - 15;
        let days = u16::try_from(days).unwrap();
        let waited = |procedure: &Procedure| {
            let wait = |days| Turn::Wait { days };
            played(procedure.clone(), &[to("arrete"), wait(days - 1), wait(1), wait(29), wait(1)])
        };
        let came = waited(&procedure);
        assert!(!came[1].contains(&reminder));
        assert_eq!(came[2], std::slice::from_ref(&reminder));
        let ask = StepAction {
            id: "pieces".to_owned(),
            label: "Demander des pièces".into(),
            kind: Deed::AskDocuments,
            on: Moment::Enter,
            text: "Un plan\nUne attestation".to_owned(),
            ..StepAction::default()
        };
        procedure.step_mut("arrete").unwrap().actions.push(ask);
        let came = waited(&procedure);
        assert!(came[0].contains(&done("arrete", "pieces", Deed::AskDocuments, "Un plan, Une attestation")));
        assert!(came[2].is_empty() && came[3].is_empty(), "the time given to send them is thirty days");
        assert_eq!(came[4], [reminder]);
    }

    #[test]
    fn what_moves_a_case_moves_it_here_and_what_ends_it_ends_it() {
        let mut procedure = procedure();
        let moving = |id: &str, kind: Deed, on: Moment| StepAction {
            id: id.to_owned(),
            label: "Suite".into(),
            kind,
            on,
            to: if kind == Deed::Move { "arrete".to_owned() } else { String::new() },
            text: if kind == Deed::Close { "Sans objet".to_owned() } else { String::new() },
            ..StepAction::default()
        };
        procedure.step_mut("avis").unwrap().actions.insert(0, moving("suite", Deed::Move, Moment::Button));
        procedure.step_mut("arrete").unwrap().actions.push(moving("fin", Deed::Close, Moment::Leave));
        let came = played(procedure, &[to("avis"), press("suite"), to("avis"), Turn::Wait { days: 1 }]);
        assert_eq!(
            came[1],
            [
                done("avis", "suite", Deed::Move, "arrete"),
                reached("arrete"),
                done("arrete", "panneaux", Deed::Task, "")
            ]
        );
        assert_eq!(came[2], [done("arrete", "fin", Deed::Close, "")], "it ended on leaving");
        assert_eq!(came[3], [Came::Impossible]);
    }
}

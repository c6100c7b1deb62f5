//! What the page of a case’s steps and the API both ask for, once each has read it in its own way.

use beffroi_cases::{
    CaseError, Right,
    advice::{self, Opinion},
    case::Case,
    step,
};
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_forms::Answers;
use beffroi_people::Town;
use beffroi_store::Tx;
use beffroi_web::{Result, WebError};
use serde_json::{Map, Value};

use super::engine::{Course, Done, Hindrance};
use crate::{
    office::Office,
    public::{Known, keep_named},
    visit::case_error,
};

/// What owns the files that agents add in the steps of a case.
pub(crate) const STEP_FILES: &str = "case-step";

impl Office {
    /// The case with its steps, for who may fill in the fields of this one now.
    pub(crate) fn to_fill(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        step: &str,
        town: &Town,
    ) -> Result<std::result::Result<Course, Hindrance>> {
        self.access.permit(Right::Handle, case).map_err(case_error)?;
        let course = Course::load(tx, &self.desk, case, civil_day(tx.now(), town.zone()))?;
        let definition = course.step(step).cloned().ok_or_else(WebError::not_found)?;
        course.form.step_form(step).ok_or_else(WebError::not_found)?;
        if !case.state.is_under_instruction() {
            return Ok(Err(Hindrance::Overtaken));
        }
        if !self.acts_in(tx, case, &definition)? {
            return Ok(Err(Hindrance::NotYours));
        }
        Ok(Ok(course))
    }

    /// Keeps what was filled in in a step and found to be right. `seen`: how often something had been filled in when
    /// the agent looked.
    pub(crate) fn keep_filled(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        course: &Course,
        (step, seen): (&str, u32),
        (typed, answers): (Answers, Map<String, Value>),
        known: &Known,
    ) -> Done {
        match step::fill(tx, &self.access, case.id, step, seen, &Value::Object(answers)) {
            Err(CaseError::Overtaken | CaseError::WrongState(_)) => return Ok(Err(Hindrance::Overtaken)),
            other => other.map_err(case_error)?,
        }
        // Files that no step names any more are forgotten.
        let mut named = typed;
        for (_, kept) in course.filled.iter().filter(|(other, _)| *other != step) {
            for id in documents_of(kept) {
                named.add("kept", &id);
            }
        }
        keep_named(tx, (STEP_FILES, case.id.uuid()), &named, known)?;
        Ok(Ok(()))
    }

    /// Reminds whoever is asked for an opinion on this case, once a day at most.
    pub(crate) fn remind_of(
        &self,
        tx: &mut Tx<'_>,
        case: &Case,
        opinion: Id<Opinion>,
        today: Day,
    ) -> Result<()> {
        self.access.permit(Right::Handle, case).map_err(case_error)?;
        let known = advice::find(tx, opinion)?.filter(|known| known.case == case.id);
        known.ok_or_else(WebError::not_found)?;
        if let Some((opinion, secret)) = advice::remind(tx, opinion, today).map_err(case_error)? {
            self.mail_asked(tx, case, &opinion, secret.as_ref(), true)?;
        }
        Ok(())
    }
}

/// The documents that kept answers name.
fn documents_of(kept: &Value) -> Vec<String> {
    match kept {
        Value::Array(items) => items.iter().flat_map(documents_of).collect(),
        Value::Object(members) => match members.get("document").and_then(Value::as_str) {
            Some(id) => vec![id.to_owned()],
            None => members.values().flat_map(documents_of).collect(),
        },
        _ => Vec::new(),
    }
}

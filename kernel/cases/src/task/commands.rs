//! What is done with tasks: given, done, taken up again.

use beffroi_core::{Day, Id};
use beffroi_store::Tx;
use serde_json::json;
use uuid::Uuid;

use super::store::{self, AT_MOST, Task};
use crate::{
    Access, CaseError, Right,
    case::{self, Case},
    error::checked_text,
};

/// A task to give.
#[derive(Clone, Debug)]
pub struct NewTask {
    /// What is to be done.
    pub words: String,
    /// The department that does it.
    pub department: String,
    /// The agent, if it is somebody’s in particular.
    pub assignee: Option<Uuid>,
    /// The day by which it is to be done.
    pub due_on: Day,
}

/// Gives a task. `handlers`: those who handle the cases of its department.
///
/// Errors: [`CaseError::Forbidden`] also where the agent is none of those; [`CaseError::WrongState`] where the case is
/// over, or has too many; [`CaseError::Sealed`] where its words would lie in clear beside it.
pub fn add(
    tx: &mut Tx<'_>,
    access: &Access,
    id: Id<Case>,
    agent: Option<Uuid>,
    new: NewTask,
    handlers: &[Uuid],
) -> Result<Task, CaseError> {
    let (case, _) = case::load_for(tx, access, Right::Handle, id)?;
    if case.sealed {
        return Err(CaseError::Sealed);
    }
    if !case.state.is_open() || store::count_of(tx, id)? >= i64::from(AT_MOST) {
        return Err(CaseError::WrongState(case.state));
    }
    if new.assignee.is_some_and(|assignee| !handlers.contains(&assignee)) {
        return Err(CaseError::Forbidden);
    }
    let task = Task {
        id: tx.new_id(),
        case: id,
        step: case.step,
        words: checked_text(&new.words)?.to_owned(),
        department: new.department,
        assignee: new.assignee,
        due_on: new.due_on,
        created_by: agent,
        created_at: tx.now(),
        done_by: None,
        done_at: None,
    };
    store::insert(tx, &task)?;
    let payload = json!({ "task": task.id, "department": task.department, "due_on": task.due_on });
    case::enter(tx, id, "case.task_added", payload)?;
    Ok(task)
}

/// An agent of the task’s department, or of its case, has done it. Done twice, it is done once.
///
/// Errors: [`CaseError::NotFound`] where they may not know of it.
pub fn finish(tx: &mut Tx<'_>, access: &Access, id: Id<Task>, agent: Uuid) -> Result<Task, CaseError> {
    let task = held(tx, access, id)?;
    if store::set_done(tx, id, Some(agent))? {
        case::enter(tx, task.case, "case.task_done", json!({ "task": id }))?;
    }
    Ok(task)
}

/// The task is to be done after all.
///
/// Errors: as [`finish`]; [`CaseError::WrongState`] where the case is over.
pub fn reopen(tx: &mut Tx<'_>, access: &Access, id: Id<Task>) -> Result<Task, CaseError> {
    let task = held(tx, access, id)?;
    let case = case::find(tx, task.case)?.ok_or(CaseError::NotFound)?;
    if !case.state.is_open() {
        return Err(CaseError::WrongState(case.state));
    }
    if store::set_done(tx, id, None)? {
        case::enter(tx, task.case, "case.task_undone", json!({ "task": id }))?;
    }
    Ok(task)
}

/// The task, for who handles the cases of its department, or the case itself.
fn held(tx: &mut Tx<'_>, access: &Access, id: Id<Task>) -> Result<Task, CaseError> {
    let task = store::find(tx, id)?.ok_or(CaseError::NotFound)?;
    if access.allows(Right::Handle, &task.department) {
        return Ok(task);
    }
    let case = case::find(tx, task.case)?.ok_or(CaseError::NotFound)?;
    match access.permit(Right::Handle, &case) {
        Err(CaseError::NotFound) if access.allows(Right::Read, &task.department) => Err(CaseError::Forbidden),
        Err(error) => Err(error),
        Ok(_) => Ok(task),
    }
}

//! The rows of tasks.

use beffroi_core::{Day, Id, Instant};
use beffroi_store::{Result, Row, ToValue, Tx, marks};
use uuid::Uuid;

use crate::{Access, case::Case, step::handled};

/// Tasks that one case may have.
pub(super) const AT_MOST: u32 = 100;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Which one.
    pub id: Id<Self>,
    /// The case that it is for.
    pub case: Id<Case>,
    /// The step in which it was given.
    pub step: Option<String>,
    /// What is to be done.
    pub words: String,
    /// The department that does it.
    pub department: String,
    /// The agent, if it is somebody’s in particular.
    pub assignee: Option<Uuid>,
    /// The day by which it is to be done.
    pub due_on: Day,
    /// Who gave it; `None` where the procedure did by itself.
    pub created_by: Option<Uuid>,
    /// When.
    pub created_at: Instant,
    /// Who did it.
    pub done_by: Option<Uuid>,
    /// When it was done.
    pub done_at: Option<Instant>,
}

impl Task {
    /// Whether its day is over and it is not done.
    pub fn is_late(&self, today: Day) -> bool {
        self.done_at.is_none() && self.due_on < today
    }
}

const COLUMNS: &str = "t.id, t.case_id, t.step, t.words, t.department, t.assignee, t.due_on, t.created_by, \
     t.created_at, t.done_by, t.done_at FROM task t";

fn read(row: &mut Row) -> Result<Task> {
    Ok(Task {
        id: row.get(0)?,
        case: row.get(1)?,
        step: row.get(2)?,
        words: row.get(3)?,
        department: row.get(4)?,
        assignee: row.get(5)?,
        due_on: row.get(6)?,
        created_by: row.get(7)?,
        created_at: row.get(8)?,
        done_by: row.get(9)?,
        done_at: row.get(10)?,
    })
}

pub(super) fn insert(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    tx.execute(
        "INSERT INTO task (id, case_id, step, words, department, assignee, due_on, created_by, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &task.id,
            &task.case,
            &task.step,
            &task.words,
            &task.department,
            &task.assignee,
            &task.due_on,
            &task.created_by,
            &task.created_at,
        ],
    )
    .map(drop)
}

/// The task of that id, whoever asks.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, id: Id<Task>) -> Result<Option<Task>> {
    tx.query_opt(&format!("SELECT {COLUMNS} WHERE t.id = $1"), &[&id], read)
}

/// The tasks of a case, oldest first.
///
/// # Errors
/// Those of the store.
pub fn of_case(tx: &mut Tx<'_>, case: Id<Case>) -> Result<Vec<Task>> {
    tx.query(
        &format!("SELECT {COLUMNS} WHERE t.case_id = $1 ORDER BY t.id LIMIT $2"),
        &[&case, &AT_MOST],
        read,
    )
}

pub(super) fn count_of(tx: &mut Tx<'_>, case: Id<Case>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM task WHERE case_id = $1", &[&case], |row| row.get(0))
}

/// How many tasks of a case are open.
///
/// # Errors
/// Those of the store.
pub fn open_count(tx: &mut Tx<'_>, case: Id<Case>) -> Result<i64> {
    tx.query_one("SELECT COUNT(*) FROM task WHERE case_id = $1 AND done_at IS NULL", &[&case], |row| {
        row.get(0)
    })
}

/// Writes a task down as done, or as open again; `false` where it stands so already.
pub(super) fn set_done(tx: &mut Tx<'_>, id: Id<Task>, by: Option<Uuid>) -> Result<bool> {
    let (done_at, was) = match by {
        Some(_) => (Some(tx.now()), "done_at IS NULL"),
        None => (None, "done_at IS NOT NULL"),
    };
    let set = tx.execute(
        &format!("UPDATE task SET done_by = $1, done_at = $2 WHERE id = $3 AND {was}"),
        &[&by, &done_at, &id],
    )?;
    Ok(set == 1)
}

/// Whose tasks are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Those of these agents (one, and those for whom they stand in), and those of nobody in particular.
    Of(&'a [Uuid]),
    /// All of the departments.
    All,
}

/// Where a page of tasks begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// The last task’s day.
    pub due_on: Day,
    /// The last task.
    pub id: Id<Task>,
}

/// A page of tasks.
#[derive(Clone, Debug)]
pub struct TaskPage {
    /// The tasks, those that press first, each with what its case is called and of which procedure.
    pub tasks: Vec<(Task, String, String)>,
    /// Where the next page begins.
    pub next: Option<Key>,
}

/// The open tasks of these departments, those that press first.
///
/// # Errors
/// Those of the store.
pub fn open_page(
    tx: &mut Tx<'_>,
    access: &Access,
    departments: &[String],
    whose: Whose<'_>,
    after: Option<Key>,
    limit: u32,
) -> Result<TaskPage> {
    let more = limit.saturating_add(1);
    let after_day = after.map_or(Day::MIN, |key| key.due_on);
    let after_day = after_day.max(Day::from_ymd_opt(1, 1, 1).unwrap_or(after_day));
    let after_id = after.map_or_else(|| Id::from_uuid(Uuid::nil()), |key| key.id);
    let mut start: Vec<&dyn ToValue> = vec![&more, &after_day, &after_id];
    let own = match whose {
        Whose::Of([]) => "AND t.assignee IS NULL".to_owned(),
        Whose::Of(agents) => {
            start.extend(agents.iter().map(|agent| agent as &dyn ToValue));
            format!("AND (t.assignee IN ({}) OR t.assignee IS NULL)", marks(4, agents.len()))
        }
        Whose::All => String::new(),
    };
    let Some((values, marks)) = handled(access, departments, start) else {
        return Ok(TaskPage { tasks: Vec::new(), next: None });
    };
    let columns = COLUMNS.replace(" FROM task t", ", c.reference, c.procedure FROM task t");
    let sql = format!(
        "SELECT {columns} JOIN cases c ON c.id = t.case_id WHERE t.done_at IS NULL AND c.is_open = TRUE \
         AND t.department IN ({marks}) AND (t.due_on > $2 OR (t.due_on = $2 AND t.id > $3)) {own} \
         ORDER BY t.due_on, t.id LIMIT $1"
    );
    let mut tasks = tx.query(&sql, &values, |row| Ok((read(row)?, row.get(11)?, row.get(12)?)))?;
    let full = usize::try_from(limit).unwrap_or(usize::MAX);
    let next = (tasks.len() > full).then(|| tasks.get(full.saturating_sub(1))).flatten();
    let next = next.map(|(last, ..): &(Task, String, String)| Key { due_on: last.due_on, id: last.id });
    tasks.truncate(full);
    Ok(TaskPage { tasks, next })
}

//! Before cases go, those who handle them are told, once: the agent who followed each and the head of its department,
//! in one mail.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use beffroi_cases::case::Case;
use beffroi_core::{Day, Id, calendar::civil_day};
use beffroi_notify::{About, keeping, mail};
use beffroi_people::{Account, Town, account, department, permission::holders};
use beffroi_store::{By, Commune, Result, ToValue, Tx, marks};
use chrono::Days;
use uuid::Uuid;

use crate::{Parts, papers::Stationery, permission::AnswerForCases};

/// How many days before.
const BEFORE: i64 = 30;
/// Cases told in one round; the next hour takes the rest.
const A_ROUND: u32 = 500;

struct Near {
    id: Id<Case>,
    department: String,
    assignee: Option<Uuid>,
}

/// Tells those who handle cases that they will soon go, and how many cases there were. Blocks; run it every hour.
///
/// # Errors
/// Those of the store.
pub(crate) fn warn(commune: &Commune, parts: &Arc<Parts>) -> Result<u64> {
    if commune.read_blocking(By::SYSTEM, |tx| near(tx, 1))?.is_empty() {
        return Ok(0);
    }
    let origin = (parts.origin)(commune.slug());
    commune.write_blocking(By::SYSTEM, move |tx| tell(tx, &origin))
}

fn near(tx: &mut Tx<'_>, limit: u32) -> Result<Vec<Near>> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let by: Day = today.checked_add_days(Days::new(BEFORE.unsigned_abs())).unwrap_or(today);
    tx.query(
        "SELECT r.case_id, c.department, c.assignee FROM desk_retention r JOIN cases c ON c.id = r.case_id \
         WHERE r.warned_at IS NULL AND r.due_on <= $1 ORDER BY r.due_on, r.case_id LIMIT $2",
        &[&by, &limit],
        |row| Ok(Near { id: row.get(0)?, department: row.get(1)?, assignee: row.get(2)? }),
    )
}

fn tell(tx: &mut Tx<'_>, origin: &str) -> Result<u64> {
    let found = near(tx, A_ROUND)?;
    let now = tx.now();
    let mut params: Vec<&dyn ToValue> = vec![&now];
    params.extend(found.iter().map(|near| &near.id as &dyn ToValue));
    let sql =
        format!("UPDATE desk_retention SET warned_at = $1 WHERE case_id IN ({})", marks(2, found.len()));
    tx.execute(&sql, &params)?;
    let mut heads: HashMap<String, Vec<Id<Account>>> = HashMap::new();
    for department in department::list(tx)? {
        if found.iter().any(|near| near.department == department.details.slug) {
            heads.insert(department.details.slug, holders::<AnswerForCases>(tx, department.id)?);
        }
    }
    let mut readers: BTreeMap<Id<Account>, usize> = BTreeMap::new();
    for near in &found {
        let mut of_case: Vec<Id<Account>> = heads.get(&near.department).cloned().unwrap_or_default();
        let assignee = near.assignee.map(Id::from_uuid);
        of_case.extend(assignee.filter(|assignee| !of_case.contains(assignee)));
        for reader in of_case {
            *readers.entry(reader).or_default() += 1;
        }
    }
    let agents: HashMap<Id<Account>, Account> =
        account::agents(tx)?.into_iter().map(|account| (account.id, account)).collect();
    let town = Town::load(tx)?;
    let link = format!("{origin}/agents/conservation");
    let contact = [town.phone.as_str(), &town.email].into_iter().find(|it| !it.is_empty());
    for (reader, cases) in readers {
        let Some(account) = agents.get(&reader) else { continue };
        let sender = Stationery::sender(&town, contact.unwrap_or_default());
        let message = keeping::cases_end(sender, cases, BEFORE, &link);
        let new = mail::NewMail {
            to: &account.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: false,
            about: About { kind: "account", id: reader.uuid() },
        };
        if let Err(error) = mail::queue(tx, &new) {
            tracing::warn!(%error, "word of cases that end could not be queued");
        }
    }
    Ok(found.len() as u64)
}

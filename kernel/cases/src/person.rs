//! The cases of a person's record: asked by it, or for it. Agents see those of their departments.

use beffroi_core::{Id, Sector};
use beffroi_store::Tx;
use uuid::Uuid;

use crate::{
    Access, CaseError, Right,
    case::{self, Case},
};

/// Cases that are read for one person.
const LISTED_AT_MOST: u32 = 200;

/// The cases of a person's record that the agent may read, the latest first; and whether there are older ones, or
/// those of other departments, is not told.
pub fn cases_of(tx: &mut Tx<'_>, access: &Access, person: Uuid) -> Result<Vec<Case>, CaseError> {
    let columns = case::COLUMNS;
    let sql = format!(
        "SELECT {columns} FROM cases WHERE id IN (SELECT id FROM cases WHERE requester = $1 \
         UNION SELECT id FROM cases WHERE beneficiary = $1) ORDER BY id DESC LIMIT $2"
    );
    let mut cases = tx.query(&sql, &[&person, &LISTED_AT_MOST], case::read_case)?;
    cases.retain(|case| access.allows(Right::Read, &case.department));
    Ok(cases)
}

/// The latest cases that were asked for by or for this record, for the program's own work.
pub fn for_whom(tx: &mut Tx<'_>, person: Uuid, limit: u32) -> Result<Vec<Uuid>, CaseError> {
    let sql = "SELECT id FROM (SELECT id FROM cases WHERE requester = $1 \
               UNION SELECT id FROM cases WHERE beneficiary = $1) AS named ORDER BY id DESC LIMIT $2";
    Ok(tx.query(sql, &[&person, &limit], |row| row.get(0))?)
}

/// Whether any case still names a person's record.
pub fn is_named(tx: &mut Tx<'_>, person: Uuid) -> Result<bool, CaseError> {
    let found: Option<Uuid> = tx.query_opt(
        "SELECT id FROM cases WHERE requester = $1 UNION ALL SELECT id FROM cases WHERE beneficiary = $1 LIMIT 1",
        &[&person],
        |row| row.get(0),
    )?;
    Ok(found.is_some())
}

/// Lets one record take the place of another in every case; tells the cases that it was the requester of, and those
/// that were asked for it. The caller has asked for the permission, and enters it in the journal.
pub fn take_place(tx: &mut Tx<'_>, from: Uuid, to: Uuid) -> Result<(Vec<Uuid>, Vec<Uuid>), CaseError> {
    let mut moved = |column: &str| {
        let sql = format!("UPDATE cases SET {column} = $1 WHERE {column} = $2 RETURNING id");
        tx.query(&sql, &[&to, &from], |row| row.get(0))
    };
    Ok((moved("requester")?, moved("beneficiary")?))
}

/// Gives these cases back to the record that named them before.
pub fn give_back(
    tx: &mut Tx<'_>,
    (requested, benefited): (&[Uuid], &[Uuid]),
    to: Uuid,
) -> Result<(), CaseError> {
    for (column, cases) in [("requester", requested), ("beneficiary", benefited)] {
        for some in cases.chunks(500) {
            let marks = beffroi_store::marks(2, some.len());
            let mut params: Vec<&dyn beffroi_store::ToValue> = vec![&to];
            params.extend(some.iter().map(|id| id as &dyn beffroi_store::ToValue));
            tx.execute(
                &format!("UPDATE cases SET {column} = $1 WHERE {column} IS NOT NULL AND id IN ({marks})"),
                &params,
            )?;
        }
    }
    Ok(())
}

/// The record that asked for a case, and that for which it was asked.
pub fn persons_of(tx: &mut Tx<'_>, id: Id<Case>) -> Result<(Option<Uuid>, Option<Uuid>), CaseError> {
    let found = tx.query_opt("SELECT requester, beneficiary FROM cases WHERE id = $1", &[&id], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(found.unwrap_or_default())
}

/// The sector in which a case's persons are known: their records are asked for from within it.
pub fn sector_of(tx: &mut Tx<'_>, id: Id<Case>) -> Result<Option<Sector>, CaseError> {
    let word: Option<String> =
        tx.query_opt("SELECT sector FROM cases WHERE id = $1", &[&id], |row| row.get(0))?;
    Ok(word.and_then(|word| Sector::from_word(&word)))
}

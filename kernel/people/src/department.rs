//! Departments: who in the town hall handles a thing, and how they are reached. Every
//! acknowledgement names one, with its address and telephone (CRPA R112-5).

use std::collections::BTreeMap;

use beffroi_core::{Id, Sector};
use beffroi_store::{Entry, Result, Row, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::{Permit, permission::ManageDepartments, words};

/// What a department is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentDetails {
    /// Its short name in addresses and procedure files: `etat-civil`. It never changes: cases, letters and procedures
    /// know their department by it.
    pub slug: String,
    /// The department above, if any.
    pub parent: Option<Id<Department>>,
    /// Its name, for people.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// E-mail.
    pub email: String,
    /// Postal address, lines separated by line feeds.
    pub postal_address: String,
    /// Opening hours, as text.
    pub hours: String,
    /// The sector whose person records it works with.
    pub sector: Sector,
}

/// A department of the town hall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Department {
    /// Its id.
    pub id: Id<Self>,
    /// What it is.
    #[serde(flatten)]
    pub details: DepartmentDetails,
}

/// Why a department could not be kept.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DepartmentError {
    /// The short name is not 1 to 60 lower-case letters, digits and hyphens.
    #[error("not a short name: {0:?}")]
    BadSlug(String),
    /// Another department has that short name.
    #[error("another department is called {0}")]
    SlugTaken(String),
    /// It would no longer have its short name, and what belongs to it would no longer be found.
    #[error("the short name of a department does not change")]
    SlugFixed,
    /// It would be above itself.
    #[error("a department cannot be below itself")]
    Loop,
    /// There is no such department.
    #[error("no such department")]
    Unknown,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

const COLUMNS: &str = "id, slug, parent, name, phone, email, postal_address, hours, sector";

/// Adds a department.
pub fn create(
    tx: &mut Tx<'_>,
    _: &Permit<ManageDepartments>,
    new: &DepartmentDetails,
) -> Result<Id<Department>, DepartmentError> {
    check(tx, None, new)?;
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO department (id, slug, parent, name, phone, email, postal_address, hours, sector) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &[
            &id,
            &new.slug,
            &new.parent,
            &new.name,
            &new.phone,
            &new.email,
            &new.postal_address,
            &new.hours,
            &new.sector.as_str(),
        ],
    )?;
    journal(tx, "department.created", id, new)?;
    Ok(id)
}

/// Changes a department, all but its short name.
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<ManageDepartments>,
    id: Id<Department>,
    new: &DepartmentDetails,
) -> Result<(), DepartmentError> {
    let kept = find(tx, id)?.ok_or(DepartmentError::Unknown)?;
    if kept.details.slug != new.slug {
        return Err(DepartmentError::SlugFixed);
    }
    check(tx, Some(id), new)?;
    tx.execute(
        "UPDATE department SET parent = $2, name = $3, phone = $4, email = $5, postal_address = $6, hours = $7, \
         sector = $8 WHERE id = $1",
        &[
            &id,
            &new.parent,
            &new.name,
            &new.phone,
            &new.email,
            &new.postal_address,
            &new.hours,
            &new.sector.as_str(),
        ],
    )?;
    journal(tx, "department.changed", id, new)?;
    Ok(())
}

/// One department.
pub fn find(tx: &mut Tx<'_>, id: Id<Department>) -> Result<Option<Department>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM department WHERE id = $1"), &[&id], read)
}

/// The department of a short name.
pub fn by_slug(tx: &mut Tx<'_>, slug: &str) -> Result<Option<Department>> {
    tx.query_opt(&format!("SELECT {COLUMNS} FROM department WHERE slug = $1"), &[&slug], read)
}

/// All departments, by name.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Department>> {
    tx.query(&format!("SELECT {COLUMNS} FROM department ORDER BY name, id LIMIT 1000"), &[], read)
}

/// These departments and all those below them, each once.
pub fn with_those_below(tx: &mut Tx<'_>, roots: &[Id<Department>]) -> Result<Vec<Id<Department>>> {
    let edges = tx.query(
        "SELECT id, parent FROM department WHERE parent IS NOT NULL ORDER BY id LIMIT 1000",
        &[],
        |row| Ok((row.get(0)?, row.get::<Id<Department>>(1)?)),
    )?;
    Ok(closure(roots, &edges))
}

/// This department and all those above it, each once.
pub fn with_those_above(tx: &mut Tx<'_>, id: Id<Department>) -> Result<Vec<Id<Department>>> {
    Ok(closure(&[id], &parents(tx)?))
}

/// Each of these departments with those above it.
pub fn each_with_those_above(
    tx: &mut Tx<'_>,
    ids: &[Id<Department>],
) -> Result<BTreeMap<Id<Department>, Vec<Id<Department>>>> {
    let parents = parents(tx)?;
    Ok(ids.iter().map(|id| (*id, closure(&[*id], &parents))).collect())
}

/// Each parent, and the department it is above.
fn parents(tx: &mut Tx<'_>) -> Result<Vec<(Id<Department>, Id<Department>)>> {
    tx.query(
        "SELECT parent, id FROM department WHERE parent IS NOT NULL ORDER BY id LIMIT 1000",
        &[],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

/// The roots, and what edges from `(one, its origin)` lead to from them.
fn closure(roots: &[Id<Department>], edges: &[(Id<Department>, Id<Department>)]) -> Vec<Id<Department>> {
    let mut inside = Vec::new();
    let mut waiting = roots.to_vec();
    while let Some(next) = waiting.pop() {
        if !inside.contains(&next) {
            inside.push(next);
            waiting.extend(edges.iter().filter(|(_, parent)| *parent == next).map(|(id, _)| *id));
        }
    }
    inside
}

fn check(
    tx: &mut Tx<'_>,
    id: Option<Id<Department>>,
    new: &DepartmentDetails,
) -> Result<(), DepartmentError> {
    let fits = (1..=60).contains(&new.slug.len())
        && new.slug.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !fits {
        return Err(DepartmentError::BadSlug(new.slug.clone()));
    }
    if by_slug(tx, &new.slug)?.is_some_and(|found| Some(found.id) != id) {
        return Err(DepartmentError::SlugTaken(new.slug.clone()));
    }
    if let Some(parent) = new.parent {
        if find(tx, parent)?.is_none() {
            return Err(DepartmentError::Unknown);
        }
        if let Some(id) = id
            && with_those_below(tx, &[id])?.contains(&parent)
        {
            return Err(DepartmentError::Loop);
        }
    }
    Ok(())
}

fn journal(tx: &mut Tx<'_>, kind: &str, id: Id<Department>, new: &DepartmentDetails) -> Result<()> {
    tx.journal(&Entry {
        kind,
        subject_kind: "department",
        subject_id: id.uuid(),
        payload: serde_json::json!({ "slug": new.slug }),
    })?;
    Ok(())
}

fn read(row: &mut Row) -> Result<Department> {
    Ok(Department {
        id: row.get(0)?,
        details: DepartmentDetails {
            slug: row.get(1)?,
            parent: row.get(2)?,
            name: row.get(3)?,
            phone: row.get(4)?,
            email: row.get(5)?,
            postal_address: row.get(6)?,
            hours: row.get(7)?,
            sector: words::sector(&row.get::<String>(8)?)?,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_head_of_department_also_heads_what_is_below_even_through_a_loop() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|n| Id::from_uuid(Uuid::from_u128(n)));
        let edges = [(b, a), (c, b), (a, c)];
        let mut inside = closure(&[b], &edges);
        inside.sort();
        assert_eq!(inside, [a, b, c]);
        assert_eq!(closure(&[d], &edges), [d]);
    }
}

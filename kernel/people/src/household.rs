//! The household: those for whom the owner of an account answers. It is kept for the forms that the owner fills in, in
//! the account alone: no record of a sector is linked to it.

use beffroi_core::{Day, Id};
use beffroi_store::{Entry, Result, Row, Tx};
use serde::Serialize;
use serde_json::json;

use crate::{Account, words::words};

/// People whom one account may name.
pub const AT_MOST: usize = 20;

words! {
    /// What somebody is to the owner of the account.
    Relation {
        /// A child.
        Child = "child",
        /// Husband, wife, partner.
        Partner = "partner",
        /// Father or mother.
        Parent = "parent",
        /// Somebody whose guardian the owner is.
        Ward = "ward",
        /// Anybody else.
        Other = "other",
    }
}

/// What is said of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewMember {
    /// What they are to the owner.
    pub relation: Relation,
    /// Family name at birth.
    pub family_name: String,
    /// The name used in daily life, if another.
    pub used_name: String,
    /// Given names.
    pub given_names: String,
    /// Day of birth.
    pub birth_date: Option<Day>,
    /// Place of birth.
    pub birth_place: String,
}

/// A member of a household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Member {
    /// Its id.
    pub id: Id<Self>,
    /// What is said.
    #[serde(flatten)]
    pub details: NewMember,
}

impl NewMember {
    /// As one says the name: `Léa Durand`.
    pub fn full_name(&self) -> String {
        let name = if self.used_name.is_empty() { &self.family_name } else { &self.used_name };
        format!("{} {name}", self.given_names).trim().to_owned()
    }
}

fn read(row: &mut Row) -> Result<Member> {
    Ok(Member {
        id: row.get(0)?,
        details: NewMember {
            relation: row.get(1)?,
            family_name: row.get(2)?,
            used_name: row.get(3)?,
            given_names: row.get(4)?,
            birth_date: row.get(5)?,
            birth_place: row.get(6)?,
        },
    })
}

/// The household of an account, in the order in which its members were named.
pub fn of_account(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Member>> {
    tx.query(
        "SELECT id, relation, family_name, used_name, given_names, birth_date, birth_place \
         FROM household_member WHERE account = $1 ORDER BY id LIMIT $2",
        &[&account, &i64::try_from(AT_MOST).unwrap_or(20)],
        read,
    )
}

/// Names one more; `None` where there are [`AT_MOST`] already.
pub fn add(tx: &mut Tx<'_>, account: Id<Account>, new: &NewMember) -> Result<Option<Id<Member>>> {
    if of_account(tx, account)?.len() >= AT_MOST {
        return Ok(None);
    }
    let id = tx.new_id();
    tx.execute(
        "INSERT INTO household_member (id, account, relation, family_name, used_name, given_names, birth_date, \
         birth_place) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &id,
            &account,
            &new.relation,
            &new.family_name,
            &new.used_name,
            &new.given_names,
            &new.birth_date,
            &new.birth_place,
        ],
    )?;
    changed(tx, account, "added")?;
    Ok(Some(id))
}

/// Says something else of a member; another account's is left alone: `false`.
pub fn change(tx: &mut Tx<'_>, account: Id<Account>, id: Id<Member>, new: &NewMember) -> Result<bool> {
    let found = tx.execute(
        "UPDATE household_member SET relation = $1, family_name = $2, used_name = $3, given_names = $4, \
         birth_date = $5, birth_place = $6 WHERE id = $7 AND account = $8",
        &[
            &new.relation,
            &new.family_name,
            &new.used_name,
            &new.given_names,
            &new.birth_date,
            &new.birth_place,
            &id,
            &account,
        ],
    )?;
    if found > 0 {
        changed(tx, account, "changed")?;
    }
    Ok(found > 0)
}

/// Takes a member out; another account's is left alone: `false`.
pub fn remove(tx: &mut Tx<'_>, account: Id<Account>, id: Id<Member>) -> Result<bool> {
    let found =
        tx.execute("DELETE FROM household_member WHERE id = $1 AND account = $2", &[&id, &account])?;
    if found > 0 {
        changed(tx, account, "removed")?;
    }
    Ok(found > 0)
}

/// Who is in a household concerns nobody who reads the journal: only that it changed is kept.
fn changed(tx: &mut Tx<'_>, account: Id<Account>, how: &str) -> Result<()> {
    tx.journal(&Entry {
        kind: "account.household_changed",
        subject_kind: "account",
        subject_id: account.uuid(),
        payload: json!({ "how": how }),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_called_by_the_name_in_use() {
        let mut lea = NewMember {
            relation: Relation::Child,
            family_name: "Durand".to_owned(),
            used_name: String::new(),
            given_names: "Léa".to_owned(),
            birth_date: None,
            birth_place: String::new(),
        };
        assert_eq!(lea.full_name(), "Léa Durand");
        lea.used_name = "Martin".to_owned();
        assert_eq!(lea.full_name(), "Léa Martin");
    }
}

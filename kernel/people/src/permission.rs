//! Who may do what. A permission names the roles that hold it; what writes demands a [`Permit`], so
//! that forgetting the check does not compile. Default is refusal.

use std::{collections::BTreeMap, marker::PhantomData};

use beffroi_core::{Actor, Id};
use beffroi_store::{Entry, StoreError, ToValue, Tx, marks};
use serde::{Deserialize, Serialize};

use crate::{Account, Department, SignedIn, department, password::Strength, words::words};

words! {
    /// What an agent is for the town. A role is granted for the whole town or within a department.
    Role {
        /// Handles cases.
        Agent = "agent",
        /// Decides, and answers for a department.
        HeadOfDepartment = "head-of-department",
        /// The direction: sees everything, manages departments.
        Manager = "manager",
        /// Manages settings, departments and accounts; has no part in cases.
        Administrator = "administrator",
        /// The data protection officer (GDPR art. 37 to 39).
        Dpo = "dpo",
        /// Reads the journal, for an audit.
        JournalReader = "journal-reader",
    }
}

/// One thing that can be allowed, and the roles that allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// Its name, as `noun.verb`: also the word of an API token's scope.
    pub name: &'static str,
    /// The roles that hold it.
    pub roles: &'static [Role],
}

impl Permission {
    /// Whether a role holds this permission.
    pub fn is_held_by(self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// A mark for one permission, so that a permit for one thing cannot serve another.
pub trait Action {
    /// The permission that the action needs.
    const PERMISSION: Permission;
}

/// Declares a service's permissions: a mark for each, and the list `PERMISSIONS` of all.
#[macro_export]
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal [$($role:ident),+],)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub enum $name {}

            impl $crate::permission::Action for $name {
                const PERMISSION: $crate::Permission = $crate::Permission {
                    name: $word,
                    roles: &[$($crate::Role::$role),+],
                };
            }
        )+

        /// Every permission declared here.
        pub const PERMISSIONS: &[$crate::Permission] =
            &[$(<$name as $crate::permission::Action>::PERMISSION),+];
    };
}

actions! {
    /// Change the town's settings.
    ManageTown = "town.manage" [Administrator],
    /// Add and change departments.
    ManageDepartments = "department.manage" [Manager, Administrator],
    /// Create accounts of agents, grant roles, lock and close accounts.
    ManageAccounts = "account.manage" [Administrator],
    /// Record on whose behalf an account may act.
    ManageMandates = "mandate.manage" [Agent, HeadOfDepartment, Manager],
    /// Create API tokens for oneself.
    ManageTokens = "token.manage" [Manager, Administrator],
    /// Give a phone or another device of one's own a password for calendars.
    ConnectDevice = "device.connect" [Agent, HeadOfDepartment, Manager, Administrator],
    /// Say which other programs are told of what happens.
    ManageWebhooks = "webhook.manage" [Administrator],
    /// Read the journal.
    ReadJournal = "journal.read" [Dpo, JournalReader],
}

/// A role that an account holds, everywhere or within one department and those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// Where; `None` is the whole town.
    pub department: Option<Id<Department>>,
}

/// Proof that the permission was checked in this transaction. Only [`permit`], [`permit_somewhere`] and [`permit_system`] make one.
#[derive(Debug)]
pub struct Permit<A> {
    of: PhantomData<A>,
}

/// Why something may not be done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Refused {
    /// No role of this account allows it there.
    #[error("not permitted: {0}")]
    NotPermitted(&'static str),
    /// The second factor has not been given or set yet.
    #[error("the second factor is missing")]
    SecondFactorMissing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a list may show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// What belongs to these departments; nothing, if there are none.
    Departments(Vec<Id<Department>>),
}

impl Scope {
    /// Whether something of `department` is inside; what has no department is only inside [`Scope::All`].
    pub fn contains(&self, department: Option<Id<Department>>) -> bool {
        match self {
            Self::All => true,
            Self::Departments(inside) => department.is_some_and(|it| inside.contains(&it)),
        }
    }
}

/// Where `who` holds the permission `A`, from the grants as they stand in this transaction.
pub fn scope<A: Action>(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope, StoreError> {
    if !who.may_use(A::PERMISSION) {
        return Ok(Scope::Departments(Vec::new()));
    }
    let held: Vec<Grant> = grants_of(tx, who.account)?
        .into_iter()
        .filter(|grant| A::PERMISSION.is_held_by(grant.role))
        .collect();
    if held.iter().any(|grant| grant.department.is_none()) {
        return Ok(Scope::All);
    }
    if held.is_empty() {
        return Ok(Scope::Departments(Vec::new()));
    }
    let roots: Vec<_> = held.into_iter().filter_map(|grant| grant.department).collect();
    Ok(Scope::Departments(department::with_those_below(tx, &roots)?))
}

/// The agents who hold the permission `A` for something of `department`, at most 1 000.
pub fn holders<A: Action>(
    tx: &mut Tx<'_>,
    department: Id<Department>,
) -> Result<Vec<Id<Account>>, StoreError> {
    let roles = A::PERMISSION.roles;
    let places = department::with_those_above(tx, department)?;
    let sql = format!(
        "SELECT DISTINCT g.account FROM role_grant g JOIN account a ON a.id = g.account \
         WHERE a.state = 'active' AND g.role IN ({}) AND (g.department IS NULL OR g.department IN ({})) \
         ORDER BY g.account LIMIT 1000",
        marks(1, roles.len()),
        marks(1 + roles.len(), places.len()),
    );
    let mut params: Vec<&dyn ToValue> = roles.iter().map(|role| role as &dyn ToValue).collect();
    params.extend(places.iter().map(|place| place as &dyn ToValue));
    tx.query(&sql, &params, |row| row.get(0))
}

/// The agents who hold the permission `A` for something of each of these departments, from at most 1 000 grants.
pub fn holders_of_each<A: Action>(
    tx: &mut Tx<'_>,
    departments: &[Id<Department>],
) -> Result<BTreeMap<Id<Department>, Vec<Id<Account>>>, StoreError> {
    let roles = A::PERMISSION.roles;
    let sql = format!(
        "SELECT DISTINCT g.account, g.department FROM role_grant g JOIN account a ON a.id = g.account \
         WHERE a.state = 'active' AND g.role IN ({}) ORDER BY g.account LIMIT 1000",
        marks(1, roles.len()),
    );
    let params: Vec<&dyn ToValue> = roles.iter().map(|role| role as &dyn ToValue).collect();
    let grants: Vec<(Id<Account>, Option<Id<Department>>)> =
        tx.query(&sql, &params, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let holders = |places: &[Id<Department>]| {
        let counts = |place: Option<Id<Department>>| place.is_none_or(|place| places.contains(&place));
        let mut held: Vec<_> =
            grants.iter().filter(|(_, place)| counts(*place)).map(|(account, _)| *account).collect();
        held.dedup();
        held
    };
    let places = department::each_with_those_above(tx, departments)?;
    Ok(places.into_iter().map(|(id, above)| (id, holders(&above))).collect())
}

/// The agents who hold the permission `A` for the whole town, at most 1 000.
pub fn holders_everywhere<A: Action>(tx: &mut Tx<'_>) -> Result<Vec<Id<Account>>, StoreError> {
    let roles: Vec<&str> = A::PERMISSION.roles.iter().map(|role| role.as_str()).collect();
    let sql = format!(
        "SELECT DISTINCT g.account FROM role_grant g JOIN account a ON a.id = g.account \
         WHERE a.state = 'active' AND g.department IS NULL AND g.role IN ({}) ORDER BY g.account LIMIT 1000",
        marks(1, roles.len()),
    );
    let params: Vec<&dyn ToValue> = roles.iter().map(|role| role as &dyn ToValue).collect();
    tx.query(&sql, &params, |row| row.get(0))
}

/// Checks that `who` may do `A` for something of `department` (`None`: something of the whole town).
///
/// The grants are read again here: a role withdrawn since the request began no longer counts.
pub fn permit<A: Action>(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    department: Option<Id<Department>>,
) -> Result<Permit<A>, Refused> {
    if who.second_factor.is_lacking() {
        return Err(Refused::SecondFactorMissing);
    }
    if scope::<A>(tx, who)?.contains(department) {
        Ok(Permit { of: PhantomData })
    } else {
        Err(Refused::NotPermitted(A::PERMISSION.name))
    }
}

/// Checks that `who` may do `A` somewhere: for what belongs to the town and to no department of it.
pub fn permit_somewhere<A: Action>(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<A>, Refused> {
    if who.second_factor.is_lacking() {
        return Err(Refused::SecondFactorMissing);
    }
    match scope::<A>(tx, who)? {
        Scope::Departments(none) if none.is_empty() => Err(Refused::NotPermitted(A::PERMISSION.name)),
        Scope::All | Scope::Departments(_) => Ok(Permit { of: PhantomData }),
    }
}

/// The permit of the program itself: the command line and jobs, which nobody signs in to.
pub fn permit_system<A: Action>(tx: &Tx<'_>) -> Result<Permit<A>, Refused> {
    match tx.by().actor {
        Actor::System => Ok(Permit { of: PhantomData }),
        _ => Err(Refused::NotPermitted(A::PERMISSION.name)),
    }
}

/// Why a role could not be granted.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GrantError {
    /// Only agents' accounts hold roles.
    #[error("no agent has this account")]
    NotAnAgent,
    /// The account's password is not long enough for the role; it must be changed first.
    #[error("the password is too weak for the role")]
    PasswordTooWeak,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Grants a role. Granting it twice changes nothing.
pub fn grant(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAccounts>,
    account: Id<Account>,
    grant: Grant,
) -> Result<(), GrantError> {
    let found = crate::account::find(tx, account)?.ok_or(GrantError::NotAnAgent)?;
    if found.kind != crate::AccountKind::Agent {
        return Err(GrantError::NotAnAgent);
    }
    if grant.role == Role::Administrator
        && found.password_strength.is_some_and(|strength| strength < Strength::Administrator)
    {
        return Err(GrantError::PasswordTooWeak);
    }
    let added = tx.execute(
        "INSERT INTO role_grant (id, account, role, department) VALUES ($1, $2, $3, $4) \
         ON CONFLICT DO NOTHING",
        &[&tx.new_id::<Grant>(), &account, &grant.role, &grant.department],
    )?;
    if added > 0 {
        journal(tx, "account.role_granted", account, grant)?;
    }
    Ok(())
}

/// Withdraws a role; it counts from the next transaction on.
pub fn withdraw(
    tx: &mut Tx<'_>,
    _: &Permit<ManageAccounts>,
    account: Id<Account>,
    grant: Grant,
) -> Result<(), StoreError> {
    let gone = tx.execute(
        "DELETE FROM role_grant WHERE account = $1 AND role = $2 AND COALESCE(department, '') = $3",
        &[&account, &grant.role, &grant.department.map_or(String::new(), |it| it.to_string())],
    )?;
    if gone > 0 {
        journal(tx, "account.role_withdrawn", account, grant)?;
    }
    Ok(())
}

/// What an account was granted.
pub fn grants_of(tx: &mut Tx<'_>, account: Id<Account>) -> Result<Vec<Grant>, StoreError> {
    tx.query(
        "SELECT g.role, g.department FROM role_grant g JOIN account a ON a.id = g.account \
         WHERE g.account = $1 AND a.state = 'active' ORDER BY g.role, g.id LIMIT 200",
        &[&account],
        |row| Ok(Grant { role: row.get(0)?, department: row.get(1)? }),
    )
}

fn journal(tx: &mut Tx<'_>, kind: &str, account: Id<Account>, grant: Grant) -> Result<(), StoreError> {
    tx.journal(&Entry {
        kind,
        subject_kind: "account",
        subject_id: account.uuid(),
        payload: serde_json::json!({ "role": grant.role, "department": grant.department }),
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// A change of policy is a readable difference of this table.
    #[test]
    fn which_role_may_do_what() {
        let mut table = String::new();
        for permission in PERMISSIONS {
            let roles: Vec<_> = Role::ALL.iter().filter(|it| permission.is_held_by(**it)).collect();
            let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            writeln!(table, "{:<18} {}", permission.name, names.join(", ")).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        town.manage        administrator
        department.manage  manager, administrator
        account.manage     administrator
        mandate.manage     agent, head-of-department, manager
        token.manage       manager, administrator
        device.connect     agent, head-of-department, manager, administrator
        webhook.manage     administrator
        journal.read       dpo, journal-reader
        ");
    }
}

//! Who works at the town hall, and one inhabitant with an account.

use beffroi_core::Id;
use beffroi_people::{
    Account, AccountKind, Grant, Role,
    account::{self, NewAccount},
    department,
    password::{self, HashedPassword, Strength},
    permission::{self, permit_system},
};
use beffroi_store::{By, Commune, Tx};

use crate::{ACCOUNTS, DemoError, PASSWORD, failed};

/// The agents who handle requests, by department, and the inhabitant who has an account.
pub(crate) struct Agents {
    hired: Vec<(&'static str, Id<Account>)>,
    /// Marie Durand.
    pub(crate) inhabitant: Id<Account>,
}

impl Agents {
    /// The agent of a department.
    pub(crate) fn of(&self, department: &str) -> Result<Id<Account>, DemoError> {
        let found = self.hired.iter().find(|(slug, _)| *slug == department);
        found.map(|(_, account)| *account).ok_or_else(|| failed(format!("nobody works at {department}")))
    }
}

/// Role and department of each account, in the order of [`ACCOUNTS`]; the inhabitant has none.
const ROLES: [Option<(Role, Option<&str>)>; 9] = [
    Some((Role::Agent, Some("etat-civil"))),
    Some((Role::Agent, Some("domaine-public"))),
    Some((Role::Agent, Some("vie-associative"))),
    // The caretaker of the rooms.
    Some((Role::Agent, Some("vie-associative"))),
    Some((Role::HeadOfDepartment, Some("domaine-public"))),
    Some((Role::Manager, None)),
    Some((Role::Dpo, None)),
    Some((Role::Administrator, None)),
    None,
];

/// Hires everybody.
pub(crate) fn hire(commune: &Commune) -> Result<Agents, DemoError> {
    // One password for all: hashed once for each strength that is asked.
    let hash = |strength| password::hash_password(PASSWORD, strength, &[]).map_err(failed);
    let (citizen, administrator) = (hash(Strength::Citizen)?, hash(Strength::Administrator)?);
    commune.write_blocking(By::SYSTEM, move |tx| {
        let (mut hired, mut inhabitant) = (Vec::new(), None);
        for (who, role) in ACCOUNTS.iter().zip(ROLES) {
            let password = if role.is_some() { &administrator } else { &citizen };
            let account = create(tx, who, role.is_some(), password)?;
            match role {
                Some((role, place)) => {
                    give(tx, account, role, place)?;
                    hired.extend(place.map(|place| (place, account)));
                }
                None => inhabitant = Some(account),
            }
        }
        let inhabitant = inhabitant.ok_or_else(|| failed("no inhabitant has an account"))?;
        Ok(Agents { hired, inhabitant })
    })
}

fn create(
    tx: &mut Tx<'_>,
    who: &crate::DemoAccount,
    agent: bool,
    password: &HashedPassword,
) -> Result<Id<Account>, DemoError> {
    let permit = permit_system(tx).map_err(failed)?;
    let kind = if agent { AccountKind::Agent } else { AccountKind::Citizen };
    let new = NewAccount {
        email: who.email.to_owned(),
        display_name: who.name.to_owned(),
        kind,
        password: Some(password.clone()),
    };
    account::create(tx, &permit, &new).map_err(failed)
}

fn give(tx: &mut Tx<'_>, account: Id<Account>, role: Role, place: Option<&str>) -> Result<(), DemoError> {
    let permit = permit_system(tx).map_err(failed)?;
    let department = match place {
        Some(slug) => department::by_slug(tx, slug)?.map(|found| found.id),
        None => None,
    };
    permission::grant(tx, &permit, account, Grant { role, department }).map_err(failed)
}

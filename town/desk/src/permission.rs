//! What the desk allows, to which roles, and what that means for cases.

use std::collections::BTreeMap;

use beffroi_cases::{Access, Right};
use beffroi_core::Id;
use beffroi_people::{
    Account, Department, Permission, SignedIn, department,
    permission::{Action, ManageWebhooks, ReadJournal, Scope, holders, holders_of_each, scope},
};
use beffroi_store::{Result, Tx};

beffroi_people::actions! {
    /// See the cases of a department.
    ReadCases = "case.read" [Agent, HeadOfDepartment, Manager],
    /// Take cases up, write, ask for documents, enter requests at the counter.
    HandleCases = "case.handle" [Agent, HeadOfDepartment],
    /// Answer for the cases of a department: be told before silence decides them.
    AnswerForCases = "case.answer-for" [HeadOfDepartment],
    /// See what each agent of a department follows.
    ReadWorkload = "workload.read" [HeadOfDepartment, Manager],
    /// Take whole lists of cases, with all answers, out of the house.
    ExportCases = "case.export" [HeadOfDepartment, Manager],
    /// Put cases on slips for the archives, and write their visa down.
    ManageArchives = "archive.manage" [Manager, Dpo],
    /// Say which department may ask to see which sector's cases of a person.
    ManageSectors = "sector.manage" [Administrator],
    /// Decide cases.
    DecideCases = "case.decide" [Agent, HeadOfDepartment],
    /// Make and change drafts of procedures.
    EditProcedures = "procedure.edit" [Manager, Administrator],
    /// Offer procedures, and offer them no longer.
    PublishProcedures = "procedure.publish" [Manager, Administrator],
    /// Bring two records of one person together, within a sector.
    MergePersons = "person.merge" [Agent, HeadOfDepartment],
    /// Sort the mail that arrives for a department.
    SortMail = "mail.sort" [Agent, HeadOfDepartment],
}

/// Who reads cases.
pub const READ: Permission = ReadCases::PERMISSION;
/// Who handles them.
pub const HANDLE: Permission = HandleCases::PERMISSION;
/// Who takes lists of cases out of the house.
pub const EXPORT: Permission = ExportCases::PERMISSION;
/// Who says which other programs are told of what happens.
pub const WEBHOOKS: Permission = ManageWebhooks::PERMISSION;
/// Who looks after what goes to the archives.
pub const ARCHIVES: Permission = ManageArchives::PERMISSION;
/// Who says which sectors may be asked for.
pub const SECTORS: Permission = ManageSectors::PERMISSION;
/// Who makes procedures.
pub const EDIT_PROCEDURES: Permission = EditProcedures::PERMISSION;
/// Who sorts the mail that arrives.
pub const SORT_MAIL: Permission = SortMail::PERMISSION;
/// Who reads the journal.
pub const JOURNAL: Permission = ReadJournal::PERMISSION;

/// Whether the agent handles the cases of any department.
pub fn handles_somewhere(tx: &mut Tx<'_>, who: &SignedIn) -> Result<bool> {
    holds_somewhere::<HandleCases>(tx, who)
}

/// Whether the agent holds a permission in any department.
pub fn holds_somewhere<A: Action>(tx: &mut Tx<'_>, who: &SignedIn) -> Result<bool> {
    Ok(match scope::<A>(tx, who)? {
        Scope::All => true,
        Scope::Departments(inside) => !inside.is_empty(),
    })
}

/// Where the agent handles cases.
pub fn handled(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    scope::<HandleCases>(tx, who)
}

/// Where the agent holds this permission.
pub fn scope_of<A: Action>(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    scope::<A>(tx, who)
}

/// The agents who handle the cases of a department.
pub fn handlers(tx: &mut Tx<'_>, department: &str) -> Result<Vec<Id<Account>>> {
    match department::by_slug(tx, department)? {
        Some(department) => holders::<HandleCases>(tx, department.id),
        None => Ok(Vec::new()),
    }
}

/// The agents who handle the cases of each of these departments.
pub fn handlers_of_each(
    tx: &mut Tx<'_>,
    departments: &[Id<Department>],
) -> Result<BTreeMap<Id<Department>, Vec<Id<Account>>>> {
    holders_of_each::<HandleCases>(tx, departments)
}

/// A department as screens name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// What an agent may do with cases, and the departments whose cases they may see.
pub fn access(tx: &mut Tx<'_>, who: &SignedIn) -> Result<(Access, Vec<Place>)> {
    let mut access = Access::default();
    let departments = department::list(tx)?;
    for (scope, right) in [
        (scope::<ReadCases>(tx, who)?, Right::Read),
        (scope::<HandleCases>(tx, who)?, Right::Handle),
        (scope::<DecideCases>(tx, who)?, Right::Decide),
    ] {
        match scope {
            Scope::All => access = access.with(None, right),
            Scope::Departments(inside) => {
                for found in departments.iter().filter(|department| inside.contains(&department.id)) {
                    access = access.with(Some(&found.details.slug), right);
                }
            }
        }
    }
    let places = departments
        .into_iter()
        .filter(|department| access.allows(Right::Read, &department.details.slug))
        .map(|department| Place { slug: department.details.slug, name: department.details.name })
        .collect();
    Ok((access, places))
}

//! What may be done with workshops, and by whom.

use beffroi_core::Id;
use beffroi_people::{
    Department, Permission, Permit, Refused, SignedIn,
    permission::{Scope, permit, scope},
};
use beffroi_store::Tx;
use beffroi_web::{Result, WebError};

beffroi_people::actions! {
    /// Plan workshops, register people, write down who came, lend equipment, read the figures.
    AdviseWorkshops = "workshop.advise" [Agent, HeadOfDepartment, Manager],
    /// Read and write what advisers know of those whom they follow.
    FollowParticipants = "workshop.follow" [Agent, HeadOfDepartment],
}

/// Who holds workshops.
pub const ADVISE: Permission = <AdviseWorkshops as beffroi_people::permission::Action>::PERMISSION;

/// Who follows people up.
pub const FOLLOW: Permission = <FollowParticipants as beffroi_people::permission::Action>::PERMISSION;

/// Where the agent holds workshops. Whoever does so nowhere is not told that there is something.
pub fn advised(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    somewhere(scope::<AdviseWorkshops>(tx, who)?, who)
}

fn somewhere(scope: Scope, who: &SignedIn) -> Result<Scope> {
    if !matches!(&scope, Scope::Departments(inside) if inside.is_empty()) {
        return Ok(scope);
    }
    Err(if who.second_factor.is_lacking() { WebError::sign_in_required() } else { WebError::not_found() })
}

/// Leave to hold the workshops of a department.
pub fn advises(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    department: Id<Department>,
) -> Result<Permit<AdviseWorkshops>> {
    hidden(permit(tx, who, Some(department)))
}

/// Leave to read what the advisers of a department know of somebody.
pub fn follows(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    department: Id<Department>,
) -> Result<Permit<FollowParticipants>> {
    hidden(permit(tx, who, Some(department)))
}

/// Where the agent follows people up. Whoever does so nowhere is not told that there is something.
pub fn followed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    somewhere(scope::<FollowParticipants>(tx, who)?, who)
}

/// Whoever may not do this is not told that there is a page for it.
pub fn hidden<A>(permit: Result<Permit<A>, Refused>) -> Result<Permit<A>> {
    permit.map_err(|refused| match refused {
        Refused::NotPermitted(_) => WebError::not_found(),
        other => other.into(),
    })
}

//! Who may do what with the town's money. A régie may belong to a department: then only who holds the permission there.

use beffroi_core::Id;
use beffroi_people::{
    Permit, SignedIn, actions,
    permission::{Action, Refused, permit},
};
use beffroi_store::Tx;

use crate::regie::{self, Regie};

actions! {
    /// Say which régies there are, and how they are paid.
    ManageRegies = "regie.manage" [Administrator],
    /// Take money at the counter, and annul a receipt.
    TakeMoney = "money.take" [Agent, HeadOfDepartment, Manager],
    /// Settle what went wrong: attach money to an order, ask for a refund and say that it was done.
    SettlePayments = "payment.settle" [HeadOfDepartment, Manager],
    /// Read what was asked, told and taken.
    ReadLedger = "ledger.read" [HeadOfDepartment, Manager],
}

/// Checks that `who` may do `A` for this régie.
///
/// # Errors
/// Why they may not; of a régie that is not there, nothing is permitted.
pub fn permit_for<A: Action>(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    regie: Id<Regie>,
) -> Result<Permit<A>, Refused> {
    match regie::find(tx, regie)? {
        Some(regie) => permit(tx, who, regie.department),
        None => Err(Refused::NotPermitted(A::PERMISSION.name)),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use beffroi_people::Role;

    use super::*;

    /// A change of policy is a readable difference of this table.
    #[test]
    fn which_role_may_do_what() {
        let mut table = String::new();
        for permission in PERMISSIONS {
            let roles: Vec<_> = Role::ALL.iter().filter(|it| permission.is_held_by(**it)).collect();
            let names: Vec<_> = roles.iter().map(|role| role.as_str()).collect();
            writeln!(table, "{:<15} {}", permission.name, names.join(", ")).unwrap();
        }
        insta::assert_snapshot!(table, @r"
        regie.manage    administrator
        money.take      agent, head-of-department, manager
        payment.settle  head-of-department, manager
        ledger.read     head-of-department, manager
        ");
    }
}

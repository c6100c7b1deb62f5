//! What may be done with appointments, and by whom.

use beffroi_people::{
    Permission, SignedIn,
    permission::{Action, Scope, scope},
};
use beffroi_store::{Result, Tx};

beffroi_people::actions! {
    /// See the day's appointments, book for somebody, receive them.
    ReceiveAppointments = "appointment.receive" [Agent, HeadOfDepartment, Manager],
    /// Say for what, where, when and by whom people are received.
    ManageAppointments = "appointment.manage" [HeadOfDepartment, Manager, Administrator],
}

/// Who receives.
pub const RECEIVE: Permission = ReceiveAppointments::PERMISSION;
/// Who says when.
pub const MANAGE: Permission = ManageAppointments::PERMISSION;

/// Where the agent receives people.
pub fn received(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    scope::<ReceiveAppointments>(tx, who)
}

/// Where the agent says when people are received.
pub fn managed(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Scope> {
    scope::<ManageAppointments>(tx, who)
}

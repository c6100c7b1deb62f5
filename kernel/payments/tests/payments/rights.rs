//! Who may take money, settle and read: by role, and within the department of the régie.

use beffroi_core::{Assurance, Id, Sector};
use beffroi_payments::{
    NewRegie, Regie,
    permission::{ManageRegies, ReadLedger, SettlePayments, TakeMoney, permit_for},
    regie::{self, Mode},
};
use beffroi_people::{
    Account, AccountKind, Department, Grant, Role, SignedIn,
    account::{self, NewAccount},
    department::{self, DepartmentDetails},
    permission::{self, Action, permit_system},
    session::{SecondFactor, Through},
};
use uuid::Uuid;

use crate::support::{Town, in_a_town};

fn department(town: &Town<'_>, slug: &'static str) -> Id<Department> {
    let details = DepartmentDetails {
        slug: slug.to_owned(),
        parent: None,
        name: slug.to_owned(),
        phone: String::new(),
        email: String::new(),
        postal_address: String::new(),
        hours: String::new(),
        sector: Sector::General,
    };
    town.write(move |tx| Ok(department::create(tx, &permit_system(tx).unwrap(), &details).unwrap()))
}

fn agent(town: &Town<'_>, email: &'static str, role: Role, department: Option<Id<Department>>) -> SignedIn {
    let id: Id<Account> = town.write(move |tx| {
        let new = NewAccount {
            email: email.to_owned(),
            display_name: "Anaïs".to_owned(),
            kind: AccountKind::Agent,
            password: None,
        };
        let id = account::create(tx, &permit_system(tx).unwrap(), &new).unwrap();
        permission::grant(tx, &permit_system(tx).unwrap(), id, Grant { role, department }).unwrap();
        Ok(id)
    });
    SignedIn {
        account: id,
        kind: AccountKind::Agent,
        display_name: "Anaïs".to_owned(),
        email: email.to_owned(),
        grants: vec![Grant { role, department }],
        second_factor: SecondFactor::Done,
        through: Through::Session(Id::from_uuid(Uuid::nil())),
        assurance: Assurance::Account,
        identity: None,
        touch_due: false,
    }
}

fn may<A: Action>(town: &Town<'_>, who: &SignedIn, regie: Id<Regie>) -> bool {
    town.read(|tx| Ok(permit_for::<A>(tx, who, regie).is_ok()))
}

#[test]
fn money_is_taken_and_settled_where_somebody_works_and_nowhere_else() {
    in_a_town(|town| {
        let (culture, sport) = (department(town, "culture"), department(town, "sport"));
        let theatre = town.write(move |tx| {
            let new = NewRegie {
                name: "Régie du théâtre".to_owned(),
                client_number: String::new(),
                mode: Mode::Production,
                online: false,
                department: Some(culture),
                closed: false,
            };
            regie::create(tx, &permit_system(tx).unwrap(), &new)
        });
        let clerk = agent(town, "guichet@lunel.example", Role::Agent, Some(culture));
        let stranger = agent(town, "stade@lunel.example", Role::HeadOfDepartment, Some(sport));
        let head = agent(town, "culture@lunel.example", Role::HeadOfDepartment, Some(culture));
        let manager = agent(town, "dgs@lunel.example", Role::Manager, None);
        let administrator = agent(town, "dsi@lunel.example", Role::Administrator, None);
        let rights = |who: &SignedIn, regie| {
            (
                may::<TakeMoney>(town, who, regie),
                may::<SettlePayments>(town, who, regie),
                may::<ReadLedger>(town, who, regie),
                may::<ManageRegies>(town, who, regie),
            )
        };
        assert_eq!(rights(&clerk, theatre), (true, false, false, false));
        assert_eq!(rights(&stranger, theatre), (false, false, false, false));
        assert_eq!(rights(&head, theatre), (true, true, true, false));
        assert_eq!(rights(&manager, theatre), (true, true, true, false));
        // Who says which régies there are touches no money.
        assert_eq!(rights(&administrator, theatre), (false, false, false, true));
        // The régie of the whole town is nobody's department.
        assert_eq!(rights(&head, town.regie), (false, false, false, false));
        assert_eq!(rights(&manager, town.regie), (true, true, true, false));
        assert_eq!(rights(&manager, Id::from_uuid(Uuid::nil())), (false, false, false, false));
    });
}

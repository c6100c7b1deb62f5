//! Who looks after the house itself: a second administrator, so that its health and its ways to the State are seen
//! by somebody.

use beffroi_people::{
    AccountKind, Grant, Role,
    account::{self, NewAccount},
    password::{self, Strength},
    permission::{self, permit_system},
};
use beffroi_store::{By, Commune};

use crate::{DemoError, PASSWORD, failed};

/// The director of the town's services, who holds every key.
pub(crate) fn hire(commune: &Commune) -> Result<(), DemoError> {
    let hash = password::hash_password(PASSWORD, Strength::Administrator, &[]).map_err(failed)?;
    commune.write_blocking(By::SYSTEM, move |tx| {
        let permit = permit_system(tx).map_err(failed)?;
        let new = NewAccount {
            email: "direction@lunel.example".to_owned(),
            display_name: "Nadia Benali".to_owned(),
            kind: AccountKind::Agent,
            password: Some(hash),
        };
        let account = account::create(tx, &permit, &new).map_err(failed)?;
        let permit = permit_system(tx).map_err(failed)?;
        permission::grant(tx, &permit, account, Grant { role: Role::Administrator, department: None })
            .map_err(failed)
    })
}

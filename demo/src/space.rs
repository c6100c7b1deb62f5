//! The space of the inhabitant who has an account: a household, documents that are kept, and who looked at her requests.

use beffroi_core::{Day, Id, Instant, ManualClock};
use beffroi_documents::{
    Gate, StoredFile,
    kept::{self, Kind},
};
use beffroi_people::{
    Account, Role, department,
    household::{self, NewMember, Relation},
};
use beffroi_store::{By, Commune, Entry};
use chrono::Days;
use uuid::Uuid;

use crate::{DemoError, failed, people::Agents};

/// Furnishes it, where the story has ended.
pub(crate) fn furnish(
    commune: &Commune,
    clock: &ManualClock,
    agents: &Agents,
    paper: (&StoredFile, &StoredFile),
    now: Instant,
) -> Result<(), DemoError> {
    let owner = agents.inhabitant;
    let today = now.date_naive();
    clock.set(now);
    let by = By::account(owner.uuid(), beffroi_core::Channel::Online);
    let (card, proof) = (paper.0.clone(), paper.1.clone());
    commune.write_blocking(by, move |tx| {
        for (relation, given, born) in [
            (Relation::Child, "Léa", Day::from_ymd_opt(2019, 3, 27)),
            (Relation::Child, "Tom", Day::from_ymd_opt(2022, 11, 4)),
            (Relation::Partner, "Julien", Day::from_ymd_opt(1988, 6, 18)),
        ] {
            let member = NewMember {
                relation,
                family_name: "Durand".to_owned(),
                used_name: String::new(),
                given_names: given.to_owned(),
                birth_date: born,
                birth_place: "Lunel".to_owned(),
            };
            household::add(tx, owner, &member).map_err(failed)?;
        }
        let soon = today.checked_add_days(Days::new(20));
        let kept = [(&card, Kind::Identity, soon), (&proof, Kind::Address, None)];
        for (file, kind, until) in kept {
            kept::keep(tx, Gate::Open, owner.uuid(), file, kind, until).map_err(failed)?;
        }
        Ok(())
    })
}

/// An agent opens a case before doing something about it, as its page writes down.
pub(crate) fn looked(
    commune: &Commune,
    agent: Id<Account>,
    case: Uuid,
    place: &'static str,
) -> Result<(), DemoError> {
    let by = By::account(agent.uuid(), beffroi_core::Channel::Online);
    commune.write_blocking(by, move |tx| {
        let department = department::by_slug(tx, place)?.map(|found| found.id);
        let payload = serde_json::json!({ "role": Role::Agent, "department": department });
        tx.journal(&Entry { kind: "case.consulted", subject_kind: "case", subject_id: case, payload })?;
        Ok(())
    })
}

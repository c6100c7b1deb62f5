//! A procedure in the making, with a trial of it, and a block of questions: what the direction has on its desk.

use beffroi_core::{Channel, calendar::civil_day};
use beffroi_desk::{permission::EditProcedures, workshop};
use beffroi_forms::{Answers, Procedure};
use beffroi_people::{Town, permission::permit_system};
use beffroi_store::{By, Commune};

use crate::{DemoError, failed};

/// A hall to be booked: its retention is still to be said.
const DRAFT: &str = include_str!("../data/reserver-une-salle.toml");

/// Leaves the draft, its trial and the block.
pub(crate) fn prepare(commune: &Commune) -> Result<(), DemoError> {
    let procedure = Procedure::from_toml(DRAFT).map_err(failed)?;
    commune.write_blocking(By::SYSTEM, move |tx| {
        let permit = permit_system::<EditProcedures>(tx).map_err(failed)?;
        let day = civil_day(tx.now(), Town::load(tx)?.zone());
        workshop::keep_block(tx, &permit, &procedure, ("vous", "Vous joindre"))?;
        let draft = workshop::begin(tx, &permit, &procedure)?;
        let typed = Answers::from_pairs([
            ("usage", "fete"),
            ("invites", "80"),
            ("demandeur-family_name", "Durand"),
            ("demandeur-given_names", "Marie"),
            ("courriel", "marie.durand@example.org"),
        ]);
        let about = ("Une fête de 80 invités", day, Channel::Online);
        workshop::record(tx, &permit, draft, about, typed)?;
        Ok::<_, DemoError>(())
    })
}

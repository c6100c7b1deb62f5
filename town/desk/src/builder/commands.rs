//! What is done to a procedure in the making: begun, changed, proposed, sent back, published, given up. One transaction
//! and one journal entry each.

use beffroi_core::{Actor, Id};
use beffroi_forms::{CompiledForm, Flaw, Procedure};
use beffroi_people::{Account, Permit, Town, department};
use beffroi_store::{Entry, StoreError, Tx};
use serde_json::json;

use super::{
    report::{Obstacle, booked_of, departments_of, regies_of, templates_of},
    store::{self, Kept, Workshop},
    trials,
};
use crate::{
    permission::{EditProcedures, PublishProcedures},
    procedure::{self, PublishError},
};

/// Why a draft is not kept.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// Another draft bears this name: its id.
    #[error("there is a draft of this procedure already")]
    Taken(Id<Workshop>),
    /// It is not there, or no longer.
    #[error("there is no such draft")]
    Gone,
    /// Somebody else changed it in the meantime.
    #[error("somebody else changed the draft")]
    Overtaken,
    /// There are too many already.
    #[error("there are too many drafts")]
    TooMany,
    /// It is too large to be kept.
    #[error("the procedure is too large")]
    TooLarge,
    /// A procedure that is offered keeps its name.
    #[error("a procedure that is offered keeps its name")]
    NameFixed,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a definition may weigh, in bytes.
pub const DEFINITION_AT_MOST: usize = 1 << 20;

/// The account that acts.
pub fn actor(tx: &Tx<'_>) -> Option<Id<Account>> {
    match tx.by().actor {
        Actor::Account(account) => Some(Id::from_uuid(account)),
        _ => None,
    }
}

fn written(procedure: &Procedure) -> Result<String, DraftError> {
    let text = procedure.to_toml().map_err(|error| StoreError::Corrupt(error.to_string()))?;
    if text.len() > DEFINITION_AT_MOST { Err(DraftError::TooLarge) } else { Ok(text) }
}

fn told(tx: &mut Tx<'_>, kind: &str, id: Id<Workshop>, payload: serde_json::Value) -> Result<(), StoreError> {
    tx.journal(&Entry { kind, subject_kind: "procedure", subject_id: id.uuid(), payload })?;
    Ok(())
}

/// What a draft says.
pub fn read(kept: &Kept) -> Result<Procedure, StoreError> {
    Procedure::from_toml(&kept.definition)
        .map_err(|error| StoreError::Corrupt(format!("draft {}: {error}", kept.id)))
}

/// Begins a draft.
pub fn begin(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    procedure: &Procedure,
) -> Result<Id<Workshop>, DraftError> {
    if let Some(other) = store::by_slug(tx, &procedure.slug)? {
        return Err(DraftError::Taken(other.id));
    }
    if store::count(tx)? >= store::DRAFTS_AT_MOST {
        return Err(DraftError::TooMany);
    }
    let definition = written(procedure)?;
    let id = tx.new_id();
    let by = actor(tx);
    store::insert(tx, id, (&procedure.slug, &procedure.title.fr, &definition), by)?;
    told(tx, "procedure.draft_begun", id, json!({ "procedure": procedure.slug }))?;
    Ok(id)
}

/// Writes what a draft says now. Whoever had it proposed must propose it again.
pub fn change(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    kept: &Kept,
    procedure: &Procedure,
) -> Result<(), DraftError> {
    let definition = written(procedure)?;
    if definition == kept.definition {
        return Ok(());
    }
    if procedure.slug != kept.slug {
        if !store::versions(tx, &kept.slug)?.is_empty() {
            return Err(DraftError::NameFixed);
        }
        if let Some(other) = store::by_slug(tx, &procedure.slug)? {
            return Err(DraftError::Taken(other.id));
        }
        store::move_trials(tx, &kept.slug, &procedure.slug)?;
    }
    let by = actor(tx);
    if !store::update(tx, kept, (&procedure.slug, &procedure.title.fr, &definition), by)? {
        return Err(DraftError::Overtaken);
    }
    let payload = json!({ "procedure": procedure.slug, "revision": kept.revision + 1 });
    Ok(told(tx, "procedure.draft_changed", kept.id, payload)?)
}

/// Gives a draft up. What is offered stays as it is.
pub fn discard(tx: &mut Tx<'_>, _: &Permit<EditProcedures>, kept: &Kept) -> Result<(), DraftError> {
    if store::versions(tx, &kept.slug)?.is_empty() {
        store::forget_trials(tx, &kept.slug)?;
    }
    store::delete(tx, kept.id)?;
    Ok(told(tx, "procedure.draft_discarded", kept.id, json!({ "procedure": kept.slug }))?)
}

/// The version under which the draft would be published.
pub fn next_version(tx: &mut Tx<'_>, slug: &str) -> Result<u32, StoreError> {
    Ok(store::versions(tx, slug)?.first().map_or(1, |latest| latest.number + 1))
}

/// Everything that stands against the publication of a draft, in the order of gravity.
pub fn obstacles(tx: &mut Tx<'_>, procedure: &Procedure) -> Result<Vec<Obstacle>, StoreError> {
    let mut found: Vec<Obstacle> = procedure.check().into_iter().map(Obstacle::of).collect();
    if found.iter().all(|obstacle| obstacle.at != "booking.at") {
        found.extend(booked_of(procedure));
    }
    found.extend(departments_of(tx, procedure)?);
    found.extend(templates_of(tx, procedure)?);
    found.extend(regies_of(tx, procedure)?);
    if found.is_empty() {
        let kept = store::trials(tx, &procedure.slug)?;
        if let Ok(form) = CompiledForm::compile(procedure.clone()) {
            found.extend(trials::failing(&form, &kept));
        }
    }
    Ok(found)
}

/// Why a draft is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublicationError {
    /// This stands against it.
    #[error("{} things stand against publication", .0.len())]
    Obstacles(Vec<Obstacle>),
    /// The commune wants a second person, and this is the first.
    #[error("another person must publish what this one proposed")]
    SecondPerson,
    /// It was changed since it was read.
    #[error("somebody else changed the draft")]
    Overtaken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Asks another person to publish a draft.
pub fn propose(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    kept: &Kept,
    revision: u32,
) -> Result<(), PublicationError> {
    if kept.revision != revision {
        return Err(PublicationError::Overtaken);
    }
    let procedure = read(kept)?;
    let obstacles = obstacles(tx, &procedure)?;
    if !obstacles.is_empty() {
        return Err(PublicationError::Obstacles(obstacles));
    }
    let by = actor(tx);
    store::propose(tx, kept.id, by)?;
    Ok(told(tx, "procedure.proposed", kept.id, json!({ "procedure": kept.slug, "revision": kept.revision }))?)
}

/// Gives what was proposed back to whoever wrote it, with words.
pub fn send_back(
    tx: &mut Tx<'_>,
    _: &Permit<PublishProcedures>,
    kept: &Kept,
    words: &str,
) -> Result<(), StoreError> {
    store::send_back(tx, kept.id, words)?;
    told(tx, "procedure.sent_back", kept.id, json!({ "procedure": kept.slug }))
}

/// Offers a draft in the place of the earlier version, and lets the draft go.
pub fn publish(
    tx: &mut Tx<'_>,
    _: &Permit<PublishProcedures>,
    kept: &Kept,
    revision: u32,
) -> Result<u32, PublicationError> {
    if kept.revision != revision {
        return Err(PublicationError::Overtaken);
    }
    let by = actor(tx);
    if Town::load(tx)?.procedures_by_two && (kept.proposed_by.is_none() || kept.proposed_by == by) {
        return Err(PublicationError::SecondPerson);
    }
    let mut procedure = read(kept)?;
    procedure.version = next_version(tx, &kept.slug)?;
    let obstacles = obstacles(tx, &procedure)?;
    if !obstacles.is_empty() {
        return Err(PublicationError::Obstacles(obstacles));
    }
    match procedure::publish(tx, &procedure) {
        Ok(()) => {}
        Err(PublishError::Store(error)) => return Err(error.into()),
        Err(PublishError::Faulty(findings)) => {
            return Err(PublicationError::Obstacles(findings.into_iter().map(Obstacle::of).collect()));
        }
        Err(error @ (PublishError::VersionTaken(_) | PublishError::UnknownDepartment { .. })) => {
            let flaw = Flaw::Other(error.to_string());
            let obstacle = Obstacle::of(beffroi_forms::Finding::new("version", flaw));
            return Err(PublicationError::Obstacles(vec![obstacle]));
        }
    }
    store::sign(tx, &procedure.slug, procedure.version, (by, kept.proposed_by))?;
    store::delete(tx, kept.id)?;
    Ok(procedure.version)
}

/// The departments that may answer for a procedure: short name and name.
pub fn departments(tx: &mut Tx<'_>) -> Result<Vec<(String, String)>, StoreError> {
    Ok(department::list(tx)?.into_iter().map(|it| (it.details.slug, it.details.name)).collect())
}

/// Keeps a trial of a procedure.
pub fn record_trial(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    kept: &Kept,
    name: &str,
    content: &serde_json::Value,
) -> Result<(), StoreError> {
    let by = actor(tx);
    store::insert_trial(tx, &kept.slug, (name, content), by)?;
    told(tx, "procedure.trial_recorded", kept.id, json!({ "procedure": kept.slug }))
}

/// Takes what comes of a trial now for what must come of it.
pub fn accept_trial(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    kept: &Kept,
    (id, content): (Id<store::Trial>, &serde_json::Value),
) -> Result<(), StoreError> {
    let by = actor(tx);
    if store::update_trial(tx, &kept.slug, (id, content), by)? {
        told(tx, "procedure.trial_recorded", kept.id, json!({ "procedure": kept.slug }))?;
    }
    Ok(())
}

/// Gives a trial up.
pub fn forget_trial(
    tx: &mut Tx<'_>,
    _: &Permit<EditProcedures>,
    kept: &Kept,
    id: Id<store::Trial>,
) -> Result<(), StoreError> {
    if store::delete_trial(tx, &kept.slug, id)? {
        told(tx, "procedure.trial_removed", kept.id, json!({ "procedure": kept.slug }))?;
    }
    Ok(())
}

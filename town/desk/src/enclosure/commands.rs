//! Choosing what is joined, and joining it.

use beffroi_cases::case::Case;
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document, Gate, NewDocument, State, StoredFile};
use beffroi_store::{Entry, Result, Tx};
use serde_json::json;
use uuid::Uuid;

use super::{
    AT_MOST, Fault, To,
    store::{self, WAITING},
};
use crate::{papers::purpose, public::has_room};

/// Keeps files aside until they are joined; or says that there is no room for them.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    gate: Gate,
    case: Id<Case>,
    files: &[StoredFile],
) -> Result<std::result::Result<Vec<Id<Document>>, Fault>> {
    let owner = (WAITING, case.uuid());
    if !has_room(tx, owner, files.len())? {
        return Ok(Err(Fault::TooMany));
    }
    let kept = files.iter().map(|file| {
        let new = NewDocument { file, owner_kind: owner.0, owner_id: owner.1, purpose: purpose::ENCLOSURE };
        Document::create(tx, gate, &new).map(|document| document.id)
    });
    kept.collect::<Result<Vec<_>>>().map(Ok)
}

/// Puts the files of an upload aside, to be joined with others; `Gone` where there are none.
pub(crate) fn take_upload(
    tx: &mut Tx<'_>,
    case: Id<Case>,
    upload: Uuid,
) -> Result<std::result::Result<Vec<Id<Document>>, Fault>> {
    let limit = u32::try_from(AT_MOST).unwrap_or(u32::MAX).saturating_add(1);
    let ids: Vec<Id<Document>> =
        documents::of_owner(tx, "upload", upload, limit)?.into_iter().map(|document| document.id).collect();
    if ids.is_empty() || ids.len() > AT_MOST {
        return Ok(Err(if ids.is_empty() { Fault::Gone } else { Fault::TooMany }));
    }
    documents::hand_over_some(tx, ("upload", upload), (WAITING, case.uuid()), purpose::ENCLOSURE, &ids)?;
    Ok(Ok(ids))
}

/// The documents of these ids, if all of them can be joined to something of the case: they wait for it, or the case has
/// them.
pub(crate) fn chosen(
    tx: &mut Tx<'_>,
    case: Id<Case>,
    ids: &[Id<Document>],
) -> Result<std::result::Result<Vec<Document>, Fault>> {
    let mut once: Vec<Id<Document>> = Vec::new();
    for id in ids {
        if !once.contains(id) {
            once.push(*id);
        }
        if once.len() > AT_MOST {
            return Ok(Err(Fault::TooMany));
        }
    }
    let found = documents::some(tx, &once)?;
    let of_case = |document: &&Document| {
        let here = document.owner_id == case.uuid();
        here && (document.owner_kind == WAITING || (document.owner_kind == "case" && is_joinable(document)))
    };
    if found.iter().filter(of_case).count() < once.len() {
        return Ok(Err(Fault::Gone));
    }
    let infected = found.iter().filter(|document| document.state == State::Infected);
    let infected: Vec<String> = infected.map(|document| document.name.clone()).collect();
    if !infected.is_empty() {
        return Ok(Err(Fault::Infected(infected)));
    }
    let new = found.iter().filter(|document| document.owner_kind == WAITING).count();
    if !has_room(tx, ("case", case.uuid()), new)? {
        return Ok(Err(Fault::TooMany));
    }
    Ok(Ok(found))
}

/// Whether a document that a case has can be joined to something: one that was let pass, and not what tells of the case
/// itself.
pub(crate) fn is_joinable(document: &Document) -> bool {
    let tells =
        [purpose::ACKNOWLEDGEMENT, purpose::DECISION, purpose::REVERSAL].contains(&document.purpose.as_str());
    !tells && document.state != State::Received
}

/// Joins documents that were [`chosen`]: what waited belongs to the case from now on.
pub(crate) fn join(tx: &mut Tx<'_>, case: Id<Case>, to: To, joined: &[Document]) -> Result<()> {
    if joined.is_empty() {
        return Ok(());
    }
    let ids: Vec<Id<Document>> = joined.iter().map(|document| document.id).collect();
    documents::hand_over_some(tx, (WAITING, case.uuid()), ("case", case.uuid()), purpose::ENCLOSURE, &ids)?;
    store::insert(tx, case, to, &ids)?;
    tx.journal(&Entry {
        kind: "case.documents_joined",
        subject_kind: "case",
        subject_id: case.uuid(),
        payload: json!({ "to": to.word(), "id": to.id(), "documents": ids }),
    })?;
    Ok(())
}

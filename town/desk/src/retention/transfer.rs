//! What the archives take over: the cases of a slip with their documents in one file, made by a job once the slip is, and
//! removed when it is signed or given up.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use beffroi_cases::case::Case;
use beffroi_core::{Id, Instant};
use beffroi_documents::Bundle;
use beffroi_store::{
    By, Commune, Result, StoreError, Tx,
    background::JobHandler,
    jobs::{self, Job, JobError},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::slips::{self, Line, Slip};
use crate::enclosure;

/// The job that makes it, or removes it.
pub(super) const TRANSFER: &str = "desk.transfer";
/// Bytes of documents in one file; what does not fit in is named in it.
const BYTES_AT_MOST: i64 = 4_000_000_000;
/// Messages and documents of one slip.
const DETAILS: u32 = 50_000;

/// Where the file of a slip lies.
pub(crate) fn file_of(commune: &Commune, slip: Id<Slip>) -> PathBuf {
    commune.folder().join("transfers").join(format!("{slip}.zip"))
}

/// Asks for the file of a slip to be made, or removed where the slip is over.
pub(super) fn order(tx: &mut Tx<'_>, slip: Id<Slip>) -> Result<()> {
    let now = tx.now();
    jobs::enqueue(tx, TRANSFER, &json!({ "slip": slip }), now, None)
}

/// Does the job. Done twice, it writes the same file twice.
pub(crate) struct TransferHandler;

impl JobHandler for TransferHandler {
    fn kind(&self) -> &'static str {
        TRANSFER
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> std::result::Result<(), JobError> {
        let id = job.payload.get("slip").and_then(Value::as_str).and_then(|id| id.parse().ok());
        let id: Id<Slip> = id.ok_or_else(|| JobError::Fail("the job names no slip".to_owned()))?;
        let found = commune.read_blocking(By::SYSTEM, |tx| gather(tx, id))?;
        let file = file_of(commune, id);
        let Some(found) = found else { return remove(&file).map_err(JobError::from) };
        let mut bundle = Bundle::create(&file)?;
        let packed = bundle.documents(commune, &found.files, BYTES_AT_MOST)?;
        for (path, text) in &found.texts {
            bundle.text(path, text)?;
        }
        let left = json!({ "slip": found.number, "files": packed.taken, "files_left_out": packed.omitted });
        bundle.text("bordereau.json", left.to_string().as_bytes())?;
        bundle.finish()?;
        Ok(())
    }
}

fn remove(file: &std::path::Path) -> Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(StoreError::io("remove what the archives took over")(error))
        }
        _ => Ok(()),
    }
}

struct Gathered {
    number: String,
    texts: Vec<(String, Vec<u8>)>,
    files: Vec<(String, Uuid)>,
}

/// What the file holds; nothing where the slip is signed, given up, or for destruction.
fn gather(tx: &mut Tx<'_>, id: Id<Slip>) -> Result<Option<Gathered>> {
    let slip = slips::slip(tx, id)?;
    let wanted = |slip: &Slip| slip.signed_at.is_none() && slip.purpose == slips::Purpose::Transfer;
    let Some(slip) = slip.filter(wanted) else { return Ok(None) };
    let lines: HashMap<String, Line> =
        slips::lines_of(tx, id)?.into_iter().map(|line| (line.reference.clone(), line)).collect();
    let mut messages: HashMap<Uuid, Vec<Value>> = HashMap::new();
    let mut joined = enclosure::of_slip(tx, id.uuid(), DETAILS)?;
    let said: Vec<(Uuid, Uuid, String, String, Instant)> = tx.query(
        "SELECT e.case_id, e.id, e.kind, e.words, e.at FROM desk_retention r JOIN exchange e ON e.case_id = r.case_id \
         WHERE r.slip = $1 ORDER BY e.case_id, e.id LIMIT $2",
        &[&id, &DETAILS],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
    )?;
    for (case, message, kind, words, at) in said {
        let documents = joined.remove(&message).unwrap_or_default();
        let told = json!({ "kind": kind, "at": at, "text": words, "documents": documents });
        messages.entry(case).or_default().push(told);
    }
    let cases: Vec<(Id<Case>, String, String, Value, String)> = tx.query(
        "SELECT c.id, c.reference, c.requester_name, c.answers, COALESCE(d.reasons, '') FROM desk_retention r \
         JOIN cases c ON c.id = r.case_id LEFT JOIN decision d ON d.case_id = c.id \
         WHERE r.slip = $1 ORDER BY c.received_on, c.id LIMIT 1000",
        &[&id],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)),
    )?;
    let mut texts = Vec::new();
    for (case, reference, requester, answers, reasons) in cases {
        let Some(line) = lines.get(&reference) else { continue };
        let whole = json!({
            "reference": reference,
            "procedure": slip.procedure,
            "department": line.department,
            "requester": requester,
            "received_on": line.received_on,
            "outcome": line.outcome,
            "number": line.number,
            "answers": answers,
            "reasons": reasons,
            "decision_documents": joined.remove(&case.uuid()).unwrap_or_default(),
            "messages": messages.remove(&case.uuid()).unwrap_or_default(),
        });
        texts.push((format!("{reference}/dossier.json"), serde_json::to_vec_pretty(&whole)?));
    }
    let files = tx.query(
        "SELECT c.reference, d.name, d.id FROM desk_retention r JOIN cases c ON c.id = r.case_id \
         JOIN document d ON d.owner_kind = 'case' AND d.owner_id = c.id \
         WHERE r.slip = $1 ORDER BY c.reference, d.id LIMIT $2",
        &[&id, &DETAILS],
        |row| {
            let (reference, name): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((format!("{reference}/{name}"), row.get(2)?))
        },
    )?;
    Ok(Some(Gathered { number: slip.number, texts, files }))
}

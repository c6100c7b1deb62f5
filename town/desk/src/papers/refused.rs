//! Word to the requester that a file of theirs has a virus: the gate finds out after the request was received.

use std::sync::Arc;

use beffroi_cases::case::Case;
use beffroi_core::Id;
use beffroi_documents::{self as documents, Document};
use beffroi_notify::messages;
use beffroi_store::{
    By, Commune, JournalEntry, Tx,
    background::{JobHandler, Subscriber},
    jobs::{self, Job, JobError},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    jobs::{Dossier, Told, gone, read},
    letter::LetterOrder,
    purpose,
};
use crate::{Parts, texting};

/// The job that tells it.
const TELL_REFUSED: &str = "desk.tell_refused_file";

#[derive(Deserialize, Serialize)]
struct RefusedOrder {
    case: Id<Case>,
    document: Id<Document>,
}

/// Orders word for each file of a case that the gate condemned.
pub struct RefusedFiles;

impl Subscriber for RefusedFiles {
    fn name(&self) -> &'static str {
        "desk.refused_files"
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["document.infected"]
    }

    fn handle(&self, tx: &mut Tx<'_>, entry: &JournalEntry) -> beffroi_store::Result<()> {
        if entry.subject_kind != "case" {
            return Ok(());
        }
        let told = |name: &str| entry.payload.as_ref().and_then(|payload| payload.get(name));
        // What an agent joined is no file of the requester's: its agent is told, on the case.
        if told("purpose").and_then(serde_json::Value::as_str) == Some(purpose::ENCLOSURE) {
            return Ok(());
        }
        let document = told("document");
        let id = document.and_then(|id| id.as_str()?.parse().ok());
        // It may have gone with its case since.
        let Some(document) = id.map(|id| documents::find(tx, id)).transpose()?.flatten() else {
            return Ok(());
        };
        let document = document.id;
        let order = json!({ "case": entry.subject_id, "document": document });
        jobs::enqueue(tx, TELL_REFUSED, &order, tx.now(), None)?;
        Ok(())
    }
}

/// Writes it: by mail, and by letter to who wants paper. Done twice after a crash, it says the same twice.
pub struct RefusedHandler(pub Arc<Parts>);

impl JobHandler for RefusedHandler {
    fn kind(&self) -> &'static str {
        TELL_REFUSED
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: RefusedOrder = read(job)?;
        let parts = &self.0;
        let (dossier, document) = commune.read_blocking(By::SYSTEM, |tx| {
            let document = documents::find(tx, order.document)?.ok_or_else(|| gone("the document"))?;
            Ok::<_, JobError>((Dossier::load(tx, parts, order.case)?, document))
        })?;
        let Dossier { case, form, reach, stationery, .. } = &dossier;
        let origin = (parts.origin)(commune.slug());
        let title = form.procedure().title.text(reach.lang);
        let told = Told { stationery, title, reference: &case.reference, origin: &origin };
        let message =
            told.write(|sender, about| messages::file_refused(sender, reach.lang, about, &document.name));
        let letter = reach.by_letter.then(|| LetterOrder {
            case: case.id,
            subject: message.subject.clone(),
            paragraphs: vec![format!(
                "Un virus a été trouvé dans le fichier «\u{a0}{}\u{a0}» que vous nous avez remis. Par sécurité, personne à la mairie ne l’ouvrira. Votre demande reste enregistrée\u{a0}: envoyez-nous un autre exemplaire de ce document, par courrier ou au guichet.",
                document.name
            )],
            pieces: Vec::new(),
            until: None,
            joined_to: None,
            asks: false,
        });
        commune.write_blocking(By::SYSTEM, move |tx| {
            if let Some(letter) = letter {
                letter.queue(tx)?;
            }
            dossier.text(tx, texting::Told::NewsOnce(&format!("refused/{}", document.id)))?;
            dossier.mail(tx, &message, false).map(drop)
        })
    }
}

//! What a page sends, with its files: each is received as it arrives, and one that is refused harms no other.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use axum::extract::Request;
use beffroi_core::{Id, Lang};
use beffroi_documents::{
    self as documents, Document, Gate, Limits, NewDocument, State, StoredFile, UploadError,
};
use beffroi_forms::{Answers, CompiledForm, FileInfo, Kind, Outcome, Reason, Text};
use beffroi_store::{Commune, Result as StoreResult, Tx};
use beffroi_web::{FormLimits, FormPost, FormReader, ReadError, Result};
use uuid::Uuid;

use crate::{papers::purpose, submission::Files};

/// Files that one draft or case may have.
const FILES_AT_MOST: usize = 200;

/// Files that are read at once: all that there may be, and the papers of the town with them.
const READ_AT_MOST: u32 = 500;

/// What a page sent.
pub(crate) struct Posted {
    /// The texts.
    pub(crate) fields: FormPost,
    /// The files that were received, with the field that each was chosen in.
    pub(crate) files: Vec<(String, StoredFile)>,
    /// The files that were refused, and why.
    pub(crate) refused: Vec<(String, String)>,
    /// Whether the end never came. What came before is here; the refusals tell it.
    pub(crate) cut: bool,
}

/// Reads what a page sends, as far as it comes.
pub(crate) async fn receive(request: Request, commune: &Arc<Commune>, lang: Lang) -> Result<Posted> {
    receive_counted(request, commune, lang, || true).await
}

/// Reads what a page sends, where `may` counts each file before it is received, and may refuse it.
pub(super) async fn receive_counted(
    request: Request,
    commune: &Arc<Commune>,
    lang: Lang,
    may: impl Fn() -> bool,
) -> Result<Posted> {
    let mut reader = FormReader::new(request, FormLimits::default()).await?;
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    let limits = Limits::default();
    let cut = loop {
        let file = match reader.next_file().await {
            Ok(Some(file)) => file,
            Ok(None) => break None,
            Err(ReadError::CutOff(_)) => break Some((None, cut_off(lang))),
            Err(error) => return Err(error.into()),
        };
        let (field, name) = (file.field().to_owned(), file.name().to_owned());
        if !may() {
            refused.push((field, format!("{name}\u{a0}: {}", too_often(lang))));
            continue;
        }
        match documents::receive(commune, file, &name, &limits).await {
            Ok(stored) => files.push((field, stored)),
            Err(UploadError::Store(error)) => return Err(error.into()),
            Err(error) => {
                let message = format!("{name}\u{a0}: {}", error.message(lang));
                if matches!(error, UploadError::CutOff(_)) {
                    break Some((Some(field), message));
                }
                refused.push((field, message));
            }
        }
    };
    let mut fields = reader.finish();
    let ended = cut.is_none();
    if let Some((file, message)) = cut {
        // The question that was being sent is not answered: what was known of it stays.
        let question = fields.forget_last("shown");
        refused.push((file.or(question).unwrap_or_default(), message));
    }
    Ok(Posted { fields, files, refused, cut: !ended })
}

/// What is said where the end of a page never came, and no file was on its way.
fn cut_off(lang: Lang) -> String {
    match lang {
        Lang::Fr => "L’envoi s’est interrompu. Vérifiez votre connexion et recommencez à partir d’ici.",
        Lang::En => "Sending was interrupted. Check your connection and go on from here.",
    }
    .to_owned()
}

/// What is said of a file that comes too soon after many others.
const fn too_often(lang: Lang) -> &'static str {
    match lang {
        Lang::Fr => {
            "Beaucoup de fichiers viennent d’être envoyés d’ici. Attendez une minute et envoyez-le de nouveau."
        }
        Lang::En => "Many files have just been sent from here. Wait a minute and send it again.",
    }
}

/// What is said of a file for which there is no room.
fn too_many(lang: Lang) -> String {
    match lang {
        Lang::Fr => format!(
            "Cette demande a déjà {FILES_AT_MOST}\u{a0}fichiers, et n’en prend pas plus. Retirez-en pour joindre celui-ci."
        ),
        Lang::En => format!(
            "This request has {FILES_AT_MOST} files already, and takes no more. Remove some to attach this one."
        ),
    }
}

/// Takes new files into answers: one takes the place of another, several are gathered. Tells those for which there
/// is no room.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    (gate, lang): (Gate, Lang),
    form: &CompiledForm,
    answers: &mut Answers,
    files: &[(String, StoredFile)],
    owner: (&str, Uuid),
    known: &mut Known,
) -> StoreResult<Vec<(String, String)>> {
    let mut refused = Vec::new();
    for (field, file) in files {
        if let Some(Kind::File { max_files: 1 }) = form.field(field).map(|field| &field.kind) {
            answers.clear(field);
        }
        if known.named(answers).len() >= FILES_AT_MOST {
            refused.push((field.clone(), format!("{}\u{a0}: {}", file.name(), too_many(lang))));
            continue;
        }
        let new = NewDocument { file, owner_kind: owner.0, owner_id: owner.1, purpose: purpose::ATTACHMENT };
        let id = Document::create(tx, gate, &new)?.id.to_string();
        answers.add(field, &id);
        known.files.insert(id, FileInfo { name: file.name().to_owned(), bytes: file.bytes() });
    }
    Ok(refused)
}

/// Forgets the files that the answers name no more: they were taken back, or others took their place.
pub(crate) fn keep_named(
    tx: &mut Tx<'_>,
    owner: (&str, Uuid),
    answers: &Answers,
    known: &Known,
) -> StoreResult<Known> {
    let named = known.named(answers);
    if named.len() < known.files.len() + known.infected.len() {
        documents::keep_only(tx, owner, &named)?;
    }
    known_files(tx, owner)
}

/// Gives received files to their owner, and tells each one's field and document.
pub(crate) fn attach(
    tx: &mut Tx<'_>,
    gate: Gate,
    files: &[(String, StoredFile)],
    owner: (&str, Uuid),
    purpose: &str,
) -> StoreResult<Vec<(String, String)>> {
    files
        .iter()
        .map(|(field, file)| {
            let new = NewDocument { file, owner_kind: owner.0, owner_id: owner.1, purpose };
            Ok((field.clone(), Document::create(tx, gate, &new)?.id.to_string()))
        })
        .collect()
}

/// Whether an owner may have so many files more.
pub(crate) fn has_room(tx: &mut Tx<'_>, owner: (&str, Uuid), more: usize) -> StoreResult<bool> {
    let had = if more == 0 { 0 } else { documents::count_of(tx, owner.0, owner.1)? };
    Ok(usize::try_from(had).unwrap_or(usize::MAX).saturating_add(more) <= FILES_AT_MOST)
}

/// The files that an owner has, by document.
#[derive(Default)]
pub(crate) struct Known {
    /// Those that count.
    pub(crate) files: Files,
    /// Those with a virus, by name: they count for nothing.
    pub(crate) infected: HashMap<String, String>,
}

/// The files that an owner has.
pub(crate) fn known_files(tx: &mut Tx<'_>, owner: (&str, Uuid)) -> StoreResult<Known> {
    let mut known = Known::default();
    for document in documents::of_owner(tx, owner.0, owner.1, READ_AT_MOST)? {
        let id = document.id.to_string();
        if document.state == State::Infected {
            known.infected.insert(id, document.name);
        } else {
            let bytes = u64::try_from(document.bytes).unwrap_or_default();
            known.files.insert(id, FileInfo { name: document.name, bytes });
        }
    }
    Ok(known)
}

impl Known {
    /// Whether the owner may have no file more.
    pub(crate) fn is_full(&self) -> bool {
        self.files.len() + self.infected.len() >= FILES_AT_MOST
    }

    /// Those that answers name.
    fn named(&self, answers: &Answers) -> Vec<Id<Document>> {
        let is_known = |id: &str| self.files.contains_key(id) || self.infected.contains_key(id);
        let named: BTreeSet<String> = answers.to_pairs().into_iter().map(|(_, value)| value).collect();
        named.iter().filter(|id| is_known(id)).filter_map(|id| id.parse().ok()).collect()
    }

    /// Says of a file with a virus that it has one: the form itself only knows that it is not there.
    pub(crate) fn explain(&self, outcome: &mut Outcome, answers: &Answers) {
        for fault in outcome.faults.iter_mut().filter(|fault| matches!(fault.reason, Reason::UnknownFile)) {
            let given = answers.at(&fault.path).map_or(&[][..], |(at, field)| at.all(field));
            if let Some(name) = given.iter().find_map(|id| self.infected.get(id)) {
                fault.reason = Reason::Said(Text {
                    fr: virus(name, Lang::Fr),
                    en: Some(virus(name, Lang::En)),
                    plain: None,
                });
            }
        }
    }

    /// Takes files with a virus out of the answers, and tells those that no other file has just replaced.
    pub(crate) fn part_with_infected(
        &self,
        answers: &mut Answers,
        new: &[(String, StoredFile)],
        lang: Lang,
    ) -> Vec<(String, String)> {
        let mut told = Vec::new();
        for (path, id) in answers.to_pairs() {
            let Some(name) = self.infected.get(&id) else { continue };
            answers.remove(&path, &id);
            if !new.iter().any(|(field, _)| *field == path) {
                told.push((path, virus(name, lang)));
            }
        }
        told
    }
}

fn virus(name: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => format!(
            "Un virus a été trouvé dans {name}\u{a0}: nous ne pouvons pas le prendre. Joignez un autre fichier."
        ),
        Lang::En => format!("A virus was found in {name}: we cannot take it. Attach another file."),
    }
}

//! What a page sends, with its files: each is received as it arrives, and one that is refused harms no other.

use std::{collections::HashMap, sync::Arc};

use axum::extract::Request;
use beffroi_core::Lang;
use beffroi_documents::{self as documents, Gate, Limits, NewDocument, State, StoredFile, UploadError};
use beffroi_forms::FileInfo;
use beffroi_store::{Commune, Result as StoreResult, Tx};
use beffroi_web::{FormLimits, FormPost, FormReader, Result, WebError};
use uuid::Uuid;

/// Files that one draft or case may have.
const FILES_AT_MOST: u32 = 200;

/// What a page sent.
pub(crate) struct Posted {
    /// The texts.
    pub(crate) fields: FormPost,
    /// The files that were received, with the field that each was chosen in.
    pub(crate) files: Vec<(String, StoredFile)>,
    /// The files that were refused, and why.
    pub(crate) refused: Vec<(String, String)>,
}

/// Reads what a page sends.
pub(crate) async fn receive(request: Request, commune: &Arc<Commune>, lang: Lang) -> Result<Posted> {
    let mut reader = FormReader::new(request, FormLimits::default()).await?;
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    let limits = Limits::default();
    while let Some(file) = reader.next_file().await? {
        let (field, name) = (file.field().to_owned(), file.name().to_owned());
        match documents::receive(commune, file, &name, &limits).await {
            Ok(stored) => files.push((field, stored)),
            Err(UploadError::Store(error)) => return Err(error.into()),
            Err(UploadError::CutOff(reason)) => return Err(WebError::bad_request().log(reason)),
            Err(error) => refused.push((field, format!("{name}\u{a0}: {}", error.message(lang)))),
        }
    }
    Ok(Posted { fields: reader.finish(), files, refused })
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
            Ok((field.clone(), documents::Document::create(tx, gate, &new)?.id.to_string()))
        })
        .collect()
}

/// The files that an owner has, by document. One that is infected is none.
pub(crate) fn known_files(tx: &mut Tx<'_>, owner: (&str, Uuid)) -> StoreResult<HashMap<String, FileInfo>> {
    let known = documents::of_owner(tx, owner.0, owner.1, FILES_AT_MOST)?;
    Ok(known
        .into_iter()
        .filter(|document| document.state != State::Infected)
        .map(|document| {
            let bytes = u64::try_from(document.bytes).unwrap_or_default();
            (document.id.to_string(), FileInfo { name: document.name, bytes })
        })
        .collect())
}

//! Receiving a file: streamed to the disk, measured, typed and hashed on the way, in place only whole.

use std::sync::Arc;

use beffroi_core::{Instant, Lang};
use beffroi_store::{By, Commune, StoreError};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use object_store::{MultipartUpload, ObjectStoreExt, path::Path};
use sha2::{Digest, Sha256};

use crate::{
    blobs::{Blobs, refused},
    media::{self, MediaType},
};

/// How much is written to the disk at once; also how much of a file is in memory.
const PART: usize = 1024 * 1024;
/// Characters kept of a file's name.
const NAME_AT_MOST: usize = 120;

/// What is accepted.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The largest size, in bytes.
    pub bytes: u64,
    /// The accepted kinds.
    pub types: Vec<MediaType>,
}

impl Default for Limits {
    /// Ten megabytes, of any kind that a town hall accepts.
    fn default() -> Self {
        Self { bytes: 10_000_000, types: MediaType::ALL.to_vec() }
    }
}

/// Why a file was not received. Nothing of it is left.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// Nothing came.
    #[error("the file is empty")]
    Empty,
    /// More than so many bytes came.
    #[error("the file is larger than {0} bytes")]
    TooLarge(u64),
    /// It is of a kind that is not accepted; these are.
    #[error("the file's type is not accepted")]
    Forbidden(Vec<MediaType>),
    /// It is of an accepted kind, and cannot be opened.
    #[error("the file is broken")]
    Broken,
    /// The sender stopped before the end.
    #[error("the file was cut off: {0}")]
    CutOff(String),
    /// The town's disk or database refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl UploadError {
    /// What to tell the sender, and what they can do.
    pub fn message(&self, lang: Lang) -> String {
        match (self, lang) {
            (Self::Empty, Lang::Fr) => "Ce fichier est vide. Choisissez-en un autre.".to_owned(),
            (Self::Empty, Lang::En) => "This file is empty. Choose another one.".to_owned(),
            (Self::TooLarge(limit), Lang::Fr) => format!(
                "Ce fichier est trop lourd\u{a0}: {}\u{a0}Mo au plus. Réduisez-le ou envoyez-en une photo moins détaillée.",
                limit / 1_000_000
            ),
            (Self::TooLarge(limit), Lang::En) => format!(
                "This file is too large: {} MB at most. Make it smaller or send a less detailed photo.",
                limit / 1_000_000
            ),
            (Self::Forbidden(types), Lang::Fr) => {
                format!("Ce type de fichier n’est pas accepté. Vous pouvez envoyer\u{a0}: {}.", labels(types))
            }
            (Self::Forbidden(types), Lang::En) => {
                format!("This type of file is not accepted. You can send: {}.", labels(types))
            }
            (Self::Broken, Lang::Fr) => {
                "Ce fichier ne peut pas être ouvert. Choisissez-en un autre, ou prenez une nouvelle photo."
                    .to_owned()
            }
            (Self::Broken, Lang::En) => {
                "This file cannot be opened. Choose another one, or take a new photo.".to_owned()
            }
            (Self::CutOff(_), Lang::Fr) => {
                "L’envoi du fichier s’est interrompu. Vérifiez votre connexion et envoyez-le de nouveau."
                    .to_owned()
            }
            (Self::CutOff(_), Lang::En) => {
                "Sending the file was interrupted. Check your connection and send it again.".to_owned()
            }
            (Self::Store(_), Lang::Fr) => {
                "Nous n’avons pas pu enregistrer ce fichier. Réessayez dans quelques minutes.".to_owned()
            }
            (Self::Store(_), Lang::En) => {
                "We could not save this file. Please try again in a few minutes.".to_owned()
            }
        }
    }
}

fn labels(types: &[MediaType]) -> String {
    types.iter().map(|it| it.label()).collect::<Vec<_>>().join(", ")
}

/// A file that lies on the town's disk, whole, and waits for a command to make a document of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    pub(crate) sha256: String,
    pub(crate) name: String,
    pub(crate) media_type: MediaType,
    pub(crate) bytes: u64,
    pub(crate) generated: bool,
    pub(crate) sealed: bool,
}

impl StoredFile {
    /// The name to show: no folders, no control characters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What tells its content from any other: SHA-256, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Its size in bytes.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Its kind, by its content.
    pub const fn media_type(&self) -> MediaType {
        self.media_type
    }
}

/// Receives a file from outside.
///
/// Errors: see [`UploadError`]; whatever happens, also when the caller gives up, nothing half-received stays.
pub async fn receive<E: std::fmt::Display>(
    commune: &Arc<Commune>,
    content: impl Stream<Item = Result<Bytes, E>>,
    declared_name: &str,
    limits: &Limits,
) -> Result<StoredFile, UploadError> {
    let token: [u8; 16] = commune.read(By::SYSTEM, |tx| Ok::<_, StoreError>(tx.random())).await?;
    let incoming = Path::from(format!("incoming/{}", hex::encode(token)));
    let blobs = Blobs::of(commune)?;
    let mut upload =
        blobs.files.put_multipart(&incoming).await.map_err(refused("begin to receive a file"))?;
    let arrived = match arrive(&mut *upload, content, limits).await {
        Ok(arrived) => arrived,
        Err(error) => {
            // Should the clean-up itself fail, the reason that matters to the sender is still the first.
            if let Err(left) = upload.abort().await {
                tracing::warn!(%left, "a refused file could not be removed");
            }
            return Err(error);
        }
    };
    let (bytes, sha256, media_type) = arrived;
    // From here on in a task of its own: a sender that hangs up now must not leave the file between two places.
    let hash = sha256.clone();
    tokio::spawn(async move {
        upload.complete().await?;
        blobs.keep(&incoming, &hash).await
    })
    .await
    .map_err(|error| StoreError::Invalid(format!("keeping a file: {error}")))?
    .map_err(refused("keep a received file"))?;
    Ok(StoredFile {
        sha256,
        name: clean_name(declared_name),
        media_type,
        bytes,
        generated: false,
        sealed: false,
    })
}

/// Writes the stream away, part by part.
async fn arrive<E: std::fmt::Display>(
    upload: &mut dyn MultipartUpload,
    content: impl Stream<Item = Result<Bytes, E>>,
    limits: &Limits,
) -> Result<(u64, String, MediaType), UploadError> {
    let mut content = std::pin::pin!(content);
    let mut hasher = Sha256::new();
    let mut part = BytesMut::new();
    let (mut bytes, mut media_type, mut only_text) = (0_u64, None, true);
    loop {
        let chunk =
            content.next().await.transpose().map_err(|error| UploadError::CutOff(error.to_string()))?;
        if let Some(chunk) = &chunk {
            bytes += chunk.len() as u64;
            if bytes > limits.bytes {
                return Err(UploadError::TooLarge(limits.bytes));
            }
            hasher.update(chunk);
            only_text &= media::is_text(chunk);
            part.extend_from_slice(chunk);
        }
        let ended = chunk.is_none();
        if media_type.is_none() && (ended || part.len() >= media::HEAD) {
            if bytes == 0 {
                return Err(UploadError::Empty);
            }
            media_type = MediaType::sniff(part.get(..media::HEAD).unwrap_or(&part));
            if !media_type.is_some_and(|it| limits.types.contains(&it)) {
                return Err(UploadError::Forbidden(limits.types.clone()));
            }
        }
        if media_type == Some(MediaType::Text) && !only_text {
            return Err(UploadError::Forbidden(limits.types.clone()));
        }
        if part.len() >= PART || (ended && !part.is_empty()) {
            let full = part.split().freeze();
            upload.put_part(full.into()).await.map_err(refused("write a part of a file"))?;
        }
        if ended {
            break;
        }
    }
    let media_type = media_type.ok_or(UploadError::Empty)?;
    Ok((bytes, hex::encode(hasher.finalize()), media_type))
}

/// Stores a PDF that the town itself made. It needs no virus check. For blocking threads.
///
/// Errors: the disk refused.
pub fn store_generated(commune: &Commune, name: &str, pdf: &[u8]) -> Result<StoredFile, StoreError> {
    store(commune, name, (pdf, pdf.len()), false)
}

/// [`store_generated`], for what is so sensitive that it lies sealed on the disk.
///
/// Errors: the disk refused, or the key cannot be read.
pub fn store_sealed(commune: &Commune, name: &str, pdf: &[u8]) -> Result<StoredFile, StoreError> {
    let sealed = commune.read_blocking(By::SYSTEM, |tx| tx.seal(SEALED_CONTENT, pdf))?;
    store(commune, name, (&sealed, pdf.len()), true)
}

/// For what the contents of sealed documents are sealed.
pub(crate) const SEALED_CONTENT: &str = "document.content";

/// Stores what the town made; `length` is that of the document once it is opened.
fn store(
    commune: &Commune,
    name: &str,
    (pdf, length): (&[u8], usize),
    sealed: bool,
) -> Result<StoredFile, StoreError> {
    let sha256 = hex::encode(Sha256::digest(pdf));
    let file = Blobs::of(commune)?.file(&sha256)?;
    // Also where the same content is there already: its document is about to be made, and a young file is not swept.
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(StoreError::io("make a folder for a document"))?;
        let random: [u8; 8] = commune.read_blocking(By::SYSTEM, |tx| Ok::<_, StoreError>(tx.random()))?;
        // The hash mark keeps unfinished files out of what the folder lists, as for received ones.
        let unfinished = folder.join(format!("{sha256}#{}", u64::from_be_bytes(random)));
        let written = write_durably(&unfinished, pdf).and_then(|()| std::fs::rename(&unfinished, &file));
        if let Err(error) = written {
            let _ = std::fs::remove_file(&unfinished);
            return Err(StoreError::io("store a generated document")(error));
        }
        std::fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(StoreError::io("store a generated document"))?;
    }
    Ok(StoredFile {
        sha256,
        name: clean_name(name),
        media_type: MediaType::Pdf,
        bytes: length as u64,
        generated: true,
        sealed,
    })
}

/// Removes what has lain half-received since before `instant`: a crash cut it off, and nobody will end
/// it. Says how many files went. For blocking threads.
///
/// Errors: the disk refused.
pub fn sweep_incoming(commune: &Commune, instant: Instant) -> Result<u64, StoreError> {
    let entries = match std::fs::read_dir(commune.folder().join("documents/incoming")) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(StoreError::io("list what arrives")(error)),
    };
    let before = std::time::SystemTime::from(instant);
    let mut removed = 0;
    for entry in entries {
        let old = entry.and_then(|entry| {
            let metadata = entry.metadata()?;
            Ok((metadata.is_file() && metadata.modified()? < before).then(|| entry.path()))
        });
        let outcome = match old {
            Ok(Some(file)) => std::fs::remove_file(file).map(|()| 1),
            Ok(None) => Ok(0),
            Err(error) => Err(error),
        };
        removed += match outcome {
            // It arrived, or was given up, meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            other => other.map_err(StoreError::io("remove what was cut off"))?,
        };
    }
    Ok(removed)
}

fn write_durably(path: &std::path::Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    std::io::Write::write_all(&mut file, content)?;
    file.sync_all()
}

/// The last part of a path, without control characters, of a length that a screen can show.
fn clean_name(declared: &str) -> String {
    let last = declared.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let shown: String = last.chars().filter(|c| !hidden(c)).collect();
    let shown = shown.trim();
    if shown.is_empty() {
        return "document".to_owned();
    }
    // What a name loses is at its start: its end tells what kind of file it is.
    let skipped = shown.chars().count().saturating_sub(NAME_AT_MOST);
    shown.chars().skip(skipped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_only_a_name() {
        assert_eq!(clean_name("../../etc/passwd"), "passwd");
        assert_eq!(clean_name("C:\\Users\\Léa\\acte de naissance.pdf"), "acte de naissance.pdf");
        assert_eq!(clean_name("a\r\nSet-Cookie: b.pdf"), "aSet-Cookie: b.pdf");
        assert_eq!(clean_name("facture\u{202e}fdp.exe"), "facturefdp.exe");
        assert_eq!(clean_name(" / "), "document");
        assert!(clean_name(&format!("{}.pdf", "é".repeat(500))).ends_with("é.pdf"));
    }

    #[test]
    fn a_refusal_says_what_can_be_done() {
        assert_eq!(
            UploadError::TooLarge(10_000_000).message(Lang::Fr),
            "Ce fichier est trop lourd\u{a0}: 10\u{a0}Mo au plus. Réduisez-le ou envoyez-en une photo moins détaillée."
        );
        assert_eq!(
            UploadError::Forbidden(vec![MediaType::Pdf, MediaType::Jpeg]).message(Lang::En),
            "This type of file is not accepted. You can send: PDF, JPEG."
        );
    }
}

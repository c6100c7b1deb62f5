//! Where contents lie in a commune's folder: `documents/incoming` while they arrive, `documents/kept`
//! under their hash (two levels of folders), `documents/quarantine` when a virus was found.

use std::{path::PathBuf, sync::Arc};

use beffroi_store::{Commune, StoreError};
use object_store::{ObjectStoreExt, local::LocalFileSystem, path::Path};

/// The contents of one commune.
#[derive(Clone, Debug)]
pub(crate) struct Blobs {
    pub(crate) files: Arc<LocalFileSystem>,
}

impl Blobs {
    /// Makes the folder where it is missing. Blocks for a moment.
    pub(crate) fn of(commune: &Commune) -> Result<Self, StoreError> {
        let folder = commune.folder().join("documents");
        std::fs::create_dir_all(&folder).map_err(StoreError::io("make the folder of documents"))?;
        let files =
            LocalFileSystem::new_with_prefix(&folder).map_err(refused("open the folder of documents"))?;
        // An answer of success comes after the bytes are on the disk, as for the database.
        Ok(Self { files: Arc::new(files.with_fsync(true)) })
    }

    /// Where the content with that hash lies on the disk.
    pub(crate) fn file(&self, sha256: &str) -> Result<PathBuf, StoreError> {
        self.files.path_to_filesystem(&kept(sha256)).map_err(refused("find a content"))
    }

    /// Moves a content out of everybody's reach. Once moved, moving again changes nothing.
    pub(crate) fn quarantine(&self, sha256: &str) -> Result<(), StoreError> {
        let from = self.file(sha256)?;
        let to = self
            .files
            .path_to_filesystem(&Path::from(format!("quarantine/{sha256}")))
            .map_err(refused("find the quarantine"))?;
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder).map_err(StoreError::io("make the quarantine"))?;
        }
        match std::fs::rename(from, to) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::io("quarantine a content")(error))
            }
            _ => Ok(()),
        }
    }

    /// Gives what arrived under `incoming` its lasting place.
    pub(crate) async fn keep(&self, incoming: &Path, sha256: &str) -> Result<(), object_store::Error> {
        self.files.rename(incoming, &kept(sha256)).await
    }
}

/// Where the content with that hash is kept.
pub(crate) fn kept(sha256: &str) -> Path {
    let (first, rest) = sha256.split_at_checked(2).unwrap_or((sha256, ""));
    let second = rest.get(..2).unwrap_or_default();
    Path::from(format!("kept/{first}/{second}/{sha256}"))
}

/// Wraps a refusal of the folder with what was being done.
pub(crate) fn refused(what: &'static str) -> impl FnOnce(object_store::Error) -> StoreError {
    move |error| StoreError::io(what)(std::io::Error::other(error))
}

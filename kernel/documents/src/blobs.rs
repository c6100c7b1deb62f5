//! Where contents lie in a commune's folder: `documents/incoming` while they arrive, `documents/kept`
//! under their hash (two levels of folders), `documents/quarantine` when a virus was found, `documents/forgotten`
//! for the moment in which they are removed.

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

    /// Puts a content out of the way, readable or in quarantine; nothing where its file is not older than that.
    pub(crate) fn part_with(
        &self,
        sha256: &str,
        before: std::time::SystemTime,
    ) -> Result<Option<Parted>, StoreError> {
        let mut parted = Parted(Vec::new());
        let places = self.places(sha256)?;
        let outcome = std::fs::create_dir_all(self.away()?).and_then(|()| {
            for (from, to) in places {
                // Most are young, or not there, and lie still.
                let is_young = |file: &std::path::Path| -> std::io::Result<bool> {
                    Ok(std::fs::metadata(file)?.modified()? >= before)
                };
                match is_young(&from) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                    Ok(false) => {}
                    young => {
                        parted.put_back()?;
                        return young.map(|_| false);
                    }
                }
                match std::fs::rename(&from, &to) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    other => {
                        other?;
                        // It may have come again since.
                        let young = is_young(&to)?;
                        parted.0.push((from, to));
                        if young {
                            parted.put_back()?;
                            return Ok(false);
                        }
                    }
                }
            }
            Ok(true)
        });
        outcome.map(|old| old.then_some(parted)).map_err(StoreError::io("put a content out of the way"))
    }

    /// What a crash has left out of the way, by content.
    pub(crate) fn parted(&self) -> Result<Vec<(String, Parted)>, StoreError> {
        let entries = match std::fs::read_dir(self.away()?) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StoreError::io("list what is out of the way")(error)),
        };
        let mut left = Vec::new();
        for entry in entries {
            let name = entry.map_err(StoreError::io("list what is out of the way"))?.file_name();
            let Some((sha256, _)) = name.to_str().and_then(|name| name.split_once('-')) else { continue };
            let places = self.places(sha256)?;
            let found = places.into_iter().filter(|(_, now)| now.file_name() == Some(name.as_os_str()));
            left.push((sha256.to_owned(), Parted(found.collect())));
        }
        Ok(left)
    }

    /// Where the files of a content lie, and where they lie once they are out of the way.
    fn places(&self, sha256: &str) -> Result<Vec<(PathBuf, PathBuf)>, StoreError> {
        let away = self.away()?;
        [kept(sha256), Path::from(format!("quarantine/{sha256}"))]
            .into_iter()
            .zip(["kept", "quarantine"])
            .map(|(place, name)| {
                let from = self.files.path_to_filesystem(&place).map_err(refused("find a content"))?;
                Ok((from, away.join(format!("{sha256}-{name}"))))
            })
            .collect()
    }

    fn away(&self) -> Result<PathBuf, StoreError> {
        self.files.path_to_filesystem(&Path::from("forgotten")).map_err(refused("find what is forgotten"))
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

/// Files of a content that were put out of the way: each with the place where it lay.
pub(crate) struct Parted(Vec<(PathBuf, PathBuf)>);

impl Parted {
    /// Removes them for good.
    pub(crate) fn remove(&self) -> std::io::Result<()> {
        self.0.iter().try_for_each(|(_, now)| std::fs::remove_file(now))
    }

    /// Puts them back where they lay.
    pub(crate) fn put_back(&self) -> std::io::Result<()> {
        self.0.iter().try_for_each(|(before, now)| std::fs::rename(now, before))
    }
}

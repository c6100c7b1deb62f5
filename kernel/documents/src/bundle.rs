//! Many texts and documents in one file, as a ZIP: what a resident takes along, what the archives take over. Written as a
//! stream; half-written, it has another name and is nobody's.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use beffroi_core::Id;
use beffroi_store::{By, Commune, Result, StoreError};
use uuid::Uuid;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::document::{self, Cleared, Document};

/// Documents looked up at once.
const AT_ONCE: usize = 200;

/// A bundle that is being written.
pub struct Bundle {
    zip: ZipWriter<BufWriter<File>>,
    whole: PathBuf,
    names: HashMap<String, u32>,
}

/// What became of the documents of a bundle: the names of those in it, and of those for which there was no room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Those in it.
    pub taken: Vec<String>,
    /// Those for which there was no room.
    pub omitted: Vec<String>,
}

fn failed(error: zip::result::ZipError) -> StoreError {
    StoreError::io("write a bundle")(io::Error::other(error))
}

fn partial(whole: &Path) -> PathBuf {
    whole.with_extension("partial")
}

impl Bundle {
    /// Begins one, that only the program itself reads, and that will lie here once it is whole.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn create(whole: &Path) -> Result<Self> {
        if let Some(folder) = whole.parent() {
            std::fs::create_dir_all(folder).map_err(StoreError::io("make the folder of bundles"))?;
        }
        let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(partial(whole));
        let file = file.map_err(StoreError::io("make a bundle"))?;
        Ok(Self { zip: ZipWriter::new(BufWriter::new(file)), whole: whole.to_owned(), names: HashMap::new() })
    }

    /// Adds a text.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn text(&mut self, path: &str, text: &[u8]) -> Result<()> {
        let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        self.zip.start_file(path, deflated).map_err(failed)?;
        self.zip.write_all(text).map_err(StoreError::io("write a bundle"))
    }

    /// Adds those of these documents that the virus gate let through, each at its path (two of one path are told apart by
    /// a number), as long as they have no more bytes together. Most are compressed by themselves, so they are kept as
    /// they are.
    ///
    /// # Errors
    /// The disk or the database refuses.
    pub fn documents(
        &mut self,
        commune: &Commune,
        files: &[(String, Uuid)],
        bytes_at_most: i64,
    ) -> Result<Packed> {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut packed = Packed::default();
        let mut bytes = 0;
        for some in files.chunks(AT_ONCE) {
            let ids: Vec<Id<Document>> = some.iter().map(|(_, id)| Id::from_uuid(*id)).collect();
            let cleared = commune.read_blocking(By::SYSTEM, |tx| document::cleared_of(tx, &ids))?;
            let by_id: HashMap<Uuid, &Cleared> =
                cleared.iter().map(|found| (found.document().id.uuid(), found)).collect();
            for (path, id) in some {
                let Some(found) = by_id.get(id) else { continue };
                bytes += found.document().bytes;
                if bytes > bytes_at_most {
                    packed.omitted.push(path.clone());
                    continue;
                }
                let name = alone(&mut self.names, path);
                let mut content = found.open(commune)?;
                self.zip.start_file(&name, stored).map_err(failed)?;
                io::copy(&mut content, &mut self.zip).map_err(StoreError::io("bundle a document"))?;
                packed.taken.push(name);
            }
        }
        Ok(packed)
    }

    /// Ends it, and tells how many bytes it has.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self) -> Result<i64> {
        let writer = self.zip.finish().map_err(failed)?;
        let file =
            writer.into_inner().map_err(|error| StoreError::io("write a bundle")(error.into_error()))?;
        file.sync_all().map_err(StoreError::io("write a bundle"))?;
        std::fs::rename(partial(&self.whole), &self.whole)
            .map_err(StoreError::io("put a bundle in its place"))?;
        let bytes = std::fs::metadata(&self.whole).map_err(StoreError::io("measure a bundle"))?.len();
        Ok(i64::try_from(bytes).unwrap_or(i64::MAX))
    }
}

/// A name that no other file of the bundle has: `piece (2).pdf`.
fn alone(names: &mut HashMap<String, u32>, path: &str) -> String {
    let count = names.entry(path.to_owned()).or_default();
    *count += 1;
    match (*count, path.rsplit_once('.')) {
        (1, _) => path.to_owned(),
        (count, Some((stem, ending))) if !ending.contains('/') => format!("{stem} ({count}).{ending}"),
        (count, _) => format!("{path} ({count})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_of_one_name_are_told_apart() {
        let mut names = HashMap::new();
        assert_eq!(alone(&mut names, "a.b/plan.pdf"), "a.b/plan.pdf");
        assert_eq!(alone(&mut names, "a.b/plan.pdf"), "a.b/plan (2).pdf");
        assert_eq!(alone(&mut names, "a.b/plan"), "a.b/plan");
        assert_eq!(alone(&mut names, "a.b/plan"), "a.b/plan (2)");
    }
}

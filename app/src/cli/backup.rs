//! `beffroi backup` and `beffroi restore`: one commune, or all, while they work.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Seek},
    path::PathBuf,
    process::ExitCode,
};

use beffroi_store::{CommuneSlug, NewCommune, backup};
use clap::Args;
use serde::Serialize;

use super::{Failure, answer, every_slug};
use crate::{config::Config, house};

/// What to back up, and where to.
#[derive(Args, Debug)]
pub struct Backup {
    /// The folder that receives one archive a commune; it must exist.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// One commune; all of them if it is left out.
    #[arg(long)]
    commune: Option<CommuneSlug>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// What to restore, and as what.
#[derive(Args, Debug)]
pub struct Restore {
    /// The archive.
    archive: PathBuf,
    /// The short name of the commune to create.
    #[arg(long = "as")]
    slug: CommuneSlug,
    /// A host name that leads to it; may be given several times.
    #[arg(long = "host")]
    hosts: Vec<String>,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Done {
    commune: String,
    archive: PathBuf,
    rows: u64,
    documents: usize,
}

impl Done {
    fn new(commune: String, archive: PathBuf, manifest: &backup::Manifest) -> Self {
        let rows = manifest.tables.values().map(|table| table.size).sum();
        Self { commune, archive, rows, documents: manifest.documents.len() }
    }
}

/// Writes the archives. Each is complete, or is not there.
pub fn back_up(command: &Backup, config: &Config) -> Result<ExitCode, Failure> {
    let platform = house::open(config)?;
    let slugs = match &command.commune {
        Some(slug) => vec![slug.to_string()],
        None => every_slug(&platform)?,
    };
    let mut done = Vec::with_capacity(slugs.len());
    for slug in slugs {
        let commune = platform.commune(&slug)?;
        let at = commune.now().format("%Y%m%dT%H%M%SZ");
        let archive = command.to.join(format!("{slug}-{at}.tar"));
        let unfinished = archive.with_extension("tar.part");
        let file_error = |error| Failure::File(unfinished.display().to_string(), error);
        let file = File::create_new(&unfinished).map_err(file_error)?;
        let manifest = backup::back_up(&commune, BufWriter::new(file.try_clone().map_err(file_error)?))
            .inspect_err(|_| {
                // What is not complete must not look like a backup.
                let _ = std::fs::remove_file(&unfinished);
            })?;
        file.sync_all().map_err(file_error)?;
        std::fs::rename(&unfinished, &archive).map_err(file_error)?;
        done.push(Done::new(slug, archive, &manifest));
    }
    answer(command.json, &done, || {
        done.iter()
            .map(|one| {
                format!(
                    "{}: {} rows, {} documents, in {}",
                    one.commune,
                    one.rows,
                    one.documents,
                    one.archive.display()
                )
            })
            .collect::<Vec<_>>()
            .join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Creates a commune from an archive, and says yes only once what was read back is what was saved.
pub fn restore(command: &Restore, config: &Config) -> Result<ExitCode, Failure> {
    let file_error = |error| Failure::File(command.archive.display().to_string(), error);
    let mut file = File::open(&command.archive).map_err(file_error)?;
    let name = backup::manifest(BufReader::new(&file))?.name;
    file.rewind().map_err(file_error)?;
    let platform = house::open(config)?;
    let new = NewCommune { slug: command.slug.clone(), name, hosts: command.hosts.clone() };
    let commune = platform.create(&new)?;
    let manifest = match backup::restore(&commune, BufReader::new(file)) {
        Ok(manifest) => manifest,
        Err(error) => {
            drop(commune);
            platform.discard(&new.slug)?;
            return Err(error.into());
        }
    };
    let done = Done::new(command.slug.to_string(), command.archive.clone(), &manifest);
    answer(command.json, &done, || {
        format!(
            "{}: {} rows and {} documents restored, and compared with the backup.",
            done.commune, done.rows, done.documents
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

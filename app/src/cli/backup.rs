//! `beffroi backup` and `beffroi restore`: one commune, or all, while they work.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    io::{BufReader, BufWriter},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use beffroi_store::{
    CommuneSlug, NewCommune, Platform, StoreError,
    backup::{self, Manifest},
};
use clap::Args;
use serde::Serialize;

use super::{Failure, answer, every_slug};
use crate::{config::Config, health, house};

/// Only the owner of an archive reads it.
const PRIVATE: u32 = 0o600;

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
    /// An archive; or a folder of archives, of which each commune's latest is taken.
    from: PathBuf,
    /// The short name of the commune to create, if not the one that was backed up.
    #[arg(long = "as", value_name = "SLUG")]
    slug: Option<CommuneSlug>,
    /// A host name that leads to it, instead of those that did; may be given several times.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Lead no host name to it.
    #[arg(long, conflicts_with = "hosts")]
    no_host: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Done {
    commune: String,
    hosts: Vec<String>,
    archive: PathBuf,
    rows: u64,
    documents: usize,
}

impl Done {
    fn new(commune: String, hosts: Vec<String>, archive: PathBuf, manifest: &Manifest) -> Self {
        let rows = manifest.tables.values().map(|table| table.size).sum();
        Self { commune, hosts, archive, rows, documents: manifest.documents.len() }
    }

    fn restored(&self) -> String {
        let led = match self.hosts.as_slice() {
            [] => format!("no host name leads to it: beffroi commune add-host {} NAME", self.commune),
            hosts => format!("at {}", hosts.join(", ")),
        };
        format!(
            "{}: {} rows and {} documents restored, and compared with the backup; {led}",
            self.commune, self.rows, self.documents
        )
    }
}

/// An archive that was not restored, and why.
#[derive(Serialize)]
struct Refused {
    archive: PathBuf,
    error: String,
}

/// What became of a folder of archives.
#[derive(Serialize)]
struct Outcome {
    restored: Vec<Done>,
    refused: Vec<Refused>,
}

/// What became of one commune's backup.
#[derive(Serialize)]
#[serde(untagged)]
enum Saved {
    Done(Done),
    Failed { commune: String, error: String },
}

impl Saved {
    fn told(&self) -> String {
        match self {
            Self::Done(one) => format!(
                "{}: {} rows, {} documents, in {}",
                one.commune,
                one.rows,
                one.documents,
                one.archive.display()
            ),
            Self::Failed { commune, error } => format!("not saved: {commune}: {error}"),
        }
    }
}

/// Writes the archives. Each is complete, or is not there; one that fails holds up no other.
pub fn back_up(command: &Backup, config: &Config) -> Result<ExitCode, Failure> {
    let platform = house::open(config)?;
    let saved: Vec<_> = match &command.commune {
        Some(slug) => vec![Saved::Done(back_up_one(&platform, slug.as_str(), &command.to)?)],
        None => every_slug(&platform)?
            .into_iter()
            .map(|commune| match back_up_one(&platform, &commune, &command.to) {
                Ok(done) => Saved::Done(done),
                Err(error) => Saved::Failed { commune, error: error.to_string() },
            })
            .collect(),
    };
    answer(command.json, &saved, || saved.iter().map(Saved::told).collect::<Vec<_>>().join("\n"))?;
    let failed = saved.iter().any(|one| matches!(one, Saved::Failed { .. }));
    Ok(ExitCode::from(u8::from(failed)))
}

/// Writes one archive, which only its owner can read: it holds everything.
fn back_up_one(platform: &Platform, slug: &str, to: &Path) -> Result<Done, Failure> {
    let at = platform.clock().now().format("%Y%m%dT%H%M%SZ");
    let archive = to.join(format!("{slug}-{at}.tar"));
    let unfinished = archive.with_extension("tar.part");
    let file_error = |error| Failure::File(unfinished.display().to_string(), error);
    let file =
        File::options().write(true).create_new(true).mode(PRIVATE).open(&unfinished).map_err(file_error)?;
    let written = (|| {
        let out = BufWriter::new(file.try_clone().map_err(file_error)?);
        let manifest = backup::back_up(platform, slug, out)?;
        file.sync_all().map_err(file_error)?;
        std::fs::rename(&unfinished, &archive).map_err(file_error)?;
        Ok(manifest)
    })();
    let manifest = written.inspect_err(|_: &Failure| {
        // What is not complete must not look like a backup.
        let _ = std::fs::remove_file(&unfinished);
    })?;
    match platform.commune(slug) {
        Ok(commune) => health::note_backup(&commune, platform.clock().now()),
        Err(error) => tracing::warn!(commune = slug, %error, "the backup is not noted"),
    }
    Ok(Done::new(slug.to_owned(), manifest.hosts.clone(), archive, &manifest))
}

/// Creates communes from their archives, and says yes only once what was read back is what was saved.
pub fn restore(command: &Restore, config: &Config) -> Result<ExitCode, Failure> {
    let platform = house::open(config)?;
    if !command.from.is_dir() {
        let manifest = manifest_of(&command.from)?;
        let hosts = match command.hosts.as_slice() {
            _ if command.no_host => Vec::new(),
            [] => manifest.hosts.clone(),
            hosts => hosts.to_vec(),
        };
        let slug = match &command.slug {
            Some(slug) => slug.clone(),
            None => manifest.commune.parse()?,
        };
        let done = restore_one(&platform, &config.data, &command.from, &manifest, slug, hosts)?;
        answer(command.json, &done, || done.restored())?;
        return Ok(ExitCode::SUCCESS);
    }
    if command.slug.is_some() || !command.hosts.is_empty() {
        return Err(Failure::Given("--as and --host go with one archive, not with a folder".to_owned()));
    }
    let mut refused = Vec::new();
    let latest = latest_of(&command.from, &mut refused)?;
    let mut restored = Vec::with_capacity(latest.len());
    for (archive, manifest) in latest {
        let hosts = if command.no_host { Vec::new() } else { manifest.hosts.clone() };
        let slug = manifest.commune.parse().map_err(Failure::from);
        match slug.and_then(|slug| restore_one(&platform, &config.data, &archive, &manifest, slug, hosts)) {
            Ok(done) => restored.push(done),
            Err(error) => refused.push(Refused { archive, error: error.to_string() }),
        }
    }
    let outcome = Outcome { restored, refused };
    answer(command.json, &outcome, || {
        let done = outcome.restored.iter().map(Done::restored);
        let refused = outcome.refused.iter();
        let refused = refused.map(|it| format!("not restored: {}: {}", it.archive.display(), it.error));
        done.chain(refused).collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::from(u8::from(!outcome.refused.is_empty())))
}

/// The latest archive of each commune in a folder. The files that are no archives although they are named
/// like one are added to those that were refused.
fn latest_of(folder: &Path, refused: &mut Vec<Refused>) -> Result<Vec<(PathBuf, Manifest)>, Failure> {
    let file_error = |error| Failure::File(folder.display().to_string(), error);
    let mut latest: BTreeMap<String, (PathBuf, Manifest)> = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(file_error)? {
        let archive = entry.map_err(file_error)?.path();
        if archive.extension().is_none_or(|it| it != "tar") {
            continue;
        }
        match manifest_of(&archive) {
            Ok(manifest) => {
                let known = latest.get(&manifest.commune);
                if known.is_none_or(|(_, known)| known.at < manifest.at) {
                    latest.insert(manifest.commune.clone(), (archive, manifest));
                }
            }
            Err(error) => refused.push(Refused { archive, error: error.to_string() }),
        }
    }
    if latest.is_empty() && refused.is_empty() {
        return Err(Failure::Given(format!("{}: there is no archive in it", folder.display())));
    }
    refused.sort_by(|a, b| a.archive.cmp(&b.archive));
    Ok(latest.into_values().collect())
}

fn manifest_of(archive: &Path) -> Result<Manifest, Failure> {
    let file = File::open(archive).map_err(|error| Failure::File(archive.display().to_string(), error))?;
    Ok(backup::manifest(BufReader::new(file))?)
}

/// One commune. Its host names lead to it last, so that nobody meets it half restored; what was made is
/// gone again where anything fails.
fn restore_one(
    platform: &Platform,
    data: &Path,
    archive: &Path,
    manifest: &Manifest,
    slug: CommuneSlug,
    hosts: Vec<String>,
) -> Result<Done, Failure> {
    let file = File::open(archive).map_err(|error| Failure::File(archive.display().to_string(), error))?;
    let mark = Mark::begin(platform, data, &slug)?;
    let new = NewCommune { slug, name: manifest.name.clone(), hosts: Vec::new() };
    let commune = platform.create(&new)?;
    let filled = check_free(platform, &hosts)
        .and_then(|()| Ok(backup::restore(&commune, BufReader::new(file)).map(drop)?));
    drop(commune);
    // From here on it is whole, and once a name leads there people's work is in it.
    let restored = filled.and_then(|()| mark.end()).and_then(|()| Ok(platform.add_hosts(&new.slug, &hosts)?));
    if let Err(error) = restored {
        platform.discard(&new.slug)?;
        mark.end()?;
        return Err(error);
    }
    Ok(Done::new(new.slug.to_string(), hosts, archive.to_owned(), manifest))
}

/// The mark of a commune that is being restored: a file beside its folder, locked while the program lives.
struct Mark {
    path: PathBuf,
    _locked: File,
}

impl Mark {
    /// Sets the mark. What a restore that was cut off has left is thrown away.
    ///
    /// Errors: there is such a commune, and it is whole; or it is being restored.
    fn begin(platform: &Platform, data: &Path, slug: &CommuneSlug) -> Result<Self, Failure> {
        let folder = data.join("communes");
        let path = folder.join(format!("{slug}.restoring"));
        let failed = |error| Failure::File(path.display().to_string(), error);
        let registered = platform.exists(slug)?;
        // Names lead only to what is whole.
        let half = path.try_exists().map_err(failed)? && platform.hosts(slug.as_str())?.is_empty();
        if registered && !half {
            return Err(StoreError::AlreadyExists(slug.to_string()).into());
        }
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(PRIVATE)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            // Whoever held it may have ended, and taken the mark away, in the meantime.
            Ok(()) if path.try_exists().map_err(failed)? => {}
            Ok(()) | Err(TryLockError::WouldBlock) => {
                return Err(Failure::Given(format!("{slug} is being restored")));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        // It outlives a power cut as the commune does.
        File::open(&folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
        if registered {
            platform.discard(slug)?;
        }
        Ok(Self { path, _locked: file })
    }

    /// Takes the mark away, if it is there.
    fn end(&self) -> Result<(), Failure> {
        match std::fs::remove_file(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Failure::File(self.path.display().to_string(), error))
            }
            _ => Ok(()),
        }
    }
}

fn check_free(platform: &Platform, hosts: &[String]) -> Result<(), Failure> {
    for host in hosts {
        if let Some(commune) = platform.leads_to(host)? {
            return Err(Failure::Given(format!(
                "{host} already leads to the commune {commune}: choose with --host NAME or --no-host"
            )));
        }
    }
    Ok(())
}

//! `beffroi template`: check, export and publish templates of documents as files.

use std::{path::PathBuf, process::ExitCode};

use beffroi_desk::document_templates::{self, TemplateError};
use beffroi_store::{By, Commune};
use beffroi_typeset::{Complaint, TypesetError};
use clap::Subcommand;

use super::{Failure, answer, which::Which};
use crate::{config::Config, house::Parts};

/// What can be done with templates of documents.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether templates make a document, tried on an example. The exit code is 1 where one makes none.
    Check {
        /// The files, in Typst; each is named after its template.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a commune's own templates into a folder, one file each.
    Export {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Offer the templates of these files, each as the next version of the template that bears its name; all of them are
    /// taken, or none.
    Publish {
        /// The files, in Typst; each is named after its template.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A template as its file says it.
struct Read {
    file: String,
    slug: String,
    source: String,
}

#[derive(serde::Serialize)]
struct Checked {
    file: String,
    complaints: Vec<Told>,
}

#[derive(serde::Serialize)]
struct Told {
    /// The line of the file, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    message: String,
}

/// Does what `beffroi template` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Check { files, which, json } => {
            let files = read(&files)?;
            let commune = which.open(config)?;
            let checked = check(&files, &commune, config)?;
            let faulty = checked.iter().any(|checked| !checked.complaints.is_empty());
            answer(json, &checked, || words(&checked))?;
            Ok(if faulty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
        }
        Command::Export { folder, which, json } => export(&folder, &which, json, config),
        Command::Publish { files, which, json } => publish(read(&files)?, &which, json, config),
    }
}

fn read(files: &[PathBuf]) -> Result<Vec<Read>, Failure> {
    let mut found = Vec::new();
    for path in files {
        let file = path.display().to_string();
        let source = std::fs::read_to_string(path).map_err(|error| Failure::File(file.clone(), error))?;
        let slug = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        found.push(Read { file, slug, source });
    }
    Ok(found)
}

fn check(files: &[Read], commune: &Commune, config: &Config) -> Result<Vec<Checked>, Failure> {
    let pool = Parts::new(config, false)?.typeset;
    let mut checked = Vec::new();
    for Read { file, slug, source } in files {
        let error = document_templates::tried(commune, &pool, slug, source)?;
        checked.push(Checked {
            file: file.clone(),
            complaints: error.as_ref().map(complaints).unwrap_or_default(),
        });
    }
    Ok(checked)
}

fn complaints(error: &TypesetError) -> Vec<Told> {
    let told = Complaint::of(error).into_iter();
    let told: Vec<_> = told.map(|Complaint { line, words }| Told { line, message: words }).collect();
    if told.is_empty() { vec![Told { line: None, message: error.to_string() }] } else { told }
}

fn words(checked: &[Checked]) -> String {
    let mut lines = Vec::new();
    for Checked { file, complaints } in checked {
        if complaints.is_empty() {
            lines.push(format!("{file}: it makes a document."));
        }
        for Told { line, message } in complaints {
            let line = line.map(|line| format!("{line}:")).unwrap_or_default();
            lines.push(format!("{file}:{line} {message}"));
        }
    }
    lines.join("\n")
}

fn export(folder: &PathBuf, which: &Which, json: bool, config: &Config) -> Result<ExitCode, Failure> {
    let commune = which.open(config)?;
    let templates = commune.read_blocking(By::SYSTEM, document_templates::current)?;
    let failed = |error| Failure::File(folder.display().to_string(), error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut written = Vec::new();
    for (slug, source) in templates {
        let file = folder.join(format!("{slug}.typ"));
        std::fs::write(&file, source).map_err(failed)?;
        written.push(file.display().to_string());
    }
    answer(json, &written, || written.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn publish(files: Vec<Read>, which: &Which, json: bool, config: &Config) -> Result<ExitCode, Failure> {
    let commune = which.open(config)?;
    let checked = check(&files, &commune, config)?;
    if checked.iter().any(|checked| !checked.complaints.is_empty()) {
        return Err(Failure::Given(words(&checked)));
    }
    let slugs: Vec<String> = files.iter().map(|read| read.slug.clone()).collect();
    let published = commune.write_blocking(By::SYSTEM, move |tx| {
        for Read { file, slug, source } in &files {
            document_templates::publish(tx, slug, source).map_err(|error| match error {
                TemplateError::Store(error) => Failure::Store(error),
                error => Failure::Given(format!("{file}: {error}")),
            })?;
        }
        Ok::<_, Failure>(())
    });
    published?;
    answer(json, &slugs, || slugs.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

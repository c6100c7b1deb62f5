//! `beffroi procedure`: check, export and import procedures as files.

use std::{path::PathBuf, process::ExitCode};

use beffroi_core::Lang;
use beffroi_desk::procedure::{self, PublishError};
use beffroi_forms::{CompiledForm, Procedure, line_of};
use beffroi_store::By;
use clap::Subcommand;

use super::{Failure, answer, moving_in, which::Which};
use crate::config::Config;

/// What can be done with procedures.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what a procedure lacks before it may be published. The exit code is 1 where something is lacking.
    Check {
        /// The files, in TOML.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Print the JSON Schema of a procedure's answers, as the API takes them.
    Schema {
        /// The file, in TOML.
        file: PathBuf,
        /// The language of its texts: `fr` or `en`.
        #[arg(long, default_value = "fr", value_parser = language)]
        lang: Lang,
    },
    /// Write the procedures that a commune offers into a folder, one file each.
    Export {
        /// The folder.
        folder: PathBuf,
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Offer the procedures of these files; all of them are taken, or none. Forms of Publik (.wcs) are turned into files
    /// to be completed, with a report of what was taken over; the exit code is 1 where one could not be.
    Import {
        /// The files, in TOML; or Publik's forms, blocks and workflows.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The folder that receives what Publik's forms become.
        #[arg(long, value_name = "FOLDER")]
        output: Option<PathBuf>,
        #[command(flatten)]
        which: Which,
        /// Answer in JSON; of Publik's files, one line each.
        #[arg(long)]
        json: bool,
    },
}

#[derive(serde::Serialize)]
struct Checked {
    file: String,
    findings: Vec<Found>,
}

#[derive(serde::Serialize)]
struct Found {
    /// The line of the file, from 1, where it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    at: String,
    message: String,
}

/// Does what `beffroi procedure` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Check { files, json } => check(&files, json),
        Command::Schema { file, lang } => schema(&file, lang),
        Command::Export { folder, which, json } => export(&folder, &which, json, config),
        Command::Import { files, output, which, json } => {
            match files.iter().filter(|file| moving_in::is_ours(file)).count() {
                0 if output.is_some() => {
                    Err(Failure::Given("--output goes with forms of Publik (.wcs)".to_owned()))
                }
                0 => import(&files, &which, json, config),
                all if all == files.len() => moving_in::run(&files, output.as_deref(), json),
                _ => Err(Failure::Given("give forms of Publik and procedures in TOML apart".to_owned())),
            }
        }
    }
}

fn read(file: &PathBuf) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::File(file.display().to_string(), error))
}

fn findings(text: &str) -> Vec<Found> {
    match Procedure::from_toml(text) {
        Ok(procedure) => procedure
            .check()
            .into_iter()
            .map(|found| Found { line: line_of(text, &found.at), at: found.at, message: found.message })
            .collect(),
        // The TOML reader shows the line by itself, too.
        Err(error) => {
            vec![Found { line: error.line(text), at: String::new(), message: error.to_string() }]
        }
    }
}

fn check(files: &[PathBuf], json: bool) -> Result<ExitCode, Failure> {
    let mut checked = Vec::new();
    for file in files {
        checked.push(Checked { file: file.display().to_string(), findings: findings(&read(file)?) });
    }
    let faulty = checked.iter().any(|checked| !checked.findings.is_empty());
    answer(json, &checked, || words(&checked))?;
    Ok(if faulty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn words(checked: &[Checked]) -> String {
    let mut lines = Vec::new();
    for Checked { file, findings } in checked {
        if findings.is_empty() {
            lines.push(format!("{file}: nothing is lacking."));
        }
        for Found { line, at, message } in findings {
            let line = line.map(|line| format!("{line}:")).unwrap_or_default();
            let at = if at.is_empty() { String::new() } else { format!("{at}: ") };
            lines.push(format!("{file}:{line} {at}{message}"));
        }
    }
    lines.join("\n")
}

/// A schema is JSON, whoever reads it.
fn schema(file: &PathBuf, lang: Lang) -> Result<ExitCode, Failure> {
    let given = |error: String| Failure::Given(format!("{}: {error}", file.display()));
    let procedure = Procedure::from_toml(&read(file)?).map_err(|error| given(error.to_string()))?;
    let form = CompiledForm::compile(procedure).map_err(|problems| {
        let told: Vec<_> = problems.iter().map(|it| format!("{}: {}", it.at, it.message)).collect();
        given(told.join("\n"))
    })?;
    println!("{}", serde_json::to_string_pretty(&form.json_schema(lang))?);
    Ok(ExitCode::SUCCESS)
}

fn language(tag: &str) -> Result<Lang, String> {
    Lang::from_tag(tag).ok_or_else(|| "expected fr or en".to_owned())
}

fn export(folder: &PathBuf, which: &Which, json: bool, config: &Config) -> Result<ExitCode, Failure> {
    let commune = which.open(config)?;
    let definitions = commune.read_blocking(By::SYSTEM, procedure::current)?;
    let failed = |error| Failure::File(folder.display().to_string(), error);
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut written = Vec::new();
    for definition in definitions {
        let procedure =
            Procedure::from_toml(&definition).map_err(|error| Failure::Given(error.to_string()))?;
        let file = folder.join(format!("{}.toml", procedure.slug));
        std::fs::write(&file, definition).map_err(failed)?;
        written.push(file.display().to_string());
    }
    answer(json, &written, || written.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn import(files: &[PathBuf], which: &Which, json: bool, config: &Config) -> Result<ExitCode, Failure> {
    let mut procedures = Vec::new();
    for file in files {
        let procedure = Procedure::from_toml(&read(file)?)
            .map_err(|error| Failure::Given(format!("{}: {error}", file.display())))?;
        procedures.push((file.display().to_string(), procedure));
    }
    let commune = which.open(config)?;
    let slugs: Vec<String> = procedures.iter().map(|(_, procedure)| procedure.slug.clone()).collect();
    let published = commune.write_blocking(By::SYSTEM, move |tx| {
        for (file, procedure) in &procedures {
            procedure::publish(tx, procedure).map_err(|error| match error {
                PublishError::Store(error) => Failure::Store(error),
                error => Failure::Given(format!("{file}: {error}")),
            })?;
        }
        Ok::<_, Failure>(())
    });
    published?;
    answer(json, &slugs, || slugs.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

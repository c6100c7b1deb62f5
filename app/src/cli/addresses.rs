//! `beffroi addresses`: bring in a commune's addresses from its Base Adresse Locale.

use std::{path::PathBuf, process::ExitCode};

use beffroi_places::ImportError;
use beffroi_store::By;
use clap::Subcommand;

use super::{Failure, answer, which::Which};
use crate::config::Config;

/// What can be done with addresses.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replace a commune's addresses by those of a BAL file. All of it is taken, or nothing.
    Import {
        /// The file, in CSV (BAL 1.1 to 1.5).
        file: PathBuf,
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does what `beffroi addresses` was asked. Every faulty line is told, with its number.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let Command::Import { file, which, json } = command;
    let bytes = std::fs::read(&file).map_err(|error| Failure::File(file.display().to_string(), error))?;
    let commune = which.open(config)?;
    let imported = commune.write_blocking(By::SYSTEM, move |tx| beffroi_places::import(tx, &bytes));
    if let Err(ImportError::Lines(lines)) = &imported {
        for line in lines {
            eprintln!("{}:{}: {}", file.display(), line.line, line.message);
        }
    }
    let imported = imported?;
    answer(json, &imported, || {
        format!("{} streets and {} addresses.", imported.streets, imported.addresses)
    })?;
    Ok(ExitCode::SUCCESS)
}

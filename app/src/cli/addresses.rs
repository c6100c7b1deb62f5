//! `beffroi addresses`: bring in a commune's addresses from its Base Adresse Locale.

use std::{path::PathBuf, process::ExitCode};

use beffroi_places::ImportError;
use beffroi_store::{By, CommuneSlug};
use clap::Subcommand;

use super::{Failure, answer};
use crate::{config::Config, house};

/// What can be done with addresses.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Replace a commune's addresses by those of a BAL file. All of it is taken, or nothing.
    Import {
        /// The file, in CSV (BAL 1.1 to 1.5).
        file: PathBuf,
        /// The commune.
        #[arg(long)]
        commune: CommuneSlug,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does what `beffroi addresses` was asked. Every faulty line is told, with its number.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let Command::Import { file, commune, json } = command;
    let bytes = std::fs::read(&file).map_err(|error| Failure::File(file.display().to_string(), error))?;
    let platform = house::open(config)?;
    let commune = platform.commune(commune.as_str())?;
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

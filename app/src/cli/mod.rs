//! The command line: one file a noun, the same shape in each.

mod addresses;
mod backup;
mod commune;
mod journal;
mod legal_clock;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::house::HouseOptions;

/// The digital town hall of a French commune in one program.
#[derive(Debug, Parser)]
#[command(name = "beffroi", version, about, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    house: HouseOptions,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create and list communes.
    #[command(subcommand)]
    Commune(commune::Command),
    /// Bring in a commune's addresses.
    #[command(subcommand)]
    Addresses(addresses::Command),
    /// Back up one commune, or all, while they work.
    Backup(backup::Backup),
    /// Fill a new commune from a backup, and compare before saying yes.
    Restore(backup::Restore),
    /// Check a commune's journal.
    #[command(subcommand)]
    Journal(journal::Command),
    /// Tell the legal dates of a request, step by step.
    LegalClock(legal_clock::LegalClock),
}

/// Why a command did not do what it was asked. The text is for whoever typed it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] beffroi_store::StoreError),
    /// No dates can be told.
    #[error(transparent)]
    LegalClock(#[from] beffroi_core::legal_clock::ClockError),
    /// An address file is faulty.
    #[error(transparent)]
    Addresses(#[from] beffroi_places::ImportError),
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// An answer could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Does what the arguments say.
pub fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let house = arguments.house;
    match arguments.command {
        Command::Commune(command) => commune::run(command, house),
        Command::Addresses(command) => addresses::run(command, house),
        Command::Backup(command) => backup::back_up(&command, house),
        Command::Restore(command) => backup::restore(&command, house),
        Command::Journal(command) => journal::run(command, house),
        Command::LegalClock(command) => legal_clock::run(&command),
    }
}

/// Prints an answer: JSON where a program reads it, words where a person does.
fn answer(json: bool, value: &impl serde::Serialize, words: impl FnOnce() -> String) -> Result<(), Failure> {
    if json {
        println!("{}", serde_json::to_string(value)?);
    } else {
        println!("{}", words());
    }
    Ok(())
}

/// Every short name of the registry, a page at a time.
fn every_slug(platform: &beffroi_store::Platform) -> beffroi_store::Result<Vec<String>> {
    let mut slugs: Vec<String> = Vec::new();
    loop {
        let page = platform.slugs(slugs.last().map_or("", String::as_str), 1_000)?;
        if page.is_empty() {
            return Ok(slugs);
        }
        slugs.extend(page);
    }
}

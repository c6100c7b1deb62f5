//! `beffroi journal`: read a commune's whole chain and recompute every seal.

use std::process::ExitCode;

use beffroi_store::{By, journal};
use clap::Subcommand;

use super::{Failure, answer, which::Which};
use crate::config::Config;

/// What can be done with a journal.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Verify the chain. The exit code is 1 where it is broken.
    Verify {
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does what `beffroi journal` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let Command::Verify { which, json } = command;
    let found = which.open(config)?.read_blocking(By::SYSTEM, journal::verify)?;
    answer(json, &found, || match &found.broken {
        None => format!("The journal holds: {} entries, {} of them erased.", found.entries, found.erased),
        Some((seq, reason)) => format!("The journal is broken at entry {}: {reason}.", seq.0),
    })?;
    Ok(ExitCode::from(u8::from(found.broken.is_some())))
}

//! `beffroi figures`: count what happened in a commune anew, from its cases.

use std::process::ExitCode;

use beffroi_cases::tally;
use beffroi_store::By;
use clap::Subcommand;
use serde::Serialize;

use super::{Failure, answer, which::Which};
use crate::config::Config;

/// What can be done with figures.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Count everything anew. The house may go on serving; done twice, it gives the same.
    Recount {
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
struct Recounted {
    counts: u64,
}

/// Does what `beffroi figures` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let Command::Recount { which, json } = command;
    let counts = which.open(config)?.write_blocking(By::SYSTEM, tally::recount)?;
    answer(json, &Recounted { counts }, || format!("The figures are counted anew: {counts} counts."))?;
    Ok(ExitCode::SUCCESS)
}

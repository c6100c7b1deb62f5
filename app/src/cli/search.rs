//! `beffroi search`: make a commune's search index anew.

use std::process::ExitCode;

use clap::Subcommand;
use serde_json::json;

use super::{Failure, answer, which::Which};
use crate::{
    config::Config,
    house::{self, Parts},
};

/// What can be done with the search.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read every case again and make the index anew.
    Rebuild {
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Does what `beffroi search` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let Command::Rebuild { which, json: in_json } = command;
    let commune = which.open(config)?;
    let cases = house::desk(&Parts::new(config, false)?).rebuild_search(&commune)?;
    answer(in_json, &json!({ "cases": cases }), || format!("{cases} cases can be found."))?;
    Ok(ExitCode::SUCCESS)
}

//! `beffroi doctor`: look at everything that the house needs, and say what to do.

use std::process::ExitCode;

use clap::Args;

use super::{Failure, answer};
use crate::{
    config::Config,
    doctor::{self, Finding, State},
};

/// What to look at.
#[derive(Args, Debug)]
pub struct Doctor {
    /// Recompute every seal of every journal too: it takes a while.
    #[arg(long)]
    deep: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Looks at everything. The exit code is 1 where something is wrong; a warning is not.
pub fn run(command: &Doctor, config: &Config) -> Result<ExitCode, Failure> {
    let findings = doctor::examine(config, command.deep);
    answer(command.json, &findings, || findings.iter().map(line).collect::<Vec<_>>().join("\n"))?;
    let wrong = findings.iter().any(|finding| finding.state == State::Wrong);
    Ok(ExitCode::from(u8::from(wrong)))
}

fn line(finding: &Finding) -> String {
    let mark = match finding.state {
        State::Good => "good   ",
        State::Warning => "warning",
        State::Wrong => "WRONG  ",
    };
    let remedy = finding.remedy.as_ref().map_or(String::new(), |remedy| format!("\n         -> {remedy}"));
    format!("{mark}  {}: {}{remedy}", finding.check, finding.found)
}

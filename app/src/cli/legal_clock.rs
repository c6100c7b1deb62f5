//! `beffroi legal-clock`: the dates of a request and the reasons for each (CRPA, art. L112-11, L114-5, L231-1).

use std::process::ExitCode;

use beffroi_core::{
    Clock, Day, Lang, SystemClock,
    calendar::{DEFAULT_ZONE, Holidays, civil_day},
    legal_clock::{self, Incomplete, Regime, Silence, Term},
};
use clap::Args;

use super::{Failure, answer};

/// A request, as far as its dates depend on it.
#[derive(Args, Debug)]
pub struct LegalClock {
    /// What silence means: `grants`, `refuses` or `none`.
    #[arg(long)]
    silence: Silence,
    /// After how long silence means it: `2m`, `30d`, `8w`.
    #[arg(long)]
    term: Option<Term>,
    /// The day of receipt, as `2026-05-15`.
    #[arg(long)]
    received: Day,
    /// A request for missing documents, `ASKED..ARRIVED[/DEADLINE]`; ARRIVED may be empty. May be repeated.
    #[arg(long)]
    incomplete: Vec<Incomplete>,
    /// The present day, for documents that are still missing; the commune's own if left out.
    #[arg(long)]
    today: Option<Day>,
    /// Keep the holidays of Alsace and Moselle too.
    #[arg(long)]
    alsace_moselle: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the dates.
pub fn run(command: &LegalClock) -> Result<ExitCode, Failure> {
    let regime = Regime { silence: command.silence, term: command.term };
    let today = command.today.unwrap_or_else(|| civil_day(SystemClock.now(), DEFAULT_ZONE));
    let holidays = if command.alsace_moselle { Holidays::AlsaceMoselle } else { Holidays::Metropole };
    let found = legal_clock::compute(regime, command.received, &command.incomplete, today, holidays)?;
    answer(command.json, &found, || {
        let lines = found.steps.iter().map(|step| format!("{}  {}", step.day, step.sentence(Lang::Fr)));
        lines.collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

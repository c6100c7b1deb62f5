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
    /// Which public holidays are kept: `metropole`, `alsace-moselle`, `guadeloupe`, `martinique`, `guyane`,
    /// `reunion`, `mayotte`, `saint-barthelemy` or `saint-martin`.
    #[arg(long, value_name = "PLACE", default_value = "metropole", value_parser = holidays)]
    holidays: Holidays,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

fn holidays(word: &str) -> Result<Holidays, String> {
    let words: Vec<_> = Holidays::ALL.iter().map(|it| it.as_str()).collect();
    Holidays::from_word(word).ok_or_else(|| format!("expected one of {}", words.join(", ")))
}

/// Prints the dates.
pub fn run(command: &LegalClock) -> Result<ExitCode, Failure> {
    let regime = Regime { silence: command.silence, term: command.term };
    let today = command.today.unwrap_or_else(|| civil_day(SystemClock.now(), DEFAULT_ZONE));
    let found = legal_clock::compute(regime, command.received, &command.incomplete, today, command.holidays)?;
    answer(command.json, &found, || {
        let lines = found.steps.iter().map(|step| format!("{}  {}", step.day, step.sentence(Lang::Fr)));
        lines.collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

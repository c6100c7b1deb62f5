//! What Beffroi can do: each figure is a ratio against a yardstick that runs beside it, on the same machine in
//! the same minutes. Prints a table, and writes the same as JSON.

mod bare;
mod figures;
mod load;
mod report;
mod requests;
mod sample;
mod town;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Parser, Subcommand};

use crate::{report::Report, town::Program};

/// Measures the program against its yardsticks.
#[derive(Parser)]
#[command(subcommand_negates_reqs = true)]
struct Arguments {
    /// The program to measure.
    #[arg(long, value_name = "FILE", required = true)]
    program: Option<PathBuf>,
    /// Where its data lies while it is measured: on a real disk, so that a durable commit costs what it costs.
    #[arg(long, value_name = "DIR", default_value = "var/bench")]
    folder: PathBuf,
    /// The PostgreSQL server on which each figure makes a database of its own; without it, SQLite alone.
    #[arg(long, env = "BEFFROI_TEST_POSTGRES", value_name = "URL")]
    postgres: Option<String>,
    /// Where the figures are written, as JSON.
    #[arg(long, value_name = "FILE", default_value = "bench/report.json")]
    report: PathBuf,
    /// Only the groups with this in their name; may be given several times.
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// How many cases the larger towns of the search hold: fewer for a quick look, the figure is told for a million.
    #[arg(long, value_name = "CASES", default_value_t = 1_000_000)]
    many: u32,
    #[command(subcommand)]
    yardstick: Option<Yardstick>,
}

#[derive(Subcommand)]
enum Yardstick {
    /// Serves the answer in a file, and nothing else.
    #[command(hide = true)]
    Bare { answer: PathBuf },
}

/// What every figure needs.
pub struct Bench {
    /// The program that is measured.
    pub program: Program,
    /// Drives the clients.
    pub runtime: tokio::runtime::Runtime,
    /// How many cases the larger towns of the search hold.
    pub many: u32,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether every target was met.
fn run() -> Result<bool> {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let Some(Yardstick::Bare { answer }) = arguments.yardstick {
        return runtime.block_on(bare::serve(&answer)).map(|()| true);
    }
    let path = arguments.program.context("which program?")?.canonicalize().context("the program")?;
    std::fs::create_dir_all(&arguments.folder)?;
    let folder = arguments.folder.canonicalize()?;
    let bench = Bench {
        program: Program { path, folder, postgres: arguments.postgres },
        runtime,
        many: arguments.many,
    };
    let mut report = Report::default();
    for (name, measure) in figures::ALL {
        if arguments.only.is_empty() || arguments.only.iter().any(|only| name.contains(only.as_str())) {
            eprintln!("measuring: {name}");
            report.add(measure(&bench).with_context(|| format!("measuring {name}"))?);
        }
    }
    println!("{report}");
    std::fs::write(&arguments.report, report.to_json()?)?;
    Ok(report.all_met())
}

//! The binary `beffroi`: reads the command line, opens the house, does one thing, says what came of it.

mod cli;
mod house;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("BEFFROI_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .json()
        .init();
    match cli::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("beffroi: {error}");
            ExitCode::from(2)
        }
    }
}

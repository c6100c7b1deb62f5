//! The binary `beffroi`: reads the command line and the configuration, does one thing, says what came of it.

mod addresses;
mod cli;
mod config;
mod doctor;
mod health;
mod house;
mod server;
mod sweep;

use std::process::ExitCode;

use clap::Parser;

/// Requests allocate and free on many threads; the C library's allocator takes a tenth of their time.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("beffroi: {error}");
            ExitCode::from(2)
        }
    }
}

//! The command line: one file a noun, the same shape in each.

mod account;
mod addresses;
mod backup;
mod commune;
mod demo;
mod department;
mod doctor;
mod figures;
mod journal;
mod legal_clock;
mod moving_in;
mod procedure;
mod search;
mod template;
mod token;
mod which;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, ConfigError, Given},
    house::Parts,
    server,
};

/// The hidden command in which the program lays out PDF for itself.
pub const PDF_WORKER: &str = "pdf-worker";

/// The digital town hall of a French commune in one program.
#[derive(Debug, Parser)]
#[command(name = "beffroi", version, about, arg_required_else_help = true)]
pub struct Arguments {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

/// What is said of the configuration on the command line. Flags count more than the environment, and
/// the environment more than the file.
#[derive(Args, Clone, Debug)]
struct Flags {
    /// The configuration file, in TOML.
    #[arg(long, env = "BEFFROI_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The folder of everything that is kept [env: BEFFROI_DATA] [default: var/data].
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<String>,
    /// The PostgreSQL database to keep communes in, instead of one SQLite file each:
    /// `postgres://user:password@host/database` [env: BEFFROI_DATABASE_URL].
    #[arg(long, value_name = "URL", global = true)]
    database_url: Option<String>,
    /// Any key of the configuration, as `smtp.host=mail.example`; may be given several times.
    #[arg(long, value_name = "KEY=VALUE", global = true)]
    set: Vec<String>,
}

/// How the site is served.
#[derive(Args, Debug)]
struct Serve {
    /// Where to listen; port 0 takes any that is free [env: BEFFROI_LISTEN] [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the site of every commune until SIGTERM or SIGINT.
    ///
    /// Prints the address on the standard output, and the log, in JSON, on standard error.
    Serve(Serve),
    /// Serve a demonstration commune, made at the first start and kept.
    Demo(demo::Demo),
    /// Create and list communes.
    #[command(subcommand)]
    Commune(commune::Command),
    /// Create and list departments.
    #[command(subcommand)]
    Department(department::Command),
    /// Create and list accounts.
    #[command(subcommand)]
    Account(account::Command),
    /// Create, list and revoke API tokens.
    #[command(subcommand)]
    Token(token::Command),
    /// Check, export and import procedures.
    #[command(subcommand)]
    Procedure(procedure::Command),
    /// Check, export and publish templates of documents.
    #[command(subcommand)]
    Template(template::Command),
    /// Bring in a commune's addresses.
    #[command(subcommand)]
    Addresses(addresses::Command),
    /// Make a commune's search index anew.
    #[command(subcommand)]
    Search(search::Command),
    /// Back up one commune, or all, while they work.
    Backup(backup::Backup),
    /// Fill a new commune from a backup, and compare before saying yes.
    Restore(backup::Restore),
    /// Count a commune's figures anew.
    #[command(subcommand)]
    Figures(figures::Command),
    /// Check a commune's journal.
    #[command(subcommand)]
    Journal(journal::Command),
    /// Say what is wrong with the installation, and what to do. The exit code is 1 where something is.
    Doctor(doctor::Doctor),
    /// Tell the legal dates of a request, step by step.
    LegalClock(legal_clock::LegalClock),
    /// Lay out PDF for the program itself.
    #[command(name = PDF_WORKER, hide = true)]
    PdfWorker,
}

/// Why a command did not do what it was asked. The text is for whoever typed it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The configuration is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] beffroi_store::StoreError),
    /// The demonstration was not made.
    #[error(transparent)]
    Demo(#[from] beffroi_demo::DemoError),
    /// A service's texts are wrong.
    #[error(transparent)]
    Texts(#[from] beffroi_web::l10n::L10nError),
    /// The mail server's configuration cannot be used.
    #[error(transparent)]
    Mail(#[from] beffroi_notify::TransportError),
    /// No dates can be told.
    #[error(transparent)]
    LegalClock(#[from] beffroi_core::legal_clock::ClockError),
    /// An address file is faulty.
    #[error(transparent)]
    Addresses(#[from] beffroi_places::ImportError),
    /// An account was not created.
    #[error(transparent)]
    Account(#[from] beffroi_people::account::AccountError),
    /// A department was not created.
    #[error(transparent)]
    Department(#[from] beffroi_people::department::DepartmentError),
    /// A role was not granted.
    #[error(transparent)]
    Grant(#[from] beffroi_people::permission::GrantError),
    /// A password is not strong enough.
    #[error(transparent)]
    Password(#[from] beffroi_people::password::Weakness),
    /// A token was not created.
    #[error(transparent)]
    Token(#[from] beffroi_people::token::TokenError),
    /// The program itself may not do this.
    #[error(transparent)]
    Refused(#[from] beffroi_people::Refused),
    /// What was given does not fit what there is; the text says why.
    #[error("{0}")]
    Given(String),
    /// A file or an address could not be read, written or used.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// An answer could not be written as JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Does what the arguments say.
pub fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { flags, command } = arguments;
    if matches!(command, Command::PdfWorker) {
        // It speaks a protocol on its standard output, and needs neither configuration nor log.
        return Ok(beffroi_typeset::worker_main());
    }
    let config = configuration(flags, &command)?;
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(log_level(&config, &command)))
        .with_writer(std::io::stderr)
        .json()
        .init();
    match command {
        Command::Serve(_) => server::run(&config, &Parts::new(&config, false)?),
        Command::Demo(command) => demo::run(&command, &config),
        Command::Commune(command) => commune::run(command, &config),
        Command::Department(command) => department::run(command, &config),
        Command::Account(command) => account::run(command, &config),
        Command::Token(command) => token::run(command, &config),
        Command::Procedure(command) => procedure::run(command, &config),
        Command::Template(command) => template::run(command, &config),
        Command::Addresses(command) => addresses::run(command, &config),
        Command::Search(command) => search::run(command, &config),
        Command::Backup(command) => backup::back_up(&command, &config),
        Command::Restore(command) => backup::restore(&command, &config),
        Command::Figures(command) => figures::run(command, &config),
        Command::Journal(command) => journal::run(command, &config),
        Command::Doctor(command) => doctor::run(&command, &config),
        Command::LegalClock(command) => legal_clock::run(&command),
        Command::PdfWorker => Ok(ExitCode::SUCCESS),
    }
}

/// Whoever types a command reads its answer: only what goes wrong is logged beside it, unless they ask for more.
fn log_level<'a>(config: &'a Config, command: &Command) -> &'a str {
    let asked = config.log.as_str();
    if asked == "info" && !matches!(command, Command::Serve(_)) { "warn" } else { asked }
}

fn configuration(flags: Flags, command: &Command) -> Result<Config, Failure> {
    let listen = match command {
        Command::Serve(serve) => serve.listen.clone(),
        Command::Demo(demo) => Some(demo.listen.clone()),
        _ => None,
    };
    let mut given = Vec::new();
    for text in flags.set {
        let (key, value) = text
            .split_once('=')
            .ok_or_else(|| Failure::Given(format!("--set {text}: expected KEY=VALUE")))?;
        given.push(Given { flag: "--set", key: key.trim().to_owned(), value: value.to_owned() });
    }
    let named = [("--data", "data", flags.data), ("--database-url", "database_url", flags.database_url)];
    for (flag, key, value) in named.into_iter().chain([("--listen", "listen", listen)]) {
        given.extend(value.map(|value| Given { flag, key: key.to_owned(), value }));
    }
    Ok(Config::load(flags.config.as_deref(), |name| std::env::var(name).ok(), &given)?)
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
pub fn every_slug(platform: &beffroi_store::Platform) -> beffroi_store::Result<Vec<String>> {
    let mut slugs: Vec<String> = Vec::new();
    loop {
        let page = platform.slugs(slugs.last().map_or("", String::as_str), 1_000)?;
        if page.is_empty() {
            return Ok(slugs);
        }
        slugs.extend(page);
    }
}

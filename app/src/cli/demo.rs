//! `beffroi demo`: the demonstration commune, made once and kept.

use std::{fmt::Write, path::Path, process::ExitCode, sync::Arc};

use beffroi_core::{Clock, ManualClock, SystemClock};
use beffroi_demo::{ACCOUNTS, PASSWORD, Plan, SLUG};
use beffroi_store::{Commune, background};
use clap::Args;

use super::Failure;
use crate::{
    config::Config,
    house::{self, Parts},
    server,
};

/// The procedures that every commune may start from.
#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../catalogue/procedures"]
struct Catalogue;

/// The demonstration.
#[derive(Args, Debug)]
pub struct Demo {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Forget what was done, and start over.
    #[arg(long)]
    reset: bool,
    /// How many requests the town has received.
    #[arg(long, value_name = "N", default_value_t = 320)]
    cases: usize,
}

/// Makes the demonstration commune if there is none yet, then serves it.
pub fn run(demo: &Demo, config: &Config) -> Result<ExitCode, Failure> {
    if demo.reset {
        forget(&config.data)?;
    }
    let parts = Parts::new(config, true)?;
    let made = house::open(config)?.slugs("", 1)?.iter().any(|slug| slug == SLUG);
    if !made {
        eprintln!("Préparation de la commune de démonstration…");
        make(config, demo.cases)?;
    }
    eprintln!("{}", words(&demo.listen));
    server::run(config, &parts)
}

/// Takes the demonstration's own files away, and nothing else that may lie in the folder.
fn forget(folder: &Path) -> Result<(), Failure> {
    let marker = folder.join("demo");
    if !marker.exists() {
        return Ok(());
    }
    std::fs::remove_dir_all(folder).map_err(|error| Failure::File(folder.display().to_string(), error))
}

fn make(config: &Config, cases: usize) -> Result<(), Failure> {
    let parts = &Parts::new(config, true)?;
    let now = SystemClock.now();
    let clock = Arc::new(ManualClock::new(now));
    let desk = house::desk(parts);
    let platform = house::open_at(config, parts, Arc::clone(&clock) as Arc<dyn Clock>)?;
    // Mails of the story lead to where the site will be.
    parts.addresses.serve(Arc::clone(&platform), config.listen.port());
    let procedures: Vec<String> = Catalogue::iter()
        .filter_map(|name| Catalogue::get(&name))
        .map(|file| String::from_utf8_lossy(&file.data).into_owned())
        .collect();
    let plan = Plan { procedures: &procedures, cases, now };
    let commune = beffroi_demo::make(&platform, &clock, &desk, &plan)?;
    settle(&commune, config, parts)?;
    let marker = config.data.join("demo");
    std::fs::write(&marker, "").map_err(|error| Failure::File(marker.display().to_string(), error))
}

/// Writes the papers and mails of the story, as the background would have day by day.
fn settle(commune: &Arc<Commune>, config: &Config, parts: &Parts) -> Result<(), Failure> {
    let services = house::services(parts);
    let mut workers = background::Workers {
        subscribers: services.iter().flat_map(|service| service.subscribers()).collect(),
        handlers: services.iter().flat_map(|service| service.job_handlers()).collect(),
    };
    workers.handlers.push(Arc::new(beffroi_notify::mail::SendHandler::new(house::transport(config, parts)?)));
    background::run_due(commune, &Arc::new(workers))?;
    Ok(())
}

/// What somebody who tries it needs to know.
fn words(listen: &str) -> String {
    let mut text = format!(
        "\nLa commune de démonstration est servie à http://{}\n\n",
        listen.replace("127.0.0.1", "localhost")
    );
    let _ = writeln!(text, "  Mot de passe de tous les comptes : {PASSWORD}\n");
    for account in ACCOUNTS {
        let _ = writeln!(text, "  {:<34} {}, {}", account.email, account.name, account.shows);
    }
    let _ = writeln!(text, "\n  L’espace des agents : /agents");
    let _ = writeln!(text, "  Le courrier que la mairie aurait envoyé : /_demo/courrier");
    text
}

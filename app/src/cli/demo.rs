//! `beffroi demo`: the demonstration commune, made once and kept.

use std::{
    fmt::Write as _,
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use beffroi_core::{Clock, ManualClock, SystemClock};
use beffroi_demo::{ACCOUNTS, PASSWORD, Plan, SLUG};
use beffroi_store::{Commune, CommuneSlug, background};
use beffroi_web::Service;
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
    /// One more name under which it answers, such as this machine's address in the network; may be given
    /// several times.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Forget what was done, and start over.
    #[arg(long)]
    reset: bool,
    /// How many requests the town has received.
    #[arg(long, value_name = "N", default_value_t = 320)]
    cases: usize,
}

/// Makes the demonstration commune if there is none yet, then serves it.
pub fn run(demo: &Demo, config: &Config) -> Result<ExitCode, Failure> {
    let parts = Parts::new(config, true)?;
    let slug: CommuneSlug = SLUG.parse()?;
    let platform = house::open(config)?;
    let marker = Marker::of(&config.data);
    let found = marker.read()?;
    let registered = platform.exists(&slug)?;
    if registered && found.is_none() {
        // A real town would be shown to everybody, with its mail; and --reset would throw it away.
        return Err(Failure::Given(format!(
            "there is a commune called {SLUG} that no demonstration in {} made: choose another folder with --data",
            config.data.display()
        )));
    }
    if let Some(other) = platform.slugs("", 2)?.into_iter().find(|found| found != SLUG) {
        // Its mail would be kept instead of sent, and shown to everybody.
        return Err(Failure::Given(format!(
            "{} holds the commune {other}, which is no demonstration: choose another folder with --data",
            config.data.display()
        )));
    }
    if demo.reset || !registered || found != Some(Stage::Made) {
        eprintln!("Préparation de la commune de démonstration…");
        // Whatever ends this in the middle, the next run finds the marker and begins again.
        marker.write(Stage::Making)?;
        if registered {
            platform.discard(&slug)?;
        }
        make(config, demo.cases)?;
        marker.write(Stage::Made)?;
    }
    platform.add_hosts(&slug, &demo.hosts)?;
    drop(platform);
    eprintln!("{}", words(demo));
    server::run(config, &parts)
}

/// How far the demonstration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// It is being made, or was when the program ended.
    Making,
    /// All of it is there.
    Made,
}

/// The file that tells a demonstration's folder from a real town's.
struct Marker(PathBuf);

impl Marker {
    const MAKING: &str = "making";

    fn of(data: &Path) -> Self {
        Self(data.join("demo"))
    }

    fn read(&self) -> Result<Option<Stage>, Failure> {
        match std::fs::read_to_string(&self.0) {
            Ok(text) if text.trim() == Self::MAKING => Ok(Some(Stage::Making)),
            Ok(_) => Ok(Some(Stage::Made)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn write(&self, stage: Stage) -> Result<(), Failure> {
        let text = match stage {
            Stage::Making => Self::MAKING,
            Stage::Made => "made",
        };
        let written = File::create(&self.0).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| self.failed(error))
    }

    fn failed(&self, error: std::io::Error) -> Failure {
        Failure::File(self.0.display().to_string(), error)
    }
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
    // What the hourly round would have written down meanwhile.
    Service::hourly(&desk, &commune)?;
    settle(&commune, config, parts)
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
fn words(demo: &Demo) -> String {
    let port = demo.listen.rsplit_once(':').map_or("", |(_, port)| port);
    let mut text = format!("\nLa commune de démonstration est servie à http://localhost:{port}\n");
    for host in &demo.hosts {
        let _ = writeln!(text, "  et à http://{host}:{port}");
    }
    let _ = writeln!(text, "\n  Mot de passe de tous les comptes : {PASSWORD}\n");
    for account in ACCOUNTS {
        let _ = writeln!(text, "  {:<34} {}, {}", account.email, account.name, account.shows);
    }
    let _ = writeln!(text, "\n  L’espace des agents : /agents");
    let _ = writeln!(text, "  Le courrier que la mairie aurait envoyé : /_demo/courrier");
    text
}

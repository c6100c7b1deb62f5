//! The wiring: which services there are, which crates bring tables, who works in the background.

use std::{os::unix::fs::DirBuilderExt, path::Path, sync::Arc, time::Duration};

use beffroi_accounts::Accounts;
use beffroi_appointments::{
    AppointmentDiary, AppointmentEvents, Appointments,
    coordination::{Coordination, testing::StandIn as Coordinator},
};
use beffroi_core::{Clock, SystemClock, Targets};
use beffroi_desk::{DeskConfig, DeskService};
use beffroi_documents::{Clamd, Gate, ScanHandler};
use beffroi_notify::{Transport, mail, messenger};
use beffroi_payments::{PayFip, testing::StandIn};
use beffroi_rooms::{Rooms, deposit::DepositEvents};
use beffroi_sms::Sms;
use beffroi_store::{
    Database, Migration, Platform, PlatformConfig, Randomness, StoreError,
    background::{JobHandler, Workers},
};
use beffroi_till::{OrderEvents, Till, TillConfig};
use beffroi_typeset::{Pool, PoolConfig};
use beffroi_web::{House, Service};
use beffroi_webhooks::Source;
use beffroi_workshops::{WorkshopEvents, Workshops};
use chrono::Days;

use crate::{
    addresses::Addresses,
    cli::{Failure, PDF_WORKER},
    config::Config,
    health::Machine,
};

/// Communes open at once, at most: each costs a few file descriptors, and the schema and the statements that its
/// connections keep. The pages that all of them keep are bounded by the store.
const OPEN_AT_MOST: usize = 256;
/// Only the program itself reads the folder of everything.
const PRIVATE: u32 = 0o700;

/// What services are made of, beside the commune that a request brings.
pub struct Parts {
    /// Lays out letters, receipts and decisions.
    pub typeset: Arc<Pool>,
    /// Whether files from outside wait for a virus check.
    pub gate: Gate,
    /// The addresses of the communes' sites, once they are served.
    pub addresses: Arc<Addresses>,
    /// Whether this is a demonstration: no mail leaves.
    pub demo: bool,
    /// Whether webhooks, and what is asked to send text messages, may lead to the town's own network.
    pub webhooks_private: bool,
    /// Whether mailboxes may be read from servers in the town's own network.
    pub mailboxes_private: bool,
    /// What stands in for PayFiP in a demonstration: nobody's money is taken there.
    stand_in: Option<Arc<StandIn>>,
    /// Whoever knows of appointments for identity cards at other town halls; a stand-in in a demonstration.
    coordination: Coordination,
    /// What the administrators' page looks at.
    machine: Arc<Machine>,
}

impl Parts {
    /// The parts that the configuration asks for. Starts nothing: a PDF worker begins with its first document.
    pub fn new(config: &Config, demo: bool) -> Result<Self, StoreError> {
        // On Linux a running program stays reachable here when an upgrade replaces its file, so that
        // workers are always of the same version as the house.
        let running = Path::new("/proc/self/exe");
        let program = if running.exists() {
            running.to_owned()
        } else {
            std::env::current_exe().map_err(StoreError::io("find the program itself"))?
        };
        let typeset = PoolConfig {
            workers: usize::try_from(config.pdf.workers).unwrap_or(1),
            memory: config.pdf.memory_mib << 20,
            deadline: Duration::from_secs(config.pdf.seconds),
            ..PoolConfig::new(vec![program.into(), PDF_WORKER.into()])
        };
        let gate = if config.clamd.is_empty() { Gate::Open } else { Gate::Guarded };
        let secure = config.https || !config.trusted_proxies.is_empty();
        let addresses = Arc::new(Addresses::new(secure));
        let typeset = Arc::new(Pool::new(typeset));
        let machine = Arc::new(Machine::new(config.clone(), Arc::clone(&typeset), gate, demo));
        let Config { webhooks_private, mailboxes_private, .. } = *config;
        let stand_in = demo.then(|| Arc::new(StandIn::start()));
        let coordination = coordination(webhooks_private, demo);
        Ok(Self {
            typeset,
            gate,
            addresses,
            demo,
            webhooks_private,
            mailboxes_private,
            stand_in,
            coordination,
            machine,
        })
    }
}

/// The State's coordination service of appointments, or what stands in for it.
fn coordination(private: bool, demo: bool) -> Coordination {
    if demo {
        // Somewhere in the days that may be booked.
        let day = SystemClock.now().date_naive() + Days::new(10);
        let stand_in = Coordinator::of_demonstration(&day.to_string());
        return Coordination::at(&stand_in.address, Coordinator::TOKEN);
    }
    Coordination::new(if private { Targets::Private } else { Targets::Public })
}

/// The services of the town hall, in the order in which their tables are made.
pub fn services(parts: &Parts) -> Vec<Arc<dyn Service>> {
    let addresses = Arc::clone(&parts.addresses);
    let accounts = Accounts::new(move |slug| addresses.of(slug));
    let addresses = Arc::clone(&parts.addresses);
    let desk = desk(parts);
    let appointments = Appointments::new(move |slug| addresses.of(slug))
        .with_coordination(parts.coordination.clone())
        .with_cases(desk.case_book());
    let addresses = Arc::clone(&parts.addresses);
    let workshops = Workshops::new(move |slug| addresses.of(slug), Arc::clone(&parts.typeset));
    let addresses = Arc::clone(&parts.addresses);
    let rooms = Rooms::new(Arc::clone(&parts.typeset), parts.gate, move |slug| addresses.of(slug))
        .with_cases(desk.case_book());
    let machine: Arc<dyn Service> = Arc::<Machine>::clone(&parts.machine);
    vec![
        Arc::new(desk),
        Arc::new(accounts),
        Arc::new(rooms),
        Arc::new(appointments),
        Arc::new(workshops),
        Arc::new(till(parts)),
        machine,
    ]
}

/// The till. A demonstration pays at a page of its own, whose service is on this machine.
fn till(parts: &Parts) -> Till {
    let payfip = match &parts.stand_in {
        Some(stand_in) => PayFip::at(Targets::Private, &stand_in.service, beffroi_till::DEMO_PAGE),
        None => PayFip::new(Targets::Public),
    };
    let addresses = Arc::clone(&parts.addresses);
    Till::new(TillConfig {
        payfip: Arc::new(payfip),
        pool: Arc::clone(&parts.typeset),
        origin: Box::new(move |slug| addresses.of(slug)),
        stand_in: parts.stand_in.clone(),
    })
}

/// The desk, by itself: the demonstration needs its commands.
pub fn desk(parts: &Parts) -> DeskService {
    let addresses = Arc::clone(&parts.addresses);
    DeskService::new(DeskConfig {
        pool: Arc::clone(&parts.typeset),
        gate: parts.gate,
        origin: Box::new(move |slug| addresses.of(slug).ok().flatten().unwrap_or_default()),
        demo: parts.demo,
    })
    .with_private_webhooks(parts.webhooks_private)
    .with_private_mailboxes(parts.mailboxes_private)
    .with_diary(Arc::new(AppointmentDiary))
    .with_events(events())
}

/// What the services beside the desk have to tell other programs: its webhooks send it.
fn events() -> Vec<Arc<dyn Source>> {
    vec![
        Arc::new(AppointmentEvents),
        Arc::new(WorkshopEvents),
        Arc::new(OrderEvents),
        Arc::new(DepositEvents),
    ]
}

/// Every migration of the house: the kernel's, then those of the services.
fn migrations(services: &[Arc<dyn Service>]) -> Vec<Migration> {
    let mut all = [
        beffroi_people::MIGRATIONS,
        beffroi_places::MIGRATIONS,
        beffroi_documents::MIGRATIONS,
        beffroi_notify::MIGRATIONS,
        beffroi_search::MIGRATIONS,
        beffroi_cases::MIGRATIONS,
        beffroi_webhooks::MIGRATIONS,
        beffroi_once_only::MIGRATIONS,
        beffroi_mailroom::MIGRATIONS,
        beffroi_sms::MIGRATIONS,
        beffroi_calendar::MIGRATIONS,
        beffroi_payments::MIGRATIONS,
    ]
    .concat();
    all.extend(House::migrations(services));
    all
}

/// Opens the platform for a command. No commune is opened before it is asked for.
pub fn open(config: &Config) -> beffroi_store::Result<Arc<Platform>> {
    open_with(config, &services(&Parts::new(config, false)?))
}

/// Opens the platform with the tables of these services. A folder that is made here is private.
pub fn open_with(config: &Config, services: &[Arc<dyn Service>]) -> beffroi_store::Result<Arc<Platform>> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(PRIVATE)
        .create(&config.data)
        .map_err(StoreError::io(format!("make {}", config.data.display())))?;
    open_clocked(config, services, Arc::new(SystemClock))
}

/// Opens the platform on a clock of its own: for the demonstration, which lives its past first.
pub fn open_at(
    config: &Config,
    parts: &Parts,
    clock: Arc<dyn Clock>,
) -> beffroi_store::Result<Arc<Platform>> {
    open_clocked(config, &services(parts), clock)
}

fn open_clocked(
    config: &Config,
    services: &[Arc<dyn Service>],
    clock: Arc<dyn Clock>,
) -> beffroi_store::Result<Arc<Platform>> {
    Platform::open(PlatformConfig {
        folder: config.data.clone(),
        database: match config.database_url.get() {
            Some(url) => Database::Postgres(url.to_owned()),
            None => Database::Sqlite,
        },
        open_at_most: OPEN_AT_MOST,
        migrations: migrations(services),
        clock,
        randomness: Randomness::System,
    })
}

/// Everybody who works in the background: the services' own, then the kernel's.
///
/// Errors: the mail server's configuration cannot be used.
pub fn workers(config: &Config, house: &House, parts: &Parts) -> Result<Workers, Failure> {
    let mut workers = house.workers();
    let scans = match parts.gate {
        Gate::Guarded => ScanHandler::new(Arc::new(clamd(config))),
        Gate::Open => ScanHandler::without_scanner(),
    };
    let targets = if parts.webhooks_private { Targets::Private } else { Targets::Public };
    let kernel: Vec<Arc<dyn JobHandler>> = vec![
        Arc::new(scans),
        Arc::new(mail::SendHandler::new(transport(config, parts)?)),
        Arc::new(messenger::SendHandler::new(vec![Arc::new(Sms::new(targets, parts.demo))])),
    ];
    workers.handlers.extend(kernel);
    Ok(workers)
}

/// How mail leaves; it does not in a demonstration, nor without a mail server.
pub fn transport(config: &Config, parts: &Parts) -> Result<Transport, Failure> {
    if parts.demo { Ok(Transport::Kept) } else { transport_of(config) }
}

/// How mail leaves where it does: by the mail server of the configuration.
pub fn transport_of(config: &Config) -> Result<Transport, Failure> {
    match config.mail_server()? {
        Some(server) => Ok(Transport::smtp(&server)?),
        None => Ok(Transport::Kept),
    }
}

/// The virus scanner.
pub fn clamd(config: &Config) -> Clamd {
    Clamd { address: config.clamd.clone() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use beffroi_core::Lang;
    use beffroi_store::{
        By, Engine,
        testing::{TestCommune, on_both_engines},
    };

    use super::*;

    #[test]
    fn a_commune_has_the_tables_of_the_whole_house() {
        let services = services(&Parts::new(&Config::default(), false).unwrap());
        on_both_engines(&migrations(&services), |fixture| assert_eq!(fixture.commune.slug(), "lunel"))
            .unwrap();
    }

    /// An administrator reads which work waits or was given up: in words, whoever does it.
    #[test]
    fn every_kind_of_work_is_told_in_words() {
        let config = Config::default();
        let parts = Parts::new(&config, false).unwrap();
        let services = services(&parts);
        let folder = tempfile::tempdir().unwrap();
        let config = Config { data: folder.path().to_owned(), ..config };
        let platform = open_with(&config, &services).unwrap();
        let house = House::new(platform, services, beffroi_web::WebConfig::default()).unwrap();
        let words: String = beffroi_accounts::LOCALES.iter().map(|locale| locale.ftl).collect();
        for handler in workers(&config, &house, &parts).unwrap().handlers {
            let key = format!("\naccounts-job-{} =", handler.kind().replace(['.', '_'], "-"));
            assert!(words.contains(&key), "{} has no words", handler.kind());
        }
    }

    /// An administrator chooses in words of what a program is told, and whoever writes that program finds it described.
    #[test]
    fn every_event_that_programs_are_told_of_has_its_words_and_is_described() {
        let parts = Parts::new(&Config::default(), false).unwrap();
        let services = services(&parts);
        let french = services.iter().flat_map(|service| service.locales()).filter(|it| it.lang == Lang::Fr);
        let words: BTreeSet<&str> = french
            .flat_map(|locale| locale.ftl.lines())
            .filter_map(|line| line.split_once(" =")?.0.strip_prefix("office-hook-event-"))
            .collect();
        let events = desk(&parts).events();
        let names = events.names();
        assert!(names.len() > 50, "{names:?}");
        let keys: BTreeSet<String> = names.iter().map(|name| name.replace('.', "-")).collect();
        assert_eq!(words, keys.iter().map(String::as_str).collect::<BTreeSet<&str>>());
        let book = include_str!("../../../docs/api.md");
        let untold: Vec<_> = names.iter().filter(|name| !book.contains(&format!("`{name}`"))).collect();
        assert!(untold.is_empty(), "{untold:?} are not in docs/api.md");
    }

    /// What all migrations together make of a commune's database, to be read as one text; a change of it
    /// is reviewed like any other (`cargo insta review`).
    #[test]
    fn the_schema_is_the_one_that_was_reviewed() {
        let services = services(&Parts::new(&Config::default(), false).unwrap());
        let fixture = TestCommune::on(Engine::Sqlite, &migrations(&services)).unwrap().unwrap();
        // Tables with their indexes, in the order of their names. What SQLite makes by itself has no text.
        let sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' \
                   ORDER BY tbl_name, CASE type WHEN 'table' THEN 0 ELSE 1 END, name";
        let read = fixture.commune.read_blocking(By::SYSTEM, |tx| {
            tx.query(sql, &[], |row| Ok(format!("{};", row.get::<String>(0)?)))
        });
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../tests");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("schema", read.unwrap().join("\n")));
    }
}

#[cfg(test)]
mod journaled;

//! The machine and its neighbours, for the administrators' page: mail server, virus scanner, PDF workers, database,
//! disk, backups. What `beffroi doctor` looks at once, looked at while the house serves.

use std::sync::Arc;

use axum::Router;
use beffroi_core::{Instant, Lang};
use beffroi_documents::Gate;
use beffroi_notify::Transport;
use beffroi_store::{By, Commune, StoreError, jobs, journal};
use beffroi_typeset::Pool;
use beffroi_web::{App, Check, CheckWords, Locale, Report, Service};

use crate::{
    config::Config,
    doctor::{self, Room},
    house,
};

/// The file, in a commune's folder, that tells when it was last saved.
const LAST_BACKUP: &str = "last-backup";
/// Whoever saves every week is not yet late.
const OLD: chrono::TimeDelta = chrono::TimeDelta::days(8);
/// The jobs that wait for the mail server, and for the virus scanner.
const MAIL: &str = "mail.send";
const SCAN: &str = "document.scan";

/// The words of these checks.
pub const LOCALES: &[Locale] = &[Locale { lang: Lang::Fr, ftl: include_str!("../locales/fr/health.ftl") }];

/// The machine, as a service that has no pages: it is looked at.
pub struct Machine {
    config: Config,
    typeset: Arc<Pool>,
    gate: Gate,
    demo: bool,
}

impl Machine {
    /// The machine of that configuration.
    pub const fn new(config: Config, typeset: Arc<Pool>, gate: Gate, demo: bool) -> Self {
        Self { config, typeset, gate, demo }
    }
}

impl Service for Machine {
    fn name(&self) -> &'static str {
        "machine"
    }

    fn routes(&self) -> Router<App> {
        Router::new()
    }

    fn locales(&self) -> &'static [Locale] {
        LOCALES
    }

    fn checks(&self) -> Vec<Arc<dyn Check>> {
        vec![
            Arc::new(Mail { config: self.config.clone(), demo: self.demo }),
            Arc::new(Viruses { config: self.config.clone(), gate: self.gate }),
            Arc::new(Pdf(Arc::clone(&self.typeset))),
            Arc::new(Base),
            Arc::new(Disk(self.config.clone())),
            Arc::new(Backup),
        ]
    }
}

/// How many jobs of a kind wait, how many of them after an attempt in vain, and since when.
fn waiting(commune: &Commune, kind: &str) -> (i64, i64, Option<Instant>) {
    let queues = commune.read_blocking(By::SYSTEM, jobs::queues).unwrap_or_default();
    let found = queues.into_iter().find(|queue| queue.kind == kind);
    found.map_or((0, 0, None), |queue| (queue.waiting, queue.tried, queue.since))
}

/// The town's mail server.
struct Mail {
    config: Config,
    demo: bool,
}

impl Check for Mail {
    fn name(&self) -> &'static str {
        "mail"
    }

    fn words(&self) -> CheckWords {
        CheckWords { title: "health-mail", meanwhile: "health-mail-meanwhile", remedy: "health-mail-remedy" }
    }

    fn of_commune(&self) -> bool {
        true
    }

    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let (waits, tried, since) = waiting(commune, MAIL);
        let wrong = |detail: String| {
            Report::wrong("health-mail-wrong").with("waiting", waits).detail(detail).since(since)
        };
        if self.demo {
            return Some(
                Report::weak("health-mail-demo")
                    .in_own_words("health-mail-demo-meanwhile", "health-mail-demo-remedy"),
            );
        }
        Some(match house::transport_of(&self.config) {
            Err(error) => wrong(error.to_string()),
            Ok(Transport::Kept) => Report::weak("health-mail-kept")
                .in_own_words("health-mail-kept-meanwhile", "health-mail-kept-remedy"),
            Ok(transport) => match transport.check() {
                Err(error) => wrong(error.to_string()),
                Ok(()) if tried > 0 => Report::weak("health-mail-late")
                    .in_own_words("health-mail-late-meanwhile", "health-mail-late-remedy")
                    .with("waiting", tried)
                    .since(since),
                Ok(()) => Report::good("health-mail-good"),
            },
        })
    }
}

/// The virus scanner.
struct Viruses {
    config: Config,
    gate: Gate,
}

impl Check for Viruses {
    fn name(&self) -> &'static str {
        "viruses"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "health-viruses",
            meanwhile: "health-viruses-meanwhile",
            remedy: "health-viruses-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        if self.gate == Gate::Open {
            return Some(
                Report::weak("health-viruses-open")
                    .in_own_words("health-viruses-open-meanwhile", "health-viruses-open-remedy"),
            );
        }
        Some(match house::clamd(&self.config).ping() {
            Ok(()) => Report::good("health-viruses-good"),
            Err(error) => {
                let (waits, _, since) = waiting(commune, SCAN);
                Report::wrong("health-viruses-wrong")
                    .with("waiting", waits)
                    .detail(error.to_string())
                    .since(since)
            }
        })
    }
}

/// The PDF workers.
struct Pdf(Arc<Pool>);

impl Check for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn words(&self) -> CheckWords {
        CheckWords { title: "health-pdf", meanwhile: "health-pdf-meanwhile", remedy: "health-pdf-remedy" }
    }

    fn look(&self, _: &Arc<Commune>) -> Option<Report> {
        Some(match doctor::lay_a_form_out(&self.0) {
            Ok(_) => Report::good("health-pdf-good"),
            Err(reason) => Report::wrong("health-pdf-wrong").detail(reason),
        })
    }
}

/// The commune's database.
struct Base;

impl Check for Base {
    fn name(&self) -> &'static str {
        "database"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "health-database",
            meanwhile: "health-database-meanwhile",
            remedy: "health-database-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let answered =
            commune.read_blocking(By::SYSTEM, |tx| -> Result<_, StoreError> { journal::position(tx) });
        Some(match answered {
            Ok(_) => Report::good("health-database-good").detail(format!("{:?}", commune.engine())),
            Err(error) => Report::wrong("health-database-wrong").detail(error.to_string()),
        })
    }
}

/// The room that is left.
struct Disk(Config);

impl Check for Disk {
    fn name(&self) -> &'static str {
        "disk"
    }

    fn words(&self) -> CheckWords {
        CheckWords { title: "health-disk", meanwhile: "health-disk-meanwhile", remedy: "health-disk-remedy" }
    }

    fn look(&self, _: &Arc<Commune>) -> Option<Report> {
        let (mib, room) = match doctor::room(&self.0.data) {
            Ok(found) => found,
            Err(error) => return Some(Report::weak("health-disk-unknown").detail(error)),
        };
        let report = match room {
            Room::Enough => Report::good("health-disk-good"),
            Room::Little => Report::weak("health-disk-weak"),
            Room::None => Report::wrong("health-disk-wrong"),
        };
        Some(report.with("free", i64::try_from(mib).unwrap_or(i64::MAX)))
    }
}

/// When the commune was last saved.
struct Backup;

impl Check for Backup {
    fn name(&self) -> &'static str {
        "backup"
    }

    fn words(&self) -> CheckWords {
        CheckWords {
            title: "health-backup",
            meanwhile: "health-backup-meanwhile",
            remedy: "health-backup-remedy",
        }
    }

    fn of_commune(&self) -> bool {
        true
    }

    fn look(&self, commune: &Arc<Commune>) -> Option<Report> {
        let noted = std::fs::read_to_string(commune.folder().join(LAST_BACKUP)).ok();
        let saved = noted.and_then(|text| text.trim().parse::<Instant>().ok());
        let Some(saved) = saved else {
            let none = Report::weak("health-backup-none");
            return Some(none.in_own_words("health-backup-none-meanwhile", "health-backup-remedy"));
        };
        let age = commune.now() - saved;
        Some(if age > OLD {
            Report::weak("health-backup-old").with("days", age.num_days()).since(Some(saved))
        } else {
            Report::good("health-backup-good").with("hours", age.num_hours().max(0)).since(Some(saved))
        })
    }
}

/// Notes that a commune was saved, for this page. A note that cannot be written spoils no backup.
pub fn note_backup(commune: &Commune, at: Instant) {
    let file = commune.folder().join(LAST_BACKUP);
    if let Err(error) = std::fs::write(&file, at.to_rfc3339()) {
        tracing::warn!(file = %file.display(), %error, "the backup is not noted");
    }
}

#[cfg(test)]
mod tests {
    use beffroi_store::testing::on_both_engines;
    use beffroi_web::Severity;
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_words_are_all_there_and_none_is_idle() {
        beffroi_web::l10n_check::of_crate(env!("CARGO_MANIFEST_DIR"), LOCALES, &["health-"]).unwrap();
    }

    #[test]
    fn a_backup_is_known_by_its_note_and_grows_old() {
        on_both_engines(beffroi_people::MIGRATIONS, |fixture| {
            let commune = &fixture.commune;
            let look = || Backup.look(commune).unwrap();
            assert_eq!(look().said, "health-backup-none");
            assert_eq!(look().own.map(|own| own.meanwhile), Some("health-backup-none-meanwhile"));
            note_backup(commune, commune.now());
            fixture.clock.advance(TimeDelta::hours(7));
            assert_eq!((look().said, look().figures), ("health-backup-good", vec![("hours", 7)]));
            fixture.clock.advance(TimeDelta::days(9));
            assert_eq!((look().severity, look().figures), (Severity::Weak, vec![("days", 9)]));
        })
        .unwrap();
    }

    /// Nobody listens at that address.
    fn nobody() -> String {
        let bound = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        bound.local_addr().unwrap().to_string()
    }

    #[test]
    fn a_mail_server_and_a_scanner_that_are_away_are_seen_with_what_waits() {
        let migrations =
            [beffroi_people::MIGRATIONS, beffroi_documents::MIGRATIONS, beffroi_notify::MIGRATIONS].concat();
        on_both_engines(&migrations, |fixture| {
            let commune = &fixture.commune;
            let mut config = Config::default();
            let port = nobody().rsplit_once(':').unwrap().1.parse().unwrap();
            config.smtp.host = "127.0.0.1".to_owned();
            config.smtp.port = port;
            config.smtp.from = "Ville <ville@lunel.example>".to_owned();
            config.clamd = nobody();
            let queued = commune.write_blocking(By::SYSTEM, |tx| -> Result<(), StoreError> {
                let about = beffroi_notify::About { kind: "case", id: uuid::Uuid::nil() };
                let mail = beffroi_notify::mail::NewMail {
                    to: "lea@example.org",
                    subject: "Votre demande",
                    text: "Bonjour",
                    html: None,
                    secret: false,
                    about,
                };
                beffroi_notify::mail::queue(tx, &mail).unwrap();
                Ok(())
            });
            queued.unwrap();
            let mail = Mail { config: config.clone(), demo: false }.look(commune).unwrap();
            assert_eq!((mail.severity, mail.said), (Severity::Wrong, "health-mail-wrong"));
            assert_eq!(mail.figures, [("waiting", 1)]);
            assert!(!mail.detail.contains("lea@example.org"));
            let viruses = Viruses { config, gate: Gate::Guarded }.look(commune).unwrap();
            assert_eq!((viruses.severity, viruses.said), (Severity::Wrong, "health-viruses-wrong"));
        })
        .unwrap();
    }
}

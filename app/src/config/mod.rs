//! The configuration: one TOML file, the environment and the flags, the nearer over the farther.

mod values;

use std::{
    fmt::Display,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use beffroi_notify::{Security, SmtpConfig};
use beffroi_web::{Hosting, WebConfig};
use serde::Deserialize;

pub use values::Hidden;
use values::Kind;

/// Every key, and how a flag or a variable of the environment is read for it. The variable of
/// `smtp.host` is `BEFFROI_SMTP_HOST`.
const KEYS: &[(&str, Kind)] = &[
    ("data", Kind::Text),
    ("database_url", Kind::Text),
    ("listen", Kind::Text),
    ("https", Kind::YesNo),
    ("trusted_proxies", Kind::List),
    ("metrics_token", Kind::Text),
    ("shutdown_seconds", Kind::Number),
    ("log", Kind::Text),
    ("clamd", Kind::Text),
    ("webhooks_private", Kind::YesNo),
    ("mailboxes_private", Kind::YesNo),
    ("hosting.name", Kind::Text),
    ("hosting.address", Kind::Text),
    ("hosting.phone", Kind::Text),
    ("smtp.host", Kind::Text),
    ("smtp.port", Kind::Number),
    ("smtp.security", Kind::Text),
    ("smtp.authority_file", Kind::Text),
    ("smtp.user", Kind::Text),
    ("smtp.password", Kind::Text),
    ("smtp.password_file", Kind::Text),
    ("smtp.from", Kind::Text),
    ("pdf.workers", Kind::Number),
    ("pdf.memory_mib", Kind::Number),
    ("pdf.seconds", Kind::Number),
];

/// A metrics token that is shorter could be guessed.
const SHORTEST_TOKEN: usize = 16;

/// How the house runs. A text that is empty is one that was not given.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder of everything that is kept.
    pub data: PathBuf,
    /// The PostgreSQL database to keep communes in, instead of one SQLite file each.
    pub database_url: Hidden,
    /// Where the house listens.
    #[serde(deserialize_with = "values::socket")]
    pub listen: SocketAddr,
    /// Whether visitors come over https without a proxy that says so.
    pub https: bool,
    /// The proxies whose `X-Forwarded-*` headers are believed.
    #[serde(deserialize_with = "values::addresses")]
    pub trusted_proxies: Vec<IpAddr>,
    /// A token that opens `/metrics` from elsewhere than this machine.
    pub metrics_token: Hidden,
    /// How long accepted requests may go on after the order to stop, in seconds.
    #[serde(deserialize_with = "values::between::<_, 1, 600>")]
    pub shutdown_seconds: u64,
    /// How much is logged: a level, or `target=level` pairs.
    #[serde(deserialize_with = "values::log_filter")]
    pub log: String,
    /// Host and port of ClamAV's daemon.
    #[serde(deserialize_with = "values::host_and_port")]
    pub clamd: String,
    /// Whether webhooks may lead to private networks, and to this machine over http.
    pub webhooks_private: bool,
    /// Whether the mail servers whose mailboxes are read may be in private networks.
    pub mailboxes_private: bool,
    /// Who hosts the site.
    pub hosting: HostingSettings,
    /// The town's mail server.
    pub smtp: SmtpSettings,
    /// The processes that lay out PDF.
    pub pdf: PdfSettings,
}

/// Who keeps the machines (LCEN art. 1-1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HostingSettings {
    /// Name of the company or body.
    pub name: String,
    /// Postal address, on one line.
    pub address: String,
    /// Telephone.
    pub phone: String,
}

/// The town's mail server.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its host name.
    pub host: String,
    /// Its port.
    #[serde(deserialize_with = "values::port")]
    pub port: u16,
    /// How the connection is protected.
    #[serde(deserialize_with = "values::security")]
    pub security: Security,
    /// A file of certificates (PEM) that vouch for it, where they are the town's own.
    pub authority_file: PathBuf,
    /// The name to sign in with, where it asks for one.
    pub user: String,
    /// The password that goes with it.
    pub password: Hidden,
    /// A file whose first line is that password.
    pub password_file: PathBuf,
    /// Whom mail comes from.
    pub from: String,
}

/// The processes that lay out PDF.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PdfSettings {
    /// How many there are at once, at most.
    #[serde(deserialize_with = "values::between::<_, 1, 64>")]
    pub workers: u64,
    /// Address space of one, in mebibytes.
    #[serde(deserialize_with = "values::between::<_, 256, 65_536>")]
    pub memory_mib: u64,
    /// How long one document may take.
    #[serde(deserialize_with = "values::between::<_, 1, 600>")]
    pub seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: PathBuf::from("var/data"),
            database_url: Hidden::default(),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            https: false,
            trusted_proxies: Vec::new(),
            metrics_token: Hidden::default(),
            shutdown_seconds: 20,
            log: "info".to_owned(),
            clamd: String::new(),
            webhooks_private: false,
            mailboxes_private: false,
            hosting: HostingSettings::default(),
            smtp: SmtpSettings::default(),
            pdf: PdfSettings::default(),
        }
    }
}

impl Default for SmtpSettings {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            security: Security::StartTls,
            authority_file: PathBuf::new(),
            user: String::new(),
            password: Hidden::default(),
            password_file: PathBuf::new(),
            from: String::new(),
        }
    }
}

impl Default for PdfSettings {
    fn default() -> Self {
        Self { workers: 2, memory_mib: 1024, seconds: 20 }
    }
}

/// Why the configuration was refused: where, and what was expected.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}")]
pub struct ConfigError {
    place: String,
    message: String,
}

impl ConfigError {
    fn new(place: impl Into<String>, message: &(impl Display + ?Sized)) -> Self {
        // The parser's texts may have several lines; an error of the command line has one.
        let message = format!("{message}").trim().replace('\n', ": ");
        Self { place: place.into(), message }
    }
}

/// A value given on the command line: the flag as it was typed, the key and the text.
#[derive(Clone, Debug)]
pub struct Given {
    /// The flag, for messages: `--listen`.
    pub flag: &'static str,
    /// The key: `smtp.host`.
    pub key: String,
    /// The text.
    pub value: String,
}

impl Config {
    /// Reads the file if there is one, then the environment, then the flags.
    ///
    /// Errors: the file cannot be read; a key is unknown or a value wrong, with the place and what was expected.
    pub fn load(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
        given: &[Given],
    ) -> Result<Self, ConfigError> {
        let mut table = match file {
            Some(file) => read(file)?,
            None => toml::Table::new(),
        };
        for (key, kind) in KEYS {
            let name = variable(key);
            if let Some(value) = environment(&name).filter(|value| !value.is_empty()) {
                lay_over(&mut table, key, *kind, &value).map_err(|why| ConfigError::new(name, &why))?;
            }
        }
        for Given { flag, key, value } in given {
            let place = || if *flag == "--set" { format!("{flag} {key}") } else { (*flag).to_owned() };
            let known = KEYS.iter().find(|(known, _)| known == key);
            let (_, kind) = known.ok_or_else(|| ConfigError::new(place(), &unknown()))?;
            lay_over(&mut table, key, *kind, value).map_err(|why| ConfigError::new(place(), &why))?;
        }
        let config: Self = toml::Value::Table(table)
            .try_into()
            .map_err(|error: toml::de::Error| ConfigError::new("configuration", error.message()))?;
        config.check()?;
        Ok(config)
    }

    /// What no single value shows: those that need one another.
    fn check(&self) -> Result<(), ConfigError> {
        let refuse = |place: &str, message: &str| Err(ConfigError::new(place, message));
        let HostingSettings { name, address, phone } = &self.hosting;
        let told = [name, address, phone].iter().filter(|it| !it.is_empty()).count();
        if told != 0 && told != 3 {
            return refuse("hosting", "name, address and phone go together (LCEN art. 1-1)");
        }
        let smtp = &self.smtp;
        if smtp.host.is_empty() != smtp.from.is_empty() {
            return refuse("smtp", "host and from go together");
        }
        let passwords = usize::from(smtp.password.get().is_some())
            + usize::from(!smtp.password_file.as_os_str().is_empty());
        if passwords != usize::from(!smtp.user.is_empty()) {
            return refuse("smtp", "a user needs one password, in password or in password_file");
        }
        if self.metrics_token.get().is_some_and(|token| token.len() < SHORTEST_TOKEN) {
            return refuse("metrics_token", "expected at least 16 characters");
        }
        Ok(())
    }

    /// How the house meets the network.
    pub fn web(&self) -> WebConfig {
        let HostingSettings { name, address, phone } = self.hosting.clone();
        WebConfig {
            https: self.https,
            trusted_proxies: self.trusted_proxies.clone(),
            metrics_token: self.metrics_token.get().map(str::to_owned),
            hosting: (!name.is_empty()).then_some(Hosting { name, address, phone }),
            shutdown_deadline: self.shutdown_deadline(),
            ..WebConfig::default()
        }
    }

    /// How long what was accepted may go on after the order to stop.
    pub const fn shutdown_deadline(&self) -> Duration {
        Duration::from_secs(self.shutdown_seconds)
    }

    /// The town's mail server, if there is one. Reads the files of the password and of the certificates.
    pub fn mail_server(&self) -> Result<Option<SmtpConfig>, ConfigError> {
        let smtp = &self.smtp;
        if smtp.host.is_empty() {
            return Ok(None);
        }
        let password = match smtp.password.get() {
            Some(password) => Some(password.to_owned()),
            None if smtp.password_file.as_os_str().is_empty() => None,
            None => Some(first_line(&smtp.password_file)?),
        };
        Ok(Some(SmtpConfig {
            host: smtp.host.clone(),
            port: smtp.port,
            security: smtp.security,
            authority: match smtp.authority_file.as_path() {
                file if file.as_os_str().is_empty() => None,
                file => {
                    Some(std::fs::read(file).map_err(|error| of_file("smtp.authority_file", file, &error))?)
                }
            },
            credentials: password.map(|password| (smtp.user.clone(), password)),
            from: smtp.from.clone(),
        }))
    }
}

fn first_line(file: &Path) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(file).map_err(|error| of_file("smtp.password_file", file, &error))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn of_file(key: &str, file: &Path, error: &std::io::Error) -> ConfigError {
    ConfigError::new(format!("{key} {}", file.display()), error)
}

/// Reads the file, and checks it alone, so that a mistake is told with its line.
fn read(file: &Path) -> Result<toml::Table, ConfigError> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| ConfigError::new(name.to_string(), &error))?;
    let refuse = |error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::new(format!("{name}:{line}"), error.message())
    };
    toml::from_str::<Config>(&text).map_err(refuse)?;
    toml::from_str(&text).map_err(refuse)
}

/// `smtp.host` is `BEFFROI_SMTP_HOST`.
fn variable(key: &str) -> String {
    format!("BEFFROI_{}", key.replace('.', "_").to_uppercase())
}

fn unknown() -> String {
    let keys: Vec<_> = KEYS.iter().map(|(key, _)| *key).collect();
    format!("unknown key, expected one of {}", keys.join(", "))
}

/// Puts one value over those of the layers below, once it is found right by itself.
fn lay_over(table: &mut toml::Table, key: &str, kind: Kind, text: &str) -> Result<(), String> {
    let value = kind.read(text)?;
    let (section, name) = key.split_once('.').map_or((None, key), |(section, name)| (Some(section), name));
    let single = toml::Table::from_iter([(name.to_owned(), value.clone())]);
    let alone = match section {
        Some(section) => toml::Table::from_iter([(section.to_owned(), toml::Value::Table(single))]),
        None => single,
    };
    let checked: Result<Config, toml::de::Error> = toml::Value::Table(alone).try_into();
    checked.map_err(|error| error.message().to_owned())?;
    let into = match section {
        None => Some(table),
        Some(section) => {
            table.entry(section).or_insert_with(|| toml::Value::Table(toml::Table::new())).as_table_mut()
        }
    };
    if let Some(into) = into {
        into.insert(name.to_owned(), value);
    }
    Ok(())
}

#[cfg(test)]
mod tests;

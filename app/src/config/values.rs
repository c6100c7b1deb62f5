//! How single values are read, and what is said of those that are wrong.

use std::{
    fmt::Display,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use beffroi_notify::Security;
use serde::{Deserialize, Deserializer, de::Error};
use tracing_subscriber::EnvFilter;

/// How a text of the environment or of a flag becomes a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// As it stands.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    YesNo,
    /// Several, separated by commas.
    List,
}

impl Kind {
    pub(super) fn read(self, text: &str) -> Result<toml::Value, String> {
        Ok(match self {
            Self::Text => toml::Value::String(text.to_owned()),
            Self::Number => {
                let number = text.trim().parse();
                toml::Value::Integer(number.map_err(|_| format!("expected a whole number, not {text:?}"))?)
            }
            Self::YesNo => {
                let answer = text.trim().parse();
                toml::Value::Boolean(answer.map_err(|_| format!("expected true or false, not {text:?}"))?)
            }
            Self::List => {
                let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
                toml::Value::Array(parts.map(|it| toml::Value::String(it.to_owned())).collect())
            }
        })
    }
}

/// A text that is never printed. Empty: not given.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// The text, if one was given.
    pub fn get(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|it| !it.is_empty())
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "Hidden(…)" })
    }
}

fn expected<E: Error>(what: impl Display, found: &str) -> E {
    E::custom(format!("expected {what}, not {found:?}"))
}

fn parsed<T: FromStr, E: Error>(text: &str, what: &str) -> Result<T, E> {
    text.parse().map_err(|_| expected(what, text))
}

pub(super) fn socket<'de, D: Deserializer<'de>>(from: D) -> Result<SocketAddr, D::Error> {
    parsed(&String::deserialize(from)?, "an address and a port, such as 127.0.0.1:8080")
}

pub(super) fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpAddr>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    texts.iter().map(|text| parsed(text, "IP addresses, such as 127.0.0.1")).collect()
}

pub(super) fn between<'de, D, const LEAST: u64, const MOST: u64>(from: D) -> Result<u64, D::Error>
where
    D: Deserializer<'de>,
{
    let number = i64::deserialize(from)?;
    u64::try_from(number)
        .ok()
        .filter(|it| (LEAST..=MOST).contains(it))
        .ok_or_else(|| D::Error::custom(format!("expected a number from {LEAST} to {MOST}, not {number}")))
}

pub(super) fn port<'de, D: Deserializer<'de>>(from: D) -> Result<u16, D::Error> {
    let number = between::<_, 1, 65_535>(from)?;
    u16::try_from(number).map_err(D::Error::custom)
}

pub(super) fn security<'de, D: Deserializer<'de>>(from: D) -> Result<Security, D::Error> {
    match String::deserialize(from)?.as_str() {
        "tls" => Ok(Security::Tls),
        "starttls" => Ok(Security::StartTls),
        "none" => Ok(Security::Plain),
        other => Err(expected("\"starttls\", \"tls\" or \"none\"", other)),
    }
}

pub(super) fn log_filter<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    match EnvFilter::try_new(&text) {
        Ok(_) if !text.is_empty() => Ok(text),
        _ => Err(expected("error, warn, info, debug or trace, or target=level pairs", &text)),
    }
}

pub(super) fn host_and_port<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    let right = |(host, port): (&str, &str)| !host.is_empty() && port.parse::<u16>().is_ok();
    if text.is_empty() || text.rsplit_once(':').is_some_and(right) {
        return Ok(text);
    }
    Err(expected("a host and a port, such as 127.0.0.1:3310", &text))
}

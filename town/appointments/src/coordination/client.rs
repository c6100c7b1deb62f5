//! Asking the coordination service, bounded in time and size: what it knows of numbers, and what it is told. The form of
//! its questions and answers is that which betagouv's rdv-service-public documents (2024). Neither a number nor an
//! answer reaches the log.

use std::{collections::BTreeMap, time::Duration};

use beffroi_core::Targets;
use beffroi_store::words;
use beffroi_webhooks::http::{self, Answer, Method, NoAnswer};
use chrono::NaiveDateTime;
use serde::Deserialize;
use url::Url;

use super::Access;

/// Header of the town's token.
const TOKEN: &str = "x-rdv-opt-auth-token";
/// How long somebody who books waits for what it knows.
const SOON: Duration = Duration::from_secs(3);
/// How long a job waits, for whom nobody waits.
const PATIENT: Duration = Duration::from_secs(12);
/// Bytes of an answer, at most.
const ANSWER_AT_MOST: usize = 128 * 1_024;
/// Appointments of one number that are told, at most.
const ELSEWHERE_AT_MOST: usize = 10;
/// Letters of what it says of an appointment, at most.
const SAID_AT_MOST: usize = 300;

words! {
    /// Why it told nothing, or took nothing.
    Trouble {
        /// It cannot be reached.
        Away = "away",
        /// It does not answer in time.
        Slow = "slow",
        /// Its address leads to a private network.
        Private = "private",
        /// Its certificate is not right.
        Insecure = "insecure",
        /// It does not take the town's token.
        Refused = "refused",
        /// It wants to be asked less often.
        Limit = "limit",
        /// It is out of order.
        Failing = "failing",
        /// It answers what nobody understands.
        Unreadable = "unreadable",
    }
}

impl Trouble {
    const fn of_silence(reason: NoAnswer) -> Self {
        match reason {
            NoAnswer::Name | NoAnswer::Connection => Self::Away,
            NoAnswer::Private | NoAnswer::Address => Self::Private,
            NoAnswer::Certificate => Self::Insecure,
            NoAnswer::Slow => Self::Slow,
            NoAnswer::Protocol => Self::Unreadable,
        }
    }
}

words! {
    /// How a number stands.
    Standing {
        /// Appointments may be declared for it.
        Validated = "validated",
        /// Somebody has told it, and the State does not know it yet.
        Declared = "declared",
        /// The file was handed in: it serves no more.
        Consumed = "consumed",
        /// There is no such number.
        Unknown = "unknown",
        /// It is too old.
        Expired = "expired",
        /// Something that is not known here.
        Other = "other",
    }
}

/// What it knows of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub number: String,
    /// How it stands.
    pub standing: Standing,
    /// The appointments that were declared for it, this town's too.
    pub appointments: Vec<Elsewhere>,
}

/// An appointment as whoever gives it has declared it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// Where.
    pub place: String,
    /// When, as the clocks show it there.
    pub at: NaiveDateTime,
    /// Where it is moved or given back: an address of http, or `""`.
    pub manage: String,
}

/// An appointment of this town, in the words in which it is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// The number.
    pub number: String,
    /// The site, as the State's search knows it.
    pub point: String,
    /// Its name.
    pub place: String,
    /// When, as the town's clocks show it.
    pub at: String,
    /// Where it is moved or given back; not said where it is withdrawn.
    pub manage: String,
}

/// The coordination service, for all communes.
#[derive(Clone, Debug)]
pub struct Coordination {
    targets: Targets,
    instead: Option<Access>,
    soon: Duration,
}

/// A number as the service tells it.
#[derive(Deserialize)]
struct ToldNumber {
    #[serde(default)]
    status: String,
    #[serde(default)]
    appointments: Vec<ToldAppointment>,
}

#[derive(Deserialize)]
struct ToldAppointment {
    #[serde(default)]
    management_url: String,
    #[serde(default)]
    meeting_point: String,
    #[serde(default)]
    appointment_date: String,
}

/// What it says of a declaration.
#[derive(Deserialize)]
struct ToldDone {
    #[serde(default)]
    success: bool,
}

impl Coordination {
    /// Where each commune's settings say that it is, as far as the operator allows.
    pub const fn new(targets: Targets) -> Self {
        Self { targets, instead: None, soon: SOON }
    }

    /// A stand-in on this machine for all communes, whatever their settings say.
    pub fn at(address: &str, token: &str) -> Self {
        let access = Access { address: address.to_owned(), token: token.to_owned() };
        Self { instead: Some(access), ..Self::new(Targets::Private) }
    }

    /// One that whoever books waits so long for.
    #[must_use]
    pub fn patient(self, soon: Duration) -> Self {
        Self { soon, ..self }
    }

    /// What stands in for it.
    pub(crate) const fn instead(&self) -> Option<&Access> {
        self.instead.as_ref()
    }

    /// What it knows of numbers; `soon`: whether somebody waits.
    ///
    /// # Errors
    /// Why it told nothing.
    pub(crate) async fn known(
        &self,
        access: &Access,
        numbers: &[String],
        soon: bool,
    ) -> Result<Vec<Known>, Trouble> {
        let pairs: Vec<(&str, &str)> =
            numbers.iter().map(|number| ("application_ids", number.as_str())).collect();
        let within = if soon { self.soon } else { PATIENT };
        let answer = self.ask(access, (Method::GET, "status"), &pairs, within).await?;
        judged(&answer)?;
        let told: BTreeMap<String, ToldNumber> =
            serde_json::from_str(&answer.text).map_err(|_| Trouble::Unreadable)?;
        Ok(told.into_iter().map(|(number, told)| told.known(number)).collect())
    }

    /// Declares an appointment; `false` where it does not take it.
    ///
    /// # Errors
    /// Why nobody knows whether it did.
    pub(crate) async fn declare(&self, access: &Access, new: &Declaration) -> Result<bool, Trouble> {
        let pairs = new.pairs().into_iter().chain([("management_url", new.manage.as_str())]);
        let pairs: Vec<_> = pairs.collect();
        let answer = self.ask(access, (Method::POST, "appointments"), &pairs, PATIENT).await?;
        if matches!(answer.status, 400 | 404 | 409 | 422) {
            return Ok(false);
        }
        judged(&answer)?;
        let told: ToldDone = serde_json::from_str(&answer.text).map_err(|_| Trouble::Unreadable)?;
        Ok(told.success)
    }

    /// Withdraws an appointment. One that it does not know is as good as withdrawn.
    ///
    /// # Errors
    /// Why nobody knows whether it is.
    pub(crate) async fn withdraw(&self, access: &Access, old: &Declaration) -> Result<(), Trouble> {
        let answer = self.ask(access, (Method::DELETE, "appointments"), &old.pairs(), PATIENT).await?;
        if answer.status == 404 { Ok(()) } else { judged(&answer) }
    }

    async fn ask(
        &self,
        access: &Access,
        (method, what): (Method, &str),
        pairs: &[(&str, &str)],
        within: Duration,
    ) -> Result<Answer, Trouble> {
        let mut url: Url = http::accepted(self.targets, &format!("{}/{what}", access.address))
            .map_err(|_| Trouble::Private)?;
        url.query_pairs_mut().extend_pairs(pairs);
        let headers = [(TOKEN, access.token.clone()), ("accept", "application/json".to_owned())];
        let asked = http::ask(self.targets, method, &url, &headers, ANSWER_AT_MOST);
        match tokio::time::timeout(within, asked).await {
            Ok(answer) => answer.map_err(Trouble::of_silence),
            Err(_) => Err(Trouble::Slow),
        }
    }
}

impl Declaration {
    fn pairs(&self) -> [(&'static str, &str); 4] {
        [
            ("application_id", self.number.as_str()),
            ("meeting_point", self.place.as_str()),
            ("meeting_point_id", self.point.as_str()),
            ("appointment_date", self.at.as_str()),
        ]
    }
}

impl ToldNumber {
    fn known(self, number: String) -> Known {
        let appointments = self.appointments.into_iter().filter_map(ToldAppointment::read);
        Known {
            number,
            standing: Standing::from_word(&self.status).unwrap_or(Standing::Other),
            appointments: appointments.take(ELSEWHERE_AT_MOST).collect(),
        }
    }
}

impl ToldAppointment {
    /// As a page may show it: others have written it.
    fn read(self) -> Option<Elsewhere> {
        let date = self.appointment_date.trim();
        let bare = date.get(..19).unwrap_or(date).replace('T', " ");
        let at = NaiveDateTime::parse_from_str(&bare, "%Y-%m-%d %H:%M:%S").ok()?;
        let leads = Url::parse(&self.management_url).ok();
        let leads = leads.filter(|url| matches!(url.scheme(), "https" | "http"));
        Some(Elsewhere {
            place: self.meeting_point.chars().filter(|it| !it.is_control()).take(SAID_AT_MOST).collect(),
            at,
            manage: leads.map(String::from).unwrap_or_default(),
        })
    }
}

/// What a status means.
fn judged(answer: &Answer) -> Result<(), Trouble> {
    match answer.status {
        200..=299 => Ok(()),
        401 | 403 => Err(Trouble::Refused),
        429 => Err(Trouble::Limit),
        500..=599 => Err(Trouble::Failing),
        _ => Err(Trouble::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_have_written_is_read_with_care() {
        let told = |date: &str, url: &str| {
            ToldAppointment {
                management_url: url.to_owned(),
                meeting_point: "Mairie de Sommières".to_owned(),
                appointment_date: date.to_owned(),
            }
            .read()
        };
        for date in ["2026-06-04T08:45:00", "2026-06-04 08:45:00", "2026-06-04T08:45:00+02:00"] {
            let read = told(date, "https://rdv.sommieres.example/1").unwrap();
            assert_eq!(read.at.to_string(), "2026-06-04 08:45:00", "{date}");
            assert_eq!(read.manage, "https://rdv.sommieres.example/1");
        }
        assert_eq!(told("2026-06-04 08:45:00", "javascript:alert(1)").unwrap().manage, "");
        assert!(told("demain", "").is_none());
        assert!(told("é026-06-04 08:45:0é", "").is_none());
    }
}

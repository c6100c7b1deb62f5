//! What somebody who books is told of their numbers before they have the time: that one serves no more, or that they have
//! an appointment elsewhere. The service is waited for some seconds at most, and where it does not answer, the time is
//! booked all the same.

use std::sync::Arc;

use beffroi_store::{By, Commune, StoreError, Tx};
use beffroi_web::{Page, Result, WebError, Wrong};
use chrono::NaiveDateTime;
use chrono_tz::Tz;

use super::{
    Coordinator, Known, Standing, access,
    other::{self, Line, Other},
};
use crate::{
    appointment::{Appointment, Contact, predemand},
    clock::Now,
};

/// What is known of the numbers that somebody gave.
#[derive(Clone, Debug, Default)]
pub(crate) struct Looked {
    wrong: Option<Wrong>,
    others: Vec<Other>,
    /// Whether the service was asked in vain.
    pub(crate) unanswered: bool,
}

/// The numbers that somebody gave, as they are kept; those that are none are judged elsewhere.
pub(crate) fn numbers(typed: &Contact) -> Vec<String> {
    let mut numbers: Vec<String> = typed.numbers.iter().filter_map(|number| predemand(number)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

impl Looked {
    /// What stands in the way of booking with these numbers. `despite`: whether somebody wishes it although there is an
    /// appointment elsewhere.
    pub(crate) fn judged(&self, despite: bool) -> Option<Wrong> {
        let elsewhere = !self.others.is_empty() && !despite;
        self.wrong.or(elsewhere.then_some(("malgre", "appointments-wrong-elsewhere")))
    }

    /// The appointments that there are elsewhere.
    pub(crate) fn lines(&self, page: &Page, zone: Tz) -> Vec<Line> {
        other::lines(page, &self.others, zone)
    }

    /// Keeps what whoever booked was told of, so that it is not told them again.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn keep(&self, tx: &mut Tx<'_>, booked: &Appointment) -> beffroi_store::Result<()> {
        if self.others.is_empty() {
            return Ok(());
        }
        other::keep(tx, booked.id, &booked.contact.numbers, &self.others).map(drop)
    }

    /// What the service's answer means for somebody who books now. `own`: how the addresses of this town's appointments
    /// begin; what it has itself is looked up at home.
    fn of(known: &[Known], own: &str, now: NaiveDateTime) -> Self {
        let wrong = known.iter().find_map(|known| match known.standing {
            Standing::Consumed => Some(("predemandes", "appointments-wrong-number-consumed")),
            Standing::Expired => Some(("predemandes", "appointments-wrong-number-expired")),
            Standing::Unknown => Some(("predemandes", "appointments-wrong-number-unknown")),
            Standing::Validated | Standing::Declared | Standing::Other => None,
        });
        Self { wrong, others: Other::among(known, own, now), unanswered: false }
    }
}

impl Coordinator {
    /// Asks what is known of numbers, and waits for it some seconds at most.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn look(self: &Arc<Self>, commune: &Arc<Commune>, numbers: &[String]) -> Result<Looked> {
        if numbers.is_empty() {
            return Ok(Looked::default());
        }
        let this = Arc::clone(self);
        let (access, troubled, now) = commune
            .read::<_, StoreError>(By::SYSTEM, move |tx| {
                let access = this.access(tx)?;
                let troubled = access::kept(tx)?.is_some_and(|kept| kept.trouble.is_some());
                Ok((access, troubled, Now::read(tx)?))
            })
            .await?;
        let Some(access) = access else { return Ok(Looked::default()) };
        let (this, home) = (Arc::clone(self), Arc::clone(commune));
        let own =
            tokio::task::spawn_blocking(move || this.own(&home)).await.map_err(WebError::internal)??;
        let told = self.coordination.known(&access, numbers, true).await;
        let trouble = told.as_ref().err().copied();
        // That all is well is written down once.
        if trouble.is_some() || troubled {
            commune.write::<_, StoreError>(By::SYSTEM, move |tx| access::fared(tx, trouble)).await?;
        }
        Ok(match told {
            Ok(known) => Looked::of(&known, &own.unwrap_or_default(), other::shown(&now)),
            Err(_) => Looked { unanswered: true, ..Looked::default() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coordination::Elsewhere;

    fn known(standing: Standing, appointments: &[(&str, &str)]) -> Known {
        let appointment = |(at, manage): &(&str, &str)| Elsewhere {
            place: "Mairie de Sommières".to_owned(),
            at: at.parse().unwrap(),
            manage: (*manage).to_owned(),
        };
        let appointments = appointments.iter().map(appointment).collect();
        Known { number: "ABCDE12345".to_owned(), standing, appointments }
    }

    fn looked(known: &[Known]) -> Looked {
        let now = "2026-06-03T10:00:00".parse().unwrap();
        Looked::of(known, "https://lunel.example/rendez-vous/mien/", now)
    }

    #[test]
    fn what_serves_no_more_is_told_and_what_is_elsewhere_is_a_warning() {
        assert_eq!(looked(&[known(Standing::Validated, &[])]).judged(false), None);
        for (standing, word) in [
            (Standing::Consumed, "appointments-wrong-number-consumed"),
            (Standing::Expired, "appointments-wrong-number-expired"),
            (Standing::Unknown, "appointments-wrong-number-unknown"),
        ] {
            // However much somebody wishes it.
            assert_eq!(looked(&[known(standing, &[])]).judged(true), Some(("predemandes", word)));
        }
        let there = ("2026-06-10T08:45:00", "https://rdv.sommieres.example/1");
        // For both children at once.
        let elsewhere = [known(Standing::Validated, &[there]), known(Standing::Validated, &[there])];
        let found = looked(&elsewhere);
        assert_eq!(other::distinct(found.others.clone()).len(), 1);
        assert_eq!(found.judged(false), Some(("malgre", "appointments-wrong-elsewhere")));
        assert_eq!(found.judged(true), None);
    }

    #[test]
    fn neither_what_has_passed_nor_what_is_this_towns_is_elsewhere() {
        let own = ("2026-06-10T08:45:00", "https://lunel.example/rendez-vous/mien/abc");
        let past = ("2026-06-03T09:45:00", "https://rdv.sommieres.example/1");
        assert_eq!(looked(&[known(Standing::Validated, &[own, past])]).judged(false), None);
    }
}

//! What a decision rests on beside the request: the opinions that were given, cited in the visas of an order, and what
//! silence had decided before, which it replaces or confirms.

use std::collections::HashMap;

use beffroi_calendar::{
    booking::{self, Booking},
    clock,
};
use beffroi_cases::{
    advice::{self, Opinion, State as Stands, View},
    case::Case,
    decision::Outcome,
    silence,
};
use beffroi_core::{
    Cents, Day, Lang,
    calendar::{civil_day, long_date},
};
use beffroi_people::department;
use beffroi_store::{StoreError, Tx};
use chrono_tz::Tz;

/// What a decision rests on.
#[derive(Clone, Debug)]
pub struct Grounds {
    /// What was asked of others about the case.
    pub opinions: Vec<Opinion>,
    /// What silence had decided, and since when; `None` where the town answers in time.
    pub silence: Option<(Outcome, Day)>,
    /// What was booked for the case, if anything was.
    pub booking: Option<Booking>,
    /// The names of departments, by short name.
    departments: HashMap<String, String>,
    zone: Tz,
}

impl Grounds {
    /// What a decision of this case rests on that is taken on that day.
    pub fn load(tx: &mut Tx<'_>, case: &Case, decided_on: Day, zone: Tz) -> Result<Self, StoreError> {
        let implied =
            silence::of_case(tx, case.id).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let departments =
            department::list(tx)?.into_iter().map(|found| (found.details.slug, found.details.name)).collect();
        Ok(Self {
            opinions: advice::of_case(tx, case.id)?,
            silence: implied
                .map(|implied| (implied.outcome, implied.deemed_on))
                .or_else(|| silence::decided_by(case, decided_on)),
            booking: booking::of_owner(tx, ("case", case.id.uuid()))?,
            departments,
            zone,
        })
    }

    /// Who was asked: a department by its name, or the expert.
    pub fn asked(&self, opinion: &Opinion) -> String {
        match &opinion.department {
            Some(slug) => self.departments.get(slug).unwrap_or(slug).clone(),
            None => opinion.expert.clone(),
        }
    }

    /// The day on which an opinion was given.
    pub fn given_on(&self, opinion: &Opinion) -> Option<Day> {
        opinion.answered_at.map(|at| civil_day(at, self.zone))
    }

    /// The opinions that were given, each to stand after « Vu ».
    pub(super) fn visas(&self) -> impl Iterator<Item = String> + '_ {
        self.opinions.iter().filter(|it| it.state == Stands::Given).filter_map(|opinion| {
            let view = match opinion.view? {
                View::Favourable => "favorable",
                View::WithReserves => "favorable avec réserves",
                View::Unfavourable => "défavorable",
            };
            let day = long_date(self.given_on(opinion)?, Lang::Fr);
            Some(format!("l’avis {view} {} en date du {day}", from(&self.asked(opinion))))
        })
    }

    /// Every date of what was booked, where it comes again: the request itself tells the first.
    pub(super) fn dates(&self, outcome: Outcome) -> Option<String> {
        let dates = self.booking.as_ref()?.dates();
        if dates.len() < 2 || outcome == Outcome::Closed {
            return None;
        }
        let each: Vec<String> = dates.iter().map(|date| clock::when(*date, self.zone, Lang::Fr)).collect();
        Some(format!("Cette décision vaut pour {} dates\u{a0}: {}.", dates.len(), each.join("\u{a0}; ")))
    }

    /// What is to be paid and deposited for what was booked, where it is granted.
    pub(super) fn price(&self, outcome: Outcome) -> Option<String> {
        let price = self.booking.as_ref()?.price.as_ref().filter(|_| outcome == Outcome::Granted)?;
        let cited = price.deliberation.cited(Lang::Fr);
        let mut told = match price.due {
            Cents(0) => "La mise à disposition est gratuite.".to_owned(),
            due => format!("Le prix est de {due}, fixé par la {cited}."),
        };
        if price.deposit > Cents(0) {
            told = format!(
                "{told} Une caution de {} est à remettre avant la remise des clés\u{a0}; elle n’est pas encaissée.",
                price.deposit
            );
        }
        Some(told)
    }

    /// What the decision does to what silence had decided; `None` where silence had decided nothing, and where the case
    /// is closed without a decision on what was asked.
    pub(super) fn after_silence(&self, outcome: Outcome) -> Option<String> {
        let (decided, since) = self.silence?;
        let since = long_date(since, Lang::Fr);
        match (decided, outcome) {
            (_, Outcome::Closed) => None,
            (Outcome::Granted, _) => Some(format!(
                "La présente décision confirme l’acceptation née le {since} du silence gardé par la mairie."
            )),
            _ => Some(format!(
                "La présente décision remplace la décision implicite de refus née le {since} du silence gardé par la mairie."
            )),
        }
    }
}

/// « du service des sports », « de la police municipale »: the words that name a department tell its article; of what
/// tells none, « rendu par » needs none.
fn from(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or_default().to_lowercase();
    let lowered = || super::reasons::lower_first(name);
    match first.as_str() {
        "service" | "pôle" | "centre" | "bureau" => format!("du {}", lowered()),
        "services" => format!("des {}", lowered()),
        "direction" | "police" | "maison" | "mission" => format!("de la {}", lowered()),
        "accueil" | "état" | "urbanisme" => format!("de l’{}", lowered()),
        _ => format!("rendu par {name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::from;

    #[test]
    fn who_gave_an_opinion_is_named_as_french_names_them() {
        let named =
            ["Service des sports", "Services techniques", "Police municipale", "Ana Ruiz, architecte"];
        let said = [
            "du service des sports",
            "des services techniques",
            "de la police municipale",
            "rendu par Ana Ruiz, architecte",
        ];
        assert_eq!(named.map(from), said);
    }
}

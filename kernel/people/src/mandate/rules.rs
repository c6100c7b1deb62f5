//! What a mandate is, and what it covers on which day. Pure.

use beffroi_core::{Day, Sector, text::fold};
use chrono::Days;
use serde::{Deserialize, Serialize};

use crate::{NewPerson, PostalAddress, account::normalise_email, words::words};

words! {
    /// What the helper is to the helped person.
    Helper {
        /// A relative, a friend, a neighbour: with their own account.
        Relative = "relative",
        /// An agent of the town, or another professional who helps people with their papers.
        Professional = "professional",
        /// An organisation, through the account of one of its members.
        Organisation = "organisation",
    }
}

words! {
    /// How far it has come. That its time is over is read from its days.
    State {
        /// The helped person has not consented yet.
        Asked = "asked",
        /// It serves, from its first day to its last.
        Running = "running",
        /// The helped person, or the town, said no.
        Refused = "refused",
        /// It was ended before its time.
        Ended = "ended",
    }
}

words! {
    /// What shows that the helped person consents.
    Proof {
        /// A paper that they signed, seen by an agent.
        Paper = "paper",
        /// A code that was sent to them, or the link beside it.
        Code = "code",
        /// Their own account: they gave it there themselves, signed in.
        Account = "account",
    }
}

words! {
    /// Who ended or refused it.
    By {
        /// The helped person.
        Helped = "helped",
        /// The helper.
        Helper = "helper",
        /// An agent, for one of them or for the town.
        Town = "town",
    }
}

words! {
    /// How a consent, a refusal or an end was shown to be the helped person's: what proves it later.
    Through {
        /// By the private link that only they were sent.
        Link = "link",
        /// From their own account, signed in.
        Account = "account",
        /// By the code that only they were sent, which they told to whoever typed it.
        Code = "code",
        /// By a paper that they signed, which an agent has seen.
        Paper = "paper",
    }
}

/// The terms that are offered, in days: none runs for more than a year without being asked for again.
pub const TERMS: [u32; 4] = [1, 31, 182, 365];

/// For how long a mandate is given: one of [`TERMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Term(u32);

impl Term {
    /// The term of that many days, if it is offered.
    pub fn of_days(days: u32) -> Option<Self> {
        TERMS.contains(&days).then_some(Self(days))
    }

    /// How many days.
    pub const fn days(self) -> u32 {
        self.0
    }

    /// The last day of a mandate that begins on `from`.
    pub fn until(self, from: Day) -> Day {
        from.checked_add_days(Days::new(u64::from(self.0.saturating_sub(1)))).unwrap_or(from)
    }
}

/// In what one may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every procedure.
    All,
    /// Those of one sector.
    Sector(Sector),
    /// Those named, by their short names.
    Procedures(Vec<String>),
}

impl Scope {
    /// Procedures that one mandate names at most.
    pub const NAMED_AT_MOST: usize = 20;

    /// As it is kept: `*`, `sector:social`, or short names separated by spaces.
    pub fn to_text(&self) -> String {
        match self {
            Self::All => "*".to_owned(),
            Self::Sector(sector) => format!("sector:{}", sector.as_str()),
            Self::Procedures(slugs) => slugs.join(" "),
        }
    }

    /// Reads what [`Scope::to_text`] wrote; `None` for what names nothing.
    pub fn parse(text: &str) -> Option<Self> {
        if text == "*" {
            return Some(Self::All);
        }
        if let Some(sector) = text.strip_prefix("sector:") {
            return Sector::from_word(sector).map(Self::Sector);
        }
        let slugs: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        (!slugs.is_empty() && slugs.len() <= Self::NAMED_AT_MOST).then_some(Self::Procedures(slugs))
    }

    /// Whether a procedure of a sector is within it.
    pub fn covers(&self, procedure: &str, sector: Sector) -> bool {
        match self {
            Self::All => true,
            Self::Sector(own) => *own == sector,
            Self::Procedures(slugs) => slugs.iter().any(|slug| slug == procedure),
        }
    }
}

/// Who is helped, as the mandate itself keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Helped {
    /// Family name at birth.
    pub family_name: String,
    /// Given names.
    pub given_names: String,
    /// The name used in daily life, if another.
    pub used_name: String,
    /// Day of birth.
    pub birth_date: Option<Day>,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Postal address, on one line.
    pub address: String,
}

impl Helped {
    /// As a letter names them: « Augustine Galtier ».
    pub fn full_name(&self) -> String {
        self.person().full_name()
    }

    /// As lists name them: « Galtier Augustine ».
    pub fn list_name(&self) -> String {
        self.person().list_name()
    }

    /// The lines of an envelope: name, street, postcode and town.
    pub fn letter_lines(&self) -> Vec<String> {
        let mut lines = vec![self.full_name()];
        match self.address.rsplit_once(", ") {
            Some((street, town)) => lines.extend([street.to_owned(), town.to_owned()]),
            None => lines.push(self.address.clone()),
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// Whether the town has a way to write to them.
    pub fn is_reachable(&self) -> bool {
        !self.email.is_empty() || self.letter_lines().len() > 1
    }

    /// Where they are written to, however it is typed: the e-mail address or, without one, the postal address.
    pub fn recipient(&self) -> String {
        normalise_email(&self.email).unwrap_or_else(|| fold(&self.address))
    }

    /// As a record of persons.
    pub fn person(&self) -> NewPerson {
        NewPerson {
            family_name: self.family_name.clone(),
            given_names: self.given_names.clone(),
            used_name: self.used_name.clone(),
            birth_date: self.birth_date,
            email: self.email.clone(),
            phone: self.phone.clone(),
            address: PostalAddress {
                lines: Some(self.address.clone()).filter(|line| !line.is_empty()).into_iter().collect(),
                ..PostalAddress::default()
            },
            ..NewPerson::default()
        }
    }
}

/// How a mandate stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The helped person has not consented yet.
    Asked,
    /// It serves.
    Running,
    /// Its time is over.
    Expired,
    /// It was refused.
    Refused,
    /// It was ended.
    Ended,
}

/// How a mandate stands on `today`.
pub fn status(state: State, days: Option<(Day, Day)>, today: Day) -> Status {
    match (state, days) {
        (State::Asked, _) => Status::Asked,
        (State::Refused, _) => Status::Refused,
        (State::Ended, _) => Status::Ended,
        (State::Running, Some((from, until))) if from <= today && today <= until => Status::Running,
        (State::Running, _) => Status::Expired,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_mandate_of_one_day_serves_on_that_day_alone() {
        let term = Term::of_days(1).unwrap();
        let days = Some((day("2026-06-03"), term.until(day("2026-06-03"))));
        assert_eq!(status(State::Running, days, day("2026-06-03")), Status::Running);
        assert_eq!(status(State::Running, days, day("2026-06-04")), Status::Expired);
        assert_eq!(Term::of_days(365).unwrap().until(day("2026-06-03")), day("2027-06-02"));
        assert_eq!(Term::of_days(366), None, "none runs for more than a year");
    }

    #[test]
    fn a_scope_covers_what_it_names() {
        let named = Scope::parse("acte-de-naissance acte-de-mariage").unwrap();
        assert!(named.covers("acte-de-mariage", Sector::CivilStatus));
        assert!(
            !named.covers("acte", Sector::CivilStatus) && !named.covers("acte-de-deces", Sector::CivilStatus)
        );
        let sector = Scope::parse("sector:social").unwrap();
        assert!(sector.covers("aide", Sector::Social) && !sector.covers("aide", Sector::Finance));
        assert!(Scope::All.covers("anything", Sector::Safety));
        assert_eq!((Scope::parse(""), Scope::parse("sector:moon")), (None, None));
    }

    proptest! {
        #[test]
        fn what_is_not_agreed_is_not_covered(
            state in prop::sample::select(State::ALL.to_vec()),
            term in prop::sample::select(TERMS.to_vec()),
            offset in -400_i64..400,
            scope in prop_oneof![
                Just(Scope::All),
                prop::sample::select(Sector::ALL.to_vec()).prop_map(Scope::Sector),
                prop::collection::vec("[a-z]{1,8}", 1..5).prop_map(Scope::Procedures),
            ],
            asked in "[a-z]{1,8}",
            sector in prop::sample::select(Sector::ALL.to_vec()),
        ) {
            let from = day("2026-06-03");
            let days = (from, Term::of_days(term).unwrap().until(from));
            let today = from + chrono::TimeDelta::days(offset);
            let running = status(state, Some(days), today) == Status::Running;
            prop_assert_eq!(running, state == State::Running && offset >= 0 && offset < i64::from(term));
            prop_assert_eq!(Scope::parse(&scope.to_text()), Some(scope.clone()));
            let covered = scope.covers(&asked, sector);
            match &scope {
                Scope::All => prop_assert!(covered),
                Scope::Sector(own) => prop_assert_eq!(covered, *own == sector),
                Scope::Procedures(slugs) => prop_assert_eq!(covered, slugs.contains(&asked)),
            }
        }
    }
}

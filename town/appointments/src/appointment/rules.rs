//! The words of an appointment, and who may be told about it. Pure.

use std::cmp::Ordering;

pub use beffroi_core::text::phone as shown_phone;
use beffroi_core::{Instant, calendar::civil_day, sms};
use beffroi_people::account::normalise_email;
use beffroi_store::words;
use beffroi_web::Wrong;

use crate::clock::Now;

/// Letters of a name or a note, at most.
const NAME_AT_MOST: usize = 100;
const NOTE_AT_MOST: usize = 500;
/// How a telephone number looks.
pub const TELEPHONE_HINT: &str = "06 12 34 56 78";

words! {
    /// Where an appointment stands.
    State {
        /// Its time is held while somebody says who they are.
        Held = "held",
        /// It is agreed.
        Booked = "booked",
        /// Whoever it is for is there.
        Arrived = "arrived",
        /// They were received.
        Received = "received",
        /// They did not come.
        Missed = "missed",
        /// It was given back.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether the day counts on it.
    pub const fn is_expected(self) -> bool {
        matches!(self, Self::Booked | Self::Arrived | Self::Received | Self::Missed)
    }

    /// Whether an agent may write this down after that, at this moment.
    pub fn may_become(self, next: Self, come: Come) -> bool {
        match next {
            Self::Arrived => come.is_its_day() && matches!(self, Self::Booked | Self::Missed),
            Self::Received => {
                come != Come::LaterDay && matches!(self, Self::Booked | Self::Arrived | Self::Missed)
            }
            // What was clicked by mistake is taken back.
            Self::Booked => matches!(self, Self::Arrived | Self::Received | Self::Missed),
            Self::Missed => come.has_begun() && matches!(self, Self::Booked | Self::Arrived),
            Self::Held | Self::Cancelled => false,
        }
    }
}

/// How far the time of an appointment has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Come {
    /// It is on a day after today.
    LaterDay,
    /// It is today, and has not begun.
    Today,
    /// It is today, and has begun.
    Begun,
    /// It was on a day before today.
    EarlierDay,
}

impl Come {
    /// Of an appointment that begins at this instant. Days are those of the town's clocks.
    pub fn of(start: Instant, now: &Now) -> Self {
        match civil_day(start, now.zone).cmp(&now.today) {
            Ordering::Greater => Self::LaterDay,
            Ordering::Less => Self::EarlierDay,
            Ordering::Equal if start <= now.at => Self::Begun,
            Ordering::Equal => Self::Today,
        }
    }

    const fn is_its_day(self) -> bool {
        matches!(self, Self::Today | Self::Begun)
    }

    const fn has_begun(self) -> bool {
        matches!(self, Self::Begun | Self::EarlierDay)
    }
}

/// Whom an appointment is for, and how they are told about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Name and first name.
    pub name: String,
    /// An address of e-mail, or `""`.
    pub email: String,
    /// A telephone number as it is dialled in France, or `+…`; or `""`.
    pub phone: String,
    /// What the agent should know.
    pub note: String,
    /// Numbers of pre-requests (ANTS), one a person at most.
    pub numbers: Vec<String>,
}

impl Contact {
    /// What was typed, judged; all that is wrong with it at once. `reachable`: whether an e-mail or a telephone number
    /// is needed, as online, where nobody hands over a slip. `persons`: how many come.
    ///
    /// # Errors
    /// The fields and what is wrong with them.
    pub fn judged(self, reachable: bool, persons: u32) -> Result<Self, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let (email, phone) = (normalise_email(&self.email), agreed_phone(&self.phone));
        if self.name.is_empty() {
            wrong.push(("nom", "appointments-wrong-name"));
        } else if self.name.chars().count() > NAME_AT_MOST {
            wrong.push(("nom", "appointments-wrong-name-long"));
        }
        if !self.email.is_empty() && email.is_none() {
            wrong.push(("courriel", "appointments-wrong-email"));
        }
        if !self.phone.is_empty() && phone.is_none() {
            wrong.push(("telephone", "appointments-wrong-phone"));
        }
        if reachable && self.email.is_empty() && self.phone.is_empty() {
            wrong.push(("courriel", "appointments-wrong-unreachable"));
        }
        if self.note.chars().count() > NOTE_AT_MOST {
            wrong.push(("precisions", "appointments-wrong-note"));
        }
        let numbers: Option<Vec<String>> = self.numbers.iter().map(|number| predemand(number)).collect();
        if numbers.is_none() {
            wrong.push(("predemandes", "appointments-wrong-numbers"));
        }
        let mut numbers = numbers.unwrap_or_default();
        numbers.sort_unstable();
        numbers.dedup();
        if u32::try_from(numbers.len()).unwrap_or(u32::MAX) > persons {
            wrong.push(("predemandes", "appointments-wrong-numbers-many"));
        }
        if wrong.is_empty() {
            let (email, phone) = (email.unwrap_or_default(), phone.unwrap_or_default());
            Ok(Self { email, phone, numbers, ..self })
        } else {
            Err(wrong)
        }
    }
}

/// The number of a pre-request as it is kept: ten letters and digits, capitals.
pub(crate) fn predemand(typed: &str) -> Option<String> {
    let number: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    let fits = number.len() == 10 && number.bytes().all(|c| c.is_ascii_alphanumeric());
    fits.then(|| number.to_ascii_uppercase())
}

/// A telephone number in one form for all ways of typing it; `None` where it is none.
pub fn agreed_phone(typed: &str) -> Option<String> {
    let typed = typed.trim();
    if let Some(mobile) = sms::mobile(typed, false) {
        return Some(mobile.strip_prefix("+33").map_or(mobile.clone(), |rest| format!("0{rest}")));
    }
    let digits: String = typed.chars().filter(|c| !" .-()/\u{a0}\u{202f}".contains(*c)).collect();
    let national =
        digits.strip_prefix("+33").or_else(|| digits.strip_prefix("0033")).map(|rest| format!("0{rest}"));
    let digits = national.unwrap_or(digits);
    let bare = digits.strip_prefix('+').unwrap_or(&digits);
    let fits = (6..=15).contains(&bare.len()) && bare.bytes().all(|c| c.is_ascii_digit());
    fits.then_some(digits)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use chrono_tz::Europe::Paris;

    use super::*;

    fn typed(name: &str, email: &str, phone: &str) -> Contact {
        let [name, email, phone] = [name, email, phone].map(str::to_owned);
        Contact { name, email, phone, ..Contact::default() }
    }

    #[test]
    fn one_way_to_be_reached_suffices_and_none_at_the_counter() {
        assert!(typed("Jeanne Roux", "jeanne@example.org", "").judged(true, 1).is_ok());
        assert!(typed("Jeanne Roux", "", "06 12 34 56 78").judged(true, 1).is_ok());
        assert!(typed("Jeanne Roux", "", "").judged(false, 1).is_ok());
        assert_eq!(
            typed("Jeanne Roux", "", "").judged(true, 1),
            Err(vec![("courriel", "appointments-wrong-unreachable")])
        );
        assert_eq!(
            typed("", "jeanne", "12").judged(true, 1).unwrap_err(),
            [
                ("nom", "appointments-wrong-name"),
                ("courriel", "appointments-wrong-email"),
                ("telephone", "appointments-wrong-phone"),
            ]
        );
    }

    #[test]
    fn one_number_is_the_same_however_it_is_typed() {
        for typed in ["06 12 34 56 78", "+33612345678", "0033 6 12.34.56.78", "06-12-34-56-78"] {
            assert_eq!(agreed_phone(typed).as_deref(), Some("0612345678"), "{typed}");
        }
        assert_eq!(agreed_phone("04 65 71 00 20").as_deref(), Some("0465710020"));
        assert_eq!(agreed_phone("+33 4 65 71 00 20").as_deref(), Some("0465710020"));
        assert_eq!(agreed_phone("+32 470 12 34 56").as_deref(), Some("+32470123456"));
        assert_eq!(shown_phone("0612345678"), "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78");
        for typed in ["", "bonjour", "12", "0612345678901234"] {
            assert_eq!(agreed_phone(typed), None, "{typed}");
        }
    }

    #[test]
    fn numbers_of_prerequests_have_ten_letters_and_digits() {
        assert_eq!(predemand(" 1234 abcd-56").as_deref(), Some("1234ABCD56"));
        for typed in ["", "123456789", "12345678901", "12345é7890"] {
            assert_eq!(predemand(typed), None, "{typed}");
        }
    }

    #[test]
    fn nobody_brings_more_numbers_than_persons() {
        let numbers = |persons| {
            let numbers = ["1111111111", "2222222222", "1111111111"].map(str::to_owned).to_vec();
            Contact { numbers, ..typed("Jeanne Roux", "", "") }.judged(false, persons)
        };
        assert_eq!(numbers(1), Err(vec![("predemandes", "appointments-wrong-numbers-many")]));
        assert_eq!(numbers(2).map(|it| it.numbers.len()), Ok(2), "one typed twice is one");
    }

    #[test]
    fn nobody_has_missed_what_has_not_begun() {
        assert!(State::Booked.may_become(State::Missed, Come::Begun));
        assert!(State::Booked.may_become(State::Missed, Come::EarlierDay));
        assert!(!State::Booked.may_become(State::Missed, Come::Today));
        assert!(State::Received.may_become(State::Booked, Come::Begun));
        for state in State::ALL {
            assert!(!State::Cancelled.may_become(*state, Come::Begun));
            assert!(!state.may_become(State::Held, Come::Begun));
        }
    }

    #[test]
    fn nobody_arrives_but_on_the_day() {
        for (come, arrives, is_received) in [
            (Come::LaterDay, false, false),
            (Come::Today, true, true),
            (Come::Begun, true, true),
            (Come::EarlierDay, false, true),
        ] {
            assert_eq!(State::Booked.may_become(State::Arrived, come), arrives, "{come:?}");
            assert_eq!(State::Booked.may_become(State::Received, come), is_received, "{come:?}");
        }
    }

    #[test]
    fn the_day_is_that_of_the_towns_clocks() {
        let at = |text| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
        let now = at("2026-06-03T00:30:00+02:00");
        let now = Now { at: now, zone: Paris, today: civil_day(now, Paris) };
        assert_eq!(Come::of(at("2026-06-02T23:30:00+02:00"), &now), Come::EarlierDay);
        assert_eq!(Come::of(at("2026-06-03T00:30:00+02:00"), &now), Come::Begun);
        assert_eq!(Come::of(at("2026-06-03T23:30:00+02:00"), &now), Come::Today);
        assert_eq!(Come::of(at("2026-06-04T00:30:00+02:00"), &now), Come::LaterDay);
    }
}

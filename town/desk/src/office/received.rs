//! The day on which a request came in. At the counter and on the telephone it is today; a letter or a message may
//! have waited, and its legal term runs from the day on which the town received it, not from the day of typing
//! (CRPA L114-3).

use beffroi_core::{Channel, Day};
use beffroi_web::FormPost;
use chrono::{Datelike, Days};

use super::action::day_of;

/// How long a letter may have waited: what is older was typed wrong.
const WAITS_AT_MOST: Days = Days::new(60);

/// A day as an agent typed it.
pub(crate) struct Received {
    /// Day, month, year.
    pub(crate) typed: [String; 3],
    /// The day; or the key of what is wrong with it.
    pub(crate) day: Result<Day, &'static str>,
}

impl Received {
    /// What an empty page proposes.
    pub(crate) fn today(today: Day) -> Self {
        let typed = [today.day().to_string(), today.month().to_string(), today.year().to_string()];
        Self { typed, day: Ok(today) }
    }

    /// What a page sent. `arrived`: the day of the item of the mail room that is entered, which is known, however long ago
    /// it was.
    pub(crate) fn read(fields: &FormPost, door: Channel, today: Day, arrived: Option<Day>) -> Self {
        let typed = ["recue-day", "recue-month", "recue-year"].map(|name| fields.text(name).to_owned());
        let day = judged(&typed, door, today, arrived);
        Self { typed, day }
    }
}

fn judged(
    [day, month, year]: &[String; 3],
    door: Channel,
    today: Day,
    known: Option<Day>,
) -> Result<Day, &'static str> {
    if [day, month, year].iter().all(|part| part.is_empty()) {
        return arrived(None, door, today, known);
    }
    arrived(Some(day_of(day, month, year).ok_or("office-received-wrong")?), door, today, known)
}

/// The legal day of receipt of what came through a door, where the given day can be; or the key of what is wrong
/// with it. `known`: the day that the mail room noted, which is believed however long ago it was.
pub(crate) fn arrived(
    given: Option<Day>,
    door: Channel,
    today: Day,
    known: Option<Day>,
) -> Result<Day, &'static str> {
    let waits = matches!(door, Channel::Paper | Channel::Email);
    let Some(given) = given else {
        return if waits { Err("office-received-missing") } else { Ok(today) };
    };
    match given {
        _ if given > today => Err("office-received-future"),
        _ if given != today && !waits => Err("office-received-same-day"),
        _ if Some(given) == known => Ok(given),
        _ if today.checked_sub_days(WAITS_AT_MOST).is_some_and(|oldest| given < oldest) => {
            Err("office-received-old")
        }
        _ => Ok(given),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn judge(day: &str, month: &str, year: &str, door: Channel) -> Result<Day, &'static str> {
        judged(&[day, month, year].map(str::to_owned), door, on("2026-06-03"), None)
    }

    #[test]
    fn a_letter_may_have_waited_and_not_for_ever() {
        assert_eq!(judge("20", "5", "2026", Channel::Paper), Ok(on("2026-05-20")));
        assert_eq!(judge("4", "4", "2026", Channel::Email), Ok(on("2026-04-04")));
        assert_eq!(judge("3", "4", "2026", Channel::Email), Err("office-received-old"));
        assert_eq!(judge("4", "6", "2026", Channel::Paper), Err("office-received-future"));
        assert_eq!(judge("31", "4", "2026", Channel::Paper), Err("office-received-wrong"));
        assert_eq!(judge("", "", "", Channel::Paper), Err("office-received-missing"));
    }

    #[test]
    fn what_the_mail_room_kept_has_the_day_that_it_has() {
        let judge = |day: &str| {
            let typed = [day, "1", "2026"].map(str::to_owned);
            judged(&typed, Channel::Email, on("2026-06-03"), Some(on("2026-01-12")))
        };
        assert_eq!(judge("12"), Ok(on("2026-01-12")));
        assert_eq!(judge("13"), Err("office-received-old"), "no other day of then");
    }

    #[test]
    fn who_stands_at_the_counter_is_there_today() {
        assert_eq!(judge("", "", "", Channel::Counter), Ok(on("2026-06-03")));
        assert_eq!(judge("3", "6", "2026", Channel::Phone), Ok(on("2026-06-03")));
        assert_eq!(judge("2", "6", "2026", Channel::Counter), Err("office-received-same-day"));
    }
}

//! What somebody wishes, as they typed it, and all that may be wrong with it. Pure.

use beffroi_calendar::{
    booking::{Details, Extra},
    local::{self, NoInstant},
    recurrence::Recurrence,
    resource::{Kept, Name, Terms, Unfit},
    spans::{Span, Spans},
};
use beffroi_core::{Day, Instant};
use beffroi_store::words;
use chrono::{Datelike, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

/// Dates of what comes again, at most.
const REPEATED_AT_MOST: u32 = 60;
/// Days from the first to the last of them, at most.
const REPEATED_DAYS: u32 = 400;

/// The dates that there are, and those that there are not, with why.
pub type Dates = (Vec<Span>, Vec<(Span, Refusal)>);

/// Kinds of things that are booked along, at most.
pub const EXTRAS_AT_MOST: usize = 100;

/// What somebody typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The day on which it begins: `2026-12-04`, `04/12/2026`.
    pub day: String,
    /// When it begins: `9:00`, `9h30`.
    pub from: String,
    /// When it ends.
    pub until: String,
    /// The day on which it ends, where that is another one.
    pub last_day: String,
    /// How many people come.
    pub people: String,
    /// The place of the layout among those of the room.
    pub layout: String,
    /// How many pieces of what is kept there, by short name.
    pub extras: Vec<(String, String)>,
    /// How it comes again: a word of [`Repeats`]; empty for once.
    pub repeats: String,
    /// The last day on which it comes again.
    pub repeats_until: String,
    /// Whether the dates that are free will do.
    pub agreed: bool,
}

words! {
    /// How something comes again.
    Repeats {
        /// Every week.
        Weekly = "semaine",
        /// Every other week.
        Fortnightly = "quinzaine",
        /// On the same weekday of each month: its first, its second…
        Monthly = "mois",
    }
}

/// What somebody wishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// From when to when.
    pub span: Span,
    /// Whether its end was read as one of the night that follows: it was typed as an hour before that of the beginning.
    pub overnight: bool,
    /// With what.
    pub details: Details,
}

/// What is wrong with a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The day is missing, or no calendar has it.
    Day,
    /// The hour at which it begins is missing, or is none.
    From,
    /// The hour at which it ends is missing, or is none.
    Until,
    /// The day on which it ends is none.
    LastDay,
    /// The clocks never show that hour on that day: they are put forward. At the beginning, or at the end.
    LeftOut(bool),
    /// The clocks show that hour twice on that day: they are put back. At the beginning, or at the end.
    Twice(bool),
    /// It ends before it begins.
    Order,
    /// It begins in the past.
    Past,
    /// It does not fit the terms of the room.
    Unfit(Unfit),
    /// It is closed, and why.
    Closed(String),
    /// How many people come is not said.
    PeopleMissing,
    /// More people than the room holds so set up.
    People(u32),
    /// More people than the room holds however it is set up.
    PeopleInAll(u32),
    /// There is no such layout.
    Layout,
    /// There are only so many of that.
    Stock(String, u32),
    /// Somebody has the room then.
    Taken,
    /// Others have too many of that then.
    ExtraTaken(String),
    /// They hold as many times as anybody may.
    Held(u32),
    /// The last day on which it comes again is none, or lies before the first, or too far away.
    RepeatsUntil,
    /// It comes again more often than it may, or before it has ended.
    RepeatsTooOften(u32),
}

impl Refusal {
    /// The control that bears it.
    pub fn field(&self) -> String {
        match self {
            Self::Day
            | Self::Past
            | Self::Closed(_)
            | Self::Taken
            | Self::Held(_)
            | Self::Unfit(Unfit::Closed | Unfit::TooSoon(_) | Unfit::TooFarAhead(_)) => "jour".to_owned(),
            Self::From | Self::LeftOut(true) | Self::Twice(true) | Self::Unfit(Unfit::NotAStart) => {
                "de".to_owned()
            }
            Self::Until
            | Self::LeftOut(false)
            | Self::Twice(false)
            | Self::Order
            | Self::Unfit(Unfit::TooShort(_) | Unfit::TooLong(_)) => "a".to_owned(),
            Self::LastDay => "fin".to_owned(),
            Self::RepeatsUntil | Self::RepeatsTooOften(_) => "jusquau".to_owned(),
            Self::PeopleMissing | Self::People(_) | Self::PeopleInAll(_) => "personnes".to_owned(),
            Self::Layout => "disposition".to_owned(),
            Self::Stock(slug, _) | Self::ExtraTaken(slug) => format!("materiel-{slug}"),
        }
    }

    /// What it is, for programs and in the keys of its words.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::From => "from",
            Self::Until => "until",
            Self::LastDay => "last-day",
            Self::LeftOut(_) => "left-out",
            Self::Twice(_) => "twice",
            Self::Order => "order",
            Self::Past => "past",
            Self::Unfit(Unfit::TooShort(_)) => "short",
            Self::Unfit(Unfit::TooLong(_)) => "long",
            Self::Unfit(Unfit::NotAStart) => "start",
            Self::Unfit(Unfit::Closed) | Self::Closed(_) => "closed",
            Self::Unfit(Unfit::TooSoon(_)) => "soon",
            Self::Unfit(Unfit::TooFarAhead(_)) => "far",
            Self::PeopleMissing => "people-missing",
            Self::People(_) => "people",
            Self::PeopleInAll(_) => "people-in-all",
            Self::Layout => "layout",
            Self::Stock(..) => "stock",
            Self::Taken => "taken",
            Self::ExtraTaken(_) => "extra-taken",
            Self::Held(_) => "held",
            Self::RepeatsUntil => "repeats-until",
            Self::RepeatsTooOften(_) => "repeats-often",
        }
    }

    /// Whether another time would do: then the nearest free ones are proposed.
    pub const fn may_be_elsewhen(&self) -> bool {
        matches!(
            self,
            Self::Taken
                | Self::ExtraTaken(_)
                | Self::Closed(_)
                | Self::Past
                | Self::Unfit(Unfit::Closed | Unfit::NotAStart | Unfit::TooSoon(_) | Unfit::TooFarAhead(_))
        )
    }
}

impl Typed {
    /// What a form or an address says.
    pub fn of(pairs: &[(String, String)]) -> Self {
        let text = |name: &str| {
            let found = pairs.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let extras = pairs.iter().filter_map(|(name, value)| {
            let slug = name.strip_prefix("materiel-")?;
            Some((slug.to_owned(), value.trim().to_owned()))
        });
        Self {
            day: text("jour"),
            from: text("de"),
            until: text("a"),
            last_day: text("fin"),
            people: text("personnes"),
            layout: text("disposition"),
            extras: extras.take(EXTRAS_AT_MOST).collect(),
            repeats: text("repete"),
            repeats_until: text("jusquau"),
            agreed: !text("accord").is_empty(),
        }
    }

    /// The wish, or all that is wrong with how it was typed.
    ///
    /// # Errors
    /// Every refusal that can be told without looking at the calendar.
    pub fn read(&self, terms: &Terms, extras: &[Kept], zone: Tz) -> Result<Wish, Vec<Refusal>> {
        let mut refused = Vec::new();
        let time = self.time(zone).map_err(|found| refused.extend(found)).ok();
        let layout = self.layout(terms).map_err(|found| refused.push(found)).ok().flatten();
        let people = people(&self.people, terms, layout).map_err(|found| refused.push(found)).ok();
        let extras = self.extras(extras).map_err(|found| refused.extend(found)).ok();
        match (time, people, extras) {
            (Some((span, overnight)), Some(people), Some(extras)) if refused.is_empty() => {
                let layout = layout.map(|layout| layout.0.clone()).unwrap_or_default();
                let details = Details { people: Some(people), layout, extras, ..Details::default() };
                Ok(Wish { span, overnight, details })
            }
            _ => Err(refused),
        }
    }

    /// From when to when; whether the end is one of the night that follows.
    fn time(&self, zone: Tz) -> Result<(Span, bool), Vec<Refusal>> {
        let day = day(&self.day).ok_or(Refusal::Day);
        let (from, until) =
            (clock(&self.from).ok_or(Refusal::From), clock(&self.until).ok_or(Refusal::Until));
        let last = match self.last_day.trim() {
            "" => Ok(None),
            typed => self::day(typed).map(Some).ok_or(Refusal::LastDay),
        };
        let (Ok(day), Ok(from), Ok(until), Ok(last)) = (&day, &from, &until, &last) else {
            let wrong = [day.err(), from.err(), until.err(), last.err()];
            return Err(wrong.into_iter().flatten().collect());
        };
        let overnight = until <= from && last.is_none_or(|last| last == *day);
        let end_day = match last.filter(|_| !overnight) {
            Some(last) => last,
            None if overnight => day.succ_opt().ok_or_else(|| vec![Refusal::Day])?,
            None => *day,
        };
        // Nobody means a night that lasts until the afternoon.
        if overnight && (last.is_some() || *until > NOON) {
            return Err(vec![Refusal::Order]);
        }
        let start = instant(day.and_time(*from), zone, true);
        let end = instant(end_day.and_time(*until), zone, false);
        match (start, end) {
            (Ok(start), Ok(end)) => {
                Span::new(start, end).map(|span| (span, overnight)).ok_or_else(|| vec![Refusal::Order])
            }
            (start, end) => Err([start.err(), end.err()].into_iter().flatten().collect()),
        }
    }

    /// Every date of what comes again; nothing where it does not. Those that the clocks leave out are told with why.
    ///
    /// # Errors
    /// What is wrong with how it comes again.
    pub fn dates(&self, first: Span, zone: Tz) -> Result<Option<Dates>, Refusal> {
        let Some(repeats) = Repeats::from_word(&self.repeats) else { return Ok(None) };
        let shown = |at: Instant| at.with_timezone(&zone).naive_local();
        let (begins, length) = (shown(first.start()), shown(first.end()) - shown(first.start()));
        let until = day(&self.repeats_until).filter(|until| *until > begins.date());
        let until = until.filter(|until| (*until - begins.date()).num_days() <= i64::from(REPEATED_DAYS));
        let until = until.and_then(|until| until.succ_opt()).ok_or(Refusal::RepeatsUntil)?;
        let rule = match repeats {
            Repeats::Weekly => "FREQ=WEEKLY".to_owned(),
            Repeats::Fortnightly => "FREQ=WEEKLY;INTERVAL=2".to_owned(),
            Repeats::Monthly => {
                let weekday = begins.weekday().to_string().to_uppercase();
                let weekday: String = weekday.chars().take(2).collect();
                // The fifth of a month is its last.
                let which = match begins.day0() / 7 + 1 {
                    5 => "-1".to_owned(),
                    which => which.to_string(),
                };
                format!("FREQ=MONTHLY;BYDAY={which}{weekday}")
            }
        };
        let again = Recurrence { rule: Some(rule), ..Recurrence::once(begins) };
        let most = usize::try_from(REPEATED_AT_MOST).unwrap_or(usize::MAX);
        let times = again
            .times(until.and_time(NaiveTime::MIN), most, zone)
            .map_err(|_| Refusal::RepeatsTooOften(REPEATED_AT_MOST))?;
        let (mut free, mut left_out) = (Vec::new(), Vec::new());
        for (begin, at) in times.at {
            free.extend(Span::new(at, local::earliest(begin + length, zone)));
        }
        for begin in times.skipped {
            let at = local::earliest(begin, zone);
            left_out.extend(Span::new(at, at + length).map(|date| (date, Refusal::LeftOut(true))));
        }
        let ends_in_time = free.iter().zip(free.iter().skip(1)).all(|(one, next)| one.end() <= next.start());
        if ends_in_time {
            Ok(Some((free, left_out)))
        } else {
            Err(Refusal::RepeatsTooOften(REPEATED_AT_MOST))
        }
    }

    fn layout<'t>(&self, terms: &'t Terms) -> Result<Option<(&'t Name, u32)>, Refusal> {
        let typed = self.layout.trim();
        if typed.is_empty() {
            return Ok(None);
        }
        let layout = typed.parse().ok().and_then(|rank: usize| terms.layouts.get(rank));
        layout.map(|layout| Some((&layout.name, layout.people))).ok_or(Refusal::Layout)
    }

    fn extras(&self, kept: &[Kept]) -> Result<Vec<Extra>, Vec<Refusal>> {
        let mut extras = Vec::new();
        let mut refused = Vec::new();
        for (slug, typed) in self.extras.iter().filter(|(_, typed)| !typed.trim().is_empty()) {
            let Some(kept) = kept.iter().find(|kept| kept.details.slug == *slug) else {
                refused.push(Refusal::Stock(slug.clone(), 0));
                continue;
            };
            match typed.trim().parse::<u32>() {
                Ok(0) => {}
                Ok(count)
                    if count <= kept.details.stock
                        && !extras.iter().any(|it: &Extra| it.resource == kept.id) =>
                {
                    let name = kept.details.name.clone();
                    extras.push(Extra { resource: kept.id, name, count });
                }
                _ => refused.push(Refusal::Stock(slug.clone(), kept.details.stock)),
            }
        }
        if refused.is_empty() { Ok(extras) } else { Err(refused) }
    }
}

/// The latest hour that is read as one of the night before.
const NOON: NaiveTime = match NaiveTime::from_hms_opt(12, 0, 0) {
    Some(noon) => noon,
    None => NaiveTime::MIN,
};

fn people(typed: &str, terms: &Terms, layout: Option<(&Name, u32)>) -> Result<u32, Refusal> {
    let people: u32 = typed.trim().parse().ok().filter(|people| *people > 0).ok_or(Refusal::PeopleMissing)?;
    match (layout, terms.people()) {
        (Some((_, most)), _) if people > most => Err(Refusal::People(most)),
        (None, Some(most)) if people > most => Err(Refusal::PeopleInAll(most)),
        _ => Ok(people),
    }
}

fn instant(shown: NaiveDateTime, zone: Tz, begins: bool) -> Result<Instant, Refusal> {
    local::exactly(shown, zone).map_err(|none| match none {
        NoInstant::LeftOut(_) => Refusal::LeftOut(begins),
        NoInstant::Twice(_) => Refusal::Twice(begins),
    })
}

/// A day as people and browsers write it.
pub fn day(typed: &str) -> Option<Day> {
    let typed = typed.trim();
    let read = Day::parse_from_str(typed, "%Y-%m-%d").or_else(|_| Day::parse_from_str(typed, "%d/%m/%Y"));
    read.ok().filter(|day| (1970..=2200).contains(&day.year()))
}

/// A time of day as people and browsers write it: `9:00`, `09h30`, `9 h`, `9`; midnight is `24:00` too.
pub fn clock(typed: &str) -> Option<NaiveTime> {
    let plain: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let plain = plain.to_lowercase().replace('h', ":");
    let (hours, minutes) = plain.split_once(':').unwrap_or((&plain, ""));
    let number = |digits: &str| {
        let fits = (1..=2).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        fits.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let minutes = if minutes.is_empty() { 0 } else { number(minutes)? };
    let hours = number(hours)?;
    NaiveTime::from_hms_opt(if hours == 24 && minutes == 0 { 0 } else { hours }, minutes, 0)
}

/// All that speaks against a wish at this moment, whether somebody has the room or not.
pub fn judge(wish: &Wish, terms: &Terms, open: &Spans, now: Instant, zone: Tz) -> Vec<Refusal> {
    let covered = open.covers(wish.span);
    // Whoever types ten in the evening until nine means no night, where no night is open.
    if wish.overnight && !covered {
        return vec![Refusal::Order];
    }
    if wish.span.start() <= now {
        return vec![Refusal::Past];
    }
    terms.unfit(wish.span, open, now, zone).into_iter().map(Refusal::Unfit).collect()
}

#[cfg(test)]
mod tests {
    use beffroi_calendar::resource::Layout;
    use chrono_tz::Europe::Paris;
    use proptest::prelude::*;

    use super::*;

    fn terms() -> Terms {
        let layout =
            |fr: &str, people| Layout { name: Name { fr: fr.to_owned(), en: String::new() }, people };
        Terms { layouts: vec![layout("Assis", 80), layout("Debout", 120)], ..Terms::default() }
    }

    fn typed(day: &str, from: &str, until: &str) -> Typed {
        let text = str::to_owned;
        Typed { day: text(day), from: text(from), until: text(until), people: text("20"), ..Typed::default() }
    }

    fn read(typed: &Typed) -> Result<String, Vec<Refusal>> {
        typed.read(&terms(), &[], Paris).map(|wish| {
            let shown = |at: Instant| at.with_timezone(&Paris).format("%m-%d %H:%M%z").to_string();
            format!("{} {}", shown(wish.span.start()), shown(wish.span.end()))
        })
    }

    #[test]
    fn a_time_is_read_as_people_write_it() {
        let expected = Ok("12-04 09:00+0100 12-04 12:30+0100".to_owned());
        assert_eq!(read(&typed("2026-12-04", "09:00", "12:30")), expected);
        assert_eq!(read(&typed("04/12/2026", "9h", "12 h 30")), expected);
        assert_eq!(
            read(&typed("2026-12-04", "20:00", "24:00")),
            Ok("12-04 20:00+0100 12-05 00:00+0100".to_owned())
        );
        assert_eq!(
            read(&typed("2026-12-04", "20:00", "2:00")),
            Ok("12-04 20:00+0100 12-05 02:00+0100".to_owned())
        );
        let weekend = Typed { last_day: "2026-12-06".to_owned(), ..typed("2026-12-04", "18:00", "20:00") };
        assert_eq!(read(&weekend), Ok("12-04 18:00+0100 12-06 20:00+0100".to_owned()));
    }

    #[test]
    fn what_no_calendar_has_is_refused_by_name() {
        let refused = |day, from, until| read(&typed(day, from, until)).unwrap_err();
        assert_eq!(refused("2026-02-30", "9", "12"), [Refusal::Day]);
        assert_eq!(refused("", "25:00", "neuf"), [Refusal::Day, Refusal::From, Refusal::Until]);
        assert_eq!(refused("2026-12-04", "14:00", "13:00"), [Refusal::Order]);
        assert_eq!(refused("2026-03-29", "02:30", "05:00"), [Refusal::LeftOut(true)]);
        assert_eq!(refused("2026-10-25", "01:00", "02:30"), [Refusal::Twice(false)]);
        let back = Typed { last_day: "2026-12-03".to_owned(), ..typed("2026-12-04", "09:00", "12:00") };
        assert_eq!(read(&back).unwrap_err(), [Refusal::Order]);
        let same = Typed { last_day: "2026-12-04".to_owned(), ..typed("2026-12-04", "12:00", "09:00") };
        assert_eq!(read(&same).unwrap_err(), [Refusal::Order]);
    }

    #[test]
    fn no_more_people_come_than_the_room_holds_so_set_up() {
        let with = |people: &str, layout: &str| {
            let wish = typed("2026-12-04", "9", "12");
            let typed = Typed { people: people.to_owned(), layout: layout.to_owned(), ..wish };
            typed.read(&terms(), &[], Paris).map(|wish| wish.details.layout.fr)
        };
        assert_eq!(with("80", "0"), Ok("Assis".to_owned()));
        assert_eq!(with("81", "0"), Err(vec![Refusal::People(80)]));
        assert_eq!(with("120", ""), Ok(String::new()));
        assert_eq!(with("121", ""), Err(vec![Refusal::PeopleInAll(120)]));
        assert_eq!(with("0", "1"), Err(vec![Refusal::PeopleMissing]));
        assert_eq!(with("10", "2"), Err(vec![Refusal::Layout]));
    }

    #[test]
    fn a_night_that_is_not_open_is_a_mistake() {
        let wish = typed("2026-12-04", "20:00", "09:00").read(&terms(), &[], Paris).unwrap();
        let now = wish.span.start() - chrono::TimeDelta::days(5);
        let judged = |open: Spans| judge(&wish, &terms(), &open, now, Paris);
        assert_eq!(judged(Spans::default()), [Refusal::Order]);
        assert_eq!(judged(wish.span.into()), []);
        let late = wish.span.start();
        assert_eq!(judge(&wish, &terms(), &wish.span.into(), late, Paris), [Refusal::Past]);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_refused(day in ".{0,12}", from in ".{0,8}", until in ".{0,8}", people in ".{0,6}") {
            let typed = Typed { people, ..typed(&day, &from, &until) };
            if let Ok(wish) = typed.read(&terms(), &[], Paris) {
                prop_assert!(wish.span.length() > chrono::TimeDelta::zero());
            }
        }
    }
}

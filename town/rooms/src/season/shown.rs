//! How times, rooms and reasons are told, on pages and in mails.

use std::{collections::BTreeMap, sync::LazyLock};

use beffroi_calendar::{
    clock,
    local::Moment,
    resource::{self, Name, Resource},
    season::{Range, Slot},
};
use beffroi_core::{Id, Lang};
use beffroi_store::Tx;
use beffroi_web::{
    L10n, Locale, Page,
    l10n::{FluentValue, L10nError},
};
use chrono::{TimeDelta, Weekday};

use super::{
    proposal::{Obstacle, Reason},
    request::Request,
};
use crate::room::weekdays;

/// The texts of what is written away from any page.
static WORDS: LazyLock<Result<L10n, L10nError>> = LazyLock::new(|| {
    L10n::new(&[
        Locale { lang: Lang::Fr, ftl: include_str!("../../locales/fr/season.ftl") },
        Locale { lang: Lang::En, ftl: include_str!("../../locales/en/season.ftl") },
    ])
});

/// Something that is chosen from a list.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) chosen: bool,
}

impl Choice {
    pub(super) fn new(value: &str, label: &str, chosen: bool) -> Self {
        Self { value: value.to_owned(), label: label.to_owned(), hint: String::new(), chosen }
    }
}

/// Where words come from: a page, or a mail.
pub(super) trait Words {
    /// In which language.
    fn lang(&self) -> Lang;
    /// A text.
    fn say(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String;
}

impl Words for Page {
    fn lang(&self) -> Lang {
        self.language()
    }

    fn say(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        self.tr(key, variables)
    }
}

/// The words of a mail.
pub(super) struct Written(pub(super) Lang);

impl Words for Written {
    fn lang(&self) -> Lang {
        self.0
    }

    fn say(&self, key: &str, variables: &[(&str, FluentValue<'_>)]) -> String {
        match &*WORDS {
            Ok(words) => words.format(self.0, key, variables),
            Err(_) => key.to_owned(),
        }
    }
}

/// What rooms and associations are called.
#[derive(Default)]
pub(super) struct Names {
    rooms: BTreeMap<Id<Resource>, (Name, String)>,
    bodies: BTreeMap<Id<Request>, String>,
}

impl Names {
    pub(super) fn load(
        tx: &mut Tx<'_>,
        rooms: &[Id<Resource>],
        bodies: impl IntoIterator<Item = (Id<Request>, String)>,
    ) -> beffroi_store::Result<Self> {
        let found = resource::with_those_above(tx, rooms)?.into_iter();
        let rooms = found.map(|(id, kept)| (id, (kept.details.name, kept.details.slug)));
        Ok(Self { rooms: rooms.collect(), bodies: bodies.into_iter().collect() })
    }

    /// The name of a room.
    pub(super) fn room(&self, id: Id<Resource>, lang: Lang) -> String {
        self.rooms.get(&id).map(|(name, _)| name.read_in(lang).to_owned()).unwrap_or_default()
    }

    /// Its short name.
    pub(super) fn slug(&self, id: Id<Resource>) -> String {
        self.rooms.get(&id).map(|(_, slug)| slug.clone()).unwrap_or_default()
    }

    /// The name of an association.
    pub(super) fn body(&self, id: Id<Request>) -> String {
        self.bodies.get(&id).cloned().unwrap_or_default()
    }
}

/// A day of the week, in small letters where the language has them so: `mardi`, `Tuesday`.
pub(super) fn weekday(day: Weekday, lang: Lang) -> String {
    let rank = usize::try_from(day.num_days_from_monday()).unwrap_or_default();
    let name = weekdays(lang).into_iter().nth(rank).map(|(_, name)| name).unwrap_or_default();
    if lang == Lang::Fr { name.to_lowercase() } else { name }
}

/// A moment of a day: `18 h 30`, `18:30`.
pub(super) fn moment(at: Moment, lang: Lang) -> String {
    let (hours, minutes) = ((at.minutes() / 60) % 24, at.minutes() % 60);
    match (lang, minutes) {
        (Lang::Fr, 0) => format!("{hours}\u{a0}h"),
        (Lang::Fr, _) => format!("{hours}\u{a0}h\u{a0}{minutes:02}"),
        (Lang::En, _) => format!("{hours:02}:{minutes:02}"),
    }
}

/// As a control of a form has it: `18:30`.
pub(super) fn typed(at: Moment) -> String {
    let (hours, minutes) = ((at.minutes() / 60) % 24, at.minutes() % 60);
    format!("{hours:02}:{minutes:02}")
}

fn from_to(words: &impl Words, day: Weekday, from: Moment, until: Moment) -> String {
    let lang = words.lang();
    let (from, until) = (moment(from, lang), moment(until, lang));
    let variables = [("day", weekday(day, lang).into()), ("from", from.into()), ("until", until.into())];
    words.say("rooms-season-slot", &variables)
}

/// `mardi de 18 h à 20 h`.
pub(super) fn slot(words: &impl Words, slot: &Slot) -> String {
    from_to(words, slot.weekday, slot.from, slot.until().unwrap_or(slot.from))
}

/// `mardi de 18 h à 22 h`: where a wish may lie.
pub(super) fn range(words: &impl Words, range: Range) -> String {
    from_to(words, range.weekday, range.from, range.until)
}

/// Minutes as hours: `1 h 30`.
pub(super) fn minutes(count: u32, lang: Lang) -> String {
    clock::length(TimeDelta::minutes(i64::from(count)), lang)
}

/// Why a room cannot serve a wish.
pub(super) fn reason(words: &impl Words, names: &Names, reason: &Reason) -> String {
    let lang = words.lang();
    let room = names.room(reason.room, lang);
    let figure = |rank: usize| reason.figures.get(rank).copied().unwrap_or_default();
    let key = match reason.why {
        Obstacle::Taken if reason.by.is_empty() => "rooms-season-why-booked",
        Obstacle::Taken if reason.booked => "rooms-season-why-taken-booked",
        Obstacle::Taken => "rooms-season-why-taken",
        Obstacle::Unknown => "rooms-season-why-unknown",
        Obstacle::Small => "rooms-season-why-small",
        Obstacle::Length => "rooms-season-why-length",
        Obstacle::NoStart => "rooms-season-why-no-start",
        Obstacle::Closed => "rooms-season-why-closed",
        Obstacle::SameDay => "rooms-season-why-same-day",
    };
    let by: Vec<String> = reason.by.iter().map(|id| names.body(*id)).filter(|it| !it.is_empty()).collect();
    let variables = [
        ("room", room.into()),
        ("n", figure(0).into()),
        ("shortest", minutes(figure(0), lang).into()),
        ("longest", minutes(figure(1), lang).into()),
        ("by", by.join(", ").into()),
    ];
    words.say(key, &variables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_the_week_is_told_in_both_languages() {
        let it = Slot {
            room: Id::from_uuid(uuid::Uuid::nil()),
            weekday: Weekday::Tue,
            from: Moment::parse("18:30").unwrap(),
            minutes: 90,
        };
        assert_eq!(slot(&Written(Lang::Fr), &it), "mardi de 18\u{a0}h\u{a0}30 à 20\u{a0}h");
        assert_eq!(slot(&Written(Lang::En), &it), "Tuesday from 18:30 to 20:00");
        assert_eq!(typed(it.from), "18:30");
    }
}

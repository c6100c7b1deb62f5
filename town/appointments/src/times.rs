//! Free times as pages show them: the first on top, then a week, day by day and place by place.

use std::collections::BTreeMap;

use beffroi_calendar::resource::Resource;
use beffroi_core::{
    Day, Id, Instant, Lang,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_web::Page;
use chrono::{DateTime, Datelike, Days};

use crate::{
    clock::{self, Now, capital},
    site::Site,
    slots::Slot,
};

/// A button that takes a time.
#[derive(Clone, Debug)]
pub struct Button {
    /// What it sends.
    pub value: String,
    /// What it shows.
    pub label: String,
    /// What it says beyond that to who does not see where it stands.
    pub words: String,
}

/// The times of one place on one day.
#[derive(Clone, Debug)]
pub struct Group {
    /// The place; `""` where there is but one.
    pub place: String,
    /// Its times.
    pub times: Vec<Button>,
}

/// One day.
#[derive(Clone, Debug)]
pub struct OneDay {
    /// Its name.
    pub title: String,
    /// Its times.
    pub groups: Vec<Group>,
}

/// A week of free times, and what leads to the others.
#[derive(Clone, Debug)]
pub struct Week {
    /// The first free time of all.
    pub first: Option<Button>,
    /// « Du lundi 7 au dimanche 13 décembre ».
    pub title: String,
    /// Days that have some.
    pub days: Vec<OneDay>,
    /// The address of the week before; `""` for none.
    pub previous: String,
    /// That of the week after.
    pub next: String,
}

/// Monday of the week in which a day lies.
fn monday(day: Day) -> Day {
    day.checked_sub_days(Days::new(u64::from(day.weekday().num_days_from_monday()))).unwrap_or(day)
}

/// What a button sends: where, and when.
pub fn value(slot: &Slot) -> String {
    format!("{}@{}", slot.site, slot.span.start().timestamp())
}

/// What a button has sent.
pub fn read(value: &str) -> Option<(Instant, Id<Resource>)> {
    let (site, at) = value.split_once('@')?;
    Some((DateTime::from_timestamp(at.parse().ok()?, 0)?, site.parse().ok()?))
}

/// How times are shown.
pub struct Shown<'a> {
    /// The reader's words.
    pub page: &'a Page,
    /// Now.
    pub now: Now,
    /// All sites.
    pub sites: &'a [Site],
}

impl Shown<'_> {
    fn lang(&self) -> Lang {
        self.page.language()
    }

    /// The name of a site.
    pub fn place(&self, id: Id<Resource>) -> &str {
        let site = self.sites.iter().find(|site| site.resource.id == id);
        site.map_or("", |site| site.resource.details.name.read_in(self.lang()))
    }

    /// A time with its day and place, for a list of a few.
    pub fn whole(&self, slot: &Slot, several: bool) -> Button {
        let label = capital(&clock::moment(slot.span.start(), self.now.zone, self.lang()));
        let place = self.place(slot.site);
        let label = if several { format!("{label}, {place}") } else { label };
        Button { value: value(slot), label, words: String::new() }
    }

    /// The week that was asked for, or that of the first free time. `base`: the address of the page, open for one more
    /// pair.
    pub fn week(&self, slots: &[Slot], asked: Option<Day>, base: &str) -> Week {
        let day_of = |slot: &Slot| civil_day(slot.span.start(), self.now.zone);
        let first = slots.first();
        let this_week = monday(self.now.today);
        let chosen =
            asked.filter(|day| (self.now.today.year() - 1..=self.now.today.year() + 2).contains(&day.year()));
        let begin = monday(chosen.or_else(|| first.map(day_of)).unwrap_or(self.now.today)).max(this_week);
        let end = begin.checked_add_days(Days::new(6)).unwrap_or(begin);
        let places: std::collections::BTreeSet<_> = slots.iter().map(|slot| slot.site).collect();
        let several = places.len() > 1;
        let mut days: BTreeMap<Day, Vec<&Slot>> = BTreeMap::new();
        for slot in slots {
            let day = day_of(slot);
            if (begin..=end).contains(&day) {
                days.entry(day).or_default().push(slot);
            }
        }
        let days = days.into_iter().map(|(day, found)| {
            let title = capital(&long_date_with_weekday(day, self.lang()));
            let mut groups: Vec<Group> = Vec::new();
            for site in self.sites {
                let here = found.iter().filter(|slot| slot.site == site.resource.id);
                let times: Vec<Button> = here
                    .map(|slot| {
                        let label = clock::time(slot.span.start(), self.now.zone, self.lang());
                        let place =
                            if several { format!(", {}", self.place(slot.site)) } else { String::new() };
                        Button { value: value(slot), label, words: format!("{title}{place}") }
                    })
                    .collect();
                if !times.is_empty() {
                    let place = if several { self.place(site.resource.id).to_owned() } else { String::new() };
                    groups.push(Group { place, times });
                }
            }
            OneDay { title, groups }
        });
        // The weeks that have something, before and after.
        let before = slots.iter().map(day_of).filter(|day| *day < begin).max();
        let after = slots.iter().map(day_of).find(|day| *day > end);
        let link =
            |day: Option<Day>| day.map(|day| format!("{base}semaine={}", monday(day))).unwrap_or_default();
        let (from, until) =
            (long_date_with_weekday(begin, self.lang()), long_date_with_weekday(end, self.lang()));
        Week {
            first: first.map(|slot| self.whole(slot, several)),
            title: self.page.tr("appointments-week", &[("from", from.into()), ("until", until.into())]),
            days: days.collect(),
            previous: link(before),
            next: link(after),
        }
    }
}

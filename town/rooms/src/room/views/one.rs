//! One room: what it is, and its month, its week or its list of free days.

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_calendar::{
    availability::{AROUND_A_DAY, Available, availability},
    claims::HowMuch,
    clock::{self, capital},
    spans::Span,
    tariff, town,
};
use beffroi_core::{
    Day, Lang,
    calendar::{civil_day, long_date_with_weekday},
};
use beffroi_documents::State as Scan;
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{Choice, CommuneOf, Page, Result, WebError, render_public};
use chrono::{Datelike, Days, TimeDelta};
use serde::Deserialize;

use super::{Moment, lengths};
use crate::{
    listed::is_near,
    photo,
    room::{
        Month,
        days::{OneDay, State, one_day},
        store::{self, Room},
    },
    tariff::{Prices, prices},
};

/// Free days that a list tells.
const LISTED: usize = 30;

/// What the public may ask of a room.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::room) struct Asked {
    vue: String,
    mois: String,
    jour: String,
    duree: String,
    personnes: String,
}

/// A cell of the month.
struct Cell {
    /// The number of the day; `0` where the cell lies in another month.
    number: u32,
    state: &'static str,
    words: String,
    href: String,
    /// Whether it is the day that is told below.
    chosen: bool,
}

/// A day as it is told.
struct Told {
    title: String,
    words: String,
    /// What is free, and where it is picked; `""` where the room is not booked here.
    free: Vec<(String, String)>,
    taken: Vec<String>,
}

struct Fact {
    label: String,
    value: String,
}

struct View {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "room.html")]
struct One {
    page: Page,
    slug: String,
    title: String,
    summary: String,
    about: Vec<String>,
    facts: Vec<Fact>,
    equipment: Vec<String>,
    views: Vec<View>,
    view: &'static str,
    lengths: Vec<Choice>,
    /// What the month or the week is called.
    period: String,
    weekdays: Vec<(String, String)>,
    weeks: Vec<Vec<Cell>>,
    legend: Vec<(&'static str, String)>,
    told: Vec<Told>,
    month: String,
    day: String,
    /// How many people come, as it was looked for; `""` where it was not said.
    people: String,
    previous: String,
    next: String,
    /// Where it is booked; `""` where it is not booked here.
    book: String,
    /// What it costs today, where the council has voted that.
    prices: Option<Prices>,
    photos: Vec<photo::Shown>,
    /// The kind of file that its plan is; `""` where it has none.
    plan: &'static str,
}

/// What a page of a room shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Month(Month),
    Week(Day),
    List,
}

impl Shown {
    const fn word(self) -> &'static str {
        match self {
            Self::Month(_) => "mois",
            Self::Week(_) => "semaine",
            Self::List => "liste",
        }
    }
}

pub(in crate::room) async fn one(
    page: Page,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let typed = asked.clone();
    let (room, available, moment, shown, wished, (tariff, photos, plan)) = commune
        .read(By::VISITOR, move |tx| {
            let room = store::by_slug(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let town = Town::load(tx)?;
            let moment = Moment::of(tx, &town);
            let shown = shown(&typed, moment.today);
            let (first, last) = match shown {
                Shown::Month(month) => (month.first(), month.last()),
                Shown::Week(monday) => (monday, monday.checked_add_days(Days::new(6)).unwrap_or(monday)),
                Shown::List => {
                    let ahead = u64::from(room.resource.details.terms.ahead_days);
                    (moment.today, moment.today.checked_add_days(Days::new(ahead)).unwrap_or(moment.today))
                }
            };
            let terms = &room.resource.details.terms;
            let allowed = terms.shortest_minutes..=terms.longest_minutes;
            let wished: Option<u32> = typed.duree.parse().ok().filter(|minutes| allowed.contains(minutes));
            let within = moment.span(first, last).ok_or_else(WebError::not_found)?;
            // What begins on the last day may go on for days.
            let longest = wished.unwrap_or_else(|| terms.shortest_minutes.max(60));
            let after = AROUND_A_DAY + TimeDelta::minutes(i64::from(longest));
            let within = within.widened(AROUND_A_DAY, after);
            let school = town::school(&town);
            let year = town::year(&town, &school);
            let mut found = availability(tx, &[(room.resource.id, HowMuch::Whole)], within, &year)?;
            let found = found.remove(&room.resource.id).ok_or_else(WebError::not_found)?;
            let tariff = tariff::of_day(tx, room.resource.id, moment.today)?.map(|(_, tariff)| tariff);
            let photos = photo::shown(tx, &[room.resource.id])?.remove(&room.resource.id).unwrap_or_default();
            let plan = photo::plan_of(tx, room.resource.id)?.filter(|plan| plan.state == Scan::Clean);
            let seen = (tariff, photos, plan.map_or("", |plan| plan.media_type.label()));
            Ok::<_, WebError>((room, found, moment, shown, wished, seen))
        })
        .await?;
    let terms = &room.resource.details.terms;
    let minutes = wished.unwrap_or_else(|| 60.clamp(terms.shortest_minutes, terms.longest_minutes));
    let calendar = Calendar {
        page: &page,
        available: &available,
        moment: &moment,
        length: TimeDelta::minutes(i64::from(minutes)),
        base: format!("/salles/{}", room.resource.details.slug),
        minutes: wished,
        people: asked.personnes.trim().parse().ok().filter(|people| *people > 0),
        booked: !room.sheet.procedure.is_empty(),
    };
    let mut view = calendar.shown(&room, shown, asked.jour.parse().ok(), minutes);
    view.prices = tariff.map(|tariff| prices(&page, &tariff));
    let slug = &room.resource.details.slug;
    view.photos = photos.iter().map(|it| photo::Shown::large(slug, it, page.language())).collect();
    view.plan = plan;
    render_public(&view, &["vue", "mois", "jour", "duree", "personnes"])
}

/// What is asked for: a month unless said otherwise, and never a time so far away that no calendar has it.
fn shown(asked: &Asked, today: Day) -> Shown {
    let day: Option<Day> = asked.jour.parse().ok().filter(|day| is_near(*day, today));
    match asked.vue.as_str() {
        "liste" => Shown::List,
        "semaine" => {
            let day = day.unwrap_or(today);
            let back = u64::from(day.weekday().num_days_from_monday());
            Shown::Week(day.checked_sub_days(Days::new(back)).unwrap_or(day))
        }
        _ => {
            let month = Month::parse(&asked.mois).filter(|month| is_near(month.first(), today));
            Shown::Month(month.or_else(|| day.map(Month::of)).unwrap_or_else(|| Month::of(today)))
        }
    }
}

struct Calendar<'a> {
    page: &'a Page,
    available: &'a Available,
    moment: &'a Moment,
    length: TimeDelta,
    base: String,
    /// The length that was asked for, to be kept in addresses.
    minutes: Option<u32>,
    /// How many people come, likewise.
    people: Option<u32>,
    /// Whether it is booked here.
    booked: bool,
}

impl Calendar<'_> {
    fn lang(&self) -> Lang {
        self.page.language()
    }

    /// A free stretch, cut to the length that was asked for, or to the longest.
    fn cut(&self, span: Span) -> Span {
        let longest = self.available.resource.details.terms.longest_minutes;
        let minutes = i64::from(self.minutes.unwrap_or(longest));
        let end = span.start() + TimeDelta::minutes(minutes);
        Span::new(span.start(), span.end().min(end)).unwrap_or(span)
    }

    /// An address of this room, with the length and the number of people that were asked for.
    fn href(&self, query: &str) -> String {
        let length = self.minutes.map(|minutes| format!("&duree={minutes}")).unwrap_or_default();
        format!("{}?{query}{length}{}", self.base, self.kept_people())
    }

    /// The number of people that was asked for, for an address that has a query already.
    fn kept_people(&self) -> String {
        self.people.map(|people| format!("&personnes={people}")).unwrap_or_default()
    }

    /// Where it is booked, with the day and the number of people that were asked for.
    fn book(&self, day: Option<Day>) -> String {
        let mut kept: Vec<String> = day.map(|day| format!("jour={day}")).into_iter().collect();
        kept.extend(self.people.map(|people| format!("personnes={people}")));
        let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
        format!("{}/reserver{query}", self.base)
    }

    /// The last day on which a booking may begin.
    fn last_day(&self) -> Day {
        let ahead = u64::from(self.available.resource.details.terms.ahead_days);
        self.moment.today.checked_add_days(Days::new(ahead)).unwrap_or(self.moment.today)
    }

    fn day(&self, day: Day) -> Option<OneDay> {
        one_day(self.available, day, self.length, self.moment.now, self.moment.zone)
    }

    fn words(&self, state: State) -> String {
        self.page.t(&format!("rooms-state-{}", state.as_str())).to_owned()
    }

    fn told(&self, day: Day) -> Option<Told> {
        let found = self.day(day)?;
        let zone = self.moment.zone;
        let hours = |span: &Span| clock::hours(*span, zone, self.lang());
        let free = |span: &Span| {
            let href = if self.booked {
                let query = clock::query(self.cut(*span), zone);
                format!("{}/reserver?{query}{}", self.base, self.kept_people())
            } else {
                String::new()
            };
            (hours(span), href)
        };
        let why = self.available.why(day).unwrap_or_default();
        let words = match found.state {
            State::Free | State::Partly => String::new(),
            State::Closed if !why.is_empty() => format!("{}. {why}", self.words(found.state)),
            state => self.words(state),
        };
        let title = long_date_with_weekday(day, self.lang());
        Some(Told {
            title: capital(&title),
            words,
            free: found.free.iter().map(free).collect(),
            taken: found.taken.iter().map(hours).collect(),
        })
    }

    fn weeks(&self, month: Month, chosen: Option<Day>) -> Vec<Vec<Cell>> {
        let cell = |day: Option<Day>| {
            let nothing =
                || Cell { number: 0, state: "", words: String::new(), href: String::new(), chosen: false };
            let Some(day) = day else { return nothing() };
            let Some(found) = self.day(day) else { return nothing() };
            // A day that has more to tell than its colour is told below.
            let told = found.state.is_bookable() || found.state == State::Taken;
            let told = told || (found.state == State::Closed && self.available.why(day).is_some());
            Cell {
                number: day.day(),
                state: found.state.as_str(),
                words: self.words(found.state),
                href: if told {
                    format!("{}#jour", self.href(&format!("mois={month}&jour={day}")))
                } else {
                    String::new()
                },
                chosen: chosen == Some(day),
            }
        };
        month.weeks().into_iter().map(|week| week.into_iter().map(cell).collect()).collect()
    }

    fn listed(&self) -> Vec<Told> {
        let moment = self.moment;
        let mut told: Vec<(Day, Told)> = Vec::new();
        for time in self.available.times(self.length, moment.now, moment.zone) {
            let day = civil_day(time.start(), moment.zone);
            if told.last().is_some_and(|(known, _)| *known == day) {
                continue;
            }
            if told.len() == LISTED {
                break;
            }
            told.extend(self.told(day).map(|it| (day, it)));
        }
        told.into_iter().map(|(_, told)| told).collect()
    }

    fn shown(&self, room: &Room, shown: Shown, chosen: Option<Day>, minutes: u32) -> One {
        let (page, lang) = (self.page, self.lang());
        let details = &room.resource.details;
        let today = self.moment.today;
        let chosen = chosen.filter(|_| matches!(shown, Shown::Month(_)));
        let mut one = One {
            slug: details.slug.clone(),
            title: details.name.read_in(lang).to_owned(),
            summary: room.sheet.summary.read_in(lang).to_owned(),
            about: paragraphs(room.sheet.about.read_in(lang)),
            facts: facts(page, room),
            equipment: room.sheet.equipment.iter().map(|it| it.read_in(lang).to_owned()).collect(),
            views: self.views(shown, chosen.unwrap_or(today)),
            view: shown.word(),
            lengths: lengths(
                page,
                Some(minutes),
                details.terms.shortest_minutes..=details.terms.longest_minutes,
            ),
            period: String::new(),
            weekdays: weekdays(lang),
            weeks: Vec::new(),
            legend: [State::Free, State::Partly, State::Taken, State::Closed]
                .map(|state| (state.as_str(), self.words(state)))
                .into(),
            told: Vec::new(),
            month: String::new(),
            day: chosen.map(|day| day.to_string()).unwrap_or_default(),
            people: self.people.map(|people| people.to_string()).unwrap_or_default(),
            previous: String::new(),
            next: String::new(),
            book: if self.booked { self.book(chosen) } else { String::new() },
            prices: None,
            photos: Vec::new(),
            plan: "",
            page: page.clone(),
        };
        match shown {
            Shown::Month(month) => {
                one.period = capital(&month.name(lang));
                one.month = month.to_string();
                one.weeks = self.weeks(month, chosen);
                one.told = chosen
                    .filter(|day| Month::of(*day) == month)
                    .and_then(|day| self.told(day))
                    .into_iter()
                    .collect();
                let link = |month: Option<Month>| month.map(|month| self.href(&format!("mois={month}")));
                one.previous = link(month.previous().filter(|it| it.last() >= today)).unwrap_or_default();
                one.next = link(month.next().filter(|it| it.first() <= self.last_day())).unwrap_or_default();
            }
            Shown::Week(monday) => {
                let sunday = monday.checked_add_days(Days::new(6)).unwrap_or(monday);
                let (from, until) = clock::from_to(monday, sunday, lang);
                one.period = page.tr("rooms-week", &[("from", from.into()), ("until", until.into())]);
                one.day = monday.to_string();
                one.told = monday.iter_days().take(7).filter_map(|day| self.told(day)).collect();
                let link = |day: Option<Day>| day.map(|day| self.href(&format!("vue=semaine&jour={day}")));
                let before = monday.checked_sub_days(Days::new(7)).filter(|_| monday > today);
                one.previous = link(before).unwrap_or_default();
                let after = monday.checked_add_days(Days::new(7)).filter(|day| *day <= self.last_day());
                one.next = link(after).unwrap_or_default();
            }
            Shown::List => {
                page.t("rooms-next-times").clone_into(&mut one.period);
                one.told = self.listed();
            }
        }
        one
    }

    fn views(&self, shown: Shown, day: Day) -> Vec<View> {
        let month = match shown {
            Shown::Month(month) => month,
            Shown::Week(monday) => Month::of(monday),
            Shown::List => Month::of(day),
        };
        let week = match shown {
            Shown::Week(monday) => monday,
            _ if Month::of(day) == month => day,
            _ => month.first(),
        };
        [
            ("mois", format!("mois={month}")),
            ("semaine", format!("vue=semaine&jour={week}")),
            ("liste", "vue=liste".to_owned()),
        ]
        .into_iter()
        .map(|(word, query)| View {
            href: self.href(&query),
            label: self.page.t(&format!("rooms-view-{word}")).to_owned(),
            current: shown.word() == word,
        })
        .collect()
    }
}

fn facts(page: &Page, room: &Room) -> Vec<Fact> {
    let (lang, terms) = (page.language(), &room.resource.details.terms);
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push(Fact { label: page.t(key).to_owned(), value });
        }
    };
    fact("rooms-address", room.sheet.address.clone());
    let layouts = terms.layouts.iter().map(|layout| {
        let people = page.tr("rooms-people", &[("n", layout.people.into())]);
        page.tr("rooms-layout", &[("name", layout.name.read_in(lang).into()), ("people", people.into())])
    });
    fact("rooms-capacity", layouts.collect::<Vec<_>>().join("\n"));
    let access =
        room.sheet.access.iter().map(|it| page.t(&format!("rooms-access-{}", it.as_str())).to_owned());
    fact("rooms-access", access.collect::<Vec<_>>().join("\n"));
    let minutes = |count: u32| clock::long_length(TimeDelta::minutes(i64::from(count)), lang);
    let (shortest, longest) = (minutes(terms.shortest_minutes), minutes(terms.longest_minutes));
    fact("rooms-lengths", page.tr("rooms-from-to", &[("from", shortest.into()), ("until", longest.into())]));
    facts
}

fn paragraphs(text: &str) -> Vec<String> {
    text.split("\n\n").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}

/// The days of a week from Monday on, short and whole.
pub(crate) fn weekdays(lang: Lang) -> Vec<(String, String)> {
    // Any Monday: only the first words are kept.
    let monday = Day::from_ymd_opt(2026, 6, 1).unwrap_or_default();
    let named = monday.iter_days().take(7).map(|day| {
        let name = long_date_with_weekday(day, lang);
        let name = capital(name.split(' ').next().unwrap_or_default());
        (name.chars().take(if lang == Lang::Fr { 3 } else { 2 }).collect(), name)
    });
    named.collect()
}

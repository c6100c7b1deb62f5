//! Openings on a page: rows of rules, of closures and of days that are otherwise. They are filled in, added, taken away
//! and told in words without scripts; the macros are in `components/openings.html`.

mod view;

use beffroi_calendar::{
    openings::{Closure, Exception, OnHolidays, Openings, Rule, Weeks},
    resource::Terms,
    typed,
    words::WEEK,
};
use beffroi_core::{Day, Lang};
use chrono::{Datelike, Weekday};

pub use view::{DatedRow, Field, RuleRow, Shown, problems, shown, told};

use crate::FormPost;

/// The fields that list the rows of a page, in order: rules, closures, days that are otherwise.
const RULE: &str = "regle";
const CLOSURE: &str = "fermeture";
const DAY: &str = "jour";
/// Rows of a kind that are read, at most: more than the calendar keeps.
const ROWS_AT_MOST: usize = 600;
/// Letters of a reason, at most.
const WHY_AT_MOST: usize = 200;

/// Which weeks, and the words for them in the fields.
const WEEKS: [(Weeks, &str); 9] = [
    (Weeks::Every, "every"),
    (Weeks::Even, "even"),
    (Weeks::Odd, "odd"),
    (Weeks::Nth(1), "1"),
    (Weeks::Nth(2), "2"),
    (Weeks::Nth(3), "3"),
    (Weeks::Nth(4), "4"),
    (Weeks::Nth(5), "5"),
    (Weeks::Last, "last"),
];

/// What a rule makes of holidays, and the words for it in the fields.
const HOLIDAYS: [(OnHolidays, &str); 3] =
    [(OnHolidays::Same, "same"), (OnHolidays::Not, "not"), (OnHolidays::Only, "only")];

/// What is wrong: the control, and the key of its words.
pub type Fault = (String, &'static str);

/// What the button that was pressed asks for.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// To keep what is filled in.
    Keep,
    /// To read in words what is filled in.
    Preview,
    /// The page again, with a row more or less.
    Rows(FormPost),
}

/// What the button that was pressed asks for; nothing that was typed is lost. `usual`: what a new rule makes of public
/// holidays, until somebody chooses.
pub fn asked(form: &FormPost, usual: OnHolidays) -> Asked {
    let added = [RULE, CLOSURE, DAY].into_iter().find(|kind| form.text("ajouter") == *kind);
    if let Some(kind) = added {
        let next = rows(form, kind).filter_map(|id| id.parse::<usize>().ok()).max().map_or(0, |id| id + 1);
        let form = form.clone().with(kind, next.to_string());
        return Asked::Rows(form.with(&format!("feries-{next}"), word(&HOLIDAYS, usual).to_owned()));
    }
    if let Some((kind, id)) = form.text("retirer").split_once('-') {
        let others = form.pairs().iter().filter(|(name, value)| name != kind || value != id);
        return Asked::Rows(
            others.fold(FormPost::default(), |all, (name, value)| all.with(name, value.clone())),
        );
    }
    if form.get("apercu").is_some() { Asked::Preview } else { Asked::Keep }
}

/// The rows of a kind.
fn rows<'f>(form: &'f FormPost, kind: &'static str) -> impl Iterator<Item = &'f str> {
    let number = |id: &&str| (1..=4).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_digit());
    form.all(kind).filter(number).take(ROWS_AT_MOST)
}

/// The fields of openings, after those that a form has already; one empty rule where there is none (`usual`: as
/// [`asked`] has it).
pub fn fields(openings: &Openings, form: FormPost, usual: OnHolidays, lang: Lang) -> FormPost {
    let mut pairs: Vec<(String, String)> = Vec::new();
    if openings.rules.is_empty() {
        pairs.push((RULE.to_owned(), "0".to_owned()));
        pairs.push(("feries-0".to_owned(), word(&HOLIDAYS, usual).to_owned()));
    }
    for (rank, rule) in openings.rules.iter().enumerate() {
        let at = |name: &str| format!("{name}-{rank}");
        let (from, until) = typed::season_written(rule.season, lang);
        pairs.push((RULE.to_owned(), rank.to_string()));
        let on = WEEK.iter().filter(|day| rule.weekdays.contains(day));
        pairs.extend(on.map(|day| (at("jours"), day.number_from_monday().to_string())));
        pairs.extend([
            (at("semaines"), word(&WEEKS, rule.weeks).to_owned()),
            (at("horaires"), typed::hours_written(&rule.hours)),
            (at("du"), from),
            (at("au"), until),
            (at("feries"), word(&HOLIDAYS, rule.public_holidays).to_owned()),
            (at("vacances"), word(&HOLIDAYS, rule.school_holidays).to_owned()),
        ]);
    }
    for (rank, closure) in openings.closures.iter().enumerate() {
        let at = |name: &str| format!("{name}-{rank}");
        let hours = closure.hours.map(|hours| typed::hours_written(&[hours])).unwrap_or_default();
        pairs.push((CLOSURE.to_owned(), rank.to_string()));
        pairs.extend([
            (at("ferme_du"), closure.first.to_string()),
            (at("ferme_au"), closure.last.to_string()),
            (at("ferme_heures"), hours),
            (at("ferme_raison"), closure.why.clone()),
        ]);
    }
    for (rank, exception) in openings.exceptions.iter().enumerate() {
        let at = |name: &str| format!("{name}-{rank}");
        pairs.push((DAY.to_owned(), rank.to_string()));
        pairs.extend([
            (at("jour_date"), exception.day.to_string()),
            (at("jour_heures"), typed::hours_written(&exception.hours)),
            (at("jour_raison"), exception.why.clone()),
        ]);
    }
    pairs.into_iter().fold(form, |form, (name, value)| form.with(&name, value))
}

fn word<T: Copy + PartialEq>(words: &[(T, &'static str)], of: T) -> &'static str {
    words.iter().find(|(it, _)| *it == of).map_or("?", |(_, word)| word)
}

/// The meaning of a word of a field; the first one where nothing is chosen.
fn meant<T: Copy>(words: &[(T, &'static str)], typed: &str) -> Option<T> {
    let known = words.iter().find(|(_, word)| *word == typed);
    known.or_else(|| words.first().filter(|_| typed.is_empty())).map(|(it, _)| *it)
}

/// What is filled in; closures and days that are over are none where a first day is given. Rows that are empty say nothing.
///
/// # Errors
/// All that is wrong, each at its control.
pub fn read(form: &FormPost, since: Option<Day>) -> Result<Openings, Vec<Fault>> {
    let (mut openings, mut faults) = (Openings::default(), Vec::new());
    for id in rows(form, RULE) {
        match rule(form, id) {
            Ok(rule) => openings.rules.extend(rule),
            Err(wrong) => faults.extend(wrong),
        }
    }
    for id in rows(form, CLOSURE) {
        match closure(form, id, since) {
            Ok(closure) => openings.closures.extend(closure),
            Err(wrong) => faults.extend(wrong),
        }
    }
    for id in rows(form, DAY) {
        match exception(form, id, since) {
            Ok(Some(new)) if openings.exceptions.iter().any(|it| it.day == new.day) => {
                faults.push((format!("jour_date-{id}"), "openings-wrong-twice"));
            }
            Ok(exception) => openings.exceptions.extend(exception),
            Err(wrong) => faults.extend(wrong),
        }
    }
    openings.closures.sort_by_key(|it| (it.first, it.last));
    openings.exceptions.sort_by_key(|it| it.day);
    let terms = Terms { openings: Some(openings), ..Terms::default() };
    if terms.check().is_err() {
        faults.push(("horaires".to_owned(), "openings-wrong-many"));
    }
    match terms.openings {
        Some(openings) if faults.is_empty() => Ok(openings),
        _ => Err(faults),
    }
}

fn rule(form: &FormPost, id: &str) -> Result<Option<Rule>, Vec<Fault>> {
    let at = |name: &str| format!("{name}-{id}");
    let text = |name: &str| form.text(&at(name));
    let weekdays = ticked(form, id);
    if weekdays.is_empty() && ["horaires", "du", "au"].iter().all(|name| text(name).is_empty()) {
        return Ok(None);
    }
    let mut faults = Vec::new();
    if weekdays.is_empty() {
        faults.push((at("jours"), "openings-wrong-days"));
    }
    let weeks = meant(&WEEKS, text("semaines"));
    if weeks.is_none() {
        faults.push((at("semaines"), "openings-wrong-choice"));
    }
    let hours = typed::hours(text("horaires")).filter(|hours| !hours.is_empty());
    if hours.is_none() {
        faults.push((at("horaires"), "openings-wrong-hours"));
    }
    let season = typed::season(text("du"), text("au"));
    if season.is_none() {
        faults.push((at("du"), "openings-wrong-season"));
    }
    let mut holidays = |name: &str| {
        meant(&HOLIDAYS, text(name)).unwrap_or_else(|| {
            faults.push((at(name), "openings-wrong-choice"));
            OnHolidays::Same
        })
    };
    let (public_holidays, school_holidays) = (holidays("feries"), holidays("vacances"));
    match (weeks, hours, season) {
        (Some(weeks), Some(hours), Some(season)) if faults.is_empty() => {
            Ok(Some(Rule { weekdays, weeks, hours, season, public_holidays, school_holidays }))
        }
        _ => Err(faults),
    }
}

/// The days of the week that are ticked in a rule.
fn ticked(form: &FormPost, id: &str) -> Vec<Weekday> {
    let name = format!("jours-{id}");
    let ticked: Vec<u32> = form.all(&name).filter_map(|day| day.parse().ok()).collect();
    WEEK.into_iter().filter(|day| ticked.contains(&day.number_from_monday())).collect()
}

fn closure(form: &FormPost, id: &str, since: Option<Day>) -> Result<Option<Closure>, Vec<Fault>> {
    let at = |name: &str| format!("{name}-{id}");
    let text = |name: &str| form.text(&at(name));
    if ["ferme_du", "ferme_au", "ferme_heures", "ferme_raison"].iter().all(|name| text(name).is_empty()) {
        return Ok(None);
    }
    let mut faults = Vec::new();
    let first = day(text("ferme_du"));
    let last = if text("ferme_au").is_empty() { first } else { day(text("ferme_au")) };
    match (first, last) {
        (None, _) => faults.push((at("ferme_du"), "openings-wrong-day")),
        (Some(first), Some(last)) if first <= last => {
            if since.is_some_and(|since| last < since) {
                faults.push((at("ferme_au"), "openings-wrong-over"));
            }
        }
        _ => faults.push((at("ferme_au"), "openings-wrong-last")),
    }
    let hours = match typed::hours(text("ferme_heures")).as_deref() {
        Some([]) => Some(None),
        Some([hours]) => Some(Some(*hours)),
        _ => None,
    };
    if hours.is_none() {
        faults.push((at("ferme_heures"), "openings-wrong-stretch"));
    }
    let why = why(form, &at("ferme_raison"), &mut faults);
    match (first, last, hours) {
        (Some(first), Some(last), Some(hours)) if faults.is_empty() => {
            Ok(Some(Closure { first, last, hours, why }))
        }
        _ => Err(faults),
    }
}

fn exception(form: &FormPost, id: &str, since: Option<Day>) -> Result<Option<Exception>, Vec<Fault>> {
    let at = |name: &str| format!("{name}-{id}");
    let text = |name: &str| form.text(&at(name));
    if ["jour_date", "jour_heures", "jour_raison"].iter().all(|name| text(name).is_empty()) {
        return Ok(None);
    }
    let mut faults = Vec::new();
    let day = day(text("jour_date"));
    match day {
        None => faults.push((at("jour_date"), "openings-wrong-day")),
        Some(day) if since.is_some_and(|since| day < since) => {
            faults.push((at("jour_date"), "openings-wrong-over"));
        }
        Some(_) => {}
    }
    let hours = typed::hours(text("jour_heures"));
    if hours.is_none() {
        faults.push((at("jour_heures"), "openings-wrong-hours"));
    }
    let why = why(form, &at("jour_raison"), &mut faults);
    match (day, hours) {
        (Some(day), Some(hours)) if faults.is_empty() => Ok(Some(Exception { day, hours, why })),
        _ => Err(faults),
    }
}

fn why(form: &FormPost, name: &str, faults: &mut Vec<Fault>) -> String {
    let why = form.text(name);
    if why.chars().count() > WHY_AT_MOST {
        faults.push((name.to_owned(), "openings-wrong-reason"));
    }
    why.to_owned()
}

/// A day as a field sends it, of a year that somebody may mean.
fn day(typed: &str) -> Option<Day> {
    typed.parse().ok().filter(|day: &Day| (2_000..2_200).contains(&day.year()))
}

#[cfg(test)]
mod tests;

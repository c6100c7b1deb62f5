//! Absences, closures and days that are otherwise, as they are typed and told.

use beffroi_calendar::{
    local::Moment,
    openings::{Closure, Exception, Hours},
};
use beffroi_core::{
    Day, Lang,
    calendar::{long_date, long_date_with_weekday},
};
use beffroi_web::{FormPost, Wrong};
use chrono::Datelike;

use crate::clock::capital;

/// Letters of a reason, at most.
const WHY_AT_MOST: usize = 200;

/// Something that was said and can be taken back.
pub(super) struct Removable {
    pub(super) key: String,
    pub(super) words: String,
}

/// What was typed of a closure or of a day.
#[derive(Clone, Default)]
pub(super) struct Typed {
    pub(super) site: String,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) again_from: String,
    pub(super) again_until: String,
    pub(super) why: String,
}

impl Typed {
    pub(super) fn read(fields: &FormPost) -> Self {
        let text = |name: &str| fields.text(name).to_owned();
        Self {
            site: text("lieu"),
            first: text("premier"),
            last: text("dernier"),
            from: text("de"),
            until: text("a"),
            again_from: text("de2"),
            again_until: text("a2"),
            why: text("raison"),
        }
    }

    fn hours(from: &str, until: &str) -> Option<Hours> {
        Hours::new(Moment::parse(from)?, Moment::parse(until)?).ok()
    }

    /// A closure: from one day to another, or some hours of it; nothing that is over.
    pub(super) fn closure(&self, today: Day) -> Result<Closure, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let first: Option<Day> = self.first.parse().ok().filter(|day| *day >= today && near(*day, today));
        let last = if self.last.is_empty() { first } else { self.last.parse().ok() };
        let last = last.filter(|last| near(*last, today) && first.is_none_or(|first| first <= *last));
        if first.is_none() {
            wrong.push(("premier", "appointments-office-wrong-first"));
        } else if last.is_none() {
            wrong.push(("dernier", "appointments-office-wrong-last"));
        }
        let some = !self.from.is_empty() || !self.until.is_empty();
        let hours = Self::hours(&self.from, &self.until);
        if some && hours.is_none() {
            wrong.push(("de", "appointments-office-wrong-hours"));
        }
        if self.why.chars().count() > WHY_AT_MOST {
            wrong.push(("raison", "appointments-office-wrong-reason"));
        }
        match (first, last, wrong.is_empty()) {
            (Some(first), Some(last), true) => Ok(Closure { first, last, hours, why: self.why.clone() }),
            _ => Err(wrong),
        }
    }

    /// A day with hours of its own.
    pub(super) fn exception(&self, today: Day) -> Result<Exception, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let day: Option<Day> = self.first.parse().ok().filter(|day| *day >= today && near(*day, today));
        if day.is_none() {
            wrong.push(("premier", "appointments-office-wrong-first"));
        }
        let mut hours = Vec::new();
        for (from, until, field) in
            [(&self.from, &self.until, "de"), (&self.again_from, &self.again_until, "de2")]
        {
            match Self::hours(from, until) {
                Some(found) => hours.push(found),
                None if from.is_empty() && until.is_empty() && field == "de2" => {}
                None => wrong.push((field, "appointments-office-wrong-hours")),
            }
        }
        if self.why.chars().count() > WHY_AT_MOST {
            wrong.push(("raison", "appointments-office-wrong-reason"));
        }
        match (day, wrong.is_empty()) {
            (Some(day), true) => Ok(Exception { day, hours, why: self.why.clone() }),
            _ => Err(wrong),
        }
    }
}

pub(super) fn near(day: Day, today: Day) -> bool {
    day.year() <= today.year() + 3
}

pub(super) fn hours_words(hours: Hours) -> String {
    format!("{}–{}", hours.from(), hours.until())
}

pub(super) fn closure_words(closure: &Closure) -> Removable {
    let days = if closure.first == closure.last {
        capital(&long_date_with_weekday(closure.first, Lang::Fr))
    } else {
        format!("Du {} au {}", long_date(closure.first, Lang::Fr), long_date(closure.last, Lang::Fr))
    };
    let hours = closure.hours.map(hours_words);
    let parts = [Some(days), hours, Some(closure.why.clone()).filter(|why| !why.is_empty())];
    Removable { key: closure_key(closure), words: parts.into_iter().flatten().collect::<Vec<_>>().join(", ") }
}

pub(super) fn closure_key(closure: &Closure) -> String {
    let hours = closure.hours.map(hours_words).unwrap_or_default();
    format!("{}/{}/{hours}", closure.first, closure.last)
}

pub(super) fn exception_words(exception: &Exception) -> Removable {
    let hours = match exception.hours.as_slice() {
        [] => "fermé".to_owned(),
        hours => hours.iter().map(|hours| hours_words(*hours)).collect::<Vec<_>>().join(", "),
    };
    let day = capital(&long_date_with_weekday(exception.day, Lang::Fr));
    let parts = [day, hours, exception.why.clone()];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Removable { key: exception.day.to_string(), words: parts.join(", ") }
}

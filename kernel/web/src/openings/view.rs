//! Rows of openings as a page shows them: as they were typed, with what is wrong, and what they say in words.

use beffroi_calendar::{
    openings::Openings,
    words::{self, WEEK},
};
use beffroi_core::{Lang, calendar::weekday_name};
use chrono::Weekday;

use super::{CLOSURE, DAY, Fault, HOLIDAYS, RULE, WEEKS, closure, exception, rows, rule, ticked};
use crate::{Choice, FormPost, Page, Problem};

/// The faults as they are told on a page.
pub fn problems(page: &Page, faults: &[Fault]) -> Vec<Problem> {
    let problem = |(field, key): &Fault| Problem { field: field.clone(), message: page.t(key).to_owned() };
    faults.iter().map(problem).collect()
}

/// A control of a row.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its id and name.
    pub id: String,
    /// What stands in it.
    pub value: String,
    /// What is wrong with it; `""` for nothing.
    pub error: String,
}

/// A rule as it is filled in.
#[derive(Clone, Debug)]
pub struct RuleRow {
    /// Its name among the rows.
    pub id: String,
    /// What it says; `""` where that cannot be told.
    pub words: String,
    /// The group of its days, with what is wrong with them.
    pub on: Field,
    /// The days of the week.
    pub days: Vec<Choice>,
    /// In which weeks.
    pub in_weeks: Field,
    /// The weeks to choose from.
    pub weeks: Vec<Choice>,
    /// At which hours.
    pub hours: Field,
    /// From when on in the year.
    pub from: Field,
    /// Until when.
    pub until: Field,
    /// The control of public holidays.
    pub on_public: Field,
    /// What it makes of them.
    pub public: Vec<Choice>,
    /// The control of school holidays.
    pub on_school: Field,
    /// What it makes of them.
    pub school: Vec<Choice>,
}

/// A closure, or a day that is otherwise, as it is filled in.
#[derive(Clone, Debug)]
pub struct DatedRow {
    /// Its name among the rows.
    pub id: String,
    /// What it says; `""` where that cannot be told.
    pub words: String,
    /// Its day, or the first one.
    pub first: Field,
    /// The last day of a closure.
    pub last: Field,
    /// At which hours.
    pub hours: Field,
    /// Why.
    pub why: Field,
}

/// Openings as a page shows them.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// What comes again.
    pub rules: Vec<RuleRow>,
    /// What is taken away.
    pub closures: Vec<DatedRow>,
    /// Days that are otherwise.
    pub days: Vec<DatedRow>,
    /// What all of it says, in words.
    pub told: Vec<String>,
}

/// What was typed, as a page shows it again with its problems.
pub fn shown(page: &Page, form: &FormPost, problems: &[Problem]) -> Shown {
    let lang = page.language();
    let field = |name: &str, id: &str| {
        let id = format!("{name}-{id}");
        Field { value: form.text(&id).to_owned(), error: Problem::beside(problems, &id), id }
    };
    let choices = |field: &Field, begin: &str, words: &[&'static str]| -> Vec<Choice> {
        let choice = |word: &&'static str| {
            Choice::new(word, page.t(&format!("openings-{begin}-{word}")), *word == field.value)
        };
        words.iter().map(choice).collect()
    };
    let weeks = WEEKS.map(|(_, word)| word);
    let holidays = HOLIDAYS.map(|(_, word)| word);
    let rule_row = |id: &str| {
        let on = ticked(form, id);
        let day = |day: &Weekday| {
            let value = day.number_from_monday().to_string();
            Choice::new(&value, weekday_name(*day, lang), on.contains(day))
        };
        let (in_weeks, public, school) = (field("semaines", id), field("feries", id), field("vacances", id));
        RuleRow {
            id: id.to_owned(),
            words: rule(form, id).ok().flatten().map(|it| words::rule(&it, lang)).unwrap_or_default(),
            days: WEEK.iter().map(day).collect(),
            on: field("jours", id),
            weeks: choices(&in_weeks, "weeks", &weeks),
            in_weeks,
            hours: field("horaires", id),
            from: field("du", id),
            until: field("au", id),
            public: choices(&public, "public", &holidays),
            on_public: public,
            school: choices(&school, "school", &holidays),
            on_school: school,
        }
    };
    let dated_row = |id: &str, words: Option<String>, [first, last, hours, why]: [&str; 4]| DatedRow {
        id: id.to_owned(),
        words: words.unwrap_or_default(),
        first: field(first, id),
        last: field(last, id),
        hours: field(hours, id),
        why: field(why, id),
    };
    let closure_row = |id: &str| {
        let words = closure(form, id, None).ok().flatten().map(|it| words::closure(&it, lang));
        dated_row(id, words, ["ferme_du", "ferme_au", "ferme_heures", "ferme_raison"])
    };
    let day_row = |id: &str| {
        let words = exception(form, id, None).ok().flatten().map(|it| words::exception(&it, lang));
        dated_row(id, words, ["jour_date", "jour_date", "jour_heures", "jour_raison"])
    };
    let rules: Vec<RuleRow> = rows(form, RULE).map(rule_row).collect();
    let closures: Vec<DatedRow> = rows(form, CLOSURE).map(closure_row).collect();
    let days: Vec<DatedRow> = rows(form, DAY).map(day_row).collect();
    let of_dates = closures.iter().chain(&days).map(|row| &row.words);
    let told = rules.iter().map(|row| &row.words).chain(of_dates).filter(|words| !words.is_empty());
    Shown { told: told.cloned().collect(), rules, closures, days }
}

/// What openings say, in words, on pages where they are not changed.
pub fn told(openings: &Openings, lang: Lang) -> Vec<String> {
    let rules = openings.rules.iter().map(|it| words::rule(it, lang));
    let closures = openings.closures.iter().map(|it| words::closure(it, lang));
    let days = openings.exceptions.iter().map(|it| words::exception(it, lang));
    rules.chain(closures).chain(days).collect()
}

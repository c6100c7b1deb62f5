//! A loan as an agent types it. Pure.

use beffroi_calendar::{booking::Extra, lending::Item, resource::STOCK_AT_MOST, spans::Span};
use beffroi_core::calendar::start_of_day;
use beffroi_web::FormPost;
use chrono_tz::Tz;

use super::known::{Known, days};
use crate::booking::day;

/// What is wrong: the control, and the key of its words.
pub(super) type Wrong = (String, &'static str);

/// Days that something is lent for, at most.
const DAYS_AT_MOST: i64 = 90;

/// The days and the pieces, or all that is wrong with them.
pub(super) fn read(form: &FormPost, items: &[Item], zone: Tz) -> Result<(Span, Vec<Extra>), Vec<Wrong>> {
    let mut wrong: Vec<Wrong> = Vec::new();
    let (first, last) = (day(form.text("du")), day(form.text("au")));
    if first.is_none() {
        wrong.push(("du".to_owned(), "planning-lending-wrong-first"));
    }
    let last = last.filter(|last| {
        first.is_none_or(|first| (0..DAYS_AT_MOST).contains(&last.signed_duration_since(first).num_days()))
    });
    if last.is_none() {
        wrong.push(("au".to_owned(), "planning-lending-wrong-last"));
    }
    let mut things = Vec::new();
    for item in items {
        let field = field(item);
        let typed = match form.text(&field) {
            "" => Some(0),
            typed => typed.parse::<u32>().ok().filter(|count| *count <= STOCK_AT_MOST),
        };
        match typed {
            Some(0) => {}
            Some(count) => {
                let name = item.resource.details.name.clone();
                things.push(Extra { resource: item.resource.id, name, count });
            }
            None => wrong.push((field, "planning-lending-wrong-count")),
        }
    }
    let end = last.and_then(|last| last.succ_opt()).map(|after| start_of_day(after, zone));
    let span = first.zip(end).and_then(|(first, end)| Span::new(start_of_day(first, zone), end));
    match span.filter(|_| wrong.is_empty()) {
        Some(span) => Ok((span, things)),
        None => Err(wrong),
    }
}

/// The control that asks how many.
pub(super) fn field(item: &Item) -> String {
    format!("nombre-{}", item.resource.details.slug)
}

/// The fields of a loan as it is.
pub(super) fn fields(known: &Known) -> FormPost {
    let (first, last) = days(known.loan.span, known.zone);
    let mut form = FormPost::default().with("du", first.to_string()).with("au", last.to_string());
    for item in &known.items {
        if let Some(thing) = known.loan.things.iter().find(|it| it.resource == item.resource.id) {
            form = form.with(&field(item), thing.count.to_string());
        }
    }
    form
}

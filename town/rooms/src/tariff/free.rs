//! What associations had for nothing in a year, and what that was worth: help in kind, as the town's accounts tell it. What
//! the town had itself is told apart.

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::{booking, spans::Span, tariff};
use beffroi_core::{
    Day,
    calendar::{civil_day, start_of_day},
    money::Cents,
    text::fold,
};
use beffroi_people::{Town, permission::permit_somewhere};
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};
use chrono::Datelike;
use serde::Deserialize;

use crate::{ManageRooms, permission::hidden};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    annee: String,
}

#[derive(Template)]
#[template(path = "free_uses.html")]
struct FreePage {
    page: Page,
    title: String,
    year: i32,
    previous: String,
    next: String,
    /// Its name and number, how often, and what that was worth.
    rows: Vec<(String, String, String)>,
    total: String,
    /// What the town had itself: who of it, how often, and what that was worth.
    own: Vec<(String, String, String)>,
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (year, found, own) = commune
        .read(visitor.by, move |tx| {
            hidden(permit_somewhere::<ManageRooms>(tx, &who))?;
            let zone = Town::load(tx)?.zone();
            let this = civil_day(tx.now(), zone).year();
            let asked: Option<i32> = asked.annee.parse().ok();
            let year = asked.filter(|year| (this - 20..=this + 3).contains(year)).unwrap_or(this);
            let first = |year| Day::from_ymd_opt(year, 1, 1).map(|day| start_of_day(day, zone));
            let own = match first(year).zip(first(year + 1)).and_then(|(from, until)| Span::new(from, until))
            {
                Some(within) => booking::own_uses(tx, within)?,
                None => Vec::new(),
            };
            Ok::<_, WebError>((year, tariff::free_uses(tx, year)?, own))
        })
        .await?;
    let total: Cents = found.iter().map(|it| it.value).sum();
    let row = |it: tariff::FreeUses| {
        // Known by its number, or else by its name.
        let by_name = fold(&it.name) == it.body;
        let name = if by_name { it.name } else { format!("{} ({})", it.name, it.body.to_uppercase()) };
        (name, it.count.to_string(), it.value.to_string())
    };
    render(&FreePage {
        title: page.tr("rooms-admin-free-title", &[("year", year.to_string().into())]),
        previous: format!("/admin/gratuites?annee={}", year - 1),
        next: format!("/admin/gratuites?annee={}", year + 1),
        rows: found.into_iter().map(row).collect(),
        total: total.to_string(),
        own: own
            .into_iter()
            .map(|(applicant, count, value)| {
                let who = page.t(&format!("rooms-admin-free-{}", applicant.as_str())).to_owned();
                (who, count.to_string(), value.to_string())
            })
            .collect(),
        year,
        page,
    })
}

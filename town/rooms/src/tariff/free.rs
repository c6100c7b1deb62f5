//! What associations had for nothing in a year, and what that was worth: help in kind, as the town's accounts tell it.

use askama::Template;
use axum::extract::Query;
use beffroi_calendar::tariff;
use beffroi_core::{calendar::civil_day, money::Cents, text::fold};
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
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (year, found) = commune
        .read(visitor.by, move |tx| {
            hidden(permit_somewhere::<ManageRooms>(tx, &who))?;
            let this = civil_day(tx.now(), Town::load(tx)?.zone()).year();
            let asked: Option<i32> = asked.annee.parse().ok();
            let year = asked.filter(|year| (this - 20..=this + 3).contains(year)).unwrap_or(this);
            Ok::<_, WebError>((year, tariff::free_uses(tx, year)?))
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
        year,
        page,
    })
}

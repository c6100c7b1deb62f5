//! The page on which what is found in a room is written down.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::{self, Kept, Kind};
use beffroi_core::money::Cents;
use beffroi_people::{Permit, SignedIn, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;

use super::{
    NAME_AT_MOST, PIECES_AT_MOST, THINGS_AT_MOST,
    store::{self, Thing},
};
use crate::{ManageRooms, permission::hidden};

/// Rows that stand empty.
const SPARE: usize = 5;

struct Row {
    rank: usize,
    order: String,
    place: String,
    name: String,
    expected: String,
    value: String,
    error: String,
}

#[derive(Template)]
#[template(path = "admin_inventory.html")]
struct Inventory {
    page: Page,
    title: String,
    back: String,
    done: bool,
    rows: Vec<Row>,
    problems: Vec<Problem>,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

fn room_of(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(Permit<ManageRooms>, Kept)> {
    let permit = hidden(permit_somewhere::<ManageRooms>(tx, who))?;
    let room = resource::by_slug(tx, slug)?.filter(|room| room.details.kind == Kind::Room);
    Ok((permit, room.ok_or_else(WebError::not_found)?))
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (room, things) = commune
        .read(visitor.by, move |tx| {
            let (_, room) = room_of(tx, &who, &slug)?;
            let things = store::of_room(tx, room.id)?;
            Ok::<_, WebError>((room, things))
        })
        .await?;
    let mut form = FormPost::default();
    for (rank, thing) in things.iter().enumerate() {
        form = form
            .with(&format!("ordre-{rank}"), (rank + 1).to_string())
            .with(&format!("endroit-{rank}"), thing.place.clone())
            .with(&format!("objet-{rank}"), thing.name.clone())
            .with(&format!("nombre-{rank}"), thing.expected.to_string())
            .with(&format!("valeur-{rank}"), thing.value.map(Cents::typed).unwrap_or_default());
    }
    shown(page, StatusCode::OK, &room, &form, Vec::new(), asked.fait == "oui")
}

/// What is filled in, in the order that was asked for; or what is wrong, by row.
fn read(form: &FormPost) -> std::result::Result<Vec<Thing>, Vec<usize>> {
    let (mut things, mut wrong) = (Vec::new(), Vec::new());
    for rank in 0..THINGS_AT_MOST {
        let text = |name: &str| form.text(&format!("{name}-{rank}"));
        let (place, name, expected) = (text("endroit"), text("objet"), text("nombre"));
        let typed = text("valeur");
        if place.is_empty() && name.is_empty() && expected.is_empty() && typed.is_empty() {
            continue;
        }
        let value = if typed.is_empty() { Some(None) } else { Cents::parse(typed).map(Some) };
        let fits = |text: &str| text.chars().count() <= NAME_AT_MOST;
        let count: Option<u32> = if expected.is_empty() { Some(1) } else { expected.parse().ok() };
        let count =
            count.filter(|count| *count <= PIECES_AT_MOST && !name.is_empty() && fits(name) && fits(place));
        match count.zip(value) {
            Some((expected, value)) => {
                let order = text("ordre").parse().unwrap_or(THINGS_AT_MOST + rank);
                let (place, name) = (place.to_owned(), name.to_owned());
                things.push((order, Thing { place, name, expected, value }));
            }
            None => wrong.push(rank),
        }
    }
    things.sort_by_key(|(order, _)| *order);
    if wrong.is_empty() { Ok(things.into_iter().map(|(_, thing)| thing).collect()) } else { Err(wrong) }
}

pub(super) async fn keep(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (filled, name) = (read(&form), slug.clone());
    let came = commune
        .write(visitor.by, move |tx| {
            let (permit, room) = room_of(tx, &who, &name)?;
            match filled {
                Ok(things) => {
                    store::keep(tx, &permit, room.id, &things)?;
                    Ok::<_, WebError>(None)
                }
                Err(wrong) => Ok(Some((room, wrong))),
            }
        })
        .await?;
    let Some((room, wrong)) = came else {
        return Ok(Redirect::to(&format!("/admin/salles/{slug}/inventaire?fait=oui")).into_response());
    };
    let problem = |rank: &usize| Problem {
        field: format!("objet-{rank}"),
        message: page.tr("rooms-admin-inventory-wrong", &[("n", (rank + 1).into())]),
    };
    let problems = wrong.iter().map(problem).collect();
    shown(page, StatusCode::UNPROCESSABLE_ENTITY, &room, &form, problems, false)
}

fn shown(
    page: Page,
    status: StatusCode,
    room: &Kept,
    form: &FormPost,
    problems: Vec<Problem>,
    done: bool,
) -> Result {
    let at = |name: &str, rank: usize| form.text(&format!("{name}-{rank}")).to_owned();
    let filled = |rank: &usize| {
        ["endroit", "objet", "nombre", "valeur"].iter().any(|name| !at(name, *rank).is_empty())
    };
    let last = (0..THINGS_AT_MOST).rev().find(filled).map_or(0, |rank| rank + 1);
    let row = |rank: usize| Row {
        rank,
        order: match at("ordre", rank) {
            empty if empty.is_empty() => (rank + 1).to_string(),
            typed => typed,
        },
        place: at("endroit", rank),
        name: at("objet", rank),
        expected: at("nombre", rank),
        value: at("valeur", rank),
        error: Problem::beside(&problems, &format!("objet-{rank}")),
    };
    let template = Inventory {
        title: page.tr("rooms-admin-inventory-of", &[("name", room.details.name.fr.clone().into())]),
        back: format!("/admin/salles/{}", room.details.slug),
        done,
        rows: (0..(last + SPARE).min(THINGS_AT_MOST)).map(row).collect(),
        problems,
        page,
    };
    render_as(status, &template)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(rows: &[[&str; 4]]) -> FormPost {
        let mut form = FormPost::default();
        for (rank, row) in rows.iter().enumerate() {
            for (name, value) in ["ordre", "endroit", "objet", "nombre"].iter().zip(row) {
                form = form.with(&format!("{name}-{rank}"), (*value).to_owned());
            }
        }
        form
    }

    #[test]
    fn an_inventory_is_kept_in_the_order_that_was_typed() {
        let read =
            read(&form(&[["2", "Cuisine", "Four", ""], ["1", "", "Chaises", "120"], ["3", "", "", ""]]));
        let names: Vec<(String, u32)> =
            read.unwrap().into_iter().map(|thing| (thing.name, thing.expected)).collect();
        assert_eq!(names, [("Chaises".to_owned(), 120), ("Four".to_owned(), 1)]);
    }

    #[test]
    fn a_thing_has_a_name_and_a_number() {
        let wrong = read(&form(&[["1", "Cuisine", "", "3"], ["2", "", "Tables", "beaucoup"]]));
        assert_eq!(wrong, Err(vec![0, 1]));
    }

    #[test]
    fn a_thing_may_have_a_worth() {
        let chairs = |worth: &str| form(&[["1", "", "Chaises", "120"]]).with("valeur-0", worth.to_owned());
        let worth = |typed| read(&chairs(typed)).map(|things| things[0].value);
        assert_eq!(worth(""), Ok(None));
        assert_eq!(worth("40,50"), Ok(Some(Cents(4_050))));
        assert_eq!(worth("cher"), Err(vec![0]));
    }
}

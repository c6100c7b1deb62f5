//! The page on which a caretaker notes the state of a room, on a telephone: everything is in one form, and whatever button
//! of it is pressed keeps all that was typed.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, Query, Request},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::clock;
use beffroi_core::Id;
use beffroi_documents::{Document, State as Scan, some};
use beffroi_people::{Permit, SignedIn, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;

use super::{
    commands::{self, Noted},
    fill,
    rules::{Condition, Item, State},
    shown,
    store::{self, Inspection, Photo},
};
use crate::{
    InspectRooms, Parts,
    permission::hidden,
    premises::{self, Granted, granted},
    upload::{self, Posted, Taken, Wants},
};

/// Things that are named of those to be looked at, at most.
const NAMED_AT_MOST: usize = 5;

/// A control of the page.
pub(super) struct Field {
    pub(super) id: String,
    pub(super) value: String,
    pub(super) error: String,
}

struct Choice {
    value: &'static str,
    id: String,
    label: String,
    chosen: bool,
}

/// A photograph as a page shows it.
pub(crate) struct Shot {
    pub(crate) id: String,
    /// Where it is; `""` while the virus gate has not let it pass.
    pub(crate) src: String,
    pub(crate) alt: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

struct Line {
    id: String,
    name: String,
    /// How many there should be, and as it was on the way in.
    about: Vec<String>,
    states: Vec<Choice>,
    number: Field,
    remark: Field,
    files: Field,
    photos: Vec<Shot>,
}

struct Group {
    title: String,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "inspection.html")]
struct FormPage {
    page: Page,
    title: String,
    caption: String,
    back: String,
    action: String,
    done: bool,
    left: String,
    groups: Vec<Group>,
    remarks: Field,
    files: Field,
    photos: Vec<Shot>,
    meters: Vec<(Field, String)>,
    problems: Vec<Problem>,
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What is known of an inspection.
pub(super) struct Known {
    pub(super) it: Inspection,
    pub(super) found: Granted,
    pub(super) items: Vec<Item>,
    pub(super) photos: Vec<(Photo, Scan)>,
}

/// The inspection of that id, for whoever may inspect what is booked for cases of its department.
pub(super) fn of(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    id: &str,
) -> Result<(Permit<InspectRooms>, Inspection, Granted)> {
    hidden(permit_somewhere::<InspectRooms>(tx, who))?;
    let id: Id<Inspection> = id.parse().map_err(|_| WebError::not_found())?;
    let it = store::find(tx, id)?.ok_or_else(WebError::not_found)?;
    let (permit, found) = granted::<InspectRooms>(tx, who, &it.booking.to_string())?;
    Ok((permit, it, found))
}

pub(super) fn known(tx: &mut Tx<'_>, it: Inspection, found: Granted) -> Result<Known> {
    let items = store::items_of(tx, it.id)?;
    let photos = photos(tx, it.id)?;
    Ok(Known { it, found, items, photos })
}

/// The photographs of an inspection, each with what the virus gate says of it.
pub(crate) fn photos(tx: &mut Tx<'_>, id: Id<Inspection>) -> beffroi_store::Result<Vec<(Photo, Scan)>> {
    let photos = store::photos(tx, id)?;
    let ids: Vec<Id<Document>> = photos.iter().map(|photo| photo.small).collect();
    let files = some(tx, &ids)?;
    let state = |photo: &Photo| {
        files.iter().find(|file| file.id == photo.small).map_or(Scan::Received, |file| file.state)
    };
    Ok(photos.into_iter().map(|photo| (photo.clone(), state(&photo))).collect())
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (known, drawn) = commune
        .read(visitor.by, move |tx| {
            let (_, it, found) = of(tx, &who, &id)?;
            let drawn = store::drawn(tx, it.id)?;
            Ok::<_, WebError>((known(tx, it, found)?, drawn))
        })
        .await?;
    if known.it.state == State::Closed {
        return shown::show(page, &known, &drawn, asked.fait == "clos");
    }
    shown_form(page, StatusCode::OK, &known, &FormPost::default(), Vec::new(), asked.fait == "garde")
}

/// Keeps what was noted.
pub(super) async fn save(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
    request: Request,
) -> Result {
    let who = visitor.require()?.clone();
    let (asked, may) = (id.clone(), who.clone());
    commune.read(visitor.by, move |tx| of(tx, &may, &asked).map(drop)).await?;
    let Posted { fields, files, refused } =
        upload::read(request, &commune, visitor.lang, Wants::Pictures).await?;
    let photos = files
        .into_iter()
        .filter_map(|(field, taken)| match taken {
            Taken::Picture(shot) => Some((fill::item_of(&field), shot)),
            Taken::Pdf(_) => None,
        })
        .collect();
    let (typed, named, gate) = (fields.clone(), id.clone(), parts.gate);
    let (known, wrong) = commune
        .write(visitor.by, move |tx| {
            let (permit, it, found) = of(tx, &who, &named)?;
            let read = fill::read(&typed, &store::items_of(tx, it.id)?);
            let noted = Noted {
                changes: read.changes,
                remarks: read.remarks,
                meters: read.meters,
                photos,
                removed: read.removed,
            };
            if !commands::save(tx, &permit, &it, &noted, gate)? {
                return Err(WebError::conflict());
            }
            let it = store::find(tx, it.id)?.ok_or_else(WebError::not_found)?;
            Ok((known(tx, it, found)?, read.wrong))
        })
        .await?;
    // The page keeps what is typed by itself, and needs no answer but that it was kept.
    let alone = fields.text("seul") == "oui";
    if wrong.is_empty() && refused.is_empty() {
        if alone {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        let to = if fields.text("faire") == "signer" {
            format!("/agents/etats-des-lieux/{id}/signer")
        } else {
            let item = fields.text("vers");
            let known = known.items.iter().any(|it| it.id.to_string() == item);
            let anchor = if known { format!("#objet-{item}") } else { String::new() };
            format!("/agents/etats-des-lieux/{id}?fait=garde{anchor}")
        };
        return Ok(Redirect::to(&to).into_response());
    }
    let mut problems: Vec<Problem> =
        wrong.into_iter().map(|(field, key)| Problem { field, message: page.t(key).to_owned() }).collect();
    problems.extend(Problem::each(&refused).into_iter().map(|problem| {
        let field = if problem.field.is_empty() { "photos".to_owned() } else { problem.field };
        Problem { field, ..problem }
    }));
    shown_form(page, StatusCode::UNPROCESSABLE_ENTITY, &known, &fields, problems, false)
}

/// When and for whom: the line above the title.
pub(super) fn caption(page: &Page, known: &Known) -> String {
    let date = known.found.booking.dates().iter().find(|date| date.start() == known.it.starts_at);
    let when = date.map(|date| clock::when(*date, known.found.zone(), page.language())).unwrap_or_default();
    format!("{} · {when} · {}", known.found.booking.resource.details.name.fr, known.found.holder())
}

/// The photographs of an item, or of the whole.
pub(super) fn shots(page: &Page, known: &Known, item: Option<&Item>) -> Vec<Shot> {
    shots_of(page, known.it.id, &known.photos, item)
}

/// The same of an inspection by its id, with its photographs.
pub(crate) fn shots_of(
    page: &Page,
    id: Id<Inspection>,
    photos: &[(Photo, Scan)],
    item: Option<&Item>,
) -> Vec<Shot> {
    let of = photos.iter().filter(|(photo, _)| photo.item == item.map(|item| item.id));
    let name = item.map_or_else(|| page.t("premises-whole"), |item| item.name.as_str());
    of.enumerate()
        .map(|(rank, (photo, state))| Shot {
            id: photo.large.to_string(),
            src: if *state == Scan::Clean {
                format!("/agents/etats-des-lieux/{id}/photos/{}", photo.small)
            } else {
                String::new()
            },
            alt: page.tr("premises-photo-alt", &[("n", (rank + 1).into()), ("name", name.to_owned().into())]),
            width: photo.size.0,
            height: photo.size.1,
        })
        .collect()
}

/// Items by where in the room they are, in their order.
pub(super) fn places(items: &[Item]) -> Vec<(&str, Vec<&Item>)> {
    let mut places: Vec<(&str, Vec<&Item>)> = Vec::new();
    for item in items {
        match places.iter_mut().find(|(place, _)| *place == item.place) {
            Some((_, found)) => found.push(item),
            None => places.push((&item.place, vec![item])),
        }
    }
    places
}

/// What is still to be looked at: how many things, and what the first of them lack.
pub(super) fn left(page: &Page, items: &[Item]) -> String {
    let lacking: Vec<&Item> = items.iter().filter(|item| item.lacks()).collect();
    let named = lacking.iter().take(NAMED_AT_MOST).map(|item| {
        let what = match (item.condition, item.found) {
            (None, None) => "both",
            (None, Some(_)) => "state",
            (Some(_), _) => "number",
        };
        page.tr(&format!("premises-left-{what}"), &[("name", item.name.clone().into())])
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let things = if lacking.len() > NAMED_AT_MOST {
        page.tr("premises-left-more", &[("things", named.into())])
    } else {
        named
    };
    page.tr("premises-left", &[("n", lacking.len().into()), ("things", things.into())])
}

fn shown_form(
    page: Page,
    status: StatusCode,
    known: &Known,
    typed: &FormPost,
    problems: Vec<Problem>,
    done: bool,
) -> Result {
    let field = |id: String, kept: &str| Field {
        value: typed.get(&id).unwrap_or(kept).to_owned(),
        error: Problem::beside(&problems, &id),
        id,
    };
    let line = |item: &Item| {
        let at = |name: &str| format!("{name}-{}", item.id);
        let mut about = vec![page.tr("premises-expected", &[("n", item.expected.into())])];
        about.extend(item.before.map(|(found, condition)| {
            let state = page.t(&format!("premises-condition-{}", condition.as_str())).to_owned();
            page.tr("premises-before", &[("n", found.into()), ("state", state.into())])
        }));
        let state = typed.get(&at("etat")).and_then(Condition::from_word).or(item.condition);
        let choice = |condition: &Condition| Choice {
            value: condition.as_str(),
            id: format!("{}-{}", at("etat"), condition.as_str()),
            label: page.t(&format!("premises-condition-{}", condition.as_str())).to_owned(),
            chosen: state == Some(*condition),
        };
        Line {
            id: item.id.to_string(),
            name: item.name.clone(),
            about,
            states: Condition::ALL.iter().map(choice).collect(),
            number: field(at("nombre"), &item.found.unwrap_or_else(|| item.usual()).to_string()),
            remark: field(at("remarque"), &item.remark),
            files: field(at("photos"), ""),
            photos: shots(&page, known, Some(item)),
        }
    };
    let group = |(place, items): (&str, Vec<&Item>)| Group {
        title: if place.is_empty() { page.t("premises-no-place").to_owned() } else { place.to_owned() },
        lines: items.into_iter().map(line).collect(),
    };
    let groups: Vec<Group> = places(&known.items).into_iter().map(group).collect();
    let left = left(&page, &known.items);
    let meters = known.it.meters.each().map(|(word, value)| {
        let id = match word {
            "water" => "eau",
            "electricity" => "electricite",
            _ => "gaz",
        };
        (field(id.to_owned(), value), page.t(&format!("premises-meter-{word}")).to_owned())
    });
    let template = FormPage {
        title: page.t(&format!("premises-inspection-{}", known.it.kind.as_str())).to_owned(),
        caption: caption(&page, known),
        back: premises::href(known.it.booking),
        action: format!("/agents/etats-des-lieux/{}", known.it.id),
        done,
        left,
        groups,
        remarks: field("remarques".to_owned(), &known.it.remarks),
        files: field("photos".to_owned(), ""),
        photos: shots(&page, known, None),
        meters: meters.into(),
        problems,
        page,
    };
    render_as(status, &template)
}

//! The page on which the keys of a room and the codes of its door are written down.

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::resource::{self, Kept, Kind};
use beffroi_core::{Id, calendar::long_date};
use beffroi_people::{Permit, SignedIn, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, page::render_as};
use serde::Deserialize;

use super::{
    CODE_AT_MOST, LABEL_AT_MOST,
    code::{self, DoorCode},
    store::{self, Key},
};
use crate::{ManageRooms, booking::day, permission::hidden};

struct Line {
    name: String,
    active: bool,
    action: String,
}

struct Code {
    period: String,
    action: String,
}

#[derive(Template)]
#[template(path = "admin_keys.html")]
struct Keys {
    page: Page,
    title: String,
    back: String,
    done: bool,
    lines: Vec<Line>,
    codes: Vec<Code>,
    form: FormPost,
    problems: Vec<Problem>,
}

impl Keys {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
}

/// What the page knows.
struct Known {
    room: Kept,
    keys: Vec<Key>,
    codes: Vec<DoorCode>,
}

/// What is wrong with a form: the control, and the key of its words.
type Wrong = Vec<(&'static str, &'static str)>;

fn known(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<(Permit<ManageRooms>, Known)> {
    let permit = hidden(permit_somewhere::<ManageRooms>(tx, who))?;
    let room = resource::by_slug(tx, slug)?.filter(|room| room.details.kind == Kind::Room);
    let room = room.ok_or_else(WebError::not_found)?;
    let (keys, codes) = (store::of_room(tx, room.id)?, code::codes_of(tx, room.id)?);
    Ok((permit, Known { room, keys, codes }))
}

pub(super) async fn show(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (_, known) = commune.read(visitor.by, move |tx| known(tx, &who, &slug)).await?;
    shown(page, StatusCode::OK, &known, FormPost::default(), &[], asked.fait == "oui")
}

/// Writes a key down.
pub(super) async fn add(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let typed = form.clone();
    changed(page, commune, visitor, slug, form, move |tx, permit, known| {
        let (label, number) = (typed.text("nom"), typed.text("numero"));
        let fits = |text: &str| text.chars().count() <= LABEL_AT_MOST;
        if label.is_empty() || !fits(label) || !fits(number) {
            return Ok(vec![("nom", "rooms-admin-key-wrong")]);
        }
        store::add(tx, permit, known.room.id, (label, number))?;
        Ok(Vec::new())
    })
    .await
}

/// Says that a key is handed over no more, or again.
pub(super) async fn retire(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    let active = form.text("faire") == "remettre";
    changed(page, commune, visitor, slug, form, move |tx, permit, known| {
        let key: Id<Key> = id.parse().map_err(|_| WebError::not_found())?;
        if store::set_active(tx, permit, known.room.id, key, active)? {
            Ok(Vec::new())
        } else {
            Err(WebError::not_found())
        }
    })
    .await
}

/// Keeps the code of the door for some days.
pub(super) async fn set_code(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let typed = form.clone();
    changed(page, commune, visitor, slug, form, move |tx, permit, known| {
        let (first, last) = (day(typed.text("du")), day(typed.text("au")));
        let code = typed.text("code");
        let mut wrong = Vec::new();
        if code.is_empty() || code.chars().count() > CODE_AT_MOST {
            wrong.push(("code", "rooms-admin-code-wrong"));
        }
        let days = first.zip(last).filter(|(first, last)| first <= last);
        match days {
            None => wrong.push(("du", "rooms-admin-code-wrong-days")),
            Some(days) if wrong.is_empty() => {
                if !code::set(tx, permit, known.room.id, days, code)? {
                    wrong.push(("du", "rooms-admin-code-wrong-overlap"));
                }
            }
            Some(_) => {}
        }
        Ok(wrong)
    })
    .await
}

/// Forgets a code.
pub(super) async fn forget_code(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Path((slug, id)): Path<(String, String)>,
    form: FormPost,
) -> Result {
    changed(page, commune, visitor, slug, form, move |tx, permit, known| {
        let id: Id<DoorCode> = id.parse().map_err(|_| WebError::not_found())?;
        if code::remove(tx, permit, known.room.id, id)? { Ok(Vec::new()) } else { Err(WebError::not_found()) }
    })
    .await
}

/// Does something to a room, and leads back to the page, or shows what is wrong.
async fn changed(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    slug: String,
    form: FormPost,
    work: impl FnOnce(&mut Tx<'_>, &Permit<ManageRooms>, &Known) -> Result<Wrong> + Send + 'static,
) -> Result {
    let who = visitor.require()?.clone();
    let name = slug.clone();
    let (known, wrong) = commune
        .write(visitor.by, move |tx| {
            let (permit, known) = known(tx, &who, &name)?;
            let wrong = work(tx, &permit, &known)?;
            Ok::<_, WebError>((known, wrong))
        })
        .await?;
    if wrong.is_empty() {
        return Ok(Redirect::to(&format!("/admin/salles/{slug}/cles?fait=oui")).into_response());
    }
    // A code is not shown again.
    let kept = form.pairs().iter().filter(|(name, _)| name != "code");
    let form = kept.fold(FormPost::default(), |kept, (name, value)| kept.with(name, value.clone()));
    shown(page, StatusCode::UNPROCESSABLE_ENTITY, &known, form, &wrong, false)
}

fn shown(
    page: Page,
    status: StatusCode,
    known: &Known,
    form: FormPost,
    wrong: &[(&str, &str)],
    done: bool,
) -> Result {
    let back = format!("/admin/salles/{}", known.room.details.slug);
    let lang = page.language();
    let key =
        |key: &Key| Line { name: named(key), active: key.active, action: format!("{back}/cles/{}", key.id) };
    let code = |code: &DoorCode| Code {
        period: page.tr(
            "rooms-admin-code-period",
            &[("from", long_date(code.first, lang).into()), ("until", long_date(code.last, lang).into())],
        ),
        action: format!("{back}/codes/{}", code.id),
    };
    let template = Keys {
        title: page.tr("rooms-admin-keys-of", &[("name", known.room.details.name.fr.clone().into())]),
        done,
        lines: known.keys.iter().map(key).collect(),
        codes: known.codes.iter().map(code).collect(),
        form,
        problems: Problem::keyed(&page, wrong),
        back,
        page,
    };
    render_as(status, &template)
}

/// A key, by its label and what is written on it.
pub(crate) fn named(key: &Key) -> String {
    if key.number.is_empty() { key.label.clone() } else { format!("{} (n°\u{a0}{})", key.label, key.number) }
}

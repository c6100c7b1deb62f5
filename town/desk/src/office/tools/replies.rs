//! The reply templates of the departments whose cases an agent handles: written, changed, taken away.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_cases::LONGEST_TEXT;
use beffroi_core::Id;
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as};

use super::handled;
use crate::{
    daily::reply::{self, LONGEST_NAME, PLACES},
    office::inbox::Choice,
    permission::Place,
    problem::Problem,
    visit::Visit,
};

struct Row {
    id: String,
    name: String,
    department: String,
    procedure: String,
    beginning: String,
}

#[derive(Template)]
#[template(path = "office/tools/replies.html")]
struct Replies {
    page: Page,
    rows: Vec<Row>,
    /// The one that is changed; `""` for a new one.
    id: String,
    back: &'static str,
    places: Vec<Choice>,
    procedures: Vec<Choice>,
    name: String,
    body: String,
    hint: String,
    problems: Vec<Problem>,
}

impl Replies {
    fn problem(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What of a body a list shows, in characters.
const BEGINNING: usize = 100;

async fn shown(
    visit: Visit,
    id: Option<Id<reply::Template>>,
    typed: Option<FormPost>,
    wrong: Vec<Problem>,
) -> Result {
    let Visit { desk, commune, visitor, page, .. } = visit;
    let who = visitor.require()?.clone();
    let lang = page.language();
    let (places, templates, titles) = commune
        .read(visitor.by, move |tx| {
            let (_, places) = handled(tx, &who)?;
            let slugs: Vec<&str> = places.iter().map(|place| place.slug.as_str()).collect();
            let templates = reply::of_departments(tx, &slugs)?;
            let titles: Vec<(String, String)> = desk
                .shelf
                .offered(tx)?
                .iter()
                .map(|form| (form.procedure().slug.clone(), form.procedure().title.text(lang).to_owned()))
                .collect();
            Ok::<_, WebError>((places, templates, titles))
        })
        .await?;
    let changed = match id {
        Some(id) => Some(templates.iter().find(|known| known.id == id).ok_or_else(WebError::not_found)?),
        None => None,
    };
    let usual = |field: &str| match (typed.as_ref().and_then(|form| form.get(field)), changed, field) {
        (Some(typed), ..) => typed.to_owned(),
        (None, Some(known), "nom") => known.name.clone(),
        (None, Some(known), "texte") => known.body.clone(),
        (None, Some(known), "demarche") => known.procedure.clone(),
        (None, Some(known), "service") => known.department.clone(),
        _ => String::new(),
    };
    let of_all = page.t("office-all-procedures");
    let title = |slug: &str| {
        let known = titles.iter().find(|(known, _)| known == slug).map(|(_, title)| title.as_str());
        known.unwrap_or(if slug.is_empty() { of_all } else { slug }).to_owned()
    };
    let rows = templates
        .iter()
        .map(|known| Row {
            id: known.id.to_string(),
            name: known.name.clone(),
            procedure: title(&known.procedure),
            department: places
                .iter()
                .find(|place| place.slug == known.department)
                .map(|place| place.name.clone())
                .unwrap_or_default(),
            beginning: known.body.chars().take(BEGINNING).collect(),
        })
        .collect();
    let chosen = usual("demarche");
    let mut procedures = vec![Choice::of("", of_all, chosen.is_empty())];
    procedures.extend(titles.iter().map(|(slug, title)| Choice::of(slug, title, chosen == *slug)));
    let marks: Vec<String> = PLACES.iter().map(|place| format!("{{{place}}}")).collect();
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let template = Replies {
        rows,
        id: id.map(|id| id.to_string()).unwrap_or_default(),
        back: if id.is_some() { "/agents/modeles" } else { "/agents/outils" },
        places: places
            .iter()
            .filter(|place| changed.is_none_or(|known| known.department == place.slug))
            .map(|place| Choice::of(&place.slug, &place.name, usual("service") == place.slug))
            .collect(),
        procedures,
        name: usual("nom"),
        body: usual("texte"),
        hint: page.tr("office-reply-places", &[("places", marks.join(", ").into())]),
        problems: wrong,
        page,
    };
    render_as(status, &template)
}

pub(super) async fn list(visit: Visit) -> Result {
    shown(visit, None, None, Vec::new()).await
}

pub(super) async fn edit(visit: Visit, Path(id): Path<String>) -> Result {
    let id = id.parse().map_err(|_| WebError::not_found())?;
    shown(visit, Some(id), None, Vec::new()).await
}

/// What is wrong with a template.
fn wrong(page: &Page, form: &FormPost) -> Vec<Problem> {
    let mut wrong = Vec::new();
    let mut tell = |field: &str, message: String| wrong.push(Problem { field: field.to_owned(), message });
    let (name, body) = (form.text("nom"), form.text("texte"));
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        tell("nom", page.tr("office-reply-name-wrong", &[("limit", LONGEST_NAME.into())]));
    }
    if body.is_empty() {
        tell("texte", page.t("office-missing-message").to_owned());
    } else if body.chars().count() > LONGEST_TEXT {
        tell("texte", page.tr("office-too-long", &[("limit", LONGEST_TEXT.into())]));
    }
    let unknown = reply::unknown_places(body);
    if !unknown.is_empty() {
        let marks: Vec<String> = unknown.iter().map(|place| format!("{{{place}}}")).collect();
        tell("texte", page.tr("office-reply-unknown", &[("places", marks.join(", ").into())]));
    }
    wrong
}

/// A template as it is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewTemplate {
    /// The department that uses it; `""` where one works in one alone, or where it is known already.
    pub(crate) department: String,
    /// The procedure that it is for; `""` for all.
    pub(crate) procedure: String,
    pub(crate) name: String,
    pub(crate) body: String,
}

/// A template of these departments. Others are not found.
pub(crate) fn own(tx: &mut Tx<'_>, places: &[Place], id: Id<reply::Template>) -> Result<reply::Template> {
    let known = reply::find(tx, id)?;
    let known = known.filter(|known| places.iter().any(|place| place.slug == known.department));
    known.ok_or_else(WebError::not_found)
}

/// Keeps a template of one of these departments, new or changed; `None` where its department has another of that name, or
/// too many.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    places: &[Place],
    id: Option<Id<reply::Template>>,
    new: NewTemplate,
) -> Result<Option<Id<reply::Template>>> {
    let NewTemplate { department, procedure, name, body } = new;
    let (id, department) = if let Some(id) = id {
        (id, own(tx, places, id)?.department)
    } else {
        let only = places.first().filter(|_| places.len() == 1 && department.is_empty());
        let department = only.map_or(department, |place| place.slug.clone());
        if places.iter().all(|place| place.slug != department) {
            return Err(WebError::not_found());
        }
        (tx.new_id(), department)
    };
    let template = reply::Template { id, department, procedure, name, body };
    Ok(reply::keep(tx, &template)?.then_some(id))
}

async fn kept(visit: Visit, id: Option<Id<reply::Template>>, form: FormPost) -> Result {
    let problems = wrong(&visit.page, &form);
    if !problems.is_empty() {
        return shown(visit, id, Some(form), problems).await;
    }
    let who = visit.visitor.require()?.clone();
    let new = NewTemplate {
        department: form.text("service").to_owned(),
        procedure: form.text("demarche").to_owned(),
        name: form.text("nom").to_owned(),
        body: form.text("texte").replace("\r\n", "\n"),
    };
    let kept = visit
        .commune
        .write(visit.visitor.by, move |tx| {
            let (_, places) = handled(tx, &who)?;
            keep(tx, &places, id, new)
        })
        .await?;
    if kept.is_none() {
        let problems = Problem::alone("nom", visit.page.t("office-reply-taken"));
        return shown(visit, id, Some(form), problems).await;
    }
    Ok(Redirect::to("/agents/modeles").into_response())
}

pub(super) async fn create(visit: Visit, form: FormPost) -> Result {
    kept(visit, None, form).await
}

pub(super) async fn change(visit: Visit, Path(id): Path<String>, form: FormPost) -> Result {
    let id = id.parse().map_err(|_| WebError::not_found())?;
    kept(visit, Some(id), form).await
}

pub(super) async fn remove(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<reply::Template> = id.parse().map_err(|_| WebError::not_found())?;
    commune
        .write(visitor.by, move |tx| {
            let (_, places) = handled(tx, &who)?;
            let known = own(tx, &places, id)?;
            Ok::<_, WebError>(reply::forget(tx, &known)?)
        })
        .await?;
    Ok(Redirect::to("/agents/modeles").into_response())
}

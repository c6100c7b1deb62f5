//! The régies, as an administrator settles them: name, number for PayFiP, mode, department; and whether PayFiP knows them.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Router,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_payments::{
    Mode, NewRegie, Regie,
    permission::ManageRegies,
    regie::{self, RegieFault},
};
use beffroi_people::{Department, Permit, SignedIn, department, permission::permit_somewhere};
use beffroi_store::Tx;
use beffroi_web::{
    App, Choice, CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, page::render_as,
    render,
};
use serde::Deserialize;

use crate::{Parts, office::hidden};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/regies", get(list))
        .route("/admin/regies/nouvelle", get(blank).post(create))
        .route("/admin/regies/{regie}", get(one).post(change))
        .route("/admin/regies/{regie}/essai", post(check))
}

fn permit(tx: &mut Tx<'_>, who: &SignedIn) -> Result<Permit<ManageRegies>> {
    hidden(permit_somewhere::<ManageRegies>(tx, who))
}

struct Line {
    href: String,
    name: String,
    number: String,
    mode: String,
    department: String,
    state: String,
    look: &'static str,
}

#[derive(Template)]
#[template(path = "till_admin_regies.html")]
struct List {
    page: Page,
    lines: Vec<Line>,
    heads: Vec<String>,
    trial: bool,
}

async fn list(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
) -> Result {
    let who = visitor.require()?.clone();
    let (regies, departments) = commune
        .read(visitor.by, move |tx| {
            permit(tx, &who)?;
            Ok::<_, WebError>((regie::list(tx)?, department::list(tx)?))
        })
        .await?;
    let line = |it: &Regie| {
        let place = departments.iter().find(|place| Some(place.id) == it.department);
        let (look, key) = match (it.closed, it.online) {
            (true, _) => ("closed", "till-office-regie-closed"),
            (false, true) => ("granted", "till-office-regie-online"),
            (false, false) => ("new", "till-office-regie-counter"),
        };
        Line {
            href: format!("/admin/regies/{}", it.id),
            name: it.name.clone(),
            number: it.client_number.clone(),
            mode: page.t(&format!("till-office-mode-{}", it.mode.as_str())).to_owned(),
            department: place.map_or_else(
                || page.t("till-office-whole-town").to_owned(),
                |place| place.details.name.clone(),
            ),
            state: page.t(key).to_owned(),
            look,
        }
    };
    let heads = ["regie", "client-number", "mode", "department", "state"];
    render(&List {
        lines: regies.iter().map(line).collect(),
        heads: heads.map(|head| page.t(&format!("till-office-head-{head}")).to_owned()).into(),
        trial: parts.config.stand_in.is_some(),
        page,
    })
}

#[derive(Template)]
#[template(path = "till_admin_regie.html")]
#[expect(clippy::struct_excessive_bools, reason = "each is a box or a part of the page")]
struct One {
    page: Page,
    title: String,
    action: String,
    check: String,
    done: String,
    faulty: String,
    problems: Vec<Problem>,
    name: String,
    number: String,
    modes: Vec<Choice>,
    departments: Vec<Choice>,
    online: bool,
    closed: bool,
    is_new: bool,
    trial: bool,
}

impl One {
    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What a form is filled with at first.
fn fields(it: &Regie) -> FormPost {
    let mut form = FormPost::default()
        .with("nom", it.name.clone())
        .with("numero", it.client_number.clone())
        .with("mode", it.mode.as_str().to_owned())
        .with("service", it.department.map(|id| id.to_string()).unwrap_or_default());
    if it.online {
        form = form.with("en-ligne", "true".to_owned());
    }
    if it.closed {
        form = form.with("close", "true".to_owned());
    }
    form
}

/// What was typed, or all that is wrong with it.
fn typed(form: &FormPost, departments: &[Department]) -> std::result::Result<NewRegie, Vec<Wrong>> {
    let place = form.text("service");
    let department = departments.iter().find(|it| it.id.to_string() == place);
    let mut wrong = Vec::new();
    let mode = Mode::from_word(form.text("mode"));
    if mode.is_none() {
        wrong.push(("mode", "till-office-wrong-mode"));
    }
    if department.is_none() && !place.is_empty() {
        wrong.push(("service", "till-office-wrong-department"));
    }
    let new = NewRegie {
        name: form.text("nom").to_owned(),
        client_number: form.text("numero").to_owned(),
        mode: mode.unwrap_or(Mode::Test),
        online: form.get("en-ligne").is_some(),
        department: department.map(|it| it.id),
        closed: form.get("close").is_some(),
    };
    match regie::to_keep(&new) {
        Ok(new) if wrong.is_empty() => Ok(new),
        Ok(_) => Err(wrong),
        Err(faults) => {
            wrong.extend(faults.iter().map(|fault| match fault {
                RegieFault::Name => ("nom", "till-office-wrong-name"),
                RegieFault::ClientNumber => ("numero", "till-office-wrong-client-number"),
            }));
            Err(wrong)
        }
    }
}

fn answer(
    page: Page,
    parts: &Parts,
    (id, form): (Option<&str>, &FormPost),
    departments: &[Department],
    wrong: &[Wrong],
    (done, faulty): (String, String),
) -> Result {
    let place = form.text("service");
    let mut places = vec![Choice::new("", page.t("till-office-whole-town"), place.is_empty())];
    places.extend(departments.iter().map(|it| {
        let id = it.id.to_string();
        Choice::new(&id, &it.details.name, id == place)
    }));
    let mode = form.text("mode");
    let modes = Mode::ALL.iter().map(|it| Choice {
        hint: page.t(&format!("till-office-mode-{}-hint", it.as_str())).to_owned(),
        ..Choice::new(it.as_str(), page.t(&format!("till-office-mode-{}", it.as_str())), it.as_str() == mode)
    });
    let title = match id {
        None => page.t("till-office-regie-new").to_owned(),
        Some(_) => page.tr("till-office-regie-title", &[("name", form.text("nom").to_owned().into())]),
    };
    let base = id.map_or_else(|| "/admin/regies/nouvelle".to_owned(), |id| format!("/admin/regies/{id}"));
    let shown = One {
        title,
        check: format!("{base}/essai"),
        action: base,
        done,
        faulty,
        problems: Problem::keyed(&page, wrong),
        name: form.text("nom").to_owned(),
        number: form.text("numero").to_owned(),
        modes: modes.collect(),
        departments: places,
        online: form.get("en-ligne").is_some(),
        closed: form.get("close").is_some(),
        is_new: id.is_none(),
        trial: parts.config.stand_in.is_some(),
        page,
    };
    render_as(if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }, &shown)
}

async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
) -> Result {
    let who = visitor.require()?.clone();
    let departments = commune
        .read(visitor.by, move |tx| {
            permit(tx, &who)?;
            Ok::<_, WebError>(department::list(tx)?)
        })
        .await?;
    let form = FormPost::default().with("mode", Mode::Test.as_str().to_owned());
    answer(page, &parts, (None, &form), &departments, &[], (String::new(), String::new()))
}

fn known(tx: &mut Tx<'_>, who: &SignedIn, id: &str) -> Result<(Regie, Permit<ManageRegies>)> {
    let permit = permit(tx, who)?;
    let id: Id<Regie> = id.parse().map_err(|_| WebError::not_found())?;
    let found = regie::find(tx, id)?.ok_or_else(WebError::not_found)?;
    Ok((found, permit))
}

#[derive(Default, Deserialize)]
struct Just {
    #[serde(default)]
    fait: String,
}

async fn one(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let (found, departments) = commune
        .read(visitor.by, move |tx| Ok::<_, WebError>((known(tx, &who, &id)?.0, department::list(tx)?)))
        .await?;
    let done = match just.fait.as_str() {
        "garde" => page.t("till-office-kept").to_owned(),
        _ => String::new(),
    };
    let id = found.id.to_string();
    answer(page, &parts, (Some(&id), &fields(&found)), &departments, &[], (done, String::new()))
}

async fn create(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    form: FormPost,
) -> Result {
    keep(page, visitor, commune, parts, None, form).await
}

async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    keep(page, visitor, commune, parts, Some(id), form).await
}

async fn keep(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    parts: Arc<Parts>,
    id: Option<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (sent, asked) = (form.clone(), id.clone());
    let outcome = commune
        .write(visitor.by, move |tx| {
            let (before, permit) = match &asked {
                Some(id) => {
                    let (found, permit) = known(tx, &who, id)?;
                    (Some(found.id), permit)
                }
                None => (None, permit(tx, &who)?),
            };
            let departments = department::list(tx)?;
            match typed(&sent, &departments) {
                Err(wrong) => Ok::<_, WebError>(Err((departments, wrong))),
                Ok(new) => match before {
                    Some(id) => {
                        regie::change(tx, &permit, id, &new)?;
                        Ok(Ok(id))
                    }
                    None => Ok(Ok(regie::create(tx, &permit, &new)?)),
                },
            }
        })
        .await?;
    match outcome {
        Ok(id) => Ok(Redirect::to(&format!("/admin/regies/{id}?fait=garde")).into_response()),
        Err((departments, wrong)) => {
            answer(page, &parts, (id.as_deref(), &form), &departments, &wrong, (String::new(), String::new()))
        }
    }
}

/// Asks PayFiP whether it knows the number: nobody is concerned, and no money.
async fn check(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Extension(parts): Extension<Arc<Parts>>,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (found, departments) = commune
        .read(visitor.by, move |tx| Ok::<_, WebError>((known(tx, &who, &id)?.0, department::list(tx)?)))
        .await?;
    let told = if found.client_number.is_empty() {
        (String::new(), page.t("till-office-check-none").to_owned())
    } else {
        match parts.config.payfip.check(&found.client_number).await {
            Ok(()) => (page.t("till-office-check-good").to_owned(), String::new()),
            Err(fault) => {
                (String::new(), page.t(&format!("till-office-fault-{}", fault.as_str())).to_owned())
            }
        }
    };
    let id = found.id.to_string();
    answer(page, &parts, (Some(&id), &fields(&found)), &departments, &[], told)
}

//! « Pour qui faites-vous cette demande ? »: asked of whoever holds a mandate that covers the procedure, before the
//! first question.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{Id, calendar::civil_day};
use beffroi_forms::CompiledForm;
use beffroi_people::{
    Account, Town,
    mandate::{self, Mandate},
};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render, visitor::cookie};

use crate::{
    draft,
    office::reception::forms::Choice,
    problem::Problem,
    procedure::current_for,
    public::{DRAFT_COOKIE, draft_path, with_cookie},
    submission,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "mandates/choose.html")]
struct Choose {
    page: Page,
    slug: String,
    title: String,
    choices: Vec<Choice>,
    problems: Vec<Problem>,
}

impl Choose {
    fn error(&self) -> String {
        Problem::beside(&self.problems, "pour")
    }
}

fn running(tx: &mut Tx<'_>, account: Id<Account>, form: &CompiledForm) -> Result<Vec<Mandate>> {
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let procedure = form.procedure();
    Ok(mandate::covering(tx, account, &procedure.slug, procedure.sector, today)?)
}

/// The cookie that holds the mandate by which somebody looks for a procedure, until they begin one.
const FOR_COOKIE: &str = "pour";
/// Where that cookie is sent.
const FOR_PATH: &str = "/demarches";

/// To the catalogue, for the person of a mandate that is held and runs: they are chosen already where it is then asked
/// for whom a request is.
pub(super) async fn begin(Visit { commune, visitor, .. }: Visit, Path(id): Path<String>) -> Result {
    let account = visitor.owner()?.account;
    let id: Id<Mandate> = id.parse().map_err(|_| WebError::not_found())?;
    let held = commune
        .read(visitor.by, move |tx| {
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            let held = mandate::find(tx, id)?.filter(|held| held.details.account == account);
            Ok::<_, WebError>(held.filter(|held| held.status(today) == mandate::Status::Running))
        })
        .await?;
    held.ok_or_else(WebError::not_found)?;
    let held_for = visitor.own_cookie(FOR_COOKIE, &id.to_string(), FOR_PATH)?;
    Ok(with_cookie(Redirect::to(FOR_PATH).into_response(), held_for))
}

/// Whether the account holds a mandate that covers this procedure: then it is asked for whom the request is.
pub(crate) fn must_choose(tx: &mut Tx<'_>, account: Id<Account>, form: &CompiledForm) -> Result<bool> {
    Ok(!running(tx, account, form)?.is_empty())
}

pub(super) async fn show(visit: Visit, Path(slug): Path<String>) -> Result {
    page_of(visit, slug, false).await
}

async fn page_of(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    slug: String,
    tell: bool,
) -> Result {
    let looked_for = cookie(&headers, FOR_COOKIE).unwrap_or_default();
    let account = visitor.owner()?.account;
    let asked = slug.clone();
    let (form, held) = commune
        .read(visitor.by, move |tx| {
            let form = current_for(tx, &desk.shelf, &asked)?;
            let held = running(tx, account, &form)?;
            Ok::<_, WebError>((form, held))
        })
        .await?;
    if held.is_empty() {
        return Ok(Redirect::to(&own_path(&slug)).into_response());
    }
    let mut choices = vec![Choice::new("moi", page.t("desk-mandate-for-me"), false)];
    choices.extend(held.iter().map(|held| {
        let name = held.details.helped.full_name();
        let id = held.id.to_string();
        Choice::new(&id, &page.tr("desk-mandate-for", &[("name", name.into())]), id == looked_for)
    }));
    let problems = if tell { Problem::alone("pour", page.t("desk-mandate-for-missing")) } else { Vec::new() };
    let title = form.procedure().title.text(page.language()).to_owned();
    let choose = Choose { page, slug, title, choices, problems };
    if tell { render_as(StatusCode::UNPROCESSABLE_ENTITY, &choose) } else { render(&choose) }
}

/// Where a request for oneself begins, without being asked again for whom it is.
fn own_path(slug: &str) -> String {
    format!("{}?moi=oui", draft_path(slug))
}

/// Begins the request: for oneself, or for a helped person, whose names the form then bears.
pub(super) async fn choose(visit: Visit, Path(slug): Path<String>, fields: FormPost) -> Result {
    let account = visit.visitor.owner()?.account;
    let chosen = fields.text("pour").to_owned();
    if chosen == "moi" {
        let response = Redirect::to(&own_path(&slug)).into_response();
        return Ok(with_cookie(response, visit.visitor.own_cookie(FOR_COOKIE, "", FOR_PATH)?));
    }
    let Ok(id) = chosen.parse::<Id<Mandate>>() else { return page_of(visit, slug, true).await };
    let Visit { desk, commune, visitor, .. } = visit;
    let asked = slug.clone();
    let code = commune
        .write(visitor.by, move |tx| {
            let form = current_for(tx, &desk.shelf, &asked)?;
            let held = running(tx, account, &form)?.into_iter().find(|held| held.id == id);
            let held = held.ok_or_else(WebError::not_found)?;
            let answers = submission::prefilled(&form, &held.details.helped.person());
            let (procedure, zone) = (form.procedure(), Town::load(tx)?.zone());
            let (draft, code) = draft::start(tx, procedure, Some(account), &answers, zone)?;
            draft::by_mandate(tx, draft.id, id)?;
            Ok::<_, WebError>(code)
        })
        .await?;
    let begun = visitor.own_cookie(DRAFT_COOKIE, &code.to_string(), &draft_path(&slug))?;
    let response = with_cookie(Redirect::to(&draft_path(&slug)).into_response(), begun);
    // The choice is made: the next request is asked about anew.
    Ok(with_cookie(response, visitor.own_cookie(FOR_COOKIE, "", FOR_PATH)?))
}

//! A change of a template that waits for a second person: what it changes, and its publication by somebody else than
//! whoever wrote it.

use askama::Template;
use axum::{extract::Path, http::StatusCode};
use beffroi_people::{SignedIn, Town, permission::scope};
use beffroi_store::Tx;
use beffroi_web::{FormPost, Page, Result, WebError, page::render_as, render};

use super::{
    ROOT,
    commands::{self, Seen, TemplateError},
    entitled, publishing,
    store::{self, Draft, Kept},
    to,
};
use crate::{
    builder::{Hunk, colleague, differing},
    permission::PublishProcedures,
    problem::Problem,
    public::when,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "document_templates/draft.html")]
struct View {
    page: Page,
    base: String,
    name: String,
    overtaken: String,
    written: String,
    seen: Seen,
    lines: Vec<Hunk>,
    /// Whoever looks wrote it, and the commune wants a second person.
    own: bool,
    may_publish: bool,
    /// What is to be looked at again; `""` where it was not sent back.
    sent_back: String,
    words: String,
    words_error: String,
    problems: Vec<Problem>,
}

/// Words of a refusal, at most.
const WORDS_AT_MOST: usize = 2_000;

/// What waits, beside what is in use.
struct Found {
    kept: Kept,
    draft: Draft,
    before: String,
    written: String,
    own: bool,
    may_publish: bool,
}

fn load(tx: &mut Tx<'_>, page: &Page, who: &SignedIn, slug: &str) -> Result<Option<Found>> {
    let kept = store::find(tx, slug)?.ok_or_else(WebError::not_found)?;
    let Some(draft) = store::draft(tx, slug)? else { return Ok(None) };
    let before = store::source(tx, slug, kept.version)?.unwrap_or_default();
    let town = Town::load(tx)?;
    let written = page.tr(
        "office-template-draft-written",
        &[
            ("who", colleague(tx, page, draft.written_by)?.into()),
            ("when", when(draft.written_at, town.zone(), page.language()).into()),
        ],
    );
    let own = town.procedures_by_two && draft.written_by == Some(who.account);
    let may_publish = scope::<PublishProcedures>(tx, who)?.contains(None);
    Ok(Some(Found { kept, draft, before, written, own, may_publish }))
}

fn view(page: Page, found: Found) -> View {
    let Found { kept, draft, before, written, own, may_publish } = found;
    View {
        base: format!("{ROOT}/{}", kept.slug),
        overtaken: String::new(),
        seen: Seen { version: kept.version, revision: draft.revision },
        lines: differing(&before, &draft.source),
        name: kept.title,
        written,
        own,
        may_publish,
        sent_back: draft.sent_back,
        words: String::new(),
        words_error: String::new(),
        problems: Vec::new(),
        page,
    }
}

pub(super) async fn show(Visit { commune, visitor, page, .. }: Visit, Path(slug): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let frame = page.clone();
    let found = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            load(tx, &frame, &who, &slug)?.ok_or_else(WebError::not_found)
        })
        .await?;
    render(&view(page, found))
}

/// What somebody read before they pressed a button.
pub(super) fn seen(form: &FormPost) -> Seen {
    let number = |name: &str| -> u32 { form.text(name).parse().unwrap_or_default() };
    Seen { version: number("version"), revision: number("revision") }
}

/// Puts what waits to use, gives it back to whoever wrote it, or gives it up.
pub(super) async fn act(
    Visit { commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (frame, name, wish) = (page.clone(), slug.clone(), form.text("do").to_owned());
    let (read, words) = (seen(&form), form.text("words").to_owned());
    let done = commune
        .write(visitor.by, move |tx| {
            let edits = entitled(tx, &who)?;
            store::find(tx, &name)?.ok_or_else(WebError::not_found)?;
            let done = match wish.as_str() {
                "publish" => {
                    let permit = publishing(tx, &who)?;
                    commands::publish_draft(tx, &permit, (&name, read)).map(|_| "publie")
                }
                "send-back" => {
                    let permit = publishing(tx, &who)?;
                    if words.is_empty() || words.len() > WORDS_AT_MOST {
                        return Ok(Err((load(tx, &frame, &who, &name)?, None)));
                    }
                    commands::send_back(tx, &permit, (&name, read), &words).map(|()| "renvoye")
                }
                "discard" => commands::discard_draft(tx, &edits, (&name, read)).map(|()| "abandonne"),
                _ => return Err(WebError::bad_request()),
            };
            match done {
                Ok(done) => Ok(Ok(done)),
                Err(TemplateError::Gone) => Err(WebError::not_found()),
                Err(TemplateError::Store(error)) => Err(error.into()),
                Err(error) => Ok::<_, WebError>(Err((load(tx, &frame, &who, &name)?, Some(error)))),
            }
        })
        .await?;
    match done {
        Ok(done) => Ok(to(&format!("{ROOT}/{slug}?fait={done}"))),
        // Somebody else published it, or gave it up: the template's page shows which.
        Err((None, _)) => Ok(to(&format!("{ROOT}/{slug}?fait=devance"))),
        Err((Some(found), error)) => {
            let mut view = view(page, found);
            let told = match error {
                None => {
                    form.text("words").clone_into(&mut view.words);
                    let message = view.page.t("office-builder-wrong-words").to_owned();
                    view.problems = Problem::alone("words", &message);
                    view.words_error = message;
                    return render_as(StatusCode::UNPROCESSABLE_ENTITY, &view);
                }
                Some(TemplateError::SecondPerson) => "office-template-second-person",
                Some(_) => "office-template-draft-overtaken",
            };
            view.overtaken = view.page.t(told).to_owned();
            render_as(StatusCode::CONFLICT, &view)
        }
    }
}

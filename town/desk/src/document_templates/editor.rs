//! One template of the commune: its source, what it looks like, what it was, who uses it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
};
use beffroi_core::Id;
use beffroi_people::{Account, Town, account};
use beffroi_store::Tx;
use beffroi_web::{CommuneOf, FormPost, Page, Purpose, Result, Visitor, WebError, page::render_as, render};

use super::{
    ROOT,
    commands::{self, SOURCE_AT_MOST, Seen, TITLE_AT_MOST, TemplateError},
    draft::seen,
    entitled,
    pages::Done,
    store::{self, Draft, Kept, Version},
    to,
    trial::{self, Example},
};
use crate::{
    Parts,
    control::Choosable,
    download,
    problem::Problem,
    public::{pdf_answer, when},
    visit::Visit,
};

struct Row {
    version: u32,
    when: String,
    who: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "document_templates/template.html")]
struct View {
    page: Page,
    said: String,
    base: String,
    name: String,
    slug: String,
    title: String,
    title_error: String,
    source: String,
    source_error: String,
    samples: Vec<Choosable>,
    problems: Vec<Problem>,
    overtaken: String,
    seen: Seen,
    /// Who wrote what waits for a second person; `""` where nothing does.
    waits: String,
    /// What is to be looked at again in it; `""` where it was not sent back.
    sent_back: String,
    /// A second person publishes.
    by_two: bool,
    rows: Vec<Row>,
    /// The procedures that use it: address and title.
    users: Vec<(String, String)>,
    retired: bool,
    /// Why it is not retired.
    in_use: String,
}

/// All that the page shows of a template.
struct Found {
    kept: Kept,
    source: String,
    draft: Option<Draft>,
    by_two: bool,
    versions: Vec<Version>,
    agents: Vec<Account>,
    /// The procedures that are offered: short name and title.
    offered: Vec<(String, String)>,
    users: Vec<(String, String)>,
    zone: chrono_tz::Tz,
}

fn load(tx: &mut Tx<'_>, desk: &Parts, slug: &str) -> Result<Found> {
    let kept = store::find(tx, slug)?.ok_or_else(WebError::not_found)?;
    let source = store::source(tx, slug, kept.version)?.ok_or_else(WebError::not_found)?;
    let offered = desk.shelf.handled(tx)?;
    let users = commands::users(offered.iter().map(|form| &**form), slug);
    let titled = offered.iter().map(|form| {
        let procedure = form.procedure();
        (procedure.slug.clone(), procedure.title.fr.clone())
    });
    let town = Town::load(tx)?;
    Ok(Found {
        versions: store::versions(tx, slug)?,
        agents: account::agents(tx)?,
        offered: titled.collect(),
        zone: town.zone(),
        by_two: town.procedures_by_two,
        draft: store::draft(tx, slug)?,
        kept,
        source,
        users,
    })
}

fn view(page: Page, found: Found) -> View {
    let Found { kept, source, draft, by_two, versions, agents, offered, users, zone } = found;
    let name = |id: Option<Id<Account>>| {
        let agent = agents.iter().find(|agent| Some(agent.id) == id);
        agent.map(|agent| agent.display_name.clone())
    };
    let rows = versions.iter().map(|version| Row {
        version: version.number,
        when: when(version.made_at, zone, page.language()),
        who: match (name(version.made_by), name(version.published_by)) {
            (Some(wrote), Some(published)) if version.made_by != version.published_by => page.tr(
                "office-template-version-by-two",
                &[("published", published.into()), ("wrote", wrote.into())],
            ),
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) => page.t("office-builder-version-by-file").to_owned(),
        },
        current: version.number == kept.version,
    });
    let rows: Vec<Row> = rows.collect();
    let seen = Seen { version: kept.version, revision: draft.as_ref().map_or(0, |draft| draft.revision) };
    let waits = draft.as_ref().map(|draft| {
        let who = name(draft.written_by);
        let who = who.unwrap_or_else(|| page.t("office-builder-somebody").to_owned());
        let at = when(draft.written_at, zone, page.language());
        page.tr("office-template-draft-written", &[("who", who.into()), ("when", at.into())])
    });
    // Whoever goes on writing goes on with what waits.
    let (source, sent_back) =
        draft.map_or_else(|| (source, String::new()), |draft| (draft.source, draft.sent_back));
    let users = users.into_iter().map(|(slug, title)| (format!("/admin/demarches/offertes/{slug}"), title));
    View {
        said: String::new(),
        base: format!("{ROOT}/{}", kept.slug),
        samples: samples(&offered, &kept.sample),
        name: kept.title.clone(),
        title: kept.title,
        slug: kept.slug,
        title_error: String::new(),
        source_error: String::new(),
        problems: Vec::new(),
        overtaken: String::new(),
        seen,
        waits: waits.unwrap_or_default(),
        sent_back,
        by_two,
        users: users.collect(),
        retired: kept.retired_at.is_some(),
        in_use: String::new(),
        source,
        rows,
        page,
    }
}

fn samples(offered: &[(String, String)], chosen: &str) -> Vec<Choosable> {
    let choice = |(slug, title): &(String, String)| Choosable {
        value: slug.clone(),
        label: title.clone(),
        hint: String::new(),
        chosen: slug == chosen,
    };
    offered.iter().map(choice).collect()
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
    Query(done): Query<Done>,
) -> Result {
    let who = visitor.require()?.clone();
    let found = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            load(tx, &desk, &slug)
        })
        .await?;
    let mut view = view(page, found);
    view.said = match done.fait.as_str() {
        "enregistre" => view.page.t("office-template-done-saved").to_owned(),
        "remis" => view.page.t("office-template-done-resumed").to_owned(),
        "attend" => view.page.t("office-template-done-waits").to_owned(),
        "publie" => view.page.t("office-template-done-published").to_owned(),
        "renvoye" => view.page.t("office-template-done-sent-back").to_owned(),
        "abandonne" => view.page.t("office-template-done-discarded").to_owned(),
        _ => String::new(),
    };
    if done.fait == "devance" {
        view.page.t("office-template-draft-gone").clone_into(&mut view.overtaken);
    }
    render(&view)
}

/// What was typed.
struct Typed {
    title: String,
    source: String,
    sample: String,
    seen: Seen,
}

impl Typed {
    fn of(form: &FormPost) -> Self {
        Self {
            title: form.text("title").to_owned(),
            // Browsers send line ends of two characters.
            source: form.get("source").unwrap_or_default().replace("\r\n", "\n"),
            sample: form.text("sample").to_owned(),
            seen: seen(form),
        }
    }

    /// The page with what was typed, and not with what is kept.
    fn on(self, page: Page, found: Found) -> View {
        let samples = samples(&found.offered, &self.sample);
        View { title: self.title, source: self.source, samples, seen: self.seen, ..view(page, found) }
    }
}

/// Shows what a source makes, or keeps it once it makes something.
pub(super) async fn act(
    Visit { app, desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let typed = Typed::of(&form);
    let (parts, name, sample) = (Arc::clone(&desk), slug.clone(), typed.sample.clone());
    let (found, example) = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            Ok::<_, WebError>((load(tx, &parts, &name)?, Example::load(tx, &parts.shelf, &sample)?))
        })
        .await?;
    let mut wrong = Vec::new();
    if typed.title.is_empty() || typed.title.chars().count() > TITLE_AT_MOST {
        let told = page.tr("office-template-wrong-title", &[("limit", TITLE_AT_MOST.to_string().into())]);
        wrong.push(Problem { field: "title".to_owned(), message: told });
    }
    if typed.source.len() > SOURCE_AT_MOST {
        let told = page.t("office-template-long").to_owned();
        wrong.push(Problem { field: "source".to_owned(), message: told });
    } else {
        visitor.limit(&app, Purpose::PAPER)?;
        let title = page.t("office-template-example-title").to_owned();
        match trial::run(&desk, &page, example, (&typed.source, &title)).await? {
            Ok(pdf) if form.text("do") == "preview" => {
                return Ok(pdf_answer(pdf, &format!("{slug}.pdf"), false));
            }
            Ok(_) => {}
            Err(told) => wrong.push(Problem { field: "source".to_owned(), message: told }),
        }
    }
    if wrong.is_empty() {
        return save(&commune, &visitor, page, typed, found).await;
    }
    let mut view = typed.on(page, found);
    view.title_error = Problem::beside(&wrong, "title");
    view.source_error = Problem::beside(&wrong, "source");
    view.problems = wrong;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &view)
}

async fn save(commune: &CommuneOf, visitor: &Visitor, page: Page, typed: Typed, found: Found) -> Result {
    let who = visitor.require()?.clone();
    let slug = found.kept.slug.clone();
    let (name, title, sample, source) =
        (slug.clone(), typed.title.clone(), typed.sample.clone(), typed.source.clone());
    let seen = typed.seen;
    let done = commune
        .write(visitor.by, move |tx| {
            let permit = entitled(tx, &who)?;
            match commands::change(tx, &permit, (&name, seen), (&title, &sample), &source) {
                Ok(waits) => Ok(Some(waits)),
                Err(TemplateError::Overtaken) => Ok(None),
                Err(error) => Err(refused(error)),
            }
        })
        .await?;
    if let Some(waits) = done {
        let done = if waits { "attend" } else { "enregistre" };
        return Ok(to(&format!("{ROOT}/{slug}?fait={done}")));
    }
    // Saved once more, what was typed takes the place of the other's.
    let revision = found.draft.as_ref().map_or(0, |draft| draft.revision);
    let typed = Typed { seen: Seen { version: found.kept.version, revision }, ..typed };
    let mut view = typed.on(page, found);
    view.page.t("office-builder-overtaken-here").clone_into(&mut view.overtaken);
    render_as(StatusCode::CONFLICT, &view)
}

/// Offers a template no longer, or again.
pub(super) async fn retire(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
    form: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (name, again) = (slug.clone(), form.text("do") == "resume");
    let refused = commune
        .write(visitor.by, move |tx| {
            let permit = entitled(tx, &who)?;
            if again {
                return commands::resume(tx, &permit, &name).map(|()| None).map_err(refused);
            }
            let found = load(tx, &desk, &name)?;
            match commands::retire(tx, &permit, &name, found.users.clone()) {
                Ok(()) => Ok(None),
                Err(TemplateError::InUse(titles)) => Ok(Some((found, titles))),
                Err(error) => Err(refused(error)),
            }
        })
        .await?;
    match refused {
        None if again => Ok(to(&format!("{ROOT}/{slug}?fait=remis"))),
        None => Ok(to(&format!("{ROOT}?fait=retire"))),
        Some((found, titles)) => {
            let mut view = view(page, found);
            view.in_use = view.page.tr("office-template-in-use", &[("procedures", titles.join(", ").into())]);
            render_as(StatusCode::CONFLICT, &view)
        }
    }
}

/// The source of a version, as a file.
pub(super) async fn version(
    Visit { commune, visitor, .. }: Visit,
    Path((slug, version)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let version: u32 = version.parse().map_err(|_| WebError::not_found())?;
    let name = format!("{slug}-{version}.typ");
    let source = commune
        .read(visitor.by, move |tx| {
            entitled(tx, &who)?;
            store::source(tx, &slug, version)?.ok_or_else(WebError::not_found)
        })
        .await?;
    download::text(source, &name, "text/plain; charset=utf-8")
}

fn refused(error: TemplateError) -> WebError {
    match error {
        TemplateError::Gone => WebError::not_found(),
        TemplateError::Store(error) => error.into(),
        other => WebError::conflict().log(other),
    }
}

//! The versions of a procedure: who published them and when, what differs between two, and the way back to one.

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_forms::Procedure;
use beffroi_people::Town;
use beffroi_web::{Page, Result, WebError, render};
use serde::Deserialize;

use super::{
    ROOT, base,
    difference::{
        self, Change,
        lines::{Hunk, differing},
    },
    entitled, open, store, text, to,
};
use crate::{
    control::Choosable,
    download,
    permission::{EditProcedures, PublishProcedures},
    procedure,
    public::when,
    visit::Visit,
};

struct Row {
    version: u32,
    when: String,
    who: String,
    current: bool,
    compare: String,
}

#[derive(Template)]
#[template(path = "builder/versions.html")]
struct Versions {
    page: Page,
    slug: String,
    title: String,
    rows: Vec<Row>,
    offered: bool,
    draft: String,
    one: Vec<Choosable>,
    other: Vec<Choosable>,
}

pub(super) async fn list(Visit { commune, visitor, page, .. }: Visit, Path(slug): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let name = slug.clone();
    let (versions, title, draft, agents, zone) = commune
        .read(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            let versions = store::versions(tx, &name)?;
            let latest = versions.first().ok_or_else(WebError::not_found)?.number;
            let definition = store::definition(tx, &name, latest)?.ok_or_else(WebError::not_found)?;
            let title = Procedure::from_toml(&definition).map_err(WebError::internal)?.title.fr;
            let draft = store::by_slug(tx, &name)?.map(|kept| base(kept.id)).unwrap_or_default();
            let agents = beffroi_people::account::agents(tx)?;
            Ok::<_, WebError>((versions, title, draft, agents, Town::load(tx)?.zone()))
        })
        .await?;
    let name = |id| agents.iter().find(|agent| Some(agent.id) == id).map(|agent| agent.display_name.clone());
    let rows = versions.iter().map(|version| Row {
        version: version.number,
        when: when(version.published_at, zone, page.language()),
        who: match (name(version.published_by), name(version.proposed_by)) {
            (Some(published), Some(proposed)) if published != proposed => page.tr(
                "office-builder-version-by-two",
                &[("published", published.into()), ("proposed", proposed.into())],
            ),
            (Some(published), _) => published,
            (None, _) => page.t("office-builder-version-by-file").to_owned(),
        },
        current: version.is_current,
        compare: version
            .number
            .checked_sub(1)
            .filter(|before| versions.iter().any(|version| version.number == *before))
            .map(|before| format!("{ROOT}/offertes/{slug}/differences?de={before}&a={}", version.number))
            .unwrap_or_default(),
    });
    let rows: Vec<Row> = rows.collect();
    let choice = |chosen: usize| {
        versions
            .iter()
            .enumerate()
            .map(|(rank, version)| Choosable {
                value: version.number.to_string(),
                label: version.number.to_string(),
                hint: String::new(),
                chosen: rank == chosen,
            })
            .collect()
    };
    render(&Versions {
        one: choice(1),
        other: choice(0),
        offered: rows.iter().any(|row| row.current),
        slug,
        title,
        rows,
        draft,
        page,
    })
}

/// The file of a version that is, or was, offered: as it was published.
pub(super) async fn export(
    Visit { commune, visitor, .. }: Visit,
    Path((slug, version)): Path<(String, String)>,
) -> Result {
    let who = visitor.require()?.clone();
    let version: u32 = version.parse().map_err(|_| WebError::not_found())?;
    let name = format!("{slug}-{version}.toml");
    let definition = commune
        .read(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            store::definition(tx, &slug, version)?.ok_or_else(WebError::not_found)
        })
        .await?;
    download::text(definition, &name, text::TOML)
}

#[derive(Default, Deserialize)]
pub(super) struct Two {
    #[serde(default)]
    de: String,
    #[serde(default)]
    a: String,
}

#[derive(Template)]
#[template(path = "builder/differences.html")]
struct Differences {
    page: Page,
    title: String,
    procedure: String,
    back: String,
    /// What differs, place by place.
    places: Vec<(String, Vec<Change>)>,
    /// The lines of the file that differ.
    lines: Vec<Hunk>,
}

/// The lines that differ, the number of the version left out.
fn lines(before: &Procedure, after: &Procedure) -> Result<Vec<Hunk>> {
    let before = Procedure { version: after.version, ..before.clone() };
    let written = |procedure: &Procedure| procedure.to_toml().map_err(WebError::internal);
    Ok(differing(&written(&before)?, &written(after)?))
}

fn by_place(changes: Vec<Change>) -> Vec<(String, Vec<Change>)> {
    let mut places: Vec<(String, Vec<Change>)> = Vec::new();
    for change in changes {
        match places.last_mut().filter(|(place, _)| *place == change.place) {
            Some((_, list)) => list.push(change),
            None => places.push((change.place.clone(), vec![change])),
        }
    }
    places
}

pub(super) async fn differences(
    Visit { commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
    Query(two): Query<Two>,
) -> Result {
    let who = visitor.require()?.clone();
    let named = |text: &str| text.parse::<u32>().map_err(|_| WebError::not_found());
    let (name, from, to) = (slug.clone(), named(&two.de)?, named(&two.a)?);
    let (before, after) = commune
        .read(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            let before = store::definition(tx, &name, from)?.ok_or_else(WebError::not_found)?;
            let after = store::definition(tx, &name, to)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((before, after))
        })
        .await?;
    let before = Procedure::from_toml(&before).map_err(WebError::internal)?;
    let after = Procedure::from_toml(&after).map_err(WebError::internal)?;
    render(&Differences {
        title: page.tr(
            "office-builder-differences-two",
            &[("one", i64::from(from).into()), ("other", i64::from(to).into())],
        ),
        places: by_place(difference::between(&page, &before, &after)),
        lines: lines(&before, &after)?,
        procedure: after.title.fr,
        back: format!("{ROOT}/offertes/{slug}"),
        page,
    })
}

/// What a draft changes in what is offered.
pub(super) async fn of_draft(
    Visit { commune, visitor, page, .. }: Visit,
    Path(draft): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let (open, before) = commune
        .read(visitor.by, move |tx| {
            let open = open(tx, &who, &draft)?;
            let versions = store::versions(tx, &open.kept.slug)?;
            let latest = versions.first().ok_or_else(WebError::not_found)?.number;
            let before = store::definition(tx, &open.kept.slug, latest)?.ok_or_else(WebError::not_found)?;
            Ok::<_, WebError>((open, before))
        })
        .await?;
    let before = Procedure::from_toml(&before).map_err(WebError::internal)?;
    let version = i64::from(before.version);
    render(&Differences {
        title: page.tr("office-builder-differences-draft", &[("n", version.into())]),
        places: by_place(difference::between(&page, &before, &open.procedure)),
        lines: lines(&before, &open.procedure)?,
        procedure: open.procedure.title.fr.clone(),
        back: base(open.kept.id),
        page,
    })
}

#[derive(Template)]
#[template(path = "builder/discard.html")]
struct Retire {
    page: Page,
    title: String,
    text: String,
    back: String,
    action: String,
    button: String,
}

pub(super) async fn ask_retire(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let name = slug.clone();
    let form = commune
        .read(visitor.by, move |tx| {
            entitled::<PublishProcedures>(tx, &who)?;
            procedure::current_for(tx, &desk.shelf, &name)
        })
        .await?;
    let back = format!("{ROOT}/offertes/{slug}");
    render(&Retire {
        title: page.tr("office-builder-retire-title", &[("name", form.procedure().title.fr.clone().into())]),
        text: page.t("office-builder-retire-text").to_owned(),
        button: page.t("office-builder-retire").to_owned(),
        action: format!("{back}/retirer"),
        back,
        page,
    })
}

pub(super) async fn retire(Visit { commune, visitor, .. }: Visit, Path(slug): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    commune
        .write(visitor.by, move |tx| {
            entitled::<PublishProcedures>(tx, &who)?;
            match procedure::retire(tx, &slug) {
                Ok(true) => Ok(()),
                Ok(false) => Err(WebError::not_found()),
                Err(error) => Err(WebError::internal(error)),
            }
        })
        .await?;
    Ok(to(&format!("{ROOT}?fait=retiree")))
}

//! The procedures of the commune: those in the making, those that are offered.

use askama::Template;
use axum::extract::Query;
use beffroi_people::{
    Town,
    permission::{ManageTown, scope},
};
use beffroi_web::{FormPost, Page, Result, WebError, render};
use serde::Deserialize;

use super::{ROOT, base, entitled, store, to};
use crate::{
    permission::{EditProcedures, PublishProcedures},
    public::when,
    visit::Visit,
};

struct Draft {
    href: String,
    title: String,
    slug: String,
    changed: String,
    state: String,
    look: &'static str,
}

struct Offered {
    href: String,
    title: String,
    version: u32,
    department: String,
    opening: String,
}

#[derive(Template)]
#[template(path = "builder/list.html")]
struct ListPage {
    page: Page,
    said: String,
    /// The public page of what was just published, and its title.
    published: Option<(String, String)>,
    drafts: Vec<Draft>,
    offered: Vec<Offered>,
    by_two: bool,
    may_settle: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    fait: String,
    /// The procedure that was published.
    #[serde(default)]
    demarche: String,
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Query(asked): Query<Asked>,
) -> Result {
    let who = visitor.require()?.clone();
    let (drafts, forms, town, agents, places, may_settle, today) = commune
        .read(visitor.by, move |tx| {
            entitled::<EditProcedures>(tx, &who)?;
            let town = Town::load(tx)?;
            let may_settle = scope::<ManageTown>(tx, &who)?.contains(None);
            let today = beffroi_core::calendar::civil_day(tx.now(), town.zone());
            let agents = beffroi_people::account::agents(tx)?;
            let places = beffroi_people::department::list(tx)?;
            let (drafts, forms) = (store::list(tx)?, desk.shelf.offered(tx)?);
            Ok::<_, WebError>((drafts, forms, town, agents, places, may_settle, today))
        })
        .await?;
    let zone = town.zone();
    let name = |id| agents.iter().find(|agent| Some(agent.id) == id).map(|agent| agent.display_name.clone());
    let drafts = drafts.into_iter().map(|kept| {
        let at = when(kept.changed_at, zone, page.language());
        let (look, state) = if kept.proposed_at.is_some() {
            ("waiting", "office-builder-state-proposed")
        } else if kept.sent_back.is_empty() {
            ("active", "office-builder-state-writing")
        } else {
            ("late", "office-builder-state-sent-back")
        };
        Draft {
            href: base(kept.id),
            title: if kept.title.is_empty() { kept.slug.clone() } else { kept.title },
            slug: kept.slug,
            changed: match name(kept.changed_by) {
                Some(name) => {
                    page.tr("office-builder-changed-by", &[("at", at.into()), ("name", name.into())])
                }
                None => at,
            },
            state: page.t(state).to_owned(),
            look,
        }
    });
    let drafts = drafts.collect();
    let place = |slug: &str| {
        let found = places.iter().find(|place| place.details.slug == slug);
        found.map_or_else(|| slug.to_owned(), |place| place.details.name.clone())
    };
    let offered = forms.iter().map(|form| {
        let procedure = form.procedure();
        let opening = super::publication::opening(&page, procedure, today);
        Offered {
            href: format!("{ROOT}/offertes/{}", procedure.slug),
            title: procedure.title.fr.clone(),
            version: procedure.version,
            department: procedure.contact.as_ref().map(|it| place(&it.department)).unwrap_or_default(),
            opening,
        }
    });
    let offered = offered.collect();
    let said = match asked.fait.as_str() {
        "publiee" => page.t("office-builder-done-published").to_owned(),
        "abandon" => page.t("office-builder-done-discarded").to_owned(),
        "retiree" => page.t("office-builder-done-retired").to_owned(),
        "reglage" => page.t("office-builder-done-settled").to_owned(),
        _ => String::new(),
    };
    let published = forms.iter().map(|form| form.procedure()).find(|it| it.slug == asked.demarche);
    let published = published.map(|it| (format!("/demarches/{}", it.slug), it.title.fr.clone()));
    render(&ListPage { said, published, drafts, offered, by_two: town.procedures_by_two, may_settle, page })
}

/// Whether a second person must publish.
pub(super) async fn settle(Visit { commune, visitor, .. }: Visit, form: FormPost) -> Result {
    let who = visitor.require()?.clone();
    let by_two = form.text("by_two") == "true";
    commune
        .write(visitor.by, move |tx| {
            entitled::<PublishProcedures>(tx, &who)?;
            let permit = entitled::<ManageTown>(tx, &who)?;
            let town = Town { procedures_by_two: by_two, ..Town::load(tx)? };
            town.save(tx, &permit).map_err(WebError::internal)
        })
        .await?;
    Ok(to(&format!("{ROOT}?fait=reglage")))
}

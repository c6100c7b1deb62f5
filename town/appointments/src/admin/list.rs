//! All motives, sites and counters that the agent describes.

use askama::Template;
use axum::extract::Query;
use beffroi_people::permission::Scope;
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, render};

use super::scope;
use crate::{just::Just, motive, site};

struct Item {
    href: String,
    name: String,
    retired: bool,
    about: String,
}

struct Place {
    site: Item,
    desks: Vec<Item>,
    add_href: String,
}

#[derive(Template)]
#[template(path = "appointments_admin.html")]
struct List {
    page: Page,
    done: String,
    motives: Vec<Item>,
    places: Vec<Place>,
    /// Whether the agent answers for the whole town, and so for its sites.
    is_whole: bool,
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(just): Query<Just>,
) -> Result {
    let who = visitor.require()?.clone();
    let (scope, motives, sites, desks) = commune
        .read(visitor.by, move |tx| {
            let scope = scope(tx, &who)?;
            Ok::<_, WebError>((scope, motive::list(tx)?, site::sites(tx)?, site::desks(tx)?))
        })
        .await?;
    let lang = page.language();
    let lengths = |minutes: &[u32]| match minutes {
        [one, .., last] if one != last => page
            .tr("appointments-office-admin-minutes", &[("least", (*one).into()), ("most", (*last).into())]),
        _ => page.tr("appointments-minutes", &[("n", minutes.first().copied().unwrap_or_default().into())]),
    };
    let motives = motives.into_iter().filter(|it| scope.contains(it.details.department)).map(|it| Item {
        href: format!("/admin/rendez-vous/motifs/{}", it.details.slug),
        name: it.details.sheet.name.read_in(lang).to_owned(),
        retired: !it.details.active,
        about: lengths(&it.details.sheet.minutes),
    });
    let places = sites.into_iter().map(|it| {
        let details = &it.resource.details;
        let own = desks.iter().filter(|desk| desk.site == it.resource.id && scope.contains(desk.department));
        let desks = own.map(|desk| {
            let details = &desk.resource.details;
            Item {
                href: format!("/admin/rendez-vous/guichets/{}", details.slug),
                name: details.name.read_in(lang).to_owned(),
                retired: !details.active,
                about: String::new(),
            }
        });
        Place {
            desks: desks.collect(),
            add_href: format!("/admin/rendez-vous/lieux/{}/guichets", details.slug),
            site: Item {
                href: format!("/admin/rendez-vous/lieux/{}", details.slug),
                name: details.name.read_in(lang).to_owned(),
                retired: !details.active,
                about: it.sheet.line(),
            },
        }
    });
    let done =
        if just.fait.is_empty() { String::new() } else { page.t("appointments-office-kept").to_owned() };
    render(&List {
        done,
        motives: motives.collect(),
        places: places.collect(),
        is_whole: scope == Scope::All,
        page,
    })
}

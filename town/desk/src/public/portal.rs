//! The portal: the home page, the list of procedures, and each procedure's sheet.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use beffroi_core::{Lang, legal_clock::Silence};
use beffroi_forms::{CompiledForm, Disposal, Text, Way};
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{CommuneOf, Page, Result, WebError, render_public};
use serde::Deserialize;

use super::search::search;
use crate::{
    papers::{self, Stationery},
    visit::Visit,
};

/// The events of life by which procedures are found, in the order in which the page shows them.
const LIFE_EVENTS: [&str; 12] = [
    "naissance",
    "enfance",
    "mariage",
    "deces",
    "identite",
    "citoyennete",
    "demenagement",
    "absence",
    "travaux",
    "evenement",
    "association",
    "commerce",
];

/// A procedure in a list.
struct Card {
    href: String,
    title: String,
    text: String,
}

struct LifeEvent {
    href: String,
    label: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "public/home.html")]
struct Home {
    page: Page,
    cards: Vec<Card>,
    events: Vec<LifeEvent>,
    phone: String,
    hours: String,
}

fn cards(forms: &[Arc<CompiledForm>], lang: Lang) -> Vec<Card> {
    forms
        .iter()
        .map(|form| {
            let procedure = form.procedure();
            Card {
                href: format!("/demarches/{}", procedure.slug),
                title: procedure.title.text(lang).to_owned(),
                text: procedure.summary.text(lang).to_owned(),
            }
        })
        .collect()
}

/// The events for which the town offers something.
fn events(page: &Page, forms: &[Arc<CompiledForm>], current: &str) -> Vec<LifeEvent> {
    let offered = |event: &&&str| {
        forms.iter().any(|form| form.procedure().life_events.iter().any(|own| own == **event))
    };
    LIFE_EVENTS
        .iter()
        .filter(offered)
        .map(|event| LifeEvent {
            href: format!("/demarches?vie={event}"),
            label: page.t(&format!("desk-life-{event}")).to_owned(),
            current: *event == current,
        })
        .collect()
}

pub(super) async fn home(Visit { desk, commune, page, .. }: Visit) -> Result {
    let (forms, town) = commune
        .read(By::VISITOR, move |tx| Ok::<_, WebError>((desk.shelf.offered(tx)?, Town::load(tx)?)))
        .await?;
    let lang = page.language();
    let shown = forms.get(..6.min(forms.len())).unwrap_or_default();
    let home = Home {
        cards: cards(shown, lang),
        events: events(&page, &forms, ""),
        phone: town.phone,
        hours: town.opening_hours,
        page,
    };
    render_public(&home, &[])
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    vie: String,
}

#[derive(Template)]
#[template(path = "public/procedures.html")]
struct Procedures {
    page: Page,
    typed: String,
    count: String,
    cards: Vec<Card>,
    events: Vec<LifeEvent>,
}

pub(super) async fn procedures(
    Visit { desk, commune, page, .. }: Visit,
    Query(wanted): Query<Wanted>,
) -> Result {
    let forms = commune.read(By::VISITOR, move |tx| desk.shelf.offered(tx)).await?;
    let lang = page.language();
    let mut found = search(&forms, &wanted.q, lang);
    if !wanted.vie.is_empty() {
        found.retain(|form| form.procedure().life_events.contains(&wanted.vie));
    }
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let list = Procedures {
        count: page.tr("desk-procedures-count", &[("n", count.into())]),
        cards: cards(&found, lang),
        events: events(&page, &forms, &wanted.vie),
        typed: wanted.q,
        page,
    };
    render_public(&list, &["q", "vie"])
}

/// A way to ask, as the sheet tells it.
struct WayCard {
    title: String,
    text: String,
    href: String,
    action: String,
}

/// What every sheet tells of its procedure.
struct About {
    title: String,
    summary: String,
    who: String,
    prepare: Vec<String>,
    outcome: String,
    delay: String,
    cost: String,
    /// The texts on which it stands, and where they may be read.
    basis: Vec<(String, String)>,
    /// The key of the title above them.
    law_title: &'static str,
    /// How long cases are kept; `""` where there are none.
    retention: String,
    contact: beffroi_typeset::Contact,
}

impl About {
    fn of(page: &Page, form: &CompiledForm, stationery: &Stationery) -> Self {
        let (procedure, lang) = (form.procedure(), page.language());
        let said = |text: &Text| text.text(lang).to_owned();
        let basis = procedure.legal_basis.iter();
        Self {
            title: said(&procedure.title),
            summary: said(&procedure.summary),
            who: said(&procedure.who),
            prepare: procedure.prepare.iter().map(said).collect(),
            outcome: said(&procedure.outcome),
            delay: said(&procedure.delay),
            cost: said(&procedure.cost),
            basis: basis.map(|basis| (basis.text.clone(), basis.url.clone().unwrap_or_default())).collect(),
            law_title: if procedure.elsewhere.is_some() { "desk-elsewhere-law" } else { "desk-legal-basis" },
            retention: retention(page, form),
            contact: stationery.contact(),
        }
    }
}

#[derive(Template)]
#[template(path = "public/sheet.html")]
struct Sheet {
    page: Page,
    about: About,
    start: String,
    silence: String,
    receipt: String,
    online: bool,
    ways: Vec<WayCard>,
}

/// A procedure that another service answers: what it is for, and where to go.
#[derive(Template)]
#[template(path = "public/elsewhere.html")]
struct LedElsewhere {
    page: Page,
    about: About,
    name: String,
    url: String,
    otherwise: String,
}

pub(super) async fn sheet(Visit { desk, commune, page, .. }: Visit, Path(slug): Path<String>) -> Result {
    let (form, stationery) = load(&desk, &commune, slug).await?;
    let lang = page.language();
    let procedure = form.procedure();
    let about = About::of(&page, &form, &stationery);
    if let Some(there) = &procedure.elsewhere {
        let sheet = LedElsewhere {
            about,
            name: there.name.text(lang).to_owned(),
            url: there.url.clone(),
            otherwise: there.otherwise.text(lang).to_owned(),
            page,
        };
        return render_public(&sheet, &[]);
    }
    let sheet = Sheet {
        about,
        silence: silence(&page, &form),
        receipt: papers::due(&form).err().map(|reason| reason.text(lang).to_owned()).unwrap_or_default(),
        online: procedure.ways.contains(&Way::Online),
        ways: ways(&page, &form, &stationery),
        start: format!("/demarches/{}/demande", procedure.slug),
        page,
    };
    render_public(&sheet, &[])
}

pub(super) async fn load(
    desk: &Arc<crate::Parts>,
    commune: &CommuneOf,
    slug: String,
) -> Result<(Arc<CompiledForm>, Stationery)> {
    let desk = Arc::clone(desk);
    commune
        .read(By::VISITOR, move |tx| {
            let form = desk.shelf.sheet(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let department =
                form.procedure().contact.as_ref().map_or("", |contact| &contact.department).to_owned();
            Ok((form, Stationery::load(tx, &department)?))
        })
        .await
}

/// What silence means, in a sentence.
fn silence(page: &Page, form: &CompiledForm) -> String {
    let Some(regime) = &form.procedure().regime else { return String::new() };
    let term = regime.term.map(|term| term.text(page.language())).unwrap_or_default();
    let key = match regime.silence {
        Silence::Grants => "desk-silence-grants",
        Silence::Refuses => "desk-silence-refuses",
        Silence::None => "desk-silence-none",
    };
    page.tr(key, &[("term", term.into())])
}

fn retention(page: &Page, form: &CompiledForm) -> String {
    let Some(retention) = &form.procedure().retention else { return String::new() };
    let key = match retention.then {
        Disposal::Erase if retention.after.is_some() => "desk-retention-after",
        Disposal::Erase => "desk-retention-erase",
        Disposal::Archive => "desk-retention-archive",
    };
    let after = retention.after.as_deref().and_then(|id| form.fields().find(|(_, field)| field.id == id));
    let after = after.map(|(_, field)| field.label.text(page.language()).to_owned()).unwrap_or_default();
    page.tr(key, &[("months", i64::from(retention.months).into()), ("after", after.into())])
}

fn ways(page: &Page, form: &CompiledForm, stationery: &Stationery) -> Vec<WayCard> {
    let slug = &form.procedure().slug;
    let contact = stationery.contact();
    let address = contact.address.join(", ");
    let hours = stationery.department.as_ref().map(|it| it.details.hours.clone()).unwrap_or_default();
    let hours = if hours.is_empty() { stationery.town.opening_hours.clone() } else { hours };
    let phone = contact.phone.clone().unwrap_or_default();
    form.procedure()
        .ways
        .iter()
        .map(|way| match way {
            Way::Online => WayCard {
                title: page.t("desk-way-online").to_owned(),
                text: page.t("desk-way-online-text").to_owned(),
                href: format!("/demarches/{slug}/demande"),
                action: page.t("desk-start").to_owned(),
            },
            Way::Counter => WayCard {
                title: page.t("desk-way-counter").to_owned(),
                text: format!("{}, {address}. {hours}", contact.name),
                href: String::new(),
                action: String::new(),
            },
            Way::Phone => WayCard {
                title: page.t("desk-way-phone").to_owned(),
                text: page.tr("desk-way-phone-text", &[("phone", phone.clone().into())]),
                href: format!("tel:{}", phone.replace([' ', '\u{a0}', '\u{202f}'], "")),
                action: phone.clone(),
            },
            Way::Paper => WayCard {
                title: page.t("desk-way-paper").to_owned(),
                text: page
                    .tr("desk-way-paper-text", &[("address", format!("{}, {address}", contact.name).into())]),
                href: format!("/demarches/{slug}/formulaire.pdf"),
                action: page.t("desk-way-paper-link").to_owned(),
            },
        })
        .collect()
}

/// A PDF, shown in the browser under this name.
pub(super) fn pdf_answer(pdf: impl IntoResponse, name: &str, public: bool) -> Response {
    let mut response = pdf.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    if let Ok(disposition) = HeaderValue::from_str(&format!("inline; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    let cache = if public { "private, max-age=300" } else { "no-store" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    response
}

//! The portal: the home page, the list of procedures, and each procedure's sheet.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use beffroi_core::{Day, Lang, calendar::civil_day, legal_clock::Silence};
use beffroi_forms::{CompiledForm, Disposal, Elsewhere, Procedure, Text, Way};
use beffroi_people::Town;
use beffroi_store::By;
use beffroi_web::{CommuneOf, Page, Result, WebError, render, render_public};
use serde::Deserialize;

use super::search::search;
use crate::{
    papers::{self, Stationery},
    submission::closed_text,
    visit::Visit,
};

/// The events of life by which procedures are found, in the order in which the page shows them.
pub(crate) const LIFE_EVENTS: [&str; 12] = [
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

#[derive(Template)]
#[template(path = "public/sheet.html")]
pub(crate) struct Sheet {
    page: Page,
    start: String,
    title: String,
    summary: String,
    who: String,
    prepare: Vec<String>,
    outcome: String,
    delay: String,
    cost: String,
    /// How whoever asks online must be identified; empty where nobody need be.
    level: String,
    silence: String,
    receipt: String,
    online: bool,
    /// Why it takes no request today; `""` where it does.
    closed: String,
    /// What fixes the price; `""` where nothing is paid.
    fee: String,
    /// Where the other version of its words is: easy to read, or the usual one; `""` where there is only one.
    other_words: String,
    plain: bool,
    ways: Vec<WayCard>,
    basis: Vec<(String, String)>,
    contact: beffroi_typeset::Contact,
    retention: String,
}

/// A procedure that another service answers: what it is for, and where to go.
#[derive(Template)]
#[template(path = "public/elsewhere.html")]
pub(crate) struct LedElsewhere {
    page: Page,
    title: String,
    summary: String,
    who: String,
    prepare: Vec<String>,
    outcome: String,
    delay: String,
    cost: String,
    name: String,
    url: String,
    otherwise: String,
    basis: Vec<(String, String)>,
    contact: beffroi_typeset::Contact,
}

/// A procedure that another service answers: what it is for, and where to go.
pub(crate) fn elsewhere_of(
    page: Page,
    procedure: &Procedure,
    there: &Elsewhere,
    stationery: &Stationery,
) -> LedElsewhere {
    let lang = page.language();
    let said = |text: &Text| text.text(lang).to_owned();
    LedElsewhere {
        title: said(&procedure.title),
        summary: said(&procedure.summary),
        who: said(&procedure.who),
        prepare: procedure.prepare.iter().map(said).collect(),
        outcome: said(&procedure.outcome),
        delay: said(&procedure.delay),
        cost: said(&procedure.cost),
        name: said(&there.name),
        url: there.url.clone(),
        otherwise: said(&there.otherwise),
        basis: basis(procedure),
        contact: stationery.contact(),
        page,
    }
}

/// The texts on which a procedure stands, and where they may be read.
fn basis(procedure: &Procedure) -> Vec<(String, String)> {
    procedure
        .legal_basis
        .iter()
        .map(|basis| (basis.text.clone(), basis.url.clone().unwrap_or_default()))
        .collect()
}

#[derive(Default, Deserialize)]
pub(super) struct Words {
    #[serde(default)]
    facile: String,
}

pub(super) async fn sheet(
    Visit { desk, commune, page, .. }: Visit,
    Path(slug): Path<String>,
    Query(words): Query<Words>,
) -> Result {
    let (form, stationery) = load(&desk, &commune, slug).await?;
    if let Some(there) = &form.procedure().elsewhere {
        return render_public(&elsewhere_of(page, form.procedure(), there, &stationery), &[]);
    }
    let today = civil_day(commune.now(), stationery.town.zone());
    let dated = form.procedure().opens.is_some() || form.procedure().closes.is_some();
    let sheet = sheet_of(page, &form, &stationery, today, !words.facile.is_empty());
    // What depends on the day is not kept until something happens.
    if dated { render(&sheet) } else { render_public(&sheet, &["facile"]) }
}

/// The sheet of a procedure, in the words of the page's reader.
pub(crate) fn sheet_of(
    page: Page,
    form: &Arc<CompiledForm>,
    stationery: &Stationery,
    today: Day,
    plain: bool,
) -> Sheet {
    let lang = page.language();
    let has_plain = lang == Lang::Fr && form.has_plain();
    let plain = plain && has_plain;
    let worded = if plain { form.plain() } else { Arc::clone(form) };
    let form = &*worded;
    let procedure = form.procedure();
    let closed = closed_text(procedure.opening(today));
    let fee = procedure.fee.as_ref().map(|fee| fee.deliberation.clone()).unwrap_or_default();
    Sheet {
        closed: closed.as_ref().map(|text| text.text(lang).to_owned()).unwrap_or_default(),
        other_words: match (has_plain, plain) {
            (false, _) => String::new(),
            (true, false) => format!("/demarches/{}?facile=oui", procedure.slug),
            (true, true) => format!("/demarches/{}", procedure.slug),
        },
        plain,
        fee: if fee.is_empty() { fee } else { page.tr("desk-fee-fixed", &[("text", fee.into())]) },
        title: procedure.title.text(lang).to_owned(),
        summary: procedure.summary.text(lang).to_owned(),
        who: procedure.who.text(lang).to_owned(),
        prepare: procedure.prepare.iter().map(|text| text.text(lang).to_owned()).collect(),
        outcome: procedure.outcome.text(lang).to_owned(),
        delay: procedure.delay.text(lang).to_owned(),
        cost: procedure.cost.text(lang).to_owned(),
        level: procedure
            .level()
            .map(|level| page.t(&format!("desk-level-{}", level.as_str())).to_owned())
            .unwrap_or_default(),
        silence: silence(&page, form),
        receipt: papers::due(form).err().map(|reason| reason.text(lang).to_owned()).unwrap_or_default(),
        online: procedure.ways.contains(&Way::Online) && closed.is_none(),
        ways: ways(&page, form, stationery, closed.is_none()),
        basis: basis(procedure),
        retention: retention(&page, form),
        contact: stationery.contact(),
        start: format!("/demarches/{}/demande{}", procedure.slug, if plain { "?facile=oui" } else { "" }),
        page,
    }
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
        Disposal::Erase => "desk-retention-erase",
        Disposal::Anonymise => "desk-retention-anonymise",
        Disposal::Archive => "desk-retention-archive",
    };
    page.tr(key, &[("months", i64::from(retention.months).into())])
}

/// The ways to ask; online only while it is open.
fn ways(page: &Page, form: &CompiledForm, stationery: &Stationery, open: bool) -> Vec<WayCard> {
    let slug = &form.procedure().slug;
    let contact = stationery.contact();
    let address = contact.address.join(", ");
    let hours = stationery.department.as_ref().map(|it| it.details.hours.clone()).unwrap_or_default();
    let hours = if hours.is_empty() { stationery.town.opening_hours.clone() } else { hours };
    let phone = contact.phone.clone().unwrap_or_default();
    form.procedure()
        .ways
        .iter()
        .filter(|way| open || **way != Way::Online)
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
pub(crate) fn pdf_answer(pdf: impl IntoResponse, name: &str, public: bool) -> Response {
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

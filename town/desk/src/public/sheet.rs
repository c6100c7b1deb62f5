//! The sheet of a procedure: who may ask, what to have at hand, what comes of it, when, for how much, and whom to ask.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query};
use beffroi_core::{
    Assurance, Day, Instant, Lang,
    calendar::{civil_day, long_date},
    legal_clock::Silence,
};
use beffroi_forms::{CompiledForm, Disposal, Elsewhere, Text, Way};
use beffroi_people::identity::{self, Provider};
use beffroi_store::By;
use beffroi_web::{CommuneOf, Page, Result, WebError, render, render_public};
use serde::Deserialize;

use super::{
    portal::in_french_only,
    reach::{self, Phone},
    sign_in::{self, ProviderWay},
    vouched,
};
use crate::{
    fee,
    papers::{self, Stationery},
    submission::closed_text,
    visit::Visit,
    words,
};

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
    /// How much is paid, when, and what fixes it, a line each.
    fee: Vec<String>,
    /// How whoever asks online must be identified; `""` where nobody need be.
    level: String,
    /// The texts on which it stands, and where they may be read.
    basis: Vec<(String, String)>,
    /// The key of the title above them.
    law_title: &'static str,
    /// How long cases are kept; `""` where there are none.
    retention: String,
    /// Since which day it says so; `""` in a preview.
    since: String,
    contact: beffroi_typeset::Contact,
    /// Whether it is written in French alone, for a reader of another language.
    in_french: bool,
}

impl About {
    fn of(page: &Page, form: &CompiledForm, stationery: &Stationery) -> Self {
        let (procedure, lang) = (form.procedure(), page.language());
        let said = |text: &Text| text.text(lang).to_owned();
        let basis = procedure.legal_basis.iter();
        let level = procedure.level();
        Self {
            title: said(&procedure.title),
            summary: said(&procedure.summary),
            who: said(&procedure.who),
            prepare: procedure.prepare.iter().map(said).collect(),
            outcome: said(&procedure.outcome),
            delay: said(&procedure.delay),
            cost: said(&procedure.cost),
            fee: fee::sheet(page, procedure),
            level: level
                .map(|level| page.t(&format!("desk-level-{}", level.as_str())).to_owned())
                .unwrap_or_default(),
            basis: basis.map(|basis| (basis.text.clone(), basis.url.clone().unwrap_or_default())).collect(),
            law_title: if procedure.elsewhere.is_some() { "desk-elsewhere-law" } else { "desk-legal-basis" },
            retention: retention(page, form),
            since: String::new(),
            contact: stationery.contact(),
            in_french: in_french_only(form, lang),
        }
    }
}

#[derive(Template)]
#[template(path = "public/sheet.html")]
pub(crate) struct Sheet {
    page: Page,
    about: About,
    start: String,
    /// Where it is told how to ask for somebody else.
    other: String,
    silence: String,
    /// The appeal that must come before the court, in the words of the acknowledgement; `""` where there is none.
    first_appeal: String,
    receipt: String,
    online: bool,
    /// Why it takes no request today; `""` where it does.
    closed: String,
    /// Where the other version of its words is: easy to read, or the usual one; `""` where there is only one.
    other_words: String,
    plain: bool,
    ways: Vec<WayCard>,
    begin: Begin,
}

/// How one may begin beside typing everything: identified by a provider, or else signed in to an account.
#[derive(Default)]
pub(crate) struct Begin {
    providers: Vec<ProviderWay>,
    /// Where an account is signed in to; `""` where that is not proposed.
    account: String,
}

impl Begin {
    /// What is proposed to whoever is not signed in: where the procedure asks for a level, or a provider answers some of
    /// its questions.
    fn of(form: &CompiledForm, saved: Vec<Provider>) -> Self {
        let procedure = form.procedure();
        let level = procedure.level();
        if level.is_none() && !vouched::answers_some(form) {
            return Self::default();
        }
        let providers = sign_in::provider_ways(saved, &procedure.slug, level);
        let suffices = level.is_none_or(|level| level == Assurance::Account);
        let account = if providers.is_empty() && suffices {
            sign_in::account_way(&procedure.slug)
        } else {
            String::new()
        };
        Self { providers, account }
    }
}

/// A procedure that another service answers: what it is for, and where to go.
#[derive(Template)]
#[template(path = "public/elsewhere.html")]
pub(crate) struct LedElsewhere {
    page: Page,
    about: About,
    name: String,
    url: String,
    otherwise: String,
}

/// The sheet of a procedure that another service answers.
pub(crate) fn elsewhere_of(
    page: Page,
    form: &CompiledForm,
    there: &Elsewhere,
    stationery: &Stationery,
) -> LedElsewhere {
    let lang = page.language();
    LedElsewhere {
        about: About::of(&page, form, stationery),
        name: there.name.text(lang).to_owned(),
        url: there.url.clone(),
        otherwise: there.otherwise.text(lang).to_owned(),
        page,
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Words {
    #[serde(default)]
    facile: String,
}

pub(super) async fn show(
    Visit { desk, commune, page, .. }: Visit,
    Path(slug): Path<String>,
    Query(words): Query<Words>,
) -> Result {
    let (form, stationery, published) = load(&desk, &commune, slug).await?;
    let day = long_date(civil_day(published, stationery.town.zone()), page.language());
    let since = page.tr("desk-sheet-since", &[("day", day.into())]);
    if let Some(there) = &form.procedure().elsewhere {
        let mut sheet = elsewhere_of(page, &form, there, &stationery);
        sheet.about.since = since;
        return render_public(&sheet, &[]);
    }
    let today = civil_day(commune.now(), stationery.town.zone());
    let dated = form.procedure().opens.is_some() || form.procedure().closes.is_some();
    let begin = if page.account.is_some() {
        Begin::default()
    } else {
        Begin::of(&form, commune.read(By::VISITOR, identity::list).await?)
    };
    let mut sheet = sheet_of(page, &form, &stationery, today, !words.facile.is_empty(), begin);
    sheet.about.since = since;
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
    begin: Begin,
) -> Sheet {
    let lang = page.language();
    let has_plain = lang == Lang::Fr && form.has_plain();
    let plain = plain && has_plain;
    let worded = if plain { form.plain() } else { Arc::clone(form) };
    let form = &*worded;
    let procedure = form.procedure();
    let closed = closed_text(procedure.opening(today));
    Sheet {
        about: About::of(&page, form, stationery),
        closed: closed.as_ref().map(|text| text.text(lang).to_owned()).unwrap_or_default(),
        other_words: match (has_plain, plain) {
            (false, _) => String::new(),
            (true, false) => format!("/demarches/{}?facile=oui", procedure.slug),
            (true, true) => format!("/demarches/{}", procedure.slug),
        },
        plain,
        silence: silence(&page, form),
        first_appeal: procedure
            .regime
            .as_ref()
            .and_then(|regime| regime.first_appeal.as_ref())
            .map(|text| text.text(lang).to_owned())
            .unwrap_or_default(),
        receipt: papers::due(form).err().map(|reason| reason.text(lang).to_owned()).unwrap_or_default(),
        online: procedure.ways.contains(&Way::Online) && closed.is_none(),
        ways: ways(&page, form, stationery, closed.is_none()),
        begin,
        other: format!("/demarches/{}/pour-quelqu-un", procedure.slug),
        start: format!("/demarches/{}/demande{}", procedure.slug, if plain { "?facile=oui" } else { "" }),
        page,
    }
}

pub(super) async fn load(
    desk: &Arc<crate::Parts>,
    commune: &CommuneOf,
    slug: String,
) -> Result<(Arc<CompiledForm>, Stationery, Instant)> {
    let desk = Arc::clone(desk);
    commune
        .read(By::VISITOR, move |tx| {
            let form = desk.shelf.sheet(tx, &slug)?.ok_or_else(WebError::not_found)?;
            let department =
                form.procedure().contact.as_ref().map_or("", |contact| &contact.department).to_owned();
            let published = desk.shelf.published_at(tx, &form)?;
            Ok((form, Stationery::load(tx, &department)?, published))
        })
        .await
}

/// What silence means, in a sentence.
fn silence(page: &Page, form: &CompiledForm) -> String {
    let Some(regime) = &form.procedure().regime else { return String::new() };
    let term = regime.term.map(|term| term.of_text(page.language())).unwrap_or_default();
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
        Disposal::Anonymise => "desk-retention-anonymise",
        Disposal::Archive => "desk-retention-archive",
    };
    let after = retention.after.as_deref().and_then(|id| form.fields().find(|(_, field)| field.id == id));
    let after = after.map(|(_, field)| field.label.text(page.language()).to_owned()).unwrap_or_default();
    page.tr(
        key,
        &[("time", words::lasting(retention.months.into(), page.language()).into()), ("after", after.into())],
    )
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
                text: format!("{}, {address}. {}", contact.name, reach::hours(&hours)),
                href: String::new(),
                action: String::new(),
            },
            Way::Phone => WayCard {
                title: page.t("desk-way-phone").to_owned(),
                text: page.tr("desk-way-phone-text", &[("phone", phone.clone().into())]),
                href: Phone::of(&phone).href,
                action: Phone::of(&phone).shown,
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

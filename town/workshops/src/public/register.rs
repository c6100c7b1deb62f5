//! The form that registers somebody, and what is answered: the same to whoever is registered already, who is told so by
//! the way that they chose.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::Channel;
use beffroi_people::throttle;
use beffroi_store::{
    By, StoreError,
    idempotency::{self, Once},
};
use beffroi_web::{
    App, CommuneOf, FormPost, Page, Result, Visitor, WebError, Wrong, new_idempotency_key, page::render_as,
    render,
};
use serde::Deserialize;

use super::{REGISTER, one::Seen};
use crate::{
    form::{Form, Typed, ways},
    registration::{self, NewRegistration, RegisterError, Way, Whom},
};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    seance: String,
    par: String,
}

#[derive(Template)]
#[template(path = "workshops_register.html")]
struct Register {
    page: Page,
    title: String,
    heading: String,
    slug: String,
    form: Form,
}

fn shown(page: &Page, seen: &Seen, ways: &[Way], typed: Typed, wrong: &[Wrong]) -> Result {
    let open = seen.open();
    let form = Form::new(&seen.shown(page), (&seen.series, &open), (ways, Whom::Public), typed, wrong);
    let lang = page.language();
    let title = [("title", seen.series.sheet.title.read_in(lang).to_owned().into())];
    let heading = page.tr("workshops-register-title", &title);
    let view = Register {
        title: form.title(page, &heading),
        heading,
        slug: seen.series.slug.clone(),
        form,
        page: page.clone(),
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

pub(super) async fn blank(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let (seen, ways) = commune
        .read(By::VISITOR, move |tx| Ok::<_, WebError>((Seen::read(tx, &slug)?, ways(tx, false)?)))
        .await?;
    if seen.open().is_empty() {
        return Err(WebError::not_found());
    }
    let typed = Typed { session: asked.seance, ..Typed::known(visitor.member().map(|(who, _)| who)) };
    shown(&page, &seen, &ways, typed, &[])
}

/// Why the form comes back. What is refused is rolled back whole.
pub(crate) enum Refused {
    Web(WebError),
    Wrong(Vec<Wrong>),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Web(error.into())
    }
}

impl From<WebError> for Refused {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

impl From<RegisterError> for Refused {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Full { waiting_places: 0, .. } => {
                Self::Wrong(vec![("seance", "workshops-wrong-full")])
            }
            RegisterError::Full { .. } => Self::Wrong(vec![("attente", "workshops-wrong-full-wait")]),
            RegisterError::Unknown => Self::Wrong(vec![("seance", "workshops-wrong-session")]),
            RegisterError::Store(error) => Self::Web(error.into()),
        }
    }
}

/// Registers somebody.
pub(super) async fn send(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, REGISTER)?;
    let typed = Typed::read(&fields);
    let key = fields.idempotency_key().map_or_else(new_idempotency_key, str::to_owned);
    let member = visitor.member().map(|(who, _)| who.account.uuid());
    let source = throttle::Key::holding(&format!("{:?}", visitor.source));
    let request = serde_json::json!([slug, fields.pairs()]).to_string();
    let (wanted, name, lang) = (typed.clone(), slug.clone(), visitor.lang);
    let outcome = commune
        .write(visitor.by, move |tx| {
            let seen = Seen::read(tx, &name)?;
            let judged = wanted.person.clone().judged(&ways(tx, false)?, wanted.relative);
            let wish = wanted.wish(&seen.series, &seen.open());
            let mut wrong: Vec<Wrong> = Vec::new();
            if wish.is_none() {
                wrong.push(("seance", "workshops-wrong-session"));
            }
            let person = judged.map_err(|all| wrong.extend(all)).ok();
            let (Some(wish), Some(person)) = (wish, person) else { return Err(Refused::Wrong(wrong)) };
            if throttle::waits_until(tx, &source)?.is_some() {
                return Err(WebError::too_many(std::time::Duration::from_mins(5)).into());
            }
            let new = NewRegistration {
                series: &seen.series,
                wish,
                waits: wanted.waits,
                reduced: wanted.reduced,
                person,
                whom: Whom::Public,
                channel: Channel::Online,
                lang,
                account: member,
            };
            let once = idempotency::once(tx, "workshops.register", &key, request.as_bytes(), |tx| {
                throttle::failed(tx, &source)?;
                registration::register(tx, &new)?;
                Ok::<_, Refused>(())
            })?;
            match once {
                Once::Done(()) | Once::Again(()) => Ok(()),
                Once::Reused => Err(Refused::Web(WebError::conflict())),
            }
        })
        .await;
    match outcome {
        Ok(()) => {
            let way = typed.person.way.map_or("", Way::as_str);
            Ok(Redirect::to(&format!("/ateliers/{slug}/recue?par={way}")).into_response())
        }
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let (seen, ways) = commune
                .read(By::VISITOR, move |tx| Ok::<_, WebError>((Seen::read(tx, &slug)?, ways(tx, false)?)))
                .await?;
            shown(&page, &seen, &ways, typed, &wrong)
        }
    }
}

#[derive(Template)]
#[template(path = "workshops_received.html")]
struct Received {
    page: Page,
    workshop: String,
    told: String,
    /// What it costs, and how that is paid; `""` where it is free.
    price: String,
    phone: String,
    back: String,
}

/// What is answered to everybody who registers somebody.
pub(super) async fn received(
    page: Page,
    commune: CommuneOf,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let seen = commune.read(By::VISITOR, move |tx| Seen::read(tx, &slug)).await?;
    let way = Way::from_word(&asked.par).filter(|way| *way != Way::Nothing);
    let told = page.t(&format!("workshops-received-{}", way.unwrap_or(Way::Mail).as_str())).to_owned();
    render(&Received {
        workshop: seen.series.sheet.title.read_in(page.language()).to_owned(),
        told,
        price: match seen.series.sheet.asked(false) {
            Some(_) => page.t("workshops-received-price").to_owned(),
            None => String::new(),
        },
        phone: match seen.phone.as_str() {
            "" => String::new(),
            phone => page.tr("workshops-received-phone", &[("phone", phone.to_owned().into())]),
        },
        back: format!("/ateliers/{}", seen.series.slug),
        page,
    })
}

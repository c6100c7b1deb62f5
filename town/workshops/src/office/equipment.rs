//! One kind of equipment that a department lends: what it is called, how many there are, and whether it is lent still.

use askama::Template;
use axum::{
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_calendar::{
    clock,
    now::Now,
    resource::Name,
    stock::{self, Busiest},
};
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use beffroi_web::{
    CommuneOf, FormPost, Page, Problem, Result, Visitor, WebError, Wrong, page::render_as, render,
};

use crate::{
    loan::{self, Equipment},
    permission,
    public::Refused,
};

#[derive(Template)]
#[template(path = "workshops_office_equipment.html")]
struct View {
    page: Page,
    title: String,
    action: String,
    /// When most of it is out or kept for somebody; `""` for never.
    promised: String,
    /// That more is promised than there is; `""` where it is not.
    warning: String,
    form: FormPost,
    problems: Vec<Problem>,
}

impl View {
    fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    fn has(&self, name: &str) -> bool {
        self.form.get(name).is_some()
    }

    fn error(&self, field: &str) -> String {
        Problem::beside(&self.problems, field)
    }
}

/// What the page knows.
struct Read {
    own: Equipment,
    promised: Option<Busiest>,
    now: Now,
}

fn read(tx: &mut Tx<'_>, who: &SignedIn, slug: &str) -> Result<Read> {
    let scope = permission::advised(tx, who)?;
    let all = loan::equipment(tx, &scope)?;
    let own = all.into_iter().find(|it| it.resource.details.slug == slug);
    let own = own.ok_or_else(WebError::not_found)?;
    let promised = stock::promised(tx, &[own.resource.id])?.remove(&own.resource.id);
    Ok(Read { own, promised, now: Now::read(tx)? })
}

fn view(page: Page, read: &Read, form: FormPost, wrong: &[Wrong]) -> Result {
    let details = &read.own.resource.details;
    let (mut promised, mut warning) = (String::new(), String::new());
    if let Some(most) = read.promised {
        let when = clock::moment(most.at, read.now.zone, page.language());
        let variables = [("n", most.count.into()), ("when", when.into())];
        promised = page.tr("workshops-office-promised", &variables);
        if most.count > details.stock {
            page.t("workshops-office-promised-more").clone_into(&mut warning);
        }
    }
    let view = View {
        title: details.name.fr.clone(),
        action: format!("/agents/ateliers/prets/materiel/{}", details.slug),
        promised,
        warning,
        form,
        problems: Problem::keyed(&page, wrong),
        page,
    };
    if wrong.is_empty() { render(&view) } else { render_as(StatusCode::UNPROCESSABLE_ENTITY, &view) }
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let read = commune.read(visitor.by, move |tx| read(tx, &who, &slug)).await?;
    let details = &read.own.resource.details;
    let mut form = FormPost::default()
        .with("designation", details.name.fr.clone())
        .with("designation_en", details.name.en.clone())
        .with("nombre", details.stock.to_string());
    if details.active {
        form = form.with("en_service", "true".to_owned());
    }
    view(page, &read, form, &[])
}

/// Says something else of it, or withdraws it.
pub(super) async fn change(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(slug): Path<String>,
    fields: FormPost,
) -> Result {
    let who = visitor.require()?.clone();
    let (typed, reader, named) = (fields.clone(), who.clone(), slug.clone());
    let done = commune
        .write(visitor.by, move |tx| {
            let Read { own, .. } = read(tx, &who, &slug)?;
            let permit = permission::advises(tx, &who, own.department)?;
            let name = Name {
                fr: typed.text("designation").to_owned(),
                en: typed.text("designation_en").to_owned(),
            };
            let Ok(stock) = typed.text("nombre").parse::<u32>() else {
                return Err(Refused::Wrong(vec![("nombre", "workshops-office-wrong-stock")]));
            };
            let active = typed.get("en_service").is_some();
            loan::change(tx, &permit, &own.resource, (&name, stock, active))?;
            Ok(())
        })
        .await;
    match done {
        Ok(()) => Ok(Redirect::to("/agents/ateliers/prets?fait=change").into_response()),
        Err(Refused::Web(error)) => Err(error),
        Err(Refused::Wrong(wrong)) => {
            let read = commune.read(visitor.by, move |tx| read(tx, &reader, &named)).await?;
            view(page, &read, fields, &wrong)
        }
    }
}

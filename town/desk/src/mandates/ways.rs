//! « Faire cette demande pour quelqu’un d’autre »: the three ways, told to whoever asks, before anybody signs in.

use askama::Template;
use axum::extract::Path;
use beffroi_web::{Page, Result, WebError, render};

use crate::{papers::Stationery, procedure::current_for, visit::Visit};

#[derive(Template)]
#[template(path = "mandates/ways.html")]
struct Ways {
    page: Page,
    slug: String,
    title: String,
    /// Whether the form may be printed: what is not asked online is not.
    paper: bool,
    /// Whether it is begun with a mandate that the reader holds.
    holds: bool,
    phone: String,
}

pub(super) async fn show(
    Visit { desk, commune, visitor, page, .. }: Visit,
    Path(slug): Path<String>,
) -> Result {
    let asked = slug.clone();
    let account = visitor.member().map(|(who, _)| who.account);
    let (form, holds, stationery) = commune
        .read(visitor.by, move |tx| {
            let form = current_for(tx, &desk.shelf, &asked)?;
            let holds = match account {
                Some(account) => super::must_choose(tx, account, &form)?,
                None => false,
            };
            let contact = form.procedure().contact.as_ref().ok_or_else(WebError::not_found)?;
            let stationery = Stationery::load(tx, &contact.department)?;
            Ok::<_, WebError>((form, holds, stationery))
        })
        .await?;
    let procedure = form.procedure();
    render(&Ways {
        slug,
        title: procedure.title.text(page.language()).to_owned(),
        paper: procedure.elsewhere.is_none(),
        holds,
        phone: match stationery.contact().phone {
            Some(phone) => page.tr("desk-mandate-way-phone", &[("phone", phone.into())]),
            None => String::new(),
        },
        page,
    })
}

//! A part of a deposit is to be kept: with a quote, which whoever gave the deposit reads.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, Request},
};
use beffroi_core::{Day, money::Cents};
use beffroi_web::{CommuneOf, Page, Problem, Result, Visitor, WebError};

use super::{
    commands,
    page::{Came, Known, answered, known},
    rules::{DepositFault, NewWithheld},
};
use crate::{
    Parts,
    booking::day,
    serve::{self, Kept},
    upload::{self, Posted, Taken, Wants},
};

/// The quote by which a part is to be kept.
pub(super) async fn show(commune: CommuneOf, visitor: Visitor, Path(booking): Path<String>) -> Result {
    let who = visitor.require()?.clone();
    let quote = commune
        .read(visitor.by, move |tx| {
            let (_, known) = known(tx, &who, &booking, "")?;
            known.it.quote.ok_or_else(WebError::not_found)
        })
        .await?;
    serve::document(&commune, quote, Kept::ByNobody).await
}

pub(super) async fn withhold(
    page: Page,
    commune: CommuneOf,
    visitor: Visitor,
    Extension(parts): Extension<Arc<Parts>>,
    Path(booking): Path<String>,
    request: Request,
) -> Result {
    let who = visitor.require()?.clone();
    let (may, asked) = (who.clone(), booking.clone());
    commune.read(visitor.by, move |tx| known(tx, &may, &asked, "").map(drop)).await?;
    let Posted { fields, files, refused } =
        upload::read(request, &commune, visitor.lang, Wants::Papers).await?;
    let form = fields.with("faire", "retenir".to_owned());
    let quote = files.into_iter().next().map(|(_, taken)| match taken {
        Taken::Picture(shot) => shot.large.file,
        Taken::Pdf(file) => file,
    });
    let mut problems = Problem::all(&refused, "devis");
    if quote.is_none() && problems.is_empty() {
        problems = Problem::alone("devis", page.t("premises-deposit-wrong-quote"));
    }
    let (typed, named, gate) = (form.clone(), booking.clone(), parts.gate);
    let came: Came = commune
        .write(visitor.by, move |tx| {
            let (permit, known) = known(tx, &who, &named, typed.text("etat"))?;
            let new = NewWithheld {
                after: known.seen(),
                amount: Cents::parse(typed.text("montant")).unwrap_or(Cents(0)),
                reason: typed.text("motif").to_owned(),
                answer_by: day(typed.text("reponse-avant")).unwrap_or(Day::MIN),
            };
            let Known { found, it, .. } = &known;
            let done = match &quote {
                // What else is wrong is told with it.
                None => commands::checked(&new, found, it).map(drop).and(Err(DepositFault::Quote)),
                Some(quote) => {
                    let by = (who.account.uuid(), gate);
                    commands::withhold(tx, &permit, (found, it), &new, quote, by)?
                }
            };
            Ok::<_, WebError>(match done {
                Ok(()) => Ok("retenue"),
                Err(fault) => Err((Box::new(known), fault)),
            })
        })
        .await?;
    answered(page, &booking, came, form, problems)
}

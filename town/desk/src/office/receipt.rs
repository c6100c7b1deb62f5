//! The receipt of what was entered at the counter: printed and handed over at once, by whoever typed it, although
//! the case may belong to another department.

use askama::Template;
use axum::extract::Path;
use beffroi_cases::{
    Right,
    case::{self, Case},
    missing,
    tracking::{self, TrackingCode},
};
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_people::{SignedIn, Town};
use beffroi_store::{Tx, journal};
use beffroi_web::{Page, Result, WebError, render};

use super::{consulted, entitled};
use crate::{
    papers::{Facts, Stationery},
    public::{acknowledgement_anew, acknowledgement_of, code_in},
    submission,
    visit::{Visit, case_error},
};

/// The cookie that holds the code of the last request that was entered here: it is told on the receipt, and kept
/// nowhere else.
pub(super) const RECEIPT_COOKIE: &str = "recu";
/// Where receipts are, and where that cookie is sent.
pub(super) const RECEIPT_PATH: &str = "/agents/guichet/recu";

#[derive(Template)]
#[template(path = "office/receipt.html")]
struct ReceiptPage {
    page: Page,
    title: String,
    reference: String,
    requester: String,
    paragraphs: Vec<String>,
    received: String,
    code: String,
    follow: String,
    by_letter: bool,
    email: String,
    href: String,
    pdf: String,
}

/// The case, for the agent who typed it, and whether they may read it otherwise: if not, the receipt is theirs to
/// hand over on the day of the entry, and no longer. Looking at it is written down.
fn typed(tx: &mut Tx<'_>, who: &SignedIn, id: Id<Case>) -> Result<(Case, bool)> {
    let (access, _) = entitled(tx, who)?;
    let case = case::find(tx, id).map_err(case_error)?;
    let case =
        case.filter(|case| case.typed_by == Some(who.account.uuid())).ok_or_else(WebError::not_found)?;
    let reads = access.allows(Right::Read, &case.department);
    if !reads {
        let entry = journal::first_of(tx, "case", id.uuid(), "case.received")?;
        let zone = Town::load(tx)?.zone();
        let today = civil_day(tx.now(), zone);
        entry.filter(|entry| civil_day(entry.at, zone) == today).ok_or_else(WebError::not_found)?;
    }
    consulted(tx, id, who)?;
    Ok((case, reads))
}

/// The code of the last entry, if this case is it.
fn own_code(tx: &mut Tx<'_>, code: Option<TrackingCode>, id: Id<Case>) -> Result<Option<TrackingCode>> {
    let Some(code) = code else { return Ok(None) };
    Ok(tracking::open(tx, &code)?.filter(|case| case.id == id).map(|_| code))
}

/// The receipt, to be printed for the person at the counter.
pub(super) async fn show(
    Visit { desk, commune, visitor, page, headers, .. }: Visit,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Case> = id.parse().map_err(|_| WebError::not_found())?;
    let lang = page.language();
    let code = code_in(&headers, RECEIPT_COOKIE);
    let follow = format!("{}/suivi", desk.site(&commune).await?);
    let (case, form, reach, stationery, requests, reads, code) = commune
        .write(visitor.by, move |tx| {
            let (case, reads) = typed(tx, &who, id)?;
            let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
            let form = form.ok_or_else(WebError::not_found)?;
            let reach = submission::reach(tx, id)?.ok_or_else(WebError::not_found)?;
            let stationery = Stationery::load(tx, &case.department)?;
            let code = own_code(tx, code, id)?;
            let requests = missing::of_case(tx, id).map_err(case_error)?;
            Ok::<_, WebError>((case, form, reach, stationery, requests, reads, code))
        })
        .await?;
    let facts =
        Facts { stationery: &stationery, form: &form, case: &case, reach: &reach, requests: &requests };
    render(&ReceiptPage {
        title: form.procedure().title.text(lang).to_owned(),
        reference: case.reference.clone(),
        requester: case.requester_name.clone(),
        paragraphs: facts.paragraphs(lang),
        received: long_date(case.received_on, lang),
        code: code.map(|code| code.to_string()).unwrap_or_default(),
        follow,
        by_letter: reach.by_letter && reach.letter_lines.len() > 1,
        email: reach.email.clone(),
        pdf: format!("{RECEIPT_PATH}/{id}/accuse-de-reception.pdf"),
        href: if reads { format!("/agents/dossiers/{id}") } else { String::new() },
        page,
    })
}

/// The acknowledgement as a PDF, at once.
pub(super) async fn pdf(
    Visit { app, desk, commune, visitor, headers, .. }: Visit,
    Path(id): Path<String>,
) -> Result {
    let who = visitor.require()?.clone();
    let id: Id<Case> = id.parse().map_err(|_| WebError::not_found())?;
    let code = code_in(&headers, RECEIPT_COOKIE);
    let (case, code) = commune
        .write(visitor.by, move |tx| {
            let (case, _) = typed(tx, &who, id)?;
            let code = own_code(tx, code, id)?;
            Ok::<_, WebError>((case, code))
        })
        .await?;
    // Handed over at the counter it bears the code, which this person has from nowhere else.
    match code {
        Some(_) => acknowledgement_anew(desk, &commune, (&app, &visitor), case, code).await,
        None => acknowledgement_of(desk, &commune, (&app, &visitor), case, None).await,
    }
}

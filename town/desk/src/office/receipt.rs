//! The receipt of what was entered at the counter: printed and handed over at once, by whoever typed it, although
//! the case may belong to another department.

use askama::Template;
use axum::{extract::Path, http::HeaderMap};
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

use super::{
    consulted, entitled,
    reception::store::{self as visits, CASES_AT_MOST},
};
use crate::{
    booked, fee,
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

/// The cookie that holds the codes of one visit, and where it is sent.
pub(super) const VISIT_COOKIE: &str = "visite";
pub(super) const VISIT_PATH: &str = "/agents/guichet";
/// Between two codes in that cookie.
const BETWEEN: char = '.';

/// The codes of the visit with one more, the latest last; as many as a cookie holds.
pub(super) fn gathered(headers: &HeaderMap, code: &str) -> String {
    let mut codes: Vec<String> = visit_codes(headers).iter().map(ToString::to_string).collect();
    if !codes.iter().any(|known| known == code) {
        codes.push(code.to_owned());
    }
    let from = codes.len().saturating_sub(CASES_AT_MOST);
    let kept = codes.iter().skip(from).map(|code| code.replace('-', ""));
    kept.collect::<Vec<_>>().join(&BETWEEN.to_string())
}

/// The codes that were given in the visit.
pub(super) fn visit_codes(headers: &HeaderMap) -> Vec<TrackingCode> {
    let held = beffroi_web::visitor::cookie(headers, VISIT_COOKIE).unwrap_or_default();
    held.split(BETWEEN).filter_map(TrackingCode::parse).collect()
}

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
    /// Whether the visit goes on.
    visit: bool,
    /// Where what is due at once is taken; `""` where nothing is, or this agent takes no money.
    till: String,
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
    let (case, form, reach, stationery, (requests, event), reads, code, (visit, till)) = commune
        .write(visitor.by, move |tx| {
            let visit = visits::current(tx, who.account.uuid())?.is_some();
            let (case, reads) = typed(tx, &who, id)?;
            let till = fee::till(tx, id, &who)?;
            let form = desk.shelf.version(tx, &case.procedure, case.procedure_version)?;
            let form = form.ok_or_else(WebError::not_found)?;
            let reach = submission::reach(tx, id)?.ok_or_else(WebError::not_found)?;
            let stationery = Stationery::load(tx, &case.department)?;
            let code = own_code(tx, code, id)?;
            let requests = missing::of_case(tx, id).map_err(case_error)?;
            let event = booked::event(booked::of_case(tx, &form, id)?.as_ref(), stationery.town.zone());
            let more = (visit, till);
            Ok::<_, WebError>((case, form, reach, stationery, (requests, event), reads, code, more))
        })
        .await?;
    let facts = Facts {
        stationery: &stationery,
        form: &form,
        case: &case,
        reach: &reach,
        requests: &requests,
        today: None,
        event,
    };
    render(&ReceiptPage {
        title: form.procedure().title.text(lang).to_owned(),
        reference: case.reference.clone(),
        requester: submission::called(&form, &case),
        paragraphs: facts.paragraphs(lang),
        received: long_date(case.received_on, lang),
        code: code.map(|code| code.to_string()).unwrap_or_default(),
        follow,
        by_letter: reach.is_posted(),
        email: reach.email.clone(),
        pdf: format!("{RECEIPT_PATH}/{id}/accuse-de-reception.pdf"),
        visit,
        till,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_a_whole_visit_fit_into_one_cookie() {
        let mut headers = HeaderMap::new();
        let letters = "23456789ABCDEFGHJKLMNPQRSTVWXZ";
        for rank in 0..20 {
            let letter = letters.chars().nth(rank).unwrap();
            let code = TrackingCode::parse(&letter.to_string().repeat(12)).unwrap().to_string();
            let held = gathered(&headers, &code);
            assert_eq!(gathered(&headers, &code), held);
            headers.insert("cookie", format!("{VISIT_COOKIE}={held}").parse().unwrap());
            let known: Vec<String> = visit_codes(&headers).iter().map(ToString::to_string).collect();
            assert_eq!(known.last(), Some(&code));
            assert_eq!(known.len(), (rank + 1).min(CASES_AT_MOST));
        }
    }
}

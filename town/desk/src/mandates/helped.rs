//! The helped person's own page, behind the link that only they were sent: agree or refuse, read what was done, end it
//! in one click. No account, no password.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect},
};
use beffroi_core::calendar::civil_day;
use beffroi_people::{
    Town,
    mandate::{self, By, ConsentError, Mandate, Status, Through},
};
use beffroi_store::{JournalEntry, Tx};
use beffroi_web::{FormPost, Page, Purpose, Result, WebError, render};
use serde::Deserialize;

use super::{
    CaseRow, Row, Titles,
    history::{self, Done},
    letters, titles,
};
use crate::{
    submission::{self, Mine},
    visit::{Visit, private},
};

#[derive(Default, Deserialize)]
pub(super) struct Just {
    #[serde(default)]
    fait: String,
}

#[derive(Template)]
#[template(path = "mandates/helped.html")]
struct HelpedPage {
    page: Page,
    secret: String,
    done: String,
    row: Row,
    asked: bool,
    cases: Vec<CaseRow>,
    history: Vec<Done>,
}

fn found(tx: &mut Tx<'_>, secret: &str) -> Result<Mandate> {
    mandate::by_link(tx, secret)?.ok_or_else(WebError::not_found)
}

pub(super) async fn show(
    Visit { app, desk, commune, visitor, page, .. }: Visit,
    Path(secret): Path<String>,
    Query(just): Query<Just>,
) -> Result {
    visitor.limit(&app, Purpose::TRACKING)?;
    let (lang, shown) = (page.language(), secret.clone());
    let (mandate, cases, entries, titles, zone, today) = commune
        .read(visitor.by, move |tx| {
            let mandate = found(tx, &secret)?;
            let zone = Town::load(tx)?.zone();
            let cases: Vec<Mine> = submission::cases_of_mandate(tx, mandate.id)?;
            let entries: Vec<JournalEntry> = mandate::history(tx, mandate.id, history::SHOWN)?;
            let titles: Titles = titles(tx, &desk, lang)?;
            let today = civil_day(tx.now(), zone);
            Ok::<_, WebError>((mandate, cases, entries, titles, zone, today))
        })
        .await?;
    let history = history::lines(&page, &entries, &mandate, zone);
    // How they stand is read here, without an account; what they say is behind the code of each.
    let cases = cases.into_iter().map(|mine| CaseRow::new(&page, mine, &titles, String::new()));
    let response = render(&HelpedPage {
        secret: shown,
        done: just.fait,
        row: Row::new(&page, &mandate, today, &titles),
        asked: mandate.status(today) == Status::Asked,
        cases: cases.collect(),
        history,
        page,
    })?;
    Ok(private(response))
}

/// Agrees, refuses, or ends.
pub(super) async fn answer(
    Visit { app, commune, visitor, .. }: Visit,
    Path(secret): Path<String>,
    fields: FormPost,
) -> Result {
    visitor.limit(&app, Purpose::TRACKING)?;
    let what = fields.text("reponse").to_owned();
    let (link, account) = (secret.clone(), visitor.member().map(|(who, _)| who.account));
    let word = commune
        .write(visitor.by, move |tx| {
            let mandate = found(tx, &link)?;
            let today = civil_day(tx.now(), Town::load(tx)?.zone());
            match what.as_str() {
                "accord" => match mandate::consent_by_link(tx, &link, account, today) {
                    Ok(()) => {
                        letters::begun(tx, mandate.id, None)?;
                        Ok("accord")
                    }
                    Err(ConsentError::Store(error)) => Err(error.into()),
                    Err(_) => Ok(""),
                },
                "refus" => {
                    // What runs already is ended, not refused.
                    if !mandate::refuse_through(tx, mandate.id, Through::Link)? {
                        return Ok("");
                    }
                    letters::over(tx, &mandate, By::Helped, None)?;
                    Ok("refus")
                }
                "fin" => {
                    if mandate::end_through(tx, mandate.id, Through::Link)? {
                        letters::over(tx, &mandate, By::Helped, None)?;
                    }
                    Ok("fin")
                }
                _ => Err(WebError::bad_request()),
            }
        })
        .await?;
    let query = if word.is_empty() { String::new() } else { format!("?fait={word}") };
    Ok(private(Redirect::to(&format!("/mandat/{secret}{query}")).into_response()))
}

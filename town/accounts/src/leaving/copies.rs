//! The copy of everything that the town keeps about somebody: asked for, made by a job, taken away for some days.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect},
};
use beffroi_core::{
    Id,
    calendar::{civil_day, long_date},
};
use beffroi_notify::{
    About, keeping,
    mail::{self, MailError, NewMail},
};
use beffroi_people::{
    SignedIn, Town, account,
    leaving::{self, Export, ExportToMake, LeaveError, MAKE_EXPORT},
};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};
use beffroi_web::{CommuneOf, Page, Result, Visitor, WebError, download, page::render_as, personal::Teller};

use super::{
    Housed,
    archive::{self, Head},
    standing,
};
use crate::{Origin, back::Asked, letters, own::member};

struct Row {
    href: String,
    asked: String,
    until: String,
    size: String,
}

#[derive(Template)]
#[template(path = "export.html")]
struct CopiesPage {
    page: Page,
    rows: Vec<Row>,
    under_way: bool,
    lately: bool,
    done: String,
}

/// What the page shows: the copies, and whether somebody signed in lately.
async fn known(
    commune: &CommuneOf,
    visitor: &Visitor,
    who: SignedIn,
) -> Result<(Vec<Export>, bool, chrono_tz::Tz)> {
    let read = commune.read(visitor.by, move |tx| {
        let lately = leaving::signed_in_lately(tx, &who)?;
        Ok((leaving::exports(tx, who.account)?, lately, Town::load(tx)?.zone()))
    });
    read.await.map_err(|error: StoreError| WebError::from(error))
}

/// A size as a reader knows it.
fn size(page: &Page, bytes: i64) -> String {
    let kilo = (bytes + 999) / 1_000;
    if kilo < 1_000 {
        page.tr("accounts-kilobytes", &[("count", kilo.into())])
    } else {
        page.tr("accounts-megabytes", &[("count", ((kilo + 999) / 1_000).into())])
    }
}

pub(super) async fn show(
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let (who, _) = member(&visitor)?;
    let (copies, lately, zone) = known(&commune, &visitor, who.clone()).await?;
    let lang = page.language();
    let day = |at| long_date(civil_day(at, zone), lang);
    let under_way = copies.iter().any(|copy| copy.ready_at.is_none());
    let rows = copies
        .iter()
        .filter(|copy| copy.ready_at.is_some())
        .map(|copy| Row {
            href: format!("/mon-compte/export/{}", copy.id),
            asked: day(copy.asked_at),
            until: day(copy.expires_at),
            size: size(&page, copy.bytes),
        })
        .collect();
    let done = if asked.fait.is_empty() { "" } else { page.t("accounts-copy-asked") }.to_owned();
    render_as(StatusCode::OK, &CopiesPage { page, rows, under_way, lately, done })
}

pub(super) async fn ask(visitor: Visitor, commune: CommuneOf) -> Result {
    let (who, _) = member(&visitor)?;
    let who = who.clone();
    match commune.write(visitor.by, move |tx| leaving::ask_export(tx, &who)).await {
        Ok(()) => Ok(Redirect::to("/mon-compte/export?fait=demandee").into_response()),
        // The page says that one must sign in again.
        Err(LeaveError::SignInAgain | LeaveError::Agent) => {
            Ok(Redirect::to("/mon-compte/export").into_response())
        }
        Err(LeaveError::Store(error)) => Err(error.into()),
    }
}

pub(super) async fn take(visitor: Visitor, commune: CommuneOf, Path(export): Path<String>) -> Result {
    let (who, _) = member(&visitor)?;
    let who = who.clone();
    let id: Id<Export> = export.parse().map_err(|_| WebError::not_found())?;
    let found = commune.write(visitor.by, move |tx| {
        let Some(copy) = leaving::export(tx, who.account, id)? else { return Err(WebError::not_found()) };
        if !leaving::signed_in_lately(tx, &who)? {
            return Ok(None);
        }
        leaving::export_taken(tx, who.account)?;
        Ok(Some(copy))
    });
    let Some(copy) = found.await? else { return Ok(Redirect::to("/mon-compte/export").into_response()) };
    download(&archive::file_of(&commune, copy.id), "mes-donnees.zip", "application/zip").await
}

/// Does the job [`MAKE_EXPORT`]: gathers what every service tells, writes it down, and tells the owner. Done twice
/// after a crash, it writes the same copy twice.
pub struct ExportHandler {
    /// The services to ask.
    pub house: Housed,
    /// Where the page of copies is.
    pub origin: Arc<Origin>,
}

impl JobHandler for ExportHandler {
    fn kind(&self) -> &'static str {
        MAKE_EXPORT
    }

    fn steps_back(&self) -> bool {
        true
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: ExportToMake = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job names no copy".to_owned()))?;
        let house = standing(&self.house)
            .ok_or_else(|| JobError::Retry("the house is not put together yet".to_owned()))?;
        let origin = (self.origin)(commune.slug())?.unwrap_or_default();
        let gathered = commune.read_blocking(By::SYSTEM, |tx| {
            let Some(account) = account::find(tx, order.account)? else { return Ok(None) };
            let data = house.personal_data(tx, order.account.uuid(), account.language)?;
            let zone = Town::load(tx)?.zone();
            let made = long_date(civil_day(tx.now(), zone), account.language);
            Ok::<_, StoreError>(Some((account, data, made, tx.now())))
        })?;
        // An account that went meanwhile needs no copy.
        let Some((account, data, made, made_at)) = gathered else { return Ok(()) };
        let head = Head { commune: commune.name().to_owned(), made, made_at };
        let teller = Teller::new(&house, account.language);
        let bytes = archive::write(commune, order.export, &head, &data, teller)?;
        let told = commune.write_blocking(By::SYSTEM, move |tx| {
            leaving::export_made(tx, &order, bytes)?;
            tell(tx, &account, &origin)
        });
        told.map_err(|error| match error {
            MailError::Address => JobError::Fail("the account has no mail address".to_owned()),
            MailError::Store(error) => error.into(),
        })
    }
}

fn tell(tx: &mut Tx<'_>, account: &beffroi_people::Account, origin: &str) -> Result<(), MailError> {
    // Whoever has no address finds the copy on its page.
    if account.email.is_empty() {
        return Ok(());
    }
    let town = Town::load(tx)?;
    let until = civil_day(tx.now() + leaving::EXPORT_KEPT, town.zone());
    let link = format!("{origin}/mon-compte/export");
    let message = keeping::export_ready(letters::sender(&town, &link), account.language, until, &link);
    mail::queue(
        tx,
        &NewMail {
            to: &account.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: false,
            about: About { kind: "account", id: account.id.uuid() },
        },
    )
    .map(drop)
}

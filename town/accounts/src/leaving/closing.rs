//! The end of an account: what happens is said, it is confirmed, and a mailed link undoes it for a while.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect},
};
use beffroi_core::calendar::{civil_day, long_date};
use beffroi_notify::{
    About, keeping,
    mail::{self, MailError, NewMail},
};
use beffroi_people::{
    AccountKind, Town, account,
    leaving::{self, FarewellToSend, LeaveError, Reopened, SEND_FAREWELL},
};
use beffroi_store::{
    By, Commune, StoreError, Tx,
    background::JobHandler,
    jobs::{Job, JobError},
};
use beffroi_web::{
    App, CommuneOf, FormPost, Page, Purpose, Result, Visitor, WebError, page::render_as, personal::Remaining,
    render,
};

use crate::{Origin, attempt::Form as _, back::Asked, fill::Filled, letters, own::member, words::Said};

/// Where the mailed link leads; the secret follows.
const UNDO_AT: &str = "/compte-ferme?lien=";

#[derive(Template)]
#[template(path = "closing.html")]
struct ClosingPage {
    page: Page,
    filled: Filled,
    lately: bool,
    grace: String,
}

impl ClosingPage {
    fn new(page: Page, filled: Filled, lately: bool) -> Self {
        let days = leaving::GRACE.num_days();
        let grace = page.tr("accounts-close-grace", &[("days", days.into())]);
        Self { page, filled, lately, grace }
    }
}

#[derive(Template)]
#[template(path = "closed.html")]
struct ClosedPage {
    page: Page,
    /// Until when it may be given back, in words.
    until: String,
    /// What gives it back, where it cannot be mailed.
    link: String,
    remaining: Vec<Remaining>,
}

#[derive(Template)]
#[template(path = "reopen.html")]
struct ReopenPage {
    page: Page,
    link: String,
}

crate::attempt::forms!(ClosingPage);

/// Whether somebody signed in lately.
async fn lately(commune: &CommuneOf, visitor: &Visitor) -> Result<bool> {
    let (who, _) = member(visitor)?;
    // An agent's account is an administrator's matter: there is no such page.
    if who.kind == AccountKind::Agent {
        return Err(WebError::not_found());
    }
    let who = who.clone();
    let read = commune.read(visitor.by, move |tx| leaving::signed_in_lately(tx, &who));
    read.await.map_err(|error: StoreError| WebError::from(error))
}

pub(super) async fn show(page: Page, visitor: Visitor, commune: CommuneOf) -> Result {
    let lately = lately(&commune, &visitor).await?;
    render(&ClosingPage::new(page, Filled::default(), lately))
}

/// Why an account was not closed.
enum NotClosed {
    Leave(LeaveError),
    Store(StoreError),
}

impl From<StoreError> for NotClosed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

pub(super) async fn close(
    State(house): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    let lately = lately(&commune, &visitor).await?;
    let shown = ClosingPage::new(page, Filled::of(&form), lately);
    if form.get("sur").is_none() {
        return shown.wrong("sur", "accounts-close-tick");
    }
    let (who, _) = member(&visitor)?;
    let (who, lang) = (who.clone(), shown.page.language());
    let closed = commune.write(visitor.by, move |tx| {
        let remaining = house.account_closes(tx, who.account.uuid(), lang)?;
        let (until, secret) = leaving::close(tx, &who).map_err(NotClosed::Leave)?;
        let zone = Town::load(tx)?.zone();
        Ok::<_, NotClosed>((remaining, long_date(civil_day(until, zone), lang), secret))
    });
    match closed.await {
        Ok((remaining, until, secret)) => {
            let key = if secret.is_some() { "accounts-closed-text-here" } else { "accounts-closed-text" };
            let until = shown.page.tr(key, &[("date", until.into())]);
            let link = secret.map(|secret| format!("{UNDO_AT}{}", secret.reveal())).unwrap_or_default();
            let mut response = render(&ClosedPage { page: shown.page, until, link, remaining })?;
            response.headers_mut().append(header::SET_COOKIE, visitor.end_cookie()?);
            Ok(response)
        }
        Err(NotClosed::Leave(LeaveError::SignInAgain)) => {
            Ok(Redirect::to("/mon-compte/fermeture").into_response())
        }
        Err(NotClosed::Leave(LeaveError::Agent)) => Err(WebError::not_found()),
        Err(NotClosed::Leave(LeaveError::Store(error)) | NotClosed::Store(error)) => Err(error.into()),
    }
}

// Looking undoes nothing: some programs open every link of a mail.
pub(super) async fn show_link(page: Page, commune: CommuneOf, Query(asked): Query<Asked>) -> Result {
    let link = asked.lien.clone();
    let known = commune.read(By::VISITOR, move |tx| leaving::of_link(tx, &link)).await?;
    match known {
        Some(_) => render(&ReopenPage { page, link: asked.lien }),
        None => render_as(StatusCode::NOT_FOUND, &Said::new(page, "gone", "/")),
    }
}

pub(super) async fn reopen(
    State(house): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    visitor.limit(&house, Purpose::SIGN_IN)?;
    let link = form.text("lien").to_owned();
    match commune.write(visitor.by, move |tx| leaving::reopen(tx, &link)).await? {
        Reopened::Open => render(&Said::new(page, "reopened", "/connexion")),
        Reopened::Locked => render(&Said::new(page, "still-locked", "/")),
        Reopened::Nothing => render_as(StatusCode::NOT_FOUND, &Said::new(page, "gone", "/")),
    }
}

/// Does the job [`SEND_FAREWELL`]. Done twice after a crash, it writes the same link twice, which harms nobody.
pub struct FarewellHandler(pub Arc<Origin>);

impl JobHandler for FarewellHandler {
    fn kind(&self) -> &'static str {
        SEND_FAREWELL
    }

    fn secrets(&self) -> &'static [&'static str] {
        &["secret"]
    }

    fn run(&self, commune: &Arc<Commune>, job: &Job) -> Result<(), JobError> {
        let order: FarewellToSend = serde_json::from_value(job.payload.clone())
            .map_err(|_| JobError::Fail("the job holds no link".to_owned()))?;
        let origin = (self.0)(commune.slug())?
            .ok_or_else(|| JobError::Fail("the commune has no host name".to_owned()))?;
        let queued = commune.write_blocking(By::SYSTEM, move |tx| queue(tx, &order, &origin));
        queued.map_err(|error| match error {
            MailError::Address => JobError::Fail("the account has no mail address".to_owned()),
            MailError::Store(error) => error.into(),
        })
    }
}

fn queue(tx: &mut Tx<'_>, order: &FarewellToSend, origin: &str) -> Result<(), MailError> {
    // Whoever has no address was shown the link.
    let account = account::find(tx, order.account)?.filter(|account| !account.email.is_empty());
    let Some(account) = account else { return Ok(()) };
    let town = Town::load(tx)?;
    let link = format!("{origin}{UNDO_AT}{}", order.secret);
    let until = civil_day(order.erased_after, town.zone());
    let message = keeping::account_ends(letters::sender(&town, origin), account.language, until, &link);
    mail::queue(
        tx,
        &NewMail {
            to: &account.email,
            subject: &message.subject,
            text: &message.text,
            html: None,
            secret: true,
            about: About { kind: "account", id: account.id.uuid() },
        },
    )
    .map(drop)
}

//! « Mon agenda »: the secret address at which the calendar programs of a phone or a computer read what its owner is expected
//! for, by `beffroi_web::feed`. It is told once; a new one ends the one before.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension, Router,
    extract::{Path, Query, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect},
    routing::{get, post},
};
use beffroi_core::calendar::long_date;
use beffroi_people::{SignedIn, Town, feed};
use beffroi_store::{By, Tx};
use beffroi_web::{App, Choice, CommuneOf, FormPost, Page, Result, Visitor, WebError, feed::Offered, render};

use crate::{back::Asked, identity::Doors, own::member, words};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/mon-compte/agenda", get(show).post(make))
        .route("/mon-compte/agenda/choix", post(choose))
        .route("/mon-compte/agenda/fin", post(end))
        .route("/agenda/{secret}", get(read))
}

#[derive(Template)]
#[template(path = "agenda.html")]
struct AgendaPage {
    page: Page,
    /// Whether there is an address.
    has: bool,
    /// Since when, and when it was read last.
    since: String,
    used: String,
    /// A new address, shown this once; and the same as calendar programs are opened by it.
    address: String,
    opens: String,
    /// What an agent may add.
    choices: Vec<Choice>,
    done: String,
}

/// What is known of somebody's address.
struct Kept {
    feed: Option<feed::Feed>,
    offered: Vec<Offered>,
    town: Town,
}

impl Kept {
    fn of(tx: &mut Tx<'_>, app: &App, who: &SignedIn, page: &Page) -> Result<Self> {
        let offered = app.offered(tx, who, page.language())?;
        Ok(Self { feed: feed::of_account(tx, who.account)?, offered, town: Town::load(tx)? })
    }
}

impl AgendaPage {
    fn new(page: Page, kept: Kept, done: String) -> Self {
        let (feed, zone, lang) = (kept.feed, kept.town.zone(), page.language());
        let choice = |it: &Offered| {
            let chosen = feed.as_ref().is_some_and(|feed| feed.chosen.contains(&it.key));
            Choice::new(&it.key, &it.label, chosen)
        };
        let used = match feed.as_ref().map(|feed| feed.used_on) {
            Some(Some(day)) => page.tr("accounts-agenda-used", &[("date", long_date(day, lang).into())]),
            Some(None) => page.t("accounts-agenda-unused").to_owned(),
            None => String::new(),
        };
        let since = |feed: &feed::Feed| {
            page.tr("accounts-agenda-since", &[("date", words::day(&page, zone, feed.made_at).into())])
        };
        Self {
            has: feed.is_some(),
            since: feed.as_ref().map(since).unwrap_or_default(),
            used,
            address: String::new(),
            opens: String::new(),
            choices: kept.offered.iter().map(choice).collect(),
            done,
            page,
        }
    }
}

/// What was ticked of what is offered.
fn ticked(offered: &[Offered], form: &FormPost) -> Vec<String> {
    let sent: Vec<&str> = form.all("agendas").collect();
    offered.iter().filter(|it| sent.contains(&it.key.as_str())).map(|it| it.key.clone()).collect()
}

async fn show(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(asked): Query<Asked>,
) -> Result {
    let who = member(&visitor)?.0.clone();
    let done = match asked.fait.as_str() {
        "choix" => page.t("accounts-agenda-done-chosen").to_owned(),
        "fin" => page.t("accounts-agenda-done-ended").to_owned(),
        _ => String::new(),
    };
    let (kept, page) = commune
        .read(visitor.by, move |tx| Ok::<_, WebError>((Kept::of(tx, &app, &who, &page)?, page)))
        .await?;
    render(&AgendaPage::new(page, kept, done))
}

/// Gives a new address, and shows it.
async fn make(
    State(app): State<App>,
    Extension(doors): Extension<Arc<Doors>>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    let who = member(&visitor)?.0.clone();
    let site = doors.site(&commune).await?;
    let (secret, kept, page) = commune
        .write(visitor.by, move |tx| {
            let is_first = feed::of_account(tx, who.account)?.is_none();
            let secret = feed::make(tx, who.account)?;
            if is_first {
                let offered = app.offered(tx, &who, page.language())?;
                feed::choose(tx, who.account, &ticked(&offered, &form))?;
            }
            Ok::<_, WebError>((secret, Kept::of(tx, &app, &who, &page)?, page))
        })
        .await?;
    let address = format!("{site}/agenda/{}.ics", secret.reveal());
    let bare = address.split_once("://").map_or(address.as_str(), |(_, bare)| bare);
    let opens = format!("webcal://{bare}");
    render(&AgendaPage { address, opens, ..AgendaPage::new(page, kept, String::new()) })
}

/// Says what an agent adds.
async fn choose(
    State(app): State<App>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    let who = member(&visitor)?.0.clone();
    let lang = page.language();
    let kept = commune.write(visitor.by, move |tx| {
        let offered = app.offered(tx, &who, lang)?;
        feed::choose(tx, who.account, &ticked(&offered, &form))?;
        Ok::<_, WebError>(())
    });
    kept.await?;
    Ok(Redirect::to("/mon-compte/agenda?fait=choix").into_response())
}

async fn end(visitor: Visitor, commune: CommuneOf) -> Result {
    let account = member(&visitor)?.0.account;
    commune.write(visitor.by, move |tx| feed::end(tx, account)).await?;
    Ok(Redirect::to("/mon-compte/agenda?fait=fin").into_response())
}

/// The calendar itself, for whichever program has its address. A wrong one is told nothing.
async fn read(
    State(app): State<App>,
    commune: CommuneOf,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result {
    let secret = name.strip_suffix(".ics").ok_or_else(WebError::not_found)?.to_owned();
    let house = App::clone(&app);
    let told = commune
        .read(By::VISITOR, move |tx| house.told_at(tx, &secret)?.ok_or_else(WebError::not_found))
        .await?;
    if told.opened.feed.used_on != Some(told.today) {
        let (account, today) = (told.opened.who.account, told.today);
        commune.write(By::VISITOR, move |tx| feed::used(tx, account, today)).await?;
    }
    let name = format!("{} – {}", app.l10n.get(told.opened.lang, "accounts-agenda-name"), told.town.name);
    Ok(told.answer(&name, &headers))
}

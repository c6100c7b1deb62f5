//! The pages that the law asks of every town, filled from its settings; and the town's colours.

use askama::Template;
use axum::{Router, extract::State, routing::get};
use beffroi_people::Town;
use beffroi_store::By;

use crate::{App, CommuneOf, Page, Result, WebError, page::render_public, theme};

/// When the accessibility statement was last reviewed: change it with the text of the statement.
const REVIEWED: [&str; 2] = ["24 novembre 2026", "24 November 2026"];

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/theme.css", get(theme::serve))
        .route("/accessibilite", get(accessibility))
        .route("/mentions-legales", get(legal_notice))
        .route("/donnees-personnelles", get(personal_data))
        .route("/contact", get(contact))
}

/// The statement of décret 2019-768, art. 4, in the form of the arrêté of 20 September 2019.
#[derive(Template)]
#[template(path = "pages/accessibility.html")]
struct Accessibility {
    page: Page,
    town: Town,
    reviewed: &'static str,
}

/// Who publishes, who hosts (LCEN art. 1-1).
#[derive(Template)]
#[template(path = "pages/legal_notice.html")]
struct LegalNotice {
    page: Page,
    town: Town,
    app: App,
}

/// What becomes of personal data (GDPR art. 13 and 14).
#[derive(Template)]
#[template(path = "pages/personal_data.html")]
struct PersonalData {
    page: Page,
    town: Town,
}

/// How to reach the town hall.
#[derive(Template)]
#[template(path = "pages/contact.html")]
struct Contact {
    page: Page,
    town: Town,
}

async fn accessibility(page: Page, commune: CommuneOf) -> Result {
    let reviewed = if page.lang() == "fr" { REVIEWED[0] } else { REVIEWED[1] };
    render_public(&Accessibility { town: town(&commune).await?, page, reviewed }, &[])
}

async fn legal_notice(State(app): State<App>, page: Page, commune: CommuneOf) -> Result {
    render_public(&LegalNotice { town: town(&commune).await?, page, app }, &[])
}

async fn personal_data(page: Page, commune: CommuneOf) -> Result {
    render_public(&PersonalData { town: town(&commune).await?, page }, &[])
}

async fn contact(page: Page, commune: CommuneOf) -> Result {
    render_public(&Contact { town: town(&commune).await?, page }, &[])
}

async fn town(commune: &CommuneOf) -> Result<Town> {
    commune.read(By::VISITOR, Town::load).await.map_err(WebError::from)
}

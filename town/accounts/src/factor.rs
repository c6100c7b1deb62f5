//! Setting the second factor: the secret for the authenticator, as text and as an image to scan, the
//! code that shows that it works, and the recovery codes.

use askama::Template;
use axum::{
    Router,
    extract::Query,
    routing::{get, post},
};
use beffroi_people::{
    AccountKind, SignedIn,
    second_factor::{self, Begun, Code, SecondFactorError},
    session::SecondFactor,
};
use beffroi_web::{App, Page, Result, Visitor, WebError, render};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use qrcode::{EcLevel, QrCode, render::svg};

use crate::{
    attempt::{Attempt, Form, forms},
    back::{Asked, local},
    fill::Filled,
    own::member,
};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/compte/second-facteur", get(show).post(begin))
        .route("/compte/second-facteur/confirmation", post(confirm))
}

#[derive(Template)]
#[template(path = "factor.html")]
struct FactorPage {
    page: Page,
    filled: Filled,
    /// Whether there is one, whose code is asked for before another takes its place.
    set: bool,
    /// An agent, who should not do without.
    expected: bool,
    back: String,
}

#[derive(Template)]
#[template(path = "enrol.html")]
struct EnrolPage {
    page: Page,
    filled: Filled,
    secret: String,
    address: String,
    image: String,
    back: String,
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    page: Page,
    codes: Vec<String>,
    next: String,
}

forms!(FactorPage, EnrolPage);

async fn show(page: Page, visitor: Visitor, Query(asked): Query<Asked>) -> Result {
    let (who, _) = member(&visitor)?;
    render(&FactorPage::new(page, who, &asked.retour))
}

async fn begin(Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let (who, _) = member(&visitor)?;
    let shown = FactorPage::new(page, who, form.text("retour"));
    let (who, issuer, code) = (who.clone(), commune.name().to_owned(), form.text("code").to_owned());
    let begun = commune.write(visitor.by, move |tx| second_factor::begin(tx, &who, &code, &issuer)).await;
    match begun.map_err(refused)? {
        Begun::Drawn(drawn) => {
            let enrol = EnrolPage::new(shown.page, &drawn.address, &shown.back);
            render(&enrol.ok_or_else(WebError::unavailable)?)
        }
        Begun::Wrong => shown.wrong("code", "accounts-code-wrong"),
        Begun::Wait(until) => shown.wait("code", commune.now(), until),
    }
}

async fn confirm(Attempt { page, visitor, commune, form }: Attempt) -> Result {
    let (who, _) = member(&visitor)?;
    let (who, home) = (who.clone(), page.home_of(who));
    // The address comes back with the form: shown again after a mistake, it must not have changed.
    let shown = EnrolPage::new(page, form.text("address"), form.text("retour"));
    let shown = shown.ok_or_else(WebError::bad_request)?;
    let code = form.text("code").to_owned();
    let confirmed = commune.write(visitor.by, move |tx| second_factor::confirm(tx, &who, &code)).await;
    match confirmed.map_err(refused)? {
        (Code::Right, codes) => {
            let next = local(&shown.back).unwrap_or(home).to_owned();
            render(&RecoveryPage {
                page: shown.page,
                codes: codes.iter().map(|it| spaced(it)).collect(),
                next,
            })
        }
        (Code::Wrong, _) => shown.wrong("code", "accounts-code-wrong"),
        (Code::Wait(until), _) => shown.wait("code", commune.now(), until),
    }
}

impl FactorPage {
    fn new(page: Page, who: &SignedIn, back: &str) -> Self {
        let set = who.second_factor == SecondFactor::Done;
        let back = local(back).unwrap_or_default().to_owned();
        Self { page, filled: Filled::default(), set, expected: who.kind == AccountKind::Agent && !set, back }
    }
}

impl EnrolPage {
    /// `None`: this is no address of an authenticator.
    fn new(page: Page, address: &str, back: &str) -> Option<Self> {
        let (_, query) = address.strip_prefix("otpauth://totp/")?.split_once('?')?;
        let secret = query.split('&').find_map(|pair| pair.strip_prefix("secret="))?;
        Some(Self {
            page,
            filled: Filled::default(),
            secret: spaced(secret),
            image: image(address)?,
            address: address.to_owned(),
            back: back.to_owned(),
        })
    }
}

/// The address as an image to scan. It travels inside the page: an address of its own would have to
/// name the secret, and addresses are written in logs.
fn image(address: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    Some(format!("data:image/svg+xml,{}", utf8_percent_encode(&drawn, NON_ALPHANUMERIC)))
}

/// In groups of four, as one reads and copies.
fn spaced(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

fn refused(error: SecondFactorError) -> WebError {
    match error {
        SecondFactorError::NotNow => WebError::conflict(),
        SecondFactorError::Store(error) => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_is_an_image_and_the_secret_legible() {
        assert_eq!(spaced("ABCDEFGHIJ"), "ABCD EFGH IJ");
        let drawn = image("otpauth://totp/Lunel:a%40example.org?secret=ABCDEFGH&issuer=Lunel").unwrap();
        assert!(drawn.starts_with("data:image/svg+xml,%3C%3Fxml"), "{drawn:.60}");
    }
}

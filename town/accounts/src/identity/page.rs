//! The page that tells what came of a journey, and what else can be done: nobody is left before a wall.

use askama::Template;
use axum::http::StatusCode;
use beffroi_people::identity::{NotEntered, ProviderKind};
use beffroi_web::{Page, Result, page::render_as};

use super::DOOR;
use crate::back::{local, with_back};

/// What came of a journey.
#[derive(Template)]
#[template(path = "elsewhere.html")]
pub(super) struct Elsewhere {
    page: Page,
    title: String,
    text: String,
    /// Whether something was begun that is kept.
    kept: String,
    links: Vec<(String, String)>,
}

impl Elsewhere {
    fn new(page: Page, kind: ProviderKind, what: &str, back: &str) -> Self {
        let worded =
            |end: &str| page.tr(&format!("accounts-idp-told-{what}-{end}"), &[("name", kind.name().into())]);
        let (title, text) = (worded("title"), worded("text"));
        let back = local(back);
        let kept =
            back.filter(|it| it.starts_with("/demarches/")).map(|_| page.t("accounts-idp-kept").to_owned());
        let mut links = vec![(
            with_back(&format!("{DOOR}/{}", kind.as_str()), back.unwrap_or_default()),
            page.t("accounts-idp-again").to_owned(),
        )];
        links.push((with_back(DOOR, back.unwrap_or_default()), page.t("accounts-idp-otherwise").to_owned()));
        if let Some(back) = back {
            links.push((back.to_owned(), page.t("accounts-idp-back").to_owned()));
        }
        Self { title, text, kept: kept.unwrap_or_default(), links, page }
    }

    /// The provider does not answer, or answers nonsense.
    pub(super) fn down(page: Page, kind: ProviderKind, back: &str) -> Result {
        render_as(StatusCode::SERVICE_UNAVAILABLE, &Self::new(page, kind, "down", back))
    }

    /// What came back cannot be believed, or has served.
    pub(super) fn lost(page: Page, kind: ProviderKind, back: &str) -> Result {
        render_as(StatusCode::BAD_REQUEST, &Self::new(page, kind, "lost", back))
    }

    /// The person turned back.
    pub(super) fn cancelled(page: Page, kind: ProviderKind, back: &str) -> Result {
        render_as(StatusCode::OK, &Self::new(page, kind, "cancelled", back))
    }

    /// The provider vouches, and the town does not let the person in.
    pub(super) fn refused(page: Page, kind: ProviderKind, why: NotEntered, back: &str) -> Result {
        let what = match why {
            NotEntered::Locked => "locked",
            NotEntered::UnknownAgent => "unknown-agent",
            NotEntered::OtherBody => "other-body",
            NotEntered::OtherIdp => "other-idp",
            NotEntered::OtherAccount => "other-account",
            NotEntered::TooLow => "too-low",
        };
        render_as(StatusCode::FORBIDDEN, &Self::new(page, kind, what, back))
    }
}

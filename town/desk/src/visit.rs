//! What a handler is given: the house, the desk, the commune, who asks, and the frame of the page.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts as RequestParts},
    response::Response,
};
use beffroi_cases::CaseError;
use beffroi_web::{App, CommuneOf, Page, Visitor, WebError};

use crate::{Parts, submission::SubmitError};

/// One request on its way through the desk.
pub(crate) struct Visit {
    pub(crate) app: App,
    pub(crate) desk: Arc<Parts>,
    pub(crate) commune: CommuneOf,
    pub(crate) visitor: Visitor,
    pub(crate) page: Page,
    pub(crate) headers: HeaderMap,
}

impl FromRequestParts<App> for Visit {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut RequestParts, app: &App) -> Result<Self, WebError> {
        let desk = parts.extensions.get::<Arc<Parts>>().ok_or_else(|| WebError::internal("no desk"))?;
        Ok(Self {
            desk: Arc::clone(desk),
            app: App::clone(app),
            commune: CommuneOf::from_request_parts(parts, app).await?,
            visitor: Visitor::from_request_parts(parts, app).await?,
            page: Page::from_request_parts(parts, app).await?,
            headers: parts.headers.clone(),
        })
    }
}

/// The page of an address that is its own key: it is told to no other site, found by no search, and kept in no cache.
pub(crate) fn private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// What a refusal about a case is to whoever asked.
pub(crate) fn case_error(error: CaseError) -> WebError {
    match error {
        CaseError::NotFound => WebError::not_found(),
        CaseError::Forbidden => WebError::forbidden(),
        CaseError::WrongState(_) | CaseError::Granted(_) | CaseError::Overtaken | CaseError::Sealed => {
            WebError::conflict().log(error)
        }
        CaseError::Taken => WebError::conflict().say(
            "Ce qui était réservé pour cette demande a été rendu libre, et quelqu’un d’autre l’a pris depuis\u{a0}: elle ne peut pas être accordée telle quelle.",
        ),
        CaseError::Text(_) | CaseError::Day | CaseError::Barred(_) => WebError::unprocessable(Vec::new()).log(error),
        CaseError::Store(error) => error.into(),
        CaseError::Clock(_) => WebError::internal(error),
    }
}

impl From<SubmitError> for WebError {
    fn from(error: SubmitError) -> Self {
        match error {
            SubmitError::Case(error) => case_error(error),
            SubmitError::Store(error) => error.into(),
            SubmitError::Faults(_) => Self::unprocessable(Vec::new()),
            SubmitError::Taken | SubmitError::Unfit => Self::conflict(),
            SubmitError::Mandate => Self::forbidden(),
        }
    }
}

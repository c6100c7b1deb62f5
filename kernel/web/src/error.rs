//! What goes wrong between a request and its answer. What the public may read and what the log keeps
//! are two texts, and the second never reaches the first.

use std::time::Duration;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use beffroi_people::Refused;
use beffroi_store::StoreError;
use serde::Serialize;

/// One thing wrong in what a program sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where: a JSON pointer into the body (`#/answers/birth_date`).
    pub pointer: String,
    /// What, for programs.
    pub code: String,
    /// What, for people.
    pub detail: String,
}

/// A failure, on its way to the edge, where it becomes a page or a problem document in the reader's language.
#[derive(Clone, Debug)]
pub struct WebError {
    pub(crate) status: StatusCode,
    /// Said instead of the usual text for the status, already in the reader's language.
    pub(crate) public: Option<String>,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) log: Option<String>,
}

impl WebError {
    /// A failure of this status, with the usual public text.
    pub const fn status(status: StatusCode) -> Self {
        Self { status, public: None, fields: Vec::new(), retry_after: None, log: None }
    }

    /// What does not exist, or may not be known to exist.
    pub const fn not_found() -> Self {
        Self::status(StatusCode::NOT_FOUND)
    }

    /// What may be known and not be done.
    pub const fn forbidden() -> Self {
        Self::status(StatusCode::FORBIDDEN)
    }

    /// Nobody is signed in: a browser is sent to the sign-in page, a program is told 401.
    pub const fn sign_in_required() -> Self {
        Self::status(StatusCode::UNAUTHORIZED)
    }

    /// A request that makes no sense.
    pub const fn bad_request() -> Self {
        Self::status(StatusCode::BAD_REQUEST)
    }

    /// A body, or a part of it, that is larger than allowed.
    pub const fn too_large() -> Self {
        Self::status(StatusCode::PAYLOAD_TOO_LARGE)
    }

    /// What was overtaken by somebody else's change, or a key used again for something else.
    pub const fn conflict() -> Self {
        Self::status(StatusCode::CONFLICT)
    }

    /// Something that will work again later.
    pub const fn unavailable() -> Self {
        Self::status(StatusCode::SERVICE_UNAVAILABLE)
    }

    /// More was asked at once than the machine can do; when to come back.
    pub const fn busy(wait: Duration) -> Self {
        let mut error = Self::unavailable();
        error.retry_after = Some(wait);
        error
    }

    /// Asked too often; how long to wait.
    pub const fn too_many(wait: Duration) -> Self {
        let mut error = Self::status(StatusCode::TOO_MANY_REQUESTS);
        error.retry_after = Some(wait);
        error
    }

    /// What was sent is understood and wrong; each fault is named.
    pub fn unprocessable(fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::status(StatusCode::UNPROCESSABLE_ENTITY) }
    }

    /// What is wrong in what a program sent.
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    /// Our own fault. The text is for the log alone.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::status(StatusCode::INTERNAL_SERVER_ERROR).log(error)
    }

    /// Says this to the public, in the reader's language, instead of the usual text.
    #[must_use]
    pub fn say(mut self, public: impl Into<String>) -> Self {
        self.public = Some(public.into());
        self
    }

    /// Says this to the log.
    #[must_use]
    pub fn log(mut self, text: impl std::fmt::Display) -> Self {
        self.log = Some(text.to_string());
        self
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoConnection(_) => Self::unavailable().log(error),
            StoreError::NoSuchCommune(_) => Self::not_found(),
            StoreError::Nul => Self::bad_request().log(error),
            _ => Self::internal(error),
        }
    }
}

impl From<Refused> for WebError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Store(error) => error.into(),
            Refused::SecondFactorMissing => Self::sign_in_required(),
            Refused::NotPermitted(_) => Self::forbidden().log(refused),
        }
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::internal(format!("a page could not be written: {error}"))
    }
}

/// The edge finds the error in the answer's extensions and writes the page: only there are the reader's
/// language, the commune and the request's number known.
impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_log_keeps_is_not_what_the_public_reads() {
        let error = WebError::from(StoreError::Corrupt("table citizen, row 7".to_owned()));
        assert_eq!(error.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(error.public, None);
        assert!(error.log.unwrap().contains("row 7"));
    }

    #[test]
    fn a_missing_second_factor_asks_for_it() {
        let error = WebError::from(Refused::SecondFactorMissing);
        assert_eq!(error.status, StatusCode::UNAUTHORIZED);
    }
}

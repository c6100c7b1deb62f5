//! A try at what protects an account: counted before anything is read, and answered on the same page with what is to
//! be mended.

use askama::Template;
use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderValue, StatusCode, header},
};
use beffroi_core::Instant;
use beffroi_web::{App, CommuneOf, FormPost, Page, Purpose, Result, Visitor, WebError, page::render_as};

use crate::{fill::Filled, words};

/// Somebody's try, within the limit for signing in.
pub struct Attempt {
    /// The frame of the answer.
    pub page: Page,
    /// Who tries.
    pub visitor: Visitor,
    /// Where.
    pub commune: CommuneOf,
    /// What was sent.
    pub form: FormPost,
}

impl FromRequest<App> for Attempt {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &App) -> Result<Self, WebError> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, app).await?;
        let visitor = Visitor::from_request_parts(&mut parts, app).await?;
        let commune = CommuneOf::from_request_parts(&mut parts, app).await?;
        visitor.limit(app, Purpose::SIGN_IN)?;
        let form = FormPost::from_request(Request::from_parts(parts, body), app).await?;
        Ok(Self { page, visitor, commune, form })
    }
}

/// A page that is one form, and comes back with what is wrong.
pub trait Form: Template + Sized {
    /// The frame, and what the form holds.
    fn parts(&mut self) -> (&Page, &mut Filled);

    /// The form as it stands, with its faults.
    fn mend(self) -> Result {
        render_as(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }

    /// The form with one fault more, in the words of this key.
    fn wrong(mut self, field: &'static str, key: &str) -> Result {
        let (page, filled) = self.parts();
        filled.wrong(field, page.t(key));
        self.mend()
    }

    /// A form that came too often: when to come back.
    fn wait(mut self, field: &'static str, now: Instant, until: Instant) -> Result {
        let (page, filled) = self.parts();
        filled.wrong(field, words::wait(page, now, until));
        let mut response = render_as(StatusCode::TOO_MANY_REQUESTS, &self)?;
        let seconds = (until - now).num_seconds().max(1);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        Ok(response)
    }
}

/// Which fields of a page are its frame and its form.
macro_rules! forms {
    ($($page:ty),+ $(,)?) => {$(
        impl $crate::attempt::Form for $page {
            fn parts(&mut self) -> (&Page, &mut Filled) {
                (&self.page, &mut self.filled)
            }
        }
    )+};
}
pub(crate) use forms;

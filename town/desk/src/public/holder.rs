//! Who holds a request: whoever shows its code, which a cookie keeps under `/suivi`, and whoever is signed in to the
//! account that it was sent with, under `/compte/demarches`. Both see the same page and do the same things.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts as RequestParts,
    response::{IntoResponse, Redirect, Response},
};
use beffroi_cases::{
    CaseError,
    case::{self, Case},
    tracking::{self, Key, TrackingCode},
};
use beffroi_core::Id;
use beffroi_people::Account;
use beffroi_store::{StoreError, Tx};
use beffroi_web::{App, Result, Visitor, WebError};

use super::{TRACKING_COOKIE, TRACKING_PATH, code_in};
use crate::{mandates, submission};

/// Where an account's requests are.
pub(super) const OWN_PATH: &str = "/compte/demarches";

/// The holder of a request.
#[derive(Clone, Debug)]
pub(crate) enum Holder {
    /// Whoever shows the code.
    Code(TrackingCode),
    /// Whoever is signed in to the account that it was sent with.
    Owner {
        /// The account.
        account: Id<Account>,
        /// The request that is asked for.
        case: Id<Case>,
    },
}

impl Holder {
    /// The address of the request's page.
    pub(crate) fn base(&self) -> String {
        match self {
            Self::Code(_) => TRACKING_PATH.to_owned(),
            Self::Owner { case, .. } => format!("{OWN_PATH}/{case}"),
        }
    }

    /// The code, if it was shown: an account opens its requests without knowing theirs.
    pub(super) const fn code(&self) -> Option<&TrackingCode> {
        match self {
            Self::Code(code) => Some(code),
            Self::Owner { .. } => None,
        }
    }

    /// Back to the page, which says what was done.
    pub(super) fn done(&self, word: &str) -> Response {
        Redirect::to(&format!("{}?fait={word}", self.base())).into_response()
    }
}

impl Holder {
    /// Writes down what a helper does by a mandate; nothing for whoever acts for themselves.
    pub(super) fn note_use(&self, tx: &mut Tx<'_>, what: &'static str) -> beffroi_store::Result<()> {
        let Self::Owner { account, .. } = self else { return Ok(()) };
        match self.case(tx)? {
            Some(case) => mandates::note_use(tx, *account, &case, what),
            None => Ok(()),
        }
    }

    /// Whether the account is not the one that the request belongs to: then it helps.
    pub(super) fn helps(&self, tx: &mut Tx<'_>) -> beffroi_store::Result<bool> {
        match self {
            Self::Code(_) => Ok(false),
            Self::Owner { account, case } => {
                Ok(submission::reach(tx, *case)?.is_some_and(|reach| reach.account != Some(*account)))
            }
        }
    }
}

impl Key for Holder {
    fn case(&self, tx: &mut Tx<'_>) -> beffroi_store::Result<Option<Case>> {
        match self {
            Self::Code(code) => code.case(tx),
            Self::Owner { account, case } => {
                let Some(reach) = submission::reach(tx, *case)? else { return Ok(None) };
                let found = case::find(tx, *case).map_err(|error| match error {
                    CaseError::Store(error) => error,
                    other => StoreError::Corrupt(other.to_string()),
                })?;
                if reach.account == Some(*account) {
                    return Ok(found);
                }
                // Whoever sent it for somebody else follows it while the mandate runs.
                match found {
                    Some(found) if mandates::may_follow(tx, *account, &found)? => Ok(Some(found)),
                    _ => Ok(None),
                }
            }
        }
    }
}

/// The case that its holder opens; who holds none is not told whether there is one.
pub(crate) fn opened(tx: &mut Tx<'_>, holder: &Holder) -> Result<Case> {
    tracking::open(tx, holder)?.ok_or_else(WebError::not_found)
}

/// From the address of a request of one's own, or from the cookie. Who has neither is asked for the code.
impl FromRequestParts<App> for Holder {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut RequestParts, app: &App) -> Result<Self, Response> {
        let path =
            RawPathParams::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        if let Some((_, case)) = path.iter().find(|(name, _)| *name == "case") {
            let case = case.parse().map_err(|_| WebError::not_found().into_response())?;
            let visitor =
                Visitor::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
            let account = visitor.owner().map_err(IntoResponse::into_response)?.account;
            return Ok(Self::Owner { account, case });
        }
        code_in(&parts.headers, TRACKING_COOKIE)
            .map(Self::Code)
            .ok_or_else(|| Redirect::to(TRACKING_PATH).into_response())
    }
}

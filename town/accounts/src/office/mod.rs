//! The settings: what managers and administrators look after. Whoever lacks the permission is told that
//! there is no such page.

mod agents;
mod departments;
pub mod health;
mod sign_in;
pub mod state_services;
mod tokens;
mod town;

use std::marker::PhantomData;

use askama::Template;
use axum::{
    Router,
    extract::FromRequestParts,
    http::{Method, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use beffroi_people::{
    Permission, Refused, SignedIn,
    account::AccountError,
    department::DepartmentError,
    identity::ProviderError,
    permission::{Action, GrantError, ManageAccounts, ManageDepartments, ManageTokens, ManageTown},
    session::SecondFactor,
    token::TokenError,
    town::TownError,
};
use beffroi_store::StoreError;
use beffroi_web::{App, Page, Result, Visitor, WebError, render};

use crate::{back::with_back, own::member};

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin", get(index))
        .merge(town::routes())
        .merge(departments::routes())
        .merge(agents::routes())
        .merge(tokens::routes())
        .merge(sign_in::routes())
        .merge(health::routes())
        .merge(state_services::routes())
}

/// Somebody who holds the permission `A` for the whole town, signed in with a second factor.
pub struct Office<A> {
    /// Who.
    pub who: SignedIn,
    of: PhantomData<fn() -> A>,
}

impl<A: Action> FromRequestParts<App> for Office<A> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, app).await.map_err(IntoResponse::into_response)?;
        let (who, _) = member(&visitor).map_err(IntoResponse::into_response)?;
        if !holds(who, A::PERMISSION) {
            return Err(WebError::not_found().into_response());
        }
        if who.second_factor != SecondFactor::Done {
            let back = if parts.method == Method::GET { parts.uri.path() } else { "/admin" };
            return Err(Redirect::to(&with_back("/compte/second-facteur", back)).into_response());
        }
        Ok(Self { who: who.clone(), of: PhantomData })
    }
}

/// Whether somebody holds a permission for the whole town. Commands ask again, in their transaction.
fn holds(who: &SignedIn, permission: Permission) -> bool {
    who.grants.iter().any(|grant| grant.department.is_none() && permission.is_held_by(grant.role))
}

/// Why a command was not carried out: a rule of its own, which the form explains, or anything else.
pub enum Failed<E> {
    /// The rule.
    Rule(E),
    /// What is told on a page of its own.
    Web(WebError),
}

impl<E> From<StoreError> for Failed<E> {
    fn from(error: StoreError) -> Self {
        Self::Web(error.into())
    }
}

impl<E> From<Refused> for Failed<E> {
    fn from(refused: Refused) -> Self {
        Self::Web(match refused {
            Refused::NotPermitted(_) => WebError::not_found().log(refused),
            other => other.into(),
        })
    }
}

macro_rules! rules {
    ($($error:ident),+) => {$(
        impl From<$error> for Failed<$error> {
            fn from(error: $error) -> Self {
                match error {
                    $error::Store(error) => error.into(),
                    rule => Self::Rule(rule),
                }
            }
        }
    )+};
}
rules!(AccountError, DepartmentError, GrantError, ProviderError, TokenError, TownError);

/// Separates what the form explains from everything else.
pub fn settle<T, E>(done: Result<T, Failed<E>>) -> Result<Result<T, E>> {
    match done {
        Ok(done) => Ok(Ok(done)),
        Err(Failed::Rule(rule)) => Ok(Err(rule)),
        Err(Failed::Web(error)) => Err(error),
    }
}

/// A command that no rule of its own can refuse.
pub enum Never {}

#[derive(Template)]
#[template(path = "office.html")]
struct IndexPage {
    page: Page,
    town: bool,
    agents: bool,
    tokens: String,
}

// Whoever holds any of the permissions of these pages holds this one.
async fn index(office: Office<ManageDepartments>, page: Page) -> Result {
    let tokens = if holds(&office.who, ManageTokens::PERMISSION) {
        tokens::address(&office.who.account.to_string())
    } else {
        String::new()
    };
    let town = holds(&office.who, ManageTown::PERMISSION);
    render(&IndexPage { page, town, agents: holds(&office.who, ManageAccounts::PERMISSION), tokens })
}

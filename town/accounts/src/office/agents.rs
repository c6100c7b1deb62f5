//! The accounts of agents and administrators: who there is, an invitation, a state, roles.

use askama::Template;
use axum::{
    Router,
    extract::{Path, Query},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use beffroi_core::Id;
use beffroi_people::{
    Account, AccountKind, AccountState, Department, Grant, Role,
    account::{self, AccountError, NewAccount},
    department,
    permission::{self, GrantError, ManageAccounts, permit},
    second_factor,
};
use beffroi_store::{StoreError, Tx};
use beffroi_web::{App, CommuneOf, FormPost, Page, Result, Visitor, WebError, page::render_as, render};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::{Failed, Never, Office, settle, tokens};
use crate::{
    back::Asked,
    fill::{Choice, Filled},
    registration::check_person,
};

/// Accounts on a page.
const ROWS: u32 = 50;

pub fn routes() -> Router<App> {
    Router::new()
        .route("/admin/comptes", get(list))
        .route("/admin/comptes/nouveau", get(show_new).post(invite))
        .route("/admin/comptes/{id}", get(show))
        .route("/admin/comptes/{id}/etat", post(set_state))
        .route("/admin/comptes/{id}/roles", post(add_role))
        .route("/admin/comptes/{id}/roles/retrait", post(withdraw_role))
        .route("/admin/comptes/{id}/second-facteur/retrait", post(remove_factor))
}

#[derive(Template)]
#[template(path = "agents.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
    heads: Vec<String>,
    /// The name that is looked for.
    name: String,
    next: String,
}

/// Which accounts are asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    q: String,
    /// The last account of the page before.
    apres: String,
}

struct Row {
    href: String,
    name: String,
    email: String,
    roles: String,
    state: String,
    factor: String,
}

#[derive(Template)]
#[template(path = "new_agent.html")]
struct NewPage {
    page: Page,
    filled: Filled,
}

#[derive(Template)]
#[template(path = "agent.html")]
struct AgentPage {
    page: Page,
    account: Account,
    state: String,
    factor: String,
    grants: Vec<GrantRow>,
    filled: Filled,
    roles: Vec<Choice>,
    departments: Vec<Choice>,
    /// Whether it is the reader's own.
    own: bool,
    invited: bool,
    tokens: String,
    done: String,
}

struct GrantRow {
    label: String,
    role: &'static str,
    department: String,
    /// Whether it may be withdrawn here.
    may_go: bool,
}

fn role_name(page: &Page, role: Role) -> String {
    page.t(&format!("accounts-role-{}", role.as_str())).to_owned()
}

fn state_name(page: &Page, account: &Account) -> String {
    let word = match account.state {
        AccountState::Active if account.password_strength.is_none() => "invited",
        state => state.as_str(),
    };
    page.t(&format!("accounts-state-{word}")).to_owned()
}

fn factor_name(page: &Page, account: &Account) -> String {
    page.t(if account.has_second_factor { "accounts-factor-set" } else { "accounts-factor-unset" }).to_owned()
}

/// `Agent – Urbanisme`.
fn grant_name(page: &Page, departments: &[Department], grant: Grant) -> String {
    let role = role_name(page, grant.role);
    match grant.department {
        None => format!("{role} – {}", page.t("accounts-whole-town")),
        Some(id) => {
            let name = departments.iter().find(|it| it.id == id).map_or("", |it| it.details.name.as_str());
            format!("{role} – {name}")
        }
    }
}

async fn list(
    _: Office<ManageAccounts>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Query(Listed { q: name, apres }): Query<Listed>,
) -> Result {
    let (wanted, after) = (name.clone(), apres.parse().ok());
    let read = commune.read(visitor.by, move |tx| -> Result<_, StoreError> {
        Ok((account::agent_page(tx, &wanted, after, ROWS)?, department::list(tx)?))
    });
    let (found, departments) = read.await?;
    let row = |(account, grants): (Account, Vec<Grant>)| Row {
        href: format!("/admin/comptes/{}", account.id),
        roles: grants
            .into_iter()
            .map(|grant| grant_name(&page, &departments, grant))
            .collect::<Vec<_>>()
            .join(", "),
        state: state_name(&page, &account),
        factor: factor_name(&page, &account),
        name: account.display_name,
        email: account.email,
    };
    let next = found.next.map_or(String::new(), |last| {
        format!("/admin/comptes?q={}&apres={last}", utf8_percent_encode(&name, NON_ALPHANUMERIC))
    });
    let rows = found.agents.into_iter().map(row).collect();
    let heads = ["name", "email", "roles", "state", "factor"]
        .map(|head| page.t(&format!("accounts-agent-{head}")).to_owned())
        .into();
    render(&ListPage { page, rows, heads, name, next })
}

async fn show_new(_: Office<ManageAccounts>, page: Page) -> Result {
    render(&NewPage { page, filled: Filled::default() })
}

async fn invite(
    office: Office<ManageAccounts>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    form: FormPost,
) -> Result {
    let mut filled = Filled::of(&form);
    check_person(&page, &mut filled);
    if filled.is_right() {
        let new = NewAccount {
            email: form.text("email").to_owned(),
            display_name: form.text("name").to_owned(),
            kind: AccountKind::Agent,
            password: None,
        };
        let made = commune.write(visitor.by, move |tx| -> Result<_, Failed<AccountError>> {
            let permit = permit::<ManageAccounts>(tx, &office.who, None)?;
            Ok(account::create(tx, &permit, &new)?)
        });
        match settle(made.await)? {
            Ok(id) => return Ok(to_account(id, "invite")),
            Err(AccountError::EmailTaken) => filled.wrong("email", page.t("accounts-email-taken")),
            Err(AccountError::BadEmail) => filled.wrong("email", page.t("accounts-email-wrong")),
            Err(error) => return Err(WebError::internal(error)),
        }
    }
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { page, filled })
}

fn to_account(id: Id<Account>, done: &str) -> Response {
    Redirect::to(&format!("/admin/comptes/{id}?fait={done}")).into_response()
}

pub(super) fn named(id: &str) -> Result<Id<Account>> {
    id.parse().map_err(|_| WebError::not_found())
}

async fn show(
    office: Office<ManageAccounts>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result {
    let key = match asked.fait.as_str() {
        "invite" => "accounts-done-invite",
        "etat" => "accounts-done-state",
        "roles" => "accounts-done-roles",
        "facteur" => "accounts-done-factor",
        _ => "",
    };
    let done = page.t(key).to_owned();
    let shown = agent_page(&office, page, &visitor, &commune, named(&id)?, Filled::default()).await?;
    render(&AgentPage { done, ..shown })
}

async fn agent_page(
    office: &Office<ManageAccounts>,
    page: Page,
    visitor: &Visitor,
    commune: &CommuneOf,
    id: Id<Account>,
    filled: Filled,
) -> Result<AgentPage> {
    let read = commune.read(visitor.by, move |tx| -> Result<_, StoreError> {
        Ok((account::find(tx, id)?, permission::grants_of(tx, id)?, department::list(tx)?))
    });
    let (found, grants, all) = read.await?;
    let account = found.filter(|it| it.kind == AccountKind::Agent).ok_or_else(WebError::not_found)?;
    let own = account.id == office.who.account;
    let row = |grant: Grant| GrantRow {
        label: grant_name(&page, &all, grant),
        role: grant.role.as_str(),
        department: grant.department.map_or(String::new(), |it| it.to_string()),
        may_go: !(own && grant.role == Role::Administrator),
    };
    let grants = grants.into_iter().map(row).collect();
    let roles = Role::ALL
        .iter()
        .map(|role| Choice::new(&filled, "role", role.as_str(), role_name(&page, *role)))
        .collect();
    let departments = std::iter::once(Choice::new(&filled, "department", "", page.t("accounts-whole-town")))
        .chain(
            all.iter()
                .map(|it| Choice::new(&filled, "department", it.id.to_string(), it.details.name.as_str())),
        )
        .collect();
    Ok(AgentPage {
        state: state_name(&page, &account),
        factor: factor_name(&page, &account),
        grants,
        filled,
        roles,
        departments,
        own,
        invited: account.password_strength.is_none(),
        tokens: tokens::address(&account.id.to_string()),
        done: String::new(),
        account,
        page,
    })
}

async fn set_state(
    office: Office<ManageAccounts>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let id = named(&id)?;
    let state = AccountState::from_word(form.text("state")).ok_or_else(WebError::bad_request)?;
    // Nobody locks the door behind themselves by mistake: another administrator can.
    if id == office.who.account {
        return Err(WebError::conflict());
    }
    let done = commune.write(visitor.by, move |tx| -> Result<(), Failed<Never>> {
        let permit = permit::<ManageAccounts>(tx, &office.who, None)?;
        is_agent(tx, id)?;
        Ok(account::set_state(tx, &permit, id, state)?)
    });
    let Ok(()) = settle(done.await)?;
    Ok(to_account(id, "etat"))
}

/// These pages are about agents: a citizen's account is not reached by its id.
fn is_agent<E>(tx: &mut Tx<'_>, id: Id<Account>) -> Result<(), Failed<E>> {
    match account::find(tx, id)? {
        Some(account) if account.kind == AccountKind::Agent => Ok(()),
        _ => Err(Failed::Web(WebError::not_found())),
    }
}

fn grant_of(form: &FormPost) -> Result<Grant> {
    let role = Role::from_word(form.text("role")).ok_or_else(WebError::bad_request)?;
    let department = match form.text("department") {
        "" => None,
        id => Some(id.parse().map_err(|_| WebError::bad_request())?),
    };
    Ok(Grant { role, department })
}

async fn add_role(
    office: Office<ManageAccounts>,
    page: Page,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let (id, grant, who) = (named(&id)?, grant_of(&form)?, office.who.clone());
    let done = commune.write(visitor.by, move |tx| -> Result<(), Failed<GrantError>> {
        let permit = permit::<ManageAccounts>(tx, &who, None)?;
        if let Some(department) = grant.department
            && department::find(tx, department)?.is_none()
        {
            return Err(Failed::Web(WebError::bad_request()));
        }
        Ok(permission::grant(tx, &permit, id, grant)?)
    });
    let message = match settle(done.await)? {
        Ok(()) => return Ok(to_account(id, "roles")),
        Err(GrantError::NotAnAgent) => return Err(WebError::not_found()),
        Err(GrantError::PasswordTooWeak) => "accounts-role-password",
        Err(GrantError::Store(error)) => return Err(error.into()),
    };
    let mut filled = Filled::of(&form);
    filled.wrong("role", page.t(message));
    let shown = agent_page(&office, page, &visitor, &commune, id, filled).await?;
    render_as(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}

async fn withdraw_role(
    office: Office<ManageAccounts>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
    form: FormPost,
) -> Result {
    let (id, grant) = (named(&id)?, grant_of(&form)?);
    if id == office.who.account && grant.role == Role::Administrator {
        return Err(WebError::conflict());
    }
    let done = commune.write(visitor.by, move |tx| -> Result<(), Failed<Never>> {
        let permit = permit::<ManageAccounts>(tx, &office.who, None)?;
        Ok(permission::withdraw(tx, &permit, id, grant)?)
    });
    let Ok(()) = settle(done.await)?;
    Ok(to_account(id, "roles"))
}

async fn remove_factor(
    office: Office<ManageAccounts>,
    visitor: Visitor,
    commune: CommuneOf,
    Path(id): Path<String>,
) -> Result {
    let id = named(&id)?;
    let done = commune.write(visitor.by, move |tx| -> Result<(), Failed<Never>> {
        let permit = permit::<ManageAccounts>(tx, &office.who, None)?;
        is_agent(tx, id)?;
        Ok(second_factor::remove(tx, &permit, id)?)
    });
    let Ok(()) = settle(done.await)?;
    Ok(to_account(id, "facteur"))
}

//! `beffroi token`: API tokens of agents' accounts. A token's secret is shown once, at its creation.

use std::process::ExitCode;

use beffroi_core::Id;
use beffroi_people::{
    Account, account,
    permission::{self, ManageTokens},
    token::{self, ApiToken},
};
use beffroi_store::{By, StoreError, Tx};
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, answer, which::Which};
use crate::{
    config::Config,
    house::{self, Parts},
};

/// What can be done with tokens.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a token, and print it: it is not shown again.
    Create {
        #[command(flatten)]
        of: Owner,
        /// A permission that it may use; several are separated by commas, or given one by one.
        #[arg(long = "scope", required = true, value_delimiter = ',')]
        scopes: Vec<String>,
        /// How many days it serves, 366 at most.
        #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=366))]
        days: u16,
        /// What it is for.
        #[arg(long, default_value = "command line")]
        name: String,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the tokens of an account.
    List {
        #[command(flatten)]
        of: Owner,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token: it no longer serves from now on.
    Revoke {
        /// The token's id, as `list` tells it.
        id: Id<ApiToken>,
        #[command(flatten)]
        of: Owner,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Whose tokens.
#[derive(Args, Debug)]
pub struct Owner {
    #[command(flatten)]
    which: Which,
    /// The agent's account, by its e-mail address.
    #[arg(long, value_name = "E-MAIL")]
    account: String,
}

#[derive(Serialize)]
struct Created {
    id: Id<ApiToken>,
    token: String,
}

#[derive(Serialize)]
struct Revoked {
    id: Id<ApiToken>,
    revoked: bool,
}

/// Does what `beffroi token` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Create { of, scopes, days, name, json } => {
            check(&scopes, config)?;
            let created = with_account(of, config, move |tx, account| {
                let permit = permission::permit_system::<ManageTokens>(tx)?;
                let life = TimeDelta::days(i64::from(days));
                let (id, secret) = token::create(tx, &permit, account, &name, &scopes, life)?;
                Ok(Created { id, token: secret.reveal().to_owned() })
            })?;
            answer(json, &created, || created.token.clone())?;
        }
        Command::List { of, json } => {
            let tokens = with_account(of, config, |tx, account| Ok(token::list(tx, account)?))?;
            answer(json, &tokens, || {
                if tokens.is_empty() {
                    return "This account has no token.".to_owned();
                }
                let line = |it: &ApiToken| {
                    let until = it.expires_at.format("%Y-%m-%d");
                    format!("{}  {}  until {until}  {}", it.id, it.name, it.scopes.join(", "))
                };
                tokens.iter().map(line).collect::<Vec<_>>().join("\n")
            })?;
        }
        Command::Revoke { id, of, json } => {
            let revoked = with_account(of, config, move |tx, account| {
                let had = token::list(tx, account)?.iter().any(|it| it.id == id);
                token::revoke(tx, account, id)?;
                Ok(had)
            })?;
            let done = Revoked { id, revoked };
            answer(json, &done, || {
                let words = if revoked { "Token revoked." } else { "This account has no such token." };
                words.to_owned()
            })?;
            return Ok(ExitCode::from(u8::from(!revoked)));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A scope that names no permission would be a token that does nothing: a slip of the pen.
fn check(scopes: &[String], config: &Config) -> Result<(), Failure> {
    let services = house::services(&Parts::new(config, false)?);
    let known: Vec<_> = services.iter().flat_map(|service| service.permissions()).map(|it| it.name).collect();
    match scopes.iter().find(|scope| !known.contains(&scope.as_str())) {
        Some(scope) => Err(Failure::Given(format!("--scope {scope}: expected one of {}", known.join(", ")))),
        None => Ok(()),
    }
}

fn with_account<T: Send + 'static>(
    of: Owner,
    config: &Config,
    work: impl FnOnce(&mut Tx<'_>, Id<Account>) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let commune = of.which.open(config)?;
    commune.write_blocking(By::SYSTEM, move |tx| {
        let email = account::normalise_email(&of.account).unwrap_or_default();
        let found: Result<_, StoreError> = account::by_email(tx, &email);
        let account = found?
            .ok_or_else(|| Failure::Given(format!("there is no account with the address {}", of.account)))?;
        work(tx, account.id)
    })
}

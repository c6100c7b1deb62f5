//! `beffroi account`: create accounts, and list those of agents.

use std::process::ExitCode;

use beffroi_core::Id;
use beffroi_people::{
    Account, AccountKind, Grant, Role,
    account::{self, AccountError, NewAccount},
    department,
    password::{self, HashedPassword, Strength},
    permission::{self, ManageAccounts},
};
use beffroi_store::{By, Commune, StoreError, Tx};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Failure, answer, which::Which};
use crate::config::Config;

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create an account. Its password is generated and printed once, unless another way is asked for.
    Create(Create),
    /// List the agents' accounts and their roles.
    List {
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A new account.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Create {
    #[command(flatten)]
    which: Which,
    /// The e-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// What to call its owner.
    #[arg(long)]
    name: String,
    /// Whose it is: `citizen` or `agent`.
    #[arg(long, value_parser = kind)]
    kind: AccountKind,
    /// Let the agent manage settings, departments and accounts.
    #[arg(long)]
    administrator: bool,
    /// A role of the agent: `agent`, `head-of-department`, `manager`, `dpo`, `journal-reader`. In the
    /// department if one is given, else in the whole town.
    #[arg(long, value_parser = role)]
    role: Option<Role>,
    /// The department of that role, by its short name; the role is `agent` if it is left out.
    #[arg(long, value_name = "SLUG")]
    department: Option<String>,
    /// Read the password from the first line of the standard input.
    #[arg(long, conflicts_with = "invite")]
    password_stdin: bool,
    /// Set no password: a mail invites the owner to choose one, once the house serves.
    #[arg(long)]
    invite: bool,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

fn kind(word: &str) -> Result<AccountKind, String> {
    AccountKind::from_word(word).ok_or_else(|| "expected citizen or agent".to_owned())
}

fn role(word: &str) -> Result<Role, String> {
    let words: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::from_word(word).ok_or_else(|| format!("expected one of {}", words.join(", ")))
}

#[derive(Serialize)]
struct Created {
    id: Id<Account>,
    email: String,
    /// Shown this once, and only where it was generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<String>,
}

#[derive(Serialize)]
struct Listed {
    email: String,
    name: String,
    state: &'static str,
    second_factor: bool,
    roles: Vec<String>,
}

/// Does what `beffroi account` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Create(new) => create(new, config),
        Command::List { which, json } => list(&which, json, config),
    }
}

fn create(new: Create, config: &Config) -> Result<ExitCode, Failure> {
    let is_agent = new.kind == AccountKind::Agent;
    if !is_agent && (new.administrator || new.role.is_some() || new.department.is_some()) {
        return Err(Failure::Given("only agents have roles and departments: --kind agent".to_owned()));
    }
    let commune = new.which.open(config)?;
    let administers = new.administrator || new.role == Some(Role::Administrator);
    let strength = match (new.kind, administers) {
        (AccountKind::Citizen, _) => Strength::Citizen,
        (AccountKind::Agent, false) => Strength::Agent,
        (AccountKind::Agent, true) => Strength::Administrator,
    };
    let hints = [new.name.as_str(), new.email.as_str(), commune.name()];
    let (password, shown) = if new.invite {
        (None, None)
    } else if new.password_stdin {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .map_err(|error| Failure::File("standard input".to_owned(), error))?;
        let typed = line.trim_end_matches(['\r', '\n']);
        (Some(password::hash_password(typed, strength, &hints)?), None)
    } else {
        let (hashed, plain) = generated(&commune, strength, &hints)?;
        (Some(hashed), Some(plain))
    };
    // What is told is the address as it is kept, which is the one to sign in with.
    let email = account::normalise_email(&new.email).ok_or(AccountError::BadEmail)?;
    let json = new.json;
    let id = commune.write_blocking(By::SYSTEM, move |tx| insert(tx, &new, password))?;
    let created = Created { id, email, password: shown };
    answer(json, &created, || match &created.password {
        Some(password) => {
            format!("Account {} created. Its password, shown this once: {password}", created.email)
        }
        None => format!("Account {} created.", created.email),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The account and its roles, or nothing of them.
fn insert(tx: &mut Tx<'_>, new: &Create, password: Option<HashedPassword>) -> Result<Id<Account>, Failure> {
    let permit = permission::permit_system::<ManageAccounts>(tx)?;
    let department = match &new.department {
        Some(slug) => Some(
            department::by_slug(tx, slug)?
                .ok_or_else(|| Failure::Given(format!("there is no department called {slug}")))?
                .id,
        ),
        None => None,
    };
    let account =
        NewAccount { email: new.email.clone(), display_name: new.name.clone(), kind: new.kind, password };
    let id = account::create(tx, &permit, &account)?;
    let role = new.role.or(department.map(|_| Role::Agent));
    let town_wide = new.administrator.then_some(Grant { role: Role::Administrator, department: None });
    for grant in role.map(|role| Grant { role, department }).into_iter().chain(town_wide) {
        permission::grant(tx, &permit, id, grant)?;
    }
    Ok(id)
}

/// A password of four groups of letters and digits, about a hundred bits, easy to read out: no sign
/// looks like another.
fn generated(
    commune: &Commune,
    strength: Strength,
    hints: &[&str],
) -> Result<(HashedPassword, String), Failure> {
    const SIGNS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    const DRAWS: usize = 20;
    for _ in 0..DRAWS {
        let bytes: [u8; 20] = commune.read_blocking(By::SYSTEM, |tx| Ok::<_, StoreError>(tx.random()))?;
        let mut plain = String::new();
        for (rank, byte) in bytes.iter().enumerate() {
            if rank > 0 && rank % 5 == 0 {
                plain.push('-');
            }
            plain.extend(SIGNS.get(usize::from(byte % 32)).copied().map(char::from));
        }
        // A draw without a digit, or with the town's name in it, is drawn again.
        if password::check(&plain, strength, hints).is_ok() {
            return Ok((password::hash_password(&plain, strength, hints)?, plain));
        }
    }
    Err(Failure::Given("no password could be drawn; give one with --password-stdin".to_owned()))
}

fn list(which: &Which, json: bool, config: &Config) -> Result<ExitCode, Failure> {
    let commune = which.open(config)?;
    let listed = commune.read_blocking(By::SYSTEM, |tx| {
        let mut listed = Vec::new();
        for account in account::agents(tx)? {
            let mut roles = Vec::new();
            for grant in permission::grants_of(tx, account.id)? {
                let within = match grant.department {
                    Some(id) => department::find(tx, id)?.map(|it| format!("@{}", it.details.slug)),
                    None => None,
                };
                roles.push(format!("{}{}", grant.role.as_str(), within.unwrap_or_default()));
            }
            listed.push(Listed {
                email: account.email,
                name: account.display_name,
                state: account.state.as_str(),
                second_factor: account.has_second_factor,
                roles,
            });
        }
        Ok::<_, StoreError>(listed)
    })?;
    answer(json, &listed, || {
        if listed.is_empty() {
            return "There is no agent yet.".to_owned();
        }
        let line = |it: &Listed| {
            let roles = if it.roles.is_empty() { "no role".to_owned() } else { it.roles.join(", ") };
            let factor = if it.second_factor { ", second factor" } else { "" };
            format!("{}  {}  {}{factor}  {roles}", it.email, it.name, it.state)
        };
        listed.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

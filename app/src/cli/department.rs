//! `beffroi department`: create and list departments, without which no procedure can be offered.

use std::process::ExitCode;

use beffroi_core::Sector;
use beffroi_people::{
    department::{self, DepartmentDetails, DepartmentError},
    permission::{self, ManageDepartments},
};
use beffroi_store::{By, StoreError};
use clap::{Args, Subcommand};

use super::{Failure, answer, which::Which};
use crate::config::Config;

/// What can be done with departments.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a department. What it does not tell of itself, letters take from the town's settings.
    Create(Create),
    /// List the departments, by name.
    List {
        #[command(flatten)]
        which: Which,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A new department.
#[derive(Args, Debug)]
pub struct Create {
    /// Its short name, by which procedures call it: lower-case letters, digits and hyphens.
    slug: String,
    /// Its name, for people.
    #[arg(long)]
    name: String,
    /// Its telephone number.
    #[arg(long, default_value = "")]
    phone: String,
    /// Its e-mail address.
    #[arg(long, default_value = "")]
    email: String,
    /// Its postal address, lines separated by commas; postcode and town are added.
    #[arg(long, default_value = "")]
    address: String,
    /// Its opening hours.
    #[arg(long, default_value = "")]
    hours: String,
    /// The sector whose person records it works with.
    #[arg(long, default_value = "general", value_parser = sector)]
    sector: Sector,
    /// The department above, by its short name.
    #[arg(long, value_name = "SLUG")]
    parent: Option<String>,
    #[command(flatten)]
    which: Which,
    /// Answer in JSON.
    #[arg(long)]
    json: bool,
}

fn sector(word: &str) -> Result<Sector, String> {
    let words: Vec<_> = Sector::ALL.iter().map(|sector| sector.as_str()).collect();
    Sector::from_word(word).ok_or_else(|| format!("expected one of {}", words.join(", ")))
}

/// Does what `beffroi department` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Create(new) => create(new, config),
        Command::List { which, json } => list(&which, json, config),
    }
}

fn create(new: Create, config: &Config) -> Result<ExitCode, Failure> {
    let commune = new.which.open(config)?;
    let json = new.json;
    let created = commune.write_blocking(By::SYSTEM, move |tx| {
        let permit = permission::permit_system::<ManageDepartments>(tx)?;
        let parent = match new.parent {
            Some(slug) => Some(
                department::by_slug(tx, &slug)?
                    .ok_or_else(|| Failure::Given(format!("there is no department called {slug}")))?
                    .id,
            ),
            None => None,
        };
        let details = DepartmentDetails {
            slug: new.slug,
            parent,
            name: new.name,
            phone: new.phone,
            email: new.email,
            postal_address: new.address.split(',').map(str::trim).collect::<Vec<_>>().join("\n"),
            hours: new.hours,
            sector: new.sector,
        };
        let id = department::create(tx, &permit, &details)?;
        department::find(tx, id)?.ok_or_else(|| Failure::from(DepartmentError::Unknown))
    })?;
    answer(json, &created, || format!("Department {} created.", created.details.slug))?;
    Ok(ExitCode::SUCCESS)
}

fn list(which: &Which, json: bool, config: &Config) -> Result<ExitCode, Failure> {
    let all = which.open(config)?.read_blocking::<_, StoreError>(By::SYSTEM, department::list)?;
    answer(json, &all, || {
        if all.is_empty() {
            return "There is no department yet.".to_owned();
        }
        let line = |it: &beffroi_people::Department| {
            let ways = [it.details.phone.as_str(), it.details.email.as_str()];
            let ways: Vec<_> = ways.into_iter().filter(|way| !way.is_empty()).collect();
            format!("{}  {}  {}", it.details.slug, it.details.name, ways.join(", "))
        };
        all.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

//! `beffroi commune`: create and list communes.

use std::process::ExitCode;

use beffroi_store::{CommuneSlug, NewCommune};
use clap::Subcommand;
use serde::Serialize;

use super::{Failure, answer, every_slug};
use crate::{config::Config, house};

/// What can be done with communes.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create a commune with an empty database.
    Create {
        /// Its short name: lower-case letters, digits and hyphens. It names its folder and its schema.
        slug: CommuneSlug,
        /// Its name, for people.
        #[arg(long)]
        name: String,
        /// A host name that leads to it; may be given several times.
        #[arg(long = "host", required = true)]
        hosts: Vec<String>,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lead more host names to a commune.
    AddHost {
        /// Its short name.
        slug: CommuneSlug,
        /// The host names.
        #[arg(required = true)]
        hosts: Vec<String>,
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the communes' short names.
    List {
        /// Answer in JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A commune, and the host names that lead to it.
#[derive(Serialize)]
struct Led<'a> {
    slug: &'a CommuneSlug,
    hosts: &'a [String],
}

/// Does what `beffroi commune` was asked.
pub fn run(command: Command, config: &Config) -> Result<ExitCode, Failure> {
    let platform = house::open(config)?;
    match command {
        Command::Create { slug, name, hosts, json } => {
            let new = NewCommune { slug, name, hosts };
            platform.create(&new)?;
            let created = Led { slug: &new.slug, hosts: &new.hosts };
            answer(json, &created, || format!("Commune {} created, at {}.", new.slug, new.hosts.join(", ")))?;
        }
        Command::AddHost { slug, hosts, json } => {
            platform.add_hosts(&slug, &hosts)?;
            let hosts = platform.hosts(slug.as_str())?;
            let led = Led { slug: &slug, hosts: &hosts };
            answer(json, &led, || format!("{} lead to {slug}.", hosts.join(", ")))?;
        }
        Command::List { json } => {
            let slugs = every_slug(&platform)?;
            answer(json, &slugs, || {
                if slugs.is_empty() { "There is no commune yet.".to_owned() } else { slugs.join("\n") }
            })?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

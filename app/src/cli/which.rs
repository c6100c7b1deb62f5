//! Which commune a command is about: the one that is named, or the only one there is.

use std::sync::Arc;

use beffroi_store::{Commune, CommuneSlug};
use clap::Args;

use super::Failure;
use crate::{config::Config, house};

/// Communes named at most in the message that asks for one.
const NAMED_AT_MOST: u32 = 20;

/// The commune of a command.
#[derive(Args, Clone, Debug)]
pub struct Which {
    /// The commune, by its short name; it may be left out where there is only one.
    #[arg(long, value_name = "SLUG")]
    commune: Option<CommuneSlug>,
}

impl Which {
    /// Opens it.
    ///
    /// Errors: there is no such commune; or none was named, and there is none or several.
    pub fn open(&self, config: &Config) -> Result<Arc<Commune>, Failure> {
        let platform = house::open(config)?;
        if let Some(slug) = &self.commune {
            return Ok(platform.commune(slug.as_str())?);
        }
        let slugs = platform.slugs("", NAMED_AT_MOST + 1)?;
        match slugs.as_slice() {
            [only] => Ok(platform.commune(only)?),
            [] => {
                Err(Failure::Given("there is no commune yet: see beffroi commune create --help".to_owned()))
            }
            several => Err(Failure::Given(format!("--commune is needed: {}", listed(several)))),
        }
    }
}

fn listed(slugs: &[String]) -> String {
    let shown = usize::try_from(NAMED_AT_MOST).unwrap_or(usize::MAX);
    let named = slugs.iter().take(shown).map(String::as_str).collect::<Vec<_>>().join(", ");
    format!("{named}{}", if slugs.len() > shown { ", …" } else { "" })
}

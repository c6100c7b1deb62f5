//! Which mandates an agent may look into: those of the sectors where they handle cases, and those by which they help
//! somebody themselves. To end one for whoever asks, names and state are enough.

use beffroi_core::{Id, Sector};
use beffroi_store::{Result, ToValue, Tx, marks};

use super::{
    rules::Scope,
    store::{Mandate, listed},
};
use crate::Account;

/// What an agent may look into.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Whose.
    pub account: Id<Account>,
    /// The sectors where they handle cases.
    pub sectors: Vec<Sector>,
    /// The short names of the procedures of these sectors.
    pub procedures: Vec<String>,
}

impl Sight {
    /// Whether a mandate is within it.
    pub fn sees(&self, mandate: &Mandate) -> bool {
        let details = &mandate.details;
        details.account == self.account
            || match &details.scope {
                Scope::All => !self.sectors.is_empty(),
                Scope::Sector(sector) => self.sectors.contains(sector),
                Scope::Procedures(slugs) => slugs.iter().any(|slug| self.procedures.contains(slug)),
            }
    }
}

/// The mandates that wait for an agent to see their paper, the oldest first, after one; those that this agent may look
/// into.
pub fn asked(tx: &mut Tx<'_>, sight: &Sight, after: Option<Id<Mandate>>, limit: u32) -> Result<Vec<Mandate>> {
    let after = after.map(|id| id.to_string()).unwrap_or_default();
    let mut whole: Vec<String> = sight.sectors.iter().map(|it| Scope::Sector(*it).to_text()).collect();
    if !whole.is_empty() {
        whole.push(Scope::All.to_text());
    }
    // Short names hold no mark that LIKE would read.
    let named: Vec<String> = sight.procedures.iter().map(|slug| format!("% {slug} %")).collect();
    let mut values: Vec<&dyn ToValue> = vec![&after, &limit, &sight.account];
    values.extend(whole.iter().chain(&named).map(|text| text as &dyn ToValue));
    let mut within = vec!["account = $3".to_owned()];
    if !whole.is_empty() {
        within.push(format!("scope IN ({})", marks(4, whole.len())));
    }
    let first = 4 + whole.len();
    within.extend((first..first + named.len()).map(|rank| format!("' ' || scope || ' ' LIKE ${rank}")));
    let within = within.join(" OR ");
    listed(
        tx,
        &format!("WHERE state = 'asked' AND proof = 'paper' AND id > $1 AND ({within}) ORDER BY id LIMIT $2"),
        &values,
    )
}

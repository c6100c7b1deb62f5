//! Compiled procedures, kept in memory under the fingerprint of their definition: the same for all communes
//! that offer the same.

use std::{collections::HashMap, sync::Arc};

use beffroi_core::Instant;
use beffroi_forms::CompiledForm;
use beffroi_store::{Result, Tx};
use parking_lot::RwLock;

use super::store::{self, Published};

/// Procedures kept compiled at once.
const KEPT_AT_MOST: usize = 500;

/// The compiled procedures.
#[derive(Debug, Default)]
pub struct Shelf {
    compiled: RwLock<HashMap<String, Arc<CompiledForm>>>,
}

impl Shelf {
    /// The procedures that the commune offers, by title.
    pub fn offered(&self, tx: &mut Tx<'_>) -> Result<Vec<Arc<CompiledForm>>> {
        let mut forms =
            store::offered(tx)?.iter().map(|which| self.take(tx, which)).collect::<Result<Vec<_>>>()?;
        forms.sort_by(|a, b| a.procedure().title.fr.cmp(&b.procedure().title.fr));
        Ok(forms)
    }

    /// The procedures that the town itself handles, by title: not those that lead to another service.
    pub fn handled(&self, tx: &mut Tx<'_>) -> Result<Vec<Arc<CompiledForm>>> {
        let mut forms = self.offered(tx)?;
        forms.retain(|form| form.procedure().elsewhere.is_none());
        Ok(forms)
    }

    /// What the sheet of a procedure tells, be it handled here or elsewhere.
    pub fn sheet(&self, tx: &mut Tx<'_>, slug: &str) -> Result<Option<Arc<CompiledForm>>> {
        store::find(tx, slug, None)?.map(|which| self.take(tx, &which)).transpose()
    }

    /// Since when a version has been offered.
    pub fn published_at(&self, tx: &mut Tx<'_>, form: &CompiledForm) -> Result<Instant> {
        let procedure = form.procedure();
        store::published_at(tx, &procedure.slug, procedure.version)
    }

    /// A procedure as it may be asked for now; none where it leads to another service.
    pub fn current(&self, tx: &mut Tx<'_>, slug: &str) -> Result<Option<Arc<CompiledForm>>> {
        Ok(self.sheet(tx, slug)?.filter(|form| form.procedure().elsewhere.is_none()))
    }

    /// A procedure as it was in a version.
    pub fn version(&self, tx: &mut Tx<'_>, slug: &str, version: u32) -> Result<Option<Arc<CompiledForm>>> {
        store::find(tx, slug, Some(version))?.map(|which| self.take(tx, &which)).transpose()
    }

    /// A procedure in every version that there was, the latest first.
    pub fn versions(&self, tx: &mut Tx<'_>, slug: &str) -> Result<Vec<Arc<CompiledForm>>> {
        store::versions(tx, slug)?.iter().map(|which| self.take(tx, which)).collect()
    }

    fn take(&self, tx: &mut Tx<'_>, which: &Published) -> Result<Arc<CompiledForm>> {
        if let Some(form) = self.compiled.read().get(&which.fingerprint) {
            return Ok(Arc::clone(form));
        }
        let form = Arc::new(store::compile(tx, which)?);
        let mut compiled = self.compiled.write();
        if compiled.len() >= KEPT_AT_MOST {
            compiled.clear();
        }
        compiled.insert(which.fingerprint.clone(), Arc::clone(&form));
        Ok(form)
    }
}

/// A procedure as it is offered now; 404 where there is none.
pub(crate) fn current_for(
    tx: &mut Tx<'_>,
    shelf: &Shelf,
    slug: &str,
) -> std::result::Result<Arc<CompiledForm>, beffroi_web::WebError> {
    shelf.current(tx, slug)?.ok_or_else(beffroi_web::WebError::not_found)
}

//! What the State gives at a person's wish (CRPA L114-8): asked for from a page of a request, filled in, marked as such
//! for agents. Nothing else of its answers is kept.

mod ask;
mod show;
mod store;

pub(crate) use ask::{ask, wanted};
pub(crate) use show::{Shown, dress};
pub(crate) use store::{Mark, forget, keep, of_case};

use beffroi_forms::CompiledForm;
use beffroi_once_only::Api;
use beffroi_store::{Result, Tx};

/// The doors through which this commune may ask, of those that the form needs. A form that asks for nothing costs
/// nothing.
pub(crate) fn doors(tx: &mut Tx<'_>, form: &CompiledForm) -> Result<Vec<Api>> {
    let mut doors = Vec::new();
    for api in Api::ALL {
        let needed = form
            .fields()
            .any(|(_, field)| field.fetch.as_ref().is_some_and(|fetch| Api::of(fetch.source) == api));
        if needed && beffroi_once_only::load(tx, api)?.is_some() {
            doors.push(api);
        }
    }
    Ok(doors)
}

//! A meeting of an agent with somebody, as the service that keeps it tells it to the others: what one has arranged another
//! may follow up, and neither knows the other.

use beffroi_core::{Id, Instant, Lang};
use beffroi_people::{Department, SignedIn};
use beffroi_store::Tx;
use uuid::Uuid;

use crate::{House, panel::Panel, personal::Teller};

/// A meeting that is to be followed up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meeting {
    /// Which one: its kind, as in the journal, and its id.
    pub thing: (&'static str, Uuid),
    /// The department that receives.
    pub department: Id<Department>,
    /// With whom.
    pub name: String,
    /// Their address of e-mail, or `""`.
    pub email: String,
    /// Their telephone number, or `""`.
    pub phone: String,
    /// When it begins.
    pub starts_at: Instant,
    /// Where agents see it.
    pub href: String,
}

impl House {
    /// A meeting that is to be followed up, whichever service keeps it, for an agent who may see it; `None` for all others.
    ///
    /// # Errors
    /// Those of the store.
    pub fn meeting(
        &self,
        tx: &mut Tx<'_>,
        thing: (&str, Uuid),
        reader: &SignedIn,
    ) -> beffroi_store::Result<Option<Meeting>> {
        for service in &self.services {
            if let Some(found) = service.meeting(tx, thing, reader)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What all services add to the page of a meeting, for an agent who may see it.
    ///
    /// # Errors
    /// Those of the store.
    pub fn meeting_panels(
        &self,
        tx: &mut Tx<'_>,
        meeting: &Meeting,
        reader: &SignedIn,
        lang: Lang,
    ) -> beffroi_store::Result<Vec<Panel>> {
        let teller = Teller::new(self, lang);
        let mut all = Vec::new();
        for service in &self.services {
            all.extend(service.meeting_panels(tx, meeting, reader, teller)?);
        }
        Ok(all)
    }
}

//! What services tell of their own things on the pages of others: what is to come for the owner of an account, and where a
//! thing is shown that another page names. No page needs to know a service for that.

use beffroi_core::{Instant, Lang};
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use uuid::Uuid;

use crate::{Area, House, personal::Teller};

/// Something that is to come for the owner of an account.
#[derive(Clone, Debug)]
pub struct Ahead {
    /// When it begins.
    pub at: Instant,
    /// Where its owner finds it.
    pub href: String,
    /// What it is.
    pub title: String,
    /// When, in the reader's words.
    pub when: String,
    /// Where, and how it stands where that is not plain.
    pub text: String,
}

impl House {
    /// What is to come for the owner of an account, the soonest first.
    ///
    /// # Errors
    /// Those of the store.
    pub fn ahead(&self, tx: &mut Tx<'_>, account: Uuid, lang: Lang) -> beffroi_store::Result<Vec<Ahead>> {
        let teller = Teller::new(self, lang);
        let mut all = Vec::new();
        for service in &self.services {
            all.extend(service.ahead(tx, account, teller)?);
        }
        all.sort_by_key(|it| it.at);
        Ok(all)
    }

    /// Where a thing is shown to whoever reads, by its kind and id as in the journal; `None` where it is not.
    ///
    /// # Errors
    /// Those of the store.
    pub fn shows(
        &self,
        tx: &mut Tx<'_>,
        thing: (&str, Uuid),
        reader: &SignedIn,
        area: Area,
    ) -> beffroi_store::Result<Option<String>> {
        for service in &self.services {
            if let Some(href) = service.shows(tx, thing, reader, area)? {
                return Ok(Some(href));
            }
        }
        Ok(None)
    }
}

//! What services add to the page of a case, for its requester and for agents, and to the first page of one's space: each
//! tells its part, and the page needs to know none of them.

use beffroi_core::Lang;
use beffroi_people::SignedIn;
use beffroi_store::Tx;
use uuid::Uuid;

use crate::{House, personal::Teller};

/// Who reads the page of a case. That they may was asked before.
#[derive(Clone, Copy, Debug)]
pub enum Reader<'a> {
    /// Its requester, or whoever follows it for them.
    Requester,
    /// An agent of its department.
    Agent(&'a SignedIn),
}

/// Somewhere that a part leads.
#[derive(Clone, Debug)]
pub struct PanelLink {
    /// Where.
    pub href: String,
    /// What it is.
    pub label: String,
}

/// A part of the page of a case.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    /// What names it in the page: letters of a to z.
    pub id: &'static str,
    /// Its title.
    pub title: String,
    /// What the reader must not miss.
    pub warnings: Vec<String>,
    /// What it says, a paragraph each.
    pub lines: Vec<String>,
    /// A secret that the reader alone is shown; `""` for none.
    pub secret: String,
    /// Where it leads.
    pub links: Vec<PanelLink>,
}

/// Something that waits for the owner of an account, on the first page of their space.
#[derive(Clone, Debug)]
pub struct Awaited {
    /// Where it is done.
    pub href: String,
    /// What it is about.
    pub title: String,
    /// What is to be done, and until when.
    pub text: String,
}

impl House {
    /// What waits, of all services, for the owner of an account.
    ///
    /// # Errors
    /// Those of the store.
    pub fn awaited(&self, tx: &mut Tx<'_>, account: Uuid, lang: Lang) -> beffroi_store::Result<Vec<Awaited>> {
        let teller = Teller::new(self, lang);
        let mut all = Vec::new();
        for service in &self.services {
            all.extend(service.awaited(tx, account, teller)?);
        }
        Ok(all)
    }

    /// What all services add to the page of a case.
    ///
    /// # Errors
    /// Those of the store.
    pub fn case_panels(
        &self,
        tx: &mut Tx<'_>,
        case: Uuid,
        reader: Reader<'_>,
        lang: Lang,
    ) -> beffroi_store::Result<Vec<Panel>> {
        let teller = Teller::new(self, lang);
        let mut all = Vec::new();
        for service in &self.services {
            all.extend(service.case_panels(tx, case, reader, teller)?);
        }
        Ok(all)
    }
}

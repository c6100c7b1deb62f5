//! What a municipal service is to the house: its tables, routes, words and workers.

use std::sync::Arc;

use axum::Router;
use beffroi_calendar::ics::Event;
use beffroi_people::{Permission, SignedIn};
use beffroi_store::{
    Commune, Migration, Tx,
    background::{JobHandler, Subscriber},
};
use uuid::Uuid;

use crate::{
    App, Check, Locale,
    ahead::Ahead,
    feed::{Offered, Whose},
    meeting::Meeting,
    panel::{Awaited, Panel, Reader},
    personal::{PersonalData, Remaining, Teller},
};

/// One service of the town hall. `app` keeps the list; nothing else names a service.
pub trait Service: Send + Sync {
    /// Its short name, as in its crate, its migrations and the log.
    fn name(&self) -> &'static str;

    /// Its tables.
    fn migrations(&self) -> &'static [Migration] {
        &[]
    }

    /// Its pages and its part of the API. Two services may not claim one route: the house does not start.
    fn routes(&self) -> Router<App>;

    /// What programs may ask of it: its part of the description at `/api/v1/openapi.json`. Two parts may not describe one
    /// call, nor name two things alike.
    fn api(&self) -> Option<utoipa::openapi::OpenApi> {
        None
    }

    /// Everything that it can allow or refuse.
    fn permissions(&self) -> &'static [Permission] {
        &[]
    }

    /// What it adds to the menus.
    fn navigation(&self) -> &'static [NavEntry] {
        &[]
    }

    /// Addresses that stand below an entry of a menu though they do not begin with its address: each with the address of
    /// the entry.
    fn below(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// What a card of the space says under the entries of its own there ([`Area::Own`]): the address of each with the key of
    /// a sentence.
    fn own_about(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// Its words. Their keys begin with the service's name, so that no two services share one.
    fn locales(&self) -> &'static [Locale] {
        &[]
    }

    /// The kinds of entries that it leaves in the journal. Whoever reads the journal asks for them by their words:
    /// `office-event-…` for each kind, `office-subject-…` for what the entries are about.
    fn journal_kinds(&self) -> Vec<&'static str> {
        Vec::new()
    }

    /// Those who follow the journal for it.
    fn subscribers(&self) -> Vec<Arc<dyn Subscriber>> {
        Vec::new()
    }

    /// Those who do its jobs.
    fn job_handlers(&self) -> Vec<Arc<dyn JobHandler>> {
        Vec::new()
    }

    /// What it does in a commune every hour, whether anybody is there or not; tells how many things. Blocks.
    ///
    /// # Errors
    /// Those of the store; what was done until then stays done.
    fn hourly(&self, _commune: &Arc<Commune>) -> beffroi_store::Result<u64> {
        Ok(0)
    }

    /// That on which its work depends, for the administrators' page `/admin/sante`: each is looked at when somebody
    /// asks, every half minute at most, and kept (see [`crate::health`]).
    fn checks(&self) -> Vec<Arc<dyn Check>> {
        Vec::new()
    }

    /// What it keeps about the owner of an account, for them to read and to take along (GDPR, art. 15 and 20): at most
    /// what a page and a few files can hold. What a procedure keeps out of every copy is left out.
    ///
    /// # Errors
    /// Those of the store.
    fn personal_data(
        &self,
        _tx: &mut Tx<'_>,
        _account: Uuid,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<PersonalData> {
        Ok(PersonalData::default())
    }

    /// An account ends, and may still be given back: what stays with the town, and how its owner reaches it.
    ///
    /// # Errors
    /// Those of the store; then the account does not end.
    fn account_closes(
        &self,
        _tx: &mut Tx<'_>,
        _account: Uuid,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Remaining>> {
        Ok(Vec::new())
    }

    /// An account has ended for good: what belongs to it alone is erased, and what stays with the town no longer
    /// leads to it. Part of the transaction that erases the account.
    ///
    /// # Errors
    /// Those of the store; then nothing is erased, and it is tried again the next hour.
    fn erase_account(&self, _tx: &mut Tx<'_>, _account: Uuid) -> beffroi_store::Result<()> {
        Ok(())
    }

    /// What it adds to the page of a case. That the reader may see the case was asked before; what else they may see of
    /// it, the service asks.
    ///
    /// # Errors
    /// Those of the store.
    fn case_panels(
        &self,
        _tx: &mut Tx<'_>,
        _case: Uuid,
        _reader: Reader<'_>,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Panel>> {
        Ok(Vec::new())
    }

    /// A meeting of its own that another service may follow up, by its kind and id as in the journal, for an agent who may
    /// see it; `None` where it is not its own, is not to be followed up, or names nobody any more.
    ///
    /// # Errors
    /// Those of the store.
    fn meeting(
        &self,
        _tx: &mut Tx<'_>,
        _thing: (&str, Uuid),
        _reader: &SignedIn,
    ) -> beffroi_store::Result<Option<Meeting>> {
        Ok(None)
    }

    /// What it adds to the agents' page of a meeting. That the reader may see the meeting was asked before; what else they
    /// may see, the service asks.
    ///
    /// # Errors
    /// Those of the store.
    fn meeting_panels(
        &self,
        _tx: &mut Tx<'_>,
        _meeting: &Meeting,
        _reader: &SignedIn,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Panel>> {
        Ok(Vec::new())
    }

    /// What waits for the owner of an account, in no more lines than a page can show: a payment, for instance.
    ///
    /// # Errors
    /// Those of the store.
    fn awaited(
        &self,
        _tx: &mut Tx<'_>,
        _account: Uuid,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Awaited>> {
        Ok(Vec::new())
    }

    /// What is to come for the owner of an account: at most what a page can hold.
    ///
    /// # Errors
    /// Those of the store.
    fn ahead(
        &self,
        _tx: &mut Tx<'_>,
        _account: Uuid,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Ahead>> {
        Ok(Vec::new())
    }

    /// What an agent may add to their calendar: a counter, a room. At most what a form can show.
    ///
    /// # Errors
    /// Those of the store.
    fn offered(
        &self,
        _tx: &mut Tx<'_>,
        _who: &SignedIn,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Offered>> {
        Ok(Vec::new())
    }

    /// What somebody is expected for, as their calendar programs show it: what they booked, and what they added of that
    /// which [`Self::offered`] tells and they may still see. What was called off too. It names nobody else: it lies with
    /// whoever keeps the calendar.
    ///
    /// # Errors
    /// Those of the store.
    fn dated(
        &self,
        _tx: &mut Tx<'_>,
        _whose: &Whose<'_>,
        _teller: Teller<'_>,
    ) -> beffroi_store::Result<Vec<Event>> {
        Ok(Vec::new())
    }

    /// Where it shows a thing of its own to its owner ([`Area::Own`]) or to an agent ([`Area::Office`]), by its kind and
    /// id as in the journal; `None` where the thing is not its own, or the reader may not see it there.
    ///
    /// # Errors
    /// Those of the store.
    fn shows(
        &self,
        _tx: &mut Tx<'_>,
        _thing: (&str, Uuid),
        _reader: &SignedIn,
        _area: Area,
    ) -> beffroi_store::Result<Option<String>> {
        Ok(None)
    }

    /// The house is put together: for a service whose background work needs the others.
    fn moved_in(&self, _house: &App) {}

    /// Whether it can work now; if not, why, for the operator. Called on a blocking thread.
    fn health(&self) -> Result<(), String> {
        Ok(())
    }
}

/// The parts of the site, each with its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// What everybody sees.
    Public,
    /// What agents see: `/agents` and `/admin`.
    Office,
    /// The space of whoever is signed in, `/mon-compte`: its entries stand there as cards, in no menu.
    Own,
}

impl Area {
    /// The part that a path belongs to.
    pub fn of_path(path: &str) -> Self {
        let office = ["/agents", "/admin"]
            .iter()
            .any(|root| path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
        if office { Self::Office } else { Self::Public }
    }
}

/// What the entries of a long menu stand under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuGroup {
    /// Cases, the counter and the mail.
    Requests,
    /// Appointments, rooms and workshops.
    Agenda,
    /// The till.
    Money,
    /// Figures, the journal, what is kept and what is erased.
    Oversight,
    /// What the town settles once.
    Administration,
}

impl MenuGroup {
    /// All of them, in their order.
    pub const ALL: [Self; 5] =
        [Self::Requests, Self::Agenda, Self::Money, Self::Oversight, Self::Administration];

    /// The key of its heading.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Requests => "menu-requests",
            Self::Agenda => "menu-agenda",
            Self::Money => "menu-money",
            Self::Oversight => "menu-oversight",
            Self::Administration => "menu-administration",
        }
    }
}

/// One entry of a menu.
#[derive(Clone, Copy, Debug)]
pub struct NavEntry {
    /// Which menu.
    pub area: Area,
    /// What it stands under where the menu is long; `None` in menus that are always short.
    pub group: Option<MenuGroup>,
    /// Where it leads.
    pub href: &'static str,
    /// The key of its text.
    pub label: &'static str,
    /// Its place: small first.
    pub rank: u8,
    /// Shown only to those who hold this permission somewhere.
    pub permission: Option<Permission>,
}

#[cfg(test)]
mod tests {
    use super::Area;

    #[test]
    fn a_path_that_only_resembles_the_office_is_public() {
        assert_eq!(Area::of_path("/agents"), Area::Office);
        assert_eq!(Area::of_path("/agents/dossiers/1"), Area::Office);
        assert_eq!(Area::of_path("/agents-recenseurs"), Area::Public);
        assert_eq!(Area::of_path("/"), Area::Public);
    }
}

//! What cases and appointments are to one another: a case asks for an appointment, an appointment opens a case. The
//! services of both know these traits alone, and `app` brings them together.

use beffroi_core::{Instant, Lang};
use beffroi_people::SignedIn;
use beffroi_store::{Result, Tx};
use uuid::Uuid;

use crate::panel::Reader;

/// Something with a short name, and what it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Its short name.
    pub slug: String,
    /// In French.
    pub fr: String,
    /// In English; `""` where nobody said it.
    pub en: String,
}

impl Named {
    /// In the reader's language; in French where nothing else is said.
    pub fn read_in(&self, lang: Lang) -> &str {
        if lang == Lang::En && !self.en.is_empty() { &self.en } else { &self.fr }
    }
}

/// Where an appointment of a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is proposed, and nobody has chosen a time.
    Proposed,
    /// The proposal was taken back.
    Withdrawn,
    /// It is agreed.
    Booked,
    /// Whoever it is for is there.
    Arrived,
    /// They were received.
    Received,
    /// They did not come.
    Missed,
    /// It was given back.
    Cancelled,
}

impl Standing {
    /// Its word, in the keys of texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Withdrawn => "withdrawn",
            Self::Booked => "booked",
            Self::Arrived => "arrived",
            Self::Received => "received",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// An appointment of a case, or the proposal of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointed {
    /// Under which id it belongs to the case.
    pub id: Uuid,
    /// For what.
    pub name: Named,
    /// Where it stands.
    pub standing: Standing,
    /// When it begins, once that is agreed.
    pub starts_at: Option<Instant>,
    /// Where; empty until that is agreed.
    pub place: Named,
    /// Where its reader books, moves or sees it; `""` where it is not theirs to see.
    pub href: String,
}

/// Whoever is received at an appointment, for a case that is opened there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The appointment.
    pub appointment: Uuid,
    /// For what.
    pub name: Named,
    /// When.
    pub starts_at: Instant,
    /// Name and first name, as somebody wrote them.
    pub who: String,
    /// An address of e-mail, or `""`.
    pub email: String,
    /// A telephone number, or `""`.
    pub phone: String,
}

/// Whoever gives appointments, as cases know them.
pub trait Diary: Send + Sync {
    /// What may be proposed: motives that the public books.
    ///
    /// # Errors
    /// Those of the store.
    fn motives(&self, tx: &mut Tx<'_>) -> Result<Vec<Named>>;

    /// Proposes an appointment to the requester of a case. What it is for, and the path of the page where a time is
    /// chosen: a secret of theirs. `None` where there is no such motive.
    ///
    /// # Errors
    /// Those of the store.
    fn propose(&self, tx: &mut Tx<'_>, case: Uuid, motive: &str) -> Result<Option<(Named, String)>>;

    /// Takes a proposal back that nobody has answered; whether there was one.
    ///
    /// # Errors
    /// Those of the store.
    fn withdraw(&self, tx: &mut Tx<'_>, case: Uuid, proposal: Uuid) -> Result<bool>;

    /// What a case has of appointments, the latest first.
    ///
    /// # Errors
    /// Those of the store.
    fn of_case(&self, tx: &mut Tx<'_>, case: Uuid, reader: Reader<'_>) -> Result<Vec<Appointed>>;

    /// Whoever is received at an appointment whose motive opens this procedure; `None` for an agent who does not see it.
    ///
    /// # Errors
    /// Those of the store.
    fn received(
        &self,
        tx: &mut Tx<'_>,
        who: &SignedIn,
        appointment: &str,
        procedure: &str,
    ) -> Result<Option<Received>>;

    /// A case was opened at an appointment.
    ///
    /// # Errors
    /// Those of the store.
    fn opened(&self, tx: &mut Tx<'_>, appointment: Uuid, case: Uuid) -> Result<()>;
}

/// Whoever keeps cases, as appointments know them.
pub trait CaseBook: Send + Sync {
    /// The procedures that an agent enters for somebody.
    ///
    /// # Errors
    /// Those of the store.
    fn procedures(&self, tx: &mut Tx<'_>) -> Result<Vec<Named>>;

    /// Those of them that ask for a booking which is picked at this address first: `/salles`.
    ///
    /// # Errors
    /// Those of the store.
    fn booked_at(&self, tx: &mut Tx<'_>, at: &str) -> Result<Vec<Named>>;

    /// The choices of those of them that ask for a loan of equipment: the value of each, and what it is called.
    ///
    /// # Errors
    /// Those of the store.
    fn lent(&self, tx: &mut Tx<'_>) -> Result<Vec<Named>>;

    /// The reference of a case, for an agent who reads it; `None` for others.
    ///
    /// # Errors
    /// Those of the store.
    fn reference(&self, tx: &mut Tx<'_>, who: &SignedIn, case: Uuid) -> Result<Option<String>>;

    /// Where an agent reads a case.
    fn path(&self, case: Uuid) -> String;

    /// Where an agent enters a request of a procedure for whoever is received at an appointment.
    fn entry(&self, procedure: &str, appointment: Uuid) -> String;
}

//! A booking of a room that was granted, with what it is for: for the agents of the department that sees to that alone.

use beffroi_calendar::booking::{self, Booking, State};
use beffroi_cases::{
    CaseError,
    case::Case,
    person::{persons_of, sector_of},
};
use beffroi_core::{Day, Id, Instant, Sector, calendar::civil_day};
use beffroi_people::{
    Department, Permit, SignedIn, Town, department,
    permission::{Action, permit, permit_somewhere},
    person,
};
use beffroi_store::{StoreError, Tx};
use beffroi_typeset::Signatory;
use beffroi_web::{Result, WebError};
use chrono_tz::Tz;
use uuid::Uuid;

use super::Whose;
use crate::{bill, deposit, key, permission::hidden};

/// A booking that was granted, and may have been given back since.
pub struct Granted {
    pub(crate) booking: Booking,
    pub(crate) whose: Whose,
    person: String,
    holder: String,
    pub(crate) department: Option<Department>,
    pub(crate) town: Town,
    pub(crate) now: Instant,
}

impl Granted {
    /// Where the clocks are.
    pub(crate) fn zone(&self) -> Tz {
        self.town.zone()
    }

    /// Who has the room, as papers name them: the association or the company, else the person who asked.
    pub(crate) fn holder(&self) -> &str {
        &self.holder
    }

    /// The person who asked, as papers and letters name them: « Marie Durand ».
    pub(crate) fn person(&self) -> &str {
        &self.person
    }

    /// The case by which it was asked for; `None` where an association has it for a season.
    pub(crate) fn case(&self) -> Option<&Case> {
        match &self.whose {
            Whose::Case(case) => Some(case),
            Whose::Season { .. } => None,
        }
    }

    /// What was answered to a question of the request, by the name that the procedure of the catalogue gives it; `""`
    /// where the town's own procedure asks nothing by that name.
    pub(crate) fn answer(&self, name: &str) -> &str {
        let answers = self.case().map(|case| &case.answers);
        answers.and_then(|answers| answers.get(name)?.as_str()).unwrap_or_default()
    }

    /// Which booking.
    pub const fn booking_id(&self) -> Id<Booking> {
        self.booking.id
    }

    /// The day of today, where the clocks are.
    pub fn today(&self) -> Day {
        civil_day(self.now, self.zone())
    }

    /// The booking of a case, where it was granted: for the program's own work, and for whoever was asked about before.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of_case(tx: &mut Tx<'_>, case: Id<Case>) -> beffroi_store::Result<Option<Self>> {
        match booking::of_owner(tx, ("case", case.uuid()))? {
            Some(booking) => Self::of(tx, booking),
            None => Ok(None),
        }
    }

    /// The booking of that id, likewise.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of_booking(tx: &mut Tx<'_>, id: Id<Booking>) -> beffroi_store::Result<Option<Self>> {
        match booking::find(tx, id)? {
            Some(booking) => Self::of(tx, booking),
            None => Ok(None),
        }
    }

    /// The booking of a case, where it was granted once: also where that was taken back since, and money, a deposit or
    /// keys are left of it. What was only refused has left none of these.
    pub(crate) fn once_of_case(tx: &mut Tx<'_>, case: Id<Case>) -> beffroi_store::Result<Option<Self>> {
        match booking::of_owner(tx, ("case", case.uuid()))? {
            Some(booking) => Self::once(tx, booking),
            None => Ok(None),
        }
    }

    /// The booking of that id, likewise.
    pub(crate) fn once_of_booking(tx: &mut Tx<'_>, id: Id<Booking>) -> beffroi_store::Result<Option<Self>> {
        match booking::find(tx, id)? {
            Some(booking) => Self::once(tx, booking),
            None => Ok(None),
        }
    }

    fn once(tx: &mut Tx<'_>, booking: Booking) -> beffroi_store::Result<Option<Self>> {
        if booking.state == State::Released && has_left_something(tx, booking.id)? {
            return Self::read(tx, booking);
        }
        Self::of(tx, booking)
    }

    fn of(tx: &mut Tx<'_>, booking: Booking) -> beffroi_store::Result<Option<Self>> {
        if matches!(booking.state, State::Firm | State::Cancelled) {
            Self::read(tx, booking)
        } else {
            Ok(None)
        }
    }

    fn read(tx: &mut Tx<'_>, booking: Booking) -> beffroi_store::Result<Option<Self>> {
        let Some((kind, owner)) = booking.owner.clone() else { return Ok(None) };
        let Some(whose) = Whose::find(tx, &kind, owner)? else { return Ok(None) };
        let department = department::by_slug(tx, whose.department())?;
        let (person, holder) = names(tx, &whose)?;
        Ok(Some(Self { booking, whose, person, holder, department, town: Town::load(tx)?, now: tx.now() }))
    }
}

/// The person who asked, and who has the room, as papers name them.
fn names(tx: &mut Tx<'_>, whose: &Whose) -> beffroi_store::Result<(String, String)> {
    let Whose::Case(case) = whose else { return Ok((whose.person().to_owned(), whose.holder().to_owned())) };
    let (requester, beneficiary) = persons_of(tx, case.id).map_err(stored)?;
    let sector = sector_of(tx, case.id).map_err(stored)?;
    let person = called(tx, sector.zip(requester), &case.requester_name)?;
    let holder = if whose.is_represented() {
        called(tx, sector.zip(beneficiary), &case.beneficiary_name)?
    } else {
        person.clone()
    };
    Ok((person, holder))
}

/// Somebody of a case as papers name them, whom lists show by this name: as it stands where it is that of a body, or their
/// record was put right since.
fn called(tx: &mut Tx<'_>, record: Option<(Sector, Uuid)>, listed: &str) -> beffroi_store::Result<String> {
    let known = match record {
        Some((sector, id)) => person::find(tx, sector, Id::from_uuid(id))?,
        None => None,
    };
    let known = known.filter(|it| it.details.list_name() == listed);
    Ok(known.map_or_else(|| listed.to_owned(), |it| it.details.full_name()))
}

/// Whether something was asked for or handed over that only a booking which was granted has.
fn has_left_something(tx: &mut Tx<'_>, booking: Id<Booking>) -> beffroi_store::Result<bool> {
    let left = deposit::find(tx, booking)?.is_some() || !key::loans_of(tx, booking)?.is_empty();
    Ok(left || bill::was_asked(tx, booking)?)
}

/// What of the store a refusal about a case is.
pub(crate) fn stored(error: CaseError) -> StoreError {
    match error {
        CaseError::Store(error) => error,
        other => StoreError::Corrupt(other.to_string()),
    }
}

/// The booking of that id that was granted once, for whoever may do `A` in the department that sees to it. Whoever may not
/// is not told that there is one.
pub(crate) fn granted<A: Action>(
    tx: &mut Tx<'_>,
    who: &SignedIn,
    booking: &str,
) -> Result<(Permit<A>, Granted)> {
    hidden(permit_somewhere::<A>(tx, who))?;
    let id: Id<Booking> = booking.parse().map_err(|_| WebError::not_found())?;
    let found = Granted::once_of_booking(tx, id)?.ok_or_else(WebError::not_found)?;
    let place = found.department.as_ref().map(|department| department.id);
    Ok((hidden(permit::<A>(tx, who, place))?, found))
}

/// Who signs for the town.
pub(crate) fn signatory(town: &Town) -> Signatory {
    let signs = &town.signatory;
    Signatory {
        first_name: signs.given_name.clone(),
        name: signs.family_name.clone(),
        quality: signs.quality.clone(),
        delegation: None,
        handwritten: true,
    }
}

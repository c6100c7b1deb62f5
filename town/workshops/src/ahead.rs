//! What is told of registrations on the pages of others: the sessions to come of an account, and where a registration is
//! shown.

use beffroi_calendar::{
    clock::{self, capital},
    ics::{Event, Status, When},
    now::Now,
};
use beffroi_core::Id;
use beffroi_people::{SignedIn, permission::scope};
use beffroi_store::{Result, Tx};
use beffroi_web::{Area, ahead::Ahead, feed::Whose, personal::Teller};
use uuid::Uuid;

use crate::{
    bill,
    permission::AdviseWorkshops,
    place,
    registration::{self, Registration, SeatState},
    series,
    session::{self, SessionState},
};

/// The sessions to come for which an account has registered somebody.
pub(crate) fn of_account(tx: &mut Tx<'_>, account: Uuid, teller: Teller<'_>) -> Result<Vec<Ahead>> {
    let mine = registration::for_account(tx, account)?;
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = mine.iter().map(|it| it.id).collect();
    let mut seats = registration::seats_of(tx, &ids)?;
    seats.retain(|seat| seat.state.is_live());
    let sessions = session::some(tx, &seats.iter().map(|seat| seat.session).collect::<Vec<_>>())?;
    let (codes, now) = (registration::codes_of(tx, &ids)?, Now::read(tx)?);
    let (series, places, lang) = (series::list(tx)?, place::list(tx)?, teller.lang());
    let told = seats.iter().filter_map(|seat| {
        let it = sessions.iter().find(|it| it.id == seat.session)?;
        if it.state != SessionState::Planned || it.span.end() <= now.at {
            return None;
        }
        let title = series.iter().find(|series| series.id == it.series)?;
        let place = places.iter().find(|place| place.id == it.place);
        let place = place.map_or("", |place| place.sheet.name.read_in(lang)).to_owned();
        Some(Ahead {
            at: it.span.start(),
            href: format!("/ateliers/inscription/{}", codes.get(&seat.registration)?),
            title: title.sheet.title.read_in(lang).to_owned(),
            when: capital(&clock::when(it.span, now.zone, lang)),
            text: match seat.state {
                SeatState::Seated => place,
                state => format!("{place} – {}", teller.t(&format!("workshops-seat-{}", state.as_str()))),
            },
        })
    });
    Ok(told.collect())
}

/// The sessions for which an account has registered somebody, as calendar programs show them: a turn in the waiting list
/// is not sure, and what was given up or called off stays, as such.
pub(crate) fn dated(tx: &mut Tx<'_>, whose: &Whose<'_>, teller: Teller<'_>) -> Result<Vec<Event>> {
    let mine = registration::for_account(tx, whose.who.account.uuid())?;
    if mine.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<_> = mine.iter().map(|it| it.id).collect();
    let seats = registration::seats_of(tx, &ids)?;
    let sessions = session::some(tx, &seats.iter().map(|seat| seat.session).collect::<Vec<_>>())?;
    let (series, places, lang) = (series::list(tx)?, place::list(tx)?, teller.lang());
    let told = seats.iter().filter_map(|seat| {
        let it = sessions.iter().find(|it| it.id == seat.session && it.span.meets(whose.within))?;
        let title = series.iter().find(|series| series.id == it.series)?;
        let reference = mine.iter().find(|mine| mine.id == seat.registration)?.reference.clone();
        let place = places.iter().find(|place| place.id == it.place);
        let place = place.map(|place| [place.sheet.name.read_in(lang).to_owned(), place.sheet.line()]);
        let place = place.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>();
        let is_off = it.state != SessionState::Planned || !seat.state.is_live();
        let status = match seat.state {
            _ if is_off => Status::Cancelled,
            SeatState::Seated => Status::Confirmed,
            _ => Status::Tentative,
        };
        Some(Event {
            uid: format!("{}@beffroi", seat.id),
            changed_at: it.changed_at,
            changes: it.changes + u32::from(is_off),
            when: When::Time(it.span),
            summary: title.sheet.title.read_in(lang).to_owned(),
            description: reference,
            place: place.join(", "),
            url: None,
            status,
            is_private: true,
            is_busy: status == Status::Confirmed,
        })
    });
    Ok(told.collect())
}

/// Where a registration is shown: to the account that made it, behind its code; to whoever holds its workshops.
pub(crate) fn shows(
    tx: &mut Tx<'_>,
    (kind, id): (&str, Uuid),
    reader: &SignedIn,
    area: Area,
) -> Result<Option<String>> {
    if kind != bill::KIND {
        return Ok(None);
    }
    let found: Option<Registration> = registration::find(tx, Id::from_uuid(id))?.filter(|it| !it.erased);
    let Some(found) = found else { return Ok(None) };
    match area {
        Area::Own if found.account == Some(reader.account.uuid()) => {
            let code = registration::code_of(tx, found.id)?;
            Ok(code.map(|code| format!("/ateliers/inscription/{code}")))
        }
        Area::Office => {
            let Some(series) = series::find(tx, found.series)? else { return Ok(None) };
            let may = scope::<AdviseWorkshops>(tx, reader)?.contains(Some(series.department));
            Ok(may.then(|| format!("/agents/ateliers/inscriptions/{}", found.id)))
        }
        Area::Own | Area::Public => Ok(None),
    }
}

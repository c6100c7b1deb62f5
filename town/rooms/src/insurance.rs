//! Until when the insurance certificate of a booking is good, as an agent has read on it: whoever hands keys over is warned
//! where that ends before the booking does.

use beffroi_calendar::booking::Booking;
use beffroi_core::{Day, Id};
use beffroi_people::Permit;
use beffroi_store::{Entry, Result, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::InspectRooms;

/// Until when the certificate of a booking is good; `None` where nobody has noted that.
pub(crate) fn good_until(tx: &mut Tx<'_>, booking: Id<Booking>) -> Result<Option<Day>> {
    let sql = "SELECT good_until FROM rooms_insurance WHERE booking = $1";
    tx.query_opt(sql, &[&booking], |row| row.get(0))
}

/// Notes until when the certificate of a booking is good.
///
/// # Errors
/// Those of the store.
pub fn note(
    tx: &mut Tx<'_>,
    _: &Permit<InspectRooms>,
    booking: Id<Booking>,
    until: Day,
    agent: Uuid,
) -> Result<()> {
    tx.execute(
        "INSERT INTO rooms_insurance (booking, good_until, noted_at, noted_by) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (booking) DO UPDATE SET good_until = excluded.good_until, noted_at = excluded.noted_at, \
         noted_by = excluded.noted_by",
        &[&booking, &until, &tx.now(), &agent],
    )?;
    tx.journal(&Entry {
        kind: "insurance.noted",
        subject_kind: "booking",
        subject_id: booking.uuid(),
        payload: json!({ "until": until }),
    })
    .map(drop)
}

/// What is to be said of the certificate of a booking that ends on a day: nothing where it covers it, and nothing where the
/// town has the room itself, which its own insurance covers.
pub(crate) fn fault(booking: &Booking, good_until: Option<Day>, last: Day) -> Option<&'static str> {
    let own = booking.price.as_ref().is_some_and(|price| price.applicant.is_of_town());
    if own { None } else { fault_of(good_until, last) }
}

fn fault_of(good_until: Option<Day>, last: Day) -> Option<&'static str> {
    match good_until {
        None => Some("premises-insurance-unseen"),
        Some(until) if until < last => Some("premises-insurance-short"),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_covers_the_last_day_or_is_warned_about() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(fault_of(None, day("2026-12-12")), Some("premises-insurance-unseen"));
        assert_eq!(fault_of(Some(day("2026-12-11")), day("2026-12-12")), Some("premises-insurance-short"));
        assert_eq!(fault_of(Some(day("2026-12-12")), day("2026-12-12")), None);
    }
}

//! What comes again is granted for several at once, each with all its dates or none of them; what is counted afterwards.

use beffroi_calendar::{
    booking::{self, Canceller, Details, NewBooking, State},
    claims::ClaimError,
    resource::Resource,
    spans::Span,
};
use beffroi_core::Id;
use beffroi_store::{By, StoreError};
use chrono_tz::Europe::Paris;
use uuid::Uuid;

use crate::support::{all_claims, booking as other, claim, in_a_town, span, whole, write};

const KIND: &str = "season-request";

/// Some evenings of a room.
fn evenings(room: Id<Resource>, days: &[&str]) -> NewBooking {
    let date = |day: &&str| span(&format!("{day} 18:00"), &format!("{day} 20:00"));
    let dates: Vec<Span> = days.iter().map(date).collect();
    NewBooking {
        resource: room,
        span: *dates.first().unwrap(),
        details: Details { dates, ..Details::default() },
    }
}

#[test]
fn series_are_granted_together_or_not_at_all() {
    in_a_town(|fixture, town| {
        let [first, second] = [1, 2].map(Uuid::from_u128);
        let series = vec![
            (evenings(town.parts[0], &["2026-09-08", "2026-09-15", "2026-09-22"]), first),
            (evenings(town.parts[1], &["2026-09-08", "2026-09-15"]), second),
        ];
        let again = series.clone();
        let ids = write(fixture, move |tx| {
            booking::grant_each(tx, KIND, &series).map_err(|error| StoreError::Invalid(error.to_string()))
        });
        assert_eq!(all_claims(fixture).len(), 5);
        let found = write(fixture, {
            let ids = ids.clone();
            move |tx| booking::several(tx, &ids)
        });
        let one = found.iter().find(|it| it.id == ids[0]).unwrap();
        assert_eq!((one.state, one.dates().len()), (State::Firm, 3));
        assert_eq!(one.owner, Some((KIND.to_owned(), first)));
        // The whole hall is taken with its parts; what is granted in vain leaves nothing.
        let evening = span("2026-09-22 19:00", "2026-09-22 21:00");
        assert_eq!(claim(fixture, other(9), &[whole(town.hall, evening)], None).len(), 1);
        let refused: Result<(), ClaimError> = fixture
            .commune
            .write_blocking(By::SYSTEM, move |tx| booking::grant_each(tx, KIND, &again).map(drop));
        assert!(matches!(refused, Err(ClaimError::Taken(_))));
        assert_eq!(all_claims(fixture).len(), 5);
        // One of them is given back, and the other stays.
        let id = ids[0];
        assert!(write(fixture, move |tx| booking::cancel_one(tx, id, Canceller::Requester, "", Paris)));
        assert!(!write(fixture, move |tx| booking::cancel_one(tx, id, Canceller::Requester, "", Paris)));
        assert_eq!(all_claims(fixture).len(), 2);
        let all = ids.clone();
        assert_eq!(write(fixture, move |tx| booking::given_back(tx, &all)), [ids[0]]);
        let within = span("2026-09-01 00:00", "2026-10-01 00:00");
        let (counted, more) = write(fixture, move |tx| booking::counted(tx, within));
        let told: Vec<(State, usize)> = counted.iter().map(|it| (it.state, it.dates.len())).collect();
        assert_eq!((told.len(), more), (2, false));
        assert!(told.contains(&(State::Cancelled, 3)) && told.contains(&(State::Firm, 2)));
    });
}

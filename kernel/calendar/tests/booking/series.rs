//! What comes again is granted for several at once, each with all its dates or none of them; what is counted afterwards.

use beffroi_calendar::{
    booking::{self, Canceller, Details, GivenBack, NewBooking, NotReturned, Series, State},
    claims::ClaimError,
    resource::Resource,
    spans::Span,
    tariff::{self, Applicant, Deliberation, FreeUse, Price, Rate, Retained, Unit, When},
};
use beffroi_core::{Cents, Clock, Id};
use beffroi_store::{By, StoreError};
use chrono::{Datelike, TimeDelta};
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

/// For that thing, and for nothing.
fn of(new: NewBooking, owner: Uuid) -> Series {
    Series { new, owner, price: None, body: None }
}

#[test]
fn series_are_granted_together_or_not_at_all() {
    in_a_town(|fixture, town| {
        let [first, second] = [1, 2].map(Uuid::from_u128);
        let series = vec![
            of(evenings(town.parts[0], &["2026-09-08", "2026-09-15", "2026-09-22"]), first),
            of(evenings(town.parts[1], &["2026-09-08", "2026-09-15"]), second),
        ];
        let again = series.clone();
        let ids = write(fixture, move |tx| {
            booking::grant_each(tx, KIND, &series, Paris)
                .map_err(|error| StoreError::Invalid(error.to_string()))
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
            .write_blocking(By::SYSTEM, move |tx| booking::grant_each(tx, KIND, &again, Paris).map(drop));
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

/// Three evenings at 30 €, of which a quarter is kept within thirty days and all within eight.
fn price() -> Price {
    let rate = Rate {
        applicant: None,
        resident: None,
        when: When::Always,
        up_to_hours: None,
        unit: Unit::Booking,
        amount: Cents(3_000),
    };
    Price {
        tariff: Id::from_uuid(Uuid::from_u128(7)),
        deliberation: Deliberation { number: "2025-118".to_owned(), day: "2025-12-11".parse().unwrap() },
        applicant: Applicant::Association,
        resident: true,
        rate,
        count: 3,
        value: Cents(9_000),
        each: vec![Cents(3_000); 3],
        due: Cents(9_000),
        free: None,
        deposit: Cents(10_000),
        retained: vec![Retained { days: 30, percent: 25 }, Retained { days: 8, percent: 100 }],
        kept: None,
    }
}

#[test]
fn one_date_of_many_is_given_back_and_the_rest_stays() {
    in_a_town(|fixture, town| {
        let owner = Uuid::from_u128(1);
        let now = fixture.clock.now();
        let day = |days: i64| (now + TimeDelta::days(days)).date_naive().to_string();
        let days = [day(5), day(20), day(40)];
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        let body = Some(("w341005678".to_owned(), "Pas à pas".to_owned()));
        let new = evenings(town.parts[0], &days);
        let series = vec![Series { new, owner, price: Some(price()), body }];
        let ids = write(fixture, move |tx| {
            booking::grant_each(tx, KIND, &series, Paris)
                .map_err(|error| StoreError::Invalid(error.to_string()))
        });
        let starts: Vec<i64> = evenings(town.parts[0], &days)
            .details
            .dates
            .iter()
            .map(|date| date.start().timestamp())
            .collect();
        let gives = |starts: &[i64], by: Canceller, told: Option<i64>| {
            let (starts, told) = (starts.to_vec(), told.map(Cents));
            write(fixture, move |tx| {
                let given = GivenBack { starts: &starts, by, why: "Tournoi", told };
                match booking::give_back_dates(tx, (KIND, owner), &given, Paris) {
                    Ok(dates) => Ok(Ok(dates.len())),
                    Err(NotReturned::Store(error)) => Err(error),
                    Err(other) => Ok(Err(other.to_string())),
                }
            })
        };
        let refusal = |why: NotReturned| Err(why.to_string());
        // Nothing is done before they know what is kept: all of the near date, a quarter of the one after it.
        assert_eq!(
            gives(&starts[..2], Canceller::Requester, None),
            refusal(NotReturned::Untold(Cents(3_750)))
        );
        assert_eq!(
            gives(&starts[..1], Canceller::Requester, Some(0)),
            refusal(NotReturned::Untold(Cents(3_000)))
        );
        assert_eq!(gives(&[], Canceller::Requester, Some(0)), refusal(NotReturned::Nothing));
        assert_eq!(gives(&[1], Canceller::Requester, Some(0)), refusal(NotReturned::Gone));
        assert_eq!(gives(&starts, Canceller::Requester, Some(0)), refusal(NotReturned::All));
        assert_eq!(all_claims(fixture).len(), 3);
        assert_eq!(gives(&starts[1..2], Canceller::Requester, Some(750)), Ok(1));
        assert_eq!(gives(&starts[1..2], Canceller::Requester, Some(750)), refusal(NotReturned::Gone));
        assert_eq!(all_claims(fixture).len(), 2);
        // Somebody else has that evening at once, and nobody the others.
        let evening = |day: &str| span(&format!("{day} 18:00"), &format!("{day} 20:00"));
        assert!(claim(fixture, other(9), &[whole(town.parts[0], evening(days[1]))], None).is_empty());
        assert_eq!(claim(fixture, other(9), &[whole(town.parts[0], evening(days[2]))], None).len(), 1);
        let id = ids[0];
        let found = write(fixture, move |tx| booking::find(tx, id)).unwrap();
        let left = found.price.as_ref().unwrap();
        assert_eq!((found.state, found.dates().len(), left.count), (State::Firm, 2, 2));
        assert_eq!((left.due, found.owed(), left.deposit), (Cents(6_000), Cents(6_750), Cents(10_000)));
        // What the town takes back costs nothing; then what is left is given back whole or not at all.
        assert_eq!(gives(&starts[..1], Canceller::Town, Some(0)), Ok(1));
        let found = write(fixture, move |tx| booking::find(tx, id)).unwrap();
        assert_eq!((found.owed(), found.details.returned.len()), (Cents(3_750), 2));
        assert_eq!(gives(&starts[2..], Canceller::Requester, Some(0)), refusal(NotReturned::Gone));
        assert!(write(fixture, move |tx| booking::cancel_one(tx, id, Canceller::Requester, "", Paris)));
        let found = write(fixture, move |tx| booking::find(tx, id)).unwrap();
        assert_eq!(found.price.unwrap().kept, Some(Cents(750)));
    });
}

#[test]
fn what_an_association_has_for_nothing_is_counted_with_what_is_left_of_it() {
    in_a_town(|fixture, town| {
        let (now, owner) = (fixture.clock.now(), Uuid::from_u128(1));
        let days = [20, 27, 34].map(|days| (now + TimeDelta::days(days)).date_naive().to_string());
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        let new = evenings(town.parts[0], &days);
        let year = new.span.start().year();
        let first = new.span.start().timestamp();
        let free = Some(FreeUse { rank: 1, of: 2 });
        let price = Price { due: Cents(0), free, ..price() };
        let body = Some(("w341005678".to_owned(), "Pas à pas".to_owned()));
        let series = vec![Series { new, owner, price: Some(price), body }];
        write(fixture, move |tx| {
            booking::grant_each(tx, KIND, &series, Paris)
                .map_err(|error| StoreError::Invalid(error.to_string()))
        });
        let used = write(fixture, |tx| tariff::used_each(tx, &["w341005678".to_owned()]));
        assert_eq!(used.into_iter().collect::<Vec<_>>(), [(("w341005678".to_owned(), year), 1)]);
        let worth = || write(fixture, move |tx| tariff::free_uses(tx, year)).first().unwrap().value;
        assert_eq!(worth(), Cents(9_000));
        let back = write(fixture, move |tx| {
            let given = GivenBack {
                starts: &[first],
                by: Canceller::Requester,
                why: "Tournoi",
                told: Some(Cents(0)),
            };
            Ok(booking::give_back_dates(tx, (KIND, owner), &given, Paris).map(|dates| dates.len()).ok())
        });
        assert_eq!(back, Some(1));
        assert_eq!(worth(), Cents(6_000));
    });
}

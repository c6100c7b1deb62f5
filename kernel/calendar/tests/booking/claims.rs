//! What is taken is taken once, whole and without an error: claims, holds, moves and stocks, on both engines.

use crate::support::{all_claims, at, booking, claim, details, in_a_town, pieces, span, whole, write};
use beffroi_calendar::{
    claims::{self, ClaimError, HowMuch},
    resource::{self, Kind},
    spans::{Span, Spans},
};
use beffroi_core::Id;
use beffroi_store::{By, StoreError, Tx};
use chrono::TimeDelta;
use uuid::Uuid;

fn evening() -> Span {
    span("2026-06-10 18:00", "2026-06-10 22:00")
}

#[test]
fn the_hall_and_its_parts_exclude_one_another_and_the_parts_do_not() {
    in_a_town(|fixture, town| {
        let [a, b, _] = town.parts;
        assert_eq!(claim(fixture, booking(1), &[whole(a, evening())], None), []);
        assert_eq!(claim(fixture, booking(2), &[whole(b, evening())], None), []);
        let hall = whole(town.hall, evening());
        assert_eq!(claim(fixture, booking(3), &[hall], None), [hall]);
        // Nothing of what was refused is left behind.
        assert_eq!(all_claims(fixture).len(), 2);
        let later = whole(town.hall, span("2026-06-10 22:00", "2026-06-11 01:00"));
        assert_eq!(claim(fixture, booking(3), &[later], None), []);
        let part = whole(b, span("2026-06-11 00:59", "2026-06-11 02:00"));
        assert_eq!(claim(fixture, booking(4), &[part], None), [part]);
        // What is kept in a part of the hall is not a part of it.
        assert_eq!(claim(fixture, booking(5), &[pieces(town.tablets, 10, evening())], None), []);
    });
}

#[test]
fn a_series_is_taken_whole_or_not_at_all_and_its_refused_dates_are_told() {
    in_a_town(|fixture, town| {
        let week = |number: i64| {
            let of = TimeDelta::weeks(number);
            Span::new(evening().start() + of, evening().end() + of).unwrap()
        };
        let [a, ..] = town.parts;
        for number in [3, 7] {
            claim(fixture, booking(1), &[whole(a, week(number))], None);
        }
        let series: Vec<_> = (0..40).map(|number| whole(town.hall, week(number))).collect();
        let refused = claim(fixture, booking(2), &series, None);
        assert_eq!(refused, [whole(town.hall, week(3)), whole(town.hall, week(7))]);
        assert_eq!(all_claims(fixture).len(), 2);
        let rest: Vec<_> = series.into_iter().filter(|wish| !refused.contains(wish)).collect();
        assert_eq!(claim(fixture, booking(2), &rest, None), []);
        // The hall and its three parts each.
        assert_eq!(all_claims(fixture).len(), 2 + 38 * 4);
    });
}

#[test]
fn refused_dates_of_a_stock_and_of_a_room_are_told_together() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        claim(fixture, booking(1), &[whole(a, evening()), pieces(town.tablets, 8, evening())], None);
        let other = span("2026-06-11 18:00", "2026-06-11 22:00");
        let wishes = [
            whole(a, evening()),
            pieces(town.tablets, 3, evening()),
            whole(a, other),
            pieces(town.tablets, 3, other),
        ];
        let mut refused = claim(fixture, booking(2), &wishes, None);
        refused.sort_by_key(|wish| wish.much == HowMuch::Whole);
        assert_eq!(refused, [wishes[1], wishes[0]]);
    });
}

#[test]
fn wishes_that_overlap_one_another_are_refused() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        let twice = [whole(a, evening()), whole(a, evening())];
        assert_eq!(claim(fixture, booking(1), &twice, None).len(), 1);
        assert_eq!(
            claim(fixture, booking(1), &[whole(a, evening()), whole(town.hall, evening())], None).len(),
            1
        );
        assert!(all_claims(fixture).is_empty());
    });
}

#[test]
fn a_hold_that_expires_is_nobodys() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        let wish = whole(a, evening());
        let soon = fixture.commune.now() + TimeDelta::minutes(15);
        assert_eq!(claim(fixture, booking(1), &[wish], Some(soon)), []);
        assert_eq!(claim(fixture, booking(2), &[wish], None), [wish]);
        // Until the last moment.
        fixture.clock.advance(TimeDelta::minutes(15) - TimeDelta::milliseconds(1));
        assert_eq!(claim(fixture, booking(2), &[wish], None), [wish]);
        fixture.clock.advance(TimeDelta::milliseconds(1));
        assert!(!write(fixture, |tx| claims::confirm(tx, booking(1))));
        assert!(!write(fixture, move |tx| claims::hold_until(tx, booking(1), soon + TimeDelta::days(1))));
        assert_eq!(claim(fixture, booking(2), &[wish], None), []);
    });
}

#[test]
fn a_round_frees_what_was_held_and_reading_does_not_wait_for_it() {
    in_a_town(|fixture, town| {
        let [a, b, _] = town.parts;
        let soon = fixture.commune.now() + TimeDelta::minutes(15);
        claim(fixture, booking(1), &[whole(a, evening())], Some(soon));
        claim(fixture, booking(2), &[whole(b, evening())], None);
        fixture.clock.advance(TimeDelta::minutes(15));
        let had = |tx: &mut Tx<'_>| {
            Ok::<_, StoreError>((claims::of_booking(tx, booking(1))?, claims::of_booking(tx, booking(2))?))
        };
        let (held, own) = fixture.commune.read_blocking(By::SYSTEM, had).unwrap();
        assert!(held.is_empty());
        assert_eq!(own.get(&b), Some(&Spans::from(evening())));
        assert_eq!(write(fixture, claims::forget_expired), 1);
        assert_eq!(write(fixture, claims::forget_expired), 0);
        assert_eq!(all_claims(fixture).len(), 1);
    });
}

#[test]
fn a_hold_is_prolonged_and_confirmed_and_all_holds_of_a_booking_expire_together() {
    in_a_town(|fixture, town| {
        let [a, b, c] = town.parts;
        let now = fixture.commune.now();
        claim(fixture, booking(1), &[whole(a, evening())], Some(now + TimeDelta::minutes(10)));
        // One more in the basket.
        claim(fixture, booking(1), &[whole(b, evening())], Some(now + TimeDelta::minutes(20)));
        fixture.clock.advance(TimeDelta::minutes(15));
        assert!(write(fixture, move |tx| claims::hold_until(tx, booking(1), now + TimeDelta::minutes(40))));
        fixture.clock.advance(TimeDelta::minutes(20));
        assert!(write(fixture, |tx| claims::confirm(tx, booking(1))));
        // A second click changes nothing.
        assert!(write(fixture, |tx| claims::confirm(tx, booking(1))));
        fixture.clock.advance(TimeDelta::days(1));
        assert_eq!(claim(fixture, booking(2), &[whole(town.hall, evening())], None).len(), 1);
        assert_eq!(claim(fixture, booking(2), &[whole(c, evening())], None), []);
        write(fixture, |tx| claims::release(tx, booking(1)));
        write(fixture, |tx| claims::release(tx, booking(2)));
        assert_eq!(claim(fixture, booking(3), &[whole(town.hall, evening())], None), []);
    });
}

#[test]
fn a_booking_moves_or_stays_where_it_was() {
    in_a_town(|fixture, town| {
        let [a, b, _] = town.parts;
        let change = |number: u128, wishes: Vec<claims::Wish>| {
            fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<Option<bool>, StoreError> {
                match claims::change(tx, booking(number), &wishes) {
                    Ok(had) => Ok(Some(had)),
                    Err(ClaimError::Taken(_)) => Ok(None),
                    Err(other) => panic!("{other}"),
                }
            })
        };
        claim(fixture, booking(1), &[whole(town.hall, evening())], None);
        let next = span("2026-06-10 22:00", "2026-06-10 23:00");
        claim(fixture, booking(2), &[whole(b, next)], None);
        let before = all_claims(fixture);
        // Longer, over what another has.
        let longer = evening().hull(next);
        assert_eq!(change(1, vec![whole(town.hall, longer)]).unwrap(), None);
        assert_eq!(all_claims(fixture), before);
        // Longer in one part alone, over what it has itself; then shorter; then elsewhere.
        assert_eq!(change(1, vec![whole(a, longer)]).unwrap(), Some(true));
        assert_eq!(change(1, vec![whole(a, next)]).unwrap(), Some(true));
        assert_eq!(claim(fixture, booking(3), &[whole(town.hall, evening())], None), []);
        assert_eq!(change(4, vec![whole(b, evening())]).unwrap(), Some(false));
        assert_eq!(all_claims(fixture).len(), 2 + 4);
    });
}

#[test]
fn a_hold_that_moves_is_still_a_hold() {
    in_a_town(|fixture, town| {
        let [a, b, _] = town.parts;
        let soon = fixture.commune.now() + TimeDelta::minutes(15);
        claim(fixture, booking(1), &[whole(a, evening())], Some(soon));
        write(fixture, move |tx| Ok(claims::change(tx, booking(1), &[whole(b, evening())]).unwrap()));
        fixture.clock.advance(TimeDelta::minutes(15));
        assert_eq!(claim(fixture, booking(2), &[whole(b, evening())], None), []);
    });
}

#[test]
fn tablets_change_hands_before_anybody_is_refused() {
    in_a_town(|fixture, town| {
        let day = |from: i64, until: i64| {
            let start = at("2026-06-10 00:00");
            Span::new(start + TimeDelta::days(from), start + TimeDelta::days(until)).unwrap()
        };
        let two = write(fixture, move |tx| {
            Ok(resource::create(tx, &details("projecteurs", Kind::Equipment, None, 2)).unwrap())
        });
        // First come, first piece: each has one alone, until the fifth day.
        assert_eq!(claim(fixture, booking(1), &[pieces(two, 1, day(0, 2))], None), []);
        assert_eq!(claim(fixture, booking(2), &[pieces(two, 1, day(1, 3))], None), []);
        assert_eq!(claim(fixture, booking(3), &[pieces(two, 1, day(3, 5))], None), []);
        // What could be had is not told to be taken, whatever else is refused.
        let (possible, impossible) = (pieces(two, 1, day(2, 4)), pieces(two, 2, day(0, 1)));
        assert_eq!(claim(fixture, booking(4), &[possible, impossible], None), [impossible]);
        // The first piece is free until the third day, the second from then on.
        let refused = claim(fixture, booking(4), &[pieces(two, 1, day(2, 4))], None);
        assert_eq!(refused, []);
        assert_eq!(claim(fixture, booking(5), &[pieces(two, 1, day(2, 3))], None).len(), 1);
        let all = all_claims(fixture);
        assert_eq!(all.len(), 4);
        let bookings: std::collections::BTreeSet<_> = all.into_iter().map(|(.., booking)| booking).collect();
        assert_eq!(bookings.len(), 4);
        assert!(town.tablets != two);
    });
}

#[test]
fn a_piece_that_is_withdrawn_is_lent_no_more() {
    in_a_town(|fixture, town| {
        claim(fixture, booking(1), &[pieces(town.tablets, 6, evening())], None);
        let withdraw = |stock: u32| {
            write(fixture, move |tx| {
                let mut details = resource::find(tx, town.tablets)?.unwrap().details;
                details.stock = stock;
                resource::change(tx, town.tablets, &details).unwrap();
                Ok(())
            });
        };
        withdraw(7);
        assert_eq!(claim(fixture, booking(2), &[pieces(town.tablets, 2, evening())], None).len(), 1);
        assert_eq!(claim(fixture, booking(2), &[pieces(town.tablets, 1, evening())], None), []);
        withdraw(12);
        assert_eq!(claim(fixture, booking(3), &[pieces(town.tablets, 6, evening())], None).len(), 1);
        assert_eq!(claim(fixture, booking(3), &[pieces(town.tablets, 5, evening())], None), []);
    });
}

#[test]
fn what_does_not_exist_and_what_is_too_much_is_refused() {
    in_a_town(|fixture, town| {
        let nothing = Id::from_uuid(Uuid::from_u128(9));
        let refused = fixture.commune.write_blocking(By::SYSTEM, move |tx| {
            claims::claim(tx, booking(1), &[whole(nothing, evening())], None)
        });
        assert!(matches!(refused, Err(ClaimError::Unknown(id)) if id == nothing));
        let many: Vec<_> = (0..1_501)
            .map(|week| {
                let of = TimeDelta::weeks(week);
                whole(town.hall, Span::new(evening().start() + of, evening().end() + of).unwrap())
            })
            .collect();
        let refused =
            fixture.commune.write_blocking(By::SYSTEM, move |tx| claims::claim(tx, booking(1), &many, None));
        assert!(matches!(refused, Err(ClaimError::TooMany)));
        // Nor by and by.
        let years = |from: i64| -> Vec<_> {
            let days = from..from + 750;
            days.map(|day| {
                let of = TimeDelta::days(day);
                whole(town.hall, Span::new(evening().start() + of, evening().end() + of).unwrap())
            })
            .collect()
        };
        assert_eq!(claim(fixture, booking(1), &years(0), None), []);
        assert_eq!(claim(fixture, booking(1), &years(750), None), []);
        let more = years(1_500);
        let refused =
            fixture.commune.write_blocking(By::SYSTEM, move |tx| claims::claim(tx, booking(1), &more, None));
        assert!(matches!(refused, Err(ClaimError::TooMany)));
        write(fixture, |tx| claims::release(tx, booking(1)));
        assert!(!claim(fixture, booking(1), &[pieces(town.tablets, 11, evening())], None).is_empty());
        assert!(all_claims(fixture).is_empty());
    });
}

#[test]
fn a_place_that_is_divided_later_is_taken_for_what_was_booked_of_it() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        claim(fixture, booking(1), &[whole(town.hall, evening())], None);
        let next = span("2026-06-11 18:00", "2026-06-11 22:00");
        claim(fixture, booking(2), &[whole(a, next)], None);
        // What was taken, and is over.
        let past = span("2026-06-04 18:00", "2026-06-04 22:00");
        claim(fixture, booking(3), &[whole(town.hall, past)], None);
        fixture.clock.advance(TimeDelta::days(3));
        let stage = write(fixture, move |tx| {
            Ok(resource::create(tx, &details("scene", Kind::Room, Some(town.hall), 1)).unwrap())
        });
        assert_eq!(claim(fixture, booking(4), &[whole(stage, evening())], None).len(), 1);
        assert_eq!(claim(fixture, booking(4), &[whole(stage, next)], None), []);
        assert_eq!(claim(fixture, booking(5), &[whole(town.hall, next)], None).len(), 1);
        write(fixture, |tx| claims::release(tx, booking(1)));
        assert_eq!(claim(fixture, booking(6), &[whole(stage, evening())], None), []);
        let of_stage =
            all_claims(fixture).into_iter().filter(|(.., whose)| *whose == booking(3).to_string()).count();
        assert_eq!(of_stage, 4);
    });
}

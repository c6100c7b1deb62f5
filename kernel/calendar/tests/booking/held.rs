//! Somebody picks a time, says what for, asks for it, and is answered.

use beffroi_calendar::{
    booking::{self, Booking, Canceller, Details, Extra, Holding, Lengthened, NewBooking, NotHad, State},
    claims::{ClaimError, HowMuch},
    resource::{self, Name, Terms, Unfit},
    spans::Span,
};
use beffroi_core::{Clock, Id};
use beffroi_people::Town as Settings;
use beffroi_store::{StoreError, testing::TestCommune};
use chrono::TimeDelta;
use chrono_tz::Europe::Paris;
use uuid::Uuid;

use crate::support::{Town, all_claims, in_a_town, span, whole, write};

const DRAFT: Uuid = Uuid::from_u128(7);
const CASE: Uuid = Uuid::from_u128(8);

const HOLDING: Holding<'static> = Holding { purpose: "reservation-de-salle", holder: "somebody" };

fn evening(town: Town, tablets: u32) -> NewBooking {
    let extra = Extra { resource: town.tablets, name: Name::default(), count: tablets };
    let extras = if tablets > 0 { vec![extra] } else { Vec::new() };
    let details = Details { people: Some(40), extras, ..Details::default() };
    // As far ahead as anybody books.
    NewBooking { resource: town.hall, span: span("2026-11-10 18:00", "2026-11-10 22:00"), details }
}

fn had(result: Result<(), NotHad>) -> Result<bool, StoreError> {
    match result {
        Ok(()) => Ok(true),
        Err(NotHad::Taken | NotHad::Unfit(_)) => Ok(false),
        Err(NotHad::Store(error)) => Err(error),
    }
}

fn told<T>(result: Result<T, ClaimError>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(ClaimError::Taken(_)) => Ok(None),
        Err(ClaimError::Store(error)) => Err(error),
        Err(other) => Err(StoreError::Invalid(other.to_string())),
    }
}

fn held(fixture: &TestCommune, new: NewBooking) -> Option<(Id<Booking>, String)> {
    write(fixture, move |tx| {
        let held = booking::hold(tx, &new, HOLDING);
        Ok(told(held)?.map(|(id, secret, _)| (id, secret.reveal().to_owned())))
    })
}

fn found(fixture: &TestCommune, id: Id<Booking>) -> Booking {
    write(fixture, move |tx| booking::find(tx, id)).unwrap()
}

fn confirmed(fixture: &TestCommune, id: Id<Booking>) -> bool {
    write(fixture, move |tx| {
        let held = booking::find(tx, id)?.unwrap();
        let done = had(booking::confirm(tx, &held, &Settings::default()))?;
        if done {
            booking::hand_over(tx, id, ("case", CASE))?;
        }
        Ok(done)
    })
}

#[test]
fn a_time_that_is_held_is_nobody_elses_until_it_expires() {
    in_a_town(|fixture, town| {
        let (id, secret) = held(fixture, evening(town, 3)).unwrap();
        assert_eq!(held(fixture, evening(town, 0)), None);
        let known = write(fixture, move |tx| booking::by_secret(tx, &secret)).unwrap();
        assert_eq!((known.id, known.details.people, known.details.extras.len()), (id, Some(40), 1));
        assert!(write(fixture, |tx| booking::by_secret(tx, "x")).is_none());
        fixture.clock.advance(TimeDelta::minutes(14));
        assert_eq!(held(fixture, evening(town, 0)), None);
        fixture.clock.advance(TimeDelta::minutes(1));
        let (other, _) = held(fixture, evening(town, 0)).unwrap();
        // Whoever comes too late is told; what they picked stays known, so that others can be proposed.
        assert!(!confirmed(fixture, id));
        assert_eq!(found(fixture, id).state, State::Held);
        assert!(confirmed(fixture, other));
    });
}

#[test]
fn a_time_whose_hold_has_expired_is_taken_again_where_nobody_has_it() {
    in_a_town(|fixture, town| {
        let (id, _) = held(fixture, evening(town, 10)).unwrap();
        fixture.clock.advance(TimeDelta::hours(3));
        assert!(!found(fixture, id).runs(fixture.clock.now()));
        assert!(confirmed(fixture, id));
        assert_eq!(found(fixture, id).state, State::Asked);
        // The hall is its three parts; the tablets are ten.
        assert_eq!(all_claims(fixture).len(), 14);
        fixture.clock.advance(TimeDelta::hours(30));
        write(fixture, booking::sweep);
        assert_eq!(all_claims(fixture).len(), 14, "what is asked for does not expire");
    });
}

#[test]
fn what_is_refused_withdrawn_or_overtaken_by_silence_is_given_back() {
    in_a_town(|fixture, town| {
        let (id, _) = held(fixture, evening(town, 0)).unwrap();
        assert!(confirmed(fixture, id));
        write(fixture, |tx| booking::release(tx, ("case", CASE)));
        assert_eq!((found(fixture, id).state, all_claims(fixture).len()), (State::Released, 0));
        // Granted all the same, where nobody has it.
        let granted = |fixture: &TestCommune| {
            write(fixture, |tx| {
                let done = booking::firm(tx, ("case", CASE));
                Ok(told(done)?.is_some())
            })
        };
        assert!(granted(fixture));
        assert_eq!(found(fixture, id).state, State::Firm);
        write(fixture, |tx| booking::release(tx, ("case", CASE)));
        let (other, _) = held(fixture, evening(town, 0)).unwrap();
        assert!(!granted(fixture), "somebody else has it");
        write(fixture, move |tx| booking::let_go(tx, other));
        write(fixture, |tx| booking::forget(tx, ("case", CASE)));
        assert!(write(fixture, move |tx| booking::find(tx, id)).is_none());
        // A request that booked nothing is no error.
        write(fixture, |tx| booking::release(tx, ("case", DRAFT)));
        assert!(granted(fixture));
    });
}

#[test]
fn a_draft_holds_one_time() {
    in_a_town(|fixture, town| {
        let (first, _) = held(fixture, evening(town, 0)).unwrap();
        write(fixture, move |tx| booking::take_over(tx, first, ("draft", DRAFT)));
        let later = NewBooking { span: span("2026-11-11 18:00", "2026-11-11 22:00"), ..evening(town, 0) };
        let (second, _) = held(fixture, later).unwrap();
        write(fixture, move |tx| booking::take_over(tx, second, ("draft", DRAFT)));
        let kept = write(fixture, |tx| booking::of_owner(tx, ("draft", DRAFT))).unwrap();
        assert_eq!(kept.id, second);
        assert!(held(fixture, evening(town, 0)).is_some(), "the first was given back");
        fixture.clock.advance(TimeDelta::minutes(10));
        let lengthen = |fixture: &TestCommune| {
            write(fixture, move |tx| booking::lengthen(tx, second, &Settings::default()))
        };
        assert!(matches!(lengthen(fixture), Lengthened::Until(_)));
        fixture.clock.advance(TimeDelta::minutes(14));
        assert!(found(fixture, second).runs(fixture.clock.now()));
        fixture.clock.advance(TimeDelta::days(2));
        assert!(matches!(lengthen(fixture), Lengthened::Until(_)), "held again: nobody has it");
        for _ in 2..booking::LENGTHENED_AT_MOST {
            assert!(matches!(lengthen(fixture), Lengthened::Until(_)));
        }
        assert_eq!(lengthen(fixture), Lengthened::Enough, "nobody keeps a time for ever");
        assert!(confirmed(fixture, second));
        assert_eq!(lengthen(fixture), Lengthened::Lost, "what is asked for is no hold");
    });
}

#[test]
fn the_town_keeps_a_time_for_itself_and_gives_it_back() {
    in_a_town(|fixture, town| {
        let mut works = evening(town, 0);
        works.details.note = "Révision du chauffage".to_owned();
        let id = write(fixture, move |tx| {
            let done = booking::block(tx, &works);
            told(done)
        })
        .unwrap();
        assert_eq!(held(fixture, evening(town, 0)), None);
        let day = span("2026-11-10 00:00", "2026-11-11 00:00");
        let listed = write(fixture, move |tx| booking::listed(tx, day));
        assert_eq!(listed.len(), 1);
        assert_eq!(listed.first().unwrap().details.note, "Révision du chauffage");
        assert!(write(fixture, move |tx| booking::unblock(tx, id)));
        assert!(!write(fixture, move |tx| booking::unblock(tx, id)));
        assert!(held(fixture, evening(town, 0)).is_some());
        assert_eq!(whole(town.hall, day).much, HowMuch::Whole);
    });
}

#[test]
fn nobody_gains_by_letting_a_hold_run_out() {
    in_a_town(|fixture, town| {
        let refused = |fixture: &TestCommune, id: Id<Booking>| {
            write(fixture, move |tx| {
                let held = booking::find(tx, id)?.unwrap();
                match booking::confirm(tx, &held, &Settings::default()) {
                    Err(NotHad::Unfit(unfit)) => Ok(unfit),
                    other => panic!("{other:?}"),
                }
            })
        };
        let (id, _) = held(fixture, evening(town, 0)).unwrap();
        fixture.clock.advance(TimeDelta::minutes(16));
        // Since then the town wants more notice than there is, and shorter bookings.
        write(fixture, move |tx| {
            let kept = resource::find(tx, town.hall)?.unwrap();
            let terms = Terms { ahead_minutes: 300 * 24 * 60, longest_minutes: 60, ..kept.details.terms };
            let details = resource::ResourceDetails { terms, ..kept.details };
            resource::change(tx, town.hall, &details).unwrap();
            Ok(())
        });
        assert_eq!(refused(fixture, id), [Unfit::TooLong(60), Unfit::TooSoon(300 * 24 * 60)]);
        assert_eq!((found(fixture, id).state, all_claims(fixture).len()), (State::Held, 0));
        let longer = write(fixture, move |tx| booking::lengthen(tx, id, &Settings::default()));
        assert_eq!(longer, Lengthened::Lost);
        // What is still held is theirs whatever the terms have become.
        let (id, _) = held(fixture, evening(town, 0)).unwrap();
        assert!(confirmed(fixture, id));
    });
}

#[test]
fn what_was_granted_is_given_back_until_it_begins() {
    in_a_town(|fixture, town| {
        let (id, _) = held(fixture, evening(town, 3)).unwrap();
        assert!(confirmed(fixture, id));
        let cancel = |fixture: &TestCommune| {
            write(fixture, |tx| {
                booking::cancel(tx, ("case", CASE), Canceller::Requester, "Match reporté", Paris)
            })
        };
        assert!(!cancel(fixture), "what waits for an answer is withdrawn with its request");
        write(fixture, |tx| {
            let done = booking::firm(tx, ("case", CASE));
            told(done)
        });
        assert!(cancel(fixture));
        assert!(!cancel(fixture));
        let now = fixture.clock.now();
        let given_back = found(fixture, id);
        let told = given_back.cancelled.unwrap();
        assert_eq!((given_back.state, told.by, told.at), (State::Cancelled, Canceller::Requester, now));
        assert_eq!((told.why.as_str(), all_claims(fixture).len()), ("Match reporté", 0));
        // Ending the case later does not make it a refusal.
        write(fixture, |tx| booking::release(tx, ("case", CASE)));
        assert_eq!(found(fixture, id).state, State::Cancelled);
        let (other, _) = held(fixture, evening(town, 0)).unwrap();
        assert!(confirmed(fixture, other), "it is free at once");
        write(fixture, |tx| {
            let done = booking::firm(tx, ("case", CASE));
            told_of(done)
        });
        fixture.clock.advance(TimeDelta::days(200));
        assert!(!cancel(fixture), "it has begun");
    });
}

fn told_of(result: Result<(), ClaimError>) -> Result<(), StoreError> {
    told(result).map(|done| assert!(done.is_some()))
}

#[test]
fn how_much_somebody_holds_is_known_and_who_is_forgotten() {
    in_a_town(|fixture, town| {
        let count = |fixture: &TestCommune| write(fixture, |tx| booking::held_by(tx, "somebody"));
        assert_eq!(count(fixture), 0);
        held(fixture, evening(town, 0)).unwrap();
        let later = NewBooking { span: span("2026-11-11 18:00", "2026-11-11 22:00"), ..evening(town, 0) };
        let (second, _) = held(fixture, later).unwrap();
        assert_eq!(count(fixture), 2);
        assert!(confirmed(fixture, second));
        assert_eq!(count(fixture), 1);
        let kept = "SELECT COUNT(*) FROM calendar_booking WHERE holder IS NOT NULL";
        let known = |fixture: &TestCommune| -> i64 {
            write(fixture, move |tx| tx.query_one(kept, &[], |row| row.get(0)))
        };
        assert_eq!(known(fixture), 1);
        fixture.clock.advance(TimeDelta::minutes(16));
        assert_eq!(count(fixture), 0);
        write(fixture, booking::sweep);
        assert_eq!(known(fixture), 0);
    });
}

#[test]
fn what_a_letter_asks_for_too_late_is_kept_for_an_agent_to_see() {
    in_a_town(|fixture, town| {
        let (id, _) = held(fixture, evening(town, 0)).unwrap();
        fixture.clock.advance(TimeDelta::minutes(16));
        let (rival, _) = held(fixture, evening(town, 0)).unwrap();
        write(fixture, move |tx| {
            booking::overtake(tx, id)?;
            booking::hand_over(tx, id, ("case", CASE))
        });
        assert_eq!(found(fixture, id).state, State::Overtaken);
        let granted = |fixture: &TestCommune| {
            write(fixture, |tx| {
                let done = booking::firm(tx, ("case", CASE));
                Ok(told(done)?.is_some())
            })
        };
        assert!(!granted(fixture));
        write(fixture, move |tx| booking::let_go(tx, rival));
        assert!(granted(fixture), "the other one gave up");
    });
}

#[test]
fn the_nearest_times_are_those_at_which_all_of_it_is_free() {
    in_a_town(|fixture, town| {
        // One part of the hall is taken in the morning, most tablets at noon.
        let [east, ..] = town.parts;
        let part = NewBooking {
            resource: east,
            span: span("2026-11-10 08:00", "2026-11-10 10:00"),
            details: Details::default(),
        };
        held(fixture, part).unwrap();
        let screens = NewBooking {
            resource: town.parts[1],
            span: span("2026-11-10 12:00", "2026-11-10 14:00"),
            details: evening(town, 8).details,
        };
        held(fixture, screens).unwrap();
        let near = |wish: (&str, &str), extras: u32| {
            let (wish, extras) = (span(wish.0, wish.1), evening(town, extras).details.extras);
            let found = write(fixture, move |tx| {
                let hall = resource::find(tx, town.hall)?.unwrap();
                booking::nearest(tx, &hall, &extras, wish, None, &Settings::default())
            });
            let shown = |it: Span| it.start().with_timezone(&Paris).format("%d %H:%M").to_string();
            found.into_iter().map(shown).collect::<Vec<_>>()
        };
        let early = ("2026-11-10 08:00", "2026-11-10 10:00");
        assert!(near(early, 0).contains(&"10 10:00".to_owned()));
        assert!(near(early, 0).iter().all(|time| time != "10 08:00" && time != "10 09:00"));
        let free = near(("2026-11-10 12:00", "2026-11-10 14:00"), 3);
        assert!(free.contains(&"10 14:00".to_owned()), "{free:?}");
        assert!(!free.iter().any(|time| ["10 11:00", "10 12:00", "10 13:30"].contains(&time.as_str())));
        // A part is not free while all of it is taken; too far away, the last days are offered.
        let far = near(("2030-01-01 10:00", "2030-01-01 12:00"), 0);
        assert_eq!(far.len(), 5);
    });
}

//! Somebody picks a time, says what for, asks for it, and is answered.

use beffroi_calendar::{
    booking::{self, Booking, Details, Extra, NewBooking, State},
    claims::{ClaimError, HowMuch},
    resource::Name,
};
use beffroi_core::{Clock, Id};
use beffroi_store::{StoreError, testing::TestCommune};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::support::{Town, all_claims, in_a_town, span, whole, write};

const DRAFT: Uuid = Uuid::from_u128(7);
const CASE: Uuid = Uuid::from_u128(8);

fn evening(town: Town, tablets: u32) -> NewBooking {
    let extra = Extra { resource: town.tablets, name: Name::default(), count: tablets };
    let extras = if tablets > 0 { vec![extra] } else { Vec::new() };
    let details = Details { people: Some(40), extras, ..Details::default() };
    // Long after the clock of the tests.
    NewBooking { resource: town.hall, span: span("2036-06-10 18:00", "2036-06-10 22:00"), details }
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
        let held = booking::hold(tx, &new);
        Ok(told(held)?.map(|(id, secret, _)| (id, secret.reveal().to_owned())))
    })
}

fn found(fixture: &TestCommune, id: Id<Booking>) -> Booking {
    write(fixture, move |tx| booking::find(tx, id)).unwrap()
}

fn confirmed(fixture: &TestCommune, id: Id<Booking>) -> bool {
    write(fixture, move |tx| {
        let held = booking::find(tx, id)?.unwrap();
        let done = booking::confirm(tx, &held);
        let done = told(done)?.is_some();
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
        let later = NewBooking { span: span("2036-06-11 18:00", "2036-06-11 22:00"), ..evening(town, 0) };
        let (second, _) = held(fixture, later).unwrap();
        write(fixture, move |tx| booking::take_over(tx, second, ("draft", DRAFT)));
        let kept = write(fixture, |tx| booking::of_owner(tx, ("draft", DRAFT))).unwrap();
        assert_eq!(kept.id, second);
        assert!(held(fixture, evening(town, 0)).is_some(), "the first was given back");
        fixture.clock.advance(TimeDelta::minutes(10));
        assert!(write(fixture, move |tx| booking::lengthen(tx, second)));
        fixture.clock.advance(TimeDelta::minutes(14));
        assert!(found(fixture, second).runs(fixture.clock.now()));
        fixture.clock.advance(TimeDelta::days(2));
        assert!(write(fixture, move |tx| booking::lengthen(tx, second)), "held again: nobody has it");
        assert!(confirmed(fixture, second));
        assert!(!write(fixture, move |tx| booking::lengthen(tx, second)), "what is asked for is no hold");
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
        let day = span("2036-06-10 00:00", "2036-06-11 00:00");
        let listed = write(fixture, move |tx| booking::listed(tx, day));
        assert_eq!(listed.len(), 1);
        assert_eq!(listed.first().unwrap().details.note, "Révision du chauffage");
        assert!(write(fixture, move |tx| booking::unblock(tx, id)));
        assert!(!write(fixture, move |tx| booking::unblock(tx, id)));
        assert!(held(fixture, evening(town, 0)).is_some());
        assert_eq!(whole(town.hall, day).much, HowMuch::Whole);
    });
}

//! What the town lends: no piece is promised twice, what is given back serves others, and what is left is told.

use beffroi_calendar::{
    booking::{Extra, Owner},
    claims::ClaimError,
    lending::{self, Loan, State},
    resource::{self, Kind, Name, Resource},
    spans::Span,
    stock,
};
use beffroi_core::Id;
use beffroi_store::{StoreError, Tx};
use uuid::Uuid;

use crate::support::{details, in_a_town, span, write};

const ONE: Owner<'static> = ("case", Uuid::from_u128(1));
const OTHER: Owner<'static> = ("case", Uuid::from_u128(2));

fn chairs(tx: &mut Tx<'_>) -> Id<Resource> {
    let id = resource::create(tx, &details("chaises", Kind::Equipment, None, 10)).unwrap();
    assert!(lending::keep(tx, id, "chaises").unwrap());
    id
}

fn some(resource: Id<Resource>, count: u32) -> Vec<Extra> {
    vec![Extra { resource, name: Name { fr: "Chaises".to_owned(), en: String::new() }, count }]
}

/// Takes pieces for a request; `None` where others have them.
fn taken(
    tx: &mut Tx<'_>,
    owner: Owner<'_>,
    days: Span,
    things: &[Extra],
) -> Result<Option<Id<Loan>>, StoreError> {
    match lending::take(tx, days, things) {
        Ok(id) => lending::ask(tx, id, owner, days, things).map(|()| Some(id)),
        Err(ClaimError::Taken(_)) => Ok(None),
        Err(other) => panic!("{other}"),
    }
}

fn weekend() -> Span {
    span("2026-07-03 00:00", "2026-07-07 00:00")
}

#[test]
fn what_is_lent_is_lent_to_one_until_it_comes_back() {
    in_a_town(|fixture, _| {
        write(fixture, |tx| {
            let chairs = chairs(tx);
            let loan = taken(tx, ONE, weekend(), &some(chairs, 8))?.unwrap();
            assert_eq!(
                taken(tx, OTHER, span("2026-07-06 00:00", "2026-07-08 00:00"), &some(chairs, 3))?,
                None
            );
            let left =
                |tx: &mut Tx<'_>, but| stock::left(tx, &[chairs], weekend(), but).map(|it| it[&chairs]);
            assert_eq!((left(tx, None)?, left(tx, Some(loan.uuid()))?), (2, 10));
            assert_eq!(stock::promised(tx, &[chairs])?[&chairs].count, 8);
            assert!(taken(tx, OTHER, weekend(), &some(chairs, 2))?.is_some());
            lending::firm(tx, ONE).unwrap();
            let loan = lending::find(tx, loan)?.unwrap();
            assert_eq!(loan.state, State::Firm);
            // Others have two: nine cannot be had, and the eight are had still.
            assert!(lending::change(tx, &loan, weekend(), &some(chairs, 9)).is_err());
            assert_eq!(left(tx, None)?, 0);
            assert!(lending::change(tx, &loan, weekend(), &some(chairs, 5)).unwrap());
            assert_eq!(left(tx, None)?, 3);
            let loan = lending::find(tx, loan.id)?.unwrap();
            assert!(lending::give_back(tx, &loan)?);
            assert_eq!(left(tx, None)?, 8);
            let loan = lending::find(tx, loan.id)?.unwrap();
            assert!(!lending::give_back(tx, &loan)?, "it is back already");
            Ok(())
        });
    });
}

#[test]
fn what_silence_has_released_is_lent_again_where_nobody_has_it() {
    in_a_town(|fixture, _| {
        write(fixture, |tx| {
            let chairs = chairs(tx);
            taken(tx, ONE, weekend(), &some(chairs, 8))?.unwrap();
            lending::release(tx, ONE)?;
            let other = taken(tx, OTHER, weekend(), &some(chairs, 8))?.unwrap();
            assert!(matches!(lending::firm(tx, ONE), Err(ClaimError::Taken(_))));
            lending::release(tx, OTHER)?;
            lending::firm(tx, ONE).unwrap();
            assert_eq!(lending::of_owner(tx, ONE)?.unwrap().state, State::Firm);
            assert_eq!(lending::find(tx, other)?.unwrap().state, State::Released);
            // What is forgotten is nobody's any more.
            lending::forget(tx, ONE)?;
            assert_eq!(lending::of_owner(tx, ONE)?, None);
            assert_eq!(stock::left(tx, &[chairs], weekend(), None)?[&chairs], 10);
            Ok(())
        });
    });
}

#[test]
fn a_letter_is_kept_whatever_it_asks_for() {
    in_a_town(|fixture, _| {
        write(fixture, |tx| {
            let chairs = chairs(tx);
            let id = lending::note_overtaken(tx, ONE, weekend(), &some(chairs, 12))?;
            assert_eq!(stock::left(tx, &[chairs], weekend(), None)?[&chairs], 10);
            let loan = lending::find(tx, id)?.unwrap();
            assert!(lending::change(tx, &loan, weekend(), &some(chairs, 10)).unwrap());
            assert_eq!(lending::find(tx, id)?.unwrap().state, State::Asked);
            assert_eq!(stock::left(tx, &[chairs], weekend(), None)?[&chairs], 0);
            Ok(())
        });
    });
}

#[test]
fn one_choice_asks_for_one_thing_and_what_is_withdrawn_for_none() {
    in_a_town(|fixture, town| {
        write(fixture, move |tx| {
            let chairs = chairs(tx);
            let tables = resource::create(tx, &details("tables", Kind::Equipment, None, 4)).unwrap();
            assert!(!lending::keep(tx, tables, "chaises")?, "the chairs are asked for by it");
            assert!(lending::keep(tx, tables, "")?);
            let items = lending::items(tx)?;
            assert_eq!(items.0.len(), 2);
            assert_eq!(items.asked_by("chaises").unwrap().resource.id, chairs);
            assert!(lending::item(tx, "tablettes")?.is_none(), "what is kept in a room is not lent");
            assert!(lending::item(tx, "tables")?.is_some());
            let mut kept = resource::find(tx, chairs)?.unwrap().details;
            kept.active = false;
            resource::change(tx, chairs, &kept).unwrap();
            assert!(lending::items(tx)?.asked_by("chaises").is_none());
            let here: Vec<_> = resource::kept_here(tx, town.parts[0])?.into_iter().map(|it| it.id).collect();
            assert_eq!(here, [town.tablets]);
            assert_eq!(resource::free_slug(tx, "Tablettes")?, "tablettes-2");
            Ok(())
        });
    });
}

//! Many who want the last seats at the same moment: as many get one as there are, never more, never fewer.

use std::{sync::Barrier, thread};

use beffroi_core::{Channel, Lang};
use beffroi_people::permission::permit_system;
use beffroi_store::{By, Commune};
use beffroi_workshops::{
    AdviseWorkshops,
    registration::{
        self, GivenUp, NewRegistration, Outcome, Person, RegisterError, SeatState, Way, Whom, Wish,
    },
    series,
    session::{self, SessionDetails},
};

use crate::support::{in_a_town, span};

/// Rivals who are released together, and how often each of them tries.
const RIVALS: usize = 10;
const TRIES: usize = 6;

fn register(
    commune: &Commune,
    session: beffroi_core::Id<session::Mark>,
    name: &str,
    waits: bool,
) -> Option<SeatState> {
    let name = name.to_owned();
    let done = commune.write_blocking(By::VISITOR, move |tx| {
        let series = series::by_slug(tx, "premiers-pas")?.unwrap();
        let email = format!("{}@example.org", name.replace(' ', "-"));
        let person = Person { name, email, way: Some(Way::Mail), ..Person::default() };
        let new = NewRegistration {
            series: &series,
            wish: Wish::One(session),
            waits,
            reduced: false,
            person,
            whom: Whom::Public,
            channel: Channel::Online,
            lang: Lang::Fr,
            account: None,
        };
        registration::register(tx, &new)
    });
    match done {
        Ok(Outcome::Made { seats, .. }) => Some(seats[0].1),
        Ok(Outcome::Already { .. }) => panic!("nobody is registered twice"),
        Err(RegisterError::Full { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn as_many_get_a_seat_as_there_are() {
    in_a_town(async |town| {
        let (seats, waiting_places) = (17, 9);
        let (place, series) = (town.things.club, town.things.steps);
        let planned = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let permit = permit_system::<AdviseWorkshops>(tx).unwrap();
            let details = SessionDetails { place, span: span(12, 9, 11), seats, waiting_places };
            session::plan(tx, &permit, series, details)
        });
        let session = planned.await.unwrap();
        let (commune, start) = (&*town.fixture.commune, Barrier::new(RIVALS));
        let won: Vec<SeatState> = thread::scope(|scope| {
            let rivals: Vec<_> = (0..RIVALS)
                .map(|rival| {
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        let name = |rank: usize| format!("Rival {rival} {rank}");
                        (0..TRIES)
                            .filter_map(|rank| register(commune, session, &name(rank), true))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            rivals.into_iter().flat_map(|rival| rival.join().unwrap()).collect()
        });
        let count = |state: SeatState| won.iter().filter(|won| **won == state).count();
        assert_eq!((count(SeatState::Seated), count(SeatState::Waiting)), (17, 9));
        let kept = town.fixture.commune.read(By::SYSTEM, move |tx| session::find(tx, session)).await;
        let kept = kept.unwrap().unwrap();
        assert_eq!((kept.taken, kept.waiting), (17, 9));
    });
}

#[test]
fn those_who_give_back_and_those_who_come_never_lose_a_seat() {
    in_a_town(async |town| {
        let session = town.things.session;
        let (commune, start) = (&*town.fixture.commune, Barrier::new(RIVALS));
        thread::scope(|scope| {
            for rival in 0..RIVALS {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for rank in 0..TRIES {
                        let name = format!("Rival {rival} {rank}");
                        if register(commune, session, &name, rank % 2 == 0).is_none() {
                            continue;
                        }
                        let gone = commune.write_blocking(By::VISITOR, move |tx| {
                            let id = tx.query_one(
                                "SELECT id FROM workshops_registration WHERE name = $1",
                                &[&name],
                                |row| row.get(0),
                            )?;
                            registration::cancel(tx, id, GivenUp::All, Whom::Public)
                        });
                        assert_eq!(gone.unwrap(), 1);
                    }
                });
            }
        });
        let kept = town.fixture.commune.read(By::SYSTEM, move |tx| session::find(tx, session)).await;
        let kept = kept.unwrap().unwrap();
        assert_eq!((kept.taken, kept.waiting), (0, 0));
    });
}

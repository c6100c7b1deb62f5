//! The proposal of a season is made outside of any transaction: what changes meanwhile is not run over, and a round as large as
//! a round may be is given out whole.

use std::collections::{BTreeMap, BTreeSet};

use beffroi_calendar::{
    claims::{self, HowMuch},
    resource::{self, Resource, ResourceDetails},
    season::{Criterion, Range, Wish},
};
use beffroi_core::{Channel, Day, Id, Lang};
use beffroi_people::{Town as Settings, permission::permit_system};
use beffroi_rooms::{
    ManageSeasons,
    season::{self, Basis, Body, Contact, Days, Kept, NewRequest, Round, Sheet, Wished},
};
use beffroi_store::{By, StoreError, Tx};
use chrono::Weekday;

use crate::support::{Town, hours_of, in_a_town, moment, name};

const WEEK: [Weekday; 6] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat];
const SLUG: &str = "saison";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A round of the hall and of rooms like it, with so many associations of so many wishes, of which no more are taken.
fn closed_round(
    tx: &mut Tx<'_>,
    hall: Id<Resource>,
    (rooms, associations, wishes): (usize, usize, usize),
) -> Result<(), StoreError> {
    let permit = permit_system::<ManageSeasons>(tx).unwrap();
    let like = resource::find(tx, hall)?.unwrap().details;
    let mut all = vec![hall];
    for number in 1..rooms {
        let slug = format!("salle-{number}");
        let details = ResourceDetails { slug: slug.clone(), name: name(&slug), parent: None, ..like.clone() };
        all.push(resource::create(tx, &details).unwrap());
    }
    let sheet = Sheet {
        name: name(SLUG),
        rooms: all.clone(),
        criteria: vec![Criterion::Fewest, Criterion::Residents],
        ..Sheet::default()
    };
    let days = Days {
        first: day("2026-09-07"),
        last: day("2026-11-27"),
        opens: day("2026-05-01"),
        closes: day("2026-06-20"),
    };
    let mut round: Round = season::create(tx, &permit, &sheet, days)?;
    assert_eq!(round.slug, SLUG);
    assert!(season::open(tx, &permit, &round)?);
    for number in 0..associations {
        let wish = |rank: usize| {
            let range = |next: usize, from: &str, until: &str| Range {
                weekday: *WEEK.get((number + rank + next) % 6).unwrap(),
                from: moment(from),
                until: moment(until),
            };
            let rooms = (0..rooms.min(3)).map(|next| *all.get((number + rank + next) % rooms).unwrap());
            Wished {
                activity: "Danse".to_owned(),
                wish: Wish {
                    times: 1,
                    minutes: 120,
                    ranges: vec![range(0, "18:00", "20:00"), range(1, "17:00", "20:00")],
                    rooms: rooms.collect(),
                    people: 15,
                    first: None,
                    last: None,
                },
            }
        };
        let new = NewRequest {
            body: Body {
                name: format!("Association {number}"),
                number: String::new(),
                members: 20,
                residents: u32::try_from(number % 20).unwrap(),
                young: 3,
                elsewhere: false,
            },
            contact: Contact {
                name: "Lila Nouri".to_owned(),
                email: "lila@example.org".to_owned(),
                phone: String::new(),
                address: String::new(),
            },
            wishes: (0..wishes).map(wish).collect(),
            account: None,
            channel: Channel::Phone,
            lang: Lang::Fr,
        };
        season::hand_in(tx, &round, &new).unwrap();
    }
    round.state = season::State::Open;
    assert!(season::close(tx, &mut round)?);
    Ok(())
}

async fn basis(town: &Town<'_>) -> (Basis, Settings) {
    let read = town.fixture.commune.read(By::SYSTEM, |tx| {
        let settings = Settings::load(tx)?;
        Ok::<_, StoreError>((Basis::load(tx, &settings, SLUG)?.unwrap(), settings))
    });
    read.await.unwrap()
}

/// Reads what a proposal is made of, makes it, lets something happen, and keeps it.
async fn proposed(
    town: &Town<'_>,
    meanwhile: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static,
) -> Kept {
    let (basis, settings) = basis(town).await;
    let made = basis.give_out(&settings);
    town.fixture.commune.write(By::SYSTEM, meanwhile).await.unwrap();
    let kept = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system::<ManageSeasons>(tx).unwrap();
        season::keep(tx, &permit, &settings, &made)
    });
    kept.await.unwrap()
}

#[test]
fn what_changes_while_a_proposal_is_made_is_not_run_over() {
    in_a_town(async |town| {
        let hall = town.hall;
        let made = town.fixture.commune.write(By::SYSTEM, move |tx| closed_round(tx, hall, (1, 3, 1)));
        made.await.unwrap();
        // Somebody takes an evening of the season.
        let evening = hours_of(day("2026-09-08"), 18, 20);
        let taken = move |tx: &mut Tx<'_>| {
            let booking = tx.new_id::<Resource>();
            let wish = claims::Wish { resource: hall, much: HowMuch::Whole, span: evening };
            claims::claim(tx, booking, &[wish], None).unwrap();
            season_note(tx)
        };
        assert_eq!(proposed(town, taken).await, Kept::Overtaken);
        let given = "SELECT COUNT(*) FROM rooms_allotment";
        let count =
            town.fixture.commune.read(By::SYSTEM, move |tx| tx.query_one(given, &[], |row| row.get(0)));
        let count: i64 = count.await.unwrap();
        assert_eq!(count, 0, "nothing is kept");
        // What concerns nothing of it does not hold it up.
        assert_eq!(proposed(town, season_note).await, Kept::Yes);
        // An association that says something else does.
        let changes = |tx: &mut Tx<'_>| {
            tx.execute("UPDATE rooms_round_request SET name = 'Autre' WHERE body = 'association 0'", &[])?;
            season_note(tx)
        };
        assert_eq!(proposed(town, changes).await, Kept::Overtaken);
    });
}

/// Something happens, whatever it is.
fn season_note(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let id = tx.new_id::<Resource>();
    let payload = serde_json::json!({});
    tx.journal(&beffroi_store::Entry {
        kind: "booking.made",
        subject_kind: "booking",
        subject_id: id.uuid(),
        payload,
    })
    .map(drop)
}

#[test]
fn a_round_as_large_as_may_be_is_given_out_and_everybody_has_an_answer() {
    in_a_town(async |town| {
        let hall = town.hall;
        let made = town.fixture.commune.write(By::SYSTEM, move |tx| closed_round(tx, hall, (12, 300, 10)));
        made.await.unwrap();
        assert_eq!(proposed(town, |_| Ok(())).await, Kept::Yes);
        let read = town.fixture.commune.read(By::SYSTEM, |tx| {
            let given =
                tx.query("SELECT request, slot FROM rooms_allotment ORDER BY rank LIMIT 4000", &[], |row| {
                    Ok((row.get::<String>(0)?, row.get::<serde_json::Value>(1)?))
                })?;
            let advice: serde_json::Value =
                tx.query_one("SELECT advice FROM rooms_round", &[], |row| row.get(0))?;
            Ok::<_, StoreError>((given, advice))
        });
        let (given, advice) = read.await.unwrap();
        // Of each room, each moment of the week is given once.
        let mut taken: BTreeMap<(String, String), Vec<u64>> = BTreeMap::new();
        let mut times: BTreeMap<String, u64> = BTreeMap::new();
        for (request, slot) in &given {
            let of = |name: &str| slot[name].as_str().unwrap().to_owned();
            taken.entry((of("room"), of("weekday"))).or_default().push(slot["from"].as_u64().unwrap());
            *times.entry(request.clone()).or_default() += 1;
        }
        for mut from in taken.into_values() {
            from.sort_unstable();
            assert!(from.windows(2).all(|pair| pair[0] + 120 <= pair[1]), "{from:?}");
        }
        // Whatever was wished is given, or refused with a reason for each room.
        for refused in advice.as_array().unwrap() {
            let of = refused[0].as_str().unwrap().to_owned();
            for wish in refused[1].as_array().unwrap() {
                *times.entry(of.clone()).or_default() += wish["missing"].as_u64().unwrap();
                assert_eq!(wish["why"].as_array().unwrap().len(), 3);
            }
        }
        assert_eq!(times.len(), 300);
        assert_eq!(times.into_values().collect::<BTreeSet<u64>>(), BTreeSet::from([10]));
    });
}

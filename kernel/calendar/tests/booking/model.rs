//! Whatever is claimed, moved and given back in whatever order, the table says the same as a list on paper.

use std::collections::BTreeMap;

use beffroi_calendar::{
    availability::availability,
    claims::{self, ClaimError, HowMuch, Wish},
    openings::Year,
    resource::{self, Kind},
    school::SchoolHolidays,
    spans::{Span, Spans},
};
use beffroi_core::calendar::Holidays;
use beffroi_store::{By, StoreError, testing::TestCommune};
use chrono::TimeDelta;
use chrono_tz::Europe::Paris;
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

use crate::support::{Town, all_claims, at, booking, details, in_a_town, pieces, whole, write};

/// How many pieces there are that are alike.
const STOCK: u32 = 3;

/// What somebody does.
#[derive(Clone, Debug)]
enum Deed {
    Claim(u128, Vec<Asked>),
    Change(u128, Vec<Asked>),
    Release(u128),
}

/// What somebody wishes for: the hall (0), one of its parts (1 to 3) or pieces of equipment, for some hours.
type Asked = (usize, u32, i64, i64);

fn one_of() -> impl Strategy<Value = usize> {
    // Often equipment: only where much of it is lent must it change hands.
    prop_oneof![1 => Just(0_usize), 3 => 1..4_usize, 12 => Just(4)]
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let asked = vec((one_of(), 1..3_u32, 0..30_i64, 1..8_i64), 1..3);
    let deed = (0..4_u8, 1..6_u128, asked).prop_map(|(what, who, asked)| match what {
        0 => Deed::Release(who),
        1 => Deed::Change(who, asked),
        _ => Deed::Claim(who, asked),
    });
    vec(deed, 1..40)
}

fn hours(from: i64, length: i64) -> Span {
    let start = at("2026-06-10 08:00") + TimeDelta::hours(from);
    Span::new(start, start + TimeDelta::hours(length)).unwrap()
}

fn wish(town: &Town, (what, count, from, length): Asked) -> Wish {
    let span = hours(from, length);
    match what {
        0 => whole(town.hall, span),
        1 => whole(town.parts[0], span),
        2 => whole(town.parts[1], span),
        3 => whole(town.parts[2], span),
        _ => pieces(town.tablets, count, span),
    }
}

/// What everybody has, on paper.
type Paper = BTreeMap<u128, Vec<Asked>>;

/// Whether all of it can be had at once.
fn is_possible(paper: &Paper) -> bool {
    let all: Vec<Asked> = paper.values().flatten().copied().collect();
    (0..40).all(|hour| {
        let now: Vec<Asked> =
            all.iter().filter(|(.., from, length)| (*from..from + length).contains(&hour)).copied().collect();
        let of = |what: usize| now.iter().filter(|asked| asked.0 == what).count();
        let pieces: u32 = now.iter().filter(|asked| asked.0 == 4).map(|asked| asked.1).sum();
        (1..=3).all(|part| of(0) + of(part) <= 1) && of(0) <= 1 && pieces <= STOCK
    })
}

/// Does it, and tells whether it could be done.
fn done(fixture: &TestCommune, town: Town, deed: &Deed) -> bool {
    let deed = deed.clone();
    let outcome = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<bool, StoreError> {
        let wishes =
            |asked: Vec<Asked>| asked.into_iter().map(|asked| wish(&town, asked)).collect::<Vec<_>>();
        let outcome = match deed {
            Deed::Claim(who, asked) => claims::claim(tx, booking(who), &wishes(asked), None).map(|()| true),
            Deed::Change(who, asked) => claims::change(tx, booking(who), &wishes(asked)),
            Deed::Release(who) => return claims::release(tx, booking(who)).map(|()| true),
        };
        match outcome {
            Ok(done) => Ok(done),
            Err(ClaimError::Taken(_)) => Ok(false),
            Err(other) => Err(StoreError::Invalid(other.to_string())),
        }
    });
    outcome.unwrap()
}

/// What is free of everything, as the town tells it.
fn free(fixture: &TestCommune, town: Town) -> Vec<Spans> {
    let asked = [town.hall, town.parts[0], town.parts[1], town.parts[2]].map(|id| (id, HowMuch::Whole));
    let read = |tx: &mut beffroi_store::Tx<'_>| {
        let school = SchoolHolidays::default();
        let year = Year { zone: Paris, holidays: Holidays::Metropole, school: &school };
        let mut found = availability(tx, &asked, hours(0, 40), &year)?;
        let mut free: Vec<Spans> = asked.iter().map(|(id, _)| found.remove(id).unwrap().free).collect();
        let tablets = availability(tx, &[(town.tablets, HowMuch::Pieces(2))], hours(0, 40), &year)?;
        free.extend(tablets.into_values().map(|available| available.free));
        Ok::<_, StoreError>(free)
    };
    fixture.commune.read_blocking(By::SYSTEM, read).unwrap()
}

#[test]
fn the_table_says_what_a_list_on_paper_says() {
    let runner =
        TestRunner::new(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() });
    in_a_town(|fixture, mut town| {
        town.tablets = write(fixture, |tx| {
            Ok(resource::create(tx, &details("projecteurs", Kind::Equipment, None, STOCK)).unwrap())
        });
        let ran = runner.clone().run(&deeds(), |deeds| {
            let mut paper = Paper::new();
            for who in 1..6 {
                done(fixture, town, &Deed::Release(who));
            }
            for deed in &deeds {
                let mut next = paper.clone();
                let possible = match deed {
                    Deed::Claim(who, asked) => {
                        next.entry(*who).or_default().extend(asked);
                        is_possible(&next)
                    }
                    Deed::Change(who, asked) => {
                        let had = next.insert(*who, asked.clone()).is_some();
                        had && is_possible(&next)
                    }
                    Deed::Release(who) => {
                        next.remove(who);
                        true
                    }
                };
                prop_assert_eq!(done(fixture, town, deed), possible, "{:?} where there is {:?}", deed, paper);
                if possible {
                    paper = next;
                }
            }
            let claims = |asked: &Asked| match asked.0 {
                0 => 4,
                4 => usize::try_from(asked.1).unwrap(),
                _ => 1,
            };
            prop_assert_eq!(all_claims(fixture).len(), paper.values().flatten().map(claims).sum::<usize>());
            // What is told to be free is what could be had.
            for (what, free) in free(fixture, town).iter().enumerate() {
                for hour in (0..14).chain(24..38) {
                    let mut next = paper.clone();
                    next.entry(99).or_default().push((what, 2, hour, 1));
                    prop_assert_eq!(free.covers(hours(hour, 1)), is_possible(&next), "{} at {}", what, hour);
                }
            }
            Ok(())
        });
        ran.unwrap();
    });
}

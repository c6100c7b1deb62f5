//! Many who want the same at the same moment: nobody gets what another has, nothing stays free that somebody asked for,
//! and nobody meets an error.

use std::{collections::BTreeMap, sync::Barrier, thread};

use beffroi_calendar::{
    MIGRATIONS,
    claims::{self, ClaimError, Wish},
    spans::Span,
};
use beffroi_store::{Engine, StoreError, testing::TestCommune};
use chrono::TimeDelta;
use postgres::{Client, NoTls};

use crate::support::{Town, all_claims, at, booking, claim, in_a_town, pieces, whole, write};

/// Rivals who are released together.
const RIVALS: usize = 12;

fn hours(from: i64, until: i64) -> Span {
    let start = at("2026-06-10 08:00");
    Span::new(start + TimeDelta::hours(from), start + TimeDelta::hours(until)).unwrap()
}

/// Lets rivals loose together; which of them got what they wished for. `wishes` of a rival are asked for in turn, each as
/// a booking of its own.
fn race(fixture: &TestCommune, wishes: impl Fn(usize) -> Vec<Vec<Wish>> + Sync) -> Vec<(usize, Vec<Wish>)> {
    let start = Barrier::new(RIVALS);
    thread::scope(|scope| {
        let rivals: Vec<_> = (0..RIVALS)
            .map(|rival| {
                let (start, wishes) = (&start, &wishes);
                scope.spawn(move || {
                    start.wait();
                    let mut got = Vec::new();
                    for (rank, wishes) in wishes(rival).into_iter().enumerate() {
                        let number = u128::try_from(rival * 1_000 + rank + 1).unwrap();
                        if claim(fixture, booking(number), &wishes, None).is_empty() {
                            got.push((rival, wishes));
                        }
                    }
                    got
                })
            })
            .collect();
        rivals.into_iter().flat_map(|rival| rival.join().unwrap()).collect()
    })
}

#[test]
fn one_of_many_gets_each_hour_and_every_hour_is_somebodys() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        // Everybody wants every hour of two days, each beginning elsewhere.
        let won = race(fixture, |rival| {
            let turn = i64::try_from(rival).unwrap();
            (0..48)
                .map(|hour| (hour + turn * 4) % 48)
                .map(|hour| vec![whole(a, hours(hour, hour + 1))])
                .collect()
        });
        assert_eq!(won.len(), 48);
        assert_eq!(all_claims(fixture).len(), 48);
    });
}

#[test]
fn a_hall_in_three_parts_is_never_given_twice() {
    in_a_town(|fixture, town| {
        // Some want the hall, some one part, some two of them; at hours that overlap in all ways.
        let wished = |rival: usize, slot: usize| {
            let from = i64::try_from((slot * 5 + rival * 7) % 90).unwrap();
            let span = hours(from, from + 1 + i64::try_from(slot % 4).unwrap());
            match (rival + slot) % 4 {
                0 => vec![whole(town.hall, span)],
                1 => vec![whole(town.parts[2], span), whole(town.parts[0], span)],
                other => vec![whole(town.parts[other % 3], span)],
            }
        };
        let won = race(fixture, |rival| (0..24).map(|slot| wished(rival, slot)).collect());
        // Whoever was told so has all of it: the hall is four atoms, with its own.
        let atoms = |wish: &Wish| if wish.resource == town.hall { 4 } else { 1 };
        let got: Vec<Wish> = won.iter().flat_map(|(_, wishes)| wishes).copied().collect();
        assert_eq!(all_claims(fixture).len(), got.iter().map(atoms).sum::<usize>());
        let apart = |a: &Wish, b: &Wish| {
            let same = a.resource == b.resource || a.resource == town.hall || b.resource == town.hall;
            !(same && a.span.meets(b.span))
        };
        for (rank, one) in got.iter().enumerate() {
            assert!(got.iter().skip(rank + 1).all(|other| apart(one, other)));
        }
        // And whoever was refused was so for what somebody has.
        for (rival, slot) in (0..RIVALS).flat_map(|rival| (0..24).map(move |slot| (rival, slot))) {
            let asked = wished(rival, slot);
            let served = won.contains(&(rival, asked.clone()));
            assert!(served || asked.iter().any(|wish| !got.iter().all(|other| apart(wish, other))));
        }
    });
}

#[test]
fn ten_tablets_serve_ten_at_any_moment_and_no_more() {
    in_a_town(|fixture, town| {
        // Twelve rivals want one or two tablets for every hour: 18 a turn where there are ten.
        let won = race(fixture, |rival| {
            let count = u32::from(rival % 2 == 0) + 1;
            (0..20).map(|hour| vec![pieces(town.tablets, count, hours(hour, hour + 1))]).collect()
        });
        let mut lent: BTreeMap<Span, u32> = BTreeMap::new();
        for (rival, wishes) in &won {
            *lent.entry(wishes[0].span).or_default() += u32::from(rival % 2 == 0) + 1;
        }
        // Whoever wants one is refused only once all ten are lent; whoever wants two may leave one.
        assert_eq!(lent.len(), 20);
        assert!(lent.values().all(|count| *count == 10), "{lent:?}");
        assert_eq!(all_claims(fixture).len(), 200);
    });
}

#[test]
fn tablets_for_overlapping_hours_are_all_lent() {
    in_a_town(|fixture, town| {
        let wish = |rival: usize, rank: i64| {
            let from = (i64::try_from(rival).unwrap() * 11 + rank * 7) % 60;
            pieces(town.tablets, 1, hours(from, from + 2 + rank % 5))
        };
        let won = race(fixture, |rival| (0..25).map(|rank| vec![wish(rival, rank)]).collect());
        let got: Vec<Wish> = won.into_iter().flat_map(|(_, wishes)| wishes).collect();
        let lent = |hour: i64| got.iter().filter(|wish| wish.span.meets(hours(hour, hour + 1))).count();
        assert!((0..70).all(|hour| lent(hour) <= 10));
        assert_eq!(all_claims(fixture).len(), got.len());
        // Nobody was refused who could have been served.
        let refused = (0..RIVALS).flat_map(|rival| (0..25).map(move |rank| wish(rival, rank)));
        for wish in refused.filter(|wish| !got.contains(wish)) {
            let hours_of = (0..70).filter(|hour| wish.span.meets(hours(*hour, hour + 1)));
            assert!(hours_of.map(lent).max().unwrap() == 10, "{wish:?}");
        }
    });
}

#[test]
fn who_moves_and_who_claims_never_meet_and_nothing_is_lost() {
    in_a_town(|fixture, town| {
        for rival in 0..6 {
            let own = whole(
                town.parts[rival % 3],
                hours(i64::try_from(rival).unwrap() * 2, i64::try_from(rival).unwrap() * 2 + 2),
            );
            assert_eq!(claim(fixture, booking(u128::try_from(rival).unwrap() + 1), &[own], None), []);
        }
        let start = Barrier::new(6);
        thread::scope(|scope| {
            for rival in 0..6_usize {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    for turn in 0..20 {
                        let number = u128::try_from(rival).unwrap() + 1;
                        let from = i64::try_from((rival * 5 + turn * 3) % 14).unwrap();
                        let to = whole(town.parts[turn % 3], hours(from, from + 2));
                        write(fixture, move |tx| match claims::change(tx, booking(number), &[to]) {
                            Ok(had) => {
                                assert!(had);
                                Ok(())
                            }
                            Err(ClaimError::Taken(_)) => Ok(()),
                            Err(other) => Err(StoreError::Invalid(other.to_string())),
                        });
                    }
                });
            }
        });
        let owners: std::collections::BTreeSet<_> =
            all_claims(fixture).into_iter().map(|(.., whose)| whose).collect();
        assert_eq!(owners.len(), 6);
        assert_eq!(all_claims(fixture).len(), 6);
    });
}

#[test]
fn holds_that_expire_while_many_claim_are_given_to_one() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        let soon = fixture.commune.now() + TimeDelta::minutes(10);
        let series: Vec<Wish> = (0..10).map(|hour| whole(a, hours(hour, hour + 1))).collect();
        assert_eq!(claim(fixture, booking(999_999), &series, Some(soon)), []);
        assert!(race(fixture, |_| vec![series.clone()]).is_empty());
        fixture.clock.advance(TimeDelta::minutes(10));
        let won = race(fixture, |_| vec![series.clone()]);
        assert_eq!(won.len(), 1);
        assert_eq!(all_claims(fixture).len(), 10);
    });
}

/// Beneath the lock by which the writers of one commune come one after another, the table itself gives nothing twice and
/// never blocks two who claim in the order of the line.
#[test]
fn postgresql_needs_no_lock_to_give_nothing_twice() {
    const TURNS: i64 = 150;
    // Three stretches that overlap those of the others now here, now there.
    let lows = |rival: usize, turn: i64| {
        let shift = |of: i64| (i64::try_from(rival).unwrap() * 7 + of) % 20;
        [0, 1, 2].map(|part| part * 8_000 + turn * 40 + shift(part * 13))
    };
    let Some(fixture) = TestCommune::on(Engine::Postgres, MIGRATIONS).unwrap() else {
        eprintln!("skipped: BEFFROI_TEST_POSTGRES is not set");
        return;
    };
    let town = write(&fixture, |tx| Ok(Town::found(tx)));
    let address = fixture.database_url().unwrap();
    let start = Barrier::new(RIVALS);
    let won: Vec<(usize, i64)> = thread::scope(|scope| {
        let rivals: Vec<_> = (0..RIVALS)
            .map(|rival| {
                let (start, address, lows) = (&start, &address, &lows);
                scope.spawn(move || {
                    let mut client = Client::connect(address, NoTls).unwrap();
                    client.batch_execute("SET search_path TO commune_lunel").unwrap();
                    let sql = "INSERT INTO calendar_claim (id, booking, resource, low, high) \
                               SELECT gen_random_uuid()::text, $1, $2, low, low + 30 \
                               FROM unnest($3::bigint[]) AS wish (low) ON CONFLICT DO NOTHING";
                    let sql = client.prepare(sql).unwrap();
                    start.wait();
                    let mut won = Vec::new();
                    for turn in 0..TURNS {
                        let mut tx = client.transaction().unwrap();
                        let made = tx
                            .execute(
                                &sql,
                                &[
                                    &format!("{rival}-{turn}"),
                                    &town.hall.to_string(),
                                    &lows(rival, turn).to_vec(),
                                ],
                            )
                            .unwrap();
                        if made == 3 {
                            tx.commit().unwrap();
                            won.push((rival, turn));
                        } else {
                            tx.rollback().unwrap();
                        }
                    }
                    won
                })
            })
            .collect();
        rivals.into_iter().flat_map(|rival| rival.join().unwrap()).collect()
    });
    let all = all_claims(&fixture);
    assert_eq!(all.len(), won.len() * 3);
    // Nobody was refused for what somebody else gave up.
    for (rival, turn) in (0..RIVALS).flat_map(|rival| (0..TURNS).map(move |turn| (rival, turn))) {
        let taken = |low: i64| all.iter().any(|(from, until, _)| *from < low + 30 && low < *until);
        assert!(won.contains(&(rival, turn)) || lows(rival, turn).into_iter().any(taken), "{rival}, {turn}");
    }
}

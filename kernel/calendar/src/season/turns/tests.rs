//! What an association may expect of the turns.

use std::{collections::BTreeSet, num::NonZeroU16};

use beffroi_core::{Day, calendar::Holidays};
use chrono::Datelike;
use chrono_tz::Europe::Paris;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{
    claims::Atom,
    free::Starts,
    local,
    openings::Year,
    resource::{Layout, Name, Terms},
    school::SchoolHolidays,
    season::Share,
    spans::{Span, Spans},
};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn moment(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn room(number: u128) -> Id<Resource> {
    Id::from_uuid(Uuid::from_u128(number))
}

const WEEK: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Twelve weeks without holidays, over the change of the clocks.
fn in_a_season<T>(test: impl FnOnce(&Season<'_>) -> T) -> T {
    let school = SchoolHolidays::default();
    let year = Year { zone: Paris, holidays: Holidays::Metropole, school: &school };
    let (first, last) = (day("2026-09-07"), day("2026-11-29"));
    test(&Season { first, last, without_school_holidays: false, year })
}

/// A room that is open from eight to eleven at night; some quarters of an hour are kept after each booking.
fn hall(number: u128, people: u32, after: u32, atoms: &[i64], season: &Season<'_>) -> Hall {
    let days = season.first.iter_days().take_while(|day| *day <= season.last);
    let open: Spans =
        days.filter_map(|day| local::span(day, moment("08:00"), moment("23:00"), Paris)).collect();
    let name = Name { fr: "Assis".to_owned(), en: String::new() };
    let terms = Terms {
        layouts: vec![Layout { name, people }],
        starts: Starts::Every(NonZeroU16::new(30).unwrap()),
        shortest_minutes: 60,
        longest_minutes: 240,
        after_minutes: after,
        ..Terms::default()
    };
    let atoms = atoms.iter().map(|line| Atom::of_line(*line)).collect();
    Hall { room: room(number), terms, open, booked: Spans::default(), atoms }
}

fn range(weekday: Weekday, from: &str, until: &str) -> Range {
    Range { weekday, from: moment(from), until: moment(until) }
}

fn wish(rooms: &[u128], ranges: Vec<Range>, minutes: u32) -> Wish {
    let rooms = rooms.iter().map(|number| room(*number)).collect();
    Wish { times: 1, minutes, ranges, rooms, people: 10, first: None, last: None }
}

fn asker(reference: &str, wishes: Vec<Wish>) -> Asker {
    let share = Share { part: 1, whole: 2 };
    Asker { reference: reference.to_owned(), kept: false, residents: share, young: share, wishes }
}

fn told(given: &Given) -> String {
    let Slot { weekday, from, room, .. } = given.slot;
    format!("{} {weekday} {from} in {} turn {}", given.asker, room.uuid().as_u128(), given.turn)
}

#[test]
fn everybody_has_a_first_time_before_anybody_has_a_second() {
    in_a_season(|season| {
        let mut halls = Halls::new(vec![hall(1, 50, 0, &[1], season)]);
        let evening = || wish(&[1], vec![range(Weekday::Tue, "18:00", "22:00")], 120);
        let greedy = asker("greedy", vec![evening(), evening()]);
        let modest = asker("modest", vec![evening()]);
        let askers = [greedy, modest];
        let proposal = propose(&askers, &mut halls, season, &[Criterion::Fewest], "5eed");
        assert_eq!(proposal.given.len(), 2);
        assert!(proposal.given.iter().all(|given| given.turn == 1));
        let refused = proposal.refused.first().unwrap();
        assert_eq!((refused.asker, refused.wish, refused.missing), (0, 1, 1));
        let Why::Taken(by, booked) = &refused.why.first().unwrap().why else { panic!("{refused:?}") };
        assert_eq!((by.len(), *booked), (2, false), "it is told who has the room");
    });
}

#[test]
fn criteria_put_one_before_another_and_the_lot_decides_what_they_leave_open() {
    in_a_season(|season| {
        let one = || vec![wish(&[1], vec![range(Weekday::Tue, "18:00", "20:00")], 120)];
        let first = |askers: &[Asker], criteria: &[Criterion], seed: &str| {
            let mut halls = Halls::new(vec![hall(1, 50, 0, &[1], season)]);
            propose(askers, &mut halls, season, criteria, seed).given.first().unwrap().asker
        };
        let local = Asker { residents: Share { part: 9, whole: 10 }, ..asker("a", one()) };
        let young = Asker { young: Share { part: 9, whole: 10 }, ..asker("b", one()) };
        let kept = Asker { kept: true, ..asker("c", one()) };
        let askers = [local, young, kept];
        assert_eq!(first(&askers, &[Criterion::Residents], "5eed"), 0);
        assert_eq!(first(&askers, &[Criterion::Fewest, Criterion::Young], "5eed"), 1);
        assert_eq!(first(&askers, &[Criterion::Kept, Criterion::Residents], "5eed"), 2);
        let drawn: BTreeSet<usize> = (0..40).map(|seed| first(&askers, &[], &seed.to_string())).collect();
        assert_eq!(drawn.len(), 3, "anybody may be drawn first");
    });
}

#[test]
fn a_wish_for_two_times_a_week_has_two_days() {
    in_a_season(|season| {
        let mut halls = Halls::new(vec![hall(1, 50, 0, &[1], season)]);
        let days = vec![range(Weekday::Tue, "18:00", "22:00"), range(Weekday::Thu, "18:00", "22:00")];
        let twice = Wish { times: 2, ..wish(&[1], days.clone(), 120) };
        let thrice = Wish { times: 3, ..wish(&[1], days, 120) };
        let proposal = propose(&[asker("a", vec![twice])], &mut halls, season, &[], "5eed");
        let told: Vec<String> = proposal.given.iter().map(told).collect();
        assert_eq!(told, ["0 Tue 18:00 in 1 turn 1", "0 Thu 18:00 in 1 turn 2"]);
        let proposal = propose(&[asker("b", vec![thrice])], &mut halls, season, &[], "5eed");
        assert_eq!(proposal.given.len(), 2);
        let refused = proposal.refused.first().unwrap();
        assert_eq!((refused.missing, refused.turn), (1, 3));
        assert_eq!(refused.why.first().unwrap().why, Why::SameDay);
    });
}

#[test]
fn it_is_told_why_a_room_cannot_serve() {
    in_a_season(|season| {
        let evening = |from, until| vec![range(Weekday::Mon, from, until)];
        let why = |wish: Wish| {
            let mut small = hall(1, 50, 0, &[1], season);
            // Every Monday evening somebody has it already.
            let mondays = season.days(Weekday::Mon, None, None);
            let taken = |day: &Day| local::span(*day, moment("18:00"), moment("22:00"), Paris);
            small.booked = mondays.iter().filter_map(taken).collect();
            let mut halls = Halls::new(vec![small]);
            let proposal = propose(&[asker("a", vec![wish])], &mut halls, season, &[], "5eed");
            assert_eq!(proposal.given, []);
            proposal.refused.into_iter().next().unwrap().why.into_iter().next().unwrap().why
        };
        assert_eq!(why(Wish { people: 51, ..wish(&[1], evening("09:00", "12:00"), 60) }), Why::Small(50));
        assert_eq!(why(wish(&[1], evening("09:00", "20:00"), 300)), Why::Length(60, 240));
        assert_eq!(why(wish(&[1], evening("09:00", "10:00"), 90)), Why::NoStart);
        assert_eq!(why(wish(&[1], evening("05:00", "07:00"), 60)), Why::Closed);
        assert_eq!(why(wish(&[1], evening("18:00", "22:00"), 60)), Why::Taken(Vec::new(), true));
        assert_eq!(why(wish(&[7], evening("18:00", "22:00"), 60)), Why::Unknown);
    });
}

#[test]
fn a_few_dates_that_cannot_be_had_are_left_out() {
    in_a_season(|season| {
        let mut one = hall(1, 50, 0, &[1], season);
        let tuesdays = season.days(Weekday::Tue, None, None);
        let at = |day: &Day| local::span(*day, moment("18:00"), moment("20:00"), Paris).unwrap();
        one.booked = tuesdays.iter().take(2).map(at).collect();
        let closed: Spans = tuesdays.last().map(at).into_iter().collect();
        one.open = one.open.minus(&closed);
        let asks = || asker("a", vec![wish(&[1], vec![range(Weekday::Tue, "18:00", "20:00")], 120)]);
        let proposal = propose(&[asks()], &mut Halls::new(vec![one.clone()]), season, &[], "5eed");
        let look = &proposal.given.first().unwrap().look;
        assert_eq!((look.free.len(), look.booked.len(), look.closed.len()), (9, 2, 1));
        one.booked = tuesdays.iter().take(3).map(at).collect();
        let proposal = propose(&[asks()], &mut Halls::new(vec![one]), season, &[], "5eed");
        assert_eq!(proposal.given, [], "with more, it is no time of the season");
    });
}

#[test]
fn whoever_has_a_hall_has_its_parts() {
    in_a_season(|season| {
        let whole = hall(1, 300, 30, &[1, 2], season);
        let part = hall(2, 100, 30, &[2], season);
        let mut halls = Halls::new(vec![whole, part]);
        let evening = |room| vec![wish(&[room], vec![range(Weekday::Fri, "18:00", "22:00")], 120)];
        let askers = [asker("a", evening(1)), asker("b", evening(2))];
        let proposal = propose(&askers, &mut halls, season, &[], "5eed");
        let mut from: Vec<String> = proposal.given.iter().map(|given| given.slot.from.to_string()).collect();
        from.sort();
        // Two hours, then half an hour in which the first is cleaned up: the second would end after ten.
        assert_eq!(from, ["18:00"]);
        assert!(matches!(proposal.refused.first().unwrap().why.first().unwrap().why, Why::Taken(_, false)));
    });
}

fn wishes() -> impl Strategy<Value = Wish> {
    let range = (0..7_usize, 16..40_u16, 2..10_u16).prop_map(|(weekday, from, length)| Range {
        weekday: WEEK[weekday],
        from: Moment::new(from * 30).unwrap(),
        until: Moment::new((from + length) * 30).unwrap(),
    });
    let rooms = prop::sample::subsequence(vec![1_u128, 2, 3], 1..=3);
    let ranges = prop::collection::vec(range, 1..4);
    (1..4_u32, 1..5_u32, ranges, rooms, 1..120_u32).prop_map(|(times, halves, ranges, rooms, people)| Wish {
        times,
        people,
        ..wish(&rooms, ranges, halves * 60)
    })
}

fn all() -> impl Strategy<Value = Vec<Asker>> {
    let one = (prop::collection::vec(wishes(), 1..4), any::<bool>(), 0..10_u32, 0..10_u32);
    prop::collection::vec(one, 1..9).prop_map(|all| {
        let asker = |(rank, (wishes, kept, residents, young)): (usize, (Vec<Wish>, bool, u32, u32))| Asker {
            reference: format!("SA-{rank}"),
            kept,
            residents: Share { part: residents, whole: 10 },
            young: Share { part: young, whole: 10 },
            wishes,
        };
        all.into_iter().enumerate().map(asker).collect()
    })
}

/// A town that nobody has seen yet: 300 associations of ten wishes each want the evenings of twelve rooms.
#[test]
fn a_large_round_is_given_out_without_overlap_and_nobody_is_left_without_an_answer() {
    in_a_season(|season| {
        let rooms = || {
            let one = |number: i64| hall(u128::try_from(number).unwrap(), 60, 15, &[number], season);
            Halls::new((1..=12).map(one).collect())
        };
        let wishes = |asker: usize| -> Vec<Wish> {
            let wish = |rank: usize| {
                let rooms = [0, 1, 2].map(|next| u128::try_from((asker + rank + next) % 12 + 1).unwrap());
                let day = |next: usize| WEEK[(asker + rank + next) % 7];
                let ranges = vec![range(day(0), "17:00", "21:00"), range(day(2), "18:00", "22:30")];
                let times = if rank.is_multiple_of(2) { 1 } else { 2 };
                Wish { times, ..wish(&rooms, ranges, 90) }
            };
            (0..10).map(wish).collect()
        };
        let askers: Vec<Asker> =
            (0..300).map(|number| asker(&format!("SA-{number}"), wishes(number))).collect();
        let criteria = [Criterion::Fewest, Criterion::Residents];
        let proposal = propose(&askers, &mut rooms(), season, &criteria, "5eed");
        // No room is given twice, the cleaning after each time included.
        let left = rooms();
        let mut taken: BTreeMap<Id<Resource>, Vec<Span>> = BTreeMap::new();
        for given in &proposal.given {
            let buffers = left.find(given.slot.room).unwrap().terms.buffers();
            let dates = given.look.free.iter().map(|date| buffers.around(*date));
            taken.entry(given.slot.room).or_default().extend(dates);
        }
        for mut dates in taken.into_values() {
            dates.sort_unstable();
            assert!(dates.windows(2).all(|pair| pair[0].end() <= pair[1].start()));
        }
        // Each time that was wished is given, or refused with a reason for each room.
        let mut open: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for given in &proposal.given {
            *open.entry((given.asker, given.wish)).or_default() += 1;
        }
        for refused in &proposal.refused {
            *open.entry((refused.asker, refused.wish)).or_default() += refused.missing;
            assert_eq!(refused.why.len(), 3, "room by room");
        }
        for (rank, asker) in askers.iter().enumerate() {
            for (number, wish) in asker.wishes.iter().enumerate() {
                assert_eq!(open.get(&(rank, number)), Some(&wish.times));
            }
        }
        // Nobody has a second time while somebody who could have had a first has none.
        let served: BTreeSet<usize> =
            proposal.given.iter().filter(|given| given.turn == 1).map(|given| given.asker).collect();
        assert!(proposal.given.iter().all(|given| served.contains(&given.asker)));
    });
}

fn halls(season: &Season<'_>) -> Halls {
    // The second is a part of the first.
    let mut busy = hall(3, 30, 15, &[3], season);
    let thursdays = season.days(Weekday::Thu, None, None);
    let taken = |day: &Day| local::span(*day, moment("17:00"), moment("20:00"), Paris);
    busy.booked = thursdays.iter().filter_map(taken).collect();
    Halls::new(vec![hall(1, 200, 30, &[1, 2], season), hall(2, 80, 0, &[2], season), busy])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_asked_the_promises_hold(askers in all(), seed in "[0-9a-f]{8}") {
        in_a_season(|season| {
            let criteria = [Criterion::Fewest, Criterion::Residents];
            let mut left = halls(season);
            let proposal = propose(&askers, &mut left, season, &criteria, &seed);
            // The same again gives the same.
            let again = propose(&askers, &mut halls(season), season, &criteria, &seed);
            prop_assert_eq!(&proposal, &again);
            // Each time lies in what was wished, is open, long enough, in a room that is large enough.
            for given in &proposal.given {
                let wish = &askers[given.asker].wishes[given.wish];
                let hall = left.find(given.slot.room).unwrap();
                let until = given.slot.until().unwrap();
                let within = wish.ranges.iter().any(|range| {
                    range.weekday == given.slot.weekday && range.from <= given.slot.from && until <= range.until
                });
                prop_assert!(within);
                prop_assert!(wish.rooms.contains(&given.slot.room));
                prop_assert!(hall.terms.people().unwrap() >= wish.people);
                for date in &given.look.free {
                    prop_assert!(hall.open.covers(*date));
                    prop_assert!(!hall.booked.meets(hall.terms.buffers().around(*date)));
                    prop_assert_eq!(date.start().with_timezone(&Paris).weekday(), given.slot.weekday);
                }
            }
            // Nobody has what another has, cleaning included, nor a part of it.
            for (rank, one) in proposal.given.iter().enumerate() {
                for other in proposal.given.iter().skip(rank + 1) {
                    let (mine, theirs) = (left.find(one.slot.room).unwrap(), left.find(other.slot.room).unwrap());
                    if mine.atoms.is_disjoint(&theirs.atoms) {
                        continue;
                    }
                    let around = |hall: &Hall, dates: &[Span]| -> Spans {
                        dates.iter().map(|date| hall.terms.buffers().around(*date)).collect()
                    };
                    let (mine, theirs) = (around(mine, &one.look.free), around(theirs, &other.look.free));
                    prop_assert!(mine.and(&theirs).is_empty());
                }
            }
            for (rank, asker) in askers.iter().enumerate() {
                // One time in each turn, from the first on, until nothing that they wish is left.
                let turns: Vec<u32> =
                    proposal.given.iter().filter(|given| given.asker == rank).map(|given| given.turn).collect();
                let expected: Vec<u32> = (1..).take(turns.len()).collect();
                prop_assert_eq!(&turns, &expected);
                for (number, wish) in asker.wishes.iter().enumerate() {
                    let of = |asker: usize, wish: usize| (asker, wish) == (rank, number);
                    let given = proposal.given.iter().filter(|given| of(given.asker, given.wish));
                    let days: Vec<Weekday> = given.map(|given| given.slot.weekday).collect();
                    let refused = proposal.refused.iter().find(|refused| of(refused.asker, refused.wish));
                    let missing = refused.map_or(0, |refused| refused.missing as usize);
                    prop_assert_eq!(days.len() + missing, wish.times as usize, "each time is given or refused");
                    if refused.is_some() {
                        // What is refused cannot be had at the end either: nothing is wasted.
                        let mut dates = Dates { season, known: BTreeMap::new() };
                        prop_assert!(first_free(wish, &days, &left, &mut dates).is_err());
                    }
                }
                // Wishes are served in their order.
                let order: Vec<usize> =
                    proposal.given.iter().filter(|given| given.asker == rank).map(|given| given.wish).collect();
                prop_assert!(order.is_sorted());
            }
            Ok(())
        })?;
    }

    #[test]
    fn in_each_turn_the_order_is_that_of_the_criteria_and_lots(askers in all(), seed in "[0-9a-f]{8}") {
        in_a_season(|season| {
            let proposal = propose(&askers, &mut halls(season), season, &[Criterion::Residents], &seed);
            let key = |rank: usize| {
                let asker = &askers[rank];
                (std::cmp::Reverse(asker.residents.part), Ticket::draw(&seed, &asker.reference))
            };
            for pair in proposal.given.windows(2) {
                if pair[0].turn == pair[1].turn {
                    prop_assert!(key(pair[0].asker) <= key(pair[1].asker));
                } else {
                    prop_assert!(pair[0].turn < pair[1].turn);
                }
            }
            Ok(())
        })?;
    }
}

//! What is free: within openings, closures of the places above, buffers, the window and the stock.

use beffroi_calendar::{
    availability::{Available, availability},
    claims::HowMuch,
    local,
    openings::{Closure, Exception, Year},
    resource::{self, Resource, Terms},
    school::SchoolHolidays,
    spans::Span,
};
use beffroi_core::{Id, calendar::Holidays};
use beffroi_store::{By, testing::TestCommune};
use chrono::TimeDelta;
use chrono_tz::Europe::Paris;

use crate::support::{booking, claim, in_a_town, pieces, span, whole, write};

fn asked(fixture: &TestCommune, id: Id<Resource>, much: HowMuch, within: Span) -> Available {
    let read = |tx: &mut beffroi_store::Tx<'_>| {
        let school = SchoolHolidays::default();
        let year = Year { zone: Paris, holidays: Holidays::Metropole, school: &school };
        availability(tx, &[(id, much)], within, &year)
    };
    fixture.commune.read_blocking(By::SYSTEM, read).unwrap().remove(&id).unwrap()
}

/// Stretches as the clocks show them: `10/06 08:00–18:00`.
fn shown(spans: &beffroi_calendar::spans::Spans) -> Vec<String> {
    let of = |span: &Span| {
        let [start, end] = [span.start(), span.end()].map(|at| at.with_timezone(&Paris));
        format!("{}–{}", start.format("%d/%m %H:%M"), end.format("%H:%M"))
    };
    spans.as_slice().iter().map(of).collect()
}

fn set(fixture: &TestCommune, id: Id<Resource>, change: impl Fn(&mut Terms) + Send + 'static) {
    write(fixture, move |tx| {
        let mut details = resource::find(tx, id)?.unwrap().details;
        change(&mut details.terms);
        resource::change(tx, id, &details).unwrap();
        Ok(())
    });
}

fn day() -> Span {
    span("2026-06-10 00:00", "2026-06-11 00:00")
}

#[test]
fn a_part_is_free_where_it_is_open_and_neither_it_nor_the_hall_is_taken() {
    in_a_town(|fixture, town| {
        let [a, b, _] = town.parts;
        claim(fixture, booking(1), &[whole(a, span("2026-06-10 10:00", "2026-06-10 12:00"))], None);
        claim(fixture, booking(2), &[whole(town.hall, span("2026-06-10 18:00", "2026-06-10 20:00"))], None);
        let free = |id| shown(&asked(fixture, id, HowMuch::Whole, day()).free);
        assert_eq!(free(a), ["10/06 08:00–10:00", "10/06 12:00–18:00", "10/06 20:00–23:00"]);
        assert_eq!(free(b), ["10/06 08:00–18:00", "10/06 20:00–23:00"]);
        assert_eq!(free(town.hall), ["10/06 08:00–10:00", "10/06 12:00–18:00", "10/06 20:00–23:00"]);
    });
}

#[test]
fn a_hall_that_is_set_up_and_cleaned_leaves_room_for_it() {
    in_a_town(|fixture, town| {
        set(fixture, town.hall, |terms| (terms.before_minutes, terms.after_minutes) = (60, 30));
        let [a, ..] = town.parts;
        // A part needs nothing around it.
        claim(fixture, booking(1), &[whole(a, span("2026-06-10 12:00", "2026-06-10 14:00"))], None);
        // What was taken the evening before, and is taken on the next morning, is not far enough either.
        claim(fixture, booking(2), &[whole(a, span("2026-06-09 22:00", "2026-06-10 07:30"))], None);
        claim(fixture, booking(3), &[whole(a, span("2026-06-10 23:15", "2026-06-11 02:00"))], None);
        let evening = span("2026-06-10 08:00", "2026-06-10 23:00");
        let hall = asked(fixture, town.hall, HowMuch::Whole, evening);
        assert_eq!(shown(&hall.free), ["10/06 08:30–11:30", "10/06 15:00–22:45"]);
        // Whatever is free can be claimed with all that it needs.
        let buffers = hall.resource.details.terms.buffers();
        for gap in hall.free.as_slice() {
            assert_eq!(claim(fixture, booking(4), &[whole(town.hall, buffers.around(*gap))], None), []);
        }
    });
}

#[test]
fn a_closed_building_closes_what_is_in_it() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        let site = write(fixture, |tx| Ok(resource::by_slug(tx, "site")?.unwrap().id));
        set(fixture, a, |terms| {
            let mut own = crate::support::every_day();
            own.exceptions.push(Exception {
                day: "2026-06-09".parse().unwrap(),
                hours: Vec::new(),
                why: "Prêt".into(),
            });
            terms.openings = Some(own);
        });
        set(fixture, site, |terms| {
            let closed = Closure {
                first: "2026-06-10".parse().unwrap(),
                last: "2026-06-10".parse().unwrap(),
                hours: None,
                why: "Travaux".into(),
            };
            terms.openings.as_mut().unwrap().closures.push(closed);
        });
        let days = span("2026-06-08 00:00", "2026-06-12 00:00");
        let open = |id| shown(&asked(fixture, id, HowMuch::Whole, days).open);
        assert_eq!(open(a), ["08/06 08:00–23:00", "11/06 08:00–23:00"]);
        assert_eq!(open(town.hall), ["08/06 08:00–23:00", "09/06 08:00–23:00", "11/06 08:00–23:00"]);
    });
}

#[test]
fn tablets_are_free_as_long_as_enough_are_left() {
    in_a_town(|fixture, town| {
        let hours =
            |from: &str, until: &str| span(&format!("2026-06-10 {from}"), &format!("2026-06-10 {until}"));
        claim(fixture, booking(1), &[pieces(town.tablets, 6, hours("09:00", "12:00"))], None);
        claim(fixture, booking(2), &[pieces(town.tablets, 3, hours("11:00", "14:00"))], None);
        let free = |count| shown(&asked(fixture, town.tablets, HowMuch::Pieces(count), day()).free);
        assert_eq!(free(1), ["10/06 08:00–23:00"]);
        assert_eq!(free(2), ["10/06 08:00–11:00", "10/06 12:00–23:00"]);
        assert_eq!(free(5), ["10/06 08:00–09:00", "10/06 12:00–23:00"]);
        assert_eq!(free(8), ["10/06 08:00–09:00", "10/06 14:00–23:00"]);
        assert!(free(11).is_empty());
        // The room in which they lie may be taken all day.
        claim(fixture, booking(3), &[whole(town.parts[0], day())], None);
        assert_eq!(free(1), ["10/06 08:00–23:00"]);
    });
}

#[test]
fn the_first_time_and_those_nearest_to_a_wish_lie_within_the_window() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        set(fixture, a, |terms| (terms.ahead_minutes, terms.ahead_days) = (24 * 60, 7));
        claim(fixture, booking(1), &[whole(a, span("2026-06-04 08:00", "2026-06-04 19:00"))], None);
        // It is 3 June, ten in the morning.
        let now = fixture.commune.now();
        let fortnight = span("2026-06-03 00:00", "2026-06-17 00:00");
        let available = asked(fixture, a, HowMuch::Whole, fortnight);
        let moments = |times: Vec<Span>| -> Vec<String> {
            times
                .iter()
                .map(|it| it.start().with_timezone(&Paris).format("%d/%m %H:%M").to_string())
                .collect()
        };
        let two_hours = TimeDelta::hours(2);
        let times: Vec<Span> = available.times(two_hours, now, Paris).collect();
        assert_eq!(moments(vec![times[0], *times.last().unwrap()]), ["04/06 19:00", "10/06 21:00"]);
        let wish = span("2026-06-04 18:00", "2026-06-04 20:00");
        assert_eq!(
            moments(available.nearest(wish, 3, now, Paris)),
            ["04/06 19:00", "04/06 19:30", "04/06 20:00"]
        );
        let late = span("2026-06-16 18:00", "2026-06-16 20:00");
        assert_eq!(moments(available.nearest(late, 1, now, Paris)), ["10/06 21:00"]);
        let shut = span("2026-06-05 03:00", "2026-06-05 05:00");
        assert_eq!(moments(available.nearest(shut, 2, now, Paris)), ["05/06 08:00", "05/06 08:30"]);
        // As far before as after: the earlier.
        let nearest = moments(available.nearest(shut, 3, now, Paris));
        assert_eq!(nearest, ["04/06 21:00", "05/06 08:00", "05/06 08:30"]);
        assert_eq!(
            local::earliest(times[0].start().with_timezone(&Paris).naive_local(), Paris),
            times[0].start()
        );
    });
}

#[test]
fn what_is_no_longer_booked_has_no_times_but_keeps_its_openings() {
    in_a_town(|fixture, town| {
        let [a, ..] = town.parts;
        write(fixture, move |tx| {
            let mut details = resource::find(tx, a)?.unwrap().details;
            details.active = false;
            resource::change(tx, a, &details).unwrap();
            Ok(())
        });
        let available = asked(fixture, a, HowMuch::Whole, day());
        assert!(!available.free.is_empty());
        let now = fixture.commune.now();
        assert_eq!(available.times(TimeDelta::hours(1), now, Paris).count(), 0);
        assert!(available.nearest(day(), 3, now, Paris).is_empty());
    });
}

//! A town with a few things to book.

use std::num::NonZeroU16;

use beffroi_calendar::{
    MIGRATIONS,
    claims::{self, ClaimError, HowMuch, Wish},
    free::Starts,
    local::{self, Moment},
    openings::{Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{self, Kind, Name, Resource, ResourceDetails, Terms},
    spans::Span,
};
use beffroi_core::{Id, Instant};
use beffroi_store::{
    By, StoreError, Tx,
    testing::{TestCommune, on_both_engines},
};
use chrono::{NaiveDateTime, Weekday};
use chrono_tz::Europe::Paris;
use uuid::Uuid;

/// A booking, whatever of.
pub enum Booking {}

/// A booking by its number.
pub fn booking(number: u128) -> Id<Booking> {
    Id::from_uuid(Uuid::from_u128(number))
}

/// What the clocks of the town show.
pub fn at(text: &str) -> Instant {
    local::exactly(NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap(), Paris).unwrap()
}

/// From one moment to another.
pub fn span(from: &str, until: &str) -> Span {
    Span::new(at(from), at(until)).unwrap()
}

/// Open every day from eight in the morning to eleven at night.
pub fn every_day() -> Openings {
    let hours = Hours::new(Moment::parse("08:00").unwrap(), Moment::parse("23:00").unwrap()).unwrap();
    let weekdays = vec![
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let rule = Rule {
        weekdays,
        weeks: Weeks::Every,
        hours: vec![hours],
        season: Season::AllYear,
        public_holidays: OnHolidays::Same,
        school_holidays: OnHolidays::Same,
    };
    Openings { rules: vec![rule], ..Openings::default() }
}

/// What is said of something without much.
pub fn details(slug: &str, kind: Kind, parent: Option<Id<Resource>>, stock: u32) -> ResourceDetails {
    let terms = Terms {
        openings: parent.is_none().then(every_day),
        starts: Starts::Every(NonZeroU16::new(30).unwrap()),
        ..Terms::default()
    };
    let name = Name { fr: slug.to_owned(), en: String::new() };
    ResourceDetails { slug: slug.to_owned(), kind, parent, name, stock, active: true, terms }
}

/// The hall of the town, its three parts, and ten tablets that are kept in its first part.
#[derive(Clone, Copy, Debug)]
pub struct Town {
    pub hall: Id<Resource>,
    pub parts: [Id<Resource>; 3],
    pub tablets: Id<Resource>,
}

impl Town {
    pub fn found(tx: &mut Tx<'_>) -> Self {
        let mut made = |slug: &str, kind, parent, stock| {
            resource::create(tx, &details(slug, kind, parent, stock)).unwrap()
        };
        let site = made("site", Kind::Site, None, 1);
        let hall = made("salle", Kind::Room, Some(site), 1);
        let parts = ["salle-a", "salle-b", "salle-c"].map(|slug| made(slug, Kind::Room, Some(hall), 1));
        let tablets = made("tablettes", Kind::Equipment, Some(parts[0]), 10);
        Self { hall, parts, tablets }
    }
}

/// A test in a town, on each engine.
pub fn in_a_town(test: impl Fn(&TestCommune, Town)) {
    on_both_engines(MIGRATIONS, |fixture| {
        let town = write(fixture, |tx| Ok(Town::found(tx)));
        test(fixture, town);
    })
    .unwrap();
}

/// All of a resource.
pub fn whole(resource: Id<Resource>, span: Span) -> Wish {
    Wish { resource, much: HowMuch::Whole, span }
}

/// Some pieces of a stock.
pub fn pieces(resource: Id<Resource>, count: u32, span: Span) -> Wish {
    Wish { resource, much: HowMuch::Pieces(count), span }
}

/// Claims for a booking; what was refused.
pub fn claim(
    fixture: &TestCommune,
    booking: Id<Booking>,
    wishes: &[Wish],
    expires_at: Option<Instant>,
) -> Vec<Wish> {
    let wishes = wishes.to_vec();
    let done = fixture.commune.write_blocking(By::SYSTEM, move |tx| -> Result<Vec<Wish>, StoreError> {
        match claims::claim(tx, booking, &wishes, expires_at) {
            Ok(()) => Ok(Vec::new()),
            Err(ClaimError::Taken(taken)) => Ok(taken),
            Err(ClaimError::Store(error)) => Err(error),
            Err(other) => Err(StoreError::Invalid(other.to_string())),
        }
    });
    done.unwrap()
}

/// Does something in a transaction that succeeds.
pub fn write<T: Send + 'static>(
    fixture: &TestCommune,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
) -> T {
    fixture.commune.write_blocking(By::SYSTEM, work).unwrap()
}

/// Every claim that there is, as its line, its booking and its stretch; none may overlap another.
pub fn all_claims(fixture: &TestCommune) -> Vec<(i64, i64, String)> {
    let sql = "SELECT low, high, booking FROM calendar_claim ORDER BY low LIMIT 100000";
    let read = |tx: &mut Tx<'_>| tx.query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    let all: Vec<(i64, i64, String)> = fixture.commune.read_blocking(By::SYSTEM, read).unwrap();
    assert!(all.iter().zip(all.iter().skip(1)).all(|(one, next)| one.1 <= next.0), "claims overlap");
    all
}

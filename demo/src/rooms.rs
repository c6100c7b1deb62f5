//! The rooms of the demonstration: two halls, one of which divides in three, a meeting room and a room of associations.

use std::sync::Arc;

use beffroi_calendar::{
    free::Starts,
    local::Moment,
    openings::{Closure, Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{self, Kind, Layout, Name, Resource, ResourceDetails, Terms},
    tariff::{self, Applicant, Deliberation, Rate, Retained, Tariff, Unit, When},
};
use beffroi_core::{Day, Id, calendar::civil_day, money::Cents};
use beffroi_people::{Town, permission::permit_system};
use beffroi_rooms::{
    ManageRooms, equipment,
    room::{self, Access, Sheet},
};
use beffroi_store::{By, Commune, Tx};
use chrono::{Datelike, Days, Weekday};

use crate::{DemoError, failed};

/// By what the rooms of the demonstration are booked.
const PROCEDURE: &str = "reservation-de-salle";

const EVERY_DAY: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
const WORKING_WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];

fn name(fr: &str, en: &str) -> Name {
    Name { fr: fr.to_owned(), en: en.to_owned() }
}

/// Minutes since midnight.
fn hours(from: u16, until: u16) -> Option<Hours> {
    Hours::new(Moment::new(from * 60).ok()?, Moment::new(until * 60).ok()?).ok()
}

fn rule(weekdays: &[Weekday], from: u16, until: u16) -> Rule {
    Rule {
        weekdays: weekdays.to_vec(),
        weeks: Weeks::Every,
        hours: hours(from, until).into_iter().collect(),
        season: Season::AllYear,
        public_holidays: OnHolidays::Same,
        school_holidays: OnHolidays::Same,
    }
}

fn layouts(all: &[(&str, &str, u32)]) -> Vec<Layout> {
    all.iter().map(|(fr, en, people)| Layout { name: name(fr, en), people: *people }).collect()
}

fn found_there(all: &[(&str, &str)]) -> Vec<Name> {
    all.iter().map(|(fr, en)| name(fr, en)).collect()
}

fn terms(openings: Openings, layouts: Vec<Layout>, shortest_minutes: u32) -> Terms {
    Terms {
        layouts,
        openings: Some(openings),
        starts: Starts::Every(std::num::NonZeroU16::MIN.saturating_add(29)),
        shortest_minutes,
        longest_minutes: 17 * 60,
        after_minutes: 30,
        ahead_minutes: 2 * 24 * 60,
        ahead_days: 300,
        ..Terms::default()
    }
}

fn details(slug: &str, title: Name, parent: Option<Id<Resource>>, terms: Terms) -> ResourceDetails {
    ResourceDetails {
        slug: slug.to_owned(),
        kind: Kind::Room,
        parent,
        name: title,
        stock: 1,
        active: true,
        terms,
    }
}

/// Opens the rooms.
pub(crate) fn open(commune: &Arc<Commune>) -> Result<(), DemoError> {
    commune.write_blocking(By::SYSTEM, |tx| {
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        great_hall(tx, today)?;
        brassens(tx, today)?;
        meeting(tx)?;
        associations(tx)?;
        lent(tx)
    })
}

/// Chairs and screens that are booked along with a place.
fn stock(
    tx: &mut Tx<'_>,
    slug: &str,
    title: Name,
    parent: Id<Resource>,
    stock: u32,
) -> Result<(), DemoError> {
    let terms = Terms::default();
    let kind = Kind::Equipment;
    let new = ResourceDetails { kind, stock, ..details(slug, title, Some(parent), terms) };
    resource::create(tx, &new).map(drop).map_err(failed)
}

/// What the council has voted for a room: an amount a day for people of the town, and what others pay.
fn voted(tx: &mut Tx<'_>, room: Id<Resource>, amount: i64, today: Day) -> Result<(), DemoError> {
    let rate = |applicant, resident, when, amount| Rate {
        applicant,
        resident,
        when,
        up_to_hours: None,
        unit: Unit::Day,
        amount: Cents(amount),
    };
    let year = today.with_month(1).and_then(|day| day.with_day(1)).unwrap_or(today);
    let tariff = Tariff {
        deliberation: Deliberation {
            number: "2025-118".to_owned(),
            day: year.checked_sub_days(Days::new(20)).unwrap_or(year),
        },
        rates: vec![
            rate(Some(Applicant::Association), Some(true), When::Always, amount / 4),
            rate(None, Some(true), When::Week, amount / 2),
            rate(None, Some(true), When::Weekend, amount),
            rate(None, None, When::Always, amount * 2),
        ],
        deposit: Cents(amount * 2),
        retained: vec![Retained { days: 30, percent: 25 }, Retained { days: 8, percent: 50 }],
        free_uses: 2,
    };
    let kept = tariff::keep(tx, room, (year, None), &tariff).map_err(failed)?;
    kept.map(drop).map_err(failed)
}

fn keep(tx: &mut Tx<'_>, details: &ResourceDetails, sheet: &Sheet) -> Result<Id<Resource>, DemoError> {
    let permit = permit_system::<ManageRooms>(tx).map_err(failed)?;
    room::keep(tx, &permit, None, details, sheet, true).map_err(failed)
}

/// What the town lends to associations.
fn lent(tx: &mut Tx<'_>) -> Result<(), DemoError> {
    let permit = permit_system::<ManageRooms>(tx).map_err(failed)?;
    for (title, answer, stock) in [
        (name("Tables pliantes", "Folding tables"), "tables", 60),
        (name("Chaises pliantes", "Folding chairs"), "chaises", 400),
        (name("Bancs", "Benches"), "bancs", 80),
        (name("Barrières de police", "Crowd barriers"), "barrieres", 120),
        (name("Grilles d’exposition", "Display panels"), "grilles", 40),
        (name("Barnum 3 m × 3 m", "Marquee, 3 m by 3 m"), "barnum", 4),
        (name("Podium de 24 m²", "Stage of 24 m²"), "podium", 1),
        (name("Sonorisation portable", "Portable sound system"), "sono", 2),
    ] {
        let new = equipment::Typed { name: title, stock, active: true, answer: answer.to_owned() };
        equipment::keep(tx, &permit, None, None, &new).map_err(failed)?;
    }
    Ok(())
}

/// The hall that divides in three: whoever has all of it has its parts.
fn great_hall(tx: &mut Tx<'_>, today: Day) -> Result<(), DemoError> {
    let first = today.checked_add_days(Days::new(24)).unwrap_or(today);
    let last = first.checked_add_days(Days::new(4)).unwrap_or(first);
    let works = Closure { first, last, hours: None, why: "Révision du chauffage".to_owned() };
    let openings =
        Openings { rules: vec![rule(&EVERY_DAY, 8, 24)], closures: vec![works], ..Openings::default() };
    let whole = details(
        "espace-vidourle",
        name("Espace du Vidourle", "Vidourle hall"),
        None,
        terms(
            openings,
            layouts(&[
                ("Debout", "Standing", 600),
                ("Assis en rangées", "Seated in rows", 420),
                ("Repas", "Meal at tables", 300),
            ]),
            240,
        ),
    );
    let sheet = Sheet {
        summary: name(
            "La plus grande salle de la ville, avec une scène et une cuisine. Elle se partage en trois.",
            "The largest room of the town, with a stage and a kitchen. It divides in three.",
        ),
        about: name(
            "La salle entière se réserve pour une fête, un spectacle ou un repas. Ses parties se réservent aussi seules.\n\nLe ménage est à la charge de qui la réserve ; le matériel est sur place.",
            "The whole hall is booked for a party, a show or a meal. Its parts are booked alone too.",
        ),
        address: "Avenue des Abrivados, 34400 Lunel".to_owned(),
        access: vec![Access::StepFree, Access::Toilets, Access::HearingLoop, Access::Parking],
        equipment: found_there(&[
            ("420 chaises", "420 chairs"),
            ("60 tables", "60 tables"),
            ("Scène de 10 m sur 6", "A stage of 10 m by 6"),
            ("Cuisine équipée", "A fitted kitchen"),
            ("Sonorisation", "Sound system"),
        ]),
        procedure: PROCEDURE.to_owned(),
    };
    let whole = keep(tx, &whole, &sheet)?;
    voted(tx, whole, 60_000, today)?;
    stock(tx, "vidourle-tables", name("Tables rondes", "Round tables"), whole, 30)?;
    stock(tx, "vidourle-micros", name("Micros sans fil", "Wireless microphones"), whole, 4)?;
    let parts = [
        ("espace-vidourle-est", name("Espace du Vidourle, partie est", "Vidourle hall, east part"), 150),
        (
            "espace-vidourle-centre",
            name("Espace du Vidourle, partie centrale", "Vidourle hall, middle part"),
            250,
        ),
        ("espace-vidourle-ouest", name("Espace du Vidourle, partie ouest", "Vidourle hall, west part"), 150),
    ];
    for (slug, title, people) in parts {
        let terms = Terms {
            openings: None,
            ..terms(Openings::default(), layouts(&[("Assis en rangées", "Seated in rows", people)]), 120)
        };
        let sheet = Sheet {
            summary: name(
                "Une partie de la grande salle, séparée par une cloison.",
                "A part of the great hall, behind a partition.",
            ),
            ..sheet.clone()
        };
        keep(tx, &details(slug, title, Some(whole), terms), &sheet)?;
    }
    Ok(())
}

fn brassens(tx: &mut Tx<'_>, today: Day) -> Result<(), DemoError> {
    let openings = Openings {
        rules: vec![rule(&WORKING_WEEK, 9, 12), rule(&WORKING_WEEK, 14, 22), rule(&[Weekday::Sat], 9, 24)],
        ..Openings::default()
    };
    let people = layouts(&[("Assis en rangées", "Seated in rows", 120), ("Debout", "Standing", 200)]);
    let hall = details(
        "salle-brassens",
        name("Salle Georges-Brassens", "Georges Brassens room"),
        None,
        terms(openings, people, 60),
    );
    let sheet = Sheet {
        summary: name(
            "Une salle claire au cœur de la ville, pour une conférence, un atelier ou une répétition.",
            "A bright room in the middle of the town, for a talk, a workshop or a rehearsal.",
        ),
        about: Name::default(),
        address: "Place Jean-Jaurès, 34400 Lunel".to_owned(),
        access: vec![Access::StepFree, Access::HearingLoop],
        equipment: found_there(&[
            ("120 chaises", "120 chairs"),
            ("Vidéoprojecteur", "Projector"),
            ("Piano droit", "Upright piano"),
        ]),
        procedure: PROCEDURE.to_owned(),
    };
    let hall = keep(tx, &hall, &sheet)?;
    voted(tx, hall, 20_000, today)?;
    stock(tx, "brassens-grilles", name("Grilles d’exposition", "Display panels"), hall, 20)
}

fn meeting(tx: &mut Tx<'_>) -> Result<(), DemoError> {
    let rule = Rule { public_holidays: OnHolidays::Not, ..rule(&WORKING_WEEK, 8, 20) };
    let openings = Openings { rules: vec![rule], ..Openings::default() };
    let people = layouts(&[("Autour d’une table", "Around a table", 18)]);
    let room = details(
        "salle-de-reunion-castel",
        name("Salle de réunion du Castel", "Castel meeting room"),
        None,
        terms(openings, people, 60),
    );
    let sheet = Sheet {
        summary: name(
            "Pour se réunir à moins de vingt, avec un écran et du café.",
            "To meet with fewer than twenty, with a screen and coffee.",
        ),
        about: Name::default(),
        address: "12 rue Sadi-Carnot, 34400 Lunel".to_owned(),
        access: vec![Access::Lift, Access::Toilets],
        equipment: found_there(&[
            ("Écran de visioconférence", "Video-conference screen"),
            ("Tableau blanc", "Whiteboard"),
        ]),
        procedure: PROCEDURE.to_owned(),
    };
    keep(tx, &room, &sheet).map(drop)
}

/// Open to associations on evenings and Wednesdays, out of the school holidays.
fn associations(tx: &mut Tx<'_>) -> Result<(), DemoError> {
    let out_of_holidays = |rule: Rule| Rule { school_holidays: OnHolidays::Not, ..rule };
    let openings = Openings {
        rules: vec![
            out_of_holidays(rule(&WORKING_WEEK, 17, 23)),
            out_of_holidays(rule(&[Weekday::Wed], 9, 17)),
        ],
        ..Openings::default()
    };
    let people = layouts(&[("Activité", "Activity", 40)]);
    let room = details(
        "maison-des-associations",
        name("Maison des associations, salle 2", "House of associations, room 2"),
        None,
        terms(openings, people, 60),
    );
    let sheet = Sheet {
        summary: name(
            "Un parquet et des miroirs, pour la danse, le yoga ou le théâtre.",
            "A wooden floor and mirrors, for dance, yoga or theatre.",
        ),
        about: Name::default(),
        address: "Rue de la Libération, 34400 Lunel".to_owned(),
        access: vec![Access::StepFree],
        equipment: found_there(&[("Parquet", "Wooden floor"), ("Tapis de sol", "Floor mats")]),
        procedure: PROCEDURE.to_owned(),
    };
    keep(tx, &room, &sheet).map(drop)
}

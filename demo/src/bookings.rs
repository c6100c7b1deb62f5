//! Rooms that are booked, asked for and kept by the town in the demonstration, by the commands of the counter.

use std::{collections::HashMap, sync::Arc};

use beffroi_calendar::booking::{self, Details, NewBooking};
use beffroi_cases::{
    Access, Right,
    case::{self, Case},
    decision::{NewDecision, Outcome},
};
use beffroi_core::{Channel, Day, Id, Instant, Lang, ManualClock, calendar::civil_day};
use beffroi_desk::{
    DeskService,
    daily::signatory,
    submission::{self, Submission},
};
use beffroi_forms::Answers;
use beffroi_people::Town;
use beffroi_rooms::booking::{self as rooms, Before, Holder, NotHeld, Typed};
use beffroi_store::{By, Commune, Tx};
use chrono::{Datelike, Days, TimeDelta, Weekday};
use serde_json::{Value, json};

use crate::{DemoError, failed, people::Agents};

const DEPARTMENT: &str = "vie-associative";
const PROCEDURE: &str = "reservation-de-salle";

/// One booking of the demonstration.
struct Story {
    room: &'static str,
    /// On the first such day of the week after so many days, that is free; any day of the week where none is named.
    on: Option<Weekday>,
    after: u64,
    hours: (&'static str, &'static str),
    people: &'static str,
    usage: &'static str,
    what: &'static str,
    /// The association that asks.
    body: &'static str,
    rna: &'static str,
    person: (&'static str, &'static str),
    granted: bool,
}

/// How many days before the end of the story the booking of its last day was asked for.
const EARLIER: u64 = 10;

/// What takes place on the last day of the story: a room to hand over and to clean, a key to give.
const TODAY: Story = Story {
    room: "salle-brassens",
    on: None,
    after: EARLIER,
    hours: ("18:00", "21:00"),
    people: "45",
    usage: "reunion",
    what: "Réunion des bénévoles",
    body: "Les Tréteaux du Castel",
    rna: "W341004567",
    person: ("Roumieux", "Jeanne"),
    granted: true,
};

const STORIES: [Story; 4] = [
    Story {
        room: "salle-brassens",
        on: Some(Weekday::Thu),
        after: 9,
        hours: ("18:00", "21:00"),
        people: "60",
        usage: "reunion",
        what: "Assemblée générale annuelle",
        body: "Boule des Platanes",
        rna: "W341002345",
        person: ("Galtier", "Karim"),
        granted: true,
    },
    Story {
        room: "espace-vidourle",
        on: Some(Weekday::Sat),
        after: 40,
        hours: ("14:00", "23:30"),
        people: "280",
        usage: "repas",
        what: "Loto de fin d’année",
        body: "Comité des fêtes du Vidourle",
        rna: "W341003456",
        person: ("Sabatier", "Élise"),
        granted: true,
    },
    Story {
        room: "espace-vidourle-centre",
        on: Some(Weekday::Sun),
        after: 12,
        hours: ("10:00", "18:00"),
        people: "120",
        usage: "spectacle",
        what: "Après-midi de théâtre amateur",
        body: "Les Tréteaux du Castel",
        rna: "W341004567",
        person: ("Roumieux", "Jeanne"),
        granted: false,
    },
    Story {
        room: "maison-des-associations",
        on: Some(Weekday::Tue),
        after: 6,
        hours: ("18:00", "20:00"),
        people: "18",
        usage: "activite",
        what: "Cours de danse d’essai",
        body: "Pas à pas",
        rna: "W341005678",
        person: ("Nouri", "Lila"),
        granted: false,
    },
];

/// Books, grants, and keeps a day for the town.
pub(crate) fn make(
    commune: &Arc<Commune>,
    desk: &DeskService,
    agents: &Agents,
    clock: &ManualClock,
    now: Instant,
) -> Result<(), DemoError> {
    let clerk = agents.of(DEPARTMENT)?;
    clock.set(now - TimeDelta::days(i64::try_from(EARLIER).unwrap_or_default()));
    let case = ask(commune, desk, clerk.uuid(), &TODAY)?;
    grant(commune, desk, clerk.uuid(), case)?;
    clock.set(now);
    for story in &STORIES {
        let case = ask(commune, desk, clerk.uuid(), story)?;
        if story.granted {
            grant(commune, desk, clerk.uuid(), case)?;
        }
    }
    commune.write_blocking(By::account(clerk.uuid(), Channel::Online), |tx| {
        let room = beffroi_calendar::resource::by_slug(tx, "salle-de-reunion-castel")?;
        let room = room.ok_or_else(|| failed("the meeting room is not there"))?;
        let today = civil_day(tx.now(), Town::load(tx)?.zone());
        let day = next(today, Weekday::Wed, 7);
        let zone = Town::load(tx)?.zone();
        let at = |hour| {
            let shown = day.and_hms_opt(hour, 0, 0).unwrap_or_default();
            beffroi_calendar::local::earliest(shown, zone)
        };
        let span = beffroi_calendar::spans::Span::new(at(8), at(13)).ok_or_else(|| failed("no morning"))?;
        let details = Details { note: "Formation des agents".to_owned(), ..Details::default() };
        booking::block(tx, &NewBooking { resource: room.id, span, details }).map(drop).map_err(failed)
    })
}

/// The first such day of the week after so many days.
fn next(today: Day, weekday: Weekday, after: u64) -> Day {
    let from = today.checked_add_days(Days::new(after)).unwrap_or(today);
    from.iter_days().find(|day| day.weekday() == weekday).unwrap_or(from)
}

/// Holds the first free day of a story, and asks for it at the counter.
fn ask(
    commune: &Commune,
    desk: &DeskService,
    clerk: uuid::Uuid,
    story: &'static Story,
) -> Result<Id<Case>, DemoError> {
    let offered = commune.read_blocking(By::SYSTEM, |tx| desk.shelf().current(tx, PROCEDURE))?;
    let form = offered.ok_or_else(|| failed("no procedure books rooms"))?;
    let by = By::account(clerk, Channel::Counter);
    commune.write_blocking(by, move |tx| {
        let town = Town::load(tx)?;
        let today = civil_day(tx.now(), town.zone());
        let (held, day) = hold(tx, story, today)?;
        let room = booking::find(tx, held)?.ok_or_else(|| failed("nothing is held"))?;
        let room = room.resource.details.name.fr;
        let typed = Answers::from_json(&form.procedure().form, &answers(story, &room, day))
            .map_err(|faults| failed(format!("{faults:?}")))?;
        let mut judged = submission::judge(&form, &typed, Channel::Counter, today, &HashMap::new());
        // The agent looks at the certificate.
        judged.outcome.expected_files.clear();
        let submission = Submission {
            form: &form,
            judged: &judged,
            town: &town,
            account: None,
            typed_by: Some(clerk),
            lang: Lang::Fr,
            received_on: None,
            by_letter: false,
            files: None,
            draft: None,
            booking: Some(held),
            whom: submission::Whom::default(),
        };
        let sent = submission::submit(tx, &submission);
        sent.map(|sent| sent.case).map_err(|error| failed(format!("{error:?}")))
    })
}

/// The first such day that is free.
fn hold(tx: &mut Tx<'_>, story: &Story, today: Day) -> Result<(Id<booking::Booking>, Day), DemoError> {
    let holder = Holder { name: "demonstration".to_owned(), most: u32::MAX };
    let (first, step) = match story.on {
        Some(on) => (next(today, on, story.after), 7),
        None => (today.checked_add_days(Days::new(story.after)).unwrap_or(today), 1),
    };
    for day in first.iter_days().step_by(step).take(12) {
        let typed = Typed {
            day: day.to_string(),
            from: story.hours.0.to_owned(),
            until: story.hours.1.to_owned(),
            people: story.people.to_owned(),
            layout: "0".to_owned(),
            ..Typed::default()
        };
        match rooms::hold(tx, story.room, &typed, &holder, Before::Nothing) {
            Ok(found) => return Ok((found.id, day)),
            Err(NotHeld::Refused(_)) => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err(failed(format!("{} is never free", story.room)))
}

fn answers(story: &Story, room: &str, day: Day) -> Value {
    json!({
        "salle": room,
        "personnes": story.people.parse::<u32>().unwrap_or_default(),
        "jour": day,
        "debut": story.hours.0,
        "fin": story.hours.1,
        "usage": story.usage,
        "objet": story.what,
        "ouvert_public": story.usage != "reunion",
        "alcool": false,
        "statut": "association",
        "habitant": true,
        "organisme": story.body,
        "rna": story.rna,
        "demandeur": { "family_name": story.person.0, "given_names": story.person.1 },
        "fonction": "présidence",
        "adresse": "12 rue des Potiers, 34400 Lunel",
        "courriel": "bureau@association.example",
        "telephone": "0465711234",
        "republique": true,
        "charte": true,
    })
}

fn grant(commune: &Commune, desk: &DeskService, clerk: uuid::Uuid, id: Id<Case>) -> Result<(), DemoError> {
    let access = Access::default().with(Some(DEPARTMENT), Right::Decide);
    let office = desk.office(access.clone(), clerk, "http://localhost:8080".to_owned());
    commune.write_blocking(By::account(clerk, Channel::Online), move |tx| {
        case::take_up(tx, &access, id, clerk).map_err(failed)?;
        let case = case::read(tx, &access, id).map_err(failed)?;
        let town = Town::load(tx)?;
        let signs = signatory::who_sign(tx, &case.department, &town)?.into_iter().next();
        let signs = signs.ok_or_else(|| failed("nobody signs"))?;
        let new = NewDecision {
            outcome: Outcome::Granted,
            reasons: String::new(),
            signatory_name: signs.name,
            signatory_quality: signs.quality,
            signatory_delegation: signs.delegation,
            series: None,
        };
        office.decide(tx, &case, new, &[], &town).map_err(|error| failed(format!("{error:?}")))
    })
}

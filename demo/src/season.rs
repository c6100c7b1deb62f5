//! Two seasons of rooms for associations in the demonstration: one that was published and runs, and one that takes wishes.

use std::sync::Arc;

use beffroi_calendar::{
    local::Moment,
    resource::{self, Name, Resource},
    season::{Criterion, Range, Wish},
};
use beffroi_core::{Channel, Day, Id, Instant, Lang, ManualClock, calendar::civil_day};
use beffroi_people::{Account, Permit, Town, permission::permit_system};
use beffroi_rooms::{
    ManageSeasons,
    season::{self, Body, Contact, Days, NewRequest, Round, Sheet, Wished},
};
use beffroi_store::{By, Commune, Tx};
use chrono::{Datelike, TimeDelta, Weekday};

use crate::{DemoError, failed};

/// Days before the end of the story on which the season that runs was published.
const PUBLISHED: i64 = 100;
/// The rooms that are offered.
const ROOMS: [&str; 4] =
    ["maison-des-associations", "salle-brassens", "salle-de-reunion-castel", "espace-vidourle-ouest"];

/// An association with a wish.
struct Association {
    name: &'static str,
    rna: &'static str,
    contact: &'static str,
    /// Its people, those of the commune, those under 18.
    people: (u32, u32, u32),
    activity: &'static str,
    /// How often a week, and for how many minutes.
    often: (u32, u32),
    /// On which days, and from which hour to which.
    when: (&'static [Weekday], u16, u16),
    /// The ranks of its rooms among [`ROOMS`].
    rooms: &'static [usize],
    come: u32,
}

const ASSOCIATIONS: [Association; 8] = [
    Association {
        name: "Pas à pas",
        rna: "W341005678",
        contact: "Lila Nouri",
        people: (64, 51, 30),
        activity: "Cours de danse",
        often: (2, 120),
        when: (&[Weekday::Tue, Weekday::Thu], 18, 22),
        rooms: &[1, 3],
        come: 24,
    },
    Association {
        name: "Boule des Platanes",
        rna: "W341002345",
        contact: "Karim Galtier",
        people: (48, 45, 2),
        activity: "Soirée de belote",
        often: (1, 180),
        when: (&[Weekday::Tue], 18, 22),
        rooms: &[1, 0],
        come: 40,
    },
    Association {
        name: "Les Tréteaux du Castel",
        rna: "W341004567",
        contact: "Jeanne Roumieux",
        people: (22, 14, 5),
        activity: "Répétitions de théâtre",
        often: (2, 150),
        when: (&[Weekday::Mon, Weekday::Tue, Weekday::Wed], 19, 22),
        rooms: &[1, 3],
        come: 16,
    },
    Association {
        name: "Chorale du Vidourle",
        rna: "W341006789",
        contact: "Élise Sabatier",
        people: (55, 38, 4),
        activity: "Répétition de la chorale",
        often: (1, 120),
        when: (&[Weekday::Thu], 18, 22),
        rooms: &[1],
        come: 50,
    },
    Association {
        name: "Échecs lunellois",
        rna: "W341007890",
        contact: "Bruno Salles",
        people: (31, 27, 19),
        activity: "Parties libres",
        often: (1, 120),
        when: (&[Weekday::Wed], 14, 18),
        rooms: &[0, 2],
        come: 16,
    },
    Association {
        name: "Yoga des Étangs",
        rna: "W341008901",
        contact: "Nadia Peyron",
        people: (40, 22, 0),
        activity: "Cours de yoga",
        often: (2, 75),
        when: (&[Weekday::Mon, Weekday::Thu], 18, 21),
        rooms: &[3, 0],
        come: 15,
    },
    Association {
        name: "Mains vertes",
        rna: "W341009012",
        contact: "Paul Ferrand",
        people: (19, 19, 0),
        activity: "Atelier de jardinage",
        often: (1, 120),
        when: (&[Weekday::Tue], 18, 20),
        rooms: &[2, 0],
        come: 25,
    },
    Association {
        name: "Harmonie de la ville",
        rna: "W341000123",
        contact: "Odile Castan",
        people: (70, 58, 33),
        activity: "Répétition de l’orchestre",
        often: (1, 150),
        when: (&[Weekday::Fri], 18, 22),
        rooms: &[1, 3],
        come: 60,
    },
];

/// Makes both.
pub(crate) fn make(
    commune: &Arc<Commune>,
    clock: &ManualClock,
    now: Instant,
    inhabitant: Id<Account>,
) -> Result<(), DemoError> {
    clock.set(now - TimeDelta::days(PUBLISHED));
    commune.write_blocking(By::SYSTEM, running)?;
    clock.set(now);
    commune.write_blocking(By::SYSTEM, move |tx| coming(tx, inhabitant))
}

/// A Monday about so many days after a day.
fn monday(day: Day, days: i64) -> Day {
    let day = day.checked_add_signed(TimeDelta::days(days)).unwrap_or(day);
    let since = i64::from(day.weekday().num_days_from_monday());
    day.checked_sub_signed(TimeDelta::days(since)).unwrap_or(day)
}

fn after(day: Day, days: i64) -> Day {
    day.checked_add_signed(TimeDelta::days(days)).unwrap_or(day)
}

/// A season that began three months ago and ends in two.
fn running(tx: &mut Tx<'_>) -> Result<(), DemoError> {
    let permit = permit_system::<ManageSeasons>(tx).map_err(failed)?;
    let town = Town::load(tx)?;
    let today = civil_day(tx.now(), town.zone());
    let first = monday(today, 14);
    let days = Days { first, last: after(first, 150), opens: after(today, -40), closes: after(today, -5) };
    let rooms = rooms(tx)?;
    let round = prepare(tx, &permit, ("Saison en cours", "Current season"), (&rooms, days))?;
    for association in ASSOCIATIONS.iter().take(6) {
        hand_in(tx, (&round, &rooms), association, None)?;
    }
    let mut round = season::by_slug(tx, &round.slug)?.ok_or_else(|| failed("the round is not there"))?;
    if !season::propose(tx, &permit, &town, &mut round)? {
        return Err(failed("no proposal was made"));
    }
    let published = season::publish(tx, &permit, (&town, &round), "http://localhost").map_err(failed)?;
    published.map(drop).ok_or_else(|| failed("nothing was published"))
}

/// The season that follows, for which wishes are taken.
fn coming(tx: &mut Tx<'_>, inhabitant: Id<Account>) -> Result<(), DemoError> {
    let permit = permit_system::<ManageSeasons>(tx).map_err(failed)?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let first = monday(today, 84);
    let days = Days { first, last: after(first, 200), opens: after(today, -10), closes: after(today, 30) };
    let rooms = rooms(tx)?;
    let round = prepare(tx, &permit, ("Saison prochaine", "Next season"), (&rooms, days))?;
    for (rank, association) in ASSOCIATIONS.iter().enumerate() {
        let account = (rank == 0).then_some(inhabitant);
        hand_in(tx, (&round, &rooms), association, account)?;
    }
    Ok(())
}

fn rooms(tx: &mut Tx<'_>) -> Result<Vec<Id<Resource>>, DemoError> {
    let mut rooms = Vec::with_capacity(ROOMS.len());
    let all = resource::list(tx)?;
    for slug in ROOMS {
        let found = all.iter().find(|kept| kept.details.slug == slug);
        rooms.push(found.ok_or_else(|| failed(format!("no room {slug}")))?.id);
    }
    Ok(rooms)
}

fn prepare(
    tx: &mut Tx<'_>,
    permit: &Permit<ManageSeasons>,
    (fr, en): (&str, &str),
    (rooms, days): (&[Id<Resource>], Days),
) -> Result<Round, DemoError> {
    let about = Name {
        fr: "Les salles sont prêtées aux associations de la commune.\n\nChaque association indique ses souhaits, du plus important au moins important."
            .to_owned(),
        en: "The rooms are lent to associations of the town.\n\nEach association tells its wishes, the most important first.".to_owned(),
    };
    let sheet = Sheet {
        name: Name { fr: fr.to_owned(), en: en.to_owned() },
        about,
        rooms: rooms.to_vec(),
        without_school_holidays: true,
        criteria: vec![Criterion::Fewest, Criterion::Kept, Criterion::Residents],
        department: String::new(),
    };
    let round = season::create(tx, permit, &sheet, days)?;
    season::open(tx, permit, &round)?;
    Ok(round)
}

fn hand_in(
    tx: &mut Tx<'_>,
    (round, rooms): (&Round, &[Id<Resource>]),
    it: &Association,
    account: Option<Id<Account>>,
) -> Result<(), DemoError> {
    let (members, residents, young) = it.people;
    let (days, from, until) = it.when;
    let moment = |hour: u16| Moment::new(hour * 60).map_err(failed);
    let (from, until) = (moment(from)?, moment(until)?);
    let wish = Wish {
        times: it.often.0,
        minutes: it.often.1,
        ranges: days.iter().map(|weekday| Range { weekday: *weekday, from, until }).collect(),
        rooms: it.rooms.iter().filter_map(|rank| rooms.get(*rank)).copied().collect(),
        people: it.come,
        first: None,
        last: None,
    };
    let new = NewRequest {
        body: Body {
            name: it.name.to_owned(),
            number: it.rna.to_owned(),
            members,
            residents,
            young,
            elsewhere: false,
        },
        contact: Contact {
            name: it.contact.to_owned(),
            email: format!("{}@example.org", it.rna.to_lowercase()),
            phone: "0467000000".to_owned(),
            address: String::new(),
        },
        wishes: vec![Wished { activity: it.activity.to_owned(), wish }],
        account: account.map(Id::uuid),
        channel: if account.is_some() { Channel::Online } else { Channel::Paper },
        lang: Lang::Fr,
    };
    season::hand_in(tx, round, &new).map(drop).map_err(failed)
}

//! Appointments of the demonstration: five motives, two sites, people who came this morning, and a fortnight ahead that
//! fills up.

use std::sync::Arc;

use beffroi_appointments::{
    ManageAppointments,
    appointment::{self, Booking, Contact, NewHold, State},
    motive::{self, Motive, MotiveDetails, MotiveSheet, TitleReason},
    site::{self, DeskDetails, SiteDetails, SiteSheet},
    slots::{self, Wanted, Whom},
};
use beffroi_calendar::{
    local::Moment,
    openings::{Closure, Hours, OnHolidays, Openings, Rule, Season, Weeks},
    resource::{Name, Resource},
};
use beffroi_core::{Channel, Id, Instant, Lang, ManualClock, calendar::civil_day};
use beffroi_people::{Permit, Town, department, permission::permit_system};
use beffroi_store::{By, Commune, StoreError, Tx};
use chrono::{Days, TimeDelta, Weekday};

use crate::{DemoError, failed};

const WORKING_WEEK: [Weekday; 5] = [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri];
/// Days before the end of the story on which appointments open.
const OPENED: TimeDelta = TimeDelta::days(4);
/// Whoever comes.
const NAMES: [&str; 16] = [
    "Mireille Roustan",
    "Karim Belkacem",
    "Augustine Galtier",
    "Lucas Ferrand",
    "Nadia Haddad",
    "Paul Espérandieu",
    "Jeanne Roux",
    "Yanis Meunier",
    "Colette Vidal",
    "Inès Cazalis",
    "Hugo Teissier",
    "Fatou Ndiaye",
    "Bernard Puech",
    "Léa Soulier",
    "Marc Bonnafé",
    "Sofia Pereira",
];

fn name(fr: &str, en: &str) -> Name {
    Name { fr: fr.to_owned(), en: en.to_owned() }
}

fn hours(from: u16, until: u16) -> Option<Hours> {
    Hours::new(Moment::new(from).ok()?, Moment::new(until).ok()?).ok()
}

/// On these weekdays, between these minutes of the day; never on a public holiday.
fn rule(weekdays: &[Weekday], all: &[(u16, u16)]) -> Rule {
    Rule {
        weekdays: weekdays.to_vec(),
        weeks: Weeks::Every,
        hours: all.iter().filter_map(|(from, until)| hours(*from, *until)).collect(),
        season: Season::AllYear,
        public_holidays: OnHolidays::Not,
        school_holidays: OnHolidays::Same,
    }
}

/// Half past eight to noon, half past one to five.
const OFFICE: [(u16, u16); 2] = [(510, 720), (810, 1_020)];

/// Opens the appointments some days before the end of the story, and lives these days.
pub(crate) fn open(commune: &Arc<Commune>, clock: &ManualClock, now: Instant) -> Result<(), DemoError> {
    clock.set(now - OPENED);
    let motives = commune.write_blocking(By::SYSTEM, settle)?;
    for (motive, share) in motives {
        commune.write_blocking(By::SYSTEM, move |tx| fill(tx, motive, share))?;
    }
    clock.set(now);
    commune.write_blocking(By::SYSTEM, |tx| past(tx).map_err(failed))
}

fn settle(tx: &mut Tx<'_>) -> Result<Vec<(Id<Motive>, usize)>, DemoError> {
    let permit = permit_system::<ManageAppointments>(tx).map_err(failed)?;
    let sheets = sheets();
    let mut motives = Vec::with_capacity(sheets.len());
    for ((slug, department, sheet), rank) in sheets.into_iter().zip(1..) {
        let department = department::by_slug(tx, department)?.map(|it| it.id);
        let details = MotiveDetails { slug: slug.to_owned(), rank, active: true, department, sheet };
        motives.push(motive::keep(tx, &permit, None, &details).map_err(failed)?);
    }
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let first = today.checked_add_days(Days::new(16)).unwrap_or(today);
    let why = "Formation des agents".to_owned();
    let closed =
        Openings { closures: vec![Closure { first, last: first, hours: None, why }], ..Openings::default() };
    let hall = SiteSheet {
        address: "1 place des Platanes".to_owned(),
        postcode: "34400".to_owned(),
        city: "Lunel".to_owned(),
        access: name("Entrée de plain-pied, côté place", "Step-free entrance from the square"),
        phone: "04 65 71 00 20".to_owned(),
        place: Some((4.1353, 43.6746)),
        tickets: true,
    };
    let hall = SiteDetails {
        slug: "hotel-de-ville".to_owned(),
        name: name("Hôtel de ville", "Town hall"),
        active: true,
        sheet: hall,
        closures: closed,
    };
    let hall = site::keep_site(tx, &permit, None, &hall).map_err(failed)?;
    let house = SiteSheet {
        address: "Rue Jean-Jacques-Rousseau".to_owned(),
        postcode: "34400".to_owned(),
        city: "Lunel".to_owned(),
        access: name("Ascenseur, premier étage", "Lift, first floor"),
        phone: "04 65 71 00 22".to_owned(),
        place: Some((4.1391, 43.6779)),
        tickets: false,
    };
    let house = SiteDetails {
        slug: "maison-rousseau".to_owned(),
        name: name("Maison Jean-Jacques-Rousseau", "Jean-Jacques Rousseau house"),
        active: true,
        sheet: house,
        closures: Openings::default(),
    };
    let house = site::keep_site(tx, &permit, None, &house).map_err(failed)?;
    desks(tx, &permit, &motives, (hall, house))?;
    let shares = [6, 4, 4, 2, 5];
    Ok(motives.into_iter().zip(shares).collect())
}

/// Slug, department and sheet of each motive, in the order of lists.
fn sheets() -> Vec<(&'static str, &'static str, MotiveSheet)> {
    let titles = MotiveSheet {
        name: name("Carte d’identité ou passeport", "Identity card or passport"),
        summary: name(
            "Demander ou renouveler un titre, pour vous ou votre enfant. Pour le retirer, venez sans rendez-vous.",
            "Apply for a document or renew it, for yourself or your child. To collect it, come without an appointment.",
        ),
        bring: vec![
            name("Le numéro de pré-demande, si vous en avez un", "The pre-request number, if you have one"),
            name("Une photo d’identité de moins de six mois", "An identity photo less than six months old"),
            name("Un justificatif de domicile de moins d’un an", "A proof of address less than a year old"),
            name("L’ancien titre, s’il existe", "The old document, if there is one"),
            name("Pour un passeport, le timbre fiscal", "For a passport, the tax stamp"),
        ],
        minutes: vec![20, 30, 45, 60],
        ahead_days: 90,
        titles: TitleReason::ALL.to_vec(),
        ..MotiveSheet::default()
    };
    let civil = MotiveSheet {
        name: name("Mariage, PACS, reconnaissance", "Marriage, civil partnership, recognition"),
        summary: name("Déposer un dossier d’état civil.", "Hand in a civil status file."),
        bring: vec![
            name("Une pièce d’identité", "An identity document"),
            name("Le dossier rempli, avec ses pièces", "The completed file, with its documents"),
        ],
        minutes: vec![30, 30],
        ..MotiveSheet::default()
    };
    let planning = MotiveSheet {
        name: name("Urbanisme : parler d’un projet", "Town planning: talk about a project"),
        summary: name(
            "Avant une clôture, une extension ou une maison.",
            "Before a fence, an extension or a house.",
        ),
        bring: vec![name("Un plan ou des photos du terrain", "A plan or photos of the plot")],
        minutes: vec![30],
        ahead_minutes: 24 * 60,
        procedure: "occupation-domaine-public".to_owned(),
        ..MotiveSheet::default()
    };
    let mayor = MotiveSheet {
        name: name("Rencontrer la maire", "Meet the mayor"),
        summary: name("La permanence du vendredi après-midi.", "The surgery of Friday afternoon."),
        minutes: vec![15, 15, 15],
        ahead_minutes: 48 * 60,
        ..MotiveSheet::default()
    };
    let digital = MotiveSheet {
        name: name("Être aidé sur internet", "Get help online"),
        summary: name(
            "La conseillère numérique vous aide : adresse électronique, démarches, téléphone.",
            "The digital adviser helps you: e-mail, procedures, telephone.",
        ),
        bring: vec![name(
            "Votre téléphone ou votre ordinateur, si vous en avez un",
            "Your telephone or computer, if you have one",
        )],
        minutes: vec![60],
        followed: true,
        ..MotiveSheet::default()
    };
    vec![
        ("carte-identite-passeport", "etat-civil", titles),
        ("etat-civil", "etat-civil", civil),
        ("urbanisme", "domaine-public", planning),
        ("rencontrer-la-maire", "etat-civil", mayor),
        ("aide-internet", "vie-associative", digital),
    ]
}

fn desks(
    tx: &mut Tx<'_>,
    permit: &Permit<ManageAppointments>,
    motives: &[Id<Motive>],
    (hall, house): (Id<Resource>, Id<Resource>),
) -> Result<(), DemoError> {
    let [titles, civil, planning, mayor, digital] = motives else { return Err(failed("five motives")) };
    let tuesday = rule(&[Weekday::Tue], &[(510, 720), (810, 1_110)]);
    let other_days = rule(&[Weekday::Mon, Weekday::Wed, Weekday::Thu, Weekday::Fri], &OFFICE);
    let late = Openings { rules: vec![tuesday, other_days], ..Openings::default() };
    let office = Openings { rules: vec![rule(&WORKING_WEEK, &OFFICE)], ..Openings::default() };
    let only = |weekdays: &[Weekday], all: &[(u16, u16)]| Openings {
        rules: vec![rule(weekdays, all)],
        ..Openings::default()
    };
    let all = [
        (
            "guichet-titres-1",
            name("Guichet 1", "Counter 1"),
            false,
            hall,
            "etat-civil",
            late,
            vec![*titles],
            vec![rule(&WORKING_WEEK, &[(660, 720)])],
        ),
        (
            "guichet-titres-2",
            name("Guichet 2", "Counter 2"),
            false,
            hall,
            "etat-civil",
            office,
            vec![*titles, *civil],
            Vec::new(),
        ),
        (
            "bureau-urbanisme",
            name("Bureau de l’urbanisme", "Town planning office"),
            false,
            hall,
            "domaine-public",
            only(&[Weekday::Tue, Weekday::Thu], &[(540, 720)]),
            vec![*planning],
            Vec::new(),
        ),
        (
            "la-maire",
            name("La maire", "The mayor"),
            true,
            hall,
            "etat-civil",
            only(&[Weekday::Fri], &[(840, 1_020)]),
            vec![*mayor],
            Vec::new(),
        ),
        (
            "conseillere-numerique",
            name("Conseillère numérique", "Digital adviser"),
            true,
            house,
            "vie-associative",
            only(&[Weekday::Mon, Weekday::Wed, Weekday::Fri], &[(540, 720), (840, 1_020)]),
            vec![*digital],
            Vec::new(),
        ),
    ];
    for ((slug, name, is_person, site, department, presence, receives, reserve), rank) in
        all.into_iter().zip(1..)
    {
        let department = department::by_slug(tx, department)?.map(|it| it.id);
        let details = DeskDetails {
            slug: slug.to_owned(),
            name,
            is_person,
            site,
            department,
            rank,
            active: true,
            presence,
            reserve,
            motives: receives.into_iter().collect(),
        };
        site::keep_desk(tx, permit, None, &details).map_err(failed)?;
    }
    Ok(())
}

/// Books a share of the times of the days around the end of the story; many at first, fewer later.
fn fill(tx: &mut Tx<'_>, id: Id<Motive>, share: usize) -> Result<(), DemoError> {
    let motive = motive::find(tx, id)?.ok_or_else(|| failed("no such motive"))?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    let last = today.checked_add_days(Days::new(14)).unwrap_or(today);
    let wanted = Wanted { motive: &motive, persons: 1, site: None, whom: Whom::Agent };
    let free = slots::find(tx, wanted, (today, last))?;
    let near = free.len() / 2;
    for (rank, slot) in free.into_iter().enumerate() {
        // Spread by a number that shares no factor with ten.
        let chosen = (rank * 7 + share) % 10 < if rank < near { share } else { share / 2 };
        if !chosen {
            continue;
        }
        let channel = if rank.is_multiple_of(3) { Channel::Phone } else { Channel::Online };
        let new = NewHold {
            motive: &motive,
            persons: 1,
            at: slot.span.start(),
            site: slot.site,
            whom: Whom::Agent,
            channel,
            lang: Lang::Fr,
            proposal: None,
        };
        let held = appointment::hold(tx, &new).map_err(failed)?;
        let name = NAMES.get(rank % NAMES.len()).copied().unwrap_or_default();
        let email = match channel {
            Channel::Online => format!("habitant{}@example.org", rank % 40),
            _ => String::new(),
        };
        let contact = Contact { name: name.to_owned(), email, ..Contact::default() };
        let booking = Booking { contact, instead: None, whom: Whom::Agent, channel, account: None };
        appointment::book(tx, held.id, booking).map_err(failed)?;
    }
    Ok(())
}

/// What became of those whose time has come: nearly all were received, one in nine did not come.
fn past(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let now = tx.now();
    let begun: Vec<(Id<appointment::Mark>, Instant)> = tx.query(
        "SELECT id, ends_at FROM appointments_appointment WHERE state = 'booked' AND starts_at <= $1 \
         ORDER BY starts_at, id LIMIT 2000",
        &[&now],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    for (rank, (id, ends_at)) in begun.into_iter().enumerate() {
        let state = match (rank % 9, ends_at > now) {
            (_, true) => State::Arrived,
            (4, false) => State::Missed,
            (_, false) => State::Received,
        };
        appointment::mark(tx, id, state).map_err(|error| StoreError::Invalid(error.to_string()))?;
    }
    Ok(())
}

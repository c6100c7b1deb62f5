//! Digital workshops of the demonstration: a season of four series at two places, with people who register themselves, are
//! registered by a relative or on the telephone, wait, come or do not; one that costs something, with orders in several
//! states; and tablets that are lent.

use std::sync::Arc;

use beffroi_calendar::{
    local,
    resource::{self, Kind, Name, Resource, ResourceDetails, Terms},
    spans::Span,
    tariff::Deliberation,
};
use beffroi_core::{Cents, Channel, Day, Id, Instant, Lang, ManualClock, calendar::civil_day};
use beffroi_payments::{
    About, Mode, NewRegie, OrderState, Regie, order,
    payment::Means,
    permission::{ManageRegies, TakeMoney},
    receipt::{self, Taking},
    regie,
    testing::StandIn,
};
use beffroi_people::{Department, Permit, Town, department, permission::permit_system};
use beffroi_store::{By, Commune, StoreError, Tx};
use beffroi_workshops::{
    AdviseWorkshops,
    loan::{self, NewLoan},
    place::{self, Place, PlaceSheet},
    price::{Fixed, Reduced},
    registration::{
        self, AgeBand, GivenUp, NewRegistration, Person, Presence, RegisterError, SeatState, Way, Whom, Wish,
    },
    series::{self, Level, Series, SeriesSheet, Signup},
    session::{self, Mark as Session, SessionDetails},
};
use chrono::{Datelike, Days, NaiveTime, TimeDelta, Weekday};
use chrono_tz::Tz;

use crate::{DemoError, failed};

/// How long before the end of the story the season began.
const BEGAN: TimeDelta = TimeDelta::days(33);
/// Weeks of the season.
const WEEKS: u64 = 11;
/// Whoever takes part.
const NAMES: [&str; 18] = [
    "Mireille Roustan",
    "Augustine Galtier",
    "Bernard Puech",
    "Colette Vidal",
    "Jean Espérandieu",
    "Nadia Haddad",
    "Marcel Bonnafé",
    "Jeanne Roux",
    "Fatou Ndiaye",
    "Robert Soulier",
    "Denise Cazalis",
    "Karim Belkacem",
    "Odette Ferrand",
    "Lucien Teissier",
    "Sofia Pereira",
    "Yvonne Meunier",
    "André Valette",
    "Simone Arnaud",
];

fn name(fr: &str, en: &str) -> Name {
    Name { fr: fr.to_owned(), en: en.to_owned() }
}

/// What there is to take part in.
struct Season {
    department: Id<Department>,
    sessions: Vec<(Id<Series>, Id<Session>, Instant)>,
}

/// Opens the season some weeks before the end of the story, and lives them.
pub(crate) fn open(commune: &Arc<Commune>, clock: &ManualClock, now: Instant) -> Result<(), DemoError> {
    clock.set(now - BEGAN);
    let season = commune.write_blocking(By::SYSTEM, settle)?;
    let department = season.department;
    let (over, ahead): (Vec<_>, Vec<_>) =
        season.sessions.into_iter().partition(|(_, _, ends_at)| *ends_at <= now);
    for (rank, (series, session, ends_at)) in over.into_iter().enumerate() {
        clock.set(ends_at - TimeDelta::days(3));
        commune.write_blocking(By::SYSTEM, move |tx| fill(tx, (series, session), rank, 8))?;
        clock.set(ends_at);
        commune.write_blocking(By::SYSTEM, move |tx| {
            came(tx, session, rank)?;
            paid(tx, session, true)
        })?;
    }
    clock.set(now - TimeDelta::days(20));
    commune.write_blocking(By::SYSTEM, move |tx| lend(tx, department))?;
    clock.set(now - TimeDelta::hours(3));
    for (rank, (series, session, _)) in ahead.into_iter().enumerate() {
        // The next ones are full, those that follow are not.
        let wish = if rank < 3 { 11 } else { 5_usize.saturating_sub(rank / 4) };
        commune.write_blocking(By::SYSTEM, move |tx| {
            fill(tx, (series, session), rank + 40, wish)?;
            paid(tx, session, false)
        })?;
    }
    clock.set(now);
    Ok(())
}

fn settle(tx: &mut Tx<'_>) -> Result<Season, DemoError> {
    let permit = permit_system::<AdviseWorkshops>(tx).map_err(failed)?;
    let department = department::by_slug(tx, "vie-associative")?.map(|it| it.id);
    let department = department.ok_or_else(|| failed("no department holds workshops"))?;
    let (house, club) = places(tx, &permit)?;
    let town = Town::load(tx)?;
    let first = civil_day(tx.now(), town.zone());
    let mut sessions = Vec::new();
    let regie = collects(tx, department)?;
    for (sheet, plan) in programme(regie) {
        let id = series::keep(tx, &permit, None, department, (true, &sheet)).map_err(failed)?;
        let place = if plan.at_club { club } else { house };
        for week in (0..WEEKS).step_by(plan.every) {
            let Some(span) = span(first, week, &plan, town.zone()) else { continue };
            if town.holidays().holiday(civil_day(span.start(), town.zone())).is_some() {
                continue;
            }
            let details = SessionDetails { place, span, seats: 8, waiting_places: 4 };
            let session = session::plan(tx, &permit, id, details).map_err(failed)?;
            sessions.push((id, session, span.end()));
        }
    }
    sessions.sort_by_key(|(_, _, ends_at)| *ends_at);
    Ok(Season { department, sessions })
}

/// The régie that takes what workshops cost: what is paid online is paid to the stand-in for PayFiP.
fn collects(tx: &mut Tx<'_>, department: Id<Department>) -> Result<Id<Regie>, DemoError> {
    let permit = permit_system::<ManageRegies>(tx).map_err(failed)?;
    let typed = NewRegie {
        name: "Régie des animations numériques".to_owned(),
        client_number: StandIn::CLIENT.to_owned(),
        mode: Mode::Test,
        online: true,
        department: Some(department),
        closed: false,
    };
    let new = regie::to_keep(&typed).map_err(|_| failed("the régie is not right"))?;
    regie::create(tx, &permit, &new).map_err(failed)
}

fn places(tx: &mut Tx<'_>, permit: &Permit<AdviseWorkshops>) -> Result<(Id<Place>, Id<Place>), DemoError> {
    let house = resource::by_slug(tx, "maison-rousseau")?.map(|it| it.id);
    let room = ResourceDetails {
        slug: "salle-numerique".to_owned(),
        kind: Kind::Room,
        parent: house,
        name: name("Salle numérique", "Digital room"),
        stock: 1,
        active: true,
        terms: Terms::default(),
    };
    let room = resource::create(tx, &room).map_err(failed)?;
    let mut keep = |title: Name, address: &str, access: Name, room: Option<Id<Resource>>| {
        let sheet = PlaceSheet {
            name: title,
            address: address.to_owned(),
            postcode: "34400".to_owned(),
            city: "Lunel".to_owned(),
            access,
        };
        place::keep(tx, permit, None, room, &sheet).map_err(failed)
    };
    let house = keep(
        name("Maison Jean-Jacques-Rousseau", "Jean-Jacques Rousseau house"),
        "Rue Jean-Jacques-Rousseau",
        name("Ascenseur, premier étage", "Lift, first floor"),
        Some(room),
    )?;
    let club = keep(
        name("Foyer des retraités", "Retired people’s centre"),
        "18 rue des Lavandières",
        name("De plain-pied, boucle magnétique", "Step-free, hearing loop"),
        None,
    )?;
    Ok((house, club))
}

/// When the sessions of a series are.
struct Plan {
    weekday: Weekday,
    hours: (u32, u32),
    at_club: bool,
    /// Weeks from one to the next.
    every: usize,
}

fn span(first: Day, week: u64, plan: &Plan, zone: Tz) -> Option<Span> {
    let ahead = plan.weekday.num_days_from_monday() + 7 - first.weekday().num_days_from_monday();
    let day = first.checked_add_days(Days::new(u64::from(ahead % 7) + week * 7))?;
    let at = |hour: u32| Some(local::earliest(day.and_time(NaiveTime::from_hms_opt(hour, 0, 0)?), zone));
    Span::new(at(plan.hours.0)?, at(plan.hours.1)?)
}

fn programme(regie: Id<Regie>) -> [(SeriesSheet, Plan); 4] {
    let glasses = || name("Vos lunettes, si vous en portez", "Your glasses, if you wear any");
    let steps = SeriesSheet {
        title: name("Premiers pas sur l’ordinateur", "First steps on a computer"),
        summary: name(
            "La souris, le clavier, l’écran\u{a0}: sans rien savoir avant.",
            "Mouse, keyboard, screen: knowing nothing before.",
        ),
        learns: name(
            "Allumer et éteindre l’ordinateur.\nSe servir de la souris et du clavier.\nRanger ses photos et ses papiers.",
            "Switch the computer on and off.\nUse mouse and keyboard.\nPut photos and papers in order.",
        ),
        audience: name(
            "Personnes retraitées, et toute personne qui débute",
            "Retired people, and all beginners",
        ),
        bring: vec![glasses()],
        signup: Signup::Both,
        ..SeriesSheet::default()
    };
    let online = SeriesSheet {
        title: name("Mes démarches en ligne", "Procedures online"),
        summary: name(
            "Impôts, santé, retraite, mairie\u{a0}: faire soi-même, sans crainte.",
            "Taxes, health, pension, town hall: do it yourself, without fear.",
        ),
        learns: name(
            "Créer un compte et garder ses mots de passe.\nTrouver le bon site et reconnaître les faux.\nEnvoyer une pièce.",
            "Make an account and keep passwords.\nFind the right site and know false ones.\nSend a document.",
        ),
        audience: name("Toute personne qui a une adresse électronique", "Anybody who has an e-mail address"),
        level: Level::Improving,
        bring: vec![
            name("Votre téléphone", "Your telephone"),
            name("La démarche que vous voulez faire", "The procedure that you want to do"),
        ],
        ..SeriesSheet::default()
    };
    let phone = SeriesSheet {
        title: name("Mon téléphone sans souci", "My telephone without worry"),
        summary: name(
            "Appeler, écrire, prendre une photo, éviter les arnaques.",
            "Call, write, take a photo, avoid fraud.",
        ),
        learns: name(
            "Les réglages utiles.\nLes messages et les photos.\nLes appels et messages frauduleux.",
            "Useful settings.\nMessages and photos.\nFraudulent calls and messages.",
        ),
        audience: name("Personnes retraitées", "Retired people"),
        bring: vec![name("Votre téléphone et son chargeur", "Your telephone and its charger"), glasses()],
        ..SeriesSheet::default()
    };
    let photos = SeriesSheet {
        title: name(
            "Sortir ses photos du téléphone\u{a0}: atelier et tirage",
            "Photos out of the telephone: workshop and prints",
        ),
        summary: name(
            "Choisir, retoucher et imprimer ses photos. Vingt tirages compris.",
            "Choose, touch up and print photos. Twenty prints included.",
        ),
        learns: name("Trier.\nRetoucher.\nCommander un tirage.", "Sort.\nTouch up.\nOrder prints."),
        audience: name("Toute personne à l’aise avec son téléphone", "Anybody at ease with their telephone"),
        level: Level::Confident,
        bring: vec![name("Votre téléphone et son câble", "Your telephone and its cable")],
        price: Cents(800),
        fixed: Some(Fixed {
            deliberation: Deliberation {
                number: "2026-031".to_owned(),
                day: Day::from_ymd_opt(2026, 3, 12).unwrap_or_default(),
            },
            regie,
            reduced: Some(Reduced {
                price: Cents(400),
                who: name(
                    "Pour les moins de 26 ans, les demandeurs d’emploi et les bénéficiaires du RSA.",
                    "For people under 26, job seekers and recipients of the RSA.",
                ),
            }),
        }),
        ..SeriesSheet::default()
    };
    let plan = |weekday, hours, at_club, every| Plan { weekday, hours, at_club, every };
    [
        (steps, plan(Weekday::Tue, (14, 16), false, 1)),
        (online, plan(Weekday::Thu, (10, 12), false, 2)),
        (phone, plan(Weekday::Wed, (14, 16), true, 2)),
        (photos, plan(Weekday::Fri, (14, 16), true, 3)),
    ]
}

/// Registers some people for a session: by themselves, by a relative, on the telephone; whoever comes too late waits.
fn fill(
    tx: &mut Tx<'_>,
    (series, session): (Id<Series>, Id<Session>),
    rank: usize,
    wish: usize,
) -> Result<(), DemoError> {
    let series = series::find(tx, series)?.ok_or_else(|| failed("no such series"))?;
    let mut first = None;
    for turn in 0..wish {
        let number = (rank * 7 + turn) % NAMES.len();
        let channel = match turn % 4 {
            0 | 3 => Channel::Online,
            1 => Channel::Phone,
            _ => Channel::Counter,
        };
        let way = if channel == Channel::Online { Way::Mail } else { Way::Call };
        let person = Person {
            name: NAMES.get(number).copied().unwrap_or_default().to_owned(),
            registrant: if turn % 4 == 3 { "Paul Galtier".to_owned() } else { String::new() },
            email: if way == Way::Mail { format!("habitant{number}@example.org") } else { String::new() },
            phone: if way == Way::Call { format!("04657112{number:02}") } else { String::new() },
            way: Some(way),
            band: AgeBand::ALL.get(1 + number % 3).copied(),
            ..Person::default()
        };
        let new = NewRegistration {
            series: &series,
            wish: Wish::One(session),
            waits: true,
            reduced: turn % 3 == 1,
            person,
            whom: Whom::Agent,
            channel,
            lang: Lang::Fr,
            account: None,
        };
        let outcome = match registration::register(tx, &new) {
            Ok(outcome) => outcome,
            Err(RegisterError::Full { .. }) => break,
            Err(error) => return Err(failed(error)),
        };
        let first = *first.get_or_insert_with(|| outcome.id());
        // Somebody changes their mind, once in a while: whoever waits is offered the seat.
        if turn == 9 && rank % 2 == 1 {
            registration::cancel(tx, first, GivenUp::All, Whom::Agent)?;
        }
    }
    Ok(())
}

/// Nearly all came; one in nine did not, and one in thirteen said so.
fn came(tx: &mut Tx<'_>, session: Id<Session>, rank: usize) -> Result<(), StoreError> {
    let all = registration::of_session(tx, session)?;
    let seated = all.into_iter().filter(|(seat, _)| seat.state == SeatState::Seated);
    for (turn, (seat, _)) in seated.enumerate() {
        let presence = match rank * 8 + turn {
            number if number % 9 == 4 => Presence::Absent,
            number if number % 13 == 6 => Presence::Excused,
            _ => Presence::Present,
        };
        registration::mark(tx, seat.id, presence)?;
    }
    Ok(())
}

/// At the till: nearly all who came have paid; of those who will come some have, and one gives their seat back.
fn paid(tx: &mut Tx<'_>, session: Id<Session>, is_over: bool) -> Result<(), DemoError> {
    let permit = permit_system::<TakeMoney>(tx).map_err(failed)?;
    let all = registration::of_session(tx, session)?.into_iter().filter(|(seat, _)| seat.cents > Cents(0));
    for (turn, (seat, _)) in all.enumerate() {
        let pays = if is_over { turn % 7 != 5 } else { turn % 2 == 0 };
        let about = About { kind: "registration".to_owned(), id: seat.registration.uuid() };
        let mut orders = order::of_subject(tx, &about, 5)?.into_iter();
        let Some(due) = orders.find(|it| pays && it.state == OrderState::Due) else { continue };
        let (means, detail) = match turn % 3 {
            0 => (Means::Cash, ""),
            1 => (Means::Terminal, ""),
            _ => (Means::Cheque, "La Banque postale 1177218"),
        };
        let taking = Taking { means, cents: due.remaining(), detail: detail.to_owned() };
        receipt::take(tx, &permit, due.id, &taking).map_err(failed)?;
        if !is_over && turn == 2 {
            registration::cancel(tx, seat.registration, GivenUp::All, Whom::Public)?;
        }
    }
    Ok(())
}

/// Two tablets are out, one of them for too long.
fn lend(tx: &mut Tx<'_>, department: Id<Department>) -> Result<(), DemoError> {
    let permit = permit_system::<AdviseWorkshops>(tx).map_err(failed)?;
    let tablets = name("Tablette", "Tablet");
    let resource = loan::add(tx, &permit, department, (&tablets, 6)).map_err(failed)?;
    let today = civil_day(tx.now(), Town::load(tx)?.zone());
    for (name, note, days) in [("Odette Ferrand", "n° 2, avec chargeur", 14), ("Bernard Puech", "n° 5", 30)]
    {
        let due = today.checked_add_days(Days::new(days)).unwrap_or(today);
        let new = NewLoan { resource, name, phone: "0465711299", note, from: None, due };
        loan::lend(tx, &permit, &new).map_err(failed)?;
    }
    Ok(())
}

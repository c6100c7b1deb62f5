//! An association deposits once for each room that it has for a season: it is asked for it, the town holds it, keeps a part
//! after an inspection of one of its dates or gives it back, and forgets it.

use std::sync::Arc;

use axum::http::StatusCode;
use beffroi_calendar::{
    booking::{self, Booking},
    tariff::{self, Deliberation, Rate, Tariff, Unit, When},
};
use beffroi_core::{Cents, Id, Instant, Sector};
use beffroi_notify::mail;
use beffroi_people::{
    Department, Role,
    department::{self, DepartmentDetails},
    permission::permit_system,
};
use beffroi_rooms::{
    ManageRooms,
    deposit::{self, Deposit, State},
    inventory::{self, Thing},
    season::Request,
};
use beffroi_store::{By, StoreError};
use beffroi_web::Service;
use chrono::TimeDelta;

use crate::{
    handed::PDF,
    season::{OFFICE, PUBLIC, ROUND, post, request, settings, step, with},
    support::{Answer, Town, day_of, in_a_town, rooms},
};

const TRAY: &str = "vie-associative";
const AGENT: &str = "agent@lunel.example";
const MEMBER: &str = "lila@example.org";
/// Both sign without scripts.
const SIGNED: [(&str, &str); 5] = [
    ("ville", "Awa Diop"),
    ("approuve-ville", "true"),
    ("present", "oui"),
    ("occupant", "Lila Nouri"),
    ("approuve-occupant", "true"),
];

/// What an association has.
struct Has {
    /// The page of its request.
    own: String,
    request: Id<Request>,
    /// Its Tuesdays and its Thursdays.
    bookings: Vec<Booking>,
}

impl Has {
    fn page(&self, rank: usize) -> String {
        format!("/agents/reservations/{}/caution", self.bookings.get(rank).unwrap().id)
    }
}

/// Two departments; the first sees to the season. The hall costs twenty euros, and four hundred are deposited.
async fn prepared(town: &Town<'_>) -> Id<Department> {
    let hall = town.hall;
    let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
        let permit = permit_system(tx).unwrap();
        let details = |slug: &str| DepartmentDetails {
            slug: slug.to_owned(),
            parent: None,
            name: slug.to_owned(),
            phone: String::new(),
            email: String::new(),
            postal_address: "240 avenue Victor-Hugo".to_owned(),
            hours: String::new(),
            sector: Sector::General,
        };
        department::create(tx, &permit, &details(TRAY)).unwrap();
        let other = department::create(tx, &permit, &details("etat-civil")).unwrap();
        let permit = permit_system::<ManageRooms>(tx).unwrap();
        let chairs = Thing {
            place: String::new(),
            name: "Chaises".to_owned(),
            expected: 120,
            value: Some(Cents(4_000)),
        };
        inventory::keep(tx, &permit, hall, &[chairs])?;
        let rate = Rate {
            applicant: None,
            resident: None,
            when: When::Always,
            up_to_hours: None,
            unit: Unit::Booking,
            amount: Cents(2_000),
        };
        let tariff = Tariff {
            deliberation: Deliberation { number: "2025-118".to_owned(), day: "2025-12-11".parse().unwrap() },
            rates: vec![rate],
            deposit: Cents(40_000),
            retained: Vec::new(),
            free_uses: 1,
        };
        tariff::keep(tx, hall, ("2026-01-01".parse().unwrap(), None), &tariff)?.unwrap();
        Ok::<_, StoreError>(other)
    });
    made.await.unwrap()
}

/// An association asks for two evenings a week, and has them.
async fn published(town: &Town<'_>) -> Has {
    let manager = town.agent(Role::Manager).await;
    let hall = town.hall.to_string();
    let round = with(settings(&hall), "service", TRAY);
    let made = post(town, &manager, &format!("{OFFICE}/nouvelle"), &round).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    assert_eq!(step(town, &manager, "ouvrir").await.status, StatusCode::SEE_OTHER);
    let member = town.member(MEMBER).await;
    let mut asked = with(request(1, &hall, "Pas à pas", "W341005678", "8"), "fois-0", "2");
    let thursday = [("jour-0-1", "4"), ("de-0-1", "18:00"), ("a-0-1", "20:00")];
    asked.extend(thursday.map(|(name, value)| (name, value.to_owned())));
    let own = post(town, &member, &format!("{PUBLIC}/demande"), &asked).await;
    assert_eq!(own.status, StatusCode::SEE_OTHER, "{}", own.body);
    let own = own.location.split('?').next().unwrap().to_owned();
    let request: Id<Request> = own.rsplit('/').next().unwrap().parse().unwrap();
    town.fixture.clock.set(town.now() + TimeDelta::days(13));
    let manager = town.sign_in("manager@lunel.example").await;
    assert_eq!(step(town, &manager, "proposer").await.status, StatusCode::SEE_OTHER);
    assert_eq!(step(town, &manager, "publier").await.status, StatusCode::SEE_OTHER);
    town.work().await;
    let read = town
        .fixture
        .commune
        .read(By::SYSTEM, move |tx| booking::of_owners(tx, "season-request", &[request.uuid()]));
    let bookings = read.await.unwrap();
    assert_eq!(bookings.len(), 2);
    Has { own, request, bookings }
}

/// The deposit that answers for a booking.
async fn deposit_of(town: &Town<'_>, booking: &Booking) -> Option<Deposit> {
    let id = booking.id;
    town.fixture.commune.read(By::SYSTEM, move |tx| deposit::find(tx, id)).await.unwrap()
}

async fn mails(town: &Town<'_>) -> Vec<String> {
    let found = town.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 50)).await;
    found.unwrap().into_iter().map(|mail| format!("{}\n{}", mail.subject, mail.text)).collect()
}

/// An agent has the cheque.
async fn holds(town: &Town<'_>, agent: &str, has: &Has) {
    let today = town.today().to_string();
    let fields =
        [("faire", "recevoir"), ("moyen", "cheque"), ("reference", "7654321"), ("le", today.as_str())];
    let held = town.post(&has.page(0), &format!("beffroi={agent}"), &fields).await;
    assert_eq!(held.status, StatusCode::SEE_OTHER, "{}", held.body);
}

/// An agent notes the state of the room for a date, with so many chairs, and both sign.
async fn inspected(
    town: &Town<'_>,
    agent: &str,
    (booking, at): (&Booking, Instant),
    (way, chairs): (&str, &str),
) -> Answer {
    let cookie = format!("beffroi={agent}");
    let start = at.timestamp().to_string();
    let begun = [("sens", way), ("debut", start.as_str())];
    let begun = town.post(&format!("/agents/reservations/{}/etat", booking.id), &cookie, &begun).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    let page = town.get_as(agent, &begun.location).await;
    let thing = page.body.split("id=\"objet-").nth(1).unwrap().split('"').next().unwrap();
    let (state, number) = (format!("etat-{thing}"), format!("nombre-{thing}"));
    let noted = [(state.as_str(), "good"), (number.as_str(), chairs), ("seul", "oui")];
    assert_eq!(town.post(&begun.location, &cookie, &noted).await.status, StatusCode::NO_CONTENT);
    let signed = town.post(&format!("{}/signer", begun.location), &cookie, &SIGNED).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    town.work().await;
    signed
}

#[test]
fn an_association_promises_one_deposit_for_a_room_and_a_season() {
    in_a_town(async |town| {
        let elsewhere = prepared(town).await;
        let has = published(town).await;
        let it = deposit_of(town, &has.bookings[0]).await.unwrap();
        assert_eq!(deposit_of(town, &has.bookings[1]).await.unwrap(), it, "one for both times");
        assert_eq!((it.amount, it.state), (Cents(40_000), State::Promised));
        assert_eq!(it.origin, deposit::Origin::Season(has.request));
        // What it is told says so, and so does its page.
        let told = mails(town).await;
        let said = "Caution\u{a0}: 400,00\u{a0}€ pour Salle Brassens";
        let telling: Vec<&String> = told.iter().filter(|mail| mail.contains(said)).collect();
        assert_eq!(telling.len(), 1, "{told:?}");
        assert_eq!(telling[0].matches(said).count(), 1);
        let member = town.sign_in(MEMBER).await;
        town.get_as(&member, &has.own).await.says("une caution de 400,00\u{a0}€ est demandée");
        let english = format!("{}?lang=en", has.own);
        town.get_as(&member, &english).await.says("a deposit of €400.00 is asked for");
        // Those who see to it read of it, and nobody else.
        let agent = town.agent_in(AGENT, Role::Agent, None).await;
        town.get_as(&agent, "/agents/cautions").await.says("Pas à pas").says("À recevoir").says("SA-");
        town.get_as(&agent, &has.page(1)).await.says("Saison d’automne").says("À recevoir");
        let hub = format!("/agents/reservations/{}", has.bookings[0].id);
        town.get_as(&agent, &hub).await.says("Pas à pas").says("Lila Nouri").says(&format!("{hub}/caution"));
        let contract = town.get_as_bytes(&agent, &format!("{hub}/convention.pdf")).await;
        assert!(contract.1.starts_with(b"%PDF-"), "{}", contract.0);
        let counter = format!("{ROUND}/demandes/{}", has.request);
        town.get_as(&agent, &counter).await.says("/caution\"").says(&hub);
        let other = town.agent_in("ailleurs@lunel.example", Role::Agent, Some(elsewhere)).await;
        town.get_as(&other, "/agents/cautions").await.is_silent_about("Pas à pas");
        town.get_as(&other, &counter).await.is_silent_about("400,00").is_silent_about(&hub);
        for page in [&has.page(0), &hub, &format!("{}/devis", has.page(0))] {
            assert_eq!(town.get_as(&other, page).await.status, StatusCode::NOT_FOUND, "{page}");
        }
        let cookie = format!("beffroi={other}");
        let taken = town.post(&has.page(0), &cookie, &[("faire", "rendre")]).await;
        assert_eq!(taken.status, StatusCode::NOT_FOUND);
        // The keys go out on the first day: that is when somebody comes.
        let first = day_of(has.bookings[0].span.start(), 0);
        let third = day_of(has.bookings[0].dates()[2].start(), 0);
        town.get_as(&agent, &format!("/agents/remises?jour={first}")).await.says("Pas à pas");
        town.get_as(&agent, &format!("/agents/remises?jour={third}")).await.is_silent_about("Pas à pas");
    });
}

#[test]
fn a_part_is_kept_after_an_inspection_of_one_of_its_dates_once_the_association_has_answered() {
    in_a_town(async |town| {
        prepared(town).await;
        let has = published(town).await;
        let agent = town.agent_in(AGENT, Role::Agent, None).await;
        holds(town, &agent, &has).await;
        town.get_as(&agent, &has.page(1)).await.says("Reçue").says("7654321");
        // On the third of its Thursdays two chairs are gone.
        let thursdays = &has.bookings[1];
        let third = thursdays.dates()[2];
        town.fixture.clock.set(third.end());
        let agent = town.sign_in(AGENT).await;
        inspected(town, &agent, (thursdays, third.start()), ("in", "120")).await;
        inspected(town, &agent, (thursdays, third.start()), ("out", "118")).await;
        assert!(mails(town).await.iter().any(|mail| mail.contains("L’état des lieux de sortie est fait")));
        // Another date is looked at after it, of the other evening; nothing is gone there.
        let tuesdays = &has.bookings[0];
        let fourth = tuesdays.dates()[3];
        town.fixture.clock.set(fourth.end().max(third.end()));
        let agent = town.sign_in(AGENT).await;
        inspected(town, &agent, (tuesdays, fourth.start()), ("in", "118")).await;
        inspected(town, &agent, (tuesdays, fourth.start()), ("out", "118")).await;
        // The page shows the last, and leads to the one that is meant.
        let page = has.page(0);
        let shown = town.get_as(&agent, &page).await;
        shown.is_silent_about("118 au lieu de 120").says("Autres états des lieux de sortie");
        let meant = shown.body.split(&format!("href=\"{page}?etat=")).nth(1).unwrap();
        let meant = meant.split('"').next().unwrap().to_owned();
        let shown = town.get_as(&agent, &format!("{page}?etat={meant}")).await;
        shown.says("118 au lieu de 120").says("value=\"80,00\"").says(&meant);
        let cookie = format!("beffroi={agent}");
        let until = day_of(fourth.end(), 20).to_string();
        let fields = [
            ("etat", meant.as_str()),
            ("montant", "80,50"),
            ("motif", "Deux chaises manquent."),
            ("reponse-avant", until.as_str()),
        ];
        let files = [("devis", "devis.pdf", PDF.to_vec())];
        let told = town.send_files(&format!("{page}/retenue"), &cookie, &fields, &files).await;
        assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
        // The notice says how much, why, until when, of which inspection, and how it is contested.
        let sent = mails(town).await;
        let notice = sent.iter().find(|mail| mail.contains("80,50")).unwrap();
        for said in [
            "400,00",
            "Deux chaises manquent.",
            "Le devis se lit",
            "observations",
            "en cause\u{a0}: jeudi",
            "telerecours",
        ] {
            assert!(notice.contains(said), "{said}: {notice}");
        }
        town.get_as(&agent, &page).await.says("118 au lieu de 120").says(&format!("{page}/devis"));
        let settle = [("faire", "solder"), ("retenu", "60")];
        let early = town.post(&page, &cookie, &settle).await;
        assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
        early.says("peut répondre jusqu’au");
        // The association reads the quote and the reports, and answers.
        let member = town.sign_in(MEMBER).await;
        let mine = town.get_as(&member, &has.own).await;
        mine.says("garder 80,50\u{a0}€").says("Deux chaises manquent.").says("État des lieux de sortie");
        let papers: Vec<String> = mine
            .body
            .split(&format!("href=\"{}/documents/", has.own))
            .skip(1)
            .map(|part| part.split('"').next().unwrap().to_owned())
            .collect();
        assert_eq!(papers.len(), 5, "four reports and a quote");
        let stranger = town.member("karim@example.org").await;
        for paper in &papers {
            let address = format!("{}/documents/{paper}", has.own);
            assert!(town.get_as_bytes(&member, &address).await.1.starts_with(b"%PDF-"));
            assert_eq!(town.get_as(&stranger, &address).await.status, StatusCode::NOT_FOUND);
        }
        let under = deposit_of(town, thursdays).await.unwrap().booking;
        let answer = format!("{}/cautions/{under}", has.own);
        let field = format!("reponse-{under}");
        let to = format!("beffroi={member}");
        let words = [(field.as_str(), "D’accord pour 60 euros.")];
        let strange = town.post(&answer, &format!("beffroi={stranger}"), &words).await;
        assert_eq!(strange.status, StatusCode::NOT_FOUND);
        let empty = town.post(&answer, &to, &[(field.as_str(), "")]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        empty.says("Écrivez votre réponse").says(&format!("href=\"#{field}\""));
        let answered = town.post(&answer, &to, &words).await;
        assert_eq!(answered.location, format!("{}?fait=reponse", has.own), "{}", answered.body);
        assert_eq!(town.post(&answer, &to, &words).await.status, StatusCode::CONFLICT);
        town.get_as(&member, &has.own).await.says("D’accord pour 60 euros.").is_silent_about(&answer);
        // Then it is settled, for no more than was told.
        town.get_as(&agent, "/agents/cautions").await.says("L’occupant a répondu");
        let more = town.post(&page, &cookie, &[("faire", "solder"), ("retenu", "100")]).await;
        assert_eq!(more.status, StatusCode::UNPROCESSABLE_ENTITY);
        let settled = town.post(&page, &cookie, &settle).await;
        assert_eq!(settled.status, StatusCode::SEE_OTHER, "{}", settled.body);
        let it = deposit_of(town, tuesdays).await.unwrap();
        assert_eq!((it.state, it.rest()), (State::Settled, Cents(34_000)));
        town.get_as(&member, &has.own).await.says("garde 60,00\u{a0}€ et rend 340,00\u{a0}€");
        let sent = mails(town).await;
        assert!(
            sent.iter().any(|mail| mail.contains("La mairie garde 60,00") && mail.contains("telerecours"))
        );
    });
}

/// The round that the house makes every hour.
async fn hour(town: &Town<'_>) {
    let commune = Arc::clone(&town.fixture.commune);
    tokio::task::spawn_blocking(move || rooms().hourly(&commune)).await.unwrap().unwrap();
}

#[test]
fn it_is_given_back_at_the_end_of_the_season_and_forgotten_with_whom_to_reach() {
    in_a_town(async |town| {
        prepared(town).await;
        let has = published(town).await;
        let agent = town.agent_in(AGENT, Role::Agent, None).await;
        holds(town, &agent, &has).await;
        town.get_as(&agent, "/agents/cautions").await.says("Gardées jusqu’à la fin");
        let reminded = async || {
            mails(town).await.iter().filter(|mail| mail.contains("Une caution est à rendre")).count()
        };
        // One of the evenings is over for good; the other is not.
        let last = |rank: usize| has.bookings[rank].whole().end();
        let (sooner, later) = (last(0).min(last(1)), last(0).max(last(1)));
        town.fixture.clock.set(sooner + TimeDelta::days(4));
        hour(town).await;
        assert_eq!(reminded().await, 0);
        town.fixture.clock.set(later + TimeDelta::days(4));
        hour(town).await;
        assert_eq!(reminded().await, 1);
        hour(town).await;
        assert_eq!(reminded().await, 1, "once a week");
        let agent = town.sign_in(AGENT).await;
        town.get_as(&agent, "/agents/cautions").await.says("À rendre").says("Pas à pas");
        let given = town.post(&has.page(1), &format!("beffroi={agent}"), &[("faire", "rendre")]).await;
        assert_eq!(given.status, StatusCode::SEE_OTHER, "{}", given.body);
        assert_eq!(deposit_of(town, &has.bookings[0]).await.unwrap().state, State::Released);
        assert!(mails(town).await.iter().any(|mail| mail.contains("vous est rendue en entier")));
        let member = town.sign_in(MEMBER).await;
        town.get_as(&member, &has.own).await.says("la caution de 400,00\u{a0}€ est rendue en entier");
        hour(town).await;
        assert!(deposit_of(town, &has.bookings[0]).await.is_some(), "it is known as long as the association");
        town.fixture.clock.set(later + TimeDelta::days(400));
        hour(town).await;
        assert!(deposit_of(town, &has.bookings[0]).await.is_none());
    });
}

#[test]
fn nothing_is_deposited_for_what_is_given_back() {
    in_a_town(async |town| {
        prepared(town).await;
        let has = published(town).await;
        let member = town.sign_in(MEMBER).await;
        let mine = town.get_as(&member, &has.own).await;
        let times = mine.body.split(&format!("action=\"{}/creneaux/", has.own)).skip(1);
        let times: Vec<String> =
            times.map(|part| format!("{}/creneaux/{}", has.own, part.split('"').next().unwrap())).collect();
        assert_eq!(times.len(), 2);
        assert_eq!(post(town, &member, &times[0], &[]).await.location, format!("{}?fait=rendu", has.own));
        town.work().await;
        let state = async || deposit_of(town, &has.bookings[0]).await.unwrap().state;
        assert_eq!(state().await, State::Promised, "the other evening is still had");
        assert_eq!(post(town, &member, &times[1], &[]).await.location, format!("{}?fait=rendu", has.own));
        town.work().await;
        assert_eq!(state().await, State::Released);
        town.get_as(&member, &has.own).await.is_silent_about("caution de");
    });
}

#[test]
fn what_was_deposited_comes_back_where_all_is_given_back() {
    in_a_town(async |town| {
        prepared(town).await;
        let has = published(town).await;
        let agent = town.agent_in(AGENT, Role::Agent, None).await;
        holds(town, &agent, &has).await;
        let member = town.sign_in(MEMBER).await;
        let mine = town.get_as(&member, &has.own).await;
        for part in mine.body.split(&format!("action=\"{}/creneaux/", has.own)).skip(1) {
            let back = format!("{}/creneaux/{}", has.own, part.split('"').next().unwrap());
            assert_eq!(post(town, &member, &back, &[]).await.status, StatusCode::SEE_OTHER);
        }
        town.work().await;
        let told = mails(town).await;
        let telling = told.iter().filter(|mail| mail.contains("la caution remise vous est rendue"));
        assert_eq!(telling.count(), 1, "{told:?}");
        town.get_as(&agent, "/agents/cautions").await.says("À rendre").says("Pas à pas");
        assert_eq!(deposit_of(town, &has.bookings[0]).await.unwrap().state, State::Held);
    });
}

//! A season of rooms: associations ask, a proposal is made by the published rule, an agent changes it, all of it is booked at
//! once and told.

use std::sync::Arc;

use axum::http::StatusCode;
use beffroi_calendar::{
    booking,
    spans::Span,
    tariff::{self, Deliberation, Rate, Tariff, Unit, When},
};
use beffroi_core::{Cents, calendar::start_of_day};
use beffroi_notify::mail;
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use beffroi_web::Service;
use chrono::TimeDelta;
use chrono_tz::Europe::Paris;

use crate::{
    bill::collects,
    support::{Answer, Town, in_a_town, rooms},
};

pub const OFFICE: &str = "/agents/planning/saisons";
pub const ROUND: &str = "/agents/planning/saisons/saison-d-automne";
pub const PUBLIC: &str = "/salles/saison/saison-d-automne";

/// A key of a form, another for each number.
fn key(number: u32) -> String {
    format!("{number:032x}")
}

pub fn settings(hall: &str) -> Vec<(&'static str, String)> {
    [
        ("nom", "Saison d’automne"),
        ("texte", "Pour les associations de la ville."),
        ("du", "2026-09-07"),
        ("au", "2026-12-18"),
        ("ouvre", "2026-06-01"),
        ("ferme", "2026-06-15"),
        ("salles", hall),
        ("critere-0", "fewest"),
        ("critere-1", "residents"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

/// A request for Tuesday evenings; `residents` of twenty members live in the commune.
pub fn request(
    number: u32,
    hall: &str,
    name: &str,
    rna: &str,
    residents: &str,
) -> Vec<(&'static str, String)> {
    let key = key(number);
    [
        ("idempotency_key", key.as_str()),
        ("lignes", "1"),
        ("association", name),
        ("numero", rna),
        ("contact", "Lila Nouri"),
        ("courriel", "lila@example.org"),
        ("telephone", ""),
        ("adherents", "20"),
        ("habitants", residents),
        ("jeunes", "5"),
        ("activite-0", "Danse"),
        ("priorite-0", "1"),
        ("fois-0", "1"),
        ("duree-0", "120"),
        ("personnes-0", "18"),
        ("salle-0", hall),
        ("jour-0-0", "2"),
        ("de-0-0", "18:00"),
        ("a-0-0", "20:00"),
        ("canal", "phone"),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

pub fn with(
    mut fields: Vec<(&'static str, String)>,
    name: &'static str,
    value: &str,
) -> Vec<(&'static str, String)> {
    fields.retain(|(known, _)| *known != name);
    fields.push((name, value.to_owned()));
    fields
}

pub async fn post(
    town: &Town<'_>,
    session: &str,
    address: &str,
    fields: &[(&'static str, String)],
) -> Answer {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    town.post(address, &format!("beffroi={session}"), &fields).await
}

pub async fn step(town: &Town<'_>, session: &str, word: &str) -> Answer {
    let fields = [("vers", word.to_owned()), ("accord", "true".to_owned())];
    post(town, session, &format!("{ROUND}/etape"), &fields).await
}

/// A round that takes wishes.
pub async fn open(town: &Town<'_>, manager: &str) {
    let hall = town.hall.to_string();
    let made = post(town, manager, &format!("{OFFICE}/nouvelle"), &settings(&hall)).await;
    assert_eq!(made.location, format!("{ROUND}?fait=enregistree"), "{}", made.body);
    assert_eq!(step(town, manager, "ouvrir").await.location, format!("{ROUND}?fait=ouverte"));
}

async fn mails(town: &Town<'_>) -> Vec<String> {
    let found = town.fixture.commune.read(By::SYSTEM, |tx| mail::recent(tx, None, 50)).await;
    found.unwrap().into_iter().map(|mail| format!("{}\n{}", mail.subject, mail.text)).collect()
}

#[test]
fn a_round_is_prepared_shown_and_opened() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        let hall = town.hall.to_string();
        let agent = town.agent(Role::Agent).await;
        assert_eq!(town.get_as(&agent, &format!("{OFFICE}/nouvelle")).await.status, StatusCode::NOT_FOUND);
        town.get_as(&manager, &format!("{OFFICE}/nouvelle")).await.says("Salle Brassens");
        for (name, value, told) in [
            ("nom", "", "Donnez un nom"),
            ("du", "2026-02-30", "Indiquez un jour qui existe"),
            ("salles", "", "Choisissez au moins une salle"),
            ("ferme", "2026-09-07", "finissent avant le premier jour"),
            ("au", "2028-01-01", "La saison dure de 1 à 400 jours"),
        ] {
            let fields = with(settings(&hall), name, value);
            let refused = post(town, &manager, &format!("{OFFICE}/nouvelle"), &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            refused.says(told).says("Pour les associations de la ville.");
        }
        let made = post(town, &manager, &format!("{OFFICE}/nouvelle"), &settings(&hall)).await;
        assert_eq!(made.status, StatusCode::SEE_OTHER);
        // Nobody else knows of it yet.
        assert_eq!(town.get(PUBLIC).await.status, StatusCode::NOT_FOUND);
        assert_eq!(town.get_as(&agent, ROUND).await.status, StatusCode::NOT_FOUND);
        town.get("/salles/saisons").await.is_silent_about("Saison d’automne");
        assert_eq!(step(town, &agent, "ouvrir").await.status, StatusCode::NOT_FOUND);
        assert_eq!(step(town, &manager, "publier").await.status, StatusCode::CONFLICT);
        assert_eq!(step(town, &manager, "ouvrir").await.status, StatusCode::SEE_OTHER);
        town.get("/salles/saisons").await.says("Saison d’automne").says("Ouverte aux demandes");
        let public = town.get(&format!("{PUBLIC}?lang=fr")).await;
        public.says("Demander des créneaux").says("Salle Brassens").says("par tours").says("15 juin 2026");
        town.get(&format!("{PUBLIC}?lang=en")).await.says("Ask for times").says("in turns");
        // A season that runs keeps its days and rooms; its window may be made longer.
        let later = with(with(settings(&hall), "ferme", "2026-06-20"), "du", "2026-10-01");
        assert_eq!(
            post(town, &manager, &format!("{ROUND}/reglages"), &later).await.status,
            StatusCode::SEE_OTHER
        );
        town.get(&format!("{PUBLIC}?lang=fr")).await.says("20 juin 2026").says("7 septembre 2026");
    });
}

#[test]
fn an_association_asks_and_changes_what_it_asked() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        open(town, &manager).await;
        let hall = town.hall.to_string();
        let form = format!("{PUBLIC}/demande");
        assert_eq!(town.get(&form).await.status, StatusCode::SEE_OTHER, "whoever asks signs in first");
        let member = town.member("lila@example.org").await;
        town.get_as(&member, &form).await.says("Nom de l’association").says("Salle Brassens");
        // Another wish is added, and nothing that was typed is lost.
        let more = with(request(1, &hall, "Pas à pas", "W341005678", "8"), "add", "oui");
        let more = post(town, &member, &form, &more).await;
        assert_eq!(more.status, StatusCode::OK);
        more.says("name=\"activite-1\"").says("value=\"Pas à pas\"").says("value=\"W341005678\"");
        for (name, value, told) in [
            ("association", "", "Indiquez le nom de l’association"),
            ("numero", "W34", "n’est pas un numéro RNA"),
            ("courriel", "lila", "Indiquez une adresse électronique"),
            (
                "habitants",
                "21",
                "Habitants de la commune\u{a0}: indiquez un nombre de 0 au nombre d’adhérents",
            ),
            ("salle-0", "", "Choisissez une salle"),
            ("a-0-0", "19:00", "plus courtes que la durée"),
        ] {
            let fields = with(request(2, &hall, "Pas à pas", "W341005678", "8"), name, value);
            let refused = post(town, &member, &form, &fields).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}");
            refused.says(told).says("value=\"Danse\"");
        }
        let fields = request(3, &hall, "Pas à pas", "W341005678", "8");
        let kept = post(town, &member, &form, &fields).await;
        assert!(kept.location.ends_with("?fait=recue"), "{} {}", kept.status, kept.body);
        assert_eq!(post(town, &member, &form, &fields).await.location, kept.location, "a second click");
        let own = kept.location.split('?').next().unwrap().to_owned();
        let told = mails(town).await;
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("Pas à pas") && told[0].contains(&own), "{}", told[0]);
        // An association has one request, whoever hands it in.
        let other = town.member("karim@example.org").await;
        let twice = post(town, &other, &form, &request(4, &hall, "PAS A PAS", "w341 005 678", "20")).await;
        assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
        twice.says("a déjà une demande pour cette saison").is_silent_about("SA-");
        assert_eq!(town.get_as(&other, &own).await.status, StatusCode::NOT_FOUND);
        assert_eq!(town.get(&own).await.status, StatusCode::SEE_OTHER);
        // Their own is changed, and read by agents.
        let changed =
            with(request(5, &hall, "Pas à pas", "W341005678", "8"), "activite-0", "Danse et théâtre");
        assert!(post(town, &member, &own, &changed).await.location.ends_with("?fait=changee"));
        // What was sent is read again, and changed from there.
        let sent = town.get_as(&member, &own).await;
        sent.says("1. Danse et théâtre").says("15 juin 2026").is_silent_about("<fieldset");
        sent.says(&format!("{own}?modifier=oui"));
        let change = town.get_as(&member, &format!("{own}?modifier=oui")).await;
        change.says("value=\"Danse et théâtre\"").says("Retirer cette demande");
        town.get_as(&member, PUBLIC).await.says("Vos demandes").says("Pas à pas");
        let agent = town.agent(Role::Agent).await;
        let board = town.get_as(&agent, ROUND).await;
        board.says("Pas à pas").says("lila@example.org").is_silent_about("Réglages");
        // At the counter the same, for somebody who has no mail.
        let counter = with(request(6, &hall, "Boule des Platanes", "", "20"), "courriel", "");
        let refused = post(town, &agent, &format!("{ROUND}/demande"), &counter).await;
        refused.says("Indiquez un numéro de téléphone ou une adresse électronique");
        let counter = with(counter, "telephone", "0467711234");
        let taken = post(town, &agent, &format!("{ROUND}/demande"), &counter).await;
        assert!(taken.location.starts_with(&format!("{ROUND}/demandes/")), "{}", taken.body);
        assert_eq!(mails(town).await.len(), 2, "whoever has no mail is written none");
        town.get_as(&agent, ROUND).await.says("04\u{a0}67\u{a0}71\u{a0}12\u{a0}34");
        // What is withdrawn is gone.
        assert_eq!(post(town, &other, &format!("{own}/retirer"), &[]).await.status, StatusCode::NOT_FOUND);
        let gone = post(town, &member, &format!("{own}/retirer"), &[]).await;
        assert_eq!(gone.location, format!("{PUBLIC}?fait=retiree"));
        assert_eq!(town.get_as(&member, &own).await.status, StatusCode::NOT_FOUND);
        assert_eq!(mails(town).await.len(), 0);
    });
}

#[test]
#[expect(clippy::too_many_lines, reason = "one journey, told from its beginning to its end")]
fn what_is_proposed_is_changed_by_hand_and_published() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        open(town, &manager).await;
        let hall = town.hall.to_string();
        let form = format!("{PUBLIC}/demande");
        let member = town.member("lila@example.org").await;
        let first = request(1, &hall, "Pas à pas", "W341005678", "8");
        let own = post(town, &member, &form, &first).await.location;
        let own = own.split('?').next().unwrap().to_owned();
        let second = request(2, &hall, "Boule des Platanes", "W341002345", "19");
        assert_eq!(post(town, &manager, &format!("{ROUND}/demande"), &second).await.status, 303);
        assert_eq!(
            step(town, &manager, "proposer").await.status,
            StatusCode::CONFLICT,
            "wishes are still taken"
        );
        town.fixture.clock.set(town.now() + TimeDelta::days(13));
        let manager = town.sign_in("manager@lunel.example").await;
        let member = town.sign_in("lila@example.org").await;
        town.get(&format!("{PUBLIC}?lang=fr"))
            .await
            .says("Demandes à l’étude")
            .is_silent_about("Demander des");
        let late = post(town, &member, &own, &with(first, "idempotency_key", &key(9))).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "nothing is changed any more");
        town.get_as(&member, &own).await.says("La demande est à l’étude");
        assert_eq!(step(town, &manager, "proposer").await.location, format!("{ROUND}?fait=proposee"));
        // Whoever has more people of the commune comes first; the other is told who has the room.
        let board = town.get_as(&manager, ROUND).await;
        board
            .says("de 18\u{a0}h à 20\u{a0}h")
            .says("Souhaits sans créneau")
            .says("prise à ces heures par Boule des Platanes");
        town.get_as(&member, &own)
            .await
            .says("La demande est à l’étude")
            .is_silent_about("Boule des Platanes");
        town.get(&format!("{PUBLIC}?lang=fr")).await.is_silent_about("Boule des Platanes");
        let give = board.body.split(&format!("href=\"{ROUND}/creneau?")).nth(1).unwrap();
        let give = give.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        town.get_as(&manager, &format!("{ROUND}/creneau?{give}"))
            .await
            .says("Pas à pas")
            .says("value=\"18:00\"");
        let named = give.split('&').next().unwrap().strip_prefix("demande=").unwrap().to_owned();
        let place = |day: &str, from: &str, until: &str| -> Vec<(&'static str, String)> {
            [
                ("demande", named.as_str()),
                ("souhait", "0"),
                ("salle", hall.as_str()),
                ("jour", day),
                ("de", from),
                ("a", until),
            ]
            .map(|(name, value)| (name, value.to_owned()))
            .into()
        };
        let address = format!("{ROUND}/creneau");
        let taken = post(town, &manager, &address, &place("2", "19:00", "21:00")).await;
        assert_eq!(taken.status, StatusCode::CONFLICT);
        taken.says("Boule des Platanes a").says("value=\"19:00\"");
        let closed = post(town, &manager, &address, &place("7", "18:00", "20:00")).await;
        assert_eq!(closed.status, StatusCode::CONFLICT);
        closed.says("La salle est fermée pour");
        let given = post(town, &manager, &address, &place("4", "18:00", "20:00")).await;
        assert_eq!(given.location, format!("{ROUND}?fait=donne"), "{}", given.body);
        let board = town.get_as(&manager, ROUND).await;
        board.says("à la main").is_silent_about("Souhaits sans créneau");
        // It is moved to another hour.
        let link = format!("href=\"{ROUND}/creneaux/");
        let moved = board.body.split(&link).skip(1).map(|it| it.split('"').next().unwrap());
        let moved: Vec<String> = moved.map(str::to_owned).collect();
        assert_eq!(moved.len(), 2);
        let shifted =
            post(town, &manager, &format!("{ROUND}/creneaux/{}", moved[1]), &place("4", "19:00", "21:00"))
                .await;
        assert_eq!(shifted.location, format!("{ROUND}?fait=deplace"), "{}", shifted.body);
        // Publishing needs consent, and is done once.
        let alone = post(town, &manager, &format!("{ROUND}/etape"), &[("vers", "publier".to_owned())]).await;
        assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY);
        alone.says("Cochez la case");
        let published = step(town, &manager, "publier").await;
        assert_eq!(published.location, format!("{ROUND}?fait=publiee"), "{}", published.body);
        assert_eq!(step(town, &manager, "publier").await.status, StatusCode::CONFLICT);
        let public = town.get(&format!("{PUBLIC}?lang=fr")).await;
        public
            .says("Mardi de 18\u{a0}h à 20\u{a0}h")
            .says("Jeudi de 19\u{a0}h à 21\u{a0}h")
            .says("Boule des Platanes");
        public.says("Graine du tirage au sort").says("SA-").is_silent_about("Lila Nouri");
        let api = town.get("/api/v1/seasons/saison-d-automne").await.json();
        assert_eq!(api["times"].as_array().unwrap().len(), 2);
        assert_eq!(api["season"]["state"], "published");
        // Everybody is told, with each of their dates booked.
        let told = mails(town).await;
        assert_eq!(told.iter().filter(|mail| mail.contains("créneau hebdomadaire est attribué")).count(), 2);
        let within = |first: &str, last: &str| {
            let at = |day: &str| start_of_day(day.parse().unwrap(), Paris);
            Span::new(at(first), at(last)).unwrap()
        };
        let season = within("2026-09-01", "2027-01-01");
        let listed =
            town.fixture.commune.read(By::SYSTEM, move |tx| booking::listed(tx, season)).await.unwrap();
        assert_eq!(listed.len(), 15 + 15, "fifteen Tuesdays and fifteen Thursdays");
        let planning = town.get_as(&manager, "/agents/planning?jour=2026-09-10").await;
        planning.says("Pas à pas, Danse").says("Réservée");
        // In calendar programs: the season of one's own association, and all that takes a room that an agent added.
        let calendar = town.calendar("lila@example.org").await;
        assert_eq!(calendar.matches("STATUS:CONFIRMED").count(), 15, "{calendar}");
        let calendar = town.calendar("manager@lunel.example").await;
        assert_eq!(calendar.matches("STATUS:CONFIRMED").count(), 30, "{calendar}");
        assert!(!calendar.contains("Lila"), "{calendar}");
        // What is given back is free again.
        let mine = town.get_as(&member, &own).await;
        mine.says("Voici les créneaux attribués").says("15 dates, du 10 septembre 2026 au 17 décembre 2026");
        let back = mine.body.split(&format!("action=\"{own}/creneaux/")).nth(1).unwrap();
        let back = format!("{own}/creneaux/{}", back.split('"').next().unwrap());
        let other = town.member("karim@example.org").await;
        assert_eq!(post(town, &other, &back, &[]).await.status, StatusCode::NOT_FOUND);
        assert_eq!(post(town, &member, &back, &[]).await.location, format!("{own}?fait=rendu"));
        assert_eq!(post(town, &member, &back, &[]).await.status, StatusCode::CONFLICT);
        town.get_as(&member, &own).await.says("Rendu le 16 juin 2026");
        let calendar = town.calendar("lila@example.org").await;
        assert_eq!(calendar.matches("STATUS:CANCELLED").count(), 15, "{calendar}");
        town.get(&format!("{PUBLIC}?lang=fr")).await.is_silent_about("Jeudi de 19");
        let listed =
            town.fixture.commune.read(By::SYSTEM, move |tx| booking::listed(tx, season)).await.unwrap();
        assert_eq!(listed.len(), 15);
    });
}

#[test]
fn what_somebody_has_already_is_nobodys_time_of_the_season() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        open(town, &manager).await;
        let hall = town.hall.to_string();
        let tuesday = |day: &str| crate::support::hours_of(day.parse().unwrap(), 18, 19);
        for day in ["2026-09-08", "2026-09-15"] {
            town.takes(tuesday(day)).await;
        }
        let form = format!("{ROUND}/demande");
        let asked = post(town, &manager, &form, &request(1, &hall, "Pas à pas", "W341005678", "8")).await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER, "{}", asked.body);
        town.fixture.clock.set(town.now() + TimeDelta::days(13));
        let manager = town.sign_in("manager@lunel.example").await;
        assert_eq!(step(town, &manager, "proposer").await.status, StatusCode::SEE_OTHER);
        assert_eq!(step(town, &manager, "publier").await.status, StatusCode::SEE_OTHER);
        let told = mails(town).await;
        let result = told.iter().find(|mail| mail.contains("Dates retirées")).unwrap();
        assert!(result.contains("mardi 8 septembre 2026") && result.contains("(déjà prise)"), "{result}");
        assert!(result.contains("13 dates"), "{result}");
    });
}

#[test]
fn the_hourly_round_closes_a_window_and_forgets_whom_to_reach() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        open(town, &manager).await;
        let hall = town.hall.to_string();
        let member = town.member("lila@example.org").await;
        let form = format!("{PUBLIC}/demande");
        let own =
            post(town, &member, &form, &request(1, &hall, "Pas à pas", "W341005678", "8")).await.location;
        assert!(own.ends_with("?fait=recue"), "{own}");
        let hour = async || {
            let commune = Arc::clone(&town.fixture.commune);
            tokio::task::spawn_blocking(move || rooms().hourly(&commune)).await.unwrap().unwrap()
        };
        assert_eq!(hour().await, 0, "nothing is due yet");
        town.fixture.clock.set(town.now() + TimeDelta::days(13));
        assert_eq!(hour().await, 1);
        town.get(&format!("{PUBLIC}?lang=fr"))
            .await
            .says("Demandes à l’étude")
            .says("Graine du tirage au sort");
        // A year after the season only the association is known.
        town.fixture.clock.set(town.now() + TimeDelta::days(600));
        assert_eq!(hour().await, 1);
        let manager = town.sign_in("manager@lunel.example").await;
        town.get_as(&manager, ROUND).await.says("Pas à pas").is_silent_about("Lila Nouri");
        assert_eq!(mails(town).await.len(), 0);
        let member = town.sign_in("lila@example.org").await;
        let own = own.split('?').next().unwrap();
        assert_eq!(
            town.get_as(&member, own).await.status,
            StatusCode::NOT_FOUND,
            "it leads to nobody any more"
        );
    });
}

/// Twenty euros an evening by the tariff of the hall; an association has one time a year for nothing.
pub async fn has_a_tariff(town: &Town<'_>) {
    let hall = town.hall;
    let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
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
            deposit: Cents(0),
            retained: Vec::new(),
            free_uses: 1,
        };
        let first = "2026-01-01".parse().unwrap();
        tariff::keep(tx, hall, (first, None), &tariff)?.unwrap();
        Ok::<_, StoreError>(())
    });
    made.await.unwrap();
}

/// The same, and the town has a régie for all of its rooms.
pub async fn priced(town: &Town<'_>) {
    has_a_tariff(town).await;
    collects(town).await;
}

#[test]
fn a_season_costs_what_the_tariff_says_and_is_one_order() {
    in_a_town(async |town| {
        priced(town).await;
        let manager = town.agent(Role::Manager).await;
        open(town, &manager).await;
        let hall = town.hall.to_string();
        let member = town.member("lila@example.org").await;
        // Two evenings a week: the first is had for nothing. Whoever sits elsewhere has none for nothing.
        let mut first = with(request(1, &hall, "Pas à pas", "W341005678", "8"), "fois-0", "2");
        let thursday = [("jour-0-1", "4"), ("de-0-1", "18:00"), ("a-0-1", "20:00")];
        first.extend(thursday.map(|(name, value)| (name, value.to_owned())));
        let own = post(town, &member, &format!("{PUBLIC}/demande"), &first).await;
        assert_eq!(own.status, StatusCode::SEE_OTHER, "{}", own.body);
        let own = own.location.split('?').next().unwrap().to_owned();
        let away = with(request(2, &hall, "Boule de Mauguio", "W341002345", "2"), "ailleurs", "true");
        let away = with(with(with(away, "jour-0-0", "5"), "courriel", "boule@example.org"), "canal", "paper");
        let taken = post(town, &manager, &format!("{ROUND}/demande"), &away).await;
        assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
        town.fixture.clock.set(town.now() + TimeDelta::days(13));
        let manager = town.sign_in("manager@lunel.example").await;
        let member = town.sign_in("lila@example.org").await;
        assert_eq!(step(town, &manager, "proposer").await.status, StatusCode::SEE_OTHER);
        assert_eq!(step(town, &manager, "publier").await.status, StatusCode::SEE_OTHER);
        town.work().await;
        // Fifteen evenings at twenty euros; the other fifteen of the first are counted as a free use.
        let told = mails(town).await;
        let paying: Vec<&String> = told.iter().filter(|mail| mail.contains("À payer")).collect();
        assert_eq!(paying.len(), 2, "{told:?}");
        assert!(paying.iter().all(|mail| mail.contains("300,00") && mail.contains("2025-118")), "{paying:?}");
        assert_eq!(paying.iter().filter(|mail| mail.contains("Créneaux gratuits")).count(), 1);
        let read = town.fixture.commune.read(By::SYSTEM, |tx| {
            let sql =
                "SELECT total_cents FROM payment_order WHERE about_kind = 'season-request' ORDER BY number";
            let all: Vec<i64> = tx.query(sql, &[], |row| row.get(0))?;
            Ok::<_, StoreError>((all, tariff::free_uses(tx, 2026)?))
        });
        let (orders, free) = read.await.unwrap();
        assert_eq!(orders, [30_000, 30_000], "one order each");
        let free: Vec<(i64, Cents)> = free.iter().map(|it| (it.count, it.value)).collect();
        assert_eq!(free, [(1, Cents(30_000))]);
        town.get_as(&member, &own).await.says("Voir la commande et payer").says("à payer avant le");
        // What is given back is owed no more: nothing was kept of it by this tariff.
        let mine = town.get_as(&member, &own).await;
        for back in mine.body.split(&format!("action=\"{own}/creneaux/")).skip(1) {
            let back = format!("{own}/creneaux/{}", back.split('"').next().unwrap());
            assert_eq!(post(town, &member, &back, &[]).await.location, format!("{own}?fait=rendu"));
        }
        town.work().await;
        let due = "SELECT COUNT(*) FROM payment_order WHERE about_kind = 'season-request' AND state = 'due'";
        let read = town.fixture.commune.read(By::SYSTEM, move |tx| tx.query_one(due, &[], |row| row.get(0)));
        let due: i64 = read.await.unwrap();
        assert_eq!(due, 1);
        town.get_as(&member, &own).await.is_silent_about("Voir la commande et payer");
    });
}

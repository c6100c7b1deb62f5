//! A room that is booked every week is one case; a date that was skipped is added again once it is free.

use beffroi_calendar::{
    booking::{self, Booking, Details, Holding, NewBooking, Skipped},
    claims::ClaimError,
    local,
    spans::Span,
};
use beffroi_core::{Day, Id};
use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use chrono_tz::Europe::Paris;

use crate::{
    booked::{COUNTER, FORM, KEY, SLUG, claims, entered, filled, picked, room},
    browser::{Browser, Hall, journey},
};

fn evening(day: &str) -> Span {
    let day: Day = day.parse().unwrap();
    let at = |hour| local::exactly(day.and_hms_opt(hour, 0, 0).unwrap(), Paris).unwrap();
    Span::new(at(14), at(18)).unwrap()
}

/// Three Saturdays, of which the second was not free.
async fn series(hall: &Hall<'_>) -> Id<Booking> {
    held(hall).await.0
}

/// The same, with what opens it.
async fn held(hall: &Hall<'_>) -> (Id<Booking>, String) {
    let held = hall.fixture.commune.write(By::SYSTEM, |tx| -> Result<_, StoreError> {
        let resource = room(tx, SLUG);
        let details = Details {
            people: Some(20),
            dates: vec![evening("2026-07-04"), evening("2026-07-18")],
            skipped: vec![Skipped { span: evening("2026-07-11"), why: "taken".to_owned() }],
            ..Details::default()
        };
        let new = NewBooking { resource, span: evening("2026-07-04"), details };
        let holding = Holding { purpose: "reservation-de-salle", holder: "agent" };
        match booking::hold(tx, &new, holding) {
            Ok((id, secret, _)) => Ok((id, secret.reveal().to_owned())),
            Err(ClaimError::Store(error)) => Err(error),
            Err(other) => Err(StoreError::Invalid(other.to_string())),
        }
    });
    held.await.unwrap()
}

async fn grant(agent: &Browser<'_>, base: &str) {
    agent.post(&format!("{base}/prendre"), &[]).await.is(303);
    agent.post(&format!("{base}/decision"), &[("outcome", "granted"), ("reasons", "")]).await.is(303);
}

#[test]
fn whoever_has_a_series_gives_one_date_back_and_keeps_the_rest() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let browser = hall.browser();
        let (_, secret) = held(hall).await;
        browser.carry(&secret);
        filled(&browser).await;
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        browser.get("/suivi").await.is_silent_about("Rendre une ou plusieurs dates");
        let case: String = hall.value("SELECT id FROM cases", "").await;
        let base = format!("/agents/dossiers/{case}");
        grant(&agent, &base).await;
        browser.get("/suivi").await.says("Rendre une ou plusieurs dates");
        let start = |day: &str| evening(day).start().timestamp().to_string();
        let (first, second) = (start("2026-07-04"), start("2026-07-18"));
        let to = "/suivi/rendre-dates";
        // What is missing is told, all of it, and nothing typed is lost.
        let empty = browser.post(to, &[("motif-rendre", "")]).await;
        empty.is(422).says("Cochez au moins une date").says("Dites en quelques mots");
        let all = [("rendre", first.as_str()), ("rendre", second.as_str()), ("motif-rendre", "Tournoi")];
        browser.post(to, &all).await.is(422).says("toutes les dates").says("Tournoi");
        let stray = [("rendre", "1"), ("motif-rendre", "Tournoi")];
        browser.post(to, &stray).await.is(409).says("passée, ou déjà rendue");
        // What remains due is told before anything is done.
        let one = [("rendre", second.as_str()), ("motif-rendre", "Tournoi")];
        browser.post(to, &one).await.is(200).says("rien ne reste dû").says("name=\"retenu\" value=\"0\"");
        assert_eq!(claims(hall).await, 2);
        let sure = [one[0], one[1], ("retenu", "0")];
        browser.post(to, &sure).await.leads_to("/suivi?fait=rendre-dates");
        assert_eq!(claims(hall).await, 1);
        assert!(picked(&hall.fixture.commune, SLUG, "2026-07-18").await.is_some(), "it is free at once");
        let page = browser.get("/suivi?fait=rendre-dates").await;
        page.says("Les dates sont rendues").says("Dates rendues").says("Tournoi");
        page.says("Dates de la réservation rendues").is_silent_about("Rendre une ou plusieurs dates");
        agent.get(&base).await.says("Tournoi").says("rendue le");
        let mails: i64 =
            hall.value("SELECT COUNT(*) FROM mail WHERE subject LIKE $1", "%Dates rendues%").await;
        assert_eq!(mails, 1);
        browser.post(to, &sure).await.is(409).says("passée, ou déjà rendue");
    });
}

#[test]
fn the_town_takes_one_date_back_and_says_why() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let id = series(hall).await;
        let sent = agent.send(COUNTER, &entered(KEY, "counter", &id.to_string()), &[]).await;
        let base = format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap());
        grant(&agent, &base).await;
        let to = format!("{base}/rendre-dates");
        agent.post(&to, &[]).await.is(422).says("Cochez au moins une date").says("Dites qui rend ces dates");
        let start = evening("2026-07-04").start().timestamp().to_string();
        let asked = [("rendre", start.as_str()), ("par", "town"), ("motif-rendre", "Élections")];
        agent.post(&to, &asked).await.is(200).says("rien ne reste dû").says("Élections");
        agent.post(&to, &[asked[0], asked[1], asked[2], ("retenu", "0")]).await.is(303);
        assert_eq!(claims(hall).await, 1);
        let words: String = hall.value("SELECT words FROM exchange WHERE kind = 'to_requester'", "").await;
        assert!(words.contains("a repris ces dates") && words.contains("Élections"), "{words}");
        agent.get(&base).await.says("reprise par la mairie");
    });
}

#[test]
fn what_comes_again_is_one_case_and_a_skipped_date_is_added_once_it_is_free() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (rival, _) = picked(&hall.fixture.commune, SLUG, "2026-07-11").await.unwrap();
        let id = series(hall).await;
        let form = agent.get(&format!("{COUNTER}?creneau={id}")).await;
        form.says("2 fois, du samedi 4 juillet au samedi 18 juillet 2026").says("déjà réservée");
        let sent = agent.send(COUNTER, &entered(KEY, "counter", &id.to_string()), &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        assert_eq!(claims(hall).await, 3);
        let base = format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap());
        let page = agent.get(&base).await;
        page.says("samedi 18 juillet 2026, de 14\u{a0}h à 18\u{a0}h").says("Ajouter cette date");
        let start = evening("2026-07-11").start().timestamp().to_string();
        let add = [("debut", start.as_str())];
        agent.post(&format!("{base}/ajouter-date"), &add).await.is(422).says("toujours pas libre");
        hall.fixture.commune.write(By::SYSTEM, move |tx| booking::let_go(tx, rival)).await.unwrap();
        agent.post(&format!("{base}/ajouter-date"), &add).await.is(303);
        assert_eq!(claims(hall).await, 3);
        let page = agent.get(&base).await;
        page.says("3 fois, du samedi 4 juillet au samedi 18 juillet 2026");
        page.is_silent_about("Ajouter cette date");
        let words: String = hall.value("SELECT words FROM exchange WHERE kind = 'to_requester'", "").await;
        assert!(words.contains("Une date est ajoutée"), "{words}");
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        agent.post(&format!("{base}/decision"), &[("outcome", "granted"), ("reasons", "")]).await.is(303);
        let why = [("motif-annulation", "La salle ferme")];
        agent.post(&format!("{base}/annuler"), &why).await.is(303);
        assert_eq!(claims(hall).await, 0, "all dates are given back");
    });
}

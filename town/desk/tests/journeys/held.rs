//! What is held, and what was granted, is given back, prolonged and judged anew.

use beffroi_calendar::{
    booking::{self, Booking, State},
    resource::{self, ResourceDetails, Terms},
};
use beffroi_core::Id;
use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    booked::{COUNTER, DAY, FORM, KEY, SLUG, claims, entered, filled, picked, right, state},
    browser::{Browser, Hall, journey},
};

/// Enters a request at the counter, and grants it; where the agents' page of it is.
async fn granted(hall: &Hall<'_>, agent: &Browser<'_>, id: Id<Booking>) -> String {
    let sent = agent.send(COUNTER, &entered(KEY, "counter", &id.to_string()), &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let base = format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap());
    agent.post(&format!("{base}/prendre"), &[]).await.is(303);
    agent.post(&format!("{base}/decision"), &[("outcome", "granted"), ("reasons", "")]).await.is(303);
    assert_eq!(state(hall, id).await, Some(State::Firm));
    base
}

async fn mails(hall: &Hall<'_>, about: &str) -> i64 {
    hall.value("SELECT COUNT(*) FROM mail WHERE subject LIKE $1", &format!("%{about}%")).await
}

#[test]
fn whoever_has_a_room_gives_it_back_and_the_town_is_told() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let browser = hall.browser();
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        filled(&browser).await;
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        // What waits for an answer is withdrawn, not cancelled.
        browser.get("/suivi").await.is_silent_about("Annuler la réservation");
        let case: String = hall.value("SELECT id FROM cases", "").await;
        let base = format!("/agents/dossiers/{case}");
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        agent.post(&format!("{base}/decision"), &[("outcome", "granted"), ("reasons", "")]).await.is(303);
        browser.get("/suivi").await.says("Réservation accordée").says("Annuler la réservation");
        let empty = browser.post("/suivi/annulation", &[("motif-annulation", " ")]).await;
        empty.is(422).says("Dites en quelques mots pourquoi vous annulez.");
        let why = [("motif-annulation", "Le match est reporté")];
        browser.post("/suivi/annulation", &why).await.leads_to("/suivi?fait=annulation");
        assert_eq!((state(hall, id).await, claims(hall).await), (Some(State::Cancelled), 0));
        assert!(picked(&hall.fixture.commune, SLUG, DAY).await.is_some(), "it is free at once");
        let page = browser.get("/suivi?fait=annulation").await;
        page.says("La réservation est annulée.").says("Le match est reporté").says("Réservation annulée");
        page.is_silent_about("motif-annulation");
        assert_eq!(mails(hall, "Réservation annulée").await, 1);
        agent.get(&base).await.says("Le match est reporté").says("Annulée par la personne");
        let again = browser.post("/suivi/annulation", &why).await;
        again.is(409).says("ne peut plus être annulée");
    });
}

#[test]
fn a_room_to_come_stands_in_the_space_of_whoever_asked_for_it() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        owner.get("/mon-compte").await.is_silent_about("À venir");
        let (_, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        owner.carry(&secret);
        filled(&owner).await;
        owner.post(&format!("{FORM}/recapitulatif"), &[]).await.is(303);
        let space = owner.get("/mon-compte").await;
        space.says("À venir").says("Salle Brassens").says("Samedi 4 juillet 2026, de 14\u{a0}h à 18\u{a0}h");
        space.says("En attente de la réponse de la mairie");
    });
}

#[test]
fn the_town_takes_a_room_back_says_why_and_the_requester_is_told() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let base = granted(hall, &agent, id).await;
        agent.get(&base).await.says("Annuler la réservation");
        agent.post(&format!("{base}/annuler"), &[("motif-annulation", "")]).await.is(422);
        let why = [("motif-annulation", "La salle sert aux élections")];
        agent.post(&format!("{base}/annuler"), &why).await.is(303);
        assert_eq!((state(hall, id).await, claims(hall).await), (Some(State::Cancelled), 0));
        let words: String = hall.value("SELECT words FROM exchange WHERE kind = 'to_requester'", "").await;
        assert!(words.contains("a annulé votre réservation") && words.contains("élections"), "{words}");
        let page = agent.get(&base).await;
        page.says("Annulée par la mairie").says("La salle sert aux élections");
        agent.post(&format!("{base}/annuler"), &why).await.is(422).says("ne peut plus être annulée");
        // What has begun is not given back.
        let (id, _) = picked(&hall.fixture.commune, SLUG, "2026-06-05").await.unwrap();
        let sent = agent
            .send(COUNTER, &entered("fedcba9876543210fedcba9876543210", "counter", &id.to_string()), &[])
            .await;
        let base = format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap());
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        agent.post(&format!("{base}/decision"), &[("outcome", "granted"), ("reasons", "")]).await.is(303);
        hall.fixture.clock.advance(TimeDelta::days(3));
        let (_, agent) = hall.signed_in("vie2@lunel.example", Some(("vie-associative", Role::Agent))).await;
        agent.get(&base).await.is_silent_about("Annuler la réservation");
        agent.post(&format!("{base}/annuler"), &why).await.is(422);
        assert_eq!(state(hall, id).await, Some(State::Firm));
    });
}

#[test]
fn how_it_went_is_asked_once_what_was_booked_is_over() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        granted(hall, &agent, id).await;
        hall.work();
        assert_eq!(mails(hall, "Réservation accordée").await, 1);
        assert_eq!(mails(hall, "est passée").await, 0);
        hall.fixture.clock.advance(TimeDelta::days(40));
        hall.work();
        hall.work();
        assert_eq!(mails(hall, "est passée").await, 1);
        let text: String = hall.value("SELECT body FROM mail WHERE subject LIKE $1", "%est passée%").await;
        assert!(text.contains("/avis/"), "{text}");
    });
}

#[test]
fn what_is_held_for_one_procedure_serves_no_other() {
    journey(Gate::Open, async |hall| {
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let sql = "UPDATE calendar_booking SET purpose = 'reservation-de-terrain' WHERE id = $1";
        let other = hall.fixture.commune.write(By::SYSTEM, move |tx| tx.execute(sql, &[&id]));
        other.await.unwrap();
        let browser = hall.browser();
        browser.carry(&secret);
        browser.get(FORM).await.leads_to("/salles");
        let sent = browser
            .deposits_with("reservation-de-salle", &json!({ "answers": right(), "booking": secret }))
            .await;
        sent.is(422).says("#/booking");
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        agent.send(COUNTER, &entered(KEY, "counter", &id.to_string()), &[]).await.is(422);
        assert_eq!(state(hall, id).await, Some(State::Held));
    });
}

#[test]
fn whoever_needs_more_time_has_it_and_loses_nothing_of_what_they_typed() {
    journey(Gate::Open, async |hall| {
        let browser = hall.browser();
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        let page = browser.get(&format!("{FORM}/reservation")).await;
        page.says("encore 15\u{a0}minutes").says("Garder ce créneau 15\u{a0}minutes de plus");
        hall.fixture.clock.advance(TimeDelta::minutes(10));
        let typed = [("shown", "objet"), ("objet", "Réunion du club"), ("lengthen", "1")];
        let sent = browser.send(&format!("{FORM}/reservation"), &typed, &[]).await;
        sent.leads_to(&format!("{FORM}/reservation#creneau"));
        let page = browser.get(&format!("{FORM}/reservation")).await;
        page.says("encore 15\u{a0}minutes").says("value=\"Réunion du club\"");
        filled(&browser).await;
        hall.fixture.clock.advance(TimeDelta::minutes(14));
        browser.get(&format!("{FORM}/recapitulatif")).await.says("encore une minute");
        for _ in 1..10 {
            browser.post(&format!("{FORM}/creneau"), &[]).await.is(303);
        }
        let summary = browser.get(&format!("{FORM}/recapitulatif")).await;
        summary.says("autant de fois que possible").is_silent_about("name=\"lengthen\"");
        browser.post(&format!("{FORM}/creneau"), &[]).await.is(303);
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        assert!(picked(&hall.fixture.commune, SLUG, DAY).await.is_some(), "not for ever: {id}");
    });
}

#[test]
fn what_has_expired_is_had_again_by_the_rules_of_that_moment() {
    journey(Gate::Open, async |hall| {
        let browser = hall.browser();
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        filled(&browser).await;
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        let stricter = hall.fixture.commune.write(By::SYSTEM, |tx| {
            let room = resource::by_slug(tx, SLUG)?.unwrap();
            let terms = Terms { ahead_minutes: 60 * 24 * 60, ..room.details.terms };
            resource::change(tx, room.id, &ResourceDetails { terms, ..room.details }).unwrap();
            Ok::<_, StoreError>(())
        });
        stricter.await.unwrap();
        let late = browser.post(&format!("{FORM}/recapitulatif"), &[]).await;
        late.is(409).says("ne peut plus être réservé").says("Vos réponses sont gardées");
        assert_eq!((state(hall, id).await, claims(hall).await), (Some(State::Held), 0));
        let (second, _) = picked(&hall.fixture.commune, SLUG, "2026-07-05").await.unwrap();
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let entry = agent.send(COUNTER, &entered(KEY, "counter", &second.to_string()), &[]).await;
        entry.is(422).says("ne peut plus être réservé").says("value=\"Galtier\"");
    });
}

#[test]
fn a_letter_that_comes_too_late_for_its_time_is_received_and_the_conflict_is_shown() {
    journey(Gate::Open, async |hall| {
        let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (rival, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let sent = agent.send(COUNTER, &entered(KEY, "paper", &id.to_string()), &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let base = format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap());
        assert_eq!(state(hall, id).await, Some(State::Overtaken));
        agent.get(&base).await.says("Quelqu’un d’autre avait déjà ce créneau").says("Salle Brassens");
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        let grant = [("outcome", "granted"), ("reasons", "")];
        agent.post(&format!("{base}/decision"), &grant).await.is(409);
        hall.fixture.commune.write(By::SYSTEM, move |tx| booking::let_go(tx, rival)).await.unwrap();
        agent.post(&format!("{base}/decision"), &grant).await.is(303);
        assert_eq!(state(hall, id).await, Some(State::Firm));
    });
}

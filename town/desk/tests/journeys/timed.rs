//! A letter that asks for a room is received without a time; an agent finds one for it, by the rules of every request.

use beffroi_calendar::booking::{self, State};
use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::By;
use chrono::TimeDelta;

use crate::{
    booked::{COUNTER, DAY, KEY, SLUG, entered, picked, state},
    browser::{Browser, Hall, journey},
    priced::voted,
};

/// A letter is typed that asks for the afternoon of the fourth of July; the page of its case.
async fn letter(agent: &Browser<'_>) -> String {
    let mut letter = entered(KEY, "paper", "");
    letter.extend([("salle", "La salle Brassens"), ("debut", "15:00"), ("fin", "18:00")]);
    letter.extend([("jour-day", "4"), ("jour-month", "7"), ("jour-year", "2026")]);
    let sent = agent.send(COUNTER, &letter, &[]).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap())
}

async fn count(hall: &Hall<'_>, sql: &'static str) -> i64 {
    hall.value(sql, "").await
}

#[test]
fn an_agent_finds_a_time_for_a_letter_and_the_requester_is_told_what_it_costs() {
    journey(Gate::Open, async |hall| {
        voted(hall).await;
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = letter(&agent).await;
        let case = base.rsplit('/').next().unwrap();
        let page = agent.get(&base).await;
        page.says("Aucun créneau n’est retenu")
            .says("Choisir un créneau")
            .says(&format!("href=\"/agents/planning?dossier={case}&#38;jour=2026-07-04\""));
        let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let held = agent.get(&format!("{base}?creneau={id}")).await;
        held.says("samedi 4 juillet 2026, de 14\u{a0}h à 18\u{a0}h").says("Prix\u{a0}: 100,00\u{a0}€");
        held.says("Caution\u{a0}: 300,00\u{a0}€").says("Retenir ce créneau");
        held.says(&format!("avant={id}&#38;dossier={case}"));
        assert_eq!(state(hall, id).await, Some(State::Held), "nothing is booked by looking");
        let done = format!("{base}?fait=creneau");
        let chosen = id.to_string();
        let fields = [("creneau", chosen.as_str())];
        agent.post(&format!("{base}/creneau"), &fields).await.leads_to(&done);
        assert_eq!(state(hall, id).await, Some(State::Asked));
        // Clicked twice, it is booked once.
        agent.post(&format!("{base}/creneau"), &fields).await.leads_to(&done);
        assert_eq!(count(hall, "SELECT COUNT(*) FROM journal WHERE kind = 'case.time_given'").await, 1);
        let page = agent.get(&done).await;
        page.says("la personne est prévenue").says("Créneau retenu, en attente de réponse");
        page.says("Tarif d’un particulier de la commune").is_silent_about("Choisir un créneau");
        let told: String = hall.value("SELECT CAST(answers AS TEXT) FROM cases", "").await;
        assert!(told.contains("14:00") && !told.contains("La salle Brassens"), "{told}");
        hall.work();
        let mails = hall.mails().await;
        let mail = mails.iter().find(|mail| mail.subject.starts_with("Votre réservation")).unwrap();
        assert!(mail.subject.contains("Salle Brassens, samedi 4 juillet 2026"), "{}", mail.subject);
        assert!(mail.text.contains("100,00\u{a0}€") && mail.text.contains("300,00\u{a0}€"), "{}", mail.text);
        // It goes on as any other.
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        agent.post(&format!("{base}/decision"), &[("outcome", "granted"), ("reasons", "")]).await.is(303);
        assert_eq!(state(hall, id).await, Some(State::Firm));
    });
}

#[test]
fn what_is_gone_is_told_and_a_second_time_is_not_booked() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = letter(&agent).await;
        let book = format!("{base}/creneau");
        agent.post(&book, &[("creneau", "")]).await.is(422).says("Ce créneau n’est plus gardé");
        let (late, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        let (_, agent) = hall.signed_in("asso@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (rival, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let late = late.to_string();
        agent.post(&book, &[("creneau", &late)]).await.is(422).says("quelqu’un d’autre l’a pris");
        hall.fixture.commune.write(By::SYSTEM, move |tx| booking::let_go(tx, rival)).await.unwrap();
        agent.post(&book, &[("creneau", &late)]).await.is(303);
        let (other, _) = picked(&hall.fixture.commune, SLUG, "2026-07-05").await.unwrap();
        let named = other.to_string();
        agent.post(&book, &[("creneau", &named)]).await.is(422).says("déjà retenu pour cette demande");
        assert_eq!(state(hall, other).await, Some(State::Held));
    });
}

#[test]
fn what_a_letter_came_too_late_for_gives_way_to_the_time_that_is_found() {
    journey(Gate::Open, async |hall| {
        let (asked, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        hall.fixture.clock.advance(TimeDelta::minutes(16));
        picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let sent = agent.send(COUNTER, &entered(KEY, "paper", &asked.to_string()), &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let base = format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap());
        assert_eq!(state(hall, asked).await, Some(State::Overtaken));
        agent.get(&base).await.says("Quelqu’un d’autre avait déjà ce créneau").says("Choisir un créneau");
        let (found, _) = picked(&hall.fixture.commune, SLUG, "2026-07-05").await.unwrap();
        let named = found.to_string();
        agent.post(&format!("{base}/creneau"), &[("creneau", &named)]).await.is(303);
        assert_eq!((state(hall, asked).await, state(hall, found).await), (None, Some(State::Asked)));
        agent.get(&base).await.says("dimanche 5 juillet 2026").is_silent_about("avait déjà ce créneau");
    });
}

#[test]
fn whoever_may_not_see_the_case_gives_it_no_time() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = letter(&agent).await;
        let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let named = id.to_string();
        other.post(&format!("{base}/creneau"), &[("creneau", &named)]).await.is(404);
        assert_eq!(state(hall, id).await, Some(State::Held));
    });
}

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
    booked::{COUNTER, KEY, SLUG, claims, entered, picked, room},
    browser::{Hall, journey},
};

fn evening(day: &str) -> Span {
    let day: Day = day.parse().unwrap();
    let at = |hour| local::exactly(day.and_hms_opt(hour, 0, 0).unwrap(), Paris).unwrap();
    Span::new(at(14), at(18)).unwrap()
}

/// Three Saturdays, of which the second was not free.
async fn series(hall: &Hall<'_>) -> Id<Booking> {
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
            Ok((id, ..)) => Ok(id),
            Err(ClaimError::Store(error)) => Err(error),
            Err(other) => Err(StoreError::Invalid(other.to_string())),
        }
    });
    held.await.unwrap()
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

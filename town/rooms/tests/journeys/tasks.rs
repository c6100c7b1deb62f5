//! What is set up before a booking and cleaned after it is listed by day, and marked as done.

use axum::http::StatusCode;
use beffroi_calendar::{
    booking::{self, Details, Holding, NewBooking},
    claims::ClaimError,
    resource::Name,
};
use beffroi_core::Id;
use beffroi_people::{Role, Town as Settings};
use beffroi_store::{By, StoreError};
use uuid::Uuid;

use crate::support::{hours_of, in_a_town, name};

#[test]
fn the_technical_department_reads_what_is_to_be_done_and_says_what_is() {
    in_a_town(async |town| {
        town.terms(|terms| (terms.before_minutes, terms.after_minutes) = (30, 60)).await;
        let agent = town.agent(Role::Agent).await;
        let cookie = format!("beffroi={agent}");
        let day = town.open_day(3);
        let list = format!("/agents/planning/taches?jour={day}");
        town.get_as(&agent, &list).await.says("Rien à préparer ni à nettoyer");
        let (hall, span) = (town.hall, hours_of(day, 14, 18));
        let layout: Name = name("Assis en rangées");
        let made = town.fixture.commune.write(By::SYSTEM, move |tx| {
            let details = Details { people: Some(80), layout, ..Details::default() };
            let new = NewBooking { resource: hall, span, details };
            let holding = Holding { purpose: "reservation-de-salle", holder: "somebody" };
            let (id, ..) = booking::hold(tx, &new, holding)?;
            let held = booking::find(tx, id)?.unwrap();
            booking::confirm(tx, &held, &Settings::default()).unwrap();
            booking::hand_over(tx, id, ("case", Uuid::from_u128(7)))?;
            Ok::<Id<booking::Booking>, ClaimError>(id)
        });
        let id = made.await.unwrap();
        // What waits for an answer is no work yet.
        town.get_as(&agent, &list).await.says("Rien à préparer ni à nettoyer");
        let firm = town.fixture.commune.write(By::SYSTEM, |tx| {
            booking::firm(tx, ("case", Uuid::from_u128(7))).map_err(|error| match error {
                ClaimError::Store(error) => error,
                other => StoreError::Invalid(other.to_string()),
            })
        });
        firm.await.unwrap();
        let page = town.get_as(&agent, &list).await;
        page.says("Préparation, Salle Brassens").says("prêt pour 14\u{a0}h").says("Assis en rangées");
        page.says("Ménage, Salle Brassens")
            .says("de 18\u{a0}h à 19\u{a0}h")
            .is_silent_about("Ce n’est pas fait");
        let day = day.to_string();
        let start = span.start().timestamp().to_string();
        let mark = |done| [("jour", day.as_str()), ("debut", start.as_str()), ("fait", done)];
        let address = format!("/agents/planning/taches/{id}/cleaning");
        // A day without any leads to the next one.
        let empty = town.get_as(&agent, "/agents/planning/taches").await;
        empty.says("Rien à préparer").says("À venir\u{a0}: Préparation, Salle Brassens").says(&list);
        empty.says("Jour suivant").is_silent_about("Aujourd’hui");
        town.get_as(&agent, &list).await.says("Aujourd’hui");
        let done = town.post(&address, &cookie, &mark("oui")).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
        town.get_as(&agent, &list).await.says("Ce n’est pas fait").says("C’est fait");
        town.post(&address, &cookie, &mark("non")).await;
        town.get_as(&agent, &list).await.is_silent_about("Ce n’est pas fait");
        let odd = town.post(&format!("/agents/planning/taches/{id}/repas"), &cookie, &mark("oui")).await;
        assert_eq!(odd.status, StatusCode::NOT_FOUND);
        let auditor = town.agent(Role::JournalReader).await;
        assert_eq!(town.get_as(&auditor, &list).await.status, StatusCode::NOT_FOUND);
        assert_eq!(town.post(&address, &format!("beffroi={auditor}"), &mark("oui")).await.status, 404);
    });
}

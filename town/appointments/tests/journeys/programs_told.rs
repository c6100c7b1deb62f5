//! Other programs are told of an appointment from its booking to its end, and of nobody.

use beffroi_appointments::{
    AppointmentEvents,
    appointment::{self, Mark, State},
    slots::Whom,
};
use beffroi_core::Id;
use beffroi_store::{By, Seq, StoreError, journal};
use beffroi_webhooks::Source;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{Town, at, in_a_town, time};

/// What programs would be told now of all that happened, in its order.
async fn told(town: &Town<'_>) -> Vec<(&'static str, Value)> {
    let told = town.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
        let source = AppointmentEvents;
        let mut told = Vec::new();
        for entry in journal::of_kinds(tx, source.kinds(), Seq(0), 100)? {
            told.extend(source.event(tx, &entry)?.map(|event| (event.name, event.data)));
        }
        Ok(told)
    });
    told.await.unwrap()
}

/// The appointment that is agreed.
async fn booked(town: &Town<'_>) -> Id<Mark> {
    let sql = "SELECT id FROM appointments_appointment WHERE state = 'booked'";
    let found = town.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        tx.query_one(sql, &[], |row| row.get::<Id<Mark>>(0))
    });
    found.await.unwrap()
}

#[test]
fn programs_are_told_of_an_appointment_from_its_booking_to_its_end_and_of_nobody() {
    in_a_town(async |town| {
        let hall = town.things.hall;
        let contact = [("nom", "Jeanne Roux"), ("courriel", "jeanne@example.org")];
        town.books(&time(hall, at(4, 9, 0)), &contact).await;
        let first = told(town).await;
        let [(name, data)] = first.as_slice() else { panic!("{first:?}") };
        assert_eq!(*name, "appointment.booked");
        assert!(data["reference"].as_str().unwrap().starts_with("RDV-"));
        for (member, value) in [
            ("motive", json!("titres")),
            ("site", json!("hotel-de-ville")),
            ("starts_at", json!("2026-06-04T07:00:00Z")),
            ("ends_at", json!("2026-06-04T07:20:00Z")),
            ("persons", json!(1)),
            ("state", json!("booked")),
            ("channel", json!("online")),
        ] {
            assert_eq!(data[member], value, "{member}");
        }
        let id = booked(town).await;
        let changed = town.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            appointment::move_to(tx, id, (at(4, 10, 0), hall), Whom::Public).unwrap();
            appointment::cancel(tx, id, None).unwrap();
            Ok(())
        });
        changed.await.unwrap();
        town.books(&time(hall, at(3, 11, 0)), &contact).await;
        let id = booked(town).await;
        // Half past eleven of the same day.
        town.fixture.clock.advance(TimeDelta::minutes(90));
        let marked = town.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            for state in [State::Missed, State::Booked, State::Arrived, State::Received] {
                appointment::mark(tx, id, state).unwrap();
            }
            Ok(())
        });
        marked.await.unwrap();
        let all = told(town).await;
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "appointment.booked",
                "appointment.moved",
                "appointment.cancelled",
                "appointment.booked",
                "appointment.missed",
                "appointment.expected",
                "appointment.arrived",
                "appointment.received",
            ]
        );
        // Each message says how it stands when it is told.
        assert_eq!(all.last().unwrap().1["state"], "received");
        let words = format!("{all:?}");
        for word in ["Jeanne", "Roux", "example.org"] {
            assert!(!words.contains(word), "{word}: {words}");
        }
    });
}

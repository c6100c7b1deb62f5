//! Other programs are told of registrations and of sessions, and of nobody who takes part.

use beffroi_core::Id;
use beffroi_people::permission::permit_system;
use beffroi_store::{By, Seq, StoreError, Tx, journal};
use beffroi_webhooks::Source;
use beffroi_workshops::{
    AdviseWorkshops, WorkshopEvents,
    registration::{self, GivenUp, Mark, Presence, Seat, Whom},
    session,
};
use serde_json::{Value, json};

use crate::support::{Town, at, in_a_town};

/// What programs would be told now of all that happened, in its order.
async fn told(town: &Town<'_>) -> Vec<(&'static str, Value)> {
    let told = town.fixture.commune.read(By::SYSTEM, |tx| -> Result<_, StoreError> {
        let source = WorkshopEvents;
        let mut told = Vec::new();
        for entry in journal::of_kinds(tx, source.kinds(), Seq(0), 100)? {
            told.extend(source.event(tx, &entry)?.map(|event| (event.name, event.data)));
        }
        Ok(told)
    });
    told.await.unwrap()
}

/// The first of the seats that stand so, and whose it is.
fn seat(tx: &mut Tx<'_>, state: &str) -> Result<(Id<Seat>, Id<Mark>), StoreError> {
    tx.query_one(
        "SELECT id, registration FROM workshops_seat WHERE state = $1 ORDER BY turn, id LIMIT 1",
        &[&state],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )
}

#[test]
fn programs_are_told_of_a_registration_until_it_was_attended_and_of_nobody() {
    in_a_town(async |town| {
        for (person, email) in [
            ("Augustine Galtier", "a@example.org"),
            ("Bernard Puech", "b@example.org"),
            ("Colette Vidal", "c@example.org"),
        ] {
            town.registers(person, email).await;
        }
        let session = town.things.session;
        let given = town.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let (_, registration) = seat(tx, "seated")?;
            registration::cancel(tx, registration, GivenUp::All, Whom::Public)?;
            let (offered, waits) = seat(tx, "offered")?;
            assert!(registration::accept(tx, waits, offered)?);
            Ok(())
        });
        given.await.unwrap();
        town.fixture.clock.advance(at(10, 14, 30) - at(3, 10, 0));
        let marked = town.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let (seat, _) = seat(tx, "seated")?;
            for presence in [Presence::Present, Presence::Unknown, Presence::Excused] {
                assert!(registration::mark(tx, seat, presence)?);
            }
            let permit = permit_system::<AdviseWorkshops>(tx).unwrap();
            session::cancel(tx, &permit, session, "Panne de courant chez Colette").unwrap();
            Ok(())
        });
        marked.await.unwrap();
        let all = told(town).await;
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            names,
            [
                "workshop.planned",
                "workshop.planned",
                "workshop.planned",
                "workshop.planned",
                "registration.made",
                "registration.made",
                "registration.made",
                "registration.given-up",
                "registration.offered",
                "registration.accepted",
                "registration.attended",
                "registration.expected",
                "registration.missed",
                "workshop.cancelled",
            ]
        );
        let (_, made) = &all[4];
        assert_eq!((&made["workshop"], &made["session"]), (&json!("premiers-pas"), &Value::Null));
        assert_eq!(made["seats"][0]["session"], session.to_string());
        assert_eq!(made["seats"][0]["starts_at"], "2026-06-10T12:00:00Z");
        let (_, missed) = &all[12];
        assert_eq!(missed["session"], session.to_string());
        let (_, cancelled) = &all[13];
        assert_eq!(cancelled["state"], "cancelled");
        assert_eq!(cancelled["ends_at"], "2026-06-10T14:00:00Z");
        let words = format!("{all:?}");
        for word in ["Augustine", "Puech", "Colette", "example.org", "Panne"] {
            assert!(!words.contains(word), "{word}: {words}");
        }
    });
}

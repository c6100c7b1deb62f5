//! What a room costs is told before it is asked for, and kept as it was reckoned.

use beffroi_calendar::{
    booking::{self, Booking},
    spans::Span,
    tariff::{self, Applicant, Deliberation, Rate, Retained, Tariff, Unit, When},
};
use beffroi_core::{Id, calendar::start_of_day, money::Cents};
use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use chrono_tz::Europe::Paris;

use crate::{
    booked::{COUNTER, DAY, FORM, KEY, SLUG, entered, filled, picked, room},
    browser::{Hall, journey},
};

/// The council has voted what the room costs.
pub async fn voted(hall: &Hall<'_>) {
    let kept = hall.fixture.commune.write(By::SYSTEM, |tx| {
        let resource = room(tx, SLUG);
        let rate = |applicant, resident, amount| Rate {
            applicant,
            resident,
            when: When::Always,
            up_to_hours: None,
            unit: Unit::Hour,
            amount: Cents(amount),
        };
        let tariff = Tariff {
            deliberation: Deliberation { number: "2026-042".to_owned(), day: "2026-03-12".parse().unwrap() },
            rates: vec![
                rate(Some(Applicant::Association), Some(true), 1_000),
                rate(None, Some(true), 2_500),
                rate(None, None, 4_000),
            ],
            deposit: Cents(30_000),
            retained: vec![Retained { days: 40, percent: 50 }],
            free_uses: 1,
        };
        tariff::keep(tx, resource, ("2026-01-01".parse().unwrap(), None), &tariff)
    });
    kept.await.unwrap().unwrap();
}

#[test]
fn the_price_is_told_before_and_kept_as_it_was_reckoned() {
    journey(Gate::Open, async |hall| {
        voted(hall).await;
        let browser = hall.browser();
        let (id, secret) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        browser.carry(&secret);
        browser.get(&format!("{FORM}/reservation")).await.is_silent_about("Prix");
        filled(&browser).await;
        let summary = browser.get(&format!("{FORM}/recapitulatif")).await;
        summary.says("Prix\u{a0}: 100,00\u{a0}€").says("4\u{a0}heures à 25,00\u{a0}€");
        summary.says("Caution\u{a0}: 300,00\u{a0}€");
        summary.says("délibération n°\u{a0}2026-042 du 12 mars 2026");
        browser.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        // What is voted later changes nothing of it.
        let gone =
            hall.fixture.commune.write(By::SYSTEM, |tx| tx.execute("DELETE FROM calendar_tariff", &[]));
        gone.await.unwrap();
        browser.get("/suivi").await.says("Prix\u{a0}: 100,00\u{a0}€");
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let case: String = hall.value("SELECT id FROM cases", "").await;
        let base = format!("/agents/dossiers/{case}");
        agent.get(&base).await.says("Prix\u{a0}: 100,00\u{a0}€").says("Tarif d’un particulier de la commune");
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        let granted = [("outcome", "granted"), ("reasons", "")];
        // The letter names the hours as people say them, the price and the deposit.
        let proof = agent.post(&format!("{base}/decision/projet"), &granted).await;
        proof
            .says("de 14\u{a0}h à 18\u{a0}h")
            .says("Le prix est de 100,00\u{a0}€")
            .says("caution de 300,00\u{a0}€");
        agent.post(&format!("{base}/decision"), &granted).await.is(303);
        hall.work();
        let mails = hall.mails().await;
        let told = mails.iter().find(|mail| mail.subject.starts_with("Réservation accordée")).unwrap();
        assert!(told.subject.contains("Salle Brassens, samedi 4 juillet 2026"), "{}", told.subject);
        assert!(told.text.contains("100,00\u{a0}€") && told.text.contains("300,00\u{a0}€"), "{}", told.text);
        assert!(!told.text.contains("/avis/"), "how it went is asked once it is over");
        browser.get("/suivi").await.says("50,00\u{a0}€ restent dus");
        let why = [("motif-annulation", "Le match est reporté")];
        browser.post("/suivi/annulation", &why).await.is(303);
        browser
            .get("/suivi")
            .await
            .says("Acceptée, puis annulée")
            .says("Reste dû après l’annulation\u{a0}: 50,00\u{a0}€");
        let kept = hall.fixture.commune.read(By::SYSTEM, move |tx| booking::find(tx, id)).await.unwrap();
        assert_eq!(kept.unwrap().price.unwrap().kept, Some(Cents(5_000)));
    });
}

#[test]
fn an_association_has_its_free_uses_and_what_they_are_worth_is_kept() {
    journey(Gate::Open, async |hall| {
        voted(hall).await;
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let club = |key, id: Id<Booking>| {
            let id: &'static str = Box::leak(id.to_string().into_boxed_str());
            let mut fields = entered(key, "counter", id);
            fields.retain(|(name, _)| *name != "statut");
            fields.extend([
                ("statut", "association"),
                ("organisme", "Boule des Platanes"),
                ("rna", "W341002345"),
                ("fonction", "présidente"),
                ("republique", "true"),
            ]);
            fields
        };
        let mut cases = Vec::new();
        for (key, day) in [(KEY, DAY), ("fedcba9876543210fedcba9876543210", "2026-07-05")] {
            let (id, _) = picked(&hall.fixture.commune, SLUG, day).await.unwrap();
            let sent = agent.send(COUNTER, &club(key, id), &[]).await;
            assert_eq!(sent.status, 303, "{}", sent.body);
            cases.push(format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap()));
        }
        agent.get(&cases[0]).await.says("Gratuit\u{a0}: mise à disposition 1 sur 1").says("40,00\u{a0}€");
        agent.get(&cases[1]).await.says("Prix\u{a0}: 40,00\u{a0}€");
        let worth = async || {
            let read = hall.fixture.commune.read(By::SYSTEM, |tx| tariff::free_uses(tx, 2026)).await;
            read.unwrap().into_iter().map(|it| (it.name, it.count, it.value)).collect::<Vec<_>>()
        };
        assert_eq!(worth().await, [("Boule des Platanes".to_owned(), 1, Cents(4_000))]);
        // What is refused was no use.
        agent.post(&format!("{}/prendre", cases[0]), &[]).await.is(303);
        let refused = [("outcome", "refused"), ("reasons", "La salle sert ce jour-là aux élections.")];
        agent.post(&format!("{}/decision", cases[0]), &refused).await.is(303);
        assert!(worth().await.is_empty());
    });
}

#[test]
fn a_department_has_it_for_nothing_and_what_that_is_worth_is_told_apart() {
    journey(Gate::Open, async |hall| {
        voted(hall).await;
        let (_, agent) = hall.signed_in("vie@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (id, _) = picked(&hall.fixture.commune, SLUG, DAY).await.unwrap();
        let named = id.to_string();
        let mut fields = entered(KEY, "counter", &named);
        fields.retain(|(name, _)| !["statut", "habitant"].contains(name));
        fields.extend([
            ("statut", "service"),
            ("organisme", "Service des sports"),
            ("fonction", "responsable"),
        ]);
        let sent = agent.send(COUNTER, &fields, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let page =
            agent.get(&format!("/agents/dossiers/{}", sent.location.rsplit('/').next().unwrap())).await;
        page.says("Gratuit pour la commune, d’une valeur de 100,00\u{a0}€")
            .says("Tarif d’un service de la commune")
            .is_silent_about("Caution\u{a0}:");
        let counted = hall.fixture.commune.read(By::SYSTEM, |tx| {
            let at = |day: &str| start_of_day(day.parse().unwrap(), Paris);
            let year = Span::new(at("2026-01-01"), at("2027-01-01")).unwrap();
            Ok::<_, StoreError>((booking::own_uses(tx, year)?, tariff::free_uses(tx, 2026)?))
        });
        let (own, associations) = counted.await.unwrap();
        assert_eq!(own, [(Applicant::Department, 1, Cents(10_000))]);
        assert!(associations.is_empty());
    });
}

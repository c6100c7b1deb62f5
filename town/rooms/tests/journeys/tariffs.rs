//! What the council has voted is written down, shown to the public with its deliberation, and replaced by what is voted next.

use axum::http::StatusCode;
use beffroi_calendar::tariff;
use beffroi_people::Role;
use beffroi_store::By;

use crate::support::{day_of, in_a_town};

const TARIFFS: &str = "/admin/salles/salle-brassens/tarifs";

fn fields<'f>(first: &'f str, amount: &'f str) -> Vec<(&'f str, &'f str)> {
    vec![
        ("numero", "2026-042"),
        ("vote", "2026-03-12"),
        ("du", first),
        ("au", ""),
        ("qui-0", "association"),
        ("habitant-0", "oui"),
        ("quand-0", "weekend"),
        ("unite-0", "day"),
        ("heures-0", ""),
        ("montant-0", amount),
        ("qui-1", "all"),
        ("habitant-1", "tous"),
        ("quand-1", "always"),
        ("unite-1", "hour"),
        ("heures-1", "5"),
        ("montant-1", "40"),
        ("caution", "500"),
        ("gratuites", "2"),
        ("jours-0", "30"),
        ("part-0", "25"),
    ]
}

#[test]
fn a_tariff_is_written_down_and_read_by_the_public() {
    in_a_town(async |town| {
        let manager = town.agent(Role::Manager).await;
        let cookie = format!("beffroi={manager}");
        town.get("/salles/salle-brassens").await.is_silent_about("Tarifs");
        town.get_as(&manager, TARIFFS).await.says("Aucun tarif n’est encore enregistré.");
        let today = day_of(town.now(), 0).to_string();
        for (first, amount, told) in [
            (today.as_str(), "douze", "Indiquez un montant en euros"),
            ("", "80", "Indiquez un jour qui existe"),
        ] {
            let refused = town.post(TARIFFS, &cookie, &fields(first, amount)).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
            refused.says(told).says("value=\"2026-042\"").says("value=\"500\"");
        }
        let kept = town.post(TARIFFS, &cookie, &fields(&today, "80,50")).await;
        assert_eq!(kept.location, format!("{TARIFFS}?fait=ajoute"), "{}", kept.body);
        let public = town.get("/salles/salle-brassens").await;
        public.says("Association de la commune, samedi, dimanche et jours fériés");
        public
            .says("80,50\u{a0}€ par jour")
            .says("40,00\u{a0}€ par heure")
            .says("Caution\u{a0}: 500,00\u{a0}€");
        public.says("délibération n°\u{a0}2026-042 du 12 mars 2026").says("25\u{a0}% du prix restent dus");
        let english = town.get("/salles/salle-brassens?lang=en").await;
        english.says("council decision no. 2026-042").says("€40.00 an hour").is_silent_about("00\u{a0}€");
        // Another one from the same day on is a mistake; a later one takes its place.
        let again = town.post(TARIFFS, &cookie, &fields(&today, "90")).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        again.says("Un autre tarif est déjà en vigueur");
        let next = day_of(town.now(), 30);
        let kept = town.post(TARIFFS, &cookie, &fields(&next.to_string(), "90")).await;
        assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
        let hall = town.hall;
        let mut amounts = Vec::new();
        for after in [0, 29, 30] {
            let day = day_of(town.now(), after);
            let found = town.fixture.commune.read(By::SYSTEM, move |tx| tariff::of_day(tx, hall, day)).await;
            amounts.push(found.unwrap().unwrap().1.rates[0].amount.0);
        }
        assert_eq!(amounts, [8_050, 8_050, 9_000]);
        // What is not in force yet is taken away again; what is stays.
        let page = town.get_as(&manager, TARIFFS).await;
        let ways: Vec<_> = page.body.split(&format!("action=\"{TARIFFS}/")).skip(1).collect();
        assert_eq!(ways.len(), 1);
        let remove = format!("{TARIFFS}/{}", ways[0].split('"').next().unwrap());
        assert_eq!(town.post(&remove, &cookie, &[]).await.status, StatusCode::SEE_OTHER);
        assert_eq!(town.post(&remove, &cookie, &[]).await.status, StatusCode::NOT_FOUND);
        town.get_as(&manager, "/admin/gratuites?annee=2026").await.says("Aucune gratuité en 2026");
        // Agents have no business there.
        let agent = town.agent(Role::Agent).await;
        assert_eq!(town.get_as(&agent, TARIFFS).await.status, StatusCode::NOT_FOUND);
        assert_eq!(town.get_as(&agent, "/admin/gratuites").await.status, StatusCode::NOT_FOUND);
        assert_eq!(town.post(TARIFFS, &format!("beffroi={agent}"), &fields(&today, "1")).await.status, 404);
    });
}

//! What a procedure that is offered makes of its days, its plain words, its trials and its limits, for whoever asks.

use beffroi_core::Cents;
use beffroi_desk::procedure;
use beffroi_documents::Gate;
use beffroi_forms::{Fee, Procedure};
use beffroi_store::By;

use crate::{
    browser::{Hall, journey, removal},
    builder::{ROOT, TOWN},
    support::catalogued,
};

/// Publishes a procedure as a file would.
async fn imported(hall: &Hall<'_>, procedure: Procedure) {
    let published = hall.fixture.commune.write(By::SYSTEM, move |tx| procedure::publish(tx, &procedure));
    published.await.unwrap();
}

#[test]
fn outside_of_its_days_no_door_takes_a_request_and_the_sheet_says_why() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let sheet = "/demarches/occupation-domaine-public";
        let mut procedure = catalogued("occupation-domaine-public");
        procedure.version += 1;
        procedure.closes = Some("2026-05-31".parse().unwrap());
        procedure.fee = Some(Fee {
            amount: Some(Cents(1250)),
            deliberation: "délibération du 12 mars 2026".to_owned(),
            ..Fee::default()
        });
        imported(hall, procedure.clone()).await;
        let resident = hall.browser();
        resident
            .get(sheet)
            .await
            .says("Cette démarche est fermée. Elle était ouverte jusqu’au 31 mai 2026.")
            .says("Vous pouvez toujours écrire à la mairie.")
            .says("délibération du 12 mars 2026")
            .is_silent_about("Commencer la demande");
        resident.get(&format!("{sheet}/demande")).await.leads_to(sheet);
        let answers = removal("gaspard@example.org");
        hall.refused_for("occupation-domaine-public", &answers).await.says("Cette démarche est fermée.");
        procedure.version += 1;
        procedure.closes = Some("2026-06-30".parse().unwrap());
        imported(hall, procedure).await;
        resident.get(sheet).await.says("Commencer la demande");
        hall.deposit_for("occupation-domaine-public", &answers).await;
    });
}

#[test]
fn whoever_prefers_plain_words_reads_them_on_the_sheet_and_in_the_form() {
    journey(Gate::Open, async |hall: &Hall<'_>| {
        let sheet = "/demarches/occupation-domaine-public";
        let resident = hall.browser();
        let mut procedure = catalogued("occupation-domaine-public");
        procedure.version += 1;
        for (_, text) in procedure.texts() {
            text.plain = None;
        }
        imported(hall, procedure.clone()).await;
        resident.get(sheet).await.is_silent_about("facile à lire");
        procedure.version += 1;
        procedure.title.plain = Some("Prendre de la place dans la rue".to_owned());
        procedure.form.pages[0].title.plain = Some("Ce que vous voulez faire".to_owned());
        imported(hall, procedure).await;
        resident.get(sheet).await.says("Version facile à lire").is_silent_about("Prendre de la place");
        let plain = resident.get(&format!("{sheet}?facile=oui")).await;
        plain.says("Prendre de la place dans la rue").says("Version habituelle").says("/demande?facile=oui");
        let first = resident.get(&format!("{sheet}/demande?facile=oui")).await;
        first.is(303);
        let page = resident.get(&first.location).await;
        page.says("Ce que vous voulez faire").says("Version habituelle");
        resident.get(&format!("{sheet}/demande?facile=non")).await.is(303);
        let usual = resident.get(&first.location).await;
        usual.says("Version facile à lire").is_silent_about("Ce que vous voulez faire");
    });
}

#[test]
fn a_procedure_of_the_catalogue_is_revised_with_its_trials() {
    journey(Gate::Open, async |hall| {
        let (_, manager) = hall.signed_in("responsable@lunel.example", TOWN).await;
        let revised = manager.post(&format!("{ROOT}/offertes/acte-de-naissance/brouillon"), &[]).await;
        assert_eq!(revised.status, 303, "{}", revised.body);
        let base = revised.location;
        let trials = manager.get(&format!("{base}/essais")).await;
        trials
            .is(200)
            .says("Catalogue\u{a0}: un formulaire valable")
            .says("Catalogue\u{a0}: une erreur arrêtée")
            .says("Résultat attendu");
        manager.get(&format!("{base}/verification")).await.is_silent_about("Essai «");
        // What the law wants is asked no more: the mistake that was caught would pass.
        let mut definition = catalogued("acte-de-naissance");
        definition.version += 1;
        for page in &mut definition.form.pages {
            page.fields.iter_mut().for_each(|field| field.checks.clear());
        }
        definition.form.checks.clear();
        let text = definition.to_toml().unwrap();
        let revision =
            manager.get(&format!("{base}/texte")).await.between("name=\"revision\" value=\"", "\"");
        let sent = [("text", text.as_str()), ("revision", revision.as_str())];
        manager.post(&format!("{base}/texte"), &sent).await.leads_to(&base);
        let check = manager.get(&format!("{base}/verification")).await;
        check.says("Essai «\u{a0}Catalogue\u{a0}: une erreur arrêtée").says("alors qu’elle était refusée");
    });
}

#[test]
fn a_limit_counts_over_the_time_that_is_chosen() {
    journey(Gate::Open, async |hall| {
        let (_, manager) = hall.signed_in("responsable@lunel.example", TOWN).await;
        let begun = manager.post(&format!("{ROOT}/offertes/acte-de-naissance/brouillon"), &[]).await;
        let base = begun.location;
        let page = format!("{base}/limites/0");
        let seen = manager.get(&page).await.between("name=\"seen\" value=\"", "\"");
        let fields = |per: &'static str, days: &'static str| {
            [
                ("who", "personne"),
                ("day", ""),
                ("per", per),
                ("days", days),
                ("at_most", "2"),
                ("message", "Déjà {used}."),
                ("id", "deux"),
            ]
        };
        let with = |fields: [(&'static str, &'static str); 7]| {
            let mut all = vec![("seen", seen.as_str())];
            all.extend(fields);
            all
        };
        manager.post(&page, &with(fields("days", "0"))).await.is(422).says("1 à 3\u{a0}660 jours");
        manager.post(&page, &with(fields("month", ""))).await.is(422);
        manager.post(&page, &with(fields("ever", ""))).await.leads_to(&format!("{base}#regles"));
        manager.get(&format!("{base}/demarche.toml")).await.says("per = \"ever\"");
        manager.get(&page).await.says("value=\"ever\" selected");
    });
}

//! Agents look for cases: by words, names and numbers, within their departments; what is erased is found no more.

use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::By;
use chrono::TimeDelta;

use crate::browser::{Hall, journey};

/// What changed is read by the index a little later.
fn indexed(hall: &Hall<'_>) {
    hall.work();
    hall.fixture.clock.advance(TimeDelta::seconds(4));
    hall.work();
}

#[test]
fn a_case_is_found_by_what_it_says_and_the_words_are_marked() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let case = format!("/agents/dossiers/{}", hall.case(&reference).await);

        // Its reference is known at once, whatever the index has read.
        agent.get(&format!("/agents/recherche?q={reference}")).await.is(200).says(&case);
        agent.get("/agents/recherche?q=peyron").await.is_silent_about(&case);
        indexed(hall);
        for words in
            ["peyron", "Gaspard%20PEYRON", "rues%20haute", "04%2065%2071%2012%2034", "gaspard%40example.org"]
        {
            let page = agent.get(&format!("/agents/recherche?q={words}")).await;
            page.is(200).says(&case).says("1\u{a0}dossier trouvé");
        }
        agent.get("/agents/recherche?q=peyron").await.says("<mark>Peyron</mark>");
        // A word of the answers is shown where it stands.
        agent.get("/agents/recherche?q=jasmin").await.says("Aucun dossier trouvé");
        agent.get("/agents/recherche?q=haute").await.says("3 rue <mark>Haute</mark>");
        // A wrong letter is forgiven, and said.
        let misspelt = agent.get("/agents/recherche?q=peiron").await;
        misspelt.says(&case).says("voici les résultats pour «\u{a0}peyron\u{a0}»");
        let small = agent.get("/agents/recherche?q=de+la").await;
        small.says("Ces mots sont trop courants");

        // What is written to the requester is found, too.
        agent.post(&format!("{case}/prendre"), &[]).await;
        agent.post(&format!("{case}/message"), &[("message", "Le bordereau est parti.")]).await;
        indexed(hall);
        agent.get("/agents/recherche?q=bordereaux").await.says(&case).says("<mark>bordereau</mark>");
        agent.get("/agents/recherche?q=peyron&etat=received").await.is_silent_about(&case);
        agent.get("/agents/recherche?q=peyron&etat=instruction&agent=moi").await.says(&case);
        agent.get("/agents/recherche?agent=personne").await.is_silent_about(&case);
        agent.get("/agents/recherche?etat=ouverts&tri=delai").await.says(&case);
        agent.get("/agents/recherche?q=peyron&du=2026-06-01&au=2026-06-30").await.says(&case);
        agent.get("/agents/recherche?q=peyron&du=2026-06-04").await.is_silent_about(&case);
        agent.get("/agents/recherche?q=peyron&canal=api").await.says(&case);
        agent.get("/agents/recherche?q=peyron&canal=phone").await.says("Chercher sans filtre");
        // Whatever stands in the address, the page answers.
        agent
            .get("/agents/recherche?q=%22%27%25%5C&etat=x&du=hier&apres=y&etiquette=z&agent=%00")
            .await
            .is(200);
    });
}

#[test]
fn nobody_finds_the_cases_of_another_department() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        indexed(hall);
        let (_, elsewhere) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        for words in ["peyron", "haute", &reference] {
            let page = elsewhere.get(&format!("/agents/recherche?q={words}")).await;
            page.says("Aucun dossier trouvé").is_silent_about("/agents/dossiers/");
        }
        elsewhere.get("/agents/recherche?q=peyron&service=domaine-public").await.is(404);
        let (_, citizen) = hall.signed_in("anais@example.org", None).await;
        citizen.get("/agents/recherche?q=peyron").await.is(404);
        hall.browser().get("/agents/recherche?q=peyron").await.is(303);
    });
}

#[test]
fn a_case_that_was_handed_over_is_found_by_its_new_department_alone() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let case = format!("/agents/dossiers/{}", hall.case(&reference).await);
        indexed(hall);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (_, other) = hall.signed_in("accueil@lunel.example", Some(("accueil", Role::Agent))).await;
        agent.post(&format!("{case}/transmettre"), &[("service", "accueil")]).await;
        // Before the index has read it again, too.
        agent.get("/agents/recherche?q=peyron").await.is_silent_about(&case);
        indexed(hall);
        agent.get("/agents/recherche?q=peyron").await.is_silent_about(&case);
        other.get("/agents/recherche?q=peyron").await.says(&case);
    });
}

#[test]
fn what_was_erased_is_found_no_more_and_leaves_no_word() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let case = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let decision = [("outcome", "closed"), ("reasons", "Sans objet.")];
        agent.post(&format!("{case}/prendre"), &[]).await;
        agent.post(&format!("{case}/decision"), &decision).await;
        indexed(hall);
        agent.get("/agents/recherche?q=peyron").await.says(&case);
        hall.execute(
            "INSERT INTO desk_retention (case_id, due_on, disposal) \
             SELECT id, '2020-01-01', 'erase' FROM cases WHERE reference = $1 \
             ON CONFLICT (case_id) DO UPDATE SET due_on = excluded.due_on, disposal = excluded.disposal",
            &reference,
        )
        .await;
        let commune = std::sync::Arc::clone(&hall.fixture.commune);
        let erased = tokio::task::block_in_place(|| beffroi_desk::retention::sweep(&commune)).unwrap();
        assert_eq!(erased, 1);
        let left = "SELECT COUNT(*) FROM search_word WHERE word = $1";
        assert_eq!(hall.value::<i64>(left, "peyron").await, 0);
        indexed(hall);
        assert_eq!(hall.value::<i64>(left, "peyron").await, 0);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM search_doc", "").await, 0);
        let desk = crate::support::desk();
        let read = tokio::task::block_in_place(|| desk.rebuild_search(&commune)).unwrap();
        assert_eq!(read, 1, "it is read, and left out");
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM search_doc", "").await, 0);
    });
}

#[test]
fn an_index_made_anew_finds_the_same() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let case = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let commune = std::sync::Arc::clone(&hall.fixture.commune);
        commune.write(By::SYSTEM, beffroi_search::clear).await.unwrap();
        agent.get("/agents/recherche?q=peyron").await.is_silent_about(&case);
        let desk = crate::support::desk();
        let read = tokio::task::block_in_place(|| desk.rebuild_search(&commune)).unwrap();
        assert_eq!(read, 1);
        agent.get("/agents/recherche?q=peyron").await.says(&case);
    });
}

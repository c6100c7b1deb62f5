//! Sealed sectors: nobody sees another department's cases of a person but by a rule, for a reason, and the person reads it.

use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use chrono::TimeDelta;

use crate::{
    account::{begin, send},
    browser::{Browser, Hall, journey},
};

/// Makes a rule, as the administrator's page does; its id.
async fn rule(hall: &Hall<'_>, department: &'static str, sector: &'static str) -> String {
    let made = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<String, StoreError> {
        let id = tx.new_id::<()>().to_string();
        let nobody = tx.new_id::<()>();
        tx.execute(
            "INSERT INTO desk_sector_rule (id, department, sector, purpose, basis, added_at, added_by) \
             VALUES ($1, $2, $3, 'Vérifier une domiciliation', 'Délibération du 4 mai', $4, $5)",
            &[&id, &department, &sector, &tx.now(), &nobody],
        )?;
        Ok(id)
    });
    made.await.unwrap()
}

/// Two requests of one account in two sectors: the agents' pages of both.
async fn two(hall: &Hall<'_>, owner: &Browser<'_>) -> (String, String) {
    begin(owner).await;
    send(owner).await;
    let roads: uuid::Uuid = hall.value("SELECT MAX(id) FROM cases", "").await;
    let (reference, _) = hall.deposit("gaspard@example.org").await;
    let other = hall.case(&reference).await;
    // As if it had been sent with the account, in another sector.
    let account: uuid::Uuid =
        hall.value("SELECT account FROM desk_reach WHERE account IS NOT NULL", "").await;
    let id: uuid::Uuid = other.parse().unwrap();
    let moved = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
        tx.execute("UPDATE desk_reach SET account = $1 WHERE case_id = $2", &[&account, &id])?;
        tx.execute("UPDATE cases SET sector = 'social', department = 'accueil' WHERE id = $1", &[&id])?;
        Ok(())
    });
    moved.await.unwrap();
    (roads.to_string(), other)
}

#[test]
fn without_a_rule_there_is_nothing_to_ask_for() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        let (roads, social) = two(hall, &owner).await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{roads}");
        agent.get(&base).await.is(200).is_silent_about("Autres demandes de cette personne");
        agent.get(&format!("{base}/autres")).await.is(404);
        agent.post(&format!("{base}/autres"), &[("motif", "Je voudrais savoir")]).await.is(404);
        agent.get(&format!("{base}/autres/{social}")).await.is(404);
        // A rule of another department changes nothing.
        rule(hall, "etat-civil", "social").await;
        agent.get(&format!("{base}/autres")).await.is(404);
        // Nor does one's own where the case belongs to no account.
        rule(hall, "domaine-public", "social").await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let alone = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.get(&alone).await.is(200).is_silent_about("Autres demandes de cette personne");
        agent.get(&format!("{alone}/autres")).await.is(404);
        // Whoever may only read the case asks for nothing.
        let (_, reader) =
            hall.signed_in("directrice@lunel.example", Some(("domaine-public", Role::Manager))).await;
        reader.get(&format!("{base}/autres")).await.is(404);
        let (_, elsewhere) =
            hall.signed_in("ailleurs@lunel.example", Some(("etat-civil", Role::Agent))).await;
        elsewhere.get(&format!("{base}/autres")).await.is(404);
    });
}

#[test]
fn an_agent_says_why_sees_little_and_the_person_reads_it() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        let (roads, social) = two(hall, &owner).await;
        let rule = rule(hall, "domaine-public", "social").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{roads}");
        let page = format!("{base}/autres");
        agent.get(&base).await.says("Autres demandes de cette personne");
        agent.get(&page).await.is(200).says("Délibération du 4 mai").is_silent_about(&social);
        // Not before a reason is given.
        agent.get(&format!("{page}/{social}")).await.is(404);
        agent
            .post(&page, &[("regle", &rule), ("motif", "bref")])
            .await
            .is(422)
            .explains("motif", "Dites pourquoi");
        let why = "Le demandeur dit habiter au foyer communal.";
        agent.post(&page, &[("regle", &rule), ("motif", why)]).await.leads_to(&page);
        agent.get(&page).await.is(200).says(&social).is_silent_about("3 rue Haute");
        agent.get(&format!("{page}/{social}")).await.is(200).says("3 rue Haute");
        // The case itself still does not exist for this agent.
        agent.get(&format!("/agents/dossiers/{social}")).await.is(404);
        agent.post(&format!("/agents/dossiers/{social}/note"), &[("note", "Vu.")]).await.is(404);
        // Another case of the same sector, of somebody else, does not open.
        let (reference, _) = hall.deposit("marie@example.org").await;
        let stranger = hall.case(&reference).await;
        agent.get(&format!("{page}/{stranger}")).await.is(404);
        // A colleague has to give a reason of their own.
        let (_, colleague) =
            hall.signed_in("autre@lunel.example", Some(("domaine-public", Role::Agent))).await;
        colleague.get(&page).await.is(200).is_silent_about(&social);

        owner
            .get("/mon-compte/consultations")
            .await
            .says("A vu que cette demande existe.")
            .says("A lu cette demande depuis un autre service.")
            .says(why)
            .says("Service domaine-public, agent");

        // A reason holds an hour; a rule withdrawn ends at once.
        hall.fixture.clock.advance(TimeDelta::minutes(50));
        agent.get(&format!("{page}/{social}")).await;
        hall.execute("DELETE FROM desk_sector_rule WHERE id = $1", &rule).await;
    });
}

#[test]
fn a_withdrawn_rule_and_an_old_reason_open_nothing() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        let (roads, social) = two(hall, &owner).await;
        let one = rule(hall, "domaine-public", "social").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let page = format!("/agents/dossiers/{roads}/autres");
        let reason = [("regle", one.as_str()), ("motif", "Le demandeur dit habiter au foyer.")];
        agent.post(&page, &reason).await.leads_to(&page);
        agent.get(&page).await.says(&social);
        hall.execute("DELETE FROM desk_sector_rule WHERE id = $1", &one).await;
        agent.get(&page).await.is(404);
        agent.get(&format!("{page}/{social}")).await.is(404);
        let two = rule(hall, "domaine-public", "finance").await;
        agent.get(&page).await.is(200).is_silent_about(&social);
        agent.get(&format!("{page}/{social}")).await.is(404);
        // The rule of another sector shows that sector alone.
        agent.post(&page, &[("regle", &two), ("motif", "Une dette est à vérifier.")]).await.leads_to(&page);
        agent.get(&page).await.says("pas d’autre demande dans ce domaine");
        agent.get(&format!("{page}/{social}")).await.is(404);
    });
}

#[test]
fn only_an_administrator_makes_rules() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.get("/admin/secteurs").await.is(404);
        agent.post("/admin/secteurs", &[("service", "domaine-public")]).await.is(404);
        let (_, citizen) = hall.signed_in("gaspard@example.org", None).await;
        citizen.get("/admin/secteurs").await.is(404);
        // An administrator sets a second factor first.
        let (_, admin) =
            hall.signed_in("admin@lunel.example", Some(("nulle-part", Role::Administrator))).await;
        admin.get("/admin/secteurs").await.leads_to("/compte/second-facteur?retour=%2Fadmin%2Fsecteurs");
        hall.execute("UPDATE session SET second_factor = $1", &"done".to_owned()).await;
        admin.get("/admin/secteurs").await.is(200).says("Aucune règle");
        admin
            .post("/admin/secteurs", &[("service", "domaine-public")])
            .await
            .is(422)
            .explains("secteur", "Choisissez un domaine.");
        let new = [
            ("service", "domaine-public"),
            ("secteur", "social"),
            ("finalite", "Vérifier une domiciliation"),
            ("base", "Délibération du 4 mai"),
        ];
        admin.post("/admin/secteurs", &new).await.leads_to("/admin/secteurs?fait=ajout");
        let list = admin.get("/admin/secteurs").await;
        list.says("Action sociale").says("Délibération du 4 mai");
        let id = list.between("action=\"/admin/secteurs/", "/retrait\"");
        agent.post(&format!("/admin/secteurs/{id}/retrait"), &[]).await.is(404);
        admin
            .post(&format!("/admin/secteurs/{id}/retrait"), &[])
            .await
            .leads_to("/admin/secteurs?fait=retrait");
        assert_eq!(
            hall.value::<i64>("SELECT COUNT(*) FROM journal WHERE kind LIKE $1", "sector.rule%").await,
            2
        );
    });
}

//! Before cases go: word to those who handle them, and more time for a reason; anonymity; the archives' slip and visa;
//! proofs.

use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_people::Role;
use beffroi_store::By;
use chrono::TimeDelta;
use serde_json::json;

use crate::{
    browser::{Browser, Hall, PDF, journey},
    support::catalogued,
};

/// What every service does each hour; tells how many things.
fn hour(hall: &Hall<'_>) -> u64 {
    tokio::task::block_in_place(|| hall.hour()).unwrap()
}

async fn swept(hall: &Hall<'_>) -> u64 {
    let commune = std::sync::Arc::clone(&hall.fixture.commune);
    tokio::task::spawn_blocking(move || beffroi_desk::retention::sweep(&commune)).await.unwrap().unwrap()
}

fn answers(name: &str) -> serde_json::Value {
    json!({
        "lieu": "ici", "document": "sans-filiation", "copies": 1, "remise": "poste", "lien": "autre", "attestation": true,
        "personne": { "family_name": name, "given_names": "Anaïs", "birth_date": "1990-02-04", "birth_place": "Lunel" },
        "demandeur": { "family_name": name, "given_names": "Anaïs" },
        "adresse": "4 rue du Jasmin, 34400 Lunel", "courriel": format!("{name}@example.org"),
    })
}

/// A request that was granted: its reference and the agents' page.
async fn granted(hall: &Hall<'_>, agent: &Browser<'_>, name: &str) -> (String, String) {
    let (reference, _) = hall.deposit_for("acte-de-naissance", &answers(name)).await;
    let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await;
    let decision = [("outcome", "granted"), ("reasons", "L’acte est trouvé.")];
    agent.post(&format!("{base}/decision"), &decision).await.leads_to(&format!("{base}?fait=decision"));
    hall.work();
    (reference, base)
}

#[test]
fn those_who_handle_a_case_are_told_and_may_keep_it_longer_once() {
    journey(Gate::Open, async |hall| {
        let (_, head) =
            hall.signed_in("chef@lunel.example", Some(("etat-civil", Role::HeadOfDepartment))).await;
        let (reference, base) = granted(hall, &head, "Zyxt").await;
        let id = base.rsplit('/').next().unwrap().to_owned();
        let keeping = format!("/agents/conservation/{id}");
        head.get("/agents/conservation").await.is(200).says("Aucun dossier n’arrive au bout");
        hall.fixture.clock.advance(TimeDelta::days(330));
        assert_eq!(hour(hall), 0);
        hall.fixture.clock.advance(TimeDelta::days(10));
        assert_eq!(hour(hall), 1);
        assert_eq!(hour(hall), 0, "told once");
        hall.work();
        let told = hall.mails().await;
        let told: Vec<_> =
            told.iter().filter(|mail| mail.subject.contains("durée de conservation")).collect();
        assert_eq!(told.len(), 1, "the head also follows the case: one mail");
        assert!(told[0].text.contains("/agents/conservation"));

        let (_, head) =
            hall.signed_in("chef2@lunel.example", Some(("etat-civil", Role::HeadOfDepartment))).await;
        head.get("/agents/conservation").await.says(&reference).says("3 juin 2027").says("Effacement");
        let (_, elsewhere) = hall.signed_in("ailleurs@lunel.example", Some(("education", Role::Agent))).await;
        elsewhere.get("/agents/conservation").await.is(200).is_silent_about(&reference);
        elsewhere.get(&keeping).await.is(404);
        elsewhere.post(&keeping, &[("mois", "12"), ("motif", "Contentieux en cours.")]).await.is(404);
        head.post(&keeping, &[("mois", "12"), ("motif", "bref")])
            .await
            .is(422)
            .explains("motif", "Dites pourquoi");
        head.post(&keeping, &[("mois", "120"), ("motif", "Contentieux en cours.")]).await.is(422);
        head.post(&keeping, &[("mois", "12"), ("motif", "Contentieux en cours.")])
            .await
            .leads_to("/agents/conservation?fait=garde");
        head.get(&keeping).await.is(200).says("Contentieux en cours.");
        head.post(&keeping, &[("mois", "12"), ("motif", "Encore un contentieux.")]).await.is(409);

        hall.fixture.clock.advance(TimeDelta::days(60));
        assert_eq!(swept(hall).await, 0, "it is kept a year longer");
        hall.fixture.clock.advance(TimeDelta::days(345));
        assert_eq!(swept(hall).await, 1);
    });
}

#[test]
fn what_is_made_anonymous_leaves_figures_and_no_way_back() {
    journey(Gate::Open, async |hall| {
        let mut procedure: Procedure = catalogued("acte-de-naissance");
        procedure.version += 1;
        let retention = procedure.retention.as_mut().unwrap();
        retention.then = beffroi_forms::Disposal::Anonymise;
        let published = hall
            .fixture
            .commune
            .write(By::SYSTEM, move |tx| beffroi_desk::procedure::publish(tx, &procedure));
        published.await.unwrap();
        hall.browser().get("/demarches/acte-de-naissance").await.says("rendu anonyme");
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let (reference, base) = granted(hall, &agent, "Zyxt").await;
        let id = base.rsplit('/').next().unwrap().to_owned();
        hall.fixture.clock.advance(TimeDelta::days(367));
        assert_eq!(swept(hall).await, 1);
        let count = "SELECT COUNT(*) FROM cases WHERE reference = $1";
        assert_eq!(hall.value::<i64>(count, &reference).await, 0);
        let left = "SELECT COUNT(*) FROM cases WHERE id = $1 AND state = 'decided' AND answers = '{}' \
                    AND assignee IS NULL AND department = 'etat-civil'";
        assert_eq!(hall.value::<i64>(left, &id).await, 1);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM decision WHERE outcome = 'granted'", "").await, 1);
        assert_eq!(
            hall.value::<i64>("SELECT COUNT(*) FROM journal WHERE kind = 'case.anonymised'", "").await,
            1
        );
        assert_eq!(
            hall.value::<i64>("SELECT COUNT(*) FROM journal WHERE payload LIKE $1", "%Zyxt%").await,
            0
        );
        assert_eq!(swept(hall).await, 0);
    });
}

#[test]
fn nothing_goes_to_the_archives_before_their_visa() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let requester = hall.browser();
        requester.follow(&code).await.is(200);
        requester.post("/suivi/retrait", &[("sur", "true")]).await;
        hall.work();
        hall.fixture.clock.advance(TimeDelta::days(5 * 366 + 2));
        assert_eq!(swept(hall).await, 0);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.get("/agents/archives").await.is(404);
        agent.get("/agents/conservation").await.is(200).is_silent_about(&reference);
        let (_, dpo) = hall.signed_in("dpo@lunel.example", Some(("nulle-part", Role::Dpo))).await;
        dpo.get("/agents/archives").await.is(200).says("Occupation").says("Bordereau d’élimination");
        let make = [("demarche", "occupation-domaine-public"), ("objet", "elimination")];
        agent.post("/agents/archives", &make).await.is(404);
        let slip = dpo.post("/agents/archives", &make).await.location;
        assert!(slip.starts_with("/agents/archives/"), "{slip}");
        dpo.get(&slip).await.is(200).says(&reference).says("E-2031-1").is_silent_about("Peyron");
        let csv = dpo.get(&format!("{slip}/bordereau.csv")).await;
        csv.is(200).says("E-2031-1").says(&reference);
        agent.get(&format!("{slip}/bordereau.csv")).await.is(404);
        assert_eq!(swept(hall).await, 0, "the visa is awaited");
        // Given up, its cases wait again.
        dpo.post(&format!("{slip}/abandon"), &[]).await.leads_to("/agents/archives?fait=abandon");
        let slip = dpo.post("/agents/archives", &make).await.location;
        dpo.get(&slip).await.says("E-2031-2");
        let today = hall.fixture.commune.now().date_naive();
        let parts =
            [today.format("%d").to_string(), today.format("%m").to_string(), today.format("%Y").to_string()];
        let visa = [
            ("nom", "Anne Roux, archives départementales"),
            ("visa-day", parts[0].as_str()),
            ("visa-month", parts[1].as_str()),
            ("visa-year", parts[2].as_str()),
        ];
        dpo.post(&format!("{slip}/visa"), &visa[..1]).await.is(422).explains("visa", "Indiquez une date");
        agent.post(&format!("{slip}/visa"), &visa).await.is(404);
        dpo.post(&format!("{slip}/visa"), &visa).await.leads_to(&format!("{slip}?fait=visa"));
        dpo.post(&format!("{slip}/visa"), &visa).await.is(409);
        dpo.post(&format!("{slip}/abandon"), &[]).await.is(409);
        assert_eq!(swept(hall).await, 1);
        assert_eq!(
            hall.value::<i64>("SELECT COUNT(*) FROM cases WHERE answers LIKE $1", "%Peyron%").await,
            0
        );
        dpo.get(&slip).await.says("ont quitté le logiciel").says("Anne Roux");

        // The proofs say what went, without what it was.
        agent.get("/agents/suppressions").await.is(404);
        dpo.get("/agents/suppressions").await.is(200).says(&reference).is_silent_about("Peyron");
        let proofs = dpo.get("/agents/suppressions.csv?annee=2031").await;
        proofs.is(200).says(&reference).is_silent_about("Peyron");
        dpo.get("/agents/suppressions.csv?annee=2026").await.is(200).is_silent_about(&reference);
    });
}

#[test]
fn what_is_still_open_goes_on_no_slip() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let requester = hall.browser();
        requester.follow(&code).await.is(200);
        requester.post("/suivi/retrait", &[("sur", "true")]).await;
        hall.work();
        // Its time is over by a day that it names itself, and nobody has answered it yet.
        hall.execute("UPDATE cases SET is_open = $1", &true).await;
        hall.fixture.clock.advance(TimeDelta::days(5 * 366 + 2));
        let (_, dpo) = hall.signed_in("dpo@lunel.example", Some(("nulle-part", Role::Dpo))).await;
        let make = [("demarche", "occupation-domaine-public"), ("objet", "elimination")];
        dpo.get("/agents/archives").await.is(200).says("Un autre dossier est encore en cours");
        dpo.post("/agents/archives", &make)
            .await
            .is(409)
            .says("Répondez-y d’abord")
            .says("href=\"#occupation-domaine-public\"");
        let slips: i64 = hall.value("SELECT COUNT(*) FROM desk_slip", "").await;
        assert_eq!(slips, 0);
        hall.execute("UPDATE cases SET is_open = $1", &false).await;
        let slip = dpo.post("/agents/archives", &make).await.location;
        dpo.get(&slip).await.is(200).says(&reference);
        // Nor is one signed that would destroy what is open.
        hall.execute("UPDATE cases SET is_open = $1", &true).await;
        let today = hall.fixture.commune.now().date_naive();
        let [day, month, year] = ["%d", "%m", "%Y"].map(|part| today.format(part).to_string());
        let visa = [
            ("nom", "Anne Roux"),
            ("visa-day", day.as_str()),
            ("visa-month", month.as_str()),
            ("visa-year", year.as_str()),
        ];
        dpo.post(&format!("{slip}/visa"), &visa)
            .await
            .is(409)
            .explains("nom", "terminez le dossier")
            .says("value=\"Anne Roux\"");
        hall.execute("UPDATE cases SET is_open = $1", &false).await;
        dpo.post(&format!("{slip}/visa"), &visa).await.leads_to(&format!("{slip}?fait=visa"));
    });
}

#[test]
fn the_archives_take_cases_over_with_their_documents() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let requester = hall.browser();
        requester.follow(&code).await.is(200);
        requester.send("/suivi/message", &[], &[("file", "plan.pdf", PDF)]).await;
        requester.post("/suivi/retrait", &[("sur", "true")]).await;
        hall.work();
        hall.fixture.clock.advance(TimeDelta::days(5 * 366 + 2));
        let (_, dpo) = hall.signed_in("dpo@lunel.example", Some(("nulle-part", Role::Dpo))).await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let make = [("demarche", "occupation-domaine-public"), ("objet", "transfer")];
        let slip = dpo.post("/agents/archives", &make).await.location;
        dpo.get(&slip).await.says("V-2031-1").says("se prépare");
        hall.work();
        dpo.get(&slip).await.says("Télécharger les dossiers");
        let file = format!("{slip}/dossiers.zip");
        agent.get(&file).await.is(404);
        let taken = dpo.get(&file).await;
        assert!(taken.status == 200 && taken.bytes.starts_with(b"PK"));
        let holds = |text: &str| taken.bytes.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(holds(&format!("{reference}/dossier.json")) && holds(&format!("{reference}/plan.pdf")));
        // Given up, the file goes.
        dpo.post(&format!("{slip}/abandon"), &[]).await.leads_to("/agents/archives?fait=abandon");
        hall.work();
        dpo.get(&file).await.is(404);
    });
}

#[test]
fn what_stands_on_a_slip_of_the_archives_is_taken_back_no_more() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await;
        let decision = [("outcome", "refused"), ("reasons", "La rue est étroite.")];
        agent.post(&format!("{base}/decision"), &decision).await.is(303);
        hall.work();
        hall.fixture.clock.advance(TimeDelta::days(5 * 366 + 2));
        let (_, agent) = hall.signed_in("relais@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (_, dpo) = hall.signed_in("dpo@lunel.example", Some(("nulle-part", Role::Dpo))).await;
        let page = format!("{base}/retrait");
        agent.get(&base).await.is(200).says(&page);
        let make = [("demarche", "occupation-domaine-public"), ("objet", "elimination")];
        let slip = dpo.post("/agents/archives", &make).await.location;
        dpo.get(&slip).await.is(200).says(&reference);
        agent.get(&base).await.is(200).is_silent_about(&page);
        agent.get(&page).await.is(409).says("figure sur un bordereau des archives");
        let act = [("regle", "repealed-any"), ("motifs", "La rue a été élargie.")];
        for part in ["", "/projet", "/projet.pdf", "/reprendre"] {
            agent.post(&format!("{page}{part}"), &act).await.is(409);
        }
        assert_eq!(hall.state(&reference).await, "decided");
        // Given up, the slip holds nothing back.
        dpo.post(&format!("{slip}/abandon"), &[]).await.leads_to("/agents/archives?fait=abandon");
        agent.get(&base).await.says(&page);
        agent.get(&page).await.is(200);
        // Signed, the case is erased as it stands, and stays so.
        let slip = dpo.post("/agents/archives", &make).await.location;
        let today = hall.fixture.commune.now().date_naive();
        let [day, month, year] = ["%d", "%m", "%Y"].map(|part| today.format(part).to_string());
        let visa = [
            ("nom", "Anne Roux, archives départementales"),
            ("visa-day", day.as_str()),
            ("visa-month", month.as_str()),
            ("visa-year", year.as_str()),
        ];
        dpo.post(&format!("{slip}/visa"), &visa).await.leads_to(&format!("{slip}?fait=visa"));
        agent.post(&page, &act).await.is(409);
        assert_eq!(swept(hall).await, 1);
        agent.post(&page, &act).await.is(409).says("ont été effacées");
        assert_eq!(hall.state(&reference).await, "decided");
    });
}

//! Following a request from its page: messages, documents, withdrawal, and what is wrong with them.

use beffroi_cases::{Access, Right, case, missing};
use beffroi_core::Id;
use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, testing::TestCommune};
use uuid::Uuid;

use crate::browser::{Hall, PDF, VIRUS, journey};

/// An agent takes a case up and asks for a plan.
async fn plan_asked(hall: &Hall<'_>, reference: &str) {
    asked(hall, reference, "Plan").await;
}

/// An agent takes a case up and asks for documents, one a line.
async fn asked(hall: &Hall<'_>, reference: &str, pieces: &'static str) {
    let id: Id<case::Case> = hall.case(reference).await.parse().unwrap();
    agent(hall.fixture, move |tx, access| {
        case::take_up(tx, access, id, Uuid::nil()).unwrap();
        let calendar = calendar(tx);
        missing::ask(tx, access, id, pieces, None, calendar).unwrap();
    })
    .await;
}

fn calendar(tx: &mut beffroi_store::Tx<'_>) -> missing::LocalCalendar {
    let town = beffroi_people::Town::load(tx).unwrap();
    missing::LocalCalendar { zone: town.zone(), holidays: town.holidays() }
}

async fn agent(
    fixture: &TestCommune,
    does: impl FnOnce(&mut beffroi_store::Tx<'_>, &Access) + Send + 'static,
) {
    let done = fixture.commune.write(By::SYSTEM, move |tx| {
        does(tx, &Access::default().with(None, Right::Decide));
        Ok::<_, beffroi_store::StoreError>(())
    });
    done.await.unwrap();
}

#[test]
fn a_message_that_cannot_be_sent_is_explained_and_stays() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let citizen = hall.browser();
        citizen.follow(&code).await.is(200);
        citizen
            .post("/suivi/message", &[("message", "  ")])
            .await
            .is(422)
            .explains("message", "Écrivez un message ou choisissez un fichier.");
        let long = "é".repeat(10_001);
        let told = citizen.post("/suivi/message", &[("message", &long)]).await;
        told.is(422)
            .explains("message", "Écrivez 10\u{202f}000\u{a0}caractères au plus.")
            .says(&format!(">{long}</textarea>"));
        citizen.post("/suivi/message", &[("message", "Merci\u{a0}!")]).await.leads_to("/suivi?fait=message");
        citizen
            .get("/suivi?fait=message")
            .await
            .is(200)
            .says("Votre message est envoyé.")
            .says("Merci\u{a0}!");
        assert_eq!(hall.state(&reference).await, "received");
    });
}

#[test]
fn taking_a_request_back_asks_to_be_sure_and_says_when_it_is_too_late() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let citizen = hall.browser();
        citizen.follow(&code).await;
        citizen.post("/suivi/retrait", &[]).await.is(422).explains("sur", "Cochez la case pour confirmer.");
        assert_eq!(hall.state(&reference).await, "received");
        citizen.post("/suivi/retrait", &[("sur", "true")]).await.leads_to("/suivi?fait=retrait");
        citizen
            .get("/suivi?fait=retrait")
            .await
            .says("Votre demande est retirée.")
            .is_silent_about("id=\"retrait\"");
        assert_eq!(hall.state(&reference).await, "withdrawn");
        // The page was still open in another window.
        citizen
            .post("/suivi/retrait", &[("sur", "true")])
            .await
            .is(409)
            .says("Votre demande a avancé entre-temps");
        citizen.send("/suivi/message", &[], &[("file", "plan.pdf", PDF)]).await.is(409);
        // Without the code nothing is taken back, and nobody learns that there was something.
        hall.browser().post("/suivi/retrait", &[("sur", "true")]).await.leads_to("/suivi");
    });
}

#[test]
fn a_refused_file_harms_no_other_and_never_completes_a_request() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        plan_asked(hall, &reference).await;
        let citizen = hall.browser();
        citizen.follow(&code).await.says("Il nous manque des documents");
        let page = citizen.get("/suivi").await;
        let plan = format!("piece-{}", page.between("name=\"piece-", "\""));
        let field = plan.as_str();
        citizen
            .send("/suivi/message", &[], &[])
            .await
            .is(422)
            .explains("message", "Écrivez un message ou choisissez un fichier.");

        let both = [("file", "plan.pdf", PDF), (field, "plan.exe", b"MZ\x90\x00".as_slice())];
        let told = citizen.send("/suivi/message", &[("message", "Voici le plan.")], &both).await;
        told.says(">Voici le plan.</textarea>");
        told.is(422).explains(field, "plan.exe\u{a0}: Ce type de fichier n’est pas accepté.");
        told.says("<span class=\"kept-files__name\">plan.pdf</span>")
            .is_silent_about("Vos documents sont reçus");
        assert_eq!(hall.state(&reference).await, "waiting", "the clock does not move");
        let kept: i64 = hall.value("SELECT COUNT(*) FROM document WHERE name = $1", "plan.pdf").await;
        assert_eq!(kept, 1);

        // A page of the plan came, the other was refused: the plan is not there.
        let pages = [(field, "page-1.pdf", PDF), (field, "page-2.exe", b"MZ\x90\x00".as_slice())];
        citizen.send("/suivi/message", &[], &pages).await.is(422).explains(field, "page-2.exe");
        citizen.get("/suivi").await.says(&format!("id=\"{field}\""));
        assert_eq!(hall.state(&reference).await, "waiting");

        let large = vec![b'%'; 10_000_001];
        let told = citizen.send("/suivi/message", &[], &[(field, "lourd.pdf", large.as_slice())]).await;
        told.is(422).explains(field, "lourd.pdf\u{a0}: Ce fichier est trop lourd");

        citizen
            .send("/suivi/message", &[], &[(field, "fini.pdf", PDF)])
            .await
            .leads_to("/suivi?fait=documents");
        citizen.get("/suivi?fait=documents").await.says("Vos documents sont reçus.");
        assert_eq!(hall.state(&reference).await, "instruction");
    });
}

#[test]
fn a_document_of_which_only_a_file_with_a_virus_came_is_not_told_as_received() {
    journey(Gate::Guarded, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        asked(hall, &reference, "Plan\nAttestation d’assurance").await;
        let citizen = hall.browser();
        let page = citizen.follow(&code).await;
        let field = format!("piece-{}", page.between("name=\"piece-", "\""));
        citizen.send("/suivi/message", &[], &[(field.as_str(), "plan.pdf", VIRUS)]).await.is(303);
        hall.work();
        let agent = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await.1;
        let dossier = agent.get(&format!("/agents/dossiers/{}", hall.case(&reference).await)).await;
        dossier.says("Plan – <strong>manque encore</strong>").is_silent_about("Plan – reçu");
    });
}

#[test]
fn one_document_of_two_leaves_the_clock_where_it_is_and_both_sides_read_what_is_missing() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        asked(hall, &reference, "Plan coté\nAttestation d’assurance").await;
        let citizen = hall.browser();
        let page = citizen.follow(&code).await;
        let form = page.between("<form id=\"repondre\"", "</form>");
        let controls: Vec<String> = form
            .split("type=\"file\"")
            .filter_map(|part| part.rsplit("name=\"").next()?.split('"').next().map(str::to_owned))
            .filter(|name| name.starts_with("piece-"))
            .collect();
        let [plan, insurance] = controls.as_slice() else { panic!("a field for each: {controls:?}") };
        page.is_silent_about("J’ai envoyé tout");
        let first = [(plan.as_str(), "plan.pdf", PDF)];
        citizen.send("/suivi/message", &[], &first).await.leads_to("/suivi?fait=documents");
        assert_eq!(hall.state(&reference).await, "waiting");
        let told = citizen.get("/suivi?fait=documents").await;
        told.says("Il en manque encore").says("Plan coté – <strong>reçu</strong>");
        told.says(&format!("id=\"{insurance}\"")).is_silent_about(&format!("id=\"{plan}\""));
        let agent = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await.1;
        let id = hall.case(&reference).await;
        let dossier = agent.get(&format!("/agents/dossiers/{id}")).await;
        dossier.says("Plan coté – reçu").says("Attestation d’assurance – <strong>manque encore</strong>");
        // Something else is no answer to what was asked for.
        citizen.send("/suivi/message", &[], &[("file", "autre.pdf", PDF)]).await.is(303);
        assert_eq!(hall.state(&reference).await, "waiting");
        citizen.send("/suivi/message", &[], &[(insurance.as_str(), "assurance.pdf", PDF)]).await.is(303);
        assert_eq!(hall.state(&reference).await, "instruction");
    });
}

#[test]
fn the_page_follows_its_case_part_by_part_and_no_two_controls_share_a_name() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let citizen = hall.browser();
        let before = citizen.follow(&code).await;
        for part in before.between("data-live-parts=\"", "\"").split(' ') {
            before.says(&format!("id=\"{part}\""));
        }
        // What agents look at and note is in the history, and no news.
        before.says("data-live-quiet=\"delai dates historique\"");
        // What silence would decide, and when, is told anew with the rest.
        let silence = before.between("id=\"delai\"", "</div>");
        before.says("id=\"file\"").is_silent_about("id=\"piece-");
        plan_asked(hall, &reference).await;
        let after = citizen.get("/suivi").await;
        after.says("id=\"file\"").says("id=\"piece-");
        assert_ne!(after.between("id=\"delai\"", "</div>"), silence);
    });
}

#[test]
fn a_message_and_its_file_go_together_or_wait_together() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let citizen = hall.browser();
        let page = citizen.follow(&code).await;
        let form = page.between("<form id=\"repondre\"", "</form>");
        assert!(form.contains("name=\"message\"") && form.contains("name=\"file\""), "one form: {form}");
        let words = [("message", "Voici le plan corrigé.")];
        let sent = citizen.send("/suivi/message", &words, &[("file", "corrige.pdf", PDF)]).await;
        sent.leads_to("/suivi?fait=envoi");
        citizen
            .get("/suivi?fait=envoi")
            .await
            .says("Votre message et vos documents sont envoyés.")
            .says("Voici le plan corrigé.")
            .says("corrige.pdf");
        // Words that are too long hold no document up, and stay.
        let long = "é".repeat(10_001);
        let told = citizen.send("/suivi/message", &[("message", &long)], &[("file", "autre.pdf", PDF)]).await;
        told.is(422)
            .says(&format!(">{long}</textarea>"))
            .says("<span class=\"kept-files__name\">autre.pdf</span>");
        // Words alone complete no file.
        plan_asked(hall, &reference).await;
        let said = [("message", "Je vous l’apporte demain.")];
        citizen.send("/suivi/message", &said, &[]).await.leads_to("/suivi?fait=message");
        assert_eq!(hall.state(&reference).await, "waiting");
        // Once it is over a file is not taken, and what was written is not lost.
        citizen.post("/suivi/retrait", &[("sur", "true")]).await.leads_to("/suivi?fait=retrait");
        let late = citizen.send("/suivi/message", &words, &[("file", "tard.pdf", PDF)]).await;
        late.is(409).says(">Voici le plan corrigé.</textarea>");
    });
}

//! The space of a resident: what waits, documents kept once and used again, the household, what the town knows, and who
//! looked.

use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, StoreError, journal};
use chrono::TimeDelta;

use crate::{
    account::{FORM, answer, begin, send},
    browser::{Browser, Hall, PDF, VIRUS, journey},
    reception::sectors,
};

const DOCUMENTS: &str = "/mon-compte/documents";
const BIRTH: &str = "/demarches/acte-de-naissance/demande";

/// Keeps a document; its id.
async fn kept(owner: &Browser<'_>, name: &str, content: &[u8]) -> String {
    let fields = [("kind", "address"), ("until-day", "31"), ("until-month", "3"), ("until-year", "2030")];
    owner
        .send(DOCUMENTS, &fields, &[("file", name, content)])
        .await
        .leads_to(&format!("{DOCUMENTS}?fait=ajout"));
    owner.get(DOCUMENTS).await.between(&format!("href=\"{DOCUMENTS}/"), "\"")
}

/// The page of the owner's request that was sent last.
async fn latest(owner: &Browser<'_>) -> String {
    let list = owner.get("/compte/demarches").await;
    format!("/compte/demarches/{}", list.between("href=\"/compte/demarches/", "\""))
}

/// What every service does each hour; tells how many things.
fn hour(hall: &Hall<'_>) -> u64 {
    tokio::task::block_in_place(|| hall.hour()).unwrap()
}

async fn sweep_spaces(hall: &Hall<'_>) -> u64 {
    let commune = std::sync::Arc::clone(&hall.fixture.commune);
    tokio::task::spawn_blocking(move || beffroi_desk::sweep_spaces(&commune)).await.unwrap().unwrap()
}

#[test]
fn the_space_tells_what_waits() {
    journey(Gate::Open, async |hall| {
        let stranger = hall.browser().get("/mon-compte").await;
        assert_eq!((stranger.status, stranger.location.as_str()), (303, "/connexion?retour=%2Fmon%2Dcompte"));
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        owner
            .get("/mon-compte")
            .await
            .is(200)
            .says("Rien ne vous attend en ce moment.")
            .says("Vous n’avez pas de demande en cours.");
        begin(&owner).await;
        owner.get("/mon-compte").await.says("Nous la gardons jusqu’au 3 septembre 2026.");
        send(&owner).await;
        let page = latest(&owner).await;
        let base = page.replace("/compte/demarches", "/agents/dossiers");
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        agent.post(&format!("{base}/message"), &[("message", "Quelle heure ?")]).await;
        let asked = [
            ("pieces", "Le plan"),
            ("deadline-day", "20"),
            ("deadline-month", "6"),
            ("deadline-year", "2026"),
        ];
        agent.post(&format!("{base}/pieces"), &asked).await;
        owner
            .get("/mon-compte")
            .await
            .says("à envoyer au plus tard le 20 juin 2026")
            .says("message de la mairie à lire")
            .says("En attente de documents")
            .is_silent_about("Rien ne vous attend");
        owner.get("/mon-compte/messages").await.is(200).says("Quelle heure ?").says("Non lu");
        // What was read waits no more.
        owner.get(&page).await.is(200);
        owner.get("/mon-compte").await.is_silent_about("message de la mairie à lire");
        // Another's space has none of it.
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        other.get("/mon-compte").await.says("Rien ne vous attend en ce moment.");
        other.get("/mon-compte/messages").await.is(200).is_silent_about("Quelle heure");
        // What is over is on a page of its own.
        owner.post(&format!("{page}/retrait"), &[("sur", "true")]).await;
        owner.get("/compte/demarches").await.says("Vous n’avez pas de demande en cours.");
        owner.get("/compte/demarches?liste=finies").await.says("Retirée");
    });
}

#[test]
fn a_document_is_kept_once_and_each_request_has_a_copy_of_its_own() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        // What is wrong is told in its place, and nothing is kept.
        owner.send(DOCUMENTS, &[("kind", "")], &[]).await.is(422).explains("file", "Choisissez un fichier.");
        let past = [("kind", "other"), ("until-day", "1"), ("until-month", "1"), ("until-year", "2020")];
        owner
            .send(DOCUMENTS, &past, &[("file", "plan.pdf", PDF)])
            .await
            .is(422)
            .explains("until", "Indiquez une date à venir");
        let id = kept(&owner, "plan.pdf", PDF).await;
        owner.get(DOCUMENTS).await.says("Justificatif de domicile").says("31 mars 2030");
        assert_eq!(owner.get(&format!("{DOCUMENTS}/{id}/fichier")).await.bytes, PDF);

        // Another account is not told that there is such a document, and cannot use it.
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        for path in [format!("{DOCUMENTS}/{id}"), format!("{DOCUMENTS}/{id}/fichier")] {
            other.get(&path).await.is(404);
        }
        other.post(&format!("{DOCUMENTS}/{id}/retrait"), &[]).await.is(404);
        let stolen = format!("plan:{id}");
        other.post(&format!("{FORM}/pieces"), &[("shown", "engagement"), ("own_document", &stolen)]).await;
        other.get(&format!("{FORM}/pieces")).await.is_silent_about("plan.pdf");

        // Its owner ticks it, which is written down, and sends the request.
        begin(&owner).await;
        owner.get(&format!("{FORM}/pieces")).await.says("Utiliser un document de mon compte").says(&stolen);
        let ticked = [
            ("shown", "plan"),
            ("own_document", stolen.as_str()),
            ("shown", "engagement"),
            ("engagement", "true"),
        ];
        assert_eq!(owner.post(&format!("{FORM}/pieces"), &ticked).await.status, 303);
        // What came from the space need not be kept again.
        owner
            .get(&format!("{FORM}/recapitulatif"))
            .await
            .is(200)
            .says("plan.pdf")
            .is_silent_about("Garder pour la prochaine fois");
        owner.post(&format!("{FORM}/recapitulatif"), &[]).await.leads_to("/suivi?envoyee");
        let uses = "SELECT COUNT(*) FROM journal WHERE kind = 'account.document_used' AND payload LIKE $1";
        assert_eq!(hall.value::<i64>(uses, "%occupation-domaine-public%").await, 1);

        // Erased in the space, it stays with the request.
        owner
            .post(&format!("{DOCUMENTS}/{id}/retrait"), &[])
            .await
            .leads_to(&format!("{DOCUMENTS}?fait=retrait"));
        owner.get(DOCUMENTS).await.says("Vous ne gardez aucun document.");
        let page = latest(&owner).await;
        let document = owner.get(&page).await.between(&format!("{page}/documents/"), "\"");
        assert_ne!(document, id);
        assert_eq!(owner.get(&format!("{page}/documents/{document}")).await.bytes, PDF);
    });
}

#[test]
fn what_was_sent_may_be_kept_for_the_next_time() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        let fields = [("shown", "plan"), ("shown", "engagement"), ("engagement", "true")];
        owner.send(&format!("{FORM}/pieces"), &fields, &[("plan", "croquis.pdf", PDF)]).await;
        let summary = owner.get(&format!("{FORM}/recapitulatif")).await;
        summary.is(200).says("Garder pour la prochaine fois");
        let keep = summary.between("name=\"keep\" type=\"checkbox\" value=\"", "\"");
        // A document of somebody else's request is not kept, whoever names it.
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        begin(&other).await;
        answer(&other, "pieces", &[("engagement", "true")]).await;
        other.post(&format!("{FORM}/recapitulatif"), &[("keep", &keep)]).await.leads_to("/suivi?envoyee");
        other.get(DOCUMENTS).await.says("Vous ne gardez aucun document.");

        owner.post(&format!("{FORM}/recapitulatif"), &[("keep", &keep)]).await.leads_to("/suivi?envoyee");
        owner.get(DOCUMENTS).await.says("croquis.pdf");
        // A visitor without an account is not asked.
        let visitor = hall.browser();
        begin(&visitor).await;
        visitor.send(&format!("{FORM}/pieces"), &fields, &[("plan", "croquis.pdf", PDF)]).await;
        visitor.get(&format!("{FORM}/recapitulatif")).await.is(200).is_silent_about("prochaine fois");
    });
}

#[test]
fn a_document_with_a_virus_is_not_used() {
    journey(Gate::Guarded, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        let id = kept(&owner, "facture.pdf", VIRUS).await;
        owner.get(DOCUMENTS).await.says("Vérification en cours");
        hall.work();
        owner.get(DOCUMENTS).await.says("Un virus a été trouvé");
        owner.get(&format!("{DOCUMENTS}/{id}/fichier")).await.is_silent_about("EICAR");
        begin(&owner).await;
        owner.get(&format!("{FORM}/pieces")).await.is(200).is_silent_about("facture.pdf");
        let ticked = format!("plan:{id}");
        owner.post(&format!("{FORM}/pieces"), &[("shown", "plan"), ("own_document", &ticked)]).await;
        owner.get(&format!("{FORM}/pieces")).await.is_silent_about("facture.pdf");
    });
}

#[test]
fn documents_that_nobody_uses_go_after_a_word() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        kept(&owner, "plan.pdf", PDF).await;
        hall.fixture.clock.advance(TimeDelta::days(690));
        assert_eq!(hour(hall), 0);
        assert_eq!(sweep_spaces(hall).await, 0);
        hall.fixture.clock.advance(TimeDelta::days(20));
        assert_eq!(hour(hall), 1, "told once");
        assert_eq!(hour(hall), 0);
        hall.work();
        assert!(hall.mails().await.iter().any(|mail| mail.subject.contains("vont être effacés")));
        assert_eq!(sweep_spaces(hall).await, 0, "a month to answer");
        hall.fixture.clock.advance(TimeDelta::days(32));
        assert_eq!(sweep_spaces(hall).await, 1);
        let proofs = "SELECT COUNT(*) FROM journal WHERE kind = 'account.document_erased'";
        assert_eq!(hall.value::<i64>(proofs, "").await, 1);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM document", "").await, 0);
    });
}

#[test]
fn somebody_of_the_household_fills_a_form_in() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        let wrong = owner.post("/mon-compte/foyer/ajout", &[("family_name", "Durand")]).await;
        wrong.is(422).explains("given_names", "Indiquez les prénoms.").says("value=\"Durand\"");
        let lea = [
            ("relation", "child"),
            ("family_name", "Durand"),
            ("given_names", "Léa"),
            ("birth-day", "27"),
            ("birth-month", "3"),
            ("birth-year", "2019"),
            ("birth_place", "Lunel"),
        ];
        owner.post("/mon-compte/foyer/ajout", &lea).await.leads_to("/mon-compte/foyer?fait=ajout");
        let list = owner.get("/mon-compte/foyer").await;
        list.says("Léa Durand").says("Mon enfant").says("27 mars 2019");
        let id = list.between("href=\"/mon-compte/foyer/", "\"");
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        other.get(&format!("/mon-compte/foyer/{id}")).await.is(404);
        other.post(&format!("/mon-compte/foyer/{id}"), &lea).await.is(404);
        other.post(&format!("/mon-compte/foyer/{id}/retrait"), &[]).await.is(404);

        owner.get(&format!("{BIRTH}/acte")).await.says("Remplir avec une personne de votre foyer");
        let fill = format!("personne:{id}");
        let filled = owner.post(&format!("{BIRTH}/acte"), &[("shown", "personne"), ("fill", &fill)]).await;
        assert_eq!(
            (filled.status, filled.location.as_str()),
            (303, format!("{BIRTH}/acte#personne").as_str())
        );
        owner
            .get(&format!("{BIRTH}/acte"))
            .await
            .says("value=\"Durand\"")
            .says("value=\"Léa\"")
            .says("value=\"2019\"");
        // One's own identity is filled in from the account, and nobody else is proposed for it.
        owner.get(&format!("{BIRTH}/vous")).await.is_silent_about("Remplir avec une personne");
        // Another account's household fills nothing in.
        other.post(&format!("{BIRTH}/acte"), &[("shown", "personne"), ("fill", &fill)]).await;
        other.get(&format!("{BIRTH}/acte")).await.is_silent_about("Léa");

        owner.post(&format!("/mon-compte/foyer/{id}/retrait"), &[]).await;
        owner.get("/mon-compte/foyer").await.says("Vous n’avez ajouté personne.");
        // The journal says that it changed, not who is in it.
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM journal WHERE payload LIKE $1", "%Léa%").await, 0);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM person", "").await, 0, "no sector knows of her");
    });
}

#[test]
fn one_reads_what_the_town_knows_sector_by_sector_and_has_it_corrected() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        send(&owner).await;
        hall.work();
        let known = owner.get("/mon-compte/donnees").await;
        known.is(200).says("Urbanisme, voirie, domaine public").says("3 rue Haute").says("Peyron");
        known.is_silent_about("État civil, élections");
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        other.get("/mon-compte/donnees").await.is(200).is_silent_about("Peyron");
        let about = known.between("name=\"objet\" value=\"", "\"");
        let begun = owner.post("/mon-compte/donnees/correction", &[("objet", &about)]).await;
        begun.leads_to("/demarches/droits-donnees-personnelles/demande");
        owner
            .get("/demarches/droits-donnees-personnelles/demande/demande")
            .await
            .is(200)
            .says("value=\"rectification\" checked");
    });
}

#[test]
fn one_reads_who_looked_and_why_for_twelve_months() {
    journey(Gate::Open, async |hall| {
        let (account, owner) = hall.signed_in("gaspard@example.org", None).await;
        owner.get("/mon-compte/consultations").await.says("Personne n’a encore consulté vos dossiers.");
        begin(&owner).await;
        send(&owner).await;
        let base = latest(&owner).await.replace("/compte/demarches", "/agents/dossiers");
        let (_, head) =
            hall.signed_in("chef@lunel.example", Some(("domaine-public", Role::HeadOfDepartment))).await;
        head.get(&base).await.is(200);
        owner
            .get("/mon-compte/consultations")
            .await
            .says("Service domaine-public, responsable du service")
            .says("Pour traiter votre demande")
            .is_silent_about("Awa Diop</td>");
        // Taken along too.
        let told = hall.told(account).await;
        let looks = told.entries.iter().find(|entry| entry.data["kind"] == "looks").unwrap();
        assert_eq!(looks.data["looks"][0]["who"], "Service domaine-public, responsable du service");
        owner.get("/mon-compte/donnees").await.says("Service domaine-public, responsable du service");
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        other.get("/mon-compte/consultations").await.says("Personne n’a encore consulté vos dossiers.");

        hall.fixture.clock.advance(TimeDelta::days(360));
        assert_eq!(sweep_spaces(hall).await, 0);
        let looks = "SELECT COUNT(*) FROM journal WHERE kind = 'case.consulted' AND payload IS NOT NULL";
        assert_eq!(hall.value::<i64>(looks, "").await, 1);
        hall.fixture.clock.advance(TimeDelta::days(7));
        assert_eq!(sweep_spaces(hall).await, 1);
        assert_eq!(hall.value::<i64>(looks, "").await, 0);
        assert_eq!(sweep_spaces(hall).await, 0, "once is enough");
        assert_eq!(
            hall.value::<i64>("SELECT COUNT(*) FROM journal WHERE kind = 'looks.erased'", "").await,
            1
        );
        let verified = hall.fixture.commune.read(By::SYSTEM, journal::verify).await.unwrap();
        assert_eq!(verified.broken, None, "the chain holds");
    });
}

#[test]
fn one_reads_who_looked_at_ones_record_at_the_counter_and_why() {
    journey(Gate::Open, async |hall| {
        sectors(hall).await;
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        send(&owner).await;
        let (_, agent) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let person: uuid::Uuid = hall.value("SELECT id FROM person", "").await;
        let page = format!("/agents/guichet/personne/{person}");
        agent.get(&format!("{page}?motif=phone")).await.is(200).says("Peyron");
        let looks = owner.get("/mon-compte/consultations").await;
        looks
            .says("Votre fiche au guichet")
            .says("Vous étiez au téléphone")
            .says("Service domaine-public, agent");
        looks.is_silent_about("Awa Diop</td>");
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        other.get("/mon-compte/consultations").await.says("Personne n’a encore consulté vos dossiers.");

        // Told for twelve months, and kept no longer.
        hall.fixture.clock.advance(TimeDelta::days(367));
        assert_eq!(sweep_spaces(hall).await, 1);
        let kept = "SELECT COUNT(*) FROM journal WHERE kind = 'person.consulted' AND payload IS NOT NULL";
        assert_eq!(hall.value::<i64>(kept, "").await, 0);
    });
}

#[test]
fn one_reads_who_opened_ones_appointment_or_payment() {
    journey(Gate::Open, async |hall| {
        let (account, owner) = hall.signed_in("gaspard@example.org", None).await;
        let (agent, _) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let by = By::account(agent.uuid(), beffroi_core::Channel::Online);
        let looked = hall.fixture.commune.write(by, move |tx| {
            let department = beffroi_people::department::by_slug(tx, "domaine-public")?.map(|it| it.id);
            for kind in ["appointment.consulted", "order.consulted"] {
                tx.journal(&beffroi_store::Entry {
                    kind,
                    subject_kind: "account",
                    subject_id: account.uuid(),
                    payload: serde_json::json!({ "role": "agent", "department": department }),
                })?;
            }
            Ok::<_, StoreError>(())
        });
        looked.await.unwrap();
        owner
            .get("/mon-compte/consultations")
            .await
            .says("Un de vos rendez-vous")
            .says("Pour votre rendez-vous")
            .says("Un de vos paiements")
            .says("Service domaine-public, agent");
        let (_, other) = hall.signed_in("marie@example.org", None).await;
        other.get("/mon-compte/consultations").await.says("Personne n’a encore consulté vos dossiers.");
        hall.fixture.clock.advance(TimeDelta::days(367));
        assert_eq!(sweep_spaces(hall).await, 2, "told for twelve months, and kept no longer");
    });
}

#[test]
fn who_has_begun_a_request_is_reminded_before_it_is_forgotten() {
    journey(Gate::Open, async |hall| {
        let (_, owner) = hall.signed_in("gaspard@example.org", None).await;
        begin(&owner).await;
        hall.fixture.clock.advance(TimeDelta::days(70));
        assert_eq!(hour(hall), 0);
        hall.fixture.clock.advance(TimeDelta::days(10));
        assert_eq!(hour(hall), 1);
        assert_eq!(hour(hall), 0, "reminded once");
        hall.work();
        let mails = hall.mails().await;
        let mail = mails.iter().find(|mail| mail.subject.contains("pas encore envoyée")).unwrap();
        assert_eq!(mail.to, "gaspard@example.org");
        assert!(mail.text.contains("3 septembre 2026") && mail.text.contains("/mon-compte"), "{}", mail.text);
        let swept = async || {
            let swept = hall.fixture.commune.write(By::SYSTEM, beffroi_desk::sweep);
            let swept: Result<u64, StoreError> = swept.await;
            swept.unwrap()
        };
        assert_eq!(swept().await, 0);
        hall.fixture.clock.advance(TimeDelta::days(13));
        assert_eq!(swept().await, 1);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM desk_draft", "").await, 0);
        assert_eq!(
            hall.value::<i64>("SELECT COUNT(*) FROM journal WHERE kind = 'draft.erased'", "").await,
            1
        );
    });
}

#[test]
fn what_an_ended_account_leaves_stays_with_the_town_and_opens_by_a_new_code() {
    journey(Gate::Open, async |hall| {
        let (account, owner) = hall.signed_in("gaspard@example.org", None).await;
        kept(&owner, "plan.pdf", PDF).await;
        begin(&owner).await;
        send(&owner).await;
        begin(&owner).await;
        hall.work();
        let remaining = hall.closes(account).await;
        assert_eq!(remaining.len(), 1);
        assert_eq!(remaining[0].title, "Occupation du domaine public");
        hall.browser().follow(&remaining[0].code).await.is(200).says(&remaining[0].reference);
        hall.erased(account).await;
        for sql in [
            "SELECT COUNT(*) FROM kept_document",
            "SELECT COUNT(*) FROM desk_draft",
            "SELECT COUNT(*) FROM document WHERE owner_kind IN ('account', 'draft')",
            "SELECT COUNT(*) FROM desk_reach WHERE account IS NOT NULL",
        ] {
            assert_eq!(hall.value::<i64>(sql, "").await, 0, "{sql}");
        }
        // The request is there, with what was said in it.
        hall.browser().follow(&remaining[0].code).await.is(200).says("3 rue Haute");
    });
}

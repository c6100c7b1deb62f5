//! A decision is withdrawn or repealed as the law lets it be, read before it is, and its requester is told.

use beffroi_documents::Gate;
use beffroi_people::Role;
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    acknowledgement::text_of,
    browser::{Browser, Hall, journey},
};

/// A case that the agent has decided so; its address.
async fn decided(hall: &Hall<'_>, agent: &Browser<'_>, reference: &str, outcome: &str) -> String {
    let base = format!("/agents/dossiers/{}", hall.case(reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
    let decision = [("outcome", outcome), ("reasons", "Le passage reste libre.")];
    agent.post(&format!("{base}/decision"), &decision).await.is(303);
    hall.work();
    base
}

const REASONS: (&str, &str) = ("motifs", "La largeur qui reste avait été mal mesurée.");

#[test]
fn a_right_is_withdrawn_once_its_beneficiary_was_heard_and_they_are_told() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = decided(hall, &agent, &reference, "granted").await;
        agent.get(&base).await.says(&format!("{base}/retrait"));
        let page = format!("{base}/retrait");
        agent.get(&page).await.says("L242-1").says("L242-4").says("L241-2").is_silent_about("L243-1");
        // All that is missing is told at once, and what was typed stays.
        let told = agent.post(&format!("{page}/projet"), &[REASONS]).await;
        told.is(422).explains("regle", "Choisissez ce que vous faites de la décision");
        told.explains("entendu", "Dites comment la personne a été entendue").says(">La largeur qui reste");
        // The letter that asks for observations gives a time, before which nothing is withdrawn.
        let invited = [
            ("observations-motif", "La largeur qui reste est de 90 cm."),
            ("observations-day", "18"),
            ("observations-month", "6"),
            ("observations-year", "2026"),
        ];
        agent
            .post(&format!("{page}/observations"), &invited[..1])
            .await
            .is(422)
            .explains("observations", "Donnez un jour à venir.");
        agent
            .post(&format!("{page}/observations"), &invited)
            .await
            .leads_to(&format!("{base}?fait=observations"));
        hall.browser().follow(&code).await.says("La largeur qui reste est de 90 cm.").says("18 juin 2026");
        let act = [("regle", "withdrawn-unlawful"), ("entendu", "invited"), REASONS];
        agent.post(&page, &act).await.is(422).explains("entendu", "La personne a jusqu’au 18 juin 2026");
        hall.fixture.clock.advance(TimeDelta::days(16));
        // The session of before is over.
        let (_, agent) = hall.signed_in("relais@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let proof = agent.post(&format!("{page}/projet"), &act).await;
        proof.is(200).says("Arrêté portant retrait").says("L242-1");
        assert_eq!(hall.state(&reference).await, "decided", "nothing is done before it is confirmed");
        let draft = agent.post(&format!("{page}/projet.pdf"), &act).await;
        let paper = text_of(&draft.is(200).bytes);
        assert!(paper.contains("retrait") && paper.contains("donné à la confirmation"), "{paper}");
        agent.post(&format!("{page}/reprendre"), &act).await.is(200).says(">La largeur qui reste");
        agent.post(&page, &act).await.leads_to(&format!("{base}?fait=retrait"));
        hall.work();
        let mails = hall.mails().await;
        assert_eq!(mails.iter().filter(|mail| mail.subject.contains("retirée ou abrogée")).count(), 1);
        let citizen = hall.browser();
        citizen
            .follow(&code)
            .await
            .says("a été retirée le 19 juin 2026")
            .says("mal mesurée")
            .says("recours gracieux")
            .says("/suivi/acte-de-retrait.pdf")
            .is_silent_about("/suivi/decision.pdf");
        let paper = citizen.get("/suivi/acte-de-retrait.pdf").await;
        let words = text_of(&paper.is(200).bytes).replace('\n', " ");
        assert!(words.contains("2026-ARR-0002") && words.contains("retrait"), "{words}");
        citizen.get("/suivi/decision.pdf").await.is(404);
        agent.get(&base).await.says("Acte ouvert par le demandeur").says("article L242-1");
        // The case is decided anew, and its requester is told of that decision too.
        let refusal = [("outcome", "refused"), REASONS, ("reasons", "Il ne reste pas assez de place.")];
        agent.post(&format!("{base}/decision"), &refusal).await.is(303);
        hall.work();
        let mails = hall.mails().await;
        assert_eq!(mails.iter().filter(|mail| mail.subject.contains("décision a été prise")).count(), 2);
        citizen.get("/suivi/decision.pdf").await.is(200);
    });
}

#[test]
fn a_refusal_that_is_withdrawn_is_owed_an_answer_again_from_that_day() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = decided(hall, &agent, &reference, "refused").await;
        let page = format!("{base}/retrait");
        agent.get(&page).await.says("L243-3").says("L243-1").is_silent_about("Demander d’abord");
        hall.fixture.clock.advance(TimeDelta::days(10));
        let (_, agent) = hall.signed_in("relais@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let act = [("regle", "withdrawn-unlawful"), REASONS];
        agent.post(&format!("{page}/projet"), &act).await.is(200).says("le délai court à partir");
        agent.post(&page, &act).await.is(303);
        assert_eq!(hall.state(&reference).await, "instruction");
        hall.browser()
            .follow(&code)
            .await
            .says("doit de nouveau répondre")
            .says("Refus retiré le 13 juin 2026");
        // There is nothing left to take back, and who may not see the case knows of nothing.
        agent.post(&page, &act).await.is(409);
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        other.get(&page).await.is(404);
        for part in ["", "/projet", "/projet.pdf", "/reprendre", "/observations"] {
            other.post(&format!("{page}{part}"), &act).await.is(404);
        }
    });
}

#[test]
fn an_act_on_paper_is_signed_before_anybody_is_told() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = decided(hall, &agent, &reference, "refused").await;
        let lines = serde_json::json!(["Gaspard Peyron", "3 rue Haute", "34400 Lunel"]);
        hall.execute("UPDATE desk_reach SET letter_lines = $1", &lines).await;
        hall.execute("UPDATE desk_reach SET by_letter = $1", &true).await;
        let act = [("regle", "repealed-any"), REASONS];
        agent.post(&format!("{base}/retrait"), &act).await.is(303);
        hall.work();
        let citizen = hall.browser();
        citizen.follow(&code).await.says("signé à la main").is_silent_about("acte-de-retrait.pdf");
        citizen.get("/suivi/acte-de-retrait.pdf").await.is(404);
        let id: Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "reversal").await;
        citizen.get(&format!("/suivi/documents/{id}")).await.is(404);
        let queue = agent.get("/agents/courrier").await;
        queue.says("Retrait ou abrogation, à signer avant l’envoi");
        let letter = queue.between("name=\"letter\" value=\"", "\"");
        agent.post("/agents/courrier", &[("letter", &letter)]).await.leads_to("/agents/courrier");
        hall.work();
        let mails = hall.mails().await;
        assert_eq!(mails.iter().filter(|mail| mail.subject.contains("retirée ou abrogée")).count(), 1);
        citizen.get("/suivi/acte-de-retrait.pdf").await.is(200);
    });
}

#[test]
fn an_act_that_another_has_followed_hides_no_paper_for_ever() {
    journey(Gate::Open, async |hall| {
        let (account, _) = hall.signed_in("gaspard@example.org", None).await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let base = decided(hall, &agent, &reference, "refused").await;
        let lines = serde_json::json!(["Gaspard Peyron", "3 rue Haute", "34400 Lunel"]);
        hall.execute("UPDATE desk_reach SET letter_lines = $1", &lines).await;
        hall.execute("UPDATE desk_reach SET by_letter = $1", &true).await;
        hall.execute("UPDATE desk_reach SET account = $1", &account.uuid()).await;
        // The letter of the first act never leaves: the case is decided anew, and that is taken back too.
        let act = [("regle", "repealed-any"), REASONS];
        agent.post(&format!("{base}/retrait"), &act).await.is(303);
        hall.work();
        hall.fixture.clock.advance(TimeDelta::minutes(1));
        let refusal = [("outcome", "refused"), ("reasons", "Il ne reste pas assez de place.")];
        agent.post(&format!("{base}/decision"), &refusal).await.is(303);
        hall.work();
        hall.fixture.clock.advance(TimeDelta::minutes(1));
        agent.post(&format!("{base}/retrait"), &act).await.is(303);
        hall.work();
        // Neither the act nor the decision that followed it has left: they wait, and are not shown as gone by.
        for page in [base.as_str(), "/agents/courrier"] {
            agent
                .get(page)
                .await
                .says("Retrait ou abrogation antérieur, à signer avant l’envoi")
                .says("Décision retirée ou abrogée depuis, pas encore partie");
        }
        let copied = async || {
            let told = hall.told(account).await;
            told.files.iter().filter(|file| file.path.contains("/retrait-")).count()
        };
        let unsigned = copied().await;
        assert_eq!(unsigned, 0, "what waits to be signed is in no copy");
        let letter: Uuid = hall.value("SELECT message FROM desk_notice WHERE tells = $1", "reversal").await;
        agent.post("/agents/courrier", &[("letter", &letter.to_string())]).await.leads_to("/agents/courrier");
        hall.work();
        assert_eq!(copied().await, unsigned + 1, "once it has left, its owner has it");
    });
}

//! A paper that somebody took back before the request was sent reaches no agent, and nothing is kept of it.

use beffroi_documents::Gate;
use beffroi_people::Role;
use serde_json::json;

use crate::{
    account::{FORM, answer, begin, send},
    browser::{Answer, Hall, PDF, journey, removal},
    counter::{COUNTER, KEY, TODAY, entered},
};

const OTHER: &[u8] = b"%PDF-1.7\nautre\n%%EOF\n";

/// The files that requesters gave and that are still there, by name.
async fn given(hall: &Hall<'_>) -> Vec<String> {
    const NAMES: &str = "SELECT name FROM document WHERE purpose = 'attachment' ORDER BY name";
    let names =
        hall.fixture.commune.read(beffroi_store::By::SYSTEM, |tx| tx.query(NAMES, &[], |row| row.get(0)));
    let names: Result<_, beffroi_store::StoreError> = names.await;
    names.unwrap()
}

/// The document that a button of a page takes back.
fn to_remove(page: &Answer, name: &str) -> String {
    let (before, _) = page.body.split_once(&format!("Retirer {name}")).unwrap();
    let (_, value) = before.rsplit_once("name=\"remove_file\" value=\"").unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[test]
fn a_paper_taken_out_of_the_form_reaches_no_agent() {
    journey(Gate::Open, async |hall| {
        let citizen = hall.browser();
        begin(&citizen).await;
        let page = format!("{FORM}/pieces");
        let shown = [("shown", "plan")];
        let files = [("plan", "faux.pdf", OTHER), ("plan", "plan.pdf", PDF)];
        citizen.send(&page, &shown, &files).await;
        let wrong = to_remove(&citizen.get(&page).await, "faux.pdf");
        citizen.post(&page, &[("shown", "plan"), ("remove_file", &wrong)]).await.is(303);
        assert_eq!(given(hall).await, ["plan.pdf"], "it is forgotten at once");
        send(&citizen).await;
        assert_eq!(given(hall).await, ["plan.pdf"]);
        let sent = citizen.get("/suivi").await;
        sent.says("plan.pdf").is_silent_about("faux.pdf");
    });
}

#[test]
fn a_paper_of_a_question_that_is_asked_no_more_reaches_no_agent() {
    journey(Gate::Open, async |hall| {
        let citizen = hall.browser();
        begin(&citizen).await;
        answer(
            &citizen,
            "objet",
            &[("objet", "echafaudage"), ("ancrage", "false"), ("circulation", "false")],
        )
        .await;
        let page = format!("{FORM}/pieces");
        let files = [("assurance", "assurance.pdf", OTHER), ("plan", "plan.pdf", PDF)];
        citizen.send(&page, &[("shown", "plan"), ("shown", "assurance")], &files).await;
        // One file of a question takes the place of another.
        let files = [("assurance", "attestation.pdf", PDF)];
        citizen.send(&page, &[("shown", "assurance")], &files).await;
        assert_eq!(given(hall).await, ["attestation.pdf", "plan.pdf"]);
        // A removal van after all.
        answer(
            &citizen,
            "objet",
            &[("objet", "demenagement"), ("immatriculation", ""), ("circulation", "false")],
        )
        .await;
        send(&citizen).await;
        assert_eq!(given(hall).await, ["plan.pdf"]);
    });
}

#[test]
fn a_draft_that_is_given_up_leaves_no_paper() {
    journey(Gate::Open, async |hall| {
        let citizen = hall.browser();
        citizen.send(&format!("{FORM}/pieces"), &[("shown", "plan")], &[("plan", "plan.pdf", PDF)]).await;
        assert_eq!(given(hall).await.len(), 1);
        citizen.post(&format!("{FORM}/abandon"), &[]).await.is(303);
        assert_eq!(given(hall).await.len(), 0);
    });
}

#[test]
fn a_paper_taken_back_at_the_counter_reaches_no_agent() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("samira@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let files = [("plan", "faux.pdf", OTHER), ("plan", "plan.pdf", PDF)];
        let half = [entered(KEY, "paper", TODAY), vec![("add_row", "rien")]].concat();
        let told = agent.send(COUNTER, &half, &files).await;
        let wrong = to_remove(&told, "faux.pdf");
        let right = to_remove(&told, "plan.pdf");
        let kept = |value: &str| value.split_once(':').unwrap().1.to_owned();
        let (wrong_file, right_file) = (kept(&wrong), kept(&right));
        let back = [
            entered(KEY, "paper", TODAY),
            vec![("plan", &*wrong_file), ("plan", &*right_file), ("remove_file", &*wrong)],
        ];
        agent.send(COUNTER, &back.concat(), &[]).await.says("plan.pdf").is_silent_about("faux.pdf");
        let last = [entered(KEY, "paper", TODAY), vec![("plan", &*right_file)]].concat();
        agent.send(COUNTER, &last, &[]).await.is(303);
        assert_eq!(given(hall).await, ["plan.pdf"]);
    });
}

#[test]
fn a_case_has_only_those_documents_of_an_upload_that_its_answers_name() {
    journey(Gate::Open, async |hall| {
        let program = hall.browser();
        let files = [("plan", "faux.pdf", OTHER), ("plan", "plan.pdf", PDF)];
        let sent = program.send("/api/v1/uploads", &[], &files).await;
        let sent: serde_json::Value = serde_json::from_slice(&sent.is(201).bytes).unwrap();
        let mut answers = removal("gaspard@example.org");
        answers["plan"] = json!([sent["documents"][1]["document"]]);
        let deposit = json!({ "answers": answers, "upload": sent["upload"] });
        hall.deposit_with("occupation-domaine-public", &deposit).await;
        assert_eq!(given(hall).await, ["plan.pdf"]);
    });
}

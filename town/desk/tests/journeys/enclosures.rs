//! Files that an agent joins to a message or to a decision: nothing chosen is lost, the requester finds them with what they
//! were joined to, and what the virus gate condemns reaches nobody.

use beffroi_documents::Gate;
use beffroi_people::Role;
use chrono::TimeDelta;
use uuid::Uuid;

use crate::{
    acknowledgement::text_of,
    browser::{Answer, Browser, Hall, PDF, VIRUS, journey},
    counter::{COUNTER, KEY, TODAY, entered},
};

const GRANTED: [(&str, &str); 2] = [("outcome", "granted"), ("reasons", "Le passage reste libre.")];

const WORDS: (&str, &str) = ("message", "Voici le plan de la rue.");

async fn agent<'h>(hall: &'h Hall<'h>) -> Browser<'h> {
    hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await.1
}

/// A case that the agent follows; its address.
async fn followed(hall: &Hall<'_>, agent: &Browser<'_>, reference: &str) -> String {
    let base = format!("/agents/dossiers/{}", hall.case(reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
    base
}

/// The file that was received before something was found wrong.
fn kept(answer: &Answer, field: &str) -> String {
    answer.between(&format!("name=\"{field}\" type=\"checkbox\" value=\""), "\"")
}

/// Where the page of a request leads for a document of this name.
fn link(page: &Answer, name: &str) -> Option<String> {
    let (before, _) = page.body.split_once(&format!("\">{name}</a>"))?;
    before.rsplit("href=\"").next().map(str::to_owned)
}

#[test]
fn what_is_joined_to_a_message_is_found_with_it_and_never_in_the_mail() {
    journey(Gate::Guarded, async |hall| {
        let agent = agent(hall).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        hall.work();
        let files = [
            ("message-files", "plan.pdf", PDF),
            ("message-files", "photo.pdf", b"%PDF-1.7\nphoto\n".as_slice()),
        ];
        let send = format!("{base}/message");
        agent.send(&send, &[WORDS], &files).await.leads_to(&format!("{base}?fait=message"));
        let citizen = hall.browser();
        let page = citizen.follow(&code).await;
        page.is(200).says("plan.pdf").says("en cours de vérification");
        assert_eq!(link(&page, "plan.pdf"), None, "nothing is read before it is checked");
        hall.work();
        let page = citizen.get("/suivi").await;
        page.says("Documents joints par la mairie");
        assert_eq!(page.body.matches("plan.pdf").count(), 1, "once, with its message");
        let (messages, found) = (page.between("id=\"messages\"", "</ol>"), link(&page, "plan.pdf").unwrap());
        assert!(messages.contains("plan.pdf") && messages.contains("photo.pdf"), "{messages}");
        assert_eq!(citizen.get(&found).await.is(200).bytes, PDF);
        let mail = hall.mails().await.into_iter().find(|mail| mail.text.contains("Un message vous attend"));
        let mail = mail.unwrap();
        assert!(mail.text.contains("avec 2\u{a0}documents joints"), "{}", mail.text);
        assert!(mail.text.contains("/suivi") && !mail.text.contains("plan.pdf"), "{}", mail.text);
        // The agent sees the same, and may join what the case has to another message.
        let case = agent.get(&base).await;
        case.says("Documents joints par la mairie").says("Document joint par la mairie");
        let plan: Uuid = hall.value("SELECT id FROM document WHERE name = $1", "plan.pdf").await;
        let again = [("message", "Le plan, encore une fois."), ("message-own", &plan.to_string())];
        agent.send(&send, &again, &[]).await.is(303);
        assert_eq!(citizen.get("/suivi").await.body.matches("plan.pdf").count(), 2);
        // No document of another case, nor one that there is not.
        let (elsewhere, _) = hall.deposit("autre@example.org").await;
        let other = followed(hall, &agent, &elsewhere).await;
        let told = agent.send(&format!("{other}/message"), &again, &[]).await;
        told.is(422).explains("message-files", "n’est plus là").says(">Le plan, encore une fois.</textarea>");
        let stranger = hall.browser();
        stranger.get(&found).await.leads_to("/suivi");
    });
}

#[test]
fn nothing_that_was_chosen_or_typed_is_lost_on_an_error() {
    journey(Gate::Open, async |hall| {
        let agent = agent(hall).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        let send = format!("{base}/message");
        let both =
            [("message-files", "plan.pdf", PDF), ("message-files", "plan.exe", b"MZ\x90\x00".as_slice())];
        let told = agent.send(&send, &[WORDS], &both).await;
        told.is(422)
            .explains("message-files", "plan.exe\u{a0}: Ce type de fichier n’est pas accepté.")
            .says(&format!(">{}</textarea>", WORDS.1));
        let plan = kept(&told, "message-kept");
        // Its requester sees nothing of what waits.
        let citizen = hall.browser();
        citizen.follow(&code).await.is_silent_about("plan.pdf");
        let case = hall.case(&reference).await;
        let waits: i64 = hall.value("SELECT COUNT(*) FROM document WHERE owner_kind = $1", "enclosing").await;
        assert_eq!(waits, 1, "{case}");
        // Without words, the file is asked for no second time.
        let told = agent.send(&send, &[("message", " "), ("message-kept", &plan)], &[]).await;
        told.is(422).explains("message", "Écrivez un message.");
        assert_eq!(kept(&told, "message-kept"), plan);
        agent.send(&send, &[WORDS, ("message-kept", &plan)], &[]).await.is(303);
        citizen.get("/suivi").await.says("plan.pdf");
        // What was unticked does not leave, and is forgotten in time.
        let told = agent.send(&send, &[("message", " ")], &[("message-files", "brouillon.pdf", PDF)]).await;
        told.is(422).says("brouillon.pdf");
        agent.send(&send, &[("message", "Sans rien.")], &[]).await.is(303);
        citizen.get("/suivi").await.says("Sans rien.").is_silent_about("brouillon.pdf");
    });
}

#[test]
fn a_condemned_file_never_reaches_the_requester_and_the_agent_is_told() {
    journey(Gate::Guarded, async |hall| {
        let agent = agent(hall).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        let send = format!("{base}/message");
        agent.send(&send, &[WORDS], &[("message-files", "virus.pdf", VIRUS)]).await.is(303);
        hall.work();
        agent.get(&base).await.says("Un virus a été trouvé dans «\u{a0}virus.pdf\u{a0}»");
        let citizen = hall.browser();
        let page = citizen.follow(&code).await;
        page.says("retiré\u{a0}: un virus y a été trouvé").is_silent_about("Fichier refusé");
        assert_eq!(link(&page, "virus.pdf"), None);
        let id: Uuid = hall.value("SELECT id FROM document WHERE name = $1", "virus.pdf").await;
        citizen.get(&format!("/suivi/documents/{id}")).await.is(404);
        let told = hall.mails().await.into_iter().filter(|mail| mail.text.contains("virus.pdf")).count();
        assert_eq!(told, 0, "it is not the requester's file");
        // Known by now, it is refused before it leaves.
        let again = agent.send(&send, &[WORDS], &[("message-files", "encore.pdf", VIRUS)]).await;
        again.is(422).explains("message-files", "Un virus a été trouvé dans encore.pdf");
        again.says(&format!(">{}</textarea>", WORDS.1));
        assert!(!again.body.contains("value=\"message-kept\""));
    });
}

#[test]
fn files_are_part_of_what_a_decision_notifies() {
    journey(Gate::Guarded, async |hall| {
        let agent = agent(hall).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        hall.work();
        let proof = format!("{base}/decision/projet");
        let files = [("decision-files", "plan.pdf", PDF)];
        // Something is missing: the file waits with what was typed.
        let told = agent.send(&proof, &[GRANTED[1]], &files).await;
        told.is(422).explains("outcome", "Choisissez une décision.");
        let plan = kept(&told, "decision-kept");
        let whole = [&GRANTED[..], &[("decision-kept", plan.as_str())]].concat();
        let shown = agent.send(&proof, &whole, &[]).await;
        shown.is(200).says("Documents notifiés avec la décision").says("plan.pdf");
        shown.says(&format!("name=\"decision-kept\" value=\"{plan}\""));
        let draft = agent.post(&format!("{proof}.pdf"), &whole).await;
        let words = text_of(&draft.is(200).bytes);
        assert!(words.contains("Pièce jointe") && words.contains("plan.pdf"), "{words}");
        let back = agent.post(&format!("{base}/decision/reprendre"), &whole).await;
        assert_eq!(kept(back.is(200), "decision-kept"), plan);
        hall.browser().follow(&code).await.is_silent_about("plan.pdf");
        hall.work();
        agent.post(&format!("{base}/decision"), &whole).await.leads_to(&format!("{base}?fait=decision"));
        hall.work();
        let id: Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "decision").await;
        let paper = agent.get(&format!("{base}/documents/{id}")).await;
        let words = text_of(&paper.is(200).bytes);
        assert!(words.contains("Pièce jointe") && words.contains("plan.pdf"), "{words}");
        agent.get(&base).await.says("plan.pdf");
        let citizen = hall.browser();
        let page = citizen.follow(&code).await;
        let decision = page.between("id=\"decision\"", "</section>");
        assert!(decision.contains("plan.pdf"), "{decision}");
        citizen.get(&link(&page, "plan.pdf").unwrap()).await.is(200);
        let mail =
            hall.mails().await.into_iter().find(|mail| mail.text.contains("pris une décision")).unwrap();
        assert!(mail.text.contains("avec un document joint"), "{}", mail.text);
    });
}

#[test]
fn a_decision_names_nothing_that_has_a_virus() {
    journey(Gate::Guarded, async |hall| {
        let agent = agent(hall).await;
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let base = followed(hall, &agent, &reference).await;
        // It is confirmed before the gate has spoken.
        let proof = format!("{base}/decision/projet");
        let shown = agent.send(&proof, &GRANTED, &[("decision-files", "virus.pdf", VIRUS)]).await;
        let file = shown.is(200).between("name=\"decision-kept\" value=\"", "\"");
        let whole = [&GRANTED[..], &[("decision-kept", file.as_str())]].concat();
        agent.post(&format!("{base}/decision"), &whole).await.is(303);
        hall.work();
        // The paper waits for the gate, whichever comes first.
        hall.fixture.clock.advance(TimeDelta::minutes(1));
        hall.work();
        let id: Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "decision").await;
        let paper = agent.get(&format!("{base}/documents/{id}")).await;
        let words = text_of(&paper.is(200).bytes);
        assert!(!words.contains("virus.pdf") && !words.contains("jointe"), "{words}");
        agent.get(&base).await.says("Un virus a été trouvé dans «\u{a0}virus.pdf\u{a0}»");
        assert_eq!(link(&hall.browser().follow(&code).await, "virus.pdf"), None);
    });
}

#[test]
fn on_paper_the_letters_tell_what_goes_in_the_same_envelope() {
    journey(Gate::Open, async |hall| {
        let agent = agent(hall).await;
        // Who has no address for mail came to the counter.
        agent.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await.is(303);
        let reference: String = hall.value("SELECT reference FROM cases WHERE channel = $1", "counter").await;
        let base = followed(hall, &agent, &reference).await;
        let file = [("message-files", "plan.pdf", PDF)];
        agent.send(&format!("{base}/message"), &[WORDS], &file).await.is(303);
        hall.work();
        let list = agent.get("/agents/courrier").await;
        list.says("À mettre dans la même enveloppe");
        let found = link(&list, "plan.pdf").unwrap();
        agent.get(&found).await.is(200);
        let letter: Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "letter").await;
        let paper = agent.get(&format!("{base}/documents/{letter}")).await;
        let words = text_of(&paper.is(200).bytes);
        assert!(words.contains("Pièce jointe") && words.contains("plan.pdf"), "{words}");
        // What is broken is named on the first sheet; what can be read stands behind its letter.
        let batch = text_of(&agent.get("/agents/courrier/lot.pdf").await.is(200).bytes);
        assert!(batch.contains("Documents à imprimer à part"), "{batch}");
        let named = batch.matches("plan.pdf").count();
        let annex = [("message-files", "annexe.pdf", paper.bytes.as_slice())];
        agent.send(&format!("{base}/message"), &[("message", "Voici l’annexe.")], &annex).await.is(303);
        hall.work();
        let batch = text_of(&agent.get("/agents/courrier/lot.pdf").await.is(200).bytes);
        assert_eq!(batch.matches("plan.pdf").count(), named + 1, "the annex tells of the plan: {batch}");
    });
}

#[test]
fn who_owns_the_request_takes_along_what_was_joined_and_it_goes_with_the_case() {
    journey(Gate::Open, async |hall| {
        let agent = agent(hall).await;
        let (account, _) = hall.signed_in("gaspard@example.org", None).await;
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.execute("UPDATE desk_reach SET account = $1", &account).await;
        let base = followed(hall, &agent, &reference).await;
        let file = [("message-files", "plan.pdf", PDF)];
        agent.send(&format!("{base}/message"), &[WORDS], &file).await.is(303);
        let told = hall.told(account).await;
        assert!(told.files.iter().any(|file| file.path == format!("demandes/{reference}/plan.pdf")));
        let case = told.entries.iter().find(|entry| entry.title.contains(&reference)).unwrap();
        assert_eq!(case.data["messages"][0]["documents"], serde_json::json!(["plan.pdf"]));
        // Where its time is over, nothing is left of it.
        hall.execute("UPDATE cases SET state = 'decided', is_open = FALSE WHERE reference = $1", &reference)
            .await;
        hall.execute(
            "INSERT INTO desk_retention (case_id, due_on, disposal) SELECT id, '2020-01-01', 'erase' \
             FROM cases WHERE reference = $1 ON CONFLICT (case_id) DO UPDATE SET due_on = excluded.due_on, \
             disposal = excluded.disposal",
            &reference,
        )
        .await;
        let commune = std::sync::Arc::clone(&hall.fixture.commune);
        let erased = tokio::task::spawn_blocking(move || beffroi_desk::retention::sweep(&commune)).await;
        assert_eq!(erased.unwrap().unwrap(), 1);
        for left in ["SELECT COUNT(*) FROM desk_enclosure", "SELECT COUNT(*) FROM document"] {
            assert_eq!(hall.value::<i64>(left, "").await, 0, "{left}");
        }
    });
}

//! What silence decides, as the requester and the agent see it (CRPA, art. L231-1, L231-4, L232-3 and L232-4).

use beffroi_documents::Gate;
use beffroi_people::Role;
use beffroi_store::{By, Tx};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    acknowledgement::text_of,
    browser::{Hall, journey},
    figures::code_in,
    limits::{RNA, bar},
};

/// So many days without an answer, and what the town then does by itself.
fn silence_lasts(hall: &Hall<'_>, days: i64) -> i64 {
    let count = || {
        let read = |tx: &mut Tx<'_>| {
            tx.query_one("SELECT COUNT(*) FROM implied_decision", &[], |row| row.get::<i64>(0))
        };
        hall.fixture.commune.read_blocking(By::SYSTEM, read).unwrap()
    };
    tokio::task::block_in_place(|| {
        let before = count();
        hall.fixture.clock.advance(TimeDelta::days(days));
        hall.hour().unwrap();
        hall.work();
        count() - before
    })
}

fn with_mail(mut answers: Value) -> Value {
    if let Some(answers) = answers.as_object_mut() {
        answers.insert("courriel".to_owned(), json!("karim@example.org"));
    }
    answers
}

#[test]
fn a_permit_that_nobody_answered_is_granted_on_its_day_and_certified() {
    journey(Gate::Open, async |hall| {
        let procedure = "debit-de-boissons-temporaire";
        let answers = with_mail(bar(RNA, "2026-09-20", "manifestation"));
        let (reference, code) = hall.deposit_for(procedure, &answers).await;
        assert_eq!(silence_lasts(hall, 61), 0);
        let requester = hall.browser();
        let page = requester.follow(&code).await;
        page.says("Comment ces dates sont calculées").is_silent_about("attestation.pdf");
        requester.get("/suivi/attestation.pdf").await.is(404);

        assert_eq!(silence_lasts(hall, 1), 1, "received on 3 June: granted on 4 August");
        assert_eq!(silence_lasts(hall, 1), 0, "once");
        assert_eq!(hall.state(&reference).await, "decided");
        let page = requester.follow(&code).await;
        page.says("Votre demande est acceptée")
            .says("acceptée depuis le 4 août 2026")
            .says("/suivi/attestation.pdf")
            .says("href=\"/suivi/avis\"");
        page.is_silent_about("Demander les motifs");
        assert!(requester.get("/suivi/attestation.pdf").await.is(200).bytes.starts_with(b"%PDF-"));
        let certified = text_of(&requester.get("/suivi/attestation.pdf").await.is(200).bytes);
        assert!(certified.replace('\n', " ").contains("de Karim Galtier"), "{certified}");
        let given: i64 =
            hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "case.certificate_given").await;
        assert_eq!(given, 1, "the first time is kept");
        let told = hall
            .mails()
            .await
            .into_iter()
            .find(|mail| mail.subject.contains("le délai") || mail.subject.starts_with("Le délai de réponse"))
            .unwrap();
        assert!(told.text.contains("acceptée depuis le 4 août 2026"), "{}", told.text);
        // It is a decision as any other: how it went is asked.
        let link = told.text.split("https://lunel.example").find(|part| part.starts_with("/avis/")).unwrap();
        let link = link.split_whitespace().next().unwrap();
        hall.browser().get(link).await.is(200).says("Êtes-vous satisfait");
        // Nobody else is given it, and nobody decides it again.
        hall.browser().get("/suivi/attestation.pdf").await.is(303);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.get(&base).await.says("vaut acceptation depuis le 4 août 2026");
        let refusal = [("outcome", "refused"), ("reasons", "Trop de bruit.")];
        agent.post(&format!("{base}/decision"), &refusal).await.is(409).says("Trop de bruit.");
        // It counts among the five of the year.
        for day in 10..14 {
            let answers = with_mail(bar(RNA, &format!("2026-10-{day}"), "manifestation"));
            hall.deposit_for(procedure, &answers).await;
        }
        hall.execute("UPDATE cases SET state = 'archived' WHERE reference = $1", &reference).await;
        let sixth = with_mail(bar(RNA, "2026-11-01", "manifestation"));
        hall.refused_for(procedure, &sixth).await.says("déjà 5 autorisations");
    });
}

#[test]
fn an_implied_refusal_is_told_explained_on_request_and_may_still_be_decided() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let requester = hall.browser();
        requester.follow(&code).await.is_silent_about("Demander les motifs");
        requester.post("/suivi/motifs", &[]).await.is(409).says("Les motifs ne peuvent pas être demandés");
        assert_eq!(silence_lasts(hall, 62), 1);
        let page = requester.follow(&code).await;
        page.says("considérée comme refusée depuis le 4 août 2026").says("Jusqu’au 4 octobre 2026");
        page.says("Demander les motifs du refus").is_silent_about("/suivi/avis");
        assert_ne!(hall.state(&reference).await, "decided", "the town still owes an answer");

        let place = Some(("domaine-public", Role::Agent));
        let (_, agent) = hall.signed_in("agent@lunel.example", place).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let motives = format!("{base}/motifs");
        agent.get(&base).await.says("vaut refus depuis le 4 août 2026").is_silent_about("Motifs demandés");
        let unasked = agent.post(&motives, &[("motifs", "La rue est étroite.")]).await;
        unasked.is(422).says("Personne n’attend de motifs").says("La rue est étroite.");

        requester.post("/suivi/motifs", &[]).await.leads_to("/suivi?fait=motifs");
        requester
            .follow(&code)
            .await
            .says("au plus tard le 4 septembre 2026")
            .is_silent_about("Demander les motifs");
        agent.get(&base).await.says("à communiquer au plus tard le 4 septembre 2026");
        agent.post(&motives, &[]).await.is(422).explains("motifs", "Donnez les motifs de la décision.");
        agent
            .post(&motives, &[("motifs", "La rue est étroite.")])
            .await
            .leads_to(&format!("{base}?fait=motifs"));
        let page = requester.follow(&code).await;
        page.says("Les motifs vous ont été communiqués le 4 août 2026").says("La rue est étroite.");

        agent.post(&format!("{base}/prendre"), &[]).await;
        let granted = [("outcome", "granted"), ("reasons", "Le lieu convient.")];
        agent.post(&format!("{base}/decision"), &granted).await.leads_to(&format!("{base}?fait=decision"));
        let page = requester.follow(&code).await;
        page.says("Le lieu convient.").is_silent_about("considérée comme refusée depuis");
        // Nobody was asked how it went while the town owed them an answer; they are, with the answer.
        let asked = async || hall.mails().await.iter().filter(|mail| mail.text.contains("/avis/")).count();
        assert_eq!(asked().await, 0);
        hall.work();
        assert_eq!(asked().await, 1);
    });
}

#[test]
fn the_letter_that_tells_what_silence_has_granted_asks_how_it_went() {
    journey(Gate::Open, async |hall| {
        let answers = with_mail(bar(RNA, "2026-09-20", "manifestation"));
        let (reference, _) = hall.deposit_for("debit-de-boissons-temporaire", &answers).await;
        // Who has no e-mail address, and wants paper.
        let lines = json!(["Karim Galtier", "1 place des Platanes", "34400 Lunel"]);
        let posted = "UPDATE desk_reach SET email = '', by_letter = TRUE, letter_lines = $1";
        hall.execute(posted, &lines).await;
        assert_eq!(silence_lasts(hall, 62), 1);
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let id: uuid::Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "letter").await;
        let words = text_of(&agent.get(&format!("{base}/documents/{id}")).await.is(200).bytes);
        assert!(words.contains("lunel.example/avis"), "{words}");
        let code = code_in(&words).unwrap();
        hall.browser().post("/avis", &[("code", code)]).await.leads_to(&format!("/avis/{code}"));
    });
}

#[test]
fn who_wants_paper_reads_of_the_silence_in_a_letter() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("samira@lunel.example", Some(("etat-civil", Role::Agent))).await;
        let entered = crate::counter::entered(crate::counter::KEY, "counter", crate::counter::TODAY);
        assert_eq!(agent.send(crate::counter::COUNTER, &entered, &[]).await.status, 303);
        hall.work();
        let letters: i64 = hall.value("SELECT COUNT(*) FROM letter", "").await;
        assert_eq!(silence_lasts(hall, 62), 1);
        let more: i64 = hall.value("SELECT COUNT(*) FROM letter", "").await;
        assert_eq!(more, letters + 1);
        let asked: i64 = hall.value("SELECT COUNT(*) FROM opinion_invitation", "").await;
        assert_eq!(asked, 0, "the town still owes its answer");
    });
}

#[test]
fn those_who_can_still_answer_are_warned_ten_days_before_and_two_once_each() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let agent = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await.1;
        hall.signed_in("cheffe@lunel.example", Some(("domaine-public", Role::HeadOfDepartment))).await;
        hall.signed_in("ailleurs@lunel.example", Some(("etat-civil", Role::HeadOfDepartment))).await;
        agent.post(&format!("/agents/dossiers/{}/prendre", hall.case(&reference).await), &[]).await;
        let warned = async || {
            let mails = hall.mails().await.into_iter();
            let mut told: Vec<_> = mails
                .filter(|mail| mail.subject.contains("terme de son délai"))
                .map(|mail| (mail.to, mail.text))
                .collect();
            told.sort();
            told
        };
        // Received on 3 June, refused by silence on 4 August.
        silence_lasts(hall, 51);
        assert!(warned().await.is_empty(), "eleven days before");
        silence_lasts(hall, 1);
        let told = warned().await;
        let readers: Vec<_> = told.iter().map(|(to, _)| to.as_str()).collect();
        assert_eq!(readers, ["agent@lunel.example", "cheffe@lunel.example"]);
        let words = &told[0].1;
        assert!(words.contains(&format!("{reference}, Occupation du domaine public")), "{words}");
        assert!(words.contains("refusée par le silence le 4 août 2026 (dans 10\u{a0}jours)"), "{words}");
        assert!(words.contains("https://lunel.example/agents/dossiers/"), "{words}");
        silence_lasts(hall, 0);
        silence_lasts(hall, 7);
        assert_eq!(warned().await.len(), 2, "three days before: nothing more");
        silence_lasts(hall, 2);
        assert_eq!(warned().await.len(), 4, "the day before, for want of a round two days before");
        silence_lasts(hall, 0);
        assert_eq!(warned().await.len(), 4);
    });
}

#[test]
fn who_is_warned_late_is_warned_once_and_not_of_what_is_decided() {
    journey(Gate::Open, async |hall| {
        hall.deposit("gaspard@example.org").await;
        let (reference, _) = hall.deposit("augustine@example.org").await;
        let head =
            hall.signed_in("cheffe@lunel.example", Some(("domaine-public", Role::HeadOfDepartment))).await.1;
        let decision = format!("/agents/dossiers/{}/decision", hall.case(&reference).await);
        let granted = [("outcome", "granted"), ("reasons", "Le lieu convient.")];
        head.post(&decision, &granted).await;
        silence_lasts(hall, 61);
        let mails = hall.mails().await;
        let told: Vec<_> = mails.iter().filter(|mail| mail.to == "cheffe@lunel.example").collect();
        assert_eq!(told.len(), 1);
        assert!(told[0].text.contains("(demain)"), "{}", told[0].text);
        assert!(!told[0].text.contains(&reference), "{}", told[0].text);
    });
}

#[test]
fn where_an_appeal_must_come_before_the_court_no_other_is_told() {
    journey(Gate::Open, async |hall| {
        let file = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../catalogue/trials/acces-documents-administratifs.json"
        );
        let recorded: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let (_, code) = hall.deposit_for("acces-documents-administratifs", &recorded["right"]).await;
        let requester = hall.browser();
        let page = requester.follow(&code).await;
        page.says("Avant de saisir le tribunal, vous devez saisir la Commission")
            .is_silent_about("recours gracieux");
        page.says("Dans les deux mois qui suivent ce refus, vous pourrez nous demander les motifs");
        silence_lasts(hall, 31);
        let page = requester.follow(&code).await;
        page.says("considérée comme refusée depuis le 4 juillet 2026").is_silent_about("recours gracieux");
        page.says("Jusqu’au 4 septembre 2026, vous pouvez aussi nous demander les motifs");
        // Once that time is over, nobody is told to ask.
        hall.fixture.clock.advance(TimeDelta::days(63));
        requester.follow(&code).await.is_silent_about("Jusqu’au 4 septembre 2026");
    });
}

#[test]
fn who_asks_by_letter_or_at_the_counter_is_given_the_same() {
    journey(Gate::Open, async |hall| {
        let answers = with_mail(bar(RNA, "2026-09-20", "manifestation"));
        let (granted, _) = hall.deposit_for("debit-de-boissons-temporaire", &answers).await;
        let (refused, code) = hall.deposit("gaspard@example.org").await;
        let (_, early) = hall.signed_in("tot@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&granted).await);
        let certificate = format!("{base}/attestation.pdf");
        early.get(&certificate).await.is(404);
        // Received on 3 June: decided by silence on 4 August.
        assert_eq!(silence_lasts(hall, 70), 2);
        let (_, bars) = hall.signed_in("bars@lunel.example", Some(("vie-associative", Role::Agent))).await;
        let (_, streets) = hall.signed_in("rues@lunel.example", Some(("domaine-public", Role::Agent))).await;
        bars.get(&base).await.says("Attestation d’acceptation implicite").says(&certificate);
        assert!(bars.get(&certificate).await.is(200).bytes.starts_with(b"%PDF-"));
        streets.get(&certificate).await.is(404);
        let given: i64 =
            hall.value("SELECT COUNT(*) FROM journal WHERE kind = $1", "case.certificate_given").await;
        assert_eq!(given, 1);

        let base = format!("/agents/dossiers/{}", hall.case(&refused).await);
        let note = format!("{base}/motifs-demandes");
        streets.get(&base).await.says("Noter la demande de motifs").is_silent_about("attestation.pdf");
        let on = |day: &'static str, month: &'static str| {
            [("demandes-day", day), ("demandes-month", month), ("demandes-year", "2026")]
        };
        streets.post(&note, &on("13", "8")).await.is(422).explains("demandes", "Donnez un jour passé");
        let before = streets.post(&note, &on("3", "8")).await;
        before.is(422).explains("demandes", "ne peuvent pas être demandés ce jour-là");
        // The letter came on 6 August: a month from then.
        streets.post(&note, &on("6", "8")).await.leads_to(&format!("{base}?fait=motifs-demandes"));
        streets.get(&base).await.says("au plus tard le 6 septembre 2026").is_silent_about("Noter la demande");
        hall.browser().follow(&code).await.says("au plus tard le 6 septembre 2026");
        bars.post(&note, &on("6", "8")).await.is(404);
    });
}

#[test]
fn who_has_letters_alone_is_told_of_each_silence() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.work();
        let lines = json!(["Gaspard Peyron", "3 rue Haute", "34400 Lunel"]);
        hall.execute("UPDATE desk_reach SET letter_lines = $1", &lines).await;
        hall.execute("UPDATE desk_reach SET email = '', by_letter = $1", &true).await;
        let letters =
            async || hall.value::<i64>("SELECT COUNT(*) FROM document WHERE purpose = $1", "letter").await;
        let before = letters().await;
        assert_eq!(silence_lasts(hall, 62), 1);
        assert_eq!(letters().await, before + 1);
        // The town refuses in words, withdraws that, and owes an answer once more; which it does not give.
        let (_, agent) = hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await.is(303);
        let refusal = [("outcome", "refused"), ("reasons", "Le passage est trop étroit.")];
        agent.post(&format!("{base}/decision"), &refusal).await.is(303);
        hall.work();
        let act = [("regle", "withdrawn-unlawful"), ("motifs", "La largeur avait été mal mesurée.")];
        agent.post(&format!("{base}/retrait"), &act).await.is(303);
        hall.work();
        let before = letters().await;
        assert_eq!(silence_lasts(hall, 70), 1);
        assert_eq!(letters().await, before + 1, "they are told of the second silence too");
        assert_eq!(silence_lasts(hall, 1), 0);
        assert_eq!(letters().await, before + 1, "once");
    });
}

#[test]
fn reasons_are_recalled_before_their_month_is_over() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        hall.signed_in("cheffe@lunel.example", Some(("domaine-public", Role::HeadOfDepartment))).await;
        silence_lasts(hall, 62);
        let requester = hall.browser();
        requester.follow(&code).await;
        requester.post("/suivi/motifs", &[]).await.leads_to("/suivi?fait=motifs");
        let told = async || {
            let mails = hall.mails().await.into_iter();
            mails.filter(|mail| mail.subject.contains("motifs d’un refus")).collect::<Vec<_>>()
        };
        // Asked on 4 August: due on 4 September.
        silence_lasts(hall, 20);
        assert!(told().await.is_empty());
        silence_lasts(hall, 1);
        silence_lasts(hall, 0);
        let once = told().await;
        assert_eq!(once.len(), 1, "ten days before");
        assert_eq!(once[0].to, "cheffe@lunel.example");
        assert!(once[0].text.contains(&format!("{reference}, Occupation du domaine public")));
        assert!(
            once[0].text.contains("au plus tard le 4 septembre 2026 (dans 10\u{a0}jours)"),
            "{}",
            once[0].text
        );
        silence_lasts(hall, 8);
        assert_eq!(told().await.len(), 2, "two days before");
        silence_lasts(hall, 1);
        assert_eq!(told().await.len(), 2);
    });
}

/// To whom a warning was sent.
async fn warned(hall: &Hall<'_>) -> Vec<String> {
    let mails = hall.mails().await.into_iter();
    let mut told: Vec<_> =
        mails.filter(|mail| mail.subject.contains("terme de")).map(|mail| mail.to).collect();
    told.sort();
    told
}

#[test]
fn a_warning_reaches_somebody_whoever_is_there() {
    journey(Gate::Open, async |hall| {
        // Nobody at all: the department's own address.
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        silence_lasts(hall, 52);
        assert_eq!(warned(hall).await, ["service@lunel.example"]);
        // No head, nobody who follows it: those who handle its cases, and those of the department that acts.
        hall.signed_in("rues@lunel.example", Some(("domaine-public", Role::Agent))).await;
        hall.signed_in("ville@lunel.example", Some(("accueil", Role::Agent))).await;
        hall.execute("UPDATE cases SET acting = 'accueil' WHERE reference = $1", &reference).await;
        silence_lasts(hall, 8);
        let told = warned(hall).await;
        assert_eq!(told, ["rues@lunel.example", "service@lunel.example", "ville@lunel.example"]);
    });
}

#[test]
fn the_department_that_acts_is_warned_too() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.signed_in("rues@lunel.example", Some(("domaine-public", Role::HeadOfDepartment))).await;
        hall.signed_in("ville@lunel.example", Some(("accueil", Role::HeadOfDepartment))).await;
        hall.signed_in("agent@lunel.example", Some(("accueil", Role::Agent))).await;
        hall.execute("UPDATE cases SET acting = 'accueil' WHERE reference = $1", &reference).await;
        silence_lasts(hall, 52);
        assert_eq!(warned(hall).await, ["rues@lunel.example", "ville@lunel.example"]);
    });
}

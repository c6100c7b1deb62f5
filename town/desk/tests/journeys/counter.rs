//! Entering a request for somebody: the receipt is printed with its code at once, and a letter counts from the day
//! on which it came.

use beffroi_desk::procedure;
use beffroi_documents::Gate;
use beffroi_forms::Procedure;
use beffroi_people::Role;
use beffroi_store::By;

use crate::{
    browser::{Browser, Hall, PDF, journey},
    support::catalogued,
};

pub const COUNTER: &str = "/agents/guichet/occupation-domaine-public";
pub const KEY: &str = "0123456789abcdef0123456789abcdef";

const REMOVAL: [(&str, &str); 20] = [
    ("objet", "demenagement"),
    ("circulation", "false"),
    ("lieu", "3 rue Haute, 34400 Lunel"),
    ("surface", "20"),
    ("debut-day", "20"),
    ("debut-month", "7"),
    ("debut-year", "2026"),
    ("fin-day", "20"),
    ("fin-month", "7"),
    ("fin-year", "2026"),
    ("heure_debut", "08:00"),
    ("heure_fin", "12:00"),
    ("statut", "particulier"),
    ("demandeur-family_name", "Galtier"),
    ("demandeur-given_names", "Augustine"),
    ("adresse", "7 impasse des Cigales, 34400 Lunel"),
    ("courriel", ""),
    ("telephone", "0465711234"),
    ("engagement", "true"),
    ("remarques", "Par lettre."),
];

/// What the page sends: the door, and the day of receipt.
pub fn entered<'f>(key: &'f str, door: &'f str, [day, month, year]: [&'f str; 3]) -> Vec<(&'f str, &'f str)> {
    let mut fields = vec![("idempotency_key", key), ("door", door)];
    fields.extend([("recue-day", day), ("recue-month", month), ("recue-year", year)]);
    fields.extend(REMOVAL);
    fields
}

/// An agent of the civil status, who takes in requests for every department.
async fn agent<'h>(hall: &'h Hall<'h>, email: &str) -> Browser<'h> {
    hall.signed_in(email, Some(("etat-civil", Role::Agent))).await.1
}

pub const TODAY: [&str; 3] = ["3", "6", "2026"];

#[test]
fn a_letter_counts_from_the_day_on_which_it_came() {
    journey(Gate::Open, async |hall| {
        let agent = agent(hall, "samira@lunel.example").await;
        agent.get(COUNTER).await.says("name=\"recue-day\" type=\"text\" inputmode=\"numeric\" value=\"3\"");
        for (door, day, message) in [
            ("paper", ["4", "6", "2026"], "Cette date n’est pas encore venue."),
            ("paper", ["1", "2", "2026"], "Cette date a plus de 60\u{a0}jours"),
            ("email", ["31", "4", "2026"], "Donnez une date qui existe."),
            ("email", ["", "", ""], "Donnez le jour d’arrivée de la lettre ou du message."),
            ("counter", ["2", "6", "2026"], "la demande est reçue le jour même"),
        ] {
            let told = agent.send(COUNTER, &entered(KEY, door, day), &[]).await;
            told.is(422).explains("recue", message).says(">Par lettre.</textarea>");
            told.says(&format!(
                "name=\"recue-month\" type=\"text\" inputmode=\"numeric\" value=\"{}\"",
                day[1]
            ));
        }
        let none: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!(none, 0);

        let sent = agent.send(COUNTER, &entered(KEY, "paper", ["20", "5", "2026"]), &[]).await;
        agent.get(&sent.location).await.is(200).says("20 mai 2026").says("21 juillet 2026");
        let deemed: String =
            hall.value("SELECT CAST(deemed_on AS TEXT) FROM cases WHERE channel = $1", "paper").await;
        assert_eq!(deemed, "2026-07-21", "two months and a day after its receipt");
    });
}

#[test]
fn the_receipt_has_its_code_and_its_paper_at_once() {
    journey(Gate::Open, async |hall| {
        let typist = agent(hall, "samira@lunel.example").await;
        let sent = typist.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let receipt = typist.get(&sent.location).await;
        let code = receipt.is(200).between("<p class=\"code\">", "</p>");
        assert!(!sent.location.contains(&code), "a code is never in an address");
        receipt.says("https://lunel.example/suivi").says("Ce reçu part aussi par courrier.");
        receipt.is_silent_about("Ouvrir le dossier");
        hall.browser().follow(&code).await.is(200).says("Galtier");
        // The paper is there before the background has laid it out, and after.
        let pdf = format!("{}/accuse-de-reception.pdf", sent.location);
        assert!(typist.get(&pdf).await.is(200).bytes.starts_with(b"%PDF-"));
        hall.work();
        assert!(typist.get(&pdf).await.is(200).bytes.starts_with(b"%PDF-"));
        // The same click again makes no other case, and tells the same code.
        let again = typist.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await;
        again.leads_to(&sent.location);
        typist.get(&sent.location).await.says(&code);

        // The next person's receipt bears their code; the one before shows none any more.
        let next = "fedcba9876543210fedcba9876543210";
        let other = typist.send(COUNTER, &entered(next, "phone", TODAY), &[]).await;
        let other_code = typist.get(&other.location).await.between("<p class=\"code\">", "</p>");
        assert_ne!(code, other_code);
        typist.get(&sent.location).await.is(200).is_silent_about(&code).is_silent_about(&other_code);

        // Nobody else prints it.
        let colleague = agent(hall, "autre@lunel.example").await;
        colleague.get(&sent.location).await.is(404);
        colleague.get(&pdf).await.is(404);
    });
}

#[test]
fn an_entry_with_a_file_is_one_case_however_often_it_is_sent() {
    journey(Gate::Open, async |hall| {
        let typist = agent(hall, "samira@lunel.example").await;
        let file = [("plan", "plan.pdf", PDF)];
        let sent = typist.send(COUNTER, &entered(KEY, "counter", TODAY), &file).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        let code = typist.get(&sent.location).await.between("<p class=\"code\">", "</p>");
        let again = typist.send(COUNTER, &entered(KEY, "counter", TODAY), &file).await;
        again.leads_to(&sent.location);
        typist.get(&sent.location).await.says(&code);
        let cases: i64 = hall.value("SELECT COUNT(*) FROM cases", "").await;
        assert_eq!(cases, 1);
    });
}

#[test]
fn who_can_be_reached_by_no_way_gets_the_receipt_in_the_hand() {
    journey(Gate::Open, async |hall| {
        let typist = agent(hall, "samira@lunel.example").await;
        let sent = typist.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await;
        hall.execute("UPDATE desk_reach SET letter_lines = $1", &serde_json::json!(["Augustine Galtier"]))
            .await;
        let receipt = typist.get(&sent.location).await;
        receipt.says("remettez-lui ce reçu maintenant").is_silent_about("part aussi par courrier");
        hall.execute("UPDATE desk_reach SET email = $1", &"augustine@example.org".to_owned()).await;
        let receipt = typist.get(&sent.location).await;
        receipt.says("<strong>augustine@example.org</strong>").is_silent_about("remettez-lui");
    });
}

#[test]
fn after_the_day_of_its_entry_a_receipt_is_for_who_reads_the_cases_of_its_department() {
    journey(Gate::Open, async |hall| {
        let typist = agent(hall, "samira@lunel.example").await;
        let (_, own) = hall.signed_in("tom@lunel.example", Some(("domaine-public", Role::Agent))).await;
        let other = "fedcba9876543210fedcba9876543210";
        // A letter that had waited: what counts is the day on which it was typed.
        let sent = typist.send(COUNTER, &entered(KEY, "paper", ["20", "5", "2026"]), &[]).await.location;
        let read = own.send(COUNTER, &entered(other, "counter", TODAY), &[]).await.location;
        let consulted = async || -> i64 {
            hall.value("SELECT COUNT(*) FROM journal WHERE kind = 'case.consulted'", "").await
        };
        for (who, receipt) in [(&typist, &sent), (&own, &read)] {
            who.get(receipt).await.is(200);
            who.get(&format!("{receipt}/accuse-de-reception.pdf")).await.is(200);
        }
        assert_eq!(consulted().await, 2, "once an hour for each case");
        let yesterday = hall.fixture.commune.now() - chrono::TimeDelta::days(1);
        hall.execute("UPDATE journal SET at = $1", &yesterday).await;
        typist.get(&sent).await.is(404);
        typist.get(&format!("{sent}/accuse-de-reception.pdf")).await.is(404);
        assert_eq!(consulted().await, 2);
        own.get(&read).await.is(200);
        assert_eq!(consulted().await, 3);
        own.get(&format!("{read}/accuse-de-reception.pdf")).await.is(200);
    });
}

/// The procedure with one question more: documents, each with a file.
async fn with_documents(hall: &Hall<'_>) {
    let text = catalogued("occupation-domaine-public").to_toml().unwrap();
    let more = r#"
[[form.page.field]]
id = "annexes"
kind = "group"
label = { fr = "Annexes", en = "Annexes" }
required = false
min_rows = 0

[[form.page.field.field]]
id = "fichier"
kind = "file"
label = { fr = "Fichier", en = "File" }
"#;
    let mut procedure = Procedure::from_toml(&format!("{text}{more}")).unwrap();
    procedure.version += 1;
    let published =
        hall.fixture.commune.write(By::SYSTEM, move |tx| procedure::publish(tx, &procedure)).await;
    published.unwrap();
}

#[test]
fn a_row_that_nobody_must_fill_in_can_be_taken_away_again() {
    journey(Gate::Open, async |hall| {
        with_documents(hall).await;
        let typist = agent(hall, "samira@lunel.example").await;
        let typed = entered(KEY, "counter", TODAY);
        typist.get(COUNTER).await.says("value=\"annexes\"").is_silent_about("name=\"remove_row\"");
        let more = [&typed[..], &[("add_row", "annexes")]].concat();
        typist.send(COUNTER, &more, &[]).await.is(200).says("name=\"remove_row\" value=\"annexes.0\"");
        let less = [&typed[..], &[("annexes.0.row", "1"), ("remove_row", "annexes.0")]].concat();
        typist.send(COUNTER, &less, &[]).await.is(200).is_silent_about("name=\"remove_row\"");
    });
}

#[test]
fn the_files_of_repeated_questions_stay_when_the_page_is_shown_again() {
    journey(Gate::Open, async |hall| {
        with_documents(hall).await;
        let typist = agent(hall, "samira@lunel.example").await;
        let rows = [("annexes.0.row", "1"), ("annexes.1.row", "1")];
        let typed = [&entered(KEY, "counter", TODAY)[..], &rows].concat();
        let files = [("annexes.0.fichier", "une.pdf", PDF), ("annexes.1.fichier", "autre.pdf", PDF)];
        let again = [&typed[..], &[("refresh", "1")]].concat();
        let told = typist.send(COUNTER, &again, &files).await;
        told.is(200).says("une.pdf").says("autre.pdf");
        let kept = [0, 1].map(|row| {
            told.between(&format!("<input type=\"hidden\" name=\"annexes.{row}.fichier\" value=\""), "\"")
        });
        let files = [("annexes.0.fichier", kept[0].as_str()), ("annexes.1.fichier", &kept[1])];
        typist.send(COUNTER, &[&typed[..], &files].concat(), &[]).await.is(303);
        let given: i64 = hall.value("SELECT COUNT(*) FROM document WHERE owner_kind = 'case'", "").await;
        assert_eq!(given, 2);
    });
}

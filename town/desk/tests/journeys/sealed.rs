//! What is very sensitive: no table and no file tells it, and those who may read it read it as any other case.

use std::path::{Path, PathBuf};

use beffroi_documents::Gate;
use beffroi_mailroom::{Nature, NewItem, Source, item};
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use serde_json::{Value, json};

use crate::browser::{Hall, journey};

const WATCH: &str = "surveillance-pendant-absence";

fn away() -> Value {
    json!({
        "depart": "2026-07-01", "retour": "2026-07-20", "genre": "maison", "alarme": false,
        "logement": { "line": "4 rue Zyxt, 34400 Lunel" },
        "demandeur": { "family_name": "Zyxt", "given_names": "Anaïs" },
        "telephone": "+33612345678", "courriel": "zyxt@example.org",
    })
}

/// How often the tables of cases, requests, persons, documents and the journal tell this.
async fn told(hall: &Hall<'_>, text: &str) -> i64 {
    let pattern = format!("%{}%", text.to_lowercase());
    let found = hall.fixture.commune.read(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let places = [
            ("cases", "answers || requester_name || beneficiary_name"),
            ("exchange", "words"),
            ("mail_item", "sender_name || sender_email || subject || body"),
            ("desk_draft", "answers"),
            ("desk_reach", "email || phone || letter_lines"),
            ("person", "family_name || email || address"),
            ("mail", "body"),
            ("document", "name"),
            ("journal", "payload"),
            ("job", "payload"),
        ];
        let mut told = 0;
        for (table, columns) in places {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE LOWER({columns}) LIKE $1");
            told += tx.query_one(&sql, &[&pattern], |row| row.get::<i64>(0))?;
        }
        Ok(told)
    });
    found.await.unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn nothing_tells_whose_home_is_empty_but_the_case_itself() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit_for(WATCH, &away()).await;
        let requester = hall.browser();
        requester.follow(&code).await.is(200);
        requester.post("/suivi/message", &[("message", "Zyxt revient plus tôt.")]).await;
        hall.work();

        // The person, and who watches, read it.
        requester.get("/suivi").await.says("4 rue Zyxt").says("Zyxt revient plus tôt.");
        let (_, agent) =
            hall.signed_in("police@lunel.example", Some(("police-municipale", Role::HeadOfDepartment))).await;
        agent.get("/agents").await.says("Demande confidentielle").is_silent_about("Zyxt");
        let page = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.get(&page).await.is(200).says("4 rue Zyxt").says("Zyxt revient plus tôt.");
        // The acknowledgement was written to whom it concerns, and opens.
        let mails = hall.mails().await;
        assert!(mails.iter().any(|mail| mail.to == "zyxt@example.org"), "{mails:?}");
        let paper = requester.get("/suivi/accuse-de-reception.pdf").await;
        assert!(paper.is(200).bytes.starts_with(b"%PDF-"));

        // No file may be added, nor asked for: it would lie open beside the case.
        requester.get("/suivi").await.is_silent_about("name=\"file\"");
        let file: [crate::browser::FileOf<'_>; 1] = [("file", "plan.pdf", b"%PDF-1.7 plan")];
        requester
            .send("/suivi/message", &[], &file)
            .await
            .is(422)
            .explains("message", "Écrivez votre message.");
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM document WHERE name = $1", "plan.pdf").await, 0);
        agent.post(&format!("{page}/prendre"), &[]).await;
        let asked = agent.post(&format!("{page}/pieces"), &[("pieces", "Justificatif")]).await;
        asked.is(422).says("elle ne garde aucun document");
        // No table tells it, and no paper lies open on the disk.
        assert_eq!(told(hall, "Zyxt").await, 0);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM person", "").await, 0);
        let papers = files(&hall.fixture.commune.folder().join("documents"));
        assert!(!papers.is_empty());
        for paper in papers {
            let content = std::fs::read(&paper).unwrap();
            assert!(!content.starts_with(b"%PDF-"), "{}", paper.display());
        }
    });
}

/// A letter or an e-mail of the mail room with a file, which names what is sealed.
async fn mail(hall: &Hall<'_>, subject: String) -> String {
    let new = NewItem {
        source: Source::Email,
        department: "police-municipale".to_owned(),
        mailbox: None,
        sender_name: "Anaïs Zyxt".to_owned(),
        sender_email: "zyxt@example.org".to_owned(),
        subject,
        body: "La maison Zyxt sera vide plus longtemps.".to_owned(),
        nature: Nature::Ordinary,
        arrived_on: "2026-06-03".parse().unwrap(),
        entered_by: None,
    };
    let commune = std::sync::Arc::clone(&hall.fixture.commune);
    let kept = tokio::task::spawn_blocking(move || {
        let limits = beffroi_documents::Limits::default();
        let content = &b"%PDF-1.7\n%zyxt\n%%EOF\n"[..];
        let file = tokio::runtime::Handle::current().block_on(beffroi_documents::receive(
            &commune,
            futures_util::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(content))]),
            "zyxt.pdf",
            &limits,
        ));
        let file = file.unwrap();
        commune.write_blocking(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let id = item::keep(tx, &new)?;
            let new = beffroi_documents::NewDocument {
                file: &file,
                owner_kind: "mail_item",
                owner_id: id.uuid(),
                purpose: "attachment",
            };
            beffroi_documents::Document::create(tx, Gate::Open, &new)?;
            Ok(id)
        })
    });
    kept.await.unwrap().unwrap().to_string()
}

#[test]
fn a_mail_about_it_leaves_its_words_in_the_case_and_nothing_beside() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit_for(WATCH, &away()).await;
        hall.work();
        let (_, agent) =
            hall.signed_in("police@lunel.example", Some(("police-municipale", Role::HeadOfDepartment))).await;
        let documents: i64 = hall.value("SELECT COUNT(*) FROM document", "").await;
        let room = "/agents/courrier-arrivee";
        let item = mail(hall, format!("Absence, {reference}")).await;
        let page = format!("{room}/{item}");
        // The case that it names is proposed without a name.
        agent.get(&page).await.says(&format!("value=\"{reference}\"")).says("Demande confidentielle");
        let joined = agent.post(&format!("{page}/dossier"), &[("dossier", &reference)]).await;
        joined.leads_to(&format!("{page}?fait=dossier-confidentiel"));
        let shown = agent.get(&joined.location).await;
        shown.says("ses fichiers n’ont pas été gardés").is_silent_about("Zyxt");
        hall.browser().follow(&code).await.says("sera vide plus longtemps");
        assert_eq!(told(hall, "Zyxt").await, 0);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM document", "").await, documents);

        // A new request by mail likewise.
        let item = mail(hall, "Absence".to_owned()).await;
        let counter = format!("/agents/guichet/{WATCH}");
        agent.get(&format!("{counter}?courrier={item}")).await.says("La démarche est confidentielle");
        let fields = [
            ("idempotency_key", crate::counter::KEY),
            ("door", "email"),
            ("courrier", &item),
            ("recue-day", "3"),
            ("recue-month", "6"),
            ("recue-year", "2026"),
            ("depart-day", "1"),
            ("depart-month", "7"),
            ("depart-year", "2026"),
            ("retour-day", "20"),
            ("retour-month", "7"),
            ("retour-year", "2026"),
            ("genre", "maison"),
            ("alarme", "false"),
            ("logement", "4 rue Zyxt, 34400 Lunel"),
            ("demandeur-family_name", "Zyxt"),
            ("demandeur-given_names", "Anaïs"),
            ("telephone", "0612345678"),
            ("courriel", "zyxt@example.org"),
        ];
        let sent = agent.send(&counter, &fields, &[]).await;
        assert_eq!(sent.status, 303, "{}", sent.body);
        hall.work();
        assert_eq!(told(hall, "Zyxt").await, 0);
        let open: i64 = hall.value("SELECT COUNT(*) FROM document WHERE owner_kind = $1", "mail_item").await;
        assert_eq!(open, 0);

        // With the case, what the mail room still knew of it goes too.
        hall.fixture.clock.advance(chrono::TimeDelta::days(79));
        let commune = std::sync::Arc::clone(&hall.fixture.commune);
        let swept = tokio::task::spawn_blocking(move || beffroi_desk::retention::sweep(&commune).unwrap());
        assert_eq!(swept.await.unwrap(), 2);
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM mail_item", "").await, 0);
    });
}

#[test]
fn what_is_typed_and_not_sent_is_sealed_too() {
    journey(Gate::Open, async |hall| {
        let resident = hall.browser();
        let page = format!("/demarches/{WATCH}/demande/absence");
        let fields = [
            ("shown", "depart"),
            ("shown", "retour"),
            ("depart-day", "1"),
            ("depart-month", "7"),
            ("depart-year", "2026"),
            ("retour-day", "29"),
            ("retour-month", "8"),
            ("retour-year", "2026"),
        ];
        resident.post(&page, &fields).await.leads_to(&format!("/demarches/{WATCH}/demande/logement"));
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM desk_draft", "").await, 1);
        assert_eq!(told(hall, "retour").await, 0);
        resident.get(&page).await.says("value=\"29\"");
    });
}

#[test]
fn no_opinion_and_no_task_is_written_beside_what_is_sealed() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit_for(WATCH, &away()).await;
        let (_, agent) =
            hall.signed_in("police@lunel.example", Some(("police-municipale", Role::HeadOfDepartment))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.post(&format!("{base}/prendre"), &[]).await;
        let page = agent.get(&format!("{base}/etapes")).await;
        page.is(200).says("Un avis ou une tâche se demande de vive voix");
        page.is_silent_about("etapes/avis\"").is_silent_about("etapes/tache\"");
        let opinion = [
            ("a", "expert"),
            ("expert", "Gendarmerie"),
            ("courriel", "brigade@gendarmerie.example"),
            ("question", "Passez-vous devant chez Zyxt ?"),
            ("partage", "logement"),
        ];
        let refused = agent.post(&format!("{base}/etapes/avis"), &opinion).await;
        refused.is(409).says("Cette demande est confidentielle");
        let task = [("tache", "Passer chez Zyxt"), ("service", "police-municipale")];
        agent.post(&format!("{base}/etapes/tache"), &task).await.is(409);
        for sql in ["SELECT COUNT(*) FROM advice", "SELECT COUNT(*) FROM task"] {
            assert_eq!(hall.value::<i64>(sql, "").await, 0, "{sql}");
        }
    });
}

#[test]
fn what_is_typed_and_sealed_is_in_no_copy_of_the_account() {
    journey(Gate::Open, async |hall| {
        let (account, owner) = hall.signed_in("zyxt@example.org", None).await;
        let page = format!("/demarches/{WATCH}/demande/absence");
        let fields = [
            ("shown", "depart"),
            ("shown", "retour"),
            ("depart-day", "1"),
            ("depart-month", "7"),
            ("depart-year", "2026"),
            ("retour-day", "29"),
            ("retour-month", "8"),
            ("retour-year", "2026"),
        ];
        owner.post(&page, &fields).await.leads_to(&format!("/demarches/{WATCH}/demande/logement"));
        let drafts = |told: beffroi_web::personal::PersonalData| -> Vec<Value> {
            told.entries.into_iter().map(|entry| entry.data).filter(|it| it["kind"] == "draft").collect()
        };
        let told = drafts(hall.told(account).await);
        assert_eq!((told.len(), &told[0]["answers"]), (1, &json!([])), "that it was begun, and no more");
        // Of a procedure that is known no more, nobody knows whether it was.
        hall.execute("UPDATE desk_draft SET version = $1", &99_i64).await;
        assert_eq!(drafts(hall.told(account).await)[0]["answers"], json!([]));
    });
}

#[test]
fn words_that_look_sealed_are_words() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let requester = hall.browser();
        requester.follow(&code).await.is(200);
        requester.post("/suivi/message", &[("message", "\u{1}00c0ffee")]).await;
        requester.get("/suivi").await.is(200).says("00c0ffee");
        let (_, agent) =
            hall.signed_in("agent@lunel.example", Some(("domaine-public", Role::HeadOfDepartment))).await;
        let page = format!("/agents/dossiers/{}", hall.case(&reference).await);
        agent.get(&page).await.is(200).says("00c0ffee");
    });
}

#[test]
fn a_month_after_the_return_nothing_is_left_whether_it_was_decided_or_not() {
    journey(Gate::Open, async |hall| {
        let (open, _) = hall.deposit_for(WATCH, &away()).await;
        let (decided, _) = hall.deposit_for(WATCH, &away()).await;
        hall.work();
        let (_, agent) =
            hall.signed_in("police@lunel.example", Some(("police-municipale", Role::HeadOfDepartment))).await;
        let base = format!("/agents/dossiers/{}", hall.case(&decided).await);
        agent.post(&format!("{base}/prendre"), &[]).await;
        let decision = [("outcome", "granted"), ("reasons", "Nous passerons.")];
        agent.post(&format!("{base}/decision"), &decision).await.leads_to(&format!("{base}?fait=decision"));
        hall.work();
        let sweep = async || {
            let commune = std::sync::Arc::clone(&hall.fixture.commune);
            tokio::task::spawn_blocking(move || beffroi_desk::retention::sweep(&commune).unwrap())
                .await
                .unwrap()
        };
        // Received on 3 June, back on 20 July 2026: kept until 20 August.
        hall.fixture.clock.advance(chrono::TimeDelta::days(78));
        assert_eq!(sweep().await, 0);
        hall.fixture.clock.advance(chrono::TimeDelta::days(1));
        assert_eq!(sweep().await, 2);
        assert_eq!(
            (hall.state(&open).await, hall.state(&decided).await),
            ("withdrawn".into(), "decided".into())
        );
        for reference in [&open, &decided] {
            let answers: Value =
                hall.value("SELECT answers FROM cases WHERE reference = $1", reference).await;
            assert_eq!(answers, json!({}));
        }
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM document", "").await, 0);
    });
}

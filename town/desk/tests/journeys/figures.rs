//! Figures of departments, opinions, open data and exports, on both engines.

use beffroi_documents::Gate;
use beffroi_people::{
    Grant, Role, department,
    permission::{self, permit_system},
};
use beffroi_store::{By, StoreError};
use calamine::{Data, Reader, open_workbook_auto_from_rs};
use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    acknowledgement::text_of,
    browser::{Answer, Browser, Hall, journey, removal},
    counter::{COUNTER, KEY, TODAY, entered},
    support::{enter, offered},
};

const PLACE: &str = "domaine-public";

/// Takes a case up and grants it.
async fn granted(hall: &Hall<'_>, agent: &Browser<'_>, reference: &str) {
    let base = format!("/agents/dossiers/{}", hall.case(reference).await);
    agent.post(&format!("{base}/prendre"), &[]).await.leads_to(&format!("{base}?fait=prendre"));
    let decided = [("outcome", "granted"), ("reasons", "Le passage reste libre.")];
    agent.post(&format!("{base}/decision"), &decided).await.leads_to(&format!("{base}?fait=decision"));
    hall.work();
}

/// The cells of a spreadsheet, sheet by sheet.
fn sheets(answer: &Answer) -> Vec<(String, Vec<Vec<Data>>)> {
    let mut book = open_workbook_auto_from_rs(std::io::Cursor::new(answer.bytes.clone())).unwrap();
    book.sheet_names()
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).unwrap();
            (name, range.rows().map(<[Data]>::to_vec).collect())
        })
        .collect()
}

#[test]
fn a_head_sees_how_much_how_fast_and_how_late_beside_the_period_before() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some((PLACE, Role::Agent))).await;
        let nothing = agent.get("/agents/chiffres").await;
        nothing.is(200).says("Il n’y a encore rien à compter.");
        let mut references = Vec::new();
        for number in 0..6 {
            references.push(hall.deposit(&format!("p{number}@example.org")).await.0);
        }
        hall.work();
        hall.fixture.clock.advance(TimeDelta::minutes(10));
        for reference in &references[..4] {
            granted(hall, &agent, reference).await;
        }
        let (_, agent) = hall.signed_in("autre@lunel.example", Some((PLACE, Role::Agent))).await;
        let page = agent.get("/agents/chiffres").await;
        page.is(200).says("Demandes reçues").says("role=\"img\"").says("juin 2026");
        let line =
            page.between("<th class=\"govuk-table__header\" scope=\"row\">Demandes reçues</th>", "</tr>");
        assert!(line.contains("<strong>6</strong>"), "{line}");
        let line = page.between("<th class=\"govuk-table__header\" scope=\"row\">Délai médian</th>", "</tr>");
        assert!(line.contains("<strong>0 jour</strong>"), "{line}");
        assert_eq!(page.body.matches("class=\"chart__drawing\"").count(), 2);
        assert_eq!(page.body.matches("Les mêmes chiffres en tableau").count(), 2);
        // Only of one's own departments; a procedure can be looked at by itself.
        let (_, other) = hall.signed_in("etat@lunel.example", Some(("etat-civil", Role::Agent))).await;
        other.get("/agents/chiffres").await.is(200).says("Il n’y a encore rien à compter.");
        let none = agent.get("/agents/chiffres?demarche=acte-de-naissance&periode=3").await;
        none.is(200).is_silent_about("<strong>6</strong>");
        // The same as a spreadsheet.
        for end in ["ods", "xlsx"] {
            let file =
                agent.get(&format!("/agents/chiffres/chiffres.{end}?service=&demarche=&periode=12")).await;
            let found = sheets(file.is(200));
            assert_eq!(found[0].1[1][2].to_string(), "6", "{end}");
        }
        let csv = agent.get("/agents/chiffres/chiffres.csv").await;
        csv.is(200).says("2026-06;");
        agent.get("/agents/chiffres/chiffres.exe").await.is(404);
        hall.browser().get("/agents/chiffres").await.is(303);
    });
}

#[test]
fn an_opinion_is_asked_in_the_mail_and_a_click_alone_does_not_give_it() {
    journey(Gate::Open, async |hall| {
        let (reference, code) = hall.deposit("gaspard@example.org").await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some((PLACE, Role::Agent))).await;
        let citizen = hall.browser();
        citizen.follow(&code).await.is(200).is_silent_about("Donner votre avis");
        citizen.get("/suivi/avis").await.is(404);
        granted(hall, &agent, &reference).await;
        let mail = hall.mails().await.into_iter().find(|mail| mail.text.contains("/avis/")).unwrap();
        let link = mail.text.split("https://lunel.example").find(|part| part.starts_with("/avis/")).unwrap();
        let link = link.split_whitespace().next().unwrap();
        assert!(mail.text.contains("deux clics suffisent") && !mail.text.contains("Un clic suffit"));
        let (path, _) = link.split_once('?').unwrap();
        // A program that looks into mails opens every link.
        for _ in 0..3 {
            let page = citizen.get(link).await;
            page.is(200).is_private().says("Êtes-vous satisfait");
            assert!(page.between("value=\"good\"", ">").contains("checked"));
            // The choice is made already, and is still to be confirmed; nothing ties it to the request.
            page.says("Vous avez choisi").says("Confirmer mon avis").is_silent_about(&reference);
        }
        let count = "SELECT COUNT(*) FROM opinion";
        assert_eq!(hall.value::<i64>(count, "").await, 0);
        citizen.post(path, &[]).await.is(422).explains("note", "Choisissez une réponse.");
        let long = "é".repeat(1_001);
        let refused = citizen.post(path, &[("note", "good"), ("comment", &long)]).await;
        refused.is(422).explains("comment", "Écrivez").says(&long);
        let thanks = format!("{path}?fait=1");
        citizen.post(path, &[("note", "good"), ("comment", "Parfait")]).await.leads_to(&thanks);
        citizen.get(&thanks).await.is(200).says("Merci");
        citizen.post(path, &[("note", "poor")]).await.leads_to(&thanks);
        assert_eq!(hall.value::<i64>(count, "").await, 1);
        assert_eq!(hall.value::<String>("SELECT satisfaction FROM opinion", "").await, "good");
        // The page of the request leads to the same question, which is answered already.
        citizen.follow(&code).await.says("href=\"/suivi/avis\"");
        citizen.get("/suivi/avis").await.is(200).says("Vous avez déjà donné votre avis");
        citizen.get("/avis/0123456789abcdef0123456789abcdef").await.is(404);
        citizen.get("/avis/rien").await.is(404);
        // Too few to be shown; the words are for who answers for the department.
        hall.work();
        let (_, head) = hall.signed_in("tom@lunel.example", Some((PLACE, Role::HeadOfDepartment))).await;
        head.get("/agents/chiffres").await.says("Moins de 5").says("Parfait");
        // Who answers for another department, and only handles cases of this one, does not read them.
        let (other, elsewhere) =
            hall.signed_in("lise@lunel.example", Some(("etat-civil", Role::HeadOfDepartment))).await;
        let granted = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<(), StoreError> {
            let permit = permit_system(tx).unwrap();
            let department = department::by_slug(tx, PLACE)?.map(|found| found.id);
            permission::grant(tx, &permit, other, Grant { role: Role::Agent, department }).unwrap();
            Ok(())
        });
        granted.await.unwrap();
        elsewhere.get("/agents/chiffres").await.says("Moins de 5").is_silent_about("Parfait");
        let (_, agent) = hall.signed_in("autre@lunel.example", Some((PLACE, Role::Agent))).await;
        agent.get("/agents/chiffres").await.is_silent_about("Parfait");
    });
}

/// The code of a paper: three groups of four.
pub fn code_in(words: &str) -> Option<&str> {
    let of_four = |word: &&str| {
        let groups: Vec<usize> = word.split('-').map(str::len).collect();
        groups == [4, 4, 4]
    };
    words.split_whitespace().map(|word| word.trim_matches([',', '.'])).find(of_four)
}

#[test]
fn a_paper_asks_by_a_code_that_its_reader_types_or_tells_an_agent() {
    journey(Gate::Open, async |hall| {
        let (_, agent) = hall.signed_in("agent@lunel.example", Some((PLACE, Role::HeadOfDepartment))).await;
        // Who has no address for mail came to the counter.
        agent.send(COUNTER, &entered(KEY, "counter", TODAY), &[]).await.is(303);
        let reference: String = hall.value("SELECT reference FROM cases WHERE channel = $1", "counter").await;
        granted(hall, &agent, &reference).await;
        let base = format!("/agents/dossiers/{}", hall.case(&reference).await);
        let id: Uuid = hall.value("SELECT id FROM document WHERE purpose = $1", "decision").await;
        let paper = agent.get(&format!("{base}/documents/{id}")).await;
        let words = text_of(&paper.is(200).bytes);
        assert!(words.contains("lunel.example/avis"), "{words}");
        let code = code_in(&words).unwrap().to_owned();

        let reader = hall.browser();
        reader.get("/avis").await.is(200).is_private().says("Code de votre lettre");
        reader.post("/avis", &[("code", "")]).await.is(422).explains("code", "Ce code n’est pas connu");
        let wrong = reader.post("/avis", &[("code", "BX7K-29QM-4TRW")]).await;
        wrong.is(422).explains("code", "Ce code n’est pas connu").says("value=\"BX7K-29QM-4TRW\"");
        let page = format!("/avis/{code}");
        let typed = code.to_lowercase().replace('-', " ");
        reader.post("/avis", &[("code", &typed)]).await.leads_to(&page);
        reader.get(&page).await.is(200).is_private().says("Êtes-vous satisfait").is_silent_about(&reference);

        // They called: the agent types the code, and is not named beside the answer.
        agent.get("/agents/guichet").await.says("href=\"/avis\"");
        agent.post("/avis", &[("code", &code)]).await.leads_to(&page);
        let thanks = format!("{page}?fait=1");
        agent.post(&page, &[("note", "fair")]).await.leads_to(&thanks);
        reader.post(&page, &[("note", "poor")]).await.leads_to(&thanks);
        assert_eq!(hall.value::<String>("SELECT satisfaction FROM opinion", "").await, "fair");
    });
}

#[test]
fn open_data_tell_of_no_few_people_and_not_of_the_month_that_runs() {
    journey(Gate::Open, async |hall| {
        for number in 0..5 {
            hall.deposit(&format!("p{number}@example.org")).await;
        }
        hall.work();
        let anybody = hall.browser();
        let read = async |path: &str| -> Value {
            serde_json::from_str(&anybody.get(path).await.is(200).body).unwrap()
        };
        let volumes = "/api/v1/open-data/volumes.json";
        assert_eq!(read(volumes).await["volumes"], json!([]));
        anybody.get("/donnees-ouvertes").await.is(200).says("Licence Ouverte 2.0").says("Aucun mois");
        hall.fixture.clock.advance(TimeDelta::days(31));
        for number in 0..4 {
            hall.deposit(&format!("q{number}@example.org")).await;
        }
        hall.work();
        let told = read(volumes).await;
        assert_eq!(told["volumes"].as_array().unwrap().len(), 1);
        assert_eq!(told["volumes"][0]["received"], 5);
        assert_eq!(told["volumes"][0]["month"], "2026-06");
        assert_eq!(told["licence"], "https://www.etalab.gouv.fr/licence-ouverte-open-licence");
        hall.fixture.clock.advance(TimeDelta::days(31));
        let told = read(volumes).await;
        assert_eq!(told["volumes"][0]["month"], "2026-07");
        assert_eq!(told["volumes"][0]["received"], Value::Null, "four people could be recognised");
        anybody.get("/donnees-ouvertes").await.says("juillet 2026").says("&#60;\u{a0}5");
        let csv = anybody.get("/api/v1/open-data/volumes.csv").await;
        csv.is(200).says("\u{feff}month;procedure;").says("2026-06;occupation-domaine-public;");
        let catalogue = read("/api/v1/open-data/procedures.json").await;
        let pages = catalogue["procedures"].as_array().unwrap();
        let page = pages.iter().find(|it| it["slug"] == "acte-de-naissance").unwrap();
        assert_eq!(page["page"], "https://lunel.example/demarches/acte-de-naissance");
        anybody.get("/demarches").await.says("href=\"/donnees-ouvertes\"");
    });
}

fn ordered<'a>(procedure: &'a str, kind: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("demarche", procedure), ("service", ""), ("format", kind)]
}

/// Orders an export, a moment after the one before.
async fn orders(hall: &Hall<'_>, who: &Browser<'_>, procedure: &str, kind: &str) -> Answer {
    hall.fixture.clock.advance(TimeDelta::milliseconds(1));
    who.post("/agents/exports", &ordered(procedure, kind)).await
}

/// The address of the first file of the page.
fn file(page: &Answer) -> String {
    let rest = page.between("href=\"/agents/exports/", "\"");
    format!("/agents/exports/{rest}")
}

#[test]
fn a_head_takes_cases_out_with_every_answer_and_it_is_written_down() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        let mut formula = removal("a@example.org");
        formula["lieu"] = json!("=1+1, rue Haute");
        hall.deposit_for("occupation-domaine-public", &formula).await;
        let (_, agent) = hall.signed_in("agent@lunel.example", Some((PLACE, Role::Agent))).await;
        agent.get("/agents/exports").await.is(404);
        agent.post("/agents/exports", &ordered("occupation-domaine-public", "ods")).await.is(404);
        let (_, head) = hall.signed_in("tom@lunel.example", Some((PLACE, Role::HeadOfDepartment))).await;
        head.get("/agents/exports").await.is(200).says("Vous n’avez aucun export");
        head.post("/agents/exports", &ordered("occupation-domaine-public", "pdf"))
            .await
            .is(422)
            .says("Choisissez un format.");
        let mut wrong = ordered("", "ods");
        wrong.extend([("du-day", "31"), ("du-month", "2"), ("du-year", "2026")]);
        head.post("/agents/exports", &wrong).await.is(422).explains("du", "Écrivez une date");
        head.post("/agents/exports", &ordered("rien", "ods")).await.is(404);
        for kind in ["ods", "xlsx"] {
            let ready = "/agents/exports?fait=pret";
            orders(hall, &head, "occupation-domaine-public", kind).await.leads_to(ready);
            let page = head.get(ready).await;
            let path = file(page.says("Votre fichier est prêt."));
            assert!(path.ends_with(&format!("/demandes.{kind}")));
            let found = sheets(head.get(&path).await.is(200));
            let (name, rows) = &found[0];
            assert_eq!((name.as_str(), rows.len()), ("Demandes", 3), "{kind}");
            let column =
                |head: &str| rows[0].iter().position(|cell| cell.to_string().contains(head)).unwrap();
            let row = rows.iter().find(|row| row[0].to_string() == reference).unwrap();
            assert_eq!(row[column("Demandeur")].to_string(), "Peyron Gaspard");
            assert_eq!(row[column("État")].to_string(), "Reçue");
            assert_eq!(row[column("En retard")].to_string(), "Non");
            assert!(!row[column("Nom du service")].to_string().is_empty(), "{row:?}");
            assert!(!row[column("Échéance")].to_string().is_empty(), "{row:?}");
            assert!(
                row.iter().map(ToString::to_string).any(|cell| cell == "20"),
                "the surface is a number: {row:?}"
            );
            // Nobody else opens it, and neither does its owner without the right.
            agent.get(&path).await.is(404);
            hall.browser().get(&path).await.is(303);
        }
        orders(hall, &head, "occupation-domaine-public", "csv").await.is(303);
        let csv = head.get(&file(&head.get("/agents/exports").await)).await;
        csv.is(200).says("'=1+1, rue Haute").says(&reference);
        // The list of a department, without answers.
        orders(hall, &head, "", "csv").await.is(303);
        let list = head.get(&file(&head.get("/agents/exports").await)).await;
        list.is(200).says(&reference).is_silent_about("rue Haute");
        let told = "SELECT COUNT(*) FROM journal WHERE kind = $1";
        assert_eq!(hall.value::<i64>(told, "export.made").await, 4);
        assert_eq!(hall.value::<i64>(told, "export.taken").await, 4);
        // After a week nothing is left of them.
        let folder = hall.fixture.commune.folder().join("exports");
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
        hall.fixture.clock.advance(TimeDelta::days(8));
        assert!(tokio::task::block_in_place(|| hall.hour()).unwrap() >= 4);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    });
}

#[test]
fn what_silence_decided_is_told_from_what_somebody_did() {
    journey(Gate::Open, async |hall| {
        let (reference, _) = hall.deposit("gaspard@example.org").await;
        hall.fixture.clock.advance(TimeDelta::days(200));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        hall.work();
        let (_, later) = hall.signed_in("zoe@lunel.example", Some((PLACE, Role::HeadOfDepartment))).await;
        orders(hall, &later, "occupation-domaine-public", "ods").await.is(303);
        let path = file(&later.get("/agents/exports").await);
        let found = sheets(later.get(&path).await.is(200));
        let rows = &found[0].1;
        let column =
            |head: &str| rows[0].iter().position(|cell| *cell == Data::String(head.to_owned())).unwrap();
        let row = rows.iter().find(|row| row[0].to_string() == reference).unwrap();
        assert_eq!(row[column("Décision")].to_string(), "Refusée");
        assert_eq!(row[column("Décision née du silence")].to_string(), "Oui");
        assert_eq!(row[column("En retard")].to_string(), "Oui");
        later.get("/agents/chiffres").await.is(200).says("que le silence de la mairie a décidées");
    });
}

#[test]
fn an_agent_keeps_twenty_exports_and_no_more() {
    journey(Gate::Open, async |hall| {
        hall.deposit("gaspard@example.org").await;
        let (_, head) = hall.signed_in("tom@lunel.example", Some((PLACE, Role::HeadOfDepartment))).await;
        for _ in 0..20 {
            orders(hall, &head, "", "csv").await.leads_to("/agents/exports?fait=pret");
        }
        orders(hall, &head, "", "csv").await.is(422).says("Vous gardez déjà 20 exports");
        assert_eq!(hall.value::<i64>("SELECT COUNT(*) FROM desk_export", "").await, 20);
        assert_eq!(std::fs::read_dir(hall.fixture.commune.folder().join("exports")).unwrap().count(), 20);
    });
}

#[test]
fn a_large_export_is_written_by_a_job_and_waits_on_the_page() {
    journey(Gate::Open, async |hall| {
        hall.deposit("gaspard@example.org").await;
        hall.execute("UPDATE case_count SET cases = $1", &1_001_i64).await;
        let (_, head) = hall.signed_in("tom@lunel.example", Some((PLACE, Role::HeadOfDepartment))).await;
        let waits = "/agents/exports?fait=attente";
        head.post("/agents/exports", &ordered("occupation-domaine-public", "xlsx")).await.leads_to(waits);
        head.get(waits).await.is(200).says("En préparation").is_silent_about("demandes.xlsx");
        hall.work();
        let page = head.get("/agents/exports").await;
        let path = file(page.says("Prêt"));
        assert_eq!(sheets(head.get(&path).await.is(200))[0].1.len(), 2);
    });
}

#[test]
fn repeated_answers_stand_on_a_sheet_of_their_own() {
    journey(Gate::Open, async |hall| {
        let recorded: Value =
            serde_json::from_str(include_str!("../../../../catalogue/trials/pret-de-materiel.json")).unwrap();
        let mut answers = recorded["right"].clone();
        answers.as_object_mut().unwrap().remove("assurance");
        tokio::task::block_in_place(|| {
            let form = offered(hall.fixture, "pret-de-materiel");
            enter(hall.fixture, &form, &answers).unwrap();
        });
        let reference: String = hall.value("SELECT reference FROM cases", "").await;
        let (_, head) = hall.signed_in("dgs@lunel.example", Some(("", Role::Manager))).await;
        // Whatever the procedures of the catalogue ask, a file comes of it.
        for slug in crate::catalogue::handled() {
            let answer = orders(hall, &head, &slug, "ods").await;
            if crate::support::catalogued(&slug).sealed {
                // What is very sensitive never leaves the house.
                answer.is(404);
                head.get("/agents/exports").await.is_silent_about(&format!("value=\"{slug}\""));
                continue;
            }
            assert_eq!(answer.status, 303, "{slug}: {}", answer.body);
            let path = file(&head.get("/agents/exports").await);
            let found = sheets(head.get(&path).await.is(200));
            assert_eq!(found[0].0, "Demandes", "{slug}");
            assert!(found[0].1[0].len() >= 10, "{slug}");
            if slug == "pret-de-materiel" {
                let (_, rows) = &found[1];
                assert_eq!(rows[0][0].to_string(), "Référence");
                assert_eq!(
                    (rows[1][0].to_string(), rows[1][1].to_string()),
                    (reference.clone(), "1".to_owned())
                );
            }
        }
        // A text has one sheet: the group is a file beside it.
        hall.fixture.clock.advance(TimeDelta::days(8));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        let (_, head) = hall.signed_in("adjoint@lunel.example", Some(("", Role::Manager))).await;
        orders(hall, &head, "pret-de-materiel", "csv").await.is(303);
        let page = head.get("/agents/exports").await;
        let whole = file(&page);
        assert!(whole.ends_with("/demandes.csv"), "{whole}");
        let folder = whole.trim_end_matches("demandes.csv");
        let group = page.between(&format!("href=\"{folder}demandes-"), "\"");
        let apart = head.get(&format!("{folder}demandes-{group}")).await;
        apart.is(200).says("Référence;Rang;").says(&format!("{reference};1;"));
        head.get(&whole).await.is(200).says(&reference).is_silent_about("Rang");
        head.get(&format!("{folder}demandes-autre.csv")).await.is(404);
        let kept = hall.fixture.commune.folder().join("exports");
        assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 2);
        hall.fixture.clock.advance(TimeDelta::days(8));
        tokio::task::block_in_place(|| hall.hour()).unwrap();
        assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 0, "nothing is left of the group either");
    });
}

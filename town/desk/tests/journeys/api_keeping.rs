//! What a department makes, posts and keeps, through the API: labels and reply templates, the letters of the day, a case
//! that is kept longer, the archivist's visa. As on the pages: what one may not know of is 404.

use beffroi_core::Day;
use beffroi_notify::{
    About,
    letter::{self, Content, NewLetter},
};
use beffroi_people::Role;
use beffroi_store::{By, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    api_work::{Program, at_work},
    hall::{Hall, journey},
};

fn id_in(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_label_is_made_changed_and_given_up() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let path = "/api/v1/agent/labels";
        let new = json!({ "name": "À voir en commission", "colour": "blue" });
        let made = agent.post(path, new.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let id = id_in(&made.json());
        assert_eq!(agent.refused(path, new).await, "#/name");
        assert_eq!(agent.refused(path, json!({ "name": "X", "colour": "beige" })).await, "#/colour");
        let elsewhere = json!({ "name": "X", "department": "etat-civil" });
        assert_eq!(agent.post(path, elsewhere).await.status, 404);
        let reader = Program { hall, token: hall.token("domaine-public", &["case.read"]).await };
        assert_eq!(reader.post(path, json!({ "name": "X" })).await.status, 404);

        let stuck = format!("{case}/labels/{id}");
        assert_eq!(agent.ask("PUT", &stuck, &Value::Null).await.status, 204);
        let one = format!("{path}/{id}");
        let changed = json!({ "name": "En commission", "colour": "red" });
        assert_eq!(other.ask("PUT", &one, &changed).await.status, 404);
        for _ in 0..2 {
            assert_eq!(agent.ask("PUT", &one, &changed).await.status, 204);
        }
        let labels = agent.get(&case).await.json()["labels"].clone();
        assert_eq!(
            (labels[0]["name"].clone(), labels[0]["colour"].clone()),
            (json!("En commission"), json!("red"))
        );
        let wrong = json!({ "name": " ", "colour": "red" });
        assert_eq!(agent.ask("PUT", &one, &wrong).await.status, 422);
        assert_eq!(other.ask("DELETE", &one, &Value::Null).await.status, 404);
        assert_eq!(agent.ask("DELETE", &one, &Value::Null).await.status, 204);
        assert_eq!(agent.get(&case).await.json()["labels"], json!([]));
    });
}

#[test]
fn a_reply_template_is_made_changed_and_given_up() {
    journey(async |hall| {
        let (_, agent, other) = at_work(hall).await;
        let path = "/api/v1/agent/reply-templates";
        let new = json!({ "name": "Bien reçu", "body": "Bonjour {prénom}." });
        let made = agent.post(path, new.clone()).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let one = format!("{path}/{}", id_in(&made.json()));
        assert_eq!(agent.refused(path, new).await, "#/name");
        for (body, at) in [
            (json!({ "name": "", "body": "Bonjour." }), "#/name"),
            (json!({ "name": "Autre", "body": " " }), "#/body"),
            (json!({ "name": "Autre", "body": "Bonjour {age}." }), "#/body"),
            (json!({ "name": "Autre", "body": "Bonjour.", "procedure": "rien" }), "#/procedure"),
        ] {
            assert_eq!(agent.refused(path, body).await, at);
        }
        let changed =
            json!({ "name": "Reçu", "body": "Merci {nom}.", "procedure": "occupation-domaine-public" });
        assert_eq!(other.ask("PUT", &one, &changed).await.status, 404);
        assert_eq!(agent.ask("PUT", &one, &changed).await.status, 204);
        let listed = agent.get(path).await.json();
        assert_eq!(
            (listed[0]["name"].clone(), listed[0]["procedure"].clone()),
            (json!("Reçu"), json!("occupation-domaine-public"))
        );
        assert_eq!(other.ask("DELETE", &one, &Value::Null).await.status, 404);
        assert_eq!(agent.ask("DELETE", &one, &Value::Null).await.status, 204);
        assert_eq!(agent.get(path).await.json(), json!([]));
    });
}

/// A letter in the tray of a department, about a case.
async fn letter(hall: &Hall<'_>, tray: &'static str, case: Uuid) -> String {
    let queued = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
        let lines = ["3 rue Haute".to_owned(), "34400 Lunel".to_owned()];
        let content = Content::Template { name: "essai".to_owned(), data: json!({}) };
        let about = About { kind: "case", id: case };
        let new = NewLetter { tray, recipient: "Gaspard Peyron", lines: &lines, content: &content, about };
        letter::queue(tx, &new)
    });
    queued.await.unwrap().to_string()
}

#[test]
fn the_letters_of_the_day_are_listed_and_posted() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let case: Uuid = case.rsplit('/').next().unwrap().parse().unwrap();
        let (first, second) =
            (letter(hall, "domaine-public", case).await, letter(hall, "domaine-public", case).await);
        let path = "/api/v1/agent/letters";
        let page = agent.get(path).await.json();
        let letters = page["letters"].as_array().unwrap();
        assert_eq!(letters.len(), 2);
        assert!([&first, &second].iter().all(|id| letters.iter().any(|it| it["id"] == json!(id))));
        assert_eq!(page["letters"][0]["case"], json!(case.to_string()));
        assert_eq!(page["letters"][0]["address"], json!(["3 rue Haute", "34400 Lunel"]));
        assert_eq!(other.get(path).await.json()["letters"], json!([]));
        assert_eq!(agent.get(&format!("{path}?department=etat-civil")).await.status, 404);
        assert_eq!(agent.get(&format!("{path}?after=hier")).await.status, 422);
        let reader = Program { hall, token: hall.token("domaine-public", &["case.read"]).await };
        assert_eq!(reader.get(path).await.status, 404);

        let post = "/api/v1/agent/letter-postings";
        assert_eq!(agent.refused(post, json!({ "letters": [] })).await, "#/letters");
        assert_eq!(other.post(post, json!({ "letters": [first] })).await.json()["posted"], 0);
        for posted in [1, 0] {
            let told = agent.post(post, json!({ "letters": [first] })).await;
            assert_eq!((told.status, told.json()["posted"].clone()), (200, json!(posted)));
        }
        assert_eq!(agent.get(path).await.json()["letters"].as_array().unwrap().len(), 1);
        let back = format!("{post}/{first}");
        assert_eq!(other.ask("DELETE", &back, &Value::Null).await.status, 404);
        assert_eq!(agent.ask("DELETE", &back, &Value::Null).await.status, 204);
        assert_eq!(agent.ask("DELETE", &back, &Value::Null).await.status, 404, "it waits already");
        assert_eq!(agent.get(path).await.json()["letters"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_case_whose_time_comes_is_kept_longer_once() {
    journey(async |hall| {
        let (case, agent, other) = at_work(hall).await;
        let id: Uuid = case.rsplit('/').next().unwrap().parse().unwrap();
        let path = format!("{case}/retention");
        let longer = json!({ "months": 12, "reason": "Recours en cours devant le tribunal." });
        assert_eq!(agent.post(&path, longer.clone()).await.status, 409, "its time is not noted");
        let noted = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let due: Day = "2026-07-01".parse().unwrap();
            tx.execute("INSERT INTO desk_retention (case_id, due_on) VALUES ($1, $2)", &[&id, &due])
        });
        noted.await.unwrap();
        let due = agent.get("/api/v1/agent/retentions").await.json();
        assert_eq!(
            (due["cases"][0]["due_on"].clone(), due["cases"][0]["prolonged"].clone()),
            (json!("2026-07-01"), Value::Null)
        );
        assert_eq!(other.get("/api/v1/agent/retentions").await.json()["cases"], json!([]));
        assert_eq!(
            agent.refused(&path, json!({ "months": 7, "reason": "Recours en cours." })).await,
            "#/months"
        );
        assert_eq!(agent.refused(&path, json!({ "months": 6, "reason": "Si." })).await, "#/reason");
        assert_eq!(other.post(&path, longer.clone()).await.status, 404);
        assert_eq!(agent.post(&path, longer.clone()).await.status, 204);
        assert_eq!(agent.post(&path, longer).await.status, 409, "once");
        assert_eq!(agent.get("/api/v1/agent/retentions").await.json()["cases"], json!([]));
    });
}

#[test]
fn the_archivists_visa_is_written_down_once_on_a_day_that_can_be() {
    journey(async |hall| {
        let slip = Uuid::from_u128(77);
        let made = hall.fixture.commune.write(By::SYSTEM, move |tx| -> Result<_, StoreError> {
            let now = tx.now();
            tx.execute(
                "INSERT INTO desk_slip (id, number, purpose, procedure, cases, made_at, made_by, visa_name) \
                 VALUES ($1, 'E-2026-1', 'elimination', 'occupation-domaine-public', 0, $2, $1, '')",
                &[&slip, &now],
            )
        });
        made.await.unwrap();
        let path = "/api/v1/agent/archive-slips";
        let dpo = Program { hall, token: hall.token_of(Role::Dpo, "", &["archive.manage"]).await };
        let agent = Program { hall, token: hall.token("domaine-public", &["case.read"]).await };
        assert_eq!(agent.get(path).await.status, 404);
        let listed = dpo.get(path).await.json();
        assert_eq!(
            (listed[0]["number"].clone(), listed[0]["visa_on"].clone()),
            (json!("E-2026-1"), Value::Null)
        );
        let sign = format!("{path}/{slip}/visa");
        let visa = json!({ "name": "Archives départementales de l’Hérault", "on": "2026-06-03" });
        assert_eq!(agent.post(&sign, visa.clone()).await.status, 404);
        for day in ["2026-06-02", "2026-06-04"] {
            assert_eq!(dpo.refused(&sign, json!({ "name": "Archives", "on": day })).await, "#/on");
        }
        assert_eq!(dpo.refused(&sign, json!({ "name": " ", "on": "2026-06-03" })).await, "#/name");
        assert_eq!(dpo.post(&sign, visa.clone()).await.status, 204);
        assert_eq!(dpo.post(&sign, visa).await.status, 409);
        assert_eq!(dpo.get(path).await.json()[0]["visa_on"], "2026-06-03");
        let unknown = format!("{path}/{}/visa", Uuid::from_u128(78));
        assert_eq!(dpo.post(&unknown, json!({ "name": "X", "on": "2026-06-03" })).await.status, 404);
    });
}
